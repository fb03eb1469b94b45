/* The writers by name. A new one is a file of its own and a line here. */
#include <string.h>

#include "output/output.h"

const struct qun_writer *const qun_writers[] = {&qun_writer_table, &qun_writer_csv, &qun_writer_tsv,
	&qun_writer_json, &qun_writer_ndjson, &qun_writer_markdown, NULL};

const struct qun_writer *qun_writer_of(const char *name)
{
	for (size_t i = 0; qun_writers[i]; i++)
		if (!strcmp(qun_writers[i]->name, name))
			return qun_writers[i];
	return NULL;
}

int qun_write_pass(struct qun_buf *out, int (*sink)(void *arg, struct qun_buf *out), void *arg)
{
	if (!sink || out->len <= 64 * 1024)
		return 0;
	int err = sink(arg, out);
	if (err < 0)
		return err;
	qun_buf_clear(out);
	return 0;
}
