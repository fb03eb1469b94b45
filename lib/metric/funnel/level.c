/*
 * The levels of windowFunnel, one instant after another. ClickHouse keeps every sequence that
 * strict_once may still extend; here each step keeps the latest beginning of a sequence that got to
 * it, because of two sequences that got there before this instant the one begun later can do all
 * that the other can, and inside an instant a matching says which sequences there are.
 */
#include <stdlib.h>

#include "metric/funnel/level.h"
#include "qun/cal.h"

struct reached {
	bool has;
	int64_t first, last; /* when the sequence began, when it got here */
};

struct levels {
	const struct qun_level_rule *rule;
	struct reached now[QUN_PATH_STEPS], old[QUN_PATH_STEPS]; /* old: before this instant */
	uint32_t *mask; /* events of the instant, ascending, thinned */
	size_t n;
	int64_t ts;
	bool entry; /* a first step may lie here */
};

static bool in_window(const struct levels *w, const struct reached *r)
{
	int64_t end;

	return r->has && (w->rule->window_us == QUN_NEVER ||
				 __builtin_add_overflow(r->first, w->rule->window_us, &end) ||
				 w->ts <= end);
}

/* Can different events of the instant but `without` fill the steps from … to - 1? */
static bool can_fill(const struct levels *w, int from, int to, size_t without)
{
	uint32_t by[QUN_PATH_STEPS] = {0};
	uint32_t open = (uint32_t)((UINT64_C(1) << to) - (UINT64_C(1) << from));
	int left = to - from;

	for (size_t i = 0; left > 0 && i < w->n; i++) {
		uint32_t seen = 0;

		if (i != without && qun_path_place(by, open, &seen, w->mask[i]))
			left--;
	}
	return left <= 0;
}

static bool extend(struct levels *w, int step)
{
	const struct reached *from = &w->now[step - 1];

	if (!in_window(w, from) || ((w->rule->mode & QUN_LEVEL_INCREASE) && from->last >= w->ts))
		return false;
	w->now[step] = (struct reached){true, from->first, w->ts};
	return true;
}

/* By event i: from a sequence that ended before this instant, or begins in it, over the instant's
 * other events. The fewer steps were taken before, the later the sequence began. */
static bool extend_once(struct levels *w, int step, size_t i)
{
	int from = w->rule->mode & QUN_LEVEL_INCREASE ? step : 0;

	for (; from <= step; from++) {
		int64_t first = from ? w->old[from - 1].first : w->ts;

		if ((from ? !in_window(w, &w->old[from - 1]) : !w->entry) ||
			!can_fill(w, from, step, i))
			continue;
		if (!w->now[step].has || w->now[step].first < first)
			w->now[step].first = first;
		w->now[step].has = true;
		return true;
	}
	return false;
}

/* Takes event i for a step, 0 the first; false where that ends everything. */
static bool take(struct levels *w, int step, size_t i)
{
	unsigned mode = w->rule->mode;

	if (step == 0) {
		if (w->entry)
			w->now[0] = (struct reached){true, w->ts, w->ts};
		return true;
	}
	if ((mode & QUN_LEVEL_DEDUPLICATION) && w->now[step].has)
		return false;
	if (!w->now[step - 1].has)
		return !(mode & QUN_LEVEL_ORDER) || !w->now[0].has || (mode & QUN_LEVEL_REENTRY);
	/* Of equal events the second does what the first did. */
	if ((mode & QUN_LEVEL_ONCE) && i && w->mask[i] == w->mask[i - 1])
		return true;
	return !(mode & QUN_LEVEL_ONCE ? extend_once(w, step, i) : extend(w, step)) ||
	       step + 1 < w->rule->steps;
}

/* The instant of the events [from, end); false where that ends everything. */
static bool take_instant(struct levels *w, const struct qun_path_event *ev, size_t from, size_t end)
{
	size_t copies = 0;

	w->ts = ev[from].ts;
	w->entry = w->ts >= w->rule->since && w->ts < w->rule->until;
	w->n = 0;
	/* More equal events than there are steps, and one, change nothing. */
	for (size_t i = from; i < end; i++) {
		copies = i > from && ev[i].mask == ev[i - 1].mask ? copies + 1 : 0;
		if (copies <= (size_t)w->rule->steps)
			w->mask[w->n++] = ev[i].mask;
	}
	for (int step = 0; step < w->rule->steps; step++)
		w->old[step] = w->now[step];
	for (int step = 0; step < w->rule->steps; step++) {
		for (size_t i = 0; i < w->n; i++) {
			if ((w->mask[i] >> step & 1) && !take(w, step, i))
				return false;
		}
	}
	return true;
}

static int by_time(const void *x, const void *y)
{
	const struct qun_path_event *a = x, *b = y;

	if (a->ts != b->ts)
		return a->ts < b->ts ? -1 : 1;
	return (a->mask > b->mask) - (a->mask < b->mask);
}

int qun_level_of(const struct qun_level_rule *rule, struct qun_path_event *ev, size_t n,
	const int64_t *other, size_t nother)
{
	struct levels w = {.rule = rule};
	bool more = true;
	int level = 0;

	if (n == 0)
		return 0;
	w.mask = malloc(n * sizeof(*w.mask));
	if (!w.mask)
		return QUN_ENOMEM;
	qsort(ev, n, sizeof(*ev), by_time);
	for (size_t from = 0, end, k = 0; more && from < n; from = end) {
		for (end = from + 1; end < n && ev[end].ts == ev[from].ts;)
			end++;
		/* What matches no step comes before the steps of its instant. */
		for (; (rule->mode & QUN_LEVEL_ORDER) && k < nother && other[k] <= ev[from].ts; k++)
			more = more && !w.now[0].has;
		if (more)
			more = take_instant(&w, ev, from, end);
	}
	free(w.mask);
	while (level < rule->steps && w.now[level].has)
		level++;
	return level;
}
