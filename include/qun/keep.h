/*
 * Keepers: the small mergeable parts that person states are made of. All-zero bytes are the
 * empty keeper. save writes canonical bytes: the same content gives the same bytes whatever
 * the order of adds and merges; load accepts only those. A failed call changes nothing.
 */
#ifndef QUN_KEEP_H
#define QUN_KEEP_H

#include "qun/bytes.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A multiset of int64, kept unsorted until somebody looks. */
struct qun_vec {
	int64_t *v;
	size_t n, cap;
	bool sorted;
};

int qun_vec_grow(struct qun_vec *a); /* makes room for one more */

static inline int qun_vec_add(struct qun_vec *a, int64_t x)
{
	if (a->n == a->cap && qun_vec_grow(a) < 0)
		return QUN_ENOMEM;
	a->sorted = a->n == 0 || (a->sorted && a->v[a->n - 1] <= x);
	a->v[a->n++] = x;
	return 0;
}

int qun_vec_merge(struct qun_vec *dst, const struct qun_vec *src);
void qun_vec_sort(struct qun_vec *a);   /* ascending; does nothing when sorted */
void qun_vec_unique(struct qun_vec *a); /* sorts and drops repeats */
int qun_vec_save(struct qun_vec *a, struct qun_buf *out); /* sorts, then first value and gaps */
int qun_vec_load(struct qun_vec *a, struct qun_reader *in); /* a must be empty */
void qun_vec_release(struct qun_vec *a);

/*
 * A set of small integers (period or day numbers) as a dense bitmap. One of less than 57 neighbours
 * takes no other memory.
 */
struct qun_bits {
	union {
		uint64_t one; /* of one word */
		uint64_t *w;  /* of more */
	};
	int32_t base;   /* value >> 3 of the first bit */
	uint32_t words; /* 0: empty */
};

/* Makes room for x, which need not be there yet. |x| < 2^33, else QUN_ELIMIT. */
int qun_bits_widen(struct qun_bits *a, int64_t x);

static inline int qun_bits_add(struct qun_bits *a, int64_t x)
{
	uint64_t at = (uint64_t)x - (uint64_t)((int64_t)a->base * 8);
	int rc;

	if (at >= (uint64_t)a->words * 64) {
		rc = qun_bits_widen(a, x);
		if (rc < 0)
			return rc;
		at = (uint64_t)x - (uint64_t)((int64_t)a->base * 8);
	}
	*(a->words == 1 ? &a->one : a->w + at / 64) |= UINT64_C(1) << (at % 64);
	return 0;
}

bool qun_bits_has(const struct qun_bits *a, int64_t x);
int qun_bits_merge(struct qun_bits *dst, const struct qun_bits *src);
/* Smallest member >= from; false if none. Walks: for (x = INT64_MIN; next(a, x, &x); x++). */
bool qun_bits_next(const struct qun_bits *a, int64_t from, int64_t *x);
size_t qun_bits_count(const struct qun_bits *a);
int qun_bits_copy(struct qun_bits *dst, const struct qun_bits *src); /* dst must be empty */
int qun_bits_save(const struct qun_bits *a, struct qun_buf *out);
int qun_bits_load(struct qun_bits *a, struct qun_reader *in);
void qun_bits_release(struct qun_bits *a);

/*
 * A person's states by group: elements that begin with a uint32_t group number. All have one size,
 * which every call repeats. Most people have one group, so whoever has slots leaves room for the first
 * element right behind them: QUN_SLOTS(struct element) is both.
 */
struct qun_slots {
	char *more; /* the second element and what follows */
	uint32_t n, cap; /* of more: cap */
	uint32_t last; /* index of the element found last */
};

#define QUN_SLOTS(type)                 \
	struct {                        \
		struct qun_slots slots; \
		type first;             \
	}

static inline void *qun_slot_at(const struct qun_slots *s, size_t i, size_t size)
{
	return i ? s->more + (i - 1) * size : (char *)(s + 1);
}

/* Of another group than the one found last. */
void *qun_slot_other(struct qun_slots *s, uint32_t group, size_t size);

/* The element of group, added all-zero (but for the group) if new; NULL: no memory.
 * Moves the others when it grows, so hold no pointer across calls. */
static inline void *qun_slot(struct qun_slots *s, uint32_t group, size_t size)
{
	void *last = s->n ? qun_slot_at(s, s->last, size) : NULL;

	return last && *(const uint32_t *)last == group ? last : qun_slot_other(s, group, size);
}

void *qun_slot_find(const struct qun_slots *s, uint32_t group, size_t size); /* NULL: none */
void qun_slots_release(struct qun_slots *s); /* the elements' own memory is the caller's */

#ifdef __cplusplus
}
#endif
#endif
