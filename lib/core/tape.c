/*
 * What is on a tape after each instant tells how to get back to the one before: the gap, and the number
 * where it was another one. Numbers are written with their last byte first to be met by a reader who
 * comes from the end: seven bits a byte, the eighth set where another byte lies before.
 */
#include "qun/tape.h"

#include <string.h>

#include "qun/cal.h"

/* The low two bits of what stands last. A gap of no microseconds, which is one of no seconds, stands for
 * one in eight bytes before. */
enum { GAP_SECONDS, GAP_SECONDS_BACK, GAP_MICROSECONDS, OTHER_NUMBER, KIND_BITS = 2 };
#define GAP_SHORT (UINT64_C(1) << 40) /* beyond, eight bytes take no more */
enum { ENTRY_MAX = 20 };

_Static_assert((int)ENTRY_MAX <= (int)QUN_TAPE_BYTES, "an entry fits a block");

struct block {
	uint32_t before;
	uint8_t used;
	char bytes[QUN_TAPE_BYTES];
};

/* Returns the end. */
static char *put(char *p, uint64_t v)
{
	int more = v >> 7 ? (63 - __builtin_clzll(v)) / 7 : 0;

	for (int i = 0; i <= more; i++)
		*p++ = (char)((v >> (7 * (more - i)) & 0x7f) | (i ? 0x80 : 0));
	return p;
}

static uint64_t take(const char **end)
{
	uint64_t v = 0, byte;
	int shift = 0;

	do {
		byte = (unsigned char)*--*end;
		v |= (byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	return v;
}

/* What leads back from the instant after a gap to the one before, whose number was `with`, if another one. */
static size_t entry(char *out, uint64_t gap, bool other, uint64_t with)
{
	char *p = out;

	if (gap % QUN_SECOND == 0) {
		p = put(p, gap / QUN_SECOND << KIND_BITS | GAP_SECONDS);
	} else if (-gap % QUN_SECOND == 0) {
		p = put(p, -gap / QUN_SECOND << KIND_BITS | GAP_SECONDS_BACK);
	} else if (gap < GAP_SHORT) {
		p = put(p, gap << KIND_BITS | GAP_MICROSECONDS);
	} else {
		memcpy(p, &gap, sizeof(gap));
		p = put(p + sizeof(gap), GAP_MICROSECONDS);
	}
	if (other)
		p = put(put(p, with), OTHER_NUMBER);
	return (size_t)(p - out);
}

/* What the tape itself holds becomes a block. */
static int spill(struct qun_pile *pile, struct qun_tape *t)
{
	uint32_t at;
	struct block *b = qun_pile_take(pile, sizeof(*b), &at);

	if (!b)
		return QUN_ENOMEM;
	b->before = t->full;
	b->used = t->used;
	memcpy(b->bytes, t->bytes, sizeof(b->bytes));
	t->full = at;
	t->used = 0;
	return 0;
}

static int add_any(struct qun_pile *pile, struct qun_tape *t, int64_t ts, uint64_t with)
{
	char bytes[ENTRY_MAX];
	size_t len = entry(bytes, (uint64_t)ts - (uint64_t)t->last, with != t->with, t->with);

	if (t->n == UINT32_MAX)
		return QUN_ELIMIT;
	if (t->used + len > sizeof(t->bytes) && spill(pile, t) < 0)
		return QUN_ENOMEM;
	memcpy(t->bytes + t->used, bytes, len);
	t->used += (uint8_t)len;
	t->last = ts;
	t->with = with;
	t->n++;
	return 0;
}

int qun_tape_add(struct qun_pile *pile, struct qun_tape *t, int64_t ts, uint64_t with)
{
	uint64_t gap = (uint64_t)ts - (uint64_t)t->last, v = gap / QUN_SECOND << KIND_BITS | GAP_SECONDS;

	/* Of most, what add_any makes is three bytes at most, of gaps of up to six days. */
	if (gap % QUN_SECOND || v >> 21 || with != t->with || t->used + 3u > sizeof(t->bytes) || t->n == UINT32_MAX)
		return add_any(pile, t, ts, with);
	if (v >> 14)
		t->bytes[t->used++] = (char)(v >> 14);
	if (v >> 7)
		t->bytes[t->used++] = (char)((v >> 7 & 0x7f) | (v >> 14 ? 0x80 : 0));
	t->bytes[t->used++] = (char)((v & 0x7f) | (v >> 7 ? 0x80 : 0));
	t->last = ts;
	t->n++;
	return 0;
}

struct qun_tape_walk qun_tape_walk(const struct qun_pile *pile, const struct qun_tape *t)
{
	return (struct qun_tape_walk){pile, t->last, t->with, t->n, t->full, t->bytes, t->bytes + t->used};
}

/* Over what is no gap of seconds. */
static void back_any(struct qun_tape_walk *w)
{
	uint64_t v = take(&w->end), gap;

	if (v == OTHER_NUMBER) {
		w->with = take(&w->end);
		v = take(&w->end);
	}
	gap = v >> KIND_BITS;
	switch (v % (1 << KIND_BITS)) {
	case GAP_SECONDS: gap *= QUN_SECOND; break;
	case GAP_SECONDS_BACK: gap *= -(uint64_t)QUN_SECOND; break;
	}
	if (v == GAP_MICROSECONDS) {
		w->end -= sizeof(gap);
		memcpy(&gap, w->end, sizeof(gap));
	}
	w->ts = (int64_t)((uint64_t)w->ts - gap);
}

static inline void back(struct qun_tape_walk *w)
{
	w->left--;
	if (w->end == w->bytes) {
		const struct block *b = qun_pile_at(w->pile, w->full);

		w->bytes = b->bytes;
		w->end = b->bytes + b->used;
		w->full = b->before;
	}
	if ((unsigned char)w->end[-1] % (1 << KIND_BITS) == GAP_SECONDS)
		w->ts = (int64_t)((uint64_t)w->ts - (take(&w->end) >> KIND_BITS) * QUN_SECOND);
	else
		back_any(w);
}

void qun_tape_back(struct qun_tape_walk *w)
{
	back(w);
}

int qun_tape_instants(const struct qun_pile *pile, const struct qun_tape *t, struct qun_vec *out)
{
	size_t n = out->n + t->n;

	if (t->n == 0)
		return 0;
	if (qun_grow(&out->v, &out->cap, n - 1, sizeof(*out->v)) < 0)
		return QUN_ENOMEM;
	out->sorted |= out->n == 0;
	for (struct qun_tape_walk w = qun_tape_walk(pile, t); w.left; back(&w)) {
		out->v[--n] = w.ts;
		out->sorted &= n + 1 == out->n + t->n || w.ts <= out->v[n + 1];
	}
	out->sorted &= n == 0 || out->v[n - 1] <= out->v[n];
	out->n += t->n;
	return 0;
}
