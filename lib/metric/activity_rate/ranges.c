/* Intervals of membership as ranges of periods. */
#include <stdlib.h>

#include "metric/activity_rate/ranges.h"

struct qun_activity_range qun_activity_range_of(const struct qun_activity_rows *r, enum qun_activity_denominator d,
	const struct qun_interval *iv, int64_t log_start)
{
	const struct qun_cal *cal = &r->ctx->run->cal;
	/* A group's rows begin with its log. */
	int64_t first = !r->c->total && iv->from <= log_start ? r->first
							      : qun_period_of(cal, &r->period, iv->from);
	int64_t last = iv->to < r->as_of ? qun_period_of(cal, &r->period, iv->to) : r->last;
	bool since_start = iv->from <= log_start &&
			   (iv->opening == QUN_OPEN_START || iv->opening == QUN_OPEN_ROSTER);

	if (d == ACTIVITY_START && !since_start &&
		qun_period_start(cal, &r->period, first) != iv->from)
		first++;
	if (d == ACTIVITY_END && iv->to < r->as_of)
		last = qun_period_of(cal, &r->period, iv->to + 1) - 1;
	return (struct qun_activity_range){first, last};
}

static int by_from(const void *a, const void *b)
{
	const struct qun_activity_range *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

void qun_activity_unite(struct qun_activity_ranges *s)
{
	size_t n = 0;

	if (s->n > 1)
		qsort(s->v, s->n, sizeof(*s->v), by_from);
	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i].from > s->v[i].to)
			continue;
		if (n && s->v[i].from <= s->v[n - 1].to) {
			if (s->v[n - 1].to < s->v[i].to)
				s->v[n - 1].to = s->v[i].to;
		} else {
			s->v[n++] = s->v[i];
		}
	}
	s->n = n;
}

bool qun_activity_ranges_hold(const struct qun_activity_ranges *s, int64_t period)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->v[mid].to < period)
			low = mid + 1;
		else
			high = mid;
	}
	return low < s->n && s->v[low].from <= period;
}
