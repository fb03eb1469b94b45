/*
 * wx-cli JSON. The sender's id is left out where it is not known; the time is whole minutes beside a
 * timestamp in seconds. local_id starts again in each of WeChat's databases, so it identifies nothing.
 * Cards of all kinds are 链接/文件, told apart by their rendering.
 */
#include "text/wechat.h"

enum { TYPE, SENDER, ID, CONTACT, CARD, CONTENT };

static const struct qun_mapping map[] = {
	{"timestamp", QUN_F_TS},
	{"time", QUN_F_TS},
	{"sender_username", QUN_F_USER},
	{"sender", QUN_F_USER},
	{"sender_group_nickname", QUN_F_NAME},
	{"sender", QUN_F_NAME},
	{"content", QUN_F_TEXT},
	{"type", QUN_MUST | (QUN_F_RAW + TYPE)},
	{"sender", QUN_F_RAW + SENDER},
	{"sender_username", QUN_F_RAW + ID},
	{"sender_contact_display", QUN_F_RAW + CONTACT},
	{"sender_group_nickname", QUN_F_RAW + CARD},
	{"content", QUN_F_RAW + CONTENT},
	{NULL, 0},
};

static const char *const arrays[] = {"messages", NULL};

static int recognise(const struct qun_sample *s)
{
	static const char *const keys[] = {"timestamp", "sender", "content", "type", NULL};
	bool own = qun_sample_column(s, "local_id") >= 0 || qun_sample_column(s, "sender_username") >= 0;

	return s->container == QUN_JSON && qun_sample_has(s, keys) && own ? 85 : 0;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	static const char *const rooms[] = {"username", NULL};
	static const char *const names[] = {"chat", "username", NULL}, *const none[] = {NULL};
	const struct qun_cell_in *raw = hook->raw;
	struct qun_span id = qun_span_trim(raw[ID].s);
	enum qun_wechat_row row = qun_wechat_row_named(raw[TYPE].s);

	struct qun_span chat = qun_span_trim(qun_header_get(hook->header, "chat"));
	/* a room's id is better than its name, even where it comes later */
	bool named = chat.len && !qun_header_get(hook->header, "username").len;
	int rc = qun_wechat_group(hook, ev, rooms, named ? none : names, chat);
	if (rc == 0 && row == QUN_WECHAT_SYSTEM)
		return qun_wechat_tell(hook, ev, raw[CONTENT].s);
	if (row == QUN_WECHAT_SAID && !qun_span_is(raw[TYPE].s, "文本") &&
		qun_span_starts(raw[CONTENT].s, "[红包]"))
		row = QUN_WECHAT_SENT_PACKET;
	if (rc == 0)
		rc = qun_wechat_person(hook, id, raw[SENDER].s);
	if (rc == 0)
		rc = qun_wechat_person(hook, id, raw[CONTACT].s);
	if (rc == 0)
		rc = qun_wechat_person(hook, id, raw[CARD].s);
	return rc < 0 ? rc : qun_wechat_said(hook, ev, row);
}

const struct qun_format qun_format_wx_cli = {
	.name = "wx-cli",
	.brief = "wx-cli JSON of a WeChat chat",
	.containers = QUN_JSON,
	.recognise = recognise,
	.map = map,
	.header = "timestamp,time,sender,content,type,local_id",
	.array = arrays,
	.time = QUN_TIME_EACH,
	.memory_size = sizeof(struct qun_wechat_room),
	.event = event,
	.end = qun_wechat_end,
	.release = qun_wechat_release,
};
