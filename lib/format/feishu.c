/*
 * Feishu (飞书, Lark), pages of the message list as its API returns them. Bodies are JSON in a string;
 * system rows name people by display name, which mentions lead back to an id.
 */
#include "text/kind.h"
#include "text/people.h"

enum { TYPE, CONTENT, DELETED, MENTIONS, SENDER_TYPE };

static const struct qun_mapping map[] = {
	{"create_time", QUN_F_TS},
	{"chat_id", QUN_F_GROUP},
	{"sender.id", QUN_F_USER},
	{"message_id", QUN_F_ID},
	{"msg_type", QUN_MUST | (QUN_F_RAW + TYPE)},
	{"body.content", QUN_F_RAW + CONTENT},
	{"deleted", QUN_F_RAW + DELETED},
	{"mentions", QUN_F_RAW + MENTIONS},
	{"sender.sender_type", QUN_F_RAW + SENDER_TYPE},
	{NULL, 0},
};

static const char *const arrays[] = {"", "items", "data.items", NULL};

static int recognise(const struct qun_sample *s)
{
	static const char *const keys[] = {"message_id", "msg_type", "create_time", NULL};

	return s->container == QUN_JSON && qun_sample_has(s, keys) ? 90 : 0;
}

static int keep(struct qun_hook *hook, const struct qun_cell_in *cell, struct qun_span *out)
{
	out->len = cell->s.len;
	out->ptr = qun_arena_copy(hook->scratch, cell->s);
	return out->ptr ? 0 : QUN_ENOMEM;
}

/* A mention: its id and name belong together. */
struct mention {
	struct qun_hook *hook;
	struct qun_person who;
	struct qun_span first; /* id of the first one */
};

static int mention_part(void *arg, struct qun_span key, const struct qun_cell_in *cell)
{
	struct mention *m = arg;

	if (cell->kind != QUN_CELL_TEXT)
		return 0;
	if (qun_span_is(key, "id"))
		return keep(m->hook, cell, &m->who.id);
	return qun_span_is(key, "name") ? keep(m->hook, cell, &m->who.name) : 0;
}

static int one_mention(void *arg, struct qun_span key, const struct qun_cell_in *cell)
{
	struct mention *m = arg;
	int rc = 0;

	(void)key;
	m->who = (struct qun_person){{0}, {0}};
	if (cell->kind == QUN_CELL_JSON)
		rc = qun_json_each(cell->s, mention_part, m);
	if (rc == 0)
		rc = qun_people_see(m->hook, m->hook->memory, m->who.id, m->who.name);
	if (!m->first.len)
		m->first = m->who.id;
	return rc;
}

/* What a person said: {"text":...}, or a post's title and texts. */
static int add_text(void *arg, struct qun_span key, const struct qun_cell_in *cell)
{
	struct qun_buf *out = arg;
	bool text = qun_span_is(key, "text") || qun_span_is(key, "title");
	int rc = 0;

	if (cell->kind == QUN_CELL_JSON)
		return qun_json_each(cell->s, add_text, out);
	if (!text || cell->kind != QUN_CELL_TEXT || !cell->s.len)
		return 0;
	if (out->len)
		rc = qun_buf_add_char(out, '\n');
	return rc < 0 ? rc : qun_buf_add_span(out, cell->s);
}

static int set_text(struct qun_hook *hook, struct qun_event *ev, struct qun_span content)
{
	struct qun_buf text = {0};
	int rc = qun_json_each(content, add_text, &text);
	char *copy = rc == QUN_ENOMEM ? NULL : qun_arena_copy(hook->scratch, qun_buf_span(&text));

	ev->field[QUN_F_TEXT] = (struct qun_span){copy, text.len};
	qun_buf_release(&text);
	return copy ? 0 : QUN_ENOMEM;
}

/* A system row: {"template":"{from_user} invited {to_chatters} ...","from_user":[...],...} */
struct notice {
	struct qun_hook *hook;
	struct qun_event *ev;
	struct qun_span template;
	struct qun_person from;
	struct qun_change change;
	bool each; /* the second walk, over those who come or go */
	const char *targets;
};

static int one_name(void *arg, struct qun_span key, const struct qun_cell_in *cell)
{
	struct notice *n = arg;
	int rc;

	(void)key;
	if (cell->kind != QUN_CELL_TEXT)
		return 0;
	if (!n->each)
		return n->from.name.len ? 0 : keep(n->hook, cell, &n->from.name);
	n->change.who = (struct qun_person){.name = cell->s};
	rc = qun_people_hold(n->hook, n->hook->memory, n->ev, &n->change);
	n->change.nth++;
	return rc;
}

static int notice_part(void *arg, struct qun_span key, const struct qun_cell_in *cell)
{
	struct notice *n = arg;

	if (!n->each && qun_span_is(key, "template") && cell->kind == QUN_CELL_TEXT)
		return keep(n->hook, cell, &n->template);
	if (cell->kind == QUN_CELL_JSON && qun_span_is(key, n->each ? n->targets : "from_user"))
		return qun_json_each(cell->s, one_name, n);
	return 0;
}

static bool speaks_of(const struct notice *n, const char *const *words)
{
	for (; *words; words++) {
		if (qun_span_find(n->template, *words, 0) >= 0)
			return true;
	}
	return false;
}

static const char *way_of(const struct notice *n)
{
	static const char *const qr[] = {"QR", "二维码", NULL}, *const link[] = {"link", "链接", NULL};
	static const char *const search[] = {"search", "搜索", NULL}, *const card[] = {"card", "名片", NULL};

	return speaks_of(n, qr) ? "qr" : speaks_of(n, link) ? "link" : speaks_of(n, search) ? "search" :
		speaks_of(n, card) ? "card" : "";
}

/* Who comes or goes by this template: whom it names beside who acts, else who acts. */
static bool is_change(struct notice *n)
{
	static const char *const removed[] = {"removed", "移出", "移除", NULL};
	static const char *const left[] = {" left ", "退出", "离开", NULL};
	static const char *const invited[] = {"invited", "added", "邀请", "添加", NULL};
	static const char *const joined[] = {"joined", "加入", NULL};
	bool others = qun_span_find(n->template, "{to_chatters}", 0) >= 0;

	n->targets = others ? "to_chatters" : "from_user";
	n->change = (struct qun_change){.type = QUN_LEAVE, .source = "removed", .actor = n->from};
	if (others && speaks_of(n, removed))
		return true;
	n->change.source = "";
	if (speaks_of(n, left))
		return true;
	n->change.type = QUN_JOIN;
	n->change.source = way_of(n);
	if (!others || !speaks_of(n, invited))
		return speaks_of(n, joined);
	if (!*n->change.source)
		n->change.source = "invite";
	return true;
}

static int notice(struct qun_hook *hook, struct qun_event *ev, struct qun_span content)
{
	struct notice n = {.hook = hook, .ev = ev};
	int rc = qun_json_each(content, notice_part, &n);

	if (rc == 0 && is_change(&n)) {
		n.each = true;
		rc = qun_json_each(content, notice_part, &n);
	}
	if (rc == QUN_ENOMEM || hook->held)
		return rc;
	qun_set_type(ev, QUN_SYSTEM);
	ev->field[QUN_F_USER] = (struct qun_span){0};
	ev->field[QUN_F_TEXT] = n.template;
	return hook->emit(hook, ev);
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	const struct qun_cell_in *raw = hook->raw;
	struct mention m = {.hook = hook};
	int rc = raw[MENTIONS].kind == QUN_CELL_JSON ? qun_json_each(raw[MENTIONS].s, one_mention, &m) : 0;

	if (rc == QUN_ENOMEM)
		return rc;
	if (qun_span_is(raw[TYPE].s, "system"))
		return notice(hook, ev, raw[CONTENT].s);
	rc = set_text(hook, ev, raw[CONTENT].s);
	ev->field[QUN_F_REF] = m.first;
	if (qun_span_is(raw[SENDER_TYPE].s, "app"))
		ev->field[QUN_F_ROLE] = qun_span_of("bot");
	if (qun_span_is(raw[DELETED].s, "true")) /* no more than a notice of it is left */
		qun_set_type(ev, QUN_SYSTEM);
	return rc < 0 ? rc : hook->emit(hook, ev);
}

static int end(struct qun_hook *hook)
{
	return qun_people_end(hook, hook->memory);
}

static void release(void *memory)
{
	qun_people_release(memory);
}

const struct qun_format qun_format_feishu = {
	.name = "feishu",
	.brief = "Feishu (飞书, Lark) messages as its API returns them",
	.containers = QUN_JSON,
	.recognise = recognise,
	.map = map,
	.header = "message_id,msg_type,create_time,update_time,deleted,updated,chat_id,sender.id,"
		"sender.id_type,sender.sender_type,body.content",
	.array = arrays,
	.memory_size = sizeof(struct qun_people),
	.event = event,
	.end = end,
	.release = release,
};
