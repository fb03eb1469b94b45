/* Emoji of WeChat's web client back into characters. */
#include "text/emoji.h"

#include "qun/utf8.h"

#include <string.h>

static int32_t hex(struct qun_span s)
{
	int32_t v = 0;

	for (size_t i = 0; i < s.len; i++) {
		const char *digits = "0123456789abcdef", *p = strchr(digits, s.ptr[i] | 0x20);
		if (!s.ptr[i] || !p)
			return -1;
		v = v * 16 + (int32_t)(p - digits);
	}
	return v;
}

/* 1f338 is one character, 1f1e81f1f3 and 00232fe0 two of equal length; 0 where it is neither. */
static size_t code_points(struct qun_span code, int32_t cp[2])
{
	size_t n = code.len <= 6 ? 1 : code.len <= 12 && code.len % 2 == 0 ? 2 : 0;

	for (size_t i = 0; i < n; i++) {
		size_t len = code.len / n;
		cp[i] = hex((struct qun_span){code.ptr + i * len, len});
		if (cp[i] <= ' ' || cp[i] > 0x10ffff || (cp[i] >= 0xd800 && cp[i] < 0xe000))
			return 0;
	}
	return code.len >= 2 ? n : 0;
}

/* The span element at the start of s: its bytes, and the characters it stands for. 0: none. */
static size_t take_span(struct qun_span s, int32_t cp[2], size_t *n)
{
	static const char open[] = "<span class=\"emoji emoji", close[] = "\"></span>";
	size_t from = sizeof(open) - 1;

	if (!qun_span_starts(s, open))
		return 0;
	ptrdiff_t end = qun_span_find(s, close, from);
	if (end < 0)
		return 0;
	*n = code_points((struct qun_span){s.ptr + from, (size_t)end - from}, cp);
	return *n ? (size_t)end + sizeof(close) - 1 : 0;
}

int qun_emoji_plain(struct qun_buf *out, struct qun_span s)
{
	int rc = 0;

	while (rc == 0 && s.len) {
		int32_t cp[2];
		size_t n = 0, used = *s.ptr == '<' ? take_span(s, cp, &n) : 0;
		for (size_t i = 0; rc == 0 && used && i < n; i++)
			rc = qun_utf8_put(out, (uint32_t)cp[i]);
		if (!used && qun_span_starts(s, "<br/>")) {
			used = strlen("<br/>");
			rc = qun_buf_add_char(out, '\n');
		} else if (!used) {
			used = 1;
			rc = qun_buf_add_char(out, *s.ptr);
		}
		s = (struct qun_span){s.ptr + used, s.len - used};
	}
	return rc;
}
