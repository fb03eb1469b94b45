/* Files that people have beside exports and that are no text: each with what to do about it. */
#include "input/source.h"

static bool has(struct qun_span head, const char *bytes)
{
	return qun_span_find(head, bytes, 0) >= 0;
}

/* Ignores the case of ASCII letters. */
static bool begins(struct qun_span head, const char *text)
{
	size_t i = 0;

	for (; text[i]; i++) {
		char c = i < head.len ? head.ptr[i] : '\0';
		if ((c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) != text[i])
			return false;
	}
	return true;
}

const char *qun_foreign(struct qun_span head)
{
	static const struct {
		const char *magic, *why;
	} known[] = {
		{"\xd0\xcf\x11\xe0", "this is an Excel or Word file; save the sheet as CSV"},
		{"SQLite format 3", "this is a database (SQLite); export the chat or the orders from it as CSV or JSON"},
		{"%PDF-", "this is a PDF; export as CSV or JSON instead"},
		{"Rar!", "this is an archive (RAR); unpack it and give the files or the folder"},
		{"7z\xbc\xaf", "this is an archive (7z); unpack it and give the files or the folder"},
		{"\xfd" "7zXZ", "this is packed with xz; unpack it: xz -dc FILE | ..."},
		{"BZh", "this is packed with bzip2; unpack it: bzip2 -dc FILE | ..."},
	};

	if (qun_span_starts(head, "PK\3\4"))
		return has(head, "xl/") || has(head, "[Content_Types].xml") ?
			"this is an Excel workbook (xlsx); save the sheet as CSV" :
			"this is a zip archive; unpack it and give the files or the folder";
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (qun_span_starts(head, known[i].magic))
			return known[i].why;
	}
	head = qun_span_trim(head);
	if (qun_span_starts(head, "\xef\xbb\xbf"))
		head = (struct qun_span){head.ptr + 3, head.len - 3};
	if (begins(head, "<!doctype html") || begins(head, "<html"))
		return "this is a web page (HTML); export as CSV, JSON or text instead";
	return NULL;
}
