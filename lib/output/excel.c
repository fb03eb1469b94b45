/*
 * CSV for spreadsheets, where a cell that looks like a formula is run and one that looks like a number
 * or a date is changed. Numbers of ours stand bare; text is quoted, shown without characters that
 * cannot be seen, and led by ' where a spreadsheet would take it for anything but text. This way is
 * one-way: the ' becomes part of the text in programs that do not know the habit.
 */
#include <string.h>
#include <strings.h>

#include "output/output.h"
#include "qun/utf8.h"

enum { LONG_DIGITS = 12 }; /* from here on spreadsheets round or write 1.2E+11 */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Signs that begin a formula, in ASCII and in full width. */
static bool begins_formula(int32_t cp)
{
	return cp == '=' || cp == '+' || cp == '-' || cp == '@' || cp == '|' || cp == 0xff1d || cp == 0xff0b ||
	       cp == 0xff0d || cp == 0xff20;
}

static bool is_blank(int32_t cp)
{
	return cp <= ' ' || cp == 0x7f || cp == 0xa0 || cp == 0x3000 || (cp >= 0x2000 && cp <= 0x200a);
}

/* A character that is not seen, or an invalid byte: readers drop it. */
static bool is_unseen(struct qun_span s)
{
	struct qun_buf shown = {0};
	bool unseen = qun_utf8_show(&shown, s) == 0 && shown.len > 1 && *shown.ptr == '\\';

	qun_buf_release(&shown);
	return unseen;
}

/* Would the text be a formula once blanks and what is not seen are passed over? */
static bool is_formula(struct qun_span s)
{
	size_t at = 0;

	if (s.len && (*s.ptr == '\t' || *s.ptr == '\r' || *s.ptr == '\n'))
		return true;
	while (at < s.len) {
		size_t from = at;
		int32_t cp = qun_utf8_next(s, &at);

		if (begins_formula(cp))
			return true;
		if (!is_blank(cp) && !is_unseen((struct qun_span){s.ptr + from, at - from}))
			return false;
	}
	return false;
}

/* Would a spreadsheet turn the text into another number, a date or a truth? */
static bool is_changed(struct qun_span s)
{
	size_t digits = 0;

	s = qun_span_trim(s);
	if ((s.len == 4 && strncasecmp(s.ptr, "true", 4) == 0) || (s.len == 5 && strncasecmp(s.ptr, "false", 5) == 0))
		return true;
	if (!s.len || (!is_digit(*s.ptr) && *s.ptr != '.'))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		digits += is_digit(s.ptr[i]);
		if (!is_digit(s.ptr[i]) && (!s.ptr[i] || !strchr("/-.:eE+, ", s.ptr[i])))
			return false;
	}
	return digits >= LONG_DIGITS || (*s.ptr == '0' && digits > 1) || (digits && digits < s.len);
}

/* C0 but for the end of a line, C1, bidi controls and the invisible become visible. */
static int add_text(struct qun_buf *out, struct qun_span s)
{
	struct qun_buf shown = {0};
	int err = qun_buf_add_char(out, '"');

	if (!err && (is_formula(s) || is_changed(s)))
		err = qun_buf_add_char(out, '\'');
	while (!err && s.len) {
		const char *end = memchr(s.ptr, '\n', s.len);
		size_t n = end ? (size_t)(end - s.ptr) : s.len;

		qun_buf_clear(&shown);
		err = qun_utf8_show(&shown, (struct qun_span){s.ptr, n});
		for (size_t i = 0; !err && i < shown.len; i++) {
			if (shown.ptr[i] == '"')
				err = qun_buf_add_char(out, '"');
			if (!err)
				err = qun_buf_add_char(out, shown.ptr[i]);
		}
		if (!err && end)
			err = qun_buf_add_char(out, '\n');
		n += end != NULL;
		s = (struct qun_span){s.ptr + n, s.len - n};
	}
	qun_buf_release(&shown);
	return err ? err : qun_buf_add_char(out, '"');
}

int qun_excel_line(struct qun_buf *out, struct qun_span text)
{
	int err = add_text(out, text);

	return err ? err : qun_buf_add_text(out, "\r\n");
}

/* Row number 0 is the header. */
static int add_row(const struct qun_table *t, size_t row, struct qun_buf *out)
{
	int err = 0;

	for (size_t c = 0; !err && c < t->ncol; c++) {
		const struct qun_value *v = row ? qun_table_at(t, row - 1, c) : NULL;

		if (c)
			err = qun_buf_add_char(out, ',');
		if (!err && !v)
			err = add_text(out, qun_span_of(t->column[c].name));
		else if (!err && qun_is_text(v))
			err = add_text(out, v->text);
		else if (!err)
			err = qun_cell_format(out, t, c, v);
	}
	return err ? err : qun_buf_add_text(out, "\r\n");
}

static int write_excel(const struct qun_table *t, const struct qun_style *style, struct qun_buf *out,
	int (*sink)(void *arg, struct qun_buf *out), void *arg)
{
	int err = 0;

	(void)style;
	for (size_t r = 0; !err && r <= t->nrow; r++) {
		err = add_row(t, r, out);
		if (!err)
			err = qun_write_pass(out, sink, arg);
	}
	return err;
}

const struct qun_writer qun_writer_excel = {
	.name = "excel", .begin = "\xef\xbb\xbf", .above = QUN_ABOVE_CELLS, .write = write_excel};
