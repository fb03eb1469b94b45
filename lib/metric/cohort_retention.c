/*
 * cohort-retention: of the people born in a period, how many return k periods later. The report has
 * one cell a cohort; the table walks its offsets and adds up the changes from one to the next.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "model/cohort.h"
#include "qun/stat.h"

enum { MAX_BRACKET_DAY = 100000 };

static const struct qun_period by_day = {QUN_BY_DAY, 0, 0};

/* One bracket, "7" or "2-6". */
static bool parse_bracket(struct qun_cohort_bracket *b, struct qun_span s)
{
	ptrdiff_t dash = qun_span_find(s, "-", 0);
	struct qun_span from = {s.ptr, dash < 0 ? s.len : (size_t)dash};
	struct qun_span to =
		dash < 0 ? s : (struct qun_span){s.ptr + dash + 1, s.len - (size_t)dash - 1};

	b->label = s;
	return qun_int_parse(from, &b->from) && qun_int_parse(to, &b->to) && b->from >= 0 &&
	       b->to >= b->from && b->to <= MAX_BRACKET_DAY;
}

/* Day 0 is shown in every mode, so it is a bracket unless the first one given holds it. */
static int parse_brackets(struct qun_cohort_conf *c, struct qun_err *err)
{
	struct qun_span rest = qun_span_of(c->brackets_text);

	c->bracket[c->nbracket++] = (struct qun_cohort_bracket){0, 0, qun_span_of("0")};
	for (bool more = true; more;) {
		ptrdiff_t comma = qun_span_find(rest, ",", 0);
		struct qun_span item = {rest.ptr, comma < 0 ? rest.len : (size_t)comma};

		more = comma >= 0;
		if (c->nbracket == COHORT_MAX_BRACKETS ||
			!parse_bracket(&c->bracket[c->nbracket], qun_span_trim(item)))
			return qun_fail(err, QUN_EUSAGE,
				"--brackets: cannot use '%s' (expected days or ranges of days, "
				"e.g. 1,2-6,7-13)",
				c->brackets_text);
		if (rest.ptr == c->brackets_text && c->bracket[1].from == 0)
			c->bracket[0] = c->bracket[1];
		else
			c->nbracket++;
		if (more)
			rest = (struct qun_span){
				rest.ptr + comma + 1, rest.len - (size_t)comma - 1};
	}
	return 0;
}

static bool matches_only_joins(const struct qun_pred *p)
{
	for (int type = 0; type < QUN_NTYPES; type++) {
		if (qun_pred_may_match(p, (enum qun_type)type) != (type == QUN_JOIN))
			return false;
	}
	return true;
}

static bool is_first(const char *birth)
{
	return !birth || strcmp(birth, "first") == 0;
}

static int setup_predicates(struct qun_run *run, struct qun_cohort_conf *c, struct qun_err *err)
{
	int rc = 0;

	c->birth = c->again = run->active;
	if (!is_first(c->birth_text)) {
		rc = qun_pred_parse(&c->own_birth, c->birth_text, &run->extras, err);
		c->birth = c->own_birth;
	}
	if (rc == 0 && c->return_text) {
		rc = qun_pred_parse(&c->own_return, c->return_text, &run->extras, err);
		c->again = c->own_return;
	}
	if (rc < 0)
		return rc;
	run->needs |= qun_pred_fields(c->birth) | qun_pred_fields(c->again);
	c->by_join = c->mode == COHORT_MEMBER || matches_only_joins(c->birth);
	c->orders = c->mode != COHORT_MEMBER && (qun_pred_may_match(c->birth, QUN_ORDER) ||
							qun_pred_may_match(c->again, QUN_ORDER));
	return 0;
}

static int check_member_mode(const struct qun_cohort_conf *c, struct qun_err *err)
{
	if (c->mode == COHORT_MEMBER &&
		(c->return_text || c->cohorts == COHORT_RECURRING || c->min_events > 1 ||
			(!is_first(c->birth_text) && strcmp(c->birth_text, "join") != 0)))
		return qun_fail(err, QUN_EUSAGE,
			"--mode member counts from the join that opened the first membership: "
			"it takes no --return, --cohorts recurring, --min-events or other --birth");
	return 0;
}

static int setup_clock(struct qun_cohort_conf *c, struct qun_err *err)
{
	int rc = qun_period_parse(&c->period, c->period_text, false, err);

	if (rc < 0 || c->clock == COHORT_CALENDAR)
		return rc;
	switch (c->period.unit) {
	case QUN_BY_DAY: c->step_us = QUN_DAY; return 0;
	case QUN_BY_WEEK: c->step_us = 7 * QUN_DAY; return 0;
	case QUN_BY_NDAYS: c->step_us = c->period.n * QUN_DAY; return 0;
	default:
		return qun_fail(err, QUN_EUSAGE,
			"--clock elapsed needs a --period of fixed length (day, week or a number "
			"of days)");
	}
}

static int setup(struct qun_run *run, void *conf, struct qun_err *err)
{
	struct qun_cohort_conf *c = conf;
	bool by_source = false, own_value = false;
	int rc = setup_clock(c, err);

	if (rc == 0)
		rc = check_member_mode(c, err);
	if (rc == 0 && c->mode == COHORT_BRACKET)
		rc = parse_brackets(c, err);
	if (rc == 0)
		rc = setup_predicates(run, c, err);
	for (int i = 0; i < run->by.n; i++) {
		int field = run->by.field[i];

		by_source |= field == QUN_F_SOURCE;
		own_value |= field != QUN_F_GROUP && qun_births_own_value(run, i);
		c->births.full |= field != QUN_F_GROUP && field != QUN_F_ROLE;
	}
	c->instants = c->clock == COHORT_ELAPSED || c->min_events > 1;
	c->days = c->period.unit == QUN_BY_NDAYS || c->mode == COHORT_BRACKET;
	c->rule_r = c->mode == COHORT_MEMBER || by_source;
	c->births.each = c->cohorts == COHORT_RECURRING || own_value;
	/* N-day blocks start at a horizon that is known only at the end. */
	if (c->cohorts == COHORT_RECURRING)
		c->births.bucket = c->period.unit == QUN_BY_NDAYS ? &by_day : &c->period;
	if (c->orders || c->births.full)
		run->needs |= QUN_BIT(QUN_F_ORDER_ID) | QUN_BIT(QUN_F_PRODUCT) |
			      QUN_BIT(QUN_F_AMOUNT) | QUN_BIT(QUN_F_ID) | QUN_BIT(QUN_F_REF) |
			      QUN_BIT(QUN_F_SOURCE);
	if (c->births.full)
		run->needs |= QUN_BIT(QUN_F_TEXT);
	return rc;
}

static void unset(void *conf)
{
	struct qun_cohort_conf *c = conf;

	qun_pred_free(c->own_birth);
	qun_pred_free(c->own_return);
}

/* A cohort on its way into the table. */
struct cohort {
	const struct qun_ctx *ctx;
	const struct qun_cell *cell;
	struct qun_span by; /* the key's part of the --by values */
	struct qun_period period;
	int64_t as_of, index;
	bool truncated;
};

static int put_by(const struct qun_ctx *ctx, struct qun_span values, struct qun_table *out)
{
	struct qun_reader in = qun_reader_of(values);
	struct qun_buf text = {0};
	int rc = 0;

	for (int i = 0; rc == 0 && i < ctx->run->by.n; i++) {
		rc = qun_unkey_text(&in, &text);
		if (rc == 0)
			qun_put_text(out, qun_buf_span(&text));
	}
	qun_buf_release(&text);
	return rc;
}

/* Has the cell's period ended for all of the cohort? */
static bool is_complete(const struct cohort *co, int64_t k, bool all_ended)
{
	const struct qun_cohort_conf *c = co->ctx->conf;
	const struct qun_cal *cal = &co->ctx->run->cal;
	int64_t day;

	if (c->clock == COHORT_ELAPSED)
		return qun_period_end(cal, &co->period, co->index) <= co->as_of && all_ended;
	if (c->mode != COHORT_BRACKET)
		return qun_period_end(cal, &co->period, co->index + k) <= co->as_of;
	day = qun_period_first_day(cal, &co->period, co->index + 1) + c->bracket[k].to;
	return qun_cal_day_start(cal, day) - 1 <= co->as_of;
}

/* Offsets that can have begun: to the period of A, or the brackets whose first day has come. */
static bool is_reached(const struct cohort *co, int64_t k)
{
	const struct qun_cohort_conf *c = co->ctx->conf;
	const struct qun_cal *cal = &co->ctx->run->cal;

	if (c->periods && k > c->periods)
		return false;
	if (c->mode == COHORT_BRACKET)
		return k < c->nbracket &&
		       qun_period_first_day(cal, &co->period, co->index) + c->bracket[k].from <=
			       qun_cal_day(cal, co->as_of);
	return co->index + k <= qun_period_of(cal, &co->period, co->as_of);
}

static int put_cohort(const struct cohort *co, struct qun_table *out)
{
	const struct qun_cohort_conf *c = co->ctx->conf;
	const struct qun_run *run = co->ctx->run;
	__int128 size = qun_cell_sum(co->cell, 0), sum[COHORT_NSERIES] = {0};
	int rc = 0;

	for (int64_t k = 0; rc == 0 && is_reached(co, k); k++) {
		for (int s = 0; s < COHORT_NSERIES; s++)
			sum[s] += qun_cell_sum(co->cell, (uint32_t)(1 + k * COHORT_NSERIES + s));
		if (sum[COHORT_ENDED] <= sum[COHORT_REMOVED])
			break;
		rc = put_by(co->ctx, co->by, out);
		qun_put_int(out, qun_period_first_day(&run->cal, &co->period, co->index));
		qun_put_int(out, size);
		if (c->mode == COHORT_BRACKET)
			qun_put_text(out, c->bracket[k].label);
		else
			qun_put_int(out, k);
		qun_put_int(out, sum[COHORT_ENDED] - sum[COHORT_REMOVED]);
		qun_put_int(out, sum[COHORT_RETAINED]);
		qun_put_wilson(
			out, sum[COHORT_RETAINED], sum[COHORT_ENDED] - sum[COHORT_REMOVED], run->z);
		qun_put_int(out, is_complete(co, k, sum[COHORT_ENDED] == size));
		qun_put_int(out, co->truncated);
		if (rc == 0)
			rc = qun_row_end(out);
	}
	return rc;
}

/* Start of the log that tells who is new in this cell: the group's, or the whole input's. */
static int64_t log_start(const struct qun_ctx *ctx, struct qun_span by)
{
	struct qun_reader in = qun_reader_of(by);
	int64_t start = ctx->heads->all.first;
	struct qun_buf text = {0};

	for (int i = 0; i < ctx->run->by.n && qun_unkey_text(&in, &text) == 0; i++) {
		if (ctx->run->by.field[i] == QUN_F_GROUP && !qun_span_is(qun_buf_span(&text), "-"))
			start = qun_head_of(ctx, qun_dict_find(ctx->groups, qun_buf_span(&text)))
					.first;
	}
	qun_buf_release(&text);
	return start;
}

static void put_columns(const struct qun_ctx *ctx, struct qun_table *out)
{
	const struct qun_cohort_conf *c = ctx->conf;

	for (int i = 0; i < ctx->run->by.n; i++)
		qun_table_column(out, ctx->run->by.name[i], QUN_K_TEXT, QUN_COL_KEY);
	qun_table_column(out, "cohort", QUN_K_DATE, QUN_COL_KEY);
	qun_table_column(out, "size", QUN_K_INT, 0);
	/* Brackets stay in the order given. */
	if (c->mode == COHORT_BRACKET)
		qun_table_column(out, "offset", QUN_K_TEXT, 0);
	else
		qun_table_column(out, "offset", QUN_K_INT, QUN_COL_KEY);
	qun_table_column(out, "eligible", QUN_K_INT, 0);
	qun_table_column(out, "retained", QUN_K_INT, 0);
	qun_table_column(out, "rate", QUN_K_RATE, QUN_COL_MAIN);
	qun_table_column(out, "lo", QUN_K_BOUND, 0);
	qun_table_column(out, "hi", QUN_K_BOUND, 0);
	qun_table_column(out, "complete", QUN_K_FLAG, QUN_COL_COMPLETE);
	qun_table_column(out, "truncated", QUN_K_FLAG, 0);
	out->shape = QUN_SHAPE_TRIANGLE;
}

static int finish(const struct qun_ctx *ctx, const struct qun_cube *report, struct qun_table *out,
	struct qun_err *err)
{
	const struct qun_cohort_conf *c = ctx->conf;
	struct cohort co = {.ctx = ctx, .period = qun_cohort_period(ctx), .as_of = qun_as_of(ctx)};
	uint32_t *order = NULL;
	int rc = qun_cube_order(report, &order);

	put_columns(ctx, out);
	for (size_t i = 0; rc == 0 && i < qun_cube_count(report); i++) {
		struct qun_span key = qun_cube_key(report, order[i]);
		struct qun_reader in;

		if (!key.len)
			continue;
		co.cell = qun_cube_at(report, order[i]);
		co.by = (struct qun_span){key.ptr, key.len - sizeof(int64_t)};
		in = qun_reader_of((struct qun_span){key.ptr + co.by.len, sizeof(int64_t)});
		rc = qun_unkey_int(&in, &co.index);
		/* Only who is called new by what he does may have been there before the log. */
		co.truncated = !c->by_join && c->cohorts == COHORT_FIRST &&
			       co.index == qun_period_of(&ctx->run->cal, &co.period,
						   log_start(ctx, co.by));
		if (rc == 0)
			rc = put_cohort(&co, out);
	}
	free(order);
	return rc < 0 ? qun_fail(err, rc, "cannot make the table of cohorts") : 0;
}

static int notes(const struct qun_ctx *ctx, const struct qun_cube *report, struct qun_buf *lines)
{
	const struct qun_cell *cell = qun_cube_find(report, (struct qun_span){NULL, 0});
	__int128 not_born = qun_cell_sum(cell, COHORT_NOT_BORN);
	int rc;

	(void)ctx;
	if (!not_born)
		return 0;
	rc = qun_buf_add_text(lines, "members without a known join, in no cohort: ");
	if (rc == 0)
		rc = qun_int_format(lines, not_born);
	return rc < 0 ? rc : qun_buf_add_char(lines, '\n');
}

static const char *const examples[] = {
	"cohort-retention chat.json                               # weekly, by activity",
	"cohort-retention --period month --birth join --mode member chat.json   # who is still in",
	"cohort-retention --birth order --return order orders.csv # who buys again",
	NULL,
};

#define AT(field) offsetof(struct qun_cohort_conf, field)

static const struct qun_option options[] = {
	{"period", 'p', QUN_OPT_TEXT, "PERIOD", "week", NULL, 0, 0,
		"length of a period: day, week, month, quarter, year or a number of days such as "
		"14d",
		AT(period_text), true},
	{"periods", 0, QUN_OPT_INT, "N", NULL, NULL, 1, COHORT_MAX_OFFSET,
		"print at most N offsets after 0", AT(periods), false},
	{"birth", 0, QUN_OPT_TEXT, "PRED", NULL, NULL, 0, 0,
		"the event that puts someone into a cohort: first (the first active event) or a "
		"predicate such as join",
		AT(birth_text), true},
	{"return", 0, QUN_OPT_TEXT, "PRED", NULL, NULL, 0, 0,
		"the events that are a return; default: the active set", AT(return_text), true},
	{"mode", 0, QUN_OPT_WORD, "MODE", "on", "on|after|before|streak|bracket|member", 0, 0,
		"returns in exactly period k, k or later, 1 to k, each of 1 to k, a bracket of "
		"days, or still a member",
		AT(mode), true},
	{"brackets", 0, QUN_OPT_TEXT, "DAYS,...", "1,2-6,7-13,14-30", NULL, 0, 0,
		"days from the birth date that --mode bracket puts together", AT(brackets_text),
		false},
	{"removed", 0, QUN_OPT_WORD, "RULE", "censored", "censored|churn", 0, 0,
		"mode member: leave removed people out, or count them as lost", AT(removed), false},
	{"rejoin", 0, QUN_OPT_DURATION, "DURATION", "7d", NULL, 0, 0,
		"mode member: a gap up to this long counts as membership", AT(rejoin_us), false},
	{"clock", 0, QUN_OPT_WORD, "CLOCK", "calendar", "calendar|elapsed", 0, 0,
		"count calendar periods, or time since the birth event", AT(clock), true},
	{"cohorts", 0, QUN_OPT_WORD, "KIND", "first", "first|recurring", 0, 0,
		"someone is in the cohort of his first birth event, or of every period that has "
		"one",
		AT(cohorts), true},
	{"min-events", 0, QUN_OPT_INT, "K", "1", NULL, 1, 1000000,
		"a period counts from K return events on", AT(min_events), true},
	{0},
};

const struct qun_metric qun_metric_cohort_retention = {
	.name = "cohort-retention",
	.brief = "Of the people born in a period, how many return k periods later?",
	.examples = examples,
	.options = options,
	.flags = QUN_METRIC_ALL_ORDERS,
	.conf_size = sizeof(struct qun_cohort_conf),
	.setup = setup,
	.unset = unset,
	.person_size = sizeof(struct qun_cohort_person),
	.add = qun_cohort_add,
	.merge = qun_cohort_merge,
	.save = qun_cohort_save,
	.load = qun_cohort_load,
	.release = qun_cohort_release,
	.fold = qun_cohort_fold,
	.finish = finish,
	.notes = notes,
};
