/*
 * activity-rate: what share of the members is active. The report has one cell a group; the table
 * walks its periods and adds up the changes from one to the next.
 */
#include <stddef.h>

#include "model/activity.h"

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
	c->nseries = c->lifecycle ? ACTIVITY_NSERIES : c->rolling ? ACTIVITY_NEW : ACTIVITY_NBASIC;
	/* N-day blocks start at a horizon that is known only at the end; trailing days need days.
	 */
	c->by_day = c->period.unit == QUN_BY_NDAYS || c->rolling;
	c->orders = qun_pred_may_match(run->active, QUN_ORDER);
	if (c->orders)
		run->needs |= QUN_BIT(QUN_F_ORDER_ID) | QUN_BIT(QUN_F_PRODUCT) |
			      QUN_BIT(QUN_F_AMOUNT) | QUN_BIT(QUN_F_ID) | QUN_BIT(QUN_F_REF) |
			      QUN_BIT(QUN_F_SOURCE);
	return rc;
}

static void put_columns(const struct qun_activity_conf *c, struct qun_table *out)
{
	enum qun_kind count = c->denominator == ACTIVITY_MEAN ? QUN_K_REAL : QUN_K_INT;

	qun_table_column(out, "group", QUN_K_TEXT, QUN_COL_KEY);
	qun_table_column(out, "period", QUN_K_DATE, QUN_COL_KEY);
	qun_table_column(out, "members", count, 0);
	qun_table_column(out, "basis", QUN_K_WORD, 0);
	qun_table_column(out, "active", QUN_K_INT, 0);
	qun_table_column(out, "rate", QUN_K_RATE, QUN_COL_MAIN);
	qun_table_column(out, "lo", QUN_K_BOUND, 0);
	qun_table_column(out, "hi", QUN_K_BOUND, 0);
	qun_table_column(out, "talkers", QUN_K_INT, 0);
	qun_table_column(out, "lurkers", count, 0);
	qun_table_column(out, "messages", QUN_K_INT, 0);
	if (c->talk) {
		qun_table_column(out, "member_messages", QUN_K_INT, 0);
		qun_table_column(out, "staff_messages", QUN_K_INT, 0);
		qun_table_column(out, "ugc_share", QUN_K_RATE, 0);
		qun_table_column(out, "top_talker_share", QUN_K_RATE, 0);
		qun_table_column(out, "messages_per_talker", QUN_K_REAL, 0);
	}
	if (c->rolling) {
		qun_table_column(out, "dau", QUN_K_INT, 0);
		qun_table_column(out, "wau", QUN_K_INT, 0);
		qun_table_column(out, "mau", QUN_K_INT, 0);
		qun_table_column(out, "stickiness", QUN_K_RATE, 0);
	}
	if (c->lifecycle) {
		qun_table_column(out, "new", QUN_K_INT, 0);
		qun_table_column(out, "returning", QUN_K_INT, 0);
		qun_table_column(out, "resurrected", QUN_K_INT, 0);
		qun_table_column(out, "dormant", QUN_K_INT, 0);
		qun_table_column(out, "truncated", QUN_K_FLAG, 0);
	}
	qun_table_column(out, "complete", QUN_K_FLAG, QUN_COL_COMPLETE);
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

static void put_rate(
	const struct qun_activity_rows *r, const __int128 *sum, bool hole, struct qun_table *out)
{
	const struct qun_activity_conf *c = r->c;
	__int128 active = sum[ACTIVITY_ACTIVE], members = sum[ACTIVITY_MEMBERS];

	if (c->denominator == ACTIVITY_MEAN)
		active *= 2;
	if (c->denominator == ACTIVITY_NUMBER)
		members = c->number;
	if (!hole && c->denominator < ACTIVITY_MEAN) {
		qun_put_wilson(out, active, members, r->ctx->run->z);
		return;
	}
	if (hole || active > members)
		qun_put_null(out);
	else
		qun_put_fraction(out, active, members);
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
	put_rate(r, sum, is_hole(r, period), out);
	qun_put_int(out, sum[ACTIVITY_TALKERS]);
	put_members(r->c, sum, sum[ACTIVITY_TALKERS], out);
	qun_put_int(out, sum[ACTIVITY_MEMBER_MESSAGES] + sum[ACTIVITY_STAFF_MESSAGES]);
	if (r->c->talk)
		rc = put_talk(report, key, period, sum, out);
	if (r->c->rolling)
		put_rolling(sum, out);
	if (r->c->lifecycle)
		put_lifecycle(sum, period == r->first, out);
	qun_put_int(out, qun_period_end(cal, &r->period, period) <= r->as_of);
	return rc < 0 ? rc : qun_row_end(out);
}

/* All rows of a group, those before --since left unprinted: the sums run through them. */
static int put_rows(const struct qun_activity_rows *r, const struct qun_cube *report,
	struct qun_span name, enum qun_basis basis, struct qun_table *out)
{
	const struct qun_run *run = r->ctx->run;
	const struct qun_cell *cell = NULL;
	__int128 sum[ACTIVITY_NSERIES] = {0};
	struct qun_buf key = {0};
	int rc = qun_key_text(&key, name);

	if (rc == 0)
		cell = qun_cube_find(report, qun_buf_span(&key));
	for (int64_t p = r->first; rc == 0 && p <= r->last; p++) {
		for (uint32_t s = 0; s < r->c->nseries; s++)
			sum[s] += qun_cell_sum(cell, (uint32_t)(p - r->first) * r->c->nseries + s);
		if (qun_in_range(run, qun_period_start(&run->cal, &r->period, p)))
			rc = put_row(r, report, name, qun_basis_name(basis), &key, p, sum, out);
	}
	qun_buf_release(&key);
	return rc;
}

static int finish(const struct qun_ctx *ctx, const struct qun_cube *report, struct qun_table *out,
	struct qun_err *err)
{
	const struct qun_activity_conf *c = ctx->conf;
	struct qun_activity_rows r;
	int rc = 0;

	put_columns(c, out);
	if (c->total && ctx->heads->started && qun_activity_rows(ctx, ctx->heads->all.first, &r))
		rc = put_rows(&r, report, qun_span_of("*"), qun_basis_total(ctx), out);
	for (uint32_t g = 0; rc == 0 && !c->total && g < ctx->groups->n; g++) {
		struct qun_span name = qun_dict_text(ctx->groups, g);

		if (!qun_group_is_nobody(ctx, g) && qun_group_wanted(ctx->run, name) &&
			qun_activity_rows(ctx, qun_head_of(ctx, g).first, &r))
			rc = put_rows(&r, report, name, qun_basis_of(ctx, g), out);
	}
	return rc < 0 ? qun_fail(err, rc, "cannot make the table of periods") : 0;
}

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
	{0},
};

const struct qun_metric qun_metric_activity_rate = {
	.name = "activity-rate",
	.brief = "What share of the members is active?",
	.examples = examples,
	.options = options,
	.flags = QUN_METRIC_ALL_ORDERS,
	.conf_size = sizeof(struct qun_activity_conf),
	.setup = setup,
	.person_size = sizeof(struct qun_activity_person),
	.add = qun_activity_add,
	.merge = qun_activity_merge,
	.save = qun_activity_save,
	.load = qun_activity_load,
	.release = qun_activity_release,
	.fold = qun_activity_fold,
	.finish = finish,
};
