/*
 * What a person did, time by time. A time that is over is packed: it stands in the pile behind the place of
 * the one before, in varints, and is written where the last one of anybody was.
 */
#include "metric/activity_rate/activity.h"

#include <stdlib.h>
#include <string.h>

#include "core/varint.h"

/* The place of the piece before and the length, then when, messages, flags, and the gaps between instants. */
#define PACKED_LIMIT (UINT32_MAX - 1)
enum { PACKED_HEAD = sizeof(uint32_t) + 1, PACKED_MAX = PACKED_HEAD + 3 * 5 + 10 * ACTIVITY_MAX_PRESENCE };

/* Instants are not before 1970, so there is a bit to spare: most are of whole seconds. */
static char *put_gap(char *p, uint64_t us)
{
	return qun_varint_put(p, us % QUN_SECOND ? us << 1 | 1 : us / QUN_SECOND << 1);
}

static int64_t take_gap(const char **p)
{
	uint64_t v = qun_varint_take(p);

	return (int64_t)(v & 1 ? v >> 1 : (v >> 1) * QUN_SECOND);
}

static int pack(const struct qun_ctx *ctx, struct qun_activity_slot *s)
{
	const struct qun_activity_time *t = &s->now;
	char piece[PACKED_MAX], *p = piece + PACKED_HEAD;
	int64_t last = 0;
	uint32_t at;
	char *to;

	p = qun_varint_put(p, qun_zigzag(t->when));
	p = qun_varint_put(p, t->messages);
	p = qun_varint_put(p, t->npresence * 2u + t->active);
	for (int i = 0; i < t->npresence; i++) {
		p = put_gap(p, (uint64_t)(t->presence[i] - last));
		last = t->presence[i];
	}
	memcpy(piece, &s->packed, sizeof(s->packed));
	piece[PACKED_HEAD - 1] = (char)(p - piece);
	to = s->npacked < PACKED_LIMIT ? qun_pile_take(ctx->pile, (size_t)(p - piece), &at) : NULL;
	if (!to)
		return QUN_ENOMEM;
	memcpy(to, piece, (size_t)(p - piece));
	s->packed = at;
	s->npacked++;
	return 0;
}

/* Returns the place of the piece before. */
static uint32_t unpack(const struct qun_pile *pile, uint32_t at, struct qun_activity_time *t)
{
	const char *p = qun_pile_at(pile, at);
	uint32_t before, when, flags;
	int64_t last = 0;

	memcpy(&before, p, sizeof(before));
	p += PACKED_HEAD;
	when = (uint32_t)qun_varint_take(&p);
	t->when = (int32_t)(when >> 1 ^ (when & 1 ? UINT32_MAX : 0));
	t->messages = (uint32_t)qun_varint_take(&p);
	flags = (uint32_t)qun_varint_take(&p);
	t->active = flags & 1;
	t->npresence = (uint8_t)(flags / 2);
	for (int i = 0; i < t->npresence; i++)
		t->presence[i] = last += take_gap(&p);
	t->any = true;
	return before;
}

int qun_activity_turn(const struct qun_ctx *ctx, struct qun_activity_slot *s, int32_t when)
{
	if (s->now.any && s->now.when == when)
		return 0;
	if (s->now.any && pack(ctx, s) < 0)
		return QUN_ENOMEM;
	s->now = (struct qun_activity_time){.when = when, .any = true};
	return 0;
}

/* Of more instants than are kept the second one goes. */
void qun_activity_present(struct qun_activity_time *t, int64_t ts)
{
	int at = t->npresence;
	int64_t *v = t->presence;

	while (at > 0 && v[at - 1] > ts)
		at--;
	if (at > 0 && v[at - 1] == ts)
		return;
	if (t->npresence < ACTIVITY_MAX_PRESENCE) {
		memmove(&v[at + 1], &v[at], (size_t)(t->npresence++ - at) * sizeof(*v));
		v[at] = ts;
	} else if (at == 0) {
		v[0] = ts;
	} else if (at > 1) {
		memmove(&v[1], &v[2], (size_t)(at - 2) * sizeof(*v));
		v[at - 1] = ts;
	}
}

static int add_time(struct qun_activity_time *to, const struct qun_activity_time *t)
{
	if (__builtin_add_overflow(to->messages, t->messages, &to->messages))
		return QUN_EOVERFLOW;
	to->active |= t->active;
	for (int i = 0; i < t->npresence; i++)
		qun_activity_present(to, t->presence[i]);
	return 0;
}

/* Copies the pieces of src behind those of dst, in their order. */
static int copy_pieces(const struct qun_ctx *dctx, struct qun_activity_slot *dst, const struct qun_ctx *sctx,
	const struct qun_activity_slot *src)
{
	uint32_t before = dst->packed, *link = &dst->packed;

	if (src->npacked > PACKED_LIMIT - dst->npacked)
		return QUN_ELIMIT;
	for (uint32_t at = src->packed; at;) {
		const char *piece = qun_pile_at(sctx->pile, at);
		size_t len = (unsigned char)piece[PACKED_HEAD - 1];
		char *copy = qun_pile_take(dctx->pile, len, link);

		if (!copy)
			return QUN_ENOMEM;
		memcpy(copy, piece, len);
		memcpy(&at, piece, sizeof(at));
		link = (uint32_t *)(void *)copy;
	}
	*link = before;
	dst->npacked += src->npacked;
	return 0;
}

int qun_activity_join(const struct qun_ctx *dctx, struct qun_activity_slot *dst, const struct qun_ctx *sctx,
	const struct qun_activity_slot *src)
{
	struct qun_activity_slot before = *dst;
	int rc = src->now.any ? qun_activity_turn(dctx, dst, src->now.when) : 0;

	if (rc == 0 && src->now.any)
		rc = add_time(&dst->now, &src->now);
	if (rc == 0)
		rc = copy_pieces(dctx, dst, sctx, src);
	if (rc < 0)
		*dst = before;
	return rc;
}

static int by_when(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

int qun_activity_times(const struct qun_ctx *ctx, const struct qun_activity_slot *s, struct qun_activity_time **out,
	size_t *n)
{
	size_t all = s->now.any ? (size_t)s->npacked + 1 : 0, at = all;
	struct qun_activity_time *v = reallocarray(NULL, all + 1, sizeof(*v));
	int rc = 0;

	*out = v;
	*n = 0;
	if (!v)
		return QUN_ENOMEM;
	if (all)
		v[--at] = s->now;
	for (uint32_t place = s->packed; place;)
		place = unpack(ctx->pile, place, &v[--at]);
	qsort(v, all, sizeof(*v), by_when);
	for (size_t i = 0; rc == 0 && i < all; i++) {
		if (*n && v[*n - 1].when == v[i].when)
			rc = add_time(&v[*n - 1], &v[i]);
		else
			v[(*n)++] = v[i];
	}
	return rc;
}

/* The record of a period, made if new. Events mostly come in order, so the search is from the end. */
struct qun_activity_record *qun_activity_record(struct qun_activity_records *all, int64_t when)
{
	size_t low = 0, high = all->n;

	if (all->n && all->v[all->n - 1].when <= when)
		low = all->n - (all->v[all->n - 1].when == when);
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (all->v[mid].when < when)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < all->n && all->v[low].when == when)
		return &all->v[low];
	if (qun_grow(&all->v, &all->cap, all->n, sizeof(*all->v)) < 0)
		return NULL;
	memmove(&all->v[low + 1], &all->v[low], (all->n++ - low) * sizeof(*all->v));
	all->v[low] = (struct qun_activity_record){.when = (int32_t)when};
	return &all->v[low];
}

/* Puts records in order, and makes those of one time one. */
static int tidy(struct qun_activity_records *all)
{
	struct qun_activity_record *v = all->v;
	bool sorted = true;
	size_t n = 0;

	for (size_t i = 1; i < all->n; i++)
		sorted &= v[i - 1].when < v[i].when;
	if (sorted)
		return 0;
	qsort(v, all->n, sizeof(*v), by_when);
	for (size_t i = 0; i < all->n; i++) {
		if (!n || v[n - 1].when != v[i].when) {
			v[n++] = v[i];
			continue;
		}
		v[n - 1].active |= v[i].active;
		if (__builtin_add_overflow(v[n - 1].messages, v[i].messages, &v[n - 1].messages) ||
			__builtin_add_overflow(v[n - 1].floods, v[i].floods, &v[n - 1].floods))
			return QUN_EOVERFLOW;
	}
	all->n = n;
	return 0;
}

/* Of a time: *record, and its instants behind the others, the newest first. */
static int read_time(const struct qun_activity_time *t, struct qun_activity_record *record, struct qun_vec *presence)
{
	int rc = 0;

	*record = (struct qun_activity_record){.when = t->when, .messages = t->messages, .active = t->active};
	for (int i = t->npresence; rc == 0 && i-- > 0;)
		rc = qun_vec_add(presence, t->presence[i]);
	return rc;
}

int qun_activity_read(const struct qun_ctx *ctx, const struct qun_activity_slot *s, struct qun_activity_records *out,
	struct qun_vec *presence)
{
	size_t n = out->n + s->npacked, from = presence->n;
	struct qun_activity_time t = s->now;
	int rc;

	if (!t.any)
		return 0;
	if (qun_grow(&out->v, &out->cap, n, sizeof(*out->v)) < 0)
		return QUN_ENOMEM;
	out->n = n + 1;
	rc = read_time(&t, &out->v[n], presence);
	for (uint32_t at = s->packed; rc == 0 && at;) {
		at = unpack(ctx->pile, at, &t);
		rc = read_time(&t, &out->v[--n], presence);
	}
	for (size_t to = presence->n; from + 1 < to; from++) {
		int64_t x = presence->v[--to];

		presence->v[to] = presence->v[from];
		presence->v[from] = x;
	}
	presence->sorted = false;
	return rc < 0 ? rc : tidy(out);
}
