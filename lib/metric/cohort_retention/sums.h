/*
 * Sums of money under integer keys: a keeper. Amounts of one key add up, so memory grows with the
 * keys and not with what is added. All-zero bytes hold none.
 */
#ifndef MODEL_SUMS_H
#define MODEL_SUMS_H

#include "qun/num.h"

struct qun_sum {
	int64_t key;
	uint64_t unknown; /* how many amounts of the key are not known */
	qun_i128 amount;
};

struct qun_sums {
	struct qun_sum *v;
	uint32_t n, cap;
	uint32_t sorted; /* the first so many ascend, each key once */
};

int qun_sums_add(struct qun_sums *s, int64_t key, qun_i128 amount, uint64_t unknown);
int qun_sums_merge(struct qun_sums *dst, const struct qun_sums *src);
int qun_sums_sort(struct qun_sums *s); /* ascending, each key once; QUN_EOVERFLOW */
const struct qun_sum *qun_sums_find(const struct qun_sums *s, int64_t key); /* sorted; NULL: none */
int qun_sums_save(struct qun_sums *s, struct qun_buf *out);
int qun_sums_load(struct qun_sums *s, struct qun_reader *in); /* s must be empty */
void qun_sums_release(struct qun_sums *s);

#endif
