/*
 * MemoTrace (留痕), legacy "export all": the header of its one-chat CSV with another meaning. Sender
 * is a display name, NickName and Remark are the chat's, and most system rows are missing.
 */
#include "text/memotrace.h"
#include "text/wechat.h"

enum { TYPE, SUBTYPE, CONTENT, SENDER };

static const struct qun_mapping map[] = {
	{"CreateTime", QUN_F_TS},
	{"NickName", QUN_F_GROUP},
	{"Sender", QUN_F_USER},
	{"Sender", QUN_F_NAME},
	{"StrContent", QUN_F_TEXT},
	{"Type", QUN_F_RAW + TYPE},
	{"SubType", QUN_F_RAW + SUBTYPE},
	{"StrContent", QUN_F_RAW + CONTENT},
	{"Sender", QUN_F_RAW + SENDER},
	{NULL, 0},
};

static int recognise(const struct qun_sample *s)
{
	return qun_memotrace_layout(s) == 2 ? 90 : 0;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	const struct qun_cell_in *raw = hook->raw;
	enum qun_wechat_row row = qun_wechat_row_of(raw[TYPE].s, raw[SUBTYPE].s);
	struct qun_span sender = qun_span_trim(raw[SENDER].s);

	if (raw[SENDER].kind == QUN_CELL_ABSENT)
		return hook->bad(hook, "columns", "Sender", "the row has none");
	if (row == QUN_WECHAT_SYSTEM)
		return qun_wechat_tell(hook, ev, raw[CONTENT].s);
	int rc = qun_wechat_person(hook, sender, sender);
	return rc < 0 ? rc : qun_wechat_said(hook, ev, row);
}

const struct qun_format qun_format_memotrace_all = {
	.name = "memotrace-all",
	.brief = "MemoTrace (留痕) legacy CSV of all WeChat chats (messages.csv)",
	.containers = QUN_CSV,
	.recognise = recognise,
	.map = map,
	.header = "localId,TalkerId,Type,SubType,IsSender,CreateTime,Status,StrContent,StrTime,"
		"Remark,NickName,Sender",
	.time = QUN_TIME_EPOCH_S,
	.name_is_id = true,
	.short_rows = true,
	.long_rows = true,
	.memory_size = sizeof(struct qun_wechat_room),
	.event = event,
	.end = qun_wechat_end,
	.release = qun_wechat_release,
};
