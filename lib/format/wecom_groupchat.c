/*
 * WeCom's detail of a customer group (客户群详情): who is in it now, since when and by which way. Services
 * around WeCom write the same list with those who have left. Several details may follow one another.
 */
#include "input/wait.h"

#include "qun/format.h"

#include <string.h>

enum {
	TIME, USER, NAME, INVITER, TYPE, SCENE, SCENE_TEXT, DELETED, LEFT, MEMBER_CELLS,
	LIST = MEMBER_CELLS, CHAT, CHAT_NAME, OWNER, MADE
};

static const struct qun_mapping map[] = {
	{"join_time", QUN_F_TS},
	{"join_time_str", QUN_F_TS},
	{"userid", QUN_F_USER},
	{"user_id", QUN_F_USER},
	{"group_nickname", QUN_F_NAME},
	{"name", QUN_F_NAME},
	/* of a member */
	{"join_time", QUN_F_RAW + TIME},
	{"join_time_str", QUN_F_RAW + TIME},
	{"userid", QUN_F_RAW + USER},
	{"user_id", QUN_F_RAW + USER},
	{"group_nickname", QUN_F_RAW + NAME},
	{"name", QUN_F_RAW + NAME},
	{"invitor.userid", QUN_F_RAW + INVITER},
	{"invitor_ext_id", QUN_F_RAW + INVITER},
	{"type", QUN_F_RAW + TYPE},
	{"user_type", QUN_F_RAW + TYPE},
	{"join_scene", QUN_F_RAW + SCENE},
	{"join_scene_desc", QUN_F_RAW + SCENE_TEXT},
	{"deleted", QUN_F_RAW + DELETED},
	{"deleted_time", QUN_F_RAW + LEFT},
	{"withdraw_time", QUN_F_RAW + LEFT},
	/* of a whole detail */
	{"group_chat.member_list", QUN_F_RAW + LIST},
	{"member_list", QUN_F_RAW + LIST},
	{"group_chat.chat_id", QUN_F_RAW + CHAT},
	{"chat_id", QUN_F_RAW + CHAT},
	{"group_chat.name", QUN_F_RAW + CHAT_NAME},
	{"group_chat.owner", QUN_F_RAW + OWNER},
	{"owner", QUN_F_RAW + OWNER},
	{"group_chat.create_time", QUN_F_RAW + MADE},
	{"create_time", QUN_F_RAW + MADE},
	{NULL, 0},
};

static const char *const arrays[] = {"", "group_chat.member_list", "member_list", "data.member_list", "data", "data.list",
	"list", NULL};

/* What is told once for all members. */
struct chat {
	struct qun_span id, owner, made;
};

struct memory {
	struct qun_wait wait; /* members of a document whose group or owner is not told before the list */
};

static int recognise(const struct qun_sample *s)
{
	bool joined = qun_sample_column(s, "join_time") >= 0 || qun_sample_column(s, "join_time_str") >= 0;
	bool who = qun_sample_column(s, "userid") >= 0 || qun_sample_column(s, "user_id") >= 0;
	bool scene = qun_sample_column(s, "join_scene") >= 0 || qun_sample_column(s, "join_scene_desc") >= 0;

	if (s->container != QUN_JSON)
		return 0;
	if (qun_sample_column(s, "group_chat.member_list") >= 0)
		return 90;
	return joined && who && (scene || qun_span_ends(qun_span_of(s->array), "member_list")) ? 90 : 0;
}

/* 1 invited, 2 by an invitation's link, 3 by the group's QR code; callbacks write 0 for both of the first. */
static const char *source_of(struct qun_span scene, struct qun_span text)
{
	scene = qun_span_trim(scene);
	if (qun_span_is(scene, "3") || qun_span_find(text, "二维码", 0) >= 0)
		return "qr";
	if (qun_span_is(scene, "2") || qun_span_find(text, "链接", 0) >= 0)
		return "link";
	if (qun_span_is(scene, "1") || qun_span_is(scene, "0") || qun_span_find(text, "邀请", 0) >= 0)
		return "invite";
	return "";
}

static struct qun_span header(const struct qun_hook *hook, const char *inside, const char *bare)
{
	struct qun_span s = qun_header_get(hook->header, inside);

	return qun_span_trim(s.len ? s : qun_header_get(hook->header, bare));
}

static struct chat chat_around(const struct qun_hook *hook)
{
	struct chat c = {.id = header(hook, "group_chat.chat_id", "chat_id"),
		.owner = header(hook, "group_chat.owner", "owner"),
		.made = header(hook, "group_chat.create_time", "create_time")};

	if (!c.id.len)
		c.id = header(hook, "group_chat.name", "name");
	return c;
}

/* The group, and the role of its owner, who made it. ev's ts field holds the time of joining as written. */
static int tell_in(struct qun_hook *hook, struct qun_event *ev, const struct chat *chat)
{
	if (chat->id.len && qun_span_is(ev->field[QUN_F_GROUP], "-"))
		ev->field[QUN_F_GROUP] = chat->id;
	if (chat->owner.len && qun_span_eq(ev->field[QUN_F_USER], chat->owner)) {
		ev->field[QUN_F_ROLE] = qun_span_of("owner");
		if (ev->type == QUN_JOIN && qun_span_eq(ev->field[QUN_F_TS], chat->made))
			ev->field[QUN_F_SOURCE] = qun_span_of("created");
	}
	return hook->emit(hook, ev);
}

/* chat NULL: it stands around the list, perhaps some of it behind. */
static int tell(struct qun_hook *hook, struct qun_event *ev, const struct chat *chat)
{
	struct memory *m = hook->memory;
	struct chat around = chat ? *chat : chat_around(hook);

	if (chat || (around.id.len && around.owner.len && around.made.len))
		return tell_in(hook, ev, &around);
	int rc = qun_wait_add(&m->wait, ev);
	hook->held = rc == 0;
	if (rc == QUN_ELIMIT && !around.id.len)
		return hook->bad(hook, "too-long", NULL, "too many members before the group's id");
	return rc == QUN_ELIMIT ? tell_in(hook, ev, &around) : rc;
}

static int tell_type(struct qun_hook *hook, struct qun_event *ev, enum qun_type type, struct qun_span time,
	const struct chat *chat)
{
	ev->type = type;
	ev->field[QUN_F_TYPE] = qun_span_of(qun_type_name(type));
	ev->field[QUN_F_TS] = time;
	if (qun_time_parse(time, hook->time, hook->zone, &ev->ts) < 0)
		return hook->bad(hook, "time", type == QUN_JOIN ? "join_time" : "deleted_time",
			"cannot read time '%.*s'", (int)(time.len < 40 ? time.len : 40), time.len ? time.ptr : "");
	return tell(hook, ev, chat);
}

static int tell_member(struct qun_hook *hook, const struct qun_event *base, const struct qun_cell_in *cell,
	const struct chat *chat)
{
	struct qun_span left = qun_span_trim(cell[LEFT].s), deleted = qun_span_trim(cell[DELETED].s);
	bool gone = left.len && cell[LEFT].kind != QUN_CELL_NULL && !qun_span_is(left, "0") &&
		!qun_span_is(deleted, "0") && !qun_span_is(deleted, "false");
	struct qun_event ev = *base, leave;

	ev.field[QUN_F_USER] = qun_span_trim(cell[USER].s);
	ev.field[QUN_F_NAME] = qun_span_trim(cell[NAME].s);
	if (qun_span_is(qun_span_trim(cell[TYPE].s), "1"))
		ev.field[QUN_F_ROLE] = qun_span_of("staff");
	leave = ev;
	ev.field[QUN_F_SOURCE] = qun_span_of(source_of(cell[SCENE].s, cell[SCENE_TEXT].s));
	if (cell[INVITER].kind != QUN_CELL_NULL)
		ev.field[QUN_F_REF] = qun_span_trim(cell[INVITER].s);
	int rc = tell_type(hook, &ev, QUN_JOIN, qun_span_trim(cell[TIME].s), chat);
	return rc < 0 || !gone ? rc : tell_type(hook, &leave, QUN_LEAVE, left, chat);
}

/* Cells of a member inside a detail, taken as the mapping says. */
struct gathering {
	struct qun_hook *hook;
	const struct qun_event *base;
	const struct chat *chat;
	const char *inside; /* "invitor", or NULL */
	struct qun_cell_in cell[MEMBER_CELLS];
};

static int each_cell(void *arg, struct qun_span key, const struct qun_cell_in *cell)
{
	struct gathering *g = arg;
	size_t prefix = g->inside ? strlen(g->inside) + 1 : 0;

	if (!g->inside && qun_span_is(key, "invitor") && cell->kind == QUN_CELL_JSON) {
		g->inside = "invitor";
		int rc = qun_json_each(cell->s, each_cell, g);
		g->inside = NULL;
		return rc;
	}
	for (const struct qun_mapping *m = map; m->column; m++) {
		int i = m->field - QUN_F_RAW;
		bool dotted = strchr(m->column, '.') != NULL;
		if (i < 0 || i >= MEMBER_CELLS || dotted != (prefix > 0) || !qun_span_is(key, m->column + prefix))
			continue;
		/* an empty group_nickname leaves its place to the name */
		if (qun_span_trim(g->cell[i].s).len || cell->kind == QUN_CELL_NULL)
			continue;
		char *copy = qun_arena_copy(g->hook->scratch, cell->s);
		if (!copy)
			return QUN_ENOMEM;
		g->cell[i] = (struct qun_cell_in){{copy, cell->s.len}, cell->kind};
	}
	return 0;
}

static int each_member(void *arg, struct qun_span key, const struct qun_cell_in *cell)
{
	struct gathering *g = arg;

	(void)key;
	memset(g->cell, 0, sizeof(g->cell));
	if (cell->kind != QUN_CELL_JSON)
		return g->hook->bad(g->hook, "json", "member_list", "a member must be an object");
	int rc = qun_json_each(cell->s, each_cell, g);
	return rc < 0 ? rc : tell_member(g->hook, g->base, g->cell, g->chat);
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	const struct qun_cell_in *raw = hook->raw;
	struct chat chat = {.id = qun_span_trim(raw[CHAT].s), .owner = qun_span_trim(raw[OWNER].s),
		.made = qun_span_trim(raw[MADE].s)};
	struct gathering g = {hook, ev, &chat, NULL, {{{0}, 0}}};
	struct qun_cell_in cell[MEMBER_CELLS];

	if (raw[LIST].kind == QUN_CELL_JSON) {
		if (!chat.id.len)
			chat.id = qun_span_trim(raw[CHAT_NAME].s);
		return qun_json_each(raw[LIST].s, each_member, &g);
	}
	memcpy(cell, raw, sizeof(cell));
	if (ev->ts == QUN_NEVER && !qun_span_trim(cell[USER].s).len)
		return 0;
	cell[NAME].s = ev->field[QUN_F_NAME];
	return tell_member(hook, ev, cell, NULL);
}

static int end(struct qun_hook *hook)
{
	struct memory *m = hook->memory;
	struct chat chat = chat_around(hook);
	struct qun_event ev;
	int rc = 0;

	while (rc >= 0 && qun_wait_take(&m->wait, &ev))
		rc = tell_in(hook, &ev, &chat);
	return rc;
}

static void release(void *memory)
{
	qun_wait_release(&((struct memory *)memory)->wait);
}

const struct qun_format qun_format_wecom_groupchat = {
	.name = "wecom-groupchat",
	.brief = "WeCom customer group detail (客户群详情): members with the way they joined",
	.containers = QUN_JSON,
	.recognise = recognise,
	.map = map,
	.header = "userid,type,join_time,join_scene,group_nickname,name",
	.array = arrays,
	.time = QUN_TIME_EACH,
	.timeless = true,
	.memory_size = sizeof(struct memory),
	.event = event,
	.end = end,
	.release = release,
};
