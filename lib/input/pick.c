/* jansson judges, this reads: a walk over bytes already known to be valid JSON. */
#include "input/pick.h"

#include "qun/utf8.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

int qun_json_check(struct qun_span element, struct qun_json_fault *fault)
{
	json_error_t error;
	json_t *json;

	/* jansson lets a NUL pass behind a number, and says nothing of it */
	if (memchr(element.ptr, 0, element.len)) {
		*fault = (struct qun_json_fault){.kind = "nul", .why = "a NUL byte in the record"};
		return QUN_EDATA;
	}
	json = json_loadb(element.ptr, element.len, JSON_REJECT_DUPLICATES, &error);
	if (json) {
		json_decref(json);
		return 0;
	}
	enum json_error_code code = json_error_code(&error);
	if (code == json_error_out_of_memory)
		return QUN_ENOMEM;
	*fault = (struct qun_json_fault){.kind = "json", .line = error.line > 1 ? (uint64_t)error.line - 1 : 0};
	if (code == json_error_null_character || code == json_error_null_byte_in_key) {
		fault->kind = "nul";
		snprintf(fault->why, sizeof(fault->why), "a NUL (\\u0000) in a string");
		return QUN_EDATA;
	}
	/* jansson quotes the text it stumbled over; messages do not carry content */
	char *content = strstr(error.text, " near '");
	if (content)
		*content = '\0';
	snprintf(fault->why, sizeof(fault->why), "invalid JSON at byte %d of the record: %s", error.position,
		error.text);
	return QUN_EDATA;
}

static size_t skip_blank(struct qun_span json, size_t at)
{
	while (at < json.len && memchr(" \t\r\n", json.ptr[at], 4))
		at++;
	return at;
}

/* Behind the string that begins at `at`. */
static size_t skip_string(struct qun_span json, size_t at)
{
	for (at++; at < json.len && json.ptr[at] != '"'; at++)
		at += json.ptr[at] == '\\';
	return at < json.len ? at + 1 : json.len;
}

static size_t skip_value(struct qun_span json, size_t at)
{
	size_t depth = 0;

	while (at < json.len) {
		char c = json.ptr[at];
		if (c == '"') {
			at = skip_string(json, at);
		} else if (c == '{' || c == '[') {
			depth++;
			at++;
		} else if (c == '}' || c == ']') {
			depth--;
			at++;
		} else if (depth) {
			at++;
			continue;
		} else {
			while (at < json.len && !memchr(",]} \t\r\n", json.ptr[at], 7))
				at++;
		}
		if (!depth)
			break;
	}
	return at;
}

static int hex4(const char *p)
{
	int v = 0;

	for (int i = 0; i < 4; i++) {
		char c = p[i];
		int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
			c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
		if (digit < 0)
			return -1;
		v = v * 16 + digit;
	}
	return v;
}

/* The code point of \u at p; *used counts the bytes behind the backslash. */
static uint32_t code_point(struct qun_span s, size_t at, size_t *used)
{
	int high = at + 5 <= s.len ? hex4(s.ptr + at + 1) : -1;
	int low = at + 11 <= s.len && s.ptr[at + 5] == '\\' && s.ptr[at + 6] == 'u' ? hex4(s.ptr + at + 7) : -1;

	*used = at + 5 <= s.len ? 5 : s.len - at;
	if (high >= 0xd800 && high < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
		*used = 11;
		return 0x10000 + (((uint32_t)high & 0x3ff) << 10) + ((uint32_t)low & 0x3ff);
	}
	return high < 0 || (high >= 0xd800 && high < 0xe000) ? 0xfffd : (uint32_t)high;
}

int qun_json_unescape(struct qun_buf *out, struct qun_span inner)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	int rc = 0;

	for (size_t at = 0; rc == 0 && at < inner.len;) {
		const char *slash = memchr(inner.ptr + at, '\\', inner.len - at);
		size_t plain = slash ? (size_t)(slash - inner.ptr) - at : inner.len - at, used = 1;
		rc = qun_buf_add(out, inner.ptr + at, plain);
		at += plain + 1;
		if (rc < 0 || at >= inner.len)
			break;
		const char *hit = memchr(from, inner.ptr[at], sizeof(from) - 1);
		if (inner.ptr[at] == 'u')
			rc = qun_utf8_put(out, code_point(inner, at, &used));
		else
			rc = qun_buf_add_char(out, hit ? to[hit - from] : inner.ptr[at]);
		at += used;
	}
	return rc;
}

/* The cell of a value; strings without escapes stay where they are. */
static int cell_of(struct qun_span value, struct qun_buf *text, struct qun_cell_in *cell)
{
	size_t from = text->len;

	cell->s = value;
	switch (value.ptr[0]) {
	case '"':
		cell->kind = QUN_CELL_TEXT;
		cell->s = (struct qun_span){value.ptr + 1, value.len - 2};
		if (!cell->s.len || !memchr(cell->s.ptr, '\\', cell->s.len))
			return 0;
		int rc = qun_json_unescape(text, cell->s);
		cell->s = (struct qun_span){text->ptr + from, text->len - from};
		return rc;
	case '{':
	case '[': cell->kind = QUN_CELL_JSON; return 0;
	case 'n': cell->kind = QUN_CELL_NULL; return 0;
	case 't':
	case 'f': cell->kind = QUN_CELL_BOOL; return 0;
	default: cell->kind = QUN_CELL_NUMBER; return 0;
	}
}

/* The next member of an object, or element of an array (key stays empty); false at the end. */
static bool next_member(struct qun_span json, size_t *at, struct qun_span *key, struct qun_span *value)
{
	bool object = json.ptr[0] == '{';

	*at = skip_blank(json, *at + 1);
	if (*at >= json.len || json.ptr[*at] == '}' || json.ptr[*at] == ']')
		return false;
	*key = (struct qun_span){NULL, 0};
	if (object) {
		size_t end = skip_string(json, *at);
		*key = (struct qun_span){json.ptr + *at + 1, end - *at - 2};
		*at = skip_blank(json, skip_blank(json, end) + 1);
	}
	size_t end = skip_value(json, *at);
	*value = (struct qun_span){json.ptr + *at, end - *at};
	*at = skip_blank(json, end); /* a comma or the bracket */
	return *at < json.len && value->len;
}

/* A walk on its way down: the path so far. */
struct walker {
	const struct qun_json_walk *walk;
	struct qun_buf *text;
	struct qun_buf path;
	char bytes[QUN_PATH_MAX_BYTES];
	size_t len;
};

/* Appends a key to the path; false where it grows too long to be anybody's. */
static int push_key(struct walker *w, struct qun_span key, bool *fits)
{
	qun_buf_clear(&w->path);
	int rc = qun_json_unescape(&w->path, key);
	*fits = rc == 0 && w->len + (w->len > 0) + w->path.len < sizeof(w->bytes);
	if (!*fits)
		return rc;
	if (w->len)
		w->bytes[w->len++] = '.';
	if (w->path.len)
		memcpy(w->bytes + w->len, w->path.ptr, w->path.len);
	w->len += w->path.len;
	return 0;
}

static int walk_object(struct walker *w, struct qun_span object)
{
	struct qun_span key, value;
	struct qun_cell_in cell;
	size_t at = 0, len = w->len;
	bool fits, more = next_member(object, &at, &key, &value);
	int rc = 0;

	for (; more && rc == 0; more = object.ptr[at] == ',' && next_member(object, &at, &key, &value)) {
		rc = push_key(w, key, &fits);
		if (rc == 0 && fits) {
			struct qun_span path = {w->bytes, w->len};
			rc = cell_of(value, w->text, &cell);
			if (rc == 0)
				rc = w->walk->each(w->walk->arg, path, &cell);
			if (rc == 0 && value.ptr[0] == '{' && w->walk->inside(w->walk->arg, path))
				rc = walk_object(w, value);
		}
		w->len = len;
	}
	return rc;
}

int qun_json_paths(struct qun_span element, const struct qun_json_walk *walk, struct qun_buf *text)
{
	struct walker w = {.walk = walk, .text = text};
	int rc;

	/* no cell is longer than its escapes, so text never moves while cells point into it */
	qun_buf_clear(text);
	rc = qun_buf_reserve(text, element.len);
	if (rc == 0)
		rc = walk_object(&w, element);
	qun_buf_release(&w.path);
	return rc;
}

int qun_json_each(struct qun_span json, int (*each)(void *arg, struct qun_span key, const struct qun_cell_in *cell),
	void *arg)
{
	struct qun_json_fault fault;
	struct qun_buf text = {0}, name = {0};
	struct qun_span key, value;
	struct qun_cell_in cell;
	size_t at = 0;
	bool more;

	json = qun_span_trim(json);
	if (!json.len || (json.ptr[0] != '{' && json.ptr[0] != '['))
		return QUN_EDATA;
	int rc = qun_json_sure(json, QUN_LANE_AUTO) ? 0 : qun_json_check(json, &fault);
	more = rc == 0 && next_member(json, &at, &key, &value);
	for (; more && rc == 0; more = json.ptr[at] == ',' && next_member(json, &at, &key, &value)) {
		qun_buf_clear(&text);
		qun_buf_clear(&name);
		rc = qun_json_unescape(&name, key);
		if (rc == 0)
			rc = cell_of(value, &text, &cell);
		if (rc == 0)
			rc = each(arg, qun_buf_span(&name), &cell);
	}
	qun_buf_release(&text);
	qun_buf_release(&name);
	return rc;
}
