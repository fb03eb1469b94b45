/*
 * UTF-8. Text is a chain of grapheme clusters: what a terminal draws as one sign and what may
 * hide in it are both questions about a cluster.
 */
#include "qun/utf8.h"

#include <string.h>
#include <utf8proc.h>

#define ZWJ 0x200d
#define VS15 0xfe0e /* text presentation */
#define VS16 0xfe0f /* emoji presentation */

int32_t qun_utf8_next(struct qun_span s, size_t *at)
{
	/* Least second byte of the leads where not all of 80 … BF follow; see table 3-7 of Unicode.
	 */
	const unsigned char *p = (const unsigned char *)s.ptr + *at;
	size_t left = s.len - *at, need, i;
	unsigned char low = 0x80, high = 0xbf;
	int32_t cp;

	++*at;
	if (p[0] < 0x80)
		return p[0];
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return -1;
	need = p[0] < 0xe0 ? 1 : p[0] < 0xf0 ? 2 : 3;
	if (left <= need)
		return -1;
	low = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : low;
	high = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : high;
	cp = p[0] & (0x3f >> need);
	for (i = 1; i <= need; i++) {
		if (p[i] < low || p[i] > high)
			return -1;
		cp = cp << 6 | (p[i] & 0x3f);
		low = 0x80;
		high = 0xbf;
	}
	*at += need;
	return cp;
}

int qun_utf8_put(struct qun_buf *out, uint32_t cp)
{
	utf8proc_uint8_t bytes[4];

	if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		return QUN_EDATA;
	return qun_buf_add(out, bytes, (size_t)utf8proc_encode_char((utf8proc_int32_t)cp, bytes));
}

static bool is_pictograph(int32_t cp)
{
	return cp >= 0x80 &&
	       utf8proc_get_property(cp)->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

/* Signs that VS16 turns into emoji: pictographs and the bases of keycaps. */
static bool takes_vs16(int32_t cp)
{
	return is_pictograph(cp) || (cp >= '0' && cp <= '9') || cp == '#' || cp == '*';
}

static bool is_flag_half(int32_t cp)
{
	return cp >= 0x1f1e6 && cp <= 0x1f1ff;
}

static bool is_skin(int32_t cp)
{
	return cp >= 0x1f3fb && cp <= 0x1f3ff;
}

size_t qun_utf8_width(struct qun_span s)
{
	size_t at = 0, width = 0, cluster = 0;
	int32_t base = -1, last = -1;
	utf8proc_int32_t state = 0;

	while (at < s.len) {
		int32_t cp = qun_utf8_next(s, &at);
		size_t own = cp < 0 ? 1 : (size_t)utf8proc_charwidth(cp);

		if (base < 0 || cp < 0 || utf8proc_grapheme_break_stateful(last, cp, &state)) {
			state = cp < 0 ? 0 : state;
			width += cluster;
			cluster = is_flag_half(cp) ? 1 : own;
			base = cp;
		} else if (is_flag_half(cp) || (cp == VS16 && takes_vs16(base))) {
			cluster = 2;
		} else if (!is_pictograph(cp) && !is_skin(cp)) {
			cluster += own;
		}
		last = cp;
	}
	return width + cluster;
}

/* Would this character act on the terminal, reorder the line, or not be seen at all? */
static bool is_hidden(int32_t cp)
{
	const utf8proc_property_t *p = utf8proc_get_property(cp);

	return p->ignorable || p->category == UTF8PROC_CATEGORY_CC ||
	       p->category == UTF8PROC_CATEGORY_CF || p->category == UTF8PROC_CATEGORY_ZL ||
	       p->category == UTF8PROC_CATEGORY_ZP;
}

/* Joiners and selectors are let through only where they shape the emoji `base`. */
static bool shapes_emoji(int32_t base, int32_t last, int32_t cp, struct qun_span rest)
{
	size_t at = 0;

	if (cp == VS15 || cp == VS16)
		return last == base && takes_vs16(base);
	return cp == ZWJ && is_pictograph(base) && rest.len > 0 &&
	       is_pictograph(qun_utf8_next(rest, &at));
}

int qun_utf8_show(struct qun_buf *out, struct qun_span s)
{
	size_t at = 0, start, len = out->len;
	int32_t base = -1, last = -1;
	int rc = 0;

	while (rc == 0 && (start = at) < s.len) {
		int32_t cp = qun_utf8_next(s, &at);
		struct qun_span rest = {s.ptr + at, s.len - at};

		if (cp < 0 || cp < 0x20 || cp == 0x7f)
			rc = qun_buf_printf(out, "\\x%02x", (unsigned char)s.ptr[start]);
		else if (cp >= 0x80 && is_hidden(cp) && !shapes_emoji(base, last, cp, rest))
			rc = qun_buf_printf(out, "\\u{%x}", (unsigned)cp);
		else
			rc = qun_buf_add(out, s.ptr + start, at - start);
		/* skin tones and selectors leave the sign they shape as the base of a joiner */
		if (!is_skin(cp) && cp != VS16)
			base = cp;
		last = cp;
	}
	if (rc < 0)
		out->len = len;
	return rc;
}
