/*
 * Chunks that double up to the number of places each has, so that small piles stay small; what is
 * larger than a chunk gets one of its own.
 */
#include "qun/pile.h"

#include <stdlib.h>
#include <string.h>

#include "qun/bytes.h"

#define CHUNK_FIRST (size_t)512 /* units */
#define LEFT_OUT (size_t)2	/* of the first chunk, for place 0 */
#define CHUNK_LAST ((size_t)1 << QUN_PILE_SHIFT)

static int add_chunk(struct qun_pile *p, size_t units)
{
	size_t size = p->nchunk < QUN_PILE_SHIFT ? CHUNK_FIRST << p->nchunk : CHUNK_LAST;

	if (size > CHUNK_LAST)
		size = CHUNK_LAST;
	if (size < units)
		size = units;
	if (p->nchunk >= (UINT64_C(1) << 32) >> QUN_PILE_SHIFT ||
		qun_grow(&p->chunk, &p->cap, p->nchunk, sizeof(*p->chunk)) < 0)
		return QUN_ENOMEM;
	p->chunk[p->nchunk] = malloc(size * QUN_PILE_UNIT);
	if (!p->chunk[p->nchunk])
		return QUN_ENOMEM;
	p->nchunk++;
	p->size = size;
	p->used = 0;
	return 0;
}

void *qun_pile_take(struct qun_pile *p, size_t size, uint32_t *at)
{
	size_t units = (size + QUN_PILE_UNIT - 1) / QUN_PILE_UNIT;
	char *taken;

	if (size > SIZE_MAX / 2)
		return NULL;
	if (units > p->size - p->used && add_chunk(p, units + LEFT_OUT) < 0)
		return NULL;
	if (p->used == 0 && p->nchunk == 1)
		p->used = LEFT_OUT;
	*at = (uint32_t)((p->nchunk - 1) << QUN_PILE_SHIFT | p->used);
	taken = p->chunk[p->nchunk - 1] + p->used * QUN_PILE_UNIT;
	p->used += units;
	return memset(taken, 0, units * QUN_PILE_UNIT);
}

void qun_pile_release(struct qun_pile *p)
{
	for (size_t i = 0; i < p->nchunk; i++)
		free(p->chunk[i]);
	free(p->chunk);
	*p = (struct qun_pile){0};
}
