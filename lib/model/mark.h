/* A mark of membership, a join or a leave: as the keeper has it, and as the walk of rule R reads it. */
#ifndef MODEL_MARK_H
#define MODEL_MARK_H

#include "qun/member.h"

enum { MARK_JOIN, MARK_LEAVE, MARK_REMOVAL };

struct qun_mark {
	int64_t ts;
	uint32_t tie;	      /* word: what the tie rule has before ref; QUN_NONE if all empty */
	uint32_t ref, source; /* words */
	uint32_t kind;
};

/* Into the order of the walk: time, joins first, then the tie rule. */
void qun_marks_sort(const struct qun_ctx *ctx, struct qun_marks *m);

#endif
