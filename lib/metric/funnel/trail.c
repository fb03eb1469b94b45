/* Marked instants on a tape, taken from it to be merged, and sorted to be saved. */
#include <stdlib.h>

#include "model/parts.h"
#include "metric/funnel/trail.h"

void qun_trail_marks(const struct qun_ctx *ctx, const struct qun_trail *t, struct qun_trail_mark *out)
{
	for (struct qun_tape_walk w = qun_tape_walk(ctx->pile, &t->tape); w.left; qun_tape_back(&w))
		out[w.left - 1] = (struct qun_trail_mark){w.ts, (uint32_t)w.with, ~(uint32_t)(w.with >> 32)};
}

/* The same, malloc'd. */
static struct qun_trail_mark *marks_of(const struct qun_ctx *ctx, const struct qun_trail *t)
{
	struct qun_trail_mark *v = reallocarray(NULL, (size_t)t->tape.n + 1, sizeof(*v));

	if (v)
		qun_trail_marks(ctx, t, v);
	return v;
}

int qun_trail_merge(const struct qun_ctx *dctx, struct qun_trail *dst, const struct qun_ctx *sctx,
	const struct qun_trail *src)
{
	struct qun_trail_mark *v = marks_of(sctx, src);
	struct qun_trail before = *dst;
	int rc = v ? 0 : QUN_ENOMEM;

	for (size_t i = 0; rc == 0 && i < src->tape.n; i++) {
		uint32_t tag;

		rc = qun_key_move(dctx, sctx, v[i].tag, &tag);
		if (rc == 0)
			rc = qun_trail_add(dctx, dst, v[i].ts, v[i].steps, tag);
	}
	if (rc < 0)
		*dst = before;
	free(v);
	return rc;
}

static int by_time(const void *x, const void *y, void *ctx)
{
	const struct qun_trail_mark *a = x, *b = y;

	if (a->ts != b->ts)
		return a->ts < b->ts ? -1 : 1;
	if (a->steps != b->steps)
		return a->steps < b->steps ? -1 : 1;
	return qun_word_cmp(ctx, a->tag, b->tag);
}

/* Times are saved as the first one and gaps. */
int qun_trail_save(const struct qun_ctx *ctx, const struct qun_trail *t, bool tagged, struct qun_buf *out)
{
	struct qun_trail_mark *v = marks_of(ctx, t);
	int rc = v ? qun_save_u64(out, t->tape.n) : QUN_ENOMEM;

	if (v)
		qsort_r(v, t->tape.n, sizeof(*v), by_time, (void *)ctx);
	for (size_t i = 0; rc == 0 && i < t->tape.n; i++) {
		const struct qun_trail_mark *m = &v[i];

		rc = i ? qun_save_u64(out, (uint64_t)m->ts - (uint64_t)m[-1].ts)
		       : qun_save_i64(out, m->ts);
		if (rc == 0)
			rc = qun_save_u64(out, m->steps);
		if (rc == 0 && tagged)
			rc = qun_save_span(out, qun_word_text(ctx, m->tag));
	}
	free(v);
	return rc;
}

static int load_time(struct qun_reader *in, bool first, int64_t last, int64_t *ts)
{
	uint64_t gap;
	int rc;

	if (first)
		return qun_load_i64(in, ts);
	rc = qun_load_u64(in, &gap);
	if (rc == 0 && (gap > INT64_MAX || __builtin_add_overflow(last, (int64_t)gap, ts)))
		rc = QUN_ESTATE;
	return rc;
}

int qun_trail_load(const struct qun_ctx *ctx, struct qun_trail *t, bool tagged, uint32_t all,
	struct qun_reader *in)
{
	struct qun_trail_mark last = {0};
	size_t n;
	int rc = qun_load_count(in, tagged ? 3 : 2, &n);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct qun_trail_mark m = {.tag = QUN_NONE};
		uint64_t steps = 0;

		rc = load_time(in, i == 0, last.ts, &m.ts);
		if (rc == 0)
			rc = qun_load_u64(in, &steps);
		if (rc == 0 && (steps == 0 || steps > all))
			rc = QUN_ESTATE;
		m.steps = (uint32_t)steps;
		if (rc == 0 && tagged)
			rc = qun_word_load(ctx, in, &m.tag);
		if (rc == 0 && i && by_time(&last, &m, (void *)ctx) > 0)
			rc = QUN_ESTATE;
		if (rc == 0)
			rc = qun_trail_add(ctx, t, m.ts, m.steps, m.tag);
		last = m;
	}
	return rc;
}
