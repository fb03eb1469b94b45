/* Escaping. Most of what is written needs none, which is seen first. */
#include "qun/escape.h"

#include "qun/utf8.h"

/* May a cell of CSV stand without quotes? */
static bool is_plain_cell(const char *p, size_t n)
{
	static const bool special[256] = {[','] = true, ['"'] = true, ['\r'] = true, ['\n'] = true};

	for (size_t i = 0; i < n; i++) {
		if (special[(unsigned char)p[i]])
			return false;
	}
	return true;
}

int qun_escape_csv(struct qun_buf *out, size_t from, bool always)
{
	size_t quotes = 0, to, at;

	if (!always && is_plain_cell(out->ptr + from, out->len - from))
		return 0;
	for (at = from; at < out->len; at++)
		quotes += out->ptr[at] == '"';
	if (qun_buf_reserve(out, quotes + 2) < 0)
		return QUN_ENOMEM;
	at = out->len;
	to = out->len += quotes + 2;
	out->ptr[--to] = '"';
	while (at > from) {
		out->ptr[--to] = out->ptr[--at];
		if (out->ptr[at] == '"')
			out->ptr[--to] = '"';
	}
	out->ptr[--to] = '"';
	return 0;
}

int qun_escape_tsv(struct qun_buf *out, struct qun_span s)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < s.len; i++) {
		switch (s.ptr[i]) {
		case '\t': rc = qun_buf_add_text(out, "\\t"); break;
		case '\n': rc = qun_buf_add_text(out, "\\n"); break;
		case '\r': rc = qun_buf_add_text(out, "\\r"); break;
		case '\\': rc = qun_buf_add_text(out, "\\\\"); break;
		default: rc = qun_buf_add_char(out, s.ptr[i]);
		}
	}
	return rc;
}

/* C0, DEL, C1, line and paragraph separators, bidi controls: no reader of lines is misled by them. */
static bool is_unsafe(int32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp <= 0x9f) || cp == 0x61c || cp == 0x200e || cp == 0x200f ||
		(cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069);
}

/* Where what may stand in a JSON string as it is ends. */
static size_t plain_until(struct qun_span s, size_t at)
{
	while (at < s.len) {
		unsigned char byte = (unsigned char)s.ptr[at];
		size_t next = at;
		int32_t cp;

		if (byte == '"' || byte == '\\')
			break;
		if (byte >= 0x20 && byte < 0x7f) {
			at++;
			continue;
		}
		cp = qun_utf8_next(s, &next);
		if (cp < 0 || is_unsafe(cp))
			break;
		at = next;
	}
	return at;
}

int qun_escape_json(struct qun_buf *out, struct qun_span s, bool letters)
{
	int rc = qun_buf_add_char(out, '"');

	for (size_t at = 0; rc == 0 && at < s.len;) {
		size_t end = plain_until(s, at);
		int32_t cp;

		if (end > at)
			rc = qun_buf_add(out, s.ptr + at, end - at);
		at = end;
		if (rc < 0 || at == s.len)
			break;
		cp = qun_utf8_next(s, &at);
		if (cp < 0)
			rc = qun_utf8_put(out, 0xfffd);
		else if (cp == '"' || cp == '\\')
			rc = qun_buf_printf(out, "\\%c", (char)cp);
		else if (letters && (cp == '\n' || cp == '\t'))
			rc = qun_buf_add_text(out, cp == '\n' ? "\\n" : "\\t");
		else
			rc = qun_buf_printf(out, "\\u%04x", (unsigned)cp);
	}
	return rc < 0 ? rc : qun_buf_add_char(out, '"');
}
