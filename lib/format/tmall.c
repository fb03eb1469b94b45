/*
 * Tmall's newer order list: no name of the buyer's account, only the address of delivery, "name，86-phone，
 * address". The phone tells people apart, or the name where the phone is masked.
 */
#include "qun/format.h"

#include <string.h>

enum { ADDRESS };

static const struct qun_mapping map[] = {
	{"订单付款时间", QUN_F_TS},
	{"订单创建时间", QUN_F_TS},
	{"订单编号", QUN_F_ORDER_ID},
	{"买家实际支付金额", QUN_F_AMOUNT},
	{"总金额", QUN_F_AMOUNT},
	{"商品标题", QUN_F_PRODUCT},
	{"宝贝标题", QUN_F_PRODUCT},
	{"订单状态", QUN_F_STATUS},
	{"退款金额", QUN_F_REFUND},
	{"收货地址", QUN_F_USER},
	{"收货地址", QUN_F_RAW + ADDRESS},
	{NULL, 0},
};

static int recognise(const struct qun_sample *s)
{
	static const char *const header[] = {"订单编号", "总金额", "订单状态", "收货地址", "订单创建时间", NULL};
	static const char *const buyers[] = {"买家会员名", "买家昵称", "收货人姓名", "收货人"};

	for (size_t i = 0; i < sizeof(buyers) / sizeof(*buyers); i++) {
		if (qun_sample_column(s, buyers[i]) >= 0)
			return 0;
	}
	return s->container == QUN_CSV && qun_sample_has(s, header) ? 85 : 0;
}

/* Takes what stands before the next comma, wide or narrow. */
static struct qun_span take_part(struct qun_span *s)
{
	ptrdiff_t wide = qun_span_find(*s, "，", 0), narrow = qun_span_find(*s, ",", 0);
	bool is_wide = wide >= 0 && (narrow < 0 || wide < narrow);
	ptrdiff_t end = is_wide ? wide : narrow;
	struct qun_span part = {s->ptr, end < 0 ? s->len : (size_t)end};
	size_t used = end < 0 ? s->len : part.len + (is_wide ? strlen("，") : 1);

	*s = (struct qun_span){s->ptr + used, s->len - used};
	return qun_span_trim(part);
}

static bool is_phone(struct qun_span s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((s.ptr[i] < '0' || s.ptr[i] > '9') && s.ptr[i] != '-')
			return false;
	}
	return s.len >= 7;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	struct qun_span rest = hook->raw[ADDRESS].s, name = take_part(&rest), phone = take_part(&rest);

	if (qun_span_starts(phone, "86-"))
		phone = (struct qun_span){phone.ptr + 3, phone.len - 3};
	ev->field[QUN_F_NAME] = name;
	ev->field[QUN_F_USER] = is_phone(phone) ? phone : name;
	return hook->emit(hook, ev);
}

const struct qun_format qun_format_tmall = {
	.name = "tmall",
	.brief = "Tmall orders CSV without the buyer's account, by address",
	.containers = QUN_CSV,
	.recognise = recognise,
	.map = map,
	.type = "order",
	.name_is_id = true,
	.event = event,
};
