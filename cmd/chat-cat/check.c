/*
 * The report on an input: what each file was taken for and why, what is in it, and what the other programs
 * can say about it. For people it is text, for programs one JSON object. Here is what the callbacks keep.
 */
#include <stdlib.h>
#include <string.h>

#include "chat-cat/check.h"

static const char *keep(struct check *c, const char *text)
{
	const char *copy = qun_arena_copy(&c->text, qun_span_of(text ? text : ""));

	c->out_of_memory |= !copy;
	return copy ? copy : "";
}

static struct qun_span keep_span(struct check *c, struct qun_span s)
{
	struct qun_span copy = {qun_arena_copy(&c->text, s), s.len};

	c->out_of_memory |= !copy.ptr;
	return copy.ptr ? copy : (struct qun_span){NULL, 0};
}

static struct check_file *add_file(struct check *c)
{
	if (qun_grow(&c->file, &c->cap, c->n, sizeof(*c->file)) < 0) {
		c->out_of_memory = true;
		return NULL;
	}
	c->file[c->n] = (struct check_file){0};
	return &c->file[c->n++];
}

void check_opened(struct check *c, const struct qun_found *found)
{
	struct check_file *f = add_file(c);
	struct qun_found_column *column;
	struct qun_span *unused;

	if (!f)
		return;
	f->opened = true;
	f->found = *found;
	f->found.file = keep(c, found->file);
	f->found.array = keep(c, found->array);
	f->found.encoding = keep(c, found->encoding);
	column = qun_arena_alloc(&c->text, (found->ncolumn + 1) * sizeof(*column));
	unused = qun_arena_alloc(&c->text, (found->nunused + 1) * sizeof(*unused));
	if (!column || !unused) {
		c->out_of_memory = true;
		f->found.ncolumn = f->found.nunused = 0;
		return;
	}
	for (size_t i = 0; i < found->ncolumn; i++)
		column[i] = (struct qun_found_column){found->column[i].field, keep(c, found->column[i].column)};
	for (size_t i = 0; i < found->nunused; i++)
		unused[i] = keep_span(c, found->unused[i]);
	f->found.column = column;
	f->found.unused = unused;
}

void check_closed(struct check *c, const struct qun_closed *closed)
{
	struct check_file *f = c->n ? &c->file[c->n - 1] : NULL;

	/* a file without a single record is closed and was never anything */
	if (!f || !f->opened || f->closed || strcmp(f->found.file, closed->file) != 0)
		f = add_file(c);
	if (!f)
		return;
	f->closed = true;
	f->found.file = f->opened ? f->found.file : keep(c, closed->file);
	f->came = *closed;
	for (size_t i = 0; i < closed->nunknown; i++)
		f->came.unknown[i] = keep_span(c, closed->unknown[i]);
}

void check_failed(struct check *c, const char *file, const struct qun_err *err)
{
	const char *name = err->file[0] ? err->file : file;
	struct check_file *f = c->n ? &c->file[c->n - 1] : NULL;
	struct qun_buf why = {0};

	if (!f || !f->opened || f->closed || strcmp(f->found.file, name) != 0)
		f = add_file(c);
	if (!f)
		return;
	qun_buf_printf(&why, "%s", err->msg);
	if (err->code == QUN_EIO && err->sys)
		qun_buf_printf(&why, ": %s", strerror(err->sys));
	qun_buf_add_char(&why, '\0');
	f->failed = true;
	f->found.file = f->opened ? f->found.file : keep(c, name);
	f->why = keep(c, why.ptr);
	qun_buf_release(&why);
}

void check_release(struct check *c)
{
	free(c->file);
	qun_arena_release(&c->text);
	qun_facts_release(&c->facts);
}

static int by_text(const void *a, const void *b, void *dict)
{
	return qun_span_cmp(qun_dict_text(dict, *(const uint32_t *)a), qun_dict_text(dict, *(const uint32_t *)b));
}

uint32_t *check_in_order(const struct qun_dict *d)
{
	uint32_t *order = malloc((d->n + 1) * sizeof(*order));

	for (uint32_t i = 0; order && i < d->n; i++)
		order[i] = i;
	if (order)
		qsort_r(order, d->n, sizeof(*order), by_text, (void *)(uintptr_t)d);
	return order;
}

int check_print(struct tool *t, struct check *c)
{
	bool json = t->opt.output && (strcmp(t->opt.output, "json") == 0 || strcmp(t->opt.output, "ndjson") == 0);
	struct qun_buf out = {0};
	int status, rc = c->out_of_memory ? QUN_ENOMEM : 0;

	if (rc == 0 && json)
		check_json(t, c, &out);
	else if (rc == 0)
		rc = check_text(t, c, &out);
	if (rc < 0) {
		tool_say(t, _("out of memory"));
		status = EXIT_DATA;
	} else {
		status = tool_write(t, &out);
	}
	for (size_t i = 0; i < c->n && status == 0; i++)
		status = c->file[i].failed ? EXIT_DATA : 0;
	qun_buf_release(&out);
	return status;
}
