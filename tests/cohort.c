/*
 * cohort-retention and activity-rate: small logs with tables worked out by hand from the
 * definitions, and membership from thinned presence against rule R with all of it; the keeper of
 * sums against an array.
 */
#include <stdio.h>

#include "options.h"
#include "xorshift.h"
#include "metric/cohort_retention/sums.h"
#include "qun/engine.h"
#include "qun/member.h"
#include "qun/stat.h"
#include "qun/write.h"

static int count, failures;

static void check(bool ok, const char *what)
{
	failures += !ok;
	printf("%sok %d - %s\n", ok ? "" : "not ", ++count, what);
}

struct test {
	const struct qun_metric *m;
	void *conf;
	struct qun_run run;
	struct qun_engine *e;
	char text[4096];
};

/* options is "name=value name …"; by is a field or -1. */
static int begin(
	struct test *t, const char *metric, const struct qun_zone *utc, const char *options, int by)
{
	char *rest = t->text, *word;
	struct qun_err err = {0};

	memset(t, 0, sizeof(*t));
	snprintf(t->text, sizeof(t->text), "%s", options);
	t->m = qun_metric_of(metric);
	t->conf = calloc(1, t->m->conf_size);
	t->run = (struct qun_run){.cal = {utc, 1, 0},
		.since = INT64_MIN,
		.until = INT64_MAX,
		.as_of = QUN_NEVER,
		.z = qun_z_of(0.95)};
	if (by >= 0) {
		t->run.by.n = 1;
		t->run.by.field[0] = by;
		t->run.by.name[0] = qun_field_name(by);
		t->run.unit = by == QUN_F_GROUP ? QUN_UNIT_MEMBER : QUN_UNIT_USER;
	}
	qun_pred_parse(&t->run.active, "message|reaction|share|click|signin|order|redpacket",
		&t->run.extras, &err);
	option_put_defaults(t->m, t->conf);
	while ((word = strsep(&rest, " "))) {
		char *value = strchr(word, '=');

		if (value)
			*value++ = '\0';
		option_put_named(t->m, t->conf, word, value);
	}
	if (t->m->setup(&t->run, t->conf, &err) < 0) {
		printf("# %s\n", err.msg);
		return -1;
	}
	return qun_engine_open(&t->e, t->m, &t->run, t->conf);
}

/* A line "2024-01-01T10:00:00Z group user type [source|role|amount|order_id]=…". */
static void add_line(struct test *t, char *line)
{
	struct qun_event ev = {0};
	char *field[] = {NULL, NULL, NULL, NULL}, *word;
	int n = 0;

	while ((word = strsep(&line, " "))) {
		char *value = strchr(word, '=');

		if (n < 4) {
			field[n++] = word;
			continue;
		}
		*value++ = '\0';
		ev.field[qun_field_of(qun_span_of(word))] = qun_span_of(value);
		if (strcmp(word, "amount") == 0)
			ev.has_amount = qun_money_parse(qun_span_of(value), &ev.amount) == 1;
	}
	qun_time_parse(qun_span_of(field[0]), QUN_TIME_YMD, t->run.cal.zone, &ev.ts);
	ev.field[QUN_F_GROUP] = qun_span_of(field[1]);
	ev.field[QUN_F_USER] = qun_span_of(field[2]);
	ev.field[QUN_F_TYPE] = qun_span_of(field[3]);
	ev.type = qun_type_of(ev.field[QUN_F_TYPE]);
	qun_engine_add(t->e, &ev, NULL);
}

static void end(struct test *t)
{
	qun_engine_close(t->e);
	if (t->m->unset)
		t->m->unset(t->conf);
	free(t->conf);
	qun_pred_free(t->run.active);
	qun_extras_release(&t->run.extras);
}

/* The table as CSV without its header; of each row only the columns named. */
static void expect(const struct qun_zone *utc, const char *what, const char *metric,
	const char *options, int by, const char *log, const char *columns, const char *expected)
{
	struct test t;
	struct qun_cube cube = {0};
	struct qun_table table;
	struct qun_buf out = {0};
	struct qun_style style = {0};
	struct qun_err err = {0};
	char copy[4096], *rest = copy, *line, *body = NULL;
	int rc = begin(&t, metric, utc, options, by);

	snprintf(copy, sizeof(copy), "%s", log);
	while (rc == 0 && (line = strsep(&rest, "\n")))
		add_line(&t, line);
	qun_table_init(&table);
	if (rc == 0)
		rc = qun_engine_report(t.e, &cube, &err);
	if (rc == 0)
		rc = qun_engine_table(t.e, &cube, &table, &err);
	if (rc == 0)
		rc = qun_table_select(&table, columns, &err);
	if (rc == 0)
		rc = qun_writer_of("csv")->write(&table, &style, &out, NULL, NULL);
	if (rc == 0 && qun_buf_add_char(&out, '\0') == 0)
		body = strchr(out.ptr, '\n') + 1;
	check(body && strcmp(body, expected) == 0, what);
	if (!body || strcmp(body, expected) != 0)
		printf("# got\n%s# expected\n%s", body ? body : err.msg, expected);
	qun_buf_release(&out);
	qun_table_release(&table);
	qun_cube_release(&cube);
	end(&t);
}

/* Weeks begin on 2024-01-01, -08, -15, -22. ann returns in weeks 1 and 2, bob in week 3 only. */
static const char talk[] =
	"2024-01-01T10:00:00Z g ann message\n2024-01-02T10:00:00Z g bob message\n"
	"2024-01-08T10:00:00Z g ann message\n2024-01-15T09:00:00Z g ann message\n"
	"2024-01-22T10:00:00Z g bob message\n2024-01-22T11:00:00Z g cai message";

static const char stays[] =
	"2024-01-01T10:00:00Z g ann join source=qr\n2024-01-01T11:00:00Z g bob join\n"
	"2024-01-01T12:00:00Z g cai join\n2024-01-09T10:00:00Z g ann leave\n"
	"2024-01-09T11:00:00Z g bob leave source=removed\n2024-01-16T10:00:00Z g ann join\n"
	"2024-01-22T10:00:00Z g cai message";

static void test_cohorts(const struct qun_zone *utc)
{
	static const char m[] = "cohort-retention", c[] = "cohort,size,offset,eligible,retained";

	expect(utc, "on: exactly period k", m, "", -1, talk, c,
		"2024-01-01,2,0,2,2\n2024-01-01,2,1,2,1\n2024-01-01,2,2,2,1\n2024-01-01,2,3,2,1\n"
		"2024-01-22,1,0,1,1\n");
	expect(utc, "after: k or later", m, "mode=after", -1, talk, c,
		"2024-01-01,2,0,2,2\n2024-01-01,2,1,2,2\n2024-01-01,2,2,2,2\n2024-01-01,2,3,2,1\n"
		"2024-01-22,1,0,1,1\n");
	expect(utc, "before: 1 to k", m, "mode=before", -1, talk, c,
		"2024-01-01,2,0,2,2\n2024-01-01,2,1,2,1\n2024-01-01,2,2,2,1\n2024-01-01,2,3,2,2\n"
		"2024-01-22,1,0,1,1\n");
	expect(utc, "streak: each of 1 to k", m, "mode=streak periods=2", -1, talk, c,
		"2024-01-01,2,0,2,2\n2024-01-01,2,1,2,1\n2024-01-01,2,2,2,1\n2024-01-22,1,0,1,1\n");
	expect(utc, "elapsed: eligible are those whose period has ended", m, "clock=elapsed", -1,
		talk, c, "2024-01-01,2,0,2,2\n2024-01-01,2,1,2,1\n2024-01-01,2,2,1,0\n");
	expect(utc, "complete and truncated", m, "", -1, talk, "offset,complete,truncated",
		"0,1,1\n1,1,1\n2,1,1\n3,0,1\n0,0,0\n");
	expect(utc, "brackets of days, in the order given", m,
		"mode=bracket brackets=7-13,1-6,14-20", -1, talk, c,
		"2024-01-01,2,0,2,2\n2024-01-01,2,7-13,2,1\n2024-01-01,2,1-6,2,0\n"
		"2024-01-01,2,14-20,2,2\n2024-01-22,1,0,1,1\n");
	expect(utc, "recurring cohorts", m, "cohorts=recurring periods=1", -1, talk, c,
		"2024-01-01,2,0,2,2\n2024-01-01,2,1,2,1\n2024-01-08,1,0,1,1\n2024-01-08,1,1,1,1\n"
		"2024-01-15,1,0,1,1\n2024-01-15,1,1,1,0\n2024-01-22,2,0,2,2\n");
	expect(utc, "min-events counts events of the period", m, "min-events=2", -1,
		"2024-01-01T10:00:00Z g ann message\n2024-01-02T10:00:00Z g ann message\n"
		"2024-01-02T10:00:00Z g bob message",
		c, "2024-01-01,2,0,2,1\n");
	expect(utc, "an order that is refunded is no birth", m, "birth=order return=order", -1,
		"2024-01-01T10:00:00Z g ann order order_id=1 amount=5\n"
		"2024-01-02T10:00:00Z g ann refund order_id=1 amount=5\n"
		"2024-01-08T10:00:00Z g ann order order_id=2 amount=5",
		c, "2024-01-08,1,0,1,1\n");
	expect(utc, "mode member: the removed are not eligible", m, "mode=member rejoin=1d", -1,
		stays, c,
		"2024-01-01,3,0,3,3\n2024-01-01,3,1,2,1\n2024-01-01,3,2,2,2\n2024-01-01,3,3,2,2\n");
	expect(utc, "mode member: a short gap is membership, removal is churn", m,
		"mode=member removed=churn", -1, stays, c,
		"2024-01-01,3,0,3,3\n2024-01-01,3,1,3,2\n2024-01-01,3,2,3,2\n2024-01-01,3,3,3,2\n");
	expect(utc, "by source: of the join that opened the interval", m, "periods=1", QUN_F_SOURCE,
		"2024-01-01T10:00:00Z g ann join source=qr\n2024-01-08T10:00:00Z g ann message "
		"source=x\n"
		"2024-01-08T11:00:00Z g bob message",
		"source,cohort,size", ",2024-01-08,1\nqr,2024-01-08,1\n");
}

static void test_rates(const struct qun_zone *utc)
{
	static const char m[] = "activity-rate";
	static const char log[] =
		"2024-01-01T10:00:00Z g ann message\n2024-01-01T11:00:00Z g bob message\n"
		"2024-01-01T12:00:00Z g boss message role=staff\n2024-01-01T13:00:00Z g ann "
		"message\n"
		"2024-01-02T10:00:00Z g cai join\n2024-01-02T11:00:00Z g bob leave\n"
		"2024-01-02T12:00:00Z g cai message\n2024-01-04T10:00:00Z g ann reaction";

	expect(utc, "present, with a hole", m, "", -1, log,
		"period,members,basis,active,rate,talkers,lurkers,messages,complete",
		"2024-01-01,2,events,2,1.000000,2,0,4,1\n2024-01-02,3,events,1,0.333333,1,2,1,1\n"
		"2024-01-03,2,events,0,,0,2,0,1\n2024-01-04,2,events,1,0.500000,0,2,0,0\n");
	expect(utc, "end", m, "denominator=end", -1, log, "members,active,rate",
		"2,2,1.000000\n2,1,0.500000\n2,0,\n2,1,0.500000\n");
	expect(utc, "start: since the log's start", m, "denominator=start", -1, log,
		"members,active,rate", "2,2,1.000000\n2,0,0.000000\n2,0,\n2,1,0.500000\n");
	expect(utc, "mean has no interval", m, "denominator=mean", -1, log,
		"members,active,rate,lo,lurkers",
		"2.000000,2,1.000000,,0.000000\n2.000000,1,0.500000,,1.000000\n2.000000,0,,,2."
		"000000\n"
		"2.000000,1,0.500000,,2.000000\n");
	expect(utc, "a number; a rate above 1 is empty", m, "denominator=1", -1, log,
		"members,active,rate", "1,2,\n1,1,1.000000\n1,0,\n1,1,1.000000\n");
	expect(utc, "talk", m, "talk", -1, log,
		"member_messages,staff_messages,ugc_share,top_talker_share,messages_per_talker",
		"3,1,0.750000,0.666667,1.500000\n1,0,1.000000,1.000000,1.000000\n0,0,,,\n0,0,,,\n");
	expect(utc, "rolling", m, "rolling", -1, log, "dau,wau,mau,stickiness",
		"2,2,2,1.000000\n1,3,3,0.333333\n0,3,3,0.000000\n1,3,3,0.333333\n");
	expect(utc, "lifecycle", m, "lifecycle", -1, log,
		"new,returning,resurrected,dormant,truncated",
		"2,0,0,0,1\n1,0,0,2,0\n0,0,0,1,0\n0,0,1,0,0\n");
	expect(utc, "total: a person once, activity without a group counts", m, "total", -1,
		"2024-01-01T10:00:00Z g ann message\n2024-01-01T10:00:00Z h ann message\n"
		"2024-01-01T11:00:00Z - ann order\n2024-01-01T12:00:00Z h bob join\n"
		"2024-01-01T13:00:00Z - bob order",
		"group,members,basis,active,messages", "*,2,seen,2,2\n");
	expect(utc, "lines without a group have no rows beside groups", m, "", -1,
		"2024-01-01T10:00:00Z g ann message\n2024-01-01T11:00:00Z - ann order",
		"group,active", "g,1\n");
}

static uint64_t seed = XORSHIFT_SEED;

static unsigned rnd(unsigned n)
{
	return (unsigned)(xorshift(&seed) >> 33) % n;
}

/* Members of day d by the whole of rule R; START and END as in --denominator. */
static int members(
	const struct qun_intervals *iv, int64_t log_start, int64_t as_of, int64_t day, int kind)
{
	int64_t from = day * QUN_DAY, to = from + QUN_DAY - 1;

	if (to > as_of)
		to = as_of;
	if (kind == 0)
		return qun_interval_touches(iv, from, to);
	if (kind == 1)
		return qun_interval_at(iv, to) != NULL;
	return qun_interval_at(iv, from) != NULL ||
	       (iv->n && iv->v[0].opening == QUN_OPEN_START && log_start / QUN_DAY == day);
}

/* One person among joins, leaves and messages at few instants of few days. */
static bool thinned_is_whole(const struct qun_zone *utc)
{
	static const char *const kind[] = {
		"denominator=present", "denominator=end", "denominator=start"};
	static const char *const type[] = {"message", "message", "join", "leave"};
	struct qun_member m = {0};
	struct qun_pile pile = {0};
	struct qun_intervals iv = {0};
	struct qun_event ev[48];
	struct qun_ctx *ctx = NULL;
	bool ok = true;
	int n = 3 + (int)rnd(45);

	memset(ev, 0, sizeof(ev));
	for (int i = 0; i < n; i++) {
		ev[i].ts = (19000 + rnd(2)) * QUN_DAY + rnd(16) * (QUN_DAY / 16);
		ev[i].field[QUN_F_GROUP] = qun_span_of("g");
		ev[i].field[QUN_F_USER] = qun_span_of("ann");
		ev[i].field[QUN_F_TYPE] = qun_span_of(type[rnd(4)]);
		ev[i].type = qun_type_of(ev[i].field[QUN_F_TYPE]);
	}
	for (int k = 0; k < 3; k++) {
		struct test t;
		struct qun_cube cube = {0};
		struct qun_table table;

		begin(&t, "activity-rate", utc, kind[k], -1);
		ctx = qun_engine_ctx(t.e);
		ctx->pile = &pile; /* the engine itself has one in each shard */
		for (int i = 0; i < n; i++) {
			qun_engine_add(t.e, &ev[i], NULL);
			if (k == 0)
				qun_member_add(ctx, &m, &ev[i]);
		}
		qun_table_init(&table);
		qun_engine_report(t.e, &cube, NULL);
		qun_engine_table(t.e, &cube, &table, NULL);
		qun_intervals_of(ctx, ev[0].group, ev[0].field[QUN_F_USER], &m, &iv);
		for (size_t row = 0; row < table.nrow; row++) {
			int64_t day = (int64_t)qun_table_at(&table, row, 1)->num;

			ok &= qun_table_at(&table, row, 2)->num ==
			      members(&iv, ctx->heads->all.first, qun_as_of(ctx), day, k);
		}
		qun_table_release(&table);
		qun_cube_release(&cube);
		end(&t);
		/* Joins and leaves without texts hold no word of the context that is gone. */
	}
	qun_member_release(&m);
	qun_pile_release(&pile);
	qun_intervals_release(&iv);
	return ok;
}

/* Random amounts under few keys, in two halves that are merged, against an array. */
static void test_sums(void)
{
	enum { KEYS = 40 };
	struct qun_sums part[2] = {{0}}, all = {0}, again = {0};
	struct qun_buf merged = {0}, whole = {0};
	struct qun_reader in;
	int64_t total[KEYS] = {0}, unknown[KEYS] = {0};
	bool ok = true;

	for (int i = 0; i < 5000; i++) {
		unsigned key = rnd(KEYS), none = rnd(7) == 0;
		int64_t amount = none ? 0 : (int64_t)rnd(1000) - 200;

		total[key] += amount;
		unknown[key] += none;
		ok &= qun_sums_add(&part[rnd(2)], key, amount, none) == 0;
		ok &= qun_sums_add(&all, key, amount, none) == 0;
	}
	check(ok && all.cap <= 4 * KEYS, "sums grow with the keys alone");
	ok = qun_sums_merge(&part[0], &part[1]) == 0 && qun_sums_save(&part[0], &merged) == 0 &&
	     qun_sums_save(&all, &whole) == 0;
	check(ok && merged.len == whole.len && !memcmp(merged.ptr, whole.ptr, whole.len),
		"sums of halves are saved as those of the whole");
	for (int key = 0; key < KEYS; key++) {
		const struct qun_sum *sum = qun_sums_find(&all, key);

		ok &= sum && sum->amount == total[key] && sum->unknown == (uint64_t)unknown[key];
	}
	check(ok && !qun_sums_find(&all, KEYS), "sums are found by key");
	in = qun_reader_of(qun_buf_span(&whole));
	check(qun_sums_load(&again, &in) == 0 && qun_reader_done(&in) && again.n == all.n,
		"sums load as they were saved");
	qun_sums_release(&part[0]);
	qun_sums_release(&part[1]);
	qun_sums_release(&all);
	qun_sums_release(&again);
	qun_buf_release(&merged);
	qun_buf_release(&whole);
}

int main(void)
{
	struct qun_zone *utc;
	bool ok = true;

	if (qun_zone_open(&utc, "UTC", NULL) < 0)
		return 99;
	test_cohorts(utc);
	test_rates(utc);
	test_sums();
	for (int i = 0; ok && i < 3000; i++)
		ok = thinned_is_whole(utc);
	check(ok, "thinned presence makes the same members as all of it");
	qun_zone_close(utc);
	printf("1..%d\n", count);
	return failures != 0;
}
