/* What the tests of tables and of their numbers share: their report, numbers drawn, and a table shown. */
#ifndef TESTS_OUTPUT_H
#define TESTS_OUTPUT_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "qun/write.h"

static int tests, failures;

static inline void check(bool ok, const char *fmt, ...) QUN_PRINTF(2, 3);

static inline void check(bool ok, const char *fmt, ...)
{
	va_list ap;

	failures += !ok;
	printf("%sok %d - ", ok ? "" : "not ", ++tests);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

static inline void check_text(struct qun_span got, const char *want, const char *what)
{
	bool ok = qun_span_is(got, want);

	check(ok, "%s", what);
	if (!ok)
		printf("# want:\n%s\n# got:\n%.*s\n", want, (int)got.len, got.ptr);
}

static uint64_t seed = 1;

static inline uint32_t draw(uint32_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((seed >> 33) % n);
}

/* What a writer makes of a table; the buffer is the caller's. */
static inline struct qun_span shown(const struct qun_table *t, const char *writer,
	const struct qun_style *style, struct qun_buf *out)
{
	static const struct qun_style plain;

	qun_buf_clear(out);
	int err = qun_writer_of(writer)->write(t, style ? style : &plain, out, NULL, NULL);
	if (err)
		check(false, "%s returns %d", writer, err);
	return qun_buf_span(out);
}

static inline void check_shown(const struct qun_table *t, const char *writer,
	const struct qun_style *style, const char *want, const char *what)
{
	struct qun_buf out = {0};

	check_text(shown(t, writer, style, &out), want, what);
	qun_buf_release(&out);
}

static inline const char *zh(const char *english)
{
	static const char *const words[][2] = {{"user", "成员"}, {"rate", "活跃率"},
		{"interval", "区间"}, {"silent", "沉默"}, {"cooling", "降温"}, {"class", "类别"},
		{"yes", "是"}, {"* not finished yet", "* 尚未结束"}};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(english, words[i][0]))
			return words[i][1];
	return *english ? english : "catalogue header";
}

static const struct qun_style chinese = {.tr = zh};

#endif
