/*
 * Text logs cut into lines: a record is one line, its only cell the line without its end. What
 * lines belong together is the format's business.
 */
#include "input/cut.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text {
	struct qun_cutter cutter;
	struct qun_cut_conf conf;
	struct qun_cut_sink sink;
	struct qun_window win;
	uint64_t start, at; /* the line's first byte, the first one not looked at yet */
	uint64_t line;
	bool too_long;      /* reported already: the rest of the line is passed over */
};

static int report_too_long(struct text *t)
{
	struct qun_bad bad = {.line = t->line, .offset = t->start, .kind = "too-long"};
	char why[96];

	t->too_long = true;
	snprintf(why, sizeof(why), "a line longer than the limit of %zu bytes", t->conf.max_field);
	bad.why = why;
	bad.raw = qun_window_span(&t->win, t->start, t->start + t->conf.max_field);
	return t->sink.bad(t->sink.arg, &bad);
}

static int end_line(struct text *t, uint64_t end)
{
	struct qun_cell_in cell = {.kind = QUN_CELL_TEXT};
	struct qun_record rec = {.cell = &cell, .n = 1, .line = t->line, .offset = t->start};

	if (t->too_long)
		return 0;
	rec.raw = qun_window_span(&t->win, t->start, end);
	if (rec.raw.len && rec.raw.ptr[rec.raw.len - 1] == '\r')
		rec.raw.len--;
	cell.s = rec.raw;
	return rec.raw.len > t->conf.max_field ? report_too_long(t) : t->sink.record(t->sink.arg, &rec);
}

static int text_feed(struct qun_cutter *cutter, struct qun_span bytes, struct qun_err *err)
{
	struct text *t = (struct text *)cutter;
	int rc = 0;

	t->win.bytes = bytes;
	while (rc == 0 && t->at < qun_window_end(&t->win)) {
		struct qun_span left = qun_window_span(&t->win, t->at, qun_window_end(&t->win));
		const char *end = memchr(left.ptr, '\n', left.len);
		t->at += end ? (size_t)(end - left.ptr) + 1 : left.len;
		if (end) {
			rc = end_line(t, t->at - 1);
			t->start = t->at;
			t->line++;
			t->too_long = false;
		} else if (!t->too_long && t->at - t->start > t->conf.max_field + 1) {
			rc = report_too_long(t);
		}
	}
	if (rc == 0)
		qun_window_drop(&t->win, t->too_long ? t->at : t->start);
	cutter->left = t->win.bytes.len;
	return rc == QUN_ENOMEM ? qun_fail_mem(err) : rc;
}

static int text_finish(struct qun_cutter *cutter, struct qun_span bytes, struct qun_err *err)
{
	struct text *t = (struct text *)cutter;
	int rc;

	t->win.bytes = bytes;
	rc = t->at > t->start ? end_line(t, t->at) : 0;
	return rc == QUN_ENOMEM ? qun_fail_mem(err) : rc;
}

static void text_close(struct qun_cutter *cutter)
{
	free(cutter);
}

int qun_text_open(struct qun_cutter **cutter, const struct qun_cut_conf *conf,
	const struct qun_cut_sink *sink)
{
	struct text *t = calloc(1, sizeof(*t));

	if (!t)
		return QUN_ENOMEM;
	t->cutter = (struct qun_cutter){.feed = text_feed, .finish = text_finish, .close = text_close};
	t->conf = *conf;
	t->sink = *sink;
	t->win.base = t->start = t->at = conf->offset;
	t->line = conf->line;
	*cutter = &t->cutter;
	return 0;
}
