/*
 * Words of SQL on their way into a script for sqlite3. A call that fails leaves rc negative, and
 * those after it do nothing.
 */
#ifndef CMD_COMMON_SCRIPT_H
#define CMD_COMMON_SCRIPT_H

#include "common/tool.h"

struct script {
	struct qun_buf out;
	int rc;
};

void script_check(struct script *s, int rc); /* keeps the first error */
void script_text(struct script *s, const char *text);
void script_char(struct script *s, char c);
void script_int(struct script *s, int64_t v);
void script_quoted(struct script *s, struct qun_span text); /* 'a literal' */
void script_name(struct script *s, struct qun_span name);   /* "an identifier" */
/* Makes a temporary table anew. */
void script_table(struct script *s, const char *name, const char *columns);
/* The rows of the sheet, each a JSON object; none where the option was not given. */
void script_sheet(struct script *s, const char *name, const struct qun_sheet *sheet);
/* Prints the program's table from the table result. The statements that make it stand in the script
 * from that byte on. */
void script_print(struct script *s, const struct tool *t, size_t from);

/* A blank and a word of a shell command in a comment. */
void script_shell(struct qun_buf *out, struct qun_span word);

#endif
