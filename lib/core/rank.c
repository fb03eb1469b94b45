/* See rank.h. */
#include "core/rank.h"

#include <stdlib.h>
#include <string.h>

#include "core/short.h"

enum { HEAD = sizeof(uint64_t), DIGITS = 256 };

static struct qun_span text_of(const struct qun_ranking *how, const struct qun_rank *v, size_t n, size_t i)
{
	if (how->fetch && i + QUN_RANK_AHEAD < n)
		how->fetch(how->arg, v[i + QUN_RANK_AHEAD]);
	return how->text(how->arg, v[i]);
}

/* How many bytes all begin with alike. */
static size_t common(const struct qun_rank *v, size_t n, const struct qun_ranking *how)
{
	struct qun_span first = text_of(how, v, n, 0);
	size_t len = first.len;

	for (size_t i = 1; i < n; i++) {
		struct qun_span s = text_of(how, v, n, i);

		len = qun_short_common(first.ptr, s.ptr, s.len < len ? s.len : len);
	}
	return len;
}

/* From the last byte of the heads to the first; v and other take turns, the sorted one is returned. */
static struct qun_rank *by_heads(struct qun_rank *v, struct qun_rank *other, size_t n)
{
	size_t count[HEAD][DIGITS] = {{0}};

	for (size_t i = 0; i < n; i++) {
		for (int b = 0; b < HEAD; b++)
			count[b][v[i].head >> 8 * b & (DIGITS - 1)]++;
	}
	for (int b = 0; b < HEAD; b++) {
		struct qun_rank *from = v;
		size_t at = 0;

		if (count[b][v[0].head >> 8 * b & (DIGITS - 1)] == n)
			continue;
		for (int d = 0; d < DIGITS; d++) {
			size_t here = count[b][d];

			count[b][d] = at;
			at += here;
		}
		for (size_t i = 0; i < n; i++)
			other[count[b][from[i].head >> 8 * b & (DIGITS - 1)]++] = from[i];
		v = other;
		other = from;
	}
	return v;
}

static int by_text(const void *a, const void *b, void *arg)
{
	const struct qun_ranking *how = arg;

	return qun_span_cmp(how->text(how->arg, *(const struct qun_rank *)a),
		how->text(how->arg, *(const struct qun_rank *)b));
}

int qun_rank(struct qun_rank *v, size_t n, const struct qun_ranking *how)
{
	struct qun_rank *other = n ? reallocarray(NULL, n, sizeof(*other)) : NULL, *sorted;
	size_t from, end;

	if (!other)
		return n ? QUN_ENOMEM : 0;
	from = common(v, n, how);
	for (size_t i = 0; i < n; i++) {
		struct qun_span s = text_of(how, v, n, i);

		v[i].head = s.len > from ? qun_short_head(s.ptr + from, s.len - from) : 0;
	}
	sorted = by_heads(v, other, n);
	if (sorted != v)
		memcpy(v, sorted, n * sizeof(*v));
	free(other);
	for (size_t i = 0; i < n; i = end) {
		for (end = i + 1; end < n && v[end].head == v[i].head;)
			end++;
		if (end - i > 1)
			qsort_r(v + i, end - i, sizeof(*v), by_text, (void *)how);
	}
	return 0;
}
