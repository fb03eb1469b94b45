/* Writers: one function for every output format, found by name. They only append to a buffer. */
#ifndef QUN_WRITE_H
#define QUN_WRITE_H

#include "qun/table.h"

#ifdef __cplusplus
extern "C" {
#endif

struct qun_style {
	bool color;  /* ANSI heat colours in table */
	size_t width; /* terminal columns, 0: unlimited */
	const char *(*tr)(const char *english); /* headings and words for people; NULL: English */
};

/* Lines of text above a table: not possible, as they are, or each as a cell (qun_excel_line). */
enum qun_above { QUN_ABOVE_NONE, QUN_ABOVE_LINES, QUN_ABOVE_CELLS };

struct qun_writer {
	const char *begin; /* bytes before everything else; NULL: none */
	enum qun_above above;
	const char *name; /* table csv tsv json ndjson markdown */
	/* Writes head, rows and foot; called with the finished table. Flushes through sink whenever out
	 * grows beyond 64 KiB if sink is not NULL (a negative return stops). */
	int (*write)(const struct qun_table *t, const struct qun_style *style, struct qun_buf *out,
		int (*sink)(void *arg, struct qun_buf *out), void *arg);
	bool for_people;
};

const struct qun_writer *qun_writer_of(const char *name); /* NULL: none */
extern const struct qun_writer *const qun_writers[]; /* NULL-ended */

/* CSV with byte order mark and CRLF whose cells no spreadsheet takes for formulas; not in the list, for
 * what it writes is not what the table holds. */
extern const struct qun_writer qun_writer_excel;
int qun_excel_line(struct qun_buf *out, struct qun_span text);

/* Text of one cell as the machine formats print it (no quoting); empty for null. */
int qun_cell_format(struct qun_buf *out, const struct qun_table *t, size_t col, const struct qun_value *v);

#ifdef __cplusplus
}
#endif
#endif
