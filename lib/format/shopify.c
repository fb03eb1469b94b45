/*
 * Shopify orders_export.csv. Further items of an order are rows that repeat its number only; amount,
 * status and times stand on the first.
 */
#include "text/basket.h"

#include "qun/num.h"

enum { STATUS, TOTAL, REFUNDED, PRICE, QTY };

static const struct qun_mapping map[] = {
	{"Paid at", QUN_F_TS},
	{"Created at", QUN_F_TS},
	{"Email", QUN_F_USER},
	{"Phone", QUN_F_USER},
	{"Billing Phone", QUN_F_USER},
	{"Billing Name", QUN_F_USER},
	{"Shipping Name", QUN_F_USER},
	{"Billing Name", QUN_F_NAME},
	{"Shipping Name", QUN_F_NAME},
	{"Name", QUN_F_ORDER_ID},
	{"Total", QUN_F_AMOUNT},
	{"Lineitem name", QUN_F_PRODUCT},
	{"Lineitem quantity", QUN_F_QTY},
	{"Source", QUN_F_SOURCE},
	{"Financial Status", QUN_F_RAW + STATUS},
	{"Total", QUN_F_RAW + TOTAL},
	{"Refunded Amount", QUN_F_RAW + REFUNDED},
	{"Lineitem price", QUN_F_RAW + PRICE},
	{"Lineitem quantity", QUN_F_RAW + QTY},
	{NULL, 0},
};

static int recognise(const struct qun_sample *s)
{
	static const char *const header[] = {"Financial Status", "Lineitem name", NULL};

	return s->container == QUN_CSV && qun_sample_has(s, header) ? 90 : 0;
}

static enum qun_basket_row row_of(struct qun_span status, struct qun_span total)
{
	static const char *const unpaid[] = {"pending", "voided", "expired", "authorized", "unpaid"};

	if (!status.len && !total.len)
		return QUN_BASKET_ITEM;
	for (size_t i = 0; i < sizeof(unpaid) / sizeof(*unpaid); i++) {
		if (qun_span_is(status, unpaid[i]))
			return QUN_BASKET_NONE;
	}
	return QUN_BASKET_ORDER;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	const struct qun_cell_in *raw = hook->raw;
	struct qun_span status = qun_span_trim(raw[STATUS].s);
	enum qun_basket_row row = row_of(status, qun_span_trim(raw[TOTAL].s));
	int64_t refund = 0;

	if (!ev->field[QUN_F_ORDER_ID].len)
		return hook->bad(hook, "order", "Name", "a row without the number of its order");
	if (row == QUN_BASKET_ORDER && ev->ts == QUN_NEVER)
		return hook->bad(hook, "time", "Created at", "an order without a time");
	if (qun_money_parse(raw[REFUNDED].s, &refund) != 1 || refund == INT64_MIN)
		refund = 0;
	refund = refund < 0 ? -refund : refund;
	if (!refund && qun_span_is(status, "refunded") && ev->has_amount)
		refund = ev->amount;
	return qun_basket_put(hook, hook->memory, ev, row, qun_basket_weight(raw[PRICE].s, raw[QTY].s), refund);
}

static int end(struct qun_hook *hook)
{
	return qun_basket_end(hook, hook->memory);
}

static void release(void *memory)
{
	qun_basket_release(memory);
}

const struct qun_format qun_format_shopify = {
	.name = "shopify",
	.brief = "Shopify orders CSV (orders_export.csv)",
	.containers = QUN_CSV,
	.recognise = recognise,
	.map = map,
	.header = "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Currency,"
		"Subtotal,Shipping,Taxes,Total,Shipping Method,Created at,Lineitem quantity,"
		"Lineitem name,Lineitem price",
	.type = "order",
	.time = QUN_TIME_YMD,
	.timeless = true,
	.memory_size = sizeof(struct qun_basket),
	.event = event,
	.end = end,
	.release = release,
};
