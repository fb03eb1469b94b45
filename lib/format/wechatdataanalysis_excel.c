/* The sheet of WeChatDataAnalysis, saved as CSV: no ids of people, only their names. */
#include "text/wechat.h"

enum { TYPE, SENDER, TEXT };

static const struct qun_mapping map[] = {
	{"时间", QUN_F_TS},
	{"发送者", QUN_F_USER},
	{"发送者", QUN_F_NAME},
	{"内容", QUN_F_TEXT},
	{"服务 ID", QUN_F_ID},
	{"消息类型", QUN_MUST | (QUN_F_RAW + TYPE)},
	{"发送者", QUN_F_RAW + SENDER},
	{"内容", QUN_F_RAW + TEXT},
	{NULL, 0},
};

static int recognise(const struct qun_sample *s)
{
	static const char *const header[] = {"时间", "发送者", "消息类型", "内容", "本地 ID", NULL};

	return s->container == QUN_CSV && qun_sample_has(s, header) ? 90 : 0;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	const struct qun_cell_in *raw = hook->raw;
	struct qun_span sender = qun_span_trim(raw[SENDER].s);
	enum qun_wechat_row row = qun_wechat_row_named(raw[TYPE].s);

	/* 7.43E+18, as a spreadsheet saves it, is no id any more */
	if (qun_span_find(ev->field[QUN_F_ID], "E+", 0) >= 0)
		ev->field[QUN_F_ID] = (struct qun_span){0};
	if (row == QUN_WECHAT_SYSTEM || qun_wechat_phantom(sender))
		return qun_wechat_tell(hook, ev, raw[TEXT].s);
	int rc = qun_wechat_person(hook, sender, sender);
	return rc < 0 ? rc : qun_wechat_said(hook, ev, row);
}

const struct qun_format qun_format_wechatdataanalysis_excel = {
	.name = "wechatdataanalysis-excel",
	.brief = "WeChatDataAnalysis, its sheet of a chat saved as CSV",
	.containers = QUN_CSV,
	.recognise = recognise,
	.map = map,
	.header = "序号,时间,发送者,消息类型,内容,本地 ID,服务 ID",
	.name_is_id = true,
	.memory_size = sizeof(struct qun_wechat_room),
	.event = event,
	.end = qun_wechat_end,
	.release = qun_wechat_release,
};
