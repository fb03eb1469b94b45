/*
 * A keeper of marked instants: when, which of up to 32 steps the event matched, and one text that
 * goes with it. Equal marks are kept as often as they were added.
 */
#ifndef MODEL_TRAIL_H
#define MODEL_TRAIL_H

#include "qun/bytes.h"
#include "qun/run.h"

struct qun_trail_mark {
	int64_t ts;
	uint32_t steps; /* bit i: step i + 1; not 0 */
	uint32_t tag;	/* word of the context, QUN_NONE where empty */
};

/* All-zero bytes are the empty trail; marks are in any order. */
struct qun_trail {
	struct qun_trail_mark *v;
	size_t n, cap;
};

static inline int qun_trail_add(struct qun_trail *t, int64_t ts, uint32_t steps, uint32_t tag)
{
	if (t->n == t->cap && qun_grow(&t->v, &t->cap, t->n, sizeof(*t->v)) < 0)
		return QUN_ENOMEM;
	t->v[t->n++] = (struct qun_trail_mark){ts, steps, tag};
	return 0;
}

int qun_trail_merge(const struct qun_ctx *dctx, struct qun_trail *dst, const struct qun_ctx *sctx,
	const struct qun_trail *src);
/* tagged: whether the run keeps tags at all; without, none are written. Sorts t. */
int qun_trail_save(
	const struct qun_ctx *ctx, struct qun_trail *t, bool tagged, struct qun_buf *out);
/* t must be empty. Steps outside `all` are refused. */
int qun_trail_load(const struct qun_ctx *ctx, struct qun_trail *t, bool tagged, uint32_t all,
	struct qun_reader *in);
void qun_trail_release(struct qun_trail *t);

#endif
