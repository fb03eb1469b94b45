/*
 * Open addressing over numbers. Entries keep 32 bits of their hash, so that the slots grow
 * without touching a string and most mismatches are seen without reading one.
 */
#include "qun/dict.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define SLOTS_FIRST 16

struct qun_dict_entry {
	const char *ptr;
	uint32_t len;
	uint32_t hash;
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

static uint64_t rotl(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] = rotl(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] = rotl(v[2], 32);
}

/* The next n <= 8 bytes as a little-endian number, which compilers turn into one load. */
static uint64_t sip_load(const char *p, size_t n)
{
	uint64_t word = 0;
	size_t i;

	for (i = 0; i < n; i++)
		word |= (uint64_t)(unsigned char)p[i] << (8 * i);
	return word;
}

uint64_t qun_siphash(const uint64_t key[2], struct qun_span s)
{
	uint64_t v[4] = {key[0] ^ UINT64_C(0x736f6d6570736575),
		key[1] ^ UINT64_C(0x646f72616e646f6d), key[0] ^ UINT64_C(0x6c7967656e657261),
		key[1] ^ UINT64_C(0x7465646279746573)};
	uint64_t word;
	size_t at;

	for (at = 0; s.len - at >= 8; at += 8) {
		word = sip_load(s.ptr + at, 8);
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
	}
	word = (uint64_t)s.len << 56 | (s.len > at ? sip_load(s.ptr + at, s.len - at) : 0);
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* The slot that holds s, or the free one where it belongs. nslots > 0. */
static size_t dict_slot(const struct qun_dict *d, struct qun_span s, uint32_t hash)
{
	size_t mask = d->nslots - 1;
	size_t at = hash & mask;

	for (; d->slots[at] != QUN_NONE; at = (at + 1) & mask) {
		const struct qun_dict_entry *e = &d->entries[d->slots[at]];

		if (e->hash == hash && qun_span_eq((struct qun_span){e->ptr, e->len}, s))
			break;
	}
	return at;
}

/* Keeps the load at or below a half after one more. */
static int dict_grow(struct qun_dict *d)
{
	size_t nslots = d->nslots ? d->nslots * 2 : SLOTS_FIRST;
	uint32_t *slots;
	size_t i, at;

	if (d->n < d->nslots / 2)
		return 0;
	slots = reallocarray(NULL, nslots, sizeof(*slots));
	if (!slots)
		return QUN_ENOMEM;
	memset(slots, 0xff, nslots * sizeof(*slots)); /* QUN_NONE */
	for (i = 0; i < d->n; i++) {
		at = d->entries[i].hash & (nslots - 1);
		while (slots[at] != QUN_NONE)
			at = (at + 1) & (nslots - 1);
		slots[at] = (uint32_t)i;
	}
	free(d->slots);
	d->slots = slots;
	d->nslots = nslots;
	return 0;
}

int qun_dict_add(struct qun_dict *d, struct qun_span s, uint32_t *id)
{
	uint32_t hash;
	size_t at;
	char *copy;
	int rc;

	if (!d->keyed) {
		rc = qun_random(d->key, sizeof(d->key));
		if (rc < 0)
			return rc;
		d->keyed = true;
	}
	rc = dict_grow(d);
	if (rc < 0)
		return rc;
	hash = (uint32_t)qun_siphash(d->key, s);
	at = dict_slot(d, s, hash);
	if (d->slots[at] == QUN_NONE) {
		if (d->n >= QUN_NONE - 1 || s.len > UINT32_MAX)
			return QUN_ELIMIT;
		rc = qun_grow(&d->entries, &d->cap, d->n, sizeof(*d->entries));
		if (rc < 0)
			return rc;
		copy = qun_arena_copy(&d->text, s);
		if (!copy)
			return QUN_ENOMEM;
		d->entries[d->n] = (struct qun_dict_entry){copy, (uint32_t)s.len, hash};
		d->slots[at] = (uint32_t)d->n++;
	}
	*id = d->slots[at];
	return 0;
}

uint32_t qun_dict_find(const struct qun_dict *d, struct qun_span s)
{
	if (d->n == 0)
		return QUN_NONE;
	return d->slots[dict_slot(d, s, (uint32_t)qun_siphash(d->key, s))];
}

struct qun_span qun_dict_text(const struct qun_dict *d, uint32_t id)
{
	if (id == QUN_NONE)
		return (struct qun_span){"", 0};
	return (struct qun_span){d->entries[id].ptr, d->entries[id].len};
}

void qun_dict_release(struct qun_dict *d)
{
	free(d->entries);
	free(d->slots);
	qun_arena_release(&d->text);
	*d = (struct qun_dict){0};
}
