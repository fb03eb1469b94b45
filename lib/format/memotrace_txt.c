/*
 * MemoTrace (留痕) text: a line of time and name, the message, an empty line. System rows have no
 * name; a pat has one, and nothing but the quotes around both names tells it from talk.
 */
#include "text/log.h"
#include "text/wechat.h"

enum { LINE };

static const struct qun_mapping map[] = {
	{"line", QUN_F_RAW + LINE},
	{NULL, 0},
};

struct memory {
	struct qun_wechat_room room; /* first: the room's functions look for it here */
	struct qun_log log;
};

static struct qun_span line_of(const struct qun_sample *s, size_t i)
{
	return qun_span_trim(s->record[i].cell[0].s);
}

static int recognise(const struct qun_sample *s)
{
	struct qun_span rest;
	size_t i = 0;

	while (i < s->nrecord && !line_of(s, i).len)
		i++;
	if (s->container != QUN_TEXT || i + 1 >= s->nrecord || !qun_log_stamp(line_of(s, i), &rest).len)
		return 0;
	/* what the time belongs to stands on lines of its own */
	return line_of(s, i + 1).len && !qun_log_stamp(line_of(s, i + 1), &rest).len ? 70 : 0;
}

static enum qun_wechat_row row_of(struct qun_span text)
{
	struct qun_wechat_names none = {0};
	struct qun_wechat_event said;

	if (qun_span_starts(text, "【红包】"))
		return QUN_WECHAT_SENT_PACKET;
	if (!qun_span_starts(text, "\""))
		return QUN_WECHAT_SAID;
	qun_wechat_parse(text, &none, &said);
	return said.kind == QUN_WECHAT_PAT ? QUN_WECHAT_PATTED : QUN_WECHAT_SAID;
}

/* The message in hand is whole. */
static int finish(struct qun_hook *hook)
{
	struct memory *m = hook->memory;
	struct qun_event ev;

	hook->part = !qun_log_take(&m->log, &ev);
	if (hook->part)
		return 0;
	struct qun_span name = ev.field[QUN_F_NAME], text = ev.field[QUN_F_TEXT];
	if (!name.len)
		return qun_wechat_tell(hook, &ev, text);
	int rc = qun_wechat_person(hook, name, name);
	return rc < 0 ? rc : qun_wechat_said(hook, &ev, row_of(text));
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	struct memory *m = hook->memory;
	struct qun_span line = hook->raw[LINE].s, name;
	struct qun_span time = qun_log_stamp(line, &name);
	bool begins = qun_log_after_blank(&m->log, line) && time.len;
	int64_t ts;

	hook->part = true;
	if (!begins)
		return qun_log_line(hook, &m->log, line);
	if (qun_time_parse(time, hook->time, hook->zone, &ts) < 0) {
		m->log.lost = true;
		return hook->bad(hook, "time", NULL, "cannot read time '%.*s'", (int)time.len, time.ptr);
	}
	int rc = finish(hook);
	return rc < 0 ? rc : qun_log_begin(&m->log, ev, ts, name, name, (struct qun_span){0});
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

const struct qun_format qun_format_memotrace_txt = {
	.name = "memotrace-txt",
	.brief = "MemoTrace (留痕) text of a WeChat chat",
	.containers = QUN_TEXT,
	.recognise = recognise,
	.map = map,
	.time = QUN_TIME_YMD,
	.name_is_id = true,
	.memory_size = sizeof(struct memory),
	.event = event,
	.end = end,
	.release = release,
};
