/* Marked instants, 16 bytes each, sorted only to be saved. */
#include <stdlib.h>

#include "model/parts.h"
#include "metric/funnel/trail.h"

int qun_trail_merge(const struct qun_ctx *dctx, struct qun_trail *dst, const struct qun_ctx *sctx,
	const struct qun_trail *src)
{
	size_t before = dst->n;
	int rc = 0;

	if (src->n)
		rc = qun_grow(&dst->v, &dst->cap, dst->n + src->n - 1, sizeof(*dst->v));
	for (size_t i = 0; rc == 0 && i < src->n; i++) {
		uint32_t tag;

		rc = qun_key_move(dctx, sctx, src->v[i].tag, &tag);
		if (rc == 0)
			rc = qun_trail_add(dst, src->v[i].ts, src->v[i].steps, tag);
	}
	if (rc < 0)
		dst->n = before;
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
int qun_trail_save(const struct qun_ctx *ctx, struct qun_trail *t, bool tagged, struct qun_buf *out)
{
	int rc = qun_save_u64(out, t->n);

	if (t->n)
		qsort_r(t->v, t->n, sizeof(*t->v), by_time, (void *)ctx);
	for (size_t i = 0; rc == 0 && i < t->n; i++) {
		const struct qun_trail_mark *m = &t->v[i];

		rc = i ? qun_save_u64(out, (uint64_t)m->ts - (uint64_t)m[-1].ts)
		       : qun_save_i64(out, m->ts);
		if (rc == 0)
			rc = qun_save_u64(out, m->steps);
		if (rc == 0 && tagged)
			rc = qun_save_span(out, qun_word_text(ctx, m->tag));
	}
	return rc;
}

static int load_time(struct qun_reader *in, const struct qun_trail *t, int64_t *ts)
{
	uint64_t gap;
	int rc;

	if (t->n == 0)
		return qun_load_i64(in, ts);
	rc = qun_load_u64(in, &gap);
	if (rc == 0 &&
		(gap > INT64_MAX || __builtin_add_overflow(t->v[t->n - 1].ts, (int64_t)gap, ts)))
		rc = QUN_ESTATE;
	return rc;
}

int qun_trail_load(const struct qun_ctx *ctx, struct qun_trail *t, bool tagged, uint32_t all,
	struct qun_reader *in)
{
	size_t n;
	int rc = qun_load_count(in, tagged ? 3 : 2, &n);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		uint32_t tag = QUN_NONE;
		uint64_t steps = 0;
		int64_t ts = 0;

		rc = load_time(in, t, &ts);
		if (rc == 0)
			rc = qun_load_u64(in, &steps);
		if (rc == 0 && (steps == 0 || steps > all))
			rc = QUN_ESTATE;
		if (rc == 0 && tagged)
			rc = qun_word_load(ctx, in, &tag);
		if (rc == 0)
			rc = qun_trail_add(t, ts, (uint32_t)steps, tag);
		if (rc == 0 && i && by_time(&t->v[i - 1], &t->v[i], (void *)ctx) > 0)
			rc = QUN_ESTATE;
	}
	return rc;
}

void qun_trail_release(struct qun_trail *t)
{
	free(t->v);
	*t = (struct qun_trail){0};
}
