/* Block masks of every lane against a loop over the bytes, on random blocks. */
#include "core/block.h"

#include <stdbool.h>
#include <stdio.h>

#define QUN_LANE_BODY "../tests/block_lane.h"
#include "core/lanes.h"

enum { BLOCKS = 20000 };

static uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void masks_by_byte(const char *p, char c, uint64_t out[4])
{
	bool odd = false;

	memset(out, 0, 4 * sizeof(*out));
	for (int i = 0; i < QUN_BLOCK; i++) {
		uint64_t bit = UINT64_C(1) << i;
		unsigned char u = (unsigned char)p[i];
		odd ^= p[i] == c;
		out[0] |= p[i] == c ? bit : 0;
		out[1] |= u < ' ' ? bit : 0;
		out[2] |= u >= 0x80 ? bit : 0;
		out[3] |= odd ? bit : 0;
	}
}

/* Few signs, and those next to the limits, so that every mask is now thin, now thick. */
static void fill(char *p, uint64_t *state)
{
	static const char near[] = {'"', '!', '#', '\n', '\0', '\x1f', ' ', '\x7f', '\x80', '\xff', '\xa2', '\x01'};
	uint64_t r = random_next(state), kinds = 1 + r % sizeof(near), odd = 1 + (r >> 8) % 70;

	for (int i = 0; i < QUN_BLOCK; i++) {
		r = random_next(state);
		p[i] = r % odd ? near[(r >> 8) % kinds] : (char)(r >> 16);
	}
}

int main(void)
{
	typedef void masks_fn(const char *p, char c, uint64_t out[4]);
	static masks_fn *const masks[QUN_LANES] = QUN_LANE_TABLE(masks);
	static const char wanted[] = {'"', '\n', ',', '\0', '\xff', '\x80', '\x7f', '\r'};
	int count = 0, failed = 0;

	for (int lane = QUN_LANE_PLAIN; lane < QUN_LANES; lane++) {
		uint64_t state = 88172645463325252u, have[4], want[4];
		char bytes[QUN_BLOCK + 1];
		bool good = true;

		if (qun_lane_of(lane) != (enum qun_lane)lane) {
			printf("ok %d - %s # SKIP not on this machine\n", ++count, qun_lane_name(lane));
			continue;
		}
		for (int i = 0; good && i < BLOCKS; i++) {
			fill(bytes + i % 2, &state);
			masks_by_byte(bytes + i % 2, wanted[i % (int)sizeof(wanted)], want);
			masks[lane](bytes + i % 2, wanted[i % (int)sizeof(wanted)], have);
			good = memcmp(have, want, sizeof(have)) == 0;
		}
		printf("%sok %d - masks of %d random blocks: %s\n", good ? "" : "not ", ++count, BLOCKS, qun_lane_name(lane));
		failed += !good;
	}
	printf("1..%d\n", count);
	return failed != 0;
}
