/*
 * A pile: memory under 32-bit places, so that what refers to it takes half a pointer. Nothing in it
 * moves, and all of it goes at once.
 */
#ifndef QUN_PILE_H
#define QUN_PILE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* All-zero bytes are an empty pile. */
struct qun_pile {
	char **chunk;
	size_t nchunk, cap;
	size_t used, size; /* of the newest chunk, in units */
};

enum { QUN_PILE_UNIT = 4, QUN_PILE_SHIFT = 16 };

/* size bytes of zeros and their place, which is never 0; aligned to 8 in a pile all of whose sizes are
 * multiples of 8, else to 4. NULL: no memory, or no place left (2^32 of them). */
void *qun_pile_take(struct qun_pile *p, size_t size, uint32_t *at);
void qun_pile_release(struct qun_pile *p);

static inline void *qun_pile_at(const struct qun_pile *p, uint32_t at)
{
	uint32_t in_chunk = at & ((UINT32_C(1) << QUN_PILE_SHIFT) - 1);

	return p->chunk[at >> QUN_PILE_SHIFT] + (size_t)in_chunk * QUN_PILE_UNIT;
}

#ifdef __cplusplus
}
#endif
#endif
