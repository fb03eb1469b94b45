/*
 * ClickHouse's windowFunnel: how many steps a person's events reach by its rules. They differ from
 * those of path.h: but for QUN_LEVEL_ONCE one event may fill several steps, a newer first step takes
 * the place of an older one, and the strict modes end everything where they are broken. The rules are
 * those of src/AggregateFunctions/AggregateFunctionWindowFunnel.cpp in ClickHouse/ClickHouse at
 * 0215c755 (with the correction of #37177).
 */
#ifndef MODEL_LEVEL_H
#define MODEL_LEVEL_H

#include "metric/funnel/path.h"

enum qun_level_mode {
	QUN_LEVEL_DEDUPLICATION = 1, /* an event of a step that is reached already ends it */
	QUN_LEVEL_ORDER = 2,	     /* so does one of no step or of a step whose turn has not come */
	QUN_LEVEL_INCREASE = 4,	     /* each step later than the one before */
	QUN_LEVEL_ONCE = 8,	     /* an event fills one step */
	QUN_LEVEL_REENTRY = 16,	     /* with ORDER: a step whose turn has not come is passed over */
};

struct qun_level_rule {
	int steps;
	unsigned mode;
	int64_t window_us;    /* QUN_NEVER: none */
	int64_t since, until; /* first steps lie in [since, until) */
};

/*
 * Steps reached, 0 … rule->steps; QUN_ENOMEM. Sorts ev. other: ascending instants of events that match
 * no step, looked at by QUN_LEVEL_ORDER. The answer does not depend on the order of events: those of
 * one instant are taken by their masks.
 */
int qun_level_of(const struct qun_level_rule *rule, struct qun_path_event *ev, size_t n,
	const int64_t *other, size_t nother);

#endif
