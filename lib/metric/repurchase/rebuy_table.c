/* The other tables of repurchase: columns and rows from the report. */
#include <stdlib.h>
#include <string.h>

#include "metric/repurchase/rebuy.h"
#include "qun/stat.h"

static void add_columns(struct qun_table *out, const struct qun_column *column)
{
	for (; column->name; column++)
		qun_table_column(out, column->name, column->kind, column->flags);
}

static void add_by_columns(const struct qun_ctx *ctx, struct qun_table *out)
{
	for (int i = 0; i < ctx->run->by.n; i++)
		qun_table_column(out, ctx->run->by.name[i], QUN_K_TEXT, QUN_COL_KEY);
}

/* Is the group of a member beside the --by values? */
static bool has_group(const struct qun_run *run)
{
	for (int i = 0; i < run->by.n; i++) {
		if (run->by.field[i] == QUN_F_GROUP)
			return false;
	}
	return run->unit == QUN_UNIT_MEMBER;
}

void qun_rebuy_person_columns(const struct qun_ctx *ctx, struct qun_table *out)
{
	add_by_columns(ctx, out);
	if (has_group(ctx->run))
		qun_table_column(out, "group", QUN_K_TEXT, QUN_COL_KEY);
	qun_table_column(out, "user", QUN_K_TEXT, QUN_COL_KEY);
}

/* Puts the next text of a key, or passes over it. */
static int put_text(struct qun_reader *in, struct qun_table *out, bool put)
{
	struct qun_buf text = {0};
	int rc = qun_unkey_text(in, &text);

	if (rc == 0 && put)
		qun_put_text(out, qun_buf_span(&text));
	qun_buf_release(&text);
	return rc;
}

int qun_rebuy_put_by(const struct qun_ctx *ctx, struct qun_span by, struct qun_table *out)
{
	struct qun_reader in = qun_reader_of(by);
	int rc = 0;

	for (int i = 0; rc == 0 && i < ctx->run->by.n; i++)
		rc = put_text(&in, out, true);
	return rc;
}

int qun_rebuy_put_person(
	const struct qun_ctx *ctx, const struct qun_rebuy_block *b, size_t i, struct qun_table *out)
{
	struct qun_reader in = qun_reader_of(b->key[i]);
	int rc = qun_rebuy_put_by(ctx, b->by, out);

	if (rc == 0 && ctx->run->unit == QUN_UNIT_MEMBER)
		rc = put_text(&in, out, has_group(ctx->run));
	return rc < 0 ? rc : put_text(&in, out, true);
}

/* Cuts a key behind its --by values. */
static int cut_key(
	const struct qun_ctx *ctx, struct qun_span key, struct qun_span *by, struct qun_span *rest)
{
	struct qun_reader in = qun_reader_of(key);
	int rc = 0;

	for (int i = 0; rc == 0 && i < ctx->run->by.n; i++)
		rc = put_text(&in, NULL, false);
	*by = (struct qun_span){key.ptr, (size_t)(in.ptr - key.ptr)};
	*rest = (struct qun_span){in.ptr, (size_t)(in.end - in.ptr)};
	return rc;
}

static int fit_rung(
	const struct qun_ctx *ctx, const struct qun_cell *cell, struct qun_survival *curve)
{
	const int64_t *days;
	size_t n;
	int rc = qun_survival_add(curve, 0, (uint64_t)qun_cell_sum(cell, RUNG_BASE), 0, 0);

	days = qun_cell_bag(cell, RUNG_GAPS, &n);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = qun_survival_add(curve, days[i], 0, 1, 0);
	days = qun_cell_bag(cell, RUNG_OPEN, &n);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = qun_survival_add(curve, days[i], 0, 0, 1);
	return rc < 0 ? rc : qun_survival_fit(curve, ctx->run->z);
}

static void put_year(const struct qun_survival *curve, struct qun_table *out)
{
	enum { YEAR = 365 };
	const struct qun_step *at = qun_survival_at(curve, YEAR);

	/* Nobody was watched for a year, and not all came back before: not known. */
	if (!at || (at->survival > 0 && curve->v[curve->n - 1].t < YEAR))
		qun_put_null(out);
	else if (at->den)
		qun_put_fraction(out, at->den - at->num, at->den);
	else
		qun_put_real(out, 1 - at->survival);
}

static int put_rung(const struct qun_ctx *ctx, struct qun_span key, const struct qun_cell *cell,
	struct qun_table *out)
{
	struct qun_survival curve = {0};
	struct qun_span by, rest;
	struct qun_reader in;
	int64_t n = 0, median;
	int rc = cut_key(ctx, key, &by, &rest);

	in = qun_reader_of(rest);
	if (rc == 0)
		rc = qun_rebuy_put_by(ctx, by, out);
	if (rc == 0)
		rc = qun_unkey_int(&in, &n);
	if (rc == 0)
		rc = fit_rung(ctx, cell, &curve);
	if (rc == 0) {
		qun_put_int(out, n);
		qun_put_int(out, qun_cell_sum(cell, RUNG_BASE));
		qun_put_int(out, qun_cell_sum(cell, RUNG_NEXT));
		qun_put_wilson(out, qun_cell_sum(cell, RUNG_NEXT), qun_cell_sum(cell, RUNG_BASE),
			ctx->run->z);
		put_year(&curve, out);
		if (qun_survival_time(&curve, 1, 2, &median))
			qun_put_int(out, median);
		else
			qun_put_null(out);
		rc = qun_row_end(out);
	}
	qun_survival_release(&curve);
	return rc;
}

static int put_gaps(const struct qun_ctx *ctx, struct qun_span key, const struct qun_cell *cell,
	struct qun_table *out)
{
	static const int percent[] = {10, 25, 50, 75, 90};
	struct qun_span by, rest;
	const int64_t *gap;
	__int128 sum = 0;
	size_t n;
	int rc = cut_key(ctx, key, &by, &rest);

	if (rc == 0)
		rc = qun_rebuy_put_by(ctx, by, out);
	if (rc < 0)
		return rc;
	gap = qun_cell_bag(cell, 0, &n);
	qun_put_int(out, (__int128)n);
	for (size_t i = 0; i < sizeof(percent) / sizeof(*percent); i++) {
		if (n)
			qun_put_int(out, qun_quantile(gap, n, percent[i], 100));
		else
			qun_put_null(out);
	}
	for (size_t i = 0; i < n; i++)
		sum += gap[i];
	qun_put_fraction(out, sum, (__int128)n);
	return qun_row_end(out);
}

/* Without orders there is a row all the same, unless the input is empty or --by has no values. */
static int put_no_gaps(const struct qun_ctx *ctx, struct qun_table *out)
{
	if (out->nrow || ctx->run->by.n || qun_as_of(ctx) == INT64_MIN)
		return 0;
	return put_gaps(ctx, (struct qun_span){NULL, 0}, NULL, out);
}

static int put_block(const struct qun_ctx *ctx, const struct qun_rebuy_conf *c,
	const struct qun_rebuy_block *b, struct qun_table *out, struct qun_err *err)
{
	if (!b->n)
		return 0;
	return c->kind == REBUY_RFM ? qun_rfm_put(ctx, c, b, out)
				    : qun_clv_put(ctx, c, b, out, err);
}

static int add_to_block(
	struct qun_rebuy_block *b, const struct qun_cell *cell, struct qun_span rest)
{
	if (qun_grow(&b->at, &b->at_cap, b->n, sizeof(*b->at)) < 0 ||
		qun_grow(&b->key, &b->key_cap, b->n, sizeof(*b->key)) < 0)
		return QUN_ENOMEM;
	b->at[b->n] = cell;
	b->key[b->n++] = rest;
	return 0;
}

/* Cells in the order of their keys: those of one --by value stand side by side. */
static int put_people(const struct qun_ctx *ctx, const struct qun_rebuy_conf *c,
	const struct qun_cube *report, const uint32_t *order, struct qun_table *out,
	struct qun_err *err)
{
	struct qun_rebuy_block block = {0};
	struct qun_span by, rest;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < qun_cube_count(report); i++) {
		struct qun_span key = qun_cube_key(report, order[i]);

		if (!key.len)
			continue;
		rc = cut_key(ctx, key, &by, &rest);
		if (rc == 0 && block.n && !qun_span_eq(by, block.by)) {
			rc = put_block(ctx, c, &block, out, err);
			block.n = 0;
		}
		block.by = by;
		if (rc == 0)
			rc = add_to_block(&block, qun_cube_at(report, order[i]), rest);
	}
	if (rc == 0)
		rc = put_block(ctx, c, &block, out, err);
	free(block.at);
	free(block.key);
	return rc;
}

static void put_columns(
	const struct qun_ctx *ctx, const struct qun_rebuy_conf *c, struct qun_table *out)
{
	static const struct qun_column ladder[] = {{"n", QUN_K_INT, QUN_COL_KEY},
		{"base", QUN_K_INT, QUN_COL_PEOPLE | QUN_COL_BASE},
		{"next", QUN_K_INT, QUN_COL_PEOPLE}, {"rate", QUN_K_RATE, QUN_COL_MAIN},
		{"lo", QUN_K_BOUND, 0}, {"hi", QUN_K_BOUND, 0}, {"rate_365", QUN_K_RATE, 0},
		{"median_days", QUN_K_INT, 0}, {0}};
	static const struct qun_column gaps[] = {{"n", QUN_K_INT, 0}, {"p10", QUN_K_INT, 0},
		{"p25", QUN_K_INT, 0}, {"p50", QUN_K_INT, 0}, {"p75", QUN_K_INT, 0},
		{"p90", QUN_K_INT, 0}, {"mean", QUN_K_REAL, 0}, {0}};
	static const struct qun_column rfm[] = {{"name", QUN_K_TEXT, 0},
		{"recency_days", QUN_K_INT, 0}, {"frequency", QUN_K_INT, 0},
		{"monetary", QUN_K_MONEY, 0}, {"r", QUN_K_INT, 0}, {"f", QUN_K_INT, 0},
		{"m", QUN_K_INT, 0}, {"segment", QUN_K_WORD, 0}, {0}};
	static const struct qun_column params[] = {{"r", QUN_K_REAL, 0}, {"alpha", QUN_K_REAL, 0},
		{"a", QUN_K_REAL, 0}, {"b", QUN_K_REAL, 0}, {"loglik", QUN_K_REAL, 0},
		{"n", QUN_K_INT, 0}, {0}};
	static const struct qun_column clv[] = {{"frequency", QUN_K_INT, 0}, {"t_x", QUN_K_REAL, 0},
		{"T", QUN_K_REAL, 0}, {"p_alive", QUN_K_RATE, 0}, {"expected_90d", QUN_K_REAL, 0},
		{0}};
	bool people = c->kind == REBUY_RFM || (c->kind == REBUY_CLV && !c->params);

	if (people)
		qun_rebuy_person_columns(ctx, out);
	else
		add_by_columns(ctx, out);
	add_columns(out, c->kind == REBUY_LADDER ? ladder
			 : c->kind == REBUY_GAPS ? gaps
			 : c->kind == REBUY_RFM	 ? rfm
			 : c->params		 ? params
						 : clv);
}

int qun_rebuy_finish(const struct qun_ctx *ctx, const struct qun_rebuy_conf *c,
	const struct qun_cube *report, struct qun_table *out, struct qun_err *err)
{
	uint32_t *order;
	int rc = qun_cube_order(report, &order);

	if (rc < 0)
		return rc;
	put_columns(ctx, c, out);
	if (c->kind == REBUY_RFM || c->kind == REBUY_CLV) {
		rc = put_people(ctx, c, report, order, out, err);
	} else {
		for (size_t i = 0; rc == 0 && i < qun_cube_count(report); i++) {
			struct qun_span key = qun_cube_key(report, order[i]);
			const struct qun_cell *cell = qun_cube_at(report, order[i]);

			if (key.len && c->kind == REBUY_LADDER)
				rc = put_rung(ctx, key, cell, out);
			else if (key.len)
				rc = put_gaps(ctx, key, cell, out);
		}
		if (rc == 0 && c->kind == REBUY_GAPS)
			rc = put_no_gaps(ctx, out);
	}
	free(order);
	return rc < 0 ? rc : out->err;
}
