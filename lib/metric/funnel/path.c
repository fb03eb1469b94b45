/*
 * The matcher. Events are grouped into instants, because inside one instant steps may follow each
 * other in any order of events; which runs of steps an instant can fill is a bipartite matching.
 * Over the instants a dynamic program finds, for a target depth, the earliest end that each first
 * use of an instant allows; min-trees over the instants answer "earliest end" and "first
 * instant that ends in time", so nothing is quadratic in the number of events.
 */
#include <stdlib.h>
#include <string.h>

#include "metric/funnel/path.h"
#include "qun/cal.h"

struct instant {
	int64_t ts;
	size_t first, end; /* its events */
	size_t upto;	   /* the next step is taken before this instant */
};

struct attempt {
	size_t event, instant;
	int64_t limit; /* no step after it */
	uint8_t run;   /* last step that its own instant can take it to */
	bool open, done;
};

/* One part: the events that agree in what is held. */
struct walk {
	const struct qun_path_rule *rule;
	const int64_t *stop;
	size_t nstop;
	int (*found)(void *arg, const struct qun_path *path);
	void *arg;
	const struct qun_path_event *ev;
	size_t n;
	struct instant *instant;
	size_t ninstant;
	uint8_t *run;	/* by instant and step s: last step of the longest run from s on */
	int64_t *tree;	/* by step: min-trees of the earliest end when s is taken first there */
	size_t leaves;	/* a power of two */
	uint32_t *pool; /* masks of an instant's events, thinned */
	struct attempt *attempt;
	size_t nattempt;
	int64_t at[QUN_PATH_STEPS];
};

static int64_t add_capped(int64_t a, int64_t b)
{
	int64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

bool qun_path_place(uint32_t by[], uint32_t open, uint32_t *seen, uint32_t mask)
{
	uint32_t can;

	while ((can = mask & open & ~*seen) != 0) {
		int step = __builtin_ctz(can);

		*seen |= UINT32_C(1) << step;
		if (by[step] == 0 || qun_path_place(by, open, seen, by[step])) {
			by[step] = mask;
			return true;
		}
	}
	return false;
}

/* Masks of the events [first, end) but `without`. More copies of one mask than there are steps
 * change nothing, so the pool stays small however many events share an instant. */
static size_t pool_of(struct walk *w, size_t first, size_t end, size_t without)
{
	size_t n = 0, copies = 0;

	for (size_t i = first; i < end; i++) {
		if (i > first && w->ev[i].mask != w->ev[i - 1].mask)
			copies = 0;
		if (i == without || copies == (size_t)w->rule->steps)
			continue;
		copies++;
		w->pool[n++] = w->ev[i].mask;
	}
	return n;
}

/* Last step of the longest run of steps from `step` on that n events of the pool can fill, each
 * event one; step - 1 if not even that one. */
static int longest_run(struct walk *w, size_t n, int step)
{
	uint32_t by[QUN_PATH_STEPS] = {0};
	uint32_t open = 0;

	for (int s = step; s <= w->rule->steps; s++) {
		uint32_t seen = 0, placed;
		size_t i = 0;

		open |= UINT32_C(1) << (s - 1);
		while (i < n && !qun_path_place(by, open, &seen, w->pool[i]))
			i++;
		if (i == n)
			return s - 1;
		/* An event once placed stays placed: it moves behind the free ones. */
		placed = w->pool[i];
		w->pool[i] = w->pool[--n];
		w->pool[n] = placed;
	}
	return w->rule->steps;
}

static uint8_t *run_at(const struct walk *w, size_t instant)
{
	return w->run + instant * (size_t)(w->rule->steps + 1);
}

static int64_t *tree_of(const struct walk *w, int step)
{
	return w->tree + (size_t)(step - 2) * 2 * w->leaves;
}

static void tree_set(int64_t *tree, size_t leaves, size_t i, int64_t value)
{
	/* Instants are entered from the last to the first, each leaf once: parents only fall. */
	for (i += leaves; i && tree[i] > value; i /= 2)
		tree[i] = value;
}

static int64_t tree_min(const int64_t *tree, size_t leaves, size_t from, size_t to)
{
	int64_t least = INT64_MAX;

	for (from += leaves, to += leaves; from < to; from /= 2, to /= 2) {
		if ((from & 1) && tree[from++] < least)
			least = tree[from - 1];
		if ((to & 1) && tree[--to] < least)
			least = tree[to];
	}
	return least;
}

/* First leaf at or after from that is <= limit; there is one. */
static size_t tree_first(const int64_t *tree, size_t leaves, size_t from, int64_t limit)
{
	size_t i = from + leaves;

	while (tree[i] > limit) {
		while (i & 1)
			i /= 2;
		i++;
	}
	while (i < leaves) {
		i *= 2;
		if (tree[i] > limit)
			i++;
	}
	return i - leaves;
}

/* Earliest end of the steps up to `depth` where this instant takes some of the run step … run, at
 * least `step` itself; INT64_MAX: no way. */
static int64_t earliest_end(const struct walk *w, size_t instant, int step, int run, int depth)
{
	int64_t least = INT64_MAX;

	if (run >= depth)
		return w->instant[instant].ts;
	for (int last = step; last <= run; last++) {
		int64_t end = tree_min(
			tree_of(w, last + 1), w->leaves, instant + 1, w->instant[instant].upto);

		if (end < least)
			least = end;
	}
	return least;
}

static void fill_trees(struct walk *w, int depth)
{
	for (size_t i = 0; i < (size_t)(depth - 1) * 2 * w->leaves; i++)
		w->tree[i] = INT64_MAX;
	for (size_t i = w->ninstant; i-- > 0;) {
		const uint8_t *run = run_at(w, i);

		for (int step = 2; step <= depth; step++) {
			if (run[step] < step)
				continue;
			tree_set(tree_of(w, step), w->leaves, i,
				earliest_end(w, i, step, run[step], depth));
		}
	}
}

static int tell(struct walk *w, struct attempt *a, int depth)
{
	struct qun_path path = {&w->ev[a->event], a->open, depth, w->at};

	a->done = true;
	return w->found(w->arg, &path);
}

/* Times of an attempt that reaches depth: each step as early as the rest still ends in time. */
static void trace(struct walk *w, const struct attempt *a, int depth)
{
	size_t i = a->instant;
	int run = a->run;

	w->at[0] = w->instant[i].ts;
	for (int step = 2; step <= depth; step++) {
		if (step > run || earliest_end(w, i, step, run, depth) > a->limit) {
			i = tree_first(tree_of(w, step), w->leaves, i + 1, a->limit);
			run = run_at(w, i)[step];
		}
		w->at[step - 1] = w->instant[i].ts;
	}
}

/* Deepest first: whoever ends in time at a depth is done with. */
static int walk_ordered(struct walk *w, int deepest)
{
	int rc = 0;

	for (int depth = deepest; rc == 0 && depth >= 2; depth--) {
		fill_trees(w, depth);
		for (size_t k = 0; rc == 0 && k < w->nattempt; k++) {
			struct attempt *a = &w->attempt[k];

			if (a->done || earliest_end(w, a->instant, 1, a->run, depth) > a->limit)
				continue;
			trace(w, a, depth);
			rc = tell(w, a, depth);
		}
	}
	for (size_t k = 0; rc == 0 && k < w->nattempt; k++) {
		struct attempt *a = &w->attempt[k];

		w->at[0] = w->ev[a->event].ts;
		if (!a->done)
			rc = tell(w, a, 1);
	}
	return rc;
}

/* Events of each step but the first, as one list after another; cursor goes up with the attempts.
 */
struct lists {
	size_t *event;
	size_t cursor[QUN_PATH_STEPS], end[QUN_PATH_STEPS];
};

static int lists_of(const struct walk *w, struct lists *l)
{
	size_t total = 0;

	for (size_t i = 0; i < w->n; i++)
		total += (size_t)__builtin_popcount(w->ev[i].mask);
	l->event = malloc((total ? total : 1) * sizeof(*l->event));
	if (!l->event)
		return QUN_ENOMEM;
	total = 0;
	for (int s = 1; s < w->rule->steps; s++) {
		l->cursor[s] = total;
		for (size_t i = 0; i < w->n; i++) {
			if (w->ev[i].mask >> s & 1)
				l->event[total++] = i;
		}
		l->end[s] = total;
	}
	return 0;
}

/* The next event of any list in time order, taken off the lists; w->n: none is left. */
static size_t next_of(const struct walk *w, const struct lists *l, size_t pos[], const size_t end[])
{
	size_t least = w->n;

	for (int s = 1; s < w->rule->steps; s++) {
		if (pos[s] < end[s] && l->event[pos[s]] < least)
			least = l->event[pos[s]];
	}
	for (int s = 1; s < w->rule->steps; s++) {
		if (pos[s] < end[s] && l->event[pos[s]] == least)
			pos[s]++;
	}
	return least;
}

/*
 * Any order: the other steps are filled by a growing matching. Of the events of one step only the
 * first few matter, as many as there are steps: the other steps cannot use up all of them.
 */
static int any_depth(struct walk *w, struct lists *l, const struct attempt *a)
{
	size_t pos[QUN_PATH_STEPS], end[QUN_PATH_STEPS], next;
	uint32_t by[QUN_PATH_STEPS] = {0};
	int steps = w->rule->steps;
	uint32_t open = (uint32_t)((UINT64_C(1) << steps) - 2);
	int depth = 1;

	w->at[0] = w->ev[a->event].ts;
	for (int s = 1; s < steps; s++) {
		while (l->cursor[s] < l->end[s] && w->ev[l->event[l->cursor[s]]].ts < w->at[0])
			l->cursor[s]++;
		pos[s] = l->cursor[s];
		end[s] = l->end[s] - pos[s] > (size_t)steps ? pos[s] + (size_t)steps : l->end[s];
	}
	while (depth < steps && (next = next_of(w, l, pos, end)) < w->n &&
		w->ev[next].ts <= a->limit) {
		uint32_t seen = 0;

		if (next != a->event && qun_path_place(by, open, &seen, w->ev[next].mask))
			w->at[depth++] = w->ev[next].ts;
	}
	return depth;
}

static int walk_any(struct walk *w)
{
	struct lists l = {0};
	int rc = lists_of(w, &l);

	for (size_t k = 0; rc == 0 && k < w->nattempt; k++) {
		int depth = any_depth(w, &l, &w->attempt[k]);

		rc = tell(w, &w->attempt[k], depth);
	}
	free(l.event);
	return rc;
}

/* Where an attempt must end: its window, the first exclusion at or after it, the moment of looking.
 */
static void set_limit(const struct walk *w, struct attempt *a)
{
	int64_t from = w->ev[a->event].ts, closes = add_capped(from, w->rule->window_us);
	size_t lo = 0, hi = w->nstop;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (w->stop[mid] < from)
			lo = mid + 1;
		else
			hi = mid;
	}
	a->limit = closes < w->rule->as_of ? closes : w->rule->as_of;
	if (lo < w->nstop && w->stop[lo] < a->limit)
		a->limit = w->stop[lo];
	a->open = w->rule->window_us != QUN_NEVER && closes > w->rule->as_of && lo == w->nstop;
}

static void find_attempts(struct walk *w)
{
	size_t instant = 0;

	for (size_t i = 0; i < w->n; i++) {
		const struct qun_path_event *ev = &w->ev[i];
		struct attempt *a = &w->attempt[w->nattempt];

		while (i >= w->instant[instant].end)
			instant++;
		if (!(ev->mask & 1) || ev->ts < w->rule->since || ev->ts >= w->rule->until)
			continue;
		*a = (struct attempt){.event = i, .instant = instant};
		set_limit(w, a);
		/* Equal events of an instant have equal prospects. */
		if (w->nattempt && a[-1].instant == instant && w->ev[a[-1].event].mask == ev->mask)
			a->run = a[-1].run;
		else if (w->rule->order != QUN_PATH_ANY)
			a->run = (uint8_t)longest_run(w,
				pool_of(w, w->instant[instant].first, w->instant[instant].end, i),
				2);
		w->nattempt++;
	}
}

/* How far from each instant the next step may be: inside the gap, and in strict order at the next
 * instant of all events, held or not. */
static void find_reach(struct walk *w)
{
	size_t upto = 0;

	for (size_t i = 0; i < w->ninstant; i++) {
		int64_t last = add_capped(w->instant[i].ts, w->rule->gap_us);

		while (upto < w->ninstant && w->instant[upto].ts <= last)
			upto++;
		w->instant[i].upto = upto;
		if (w->rule->order == QUN_PATH_STRICT && upto > i + 1)
			w->instant[i].upto = i + 1 +
					     (w->ev[w->instant[i + 1].first].rank ==
						     w->ev[w->instant[i].first].rank + 1);
	}
}

static void find_instants(struct walk *w)
{
	w->ninstant = 0;
	for (size_t i = 0; i < w->n; i++) {
		if (i == 0 || w->ev[i].ts != w->ev[i - 1].ts)
			w->instant[w->ninstant++] = (struct instant){.ts = w->ev[i].ts, .first = i};
		w->instant[w->ninstant - 1].end = i + 1;
	}
	for (size_t i = 0; w->rule->order != QUN_PATH_ANY && i < w->ninstant; i++) {
		size_t n = pool_of(w, w->instant[i].first, w->instant[i].end, SIZE_MAX);

		for (int step = 2; step <= w->rule->steps; step++)
			run_at(w, i)[step] = (uint8_t)longest_run(w, n, step);
	}
}

/* No attempt gets past the first step that no event matches. */
static int deepest_of(const struct walk *w)
{
	uint32_t all = 0;

	for (size_t i = 0; i < w->n; i++)
		all |= w->ev[i].mask;
	return all == UINT32_MAX ? QUN_PATH_STEPS : __builtin_ctz(~all);
}

static int walk_part(struct walk *w)
{
	int deepest = w->rule->order == QUN_PATH_ANY ? 1 : deepest_of(w);
	int rc = 0;

	w->nattempt = 0;
	find_instants(w);
	find_attempts(w);
	if (w->nattempt == 0)
		return 0;
	if (w->rule->order == QUN_PATH_ANY)
		return walk_any(w);
	find_reach(w);
	for (w->leaves = 1; w->leaves < w->ninstant;)
		w->leaves *= 2;
	if (deepest >= 2) {
		w->tree = calloc((size_t)(deepest - 1), 2 * w->leaves * sizeof(*w->tree));
		if (!w->tree)
			return QUN_ENOMEM;
	}
	rc = walk_ordered(w, deepest);
	free(w->tree);
	w->tree = NULL;
	return rc;
}

static int by_time(const void *x, const void *y)
{
	const struct qun_path_event *a = x, *b = y;

	return (a->ts > b->ts) - (a->ts < b->ts);
}

static int by_part(const void *x, const void *y)
{
	const struct qun_path_event *a = x, *b = y;

	if (a->hold != b->hold)
		return a->hold < b->hold ? -1 : 1;
	if (a->ts != b->ts)
		return a->ts < b->ts ? -1 : 1;
	return (a->mask > b->mask) - (a->mask < b->mask);
}

/* Ordered steps without a gap, all events of one part and each of one step: what comes first is always
 * best then. */
static bool is_plain(const struct qun_path_rule *rule, const struct qun_path_event *ev, size_t n)
{
	bool plain = rule->order == QUN_PATH_ORDERED && rule->gap_us == QUN_NEVER;

	for (size_t i = 0; plain && i < n; i++)
		plain = (ev[i].mask & (ev[i].mask - 1)) == 0 && ev[i].hold == ev[0].hold;
	return plain;
}

/* An attempt that begins later finds no step earlier, so no cursor ever goes back. */
static int walk_plain(struct walk *w)
{
	size_t cursor[QUN_PATH_STEPS] = {0};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < w->n; i++) {
		struct attempt a = {.event = i};
		int depth = 1;

		w->at[0] = w->ev[i].ts;
		if (w->ev[i].mask != 1 || w->at[0] < w->rule->since || w->at[0] >= w->rule->until)
			continue;
		set_limit(w, &a);
		for (; depth < w->rule->steps; depth++) {
			size_t c = cursor[depth];

			while (c < w->n && (w->ev[c].ts < w->at[depth - 1] || !(w->ev[c].mask >> depth & 1)))
				c++;
			cursor[depth] = c;
			if (c == w->n || w->ev[c].ts > a.limit)
				break;
			w->at[depth] = w->ev[c].ts;
		}
		rc = tell(w, &a, depth);
	}
	return rc;
}

/* Events mostly come in order. */
static void sort_by(struct qun_path_event *ev, size_t n, int (*cmp)(const void *, const void *))
{
	for (size_t i = 1; i < n; i++) {
		if (cmp(&ev[i - 1], &ev[i]) > 0) {
			qsort(ev, n, sizeof(*ev), cmp);
			return;
		}
	}
}

int qun_path_walk(const struct qun_path_rule *rule, struct qun_path_event *ev, size_t n,
	const int64_t *stop, size_t nstop, int (*found)(void *arg, const struct qun_path *path),
	void *arg)
{
	struct walk w = {.rule = rule, .stop = stop, .nstop = nstop, .found = found, .arg = arg};
	int rc = 0;

	if (n == 0)
		return 0;
	sort_by(ev, n, by_time);
	if (is_plain(rule, ev, n)) {
		w.ev = ev;
		w.n = n;
		return walk_plain(&w);
	}
	ev[0].rank = 0;
	for (size_t i = 1; i < n; i++)
		ev[i].rank = ev[i - 1].rank + (ev[i].ts != ev[i - 1].ts);
	sort_by(ev, n, by_part);
	w.instant = malloc(n * sizeof(*w.instant));
	w.run = malloc(n * (size_t)(rule->steps + 1));
	w.pool = malloc(n * sizeof(*w.pool));
	w.attempt = malloc(n * sizeof(*w.attempt));
	if (!w.instant || !w.run || !w.pool || !w.attempt)
		rc = QUN_ENOMEM;
	for (size_t from = 0, to; rc == 0 && from < n; from = to) {
		for (to = from + 1; to < n && ev[to].hold == ev[from].hold;)
			to++;
		w.ev = ev + from;
		w.n = to - from;
		rc = walk_part(&w);
	}
	free(w.instant);
	free(w.run);
	free(w.pool);
	free(w.attempt);
	return rc;
}
