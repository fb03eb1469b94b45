/*
 * PyWxDump CSV and JSON, and its forks. talker is a wxid, 我 for the exporter and 系统 on system
 * rows; there are no display names in the file, so people in sentences stay names
 * unless users.json beside it was read first.
 */
#include "text/wechat.h"

enum { TYPE, TALKER, TEXT };

static const struct qun_mapping map[] = {
	{"CreateTime", QUN_F_TS},
	{"room_name", QUN_F_GROUP},
	{"talker", QUN_F_USER},
	{"msg", QUN_F_TEXT},
	{"MsgSvrID", QUN_F_ID},
	{"type_name", QUN_MUST | (QUN_F_RAW + TYPE)},
	{"talker", QUN_F_RAW + TALKER},
	{"msg", QUN_F_RAW + TEXT},
	{NULL, 0},
};

/* Without a room column it may be WeFlow's file, where talker is a display name. */
static bool has_ids(const struct qun_sample *s)
{
	int talker = qun_sample_column(s, "talker");

	for (size_t i = 0; i < s->nrecord; i++) {
		if ((size_t)talker >= s->record[i].n)
			continue;
		struct qun_span who = qun_span_trim(s->record[i].cell[talker].s);
		if (qun_span_is(who, "我") || qun_span_is(who, "系统") || qun_span_starts(who, "wxid_"))
			return true;
	}
	return false;
}

static int recognise(const struct qun_sample *s)
{
	static const char *const header[] = {"MsgSvrID", "type_name", "is_sender", "talker", "msg",
		"CreateTime", NULL};

	if (!qun_sample_has(s, header))
		return 0;
	if (qun_sample_column(s, "room_name") >= 0)
		return 90;
	return has_ids(s) ? 70 : 0;
}

static enum qun_wechat_row row_of(struct qun_span type, struct qun_span talker)
{
	if (qun_span_is(type, "系统通知") || qun_span_is(type, "邀请加群") ||
		qun_span_starts(type, "消息撤回") || qun_span_is(talker, "系统"))
		return QUN_WECHAT_SYSTEM;
	if (qun_span_is(type, "红包"))
		return QUN_WECHAT_SENT_PACKET;
	return qun_span_is(type, "拍一拍") ? QUN_WECHAT_PATTED : QUN_WECHAT_SAID;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	const struct qun_cell_in *raw = hook->raw;
	enum qun_wechat_row row = row_of(qun_span_trim(raw[TYPE].s), qun_span_trim(raw[TALKER].s));

	/* 7.43E+18, as a spreadsheet saves it, is no id any more */
	if (qun_span_find(ev->field[QUN_F_ID], "E+", 0) >= 0)
		ev->field[QUN_F_ID] = (struct qun_span){0};
	if (row == QUN_WECHAT_SYSTEM)
		return qun_wechat_tell(hook, ev, raw[TEXT].s);
	/* users.json told it */
	int rc = qun_wechat_person(hook, qun_span_trim(raw[TALKER].s), ev->field[QUN_F_NAME]);
	return rc < 0 ? rc : qun_wechat_said(hook, ev, row);
}

const struct qun_format qun_format_pywxdump = {
	.name = "pywxdump",
	.brief = "PyWxDump CSV or JSON of a WeChat chat",
	.containers = QUN_CSV | QUN_JSON,
	.recognise = recognise,
	.map = map,
	.header = "id,MsgSvrID,type_name,is_sender,talker,msg,src,CreateTime",
	.memory_size = sizeof(struct qun_wechat_room),
	.event = event,
	.end = qun_wechat_end,
	.release = qun_wechat_release,
};
