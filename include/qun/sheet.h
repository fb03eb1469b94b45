/*
 * Sheets: small tables that people write by hand and name in an option of a metric. The main loop
 * reads them before the metric is set up, so that a metric need not read files.
 */
#ifndef QUN_SHEET_H
#define QUN_SHEET_H

#include "qun/bytes.h"

#ifdef __cplusplus
extern "C" {
#endif

struct qun_sheet {
	const char *path;      /* as the user wrote it; NULL: the option was not given */
	struct qun_span *cell; /* row by row, the header first; blanks around are gone */
	uint64_t *line;	       /* physical line of each row */
	size_t ncol, nrow, cell_cap, line_cap;
	struct qun_arena text;
};

/* Cell of a row; row 0 is the header. */
struct qun_span qun_sheet_at(const struct qun_sheet *s, size_t row, size_t col);
/* Column whose heading is name, or -1. */
int qun_sheet_column(const struct qun_sheet *s, const char *name);
/* Fails with QUN_EDATA at a row, naming file and line. */
int qun_sheet_fail(const struct qun_sheet *s, size_t row, struct qun_err *err, const char *why);
void qun_sheet_release(struct qun_sheet *s); /* keeps the path */

#ifdef __cplusplus
}
#endif
#endif
