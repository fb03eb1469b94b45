/*
 * The sheet of qq-chat-exporter, saved as CSV. People have their QQ number; what QQ itself says bears the
 * type or the sender 系统消息.
 */
#include "text/wechat.h"

enum { TYPE, SENDER, UIN, TEXT, RECALLED };

static const struct qun_mapping map[] = {
	{"时间", QUN_F_TS},
	{"发送者QQ号", QUN_F_USER},
	{"发送者", QUN_F_USER},
	{"发送者", QUN_F_NAME},
	{"消息内容", QUN_F_TEXT},
	{"消息类型", QUN_MUST | (QUN_F_RAW + TYPE)},
	{"发送者", QUN_F_RAW + SENDER},
	{"发送者QQ号", QUN_F_RAW + UIN},
	{"消息内容", QUN_F_RAW + TEXT},
	{"是否撤回", QUN_F_RAW + RECALLED},
	{NULL, 0},
};

static int recognise(const struct qun_sample *s)
{
	static const char *const header[] = {"时间", "发送者", "发送者QQ号", "消息类型", "消息内容", NULL};

	return s->container == QUN_CSV && qun_sample_has(s, header) ? 90 : 0;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	const struct qun_cell_in *raw = hook->raw;
	struct qun_wechat_room *room = hook->memory;
	struct qun_span type = qun_span_trim(raw[TYPE].s), sender = qun_span_trim(raw[SENDER].s);
	bool system = qun_span_is(type, "system") || qun_wechat_row_named(type) == QUN_WECHAT_SYSTEM;
	bool recalled = qun_span_is(qun_span_trim(raw[RECALLED].s), "是");

	room->qq = true;
	if (system || qun_wechat_phantom(sender))
		return qun_wechat_tell(hook, ev, raw[TEXT].s);
	int rc = qun_wechat_person(hook, qun_span_trim(raw[UIN].s), sender);
	return rc < 0 ? rc : qun_wechat_said(hook, ev, recalled ? QUN_WECHAT_PATTED : QUN_WECHAT_SAID);
}

const struct qun_format qun_format_qq_excel = {
	.name = "qq-excel",
	.brief = "QQ chat by qq-chat-exporter, its sheet saved as CSV",
	.containers = QUN_CSV,
	.recognise = recognise,
	.map = map,
	.header = "序号,时间,发送者,发送者QQ号,消息类型,消息内容,是否撤回,资源数量",
	.memory_size = sizeof(struct qun_wechat_room),
	.event = event,
	.end = qun_wechat_end,
	.release = qun_wechat_release,
};
