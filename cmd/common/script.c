/* Literals, names and tables of a script for sqlite3, and the statement that prints the result. */
#include "common/script.h"

#include <string.h>

#include "qun/sheet.h"
#include "qun/utf8.h"

void script_check(struct script *s, int rc)
{
	if (s->rc == 0)
		s->rc = rc;
}

void script_text(struct script *s, const char *text)
{
	if (s->rc == 0)
		s->rc = qun_buf_add_text(&s->out, text);
}

void script_char(struct script *s, char c)
{
	if (s->rc == 0)
		s->rc = qun_buf_add_char(&s->out, c);
}

void script_int(struct script *s, int64_t v)
{
	if (s->rc == 0)
		s->rc = qun_buf_printf(&s->out, "%lld", (long long)v);
}

static void put_between(struct script *s, char quote, struct qun_span text)
{
	script_char(s, quote);
	for (size_t i = 0; i < text.len; i++) {
		script_char(s, text.ptr[i]);
		if (text.ptr[i] == quote)
			script_char(s, quote);
	}
	script_char(s, quote);
}

void script_quoted(struct script *s, struct qun_span text)
{
	put_between(s, '\'', text);
}

void script_name(struct script *s, struct qun_span name)
{
	put_between(s, '"', name);
}

void script_table(struct script *s, const char *name, const char *columns)
{
	script_text(s, "\nDROP TABLE IF EXISTS temp.");
	script_text(s, name);
	script_text(s, ";\nCREATE TEMP TABLE ");
	script_text(s, name);
	script_char(s, '(');
	script_text(s, columns);
	script_text(s, ");\n");
}

void script_sheet(struct script *s, const char *name, const struct qun_sheet *sheet)
{
	script_table(s, name, "cells");
	for (size_t row = 1; sheet->path && row < sheet->nrow; row++) {
		script_text(s, "INSERT INTO ");
		script_text(s, name);
		script_text(s, " VALUES (json_object(");
		for (size_t i = 0; i < sheet->ncol; i++) {
			script_text(s, i ? ", " : "");
			script_quoted(s, qun_sheet_at(sheet, 0, i));
			script_text(s, ", ");
			script_quoted(s, qun_sheet_at(sheet, row, i));
		}
		script_text(s, "));\n");
	}
}

/* Does this name stand in the statements? */
static bool is_named(struct qun_span all, const char *name)
{
	static const char word[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
	size_t from = 0, end;

	for (ptrdiff_t at; (at = qun_span_find(all, name, from)) >= 0; from = (size_t)at + 1) {
		end = (size_t)at + strlen(name);
		if ((!at || !strchr(word, all.ptr[at - 1])) && (end == all.len || !strchr(word, all.ptr[end])))
			return true;
	}
	return false;
}

/* What a column of the program's table is in the result. Values of --by are those of the
 * JSON array by_key, of which *by were printed before. What the statements cannot name, because it follows from an
 * option, lies in the JSON object more. */
static void put_source(struct script *s, const struct tool *t, struct qun_span statements, const char *name, int *by)
{
	if (*by < t->run.by.n && strcmp(t->run.by.name[*by], name) == 0) {
		script_text(s, "by_key ->> ");
		script_int(s, (*by)++);
		return;
	}
	if (!is_named(statements, name)) {
		script_text(s, "more ->> ");
		script_quoted(s, qun_span_of(name));
		return;
	}
	script_name(s, qun_span_of(name));
}

/* A cell as CSV has it. */
static void put_cell(struct script *s, const struct qun_column *column, struct qun_span source)
{
	script_text(s, "\n  ");
	if (column->kind != QUN_K_TEXT) {
		script_check(s, s->rc == 0 ? qun_buf_add_span(&s->out, source) : 0);
		return;
	}
	script_text(s, "CASE WHEN ");
	script_check(s, s->rc == 0 ? qun_buf_add_span(&s->out, source) : 0);
	script_text(s, " GLOB '*[\",' || char(10, 13) || ']*' THEN '\"' || replace(");
	script_check(s, s->rc == 0 ? qun_buf_add_span(&s->out, source) : 0);
	script_text(s, ", '\"', '\"\"') || '\"' ELSE ");
	script_check(s, s->rc == 0 ? qun_buf_add_span(&s->out, source) : 0);
	script_text(s, " END");
}

/* Rows go by the key columns, `all` and `*` last, where the statements do not order them. */
static void put_key(struct script *s, const struct qun_table *table, size_t i, struct qun_span source)
{
	bool words = table->column[i].kind == QUN_K_TEXT || table->column[i].kind == QUN_K_DATE;

	if (table->ordered || !(table->column[i].flags & QUN_COL_KEY))
		return;
	for (int last = words; last >= 0; last--) {
		script_check(s, s->rc == 0 ? qun_buf_add_span(&s->out, source) : 0);
		script_text(s, last ? " IN ('all', '*'), " : ", ");
	}
}

static void put_columns(struct script *s, const struct tool *t, struct qun_span statements, const struct qun_table *table)
{
	struct script cells = {0}, keys = {0};
	int by = 0;

	for (size_t i = 0; i < table->ncol; i++) {
		size_t at = s->out.len;
		struct qun_buf source = {0};

		put_source(s, t, statements, table->column[i].name, &by);
		script_check(s, s->rc == 0 ? qun_buf_add(&source, s->out.ptr + at, s->out.len - at) : 0);
		s->out.len = at;
		script_text(&cells, i ? "," : "");
		put_cell(&cells, &table->column[i], qun_buf_span(&source));
		put_key(&keys, table, i, qun_buf_span(&source));
		qun_buf_release(&source);
	}
	script_text(s, "SELECT");
	script_check(s, cells.rc ? cells.rc : qun_buf_add_span(&s->out, qun_buf_span(&cells.out)));
	script_text(s, "\nFROM result ORDER BY ");
	script_check(s, keys.rc ? keys.rc : qun_buf_add_span(&s->out, qun_buf_span(&keys.out)));
	script_text(s, "rowid;\n");
	qun_buf_release(&cells.out);
	qun_buf_release(&keys.out);
}

static void put_header(struct script *s, const struct qun_table *table)
{
	struct script line = {0};

	for (size_t i = 0; i < table->ncol; i++) {
		struct qun_span name = qun_span_of(table->column[i].name);

		script_text(&line, i ? "," : "");
		if (strpbrk(name.ptr, ",\"\r\n"))
			script_name(&line, name);
		else
			script_text(&line, name.ptr);
	}
	script_check(s, line.rc);
	script_text(s, "SELECT ");
	script_quoted(s, qun_buf_span(&line.out));
	script_text(s, ";\n");
	qun_buf_release(&line.out);
}

/* The table of an empty input tells the columns. */
void script_print(struct script *s, const struct tool *t, size_t from)
{
	struct script statements = {0};
	struct qun_table table;
	struct qun_cube cube = {0};
	struct qun_err err = {0};

	qun_table_init(&table);
	if (s->rc == 0)
		script_check(s, qun_buf_add(&statements.out, s->out.ptr + from, s->out.len - from));
	if (s->rc == 0)
		script_check(s, qun_engine_report(t->engine, &cube, &err));
	if (s->rc == 0)
		script_check(s, qun_engine_table(t->engine, &cube, &table, &err));
	put_header(s, &table);
	put_columns(s, t, qun_buf_span(&statements.out), &table);
	if (err.code)
		tool_say_err(t, &err);
	qun_table_release(&table);
	qun_cube_release(&cube);
	qun_buf_release(&statements.out);
}

void script_shell(struct qun_buf *out, struct qun_span word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./%@";
	struct qun_buf shown = {0};

	qun_utf8_show(&shown, word);
	if (shown.len && qun_buf_add_char(&shown, '\0') == 0 && strspn(shown.ptr, plain) == shown.len - 1) {
		qun_buf_printf(out, " %s", shown.ptr);
	} else {
		qun_buf_add_text(out, " '");
		for (size_t i = 0; i + 1 < shown.len; i++) {
			if (shown.ptr[i] == '\'')
				qun_buf_add_text(out, "'\\'");
			qun_buf_add_char(out, shown.ptr[i]);
		}
		qun_buf_add_char(out, '\'');
	}
	qun_buf_release(&shown);
}
