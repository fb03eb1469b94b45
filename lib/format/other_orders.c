/*
 * Order files that the names of their columns do not explain: numbers that start again with every
 * 团, the amount of a whole order on each of its rows, rows that complete the one above, times in
 * another zone. Read by name they would give wrong sums, so they are refused.
 */
#include "qun/format.h"

enum { MARKS = 3 };

static const char *const shops[][MARKS + 1] = {
	{"跟团号", "下单人"},                                 /* Kuaituantuan */
	{"订单号", "订单金额", "京东价"},                     /* JD */
	{"接龙号", "订单总金额", "商品金额"},                 /* Qunjielong by item */
	{"Financial Status", "Lineitem name"},                /* Shopify */
	{"Created (UTC)", "Amount", "Amount Refunded"},       /* Stripe */
};

static int recognise(const struct qun_sample *s)
{
	for (size_t i = 0; i < sizeof(shops) / sizeof(*shops); i++) {
		if (qun_sample_has(s, shops[i]))
			return 60;
	}
	return 0;
}

const struct qun_format qun_format_other_orders = {
	.name = "other-orders",
	.brief = "orders of Kuaituantuan (快团团), JD, Qunjielong, Shopify and Stripe: refused",
	.containers = QUN_CSV,
	.recognise = recognise,
	.refuse = "this shop's order file needs rules of its own that are not there yet (order numbers that "
		"start again, amounts repeated on each row of an order, times in UTC); convert it to CSV with the "
		"columns ts,user,order_id,amount,product and one row an item, and read it with --set type=order",
};
