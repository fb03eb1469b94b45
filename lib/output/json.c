/* JSON and NDJSON: one object a line, numbers as they are printed everywhere, text that no
 * terminal, log viewer or script tag can take for anything else. */
#include "output/output.h"
#include "qun/utf8.h"

/* C0, DEL, C1, line and paragraph separators, bidi controls. */
static bool is_unsafe(int32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp <= 0x9f) || cp == 0x61c || cp == 0x200e ||
	       cp == 0x200f || (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069);
}

static int add_string(struct qun_buf *out, struct qun_span s)
{
	int err = qun_buf_add_char(out, '"');

	for (size_t at = 0; !err && at < s.len;) {
		int32_t cp = qun_utf8_next(s, &at);
		if (cp < 0)
			err = qun_utf8_put(out, 0xfffd);
		else if (cp == '"' || cp == '\\')
			err = qun_buf_printf(out, "\\%c", (char)cp);
		else if (is_unsafe(cp))
			err = qun_buf_printf(out, "\\u%04x", (unsigned)cp);
		else
			err = qun_utf8_put(out, (uint32_t)cp);
	}
	return err ? err : qun_buf_add_char(out, '"');
}

static int add_value(const struct qun_table *t, size_t col, const struct qun_value *v,
	struct qun_buf *out, struct qun_buf *scratch)
{
	if (qun_is_null(v))
		return qun_buf_add_text(out, "null");
	if (!qun_is_text(v) && t->column[col].kind != QUN_K_DATE)
		return qun_cell_format(out, t, col, v);
	qun_buf_clear(scratch);
	int err = qun_cell_format(scratch, t, col, v);
	return err ? err : add_string(out, qun_buf_span(scratch));
}

static int add_object(
	const struct qun_table *t, size_t row, struct qun_buf *out, struct qun_buf *scratch)
{
	for (size_t c = 0; c < t->ncol; c++) {
		int err;
		if ((err = qun_buf_add_char(out, c ? ',' : '{')) ||
			(err = add_string(out, qun_span_of(t->column[c].name))) ||
			(err = qun_buf_add_char(out, ':')) ||
			(err = add_value(t, c, qun_table_at(t, row, c), out, scratch)))
			return err;
	}
	return qun_buf_add_char(out, '}');
}

static int write_json(const struct qun_table *t, const struct qun_style *style, struct qun_buf *out,
	int (*sink)(void *arg, struct qun_buf *out), void *arg)
{
	struct qun_buf scratch = {0};
	int err = 0;

	(void)style;
	for (size_t r = 0; r < t->nrow; r++) {
		if ((err = qun_buf_add_text(out, r ? ",\n" : "[\n")) ||
			(err = add_object(t, r, out, &scratch)) ||
			(err = qun_write_pass(out, sink, arg)))
			break;
	}
	qun_buf_release(&scratch);
	return err ? err : qun_buf_add_text(out, t->nrow ? "\n]\n" : "[]\n");
}

static int write_ndjson(const struct qun_table *t, const struct qun_style *style,
	struct qun_buf *out, int (*sink)(void *arg, struct qun_buf *out), void *arg)
{
	struct qun_buf scratch = {0};
	int err = 0;

	(void)style;
	for (size_t r = 0; r < t->nrow; r++) {
		if ((err = add_object(t, r, out, &scratch)) ||
			(err = qun_buf_add_char(out, '\n')) ||
			(err = qun_write_pass(out, sink, arg)))
			break;
	}
	qun_buf_release(&scratch);
	return err;
}

const struct qun_writer qun_writer_json = {.name = "json", .write = write_json};
const struct qun_writer qun_writer_ndjson = {.name = "ndjson", .write = write_ndjson};
