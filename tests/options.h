/* What the main loop does with a metric's option rows, for tests that go without it. */
#ifndef TESTS_OPTIONS_H
#define TESTS_OPTIONS_H

#include <stdlib.h>
#include <string.h>

#include "qun/cal.h"
#include "qun/metric.h"

/* Index of a word in "a|b|c", -1: none. */
static inline int option_word(const char *words, const char *word)
{
	size_t n = strlen(word);

	for (int at = 0; words; at++) {
		if (strncmp(words, word, n) == 0 && (words[n] == '|' || !words[n]))
			return at;
		words = strchr(words, '|');
		words += words != NULL;
	}
	return -1;
}

/* Stores a value as the user would write it, which is borrowed. */
static inline void option_put(const struct qun_option *row, void *conf, const char *value)
{
	char *to = (char *)conf + row->offset;
	struct qun_list *list = (struct qun_list *)to;

	switch (row->type) {
	case QUN_OPT_FLAG: *(bool *)to = true; break;
	case QUN_OPT_INT: qun_int_parse(qun_span_of(value), (int64_t *)to); break;
	case QUN_OPT_REAL: qun_real_parse(qun_span_of(value), (double *)to); break;
	case QUN_OPT_TEXT: *(const char **)to = value; break;
	case QUN_OPT_DURATION: qun_duration_parse((int64_t *)to, value, NULL); break;
	case QUN_OPT_WORD: *(int *)to = option_word(row->words, value); break;
	case QUN_OPT_LIST:
		list->v = realloc(list->v, (list->n + 1) * sizeof(*list->v));
		list->v[list->n++] = value;
		break;
	case QUN_OPT_SHEET: break;
	}
}

static inline void option_put_defaults(const struct qun_metric *m, void *conf)
{
	for (const struct qun_option *row = m->options; row && row->name; row++) {
		if (row->dflt)
			option_put(row, conf, row->dflt);
	}
}

static inline void option_put_named(
	const struct qun_metric *m, void *conf, const char *name, const char *value)
{
	for (const struct qun_option *row = m->options; row && row->name; row++) {
		if (strcmp(row->name, name) == 0)
			option_put(row, conf, value);
	}
}

#endif
