/*
 * MemoTrace (留痕) 2.x and 3.x CSV. No ids: the sender is a remark made fit for file names, while
 * sentences show the nickname, so remark and nickname lead back to the sender.
 */
#include "text/wechat.h"

enum { TYPE, SENDER, CONTENT, REMARK, NICKNAME };

static const struct qun_mapping map[] = {
	{"时间", QUN_F_TS},
	{"发送人", QUN_F_USER},
	{"发送人", QUN_F_NAME},
	{"内容", QUN_F_TEXT},
	{"消息ID", QUN_F_ID},
	{"类型", QUN_F_RAW + TYPE},
	{"发送人", QUN_F_RAW + SENDER},
	{"内容", QUN_F_RAW + CONTENT},
	{"备注", QUN_F_RAW + REMARK},
	{"昵称", QUN_F_RAW + NICKNAME},
	{NULL, 0},
};

static int recognise(const struct qun_sample *s)
{
	static const char *const header[] = {"消息ID", "类型", "发送人", "时间", "内容", NULL};

	return s->container == QUN_CSV && qun_sample_has(s, header) ? 90 : 0;
}

static enum qun_wechat_row row_of(struct qun_span type)
{
	if (qun_span_is(type, "系统消息"))
		return QUN_WECHAT_SYSTEM;
	if (qun_span_is(type, "红包"))
		return QUN_WECHAT_SENT_PACKET;
	return qun_span_is(type, "拍一拍") ? QUN_WECHAT_PATTED : QUN_WECHAT_SAID;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	const struct qun_cell_in *raw = hook->raw;
	enum qun_wechat_row row = row_of(qun_span_trim(raw[TYPE].s));
	struct qun_span sender = qun_span_trim(raw[SENDER].s);

	/* from WeChat 4 the sender of a system row is the group's remark */
	if (row == QUN_WECHAT_SYSTEM)
		return qun_wechat_tell(hook, ev, raw[CONTENT].s);
	int rc = qun_wechat_person(hook, sender, sender);
	if (!rc)
		rc = qun_wechat_person(hook, sender, raw[REMARK].s);
	if (!rc)
		rc = qun_wechat_person(hook, sender, raw[NICKNAME].s);
	return rc < 0 ? rc : qun_wechat_said(hook, ev, row);
}

const struct qun_format qun_format_memotrace_3x = {
	.name = "memotrace-3x",
	.brief = "MemoTrace (留痕) 2.x and 3.x CSV of a WeChat chat",
	.containers = QUN_CSV,
	.recognise = recognise,
	.map = map,
	.header = "消息ID,类型,发送人,时间,内容,备注,昵称,更多信息",
	.name_is_id = true,
	.memory_size = sizeof(struct qun_wechat_room),
	.event = event,
	.end = qun_wechat_end,
	.release = qun_wechat_release,
};
