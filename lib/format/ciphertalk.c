/* CipherTalk JSON: WeFlow's messages with ChatLab's types. The sender of a system row is the group. */
#include "text/wechat.h"

enum { TYPE, LOCAL_TYPE, LAB_TYPE, IS_SEND, SENDER, DISPLAY, CARD, CONTENT };

static const struct qun_mapping map[] = {
	{"createTime", QUN_F_TS},
	{"formattedTime", QUN_F_TS},
	{"senderUsername", QUN_F_USER},
	{"groupNickname", QUN_F_NAME},
	{"senderDisplayName", QUN_F_NAME},
	{"content", QUN_F_TEXT},
	{"platformMessageId", QUN_F_ID},
	{"type", QUN_F_RAW + TYPE},
	{"localType", QUN_F_RAW + LOCAL_TYPE},
	{"chatLabType", QUN_F_RAW + LAB_TYPE},
	{"isSend", QUN_F_RAW + IS_SEND},
	{"senderUsername", QUN_F_RAW + SENDER},
	{"senderDisplayName", QUN_F_RAW + DISPLAY},
	{"groupNickname", QUN_F_RAW + CARD},
	{"content", QUN_F_RAW + CONTENT},
	{"rawContent", QUN_F_RAW + CONTENT},
	{NULL, 0},
};

static const char *const arrays[] = {"messages", NULL};

static int recognise(const struct qun_sample *s)
{
	static const char *const keys[] = {"createTime", "senderUsername", NULL};
	bool own = qun_sample_column(s, "chatLabType") >= 0 || qun_sample_column(s, "rawContent") >= 0 ||
		qun_span_is(qun_header_get(s->header, "exportInfo.generator"), "CipherTalk");

	return s->container == QUN_JSON && qun_sample_has(s, keys) && own ? 90 : 0;
}

static enum qun_wechat_row row_of(const struct qun_cell_in *raw)
{
	struct qun_span lab = qun_span_trim(raw[LAB_TYPE].s);
	enum qun_wechat_row row = lab.len ? qun_chatlab_row_of(lab) : QUN_WECHAT_SAID;

	if (row == QUN_WECHAT_SAID)
		row = qun_wechat_row_named(raw[TYPE].s);
	return row == QUN_WECHAT_SAID && !lab.len ? qun_wechat_row_packed(raw[LOCAL_TYPE].s) : row;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	static const char *const rooms[] = {"session.groupId", "session.wxid", NULL};
	static const char *const names[] = {"session.groupId", "session.displayName", "session.nickname", NULL};
	const struct qun_cell_in *raw = hook->raw;
	struct qun_span sender = qun_span_trim(raw[SENDER].s);
	enum qun_wechat_row row = row_of(raw);

	int rc = qun_wechat_group(hook, ev, rooms, names,
		qun_wechat_is_room(sender) ? sender : (struct qun_span){0});
	if (rc == 0 && row == QUN_WECHAT_SYSTEM)
		return qun_wechat_tell(hook, ev, raw[CONTENT].s);
	if (rc == 0)
		rc = qun_wechat_person(hook, sender, raw[DISPLAY].s);
	if (rc == 0)
		rc = qun_wechat_person(hook, sender, raw[CARD].s);
	if (rc == 0 && (qun_span_is(raw[IS_SEND].s, "1") || qun_span_is(raw[IS_SEND].s, "true")))
		rc = qun_wechat_self(hook, sender);
	return rc < 0 ? rc : qun_wechat_said(hook, ev, row);
}

const struct qun_format qun_format_ciphertalk = {
	.name = "ciphertalk",
	.brief = "CipherTalk JSON of a WeChat chat",
	.containers = QUN_JSON,
	.recognise = recognise,
	.map = map,
	.header = "localId,platformMessageId,createTime,formattedTime,type,localType,chatLabType,"
		"content,rawContent,isSend,senderUsername,senderDisplayName",
	.array = arrays,
	.time = QUN_TIME_EACH,
	.memory_size = sizeof(struct qun_wechat_room),
	.event = event,
	.end = qun_wechat_end,
	.release = qun_wechat_release,
};
