/*
 * Wechaty's events and messages, dumped one a line, bare or under "payload". Whoever joins or leaves
 * has an id here; sentences that say the same once more are not told again. Times are seconds or
 * milliseconds, even in one file.
 */
#include "text/wechat.h"

enum { EVENT, TYPE, TEXT, TALKER, ROOM, INVITEES, INVITER, REMOVEES, REMOVER, CHANGER };

/* A key bare, and inside of payload. */
#define BOTH(key, field) {key, field}, {"payload." key, field}

static const struct qun_mapping map[] = {
	BOTH("timestamp", QUN_F_TS),
	BOTH("roomId", QUN_F_GROUP),
	BOTH("talkerId", QUN_F_USER),
	BOTH("fromId", QUN_F_USER), /* in older logs */
	BOTH("talkerName", QUN_F_NAME),
	BOTH("text", QUN_F_TEXT),
	BOTH("id", QUN_F_ID),
	{"event", QUN_F_RAW + EVENT},
	BOTH("type", QUN_F_RAW + TYPE),
	BOTH("text", QUN_F_RAW + TEXT),
	BOTH("talkerId", QUN_F_RAW + TALKER),
	BOTH("fromId", QUN_F_RAW + TALKER),
	BOTH("inviteeIdList", QUN_F_RAW + INVITEES),
	BOTH("inviterId", QUN_F_RAW + INVITER),
	BOTH("removeeIdList", QUN_F_RAW + REMOVEES),
	BOTH("removerId", QUN_F_RAW + REMOVER),
	BOTH("changerId", QUN_F_RAW + CHANGER),
	BOTH("roomId", QUN_F_RAW + ROOM),
	{NULL, 0},
};

struct memory {
	struct qun_wechat_room room; /* first: the room's functions look for it here */
	bool events; /* joins or leaves come as events */
};

static bool has(const struct qun_sample *s, const char *bare, const char *inside)
{
	return qun_sample_column(s, bare) >= 0 || qun_sample_column(s, inside) >= 0;
}

static int recognise(const struct qun_sample *s)
{
	bool message = has(s, "talkerId", "payload.talkerId") || has(s, "fromId", "payload.fromId");
	bool change = has(s, "inviteeIdList", "payload.inviteeIdList") ||
		has(s, "removeeIdList", "payload.removeeIdList");

	if (s->container != QUN_JSON || !has(s, "timestamp", "payload.timestamp") ||
		!has(s, "roomId", "payload.roomId"))
		return 0;
	return message || change ? 85 : 0;
}

/* Ids of a list on their way into events. */
struct people {
	struct qun_hook *hook;
	struct qun_event *ev;
	struct qun_span actor;
	enum qun_type type;
};

static int each_person(void *arg, struct qun_span key, const struct qun_cell_in *cell)
{
	struct people *p = arg;
	struct qun_span who = qun_span_trim(cell->s);
	bool other = p->actor.len && !qun_span_eq(p->actor, who);

	(void)key;
	if (cell->kind == QUN_CELL_NULL || cell->kind == QUN_CELL_JSON || !who.len)
		return 0;
	p->ev->type = p->type;
	p->ev->field[QUN_F_TYPE] = qun_span_of(qun_type_name(p->type));
	p->ev->field[QUN_F_USER] = who;
	p->ev->field[QUN_F_REF] = other ? p->actor : (struct qun_span){0};
	p->ev->field[QUN_F_SOURCE] = qun_span_of(!other ? "" : p->type == QUN_JOIN ? "invite" : "removed");
	return p->hook->emit(p->hook, p->ev);
}

/* A list of people, or the id of one. */
static int tell_people(struct qun_hook *hook, struct qun_event *ev, const struct qun_cell_in *list,
	struct qun_span actor, enum qun_type type)
{
	struct people p = {hook, ev, qun_span_trim(actor), type};

	((struct memory *)hook->memory)->events = true;
	return list->kind == QUN_CELL_JSON ? qun_json_each(list->s, each_person, &p) :
		each_person(&p, (struct qun_span){0}, list);
}

/* Types are numbers, or the names of the numbers. */
static bool is_type(struct qun_span type, const char *number, const char *name)
{
	return qun_span_is(type, number) || qun_span_is(type, name) ||
		(qun_span_starts(type, "MessageType.") && qun_span_ends(type, name));
}

static int message(struct qun_hook *hook, struct qun_event *ev)
{
	struct qun_span type = qun_span_trim(hook->raw[TYPE].s);

	if (is_type(type, "18", "System"))
		return qun_wechat_tell(hook, ev, hook->raw[TEXT].s);
	if (is_type(type, "13", "Recalled"))
		return qun_wechat_said(hook, ev, QUN_WECHAT_PATTED);
	return qun_wechat_said(hook, ev,
		is_type(type, "12", "RedEnvelope") ? QUN_WECHAT_SENT_PACKET : QUN_WECHAT_SAID);
}

static bool is_cell(const struct qun_cell_in *cell)
{
	return cell->kind != QUN_CELL_ABSENT && cell->kind != QUN_CELL_NULL;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	const struct qun_cell_in *raw = hook->raw;
	struct qun_span name = qun_span_trim(raw[EVENT].s);

	if (ev->ts == QUN_NEVER)
		return is_cell(&raw[ROOM]) || is_cell(&raw[TALKER]) ?
			hook->bad(hook, "time", "timestamp", "an event without a time") : 0;
	if (is_cell(&raw[INVITEES]))
		return tell_people(hook, ev, &raw[INVITEES], raw[INVITER].s, QUN_JOIN);
	if (is_cell(&raw[REMOVEES]))
		return tell_people(hook, ev, &raw[REMOVEES], raw[REMOVER].s, QUN_LEAVE);
	if (name.len ? qun_span_is(name, "message") : is_cell(&raw[TALKER]))
		return message(hook, ev);
	if (!is_cell(&raw[ROOM]))
		return 0;
	/* a new topic or announcement of the group */
	ev->type = QUN_SYSTEM;
	ev->field[QUN_F_TYPE] = qun_span_of(qun_type_name(QUN_SYSTEM));
	ev->field[QUN_F_USER] = qun_span_trim(raw[CHANGER].s);
	return hook->emit(hook, ev);
}

static int end(struct qun_hook *hook)
{
	struct memory *m = hook->memory;

	if (m->events)
		m->room.nheld = 0;
	return qun_wechat_end(hook);
}

const struct qun_format qun_format_wechaty = {
	.name = "wechaty",
	.brief = "Wechaty events and messages as JSON lines",
	.containers = QUN_JSON,
	.recognise = recognise,
	.map = map,
	.time = QUN_TIME_EACH,
	.timeless = true,
	.memory_size = sizeof(struct memory),
	.event = event,
	.end = end,
	.release = qun_wechat_release,
};
