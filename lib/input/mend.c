/*
 * JSON as some writers get it wrong: \x0B escapes, texts without quotes, a key that comes twice.
 * Only formats known for it are mended, and only elements that are no JSON as they are.
 */
#include "input/pick.h"

#include <jansson.h>
#include <string.h>

static size_t string_end(struct qun_span json, size_t at)
{
	for (at++; at < json.len && json.ptr[at] != '"'; at++)
		at += json.ptr[at] == '\\';
	return at < json.len ? at + 1 : json.len;
}

static bool is_hex(struct qun_span s, size_t at)
{
	return at < s.len && s.ptr[at] && strchr("0123456789abcdefABCDEF", s.ptr[at]);
}

/* \xNN becomes \u00NN; a NUL, which no text may hold, the replacement character. */
static int mend_string(struct qun_buf *out, struct qun_span s)
{
	size_t from = 0;
	int rc = 0;

	for (size_t at = 0; rc == 0 && at < s.len; at++) {
		if (s.ptr[at] != '\\')
			continue;
		if (at + 3 < s.len && s.ptr[at + 1] == 'x' && is_hex(s, at + 2) && is_hex(s, at + 3)) {
			bool nul = s.ptr[at + 2] == '0' && s.ptr[at + 3] == '0';
			rc = qun_buf_add(out, s.ptr + from, at - from);
			rc = rc < 0 ? rc : qun_buf_add_text(out, nul ? "\\ufffd" : "\\u00");
			if (rc == 0 && !nul)
				rc = qun_buf_add(out, s.ptr + at + 2, 2);
			from = at + 4;
			at += 3;
		} else {
			at++;
		}
	}
	return rc < 0 ? rc : qun_buf_add(out, s.ptr + from, s.len - from);
}

/* A text without quotes goes on to the end of its line, but for the comma there. */
static struct qun_span bare_text(struct qun_span json, size_t at)
{
	const char *end = memchr(json.ptr + at, '\n', json.len - at);
	struct qun_span s = {json.ptr + at, end ? (size_t)(end - json.ptr) - at : json.len - at};

	s = qun_span_trim(s);
	if (s.len && s.ptr[s.len - 1] == ',')
		s.len--;
	return s;
}

static int put_bare(struct qun_buf *out, struct qun_span s)
{
	int rc = qun_buf_add_char(out, '"');

	for (size_t i = 0; rc == 0 && i < s.len; i++) {
		if (s.ptr[i] == '"' || s.ptr[i] == '\\')
			rc = qun_buf_add_char(out, '\\');
		rc = rc < 0 ? rc : qun_buf_add_char(out, s.ptr[i]);
	}
	return rc < 0 ? rc : qun_buf_add_char(out, '"');
}

/* Where a value may begin: behind a colon, the text of no JSON word or number. */
static bool is_bare(struct qun_span json, size_t at, char before)
{
	struct qun_span rest = {json.ptr + at, json.len - at};

	if (before != ':' || memchr("\"{[-0123456789", *rest.ptr, 14))
		return false;
	return !qun_span_starts(rest, "true") && !qun_span_starts(rest, "false") &&
		!qun_span_starts(rest, "null");
}

int qun_json_mend(struct qun_span element, struct qun_buf *out)
{
	char before = 0;
	size_t end;
	int rc = 0;

	qun_buf_clear(out);
	for (size_t at = 0; rc == 0 && at < element.len; at = end) {
		char c = element.ptr[at];
		end = at + 1;
		if (c == '"') {
			end = string_end(element, at);
			rc = mend_string(out, (struct qun_span){element.ptr + at, end - at});
		} else if (!memchr(" \t\r\n", c, 4) && is_bare(element, at, before)) {
			struct qun_span s = bare_text(element, at);
			rc = put_bare(out, s);
			end = at + (s.len ? s.len : 1);
		} else {
			rc = qun_buf_add_char(out, c);
		}
		before = memchr(" \t\r\n", c, 4) ? before : c;
	}
	if (rc < 0)
		return rc;
	json_error_t error;
	json_t *json = json_loadb(out->ptr, out->len, 0, &error);
	bool object = json_is_object(json);
	json_decref(json);
	return object ? 0 : json_error_code(&error) == json_error_out_of_memory ? QUN_ENOMEM : QUN_EDATA;
}
