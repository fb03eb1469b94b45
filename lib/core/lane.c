/* Which lanes this machine has. */
#include "qun/lane.h"

#include <stdbool.h>

static bool has(enum qun_lane lane)
{
	switch (lane) {
	case QUN_LANE_PLAIN: return true;
#ifdef __x86_64__
	case QUN_LANE_SSE2: return true;
	case QUN_LANE_AVX512:
		return has(QUN_LANE_AVX2) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
			__builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi2");
	case QUN_LANE_AVX2:
		return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("pclmul") &&
			__builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
			__builtin_cpu_supports("popcnt");
#endif
#ifdef __aarch64__
	case QUN_LANE_NEON: return true;
#endif
	default: return false;
	}
}

enum qun_lane qun_lane_of(enum qun_lane asked)
{
	enum qun_lane lane = QUN_LANE_AVX512;

	if (has(asked))
		return asked;
	while (!has(lane))
		lane--;
	return lane;
}

const char *qun_lane_name(enum qun_lane lane)
{
	static const char *const name[QUN_LANES] = {"auto", "plain", "sse2", "neon", "avx2", "avx512"};

	return name[lane];
}
