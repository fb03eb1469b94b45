/*
 * The tables of cohort-retention. The report has one cell a cohort; its offsets are walked and the
 * changes from one to the next added up into lines, which then are averaged and printed.
 */
#include <stdlib.h>

#include "metric/cohort_retention/cohort.h"
#include "qun/stat.h"

/* One cohort, or all, at one offset. */
struct line {
	struct qun_span by; /* the key's part of the --by values, borrowed from the report */
	int64_t day;	    /* the first of the cohort's period */
	bool all;
	bool simple; /* rate is the mean of the cohorts', in millionths */
	__int128 size, eligible, retained, value, unknown, rate;
	int64_t k;
	bool complete, truncated;
};

struct lines {
	struct line *v;
	size_t n, cap;
};

/* A cohort on its way into lines. */
struct cohort {
	const struct qun_ctx *ctx;
	const struct qun_cell *cell;
	struct qun_span by;
	struct qun_period period;
	int64_t as_of, index;
	bool truncated;
};

void qun_cohort_by_columns(const struct qun_ctx *ctx, struct qun_table *out)
{
	for (int i = 0; i < ctx->run->by.n; i++)
		qun_table_column(out, ctx->run->by.name[i], QUN_K_TEXT, QUN_COL_KEY);
}

int qun_cohort_put_by(const struct qun_ctx *ctx, struct qun_reader *key, struct qun_table *out)
{
	struct qun_buf text = {0};
	int rc = 0;

	for (int i = 0; rc == 0 && i < ctx->run->by.n; i++) {
		rc = qun_unkey_text(key, &text);
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

static int add_line(struct lines *to, const struct line *line)
{
	int rc = qun_grow(&to->v, &to->cap, to->n, sizeof(*to->v));

	if (rc < 0)
		return rc;
	to->v[to->n++] = *line;
	return 0;
}

static int add_cohort(const struct cohort *co, struct lines *to)
{
	const struct qun_cohort_conf *c = co->ctx->conf;
	__int128 size = qun_cell_sum(co->cell, 0), sum[COHORT_NSERIES] = {0};
	int rc = 0;

	for (int64_t k = 0; rc == 0 && is_reached(co, k); k++) {
		for (uint32_t s = 0; s < c->nseries; s++)
			sum[s] += qun_cell_sum(co->cell, (uint32_t)(1 + k * c->nseries + s));
		if (sum[COHORT_ENDED] <= sum[COHORT_REMOVED])
			break;
		rc = add_line(to, &(struct line){.by = co->by,
					  .day = qun_period_first_day(
						  &co->ctx->run->cal, &co->period, co->index),
					  .size = size,
					  .eligible = sum[COHORT_ENDED] - sum[COHORT_REMOVED],
					  .retained = sum[COHORT_RETAINED],
					  .value = sum[COHORT_VALUE],
					  .unknown = sum[COHORT_UNKNOWN],
					  .k = k,
					  .complete = is_complete(co, k, sum[COHORT_ENDED] == size),
					  .truncated = co->truncated});
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

/* Only who is called new by what he does may have been there before the log, unless --seen tells.
 */
static bool is_truncated(const struct cohort *co)
{
	const struct qun_cohort_conf *c = co->ctx->conf;

	return !c->by_join && c->cohorts == COHORT_FIRST && !co->ctx->run->seen &&
	       co->index ==
		       qun_period_of(&co->ctx->run->cal, &co->period, log_start(co->ctx, co->by));
}

static int add_cohorts(const struct qun_ctx *ctx, const struct qun_cube *report, struct lines *to)
{
	struct cohort co = {.ctx = ctx, .period = qun_cohort_period(ctx), .as_of = qun_as_of(ctx)};
	uint32_t *order = NULL;
	int rc = qun_cube_order(report, &order);

	for (size_t i = 0; rc == 0 && i < qun_cube_count(report); i++) {
		struct qun_span key = qun_cube_key(report, order[i]);
		struct qun_reader in;

		if (!key.len)
			continue;
		co.cell = qun_cube_at(report, order[i]);
		co.by = (struct qun_span){key.ptr, key.len - sizeof(int64_t)};
		in = qun_reader_of((struct qun_span){key.ptr + co.by.len, sizeof(int64_t)});
		rc = qun_unkey_int(&in, &co.index);
		co.truncated = is_truncated(&co);
		if (rc == 0)
			rc = add_cohort(&co, to);
	}
	free(order);
	return rc;
}

/* Binary digits behind the point of a sum of rates. */
enum { RATE_BITS = 80, RATE_UNIT = 1000000 };

/* num / den, 0 … 1, rounded down to RATE_BITS binary digits. num < 2^64. */
static __int128 binary_rate(__int128 num, __int128 den)
{
	__int128 high = (num << (RATE_BITS / 2)) / den, rest = (num << (RATE_BITS / 2)) % den;

	return (high << (RATE_BITS / 2)) + (rest << (RATE_BITS / 2)) / den;
}

/* The mean of n rates in millionths, half away from zero. sum is short of the true one by less than
 * n last digits, so those are added: a mean that ends in exactly one half is not missed. */
static __int128 mean_rate(__int128 sum, __int128 n)
{
	__int128 unit = (__int128)1 << RATE_BITS;

	return (2 * RATE_UNIT * (sum + n) + n * unit) / (2 * n * unit);
}

/* Adds what the lines [from, to) of one --by value have at offset k, if anything. */
static int add_average(
	const struct qun_cohort_conf *c, struct lines *lines, size_t from, size_t to, int64_t k)
{
	struct line all = {.by = lines->v[from].by,
		.all = true,
		.simple = c->average == COHORT_SIMPLE,
		.k = k,
		.complete = true};
	__int128 rates = 0, n = 0;

	for (size_t i = from; i < to; i++) {
		const struct line *line = &lines->v[i];

		if (line->k != k || !line->complete || line->truncated)
			continue;
		all.size += line->size;
		all.eligible += line->eligible;
		all.retained += line->retained;
		all.value += line->value;
		all.unknown += line->unknown;
		rates += binary_rate(line->retained, line->eligible);
		n++;
	}
	if (!n)
		return 0;
	all.rate = mean_rate(rates, n);
	return add_line(lines, &all);
}

/* Behind the lines of all cohorts; sorting puts each block to the end of its --by value. */
static int add_averages(const struct qun_cohort_conf *c, struct lines *lines)
{
	size_t n = lines->n, to;
	int rc = 0;

	for (size_t from = 0; from < n; from = to) {
		int64_t width = 0;

		for (to = from; to < n && qun_span_eq(lines->v[to].by, lines->v[from].by); to++) {
			if (lines->v[to].k >= width)
				width = lines->v[to].k + 1;
		}
		for (int64_t k = 0; rc == 0 && k < width; k++)
			rc = add_average(c, lines, from, to, k);
	}
	return rc;
}

/* Recurring cohorts hold a person several times: pooled, they have no interval. */
static void put_rate(const struct qun_ctx *ctx, const struct line *line, struct qun_table *out)
{
	const struct qun_cohort_conf *c = ctx->conf;

	if (!line->all || (!line->simple && c->cohorts == COHORT_FIRST)) {
		qun_put_wilson(out, line->retained, line->eligible, ctx->run->z);
		return;
	}
	if (line->simple)
		qun_put_fraction(out, line->rate, RATE_UNIT);
	else
		qun_put_fraction(out, line->retained, line->eligible);
	qun_put_null(out);
	qun_put_null(out);
}

static void put_value(const struct line *line, struct qun_table *out)
{
	__int128 units;

	if (line->unknown || __builtin_mul_overflow(line->eligible, QUN_MONEY_UNIT, &units)) {
		qun_put_null(out);
		qun_put_null(out);
		return;
	}
	qun_put_int(out, line->value);
	qun_put_fraction(out, line->value, units);
}

static void put_cohort(const struct line *line, struct qun_table *out)
{
	if (line->all)
		qun_put_word(out, "all");
	else
		qun_put_int(out, line->day);
	qun_put_int(out, line->size);
}

static int put_line(const struct qun_ctx *ctx, const struct line *line, struct qun_table *out)
{
	const struct qun_cohort_conf *c = ctx->conf;
	struct qun_reader by = qun_reader_of(line->by);
	int rc = qun_cohort_put_by(ctx, &by, out);

	if (rc < 0)
		return rc;
	put_cohort(line, out);
	if (c->mode == COHORT_BRACKET)
		qun_put_text(out, c->bracket[line->k].label);
	else
		qun_put_int(out, line->k);
	qun_put_int(out, line->eligible);
	qun_put_int(out, line->retained);
	put_rate(ctx, line, out);
	if (c->value)
		put_value(line, out);
	qun_put_int(out, line->complete);
	qun_put_int(out, line->truncated);
	return qun_row_end(out);
}

static void add_columns(const struct qun_ctx *ctx, struct qun_table *out)
{
	const struct qun_cohort_conf *c = ctx->conf;

	qun_cohort_by_columns(ctx, out);
	qun_table_column(out, "cohort", QUN_K_DATE, QUN_COL_KEY);
	qun_table_column(out, "size", QUN_K_INT, QUN_COL_PEOPLE | QUN_COL_BASE);
	/* Brackets stay in the order given. */
	if (c->mode == COHORT_BRACKET)
		qun_table_column(out, "offset", QUN_K_TEXT, 0);
	else
		qun_table_column(out, "offset", QUN_K_INT, QUN_COL_KEY);
	qun_table_column(out, "eligible", QUN_K_INT, QUN_COL_PEOPLE);
	qun_table_column(out, "retained", QUN_K_INT, QUN_COL_PEOPLE);
	qun_table_column(out, "rate", QUN_K_RATE, QUN_COL_MAIN);
	qun_table_column(out, "lo", QUN_K_BOUND, 0);
	qun_table_column(out, "hi", QUN_K_BOUND, 0);
	if (c->value) {
		qun_table_column(out, "value", QUN_K_MONEY, 0);
		qun_table_column(out, "value_per_person", QUN_K_REAL, 0);
	}
	qun_table_column(out, "complete", QUN_K_FLAG, QUN_COL_COMPLETE);
	qun_table_column(out, "truncated", QUN_K_FLAG, 0);
	out->shape = QUN_SHAPE_TRIANGLE;
}

static int put_triangle(
	const struct qun_ctx *ctx, const struct qun_cube *report, struct qun_table *out)
{
	const struct qun_cohort_conf *c = ctx->conf;
	struct lines lines = {0};
	int rc = add_cohorts(ctx, report, &lines);

	if (rc == 0 && c->average)
		rc = add_averages(c, &lines);
	out->wide = c->wide;
	if (c->wide)
		out->only = NULL; /* the columns asked for are those of the wide table */
	add_columns(ctx, out);
	for (size_t i = 0; rc == 0 && i < lines.n; i++)
		rc = put_line(ctx, &lines.v[i], out);
	free(lines.v);
	return rc;
}

/* Is the group a column of its own? With --by group it is one already. */
static bool has_group_column(const struct qun_ctx *ctx)
{
	for (int i = 0; i < ctx->run->by.n; i++) {
		if (ctx->run->by.field[i] == QUN_F_GROUP)
			return false;
	}
	return ctx->run->unit == QUN_UNIT_MEMBER;
}

static int put_person(const struct qun_ctx *ctx, struct qun_span key, const struct qun_cell *cell,
	struct qun_table *out)
{
	const struct qun_cohort_conf *c = ctx->conf;
	struct cohort co = {.ctx = ctx, .period = qun_cohort_period(ctx), .as_of = qun_as_of(ctx)};
	struct qun_reader in = qun_reader_of(key);
	struct qun_buf text = {0};
	int rc = 0;

	/* An offset that the triangle does not show has nobody behind it. */
	co.index = qun_period_of_day(&ctx->run->cal, &co.period, c->people_day);
	if (!is_reached(&co, c->people_at))
		return 0;
	rc = qun_cohort_put_by(ctx, &in, out);
	if (rc == 0)
		rc = qun_unkey_int(&in, &co.index);
	if (rc == 0)
		rc = qun_unkey_text(&in, &text);
	if (rc == 0 && has_group_column(ctx))
		qun_put_text(out, qun_buf_span(&text));
	if (rc == 0)
		rc = qun_unkey_text(&in, &text);
	if (rc == 0) {
		qun_put_text(out, qun_buf_span(&text));
		qun_put_text(out, (struct qun_span){cell->text, cell->text_len});
		rc = qun_row_end(out);
	}
	qun_buf_release(&text);
	return rc;
}

static int put_people(
	const struct qun_ctx *ctx, const struct qun_cube *report, struct qun_table *out)
{
	uint32_t *order = NULL;
	int rc = qun_cube_order(report, &order);

	qun_cohort_by_columns(ctx, out);
	if (has_group_column(ctx))
		qun_table_column(out, "group", QUN_K_TEXT, QUN_COL_KEY);
	qun_table_column(out, "user", QUN_K_TEXT, QUN_COL_KEY);
	qun_table_column(out, "name", QUN_K_TEXT, 0);
	for (size_t i = 0; rc == 0 && i < qun_cube_count(report); i++) {
		struct qun_span key = qun_cube_key(report, order[i]);

		if (key.len)
			rc = put_person(ctx, key, qun_cube_at(report, order[i]), out);
	}
	free(order);
	return rc;
}

int qun_cohort_finish(const struct qun_ctx *ctx, const struct qun_cube *report,
	struct qun_table *out, struct qun_err *err)
{
	const struct qun_cohort_conf *c = ctx->conf;
	int rc;

	if (c->by_age)
		rc = qun_cohort_put_survival(ctx, report, out, err);
	else if (c->table == COHORT_PEOPLE)
		rc = put_people(ctx, report, out);
	else
		rc = put_triangle(ctx, report, out);
	return rc < 0 && !err->code ? qun_fail(err, rc, "cannot make the table of cohorts") : rc;
}
