/*
 * Short stretches of bytes, for texts and numbers that mostly end within one. Each function looks at
 * LANE(chunk) bytes from p on, whatever they are, and chunk_at says which of them is the first that a
 * mask speaks of.
 */
#ifndef QUN_INPUT_CHUNK_H
#define QUN_INPUT_CHUNK_H

#include "core/block.h"

#include <stdbool.h>

enum { chunk_plain = 8, chunk_sse2 = 16, chunk_neon = 16, chunk_avx2 = 32, chunk_avx512 = 32, QUN_LEAD = 32 };

/*
 * chunk_block_stops: of a whole block, a bit for what ends the plain text of a JSON string: quote,
 * backslash, control characters. With one bit turned a quote lies next to the latter, and no other
 * character does.
 * chunk_others: all but digits.
 * chunk_inks: all but the blanks of JSON.
 * chunk_leads: do the bytes begin with those of a lead? Looks at QUN_LEAD of both.
 */

/* Words whose lowest bits come first in memory. */
static inline uint64_t chunk_word(const char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	w = __builtin_bswap64(w);
#endif
	return w;
}

static inline void chunk_put_word(char *p, uint64_t w)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	w = __builtin_bswap64(w);
#endif
	memcpy(p, &w, sizeof(w));
}

BLOCK_FN(plain) size_t chunk_at_plain(uint64_t mask)
{
	return (size_t)__builtin_ctzll(mask) / 8;
}

BLOCK_FN(plain) uint64_t chunk_block_stops_plain(struct block_plain b)
{
	return block_eq_plain(b, '"') | block_eq_plain(b, '\\') | block_below_plain(b, ' ');
}

/* The upper half of a digit is 3, and with 6 added to it, too. */
BLOCK_FN(plain) uint64_t chunk_others_plain(const char *p)
{
	uint64_t w = chunk_word(p), upper = BLOCK_ONES * 0xf0, threes = BLOCK_ONES * 0x30;

	return ((w & upper) ^ threes) | ((((w & ~BLOCK_HIGHS) + BLOCK_ONES * 6) & upper) ^ threes);
}

/* All but c: exact in every byte, since the first one is asked for. */
BLOCK_FN(plain) uint64_t chunk_but_plain(uint64_t w, char c)
{
	uint64_t x = w ^ BLOCK_ONES * (unsigned char)c;

	return ((x & ~BLOCK_HIGHS) + ~BLOCK_HIGHS) | x;
}

BLOCK_FN(plain) uint64_t chunk_inks_plain(const char *p)
{
	uint64_t w = chunk_word(p);

	return chunk_but_plain(w, ' ') & chunk_but_plain(w, '\n') & chunk_but_plain(w, '\r') &
		chunk_but_plain(w, '\t') & BLOCK_HIGHS;
}

BLOCK_FN(plain) bool chunk_leads_plain(const char *p, const char *lead, uint32_t len)
{
	return memcmp(p, lead, len) == 0;
}

#if defined(__x86_64__)
BLOCK_FN(sse2) size_t chunk_at_sse2(uint64_t mask)
{
	return (size_t)__builtin_ctzll(mask);
}

BLOCK_FN(sse2) uint64_t chunk_block_stops_sse2(struct block_sse2 b)
{
	BLOCK_EACH (i, 4) {
		__m128i turned = _mm_xor_si128(b.v[i], _mm_set1_epi8(2));
		__m128i low = _mm_cmpeq_epi8(turned, _mm_min_epu8(turned, _mm_set1_epi8(' ')));
		b.v[i] = _mm_or_si128(low, _mm_cmpeq_epi8(b.v[i], _mm_set1_epi8('\\')));
	}
	return block_high_sse2(b);
}

BLOCK_FN(sse2) uint64_t chunk_others_sse2(const char *p)
{
	__m128i v = _mm_sub_epi8(_mm_loadu_si128((const __m128i *)(const void *)p), _mm_set1_epi8('0'));
	__m128i digit = _mm_cmpeq_epi8(v, _mm_min_epu8(v, _mm_set1_epi8(9)));

	return (unsigned)_mm_movemask_epi8(digit) ^ 0xffff;
}

BLOCK_FN(sse2) uint64_t chunk_inks_sse2(const char *p)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i most = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(' ')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\n')));
	__m128i rare = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\r')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\t')));

	return (unsigned)_mm_movemask_epi8(_mm_or_si128(most, rare)) ^ 0xffff;
}

BLOCK_FN(sse2) bool chunk_leads_sse2(const char *p, const char *lead, uint32_t len)
{
	uint64_t same = 0;

	for (int i = 0; i < QUN_LEAD; i += 16) {
		__m128i a = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
		__m128i b = _mm_loadu_si128((const __m128i *)(const void *)(lead + i));
		same |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(a, b)) << i;
	}
	return ~same << (64 - len) == 0;
}

BLOCK_FN(avx2) size_t chunk_at_avx2(uint64_t mask)
{
	return (size_t)__builtin_ctzll(mask);
}

BLOCK_FN(avx2) uint64_t chunk_block_stops_avx2(struct block_avx2 b)
{
	BLOCK_EACH (i, 2) {
		__m256i turned = _mm256_xor_si256(b.v[i], _mm256_set1_epi8(2));
		__m256i low = _mm256_cmpeq_epi8(turned, _mm256_min_epu8(turned, _mm256_set1_epi8(' ')));
		b.v[i] = _mm256_or_si256(low, _mm256_cmpeq_epi8(b.v[i], _mm256_set1_epi8('\\')));
	}
	return block_high_avx2(b);
}

BLOCK_FN(avx2) uint64_t chunk_others_avx2(const char *p)
{
	__m256i v = _mm256_sub_epi8(_mm256_loadu_si256((const __m256i *)(const void *)p), _mm256_set1_epi8('0'));
	__m256i digit = _mm256_cmpeq_epi8(v, _mm256_min_epu8(v, _mm256_set1_epi8(9)));

	return ~(uint32_t)_mm256_movemask_epi8(digit);
}

/* The blanks differ in their lower halves, by which each byte finds the one it may be. */
BLOCK_FN(avx2) uint64_t chunk_inks_avx2(const char *p)
{
	__m256i v = _mm256_loadu_si256((const __m256i *)(const void *)p);
	__m256i blank = _mm256_broadcastsi128_si256(
		_mm_setr_epi8(' ', -1, -1, -1, -1, -1, -1, -1, -1, '\t', '\n', -1, -1, '\r', -1, 0));

	return ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(v, _mm256_shuffle_epi8(blank, v)));
}

BLOCK_FN(avx2) bool chunk_leads_avx2(const char *p, const char *lead, uint32_t len)
{
	__m256i a = _mm256_loadu_si256((const __m256i *)(const void *)p);
	__m256i b = _mm256_loadu_si256((const __m256i *)(const void *)lead);
	uint32_t same = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, b));

	return _bzhi_u32(~same, len) == 0;
}

/* They are short enough for the other lane. */
#define chunk_at_avx512 chunk_at_avx2
#define chunk_others_avx512 chunk_others_avx2
#define chunk_inks_avx512 chunk_inks_avx2
#define chunk_leads_avx512 chunk_leads_avx2

BLOCK_FN(avx512) uint64_t chunk_block_stops_avx512(struct block_avx512 b)
{
	return block_eq_avx512(b, '"') | block_eq_avx512(b, '\\') | block_below_avx512(b, ' ');
}
#endif

#if defined(__aarch64__)
BLOCK_FN(neon) size_t chunk_at_neon(uint64_t mask)
{
	return (size_t)__builtin_ctzll(mask) / 4;
}

/* Half a byte of ones for each byte of ones. */
BLOCK_FN(neon) uint64_t chunk_mask_neon(uint8x16_t bytes)
{
	return vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(bytes), 4)), 0);
}

BLOCK_FN(neon) uint64_t chunk_block_stops_neon(struct block_neon b)
{
	BLOCK_EACH (i, 4) {
		uint8x16_t low = vcleq_u8(veorq_u8(b.v[i], vdupq_n_u8(2)), vdupq_n_u8(' '));
		b.v[i] = vorrq_u8(low, vceqq_u8(b.v[i], vdupq_n_u8('\\')));
	}
	return block_gather_neon(b);
}

BLOCK_FN(neon) uint64_t chunk_others_neon(const char *p)
{
	uint8x16_t v = vsubq_u8(vld1q_u8((const uint8_t *)p), vdupq_n_u8('0'));

	return chunk_mask_neon(vcgtq_u8(v, vdupq_n_u8(9)));
}

BLOCK_FN(neon) uint64_t chunk_inks_neon(const char *p)
{
	uint8x16_t v = vld1q_u8((const uint8_t *)p);
	uint8x16_t most = vorrq_u8(vceqq_u8(v, vdupq_n_u8(' ')), vceqq_u8(v, vdupq_n_u8('\n')));
	uint8x16_t rare = vorrq_u8(vceqq_u8(v, vdupq_n_u8('\r')), vceqq_u8(v, vdupq_n_u8('\t')));

	return ~chunk_mask_neon(vorrq_u8(most, rare));
}

BLOCK_FN(neon) bool chunk_leads_neon(const char *p, const char *lead, uint32_t len)
{
	return memcmp(p, lead, len) == 0;
}
#endif

#endif
