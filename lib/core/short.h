/*
 * Short byte strings, a word at a time. Loads overlap rather than run past an end, so nothing is
 * read that is not the string's.
 */
#ifndef CORE_SHORT_H
#define CORE_SHORT_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Eight bytes as a little-endian number. */
static inline uint64_t qun_short_word(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return le64toh(word);
}

static inline uint32_t qun_short_half(const char *p)
{
	uint32_t half;

	memcpy(&half, p, sizeof(half));
	return le32toh(half);
}

/* The last n % 8 of n bytes as a little-endian number. */
static inline uint64_t qun_short_rest(const char *p, size_t n)
{
	size_t rest = n % 8;

	if (n >= 8)
		return rest ? qun_short_word(p + n - 8) >> (64 - 8 * rest) : 0;
	if (n >= 4)
		return qun_short_half(p) | (uint64_t)qun_short_half(p + n - 4) << (8 * (n - 4));
	if (n == 0)
		return 0;
	return (uint64_t)(unsigned char)p[0] | (uint64_t)(unsigned char)p[n / 2] << (8 * (n / 2)) |
	       (uint64_t)(unsigned char)p[n - 1] << (8 * (n - 1));
}

/* The first eight of n bytes, zeros for those that are not there, as a number that compares as they do. */
static inline uint64_t qun_short_head(const char *p, size_t n)
{
	uint64_t word = n < 8 ? qun_short_rest(p, n) : qun_short_word(p);

	return __builtin_bswap64(word);
}

/* How many of the first n bytes are alike. */
static inline size_t qun_short_common(const char *a, const char *b, size_t n)
{
	size_t same = 0;

	while (same < n && a[same] == b[same])
		same++;
	return same;
}

/* Spreads short strings over a small table; no hash to rely on. */
static inline uint32_t qun_short_mix(const char *p, size_t n)
{
	uint64_t first = n < 8 ? qun_short_rest(p, n) : qun_short_word(p);
	uint64_t last = n < 8 ? n : qun_short_word(p + n - 8);

	if (n > 16)
		first += qun_short_word(p + n / 2 - 4);
	return (uint32_t)((first ^ last * UINT64_C(0x9e3779b97f4a7c15)) *
				  UINT64_C(0xd6e8feb86659fd93) >> 32);
}

static inline uint64_t qun_short_fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/*
 * Four words that hold all of 8 to 32 bytes, and some of them twice: where they begin depends on n, but
 * no branch does, which ids of many lengths would lead astray.
 */
struct qun_short_words {
	uint64_t w[4];
};

static inline struct qun_short_words qun_short_words(const char *p, size_t n)
{
	size_t last = n - 8, step = (last + 1) * 11 / 32; /* a third, as near as the places need it */

	return (struct qun_short_words){{qun_short_word(p), qun_short_word(p + step), qun_short_word(p + last - step),
		qun_short_word(p + last)}};
}

/*
 * A keyed hash of an id: products of 128 bits, folded, after both factors were covered by a random key, so
 * that who chooses ids but does not see the key cannot make them collide. Not for bytes that are stored.
 */
static inline uint64_t qun_short_hash(const uint64_t key[2], const char *p, size_t n)
{
	uint64_t h = key[1] ^ n, turned = key[0] << 32 | key[0] >> 32;
	struct qun_short_words v = {{0}};

	for (; n > 32; p += 16, n -= 16)
		h = qun_short_fold(qun_short_word(p) ^ key[0], qun_short_word(p + 8) ^ h);
	if (n >= 8)
		v = qun_short_words(p, n);
	else
		v.w[0] = qun_short_rest(p, n);
	h = qun_short_fold(v.w[0] ^ key[0], v.w[3] ^ h) ^ qun_short_fold(v.w[1] ^ key[1], v.w[2] ^ turned);
	return qun_short_fold(h ^ key[1], key[0]);
}

__attribute__((always_inline)) static inline bool qun_short_same(const char *a, const char *b, size_t n)
{
	struct qun_short_words v, w;

	if (n > 32)
		return memcmp(a, b, n) == 0;
	if (n < 8) {
		if (n >= 4)
			return qun_short_half(a) == qun_short_half(b) && qun_short_half(a + n - 4) == qun_short_half(b + n - 4);
		return n == 0 || (a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1]);
	}
	v = qun_short_words(a, n);
	w = qun_short_words(b, n);
	return ((v.w[0] ^ w.w[0]) | (v.w[1] ^ w.w[1]) | (v.w[2] ^ w.w[2]) | (v.w[3] ^ w.w[3])) == 0;
}

#endif
