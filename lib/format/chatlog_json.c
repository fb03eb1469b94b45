/* chatlog (sjzar) JSON: a bare array; the people in its system sentences carry their ids. */
#include "text/wechat.h"

enum { TYPE, SUBTYPE, SENDER, SENDER_NAME, IS_SELF, CONTENT };

static const struct qun_mapping map[] = {
	{"time", QUN_F_TS},
	{"talker", QUN_F_GROUP},
	{"sender", QUN_F_USER},
	{"senderName", QUN_F_NAME},
	{"content", QUN_F_TEXT},
	{"seq", QUN_F_ID},
	{"type", QUN_MUST | (QUN_F_RAW + TYPE)},
	{"subType", QUN_MUST | (QUN_F_RAW + SUBTYPE)},
	{"sender", QUN_F_RAW + SENDER},
	{"senderName", QUN_F_RAW + SENDER_NAME},
	{"isSelf", QUN_F_RAW + IS_SELF},
	{"content", QUN_F_RAW + CONTENT},
	{NULL, 0},
};

static int recognise(const struct qun_sample *s)
{
	static const char *const keys[] = {"seq", "time", "talker", "sender", "type", "content", NULL};

	return s->container == QUN_JSON && qun_sample_has(s, keys) ? 90 : 0;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	const struct qun_cell_in *raw = hook->raw;
	struct qun_wechat_room *room = hook->memory;
	enum qun_wechat_row row = qun_wechat_row_of(raw[TYPE].s, raw[SUBTYPE].s);

	room->ids_in_text = true;
	if (row == QUN_WECHAT_SYSTEM)
		return qun_wechat_tell(hook, ev, raw[CONTENT].s);
	int rc = qun_wechat_person(hook, raw[SENDER].s, raw[SENDER_NAME].s);
	if (!rc && qun_span_is(raw[IS_SELF].s, "true"))
		rc = qun_wechat_self(hook, raw[SENDER].s);
	return rc < 0 ? rc : qun_wechat_said(hook, ev, row);
}

const struct qun_format qun_format_chatlog_json = {
	.name = "chatlog-json",
	.brief = "chatlog JSON of a WeChat chat",
	.containers = QUN_JSON,
	.recognise = recognise,
	.map = map,
	.header = "seq,time,talker,talkerName,isChatRoom,sender,senderName,isSelf,type,subType,"
		"content",
	.memory_size = sizeof(struct qun_wechat_room),
	.event = event,
	.end = qun_wechat_end,
	.release = qun_wechat_release,
};
