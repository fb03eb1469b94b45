/* Orders of any shop, by the aliases of their columns. */
#include "text/guess.h"

/* Surer than the canonical formats: an order file often names a time and a person as well. */
static int recognise(const struct qun_sample *s)
{
	if (!qun_guess_has(s, QUN_F_ORDER_ID) || qun_guess_has(s, QUN_F_TEXT) ||
		qun_guess_has(s, QUN_F_TYPE))
		return 0;
	return qun_guess_has(s, QUN_F_AMOUNT) || qun_guess_has(s, QUN_F_STATUS) ? 50 : 0;
}

const struct qun_format qun_format_orders = {
	.name = "orders",
	.brief = "orders of any shop (CSV or JSON) with known column names",
	.containers = QUN_CSV | QUN_JSON,
	.recognise = recognise,
	.type = "order",
};
