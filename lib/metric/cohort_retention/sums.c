/*
 * Sums in an array that doubles when it is full; before it does, equal keys are added up. Order
 * shows only when it is asked for.
 */
#include "metric/cohort_retention/sums.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
	int64_t x = ((const struct qun_sum *)a)->key, y = ((const struct qun_sum *)b)->key;

	return (x > y) - (x < y);
}

static int add_to(struct qun_sum *sum, qun_i128 amount, uint64_t unknown)
{
	qun_i128 total;

	if (__builtin_add_overflow(sum->amount, amount, &total))
		return QUN_EOVERFLOW;
	sum->amount = total;
	sum->unknown += unknown;
	return 0;
}

int qun_sums_sort(struct qun_sums *s)
{
	uint32_t n = 0;
	int rc = 0;

	if (s->sorted == s->n)
		return 0;
	qsort(s->v, s->n, sizeof(*s->v), compare);
	for (uint32_t i = 0; i < s->n; i++) {
		bool same = rc == 0 && n && s->v[n - 1].key == s->v[i].key;

		if (same)
			rc = add_to(&s->v[n - 1], s->v[i].amount, s->v[i].unknown);
		/* What does not fit stays an entry of its own: a failure loses nothing. */
		if (!same || rc < 0)
			s->v[n++] = s->v[i];
	}
	s->n = n;
	s->sorted = rc < 0 ? 0 : n;
	return rc;
}

/* Grows also when equal keys leave but little room, so that they are not sought at every add. */
static int reserve(struct qun_sums *s)
{
	struct qun_sum *v;
	uint32_t cap;
	int rc;

	if (s->n < s->cap)
		return 0;
	rc = qun_sums_sort(s);
	if (rc < 0 || s->n < s->cap / 4 * 3)
		return rc;
	if (s->cap > UINT32_MAX / 4)
		return QUN_ELIMIT;
	cap = s->cap ? 2 * s->cap : 1;
	v = reallocarray(s->v, cap, sizeof(*v));
	if (!v)
		return QUN_ENOMEM;
	s->v = v;
	s->cap = cap;
	return 0;
}

int qun_sums_add(struct qun_sums *s, int64_t key, qun_i128 amount, uint64_t unknown)
{
	struct qun_sum *last = s->n ? &s->v[s->n - 1] : NULL;
	int rc;

	if (last && last->key == key)
		return add_to(last, amount, unknown);
	rc = reserve(s);
	if (rc < 0)
		return rc;
	last = s->n ? &s->v[s->n - 1] : NULL;
	if (s->sorted == s->n && (!last || last->key < key))
		s->sorted++;
	s->v[s->n++] = (struct qun_sum){key, unknown, amount};
	return 0;
}

int qun_sums_merge(struct qun_sums *dst, const struct qun_sums *src)
{
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < src->n; i++)
		rc = qun_sums_add(dst, src->v[i].key, src->v[i].amount, src->v[i].unknown);
	return rc;
}

const struct qun_sum *qun_sums_find(const struct qun_sums *s, int64_t key)
{
	struct qun_sum wanted = {.key = key};

	return s->n ? bsearch(&wanted, s->v, s->n, sizeof(*s->v), compare) : NULL;
}

int qun_sums_save(struct qun_sums *s, struct qun_buf *out)
{
	int rc = qun_sums_sort(s);

	if (rc == 0)
		rc = qun_save_u64(out, s->n);
	for (uint32_t i = 0; rc == 0 && i < s->n; i++) {
		rc = qun_save_i64(out, s->v[i].key);
		if (rc == 0)
			rc = qun_save_u64(out, s->v[i].unknown);
		if (rc == 0)
			rc = qun_save_i128(out, s->v[i].amount);
	}
	return rc;
}

int qun_sums_load(struct qun_sums *s, struct qun_reader *in)
{
	size_t n = 0;
	int rc = qun_load_count(in, 3, &n);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct qun_sum sum;

		rc = qun_load_i64(in, &sum.key);
		if (rc == 0)
			rc = qun_load_u64(in, &sum.unknown);
		if (rc == 0)
			rc = qun_load_i128(in, &sum.amount);
		if (rc == 0 && s->n && s->v[s->n - 1].key >= sum.key)
			rc = QUN_ESTATE;
		if (rc == 0)
			rc = qun_sums_add(s, sum.key, sum.amount, sum.unknown);
	}
	return rc;
}

void qun_sums_release(struct qun_sums *s)
{
	free(s->v);
	*s = (struct qun_sums){0};
}
