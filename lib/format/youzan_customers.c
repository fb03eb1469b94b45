/* Youzan's (有赞) list of customers: sums of each one's orders, without the orders. */
#include "qun/format.h"

static int recognise(const struct qun_sample *s)
{
	static const char *const header[] = {"客户姓名", "客户手机号", "成为客户时间", "消费次数", NULL};

	return s->container == QUN_CSV && qun_sample_has(s, header) && qun_sample_column(s, "订单号") < 0 ? 100 : 0;
}

const struct qun_format qun_format_youzan_customers = {
	.name = "youzan-customers",
	.brief = "Youzan (有赞) list of customers: refused",
	.containers = QUN_CSV,
	.recognise = recognise,
	.refuse = "this is Youzan's list of customers (客户), which holds sums but no orders with their times; export "
		"the orders (订单) instead",
};
