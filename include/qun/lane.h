/*
 * Lanes: the instruction sets that the loops over all bytes are compiled for. They give the same
 * answers at different speeds; tests force each in turn.
 */
#ifndef QUN_LANE_H
#define QUN_LANE_H

#ifdef __cplusplus
extern "C" {
#endif

enum qun_lane {
	QUN_LANE_AUTO, /* the widest that the machine has */
	QUN_LANE_PLAIN,
	QUN_LANE_SSE2,
	QUN_LANE_NEON,
	QUN_LANE_AVX2, /* with PCLMUL, BMI and POPCNT, as its machines have */
	QUN_LANE_AVX512, /* with BW, VL and VBMI2, too */
	QUN_LANES,
};

/* The lane asked for; where this machine has not got it, or none is asked for, its widest. */
enum qun_lane qun_lane_of(enum qun_lane asked);
const char *qun_lane_name(enum qun_lane lane);

#ifdef __cplusplus
}
#endif
#endif
