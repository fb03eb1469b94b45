/* Where the samples of formats lie, and text without measure, for the tests of formats. */
#ifndef TESTS_FORMAT_H
#define TESTS_FORMAT_H

#include "qun/bytes.h"
#include "tap.h"

#include <stdlib.h>

static inline char *shared(const char *path)
{
	static char full[4096];
	const char *dir = getenv("QUN_SHARED");

	snprintf(full, sizeof(full), "%s/samples/%s", dir ? dir : "../shared", path);
	return full;
}

static inline void add_many(struct qun_buf *b, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		qun_buf_add_text(b, text);
}

#endif
