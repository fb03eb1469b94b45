/*
 * Taobao alliance (淘宝联盟) settlements, a row an item. Buyers are not named in them: the person is the
 * promoter who brought the order. Values end in TAB, rows in more or fewer cells than the header.
 */
#include "qun/format.h"

static const struct qun_mapping map[] = {
	{"创建时间", QUN_F_TS},
	{"来源或淘客昵称", QUN_F_USER},
	{"淘客昵称", QUN_F_USER},
	{"来源或淘客昵称", QUN_F_NAME},
	{"淘宝父订单编号", QUN_F_ORDER_ID},
	{"淘宝子订单编号", QUN_F_ORDER_ID},
	{"实际成交价格", QUN_F_AMOUNT},
	{"商品名称", QUN_F_PRODUCT},
	{"成交商品数", QUN_F_QTY},
	{"订单状态", QUN_F_STATUS},
	{NULL, 0},
};

static int recognise(const struct qun_sample *s)
{
	static const char *const header[] = {"创建时间", "实际成交价格", "淘宝父订单编号", NULL};

	return s->container == QUN_CSV && qun_sample_has(s, header) ? 90 : 0;
}

const struct qun_format qun_format_taobaoke = {
	.name = "taobaoke",
	.brief = "Taobao alliance (淘宝联盟) settlements CSV, by promoter",
	.containers = QUN_CSV,
	.recognise = recognise,
	.map = map,
	.type = "order",
	.name_is_id = true,
	.short_rows = true,
	.long_rows = true,
};
