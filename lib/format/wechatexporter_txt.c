/*
 * WechatExporter text: 名字 (时间):内容. System lines stand bare among the lines of messages, known by
 * their sentence alone; they have no time either, so they get that of the message before (the first
 * ones that of the message behind).
 */
#include "text/log.h"
#include "text/wechat.h"

#include <string.h>

enum { LINE, EARLY_BYTES = 1 << 20 };

static const struct qun_mapping map[] = {
	{"line", QUN_F_RAW + LINE},
	{NULL, 0},
};

struct memory {
	struct qun_wechat_room room; /* first: the room's functions look for it here */
	struct qun_log log;          /* a message, or without a name a system line */
	int64_t ts;                  /* of the newest message */
	bool timed;
	struct qun_buf early;        /* system lines before the first message, a line each */
};

/* The time in `name (time):text`, with what is around it; the empty span where the line begins no message. */
static struct qun_span take_time(struct qun_span line, struct qun_span *name, struct qun_span *text)
{
	ptrdiff_t open = 0;

	while ((open = qun_span_find(line, " (", (size_t)open)) >= 0) {
		size_t from = (size_t)open + 2;
		ptrdiff_t close = qun_span_find(line, "):", from);
		if (close < 0)
			break;
		struct qun_span time = {line.ptr + from, (size_t)close - from};
		if (time.len >= 8 && memchr(time.ptr, ':', time.len) && qun_time_guess(time)) {
			*name = qun_span_trim((struct qun_span){line.ptr, (size_t)open});
			*text = (struct qun_span){line.ptr + close + 2, line.len - (size_t)close - 2};
			return time;
		}
		open++;
	}
	return (struct qun_span){0};
}

static struct qun_span stamp(struct qun_span line)
{
	struct qun_span name, text;

	return take_time(line, &name, &text);
}

/* A line of somebody's message may quote such a sentence, but hardly begins with the quote of a name. */
static bool is_notice(struct qun_span line)
{
	static const char *const begins[] = {"\"", "“", "你", "You ", "群主", "收到红包", "发出红包"};
	struct qun_wechat_names none = {0};
	struct qun_wechat_event said;
	bool like_one = qun_span_find(line, "group chat", 0) >= 0;

	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++)
		like_one |= qun_span_starts(line, begins[i]);
	if (!like_one)
		return false;
	qun_wechat_parse(line, &none, &said);
	return said.kind != QUN_WECHAT_UNKNOWN;
}

static int recognise(const struct qun_sample *s)
{
	bool first = true, message = false;

	if (s->container != QUN_TEXT)
		return 0;
	for (size_t i = 0; i < s->nrecord && !message; i++) {
		struct qun_span line = qun_span_trim(s->record[i].cell[0].s);
		message = stamp(line).len > 0;
		if (line.len && first && !message && !is_notice(line))
			return 0;
		first &= !line.len;
	}
	return message ? 70 : 0;
}

/* What is in hand is whole. */
static int finish(struct qun_hook *hook)
{
	struct memory *m = hook->memory;
	struct qun_event ev;

	hook->part = !qun_log_take(&m->log, &ev);
	if (hook->part)
		return 0;
	struct qun_span name = ev.field[QUN_F_NAME], text = ev.field[QUN_F_TEXT];
	if (name.len) {
		bool packet = qun_span_starts(text, "[红包]");
		int rc = qun_wechat_person(hook, name, name);
		return rc < 0 ? rc :
			qun_wechat_said(hook, &ev, packet ? QUN_WECHAT_SENT_PACKET : QUN_WECHAT_SAID);
	}
	if (m->timed)
		return qun_wechat_tell(hook, &ev, text);
	m->early.max = EARLY_BYTES;
	hook->held = true;
	int rc = qun_buf_reserve(&m->early, text.len + 1);
	if (rc == QUN_ELIMIT)
		return hook->bad(hook, "time", NULL, "no message with a time so far");
	if (rc == 0)
		rc = qun_buf_add_span(&m->early, text);
	return rc < 0 ? rc : qun_buf_add_char(&m->early, '\n');
}

/* The first message tells a time: what came before it is told now. */
static int tell_early(struct qun_hook *hook, const struct qun_event *base)
{
	struct memory *m = hook->memory;
	struct qun_span early = qun_buf_span(&m->early);
	int rc = 0;

	for (size_t at = 0; rc >= 0 && at < early.len;) {
		size_t end = (size_t)qun_span_find(early, "\n", at);
		struct qun_event ev = *base;
		ev.ts = m->ts;
		ev.field[QUN_F_TEXT] = (struct qun_span){early.ptr + at, end - at};
		rc = qun_wechat_tell(hook, &ev, ev.field[QUN_F_TEXT]);
		at = end + 1;
	}
	qun_buf_release(&m->early);
	return rc;
}

static int begin(struct qun_hook *hook, const struct qun_event *ev, struct qun_span name, struct qun_span text)
{
	struct memory *m = hook->memory;
	int rc = finish(hook);

	return rc < 0 ? rc : qun_log_begin(&m->log, ev, m->ts, name, name, text);
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	struct memory *m = hook->memory;
	struct qun_span line = hook->raw[LINE].s, name, text;
	struct qun_span time = take_time(line, &name, &text);
	bool in_message = (m->log.open && m->log.name.len) || m->log.lost;
	int64_t ts;

	hook->part = true;
	if (!time.len && is_notice(qun_span_trim(line)))
		return begin(hook, ev, (struct qun_span){0}, qun_span_trim(line));
	if (!time.len && in_message)
		return qun_log_line(hook, &m->log, line);
	if (!time.len)
		return qun_span_trim(line).len ? begin(hook, ev, (struct qun_span){0}, qun_span_trim(line)) : 0;
	if (qun_time_parse(time, hook->time, hook->zone, &ts) < 0) {
		m->log.lost = true;
		return hook->bad(hook, "time", NULL, "cannot read time '%.*s'", (int)time.len, time.ptr);
	}
	int rc = finish(hook);
	bool part = hook->part;
	m->ts = ts;
	m->timed = true;
	if (rc >= 0)
		rc = tell_early(hook, ev);
	hook->part = part;
	return rc < 0 ? rc : qun_log_begin(&m->log, ev, ts, name, name, text);
}

static int end(struct qun_hook *hook)
{
	struct memory *m = hook->memory;
	int rc = finish(hook);

	if (rc >= 0 && m->early.len)
		rc = hook->bad(hook, "time", NULL, "no message tells when these system lines were");
	return rc < 0 ? rc : qun_wechat_end(hook);
}

static void release(void *memory)
{
	struct memory *m = memory;

	qun_wechat_release(&m->room);
	qun_log_release(&m->log);
	qun_buf_release(&m->early);
}

const struct qun_format qun_format_wechatexporter_txt = {
	.name = "wechatexporter-txt",
	.brief = "WechatExporter text of a WeChat chat",
	.containers = QUN_TEXT,
	.recognise = recognise,
	.map = map,
	.stamp = stamp,
	.name_is_id = true,
	.memory_size = sizeof(struct memory),
	.event = event,
	.end = end,
	.release = release,
};
