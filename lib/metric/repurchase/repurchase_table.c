/* repurchase's main table: a row for each period and --by value. */
#include <stdlib.h>

#include "metric/repurchase/repurchase.h"
#include "qun/roster.h"
#include "qun/stat.h"

static int add_columns(const struct qun_ctx *ctx, struct qun_table *out)
{
	static const struct qun_column column[] = {
		{"period", QUN_K_TEXT, QUN_COL_KEY},
		{"buyers", QUN_K_INT, QUN_COL_PEOPLE | QUN_COL_BASE},
		{"orders", QUN_K_INT, 0},
		{"repeat_buyers", QUN_K_INT, QUN_COL_PEOPLE},
		{"repeat_rate", QUN_K_RATE, QUN_COL_MAIN},
		{"lo", QUN_K_BOUND, 0},
		{"hi", QUN_K_BOUND, 0},
		{"repeat_orders", QUN_K_INT, 0},
		{"repeat_order_rate", QUN_K_RATE, 0},
		{"new_buyers", QUN_K_INT, QUN_COL_PEOPLE},
		{"returning_buyers", QUN_K_INT, QUN_COL_PEOPLE},
		{"returning_rate", QUN_K_RATE, 0},
		{"returning_lo", QUN_K_BOUND, 0},
		{"returning_hi", QUN_K_BOUND, 0},
		{"next_base", QUN_K_INT, QUN_COL_PEOPLE},
		{"next_buyers", QUN_K_INT, QUN_COL_PEOPLE},
		{"next_rate", QUN_K_RATE, 0},
		{"next_lo", QUN_K_BOUND, 0},
		{"next_hi", QUN_K_BOUND, 0},
		{"orders_per_buyer", QUN_K_REAL, 0},
		{"gmv", QUN_K_MONEY, 0},
		{"net", QUN_K_MONEY, 0},
		{"repeat_net_share", QUN_K_RATE, 0},
		{"aov", QUN_K_REAL, 0},
		{"median_gap_days", QUN_K_INT, 0},
	};
	static const struct qun_column again[] = {
		{"_base", QUN_K_INT, QUN_COL_PEOPLE},
		{"", QUN_K_INT, QUN_COL_PEOPLE},
		{"_rate", QUN_K_RATE, 0},
		{"_lo", QUN_K_BOUND, 0},
		{"_hi", QUN_K_BOUND, 0},
	};
	const struct qun_repurchase_conf *c = ctx->conf;
	struct qun_buf name = {0};
	int rc = 0;

	for (int i = 0; i < ctx->run->by.n; i++)
		qun_table_column(out, ctx->run->by.name[i], QUN_K_TEXT, QUN_COL_KEY);
	for (size_t i = 0; i < sizeof(column) / sizeof(*column); i++)
		qun_table_column(out, column[i].name, column[i].kind, column[i].flags);
	for (size_t i = 0; rc == 0 && i < c->nwithin; i++) {
		for (size_t k = 0; rc == 0 && k < sizeof(again) / sizeof(*again); k++) {
			qun_buf_clear(&name);
			rc = qun_buf_printf(&name, "again_%lldd%s%c", (long long)c->within_days[i],
				again[k].name, '\0');
			if (rc == 0)
				qun_table_column(out, name.ptr, again[k].kind, again[k].flags);
		}
	}
	qun_buf_release(&name);
	qun_table_column(out, "complete", QUN_K_FLAG, QUN_COL_COMPLETE);
	qun_table_column(out, "truncated", QUN_K_FLAG, 0);
	return rc < 0 ? rc : out->err;
}

static void put_people(const struct qun_ctx *ctx, struct qun_table *out,
	const struct qun_cell *cell, bool next_complete)
{
	double z = ctx->run->z;
	__int128 buyers = qun_cell_sum(cell, REPURCHASE_BUYERS), orders = qun_cell_sum(cell, REPURCHASE_ORDERS);
	__int128 returning = buyers - qun_cell_sum(cell, REPURCHASE_NEW_BUYERS);

	qun_put_int(out, buyers);
	qun_put_int(out, orders);
	qun_put_int(out, qun_cell_sum(cell, REPURCHASE_REPEAT_BUYERS));
	qun_put_wilson(out, qun_cell_sum(cell, REPURCHASE_REPEAT_BUYERS), buyers, z);
	qun_put_int(out, qun_cell_sum(cell, REPURCHASE_REPEAT_ORDERS));
	qun_put_fraction(out, qun_cell_sum(cell, REPURCHASE_REPEAT_ORDERS), orders);
	qun_put_int(out, qun_cell_sum(cell, REPURCHASE_NEW_BUYERS));
	qun_put_int(out, returning);
	qun_put_wilson(out, returning, buyers, z);
	if (next_complete) {
		qun_put_int(out, buyers);
		qun_put_int(out, qun_cell_sum(cell, REPURCHASE_NEXT_BUYERS));
		qun_put_wilson(out, qun_cell_sum(cell, REPURCHASE_NEXT_BUYERS), buyers, z);
	} else {
		for (int i = 0; i < 5; i++)
			qun_put_null(out);
	}
	qun_put_fraction(out, orders, buyers);
}

static int put_money(struct qun_table *out, const struct qun_cell *cell)
{
	__int128 net = qun_cell_sum(cell, REPURCHASE_NET), units;

	if (qun_cell_sum(cell, REPURCHASE_UNKNOWN)) {
		for (int i = 0; i < 4; i++)
			qun_put_null(out);
		return 0;
	}
	if (__builtin_mul_overflow(qun_cell_sum(cell, REPURCHASE_ORDERS), (__int128)QUN_MONEY_UNIT, &units))
		return QUN_EOVERFLOW;
	qun_put_int(out, qun_cell_sum(cell, REPURCHASE_GROSS));
	qun_put_int(out, net);
	qun_put_fraction(out, qun_cell_sum(cell, REPURCHASE_REPEAT_NET), net);
	qun_put_fraction(out, net, units);
	return 0;
}

/* Everything after the period. */
static int put_cells(const struct qun_ctx *ctx, struct qun_table *out, const struct qun_cell *cell,
	const struct qun_period *period, int64_t p, bool truncated)
{
	const struct qun_repurchase_conf *c = ctx->conf;
	const struct qun_cal *cal = &ctx->run->cal;
	bool all = period->unit == QUN_ALL;
	const int64_t *gaps;
	size_t n;
	int rc;

	put_people(ctx, out, cell, !all && qun_period_end(cal, period, p + 1) <= qun_as_of(ctx));
	rc = put_money(out, cell);
	if (rc < 0)
		return rc;
	gaps = qun_cell_bag(cell, REPURCHASE_GAPS, &n);
	if (n)
		qun_put_int(out, qun_quantile(gaps, n, 1, 2));
	else
		qun_put_null(out);
	for (uint32_t i = 0; i < c->nwithin; i++) {
		__int128 base = qun_cell_sum(cell, REPURCHASE_AGAIN + 2 * i);
		__int128 again = qun_cell_sum(cell, REPURCHASE_AGAIN + 2 * i + 1);

		qun_put_int(out, base);
		qun_put_int(out, again);
		qun_put_wilson(out, again, base, ctx->run->z);
	}
	qun_put_int(out, all || qun_period_end(cal, period, p) <= qun_as_of(ctx));
	qun_put_int(out, truncated);
	return qun_row_end(out);
}

/* The first event of what the row's people are new to: the group's log, or the whole input. */
static int64_t log_start(const struct qun_ctx *ctx, struct qun_span group)
{
	if (!group.len || qun_span_is(group, "-"))
		return ctx->heads->all.first;
	return qun_head_of(ctx, qun_dict_find(ctx->groups, group)).first;
}

static int put_row(const struct qun_ctx *ctx, struct qun_table *out, struct qun_span key,
	const struct qun_cell *cell)
{
	const struct qun_run *run = ctx->run;
	struct qun_period period = qun_repurchase_period(ctx);
	struct qun_reader in = qun_reader_of(key);
	struct qun_buf text = {0};
	int64_t first = log_start(ctx, (struct qun_span){NULL, 0}), p = 0;
	int rc = 0;

	for (int i = 0; rc == 0 && i < run->by.n; i++) {
		rc = qun_unkey_text(&in, &text);
		if (rc < 0)
			break;
		if (run->by.field[i] == QUN_F_GROUP)
			first = log_start(ctx, qun_buf_span(&text));
		qun_put_text(out, qun_buf_span(&text));
	}
	if (rc == 0)
		rc = qun_unkey_int(&in, &p);
	qun_buf_clear(&text);
	if (rc == 0)
		rc = period.unit == QUN_ALL
			     ? qun_buf_add_text(&text, "all")
			     : qun_day_format(&text, qun_period_first_day(&run->cal, &period, p));
	if (rc == 0) {
		qun_put_text(out, qun_buf_span(&text));
		rc = put_cells(ctx, out, cell, &period, p,
			!run->seen && (period.unit == QUN_ALL ||
				qun_period_of(&run->cal, &period, first) == p));
	}
	qun_buf_release(&text);
	return rc;
}

/* `all` has its row even without orders, unless the input is empty. */
static int put_empty(const struct qun_ctx *ctx, struct qun_table *out)
{
	struct qun_buf key = {0};
	int rc = qun_key_int(&key, 0);

	if (rc == 0)
		rc = put_row(ctx, out, qun_buf_span(&key), NULL);
	qun_buf_release(&key);
	return rc;
}

int qun_repurchase_finish(const struct qun_ctx *ctx, const struct qun_cube *report, struct qun_table *out,
	struct qun_err *err)
{
	const struct qun_repurchase_conf *c = ctx->conf;
	uint32_t *order;
	int rc;

	if (c->rebuy.kind != REBUY_NONE)
		return qun_rebuy_finish(ctx, &c->rebuy, report, out, err);
	rc = add_columns(ctx, out);
	if (rc == 0)
		rc = qun_cube_order(report, &order);
	if (rc < 0)
		return rc;
	for (size_t i = 0; rc == 0 && i < qun_cube_count(report); i++) {
		struct qun_span key = qun_cube_key(report, order[i]);

		if (key.len)
			rc = put_row(ctx, out, key, qun_cube_at(report, order[i]));
	}
	free(order);
	if (rc == 0 && out->nrow == 0 && c->unit.unit == QUN_ALL && ctx->run->by.n == 0 &&
		qun_as_of(ctx) != INT64_MIN)
		rc = put_empty(ctx, out);
	return rc;
}
