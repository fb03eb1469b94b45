/*
 * A dictionary of byte strings: each distinct one gets the next number from 0. Hashing is
 * SipHash-1-3 with a random key per dictionary, so chosen strings cannot slow it down, and
 * numbers follow first appearance, so the key never shows.
 */
#ifndef QUN_DICT_H
#define QUN_DICT_H

#include "qun/bytes.h"

#ifdef __cplusplus
extern "C" {
#endif

#define QUN_NONE UINT32_MAX /* "no string" wherever a number from a dictionary stands */

struct qun_dict {
	struct qun_span *entries; /* by number */
	size_t n, cap;
	struct qun_dict_slot *slots; /* open addressing */
	size_t nslots;
	struct qun_arena text;
	uint64_t key[2];
	bool keyed;
};

/* Number of s, added if new; one that is there changes nothing, so threads may ask for those at once.
 * 0 or QUN_ENOMEM / QUN_ELIMIT (2^32 - 2 strings). */
int qun_dict_add(struct qun_dict *d, struct qun_span s, uint32_t *id);
/* Number of s, or QUN_NONE. */
uint32_t qun_dict_find(const struct qun_dict *d, struct qun_span s);
/* Bytes of a number (followed by NUL); the empty span for QUN_NONE. Lives as long as d. */
static inline struct qun_span qun_dict_text(const struct qun_dict *d, uint32_t id)
{
	struct qun_span none = {"", 0};

	return id == QUN_NONE ? none : d->entries[id];
}
/* Numbers in the order of their strings, d->n of them; malloc'd. */
int qun_dict_order(const struct qun_dict *d, uint32_t **order);
void qun_dict_release(struct qun_dict *d);

/* SipHash-1-3 of s under key. */
uint64_t qun_siphash(const uint64_t key[2], struct qun_span s);
/* Fills n bytes from getrandom(2); 0 or QUN_EIO. */
int qun_random(void *bytes, size_t n);

#ifdef __cplusplus
}
#endif
#endif
