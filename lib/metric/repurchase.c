/*
 * repurchase: how many buyers buy again. A person is his order rows. What one --by value (and one
 * group for unit member) holds of his orders makes him a buyer there, and a buyer is added to the
 * cell of each period he buys in.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "metric/list.h"
#include "metric/repurchase/rebuy.h"
#include "qun/metric.h"
#include "qun/roster.h"
#include "qun/stat.h"

enum { MAX_WITHIN = 16, MAX_WITHIN_DAYS = 36500, COLLAPSE_DAY = 1 };

struct conf {
	const char *period, *within;
	int collapse;
	struct qun_rebuy_conf rebuy;
	/* made by setup */
	struct qun_period unit;
	int64_t within_days[MAX_WITHIN];
	size_t nwithin;
	bool by_source; /* rule R is needed */
};

/* Sums of a cell; AGAIN + 2i and the next one belong to the i-th --within. */
enum {
	BUYERS,
	ORDERS,
	REPEAT_BUYERS,
	REPEAT_ORDERS,
	NEW_BUYERS,
	NEXT_BUYERS,
	GROSS,
	NET,
	REPEAT_NET,
	UNKNOWN,
	AGAIN
};
enum { GAPS }; /* bags of a cell */

static int parse_within(struct conf *c, struct qun_err *err)
{
	struct qun_span rest = qun_span_of(c->within), item;
	int64_t days;

	while (qun_list_cut(&rest, &item)) {
		if (!qun_int_parse(item, &days) || days < 1 || days > MAX_WITHIN_DAYS ||
			c->nwithin == MAX_WITHIN)
			return qun_fail(err, QUN_EUSAGE,
				"--within: cannot use '%s' (expected up to %d numbers of days, "
				"e.g. 30,60,90)",
				c->within, MAX_WITHIN);
		for (size_t i = 0; i < c->nwithin; i++) {
			if (c->within_days[i] == days)
				return qun_fail(err, QUN_EUSAGE, "--within: '%lld' is given twice",
					(long long)days);
		}
		c->within_days[c->nwithin++] = days;
	}
	return 0;
}

static int setup(struct qun_run *run, void *conf, struct qun_err *err)
{
	struct conf *c = conf;
	int rc = qun_period_parse(&c->unit, c->period, true, err);

	if (rc == 0 && c->within)
		rc = parse_within(c, err);
	if (rc == 0)
		rc = qun_rebuy_setup(&c->rebuy, err);
	if (rc == 0 && c->rebuy.kind != REBUY_NONE && (c->within || c->unit.unit != QUN_ALL))
		rc = qun_fail(err, QUN_EUSAGE,
			"--%s belongs to the main table, not to --ladder, --gaps, --rfm or --clv",
			c->within ? "within" : "period");
	run->names = c->rebuy.kind == REBUY_RFM;
	/* What ties of rows are decided by. */
	run->rare |= QUN_TIE_FIELDS;
	for (int i = 0; rc == 0 && i < run->by.n; i++) {
		int field = run->by.field[i];

		c->by_source |= field == QUN_F_SOURCE;
		if (field < QUN_NFIELDS)
			run->needs |= QUN_BIT(field);
		if (!qun_deal_field(field))
			rc = qun_fail(err, QUN_EUSAGE,
				"--by %s: orders cannot be told apart by it (use group, source, "
				"role, product or a column of the input)",
				run->by.name[i]);
	}
	if (!c->by_source)
		run->idle = ~(UINT32_C(1) << QUN_ORDER | UINT32_C(1) << QUN_REFUND);
	return rc;
}

struct person {
	struct qun_ledger ledger;
	QUN_SLOTS(struct qun_member_slot) * in; /* for --by source; NULL: in no group */
};

static const struct qun_slots nowhere;

/* Made if there are none; NULL: no memory. */
static struct qun_slots *slots_of(struct person *p)
{
	if (!p->in)
		p->in = calloc(1, sizeof(*p->in));
	return p->in ? &p->in->slots : NULL;
}

static int add(const struct qun_ctx *ctx, void *person, const struct qun_event *ev)
{
	const struct conf *c = ctx->conf;
	struct person *p = person;
	struct qun_member_slot *slot;
	struct qun_slots *in;

	if (ev->type == QUN_ORDER || ev->type == QUN_REFUND)
		return qun_ledger_add(ctx, &p->ledger, ev);
	if (!c->by_source || (ev->type != QUN_JOIN && ev->type != QUN_LEAVE && !qun_type_is_presence(ev->type)))
		return 0;
	in = slots_of(p);
	slot = in ? qun_slot(in, ev->group, sizeof(*slot)) : NULL;
	return slot ? qun_member_add(ctx, &slot->member, ev) : QUN_ENOMEM;
}

static int merge(const struct qun_ctx *dctx, void *dst, const struct qun_ctx *sctx, const void *src)
{
	struct person *to = dst;
	const struct person *from = src;
	int rc = qun_ledger_merge(dctx, &to->ledger, sctx, &from->ledger);

	if (rc < 0 || !from->in)
		return rc;
	return slots_of(to) ? qun_slots_merge(&qun_member_slots, dctx, &to->in->slots, sctx, &from->in->slots)
			    : QUN_ENOMEM;
}

static int save(const struct qun_ctx *ctx, void *person, struct qun_buf *out)
{
	struct person *p = person;
	int rc = qun_ledger_save(ctx, &p->ledger, out);

	return rc < 0 ? rc : qun_slots_save(&qun_member_slots, ctx, p->in ? &p->in->slots : &nowhere, out);
}

static void release(void *person)
{
	struct person *p = person;

	if (p->in)
		qun_slots_clear(&qun_member_slots, &p->in->slots);
	free(p->in);
	p->in = NULL;
}

static int load(const struct qun_ctx *ctx, void *person, struct qun_reader *in)
{
	struct person *p = person;
	int rc = qun_ledger_load(ctx, &p->ledger, in);

	if (rc == 0)
		rc = slots_of(p) ? qun_slots_load(&qun_member_slots, ctx, &p->in->slots, in) : QUN_ENOMEM;
	if (rc == 0 && !p->in->slots.n)
		release(p);
	return rc;
}

/* N-day blocks begin with the first day of the range, else of the input. */
static struct qun_period period_of_run(const struct qun_ctx *ctx)
{
	const struct conf *c = ctx->conf;
	const struct qun_run *run = ctx->run;
	struct qun_period period = c->unit;

	if (period.unit == QUN_BY_NDAYS)
		period.horizon = qun_cal_day(
			&run->cal, run->since != INT64_MIN ? run->since : ctx->heads->all.first);
	return period;
}

/* Period of a deal; for `all` that is before (-1), in (0) or after (1) the range. */
static int64_t period_of_deal(
	const struct qun_run *run, const struct qun_period *period, const struct qun_deal *d)
{
	if (period->unit == QUN_ALL)
		return d->ts < run->since ? -1 : !qun_in_range(run, d->ts);
	return qun_period_of_day(&run->cal, period, d->day);
}

static bool is_reported(const struct qun_run *run, const struct qun_period *period, int64_t p)
{
	return period->unit == QUN_ALL ? p == 0
				       : qun_in_range(run, qun_period_start(&run->cal, period, p));
}

static int add_again(
	const struct qun_ctx *ctx, struct qun_cell *cell, const struct qun_deal *d, size_t n)
{
	const struct conf *c = ctx->conf;
	int64_t as_of = qun_as_of(ctx);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < c->nwithin; i++) {
		int64_t end = d[0].ts + c->within_days[i] * QUN_DAY;

		if (end > as_of)
			continue;
		rc = qun_cell_add(cell, AGAIN + 2 * (uint32_t)i, 1);
		if (rc == 0 && n > 1 && d[1].ts <= end)
			rc = qun_cell_add(cell, AGAIN + 2 * (uint32_t)i + 1, 1);
	}
	return rc;
}

/* Adds the k-th order of a buyer to the sums of its period. */
static int add_order(struct qun_cell *cell, const struct qun_deal *d, size_t k)
{
	int rc = qun_cell_add(cell, ORDERS, 1);

	if (rc == 0)
		rc = qun_cell_add(cell, UNKNOWN, !d[k].known);
	if (rc == 0)
		rc = qun_cell_add(cell, GROSS, d[k].gross);
	if (rc == 0)
		rc = qun_cell_add(cell, NET, d[k].net);
	if (rc < 0 || k == 0)
		return rc;
	rc = qun_cell_add(cell, REPEAT_ORDERS, 1);
	if (rc == 0)
		rc = qun_cell_add(cell, REPEAT_NET, d[k].net);
	return rc < 0 ? rc : qun_cell_put(cell, GAPS, d[k].day - d[k - 1].day);
}

/* Adds a buyer to every reported period he buys in; d are his n orders, key the --by values. seen: he was
 * there before the log, and is new in none. */
static int add_buyer(const struct qun_ctx *ctx, struct qun_cube *report, struct qun_buf *key,
	const struct qun_deal *d, size_t n, bool seen)
{
	struct qun_period period = period_of_run(ctx);
	size_t prefix = key->len;
	int rc = 0;

	for (size_t from = 0, to; rc == 0 && from < n; from = to) {
		int64_t p = period_of_deal(ctx->run, &period, &d[from]);
		struct qun_cell *cell;

		for (to = from + 1; to < n && period_of_deal(ctx->run, &period, &d[to]) == p;)
			to++;
		if (!is_reported(ctx->run, &period, p))
			continue;
		key->len = prefix;
		rc = qun_key_int(key, p);
		if (rc < 0)
			break;
		cell = qun_cube_cell(report, qun_buf_span(key));
		rc = cell ? qun_cell_add(cell, BUYERS, 1) : QUN_ENOMEM;
		if (rc == 0)
			rc = qun_cell_add(cell, REPEAT_BUYERS, to - from >= 2);
		if (rc == 0)
			rc = qun_cell_add(cell, NEW_BUYERS, from == 0 && !seen);
		if (rc == 0)
			rc = qun_cell_add(cell, NEXT_BUYERS,
				to < n && period_of_deal(ctx->run, &period, &d[to]) == p + 1);
		for (size_t k = from; rc == 0 && k < to; k++)
			rc = add_order(cell, d, k);
		if (rc == 0 && from == 0 && !seen)
			rc = add_again(ctx, cell, d, n);
	}
	return rc;
}

static int fold(
	const struct qun_ctx *ctx, struct qun_cube *report, const struct qun_who *who, void *person)
{
	const struct conf *c = ctx->conf;
	struct person *p = person;
	struct qun_orders orders = {0};
	struct qun_deals deals = {0};
	struct qun_buf key = {0};
	int rc;

	if (who->staff || who->bot)
		return 0;
	rc = qun_orders_of(ctx, &p->ledger, &orders);
	if (rc == 0)
		rc = qun_deals_of(ctx, who, &orders, p->in ? &p->in->slots : &nowhere,
			c->collapse == COLLAPSE_DAY || c->rebuy.clv, &deals);
	for (size_t from = 0, to; rc == 0 && from < deals.n; from = to) {
		const struct qun_deal *d = &deals.v[from];

		for (to = from + 1; to < deals.n && qun_deal_same_buyer(d, &deals.v[to]);)
			to++;
		qun_buf_clear(&key);
		for (int i = 0; rc == 0 && i < ctx->run->by.n; i++)
			rc = qun_key_text(&key, qun_deal_by(ctx, who, d, i));
		if (rc == 0)
			rc = c->rebuy.kind == REBUY_NONE
				     ? add_buyer(ctx, report, &key, d, to - from,
					       qun_staff_has(ctx->run->seen, who->user))
				     : qun_rebuy_fold(ctx, &c->rebuy, report, who, &key, d,
					       to - from);
	}
	if (rc == 0)
		rc = qun_deal_note(report, &orders);
	qun_buf_release(&key);
	qun_deals_release(&deals);
	qun_orders_release(&orders);
	return rc;
}

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
	const struct conf *c = ctx->conf;
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
	__int128 buyers = qun_cell_sum(cell, BUYERS), orders = qun_cell_sum(cell, ORDERS);
	__int128 returning = buyers - qun_cell_sum(cell, NEW_BUYERS);

	qun_put_int(out, buyers);
	qun_put_int(out, orders);
	qun_put_int(out, qun_cell_sum(cell, REPEAT_BUYERS));
	qun_put_wilson(out, qun_cell_sum(cell, REPEAT_BUYERS), buyers, z);
	qun_put_int(out, qun_cell_sum(cell, REPEAT_ORDERS));
	qun_put_fraction(out, qun_cell_sum(cell, REPEAT_ORDERS), orders);
	qun_put_int(out, qun_cell_sum(cell, NEW_BUYERS));
	qun_put_int(out, returning);
	qun_put_wilson(out, returning, buyers, z);
	if (next_complete) {
		qun_put_int(out, buyers);
		qun_put_int(out, qun_cell_sum(cell, NEXT_BUYERS));
		qun_put_wilson(out, qun_cell_sum(cell, NEXT_BUYERS), buyers, z);
	} else {
		for (int i = 0; i < 5; i++)
			qun_put_null(out);
	}
	qun_put_fraction(out, orders, buyers);
}

static int put_money(struct qun_table *out, const struct qun_cell *cell)
{
	__int128 net = qun_cell_sum(cell, NET), units;

	if (qun_cell_sum(cell, UNKNOWN)) {
		for (int i = 0; i < 4; i++)
			qun_put_null(out);
		return 0;
	}
	if (__builtin_mul_overflow(qun_cell_sum(cell, ORDERS), (__int128)QUN_MONEY_UNIT, &units))
		return QUN_EOVERFLOW;
	qun_put_int(out, qun_cell_sum(cell, GROSS));
	qun_put_int(out, net);
	qun_put_fraction(out, qun_cell_sum(cell, REPEAT_NET), net);
	qun_put_fraction(out, net, units);
	return 0;
}

/* Everything after the period. */
static int put_cells(const struct qun_ctx *ctx, struct qun_table *out, const struct qun_cell *cell,
	const struct qun_period *period, int64_t p, bool truncated)
{
	const struct conf *c = ctx->conf;
	const struct qun_cal *cal = &ctx->run->cal;
	bool all = period->unit == QUN_ALL;
	const int64_t *gaps;
	size_t n;
	int rc;

	put_people(ctx, out, cell, !all && qun_period_end(cal, period, p + 1) <= qun_as_of(ctx));
	rc = put_money(out, cell);
	if (rc < 0)
		return rc;
	gaps = qun_cell_bag(cell, GAPS, &n);
	if (n)
		qun_put_int(out, qun_quantile(gaps, n, 1, 2));
	else
		qun_put_null(out);
	for (uint32_t i = 0; i < c->nwithin; i++) {
		__int128 base = qun_cell_sum(cell, AGAIN + 2 * i);
		__int128 again = qun_cell_sum(cell, AGAIN + 2 * i + 1);

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
	struct qun_period period = period_of_run(ctx);
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

static int finish(const struct qun_ctx *ctx, const struct qun_cube *report, struct qun_table *out,
	struct qun_err *err)
{
	const struct conf *c = ctx->conf;
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

static const char *const definition[] = {
	"repeat_rate = repeat_buyers / buyers; repeat_buyers: buyers with 2 orders or more in the period",
	"repeat_order_rate = repeat_orders / orders; repeat_orders: those that are not their buyer's first in the log",
	"returning_rate = returning_buyers / buyers; returning_buyers: buyers who bought before the period",
	"next_rate = next_buyers / next_base; next_base = buyers; next_buyers: those who buy in the next period as well",
	"net = gmv - refunds; aov = net / orders; repeat_net_share = net of the repeat_orders / net",
	"lo, hi: Wilson's interval of repeat_rate, returning_lo and the like of the rate of that name",
	"--seen: who is on that list bought before: he is new nowhere, and nothing is truncated",
	"--within: again_Nd_rate = again_Nd / again_Nd_base: new buyers whose N days have ended by A, and those who bought again in them",
	NULL,
};

static const char *const examples[] = {
	"repurchase orders.csv                      # share of buyers who bought again",
	"repurchase --period month --by group *.csv # month by month, each group by itself",
	"repurchase --within 30,60,90 orders.csv    # a second order within N days of the first",
	NULL,
};

#define AT(field) offsetof(struct conf, field)

static const struct qun_option options[] = {
	{"period", 0, QUN_OPT_TEXT, "PERIOD", "all", NULL, 0, 0,
		"one row a period: day, week, month, quarter, year, Nd, or all", AT(period), false},
	{"within", 0, QUN_OPT_TEXT, "DAYS,...", NULL, NULL, 0, 0,
		"of the new buyers, those with a second order within DAYS, e.g. 30,60,90",
		AT(within), false},
	{"collapse", 0, QUN_OPT_WORD, "HOW", "none", "none|day", 0, 0,
		"count a buyer's orders of one day once (day)", AT(collapse), false},
	{"ladder", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0,
		"instead: of those with n orders, how many place one more", AT(rebuy.ladder),
		false},
	{"gaps", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0,
		"instead: how many days lie between two orders", AT(rebuy.gaps), false},
	{"rfm", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0,
		"instead: each buyer's scores of recency, frequency and money", AT(rebuy.rfm),
		false},
	{"bins", 0, QUN_OPT_INT, "N", "5", NULL, 2, REBUY_MAX_BINS,
		"scores of --rfm go from 1 to N", AT(rebuy.bins), false},
	{"cuts", 0, QUN_OPT_SHEET, "FILE", NULL, NULL, 0, 0,
		"scores of --rfm by fixed limits: CSV score,recency_days,frequency,monetary",
		AT(rebuy.cuts), false},
	{"clv", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0,
		"instead: each buyer's chance of being alive and orders to expect (BG/NBD)",
		AT(rebuy.clv), false},
	{"params", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0,
		"with --clv, the parameters of the model instead of the buyers", AT(rebuy.params),
		false},
	{0},
};

const struct qun_metric qun_metric_repurchase = {
	.name = "repurchase",
	.brief = "How many buyers buy again?",
	.definition = definition,
	.examples = examples,
	.options = options,
	.flags = QUN_METRIC_ALL_ORDERS | QUN_METRIC_NAMES | QUN_METRIC_SEEN,
	.conf_size = sizeof(struct conf),
	.setup = setup,
	.person_size = sizeof(struct person),
	.add = add,
	.merge = merge,
	.save = save,
	.load = load,
	.release = release,
	.fold = fold,
	.finish = finish,
	.notes = qun_deal_notes,
};
