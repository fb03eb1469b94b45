/*
 * Heads: what a table must know of the whole input before the last step: the first and newest
 * event of the input and of each group, and which kinds of membership records a group has.
 * They merge by min, max and or, so any split of the input gives the same heads.
 */
#ifndef QUN_HEAD_H
#define QUN_HEAD_H

#include "qun/keep.h"
#include "qun/run.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Weakest first: a total has the weakest basis of its groups. */
enum qun_basis { QUN_SEEN, QUN_JOINS, QUN_EVENTS, QUN_ROSTER };

struct qun_head {
	int64_t first, last; /* INT64_MAX, INT64_MIN where there was none */
	bool join;           /* has a join */
	bool removal;        /* has a leave by another hand */
	bool own_leave;      /* has any other leave */
};

struct qun_heads {
	struct qun_head all;
	struct qun_head *group; /* by number in the context's groups */
	size_t n, cap;
	bool money4;     /* some amount has more than 2 decimals */
	bool started;    /* all-zero heads are empty ones */
	struct qun_bits days; /* civil days (run->cal) that had any event of any group */
	struct qun_block today; /* one of them: that of the newest event taken */
	uint64_t types;  /* QUN_BIT of the built-in types seen (QUN_WORD too) */
};

/* Takes an event that may tell something new. */
int qun_heads_learn(const struct qun_ctx *ctx, const struct qun_event *ev);

/* Into ctx->heads; ev->group must be set. Most events only tell that the log goes on. */
static inline int qun_heads_add(const struct qun_ctx *ctx, const struct qun_event *ev)
{
	struct qun_heads *h = ctx->heads;
	struct qun_head *known;

	if (ev->group >= h->n || !qun_block_holds(&h->today, ev->ts) || ev->has_amount ||
		!(h->types & QUN_BIT(ev->type)) || ev->type == QUN_JOIN || ev->type == QUN_LEAVE)
		return qun_heads_learn(ctx, ev);
	known = &h->group[ev->group];
	if (ev->ts < known->first)
		return qun_heads_learn(ctx, ev);
	if (ev->ts > known->last)
		known->last = ev->ts;
	if (ev->ts > h->all.last)
		h->all.last = ev->ts;
	return 0;
}

int qun_heads_merge(const struct qun_ctx *dst, const struct qun_ctx *src); /* groups by name */
int qun_heads_save(const struct qun_ctx *ctx, struct qun_buf *out); /* groups sorted by name */
int qun_heads_load(const struct qun_ctx *ctx, struct qun_reader *in);
void qun_heads_release(struct qun_heads *h);

/* Head of a group; an empty head for one without events (on the roster only) or QUN_NONE. */
struct qun_head qun_head_of(const struct qun_ctx *ctx, uint32_t group);
/* Is this leave the work of another (source removed, or ref of someone else)? */
bool qun_is_removal(const struct qun_event *leave);
/* Fine print 13; QUN_ROSTER where the roster names the group. */
enum qun_basis qun_basis_of(const struct qun_ctx *ctx, uint32_t group);
enum qun_basis qun_basis_total(const struct qun_ctx *ctx); /* weakest over all groups of the input but "-" beside others */
const char *qun_basis_name(enum qun_basis basis); /* seen joins events roster */
/* Is this the group "-" of an input that has other groups? It makes no members and no rows. */
bool qun_group_is_nobody(const struct qun_ctx *ctx, uint32_t group);
/* Decimals of every money cell of this run: 2 or 4. */
int qun_money_digits(const struct qun_ctx *ctx);

#ifdef __cplusplus
}
#endif
#endif
