/*
 * Validity of UTF-8 at the speed of memory. With AVX2 by three tables: what the halves of a byte and
 * the byte behind it tell together is every kind of damage but one, a sequence of three or four that
 * lacks its later bytes (Keiser and Lemire, Validating UTF-8 in less than one instruction per byte).
 * Elsewhere blocks of ASCII are passed as a whole. Where the damage is, is for the decoder to say.
 */
#include "qun/utf8.h"

#include "core/block.h"

/* Decodes from a place where a character begins. */
static size_t decode(struct qun_span s, size_t at, size_t upto)
{
	while (at < upto) {
		size_t start = at;
		if ((unsigned char)s.ptr[at] < 0x80)
			at++;
		else if (qun_utf8_next(s, &at) < 0)
			return start;
	}
	return at;
}

#define QUN_LANE_BODY "core/utf8_lane.h"
#include "core/lanes.h"

#ifdef __x86_64__
enum { STRETCH = 4 * QUN_BLOCK };

#define AVX2_FN static inline __attribute__((always_inline)) QUN_TARGET_avx2

enum {
	TOO_SHORT = 1 << 0,  /* a lead, then no continuation */
	TOO_LONG = 1 << 1,   /* ASCII, then a continuation */
	OVERLONG_3 = 1 << 2,
	TOO_LARGE = 1 << 3,
	SURROGATE = 1 << 4,
	OVERLONG_2 = 1 << 5,
	OVERLONG_4 = 1 << 6, /* and leads from F5 on, with 80 … 8F behind them */
	TWO_CONTS = 1 << 7,  /* right only within a sequence of three or four */
	ANY_LOW = TOO_SHORT | TOO_LONG | TWO_CONTS,
	LARGE_LOW = ANY_LOW | TOO_LARGE | OVERLONG_4,
};

#define TABLE(...) _mm256_setr_epi8(__VA_ARGS__, __VA_ARGS__)

/* What the upper half of a byte, its lower half, and the upper half of the next one allow. */
AVX2_FN __m256i by_first_high(__m256i high)
{
	return _mm256_shuffle_epi8(TABLE(TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG,
		(char)TWO_CONTS, (char)TWO_CONTS, (char)TWO_CONTS, (char)TWO_CONTS, TOO_SHORT | OVERLONG_2, TOO_SHORT,
		TOO_SHORT | OVERLONG_3 | SURROGATE, TOO_SHORT | TOO_LARGE | OVERLONG_4), high);
}

AVX2_FN __m256i by_first_low(__m256i low)
{
	const char any = (char)ANY_LOW, large = (char)LARGE_LOW;

	return _mm256_shuffle_epi8(TABLE((char)(ANY_LOW | OVERLONG_2 | OVERLONG_3 | OVERLONG_4),
		(char)(ANY_LOW | OVERLONG_2), any, any, (char)(ANY_LOW | TOO_LARGE), large, large, large, large, large,
		large, large, large, (char)(LARGE_LOW | SURROGATE), large, large), low);
}

AVX2_FN __m256i by_second_high(__m256i high)
{
	const char cont = (char)(TOO_LONG | OVERLONG_2 | TWO_CONTS);

	return _mm256_shuffle_epi8(TABLE(TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
		TOO_SHORT, (char)(cont | OVERLONG_3 | OVERLONG_4), (char)(cont | OVERLONG_3 | TOO_LARGE),
		(char)(cont | SURROGATE | TOO_LARGE), (char)(cont | SURROGATE | TOO_LARGE), TOO_SHORT, TOO_SHORT, TOO_SHORT,
		TOO_SHORT), high);
}

/* The bytes n before those of v, the last ones of before in front. */
#define SHIFTED(v, before, n) _mm256_alignr_epi8(v, _mm256_permute2x128_si256(before, v, 0x21), 16 - (n))

AVX2_FN __m256i high_half(__m256i v)
{
	return _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(0x0f));
}

/* Non-zero where something is wrong with v behind before. */
AVX2_FN __m256i wrong(__m256i v, __m256i before)
{
	__m256i first = SHIFTED(v, before, 1);
	__m256i pair = _mm256_and_si256(by_second_high(high_half(v)), _mm256_and_si256(by_first_high(high_half(first)),
		by_first_low(_mm256_and_si256(first, _mm256_set1_epi8(0x0f)))));
	/* leads of three two bytes before, leads of four three bytes before: a second continuation is due */
	__m256i three = _mm256_subs_epu8(SHIFTED(v, before, 2), _mm256_set1_epi8(0xe0 - 0x80));
	__m256i four = _mm256_subs_epu8(SHIFTED(v, before, 3), _mm256_set1_epi8(0xf0 - 0x80));
	__m256i due = _mm256_and_si256(_mm256_or_si256(three, four), _mm256_set1_epi8((char)0x80));

	return _mm256_xor_si256(due, pair);
}

/* Non-zero where v ends within a sequence. */
AVX2_FN __m256i unended(__m256i v)
{
	const __m256i most = _mm256_setr_epi8(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
		-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, (char)(0xf0 - 1), (char)(0xe0 - 1), (char)(0xc0 - 1));

	return _mm256_subs_epu8(v, most);
}

AVX2_FN bool is_ascii(const char *p)
{
	__m256i all = _mm256_setzero_si256();

	BLOCK_EACH (i, STRETCH / QUN_BLOCK) {
		struct block_avx2 b = block_load_avx2(p + i * QUN_BLOCK);
		all = _mm256_or_si256(all, _mm256_or_si256(b.v[0], b.v[1]));
	}
	return !_mm256_movemask_epi8(all);
}

/*
 * Offset of a block, within which or within three bytes before which s stops being valid; or past the end.
 * Whether a block is ASCII is as good as random in a log, so only stretches of them are asked that.
 */
QUN_TARGET_avx2 static size_t wrong_block(struct qun_span s)
{
	__m256i before = _mm256_setzero_si256(), bad;
	char tail[QUN_BLOCK] = {0};

	/* the last one is filled up, so that what is cut off shows */
	for (size_t at = 0; at <= s.len; at += QUN_BLOCK) {
		const char *p = s.ptr + at;
		bool ascii = at % STRETCH == 0 && s.len - at >= STRETCH && is_ascii(p);
		if (s.len - at < QUN_BLOCK) {
			if (s.len > at)
				memcpy(tail, p, s.len - at);
			p = tail;
		}
		struct block_avx2 b = block_load_avx2(p);
		bad = ascii ? unended(before) : _mm256_or_si256(wrong(b.v[0], before), wrong(b.v[1], b.v[0]));
		if (!_mm256_testz_si256(bad, bad))
			return at;
		before = b.v[1];
		at += ascii ? STRETCH - QUN_BLOCK : 0;
	}
	return s.len + 1;
}

/* Where the sequence begins that may be unfinished at `at`; what stands before it is valid. */
static size_t begun(struct qun_span s, size_t at)
{
	for (size_t n = 1; n <= 3 && n <= at; n++) {
		unsigned char c = (unsigned char)s.ptr[at - n];
		if (c >= 0xc0)
			return at - n;
		if (c < 0x80)
			break;
	}
	return at;
}

static size_t utf8_valid_fast(struct qun_span s)
{
	size_t at = wrong_block(s);

	return at > s.len ? s.len : decode(s, begun(s, at), s.len);
}
#endif

size_t qun_utf8_valid_by(struct qun_span s, enum qun_lane lane)
{
	static size_t (*const valid[QUN_LANES])(struct qun_span s) = QUN_LANE_TABLE(utf8_valid);

	lane = qun_lane_of(lane);
#ifdef __x86_64__
	if (lane >= QUN_LANE_AVX2 && s.len >= 16)
		return utf8_valid_fast(s);
#endif
	return valid[lane](s);
}

size_t qun_utf8_valid(struct qun_span s)
{
	return qun_utf8_valid_by(s, QUN_LANE_AUTO);
}
