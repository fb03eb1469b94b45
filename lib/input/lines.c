/* A file of lines, each of them in memory by itself. */
#include "input/source.h"

#include "qun/input.h"

#include <stdio.h>
#include <string.h>

struct lines {
	int (*line)(void *arg, struct qun_span line, struct qun_err *err);
	void *arg;
	struct qun_err *err;
};

/* The whole lines of bytes; *used: what they took. */
static int take_lines(const struct lines *l, struct qun_span bytes, size_t looked, size_t *used)
{
	int rc = 0;

	*used = 0;
	while (rc == 0) {
		const char *from = bytes.ptr + (*used > looked ? *used : looked);
		const char *end = memchr(from, '\n', (size_t)(bytes.ptr + bytes.len - from));
		if (!end)
			break;
		l->err->line++;
		rc = l->line(l->arg, (struct qun_span){bytes.ptr + *used, (size_t)(end - bytes.ptr) - *used}, l->err);
		*used = (size_t)(end - bytes.ptr) + 1;
	}
	return rc;
}

int qun_lines_read(const char *path, int (*line)(void *arg, struct qun_span line, struct qun_err *err), void *arg,
	struct qun_err *err)
{
	const struct lines l = {line, arg, err};
	struct qun_source *source = NULL;
	struct qun_buf bytes = {0};
	size_t looked = 0, used;
	int rc;

	snprintf(err->file, sizeof(err->file), "%s", path);
	err->line = 0;
	rc = qun_source_open(&source, path, "UTF-8", err);
	while (rc == 0 && (rc = qun_source_read(source, &bytes, err)) > 0) {
		rc = take_lines(&l, qun_buf_span(&bytes), looked, &used);
		qun_buf_cut(&bytes, 0, used);
		looked = bytes.len;
	}
	if (rc == 0 && bytes.len) {
		err->line++;
		rc = line(arg, qun_buf_span(&bytes), err);
	}
	qun_buf_release(&bytes);
	qun_source_close(source);
	return rc;
}
