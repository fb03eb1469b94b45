/*
 * The room: sentences name people as the exporter's screen showed them, rows carry ids. Names seen
 * anywhere in the file lead from one to the other, so membership sentences wait until its end; a
 * name of nobody or of several people stays a name.
 */
#include "text/wechat.h"

#include "qun/num.h"
#include "qun/utf8.h"

#include <stdlib.h>
#include <string.h>

/* Sentences waiting at once; beyond that they go out with the names known so far. */
enum { HELD_MAX = 100000, HELD_MAX_BYTES = 64 << 20 };
enum { NAME_MAX_BYTES = 512 };
#define SEVERAL (QUN_NONE - 1) /* owner of a name that more than one id bears */

struct qun_wechat_held {
	int64_t ts;
	struct qun_span group, id, text;
};

/* As MemoTrace writes a name into a file name: \ / : * ? " < > | . blanks and controls become _. */
static struct qun_span sanitize(struct qun_span name, char out[NAME_MAX_BYTES])
{
	size_t len = 0, at = 0;

	while (at < name.len) {
		size_t from = at;
		int32_t cp = qun_utf8_next(name, &at);
		bool blank = (cp >= 0 && cp <= ' ') || cp == 0x7f || cp == 0x85 || cp == 0xa0 || cp == 0x1680 ||
			(cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028 || cp == 0x2029 || cp == 0x202f ||
			cp == 0x205f || cp == 0x3000;
		if (blank || (cp > 0 && cp < 0x80 && strchr("\\/:*?\"<>|.", cp))) {
			out[len++] = '_';
			continue;
		}
		memcpy(out + len, name.ptr + from, at - from);
		len += at - from;
	}
	return (struct qun_span){out, len};
}

static int own_name(struct qun_hook *hook, struct qun_wechat_room *room, uint32_t id,
	struct qun_span name)
{
	uint32_t n;

	int rc = qun_dict_add(hook->names, name, &n);
	if (rc < 0)
		return rc;
	for (; room->nowner <= n; room->nowner++) {
		if ((rc = qun_grow(&room->owner, &room->owner_cap, room->nowner, sizeof(*room->owner))) < 0)
			return rc;
		room->owner[room->nowner] = QUN_NONE;
	}
	if (room->owner[n] == QUN_NONE)
		room->owner[n] = id;
	else if (room->owner[n] != id)
		room->owner[n] = SEVERAL;
	return 0;
}

int qun_wechat_person(struct qun_hook *hook, struct qun_span id, struct qun_span name)
{
	struct qun_wechat_room *room = hook->memory;
	char file_name[NAME_MAX_BYTES];
	uint32_t n;

	name = qun_span_trim(name);
	if (!id.len || !name.len || name.len > NAME_MAX_BYTES || qun_wechat_phantom(id))
		return 0;
	int rc = qun_dict_add(&room->ids, id, &n);
	if (rc < 0 || (rc = own_name(hook, room, n, name)) < 0)
		return rc;
	/* a remark comes sanitised, the sentence has it as it was: both meet in this form */
	struct qun_span safe = sanitize(name, file_name);
	return qun_span_eq(safe, name) ? 0 : own_name(hook, room, n, safe);
}

int qun_wechat_self(struct qun_hook *hook, struct qun_span id)
{
	struct qun_wechat_room *room = hook->memory;
	uint32_t n;

	if (!id.len || qun_wechat_phantom(id))
		return 0;
	int rc = qun_dict_add(&room->ids, id, &n);
	if (rc < 0)
		return rc;
	if (room->self && room->self != n + 1)
		room->several_selves = true;
	room->self = n + 1;
	return 0;
}

static bool known(const void *names, struct qun_span name)
{
	char file_name[NAME_MAX_BYTES];

	return name.len <= NAME_MAX_BYTES && (qun_dict_find(names, name) != QUN_NONE ||
		qun_dict_find(names, sanitize(name, file_name)) != QUN_NONE);
}

/* Whose name it is: QUN_NONE nobody's, SEVERAL more than one's. */
static uint32_t owner_of(const struct qun_wechat_room *room, const struct qun_dict *names,
	struct qun_span name)
{
	uint32_t n = qun_dict_find(names, name);

	return n < room->nowner ? room->owner[n] : QUN_NONE;
}

/* The id of the one person who bears the name, else the name. */
static struct qun_span id_of_name(struct qun_hook *hook, struct qun_span name)
{
	const struct qun_wechat_room *room = hook->memory;
	char file_name[NAME_MAX_BYTES];

	if (!name.len || name.len > NAME_MAX_BYTES)
		return name;
	uint32_t owner = owner_of(room, hook->names, name);
	if (owner == QUN_NONE)
		owner = owner_of(room, hook->names, sanitize(name, file_name));
	return owner < SEVERAL ? qun_dict_text(&room->ids, owner) : name;
}

/* Takes the group from the header, if it is there by now. */
static int find_group(struct qun_hook *hook)
{
	struct qun_wechat_room *room = hook->memory;
	const char *const *rooms = room->group_rooms, *const *names = room->group_names;
	struct qun_span group = {0};

	for (; rooms && *rooms && !group.len; rooms++) {
		group = qun_span_trim(qun_header_get(hook->header, *rooms));
		group.len = qun_wechat_is_room(group) ? group.len : 0;
	}
	for (; names && *names && !group.len; names++)
		group = qun_span_trim(qun_header_get(hook->header, *names));
	room->grouped = group.len > 0;
	return qun_buf_add_span(&room->group, group);
}

int qun_wechat_group(struct qun_hook *hook, struct qun_event *ev, const char *const *rooms,
	const char *const *names, struct qun_span other)
{
	struct qun_wechat_room *room = hook->memory;
	int rc = 0;

	/* --set or a cell of the row itself said it */
	if (!qun_span_is(ev->field[QUN_F_GROUP], "-"))
		return 0;
	room->group_rooms = rooms;
	room->group_names = names;
	if (!room->grouped && !room->late)
		rc = find_group(hook);
	room->late = !room->grouped;
	if (rc == 0 && other.len && !room->other.len)
		rc = qun_buf_add_span(&room->other, other);
	if (rc == 0 && room->group.len)
		ev->field[QUN_F_GROUP] = qun_buf_span(&room->group);
	return rc;
}

/* The file is at its end, or what waits is too much: the group is what is known by now. */
static int tell_waiting(struct qun_hook *hook)
{
	struct qun_wechat_room *room = hook->memory;
	struct qun_event ev;
	int rc = room->late ? find_group(hook) : 0;

	if (room->late && !room->group.len && rc == 0)
		rc = qun_buf_add_span(&room->group, qun_buf_span(&room->other));
	room->late = false;
	room->grouped = true;
	while (rc >= 0 && qun_wait_take(&room->wait, &ev)) {
		if (room->group.len && qun_span_is(ev.field[QUN_F_GROUP], "-"))
			ev.field[QUN_F_GROUP] = qun_buf_span(&room->group);
		rc = hook->emit(hook, &ev);
	}
	qun_wait_release(&room->wait);
	return rc;
}

/* Hands an event on, now or when its group is known. */
static int hand_on(struct qun_hook *hook, struct qun_wechat_room *room, struct qun_event *ev)
{
	if (!room || !room->late || !qun_span_is(ev->field[QUN_F_GROUP], "-"))
		return hook->emit(hook, ev);
	hook->held = true;
	int rc = qun_wait_add(&room->wait, ev);
	if (rc != QUN_ELIMIT)
		return rc;
	rc = tell_waiting(hook);
	if (room->group.len)
		ev->field[QUN_F_GROUP] = qun_buf_span(&room->group);
	return rc < 0 ? rc : hook->emit(hook, ev);
}

/* One sentence on its way out. */
struct telling {
	struct qun_hook *hook;
	struct qun_wechat_room *room; /* NULL: names stay names */
	struct qun_span self;
	struct qun_event *ev;
	struct qun_span id;
	unsigned emitted;
};

static struct qun_span id_of(const struct telling *t, const struct qun_wechat_who *who)
{
	if (who->self)
		return t->self;
	if (who->id.len)
		return who->id;
	return t->room ? id_of_name(t->hook, who->name) : who->name;
}

static int emit(struct telling *t, enum qun_type type, const struct qun_wechat_who *who,
	struct qun_span ref, const char *source)
{
	struct qun_event *ev = t->ev;

	ev->type = type;
	ev->field[QUN_F_TYPE] = qun_span_of(qun_type_name(type));
	ev->field[QUN_F_USER] = who ? id_of(t, who) : (struct qun_span){0};
	ev->field[QUN_F_NAME] = who ? who->name : (struct qun_span){0};
	ev->field[QUN_F_REF] = ref;
	ev->field[QUN_F_SOURCE] = qun_span_of(source);
	ev->field[QUN_F_ID] = t->id;
	/* further people of one sentence need ids of their own, or --dedup takes them for repeats */
	if (t->emitted++ && t->id.len) {
		struct qun_buf id = {0};
		int rc = qun_buf_add_span(&id, t->id);
		if (!rc)
			rc = qun_buf_printf(&id, "#%u", t->emitted);
		char *copy = rc ? NULL : qun_arena_copy(t->hook->scratch, qun_buf_span(&id));
		ev->field[QUN_F_ID] = (struct qun_span){copy, id.len};
		qun_buf_release(&id);
		if (!copy)
			return rc ? rc : QUN_ENOMEM;
	}
	return hand_on(t->hook, t->room, ev);
}

/* One event for every target. */
static int emit_targets(struct telling *t, struct qun_wechat_event *said,
	const struct qun_wechat_names *names)
{
	enum qun_type type = said->kind == QUN_WECHAT_JOIN ? QUN_JOIN : QUN_LEAVE;
	const char *source = said->kind == QUN_WECHAT_KICK ? "removed" : said->source;
	struct qun_span ref = id_of(t, &said->actor);
	struct qun_wechat_who who;

	while (qun_wechat_next(said, names, &who)) {
		int rc = emit(t, type, &who, ref, source);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* Nobody is made up from a system row: its user is empty unless the sentence carries an id. */
static int emit_system(struct telling *t, const struct qun_wechat_event *said)
{
	return emit(t, QUN_SYSTEM, said->actor.id.len ? &said->actor : NULL, (struct qun_span){0}, "");
}

static int tell(struct telling *t, struct qun_wechat_event *said,
	const struct qun_wechat_names *names)
{
	struct qun_wechat_who owner = {0};
	bool someone = said->actor.self || said->actor.id.len || said->actor.name.len;
	int rc;

	switch (said->kind) {
	case QUN_WECHAT_JOIN:
	case QUN_WECHAT_KICK:
	case QUN_WECHAT_LEAVE:
		rc = emit_targets(t, said, names);
		if (rc < 0 || t->emitted)
			return rc;
		said->kind = QUN_WECHAT_UNKNOWN; /* "" joined: it names nobody */
		break;
	case QUN_WECHAT_PACKET:
		return emit(t, QUN_REDPACKET, someone ? &said->actor : NULL, (struct qun_span){0}, "sent");
	case QUN_WECHAT_OPENED:
		qun_wechat_next(said, names, &owner);
		return emit(t, QUN_REDPACKET, &said->actor, id_of(t, &owner), "claimed");
	default:
		break;
	}
	if (said->kind == QUN_WECHAT_UNKNOWN && t->hook->system_unknown)
		++*t->hook->system_unknown;
	return emit_system(t, said);
}

static struct qun_span self_of(const struct qun_wechat_room *room)
{
	if (!room->self || room->several_selves)
		return qun_span_of("我");
	return qun_dict_text(&room->ids, room->self - 1);
}

static int tell_held(struct qun_hook *hook)
{
	struct qun_wechat_room *room = hook->memory;
	struct qun_wechat_names names = {known, hook->names, room->ids_in_text, room->qq, hook->name_is_id};
	int rc = 0;

	for (size_t i = 0; i < room->nheld && rc >= 0; i++) {
		const struct qun_wechat_held *h = &room->held[i];
		struct qun_event ev = {.ts = h->ts};
		struct qun_wechat_event said;
		ev.field[QUN_F_GROUP] = h->group;
		if (room->group.len && qun_span_is(h->group, "-"))
			ev.field[QUN_F_GROUP] = qun_buf_span(&room->group);
		ev.field[QUN_F_TEXT] = h->text;
		struct telling t = {hook, room, self_of(room), &ev, h->id, 0};
		qun_wechat_parse(h->text, &names, &said);
		rc = tell(&t, &said, &names);
	}
	room->nheld = 0;
	qun_arena_release(&room->text);
	return rc;
}

static int copy(struct qun_arena *a, struct qun_span s, struct qun_span *out)
{
	char *p = qun_arena_copy(a, s);

	*out = (struct qun_span){p, s.len};
	return p ? 0 : QUN_ENOMEM;
}

static int hold(struct qun_hook *hook, const struct qun_event *ev, struct qun_span text)
{
	struct qun_wechat_room *room = hook->memory;
	struct qun_wechat_held h = {.ts = ev->ts};

	hook->held = true;
	if (room->nheld == HELD_MAX || room->text.bytes > HELD_MAX_BYTES) {
		int rc = tell_held(hook);
		if (rc < 0)
			return rc;
	}
	if (qun_grow(&room->held, &room->held_cap, room->nheld, sizeof(h)) < 0 ||
		copy(&room->text, ev->field[QUN_F_GROUP], &h.group) < 0 ||
		copy(&room->text, ev->field[QUN_F_ID], &h.id) < 0 || copy(&room->text, text, &h.text) < 0)
		return QUN_ENOMEM;
	room->held[room->nheld++] = h;
	return 0;
}

/* Names that a sentence gives whole help to split the lists of others. */
static int remember(struct qun_hook *hook, const struct qun_wechat_event *said)
{
	const struct qun_span names[] = {said->actor.name, said->one ? said->list : (struct qun_span){0}};
	uint32_t n;

	for (size_t i = 0; i < 2; i++) {
		if (!names[i].len || names[i].len > NAME_MAX_BYTES)
			continue;
		int rc = qun_dict_add(hook->names, names[i], &n);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int qun_wechat_tell(struct qun_hook *hook, struct qun_event *ev, struct qun_span text)
{
	struct qun_wechat_room *room = hook->memory;
	struct qun_wechat_names names = {known, hook->names, room->ids_in_text, room->qq, hook->name_is_id};
	struct telling t = {hook, room, self_of(room), ev, ev->field[QUN_F_ID], 0};
	struct qun_wechat_event said;

	qun_wechat_parse(text, &names, &said);
	int rc = remember(hook, &said);
	if (rc < 0)
		return rc;
	switch (said.kind) {
	case QUN_WECHAT_JOIN:
	case QUN_WECHAT_KICK:
	case QUN_WECHAT_LEAVE:
	case QUN_WECHAT_PACKET:
	case QUN_WECHAT_OPENED:
		return hold(hook, ev, text);
	default:
		return tell(&t, &said, &names);
	}
}

static bool name_known(void *arg, struct qun_span name)
{
	const struct qun_hook *hook = arg;

	return known(hook->names, name);
}

static struct qun_span name_to_id(void *arg, struct qun_span name)
{
	return id_of_name(arg, name);
}

static int tell_turn(void *arg, const struct qun_jielong_turn *turn)
{
	struct qun_hook *hook = arg;
	struct qun_wechat_room *room = hook->memory;
	struct qun_event ev = {.ts = turn->ts, .type = QUN_WORD};

	ev.field[QUN_F_TYPE] = qun_span_of("jielong");
	ev.field[QUN_F_GROUP] = turn->group;
	if (room->group.len && qun_span_is(turn->group, "-"))
		ev.field[QUN_F_GROUP] = qun_buf_span(&room->group);
	ev.field[QUN_F_USER] = turn->id;
	/* a list names people as its writers please: who has an id keeps the name that he shows himself */
	if (qun_span_eq(turn->id, turn->name))
		ev.field[QUN_F_NAME] = turn->name;
	ev.field[QUN_F_TEXT] = turn->line;
	ev.field[QUN_F_REF] = turn->poster;
	return hook->emit(hook, &ev);
}

/* Their records are used already: they are the messages that hold the lists. */
static int tell_chains(struct qun_hook *hook)
{
	struct qun_wechat_room *room = hook->memory;
	const struct qun_jielong_ear ear = {hook, name_known, name_to_id, tell_turn};

	hook->aside = true;
	int rc = qun_jielong_tell(&room->chains, &ear);
	hook->aside = false;
	return rc;
}

/* A message that is a list. When memory is full, people are told by the names known so far. */
static int hear_chain(struct qun_hook *hook, const struct qun_event *ev)
{
	struct qun_wechat_room *room = hook->memory;
	struct qun_span poster = ev->field[QUN_F_USER].len ? ev->field[QUN_F_USER] : ev->field[QUN_F_NAME];
	struct qun_jielong list;

	if (ev->type != QUN_MESSAGE || !qun_jielong_begin(ev->field[QUN_F_TEXT], &list))
		return 0;
	int rc = qun_jielong_add(&room->chains, list, ev->ts, ev->field[QUN_F_GROUP], poster);
	if (rc != QUN_ELIMIT)
		return rc;
	rc = tell_chains(hook);
	return rc < 0 ? rc : qun_jielong_add(&room->chains, list, ev->ts, ev->field[QUN_F_GROUP], poster);
}

int qun_wechat_end(struct qun_hook *hook)
{
	int rc = tell_waiting(hook);

	if (rc >= 0)
		rc = tell_held(hook);
	return rc < 0 ? rc : tell_chains(hook);
}

void qun_wechat_release(void *memory)
{
	struct qun_wechat_room *room = memory;

	qun_dict_release(&room->ids);
	qun_arena_release(&room->text);
	qun_buf_release(&room->group);
	qun_buf_release(&room->other);
	qun_wait_release(&room->wait);
	qun_jielong_release(&room->chains);
	free(room->owner);
	free(room->held);
	*room = (struct qun_wechat_room){0};
}

int qun_wechat_system(struct qun_hook *hook, struct qun_event *ev, struct qun_span text,
	struct qun_span self)
{
	struct qun_wechat_names names = {known, hook->names, false, false, hook->name_is_id};
	struct telling t = {hook, NULL, self, ev, ev->field[QUN_F_ID], 0};
	struct qun_wechat_event said;

	qun_wechat_parse(text, &names, &said);
	return tell(&t, &said, &names);
}

bool qun_wechat_is_room(struct qun_span id)
{
	return qun_span_ends(id, "@chatroom") || qun_span_ends(id, "@im.chatroom");
}

bool qun_wechat_phantom(struct qun_span s)
{
	static const char *const nobody[] = {"系统消息", "系统", "未知", "0"};

	for (size_t i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++) {
		if (qun_span_is(s, nobody[i]))
			return true;
	}
	return qun_wechat_is_room(s);
}

enum qun_wechat_row qun_wechat_row_of(struct qun_span type, struct qun_span subtype)
{
	type = qun_span_trim(type);
	subtype = qun_span_trim(subtype);
	if (qun_span_is(type, "10000") || qun_span_is(type, "10002"))
		return QUN_WECHAT_SYSTEM;
	if (!qun_span_is(type, "49"))
		return QUN_WECHAT_SAID;
	if (qun_span_is(subtype, "2001") || qun_span_is(subtype, "2002"))
		return QUN_WECHAT_SENT_PACKET;
	return qun_span_is(subtype, "62") ? QUN_WECHAT_PATTED : QUN_WECHAT_SAID;
}

enum qun_wechat_row qun_wechat_row_packed(struct qun_span type)
{
	struct qun_buf low = {0}, high = {0};
	enum qun_wechat_row row = QUN_WECHAT_SAID;
	int64_t v;

	if (!qun_int_parse(qun_span_trim(type), &v) || v < 0)
		return QUN_WECHAT_SAID;
	if (qun_int_format(&low, v & UINT32_MAX) == 0 && qun_int_format(&high, v >> 32) == 0)
		row = qun_wechat_row_of(qun_buf_span(&low), qun_buf_span(&high));
	qun_buf_release(&low);
	qun_buf_release(&high);
	return row;
}

enum qun_wechat_row qun_chatlab_row_of(struct qun_span type)
{
	type = qun_span_trim(type);
	if (qun_span_is(type, "80") || qun_span_is(type, "81"))
		return QUN_WECHAT_SYSTEM;
	if (qun_span_is(type, "20"))
		return QUN_WECHAT_SENT_PACKET;
	return qun_span_is(type, "22") ? QUN_WECHAT_PATTED : QUN_WECHAT_SAID;
}

enum qun_wechat_row qun_wechat_row_named(struct qun_span type)
{
	static const char *const system[] = {"系统", "邀请加群", "消息撤回", "撤回"};

	type = qun_span_trim(type);
	for (size_t i = 0; i < sizeof(system) / sizeof(system[0]); i++) {
		if (qun_span_starts(type, system[i]))
			return QUN_WECHAT_SYSTEM;
	}
	if (qun_span_is(type, "红包") || qun_span_is(type, "红包卡片") || qun_span_is(type, "红包消息"))
		return QUN_WECHAT_SENT_PACKET;
	return qun_span_starts(type, "拍一拍") ? QUN_WECHAT_PATTED : QUN_WECHAT_SAID;
}

void qun_wechat_mark(struct qun_event *ev, enum qun_wechat_row row)
{
	if (qun_wechat_phantom(ev->field[QUN_F_USER]))
		ev->field[QUN_F_USER] = ev->field[QUN_F_NAME] = (struct qun_span){0};
	if (row == QUN_WECHAT_SAID)
		return;
	ev->type = row == QUN_WECHAT_SENT_PACKET ? QUN_REDPACKET : QUN_SYSTEM;
	ev->field[QUN_F_TYPE] = qun_span_of(qun_type_name(ev->type));
	if (row == QUN_WECHAT_SENT_PACKET)
		ev->field[QUN_F_SOURCE] = qun_span_of("sent");
}

int qun_wechat_said(struct qun_hook *hook, struct qun_event *ev, enum qun_wechat_row row)
{
	qun_wechat_mark(ev, row);
	int rc = hear_chain(hook, ev);
	return rc < 0 ? rc : hand_on(hook, hook->memory, ev);
}
