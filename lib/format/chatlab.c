/*
 * ChatLab v0.0.2, JSON and JSONL. Joins are system texts in the language of the source; the list of
 * members has further names and the roles, and may stand before or behind the messages.
 */
#include "text/wechat.h"

#include <stdlib.h>

enum {
	KIND, TYPE, SENDER, ACCOUNT, CARD, CONTENT, MEMBER, ROLES, ALIASES, META_ID, META_NAME, META_OWNER,
	META_PLATFORM
};

static const struct qun_mapping map[] = {
	{"timestamp", QUN_F_TS},
	{"sender", QUN_F_USER},
	{"groupNickname", QUN_F_NAME},
	{"accountName", QUN_F_NAME},
	{"content", QUN_F_TEXT},
	{"platformMessageId", QUN_F_ID},
	{"_type", QUN_F_RAW + KIND},
	{"type", QUN_F_RAW + TYPE},
	{"sender", QUN_F_RAW + SENDER},
	{"accountName", QUN_F_RAW + ACCOUNT},
	{"groupNickname", QUN_F_RAW + CARD},
	{"content", QUN_F_RAW + CONTENT},
	{"platformId", QUN_F_RAW + MEMBER},
	{"roles", QUN_F_RAW + ROLES},
	{"aliases", QUN_F_RAW + ALIASES},
	{"meta.groupId", QUN_F_RAW + META_ID},
	{"meta.name", QUN_F_RAW + META_NAME},
	{"meta.ownerId", QUN_F_RAW + META_OWNER},
	{"meta.platform", QUN_F_RAW + META_PLATFORM},
	{NULL, 0},
};

static const char *const arrays[] = {"", "messages", "members", NULL};

/* Someone whose role is not member. */
struct officer {
	struct qun_span name; /* in text */
	const char *role;     /* owner or staff */
};

struct memory {
	struct qun_wechat_room room; /* first: the room's functions look for it here */
	struct qun_dict officers;
	struct officer *officer; /* by number in officers */
	size_t officer_cap;
	struct qun_arena text;
	struct qun_span group;  /* of the messages, in text */
	int64_t first_ts;       /* of the earliest message */
	bool any;
};

static int recognise(const struct qun_sample *s)
{
	static const char *const message[] = {"sender", "timestamp", "type", NULL};
	static const char *const member[] = {"platformId", "accountName", NULL};
	static const char *const own[] = {"accountName", "platformMessageId", "groupNickname"};
	bool message_like = qun_sample_has(s, message);

	if (s->container != QUN_JSON)
		return 0;
	if (!*s->array)
		return qun_sample_column(s, "_type") >= 0 && (message_like ||
			qun_sample_column(s, "platformId") >= 0 ||
			qun_sample_column(s, "chatlab.version") >= 0) ? 95 : 0;
	if (qun_header_get(s->header, "chatlab.version").len)
		return message_like || qun_sample_column(s, "platformId") >= 0 ? 95 : 0;
	for (size_t i = 0; message_like && i < sizeof(own) / sizeof(*own); i++) {
		if (qun_sample_column(s, own[i]) >= 0)
			return 80;
	}
	return qun_sample_has(s, member) ? 80 : 0;
}

static int add_officer(struct memory *m, struct qun_span id, struct qun_span name, const char *role)
{
	struct officer o = {{qun_arena_copy(&m->text, name), name.len}, role};
	uint32_t n = qun_dict_find(&m->officers, id);
	int rc = 0;

	if (!o.name.ptr || qun_grow(&m->officer, &m->officer_cap, m->officers.n, sizeof(o)) < 0)
		return QUN_ENOMEM;
	if (n == QUN_NONE) {
		rc = qun_dict_add(&m->officers, id, &n);
	} else {
		/* the header tells the owner without a name */
		o.name = name.len ? o.name : m->officer[n].name;
		o.role = m->officer[n].role[0] == 'o' ? m->officer[n].role : role;
	}
	if (rc == 0)
		m->officer[n] = o;
	return rc;
}

/* The header of the lines; a document has the same beside its messages, before or behind them. */
static int meet_chat(struct qun_hook *hook)
{
	struct memory *m = hook->memory;
	const struct qun_cell_in *raw = hook->raw;
	struct qun_span id = qun_span_trim(raw[META_ID].s), owner = qun_span_trim(raw[META_OWNER].s);

	hook->part = true;
	m->room.qq = qun_span_is(raw[META_PLATFORM].s, "qq");
	qun_buf_clear(&m->room.group);
	int rc = qun_buf_add_span(&m->room.group, id.len ? id : qun_span_trim(raw[META_NAME].s));
	return rc == 0 && owner.len ? add_officer(m, owner, (struct qun_span){0}, "owner") : rc;
}

/* Roles are objects with an id; a custom one makes nobody staff. */
static int each_role(void *arg, struct qun_span key, const struct qun_cell_in *cell)
{
	const char **role = arg;

	if (cell->kind == QUN_CELL_JSON)
		return qun_json_each(cell->s, each_role, arg);
	if (key.len && !qun_span_is(key, "id"))
		return 0;
	if (qun_span_is(cell->s, "owner"))
		*role = "owner";
	else if (qun_span_is(cell->s, "admin") && !*role)
		*role = "staff";
	return 0;
}

struct naming {
	struct qun_hook *hook;
	struct qun_span id;
};

static int each_alias(void *arg, struct qun_span key, const struct qun_cell_in *cell)
{
	const struct naming *n = arg;

	(void)key;
	return cell->kind == QUN_CELL_TEXT ? qun_wechat_person(n->hook, n->id, cell->s) : 0;
}

static int meet_member(struct qun_hook *hook)
{
	const struct qun_cell_in *raw = hook->raw;
	struct qun_span id = qun_span_trim(raw[MEMBER].s), card = qun_span_trim(raw[CARD].s);
	struct naming aliases = {hook, id};
	const char *role = NULL;

	int rc = qun_wechat_person(hook, id, raw[ACCOUNT].s);
	if (rc == 0)
		rc = qun_wechat_person(hook, id, card);
	if (rc == 0 && raw[ALIASES].kind == QUN_CELL_JSON)
		rc = qun_json_each(raw[ALIASES].s, each_alias, &aliases);
	if (rc == 0 && raw[ROLES].kind == QUN_CELL_JSON)
		rc = qun_json_each(raw[ROLES].s, each_role, &role);
	if (rc == 0 && role && id.len)
		rc = add_officer(hook->memory, id, card.len ? card : qun_span_trim(raw[ACCOUNT].s), role);
	return rc;
}

static int note_message(struct memory *m, const struct qun_event *ev)
{
	struct qun_span group = ev->field[QUN_F_GROUP];

	if (!m->any || ev->ts < m->first_ts)
		m->first_ts = ev->ts;
	if (!m->any)
		m->group = (struct qun_span){qun_arena_copy(&m->text, group), group.len};
	m->any = true;
	return m->group.ptr ? 0 : QUN_ENOMEM;
}

static int message(struct qun_hook *hook, struct qun_event *ev)
{
	static const char *const names[] = {"meta.groupId", "meta.name", NULL};
	const struct qun_cell_in *raw = hook->raw;
	struct qun_span sender = qun_span_trim(raw[SENDER].s);
	enum qun_wechat_row row = qun_chatlab_row_of(raw[TYPE].s);

	if (ev->ts == QUN_NEVER)
		return hook->bad(hook, "time", "timestamp", "a message without a time");
	if (raw[TYPE].kind == QUN_CELL_ABSENT)
		return hook->bad(hook, "columns", "type", "the record has none");
	int rc = qun_wechat_group(hook, ev, NULL, names, (struct qun_span){0});
	if (rc == 0)
		rc = note_message(hook->memory, ev);
	if (rc == 0 && row == QUN_WECHAT_SYSTEM)
		return qun_wechat_tell(hook, ev, raw[CONTENT].s);
	if (rc == 0 && qun_span_is(sender, "system"))
		ev->field[QUN_F_USER] = ev->field[QUN_F_NAME] = (struct qun_span){0};
	else if (rc == 0)
		rc = qun_wechat_person(hook, sender, raw[ACCOUNT].s);
	if (rc == 0)
		rc = qun_wechat_person(hook, sender, raw[CARD].s);
	return rc < 0 ? rc : qun_wechat_said(hook, ev, row);
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	struct memory *m = hook->memory;
	const struct qun_cell_in *raw = hook->raw;
	struct qun_span kind = qun_span_trim(raw[KIND].s);
	struct qun_span platform = qun_header_get(hook->header, "meta.platform");

	/* of lines the first one has told it, or nobody */
	if (kind.len)
		m->room.grouped = true;
	else if (!m->room.grouped)
		m->room.qq = !platform.len || qun_span_is(platform, "qq");
	if (qun_span_is(kind, "header"))
		return meet_chat(hook);
	if (kind.len ? qun_span_is(kind, "message") : raw[MEMBER].kind == QUN_CELL_ABSENT)
		return message(hook, ev);
	hook->part = true;
	return !kind.len || qun_span_is(kind, "member") ? meet_member(hook) : 0;
}

/* The list of members knows no time: a role is told at the time of the earliest message. */
static int tell_roles(struct qun_hook *hook)
{
	struct memory *m = hook->memory;
	int rc = 0;

	for (uint32_t i = 0; m->any && rc >= 0 && i < m->officers.n; i++) {
		struct qun_event ev = {.ts = m->first_ts, .type = QUN_SYSTEM};
		ev.field[QUN_F_TYPE] = qun_span_of(qun_type_name(QUN_SYSTEM));
		ev.field[QUN_F_GROUP] = qun_span_is(m->group, "-") ? qun_buf_span(&m->room.group) : m->group;
		ev.field[QUN_F_USER] = qun_dict_text(&m->officers, i);
		ev.field[QUN_F_NAME] = m->officer[i].name;
		ev.field[QUN_F_ROLE] = qun_span_of(m->officer[i].role);
		rc = hook->emit(hook, &ev);
	}
	return rc;
}

static int end(struct qun_hook *hook)
{
	struct qun_span owner = qun_span_trim(qun_header_get(hook->header, "meta.ownerId"));
	int rc = owner.len ? add_officer(hook->memory, owner, (struct qun_span){0}, "owner") : 0;

	if (rc == 0)
		rc = qun_wechat_end(hook);
	return rc < 0 ? rc : tell_roles(hook);
}

static void release(void *memory)
{
	struct memory *m = memory;

	qun_wechat_release(&m->room);
	qun_arena_release(&m->text);
	qun_dict_release(&m->officers);
	free(m->officer);
}

const struct qun_format qun_format_chatlab = {
	.name = "chatlab",
	.brief = "ChatLab JSON and JSONL, from any chat platform",
	.containers = QUN_JSON,
	.recognise = recognise,
	.map = map,
	.header = "sender,accountName,timestamp,type,content",
	.array = arrays,
	.time = QUN_TIME_EACH,
	.timeless = true,
	.memory_size = sizeof(struct memory),
	.event = event,
	.end = end,
	.release = release,
};
