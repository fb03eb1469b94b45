/* Entries of text logs, of bounded length. */
#include "text/entry.h"

#include <string.h>

enum { TEXT_MAX_BYTES = 1 << 20 }; /* what a field may hold */

int qun_entry_close(struct qun_hook *hook, struct qun_entry *log, qun_entry_finish *finish)
{
	bool open = log->open;
	int rc;

	log->open = log->lost = false;
	hook->part = !open;
	rc = open ? finish(hook, log) : 0;
	log->place = hook->record ? hook->record->offset + 1 : 0;
	return rc;
}

static int put(struct qun_buf *b, struct qun_span s)
{
	qun_buf_clear(b);
	return qun_buf_add_span(b, s);
}

int qun_entry_open(struct qun_entry *log, int64_t ts, struct qun_span group, struct qun_span user, struct qun_span text)
{
	int rc = put(&log->group, group);

	if (rc == 0)
		rc = put(&log->user, user);
	if (rc == 0)
		rc = put(&log->text, text);
	log->ts = ts;
	log->open = rc == 0;
	return rc;
}

int qun_entry_more(struct qun_hook *hook, struct qun_entry *log, struct qun_span line)
{
	int rc = 0;

	hook->part = true;
	if (log->lost || (!log->open && !qun_span_trim(line).len))
		return 0;
	if (!log->open)
		return hook->bad(hook, "text", NULL, "a line before the first one with a time");
	if (log->text.len + line.len >= TEXT_MAX_BYTES) {
		log->open = false;
		log->lost = true;
		return hook->bad(hook, "too-long", NULL, "a message longer than the limit of %d bytes", TEXT_MAX_BYTES);
	}
	rc = qun_buf_add_char(&log->text, '\n');
	return rc < 0 ? rc : qun_buf_add_span(&log->text, line);
}

void qun_entry_skip(struct qun_hook *hook)
{
	hook->part = true;
}

int qun_entry_bad_time(struct qun_hook *hook, struct qun_entry *log, struct qun_span time)
{
	int len = time.len < 40 ? (int)time.len : 40;

	log->lost = true;
	return hook->bad(hook, "time", NULL, "cannot read time '%.*s'", len, time.ptr);
}

struct qun_event qun_entry_event(const struct qun_entry *log)
{
	struct qun_event ev = {.ts = log->ts, .type = QUN_MESSAGE, .place = log->place};
	struct qun_span text = qun_buf_span(&log->text);

	while (text.len && strchr("\r\n", text.ptr[text.len - 1]))
		text.len--;
	ev.field[QUN_F_TYPE] = qun_span_of(qun_type_name(QUN_MESSAGE));
	ev.field[QUN_F_GROUP] = qun_buf_span(&log->group);
	ev.field[QUN_F_USER] = ev.field[QUN_F_NAME] = qun_buf_span(&log->user);
	ev.field[QUN_F_TEXT] = text;
	return ev;
}

void qun_entry_release(struct qun_entry *log)
{
	qun_buf_release(&log->group);
	qun_buf_release(&log->user);
	qun_buf_release(&log->text);
	log->open = false;
}

static const char *const marks[] = {"\u200e", "\u200f", "\u200b", "\u202a", "\u202c", "\ufeff"};

/* Length of the mark at this end of s, 0 where there is none. */
static size_t mark_at(struct qun_span s, bool (*has)(struct qun_span s, const char *mark))
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		if (has(s, marks[i]))
			return strlen(marks[i]);
	}
	return 0;
}

struct qun_span qun_entry_unmark(struct qun_span s)
{
	for (size_t n; (n = mark_at(s, qun_span_starts)) > 0; s.len -= n)
		s.ptr += n;
	return s;
}

struct qun_span qun_entry_name(struct qun_span s)
{
	s = qun_span_trim(qun_entry_unmark(qun_span_trim(s)));
	for (size_t n; (n = mark_at(s, qun_span_ends)) > 0;)
		s.len -= n;
	return qun_span_trim(s);
}
