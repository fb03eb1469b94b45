/* Sheets: cells row by row in one arena. */
#include "qun/sheet.h"

#include <stdlib.h>
#include <string.h>

struct qun_span qun_sheet_at(const struct qun_sheet *s, size_t row, size_t col)
{
	return s->cell[row * s->ncol + col];
}

int qun_sheet_column(const struct qun_sheet *s, const char *name)
{
	for (size_t i = 0; s->nrow && i < s->ncol; i++) {
		if (qun_span_is(s->cell[i], name))
			return (int)i;
	}
	return -1;
}

int qun_sheet_fail(const struct qun_sheet *s, size_t row, struct qun_err *err, const char *why)
{
	size_t len = strnlen(s->path, sizeof(err->file) - 1);

	if (!err)
		return QUN_EDATA;
	memcpy(err->file, s->path, len);
	err->file[len] = '\0';
	err->line = s->line[row];
	return qun_fail(err, QUN_EDATA, "%s", why);
}

void qun_sheet_release(struct qun_sheet *s)
{
	const char *path = s->path;

	free(s->cell);
	free(s->line);
	qun_arena_release(&s->text);
	*s = (struct qun_sheet){.path = path};
}
