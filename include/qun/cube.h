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
	__int128 *sum; /* nsum of them; those beyond are 0 */
	struct qun_vec *bag;
	char *text; /* NUL-ended, NULL: none */
	uint32_t nsum, nbag, text_len;
};

struct qun_cube {
	struct qun_dict keys;
	struct qun_cell *cell; /* by key number */
	size_t cap;
};

/* The cell under key, made empty if new; NULL: no memory. Moves when others are added. */
struct qun_cell *qun_cube_cell(struct qun_cube *c, struct qun_span key);
/* Adds x to sum i (grows with zeros). QUN_EOVERFLOW changes nothing. i < 2^20. */
int qun_cell_add(struct qun_cell *cell, uint32_t i, __int128 x);
__int128 qun_cell_sum(const struct qun_cell *cell, uint32_t i); /* 0 beyond the end, or for NULL */
int qun_cell_put(struct qun_cell *cell, uint32_t bag, int64_t x); /* bag < 64 */
/* Sorted values of a bag; *n = 0 where there is none. */
const int64_t *qun_cell_bag(const struct qun_cell *cell, uint32_t bag, size_t *n);
/* Sets the text; setting another one keeps the bytewise greater. */
int qun_cell_text(struct qun_cell *cell, struct qun_span text);

int qun_cube_merge(struct qun_cube *dst, const struct qun_cube *src);
int qun_cube_save(const struct qun_cube *c, struct qun_buf *out);
int qun_cube_load(struct qun_cube *c, struct qun_reader *in);
void qun_cube_release(struct qun_cube *c);

/* Cells in key order: *order is malloc'd, holds qun_cube_count numbers. */
int qun_cube_order(const struct qun_cube *c, uint32_t **order);
size_t qun_cube_count(const struct qun_cube *c);
struct qun_span qun_cube_key(const struct qun_cube *c, uint32_t i);
const struct qun_cell *qun_cube_at(const struct qun_cube *c, uint32_t i);
const struct qun_cell *qun_cube_find(const struct qun_cube *c, struct qun_span key); /* NULL: none */

#ifdef __cplusplus
}
#endif
#endif
