/*
 * What a person did, time by time. A time that is over is packed: as a record of few bytes in the slot
 * itself, and from there, with its neighbours, in a block of the pile.
 */
#include "metric/activity_rate/activity.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/varint.h"

#define PACKED_LIMIT (UINT32_MAX - 1)
/* A record: when, what there is, messages, the first instant, the gaps between instants. */
enum { HEAD_MAX = 3 * 5 + QUN_VARINT_MAX, RECORD_MAX = HEAD_MAX + ACTIVITY_BYTES };
/* What there is: bits, and above them the number of instants. */
enum { HAS_ACTIVE = 1, HAS_MESSAGES = 2, HAS_BITS = 2 };
/* More instants than are kept may wait for the others to go. */
enum { WAITING_MAX = 2 * ACTIVITY_MAX_PRESENCE };

struct block {
	uint32_t before;
	uint8_t used, n; /* bytes, records */
	char bytes[];
};

_Static_assert(RECORD_MAX <= UINT8_MAX, "a record fits a block");

/* A little before the first instant of a time, which takes few bytes then. Only of times with an instant,
 * which bounds them. */
static int64_t origin(const struct qun_ctx *ctx, int32_t when)
{
	static const int64_t days[] = {
		[QUN_BY_DAY] = 1, [QUN_BY_WEEK] = 7, [QUN_BY_MONTH] = 30, [QUN_BY_QUARTER] = 91, [QUN_BY_YEAR] = 365};
	const struct qun_activity_conf *c = ctx->conf;

	return ((c->by_day ? when : when * days[c->period.unit]) - 1) * QUN_DAY;
}

/* There is a bit to spare: most instants are of whole seconds. */
static char *put_gap(char *p, uint64_t us)
{
	return qun_varint_put(p, us % QUN_SECOND ? us << 1 | 1 : us / QUN_SECOND << 1);
}

static uint64_t take_gap(const char **p)
{
	uint64_t v = qun_varint_take(p);

	return v & 1 ? v >> 1 : (v >> 1) * QUN_SECOND;
}

/* What stands before the gaps. base: when of the record before, 0 for none. Messages mostly are all there is
 * of presence. */
static size_t write_head(const struct qun_ctx *ctx, const struct qun_activity_slot *s, int32_t base, char *out)
{
	bool messages = s->messages != s->npresence;
	char *p = qun_varint_put(out, qun_zigzag((int64_t)s->when - base));

	p = qun_varint_put(p, (uint64_t)s->npresence << HAS_BITS | (messages ? HAS_MESSAGES : 0) |
			(s->active ? HAS_ACTIVE : 0));
	if (messages)
		p = qun_varint_put(p, s->messages);
	if (s->npresence)
		p = put_gap(p, qun_zigzag(s->first - origin(ctx, s->when)));
	return (size_t)(p - out);
}

/* Reads gaps behind the first of n instants. Of more instants than are kept the second one goes. */
static const char *read_gaps(const char *p, int64_t first, int n, struct qun_activity_time *t)
{
	int64_t *v = t->presence, last = first;

	t->npresence = (uint8_t)(n < ACTIVITY_MAX_PRESENCE ? n : ACTIVITY_MAX_PRESENCE);
	if (n)
		v[0] = first;
	for (int i = 1; i < n; i++) {
		last += (int64_t)take_gap(&p);
		if (i >= ACTIVITY_MAX_PRESENCE)
			memmove(&v[1], &v[2], (ACTIVITY_MAX_PRESENCE - 2) * sizeof(*v));
		v[i < ACTIVITY_MAX_PRESENCE ? i : ACTIVITY_MAX_PRESENCE - 1] = last;
	}
	return p;
}

static const char *read_record(const struct qun_ctx *ctx, const char *p, int32_t base, struct qun_activity_time *t)
{
	int64_t first = 0;
	uint64_t has;

	t->when = (int32_t)(base + qun_unzigzag(qun_varint_take(&p)));
	has = qun_varint_take(&p);
	t->active = has & HAS_ACTIVE;
	t->messages = has & HAS_MESSAGES ? (uint32_t)qun_varint_take(&p) : (uint32_t)(has >> HAS_BITS);
	if (has >> HAS_BITS)
		first = origin(ctx, t->when) + qun_unzigzag(take_gap(&p));
	return read_gaps(p, first, (int)(has >> HAS_BITS), t);
}

/* The time at hand. */
static struct qun_activity_time time_of(const struct qun_activity_slot *s)
{
	struct qun_activity_time t = {.when = s->when, .messages = s->messages, .active = s->active};

	read_gaps(s->bytes + s->used, s->first, s->npresence, &t);
	return t;
}

/* Makes a block the newest one of a slot. */
static int add_block(const struct qun_ctx *ctx, struct qun_activity_slot *s, const char *bytes, size_t len, uint8_t n)
{
	struct block *b;
	uint32_t at;

	b = qun_pile_take(ctx->pile, offsetof(struct block, bytes) + len, &at);
	if (!b)
		return QUN_ENOMEM;
	b->before = s->full;
	b->used = (uint8_t)len;
	b->n = n;
	memcpy(b->bytes, bytes, len);
	s->full = at;
	return 0;
}

/* The records in the slot become a block. */
static int spill(const struct qun_ctx *ctx, struct qun_activity_slot *s)
{
	int rc = s->used ? add_block(ctx, s, s->bytes, s->used, s->nhere) : 0;

	if (rc == 0) {
		memmove(s->bytes, s->bytes + s->used, s->open);
		s->used = s->nhere = 0;
	}
	return rc;
}

static int put_instants(const struct qun_ctx *ctx, struct qun_activity_slot *s, const struct qun_activity_time *t);

/* The time at hand is over: what is kept of it becomes a record. */
static int pack(const struct qun_ctx *ctx, struct qun_activity_slot *s)
{
	struct qun_activity_time t;
	char record[RECORD_MAX];
	size_t len;
	int rc = s->npacked < PACKED_LIMIT ? 0 : QUN_ENOMEM;

	if (rc == 0 && s->npresence > ACTIVITY_MAX_PRESENCE) {
		t = time_of(s);
		rc = put_instants(ctx, s, &t);
	}
	len = write_head(ctx, s, s->used ? s->base : 0, record);
	if (rc == 0 && s->used + len + s->open > sizeof(s->bytes)) {
		rc = spill(ctx, s);
		len = write_head(ctx, s, 0, record);
	}
	if (rc == 0 && len + s->open > sizeof(s->bytes)) {
		memcpy(record + len, s->bytes, s->open);
		rc = add_block(ctx, s, record, len + s->open, 1);
	} else if (rc == 0) {
		memmove(s->bytes + s->used + len, s->bytes + s->used, s->open);
		memcpy(s->bytes + s->used, record, len);
		s->used += (uint8_t)(len + s->open);
		s->nhere++;
		s->base = s->when;
	}
	if (rc == 0) {
		s->npacked++;
		s->open = s->npresence = 0;
		s->messages = 0;
		s->active = false;
	}
	return rc;
}

int qun_activity_turn_other(const struct qun_ctx *ctx, struct qun_activity_slot *s, int32_t when)
{
	if (s->any && pack(ctx, s) < 0)
		return QUN_ENOMEM;
	s->when = when;
	s->any = true;
	return 0;
}

/* Of more instants than are kept the second one goes. */
static void insert(struct qun_activity_time *t, int64_t ts)
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

static bool has_room(const struct qun_activity_slot *s)
{
	return s->used + s->open + QUN_VARINT_MAX <= (int)sizeof(s->bytes);
}

/* An instant that is not simply the next one. */
static int present_other(const struct qun_ctx *ctx, struct qun_activity_slot *s, int64_t ts)
{
	struct qun_activity_time t;

	if (s->npresence && ts == s->last)
		return 0;
	if (s->npresence && (ts < s->last || s->npresence == WAITING_MAX)) {
		t = time_of(s);
		insert(&t, ts);
		return put_instants(ctx, s, &t);
	}
	if (!has_room(s) && spill(ctx, s) < 0)
		return QUN_ENOMEM;
	/* Where that made no room the time becomes one of two pieces. */
	if (!has_room(s) && pack(ctx, s) < 0)
		return QUN_ENOMEM;
	if (s->npresence)
		return qun_activity_present(ctx, s, ts);
	s->first = s->last = ts;
	s->npresence = 1;
	return 0;
}

int qun_activity_present(const struct qun_ctx *ctx, struct qun_activity_slot *s, int64_t ts)
{
	char *p = s->bytes + s->used + s->open;

	if (!s->npresence || s->npresence == WAITING_MAX || ts <= s->last || !has_room(s))
		return present_other(ctx, s, ts);
	s->open += (uint8_t)(put_gap(p, (uint64_t)ts - (uint64_t)s->last) - p);
	s->last = ts;
	s->npresence++;
	return 0;
}

static int put_instants(const struct qun_ctx *ctx, struct qun_activity_slot *s, const struct qun_activity_time *t)
{
	int rc = 0;

	s->open = s->npresence = 0;
	for (int i = 0; rc == 0 && i < t->npresence; i++)
		rc = qun_activity_present(ctx, s, t->presence[i]);
	return rc;
}

int qun_activity_set(const struct qun_ctx *ctx, struct qun_activity_slot *s, const struct qun_activity_time *t)
{
	int rc = qun_activity_turn(ctx, s, t->when);

	s->messages = t->messages;
	s->active = t->active;
	return rc < 0 ? rc : put_instants(ctx, s, t);
}

static int add_time(struct qun_activity_time *to, const struct qun_activity_time *t)
{
	if (__builtin_add_overflow(to->messages, t->messages, &to->messages))
		return QUN_EOVERFLOW;
	to->active |= t->active;
	for (int i = 0; i < t->npresence; i++)
		insert(to, t->presence[i]);
	return 0;
}

/* Copies the blocks of src behind those of dst, in their order, and makes one of what src itself holds. */
static int copy_blocks(const struct qun_ctx *dctx, struct qun_activity_slot *dst, const struct qun_ctx *sctx,
	const struct qun_activity_slot *src)
{
	int rc = src->npacked > PACKED_LIMIT - dst->npacked ? QUN_ELIMIT : 0;

	for (uint32_t at = src->full; rc == 0 && at;) {
		const struct block *b = qun_pile_at(sctx->pile, at);

		rc = add_block(dctx, dst, b->bytes, b->used, b->n);
		at = b->before;
	}
	if (rc == 0 && src->used)
		rc = add_block(dctx, dst, src->bytes, src->used, src->nhere);
	dst->npacked += rc == 0 ? src->npacked : 0;
	return rc;
}

int qun_activity_join(const struct qun_ctx *dctx, struct qun_activity_slot *dst, const struct qun_ctx *sctx,
	const struct qun_activity_slot *src)
{
	struct qun_activity_slot before = *dst;
	struct qun_activity_time t = time_of(src), to;
	int rc = src->any ? qun_activity_turn(dctx, dst, src->when) : 0;

	if (rc == 0 && src->any) {
		to = time_of(dst);
		rc = add_time(&to, &t);
		if (rc == 0)
			rc = qun_activity_set(dctx, dst, &to);
	}
	if (rc == 0)
		rc = copy_blocks(dctx, dst, sctx, src);
	if (rc < 0)
		*dst = before;
	return rc;
}

static int by_when(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

/* Where a reader of the packed times stands: those of one block come in their order, the newest block
 * first. */
struct unpacking {
	const struct qun_ctx *ctx;
	const char *p;
	uint32_t before; /* the next block */
	int32_t base;
	uint8_t left; /* in the block */
};

static struct unpacking unpacking(const struct qun_ctx *ctx, const struct qun_activity_slot *s)
{
	return (struct unpacking){ctx, s->bytes, s->full, 0, s->nhere};
}

/* Goes to the next block where this one has no more; false: there is none. */
static bool turn_block(struct unpacking *u)
{
	const struct block *b;

	if (!u->left && u->before) {
		b = qun_pile_at(u->ctx->pile, u->before);
		u->before = b->before;
		u->p = b->bytes;
		u->left = b->n;
		u->base = 0;
	}
	return u->left;
}

static void unpack(struct unpacking *u, struct qun_activity_time *t)
{
	u->p = read_record(u->ctx, u->p, u->base, t);
	u->base = t->when;
	u->left--;
}

int qun_activity_times(const struct qun_ctx *ctx, const struct qun_activity_slot *s, struct qun_activity_time **out,
	size_t *n)
{
	size_t all = 0;
	struct qun_activity_time *v = reallocarray(NULL, (size_t)s->npacked + 1, sizeof(*v));
	int rc = 0;

	*out = v;
	*n = 0;
	if (!v)
		return QUN_ENOMEM;
	for (struct unpacking u = unpacking(ctx, s); turn_block(&u);)
		unpack(&u, &v[all++]);
	if (s->any)
		v[all++] = time_of(s);
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

/* Of a time: *record, and its instants behind the others; of all that lasts only the first one of all. */
static int read_time(const struct qun_activity_time *t, bool lasts, struct qun_activity_record *record,
	struct qun_vec *presence)
{
	int rc = 0;

	*record = (struct qun_activity_record){.when = t->when, .messages = t->messages, .active = t->active};
	for (int i = 0; rc == 0 && i < t->npresence && !(lasts && presence->n); i++)
		rc = qun_vec_add(presence, t->presence[i]);
	if (lasts && t->npresence && t->presence[0] < presence->v[0])
		presence->v[0] = t->presence[0];
	return rc;
}

int qun_activity_read(const struct qun_ctx *ctx, const struct qun_activity_slot *s, struct qun_activity_records *out,
	struct qun_vec *presence)
{
	bool lasts = !qun_marks_may_end(ctx, &s->marks);
	size_t n = out->n + s->npacked, at = n;
	struct unpacking u = unpacking(ctx, s);
	struct qun_activity_time t = time_of(s);
	int rc;

	if (!s->any)
		return 0;
	if (qun_grow(&out->v, &out->cap, n, sizeof(*out->v)) < 0)
		return QUN_ENOMEM;
	out->n = n + 1;
	rc = read_time(&t, lasts, &out->v[n], presence);
	while (rc == 0 && turn_block(&u)) {
		size_t to = at -= u.left;

		while (rc == 0 && u.left) {
			unpack(&u, &t);
			rc = read_time(&t, lasts, &out->v[to++], presence);
		}
	}
	return rc < 0 ? rc : tidy(out);
}
