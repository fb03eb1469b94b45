/*
 * Compiles QUN_LANE_BODY once for every lane that machines of this kind may have; see block.h. It has
 * no guard, so that a source may have several bodies.
 */
#include "core/block.h"

#define LANE_PASTE(name, lane) name##_##lane
#define LANE_NAME(name, lane) LANE_PASTE(name, lane)
#define LANE(name) LANE_NAME(name, QUN_LANE)
#define LANE_TARGET LANE_NAME(QUN_TARGET, QUN_LANE)
#define LANE_INLINE static inline __attribute__((always_inline)) LANE_TARGET
#define LANE_ENTRY static LANE_TARGET
#define LANE_APART static __attribute__((noinline)) LANE_TARGET

#define block LANE(block)
#define block_load LANE(block_load)
#define block_eq LANE(block_eq)
#define block_either LANE(block_either)
#define block_or LANE(block_or)
#define block_below LANE(block_below)
#define block_high LANE(block_high)
#define block_any3 LANE(block_any3)
#define block_count LANE(block_count)
#define block_first LANE(block_first)
#define block_low LANE(block_low)
#define block_places LANE(block_places)
#define block_runs LANE(block_runs)

#define QUN_LANE plain
#include QUN_LANE_BODY
#undef QUN_LANE
#if defined(__x86_64__)
#define QUN_LANE sse2
#include QUN_LANE_BODY
#undef QUN_LANE
#define QUN_LANE avx2
#include QUN_LANE_BODY
#undef QUN_LANE
#define QUN_LANE avx512
#include QUN_LANE_BODY
#undef QUN_LANE
#elif defined(__aarch64__)
#define QUN_LANE neon
#include QUN_LANE_BODY
#undef QUN_LANE
#endif

#undef block
#undef block_load
#undef block_eq
#undef block_either
#undef block_or
#undef block_below
#undef block_high
#undef block_any3
#undef block_count
#undef block_first
#undef block_low
#undef block_places
#undef block_runs
#undef LANE_PASTE
#undef LANE_NAME
#undef LANE
#undef LANE_TARGET
#undef LANE_INLINE
#undef LANE_ENTRY
#undef LANE_APART
#undef QUN_LANE_BODY
