/*
 * WeCom's callbacks on customer groups (客户群变更事件): the decrypted XML bodies one after another. They
 * are the only record of WeChat members who leave by themselves.
 */
#include "text/wechat.h"

#include <string.h>

enum { LINE, BODY_BYTES = 1 << 20 };

static const struct qun_mapping map[] = {
	{"line", QUN_F_RAW + LINE},
	{NULL, 0},
};

struct memory {
	struct qun_buf body; /* of the callback in hand, which may be written on several lines */
};

static int recognise(const struct qun_sample *s)
{
	bool begun = false;

	if (s->container != QUN_TEXT)
		return 0;
	for (size_t i = 0; i < s->nrecord; i++) {
		struct qun_span line = qun_span_trim(s->record[i].cell[0].s);
		if (!begun && line.len && !qun_span_starts(line, "<xml") && !qun_span_starts(line, "<?xml"))
			return 0;
		begun |= line.len > 0;
		if (qun_span_find(line, "change_external_chat", 0) >= 0)
			return 90;
	}
	return 0;
}

static struct qun_span field(struct qun_span xml, const char *tag)
{
	return qun_span_trim(qun_xml_first(xml, tag));
}

static int emit(struct qun_hook *hook, struct qun_event *ev, enum qun_type type, struct qun_span who)
{
	ev->type = type;
	ev->field[QUN_F_TYPE] = qun_span_of(qun_type_name(type));
	ev->field[QUN_F_USER] = qun_span_trim(who);
	return hook->emit(hook, ev);
}

/* The members it is about: <Item> elements, or ids with commas between. false: there are none. */
static int emit_members(struct qun_hook *hook, struct qun_event *ev, enum qun_type type, struct qun_span list,
	bool *some)
{
	bool items = qun_xml_first(list, "Item").len > 0;
	struct qun_span who;
	int rc = 0;

	while (rc >= 0 && list.len) {
		if (items && !qun_xml_next(&list, "Item", &who))
			break;
		if (!items) {
			const char *comma = memchr(list.ptr, ',', list.len);
			who = (struct qun_span){list.ptr, comma ? (size_t)(comma - list.ptr) : list.len};
			size_t used = who.len + (comma != NULL);
			list = (struct qun_span){list.ptr + used, list.len - used};
		}
		if (!qun_span_trim(who).len)
			continue;
		*some = true;
		rc = emit(hook, ev, type, who);
	}
	return rc;
}

static const char *way_of_joining(struct qun_span scene)
{
	if (qun_span_is(scene, "3"))
		return "qr";
	if (qun_span_is(scene, "2"))
		return "link";
	return qun_span_is(scene, "0") || qun_span_is(scene, "1") ? "invite" : "";
}

/* One callback. What is no change of members is a system event; other events of WeCom are nothing. */
static int callback(struct qun_hook *hook, struct qun_event *ev, struct qun_span xml)
{
	struct qun_span time = field(xml, "CreateTime"), group = field(xml, "ChatId");
	struct qun_span detail = field(xml, "UpdateDetail"), list = qun_xml_first(xml, "MemChangeList");
	bool joins = qun_span_is(detail, "add_member"), leaves = qun_span_is(detail, "del_member");
	bool some = false;
	int rc = 0;

	if (!qun_span_is(field(xml, "Event"), "change_external_chat"))
		return 0;
	if (qun_time_parse(time, QUN_TIME_EACH, hook->zone, &ev->ts) < 0)
		return hook->bad(hook, "time", "CreateTime", "cannot read time '%.*s'",
			(int)(time.len < 40 ? time.len : 40), time.len ? time.ptr : "");
	if (group.len && qun_span_is(ev->field[QUN_F_GROUP], "-"))
		ev->field[QUN_F_GROUP] = group;
	if (joins)
		ev->field[QUN_F_SOURCE] = qun_span_of(way_of_joining(field(xml, "JoinScene")));
	else if (leaves && qun_span_is(field(xml, "QuitScene"), "1"))
		ev->field[QUN_F_SOURCE] = qun_span_of("removed");
	if (joins || leaves)
		rc = emit_members(hook, ev, joins ? QUN_JOIN : QUN_LEAVE, list, &some);
	if (rc < 0 || some)
		return rc;
	/* older ones do not say who it was */
	ev->field[QUN_F_SOURCE] = (struct qun_span){0};
	return emit(hook, ev, QUN_SYSTEM, (struct qun_span){0});
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	static const char close[] = "</xml>";
	struct memory *m = hook->memory;
	struct qun_span line = qun_span_trim(hook->raw[LINE].s);
	int rc = 0;

	hook->part = true;
	m->body.max = BODY_BYTES;
	/* a new one begins: what was never closed is lost */
	if (qun_span_starts(line, "<xml") && qun_span_find(qun_buf_span(&m->body), "<xml", 0) >= 0) {
		qun_buf_clear(&m->body);
		rc = hook->bad(hook, "open", NULL, "the callback before this line is never closed");
	}
	for (ptrdiff_t end; rc >= 0 && (end = qun_span_find(line, close, 0)) >= 0;) {
		size_t len = (size_t)end + sizeof(close) - 1;
		struct qun_event one = *ev;
		rc = qun_buf_add(&m->body, line.ptr, len);
		if (rc == 0)
			rc = callback(hook, &one, qun_buf_span(&m->body));
		qun_buf_clear(&m->body);
		hook->part = false;
		line = qun_span_trim((struct qun_span){line.ptr + len, line.len - len});
	}
	if (rc == 0 && line.len)
		rc = qun_buf_add_span(&m->body, line);
	if (rc != QUN_ELIMIT)
		return rc;
	qun_buf_clear(&m->body);
	return hook->bad(hook, "too-long", NULL, "a callback longer than the limit of %d bytes", BODY_BYTES);
}

static int end(struct qun_hook *hook)
{
	struct memory *m = hook->memory;

	hook->part = !m->body.len;
	return m->body.len ? hook->bad(hook, "open", NULL, "the last callback is never closed") : 0;
}

static void release(void *memory)
{
	qun_buf_release(&((struct memory *)memory)->body);
}

const struct qun_format qun_format_wecom_callback = {
	.name = "wecom-callback",
	.brief = "WeCom customer group callbacks (客户群变更事件), XML",
	.containers = QUN_TEXT,
	.recognise = recognise,
	.map = map,
	.time = QUN_TIME_EACH,
	.memory_size = sizeof(struct memory),
	.event = event,
	.end = end,
	.release = release,
};
