/* Messages of text logs, gathered line by line. */
#include "text/log.h"

#include <string.h>

enum { TEXT_BYTES = 1 << 20 };

static int keep(struct qun_buf *b, struct qun_span s)
{
	qun_buf_clear(b);
	return qun_buf_add_span(b, s);
}

int qun_log_begin(struct qun_log *log, const struct qun_event *ev, int64_t ts, struct qun_span user,
	struct qun_span name, struct qun_span text)
{
	log->ev = *ev;
	log->ev.ts = ts;
	log->ev.extra = NULL; /* cells of a line that is gone by then */
	log->lost = false;
	if (keep(&log->user, user) < 0 || keep(&log->name, name) < 0 || keep(&log->text, text) < 0)
		return QUN_ENOMEM;
	log->text.max = TEXT_BYTES;
	log->open = true;
	return 0;
}

int qun_log_line(struct qun_hook *hook, struct qun_log *log, struct qun_span line)
{
	if (!log->open || log->lost)
		return 0;

	int rc = log->text.len ? qun_buf_add_char(&log->text, '\n') : 0;
	if (rc == 0)
		rc = qun_buf_add_span(&log->text, line);
	if (rc != QUN_ELIMIT)
		return rc;
	log->open = false;
	log->lost = true;
	return hook->bad(hook, "too-long", NULL, "a message longer than the limit of %d bytes", TEXT_BYTES);
}

bool qun_log_take(struct qun_log *log, struct qun_event *ev)
{
	struct qun_span text = qun_buf_span(&log->text);

	if (!log->open)
		return false;
	log->open = false;
	while (text.len && (text.ptr[text.len - 1] == '\n' || text.ptr[text.len - 1] == '\r'))
		text.len--;
	*ev = log->ev;
	ev->field[QUN_F_USER] = qun_buf_span(&log->user);
	ev->field[QUN_F_NAME] = qun_buf_span(&log->name);
	ev->field[QUN_F_TEXT] = text;
	return true;
}

void qun_log_release(struct qun_log *log)
{
	qun_buf_release(&log->user);
	qun_buf_release(&log->name);
	qun_buf_release(&log->text);
	*log = (struct qun_log){0};
}

bool qun_log_after_blank(struct qun_log *log, struct qun_span line)
{
	bool before = log->blank || !log->begun;

	log->begun = true;
	log->blank = !qun_span_trim(line).len;
	return before;
}

/* Digits, and behind them one of the signs where there are any. */
static bool digits(struct qun_span s, size_t *at, size_t least, size_t most, const char *signs)
{
	size_t n = 0;

	while (n < most && *at < s.len && s.ptr[*at] >= '0' && s.ptr[*at] <= '9') {
		n++;
		++*at;
	}
	if (n < least)
		return false;
	if (!*signs)
		return true;
	if (*at == s.len || !memchr(signs, s.ptr[*at], strlen(signs)))
		return false;
	++*at;
	return true;
}

struct qun_span qun_log_stamp(struct qun_span line, struct qun_span *rest)
{
	size_t at = 0;

	*rest = (struct qun_span){0};
	if (!digits(line, &at, 4, 4, "-/") || !digits(line, &at, 1, 2, "-/") || !digits(line, &at, 1, 2, " ") ||
		!digits(line, &at, 1, 2, ":") || !digits(line, &at, 2, 2, ""))
		return (struct qun_span){0};
	if (at < line.len && line.ptr[at] == ':' && (++at, !digits(line, &at, 2, 2, "")))
		return (struct qun_span){0};
	if (at < line.len && line.ptr[at] != ' ')
		return (struct qun_span){0};
	*rest = qun_span_trim((struct qun_span){line.ptr + at, line.len - at});
	return (struct qun_span){line.ptr, at};
}
