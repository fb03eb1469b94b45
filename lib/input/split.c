/* The cells of a CSV record that is known to be regular: a quote stands only around a cell or doubled. */
#include "input/cut.h"

#include "core/block.h"

#include <stdlib.h>
#include <string.h>

enum { PAIR = 2 * QUN_BLOCK };

#define QUN_LANE_BODY "input/split_lane.h"
#include "core/lanes.h"

int qun_split_open(struct qun_split *s, char delimiter, const int *column, size_t n, enum qun_lane lane)
{
	*s = (struct qun_split){.delimiter = delimiter, .column = column, .columns = n, .lane = qun_lane_of(lane)};
	s->cell = calloc(n + 1, sizeof(*s->cell));
	s->most = n * QUN_CUTS_ROWS;
	s->cut = calloc(1 + s->most + 2 * QUN_BLOCK, sizeof(*s->cut));
	for (size_t i = 0; s->cell && i < n; i++) {
		s->cell[i].kind = QUN_CELL_TEXT;
		s->cell[i].s.ptr = "";
		/* the first one shows whether this is the header again */
		if (i == 0 || column[i] >= 0)
			s->upto = i + 1;
	}
	return s->cell && s->cut ? 0 : QUN_ENOMEM;
}

/* The text between the quotes around a cell, of which only doubled ones need a copy. */
static int unquote(struct qun_span *cell, struct qun_buf *text)
{
	const char *p = cell->ptr + 1, *end = cell->ptr + cell->len - 1, *quote;
	size_t at = text->len;
	int rc = 0;

	*cell = (struct qun_span){p, (size_t)(end - p)};
	if (!memchr(p, '"', cell->len))
		return 0;
	for (; rc == 0 && (quote = memchr(p, '"', (size_t)(end - p))); p = quote + 2)
		rc = qun_buf_add(text, p, (size_t)(quote + 1 - p));
	if (rc == 0)
		rc = qun_buf_add(text, p, (size_t)(end - p));
	*cell = (struct qun_span){text->ptr + at, text->len - at};
	return rc;
}

static int unquote_all(struct qun_split *s, size_t n, size_t len, bool all)
{
	int rc;

	/* no longer than the record, so cells that point into it stay where they are */
	qun_buf_clear(&s->text);
	rc = qun_buf_reserve(&s->text, len);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct qun_span *cell = &s->cell[i].s;
		if (cell->len && cell->ptr[0] == '"' && (i == 0 || all || s->column[i] >= 0))
			rc = unquote(cell, &s->text);
	}
	return rc;
}

/* A copy of the last record of all, with bytes behind it that may be looked at. */
static const char *padded(struct qun_split *s, struct qun_span record)
{
	qun_buf_clear(&s->text);
	if (qun_buf_reserve(&s->text, record.len + PAIR) < 0)
		return NULL;
	memset((char *)memcpy(s->text.ptr, record.ptr, record.len) + record.len, 0, PAIR);
	return s->text.ptr;
}

int qun_csv_split(struct qun_split *s, struct qun_span record, bool quoted, bool all, const char *end)
{
	typedef void split_fn(struct qun_split *s, struct qun_span record, const char *p, bool quoted, size_t upto);
	static split_fn *const split[QUN_LANES] = QUN_LANE_TABLE(split);
	const char *p = record.ptr;
	size_t upto = all ? s->columns : s->upto;

	if ((size_t)(end - p) < record.len + PAIR && !(p = padded(s, record)))
		return QUN_ENOMEM;
	split[s->lane](s, record, p, quoted, upto);
	return quoted ? unquote_all(s, s->n < upto ? s->n : upto, record.len, all) : 0;
}

size_t qun_csv_cuts(struct qun_split *s, struct qun_span records)
{
	static size_t (*const cuts[QUN_LANES])(struct qun_split * s, struct qun_span records) =
		QUN_LANE_TABLE(cuts);

	return cuts[s->lane](s, records);
}

void qun_split_release(struct qun_split *s)
{
	free(s->cell);
	free(s->cut);
	qun_buf_release(&s->text);
}
