/* Zulip, messages as its API and archives hold them: type is the kind of conversation, not of event. */
#include "text/kind.h"

enum { STREAM };

static const struct qun_mapping map[] = {
	{"timestamp", QUN_F_TS},
	{"sender_id", QUN_F_USER},
	{"sender_email", QUN_F_USER},
	{"sender_full_name", QUN_F_USER},
	{"sender_full_name", QUN_F_NAME},
	{"content", QUN_F_TEXT},
	{"id", QUN_F_ID},
	{"display_recipient", QUN_F_RAW + STREAM},
	{NULL, 0},
};

static const char *const arrays[] = {"", "messages", NULL};

static int recognise(const struct qun_sample *s)
{
	static const char *const keys[] = {"id", "timestamp", "sender_full_name", "content", NULL};

	return s->container == QUN_JSON && qun_sample_has(s, keys) ? 85 : 0;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	/* of a private conversation it is a list of people */
	qun_set_group(ev, qun_cell_text(&hook->raw[STREAM]));
	return hook->emit(hook, ev);
}

const struct qun_format qun_format_zulip = {
	.name = "zulip",
	.brief = "Zulip messages (JSON of its API or archive)",
	.containers = QUN_JSON,
	.recognise = recognise,
	.map = map,
	.array = arrays,
	.time = QUN_TIME_EPOCH_S,
	.event = event,
};
