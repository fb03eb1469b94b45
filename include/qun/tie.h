/*
 * Ties: the order of one person's events at one instant (rules for all programs): join if he is not
 * a member, everything else, leave, join if he was a member; then type, order_id, product,
 * amount, id, text, ref, source as bytes. Where membership is not at stake a join sorts first.
 */
#ifndef QUN_TIE_H
#define QUN_TIE_H

#include "qun/dict.h"
#include "qun/event.h"
#include "qun/run.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Appends a key to out whose bytes sort as the event does among a person's (time first). */
int qun_tie_key(const struct qun_ctx *ctx, const struct qun_event *ev, struct qun_buf *out);

/*
 * The earliest event of some kind, with what --by reads from it. Merges by min of the key, so any
 * order of adds gives the same.
 */
struct qun_first {
	int64_t ts;         /* meaningful where seen */
	bool seen;
	struct qun_buf key; /* tie key; empty when not asked for. No word: it changes with every new first */
	uint32_t group;     /* this and by are meaningful where there is a key */
	uint32_t *by;       /* words: values of the run's --by fields; NULL when there are none */
};

/* full: keep tie key, group and by values (else only ts). */
int qun_first_add(const struct qun_ctx *ctx, struct qun_first *f, const struct qun_event *ev, bool full);
int qun_first_merge(const struct qun_ctx *dctx, struct qun_first *dst, const struct qun_ctx *sctx,
	const struct qun_first *src);
int qun_first_save(const struct qun_ctx *ctx, const struct qun_first *f, struct qun_buf *out);
int qun_first_load(const struct qun_ctx *ctx, struct qun_first *f, struct qun_reader *in);
void qun_first_release(struct qun_first *f);
bool qun_first_is_join(const struct qun_first *f); /* false where there is no key */

#ifdef __cplusplus
}
#endif
#endif
