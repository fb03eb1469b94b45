/* --help on one screen: what it answers, three examples, the program's own options, then the common ones. */
#include <string.h>

#include "common/tool.h"
#include "qun/utf8.h"

enum { HELP_COLUMN = 28, HELP_WIDTH = 96 };

static void put_option(const struct qun_option *row, struct qun_buf *out)
{
	size_t start = out->len;
	bool optional = tool_may_omit(row);

	if (row->letter)
		qun_buf_printf(out, "  -%c, --%s", row->letter, row->name);
	else
		qun_buf_printf(out, "  --%s", row->name);
	if (row->type == QUN_OPT_WORD)
		qun_buf_printf(out, " %s", row->words);
	else if (optional)
		qun_buf_printf(out, "[=%s", row->arg + 1);
	else if (row->arg)
		qun_buf_printf(out, " %s", row->arg);
	if (out->len - start >= HELP_COLUMN) {
		qun_buf_add_char(out, '\n');
		start = out->len;
	}
	while (out->len - start < HELP_COLUMN)
		qun_buf_add_char(out, ' ');
	qun_buf_add_text(out, gettext(row->help));
	if (row->dflt && row->type != QUN_OPT_WORD && strlen(row->dflt) < 12)
		qun_buf_printf(out, " [%s]", row->dflt);
	qun_buf_add_char(out, '\n');
}

/* The common options by name only: their words are in the manual. */
static void put_common_names(struct qun_buf *out)
{
	size_t column = 0;

	for (const struct qun_option *row = tool_rows; row->name; row++) {
		size_t n = strlen(row->name) + 3;

		if (column == 0 || column + n > HELP_WIDTH) {
			qun_buf_add_text(out, column ? "\n " : " ");
			column = 1;
		}
		qun_buf_printf(out, " --%s", row->name);
		column += n;
	}
	qun_buf_add_char(out, '\n');
}

void tool_help(const struct tool *t, struct qun_buf *out)
{
	qun_buf_printf(out, _("usage: %s [OPTION]... [FILE]...\n"), t->name);
	qun_buf_printf(out, "%s\n\n", gettext(t->program->brief));
	for (const char *const *e = t->program->examples; e && *e; e++)
		qun_buf_printf(out, "  %s\n", gettext(*e));
	qun_buf_add_char(out, '\n');
	for (const struct qun_option *row = t->program->options; row && row->name; row++)
		put_option(row, out);
	qun_buf_add_text(out, _("\nOptions of all programs, explained in qun(7):\n"));
	put_common_names(out);
	qun_buf_printf(out,
		_("\nNo FILE, or -, reads standard input; any chat export or order list is detected.\n"
		  "Definitions: man %s\n"), t->name);
}

/* NAME VALUE lines, ready to be a quntools.conf. */
void tool_show_config(const struct tool *t, struct qun_buf *out)
{
	const struct qun_option *row;
	bool own;

	for (size_t i = 0; (row = tool_row(t, i, &own)); i++) {
		const char *at = (const char *)(own ? t->conf : (const void *)&t->opt) + row->offset;
		const struct qun_list *list = (const void *)at;

		if (!own && !tool_has(t, row))
			continue;
		switch (row->type) {
		case QUN_OPT_FLAG:
			if (*(const bool *)at && strcmp(row->name, "show-config") != 0)
				qun_buf_printf(out, "%s\n", row->name);
			break;
		case QUN_OPT_TEXT:
			if (*(const char *const *)at)
				qun_buf_printf(out, "%s %s\n", row->name, *(const char *const *)at);
			break;
		case QUN_OPT_SHEET:
			if (((const struct qun_sheet *)at)->path)
				qun_buf_printf(out, "%s %s\n", row->name,
					((const struct qun_sheet *)at)->path);
			break;
		case QUN_OPT_LIST:
			for (size_t k = 0; k < list->n; k++)
				qun_buf_printf(out, "%s %s\n", row->name, list->v[k]);
			break;
		case QUN_OPT_INT:
			if (*(const int64_t *)at > 0)
				qun_buf_printf(out, "%s %lld\n", row->name, (long long)*(const int64_t *)at);
			break;
		case QUN_OPT_DURATION:
			if (*(const int64_t *)at)
				qun_buf_printf(out, "%s %llds\n", row->name,
					(long long)(*(const int64_t *)at / 1000000));
			break;
		case QUN_OPT_REAL:
			qun_buf_printf(out, "%s %.15g\n", row->name, *(const double *)at);
			break;
		case QUN_OPT_WORD: {
			const char *word = row->words;

			for (int k = *(const int *)at; k > 0; k--)
				word = strchr(word, '|') + 1;
			qun_buf_printf(out, "%s %.*s\n", row->name, (int)strcspn(word, "|"), word);
			break;
		}
		}
	}
}
