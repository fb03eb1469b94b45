/*
 * --no-flood: messages that come as a flood leave the counts. A flood is known only when all messages
 * of a person in a group are, so the state keeps each one's instant and a hash of its text.
 */
#include "metric/activity_rate/activity.h"

#include <stdlib.h>
#include <string.h>

enum { RUSH = 8, SAME = 3 };
#define RUSH_US (60 * QUN_SECOND)
#define SAME_US (600 * QUN_SECOND)

int qun_activity_say(struct qun_activity_slot *s, const struct qun_event *ev, bool active)
{
	/* The same text must give the same bytes in every state, so the key is no secret. A text made
	 * to collide would only make its own author flood. */
	static const uint64_t key[2] = {0x71756e746f6f6c73, 0x6e6f2d666c6f6f64};
	struct qun_span text = ev->field[QUN_F_TEXT];
	struct qun_activity_said said = {ev->ts, active ? ACTIVITY_SAID_ACTIVE : 0};
	struct qun_activity_talk *t = s->talk;

	if (!t)
		t = s->talk = calloc(1, sizeof(*t));
	if (!t || qun_grow(&t->v, &t->cap, t->n, sizeof(*t->v)) < 0)
		return QUN_ENOMEM;
	if (text.len)
		said.mark |= (qun_siphash(key, text) | (ACTIVITY_SAID_BITS + 1)) & ~(uint64_t)ACTIVITY_SAID_BITS;
	t->v[t->n++] = said;
	t->sorted = false;
	return 0;
}

static int by_time(const void *a, const void *b)
{
	const struct qun_activity_said *x = a, *y = b;

	if (x->ts != y->ts)
		return x->ts < y->ts ? -1 : 1;
	return (x->mark > y->mark) - (x->mark < y->mark);
}

static uint64_t text_of(const struct qun_activity_said *said)
{
	return said->mark & ~(uint64_t)ACTIVITY_SAID_BITS;
}

static int by_text(const void *a, const void *b)
{
	const struct qun_activity_said *x = a, *y = b;

	if (text_of(x) != text_of(y))
		return text_of(x) < text_of(y) ? -1 : 1;
	return (x->ts > y->ts) - (x->ts < y->ts);
}

int qun_activity_talk_merge(struct qun_activity_slot *to, const struct qun_activity_slot *from)
{
	struct qun_activity_talk *t = to->talk;

	if (!from->talk)
		return 0;
	if (!t)
		t = to->talk = calloc(1, sizeof(*t));
	for (size_t i = 0; t && i < from->talk->n; i++) {
		if (qun_grow(&t->v, &t->cap, t->n, sizeof(*t->v)) < 0)
			return QUN_ENOMEM;
		t->v[t->n++] = from->talk->v[i];
		t->sorted = false;
	}
	return t ? 0 : QUN_ENOMEM;
}

/* Instants as gaps from the one before. */
int qun_activity_talk_save(struct qun_activity_slot *s, struct qun_buf *out)
{
	struct qun_activity_talk *t = s->talk;
	int64_t last = 0;
	int rc = qun_save_u64(out, t ? t->n : 0);

	if (t && !t->sorted)
		qsort(t->v, t->n, sizeof(*t->v), by_time);
	if (t)
		t->sorted = true;
	for (size_t i = 0; rc == 0 && t && i < t->n; i++) {
		rc = qun_save_u64(out, (uint64_t)(t->v[i].ts - last));
		if (rc == 0)
			rc = qun_save_u64(out, t->v[i].mark);
		last = t->v[i].ts;
	}
	return rc;
}

int qun_activity_talk_load(struct qun_activity_slot *s, struct qun_reader *in)
{
	struct qun_activity_said last = {0, 0};
	size_t n = 0;
	int rc = qun_load_count(in, 2, &n);

	if (rc == 0 && n) {
		s->talk = calloc(1, sizeof(*s->talk));
		rc = s->talk ? 0 : QUN_ENOMEM;
	}
	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct qun_activity_talk *t = s->talk;
		struct qun_activity_said said = {0, 0};
		uint64_t gap = 0;

		rc = qun_load_u64(in, &gap);
		if (rc == 0)
			rc = qun_load_u64(in, &said.mark);
		if (rc == 0 && (gap > (uint64_t)(QUN_TIME_MAX - last.ts) || said.mark & ACTIVITY_SAID_FLOOD))
			rc = QUN_ESTATE;
		said.ts = last.ts + (int64_t)(rc == 0 ? gap : 0);
		if (rc == 0 && i && by_time(&last, &said) > 0)
			rc = QUN_ESTATE;
		if (rc == 0)
			rc = qun_grow(&t->v, &t->cap, t->n, sizeof(*t->v));
		if (rc == 0)
			t->v[t->n++] = last = said;
	}
	if (rc == 0 && n)
		s->talk->sorted = true;
	return rc;
}

void qun_activity_talk_release(struct qun_activity_slot *s)
{
	if (s->talk)
		free(s->talk->v);
	free(s->talk);
	s->talk = NULL;
}

/* Marks all messages of any `least` neighbours within `us`; of those with a text, if `same`, only
 * neighbours with the same one. */
static void mark_floods(struct qun_activity_talk *t, size_t least, int64_t us, bool same)
{
	size_t marked = 0; /* all before it that are of a flood are marked */

	for (size_t i = 0; i + least <= t->n; i++) {
		const struct qun_activity_said *first = &t->v[i], *last = &t->v[i + least - 1];

		if (last->ts - first->ts > us || (same && (!text_of(first) || text_of(first) != text_of(last))))
			continue;
		for (marked = marked > i ? marked : i; marked < i + least; marked++)
			t->v[marked].mark |= ACTIVITY_SAID_FLOOD;
	}
}

/* The talk itself stays as it is. */
int qun_activity_settle(const struct qun_ctx *ctx, const struct qun_activity_slot *s, struct qun_activity_records *to)
{
	struct qun_activity_talk t = {.n = s->talk ? s->talk->n : 0};
	int rc = 0;

	if (!t.n)
		return 0;
	t.v = reallocarray(NULL, t.n, sizeof(*t.v));
	if (!t.v)
		return QUN_ENOMEM;
	memcpy(t.v, s->talk->v, t.n * sizeof(*t.v));
	qsort(t.v, t.n, sizeof(*t.v), by_text);
	mark_floods(&t, SAME, SAME_US, true);
	qsort(t.v, t.n, sizeof(*t.v), by_time);
	mark_floods(&t, RUSH, RUSH_US, false);
	for (size_t i = 0; rc == 0 && i < t.n; i++) {
		struct qun_activity_record *r = qun_activity_record(to, qun_activity_when(ctx, t.v[i].ts));

		if (!r) {
			rc = QUN_ENOMEM;
		} else if (t.v[i].mark & ACTIVITY_SAID_FLOOD) {
			r->floods++;
		} else {
			r->active |= t.v[i].mark & ACTIVITY_SAID_ACTIVE;
			rc = __builtin_add_overflow(r->messages, 1, &r->messages) ? QUN_EOVERFLOW : 0;
		}
	}
	free(t.v);
	return rc;
}
