/*
 * repurchase: how many buyers buy again. A person is his order rows. What one --by value (and one
 * group for unit member) holds of his orders makes him a buyer there, and a buyer is added to the
 * cell of each period he buys in.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/list.h"
#include "metric/repurchase/repurchase.h"
#include "qun/roster.h"
#include "qun/stat.h"

enum { MAX_WITHIN_DAYS = 36500, COLLAPSE_DAY = 1 };

static int parse_within(struct qun_repurchase_conf *c, struct qun_err *err)
{
	struct qun_span rest = qun_span_of(c->within), item;
	int64_t days;

	while (qun_list_cut(&rest, &item)) {
		if (!qun_int_parse(item, &days) || days < 1 || days > MAX_WITHIN_DAYS ||
			c->nwithin == REPURCHASE_WITHIN)
			return qun_fail(err, QUN_EUSAGE,
				"--within: cannot use '%s' (expected up to %d numbers of days, "
				"e.g. 30,60,90)",
				c->within, REPURCHASE_WITHIN);
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
	struct qun_repurchase_conf *c = conf;
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
	const struct qun_repurchase_conf *c = ctx->conf;
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
struct qun_period qun_repurchase_period(const struct qun_ctx *ctx)
{
	const struct qun_repurchase_conf *c = ctx->conf;
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
	const struct qun_repurchase_conf *c = ctx->conf;
	int64_t as_of = qun_as_of(ctx);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < c->nwithin; i++) {
		int64_t end = d[0].ts + c->within_days[i] * QUN_DAY;

		if (end > as_of)
			continue;
		rc = qun_cell_add(cell, REPURCHASE_AGAIN + 2 * (uint32_t)i, 1);
		if (rc == 0 && n > 1 && d[1].ts <= end)
			rc = qun_cell_add(cell, REPURCHASE_AGAIN + 2 * (uint32_t)i + 1, 1);
	}
	return rc;
}

/* Adds the k-th order of a buyer to the sums of its period. */
static int add_order(struct qun_cell *cell, const struct qun_deal *d, size_t k)
{
	int rc = qun_cell_add(cell, REPURCHASE_ORDERS, 1);

	if (rc == 0)
		rc = qun_cell_add(cell, REPURCHASE_UNKNOWN, !d[k].known);
	if (rc == 0)
		rc = qun_cell_add(cell, REPURCHASE_GROSS, d[k].gross);
	if (rc == 0)
		rc = qun_cell_add(cell, REPURCHASE_NET, d[k].net);
	if (rc < 0 || k == 0)
		return rc;
	rc = qun_cell_add(cell, REPURCHASE_REPEAT_ORDERS, 1);
	if (rc == 0)
		rc = qun_cell_add(cell, REPURCHASE_REPEAT_NET, d[k].net);
	return rc < 0 ? rc : qun_cell_put(cell, REPURCHASE_GAPS, d[k].day - d[k - 1].day);
}

/* Adds a buyer to every reported period he buys in; d are his n orders, key the --by values. seen: he was
 * there before the log, and is new in none. */
static int add_buyer(const struct qun_ctx *ctx, struct qun_cube *report, struct qun_buf *key,
	const struct qun_deal *d, size_t n, bool seen)
{
	struct qun_period period = qun_repurchase_period(ctx);
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
		rc = cell ? qun_cell_add(cell, REPURCHASE_BUYERS, 1) : QUN_ENOMEM;
		if (rc == 0)
			rc = qun_cell_add(cell, REPURCHASE_REPEAT_BUYERS, to - from >= 2);
		if (rc == 0)
			rc = qun_cell_add(cell, REPURCHASE_NEW_BUYERS, from == 0 && !seen);
		if (rc == 0)
			rc = qun_cell_add(cell, REPURCHASE_NEXT_BUYERS,
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
	const struct qun_repurchase_conf *c = ctx->conf;
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

#define AT(field) offsetof(struct qun_repurchase_conf, field)

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
	.conf_size = sizeof(struct qun_repurchase_conf),
	.setup = setup,
	.person_size = sizeof(struct person),
	.add = add,
	.merge = merge,
	.save = save,
	.load = load,
	.release = release,
	.fold = fold,
	.finish = qun_repurchase_finish,
	.notes = qun_deal_notes,
};
