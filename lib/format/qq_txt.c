/*
 * QQ's own text export: a line of time, name and number or mail in brackets, the message, an empty
 * line. Titles of the group stand before names. 消息对象 names the group; there may be several in a file.
 */
#include "text/log.h"
#include "text/wechat.h"

#include <string.h>

enum { LINE, BRACKET_BYTES = 128 };

static const struct qun_mapping map[] = {
	{"line", QUN_F_RAW + LINE},
	{NULL, 0},
};

struct memory {
	struct qun_wechat_room room; /* first: the room's functions look for it here */
	struct qun_log log;
};

static const char heading_group[] = "消息对象:", heading_folder[] = "消息分组:";

/* 【团长】云朵(10010001) or 云朵<cloud@example.com>: name and id; false where there is no id. */
static bool take_person(struct qun_span s, struct qun_span *name, struct qun_span *id)
{
	s = qun_span_trim(s);
	char close = s.len ? s.ptr[s.len - 1] : 0;
	size_t open = s.len;

	if (close != ')' && close != '>')
		return false;
	while (open > 0 && s.len - open < BRACKET_BYTES && s.ptr[open - 1] != (close == ')' ? '(' : '<'))
		open--;
	if (open == 0 || s.len - open == BRACKET_BYTES || open >= s.len - 1)
		return false;
	*id = (struct qun_span){s.ptr + open, s.len - 1 - open};
	*name = qun_span_trim((struct qun_span){s.ptr, open - 1});
	for (size_t i = 0; close == ')' && i < id->len; i++) {
		if (id->ptr[i] < '0' || id->ptr[i] > '9')
			return false;
	}
	return close == ')' || memchr(id->ptr, '@', id->len);
}

/* The name without 【管理员】; a name that is nothing else keeps it. */
static struct qun_span without_title(struct qun_span name)
{
	ptrdiff_t end = qun_span_starts(name, "【") ? qun_span_find(name, "】", 0) : -1;
	size_t title = end < 0 ? 0 : (size_t)end + strlen("】");

	if (title == name.len)
		return name;
	return qun_span_trim((struct qun_span){name.ptr + title, name.len - title});
}

static int recognise(const struct qun_sample *s)
{
	struct qun_span name, id, rest;

	if (s->container != QUN_TEXT)
		return 0;
	for (size_t i = 0; i < s->nrecord; i++) {
		struct qun_span line = qun_span_trim(s->record[i].cell[0].s);
		if (!line.len)
			continue;
		if (qun_span_starts(line, "消息记录（"))
			return 95;
		if (qun_span_starts(line, heading_group) || qun_span_starts(line, heading_folder))
			return 90;
		if (qun_span_starts(line, "===="))
			continue;
		return qun_log_stamp(line, &rest).len && take_person(rest, &name, &id) ? 80 : 0;
	}
	return 0;
}

/* The message in hand is whole. */
static int finish(struct qun_hook *hook)
{
	struct memory *m = hook->memory;
	struct qun_event ev;

	hook->part = !qun_log_take(&m->log, &ev);
	if (hook->part)
		return 0;
	struct qun_span id = ev.field[QUN_F_USER], text = ev.field[QUN_F_TEXT];
	if (m->room.group.len && qun_span_is(ev.field[QUN_F_GROUP], "-"))
		ev.field[QUN_F_GROUP] = qun_buf_span(&m->room.group);
	if (qun_span_is(id, "10000") || qun_wechat_phantom(ev.field[QUN_F_NAME]))
		return qun_wechat_tell(hook, &ev, text);
	int rc = qun_wechat_person(hook, id, ev.field[QUN_F_NAME]);
	if (rc < 0)
		return rc;
	return qun_wechat_said(hook, &ev, qun_span_is(text, "[红包]") ? QUN_WECHAT_SENT_PACKET : QUN_WECHAT_SAID);
}

/* Lines between the chats of a file; they end a message as the next one's first line does. */
static int heading(struct qun_hook *hook, struct qun_span line)
{
	struct memory *m = hook->memory;
	size_t prefix = strlen(heading_group);
	int rc = finish(hook);

	m->log.lost = false;
	m->log.blank = true;
	if (rc < 0 || !qun_span_starts(line, heading_group))
		return rc;
	qun_buf_clear(&m->room.group);
	return qun_buf_add_span(&m->room.group,
		qun_span_trim((struct qun_span){line.ptr + prefix, line.len - prefix}));
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	struct memory *m = hook->memory;
	struct qun_span line = hook->raw[LINE].s, rest, name, id;
	struct qun_span time = qun_log_stamp(line, &rest);
	bool after_blank = qun_log_after_blank(&m->log, line);
	int64_t ts;

	m->room.qq = true;
	hook->part = true;
	if (after_blank && (qun_span_starts(line, "================") ||
		qun_span_starts(line, heading_folder) || qun_span_starts(line, heading_group)))
		return heading(hook, line);
	if (!after_blank || !time.len || !take_person(rest, &name, &id))
		return qun_log_line(hook, &m->log, line);
	if (qun_time_parse(time, hook->time, hook->zone, &ts) < 0) {
		m->log.lost = true;
		return hook->bad(hook, "time", NULL, "cannot read time '%.*s'", (int)time.len, time.ptr);
	}
	int rc = finish(hook);
	return rc < 0 ? rc : qun_log_begin(&m->log, ev, ts, id, without_title(name), (struct qun_span){0});
}

static int end(struct qun_hook *hook)
{
	int rc = finish(hook);

	return rc < 0 ? rc : qun_wechat_end(hook);
}

static void release(void *memory)
{
	struct memory *m = memory;

	qun_wechat_release(&m->room);
	qun_log_release(&m->log);
}

const struct qun_format qun_format_qq_txt = {
	.name = "qq-txt",
	.brief = "QQ's text export of chats",
	.containers = QUN_TEXT,
	.recognise = recognise,
	.map = map,
	.time = QUN_TIME_YMD,
	.memory_size = sizeof(struct memory),
	.event = event,
	.end = end,
	.release = release,
};
