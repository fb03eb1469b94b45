/* CSV (RFC 4180) and TSV: one loop, two ways to make a cell safe. Bytes of text are not changed. */
#include "output/output.h"
#include "qun/escape.h"

typedef int (*add_cell)(struct qun_buf *out, struct qun_span s);

static int add_csv(struct qun_buf *out, struct qun_span s)
{
	size_t from = out->len;
	int rc = qun_buf_add_span(out, s);

	return rc < 0 ? rc : qun_escape_csv(out, from, false);
}

/* Row number 0 is the header. */
static int add_row(const struct qun_table *t, size_t row, add_cell add, char between,
	struct qun_buf *out, struct qun_buf *scratch)
{
	size_t start = out->len;
	int err = 0;

	for (size_t c = 0; !err && c < t->ncol; c++) {
		struct qun_span s = qun_span_of(t->column[c].name);
		if (row) {
			qun_buf_clear(scratch);
			err = qun_cell_format(scratch, t, c, qun_table_at(t, row - 1, c));
			s = qun_buf_span(scratch);
		}
		if (!err && c)
			err = qun_buf_add_char(out, between);
		if (!err)
			err = add(out, s);
	}
	/* Readers take an empty line for no row at all. */
	if (!err && out->len == start && add == add_csv)
		err = qun_buf_add_text(out, "\"\"");
	return err ? err : qun_buf_add_char(out, '\n');
}

static int write_rows(const struct qun_table *t, add_cell add, char between, struct qun_buf *out,
	int (*sink)(void *arg, struct qun_buf *out), void *arg)
{
	struct qun_buf scratch = {0};
	int err = 0;

	for (size_t r = 0; !err && r <= t->nrow; r++) {
		err = add_row(t, r, add, between, out, &scratch);
		if (!err)
			err = qun_write_pass(out, sink, arg);
	}
	qun_buf_release(&scratch);
	return err;
}

static int write_csv(const struct qun_table *t, const struct qun_style *style, struct qun_buf *out,
	int (*sink)(void *arg, struct qun_buf *out), void *arg)
{
	(void)style;
	return write_rows(t, add_csv, ',', out, sink, arg);
}

static int write_tsv(const struct qun_table *t, const struct qun_style *style, struct qun_buf *out,
	int (*sink)(void *arg, struct qun_buf *out), void *arg)
{
	(void)style;
	return write_rows(t, qun_escape_tsv, '\t', out, sink, arg);
}

const struct qun_writer qun_writer_csv = {.name = "csv", .above = QUN_ABOVE_LINES, .write = write_csv};
const struct qun_writer qun_writer_tsv = {.name = "tsv", .above = QUN_ABOVE_LINES, .write = write_tsv};
