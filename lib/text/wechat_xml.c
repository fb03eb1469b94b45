/*
 * Just enough of XML for WeChat's system rows: elements are found by their tags in one forward
 * scan, nothing is decoded but CDATA. Whatever is not found is empty.
 */
#include "text/wechat.h"

#include <stdio.h>

static struct qun_span from(struct qun_span s, size_t at)
{
	return (struct qun_span){s.ptr + at, s.len - at};
}

/* Place behind the start tag of the next such element, or -1. */
static ptrdiff_t open_tag(struct qun_span xml, const char *tag)
{
	char needle[32];
	size_t at = 0;

	int len = snprintf(needle, sizeof(needle), "<%s", tag);
	for (;;) {
		ptrdiff_t p = qun_span_find(xml, needle, at);
		if (p < 0)
			return -1;
		at = (size_t)p + (size_t)len;
		if (at >= xml.len)
			return -1;
		/* <memberlist> is no <member> */
		if (xml.ptr[at] == '>' || xml.ptr[at] == ' ') {
			ptrdiff_t end = qun_span_find(xml, ">", at);
			return end < 0 ? -1 : end + 1;
		}
	}
}

bool qun_xml_next(struct qun_span *xml, const char *tag, struct qun_span *inner)
{
	static const char cdata[] = "<![CDATA[";
	char needle[32];

	ptrdiff_t at = open_tag(*xml, tag);
	if (at < 0)
		return false;
	int len = snprintf(needle, sizeof(needle), "</%s>", tag);
	struct qun_span rest = from(*xml, (size_t)at);
	/* a name in CDATA may hold anything that looks like a tag */
	bool wrapped = qun_span_starts(rest, cdata);
	ptrdiff_t text_end = wrapped ? qun_span_find(rest, "]]>", 0) : 0;
	ptrdiff_t end = text_end < 0 ? -1 : qun_span_find(rest, needle, (size_t)text_end);
	if (end < 0)
		return false;
	*inner = (struct qun_span){rest.ptr, (size_t)end};
	if (wrapped) {
		inner->ptr += sizeof(cdata) - 1;
		inner->len = (size_t)text_end - (sizeof(cdata) - 1);
	}
	*xml = from(rest, (size_t)end + (size_t)len);
	return true;
}

struct qun_span qun_xml_first(struct qun_span xml, const char *tag)
{
	struct qun_span inner;

	return qun_xml_next(&xml, tag, &inner) ? inner : (struct qun_span){0};
}

struct qun_span qun_xml_link(struct qun_span xml, struct qun_span word)
{
	struct qun_span inner;

	for (;;) {
		ptrdiff_t name = qun_span_find(xml, "<link name=\"", 0);
		if (name < 0)
			return (struct qun_span){0};
		struct qun_span at = from(xml, (size_t)name);
		struct qun_span value = from(at, 12);
		if (!qun_xml_next(&at, "link", &inner))
			return (struct qun_span){0};
		if (value.len > word.len && value.ptr[word.len] == '"') {
			value.len = word.len;
			if (qun_span_eq(value, word))
				return inner;
		}
		xml = at;
	}
}
