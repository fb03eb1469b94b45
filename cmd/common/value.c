/* What an option stands at, as the user would write it. */
#include <string.h>

#include "common/tool.h"

static int put_duration(struct qun_buf *out, int64_t us)
{
	static const struct {
		int64_t us;
		char name;
	} unit[] = {{QUN_DAY, 'd'}, {3600 * QUN_SECOND, 'h'}, {60 * QUN_SECOND, 'm'}, {QUN_SECOND, 's'}};
	int i = 0;

	while (i < 3 && us % unit[i].us)
		i++;
	return qun_buf_printf(out, "%lld%c", (long long)(us / unit[i].us), unit[i].name);
}

static int put_word(struct qun_buf *out, const struct qun_option *row, int index)
{
	const char *word = row->words;

	for (; index > 0; index--)
		word = strchr(word, '|') + 1;
	return qun_buf_add_span(out, (struct qun_span){word, strcspn(word, "|")});
}

static int put_list(struct qun_buf *out, const struct qun_list *list)
{
	int rc = 0;

	for (size_t k = 0; rc == 0 && k < list->n; k++) {
		if (k)
			rc = qun_buf_add_char(out, ',');
		if (rc == 0)
			rc = qun_buf_add_text(out, list->v[k]);
	}
	return rc;
}

bool tool_option_text(const struct tool *t, size_t i, struct qun_buf *out)
{
	bool own;
	const struct qun_option *row = tool_row(t, i, &own);
	const char *at = (const char *)(own ? t->conf : (const void *)&t->opt) + row->offset;
	const char *text = NULL;
	int64_t whole;

	qun_buf_clear(out);
	if (!own && !tool_has(t, row))
		return false;
	switch (row->type) {
	case QUN_OPT_FLAG: return *(const bool *)at;
	case QUN_OPT_WORD: return (row->dflt || *(const int *)at) && put_word(out, row, *(const int *)at) == 0;
	case QUN_OPT_REAL:
		return (row->dflt || *(const double *)at != 0) &&
			qun_buf_printf(out, "%.15g", *(const double *)at) == 0;
	case QUN_OPT_TEXT: text = *(const char *const *)at; break;
	case QUN_OPT_SHEET: text = ((const struct qun_sheet *)at)->path; break;
	case QUN_OPT_LIST:
		return ((const struct qun_list *)at)->n && put_list(out, (const struct qun_list *)at) == 0;
	case QUN_OPT_INT:
		whole = *(const int64_t *)at;
		return (whole > 0 || (whole == 0 && at == (const char *)&t->opt.top)) &&
			qun_buf_printf(out, "%lld", (long long)whole) == 0;
	case QUN_OPT_DURATION:
		return (row->dflt || *(const int64_t *)at) && put_duration(out, *(const int64_t *)at) == 0;
	}
	return text && qun_buf_add_text(out, text) == 0;
}

bool tool_option_given(const struct tool *t, size_t i, struct qun_buf *out)
{
	bool own;
	const struct qun_option *row = tool_row(t, i, &own);
	const char *at = (const char *)(own ? t->conf : (const void *)&t->opt) + row->offset;
	int64_t us;

	if (!tool_option_text(t, i, out))
		return false;
	if (row->type == QUN_OPT_DURATION && row->dflt && qun_duration_parse(&us, row->dflt, NULL) == 0)
		return us != *(const int64_t *)at;
	return !row->dflt || !qun_span_is(qun_buf_span(out), row->dflt);
}

bool tool_is_silent(const struct qun_option *row)
{
	static const char *const names[] = {"define", "stamp", "quiet", "verbose", "progress", "color", "max-mem", "threads", "reader",
		NULL};

	for (int i = 0; names[i]; i++) {
		if (strcmp(names[i], row->name) == 0)
			return true;
	}
	return false;
}
