/* Qunjielong (群接龙), the summary by buyer of one 接龙: amounts and names, but no times. */
#include "text/restart.h"

enum { NUMBER };

static const struct qun_mapping map[] = {
	{"微信昵称", QUN_F_USER},
	{"微信昵称", QUN_F_NAME},
	{"订单总金额", QUN_F_AMOUNT},
	{"商品合计", QUN_F_PRODUCT},
	{"接龙号", QUN_F_RAW + NUMBER},
	{NULL, 0},
};

static int recognise(const struct qun_sample *s)
{
	static const char *const header[] = {"微信昵称", "订单总金额", "接龙号", "商品合计", NULL};

	return s->container == QUN_CSV && qun_sample_has(s, header) ? 90 : 0;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	int rc = qun_restart_number(hook, ev, (struct qun_span){0}, hook->raw[NUMBER].s);

	return rc < 0 ? rc : hook->emit(hook, ev);
}

const struct qun_format qun_format_qunjielong_summary = {
	.name = "qunjielong-summary",
	.brief = "Qunjielong (群接龙) summary by buyer: needs --set ts=",
	.containers = QUN_CSV,
	.recognise = recognise,
	.map = map,
	.type = "order",
	.untimed = "Qunjielong's summary by buyer has no times; export the sheet of items (with 下单时间), or give "
		"all its orders one time with --set ts=TIME",
	.name_is_id = true,
	.short_rows = true,
	.event = event,
};
