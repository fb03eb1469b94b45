/*
 * chatlog (sjzar) CSV. There is no type column: system rows are those of the sender 系统消息, and
 * what is no text is a rendering.
 */
#include "text/wechat.h"

enum { SENDER, SENDER_NAME, CONTENT };

static const struct qun_mapping map[] = {
	{"Time", QUN_F_TS},
	{"Talker", QUN_F_GROUP},
	{"Sender", QUN_F_USER},
	{"SenderName", QUN_F_NAME},
	{"Content", QUN_F_TEXT},
	{"Sender", QUN_F_RAW + SENDER},
	{"SenderName", QUN_F_RAW + SENDER_NAME},
	{"Content", QUN_F_RAW + CONTENT},
	{NULL, 0},
};

static int recognise(const struct qun_sample *s)
{
	static const char *const header[] = {"Time", "SenderName", "Sender", "TalkerName", "Talker",
		"Content", NULL};

	return s->container == QUN_CSV && qun_sample_has(s, header) ? 90 : 0;
}

/* A pat comes with its real sender; nothing but the quotes around both names tells it from talk. */
static enum qun_wechat_row row_of(struct qun_span text)
{
	struct qun_wechat_names none = {.ids = true};
	struct qun_wechat_event said;

	if (qun_span_is(text, "[红包]"))
		return QUN_WECHAT_SENT_PACKET;
	if (!qun_span_starts(text, "\""))
		return QUN_WECHAT_SAID;
	qun_wechat_parse(text, &none, &said);
	return said.kind == QUN_WECHAT_PAT ? QUN_WECHAT_PATTED : QUN_WECHAT_SAID;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	const struct qun_cell_in *raw = hook->raw;
	struct qun_wechat_room *room = hook->memory;
	struct qun_span sender = qun_span_trim(raw[SENDER].s);

	room->ids_in_text = true;
	if (qun_span_is(sender, "系统消息"))
		return qun_wechat_tell(hook, ev, raw[CONTENT].s);
	int rc = qun_wechat_person(hook, sender, raw[SENDER_NAME].s);
	return rc < 0 ? rc : qun_wechat_said(hook, ev, row_of(raw[CONTENT].s));
}

const struct qun_format qun_format_chatlog_csv = {
	.name = "chatlog-csv",
	.brief = "chatlog CSV of a WeChat chat",
	.containers = QUN_CSV,
	.recognise = recognise,
	.map = map,
	.header = "Time,SenderName,Sender,TalkerName,Talker,Content",
	.memory_size = sizeof(struct qun_wechat_room),
	.event = event,
	.end = qun_wechat_end,
	.release = qun_wechat_release,
};
