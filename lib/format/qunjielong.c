/* Qunjielong (群接龙) orders, a row an item: 订单总金额 repeats, 商品金额 is the item's own. */
#include "text/restart.h"

enum { NUMBER };

static const struct qun_mapping map[] = {
	{"下单时间", QUN_F_TS},
	{"支付时间", QUN_F_TS},
	{"微信昵称", QUN_F_USER},
	{"收货人", QUN_F_USER},
	{"联系电话", QUN_F_USER},
	{"微信昵称", QUN_F_NAME},
	{"收货人", QUN_F_NAME},
	{"商品金额", QUN_F_AMOUNT},
	{"商品名称", QUN_F_PRODUCT},
	{"数量", QUN_F_QTY},
	{"订单状态", QUN_F_STATUS},
	{"接龙号", QUN_F_RAW + NUMBER},
	{"下单序号", QUN_F_RAW + NUMBER},
	{NULL, 0},
};

static int recognise(const struct qun_sample *s)
{
	static const char *const header[] = {"接龙号", "订单总金额", "商品金额", NULL};

	return s->container == QUN_CSV && qun_sample_has(s, header) ? 90 : 0;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	int rc = qun_restart_number(hook, ev, (struct qun_span){0}, hook->raw[NUMBER].s);

	return rc < 0 ? rc : hook->emit(hook, ev);
}

const struct qun_format qun_format_qunjielong = {
	.name = "qunjielong",
	.brief = "Qunjielong (群接龙) orders CSV, a row an item",
	.containers = QUN_CSV,
	.recognise = recognise,
	.map = map,
	.header = "下单序号,接龙号,收货人,联系电话,商品名称,商品编码,规格,数量,商品金额,订单总金额,"
		"下单时间,省,市,收货地址,团长ID",
	.type = "order",
	.name_is_id = true,
	.short_rows = true,
	.event = event,
};
