/*
 * Open addressing over numbers. A slot keeps 32 bits of the hash beside the number, so that slots
 * grow without touching a string, and a string that is not there is seen by its slots alone.
 */
#include "qun/dict.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "core/rank.h"
#include "core/short.h"

#define SLOTS_FIRST 16

struct qun_dict_slot {
	uint32_t tag;
	uint32_t place; /* number + 1; 0: free */
};

int qun_random(void *bytes, size_t n)
{
	char *p = bytes;

	while (n > 0) {
		ssize_t got = getrandom(p, n, 0);

		if (got < 0 && errno != EINTR)
			return QUN_EIO;
		if (got > 0) {
			p += got;
			n -= (size_t)got;
		}
	}
	return 0;
}

static inline uint64_t rotl(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

/* The four words of the state, which stay in registers. */
struct sip {
	uint64_t a, b, c, d;
};

static inline struct sip sip_round(struct sip v)
{
	v.a += v.b;
	v.c += v.d;
	v.b = rotl(v.b, 13) ^ v.a;
	v.d = rotl(v.d, 16) ^ v.c;
	v.a = rotl(v.a, 32);
	v.c += v.b;
	v.a += v.d;
	v.b = rotl(v.b, 17) ^ v.c;
	v.d = rotl(v.d, 21) ^ v.a;
	v.c = rotl(v.c, 32);
	return v;
}

static inline struct sip sip_take(struct sip v, uint64_t word)
{
	v.d ^= word;
	v = sip_round(v);
	v.a ^= word;
	return v;
}

uint64_t qun_siphash(const uint64_t key[2], struct qun_span s)
{
	struct sip v = {key[0] ^ UINT64_C(0x736f6d6570736575),
		key[1] ^ UINT64_C(0x646f72616e646f6d), key[0] ^ UINT64_C(0x6c7967656e657261),
		key[1] ^ UINT64_C(0x7465646279746573)};
	uint64_t rest = qun_short_rest(s.ptr, s.len);

	for (size_t at = 0; s.len - at >= 8; at += 8)
		v = sip_take(v, qun_short_word(s.ptr + at));
	v = sip_take(v, (uint64_t)s.len << 56 | rest);
	v.c ^= 0xff;
	v = sip_round(sip_round(sip_round(v)));
	return v.a ^ v.b ^ v.c ^ v.d;
}

/* The slot that holds s, or the free one where it belongs. nslots > 0. */
static inline struct qun_dict_slot *dict_slot(
	const struct qun_dict *d, struct qun_span s, uint32_t tag)
{
	size_t mask = d->nslots - 1;
	size_t at = tag & mask;

	for (; d->slots[at].place; at = (at + 1) & mask) {
		const struct qun_span *e = &d->entries[d->slots[at].place - 1];

		if (d->slots[at].tag == tag && e->len == s.len &&
			qun_short_same(e->ptr, s.ptr, s.len))
			break;
	}
	return &d->slots[at];
}

/* Room for one more at a load of a half. */
static int dict_grow(struct qun_dict *d)
{
	size_t nslots = d->nslots ? d->nslots * 2 : SLOTS_FIRST;
	struct qun_dict_slot *slots;

	if (d->n < d->nslots / 2)
		return 0;
	slots = calloc(nslots, sizeof(*slots));
	if (!slots)
		return QUN_ENOMEM;
	for (size_t i = 0; i < d->nslots; i++) {
		size_t at = d->slots[i].tag & (nslots - 1);

		if (!d->slots[i].place)
			continue;
		while (slots[at].place)
			at = (at + 1) & (nslots - 1);
		slots[at] = d->slots[i];
	}
	free(d->slots);
	d->slots = slots;
	d->nslots = nslots;
	return 0;
}

/* Enters s, which is new. */
static int dict_enter(struct qun_dict *d, struct qun_span s, uint32_t tag, uint32_t *id)
{
	char *copy;
	int rc;

	if (d->n >= QUN_NONE - 1)
		return QUN_ELIMIT;
	rc = dict_grow(d);
	if (rc == 0)
		rc = qun_grow(&d->entries, &d->cap, d->n, sizeof(*d->entries));
	if (rc < 0)
		return rc;
	copy = qun_arena_copy(&d->text, s);
	if (!copy)
		return QUN_ENOMEM;
	*id = (uint32_t)d->n++;
	d->entries[*id] = (struct qun_span){copy, s.len};
	*dict_slot(d, s, tag) = (struct qun_dict_slot){tag, *id + 1};
	return 0;
}

int qun_dict_add(struct qun_dict *d, struct qun_span s, uint32_t *id)
{
	uint32_t tag, place;
	int rc;

	if (!d->keyed) {
		rc = qun_random(d->key, sizeof(d->key));
		if (rc < 0)
			return rc;
		d->keyed = true;
	}
	tag = (uint32_t)qun_siphash(d->key, s);
	place = d->nslots ? dict_slot(d, s, tag)->place : 0;
	if (!place)
		return dict_enter(d, s, tag, id);
	*id = place - 1;
	return 0;
}

uint32_t qun_dict_find(const struct qun_dict *d, struct qun_span s)
{
	uint32_t place = 0;

	if (d->n > 0)
		place = dict_slot(d, s, (uint32_t)qun_siphash(d->key, s))->place;
	return place ? place - 1 : QUN_NONE;
}

static struct qun_span text_of(const void *dict, struct qun_rank r)
{
	return qun_dict_text(dict, r.at);
}

int qun_dict_order(const struct qun_dict *d, uint32_t **order)
{
	struct qun_rank *v = reallocarray(NULL, d->n ? d->n : 1, sizeof(*v));
	int rc = v ? 0 : QUN_ENOMEM;

	for (uint32_t i = 0; v && i < d->n; i++)
		v[i] = (struct qun_rank){.at = i};
	if (v)
		rc = qun_rank(v, d->n, &(struct qun_ranking){d, text_of, NULL});
	*order = rc == 0 ? reallocarray(NULL, d->n ? d->n : 1, sizeof(**order)) : NULL;
	for (size_t i = 0; *order && i < d->n; i++)
		(*order)[i] = v[i].at;
	free(v);
	return *order ? 0 : QUN_ENOMEM;
}

void qun_dict_release(struct qun_dict *d)
{
	free(d->entries);
	free(d->slots);
	qun_arena_release(&d->text);
	*d = (struct qun_dict){0};
}
