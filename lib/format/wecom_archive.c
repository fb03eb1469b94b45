/*
 * WeCom's message archive (会话内容存档), decrypted, one object a message. It knows ids but no names,
 * and never says who joins or leaves.
 */
#include "qun/format.h"

enum { ACTION, TYPE };

static const struct qun_mapping map[] = {
	{"msgtime", QUN_F_TS},
	{"time", QUN_F_TS}, /* of action switch */
	{"roomid", QUN_F_GROUP},
	{"from", QUN_F_USER},
	{"msgid", QUN_F_ID},
	{"text.content", QUN_F_TEXT},
	{"link.title", QUN_F_TEXT},
	{"weapp.title", QUN_F_TEXT},
	{"file.filename", QUN_F_TEXT},
	{"chatrecord.title", QUN_F_TEXT},
	{"collect.title", QUN_F_TEXT},
	{"redpacket.wish", QUN_F_TEXT},
	{"external_redpacket.wish", QUN_F_TEXT},
	{"content", QUN_F_TEXT}, /* as some services wrap it again */
	{"action", QUN_F_RAW + ACTION},
	{"msgtype", QUN_F_RAW + TYPE},
	{NULL, 0},
};

static int recognise(const struct qun_sample *s)
{
	static const char *const keys[] = {"msgid", "action", NULL};
	static const char *const own[] = {"msgtype", "msgtime", "tolist", "roomid"};

	if (s->container != QUN_JSON || !qun_sample_has(s, keys))
		return 0;
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
		if (qun_sample_column(s, own[i]) >= 0)
			return 90;
	}
	return 0;
}

/* Recalls and the consent to be archived are nothing that was said. */
static enum qun_type type_of(struct qun_span action, struct qun_span type)
{
	if (qun_span_is(action, "recall") || qun_span_is(type, "revoke") || qun_span_is(type, "agree") ||
		qun_span_is(type, "disagree"))
		return QUN_SYSTEM;
	if (qun_span_is(type, "redpacket") || qun_span_is(type, "external_redpacket"))
		return QUN_REDPACKET;
	return QUN_MESSAGE;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	struct qun_span action = qun_span_trim(hook->raw[ACTION].s);

	/* someone of the staff changed to another company: no chat, no group */
	if (qun_span_is(action, "switch"))
		return 0;
	ev->type = type_of(action, qun_span_trim(hook->raw[TYPE].s));
	ev->field[QUN_F_TYPE] = qun_span_of(qun_type_name(ev->type));
	if (ev->type == QUN_REDPACKET)
		ev->field[QUN_F_SOURCE] = qun_span_of("sent");
	return hook->emit(hook, ev);
}

const struct qun_format qun_format_wecom_archive = {
	.name = "wecom-archive",
	.brief = "WeCom message archive (会话内容存档), decrypted",
	.containers = QUN_JSON,
	.recognise = recognise,
	.map = map,
	.header = "msgid,action,from,tolist,roomid,msgtime,msgtype",
	.time = QUN_TIME_EACH,
	.event = event,
};
