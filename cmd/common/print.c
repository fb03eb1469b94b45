/* The finished table: alerts, then shape, then stdout in the format asked for. */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/tool.h"

static const char *translate(const char *english)
{
	return *english ? gettext(english) : english;
}

/* One --alert: COL OP VALUE. */
struct alert {
	const char *text;
	size_t column;
	char op[3];
	const char *value;
};

/* COL OP VALUE taken apart; name is the column's. */
static bool split_alert(const char *text, struct qun_span *name, struct alert *a)
{
	static const char *const ops[] = {"<", "<=", ">", ">=", "=", "==", "!="};
	size_t n = strcspn(text, "<>=!"), len = strspn(text + n, "<>=!");

	*name = qun_span_trim((struct qun_span){text, n});
	a->text = text;
	a->value = text + n + len;
	for (size_t i = 0; name->len && i < sizeof(ops) / sizeof(*ops); i++) {
		if (strlen(ops[i]) == len && memcmp(ops[i], text + n, len) == 0) {
			memcpy(a->op, ops[i], len + 1);
			return true;
		}
	}
	return false;
}

static int find_alert_column(const struct tool *t, const struct qun_table *table, struct qun_span name)
{
	const char *names[256];
	size_t count = 0;
	const char *near;

	for (size_t c = 0; c < table->ncol; c++) {
		if (qun_span_is(name, table->column[c].name))
			return (int)c;
		if (count < 256)
			names[count++] = table->column[c].name;
	}
	near = qun_nearest(name, names, count);
	if (near)
		tool_say(t, _("--alert: no column '%.*s'; did you mean '%s'?"), (int)name.len, name.ptr, near);
	else
		tool_say(t, _("--alert: no column '%.*s'"), (int)name.len, name.ptr);
	return -1;
}

static int parse_alert(const struct tool *t, const struct qun_table *table, const char *text,
	struct alert *a)
{
	const struct qun_column *column;
	struct qun_span name;
	int at;

	if (!split_alert(text, &name, a)) {
		tool_say(t, _("--alert: cannot use '%s' (expected e.g. 'rate<0.12')"), text);
		return EXIT_USAGE;
	}
	at = find_alert_column(t, table, name);
	if (at < 0)
		return EXIT_USAGE;
	a->column = (size_t)at;
	column = &table->column[at];
	if (!qun_value_fits(column, a->value)) {
		tool_say(t, column->kind == QUN_K_DATE ? _("--alert: cannot use '%s' (expected a date such as 2024-04-09)")
				: _("--alert: cannot use '%s' (expected a number, e.g. 'rate<0.12')"), text);
		return EXIT_USAGE;
	}
	if ((column->kind == QUN_K_TEXT || column->kind == QUN_K_WORD) && !strchr("=!", a->op[0])) {
		tool_say(t, _("--alert: cannot use '%s' (texts are equal, =, or not, !=)"), text);
		return EXIT_USAGE;
	}
	return 0;
}

static bool alert_holds(const struct alert *a, const struct qun_table *table, size_t row)
{
	int c = qun_value_cmp(&table->column[a->column], qun_table_at(table, row, a->column),
		a->value);

	if (c == -2)
		return false;
	switch (a->op[0]) {
	case '<': return c < 0 || (a->op[1] == '=' && c == 0);
	case '>': return c > 0 || (a->op[1] == '=' && c == 0);
	case '!': return c != 0;
	default: return c == 0;
	}
}

/* The cells that tell a row apart: keys, or where a table has none the names that it begins with. */
static int format_keys(const struct qun_table *table, size_t row, struct qun_buf *out)
{
	bool leading = true, keys = false;
	int rc = 0;

	for (size_t c = 0; c < table->ncol; c++)
		keys |= table->column[c].flags & QUN_COL_KEY;
	for (size_t c = 0; rc == 0 && c < table->ncol; c++) {
		leading = leading && table->column[c].kind == QUN_K_TEXT;
		if (keys ? !(table->column[c].flags & QUN_COL_KEY) : !leading)
			continue;
		rc = qun_buf_printf(out, "%s%s ", out->len ? ", " : "", table->column[c].name);
		if (rc == 0)
			rc = qun_cell_format(out, table, c, qun_table_at(table, row, c));
	}
	return rc;
}

static int say_alert(const struct tool *t, const struct qun_table *table, size_t row,
	const struct alert *a)
{
	struct qun_buf keys = {0}, value = {0};
	int rc = format_keys(table, row, &keys);

	if (rc == 0)
		rc = qun_cell_format(&value, table, a->column, qun_table_at(table, row, a->column));
	if (rc == 0)
		rc = qun_buf_add_char(&keys, '\0');
	if (rc == 0)
		rc = qun_buf_add_char(&value, '\0');
	if (rc == 0)
		tool_say(t, _("alert %s: %s is %s"), a->text, keys.ptr, value.ptr);
	qun_buf_release(&keys);
	qun_buf_release(&value);
	return rc;
}

static bool is_unfinished(const struct qun_table *table, size_t row)
{
	for (size_t c = 0; c < table->ncol; c++) {
		const struct qun_value *v = qun_table_at(table, row, c);

		if ((table->column[c].flags & QUN_COL_COMPLETE) && !qun_is_null(v) && v->num == 0)
			return true;
	}
	return false;
}

/* Marks the rows that meet an alert in keep; 0 or EXIT_ALERT, else another status. */
static int run_alert(struct tool *t, const struct qun_table *table, const struct alert *a, bool *keep)
{
	int status = 0;

	for (size_t r = 0; r < table->nrow; r++) {
		if (!t->opt.alert_partial && is_unfinished(table, r))
			continue;
		if (!alert_holds(a, table, r))
			continue;
		keep[r] = true;
		status = EXIT_ALERT;
		if (say_alert(t, table, r, a) < 0)
			return EXIT_DATA;
	}
	return status;
}

/* All alerts, none of which is said while one of them cannot be used. */
static int run_alerts(struct tool *t, const struct qun_table *table, bool *keep)
{
	struct alert *alert = calloc(t->opt.alert.n + 1, sizeof(*alert));
	int status = alert ? 0 : EXIT_DATA;

	for (size_t i = 0; status == 0 && i < t->opt.alert.n; i++)
		status = parse_alert(t, table, t->opt.alert.v[i], &alert[i]);
	for (size_t i = 0; (status == 0 || status == EXIT_ALERT) && i < t->opt.alert.n; i++) {
		int one = run_alert(t, table, &alert[i], keep);

		status = one ? one : status;
	}
	free(alert);
	return status;
}

static void keep_rows(struct qun_table *table, const bool *keep)
{
	size_t to = 0;

	for (size_t r = 0; r < table->nrow; r++) {
		if (keep[r])
			memmove(&table->cell[to++ * table->ncol], &table->cell[r * table->ncol],
				table->ncol * sizeof(*table->cell));
	}
	table->nrow = to;
}

static int alert_and_shape(struct tool *t, struct qun_table *table)
{
	bool *keep = calloc(table->nrow ? table->nrow : 1, sizeof(*keep));
	struct qun_err err = {0};
	int status, rc = 0;

	if (!keep) {
		tool_say(t, _("out of memory"));
		return EXIT_DATA;
	}
	status = run_alerts(t, table, keep);
	if (status == 0 || status == EXIT_ALERT) {
		if (t->opt.alert_only)
			keep_rows(table, keep);
		if (t->opt.sort)
			rc = qun_table_sort(table, t->opt.sort, &err);
		if (rc == 0 && t->opt.top >= 0)
			qun_table_top(table, (size_t)t->opt.top);
		if (rc == 0 && t->opt.columns)
			rc = qun_table_select(table, t->opt.columns, &err);
		if (rc < 0)
			status = tool_say_err(t, &err);
	}
	free(keep);
	return status;
}

static int sink(void *arg, struct qun_buf *out)
{
	return tool_write(arg, out) ? QUN_EIO : 0;
}

static struct qun_style style_of(const struct tool *t)
{
	const char *no_color = getenv("NO_COLOR");
	struct qun_style style = {.tr = translate};
	struct winsize size;

	style.color = t->opt.color == 1 ||
		(t->opt.color == 0 && isatty(1) && !(no_color && *no_color));
	if (ioctl(1, TIOCGWINSZ, &size) == 0)
		style.width = size.ws_col;
	return style;
}

static const struct qun_writer *writer_of(const struct tool *t)
{
	const char *name = t->opt.output ? t->opt.output : isatty(1) ? "table" : "csv";
	const struct qun_writer *w = t->opt.excel ? &qun_writer_excel : qun_writer_of(name);
	const char *names[32];
	size_t n = 0;
	const char *near;

	if (w)
		return w;
	for (; n < 32 && qun_writers[n]; n++)
		names[n] = qun_writers[n]->name;
	near = qun_nearest(qun_span_of(name), names, n);
	tool_say(t, near ? _("--output: no format '%s'; did you mean '%s'?")
			 : _("--output: no format '%s' (expected table, csv, tsv, json, ndjson or markdown)"),
		name, near);
	return NULL;
}

int tool_check_output(const struct tool *t)
{
	const struct qun_writer *w = writer_of(t);

	if (!w)
		return EXIT_USAGE;
	if (t->opt.excel && t->opt.output && strcmp(t->opt.output, "csv") != 0) {
		tool_say(t, _("--excel writes CSV: --output %s cannot be given with it"), t->opt.output);
		return EXIT_USAGE;
	}
	if (t->opt.alert_only && !t->opt.alert.n) {
		tool_say(t, _("--alert-only goes with --alert"));
		return EXIT_USAGE;
	}
	if (t->opt.stamp && w->above == QUN_ABOVE_NONE) {
		tool_say(t, _("--stamp: %s has no place for lines above the table (csv, tsv and table have)"), w->name);
		return EXIT_USAGE;
	}
	return 0;
}

/* What stands before the table. */
static int put_above(const struct tool *t, const struct qun_writer *w, struct qun_buf *out)
{
	struct qun_buf lines = {0};
	int rc = w->begin ? qun_buf_add_text(out, w->begin) : 0;

	if (rc == 0 && t->opt.stamp)
		rc = tool_stamp(t, &lines);
	if (rc == 0 && w->above == QUN_ABOVE_LINES)
		rc = qun_buf_add_span(out, qun_buf_span(&lines));
	for (size_t at = 0; rc == 0 && w->above == QUN_ABOVE_CELLS && at < lines.len;) {
		size_t n = (size_t)((const char *)memchr(lines.ptr + at, '\n', lines.len - at) - (lines.ptr + at));

		rc = qun_excel_line(out, (struct qun_span){lines.ptr + at, n});
		at += n + 1;
	}
	qun_buf_release(&lines);
	return rc;
}

int tool_print(struct tool *t, struct qun_table *table)
{
	const struct qun_writer *w = writer_of(t);
	struct qun_style style = style_of(t);
	struct qun_buf out = {0};
	struct qun_err err = {0};
	int status, rc;

	if (t->opt.min_cell && qun_table_suppress(table, t->opt.min_cell, &err) < 0)
		return tool_say_err(t, &err);
	if (table->wide && qun_table_widen(table, &err) < 0)
		return tool_say_err(t, &err);
	if (t->opt.require_rows && table->nrow == 0) {
		tool_say(t, _("the table has no rows"));
		return EXIT_DATA;
	}
	status = alert_and_shape(t, table);
	if (status != 0 && status != EXIT_ALERT)
		return status;
	rc = put_above(t, w, &out);
	if (rc == 0)
		rc = w->write(table, &style, &out, sink, t);
	if (rc == 0 && tool_write(t, &out))
		rc = QUN_EIO;
	qun_buf_release(&out);
	if (rc == QUN_ENOMEM)
		tool_no_memory(t);
	return rc < 0 ? EXIT_DATA : status;
}
