/*
 * Vectors, bitmaps and slots. Each grows before it changes, so a failed call leaves it as it
 * was; each saves its content in one order only, so the way it came in never shows.
 */
#include "qun/keep.h"

#include <stdlib.h>
#include <string.h>

#define BITS_LIMIT (INT64_C(1) << 33)
#define BASE_LIMIT (INT32_C(1) << 30) /* of values in range; bases lie at most a word before */
#define VEC_FIRST 8
#define FEW 64
#define SLOTS_PLAIN 16 /* up to here a walk beats an index */

int qun_vec_grow(struct qun_vec *a)
{
	/* Most have few or many: doubling from 8 spares the steps between. */
	size_t cap = a->n < VEC_FIRST ? VEC_FIRST : 2 * a->n;
	int64_t *v = a->n < SIZE_MAX / 32 ? reallocarray(a->v, cap, sizeof(*v)) : NULL;

	if (!v)
		return QUN_ENOMEM;
	a->v = v;
	a->cap = cap;
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

/* What goes before the rest of a few is moved there one by one. */
static void sort_few(int64_t *v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		int64_t x = v[i];
		size_t at = i;

		for (; at > 0 && v[at - 1] > x; at--)
			v[at] = v[at - 1];
		v[at] = x;
	}
}

void qun_vec_sort(struct qun_vec *a)
{
	if (!a->sorted && a->n <= FEW)
		sort_few(a->v, a->n);
	else if (!a->sorted)
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

static int64_t bits_from(const struct qun_bits *a)
{
	return (int64_t)a->base * 8;
}

static uint64_t *bits_words(const struct qun_bits *a)
{
	return a->words == 1 ? (uint64_t *)&a->one : a->w;
}

/* Words of zeros before and behind; more than one in all. */
static int bits_extend(struct qun_bits *a, size_t front, size_t back)
{
	size_t words = front + a->words + back;
	uint64_t *w = a->words > 1 ? a->w : NULL, one = a->one;

	if (words > UINT32_MAX)
		return QUN_ENOMEM;
	w = reallocarray(w, words, sizeof(*w));
	if (!w)
		return QUN_ENOMEM;
	if (a->words == 1)
		w[front] = one;
	else if (front)
		memmove(w + front, w, a->words * sizeof(*w));
	memset(w, 0, front * sizeof(*w));
	memset(w + front + a->words, 0, back * sizeof(*w));
	a->w = w;
	a->words = (uint32_t)words;
	a->base -= (int32_t)front * 8;
	return 0;
}

int qun_bits_widen(struct qun_bits *a, int64_t x)
{
	int64_t at = x - bits_from(a), front;

	if (x <= -BITS_LIMIT || x >= BITS_LIMIT)
		return QUN_ELIMIT;
	if (a->words == 0) {
		*a = (struct qun_bits){.one = 0, .base = (int32_t)(x >> 3), .words = 1};
		return 0;
	}
	if (at >= 0)
		return at / 64 < a->words ? 0 : bits_extend(a, 0, (size_t)(at / 64 + 1 - a->words));
	front = a->base - (x >> 3);
	/* What lies in one word may move up in it. */
	if (a->words == 1 && front < 8 && (!a->one || __builtin_clzll(a->one) >= front * 8)) {
		a->one <<= front * 8;
		a->base = (int32_t)(x >> 3);
		return 0;
	}
	return bits_extend(a, (size_t)(front + 7) / 8, 0);
}

bool qun_bits_has(const struct qun_bits *a, int64_t x)
{
	uint64_t at = (uint64_t)x - (uint64_t)bits_from(a);

	return at < (uint64_t)a->words * 64 && (bits_words(a)[at / 64] >> (at % 64) & 1);
}

bool qun_bits_next(const struct qun_bits *a, int64_t from, int64_t *x)
{
	const uint64_t *w = bits_words(a);
	int64_t low = bits_from(a);
	uint64_t at = from < low ? 0 : (uint64_t)from - (uint64_t)low;
	size_t word = at / 64;
	uint64_t rest;

	if (word >= a->words)
		return false;
	rest = w[word] & UINT64_MAX << (at % 64);
	while (rest == 0) {
		if (++word == a->words)
			return false;
		rest = w[word];
	}
	*x = low + (int64_t)word * 64 + __builtin_ctzll(rest);
	return true;
}

/* The greatest member; a is not empty. */
static int64_t bits_last(const struct qun_bits *a)
{
	const uint64_t *w = bits_words(a);
	size_t word = a->words - 1;

	while (word > 0 && w[word] == 0)
		word--;
	return bits_from(a) + (int64_t)word * 64 + 63 - __builtin_clzll(w[word] | 1);
}

int qun_bits_merge(struct qun_bits *dst, const struct qun_bits *src)
{
	const uint64_t *w = bits_words(src);
	int64_t first, at;
	uint64_t *to;
	int rc;

	if (!qun_bits_next(src, INT64_MIN, &first))
		return 0;
	rc = qun_bits_widen(dst, first);
	if (rc == 0)
		rc = qun_bits_widen(dst, bits_last(src));
	if (rc < 0)
		return rc;
	to = bits_words(dst);
	at = bits_from(src) - bits_from(dst);
	for (uint32_t i = 0; i < src->words; i++, at += 64) {
		uint64_t word = w[i];

		/* What hangs over an end of dst has no members. */
		if (word == 0)
			continue;
		if (at < 0) {
			to[0] |= word >> -at;
			continue;
		}
		to[at / 64] |= word << (at % 64);
		if (at % 64 && word >> (64 - at % 64))
			to[at / 64 + 1] |= word >> (64 - at % 64);
	}
	return 0;
}

size_t qun_bits_count(const struct qun_bits *a)
{
	const uint64_t *w = bits_words(a);
	size_t count = 0;
	uint32_t i;

	for (i = 0; i < a->words; i++)
		count += (size_t)__builtin_popcountll(w[i]);
	return count;
}

int qun_bits_copy(struct qun_bits *dst, const struct qun_bits *src)
{
	return qun_bits_merge(dst, src);
}

/* The bytes from the first to the last that has a member, and the number of the first. */
int qun_bits_save(const struct qun_bits *a, struct qun_buf *out)
{
	const uint64_t *w = bits_words(a);
	size_t len = out->len;
	int64_t first, last;
	int rc;

	if (!qun_bits_next(a, INT64_MIN, &first))
		return qun_save_u64(out, 0);
	last = bits_last(a) >> 3;
	rc = qun_save_u64(out, (uint64_t)(last - (first >> 3) + 1));
	if (rc == 0)
		rc = qun_save_i64(out, first >> 3);
	for (int64_t i = (first >> 3) - a->base; rc == 0 && i <= last - a->base; i++)
		rc = qun_buf_add_char(out, (char)(w[i / 8] >> (i % 8 * 8) & 255));
	if (rc < 0)
		out->len = len;
	return rc;
}

int qun_bits_load(struct qun_bits *a, struct qun_reader *in)
{
	struct qun_reader rest = *in;
	struct qun_bits made = {0};
	int64_t base;
	uint64_t *w;
	size_t n;

	if (qun_load_count(&rest, 1, &n) < 0)
		return QUN_ESTATE;
	if (n == 0) {
		*in = rest;
		return 0;
	}
	if (qun_load_i64(&rest, &base) < 0 || base < -BASE_LIMIT || base >= BASE_LIMIT ||
		n > (size_t)(rest.end - rest.ptr) || n > (size_t)(BASE_LIMIT - base) ||
		!rest.ptr[0] || !rest.ptr[n - 1] || (base == -BASE_LIMIT && (rest.ptr[0] & 1)))
		return QUN_ESTATE;
	made = (struct qun_bits){.one = 0, .base = (int32_t)base, .words = 1};
	if (n > 8 && bits_extend(&made, 0, (n - 1) / 8) < 0)
		return QUN_ENOMEM;
	w = bits_words(&made);
	for (size_t i = 0; i < n; i++)
		w[i / 8] |= (uint64_t)(unsigned char)rest.ptr[i] << (i % 8 * 8);
	rest.ptr += n;
	*a = made;
	*in = rest;
	return 0;
}

void qun_bits_release(struct qun_bits *a)
{
	if (a->words > 1)
		free(a->w);
	*a = (struct qun_bits){0};
}

static uint32_t group_at(const struct qun_slots *s, size_t i, size_t size)
{
	return *(const uint32_t *)qun_slot_at(s, i, size);
}

/* Element numbers by group, behind the elements once there are many; twice as long as cap. */
static uint32_t *slots_index(const struct qun_slots *s, size_t size)
{
	return s->cap > SLOTS_PLAIN ? (uint32_t *)(void *)(s->more + s->cap * size) : NULL;
}

/* Where group's number stands or belongs. Groups are numbered densely, so a multiplication
 * spreads them evenly. */
static uint32_t *slots_place(const struct qun_slots *s, uint32_t group, size_t size)
{
	uint32_t *index = slots_index(s, size);
	uint32_t mask = s->cap * 2 - 1;
	uint32_t at =
		(uint32_t)((uint64_t)(group * UINT32_C(2654435769)) * (mask + UINT64_C(1)) >> 32);

	while (index[at] < s->n && group_at(s, index[at], size) != group)
		at = (at + 1) & mask;
	return &index[at];
}

void *qun_slot_find(const struct qun_slots *s, uint32_t group, size_t size)
{
	uint32_t i;

	if (s->n > 0 && group_at(s, s->last, size) == group)
		return qun_slot_at(s, s->last, size);
	if (s->cap > SLOTS_PLAIN) {
		i = *slots_place(s, group, size);
		return i < s->n ? qun_slot_at(s, i, size) : NULL;
	}
	for (i = 0; i < s->n; i++)
		if (group_at(s, i, size) == group)
			return qun_slot_at(s, i, size);
	return NULL;
}

static int slots_grow(struct qun_slots *s, size_t size)
{
	size_t cap = s->cap ? (size_t)s->cap * 2 : 1;
	size_t one = size + (cap > SLOTS_PLAIN ? 2 * sizeof(uint32_t) : 0);
	uint32_t i;
	char *v;

	if (s->n <= s->cap)
		return 0;
	if (cap > UINT32_MAX / 4)
		return QUN_ENOMEM;
	v = reallocarray(s->more, cap, one);
	if (!v)
		return QUN_ENOMEM;
	s->more = v;
	s->cap = (uint32_t)cap;
	if (cap > SLOTS_PLAIN) {
		memset(slots_index(s, size), 0xff, cap * 2 * sizeof(uint32_t));
		for (i = 0; i < s->n; i++)
			*slots_place(s, group_at(s, i, size), size) = i;
	}
	return 0;
}

void *qun_slot_other(struct qun_slots *s, uint32_t group, size_t size)
{
	uint32_t *found = qun_slot_find(s, group, size);

	if (!found) {
		if (slots_grow(s, size) < 0)
			return NULL;
		if (s->cap > SLOTS_PLAIN)
			*slots_place(s, group, size) = s->n;
		found = qun_slot_at(s, s->n++, size);
		memset(found, 0, size);
		*found = group;
	}
	s->last = found == qun_slot_at(s, 0, size) ? 0 : 1 + (uint32_t)((size_t)((char *)found - s->more) / size);
	return found;
}

void qun_slots_release(struct qun_slots *s)
{
	free(s->more);
	*s = (struct qun_slots){0};
}
