/*
 * Threads change nothing: random logs dealt out over several engines, gathered and folded on several
 * threads, give the bytes and tables of one engine on one thread, for every metric.
 */
#include <stdio.h>

#include "options.h"
#include "xorshift.h"
#include "qun/engine.h"
#include "qun/roster.h"
#include "qun/stat.h"
#include "qun/write.h"

enum { EVENTS = 400, PEOPLE = 60, ENGINES = 7 };

static int tests, failures;
static uint64_t seed = XORSHIFT_SEED;

static unsigned rnd(unsigned n)
{
	return (unsigned)(xorshift(&seed) >> 33) % n;
}

static void check(bool ok, const char *what, const char *line)
{
	tests++;
	if (!ok)
		failures++;
	printf("%sok %d - %s: %s\n", ok ? "" : "not ", tests, line, what);
}

/* Ids of 1 to 70 bytes, so that some lie across the words in which they are compared. */
static struct qun_span user_id(unsigned i)
{
	static char id[PEOPLE][80];

	snprintf(id[i], sizeof(id[i]), "%c%0*u", 'a' + (int)(i % 7), (int)(i * 13 % 69), i);
	return qun_span_of(id[i]);
}

#define PICK(words) qun_span_of(words[rnd(sizeof(words) / sizeof(*(words)))])

static void make_event(struct qun_event *ev)
{
	static const char *const groups[] = {"g1", "g2", "a group with a longer name", "-"};
	static const char *const types[] = {"message", "message", "message", "join", "leave", "order",
		"order", "refund", "share", "redpacket", "coupon", "like"};
	/* numbers, and what only looks like one */
	static const char *const ids[] = {"", "o1", "0", "7", "007", "9999999999999999999", "99999999999999999999"};
	static const char *const products[] = {"", "apple", "pear"};
	static const char *const sources[] = {"", "qr", "invite", "removed", "claimed"};
	static const char *const roles[] = {"", "", "", "", "", "", "staff", "bot", "member"};
	static const char *const names[] = {"", "Name", "a much longer name than that", "名字"};

	memset(ev, 0, sizeof(*ev));
	ev->ts = 1709251200 * QUN_SECOND + (int64_t)rnd(60 * 24) * 3600 * QUN_SECOND;
	ev->field[QUN_F_USER] = user_id(rnd(PEOPLE));
	if (rnd(50) == 0)
		ev->field[QUN_F_USER].len = 0;
	ev->field[QUN_F_GROUP] = PICK(groups);
	ev->field[QUN_F_TYPE] = PICK(types);
	ev->type = qun_type_of(ev->field[QUN_F_TYPE]);
	ev->field[QUN_F_SOURCE] = PICK(sources);
	ev->field[QUN_F_ROLE] = rnd(5) ? (struct qun_span){"", 0} : PICK(roles);
	ev->field[QUN_F_NAME] = PICK(names);
	ev->field[QUN_F_REF] = rnd(4) ? (struct qun_span){"", 0} : user_id(rnd(PEOPLE));
	ev->field[QUN_F_TEXT] = qun_span_of(rnd(2) ? "hello" : "");
	if (ev->type == QUN_ORDER || ev->type == QUN_REFUND) {
		ev->field[QUN_F_ORDER_ID] = PICK(ids);
		ev->field[QUN_F_PRODUCT] = PICK(products);
		ev->has_amount = rnd(5) != 0;
		ev->amount = (int64_t)rnd(40) * 2550 - 10000;
	}
}

/* Metrics with the options that choose what their states hold. */
static const struct {
	const char *metric, *option[3][2];
	int by;
} cases[] = {
	{"cohort-retention", {{"periods", "4"}}, -1},
	{"cohort-retention", {{"mode", "member"}}, QUN_F_GROUP},
	{"cohort-retention", {{"clock", "elapsed"}, {"value", "amount"}}, QUN_F_PRODUCT},
	{"cohort-retention", {{"cohorts", "recurring"}, {"period", "5d"}}, QUN_F_SOURCE},
	{"cohort-retention", {{"people", "2024-03-04:1"}}, -1},
	{"activity-rate", {{"period", "week"}}, -1},
	{"activity-rate", {{"rolling", ""}, {"no-flood", ""}, {"total", ""}}, -1},
	{"repurchase", {{"period", "month"}, {"within", "5,9"}}, QUN_F_SOURCE},
	{"repurchase", {{"rfm", ""}}, -1},
	{"churn-list", {{"silent", "auto"}}, -1},
	{"funnel", {{"steps", "join,message,order"}, {"window", "9d"}}, QUN_F_SOURCE},
	{"funnel", {{"steps", "message,share|coupon"}, {"list", "2:dropped"}, {"exclude", "leave"}}, -1},
};

struct setting {
	const struct qun_metric *m;
	struct qun_run run;
	void *conf;
};

static void set_up(struct setting *s, size_t i, const struct qun_zone *zone, const struct qun_roster *roster)
{
	*s = (struct setting){.m = qun_metric_of(cases[i].metric)};
	s->conf = calloc(1, s->m->conf_size + 1);
	s->run = (struct qun_run){.cal = {zone, 1, 0}, .since = INT64_MIN, .until = INT64_MAX,
		.as_of = QUN_NEVER, .confidence = 0.95, .z = qun_z_of(0.95), .roster = roster,
		.key = {rnd(1 << 30), rnd(1 << 30)}};
	qun_pred_parse(&s->run.active, "message|share|order|redpacket|coupon", &s->run.extras, NULL);
	option_put_defaults(s->m, s->conf);
	for (int k = 0; k < 3 && cases[i].option[k][0]; k++)
		option_put_named(s->m, s->conf, cases[i].option[k][0], cases[i].option[k][1]);
	if (cases[i].by >= 0) {
		s->run.by.n = 1;
		s->run.by.field[0] = cases[i].by;
		s->run.by.name[0] = "by";
		s->run.unit = cases[i].by == QUN_F_GROUP ? QUN_UNIT_MEMBER : QUN_UNIT_USER;
	}
	if (s->m->setup(&s->run, s->conf, NULL) < 0)
		exit(99);
}

static void tear_down(struct setting *s)
{
	if (s->m->unset)
		s->m->unset(s->conf);
	free(s->conf);
	qun_pred_free(s->run.active);
	qun_extras_release(&s->run.extras);
}

static struct qun_engine *engine(const struct setting *s)
{
	struct qun_engine *e = NULL;

	if (qun_engine_open(&e, s->m, &s->run, s->conf) < 0)
		exit(99);
	return e;
}

/* Saved bytes, the table, the counts and the type words, one behind the other. */
static struct qun_buf all_of(struct qun_engine *e)
{
	struct qun_engine_counts counts = qun_engine_counts(e);
	struct qun_cube cube = {0};
	struct qun_table table;
	struct qun_buf out = {0};
	struct qun_style style = {0};
	struct qun_err err = {0};
	const char *word;

	qun_table_init(&table);
	if (qun_engine_save(e, &out, &err) < 0 || qun_engine_report(e, &cube, &err) < 0 ||
		qun_engine_table(e, &cube, &table, &err) < 0)
		qun_buf_printf(&out, "error: %s", err.msg);
	qun_writer_of("csv")->write(&table, &style, &out, NULL, NULL);
	qun_cube_save(&cube, &out);
	qun_buf_add(&out, &counts, sizeof(counts));
	for (size_t i = 0; (word = qun_engine_type_word(e, i)); i++)
		qun_buf_add_text(&out, word);
	qun_table_release(&table);
	qun_cube_release(&cube);
	qun_engine_close(e);
	return out;
}

static bool same(struct qun_buf got, struct qun_buf want)
{
	bool ok = qun_span_eq(qun_buf_span(&got), qun_buf_span(&want)) && want.len > 0;

	qun_buf_release(&got);
	return ok;
}

static void deal(const struct setting *s, const struct qun_event *ev, struct qun_engine **e, int n)
{
	for (int i = 0; i < n; i++)
		e[i] = engine(s);
	for (int i = 0; i < EVENTS; i++) {
		struct qun_event copy = ev[i];

		if (qun_engine_add(e[rnd((unsigned)n)], &copy, NULL) < 0)
			exit(99);
	}
}

static bool gathers(const struct setting *s, const struct qun_event *ev, struct qun_buf want, int n, int threads)
{
	struct qun_engine *e[ENGINES];

	deal(s, ev, e, n);
	qun_engine_threads(e[0], threads);
	return qun_engine_gather(e[0], e + 1, (size_t)n - 1, NULL) == 0 && same(all_of(e[0]), want);
}

static bool merges(const struct setting *s, const struct qun_event *ev, struct qun_buf want, int n)
{
	struct qun_engine *e[ENGINES];
	int rc = 0;

	deal(s, ev, e, n);
	for (int i = 1; i < n; i++) {
		rc |= qun_engine_merge(e[0], e[i], NULL);
		qun_engine_close(e[i]);
	}
	return rc == 0 && same(all_of(e[0]), want);
}

static void run_case(size_t i, const struct qun_zone *zone, const struct qun_roster *roster)
{
	static const int threads[] = {1, 2, 7};
	struct qun_event ev[EVENTS];
	struct qun_engine *one;
	struct setting s;
	struct qun_buf want;
	bool gathered = true, merged = true;

	set_up(&s, i, zone, roster);
	for (int k = 0; k < EVENTS; k++)
		make_event(&ev[k]);
	deal(&s, ev, &one, 1);
	want = all_of(one);
	for (int n = 1; n <= ENGINES; n++) {
		gathered &= gathers(&s, ev, want, n, threads[n % 3]) && gathers(&s, ev, want, n, threads[(n + 1) % 3]);
		merged &= merges(&s, ev, want, n);
	}
	check(gathered, "gathered on any number of threads", cases[i].metric);
	check(merged, "merged one after the other", cases[i].metric);
	qun_buf_release(&want);
	tear_down(&s);
}

static struct qun_roster *make_roster(void)
{
	static const char *const groups[] = {"g1", "g2", "only on the list"};
	static char quiet[20][16];
	struct qun_roster *r = NULL;

	if (qun_roster_open(&r) < 0)
		exit(99);
	for (unsigned i = 0; i < 60; i++) {
		struct qun_roster_line line = {.group = PICK(groups), .user = user_id(rnd(PEOPLE)), .joined = QUN_NEVER,
			.left = QUN_NEVER};

		snprintf(quiet[i % 20], sizeof(quiet[0]), "quiet%u", i % 20);
		if (i % 3 == 0)
			line.user = qun_span_of(quiet[i % 20]);
		if (qun_roster_add(r, &line) < 0)
			exit(99);
	}
	return r;
}

int main(void)
{
	struct qun_zone *zone;
	struct qun_roster *roster = make_roster();

	if (qun_zone_open(&zone, "Asia/Shanghai", NULL) < 0)
		return 99;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		run_case(i, zone, NULL);
		run_case(i, zone, roster);
	}
	printf("1..%d\n", tests);
	qun_roster_close(roster);
	qun_zone_close(zone);
	return failures > 0;
}
