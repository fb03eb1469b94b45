/*
 * Taobao and Tmall orders (ExportOrderList). 买家会员名 is the account's unique name. A closed order
 * with a refund had been paid; the refund says so.
 */
#include "qun/format.h"

static const struct qun_mapping map[] = {
	{"订单付款时间", QUN_F_TS},
	{"订单创建时间", QUN_F_TS},
	{"买家会员名", QUN_F_USER},
	{"买家会员名", QUN_F_NAME},
	{"订单编号", QUN_F_ORDER_ID},
	{"买家实际支付金额", QUN_F_AMOUNT},
	{"总金额", QUN_F_AMOUNT},
	{"宝贝标题", QUN_F_PRODUCT},
	{"宝贝总数量", QUN_F_QTY},
	{"订单状态", QUN_F_STATUS},
	{"退款金额", QUN_F_REFUND},
	{NULL, 0},
};

static int recognise(const struct qun_sample *s)
{
	static const char *const header[] = {"订单编号", "买家会员名", "订单状态", "订单创建时间", NULL};

	return s->container == QUN_CSV && qun_sample_has(s, header) ? 90 : 0;
}

const struct qun_format qun_format_taobao = {
	.name = "taobao",
	.brief = "Taobao and Tmall orders CSV (ExportOrderList)",
	.containers = QUN_CSV,
	.recognise = recognise,
	.map = map,
	.header = "订单编号,买家会员名,买家支付宝账号,买家应付货款,买家应付邮费,买家支付积分,"
		"总金额,返点积分,买家实际支付金额,买家实际支付积分,订单状态,买家留言,收货人姓名,"
		"收货地址,运送方式,联系电话,联系手机,订单创建时间,订单付款时间,宝贝标题",
	.type = "order",
	.short_rows = true,
};
