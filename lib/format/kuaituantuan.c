/* Kuaituantuan (快团团) orders, a row an order. 跟团号 starts again with every 团; unpaid rows have no time. */
#include "text/restart.h"

enum { NUMBER, ROUND };

static const struct qun_mapping map[] = {
	{"支付时间", QUN_F_TS},
	{"下单人", QUN_F_USER},
	{"联系电话", QUN_F_USER},
	{"下单人", QUN_F_NAME},
	{"订单金额", QUN_F_AMOUNT},
	{"商品", QUN_F_PRODUCT},
	{"订单状态", QUN_F_STATUS},
	{"退款金额", QUN_F_REFUND},
	{"订单退款", QUN_F_REFUND},
	{"跟团号", QUN_F_RAW + NUMBER},
	{"团号", QUN_F_RAW + ROUND},
	{"团", QUN_F_RAW + ROUND},
	{"团名", QUN_F_RAW + ROUND},
	{"团名称", QUN_F_RAW + ROUND},
	{"团购名称", QUN_F_RAW + ROUND},
	{"团购标题", QUN_F_RAW + ROUND},
	{NULL, 0},
};

static int recognise(const struct qun_sample *s)
{
	static const char *const orders[] = {"跟团号", "下单人", NULL};
	static const char *const goods[] = {"跟团号", "商品", "规格", NULL};

	return s->container == QUN_CSV && (qun_sample_has(s, orders) || qun_sample_has(s, goods)) ? 90 : 0;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	if (ev->ts == QUN_NEVER)
		return 0;
	int rc = qun_restart_number(hook, ev, hook->raw[ROUND].s, hook->raw[NUMBER].s);
	return rc < 0 ? rc : hook->emit(hook, ev);
}

const struct qun_format qun_format_kuaituantuan = {
	.name = "kuaituantuan",
	.brief = "Kuaituantuan (快团团) orders CSV",
	.containers = QUN_CSV,
	.recognise = recognise,
	.map = map,
	.header = "跟团号,下单人,团员备注,支付时间,团长备注,商品,订单金额,订单状态,自提点,收货人,"
		"联系电话,详细地址",
	.type = "order",
	.untimed = "this sheet of Kuaituantuan holds goods or parcels without times of payment; export the sheet "
		"of orders (with 支付时间), or give all its rows one time with --set ts=TIME",
	.timeless = true,
	.name_is_id = true,
	.short_rows = true,
	.event = event,
};
