/*
 * The report state of every metric: cells under byte keys, each with integer sums, multisets
 * of integers (for quantiles) and an optional text. Cubes merge by adding, and save in key
 * order, so reports of parts add up to the report of the whole.
 */
#ifndef QUN_CUBE_H
#define QUN_CUBE_H

#include "qun/dict.h"
#include "qun/keep.h"

#ifdef __cplusplus
extern "C" {
#endif

struct qun_cell {
	union { /* nsum of them; those beyond are 0 */
		int64_t *sum;
		__int128 *wide; /* once one did not fit */
	};
	struct qun_vec *bag;
	char *text; /* NUL-ended, NULL: none */
	uint32_t nsum, text_len;
	uint8_t nbag;
	bool is_wide;
};

struct qun_cube {
	struct qun_dict keys;
	struct qun_cell *cell; /* by key number */
	size_t cap;
	uint32_t *recent; /* numbers + 1 of cells met lately, by a cheap mix of their keys */
};

/* The cell under key, made empty if new; NULL: no memory. Moves when others are added. */
struct qun_cell *qun_cube_cell(struct qun_cube *c, struct qun_span key);
/* Makes sums 0 … n - 1 at once. */
int qun_cell_room(struct qun_cell *cell, uint32_t n);
/* The same as qun_cell_add, for any sum and number. */
int qun_cell_add_any(struct qun_cell *cell, uint32_t i, __int128 x);

/* Adds x to sum i (grows with zeros). QUN_EOVERFLOW changes nothing. i < 2^20. */
static inline int qun_cell_add(struct qun_cell *cell, uint32_t i, __int128 x)
{
	int64_t total;

	if (i >= cell->nsum || cell->is_wide || x != (int64_t)x ||
		__builtin_add_overflow(cell->sum[i], (int64_t)x, &total))
		return qun_cell_add_any(cell, i, x);
	cell->sum[i] = total;
	return 0;
}

__int128 qun_cell_sum(const struct qun_cell *cell, uint32_t i); /* 0 beyond the end, or for NULL */
int qun_cell_put(struct qun_cell *cell, uint32_t bag, int64_t x); /* bag < 64 */
/* Sorted values of a bag; *n = 0 where there is none. */
const int64_t *qun_cell_bag(const struct qun_cell *cell, uint32_t bag, size_t *n);
/* Sets the text; setting another one keeps the bytewise greater. */
int qun_cell_text(struct qun_cell *cell, struct qun_span text);

int qun_cube_merge(struct qun_cube *dst, const struct qun_cube *src);
/* The same, leaving src empty: cells that dst has not got are moved. */
int qun_cube_take(struct qun_cube *dst, struct qun_cube *src);
int qun_cube_save(const struct qun_cube *c, struct qun_buf *out);
int qun_cube_load(struct qun_cube *c, struct qun_reader *in);
void qun_cube_release(struct qun_cube *c);

/* Cells in key order: *order is malloc'd, holds qun_cube_count numbers. */
int qun_cube_order(const struct qun_cube *c, uint32_t **order);
size_t qun_cube_count(const struct qun_cube *c);
struct qun_span qun_cube_key(const struct qun_cube *c, uint32_t i);
const struct qun_cell *qun_cube_at(const struct qun_cube *c, uint32_t i);
/* Have fetched what reading a cell will touch: first the cell and where its key is, then its sums and key. */
static inline void qun_cube_fetch(const struct qun_cube *c, uint32_t i)
{
	__builtin_prefetch(&c->cell[i]);
	__builtin_prefetch(&c->keys.entries[i]);
}

static inline void qun_cube_fetch_sums(const struct qun_cube *c, uint32_t i)
{
	__builtin_prefetch(c->cell[i].sum);
	__builtin_prefetch(c->keys.entries[i].ptr);
}

const struct qun_cell *qun_cube_find(const struct qun_cube *c, struct qun_span key); /* NULL: none */

#ifdef __cplusplus
}
#endif
#endif
