/*
 * ChatLab v0.0.2, the interchange format of chat viewers: one chat, its people, its messages. It has no
 * joins and no orders of its own; joins and leaves are written as the sentences in which WeChat says
 * them, which readers of chats understand, orders as messages of another kind.
 */
#include "qun/stream.h"

#include "qun/dict.h"
#include "qun/escape.h"

#include <stdlib.h>
#include <string.h>

/* Message types of the format. */
enum { LAB_TEXT = 0, LAB_LINK = 7, LAB_RED_PACKET = 20, LAB_SHARE = 24, LAB_SYSTEM = 80, LAB_OTHER = 99 };

struct member {
	int64_t ts;
	uint32_t name;     /* number in texts, QUN_NONE */
	const char *role;  /* "owner" "admin" or NULL */
};

struct qun_chatlab {
	struct qun_dict groups, people, texts;
	struct member *member; /* by number in people */
	size_t cap;
	int64_t newest;
};

int qun_chatlab_open(struct qun_chatlab **c)
{
	*c = calloc(1, sizeof(**c));
	return *c ? 0 : QUN_ENOMEM;
}

void qun_chatlab_close(struct qun_chatlab *c)
{
	if (!c)
		return;
	qun_dict_release(&c->groups);
	qun_dict_release(&c->people);
	qun_dict_release(&c->texts);
	free(c->member);
	free(c);
}

size_t qun_chatlab_groups(const struct qun_chatlab *c)
{
	return c->groups.n;
}

/* Who takes part in a 接龙: its list stands in a message, where the reader finds them again. */
static bool is_told(const struct qun_event *ev)
{
	return ev->type == QUN_WORD && qun_span_is(ev->field[QUN_F_TYPE], "jielong");
}

int qun_chatlab_meet(struct qun_chatlab *c, const struct qun_event *ev)
{
	struct qun_span name = ev->field[QUN_F_NAME], role = ev->field[QUN_F_ROLE];
	size_t known = c->people.n;
	struct member *m;
	uint32_t id;
	int rc;

	if (is_told(ev))
		return 0;
	rc = qun_dict_add(&c->groups, ev->field[QUN_F_GROUP], &id);
	c->newest = ev->ts > c->newest ? ev->ts : c->newest;
	if (rc < 0 || !ev->field[QUN_F_USER].len)
		return rc;
	rc = qun_grow(&c->member, &c->cap, known, sizeof(*c->member));
	if (rc == 0)
		rc = qun_dict_add(&c->people, ev->field[QUN_F_USER], &id);
	if (rc < 0)
		return rc;
	m = &c->member[id];
	if (c->people.n > known)
		*m = (struct member){INT64_MIN, QUN_NONE, NULL};
	if (qun_span_is(role, "owner"))
		m->role = "owner";
	else if (qun_span_is(role, "staff") && !m->role)
		m->role = "admin";
	/* of two names at one instant the greater one, whatever the order of the input */
	if (!name.len || ev->ts < m->ts ||
		(ev->ts == m->ts && m->name != QUN_NONE && qun_span_cmp(name, qun_dict_text(&c->texts, m->name)) <= 0))
		return 0;
	m->ts = ev->ts;
	return qun_dict_add(&c->texts, name, &m->name);
}

/* The name of a person: his newest one, else his id without the group that a name used as id bears. */
static struct qun_span name_of(const struct qun_chatlab *c, struct qun_span user)
{
	uint32_t id = qun_dict_find(&c->people, user);
	const char *scope = user.len ? memchr(user.ptr, '\x1f', user.len) : NULL;

	if (id != QUN_NONE && c->member[id].name != QUN_NONE)
		return qun_dict_text(&c->texts, c->member[id].name);
	return scope ? (struct qun_span){user.ptr, (size_t)(scope - user.ptr)} : user;
}

static int put(struct qun_buf *out, const char *key, struct qun_span value)
{
	int rc = qun_buf_printf(out, ",\"%s\":", key);

	return rc < 0 ? rc : qun_escape_json(out, value, true);
}

static int by_id(const void *a, const void *b, void *people)
{
	return qun_span_cmp(qun_dict_text(people, *(const uint32_t *)a), qun_dict_text(people, *(const uint32_t *)b));
}

static int put_members(const struct qun_chatlab *c, struct qun_buf *out)
{
	uint32_t *order = malloc((c->people.n + 1) * sizeof(*order));
	int rc = order ? 0 : QUN_ENOMEM;

	for (uint32_t i = 0; rc == 0 && i < c->people.n; i++)
		order[i] = i;
	if (rc == 0)
		qsort_r(order, c->people.n, sizeof(*order), by_id, (void *)(uintptr_t)&c->people);
	for (size_t i = 0; rc == 0 && i < c->people.n; i++) {
		struct qun_span id = qun_dict_text(&c->people, order[i]);
		const char *role = c->member[order[i]].role;
		rc = qun_buf_add_text(out, "{\"_type\":\"member\"");
		if (rc == 0)
			rc = put(out, "platformId", id);
		if (rc == 0)
			rc = put(out, "accountName", name_of(c, id));
		if (rc == 0 && role)
			rc = qun_buf_printf(out, ",\"roles\":[{\"id\":\"%s\"}]", role);
		if (rc == 0)
			rc = qun_buf_add_text(out, "}\n");
	}
	free(order);
	return rc;
}

int qun_chatlab_head(const struct qun_chatlab *c, struct qun_buf *out)
{
	struct qun_span group = qun_dict_text(&c->groups, c->groups.n ? 0 : QUN_NONE);
	/* the newest message, not the clock: the same input gives the same bytes */
	int rc = qun_buf_printf(out, "{\"_type\":\"header\",\"chatlab\":{\"version\":\"0.0.2\",\"exportedAt\":%lld,"
		"\"generator\":\"quntools\"},\"meta\":{\"platform\":\"unknown\",\"type\":\"group\"",
		(long long)(c->newest / QUN_SECOND));

	if (rc == 0)
		rc = put(out, "name", group);
	if (rc == 0)
		rc = put(out, "groupId", group);
	if (rc == 0)
		rc = qun_buf_add_text(out, "}}\n");
	return rc < 0 ? rc : put_members(c, out);
}

/* "A"邀请"B"加入了群聊 and the like. */
static int sentence(const struct qun_chatlab *c, struct qun_buf *out, const struct qun_event *ev)
{
	struct qun_span who = name_of(c, ev->field[QUN_F_USER]), other = ev->field[QUN_F_REF];
	bool by_other = other.len && !qun_span_eq(other, ev->field[QUN_F_USER]), qr = qun_span_is(ev->field[QUN_F_SOURCE], "qr");
	struct qun_span by = name_of(c, other);
	int w = (int)who.len, b = (int)by.len;

	if (ev->type == QUN_LEAVE)
		return by_other ? qun_buf_printf(out, "\"%.*s\"将\"%.*s\"移出了群聊", b, by.ptr, w, who.ptr) :
			qun_buf_printf(out, "\"%.*s\"退出了群聊", w, who.ptr);
	if (qr)
		return by_other ? qun_buf_printf(out, "\"%.*s\"通过扫描\"%.*s\"分享的二维码加入群聊", w, who.ptr, b, by.ptr) :
			qun_buf_printf(out, "\"%.*s\"通过扫描二维码加入群聊", w, who.ptr);
	return by_other ? qun_buf_printf(out, "\"%.*s\"邀请\"%.*s\"加入了群聊", b, by.ptr, w, who.ptr) :
		qun_buf_printf(out, "\"%.*s\"加入了群聊", w, who.ptr);
}

static int kind_of(const struct qun_event *ev)
{
	switch (ev->type) {
	case QUN_MESSAGE: return LAB_TEXT;
	case QUN_CLICK: return LAB_LINK;
	case QUN_REDPACKET: return LAB_RED_PACKET;
	case QUN_SHARE: return LAB_SHARE;
	case QUN_JOIN:
	case QUN_LEAVE:
	case QUN_SYSTEM: return LAB_SYSTEM;
	default: return LAB_OTHER;
	}
}

int qun_chatlab_event(struct qun_chatlab *c, struct qun_buf *out, const struct qun_event *ev)
{
	int kind = kind_of(ev), rc;
	bool system = kind == LAB_SYSTEM;
	struct qun_buf text = {0};
	struct qun_span user = ev->field[QUN_F_USER], content = ev->field[QUN_F_TEXT];

	if (is_told(ev))
		return 0;
	rc = ev->type == QUN_JOIN || ev->type == QUN_LEAVE ? sentence(c, &text, ev) : 0;
	if (text.len)
		content = qun_buf_span(&text);
	if (rc == 0)
		rc = qun_buf_add_text(out, "{\"_type\":\"message\"");
	if (rc == 0 && ev->field[QUN_F_ID].len)
		rc = put(out, "platformMessageId", ev->field[QUN_F_ID]);
	if (rc == 0)
		rc = put(out, "sender", system || !user.len ? qun_span_of("system") : user);
	if (rc == 0)
		rc = put(out, "accountName", system || !user.len ? qun_span_of("系统消息") :
			ev->field[QUN_F_NAME].len ? ev->field[QUN_F_NAME] : name_of(c, user));
	if (rc == 0)
		rc = qun_buf_printf(out, ",\"timestamp\":%lld,\"type\":%d", (long long)(ev->ts / QUN_SECOND), kind);
	if (rc == 0)
		rc = content.len ? put(out, "content", content) : qun_buf_add_text(out, ",\"content\":null");
	qun_buf_release(&text);
	return rc < 0 ? rc : qun_buf_add_text(out, "}\n");
}
