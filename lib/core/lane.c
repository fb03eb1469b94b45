/* Which lanes this machine has. */
#include "qun/lane.h"

#include <stdbool.h>

/* The loader has asked the processor already, which takes long in a virtual machine. CPU_FEATURE_ACTIVE tells the
 * same, but of the last bit of a word by a shift that C leaves undefined. */
#if __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
static bool is_active(unsigned feature)
{
	return __x86_get_cpuid_feature_leaf(feature / 128)->active_array[feature % 128 / 32] >> feature % 32 & 1;
}
#define CAN(known, asked) is_active(x86_cpu_##known)
#else
#define CAN(known, asked) __builtin_cpu_supports(asked)
#endif

static bool has(enum qun_lane lane)
{
	switch (lane) {
	case QUN_LANE_PLAIN: return true;
#ifdef __x86_64__
	case QUN_LANE_SSE2: return true;
	case QUN_LANE_AVX512:
		return has(QUN_LANE_AVX2) && CAN(AVX512F, "avx512f") && CAN(AVX512BW, "avx512bw") &&
			CAN(AVX512VL, "avx512vl") && CAN(AVX512_VBMI2, "avx512vbmi2");
	case QUN_LANE_AVX2:
		return CAN(AVX2, "avx2") && CAN(PCLMULQDQ, "pclmul") && CAN(BMI1, "bmi") && CAN(BMI2, "bmi2") &&
			CAN(POPCNT, "popcnt");
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
