/*
 * Telegram Desktop, one chat or all of them. Actions name people only, so members are found by the
 * names that messages and actors bear; writers of several versions break the rules of JSON.
 */
#include "text/kind.h"
#include "text/people.h"

#include <string.h>

enum { TYPE, ACTION, FROM, FROM_ID, ACTOR, ACTOR_ID, MEMBERS, INVITER, TEXT };

/* Rows of the map that a plain message is known by. */
enum { ROW_FROM_ID = 2, ROW_FROM, ROW_TYPE = 5, ROW_TEXT = 13 };

static const struct qun_mapping map[] = {
	{"date_unixtime", QUN_F_TS},
	{"date", QUN_F_TS},
	{"from_id", QUN_F_USER},
	{"from", QUN_F_NAME},
	{"id", QUN_F_ID},
	{"type", QUN_F_RAW + TYPE},
	{"action", QUN_F_RAW + ACTION},
	{"from", QUN_F_RAW + FROM},
	{"from_id", QUN_F_RAW + FROM_ID},
	{"actor", QUN_F_RAW + ACTOR},
	{"actor_id", QUN_F_RAW + ACTOR_ID},
	{"members", QUN_F_RAW + MEMBERS},
	{"inviter", QUN_F_RAW + INVITER},
	{"text", QUN_F_RAW + TEXT},
	{NULL, 0},
};

static const char *const arrays[] = {"messages", "chats.list.messages", "left_chats.list.messages", NULL};

static int recognise(const struct qun_sample *s)
{
	static const char *const message[] = {"id", "type", "date", "from", "text", NULL};
	static const char *const service[] = {"id", "type", "date", "actor", "action", NULL};

	return s->container == QUN_JSON && (qun_sample_has(s, message) || qun_sample_has(s, service)) &&
			qun_sample_column(s, "timestamp") < 0 ? 90 : 0;
}

static struct qun_span text_of(const struct qun_cell_in *cell)
{
	bool text = cell->kind == QUN_CELL_TEXT || cell->kind == QUN_CELL_NUMBER;

	return text ? qun_span_trim(cell->s) : (struct qun_span){0};
}

/* The chat whose messages are being read; of a whole account it is the newest one begun. */
static struct qun_span group(const struct qun_hook *hook)
{
	static const char *const paths[] = {"left_chats.list.id", "chats.list.id", "id"};
	struct qun_span id = {0};

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths) && !id.len; i++)
		id = qun_header_get(hook->header, paths[i]);
	return id;
}

static int add_part(void *arg, struct qun_span key, const struct qun_cell_in *cell)
{
	struct qun_buf *out = arg;

	if (key.len && !qun_span_is(key, "text"))
		return 0;
	if (cell->kind == QUN_CELL_JSON && !key.len)
		return qun_json_each(cell->s, add_part, out);
	return cell->kind == QUN_CELL_TEXT ? qun_buf_add_span(out, cell->s) : 0;
}

/* A string, or an array of strings and objects that hold one. */
static int set_text(struct qun_hook *hook, struct qun_event *ev)
{
	const struct qun_cell_in *cell = &hook->raw[TEXT];
	struct qun_buf text = {0};
	int rc;

	ev->field[QUN_F_TEXT] = cell->kind == QUN_CELL_TEXT ? cell->s : (struct qun_span){0};
	if (cell->kind != QUN_CELL_JSON || !hook->texts)
		return 0;
	rc = qun_json_each(cell->s, add_part, &text);
	if (rc == QUN_ENOMEM || !text.len) {
		qun_buf_release(&text);
		return rc == QUN_ENOMEM ? rc : 0;
	}
	char *copy = qun_arena_copy(hook->scratch, qun_buf_span(&text));
	ev->field[QUN_F_TEXT] = (struct qun_span){copy, text.len};
	qun_buf_release(&text);
	return copy ? 0 : QUN_ENOMEM;
}

/* The members of an action, one change each. */
struct listing {
	struct qun_hook *hook;
	const struct qun_event *ev;
	struct qun_change change;
	bool others; /* without who acts */
};

static int add_member(void *arg, struct qun_span key, const struct qun_cell_in *cell)
{
	struct listing *l = arg;

	(void)key;
	l->change.who = (struct qun_person){.name = text_of(cell)};
	if (l->others && qun_span_eq(l->change.who.name, l->change.actor.name))
		return 0;
	int rc = qun_people_hold(l->hook, l->hook->memory, l->ev, &l->change);
	l->change.nth++;
	return rc;
}

static int members(struct qun_hook *hook, const struct qun_event *ev, enum qun_type type, const char *source,
	bool others)
{
	const struct qun_cell_in *raw = hook->raw;
	struct listing l = {hook, ev, {.type = type, .source = source, .nth = others}, others};
	int rc = 0;

	l.change.actor = (struct qun_person){text_of(&raw[ACTOR_ID]), text_of(&raw[ACTOR])};
	if (raw[MEMBERS].kind == QUN_CELL_JSON)
		rc = qun_json_each(raw[MEMBERS].s, add_member, &l);
	return rc == QUN_ENOMEM ? rc : 0;
}

/* Who acts comes himself. */
static int joins(struct qun_hook *hook, const struct qun_event *ev, const char *source)
{
	const struct qun_cell_in *raw = hook->raw;
	struct qun_change c = {.type = QUN_JOIN, .source = source};

	c.who = (struct qun_person){text_of(&raw[ACTOR_ID]), text_of(&raw[ACTOR])};
	c.actor.name = text_of(&raw[INVITER]);
	return qun_people_hold(hook, hook->memory, ev, &c);
}

static int service(struct qun_hook *hook, struct qun_event *ev)
{
	const struct qun_cell_in *raw = hook->raw;
	struct qun_span action = text_of(&raw[ACTION]);
	int rc = qun_people_see(hook, hook->memory, text_of(&raw[ACTOR_ID]), text_of(&raw[ACTOR]));

	if (rc < 0)
		return rc;
	if (qun_span_is(action, "invite_members")) {
		rc = members(hook, ev, QUN_JOIN, "invite", false);
	} else if (qun_span_is(action, "create_group")) {
		rc = joins(hook, ev, "created");
		rc = rc < 0 ? rc : members(hook, ev, QUN_JOIN, "invite", true);
	} else if (qun_span_is(action, "remove_members")) {
		rc = members(hook, ev, QUN_LEAVE, "removed", false);
	} else if (qun_span_is(action, "join_group_by_link") || qun_span_is(action, "join_group_by_request")) {
		rc = joins(hook, ev, "link");
	}
	if (rc < 0 || hook->held)
		return rc;
	ev->type = QUN_SYSTEM;
	ev->field[QUN_F_TYPE] = qun_span_of(qun_type_name(QUN_SYSTEM));
	ev->field[QUN_F_USER] = text_of(&raw[ACTOR_ID]);
	ev->field[QUN_F_NAME] = text_of(&raw[ACTOR]);
	return hook->emit(hook, ev);
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	const struct qun_cell_in *raw = hook->raw;
	bool alone = qun_span_is(qun_span_of(hook->array), "messages");
	bool message = qun_span_is(raw[TYPE].s, "message");
	struct qun_span chat = group(hook);
	int rc;

	if (raw[TYPE].kind == QUN_CELL_ABSENT && ev->ts != QUN_NEVER)
		return hook->bad(hook, "columns", "type", "the record has none");
	if (!message && !qun_span_is(raw[TYPE].s, "service"))
		return 0; /* unsupported: no more than an id */
	if (ev->ts == QUN_NEVER)
		return hook->bad(hook, "time", "date", "a %s without a time", message ? "message" : "service row");
	if (!alone && !chat.len)
		return hook->bad(hook, "order", NULL, "its chat is told behind the messages, where several chats are");
	qun_set_group(ev, chat);
	if (!message) {
		hook->later = hook->apart;
		return hook->apart ? 0 : service(hook, ev);
	}
	rc = qun_people_see(hook, hook->memory, text_of(&raw[FROM_ID]), text_of(&raw[FROM]));
	if (rc < 0 || hook->later)
		return rc;
	rc = set_text(hook, ev);
	return rc < 0 ? rc : hook->emit(hook, ev);
}

/* A string, or nothing. */
static bool take_string(const struct qun_cell_in *cell, struct qun_span *s)
{
	*s = cell->kind == QUN_CELL_TEXT ? cell->s : (struct qun_span){0};
	return cell->kind <= QUN_CELL_TEXT;
}

/* A message of someone known by this name, its text in one piece if anybody reads it. */
static bool plain(const struct qun_hook *hook, const struct qun_cell_in *cell, struct qun_event *ev)
{
	struct qun_span type = cell[ROW_TYPE].s, name;

	return type.len == 7 && memcmp(type.ptr, "message", 7) == 0 && cell[ROW_FROM_ID].kind == QUN_CELL_TEXT &&
		take_string(&cell[ROW_FROM], &name) &&
		(!hook->texts || take_string(&cell[ROW_TEXT], &ev->field[QUN_F_TEXT])) &&
		qun_people_know(hook, hook->memory, cell[ROW_FROM_ID].s, name);
}

static int end(struct qun_hook *hook)
{
	return qun_people_end(hook, hook->memory);
}

static void release(void *memory)
{
	qun_people_release(memory);
}

const struct qun_format qun_format_telegram = {
	.name = "telegram",
	.brief = "Telegram Desktop JSON (result.json) of one chat or all",
	.containers = QUN_JSON,
	.recognise = recognise,
	.map = map,
	.header = "id,type,date,from,from_id,text\n"
		"id,type,date,actor,actor_id,action,text",
	.array = arrays,
	.loose_json = true,
	.timeless = true,
	.apart = true,
	.memory_size = sizeof(struct qun_people),
	.group = group,
	.event = event,
	.plain = plain,
	.end = end,
	.release = release,
};
