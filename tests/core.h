/* What the tests of the core share: their report, numbers drawn and texts compared. */
#ifndef TESTS_CORE_H
#define TESTS_CORE_H

#include <stdio.h>

#include "qun/bytes.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static int tests, failures;
static uint64_t seed = 1;

static inline void report(bool ok, const char *what)
{
	failures += !ok;
	printf("%sok %d - %s\n", ok ? "" : "not ", ++tests, what);
}

static inline uint64_t draw(uint64_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (seed >> 20) % n;
}

/* A number of any size and sign, small ones as likely as large ones. */
static inline int64_t draw_wide(void)
{
	uint64_t v = (draw(1 << 30) << 34) ^ (draw(1 << 30) << 17) ^ draw(1 << 30);

	return (int64_t)(v >> draw(64)) * (draw(2) ? 1 : -1);
}

static inline bool buf_is(struct qun_buf *b, const char *text)
{
	bool same = qun_span_is(qun_buf_span(b), text);

	if (!same)
		printf("# got '%.*s', expected '%s'\n", (int)b->len, b->len ? b->ptr : "", text);
	qun_buf_clear(b);
	return same;
}

#endif
