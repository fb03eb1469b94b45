/*
 * Everybody in the order of ids, for saved bytes. What an id begins with after the bytes that all share is a
 * number to sort by, digit by digit; only ids that this leaves equal are compared as a whole.
 */
#include <stdlib.h>
#include <string.h>

#include "model/engine_parts.h"

enum { HEAD = sizeof(uint64_t), DIGITS = 256 };

static struct qun_span id_of(const struct qun_engine *e, struct qun_placed p)
{
	const struct qun_crowd *people = &e->shard[p.shard].people;

	return person_id(people, qun_pile_at(&people->pile, p.at));
}

static int by_id(const void *a, const void *b, void *arg)
{
	const struct qun_engine *e = arg;

	return qun_span_cmp(id_of(e, *(const struct qun_placed *)a), id_of(e, *(const struct qun_placed *)b));
}

static void list(const struct qun_engine *e, struct qun_placed *v)
{
	for (uint32_t s = 0; s < SHARDS; s++) {
		const struct qun_crowd *people = &e->shard[s].people;

		for (size_t i = 0; i < people->nslots; i++) {
			if (people->slots[i].at)
				*v++ = (struct qun_placed){.shard = s, .at = people->slots[i].at};
		}
	}
}

/* How many bytes all ids begin with alike. */
static size_t common(const struct qun_engine *e, const struct qun_placed *v, size_t n)
{
	struct qun_span first = n ? id_of(e, v[0]) : (struct qun_span){NULL, 0};
	size_t len = first.len;

	for (size_t i = 1; i < n; i++) {
		struct qun_span id = id_of(e, v[i]);

		qun_placed_fetch(e, v, n, i);
		len = qun_short_common(first.ptr, id.ptr, id.len < len ? id.len : len);
	}
	return len;
}

/* Sorts by heads, from their last byte to the first; v and other take turns, the sorted one is returned. */
static struct qun_placed *by_heads(struct qun_placed *v, struct qun_placed *other, size_t n)
{
	size_t count[HEAD][DIGITS] = {{0}};

	for (size_t i = 0; i < n; i++) {
		for (int b = 0; b < HEAD; b++)
			count[b][v[i].head >> 8 * b & (DIGITS - 1)]++;
	}
	for (int b = 0; b < HEAD; b++) {
		struct qun_placed *to = other;
		size_t at = 0;

		if (n == 0 || count[b][v[0].head >> 8 * b & (DIGITS - 1)] == n)
			continue;
		for (int d = 0; d < DIGITS; d++) {
			size_t here = count[b][d];

			count[b][d] = at;
			at += here;
		}
		for (size_t i = 0; i < n; i++)
			to[count[b][v[i].head >> 8 * b & (DIGITS - 1)]++] = v[i];
		other = v;
		v = to;
	}
	return v;
}

int qun_people_in_order(const struct qun_engine *e, struct qun_placed **out, size_t *n)
{
	size_t all = qun_engine_counts(e).people, from, i, end;
	struct qun_placed *v = malloc((all ? all : 1) * sizeof(*v)), *other = malloc((all ? all : 1) * sizeof(*v));

	if (!v || !other) {
		free(v);
		free(other);
		return QUN_ENOMEM;
	}
	list(e, v);
	from = common(e, v, all);
	for (i = 0; i < all; i++) {
		struct qun_span id = id_of(e, v[i]);

		qun_placed_fetch(e, v, all, i);
		v[i].head = qun_short_head(id.ptr + from, id.len - from);
	}
	*out = by_heads(v, other, all);
	free(*out == v ? other : v);
	*n = all;
	for (v = *out, i = 0; i < all; i = end) {
		for (end = i + 1; end < all && v[end].head == v[i].head;)
			end++;
		if (end - i > 1)
			qsort_r(v + i, end - i, sizeof(*v), by_id, (void *)e);
	}
	return 0;
}
