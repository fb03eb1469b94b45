/*
 * Strings in order. What each begins with after the bytes that all share is a number to sort by, digit by
 * digit; only those that this leaves equal are compared as a whole.
 */
#ifndef CORE_RANK_H
#define CORE_RANK_H

#include "qun/bytes.h"

struct qun_rank {
	uint64_t head;   /* its own */
	uint32_t of, at; /* the caller's: which string it is */
};

struct qun_ranking {
	const void *arg;
	struct qun_span (*text)(const void *arg, struct qun_rank r);
	/* Has what text will look at brought nearer; NULL: that is near. */
	void (*fetch)(const void *arg, struct qun_rank r);
};

int qun_rank(struct qun_rank *v, size_t n, const struct qun_ranking *how); /* 0, or QUN_ENOMEM */

enum { QUN_RANK_AHEAD = 8 }; /* so many are fetched before the one that is looked at */

#endif
