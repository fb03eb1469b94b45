/* The cells of a CSV record that is known to be regular: a quote stands only around a cell or doubled. */
#include "input/cut.h"

#include <stdlib.h>
#include <string.h>

/* The cell that begins at p, in quotes; *next is the byte behind its closing quote. */
static int quoted_cell(const char *p, const char *end, struct qun_buf *text, struct qun_span *cell, const char **next)
{
	const char *from = ++p, *quote = memchr(p, '"', (size_t)(end - p));
	size_t at = text->len;
	int rc = 0;

	for (; rc == 0 && quote + 1 < end && quote[1] == '"'; quote = memchr(p, '"', (size_t)(end - p))) {
		rc = qun_buf_add(text, p, (size_t)(quote + 1 - p));
		p = quote + 2;
	}
	*cell = (struct qun_span){from, (size_t)(quote - from)};
	*next = quote + 1;
	if (p == from || rc < 0)
		return rc;
	rc = qun_buf_add(text, p, (size_t)(quote - p));
	*cell = (struct qun_span){text->ptr + at, text->len - at};
	return rc;
}

int qun_csv_split(struct qun_span record, bool quoted, char delimiter, struct qun_split *out)
{
	const char *p = record.ptr, *end = p + record.len, *next;
	int rc = 0;

	/* no longer than the record, so cells that point into it stay where they are */
	qun_buf_clear(&out->text);
	if (quoted)
		rc = qun_buf_reserve(&out->text, record.len);
	for (out->n = 0; rc == 0; p = next + 1) {
		rc = qun_grow(&out->cell, &out->cap, out->n, sizeof(*out->cell));
		if (rc < 0)
			break;
		struct qun_cell_in *cell = &out->cell[out->n++];
		cell->kind = QUN_CELL_TEXT;
		if (quoted && p < end && *p == '"') {
			rc = quoted_cell(p, end, &out->text, &cell->s, &next);
		} else {
			next = memchr(p, delimiter, (size_t)(end - p));
			next = next ? next : end;
			cell->s = (struct qun_span){p, (size_t)(next - p)};
		}
		if (next >= end)
			break;
	}
	return rc;
}

void qun_split_release(struct qun_split *s)
{
	free(s->cell);
	qun_buf_release(&s->text);
}
