/*
 * Alipay bill (支付宝账单), the old header and the new one, between prose and footer lines. A refund is
 * a column in the old one, and in the new one a row whose number begins with that of its order.
 */
#include "text/bill.h"
#include "text/kind.h"

#include <string.h>

enum { KIND, DIRECTION };

static const struct qun_mapping map[] = {
	{"交易时间", QUN_F_TS},
	{"付款时间", QUN_F_TS},
	{"交易创建时间", QUN_F_TS},
	{"交易对方", QUN_F_USER},
	{"对方账号", QUN_F_USER},
	{"交易对方", QUN_F_NAME},
	{"商品说明", QUN_F_PRODUCT},
	{"商品名称", QUN_F_PRODUCT},
	{"金额", QUN_F_AMOUNT},
	{"金额（元）", QUN_F_AMOUNT},
	{"金额(元)", QUN_F_AMOUNT},
	{"交易状态", QUN_F_STATUS},
	{"交易订单号", QUN_F_ORDER_ID},
	{"交易号", QUN_F_ORDER_ID},
	{"成功退款（元）", QUN_F_REFUND},
	{"成功退款(元)", QUN_F_REFUND},
	{"交易分类", QUN_F_RAW + KIND},
	{"类型", QUN_F_RAW + KIND},
	{"收/支", QUN_F_RAW + DIRECTION},
	{NULL, 0},
};

static int recognise(const struct qun_sample *s)
{
	static const char *const new[] = {"交易时间", "交易分类", "交易对方", "收/支", "交易状态", NULL};
	static const char *const old[] = {"交易号", "交易创建时间", "交易对方", "收/支", "交易状态", NULL};

	return s->container == QUN_CSV && (qun_sample_has(s, new) || qun_sample_has(s, old)) ? 90 : 0;
}

/* 2026030122001_1, 2026030122001*1: the number of the order that was refunded. */
static struct qun_span order_of(struct qun_span id)
{
	size_t n = 0;

	while (n < id.len && !strchr("_*", id.ptr[n]))
		n++;
	return (struct qun_span){id.ptr, n};
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	const struct qun_cell_in *raw = hook->raw;
	bool neutral = qun_bill_is_neutral(raw[DIRECTION].s);

	hook->part = ev->ts == QUN_NEVER; /* a footer */
	if (hook->part)
		return 0;
	ev->field[QUN_F_USER] = qun_bill_text(ev->field[QUN_F_USER]);
	ev->field[QUN_F_NAME] = qun_bill_text(ev->field[QUN_F_NAME]);
	ev->field[QUN_F_PRODUCT] = qun_bill_text(ev->field[QUN_F_PRODUCT]);
	if (neutral && qun_span_is(ev->field[QUN_F_STATUS], "退款成功")) {
		qun_set_type(ev, QUN_REFUND);
		ev->field[QUN_F_ORDER_ID] = order_of(ev->field[QUN_F_ORDER_ID]);
		return hook->emit(hook, ev);
	}
	if (neutral || qun_bill_is_no_purchase(raw[KIND].s) || qun_span_ends(ev->field[QUN_F_STATUS], "还款成功"))
		return 0;
	return hook->emit(hook, ev);
}

const struct qun_format qun_format_alipay_bill = {
	.name = "alipay-bill",
	.brief = "Alipay bill (支付宝账单) CSV",
	.containers = QUN_CSV,
	.recognise = recognise,
	.map = map,
	.header = "交易时间,交易分类,交易对方,对方账号,商品说明,收/支,金额,收/付款方式,交易状态,"
		"交易订单号,商家订单号,备注\n"
		"交易号,商家订单号,交易创建时间,付款时间,最近修改时间,交易来源地,类型,交易对方,"
		"商品名称,金额（元）,收/支,交易状态,服务费（元）,成功退款（元）,备注,资金状态",
	.type = "order",
	.timeless = true,
	.name_is_id = true,
	.short_rows = true,
	.long_rows = true,
	.event = event,
};
