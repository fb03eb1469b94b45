/*
 * Youzan (有赞) orders, one row an order, columns in any order. The buyer is a nickname, or his
 * phone where that is empty; a refund is a column, the status stays 交易完成.
 */
#include "qun/format.h"

static const struct qun_mapping map[] = {
	{"买家付款时间", QUN_F_TS},
	{"订单创建时间", QUN_F_TS},
	{"买家昵称", QUN_F_USER},
	{"买家手机号", QUN_F_USER},
	{"买家昵称", QUN_F_NAME},
	{"订单号", QUN_F_ORDER_ID},
	{"订单实付金额", QUN_F_AMOUNT},
	{"全部商品名称", QUN_F_PRODUCT},
	{"订单来源", QUN_F_SOURCE},
	{"订单状态", QUN_F_STATUS},
	{"订单已退款金额", QUN_F_REFUND},
	{NULL, 0},
};

static int recognise(const struct qun_sample *s)
{
	static const char *const header[] = {"订单号", "订单状态", "买家付款时间", "订单实付金额",
		"买家昵称", NULL};

	return s->container == QUN_CSV && qun_sample_has(s, header) ? 90 : 0;
}

const struct qun_format qun_format_youzan = {
	.name = "youzan",
	.brief = "Youzan (有赞) orders CSV",
	.containers = QUN_CSV,
	.recognise = recognise,
	.map = map,
	.header = "订单号,销售渠道,归属店铺,订单类型,订单状态,推广方式,订单来源,订单创建时间,"
		"买家付款时间,交易成功时间,付款方式,支付流水号,商品金额合计,运费,店铺优惠合计,"
		"应收订单金额,订单实付金额,支付优惠合计,订单实收金额,全部商品名称,商品种类数,"
		"订单配送方式,买家备注,买家昵称,买家是否会员,买家手机号,订单退款状态,"
		"订单已退款金额,商家订单备注",
	.type = "order",
	.name_is_id = true,
	.short_rows = true,
};
