/* Fingerprints are compared name by name, so that a mismatch can say what differs, and how. */
#include "qun/state.h"

#include <string.h>

int qun_fingerprint_add(struct qun_buf *out, const char *name, struct qun_span value)
{
	int rc = qun_buf_add_text(out, name);

	if (rc == 0)
		rc = qun_buf_add_char(out, '=');
	for (size_t i = 0; rc == 0 && i < value.len; i++) {
		char c = value.ptr[i];

		if (c == '\n' || c == '\\')
			rc = qun_buf_add_text(out, c == '\n' ? "\\n" : "\\\\");
		else
			rc = qun_buf_add_char(out, c);
	}
	return rc < 0 ? rc : qun_buf_add_char(out, '\n');
}

/* Takes a line apart; false at the end. What is no line of ours is a name without a value. */
static bool next_line(struct qun_span *text, struct qun_span *name, struct qun_span *value)
{
	const char *end = text->len ? memchr(text->ptr, '\n', text->len) : NULL;
	struct qun_span line = {text->ptr, end ? (size_t)(end - text->ptr) : text->len};
	const char *equals = line.len ? memchr(line.ptr, '=', line.len) : NULL;

	if (!text->len)
		return false;
	*name = (struct qun_span){line.ptr, equals ? (size_t)(equals - line.ptr) : line.len};
	*value = (struct qun_span){line.ptr + name->len + (equals != NULL), line.len - name->len - (equals != NULL)};
	text->ptr += line.len + (end != NULL);
	text->len -= line.len + (end != NULL);
	return true;
}

/* The nth value under a name; false: there are fewer. */
static bool nth_value(struct qun_span text, struct qun_span name, size_t nth, struct qun_span *value)
{
	struct qun_span at;

	while (next_line(&text, &at, value)) {
		if (qun_span_eq(at, name) && nth-- == 0)
			return true;
	}
	*value = (struct qun_span){NULL, 0};
	return false;
}

/* Finds a line of text that other has not, or has with another value. */
static bool find_odd(struct qun_span text, struct qun_span other, struct qun_span *name, struct qun_span *here,
	struct qun_span *there)
{
	struct qun_span rest = text, last = {NULL, 0};
	size_t nth = 0;

	while (next_line(&rest, name, here)) {
		nth = last.ptr && qun_span_eq(last, *name) ? nth + 1 : 0;
		last = *name;
		if (!nth_value(other, *name, nth, there) || !qun_span_eq(*here, *there))
			return true;
	}
	return false;
}

bool qun_fingerprint_differ(struct qun_span was, struct qun_span is, struct qun_difference *d)
{
	return find_odd(is, was, &d->name, &d->is, &d->was) || find_odd(was, is, &d->name, &d->was, &d->is);
}
