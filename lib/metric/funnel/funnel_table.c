/* The funnel's tables: the steps of each --by value, the people behind a row, everybody's level. */
#include <stdlib.h>

#include "metric/funnel/funnel.h"
#include "qun/stat.h"

static int put_by(const struct qun_ctx *ctx, struct qun_table *out, struct qun_reader *key)
{
	struct qun_buf text = {0};
	int rc = 0;

	for (int i = 0; rc == 0 && i < ctx->run->by.n; i++) {
		rc = qun_unkey_text(key, &text);
		qun_put_text(out, qun_buf_span(&text));
	}
	qun_buf_release(&text);
	return rc;
}

static void by_columns(const struct qun_ctx *ctx, struct qun_table *out)
{
	for (int i = 0; i < ctx->run->by.n; i++)
		qun_table_column(out, ctx->run->by.name[i], QUN_K_TEXT, QUN_COL_KEY);
}

/* Windows stay in the order given: they are sorted by number, then named. */
static void window_column(const struct qun_ctx *ctx, struct qun_table *out)
{
	if (((const struct qun_funnel_conf *)ctx->conf)->windows)
		qun_table_column(out, "window", QUN_K_INT, QUN_COL_KEY);
}

static void put_window(const struct qun_ctx *ctx, struct qun_table *out, int window)
{
	if (((const struct qun_funnel_conf *)ctx->conf)->windows)
		qun_put_int(out, window);
}

static int name_windows(const struct qun_ctx *ctx, struct qun_table *out)
{
	const struct qun_funnel_conf *c = ctx->conf;
	int rc = qun_table_end(out);

	out->ordered = true;
	out->column[0].kind = QUN_K_TEXT;
	for (size_t r = 0; rc == 0 && r < out->nrow; r++) {
		struct qun_value *v = &out->cell[r * out->ncol];
		struct qun_span label = c->window_of[(int)v->num].label;
		const char *copy = qun_arena_copy(&out->text, label);

		if (!copy)
			return QUN_ENOMEM;
		*v = (struct qun_value){.text = {copy, label.len}, .den = QUN_V_TEXT};
	}
	return rc;
}

static void steps_columns(const struct qun_ctx *ctx, struct qun_table *out)
{
	static const struct qun_column column[] = {{"step", QUN_K_INT, QUN_COL_KEY},
		{"label", QUN_K_TEXT, 0}, {"reached", QUN_K_INT, QUN_COL_PEOPLE},
		{"rate_prev", QUN_K_RATE, QUN_COL_MAIN}, {"lo", QUN_K_BOUND, 0},
		{"hi", QUN_K_BOUND, 0}, {"rate_first", QUN_K_RATE, 0}, {"first_lo", QUN_K_BOUND, 0},
		{"first_hi", QUN_K_BOUND, 0}, {"dropped", QUN_K_INT, QUN_COL_PEOPLE},
		{"pending", QUN_K_INT, QUN_COL_PEOPLE},
		{"median_s", QUN_K_SECONDS, 0}, {"p90_s", QUN_K_SECONDS, 0},
		{"median_total_s", QUN_K_SECONDS, 0}};

	out->shape = QUN_SHAPE_FUNNEL;
	window_column(ctx, out);
	by_columns(ctx, out);
	for (size_t i = 0; i < sizeof(column) / sizeof(*column); i++)
		qun_table_column(out, column[i].name, column[i].kind, column[i].flags);
}

/* Entries are no distinct people, so their rates have no interval. */
static void put_rate(const struct qun_ctx *ctx, struct qun_table *out, __int128 x, __int128 n)
{
	if (((const struct qun_funnel_conf *)ctx->conf)->count == FUNNEL_PEOPLE) {
		qun_put_wilson(out, x, n, ctx->run->z);
		return;
	}
	qun_put_fraction(out, x, n);
	qun_put_null(out);
	qun_put_null(out);
}

static void put_seconds(
	struct qun_table *out, const struct qun_cell *cell, uint32_t bag, int num, int den)
{
	size_t n;
	const int64_t *us = qun_cell_bag(cell, bag, &n);

	if (n)
		qun_put_int(out, qun_round_div(qun_quantile(us, n, num, den), QUN_SECOND));
	else
		qun_put_null(out);
}

static int put_step(
	const struct qun_ctx *ctx, struct qun_table *out, const struct qun_cell *cell, int step)
{
	uint32_t i = (uint32_t)step - 1;
	__int128 reached = qun_cell_sum(cell, FUNNEL_REACHED + i);

	qun_put_int(out, step);
	qun_put_text(out, ((const struct qun_funnel_conf *)ctx->conf)->label[i]);
	qun_put_int(out, reached);
	if (step > 1) {
		put_rate(ctx, out, reached, qun_cell_sum(cell, FUNNEL_REACHED + i - 1));
	} else {
		for (int k = 0; k < 3; k++)
			qun_put_null(out);
	}
	put_rate(ctx, out, reached, qun_cell_sum(cell, FUNNEL_REACHED));
	qun_put_int(out, qun_cell_sum(cell, FUNNEL_DROPPED + i));
	/* A level does not tell an open attempt from a closed one. */
	if (((const struct qun_funnel_conf *)ctx->conf)->clickhouse)
		qun_put_null(out);
	else
		qun_put_int(out, qun_cell_sum(cell, FUNNEL_PENDING + i));
	put_seconds(out, cell, qun_funnel_step_bag(step), 1, 2);
	put_seconds(out, cell, qun_funnel_step_bag(step), 9, 10);
	put_seconds(out, cell, qun_funnel_total_bag(step), 1, 2);
	return qun_row_end(out);
}

/* The rows of one --by value; key stands behind the window. */
static int put_steps(const struct qun_ctx *ctx, struct qun_table *out, int window,
	struct qun_span key, const struct qun_cell *cell)
{
	const struct qun_funnel_conf *c = ctx->conf;
	int rc = 0;

	for (int step = 1; rc == 0 && step <= c->n; step++) {
		struct qun_reader in = qun_reader_of(key);

		put_window(ctx, out, window);
		rc = put_by(ctx, out, &in);
		if (rc == 0)
			rc = put_step(ctx, out, cell, step);
	}
	return rc;
}

/* Does a column of its own name the group of a unit member? */
static bool has_group_column(const struct qun_ctx *ctx)
{
	for (int i = 0; i < ctx->run->by.n; i++) {
		if (ctx->run->by.field[i] == QUN_F_GROUP)
			return ((const struct qun_funnel_conf *)ctx->conf)->table ==
			       FUNNEL_TABLE_LEVELS;
	}
	return ctx->run->unit == QUN_UNIT_MEMBER;
}

static void list_columns(const struct qun_ctx *ctx, struct qun_table *out)
{
	static const struct qun_column listed[] = {{"name", QUN_K_TEXT, 0}, {"step", QUN_K_INT, 0},
		{"label", QUN_K_TEXT, 0}, {"ts", QUN_K_TEXT, 0}, {"seconds", QUN_K_SECONDS, 0}};
	static const struct qun_column levels[] = {
		{"entries", QUN_K_INT, 0}, {"level", QUN_K_INT, 0}};
	bool level = ((const struct qun_funnel_conf *)ctx->conf)->table == FUNNEL_TABLE_LEVELS;
	const struct qun_column *column = level ? levels : listed;

	window_column(ctx, out);
	if (!level)
		by_columns(ctx, out);
	if (has_group_column(ctx))
		qun_table_column(out, "group", QUN_K_TEXT, QUN_COL_KEY);
	qun_table_column(out, "user", QUN_K_TEXT, QUN_COL_KEY);
	for (size_t i = 0; i < (level ? 2 : 5); i++)
		qun_table_column(out, column[i].name, column[i].kind, column[i].flags);
}

static int put_listed_row(const struct qun_ctx *ctx, struct qun_table *out, struct qun_reader *key,
	const struct qun_cell *cell)
{
	const struct qun_funnel_conf *c = ctx->conf;
	struct qun_buf text = {0};
	int64_t ts = 0, step_us = 0;
	int rc = qun_unkey_int(key, &ts);

	if (rc == 0)
		rc = qun_unkey_int(key, &step_us);
	if (rc == 0)
		rc = qun_time_format(&text, ctx->run->cal.zone, ts);
	qun_put_text(out, (struct qun_span){cell->text, cell->text_len});
	qun_put_int(out, c->listed);
	qun_put_text(out, c->label[c->listed - 1]);
	qun_put_text(out, qun_buf_span(&text));
	if (step_us < 0)
		qun_put_null(out);
	else
		qun_put_int(out, qun_round_div(step_us, QUN_SECOND));
	qun_buf_release(&text);
	return rc;
}

/* One row, key standing behind the window; equal entries are listed as often as they are. */
static int put_list(const struct qun_ctx *ctx, struct qun_table *out, int window,
	struct qun_span key, const struct qun_cell *cell)
{
	bool level = ((const struct qun_funnel_conf *)ctx->conf)->table == FUNNEL_TABLE_LEVELS;
	__int128 times = level ? 1 : qun_cell_sum(cell, 0);
	struct qun_buf group = {0}, user = {0}, id = {0};
	int rc = 0;

	while (rc == 0 && times-- > 0) {
		struct qun_reader in = qun_reader_of(key);

		put_window(ctx, out, window);
		rc = level ? 0 : put_by(ctx, out, &in);
		if (rc < 0 || (rc = qun_unkey_text(&in, &group)) < 0 ||
			(rc = qun_unkey_text(&in, &user)) < 0 ||
			(rc = qun_unkey_text(&in, &id)) < 0)
			break;
		if (has_group_column(ctx))
			qun_put_text(out, qun_buf_span(&group));
		qun_put_text(out, qun_buf_span(&user));
		if (level) {
			qun_put_int(out, qun_cell_sum(cell, 0));
			qun_put_int(out, qun_cell_sum(cell, 1));
		} else {
			rc = put_listed_row(ctx, out, &in, cell);
		}
		if (rc == 0)
			rc = qun_row_end(out);
	}
	qun_buf_release(&group);
	qun_buf_release(&user);
	qun_buf_release(&id);
	return rc;
}

/* Without --by the rows are there even if nobody entered. */
static int put_all_steps(
	const struct qun_ctx *ctx, const struct qun_cube *report, struct qun_table *out)
{
	int rc = 0;

	for (int w = 0; rc == 0 && w < ((const struct qun_funnel_conf *)ctx->conf)->nwindow; w++) {
		const char key[] = {FUNNEL_STEPS_KEY, (char)(FUNNEL_WINDOW_KEY + w), '\0'};

		rc = put_steps(ctx, out, w, (struct qun_span){NULL, 0},
			qun_cube_find(report, qun_span_of(key)));
	}
	return rc;
}

static int put_cells(const struct qun_ctx *ctx, const struct qun_cube *report, struct qun_table *out)
{
	bool list = ((const struct qun_funnel_conf *)ctx->conf)->table != FUNNEL_TABLE_STEPS;
	uint32_t *order = NULL;
	int rc = qun_cube_order(report, &order);

	for (size_t i = 0; rc == 0 && i < qun_cube_count(report); i++) {
		struct qun_span key = qun_cube_key(report, order[i]);
		const struct qun_cell *cell = qun_cube_at(report, order[i]);
		int window;

		if (key.len == 0)
			continue;
		window = key.ptr[1] - FUNNEL_WINDOW_KEY;
		key = (struct qun_span){key.ptr + 2, key.len - 2};
		rc = list ? put_list(ctx, out, window, key, cell)
			  : put_steps(ctx, out, window, key, cell);
	}
	free(order);
	return rc;
}

int qun_funnel_finish(const struct qun_ctx *ctx, const struct qun_cube *report,
	struct qun_table *out, struct qun_err *err)
{
	const struct qun_funnel_conf *c = ctx->conf;
	bool list = c->table != FUNNEL_TABLE_STEPS;
	int rc;

	(void)err;
	if (list)
		list_columns(ctx, out);
	else
		steps_columns(ctx, out);
	rc = list || ctx->run->by.n ? put_cells(ctx, report, out) : put_all_steps(ctx, report, out);
	return rc == 0 && c->windows ? name_windows(ctx, out) : rc;
}

int qun_funnel_notes(
	const struct qun_ctx *ctx, const struct qun_cube *report, struct qun_buf *lines)
{
	const struct qun_cell *cell = qun_cube_find(report, (struct qun_span){NULL, 0});
	const struct qun_funnel_conf *c = ctx->conf;
	__int128 refunds = qun_cell_sum(cell, FUNNEL_UNMATCHED);
	int rc = 0;

	if (qun_as_of(ctx) == INT64_MIN)
		return 0;
	for (int i = 0; rc == 0 && i < c->n; i++) {
		if (qun_cell_sum(cell, (uint32_t)i) == 0)
			rc = qun_buf_printf(lines, "step %d: nothing matches '%s'\n", i + 1,
				qun_pred_text(c->pred[i]));
	}
	if (rc == 0 && c->exclude && qun_cell_sum(cell, FUNNEL_EXCLUDE) == 0)
		rc = qun_buf_printf(lines, "--exclude: nothing matches '%s'\n", c->exclude);
	if (rc == 0 && refunds)
		rc = qun_buf_printf(lines, "%lld refund rows match no order and reduce nothing\n",
			(long long)refunds);
	return rc;
}
