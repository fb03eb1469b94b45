/*
 * Random JSON for tests of readers: elements as programs write them, in a few shapes that go on for a
 * while, and among them every kind of damage and oddity.
 */
#ifndef TESTS_JSON_TEXT_H
#define TESTS_JSON_TEXT_H

#include "qun/bytes.h"
#include "xorshift.h"

#include <stdlib.h>
#include <string.h>

struct text {
	struct qun_buf *out;
	uint64_t state;
	unsigned odd;       /* one in so many choices is odd; 0: none */
	unsigned shape;     /* which keys, in which order */
	const char *comma, *colon, *open, *close; /* with the blanks around them */
};

static inline uint64_t text_random(struct text *t)
{
	return xorshift(&t->state) >> 16;
}

static inline bool text_is_odd(struct text *t)
{
	return t->odd && text_random(t) % t->odd == 0;
}

#define TEXT_PICK(t, list) (list)[text_random(t) % (sizeof(list) / sizeof(*(list)))]

static inline void text_add(struct text *t, const char *s)
{
	qun_buf_add_text(t->out, s);
}

/* Rarely a NUL. */
static inline void text_nul(struct text *t)
{
	if (text_is_odd(t) && text_random(t) % 8 == 0)
		qun_buf_add_char(t->out, '\0');
}

static inline void text_string(struct text *t)
{
	static const char *const plain[] = {"", "a", "user17", "hello, world", "[x] {y}: z,", "群聊", "第3条消息 👍", "a/b", "é",
		"twenty-nine bytes of a string", "thirty bytes of such a string.", "thirty-one bytes and no more...",
		"thirty-two bytes: a whole chunk.", "\x7f", "2024-01-01 00:00:00", "2024-01-01T08:00:00+08:00"};
	static const char *const escaped[] = {"\\n", "\\\"", "\\\\", "\\/", "\\u00e9", "\\ud83d\\ude00", "\\t\\b\\f\\r", "\\\\\\\"",
		"\\uFFFF", "\\u4e2d"};
	static const char *const odd[] = {"\\u0000", "\\ud800", "\\udc00", "\\ud800\\u0041", "\\ud800x", "\\x41", "\\u12g4", "\\u12",
		"\\", "\\'", "\n", "\r\n", "\t", "\x01", "\x1f", "\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe4\xb8", "\"",
		"\xef\xbb\xbf", "\xc2\x80", "\\\n", "\v"};
	uint64_t parts = text_random(t) % 4;

	text_add(t, "\"");
	for (uint64_t i = 0; i < parts; i++) {
		uint64_t kind = text_random(t) % 8;
		text_add(t, text_is_odd(t) ? TEXT_PICK(t, odd) : kind == 0 ? TEXT_PICK(t, escaped) : TEXT_PICK(t, plain));
		if (kind == 1 && text_random(t) % 8 == 0)
			qun_buf_printf(t->out, "%0*d", (int)(text_random(t) % 200), 7);
	}
	text_nul(t);
	text_add(t, text_is_odd(t) ? "" : "\"");
}

static inline void text_number(struct text *t)
{
	static const char *const plain[] = {"0", "-0", "7", "-12", "1704067200", "1704067200123", "0.5", "39.90", "-1.25e3", "1E+05", "2e-7",
		"123456789012345678", "0.1000", "1e00"};
	static const char *const odd[] = {"9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
		"12345678901234567890", "1234567890123456789", "01", "-01", "00", "1.", ".5", "1.e5", "1e", "1e+", "1e309", "-1e309", "1e308", "1e-400",
		"1e100", "1e0000005", "+1", "-", "--1", "NaN", "Infinity", "-Infinity", "0x10", "1_000", "1.5.5", "1e5e5", "1a", "0e", "1 2",
		"0.00000000000000000000000000000000000000000000000000000000000000001",
		"123456789012345678.123456789012345678901234567890123456789", "123456789012345678e99"};

	if (text_is_odd(t))
		text_add(t, TEXT_PICK(t, odd));
	else if (text_random(t) % 2)
		text_add(t, TEXT_PICK(t, plain));
	else
		qun_buf_printf(t->out, "%llu", (unsigned long long)(text_random(t) % 100000));
}

static inline void text_value(struct text *t, int depth);

static inline void text_key(struct text *t, unsigned place)
{
	static const char *const names[] = {"ts", "user", "text", "id", "name", "type", "group", "amount", "a", "b", "用户", "n"};
	static const char *const odd[] = {"\\u0061", "", "a.b", "}", "{\"", "a\\n", "user.id", "\xff", "a\tb", "ts",
		"a key that is longer than what a lead can hold of it", "\\", "\\u0000"};
	static const unsigned step[] = {1, 5, 7, 11};
	unsigned count = sizeof(names) / sizeof(*names);

	text_add(t, "\"");
	text_add(t, text_is_odd(t) ? TEXT_PICK(t, odd) : names[(t->shape + place * step[t->shape % 4]) % count]);
	text_add(t, "\"");
}

static inline void text_list(struct text *t, int depth, bool object, unsigned n)
{
	static const char *const odd[] = {"", ",,", ";", " , ", ":", ",\f", ",\xc2\xa0", ", // comment\n", ",/**/", ",]", ",}", ",{", ",[", "\n,\n"};

	text_add(t, object ? "{" : "[");
	text_add(t, text_is_odd(t) ? TEXT_PICK(t, odd) : n ? t->open : "");
	for (unsigned i = 0; i < n; i++) {
		if (i)
			text_add(t, text_is_odd(t) ? TEXT_PICK(t, odd) : t->comma);
		if (object) {
			text_key(t, i);
			text_add(t, text_is_odd(t) ? TEXT_PICK(t, odd) : t->colon);
		}
		text_value(t, depth - 1);
		text_nul(t);
	}
	text_add(t, text_is_odd(t) ? TEXT_PICK(t, odd) : n ? t->close : "");
	text_add(t, text_is_odd(t) ? (object ? "]" : "") : object ? "}" : "]");
}

/* Brackets within brackets: about as many as the limits allow, and twice so. */
static inline void text_deep(struct text *t)
{
	static const int depths[] = {7, 31, 33, 127, 129, 300};
	int n = TEXT_PICK(t, depths);
	bool objects = text_random(t) % 2;

	for (int i = 0; i < n; i++)
		text_add(t, objects ? "{\"a\":" : "[");
	text_add(t, "1");
	for (int i = 0; i < n; i++)
		text_add(t, objects ? "}" : "]");
}

static inline void text_value(struct text *t, int depth)
{
	static const char *const words[] = {"true", "false", "null"};
	static const char *const odd[] = {"tru", "nul", "True", "nullx", "true1", "", "undefined", "'a'", "bare words\n", "\\", "\\\"x\"", "_", "y", "@"};
	uint64_t kind = text_random(t) % 16;

	if (text_is_odd(t) && kind == 15 && text_random(t) % 4 == 0)
		text_deep(t);
	else if (kind < 8)
		text_string(t);
	else if (kind < 12)
		text_number(t);
	else if (kind < 14 || depth <= 0)
		text_add(t, text_is_odd(t) ? TEXT_PICK(t, odd) : TEXT_PICK(t, words));
	else
		text_list(t, depth, kind == 14, (unsigned)(text_random(t) % 4));
}

/* How the next elements look. */
static inline void text_shape(struct text *t)
{
	static const struct {
		const char *comma, *colon, *open, *close;
	} style[] = {{",", ":", "", ""}, {",", ":", "", ""}, {", ", ": ", "", ""}, {",\n ", ": ", "\n ", "\n"},
		{",\n   ", ": ", "\n   ", "\n  "}, {",\r\n\t", ":", "\r\n\t", "\r\n"}, {",\n", ":", "\n", "\n"}};
	size_t n = text_random(t) % (sizeof(style) / sizeof(*style));

	t->shape = (unsigned)(text_random(t) % 60);
	t->comma = style[n].comma;
	t->colon = style[n].colon;
	t->open = style[n].open;
	t->close = style[n].close;
}

static inline void text_element(struct text *t)
{
	text_list(t, 3, true, 1 + (unsigned)(text_random(t) % 6));
}

#endif
