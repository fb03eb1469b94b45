/* In which periods somebody counts as a member. */
#ifndef METRIC_ACTIVITY_RANGES_H
#define METRIC_ACTIVITY_RANGES_H

#include "metric/activity_rate/activity.h"

/* Periods from … to in which someone counts as a member. */
struct qun_activity_range {
	int64_t from, to;
};

struct qun_activity_ranges {
	struct qun_activity_range *v;
	size_t n, cap;
};

/* The periods that one interval counts in; from > to: none. */
struct qun_activity_range qun_activity_range_of(const struct qun_activity_rows *r, enum qun_activity_denominator d,
	const struct qun_interval *iv, int64_t log_start);
/* Sorts ranges and makes those that overlap one, so that nobody counts twice in a period. */
void qun_activity_unite(struct qun_activity_ranges *s);
bool qun_activity_ranges_hold(const struct qun_activity_ranges *s, int64_t period); /* of those united */

#endif
