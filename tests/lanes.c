/* Block masks and the validity of UTF-8 by every lane, against loops over the bytes, on random ones. */
#include "core/block.h"
#include "qun/utf8.h"

#include <stdio.h>

#define QUN_LANE_BODY "../tests/lanes_body.h"
#include "core/lanes.h"
#include "xorshift.h"

enum { ROUNDS = 20000, TEXT = 400 };

static void masks_by_byte(const char *p, char c, uint64_t out[5])
{
	bool odd = false;

	memset(out, 0, 5 * sizeof(*out));
	for (int i = 0; i < QUN_BLOCK; i++) {
		uint64_t bit = UINT64_C(1) << i;
		unsigned char u = (unsigned char)p[i];
		odd ^= p[i] == c;
		out[0] |= p[i] == c ? bit : 0;
		out[1] |= u < ' ' ? bit : 0;
		out[2] |= u >= 0x80 ? bit : 0;
		out[3] |= odd ? bit : 0;
		out[4] |= (p[i] | 0x26) == c ? bit : 0;
	}
}

/* Few signs, and those next to the limits, so that every mask is now thin, now thick. */
static void fill_block(char *p, uint64_t *state)
{
	static const char near[] = {'"', '!', '#', '\n', '\0', '\x1f', ' ', '\x7f', '\x80', '\xff', '\xa2', '\x01'};
	uint64_t r = xorshift(state), kinds = 1 + r % sizeof(near), odd = 1 + (r >> 8) % 70;

	for (int i = 0; i < QUN_BLOCK; i++) {
		r = xorshift(state);
		p[i] = r % odd ? near[(r >> 8) % kinds] : (char)(r >> 16);
	}
}

static bool masks_agree(enum qun_lane lane)
{
	typedef void masks_fn(const char *p, char c, uint64_t out[5]);
	static masks_fn *const masks[QUN_LANES] = QUN_LANE_TABLE(masks);
	static const char wanted[] = {'"', '\n', ',', '\0', '\xff', '\x80', '\x7f', '\r'};
	uint64_t state = XORSHIFT_SEED, have[5], want[5];
	char bytes[QUN_BLOCK + 1];

	for (int i = 0; i < ROUNDS; i++) {
		fill_block(bytes + i % 2, &state);
		masks_by_byte(bytes + i % 2, wanted[i % (int)sizeof(wanted)], want);
		masks[lane](bytes + i % 2, wanted[i % (int)sizeof(wanted)], have);
		if (memcmp(have, want, sizeof(have)) != 0)
			return false;
	}
	return true;
}

/* Characters of all lengths, those at the limits often, and in some texts bytes changed or lost. */
static size_t fill_text(char *p, uint64_t *state)
{
	static const uint32_t limit[] = {0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff, 0x4e00};
	static const char odd[] = "\x80\x8f\x90\x9f\xa0\xbf\xc0\xc1\xc2\xdf\xe0\xed\xef\xf0\xf4\xf5\xff\x7f";
	uint64_t r = xorshift(state), ascii = r & 3, damage = (r >> 4) % 4;
	size_t size = (r >> 8) % (TEXT - 4);
	struct qun_buf text = {0};

	while (text.len < size) {
		r = xorshift(state);
		if (r % 4 < ascii)
			qun_buf_add(&text, "an ASCII text, now and then longer than a block of sixty-four bytes", (r >> 8) % 68);
		else if (qun_utf8_put(&text, (r >> 8) % 3 ? limit[(r >> 16) % 10] : (uint32_t)(r >> 16) % 0x110000) < 0)
			qun_buf_add_char(&text, 'x');
	}
	for (uint64_t i = 0; i < damage && text.len; i++) {
		r = xorshift(state);
		text.ptr[(r >> 8) % text.len] = odd[(r >> 40) % (sizeof(odd) - 1)];
	}
	size = text.len < TEXT ? text.len : TEXT;
	size -= size && damage == 1; /* cut off */
	if (size)
		memcpy(p, text.ptr, size);
	qun_buf_release(&text);
	return size;
}

static size_t valid_by_character(struct qun_span s)
{
	size_t at = 0, start = 0;

	while (at < s.len && qun_utf8_next(s, &at) >= 0)
		start = at;
	return start;
}

static bool validity_agrees(enum qun_lane lane)
{
	uint64_t state = XORSHIFT_SEED;
	char bytes[TEXT];

	for (int i = 0; i < 5 * ROUNDS; i++) {
		struct qun_span text = {bytes, fill_text(bytes, &state)};
		if (qun_utf8_valid_by(text, lane) != valid_by_character(text))
			return false;
	}
	return true;
}

/* All sequences of four bytes whose first is no ASCII, at a few places of a text, which now and then is a long one. */
static bool sequences_agree(enum qun_lane lane)
{
	static const unsigned char follow[] = {0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xe0, 0xf0, 0xff};
	enum { N = sizeof(follow) };

	for (unsigned i = 0; i < 128 * N * N * N; i++) {
		char text[600];
		size_t len = i % 33 ? 96 : sizeof(text), at = (i % 33 ? 58 : 250) + i % 7;
		const unsigned char four[4] = {(unsigned char)(0x80 + i / (N * N * N)), follow[i / (N * N) % N],
			follow[i / N % N], follow[i % N]};
		memset(text, 'a', len);
		memcpy(text + at, four, sizeof(four));
		for (size_t cut = 0; cut < 2; cut++) {
			struct qun_span s = {text, cut ? at + 1 + i % 4 : len};
			if (qun_utf8_valid_by(s, lane) != valid_by_character(s))
				return false;
		}
	}
	return true;
}

int main(void)
{
	static const struct {
		const char *name;
		bool (*agree)(enum qun_lane lane);
	} test[] = {
		{"masks of random blocks", masks_agree},
		{"validity of random text", validity_agrees},
		{"validity of sequences of four bytes", sequences_agree},
	};
	int count = 0, failed = 0;

	for (size_t i = 0; i < sizeof(test) / sizeof(*test); i++) {
		for (int lane = QUN_LANE_PLAIN; lane < QUN_LANES; lane++) {
			bool there = qun_lane_of(lane) == (enum qun_lane)lane, good = !there || test[i].agree(lane);
			printf("%sok %d - %s: %s%s\n", good ? "" : "not ", ++count, test[i].name, qun_lane_name(lane),
				there ? "" : " # SKIP not on this machine");
			failed += !good;
		}
	}
	printf("1..%d\n", count);
	return failed != 0;
}
