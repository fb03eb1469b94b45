/* Spans, buffers, arenas, what is saved and loaded, and UTF-8, against their laws. */
#include <stdlib.h>
#include <string.h>

#include "core.h"
#include "qun/utf8.h"

static void test_spans(void)
{
	struct qun_span s = qun_span_of(" \tabcabc\r\n");
	struct qun_buf b = {.max = 5}, big = {0};
	char text[400];
	bool ok = true;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	s = qun_span_trim(s);
	report(qun_span_is(s, "abcabc") && qun_span_starts(s, "abc") && qun_span_ends(s, "cabc") &&
			!qun_span_ends(s, "xabcabc") && qun_span_find(s, "bc", 2) == 4 &&
			qun_span_find(s, "bc", 5) == -1 && qun_span_find(s, "", 6) == 6,
		"spans are trimmed, compared and searched");
	report(qun_span_cmp(qun_span_of("ab"), qun_span_of("abc")) == -1 &&
			qun_span_cmp(qun_span_of("\xff"), qun_span_of("a")) == 1 &&
			qun_span_cmp((struct qun_span){NULL, 0}, qun_span_of("")) == 0,
		"spans are ordered by unsigned bytes, the shorter first");
	ok &= qun_buf_add(&b, "12345", 5) == 0 && qun_buf_add_char(&b, '6') == QUN_ELIMIT;
	ok &= buf_is(&b, "12345");
	ok &= qun_buf_printf(&big, "%s", text) == 0 && big.len == 399;
	report(ok, "buffers hold their maximum and no more");
	qun_buf_release(&b);
	qun_buf_release(&big);
}

static void test_arena(void)
{
	struct qun_arena a = {0};
	char *copy[300];
	bool ok = true;

	for (int i = 0; i < 300; i++) {
		char text[32];
		uintptr_t at = (uintptr_t)qun_arena_alloc(&a, (size_t)i * 7);

		snprintf(text, sizeof(text), "text %d", i);
		copy[i] = qun_arena_copy(&a, qun_span_of(text));
		ok &= at % 16 == 0;
	}
	for (int i = 0; i < 300; i++)
		ok &= atoi(copy[i] + 5) == i;
	ok &= !qun_arena_alloc(&a, SIZE_MAX);
	qun_arena_release(&a);
	report(ok, "arenas align what they hand out and keep what they copy");
}

static void test_varints(void)
{
	struct qun_buf b = {0};
	bool same = true;

	for (int i = 0; i < 20000; i++) {
		int64_t x = draw_wide(), y = 0;
		__int128 w = (__int128)draw_wide() * draw_wide(), v = 0;
		uint64_t u = 0;
		struct qun_span s = {NULL, 0};
		struct qun_reader in;

		qun_buf_clear(&b);
		qun_save_i64(&b, x);
		qun_save_u64(&b, (uint64_t)x);
		qun_save_i128(&b, w);
		qun_save_span(&b, qun_span_of("text"));
		in = qun_reader_of(qun_buf_span(&b));
		same &= qun_load_i64(&in, &y) == 0 && qun_load_u64(&in, &u) == 0 &&
			qun_load_i128(&in, &v) == 0 && qun_load_span(&in, &s) == 0 &&
			qun_reader_done(&in) && y == x && u == (uint64_t)x && v == w &&
			qun_span_is(s, "text");
		in = qun_reader_of((struct qun_span){b.ptr, b.len - 1});
		same &= qun_load_i64(&in, &y) == 0 && qun_load_u64(&in, &u) == 0 &&
			qun_load_i128(&in, &v) == 0 && qun_load_span(&in, &s) == QUN_ESTATE;
	}
	qun_buf_release(&b);
	report(same, "varints and spans come back as they were saved");
}

static void test_refusals(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		bool ok;
	} cases[] = {
		{"\x00", 1, true},
		{"\x80\x00", 2, false},
		{"\x81\x80\x00", 3, false},
		{"\x80", 1, false},
		{"", 0, false},
		{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, true},
		{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10, false},
		{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\x00", 11, false},
	};
	struct qun_reader in;
	struct qun_span s;
	uint64_t u;
	size_t n;
	bool ok = true;

	for (size_t i = 0; i < COUNT(cases); i++) {
		in = qun_reader_of((struct qun_span){cases[i].bytes, cases[i].len});
		ok &= (qun_load_u64(&in, &u) == 0) == cases[i].ok;
		ok &= cases[i].ok ? qun_reader_done(&in) : in.ptr == cases[i].bytes;
	}
	report(ok, "the reader refuses varints that are longer than needed, too large or cut off");
	in = qun_reader_of((struct qun_span){"\x03"
					     "ab",
		3});
	ok = qun_load_count(&in, 1, &n) == QUN_ESTATE && qun_load_span(&in, &s) == QUN_ESTATE;
	ok &= qun_load_count(&in, 0, &n) == 0 && n == 3;
	in = qun_reader_of((struct qun_span){"\x02"
					     "ab",
		3});
	ok &= qun_load_count(&in, 2, &n) == QUN_ESTATE && qun_load_count(&in, 1, &n) == 0 && n == 2;
	report(ok, "counts and lengths beyond the input are refused");
}

static int sign(int v)
{
	return (v > 0) - (v < 0);
}

static void test_keys(void)
{
	struct qun_buf a = {0}, b = {0}, back = {0};
	bool ok = true;

	for (int i = 0; i < 20000; i++) {
		char x[4], y[4];
		struct qun_span sx = {x, draw(4)}, sy = {y, draw(4)};
		int64_t vx = draw_wide(), vy = draw(3) ? draw_wide() : vx, v;
		struct qun_reader in;
		int want;

		for (int j = 0; j < 4; j++) {
			x[j] = "\x00\x01\xff"[draw(3)];
			y[j] = "\x00\x01\xff"[draw(3)];
		}
		qun_buf_clear(&a);
		qun_buf_clear(&b);
		qun_key_text(&a, sx);
		qun_key_int(&a, vx);
		qun_key_text(&b, sy);
		qun_key_int(&b, vy);
		want = qun_span_cmp(sx, sy);
		want = want ? want : (vx > vy) - (vx < vy);
		ok &= sign(qun_span_cmp(qun_buf_span(&a), qun_buf_span(&b))) == want;
		in = qun_reader_of(qun_buf_span(&a));
		ok &= qun_unkey_text(&in, &back) == 0 && qun_span_eq(qun_buf_span(&back), sx) &&
		      qun_unkey_int(&in, &v) == 0 && v == vx && qun_reader_done(&in);
		in.ptr = in.end - 7;
		ok &= qun_unkey_int(&in, &v) == QUN_ESTATE;
	}
	qun_buf_release(&a);
	qun_buf_release(&b);
	qun_buf_release(&back);
	report(ok, "keys sort as what they hold and come back");
}

static void test_utf8(void)
{
	static const struct {
		const char *text;
		size_t width;
		const char *shown; /* NULL: as it is */
	} cases[] = {
		{"群", 2, NULL},
		{"👨\u200d👩\u200d👧", 2, NULL},
		{"🇨🇳", 2, NULL},
		{"e\u0301", 1, NULL},
		{"abc", 3, NULL},
		{"", 0, NULL},
		{"🇨🇳🇨🇳", 4, NULL},
		{"❤\ufe0f", 2, NULL},
		{"❤", 1, NULL},
		{"1\ufe0f\u20e3", 2, NULL},
		{"👍🏽", 2, NULL},
		{"👩🏽\u200d🚀x", 3, NULL},
		{"❤\ufe0f\u200d🔥", 2, NULL},
		{"한글", 4, NULL},
		{"｡ﾟ", 2, NULL},
		{"日e\u0301本", 5, NULL},
		{"a\x1b[31m", 5, "a\\x1b[31m"},
		{"\u202e"
		 "abc",
			3, "\\u{202e}abc"},
		{"a\xff"
		 "b",
			3, "a\\xffb"},
		{"a\u200b\u200d"
		 "b",
			2, "a\\u{200b}\\u{200d}b"},
		{"\xc2\x9b", 0, "\\u{9b}"},
		{"a\ufe0f", 1, "a\\u{fe0f}"},
		{"❤\ufe0f\ufe0f", 2, "❤\ufe0f\\u{fe0f}"},
		{"\xe7\xbe", 2, "\\xe7\\xbe"},
		{"a\u2028"
		 "b",
			2, "a\\u{2028}b"},
	};
	static const char *const invalid[] = {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80",
		"\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe7\xbe", "\xff"};
	struct qun_buf b = {0};
	bool ok = true;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct qun_span s = qun_span_of(cases[i].text);
		size_t width = qun_utf8_width(s);

		if (width != cases[i].width)
			printf("# '%s' takes %zu columns\n", cases[i].text, width);
		ok &= width == cases[i].width;
		ok &= qun_utf8_show(&b, s) == 0 &&
		      buf_is(&b, cases[i].shown ? cases[i].shown : cases[i].text);
	}
	report(ok, "widths of signs, and what is shown of hostile ones");
	ok = true;
	for (uint32_t cp = 0; cp <= 0x10ffff; cp++) {
		size_t at_byte = 0;
		bool surrogate = cp >= 0xd800 && cp <= 0xdfff;

		qun_buf_clear(&b);
		ok &= (qun_utf8_put(&b, cp) == 0) != surrogate;
		if (!surrogate)
			ok &= qun_utf8_valid(qun_buf_span(&b)) == b.len &&
			      qun_utf8_next(qun_buf_span(&b), &at_byte) == (int32_t)cp &&
			      at_byte == b.len &&
			      qun_utf8_valid((struct qun_span){b.ptr, b.len - 1}) == 0;
	}
	for (size_t i = 0; i < COUNT(invalid); i++) {
		qun_buf_clear(&b);
		qun_buf_add_text(&b, "12345678群");
		qun_buf_add_text(&b, invalid[i]);
		ok &= qun_utf8_valid(qun_buf_span(&b)) == 11;
	}
	report(ok && qun_utf8_put(&b, 0x110000) == QUN_EDATA,
		"every code point is valid, everything else is not");
	qun_buf_release(&b);
}

int main(void)
{
	test_spans();
	test_arena();
	test_varints();
	test_refusals();
	test_keys();
	test_utf8();
	printf("1..%d\n", tests);
	return failures > 0;
}
