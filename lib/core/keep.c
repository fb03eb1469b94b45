/*
 * Vectors, bitmaps and slots. Each grows before it changes, so a failed call leaves it as it
 * was; each saves its content in one order only, so the way it came in never shows.
 */
#include "qun/keep.h"

#include <stdlib.h>
#include <string.h>

#define WORD_MIN (-(INT64_C(1) << 30)) /* |x| < 2^36 in words of 64 */
#define WORD_MAX ((INT64_C(1) << 30) - 1)
#define SLOTS_PLAIN 16 /* up to here a walk beats an index */

int qun_vec_add(struct qun_vec *a, int64_t x)
{
	int rc = qun_grow(&a->v, &a->cap, a->n, sizeof(*a->v));

	if (rc < 0)
		return rc;
	a->sorted = a->n == 0 || (a->sorted && a->v[a->n - 1] <= x);
	a->v[a->n++] = x;
	return 0;
}

int qun_vec_merge(struct qun_vec *dst, const struct qun_vec *src)
{
	size_t n = src->n, last;
	int rc;

	if (n == 0)
		return 0;
	if (__builtin_add_overflow(dst->n, n - 1, &last))
		return QUN_ENOMEM;
	rc = qun_grow(&dst->v, &dst->cap, last, sizeof(*dst->v));
	if (rc < 0)
		return rc;
	dst->sorted = src->sorted &&
		      (dst->n == 0 || (dst->sorted && dst->v[dst->n - 1] <= src->v[0]));
	memcpy(dst->v + dst->n, src->v, n * sizeof(*src->v));
	dst->n += n;
	return 0;
}

static int vec_cmp(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

void qun_vec_sort(struct qun_vec *a)
{
	if (!a->sorted && a->n > 1)
		qsort(a->v, a->n, sizeof(*a->v), vec_cmp);
	a->sorted = true;
}

void qun_vec_unique(struct qun_vec *a)
{
	size_t i, n = 0;

	qun_vec_sort(a);
	for (i = 0; i < a->n; i++)
		if (n == 0 || a->v[i] != a->v[n - 1])
			a->v[n++] = a->v[i];
	a->n = n;
}

int qun_vec_save(struct qun_vec *a, struct qun_buf *out)
{
	size_t i, len = out->len;
	int rc;

	qun_vec_sort(a);
	rc = qun_save_u64(out, a->n);
	if (rc == 0 && a->n > 0)
		rc = qun_save_i64(out, a->v[0]);
	for (i = 1; rc == 0 && i < a->n; i++)
		rc = qun_save_u64(out, (uint64_t)a->v[i] - (uint64_t)a->v[i - 1]);
	if (rc < 0)
		out->len = len;
	return rc;
}

int qun_vec_load(struct qun_vec *a, struct qun_reader *in)
{
	struct qun_reader rest = *in;
	struct qun_vec made = {.sorted = true};
	uint64_t gap;
	size_t i;

	if (qun_load_count(&rest, 1, &made.n) < 0)
		return QUN_ESTATE;
	if (made.n > 0) {
		made.v = reallocarray(NULL, made.n, sizeof(*made.v));
		if (!made.v)
			return QUN_ENOMEM;
		made.cap = made.n;
		if (qun_load_i64(&rest, &made.v[0]) < 0)
			goto bad;
	}
	for (i = 1; i < made.n; i++) {
		if (qun_load_u64(&rest, &gap) < 0 ||
			gap > (uint64_t)INT64_MAX - (uint64_t)made.v[i - 1])
			goto bad;
		made.v[i] = (int64_t)((uint64_t)made.v[i - 1] + gap);
	}
	*a = made;
	*in = rest;
	return 0;
bad:
	qun_vec_release(&made);
	return QUN_ESTATE;
}

void qun_vec_release(struct qun_vec *a)
{
	free(a->v);
	*a = (struct qun_vec){0};
}

/* Makes the words first … last part of the bitmap, new ones zero. */
static int bits_cover(struct qun_bits *a, int64_t first, int64_t last)
{
	size_t front = 0, need, cap;
	uint64_t *w;

	if (a->words > 0) {
		int64_t end = (int64_t)a->base + a->words - 1;

		if (first >= a->base && last <= end)
			return 0;
		front = first < a->base ? (size_t)(a->base - first) : 0;
		first = first < a->base ? first : a->base;
		last = last > end ? last : end;
	}
	need = (size_t)(last - first) + 1;
	if (need > a->cap) {
		cap = (size_t)a->cap + a->cap / 2;
		cap = cap < 3 ? 3 : cap; /* what malloc hands out at least */
		cap = cap < need ? need : cap;
		w = reallocarray(a->w, cap, sizeof(*w));
		if (!w)
			return QUN_ENOMEM;
		a->w = w;
		a->cap = (uint32_t)cap;
	}
	memmove(a->w + front, a->w, a->words * sizeof(*a->w));
	memset(a->w, 0, front * sizeof(*a->w));
	memset(a->w + front + a->words, 0, (need - front - a->words) * sizeof(*a->w));
	a->base = (int32_t)first;
	a->words = (uint32_t)need;
	return 0;
}

int qun_bits_add(struct qun_bits *a, int64_t x)
{
	int64_t word = x >> 6;
	int rc;

	if (x == WORD_MIN * 64 || word < WORD_MIN || word > WORD_MAX)
		return QUN_ELIMIT;
	rc = bits_cover(a, word, word);
	if (rc < 0)
		return rc;
	a->w[word - a->base] |= UINT64_C(1) << (x & 63);
	return 0;
}

bool qun_bits_has(const struct qun_bits *a, int64_t x)
{
	int64_t word = x >> 6;

	return a->words > 0 && word >= a->base && word < (int64_t)a->base + a->words &&
	       (a->w[word - a->base] >> (x & 63) & 1);
}

int qun_bits_merge(struct qun_bits *dst, const struct qun_bits *src)
{
	uint32_t i;
	int rc;

	if (src->words == 0)
		return 0;
	rc = bits_cover(dst, src->base, (int64_t)src->base + src->words - 1);
	if (rc < 0)
		return rc;
	for (i = 0; i < src->words; i++)
		dst->w[src->base - dst->base + (int64_t)i] |= src->w[i];
	return 0;
}

bool qun_bits_next(const struct qun_bits *a, int64_t from, int64_t *x)
{
	int64_t low = (int64_t)a->base * 64;
	int64_t word = from < low ? 0 : (from >> 6) - a->base;
	uint64_t rest;

	if (word >= a->words)
		return false;
	rest = a->w[word];
	if (from > low)
		rest &= UINT64_MAX << (from & 63);
	while (rest == 0) {
		if (++word == a->words)
			return false;
		rest = a->w[word];
	}
	*x = low + word * 64 + __builtin_ctzll(rest);
	return true;
}

size_t qun_bits_count(const struct qun_bits *a)
{
	size_t count = 0;
	uint32_t i;

	for (i = 0; i < a->words; i++)
		count += (size_t)__builtin_popcountll(a->w[i]);
	return count;
}

int qun_bits_copy(struct qun_bits *dst, const struct qun_bits *src)
{
	return qun_bits_merge(dst, src);
}

int qun_bits_save(const struct qun_bits *a, struct qun_buf *out)
{
	size_t len = out->len;
	uint32_t i;
	int rc = qun_save_u64(out, a->words);

	if (rc == 0 && a->words > 0)
		rc = qun_save_i64(out, a->base);
	for (i = 0; rc == 0 && i < a->words; i++)
		rc = qun_save_u64(out, a->w[i]);
	if (rc < 0)
		out->len = len;
	return rc;
}

int qun_bits_load(struct qun_bits *a, struct qun_reader *in)
{
	struct qun_reader rest = *in;
	struct qun_bits made = {0};
	int64_t base;
	size_t i, words;

	if (qun_load_count(&rest, 1, &words) < 0)
		return QUN_ESTATE;
	if (words > 0) {
		if (qun_load_i64(&rest, &base) < 0 || base < WORD_MIN || base > WORD_MAX ||
			words > (size_t)(WORD_MAX - base) + 1)
			return QUN_ESTATE;
		if (bits_cover(&made, base, base + (int64_t)words - 1) < 0)
			return QUN_ENOMEM;
	}
	for (i = 0; i < words; i++)
		if (qun_load_u64(&rest, &made.w[i]) < 0)
			goto bad;
	/* Words of zero at an end, or -2^36 itself, are nothing that adds could have made. */
	if (words > 0 &&
		(made.w[0] == 0 || made.w[words - 1] == 0 || qun_bits_has(&made, WORD_MIN * 64)))
		goto bad;
	*a = made;
	*in = rest;
	return 0;
bad:
	qun_bits_release(&made);
	return QUN_ESTATE;
}

void qun_bits_release(struct qun_bits *a)
{
	free(a->w);
	*a = (struct qun_bits){0};
}

static uint32_t slot_group(const char *element)
{
	uint32_t group;

	memcpy(&group, element, sizeof(group));
	return group;
}

/* Element numbers by group, behind the elements once there are many; twice as long as cap. */
static uint32_t *slots_index(const struct qun_slots *s, size_t size)
{
	return s->cap > SLOTS_PLAIN ? (uint32_t *)(void *)(s->v + s->cap * size) : NULL;
}

/* Where group's number stands or belongs. Groups are numbered densely, so a multiplication
 * spreads them evenly. */
static uint32_t *slots_place(const struct qun_slots *s, uint32_t group, size_t size)
{
	uint32_t *index = slots_index(s, size);
	uint32_t mask = s->cap * 2 - 1;
	uint32_t at =
		(uint32_t)((uint64_t)(group * UINT32_C(2654435769)) * (mask + UINT64_C(1)) >> 32);

	while (index[at] < s->n && slot_group(s->v + index[at] * size) != group)
		at = (at + 1) & mask;
	return &index[at];
}

void *qun_slot_find(const struct qun_slots *s, uint32_t group, size_t size)
{
	uint32_t i;

	if (s->n > 0 && slot_group(s->v + s->last * size) == group)
		return s->v + s->last * size;
	if (s->cap > SLOTS_PLAIN) {
		i = *slots_place(s, group, size);
		return i < s->n ? s->v + i * size : NULL;
	}
	for (i = 0; i < s->n; i++)
		if (slot_group(s->v + i * size) == group)
			return s->v + i * size;
	return NULL;
}

static int slots_grow(struct qun_slots *s, size_t size)
{
	size_t cap = s->cap ? (size_t)s->cap * 2 : 1;
	size_t one = size + (cap > SLOTS_PLAIN ? 2 * sizeof(uint32_t) : 0);
	uint32_t i;
	char *v;

	if (s->n < s->cap)
		return 0;
	if (cap > UINT32_MAX / 4)
		return QUN_ENOMEM;
	v = reallocarray(s->v, cap, one);
	if (!v)
		return QUN_ENOMEM;
	s->v = v;
	s->cap = (uint32_t)cap;
	if (cap > SLOTS_PLAIN) {
		memset(slots_index(s, size), 0xff, cap * 2 * sizeof(uint32_t));
		for (i = 0; i < s->n; i++)
			*slots_place(s, slot_group(v + i * size), size) = i;
	}
	return 0;
}

void *qun_slot(struct qun_slots *s, uint32_t group, size_t size)
{
	char *v = qun_slot_find(s, group, size);

	if (!v) {
		if (slots_grow(s, size) < 0)
			return NULL;
		if (s->cap > SLOTS_PLAIN)
			*slots_place(s, group, size) = s->n;
		v = s->v + s->n++ * size;
		memset(v, 0, size);
		memcpy(v, &group, sizeof(group));
	}
	s->last = (uint32_t)((size_t)(v - s->v) / size);
	return v;
}

void *qun_slot_at(const struct qun_slots *s, size_t i, size_t size)
{
	return s->v + i * size;
}

void qun_slots_release(struct qun_slots *s)
{
	free(s->v);
	*s = (struct qun_slots){0};
}
