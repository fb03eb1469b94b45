/*
 * Two readers of the same bytes: what each of them says, as a number to compare and, once that has
 * shown a difference, as lines to look at.
 */
#ifndef TESTS_TWINS_H
#define TESTS_TWINS_H

#include "qun/input.h"
#include "qun/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct twin {
	uint64_t hash, records, batched, bad;
	struct qun_buf *text; /* NULL: only the number */
	uint64_t fields;      /* of events: those the run needs, others may come along or not */
};

/* An item is its numbers and its bytes, in the order given; end_item ends it. */
static inline void twin_number(struct twin *t, uint64_t v)
{
	t->hash = (t->hash ^ v) * UINT64_C(0x9e3779b97f4a7c15);
	t->hash ^= t->hash >> 29;
	if (t->text)
		qun_buf_printf(t->text, "%" PRIu64 " ", v);
}

static inline void twin_bytes(struct twin *t, struct qun_span s)
{
	uint64_t h = t->hash ^ s.len, word = 0;
	size_t at = 0;

	for (; s.len - at >= 8; at += 8) {
		memcpy(&word, s.ptr + at, 8);
		h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	word = 0;
	if (s.len > at)
		memcpy(&word, s.ptr + at, s.len - at);
	h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	t->hash = h ^ h >> 29;
	if (t->text) {
		qun_buf_add_char(t->text, '[');
		qun_utf8_show(t->text, s);
		qun_buf_add_char(t->text, ']');
	}
}

static inline void twin_word(struct twin *t, const char *word)
{
	twin_bytes(t, qun_span_of(word ? word : "-"));
}

static inline void twin_end(struct twin *t)
{
	if (t->text)
		qun_buf_add_char(t->text, '\n');
}

static inline void twin_bad(struct twin *t, const struct qun_bad *bad)
{
	t->bad++;
	twin_word(t, "bad");
	twin_word(t, bad->kind);
	twin_number(t, bad->line);
	twin_number(t, bad->offset);
	twin_word(t, bad->column);
	twin_word(t, bad->why);
	twin_bytes(t, bad->raw);
	twin_end(t);
}

/* Whole files, to the event. */
static inline int twin_on_event(void *arg, struct qun_event *ev, struct qun_err *err)
{
	struct twin *t = arg;

	(void)err;
	t->records++;
	twin_number(t, (uint64_t)ev->ts);
	twin_number(t, (uint64_t)ev->type);
	twin_number(t, ev->has_amount ? (uint64_t)ev->amount : 1);
	for (int i = 0; i < QUN_NFIELDS; i++) {
		if (t->fields & QUN_BIT(i))
			twin_bytes(t, ev->field[i]);
	}
	twin_end(t);
	return ev->field[QUN_F_USER].len % 7 == 6; /* some are filtered */
}

static inline int twin_on_bad(void *arg, const struct qun_bad *bad)
{
	twin_bad(arg, bad);
	return 0;
}

static inline void twin_read(struct twin *t, const struct qun_input_conf *conf, const char *path)
{
	struct qun_input_sink sink = {.arg = t, .event = twin_on_event, .bad = twin_on_bad};
	struct qun_err err = {0};
	struct qun_input *in;
	int rc;

	t->fields = conf->needs ? conf->needs | QUN_BIT(QUN_F_GROUP) | QUN_BIT(QUN_F_USER) | QUN_BIT(QUN_F_TYPE) :
		~UINT64_C(0);
	if (qun_input_open(&in, conf, &sink) < 0)
		return;
	rc = qun_input_read(in, path, &err);
	struct qun_input_counts c = qun_input_counts(in);
	const uint64_t n[] = {c.read, c.used, c.filtered, c.duplicate, c.bad, c.bytes, c.system_unknown, c.rounded,
		c.by_name, c.odd_types};
	for (size_t i = 0; i < sizeof(n) / sizeof(*n); i++)
		twin_number(t, n[i]);
	twin_number(t, (uint64_t)rc);
	twin_word(t, rc < 0 ? err.msg : "");
	twin_end(t);
	qun_input_close(in);
}

/* The first line in which two texts differ, with the one before it. */
static inline void twin_show(FILE *out, const struct qun_buf *a, const struct qun_buf *b)
{
	size_t at = 0, line = 0, before = 0;

	while (at < a->len && at < b->len && a->ptr[at] == b->ptr[at]) {
		if (a->ptr[at++] == '\n') {
			before = line;
			line = at;
		}
	}
	for (int i = 0; i < 2; i++) {
		const struct qun_buf *t = i ? b : a;
		const char *end = at < t->len ? memchr(t->ptr + at, '\n', t->len - at) : NULL;
		size_t len = (end ? (size_t)(end - t->ptr) : t->len) - line;
		fprintf(out, "# %s %.*s\n", i ? "fast      " : "reference ", (int)(len < 2000 ? len : 2000), t->ptr + line);
	}
	fprintf(out, "# both before %.*s", (int)(line - before), a->ptr + before);
}

#endif
