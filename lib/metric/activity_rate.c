/*
 * activity-rate: what share of the members is active. The report has one cell a group; the table
 * walks its periods and adds up the changes from one to the next.
 */
#include <stddef.h>
#include <stdlib.h>

#include "metric/activity_rate/activity.h"

/* For --min-cell; returning and dormant add up to the active of the row before. */
enum { ROLLING = QUN_COL_BLOCK, LIFECYCLE = 2 * QUN_COL_BLOCK | QUN_COL_CHAIN };

static int parse_denominator(struct qun_activity_conf *c, struct qun_err *err)
{
	static const char *const words[] = {"present", "end", "start", "mean"};
	struct qun_span text = qun_span_of(c->denominator_text);
	const char *near;

	for (int i = 0; i < ACTIVITY_NUMBER; i++) {
		if (qun_span_is(text, words[i])) {
			c->denominator = (enum qun_activity_denominator)i;
			return 0;
		}
	}
	c->denominator = ACTIVITY_NUMBER;
	if (qun_int_parse(text, &c->number) && c->number > 0)
		return 0;
	near = qun_nearest(text, words, ACTIVITY_NUMBER);
	return qun_fail(err, QUN_EUSAGE,
		"--denominator: cannot use '%s' (expected present, end, start, mean or a "
		"number)%s%s%s",
		c->denominator_text, near ? "; did you mean '" : "", near ? near : "",
		near ? "'?" : "");
}

/* What the other tables cannot be asked together with. */
static int check_tables(const struct qun_activity_conf *c, struct qun_err *err)
{
	if (c->histogram && c->summary)
		return qun_fail(err, QUN_EUSAGE, "--histogram and --summary exclude each other");
	if (c->histogram && c->denominator >= ACTIVITY_MEAN)
		return qun_fail(err, QUN_EUSAGE,
			"--histogram counts people: its --denominator is present, end or start");
	if (c->summary && c->period.unit != QUN_BY_DAY)
		return qun_fail(err, QUN_EUSAGE, "--summary compares days: its --period is day");
	return 0;
}

static int setup(struct qun_run *run, void *conf, struct qun_err *err)
{
	struct qun_activity_conf *c = conf;
	int rc = qun_period_parse(&c->period, c->period_text, false, err);

	if (rc == 0)
		rc = parse_denominator(c, err);
	for (int i = 0; rc == 0 && i < run->by.n; i++) {
		if (run->by.field[i] != QUN_F_GROUP)
			rc = qun_fail(err, QUN_EUSAGE,
				"--by %s: activity-rate has one row a group and period",
				run->by.name[i]);
	}
	if (rc == 0)
		rc = check_tables(c, err);
	if (rc == 0)
		rc = qun_activity_events(c, err);
	c->nseries = c->lifecycle ? ACTIVITY_NSERIES : c->rolling ? ACTIVITY_NEW : ACTIVITY_NBASIC;
	/* N-day blocks start at a horizon that is known only at the end; trailing and counted days
	 * need days. */
	c->by_day = c->period.unit == QUN_BY_NDAYS || c->rolling || c->histogram;
	c->orders = qun_pred_may_match(run->active, QUN_ORDER);
	if (c->no_flood)
		run->needs |= QUN_BIT(QUN_F_TEXT);
	if (c->orders)
		run->rare |= QUN_TIE_FIELDS;
	return rc;
}

static void unset(void *conf)
{
	free(((struct qun_activity_conf *)conf)->event);
}

/* The columns in order, each with what it is there for. */
static void put_columns(const struct qun_activity_conf *c, struct qun_table *out)
{
	bool mean = c->denominator == ACTIVITY_MEAN;
	const struct {
		const char *name;
		enum qun_kind kind;
		unsigned flags;
		bool asked;
	} column[] = {
		{"group", QUN_K_TEXT, QUN_COL_KEY, true},
		{"period", QUN_K_DATE, QUN_COL_KEY, true},
		{"members", QUN_K_INT, QUN_COL_PEOPLE | QUN_COL_BASE, !mean},
		{"members", QUN_K_REAL, QUN_COL_PEOPLE | QUN_COL_BASE, mean},
		{"basis", QUN_K_WORD, 0, true},
		{"active", QUN_K_INT, QUN_COL_PEOPLE, true},
		{"rate", QUN_K_RATE, QUN_COL_MAIN, true},
		{"lo", QUN_K_BOUND, 0, true},
		{"hi", QUN_K_BOUND, 0, true},
		{"talkers", QUN_K_INT, QUN_COL_PEOPLE, true},
		{"lurkers", QUN_K_INT, QUN_COL_PEOPLE, !mean},
		{"lurkers", QUN_K_REAL, QUN_COL_PEOPLE, mean},
		{"messages", QUN_K_INT, 0, true},
		{"member_messages", QUN_K_INT, 0, c->talk},
		{"staff_messages", QUN_K_INT, 0, c->talk},
		{"ugc_share", QUN_K_RATE, 0, c->talk},
		{"top_talker_share", QUN_K_RATE, 0, c->talk},
		{"messages_per_talker", QUN_K_REAL, 0, c->talk},
		{"dau", QUN_K_INT, QUN_COL_PEOPLE | ROLLING, c->rolling},
		{"wau", QUN_K_INT, QUN_COL_PEOPLE | ROLLING, c->rolling},
		{"mau", QUN_K_INT, QUN_COL_PEOPLE | ROLLING, c->rolling},
		{"stickiness", QUN_K_RATE, ROLLING, c->rolling},
		{"new", QUN_K_INT, QUN_COL_PEOPLE | LIFECYCLE, c->lifecycle},
		{"returning", QUN_K_INT, QUN_COL_PEOPLE | LIFECYCLE, c->lifecycle},
		{"resurrected", QUN_K_INT, QUN_COL_PEOPLE | LIFECYCLE, c->lifecycle},
		{"dormant", QUN_K_INT, QUN_COL_PEOPLE | LIFECYCLE, c->lifecycle},
		{"truncated", QUN_K_FLAG, 0, c->lifecycle},
		{"event", QUN_K_TEXT, 0, c->event_days.path != NULL},
		{"flood_share", QUN_K_RATE, 0, c->no_flood},
		{"complete", QUN_K_FLAG, QUN_COL_COMPLETE, true},
	};

	for (size_t i = 0; i < sizeof(column) / sizeof(*column); i++) {
		if (column[i].asked)
			qun_table_column(out, column[i].name, column[i].kind, column[i].flags);
	}
}

static void put_histogram_columns(struct qun_table *out)
{
	qun_table_column(out, "group", QUN_K_TEXT, QUN_COL_KEY);
	qun_table_column(out, "period", QUN_K_DATE, QUN_COL_KEY);
	qun_table_column(out, "active_days", QUN_K_INT, QUN_COL_KEY | QUN_COL_PART);
	qun_table_column(out, "members", QUN_K_INT, QUN_COL_PEOPLE);
	qun_table_column(out, "share", QUN_K_RATE, QUN_COL_MAIN);
}

/* A period without any event in any group: the export has a hole there. */
static bool is_hole(const struct qun_activity_rows *r, int64_t period)
{
	const struct qun_cal *cal = &r->ctx->run->cal;
	int64_t day;

	return !qun_bits_next(
		       &r->ctx->heads->days, qun_period_first_day(cal, &r->period, period), &day) ||
	       day >= qun_period_first_day(cal, &r->period, period + 1);
}

/* active / members; false where there is no rate. */
static bool rate_of(const struct qun_activity_rows *r, const __int128 *sum, int64_t period,
	struct qun_activity_rate *rate)
{
	const struct qun_activity_conf *c = r->c;

	*rate = (struct qun_activity_rate){period, sum[ACTIVITY_ACTIVE], sum[ACTIVITY_MEMBERS]};
	if (c->denominator == ACTIVITY_MEAN)
		rate->num *= 2;
	if (c->denominator == ACTIVITY_NUMBER)
		rate->den = c->number;
	return !is_hole(r, period) && rate->den && rate->num <= rate->den;
}

static void put_rate(
	const struct qun_activity_rows *r, const __int128 *sum, int64_t period, struct qun_table *out)
{
	struct qun_activity_rate rate;
	bool known = rate_of(r, sum, period, &rate);

	if (known && r->c->denominator < ACTIVITY_MEAN) {
		qun_put_wilson(out, rate.num, rate.den, r->ctx->run->z);
		return;
	}
	qun_put_fraction(out, rate.num, known ? rate.den : 0);
	qun_put_null(out);
	qun_put_null(out);
}

/* members less the given number of them: the members themselves for 0, the lurkers for the talkers.
 */
static void put_members(const struct qun_activity_conf *c, const __int128 *sum, __int128 less,
	struct qun_table *out)
{
	if (c->denominator == ACTIVITY_MEAN)
		qun_put_fraction(out, sum[ACTIVITY_MEMBERS] - 2 * less, 2);
	else
		qun_put_int(out,
			(c->denominator == ACTIVITY_NUMBER ? c->number : sum[ACTIVITY_MEMBERS]) -
				less);
}

static int put_talk(const struct qun_cube *report, struct qun_buf *key, int64_t period,
	const __int128 *sum, struct qun_table *out)
{
	size_t len = key->len;
	const struct qun_cell *top;
	int64_t most = 0;
	int rc = qun_key_int(key, period);

	if (rc < 0)
		return rc;
	top = qun_cube_find(report, qun_buf_span(key));
	key->len = len;
	if (top && top->text) {
		struct qun_reader in = qun_reader_of((struct qun_span){top->text, top->text_len});

		rc = qun_unkey_int(&in, &most);
	}
	qun_put_int(out, sum[ACTIVITY_MEMBER_MESSAGES]);
	qun_put_int(out, sum[ACTIVITY_STAFF_MESSAGES]);
	qun_put_fraction(out, sum[ACTIVITY_MEMBER_MESSAGES],
		sum[ACTIVITY_MEMBER_MESSAGES] + sum[ACTIVITY_STAFF_MESSAGES]);
	qun_put_fraction(out, most, sum[ACTIVITY_MEMBER_MESSAGES]);
	qun_put_fraction(out, sum[ACTIVITY_MEMBER_MESSAGES], sum[ACTIVITY_TALKERS]);
	return rc;
}

static void put_rolling(const __int128 *sum, struct qun_table *out)
{
	qun_put_int(out, sum[ACTIVITY_DAU]);
	qun_put_int(out, sum[ACTIVITY_WAU]);
	qun_put_int(out, sum[ACTIVITY_MAU]);
	qun_put_fraction(out, sum[ACTIVITY_DAU], sum[ACTIVITY_MAU]);
}

static void put_lifecycle(const __int128 *sum, bool truncated, struct qun_table *out)
{
	qun_put_int(out, sum[ACTIVITY_NEW]);
	qun_put_int(out, sum[ACTIVITY_RETURNING]);
	qun_put_int(out, sum[ACTIVITY_ACTIVE] - sum[ACTIVITY_NEW] - sum[ACTIVITY_RETURNING]);
	qun_put_int(out, sum[ACTIVITY_DORMANT]);
	qun_put_int(out, truncated);
}

static int put_event(const struct qun_activity_rows *r, int64_t period, struct qun_table *out)
{
	const struct qun_cal *cal = &r->ctx->run->cal;
	struct qun_buf text = {0};
	int rc = qun_activity_labels(r->c, qun_period_first_day(cal, &r->period, period),
		qun_period_first_day(cal, &r->period, period + 1) - 1, &text);

	if (text.len)
		qun_put_text(out, qun_buf_span(&text));
	else
		qun_put_null(out);
	qun_buf_release(&text);
	return rc;
}

/* One row for each number of days that the period has had so far. */
static int put_histogram(const struct qun_activity_rows *r, const struct qun_cube *report, struct qun_span name,
	struct qun_buf *key, int64_t period, const __int128 *sum, struct qun_table *out)
{
	const struct qun_cal *cal = &r->ctx->run->cal;
	int64_t first = qun_period_first_day(cal, &r->period, period);
	int64_t end = qun_period_first_day(cal, &r->period, period + 1), today = qun_cal_day(cal, r->as_of);
	const struct qun_cell *cell = NULL;
	__int128 members = sum[ACTIVITY_MEMBERS];
	size_t len = key->len;
	int rc = qun_key_int(key, period);

	if (rc == 0)
		cell = qun_cube_find(report, qun_buf_span(key));
	key->len = len;
	for (uint32_t i = 1; cell && i < cell->nsum; i++)
		members -= qun_cell_sum(cell, i);
	end = end > today ? today + 1 : end;
	for (int64_t days = 0; rc == 0 && days <= end - first; days++) {
		if (days)
			members = qun_cell_sum(cell, (uint32_t)days);
		qun_put_text(out, name);
		qun_put_int(out, first);
		qun_put_int(out, days);
		qun_put_int(out, members);
		qun_put_fraction(out, members, is_hole(r, period) ? 0 : sum[ACTIVITY_MEMBERS]);
		rc = qun_row_end(out);
	}
	return rc;
}

static int put_row(const struct qun_activity_rows *r, const struct qun_cube *report,
	struct qun_span name, const char *basis, struct qun_buf *key, int64_t period,
	const __int128 *sum, struct qun_table *out)
{
	const struct qun_cal *cal = &r->ctx->run->cal;
	int rc = 0;

	qun_put_text(out, name);
	qun_put_int(out, qun_period_first_day(cal, &r->period, period));
	put_members(r->c, sum, 0, out);
	qun_put_word(out, basis);
	qun_put_int(out, sum[ACTIVITY_ACTIVE]);
	put_rate(r, sum, period, out);
	qun_put_int(out, sum[ACTIVITY_TALKERS]);
	put_members(r->c, sum, sum[ACTIVITY_TALKERS], out);
	qun_put_int(out, sum[ACTIVITY_MEMBER_MESSAGES] + sum[ACTIVITY_STAFF_MESSAGES]);
	if (r->c->talk)
		rc = put_talk(report, key, period, sum, out);
	if (r->c->rolling)
		put_rolling(sum, out);
	if (r->c->lifecycle)
		put_lifecycle(sum, period == r->first && !r->ctx->run->seen, out);
	if (rc == 0 && r->c->event_days.path)
		rc = put_event(r, period, out);
	if (r->c->no_flood)
		qun_put_fraction(out, sum[ACTIVITY_FLOODS], sum[ACTIVITY_FLOODS] +
			sum[ACTIVITY_MEMBER_MESSAGES] + sum[ACTIVITY_STAFF_MESSAGES]);
	/* What lies before the period of A is over. */
	qun_put_int(out, period < r->last || qun_period_end(cal, &r->period, period) <= r->as_of);
	return rc < 0 ? rc : qun_row_end(out);
}

/* Rates of finished days, for the summary. */
struct days {
	struct qun_activity_rate *v;
	size_t n, cap;
};

static int keep_day(const struct qun_activity_rows *r, const __int128 *sum, int64_t day, struct days *days)
{
	if (qun_period_end(&r->ctx->run->cal, &r->period, day) > r->as_of)
		return 0;
	if (qun_grow(&days->v, &days->cap, days->n, sizeof(*days->v)) < 0)
		return QUN_ENOMEM;
	days->n += rate_of(r, sum, day, &days->v[days->n]);
	return 0;
}

/* All rows of a group, those before --since left unprinted: the sums run through them. */
static int put_rows(const struct qun_activity_rows *r, const struct qun_cube *report,
	struct qun_span name, enum qun_basis basis, struct qun_table *out)
{
	const struct qun_run *run = r->ctx->run;
	const struct qun_cell *cell = NULL;
	bool limited = run->since != INT64_MIN || run->until != INT64_MAX;
	__int128 sum[ACTIVITY_NSERIES] = {0};
	struct days days = {0};
	struct qun_buf key = {0};
	int rc = qun_key_text(&key, name);

	if (rc == 0)
		cell = qun_cube_find(report, qun_buf_span(&key));
	for (int64_t p = r->first; rc == 0 && p <= r->last; p++) {
		for (uint32_t s = 0; s < r->c->nseries; s++) {
			sum[s] = (qun_activity_lasts(s) ? sum[s] : 0) +
				qun_cell_sum(cell, (uint32_t)(p - r->first) * r->c->nseries + s);
		}
		if (limited && !qun_in_range(run, qun_period_start(&run->cal, &r->period, p)))
			continue;
		if (r->c->histogram)
			rc = put_histogram(r, report, name, &key, p, sum, out);
		else if (r->c->summary)
			rc = keep_day(r, sum, p, &days);
		else
			rc = put_row(r, report, name, qun_basis_name(basis), &key, p, sum, out);
	}
	if (rc == 0 && r->c->summary)
		rc = qun_activity_summary(r->ctx, name, qun_basis_name(basis), days.v, days.n, out);
	free(days.v);
	qun_buf_release(&key);
	return rc;
}

static int finish(const struct qun_ctx *ctx, const struct qun_cube *report, struct qun_table *out,
	struct qun_err *err)
{
	const struct qun_activity_conf *c = ctx->conf;
	struct qun_activity_rows r;
	uint32_t *order = NULL;
	int rc = 0;

	if (c->histogram)
		put_histogram_columns(out);
	else if (c->summary)
		qun_activity_summary_columns(out);
	else
		put_columns(c, out);
	if (c->total && ctx->heads->started && qun_activity_rows(ctx, ctx->heads->all.first, &r))
		rc = put_rows(&r, report, qun_span_of("*"), qun_basis_total(ctx), out);
	if (rc == 0 && !c->total)
		rc = qun_dict_order(ctx->groups, &order);
	for (size_t i = 0; rc == 0 && !c->total && i < ctx->groups->n; i++) {
		uint32_t g = order[i];
		struct qun_span name = qun_dict_text(ctx->groups, g);

		if (!qun_group_is_nobody(ctx, g) && qun_group_wanted(ctx->run, name) &&
			qun_activity_rows(ctx, qun_head_of(ctx, g).first, &r))
			rc = put_rows(&r, report, name, qun_basis_of(ctx, g), out);
	}
	free(order);
	return rc < 0 ? qun_fail(err, rc, "cannot make the table of periods") : 0;
}

static const char *const definition[] = {
	"rate = active / members",
	"members: people in an interval of membership at some time of the period, or as --denominator says; no staff, no bots",
	"active: members with an event of --active in the period",
	"talkers: members with a message; lurkers = members - talkers",
	"messages: those of members and staff",
	"lo, hi: Wilson's interval of rate; none in a hole of the export or where members is no count of people",
	"--talk: ugc_share = member_messages / (member_messages + staff_messages)",
	"--talk: top_talker_share = messages of the greatest talker / member_messages",
	"--talk: messages_per_talker = member_messages / talkers",
	"--rolling: dau, wau, mau: people with an event of --active in the 1, 7, 30 days that end with the period",
	"--rolling: stickiness = dau / mau",
	"--lifecycle: active = new + returning + resurrected; dormant: active in the row before and not in this one",
	"--seen: who is on that list is new in no row, and nothing is truncated",
	"--histogram: share = members with so many active days in the period / all members of the period",
	"--summary: difference = mean rate of event days - mean rate of ordinary days",
	"--summary: lo, hi: Student's interval over finished days, those of both kinds taken to scatter alike",
	"--no-flood: flood_share = messages in floods / all messages; floods are in no other count",
	NULL,
};

static const char *const examples[] = {
	"activity-rate chat.json                                  # each day of each group",
	"activity-rate --period week --talk --lifecycle chat.json # who carries the talk, who "
	"comes back",
	"activity-rate --total --denominator end --rolling --last 28d chat.json",
	NULL,
};

#define AT(field) offsetof(struct qun_activity_conf, field)

static const struct qun_option options[] = {
	{"period", 'p', QUN_OPT_TEXT, "PERIOD", "day", NULL, 0, 0,
		"length of a period: day, week, month, quarter, year or a number of days such as "
		"14d",
		AT(period_text), true},
	{"total", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0,
		"one row a period over all groups, a person once", AT(total), false},
	{"denominator", 0, QUN_OPT_TEXT, "KIND|N", "present", NULL, 0, 0,
		"members: present at any time, at the end, at the start, the mean of both, or a "
		"number",
		AT(denominator_text), false},
	{"talk", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0,
		"add who talks: members, staff, the greatest talker", AT(talk), false},
	{"rolling", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0,
		"add active people of the trailing 1, 7 and 30 days", AT(rolling), true},
	{"lifecycle", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0,
		"add new, returning, resurrected and dormant people", AT(lifecycle), false},
	{"histogram", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0,
		"members by their number of active days in the period", AT(histogram), true},
	{"event-days", 0, QUN_OPT_SHEET, "FILE", NULL, NULL, 0, 0,
		"CSV date,label: add the labels of the period's days", AT(event_days), false},
	{"summary", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0,
		"the rates of event days against those of ordinary days", AT(summary), false},
	{"no-flood", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0,
		"leave out floods: 8 messages in 60 s, or one text 3 times in 10 min", AT(no_flood), true},
	{0},
};

const struct qun_metric qun_metric_activity_rate = {
	.name = "activity-rate",
	.brief = "What share of the members is active?",
	.definition = definition,
	.examples = examples,
	.options = options,
	.flags = QUN_METRIC_ALL_ORDERS | QUN_METRIC_SEEN,
	.conf_size = sizeof(struct qun_activity_conf),
	.setup = setup,
	.unset = unset,
	.person_size = sizeof(struct qun_activity_person),
	.add = qun_activity_add,
	.merge = qun_activity_merge,
	.save = qun_activity_save,
	.load = qun_activity_load,
	.release = qun_activity_release,
	.fold = qun_activity_fold,
	.finish = finish,
};
