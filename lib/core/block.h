/*
 * Blocks of 64 bytes as bit masks: bit i of a mask speaks of byte i. A body that works on them is
 * written once, in a header of its own, and compiled for every lane by a source that defines
 * QUN_LANE_BODY as its name and includes core/lanes.h. There the functions below have names without
 * a lane, as in block_eq(b, ','). The body marks its own functions LANE_INLINE, LANE_ENTRY or, where
 * what is rare must not weigh on what is not, LANE_APART, and names them LANE(name); one entry for each
 * lane is what QUN_LANE_TABLE(name) lists.
 */
#ifndef QUN_CORE_BLOCK_H
#define QUN_CORE_BLOCK_H

#include "qun/lane.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

enum { QUN_BLOCK = 64 };

#define QUN_TARGET_plain
#define QUN_TARGET_sse2
#define QUN_TARGET_neon
/* clang and gcc alike let such a function use the instructions, whatever the rest is compiled for */
#define QUN_TARGET_avx2 __attribute__((target("avx2,pclmul,bmi,bmi2,popcnt")))
#define QUN_TARGET_avx512 \
	__attribute__((target("avx2,pclmul,bmi,bmi2,popcnt,avx512f,avx512bw,avx512vl,avx512vbmi2")))

/* gcc leaves such loops rolled at -O2, and the vectors in memory; clang unrolls them anyway */
#ifdef __clang__
#define BLOCK_EACH(i, n) for (int i = 0; i < (n); i++)
#else
#define BLOCK_EACH(i, n) _Pragma("GCC unroll 8") for (int i = 0; i < (n); i++)
#endif

/* Keeps gcc from gathering several of such numbers in a vector before it stores them, and from working out
 * an address anew each time it is used. */
#define BLOCK_KEEP(number) __asm__("" : "+r"(number))

#define BLOCK_FN(lane) static inline __attribute__((always_inline)) QUN_TARGET_##lane

#if defined(__x86_64__)
#define QUN_LANE_TABLE(f)                                                                                       \
	{[QUN_LANE_PLAIN] = f##_plain, [QUN_LANE_SSE2] = f##_sse2, [QUN_LANE_AVX2] = f##_avx2,          \
		[QUN_LANE_AVX512] = f##_avx512}
#elif defined(__aarch64__)
#define QUN_LANE_TABLE(f) {[QUN_LANE_PLAIN] = f##_plain, [QUN_LANE_NEON] = f##_neon}
#else
#define QUN_LANE_TABLE(f) {[QUN_LANE_PLAIN] = f##_plain}
#endif

/* Every bit tells whether an odd number of bits is set up to it: runs between quotes. */
static inline uint64_t qun_prefix_xor(uint64_t m)
{
	for (int n = 1; n < 64; n *= 2)
		m ^= m << n;
	return m;
}

/* Number of bits, where the machine is not known to have an instruction for it. */
static inline size_t qun_bits(uint64_t m)
{
	m -= m >> 1 & UINT64_C(0x5555555555555555);
	m = (m & UINT64_C(0x3333333333333333)) + (m >> 2 & UINT64_C(0x3333333333333333));
	return ((m + (m >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f)) * UINT64_C(0x0101010101010101) >> 56;
}

/* The n lowest bits, n <= 64. */
static inline uint64_t qun_low_bits(uint64_t m, size_t n)
{
	return m & (((UINT64_C(1) << n % 64) - 1) | -(uint64_t)(n / 64));
}

/*
 * Writes at + i for every bit i, lowest first; behind them up to QUN_BLOCK places more may be written.
 * Eight at once: how many there are is nothing that the branches of a processor could learn.
 */
#define BLOCK_PLACES(lane)                                                                          \
	BLOCK_FN(lane) void block_places_##lane(uint64_t m, size_t at, uint16_t *to)                    \
	{                                                                                               \
		do {                                                                                        \
			BLOCK_EACH (i, 8) {                                                                     \
				*to++ = (uint16_t)(at + block_first_##lane(m));                                     \
				m &= m - 1;                                                                         \
				BLOCK_KEEP(m);                                                                      \
			}                                                                                       \
		} while (m);                                                                                \
	}

/* Plain C: eight words. Every test sets the high bit of a byte, with no carry into its neighbours. */
struct block_plain {
	uint64_t w[8];
};

#define BLOCK_ONES UINT64_C(0x0101010101010101)
#define BLOCK_HIGHS (BLOCK_ONES << 7)

BLOCK_FN(plain) struct block_plain block_load_plain(const char *p)
{
	struct block_plain b;

	memcpy(b.w, p, sizeof(b.w));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	BLOCK_EACH (i, 8)
		b.w[i] = __builtin_bswap64(b.w[i]);
#endif
	return b;
}

/* The high bits of all bytes, put side by side; mostly there are none. */
BLOCK_FN(plain) uint64_t block_gather_plain(const uint64_t t[8])
{
	uint64_t m = 0;

	if (!(t[0] | t[1] | t[2] | t[3] | t[4] | t[5] | t[6] | t[7]))
		return 0;
	BLOCK_EACH (i, 8)
		m |= ((t[i] >> 7) * UINT64_C(0x0102040810204080)) >> 56 << 8 * i;
	return m;
}

/* The high bit of a byte is clear where it is c: all others carry into it, or have it turned. */
BLOCK_FN(plain) uint64_t block_differ_plain(uint64_t w, char c)
{
	uint64_t other = BLOCK_ONES * (unsigned char)c;

	return (((w & ~BLOCK_HIGHS) ^ (other & ~BLOCK_HIGHS)) + ~BLOCK_HIGHS) | (w ^ (other & BLOCK_HIGHS));
}

BLOCK_FN(plain) uint64_t block_eq_plain(struct block_plain b, char c)
{
	uint64_t t[8];

	BLOCK_EACH (i, 8)
		t[i] = ~block_differ_plain(b.w[i], c) & BLOCK_HIGHS;
	return block_gather_plain(t);
}

BLOCK_FN(plain) uint64_t block_either_plain(struct block_plain b, char c1, char c2)
{
	uint64_t t[8];

	BLOCK_EACH (i, 8)
		t[i] = ~(block_differ_plain(b.w[i], c1) & block_differ_plain(b.w[i], c2)) & BLOCK_HIGHS;
	return block_gather_plain(t);
}

/* Sets these bits in all bytes, so that one comparison finds several. */
BLOCK_FN(plain) struct block_plain block_or_plain(struct block_plain b, char bits)
{
	BLOCK_EACH (i, 8)
		b.w[i] |= BLOCK_ONES * (unsigned char)bits;
	return b;
}

/* Is there any of three bytes? */
BLOCK_FN(plain) bool block_any3_plain(struct block_plain b, char c1, char c2, char c3)
{
	uint64_t none = BLOCK_HIGHS;

	BLOCK_EACH (i, 8)
		none &= block_differ_plain(b.w[i], c1) & block_differ_plain(b.w[i], c2) & block_differ_plain(b.w[i], c3);
	return none != BLOCK_HIGHS;
}

BLOCK_FN(plain) uint64_t block_below_plain(struct block_plain b, char c)
{
	uint64_t t[8];

	BLOCK_EACH (i, 8)
		t[i] = ~(((b.w[i] | BLOCK_HIGHS) - BLOCK_ONES * (unsigned char)c) | b.w[i]) & BLOCK_HIGHS;
	return block_gather_plain(t);
}

BLOCK_FN(plain) uint64_t block_high_plain(struct block_plain b)
{
	uint64_t t[8];

	BLOCK_EACH (i, 8)
		t[i] = b.w[i] & BLOCK_HIGHS;
	return block_gather_plain(t);
}

BLOCK_FN(plain) size_t block_count_plain(uint64_t m)
{
	return qun_bits(m);
}

/* The lowest bit; some number up to 64 where there is none. */
BLOCK_FN(plain) size_t block_first_plain(uint64_t m)
{
	return (size_t)__builtin_ctzll(m | UINT64_C(1) << 63);
}

BLOCK_PLACES(plain)

BLOCK_FN(plain) uint64_t block_low_plain(uint64_t m, size_t n)
{
	return qun_low_bits(m, n);
}

BLOCK_FN(plain) uint64_t block_runs_plain(uint64_t quotes)
{
	return qun_prefix_xor(quotes);
}

#if defined(__x86_64__)
struct block_sse2 {
	__m128i v[4];
};

BLOCK_FN(sse2) struct block_sse2 block_load_sse2(const char *p)
{
	struct block_sse2 b;

	BLOCK_EACH (i, 4)
		b.v[i] = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i));
	return b;
}

BLOCK_FN(sse2) uint64_t block_high_sse2(struct block_sse2 b)
{
	uint32_t low = (uint32_t)_mm_movemask_epi8(b.v[0]) | (uint32_t)_mm_movemask_epi8(b.v[1]) << 16;
	uint32_t high = (uint32_t)_mm_movemask_epi8(b.v[2]) | (uint32_t)_mm_movemask_epi8(b.v[3]) << 16;

	return low | (uint64_t)high << 32;
}

BLOCK_FN(sse2) uint64_t block_eq_sse2(struct block_sse2 b, char c)
{
	BLOCK_EACH (i, 4)
		b.v[i] = _mm_cmpeq_epi8(b.v[i], _mm_set1_epi8(c));
	return block_high_sse2(b);
}

BLOCK_FN(sse2) uint64_t block_either_sse2(struct block_sse2 b, char c1, char c2)
{
	BLOCK_EACH (i, 4)
		b.v[i] = _mm_or_si128(_mm_cmpeq_epi8(b.v[i], _mm_set1_epi8(c1)),
			_mm_cmpeq_epi8(b.v[i], _mm_set1_epi8(c2)));
	return block_high_sse2(b);
}

BLOCK_FN(sse2) struct block_sse2 block_or_sse2(struct block_sse2 b, char bits)
{
	BLOCK_EACH (i, 4)
		b.v[i] = _mm_or_si128(b.v[i], _mm_set1_epi8(bits));
	return b;
}

BLOCK_FN(sse2) uint64_t block_below_sse2(struct block_sse2 b, char c)
{
	BLOCK_EACH (i, 4)
		b.v[i] = _mm_cmpeq_epi8(b.v[i], _mm_min_epu8(b.v[i], _mm_set1_epi8((char)(c - 1))));
	return block_high_sse2(b);
}

BLOCK_FN(sse2) bool block_any3_sse2(struct block_sse2 b, char c1, char c2, char c3)
{
	__m128i hits = _mm_setzero_si128();

	BLOCK_EACH (i, 4) {
		hits = _mm_or_si128(hits, _mm_cmpeq_epi8(b.v[i], _mm_set1_epi8(c1)));
		hits = _mm_or_si128(hits, _mm_cmpeq_epi8(b.v[i], _mm_set1_epi8(c2)));
		hits = _mm_or_si128(hits, _mm_cmpeq_epi8(b.v[i], _mm_set1_epi8(c3)));
	}
	return _mm_movemask_epi8(hits);
}

BLOCK_FN(sse2) size_t block_count_sse2(uint64_t m)
{
	return qun_bits(m);
}

BLOCK_FN(sse2) size_t block_first_sse2(uint64_t m)
{
	return (size_t)__builtin_ctzll(m | UINT64_C(1) << 63);
}

BLOCK_PLACES(sse2)

BLOCK_FN(sse2) uint64_t block_low_sse2(uint64_t m, size_t n)
{
	return qun_low_bits(m, n);
}

BLOCK_FN(sse2) uint64_t block_runs_sse2(uint64_t quotes)
{
	return qun_prefix_xor(quotes);
}

struct block_avx2 {
	__m256i v[2];
};

BLOCK_FN(avx2) struct block_avx2 block_load_avx2(const char *p)
{
	return (struct block_avx2){{_mm256_loadu_si256((const __m256i *)(const void *)p),
		_mm256_loadu_si256((const __m256i *)(const void *)(p + 32))}};
}

BLOCK_FN(avx2) uint64_t block_high_avx2(struct block_avx2 b)
{
	return (uint32_t)_mm256_movemask_epi8(b.v[0]) | (uint64_t)(uint32_t)_mm256_movemask_epi8(b.v[1]) << 32;
}

BLOCK_FN(avx2) uint64_t block_eq_avx2(struct block_avx2 b, char c)
{
	BLOCK_EACH (i, 2)
		b.v[i] = _mm256_cmpeq_epi8(b.v[i], _mm256_set1_epi8(c));
	return block_high_avx2(b);
}

BLOCK_FN(avx2) uint64_t block_either_avx2(struct block_avx2 b, char c1, char c2)
{
	BLOCK_EACH (i, 2)
		b.v[i] = _mm256_or_si256(_mm256_cmpeq_epi8(b.v[i], _mm256_set1_epi8(c1)),
			_mm256_cmpeq_epi8(b.v[i], _mm256_set1_epi8(c2)));
	return block_high_avx2(b);
}

BLOCK_FN(avx2) struct block_avx2 block_or_avx2(struct block_avx2 b, char bits)
{
	BLOCK_EACH (i, 2)
		b.v[i] = _mm256_or_si256(b.v[i], _mm256_set1_epi8(bits));
	return b;
}

BLOCK_FN(avx2) uint64_t block_below_avx2(struct block_avx2 b, char c)
{
	BLOCK_EACH (i, 2)
		b.v[i] = _mm256_cmpeq_epi8(b.v[i], _mm256_min_epu8(b.v[i], _mm256_set1_epi8((char)(c - 1))));
	return block_high_avx2(b);
}

BLOCK_FN(avx2) bool block_any3_avx2(struct block_avx2 b, char c1, char c2, char c3)
{
	__m256i hits = _mm256_setzero_si256();

	BLOCK_EACH (i, 2) {
		hits = _mm256_or_si256(hits, _mm256_cmpeq_epi8(b.v[i], _mm256_set1_epi8(c1)));
		hits = _mm256_or_si256(hits, _mm256_cmpeq_epi8(b.v[i], _mm256_set1_epi8(c2)));
		hits = _mm256_or_si256(hits, _mm256_cmpeq_epi8(b.v[i], _mm256_set1_epi8(c3)));
	}
	return _mm256_movemask_epi8(hits);
}

BLOCK_FN(avx2) size_t block_count_avx2(uint64_t m)
{
	return (size_t)__builtin_popcountll(m);
}

BLOCK_FN(avx2) size_t block_first_avx2(uint64_t m)
{
	return (size_t)_tzcnt_u64(m);
}

BLOCK_PLACES(avx2)

BLOCK_FN(avx2) uint64_t block_low_avx2(uint64_t m, size_t n)
{
	return _bzhi_u64(m, (unsigned)n);
}

BLOCK_FN(avx2) uint64_t block_runs_avx2(uint64_t quotes)
{
	__m128i product = _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)quotes), _mm_set1_epi8(-1), 0);

	return (uint64_t)_mm_cvtsi128_si64(product);
}

struct block_avx512 {
	__m512i v;
};

BLOCK_FN(avx512) struct block_avx512 block_load_avx512(const char *p)
{
	return (struct block_avx512){_mm512_loadu_si512(p)};
}

BLOCK_FN(avx512) uint64_t block_high_avx512(struct block_avx512 b)
{
	return _mm512_movepi8_mask(b.v);
}

BLOCK_FN(avx512) uint64_t block_eq_avx512(struct block_avx512 b, char c)
{
	return _mm512_cmpeq_epi8_mask(b.v, _mm512_set1_epi8(c));
}

BLOCK_FN(avx512) uint64_t block_either_avx512(struct block_avx512 b, char c1, char c2)
{
	return block_eq_avx512(b, c1) | block_eq_avx512(b, c2);
}

BLOCK_FN(avx512) struct block_avx512 block_or_avx512(struct block_avx512 b, char bits)
{
	return (struct block_avx512){_mm512_or_si512(b.v, _mm512_set1_epi8(bits))};
}

BLOCK_FN(avx512) uint64_t block_below_avx512(struct block_avx512 b, char c)
{
	return _mm512_cmplt_epu8_mask(b.v, _mm512_set1_epi8(c));
}

BLOCK_FN(avx512) bool block_any3_avx512(struct block_avx512 b, char c1, char c2, char c3)
{
	return (block_eq_avx512(b, c1) | block_eq_avx512(b, c2) | block_eq_avx512(b, c3)) != 0;
}

#define block_count_avx512 block_count_avx2
#define block_first_avx512 block_first_avx2
#define block_low_avx512 block_low_avx2
#define block_runs_avx512 block_runs_avx2

BLOCK_FN(avx512) void block_places_avx512(uint64_t m, size_t at, uint16_t *to)
{
	const __m512i each = _mm512_set_epi8(63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45,
		44, 43, 42, 41, 40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18,
		17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
	__m512i places = _mm512_maskz_compress_epi8(m, each), base = _mm512_set1_epi16((short)at);
	__m256i low = _mm512_castsi512_si256(places), high = _mm512_extracti64x4_epi64(places, 1);

	_mm256_storeu_si256((__m256i *)(void *)to, _mm256_add_epi16(_mm512_castsi512_si256(base),
		_mm256_cvtepu8_epi16(_mm256_castsi256_si128(low))));
	if (block_count_avx2(m) <= 16)
		return;
	_mm256_storeu_si256((__m256i *)(void *)(to + 16), _mm256_add_epi16(_mm512_castsi512_si256(base),
		_mm256_cvtepu8_epi16(_mm256_extracti128_si256(low, 1))));
	_mm512_storeu_si512(to + 32, _mm512_add_epi16(base, _mm512_cvtepu8_epi16(high)));
}
#endif

#if defined(__aarch64__)
struct block_neon {
	uint8x16_t v[4];
};

BLOCK_FN(neon) struct block_neon block_load_neon(const char *p)
{
	struct block_neon b;

	BLOCK_EACH (i, 4)
		b.v[i] = vld1q_u8((const uint8_t *)p + 16 * i);
	return b;
}

/* Bytes of all ones or none to bits: each keeps the bit of its place, and neighbours are added up. */
BLOCK_FN(neon) uint64_t block_gather_neon(struct block_neon b)
{
	static const uint8_t place[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
	uint8x16_t bit = vld1q_u8(place);
	uint8x16_t low = vpaddq_u8(vandq_u8(b.v[0], bit), vandq_u8(b.v[1], bit));
	uint8x16_t high = vpaddq_u8(vandq_u8(b.v[2], bit), vandq_u8(b.v[3], bit));
	uint8x16_t all = vpaddq_u8(low, high);

	return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(all, all)), 0);
}

BLOCK_FN(neon) uint64_t block_eq_neon(struct block_neon b, char c)
{
	BLOCK_EACH (i, 4)
		b.v[i] = vceqq_u8(b.v[i], vdupq_n_u8((uint8_t)c));
	return block_gather_neon(b);
}

BLOCK_FN(neon) uint64_t block_either_neon(struct block_neon b, char c1, char c2)
{
	BLOCK_EACH (i, 4)
		b.v[i] = vorrq_u8(vceqq_u8(b.v[i], vdupq_n_u8((uint8_t)c1)),
			vceqq_u8(b.v[i], vdupq_n_u8((uint8_t)c2)));
	return block_gather_neon(b);
}

BLOCK_FN(neon) struct block_neon block_or_neon(struct block_neon b, char bits)
{
	BLOCK_EACH (i, 4)
		b.v[i] = vorrq_u8(b.v[i], vdupq_n_u8((uint8_t)bits));
	return b;
}

BLOCK_FN(neon) uint64_t block_below_neon(struct block_neon b, char c)
{
	BLOCK_EACH (i, 4)
		b.v[i] = vcltq_u8(b.v[i], vdupq_n_u8((uint8_t)c));
	return block_gather_neon(b);
}

BLOCK_FN(neon) bool block_any3_neon(struct block_neon b, char c1, char c2, char c3)
{
	uint8x16_t hits = vdupq_n_u8(0);

	BLOCK_EACH (i, 4) {
		hits = vorrq_u8(hits, vceqq_u8(b.v[i], vdupq_n_u8((uint8_t)c1)));
		hits = vorrq_u8(hits, vceqq_u8(b.v[i], vdupq_n_u8((uint8_t)c2)));
		hits = vorrq_u8(hits, vceqq_u8(b.v[i], vdupq_n_u8((uint8_t)c3)));
	}
	return vmaxvq_u8(hits);
}

BLOCK_FN(neon) uint64_t block_high_neon(struct block_neon b)
{
	BLOCK_EACH (i, 4)
		b.v[i] = vcgeq_u8(b.v[i], vdupq_n_u8(0x80));
	return block_gather_neon(b);
}

BLOCK_FN(neon) size_t block_count_neon(uint64_t m)
{
	return (size_t)__builtin_popcountll(m);
}

BLOCK_FN(neon) size_t block_first_neon(uint64_t m)
{
	return (size_t)__builtin_ctzll(m | UINT64_C(1) << 63);
}

BLOCK_PLACES(neon)

BLOCK_FN(neon) uint64_t block_low_neon(uint64_t m, size_t n)
{
	return qun_low_bits(m, n);
}

BLOCK_FN(neon) uint64_t block_runs_neon(uint64_t quotes)
{
	return qun_prefix_xor(quotes);
}
#endif

#endif
