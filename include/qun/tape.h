/*
 * A tape: instants with a number each, in two or three bytes apiece where they follow one another by whole
 * seconds. The newest stand in the tape itself, all others in a pile, so that adding one touches no memory
 * but the tape. It is read from the newest back.
 */
#ifndef QUN_TAPE_H
#define QUN_TAPE_H

#include "qun/keep.h"
#include "qun/pile.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { QUN_TAPE_BYTES = 23 };

/* All-zero bytes are an empty tape. */
struct qun_tape {
	int64_t last;  /* the newest instant … */
	uint64_t with; /* … and its number */
	uint32_t n;
	uint32_t full; /* place of the newest full block, 0: none */
	char bytes[QUN_TAPE_BYTES];
	uint8_t used;
};

/* 0, QUN_ENOMEM or QUN_ELIMIT. */
int qun_tape_add(struct qun_pile *pile, struct qun_tape *t, int64_t ts, uint64_t with);
/* Appends the instants to a vector, in the order of adding. */
int qun_tape_instants(const struct qun_pile *pile, const struct qun_tape *t, struct qun_vec *out);

/* Where a reader stands: the newest of the `left` that are still to come. */
struct qun_tape_walk {
	const struct qun_pile *pile;
	int64_t ts;
	uint64_t with;
	uint32_t left, full;
	const char *bytes, *end;
};

struct qun_tape_walk qun_tape_walk(const struct qun_pile *pile, const struct qun_tape *t);
/* To the one added before; only where left is not 0. */
void qun_tape_back(struct qun_tape_walk *w);

#ifdef __cplusplus
}
#endif
#endif
