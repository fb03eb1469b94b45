/*
 * Scalars beside the records of a JSON document: the chat's name, whose export it is. They are
 * few and short, or else they are no such thing and are passed over.
 */
#include "input/cut.h"

#include <stdlib.h>
#include <string.h>

enum { VALUES = 512, VALUE_BYTES = 512, TOTAL_BYTES = 64 << 10 };

struct qun_header {
	const struct qun_header *above; /* asked for what is not here; NULL: none */
	struct {
		char *path; /* followed by the value in the same memory */
		size_t path_len, len;
	} v[VALUES];
	size_t n, bytes;
};

struct qun_header *qun_header_open(void)
{
	return calloc(1, sizeof(struct qun_header));
}

void qun_header_under(struct qun_header *h, const struct qun_header *above)
{
	h->above = above;
}

void qun_header_clear(struct qun_header *h)
{
	while (h->n)
		free(h->v[--h->n].path);
	h->bytes = 0;
}

void qun_header_close(struct qun_header *h)
{
	if (h)
		qun_header_clear(h);
	free(h);
}

static size_t find(const struct qun_header *h, struct qun_span path)
{
	size_t i = 0;

	while (i < h->n && !qun_span_eq((struct qun_span){h->v[i].path, h->v[i].path_len}, path))
		i++;
	return i;
}

int qun_header_put(struct qun_header *h, struct qun_span path, struct qun_span value)
{
	size_t i = find(h, path), old = i < h->n ? h->v[i].path_len + h->v[i].len : 0;
	size_t size = path.len + value.len;
	char *copy;

	if (i == VALUES || value.len > VALUE_BYTES || h->bytes - old + size > TOTAL_BYTES)
		return 0;
	copy = malloc(size + 1);
	if (!copy)
		return QUN_ENOMEM;
	if (path.len)
		memcpy(copy, path.ptr, path.len);
	if (value.len)
		memcpy(copy + path.len, value.ptr, value.len);
	if (i < h->n)
		free(h->v[i].path);
	h->v[i].path = copy;
	h->v[i].path_len = path.len;
	h->v[i].len = value.len;
	h->n += i == h->n;
	h->bytes += size - old;
	return 0;
}

struct qun_span qun_header_get(const struct qun_header *h, const char *path)
{
	size_t i = h ? find(h, qun_span_of(path)) : 0;

	if (h && i == h->n && h->above)
		return qun_header_get(h->above, path);
	if (!h || i == h->n)
		return (struct qun_span){NULL, 0};
	return (struct qun_span){h->v[i].path + h->v[i].path_len, h->v[i].len};
}
