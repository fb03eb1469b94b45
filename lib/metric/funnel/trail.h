/*
 * A keeper of marked instants: when, which of up to 32 steps the event matched, and one text that
 * goes with it. Equal marks are kept as often as they were added.
 */
#ifndef MODEL_TRAIL_H
#define MODEL_TRAIL_H

#include "qun/run.h"
#include "qun/tape.h"

struct qun_trail_mark {
	int64_t ts;
	uint32_t steps; /* bit i: step i + 1; not 0 */
	uint32_t tag;	/* word of the context, QUN_NONE where empty */
};

/* All-zero bytes are the empty trail; marks are in any order. */
struct qun_trail {
	struct qun_tape tape; /* with steps, and the tag turned so that 0 is none */
	uint32_t steps;	      /* those of all marks */
};

static inline int qun_trail_add(const struct qun_ctx *ctx, struct qun_trail *t, int64_t ts, uint32_t steps, uint32_t tag)
{
	t->steps |= steps;
	return qun_tape_add(ctx->pile, &t->tape, ts, steps | (uint64_t)~tag << 32);
}

/* The marks in the order of adding, t->tape.n of them, into out. */
void qun_trail_marks(const struct qun_ctx *ctx, const struct qun_trail *t, struct qun_trail_mark *out);

int qun_trail_merge(const struct qun_ctx *dctx, struct qun_trail *dst, const struct qun_ctx *sctx,
	const struct qun_trail *src);
/* tagged: whether the run keeps tags at all; without, none are written. */
int qun_trail_save(
	const struct qun_ctx *ctx, const struct qun_trail *t, bool tagged, struct qun_buf *out);
/* t must be empty. Steps outside `all` are refused. */
int qun_trail_load(const struct qun_ctx *ctx, struct qun_trail *t, bool tagged, uint32_t all,
	struct qun_reader *in);

#endif
