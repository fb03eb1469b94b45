/*
 * WeChatDataAnalysis, messages.json of a chat. System rows have no sender; its privacy mode leaves
 * the ids of people out, who are then known by name.
 */
#include "text/wechat.h"

enum { TYPE, RENDER, IS_SENT, SENDER, DISPLAY, CONTENT };

static const struct qun_mapping map[] = {
	{"createTime", QUN_F_TS},
	{"createTimeText", QUN_F_TS},
	{"conversationUsername", QUN_F_GROUP},
	{"senderUsername", QUN_F_USER},
	{"senderDisplayName", QUN_F_USER},
	{"senderDisplayName", QUN_F_NAME},
	{"content", QUN_F_TEXT},
	{"serverId", QUN_F_ID},
	{"quoteUsername", QUN_F_REF},
	{"type", QUN_F_RAW + TYPE},
	{"renderType", QUN_F_RAW + RENDER},
	{"isSent", QUN_F_RAW + IS_SENT},
	{"senderUsername", QUN_F_RAW + SENDER},
	{"senderDisplayName", QUN_F_RAW + DISPLAY},
	{"content", QUN_F_RAW + CONTENT},
	{NULL, 0},
};

static const char *const arrays[] = {"messages", NULL};

static int recognise(const struct qun_sample *s)
{
	static const char *const keys[] = {"createTime", "senderUsername", NULL};
	static const char *const own[] = {"conversationUsername", "renderType", "createTimeText", "serverId"};

	if (s->container != QUN_JSON || !qun_sample_has(s, keys))
		return 0;
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
		if (qun_sample_column(s, own[i]) >= 0)
			return 90;
	}
	return qun_header_get(s->header, "conversation.username").len ? 90 : 0;
}

static enum qun_wechat_row row_of(struct qun_span type, struct qun_span render)
{
	if (qun_span_is(render, "system"))
		return QUN_WECHAT_SYSTEM;
	if (qun_span_is(render, "redPacket"))
		return QUN_WECHAT_SENT_PACKET;
	return qun_wechat_row_packed(type);
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	static const char *const rooms[] = {"conversation.username", NULL};
	static const char *const names[] = {"conversation.username", "conversation.displayName", NULL};
	const struct qun_cell_in *raw = hook->raw;
	struct qun_span sender = qun_span_trim(raw[SENDER].s);
	enum qun_wechat_row row = row_of(raw[TYPE].s, raw[RENDER].s);

	/* a message without number is not the same as the next without one */
	if (qun_span_is(ev->field[QUN_F_ID], "0"))
		ev->field[QUN_F_ID] = (struct qun_span){0};
	int rc = qun_wechat_group(hook, ev, rooms, names, (struct qun_span){0});
	if (rc == 0 && row == QUN_WECHAT_SYSTEM)
		return qun_wechat_tell(hook, ev, raw[CONTENT].s);
	if (rc == 0)
		rc = qun_wechat_person(hook, sender, raw[DISPLAY].s);
	if (rc == 0 && qun_span_is(raw[IS_SENT].s, "true"))
		rc = qun_wechat_self(hook, sender);
	return rc < 0 ? rc : qun_wechat_said(hook, ev, row);
}

const struct qun_format qun_format_wechatdataanalysis = {
	.name = "wechatdataanalysis",
	.brief = "WeChatDataAnalysis JSON of a WeChat chat",
	.containers = QUN_JSON,
	.recognise = recognise,
	.map = map,
	.header = "localId,serverId,createTime,createTimeText,type,renderType,isSent,senderUsername,"
		"conversationUsername,content,senderDisplayName",
	.array = arrays,
	.time = QUN_TIME_EACH,
	.memory_size = sizeof(struct qun_wechat_room),
	.event = event,
	.end = qun_wechat_end,
	.release = qun_wechat_release,
};
