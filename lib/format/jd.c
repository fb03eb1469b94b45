/* JD (京东) orders: a row an item, with the amount of the whole order on each. */
#include "text/basket.h"

enum { PRICE, QTY };

static const struct qun_mapping map[] = {
	{"下单时间", QUN_F_TS},
	{"客户姓名", QUN_F_USER},
	{"联系电话", QUN_F_USER},
	{"客户姓名", QUN_F_NAME},
	{"订单号", QUN_F_ORDER_ID},
	{"订单金额", QUN_F_AMOUNT},
	{"商品名称", QUN_F_PRODUCT},
	{"订购数量", QUN_F_QTY},
	{"京东价", QUN_F_RAW + PRICE},
	{"订购数量", QUN_F_RAW + QTY},
	{NULL, 0},
};

static int recognise(const struct qun_sample *s)
{
	static const char *const header[] = {"订单号", "订单金额", "京东价", NULL};

	return s->container == QUN_CSV && qun_sample_has(s, header) ? 90 : 0;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	const struct qun_cell_in *raw = hook->raw;

	if (!ev->field[QUN_F_ORDER_ID].len)
		return hook->emit(hook, ev);
	return qun_basket_put(hook, hook->memory, ev, QUN_BASKET_ORDER, qun_basket_weight(raw[PRICE].s, raw[QTY].s), 0);
}

static int end(struct qun_hook *hook)
{
	return qun_basket_end(hook, hook->memory);
}

static void release(void *memory)
{
	qun_basket_release(memory);
}

const struct qun_format qun_format_jd = {
	.name = "jd",
	.brief = "JD (京东) orders CSV",
	.containers = QUN_CSV,
	.recognise = recognise,
	.map = map,
	.header = "订单号,商品ID,商品名称,订购数量,下单时间,订单金额,客户姓名,客户地址,联系电话,"
		"京东价",
	.type = "order",
	.name_is_id = true,
	.memory_size = sizeof(struct qun_basket),
	.event = event,
	.end = end,
	.release = release,
};
