/*
 * Slack workspace export: an array of messages a day in a folder a channel. The folder's name is the
 * channel's; a thread reply that was also sent to the channel may stand in it twice.
 */
#include "text/kind.h"

#include <string.h>

enum { SUBTYPE, THREAD, INVITER, PARENT, PROFILE_BOT };

static const struct qun_mapping map[] = {
	{"ts", QUN_F_TS},
	{"user", QUN_F_USER},
	{"comment.user", QUN_F_USER}, /* of a comment on a file */
	{"user_profile.display_name", QUN_F_NAME},
	{"user_profile.real_name", QUN_F_NAME},
	{"user_profile.name", QUN_F_NAME},
	{"text", QUN_F_TEXT},
	{"ts", QUN_F_ID},
	{"subtype", QUN_F_RAW + SUBTYPE},
	{"thread_ts", QUN_F_RAW + THREAD},
	{"inviter", QUN_F_RAW + INVITER},
	{"parent_user_id", QUN_F_RAW + PARENT},
	{"bot_profile", QUN_F_RAW + PROFILE_BOT},
	{NULL, 0},
};

/* Replies met so far, as user, thread and text behind r or b: said in the thread or to all. */
struct memory {
	struct qun_dict replies;
};

/* 1772413201.000200 */
static bool is_stamp(struct qun_span s)
{
	const char *point = s.len ? memchr(s.ptr, '.', s.len) : NULL;

	return point && s.len >= 12 && (size_t)(s.ptr + s.len - point) == 7;
}

static int recognise(const struct qun_sample *s)
{
	static const char *const keys[] = {"type", "ts", "text", NULL};
	int type = qun_sample_column(s, "type"), ts = qun_sample_column(s, "ts");

	if (s->container != QUN_JSON || !qun_sample_has(s, keys) || qun_sample_column(s, "group") >= 0)
		return 0;
	for (size_t i = 0; i < s->nrecord; i++) {
		const struct qun_cell_in *cell = s->record[i].cell;
		if (cell[ts].kind != QUN_CELL_TEXT || !is_stamp(cell[ts].s) || !qun_span_is(cell[type].s, "message"))
			return 0;
	}
	return s->nrecord ? 80 : 0;
}

/* CHANNEL/2026-03-02.json */
static struct qun_span channel_of(const char *file)
{
	const char *name = strrchr(file, '/'), *from;
	struct qun_span day = qun_span_of(name ? name + 1 : "");

	if (!name || name == file || day.len < 10 || day.ptr[4] != '-' || day.ptr[7] != '-' || day.ptr[0] < '0' ||
		day.ptr[0] > '9')
		return (struct qun_span){0};
	for (from = name; from > file && from[-1] != '/'; from--)
		continue;
	return (struct qun_span){from, (size_t)(name - from)};
}

/* &lt; &gt; &amp; are all that Slack escapes. */
static int unescape(struct qun_hook *hook, struct qun_span *text)
{
	static const struct {
		const char *from;
		char to;
	} marks[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}};
	char *out;
	size_t n = 0;

	if (!text->len || !memchr(text->ptr, '&', text->len))
		return 0;
	out = qun_arena_alloc(hook->scratch, text->len);
	if (!out)
		return QUN_ENOMEM;
	for (size_t at = 0; at < text->len;) {
		struct qun_span rest = {text->ptr + at, text->len - at};
		size_t i = 0;
		while (i < 3 && !qun_span_starts(rest, marks[i].from))
			i++;
		out[n++] = i < 3 ? marks[i].to : *rest.ptr;
		at += i < 3 ? strlen(marks[i].from) : 1;
	}
	*text = (struct qun_span){out, n};
	return 0;
}

/* Was this reply met before, the one in the thread and the other in the channel? */
static int is_repeat(struct qun_hook *hook, const struct qun_event *ev, bool broadcast, bool *repeat)
{
	struct memory *m = hook->memory;
	struct qun_buf key = {0};
	uint32_t id;
	int rc = qun_buf_add_char(&key, broadcast ? 'b' : 'r');

	if (rc == 0)
		rc = qun_key_text(&key, ev->field[QUN_F_USER]);
	if (rc == 0)
		rc = qun_key_text(&key, hook->raw[THREAD].s);
	if (rc == 0)
		rc = qun_buf_add_span(&key, ev->field[QUN_F_TEXT]);
	if (rc == 0)
		rc = qun_dict_add(&m->replies, qun_buf_span(&key), &id);
	if (rc == 0) {
		key.ptr[0] = broadcast ? 'r' : 'b';
		*repeat = qun_dict_find(&m->replies, qun_buf_span(&key)) != QUN_NONE;
	}
	qun_buf_release(&key);
	return rc;
}

static bool is_one_of(struct qun_span word, const char *const *words)
{
	while (*words && !qun_span_is(word, *words))
		words++;
	return *words;
}

/* Messages that programs send, which often have no user. */
static bool is_bot(const struct qun_hook *hook, const struct qun_event *ev, struct qun_span subtype)
{
	return qun_span_is(subtype, "bot_message") || hook->raw[PROFILE_BOT].kind == QUN_CELL_JSON ||
		qun_span_is(ev->field[QUN_F_USER], "USLACKBOT");
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	static const char *const talk[] = {"me_message", "file_share", "file_comment", "bot_message",
		"thread_broadcast", "reply_broadcast", "", NULL};
	const struct qun_cell_in *raw = hook->raw;
	struct qun_span subtype = qun_cell_text(&raw[SUBTYPE]), thread = qun_cell_text(&raw[THREAD]);
	bool broadcast = qun_span_ends(subtype, "_broadcast"), repeat = false;
	int rc = unescape(hook, &ev->field[QUN_F_TEXT]);

	qun_set_group(ev, channel_of(hook->file));
	if (is_bot(hook, ev, subtype))
		ev->field[QUN_F_ROLE] = qun_span_of("bot");
	if (qun_span_is(subtype, "channel_join") || qun_span_is(subtype, "group_join")) {
		struct qun_span inviter = qun_cell_text(&raw[INVITER]);
		qun_set_change(ev, QUN_JOIN, inviter.len ? "invite" : "", inviter);
	} else if (qun_span_is(subtype, "channel_leave") || qun_span_is(subtype, "group_leave")) {
		qun_set_change(ev, QUN_LEAVE, "", (struct qun_span){0});
	} else if (!is_one_of(subtype, talk)) {
		qun_set_type(ev, QUN_SYSTEM);
	} else {
		qun_set_type(ev, QUN_MESSAGE);
		ev->field[QUN_F_REF] = qun_cell_text(&raw[PARENT]);
		if (rc == 0 && (broadcast || (thread.len && !qun_span_eq(thread, ev->field[QUN_F_ID]))))
			rc = is_repeat(hook, ev, broadcast, &repeat);
	}
	return rc < 0 || repeat ? rc : hook->emit(hook, ev);
}

static void release(void *memory)
{
	struct memory *m = memory;

	qun_dict_release(&m->replies);
}

const struct qun_format qun_format_slack = {
	.name = "slack",
	.brief = "Slack workspace export: the folder, a channel's folder or a day",
	.containers = QUN_JSON,
	.recognise = recognise,
	.map = map,
	.time = QUN_TIME_EPOCH_S,
	.memory_size = sizeof(struct memory),
	.event = event,
	.release = release,
};
