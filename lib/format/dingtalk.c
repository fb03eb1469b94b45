/* DingTalk (钉钉): what a robot was told, a message a line. Nobody joins here, for the robot is not told. */
#include "text/kind.h"

enum { CONTENT, RICH };

static const struct qun_mapping map[] = {
	{"createAt", QUN_F_TS},
	{"conversationId", QUN_F_GROUP},
	{"senderId", QUN_F_USER},
	{"senderStaffId", QUN_F_USER},
	{"senderNick", QUN_F_NAME},
	{"msgId", QUN_F_ID},
	{"text.content", QUN_F_RAW + CONTENT},
	{"content", QUN_F_RAW + RICH},
	{NULL, 0},
};

static int recognise(const struct qun_sample *s)
{
	static const char *const keys[] = {"conversationId", "createAt", "senderNick", NULL};

	return s->container == QUN_JSON && qun_sample_has(s, keys) ? 90 : 0;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	struct qun_span text = qun_cell_text(&hook->raw[CONTENT]);

	/* the mention of the robot is cut out and leaves its blank */
	ev->field[QUN_F_TEXT] = text.len ? text : qun_cell_text(&hook->raw[RICH]);
	return hook->emit(hook, ev);
}

const struct qun_format qun_format_dingtalk = {
	.name = "dingtalk",
	.brief = "DingTalk (钉钉) messages as a robot receives them (NDJSON)",
	.containers = QUN_JSON,
	.recognise = recognise,
	.map = map,
	.header = "conversationId,conversationType,conversationTitle,senderId,senderNick,msgId,"
		"createAt,msgtype",
	.event = event,
};
