/* A file from bytes to events: what came of each record, as texts to compare. */
#ifndef TESTS_INPUT_READ_H
#define TESTS_INPUT_READ_H

#include "qun/input.h"
#include "reader.h"
#include "tap.h"

#include <inttypes.h>

/* Files through the whole of it. */
struct read {
	struct qun_buf text; /* events */
	struct qun_buf bads;
	struct qun_input_counts n;
	struct qun_err err;
	int rc;
};

static inline int read_event(void *arg, struct qun_event *ev, struct qun_err *err)
{
	struct read *r = arg;
	static const int fields[] = {QUN_F_GROUP, QUN_F_USER, QUN_F_TYPE, QUN_F_TEXT, QUN_F_REF, QUN_F_ORDER_ID};

	(void)err;
	qun_buf_printf(&r->text, "%" PRId64, ev->ts / QUN_SECOND);
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		qun_buf_add_char(&r->text, '|');
		qun_buf_add_span(&r->text, ev->field[fields[i]]);
	}
	if (ev->has_amount)
		qun_buf_printf(&r->text, "|%" PRId64, ev->amount);
	if (ev->extra) {
		qun_buf_add_char(&r->text, '+');
		qun_buf_add_span(&r->text, ev->extra[0]);
	}
	qun_buf_add_char(&r->text, ';');
	return ev->field[QUN_F_USER].len ? 0 : 1;
}

static inline int read_bad(void *arg, const struct qun_bad *bad)
{
	struct read *r = arg;

	qun_buf_printf(&r->bads, "%" PRIu64 " %s %s %s;", bad->line, bad->kind,
		bad->column ? bad->column : "-", bad->why);
	return 0;
}

static struct qun_zone *zone;

static inline void read_path(struct read *r, const char *path, const struct qun_input_conf *conf)
{
	struct qun_cal cal = {.zone = zone, .week_start = 1};
	struct qun_input_conf all = *conf;
	const struct qun_input_sink sink = {.arg = r, .event = read_event, .bad = read_bad};
	struct qun_input *in = NULL;

	*r = (struct read){0};
	all.cal = &cal;
	all.reader = asked_reader();
	r->rc = qun_input_open(&in, &all, &sink);
	if (r->rc == 0)
		r->rc = qun_input_read(in, path, &r->err);
	if (r->rc == 0)
		r->rc = qun_input_check(in, &r->err);
	r->n = qun_input_counts(in);
	qun_input_close(in);
	qun_buf_add_char(&r->text, '\0');
	qun_buf_add_char(&r->bads, '\0');
}

static inline void read_release(struct read *r)
{
	qun_buf_release(&r->text);
	qun_buf_release(&r->bads);
}

static inline bool adds_up(const struct read *r)
{
	return r->n.read == r->n.used + r->n.filtered + r->n.duplicate + r->n.bad;
}

#endif
