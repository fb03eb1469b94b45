/*
 * Matrix, a room as Element exports it. Membership is that of state_key, whoever says so; the same
 * event tells of a new name, and an invitation refused is no leave.
 */
#include "text/kind.h"

#include <stdlib.h>

enum { TYPE, STATE_KEY, MEMBERSHIP, BEFORE, BEFORE_OLD, SENDER, RELATION, DISPLAY };

static const struct qun_mapping map[] = {
	{"origin_server_ts", QUN_F_TS},
	{"room_id", QUN_F_GROUP},
	{"sender", QUN_F_USER},
	{"event_id", QUN_F_ID},
	{"content.body", QUN_F_TEXT},
	{"type", QUN_MUST | (QUN_F_RAW + TYPE)},
	{"state_key", QUN_F_RAW + STATE_KEY},
	{"content.membership", QUN_F_RAW + MEMBERSHIP},
	{"unsigned.prev_content.membership", QUN_F_RAW + BEFORE},
	{"prev_content.membership", QUN_F_RAW + BEFORE_OLD},
	{"sender", QUN_F_RAW + SENDER},
	{"content.m.relates_to.rel_type", QUN_F_RAW + RELATION},
	{"content.displayname", QUN_F_RAW + DISPLAY},
	{NULL, 0},
};

static const char *const arrays[] = {"", "messages", "chunk", NULL};

/* By person: the newest membership here, and who invited him. */
struct memory {
	struct qun_dict people, words;
	struct standing {
		uint32_t membership, inviter; /* in words + 1; 0: none */
	} *standing;
	size_t cap;
};

static int recognise(const struct qun_sample *s)
{
	static const char *const keys[] = {"type", "sender", "origin_server_ts", NULL};

	return s->container == QUN_JSON && qun_sample_has(s, keys) ? 90 : 0;
}

static int standing_of(struct memory *m, struct qun_span person, struct standing **out)
{
	size_t known = m->people.n;
	uint32_t id;
	int rc = qun_grow(&m->standing, &m->cap, known, sizeof(*m->standing));

	if (rc == 0)
		rc = qun_dict_add(&m->people, person, &id);
	if (rc < 0)
		return rc;
	if (m->people.n > known)
		m->standing[id] = (struct standing){0, 0};
	*out = &m->standing[id];
	return 0;
}

static struct qun_span word(const struct memory *m, uint32_t number)
{
	return number ? qun_dict_text(&m->words, number - 1) : (struct qun_span){0};
}

static void tell_member(struct qun_event *ev, struct qun_span before, struct qun_span now, struct qun_span sender,
	struct qun_span inviter)
{
	bool gone = qun_span_is(now, "leave") || qun_span_is(now, "ban");
	bool outside = qun_span_is(before, "invite") || qun_span_is(before, "knock") || qun_span_is(before, "leave") ||
		qun_span_is(before, "ban");
	bool other = !qun_span_eq(sender, ev->field[QUN_F_USER]);

	if (qun_span_is(now, "join") && !qun_span_is(before, "join"))
		qun_set_change(ev, QUN_JOIN, inviter.len ? "invite" : "", inviter);
	else if (gone && !outside)
		qun_set_change(ev, QUN_LEAVE, other ? "removed" : "", sender);
	else
		qun_set_type(ev, QUN_SYSTEM);
}

static int member(struct qun_hook *hook, struct qun_event *ev)
{
	const struct qun_cell_in *raw = hook->raw;
	struct memory *m = hook->memory;
	struct qun_span now = qun_cell_text(&raw[MEMBERSHIP]), before = qun_cell_text(&raw[BEFORE]);
	struct qun_span sender = qun_cell_text(&raw[SENDER]), who = qun_cell_text(&raw[STATE_KEY]);
	struct standing *st = NULL;
	uint32_t id;

	if (!who.len || !now.len)
		return hook->bad(hook, "columns", who.len ? "content.membership" : "state_key",
			"an event of membership has none");
	ev->field[QUN_F_USER] = who;
	ev->field[QUN_F_NAME] = qun_cell_text(&raw[DISPLAY]);
	int rc = standing_of(m, ev->field[QUN_F_USER], &st);
	if (rc < 0)
		return rc;
	if (!before.len)
		before = qun_cell_text(&raw[BEFORE_OLD]);
	if (!before.len)
		before = word(m, st->membership);
	tell_member(ev, before, now, sender, word(m, st->inviter));
	rc = qun_dict_add(&m->words, now, &id);
	if (rc < 0)
		return rc;
	st->membership = id + 1;
	st->inviter = 0;
	if (qun_span_is(now, "invite") && (rc = qun_dict_add(&m->words, sender, &id)) == 0)
		st->inviter = id + 1;
	return rc < 0 ? rc : hook->emit(hook, ev);
}

static bool is_talk(struct qun_span type)
{
	static const char *const words[] = {"m.room.message", "m.room.encrypted", "m.sticker", "m.poll.start",
		"org.matrix.msc3381.poll.start"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (qun_span_is(type, words[i]))
			return true;
	}
	return false;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	const struct qun_cell_in *raw = hook->raw;
	struct qun_span type = qun_cell_text(&raw[TYPE]);

	if (qun_span_is(type, "m.room.member"))
		return member(hook, ev);
	if (qun_span_is(type, "m.reaction"))
		qun_set_type(ev, QUN_REACTION);
	else if (!is_talk(type) || qun_span_is(raw[RELATION].s, "m.replace")) /* an edit says nothing new */
		qun_set_type(ev, QUN_SYSTEM);
	return hook->emit(hook, ev);
}

static struct qun_span group(const struct qun_hook *hook)
{
	return qun_header_get(hook->header, "room_name");
}

static void release(void *memory)
{
	struct memory *m = memory;

	qun_dict_release(&m->people);
	qun_dict_release(&m->words);
	free(m->standing);
}

const struct qun_format qun_format_matrix = {
	.name = "matrix",
	.brief = "Matrix room as Element exports it (export.json)",
	.containers = QUN_JSON,
	.recognise = recognise,
	.map = map,
	.header = "type,sender,content.msgtype,content.body,origin_server_ts,event_id",
	.array = arrays,
	.time = QUN_TIME_EPOCH_MS,
	.memory_size = sizeof(struct memory),
	.group = group,
	.event = event,
	.release = release,
};
