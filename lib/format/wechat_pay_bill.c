/* WeChat Pay bill (微信支付账单) below its preamble. What was given back stands in the status. */
#include "text/bill.h"

#include "qun/format.h"

enum { KIND, DIRECTION };

static const struct qun_mapping map[] = {
	{"交易时间", QUN_F_TS},
	{"交易对方", QUN_F_USER},
	{"交易对方", QUN_F_NAME},
	{"商品", QUN_F_PRODUCT},
	{"金额(元)", QUN_F_AMOUNT},
	{"金额（元）", QUN_F_AMOUNT},
	{"当前状态", QUN_F_STATUS},
	{"交易单号", QUN_F_ORDER_ID},
	{"交易类型", QUN_F_RAW + KIND},
	{"收/支", QUN_F_RAW + DIRECTION},
	{NULL, 0},
};

static int recognise(const struct qun_sample *s)
{
	static const char *const header[] = {"交易时间", "交易类型", "交易对方", "收/支", "当前状态", NULL};

	return s->container == QUN_CSV && qun_sample_has(s, header) ? 90 : 0;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	const struct qun_cell_in *raw = hook->raw;
	bool returned = qun_span_ends(ev->field[QUN_F_STATUS], "已退还");

	if (ev->ts == QUN_NEVER || returned || qun_bill_is_neutral(raw[DIRECTION].s) || qun_bill_is_no_purchase(raw[KIND].s))
		return 0;
	ev->field[QUN_F_USER] = qun_bill_text(ev->field[QUN_F_USER]);
	ev->field[QUN_F_NAME] = qun_bill_text(ev->field[QUN_F_NAME]);
	ev->field[QUN_F_PRODUCT] = qun_bill_text(ev->field[QUN_F_PRODUCT]);
	return hook->emit(hook, ev);
}

const struct qun_format qun_format_wechat_pay_bill = {
	.name = "wechat-pay-bill",
	.brief = "WeChat Pay bill (微信支付账单) CSV",
	.containers = QUN_CSV,
	.recognise = recognise,
	.map = map,
	.header = "交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号,"
		"商户单号,备注\n"
		"交易时间,交易类型,交易对方,商品,收/支,金额（元）,支付方式,当前状态,交易单号,"
		"商户单号,备注",
	.type = "order",
	.timeless = true,
	.name_is_id = true,
	.short_rows = true,
	.long_rows = true,
	.event = event,
};
