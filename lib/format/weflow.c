/*
 * WeFlow and echotrace JSON, and WeFlow's compact variant for Arkme, whose messages know their
 * senders by number only: the tables of senders and members stand beside them. The sender of a
 * system row is the group.
 */
#include "text/wechat.h"

#include <stdlib.h>

enum {
	TYPE, LOCAL_TYPE, IS_SEND, SENDER, DISPLAY, CARD, CONTENT, NUMBER, /* messages */
	ID, NAME, NICKNAME, REMARK                                         /* senders and members */
};

static const struct qun_mapping map[] = {
	{"createTime", QUN_F_TS},
	{"formattedTime", QUN_F_TS},
	{"senderUsername", QUN_F_USER},
	{"groupNickname", QUN_F_NAME},
	{"senderDisplayName", QUN_F_NAME},
	{"content", QUN_F_TEXT},
	{"platformMessageId", QUN_F_ID},
	{"type", QUN_F_RAW + TYPE},
	{"localType", QUN_F_RAW + LOCAL_TYPE},
	{"isSend", QUN_F_RAW + IS_SEND},
	{"senderUsername", QUN_F_RAW + SENDER},
	{"senderDisplayName", QUN_F_RAW + DISPLAY},
	{"groupNickname", QUN_F_RAW + CARD},
	{"content", QUN_F_RAW + CONTENT},
	{"senderID", QUN_F_RAW + NUMBER},
	{"senderId", QUN_F_RAW + NUMBER},
	{"accountId", QUN_F_RAW + ID},
	{"wxid", QUN_F_RAW + ID},
	{"username", QUN_F_RAW + ID},
	{"displayName", QUN_F_RAW + NAME},
	{"nickname", QUN_F_RAW + NICKNAME},
	{"remark", QUN_F_RAW + REMARK},
	{NULL, 0},
};

static const char *const arrays[] = {"messages", "senders", "groupMembers", NULL};

struct memory {
	struct qun_wechat_room room; /* first: the room's functions look for it here */
	struct qun_dict numbers;     /* of senders */
	struct person {
		struct qun_span id, name; /* in text */
	} *person; /* by number in numbers */
	size_t person_cap;
	struct qun_arena text;
	struct qun_wait unknown; /* compact messages before the table of senders; user is the number */
	struct qun_buf own;      /* number of the exporting person, from them */
};

static bool is_table(const struct qun_sample *s)
{
	static const char *const senders[] = {"senderID", NULL}, *const account[] = {"accountId", NULL},
		*const wxid[] = {"wxid", NULL};

	if (qun_sample_column(s, "createTime") >= 0)
		return false;
	if (qun_span_is(qun_span_of(s->array), "senders"))
		return qun_sample_has(s, senders) || qun_sample_column(s, "senderId") >= 0;
	return qun_span_is(qun_span_of(s->array), "groupMembers") &&
		(qun_sample_has(s, account) || qun_sample_has(s, wxid));
}

static int recognise(const struct qun_sample *s)
{
	bool who = qun_sample_column(s, "senderUsername") >= 0 || qun_sample_column(s, "senderID") >= 0;
	bool what = qun_sample_column(s, "type") >= 0 || qun_sample_column(s, "localType") >= 0;

	if (s->container != QUN_JSON)
		return 0;
	if (is_table(s))
		return 80;
	return who && what && qun_sample_column(s, "createTime") >= 0 ? 80 : 0;
}

static int keep(struct qun_arena *a, struct qun_span *s)
{
	char *copy = qun_arena_copy(a, *s);

	s->ptr = copy;
	return copy ? 0 : QUN_ENOMEM;
}

/* A row of a table: all the names of a person. */
static int meet(struct qun_hook *hook)
{
	struct memory *m = hook->memory;
	const struct qun_cell_in *raw = hook->raw;
	struct qun_span number = qun_span_trim(raw[NUMBER].s), id = qun_span_trim(raw[ID].s);
	static const int names[] = {CARD, DISPLAY, NAME, NICKNAME, REMARK};
	struct person p = {.id = id};
	uint32_t n;
	int rc = 0;

	hook->part = true;
	for (size_t i = 0; rc == 0 && i < sizeof(names) / sizeof(*names); i++) {
		struct qun_span name = qun_span_trim(raw[names[i]].s);
		if (!p.name.len)
			p.name = name;
		rc = qun_wechat_person(hook, id, name);
	}
	if (rc < 0 || !number.len || !id.len || qun_dict_find(&m->numbers, number) != QUN_NONE)
		return rc;
	if (qun_grow(&m->person, &m->person_cap, m->numbers.n, sizeof(p)) < 0 || keep(&m->text, &p.id) < 0 ||
		keep(&m->text, &p.name) < 0 || qun_dict_add(&m->numbers, number, &n) < 0)
		return QUN_ENOMEM;
	m->person[n] = p;
	return 0;
}

static enum qun_wechat_row row_of(struct qun_span type, struct qun_span number)
{
	type = qun_span_trim(type);
	/* the number is unreliable: it only speaks where the word does not */
	if (!type.len || qun_span_starts(type, "未知") || qun_span_starts(type, "其他"))
		return qun_wechat_row_packed(number);
	return qun_wechat_row_named(type);
}

/* Whose number it is. The table may come behind the messages. */
static int say_compact(struct qun_hook *hook, struct qun_event *ev, enum qun_wechat_row row, bool own,
	struct qun_span number)
{
	struct memory *m = hook->memory;
	uint32_t n = qun_dict_find(&m->numbers, number);
	int rc = 0;

	if (n != QUN_NONE) {
		ev->field[QUN_F_USER] = m->person[n].id;
		ev->field[QUN_F_NAME] = m->person[n].name;
		rc = own ? qun_wechat_self(hook, m->person[n].id) : 0;
		return rc < 0 ? rc : qun_wechat_said(hook, ev, row);
	}
	if (own && !m->own.len)
		rc = qun_buf_add_span(&m->own, number);
	qun_wechat_mark(ev, row);
	ev->field[QUN_F_USER] = number;
	hook->held = true;
	if (rc == 0)
		rc = qun_wait_add(&m->unknown, ev);
	if (rc != QUN_ELIMIT)
		return rc;
	return hook->bad(hook, "sender", "senderID", "the table of senders comes too late in the file");
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	static const char *const rooms[] = {"session.groupId", "session.wxid", "session.accountId", NULL};
	static const char *const names[] = {"session.displayName", "session.nickname", NULL};
	const struct qun_cell_in *raw = hook->raw;
	struct qun_span sender = qun_span_trim(raw[SENDER].s), number = qun_span_trim(raw[NUMBER].s);
	enum qun_wechat_row row = row_of(raw[TYPE].s, raw[LOCAL_TYPE].s);
	bool own = qun_span_is(raw[IS_SEND].s, "1") || qun_span_is(raw[IS_SEND].s, "true");

	if (ev->ts == QUN_NEVER && raw[CONTENT].kind == QUN_CELL_ABSENT && raw[TYPE].kind == QUN_CELL_ABSENT)
		return meet(hook);
	if (ev->ts == QUN_NEVER)
		return hook->bad(hook, "time", "createTime", "a message without a time");
	int rc = qun_wechat_group(hook, ev, rooms, names,
		qun_wechat_is_room(sender) ? sender : (struct qun_span){0});
	if (rc < 0)
		return rc;
	if (row == QUN_WECHAT_SYSTEM)
		return qun_wechat_tell(hook, ev, raw[CONTENT].s);
	if (!sender.len && number.len)
		return say_compact(hook, ev, row, own, number);
	rc = qun_wechat_person(hook, sender, raw[DISPLAY].s);
	if (rc == 0)
		rc = qun_wechat_person(hook, sender, raw[CARD].s);
	if (rc == 0 && own)
		rc = qun_wechat_self(hook, sender);
	return rc < 0 ? rc : qun_wechat_said(hook, ev, row);
}

static int end(struct qun_hook *hook)
{
	struct memory *m = hook->memory;
	uint32_t n = qun_dict_find(&m->numbers, qun_buf_span(&m->own));
	int rc = n == QUN_NONE ? 0 : qun_wechat_self(hook, m->person[n].id);
	struct qun_event ev;

	while (rc >= 0 && qun_wait_take(&m->unknown, &ev)) {
		n = qun_dict_find(&m->numbers, ev.field[QUN_F_USER]);
		/* a sender that no table knows is one person nevertheless, by his number */
		if (n != QUN_NONE) {
			ev.field[QUN_F_USER] = m->person[n].id;
			ev.field[QUN_F_NAME] = m->person[n].name;
		}
		rc = qun_wechat_said(hook, &ev, QUN_WECHAT_SAID);
	}
	return rc < 0 ? rc : qun_wechat_end(hook);
}

static void release(void *memory)
{
	struct memory *m = memory;

	qun_wechat_release(&m->room);
	qun_dict_release(&m->numbers);
	qun_arena_release(&m->text);
	free(m->person);
	qun_wait_release(&m->unknown);
	qun_buf_release(&m->own);
}

const struct qun_format qun_format_weflow = {
	.name = "weflow",
	.brief = "WeFlow, echotrace and Arkme JSON of a WeChat chat",
	.containers = QUN_JSON,
	.recognise = recognise,
	.map = map,
	.header = "localId,createTime,formattedTime,type,localType,content,isSend,senderUsername,"
		"senderDisplayName",
	.array = arrays,
	.time = QUN_TIME_EACH,
	.timeless = true,
	.memory_size = sizeof(struct memory),
	.event = event,
	.end = end,
	.release = release,
};
