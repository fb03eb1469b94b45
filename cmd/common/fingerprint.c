/*
 * The fingerprint of the run: the program, and every option whose row says that it changes what is
 * stored. A zone stands with its name, wherever that came from; a list of aliases with what is in it.
 */
#include <string.h>

#include "common/tool.h"
#include "qun/state.h"

static int add_list(struct qun_buf *out, const char *name, const struct qun_list *list)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < list->n; i++)
		rc = qun_fingerprint_add(out, name, qun_span_of(list->v[i]));
	return rc;
}

static int add_aliases(const struct tool *t, struct qun_buf *out)
{
	uint64_t hash = qun_alias_hash(t->alias);
	struct qun_buf text = {0};
	int rc = hash ? qun_buf_printf(&text, "content %016llx", (unsigned long long)hash) : 0;

	if (rc == 0 && hash)
		rc = qun_fingerprint_add(out, "alias", qun_buf_span(&text));
	qun_buf_release(&text);
	return rc;
}

static int add_row(const struct tool *t, size_t i, struct qun_buf *out)
{
	bool own;
	const struct qun_option *row = tool_row(t, i, &own);
	const char *at = (const char *)(own ? t->conf : (const void *)&t->opt) + row->offset;
	struct qun_buf text = {0};
	int rc = 0;

	if (strcmp(row->name, "tz") == 0)
		rc = qun_fingerprint_add(out, row->name, qun_span_of(qun_zone_name(t->zone)));
	else if (strcmp(row->name, "alias") == 0)
		rc = add_aliases(t, out);
	else if (row->type == QUN_OPT_LIST)
		rc = add_list(out, row->name, (const struct qun_list *)at);
	else if (tool_option_text(t, i, &text))
		rc = qun_fingerprint_add(out, row->name,
			row->stored == QUN_STORED_GIVEN ? qun_span_of("given") : qun_buf_span(&text));
	qun_buf_release(&text);
	return rc;
}

int tool_fingerprint(const struct tool *t, struct qun_buf *out)
{
	int rc = qun_fingerprint_add(out, "program", qun_span_of(t->name));
	const struct qun_option *row;
	bool own;

	for (size_t i = 0; rc == 0 && (row = tool_row(t, i, &own)); i++) {
		if (row->stored != QUN_NOT_STORED)
			rc = add_row(t, i, out);
	}
	return rc;
}
