/*
 * Births: the keeper of the events that put one person into cohorts; the first one, or the first of
 * every --by value read on the event (each value is a table of its own), of every period where
 * cohorts recur. All-zero bytes hold none.
 */
#ifndef MODEL_BIRTHS_H
#define MODEL_BIRTHS_H

#include "qun/cal.h"
#include "qun/tie.h"

struct qun_births {
	struct qun_first *v;
	uint32_t n;
};

struct qun_birth_rule {
	bool full;			 /* keep ties, groups and --by values */
	bool each;			 /* the first of every bucket and --by value, not of all */
	const struct qun_period *bucket; /* NULL: all of time */
};

int qun_births_add(const struct qun_ctx *ctx, const struct qun_birth_rule *rule,
	struct qun_births *b, const struct qun_event *ev);
int qun_births_merge(const struct qun_birth_rule *rule, const struct qun_ctx *dctx,
	struct qun_births *dst, const struct qun_ctx *sctx, const struct qun_births *src);
/* Is field i of --by read on the event? source and role are the person's. */
bool qun_births_own_value(const struct qun_run *run, int i);
void qun_births_sort(const struct qun_ctx *ctx, struct qun_births *b); /* by time and tie */
int qun_births_save(const struct qun_ctx *ctx, struct qun_births *b, struct qun_buf *out);
int qun_births_load(const struct qun_ctx *ctx, const struct qun_birth_rule *rule,
	struct qun_births *b, struct qun_reader *in); /* b must be empty */
void qun_births_release(struct qun_births *b);

#endif
