/* The matcher of funnels against a search of every choice, on random small logs full of ties,
 * events that match several steps, exclusions and held values. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "metric/funnel/path.h"
#include "qun/cal.h"

enum { LOGS = 400000, MAX_EVENTS = 8, MAX_STEPS = 4, MANY = 300000 };

static uint64_t seed = 1;

static uint32_t draw(uint32_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((seed >> 33) % n);
}

struct best {
	int depth;
	int64_t at[QUN_PATH_STEPS];
	bool open, told;
};

struct log {
	struct qun_path_rule rule;
	struct qun_path_event ev[MAX_EVENTS];
	size_t n;
	int64_t stop[3];
	size_t nstop;
	struct best want[MAX_EVENTS], got[MAX_EVENTS];
};

/* In the words of the definition: may e be taken after `last` in the attempt begun by a? */
static bool may_follow(const struct log *g, size_t a, size_t last, size_t e)
{
	int64_t t1 = g->ev[a].ts, t = g->ev[e].ts;

	if (t < g->ev[last].ts || g->ev[e].hold != g->ev[a].hold || t > g->rule.as_of)
		return false;
	if (g->rule.window_us != QUN_NEVER && t > t1 + g->rule.window_us)
		return false;
	for (size_t i = 0; i < g->nstop; i++) {
		if (t1 <= g->stop[i] && t > g->stop[i])
			return false;
	}
	if (g->rule.gap_us != QUN_NEVER && t - g->ev[last].ts > g->rule.gap_us)
		return false;
	for (size_t i = 0; g->rule.order == QUN_PATH_STRICT && i < g->n; i++) {
		if (g->ev[i].ts > g->ev[last].ts && g->ev[i].ts < t)
			return false;
	}
	return true;
}

static void keep(struct best *b, const int64_t at[], int depth)
{
	bool better = depth > b->depth;

	for (int i = 0; !better && depth == b->depth && i < depth; i++) {
		if (at[i] == b->at[i])
			continue;
		better = at[i] < b->at[i];
		break;
	}
	if (better) {
		b->depth = depth;
		memcpy(b->at, at, (size_t)depth * sizeof(*at));
	}
}

static void search_ordered(
	struct log *g, size_t a, size_t last, unsigned used, int64_t at[], int depth)
{
	keep(&g->want[a], at, depth);
	for (size_t e = 0; depth < g->rule.steps && e < g->n; e++) {
		if ((used >> e & 1) || !(g->ev[e].mask >> depth & 1) || !may_follow(g, a, last, e))
			continue;
		at[depth] = g->ev[e].ts;
		search_ordered(g, a, e, used | 1u << e, at, depth + 1);
	}
}

/* Every way to fill some of the steps from `step` on: row i is the least time at which i are
 * filled. */
static void search_any(struct log *g, size_t a, int step, unsigned used, int filled, int64_t end)
{
	struct best *b = &g->want[a];

	if (step == g->rule.steps) {
		if (b->depth < filled)
			b->depth = filled;
		if (end < b->at[filled - 1])
			b->at[filled - 1] = end;
		return;
	}
	search_any(g, a, step + 1, used, filled, end);
	for (size_t e = 0; e < g->n; e++) {
		if ((used >> e & 1) || !(g->ev[e].mask >> step & 1) || !may_follow(g, a, a, e))
			continue;
		search_any(g, a, step + 1, used | 1u << e, filled + 1,
			g->ev[e].ts > end ? g->ev[e].ts : end);
	}
}

static void search(struct log *g)
{
	for (size_t a = 0; a < g->n; a++) {
		struct best *b = &g->want[a];
		int64_t at[QUN_PATH_STEPS] = {g->ev[a].ts};

		memset(b, 0, sizeof(*b));
		if (!(g->ev[a].mask & 1) || g->ev[a].ts < g->rule.since ||
			g->ev[a].ts >= g->rule.until)
			continue;
		b->told = true;
		b->open = g->rule.window_us != QUN_NEVER &&
			  g->ev[a].ts + g->rule.window_us > g->rule.as_of;
		for (size_t i = 0; i < g->nstop; i++)
			b->open = b->open && g->stop[i] < g->ev[a].ts;
		if (g->rule.order != QUN_PATH_ANY) {
			search_ordered(g, a, a, 1u << a, at, 1);
			continue;
		}
		for (int s = 0; s < QUN_PATH_STEPS; s++)
			b->at[s] = INT64_MAX;
		search_any(g, a, 1, 1u << a, 1, g->ev[a].ts);
	}
}

static int take(void *arg, const struct qun_path *path)
{
	struct best *b = &((struct log *)arg)->got[path->first->value];

	if (b->told)
		return -1;
	b->told = true;
	b->open = path->open;
	b->depth = path->depth;
	memcpy(b->at, path->at, (size_t)path->depth * sizeof(*path->at));
	return 0;
}

static void make(struct log *g, enum qun_path_order order)
{
	int64_t newest = 0;
	uint32_t span = 2 + draw(12);

	memset(g, 0, sizeof(*g));
	g->n = 1 + draw(MAX_EVENTS);
	g->rule = (struct qun_path_rule){.steps = 2 + (int)draw(MAX_STEPS - 1),
		.order = order,
		.window_us = draw(4) ? draw(12) : QUN_NEVER,
		.gap_us = QUN_NEVER,
		.since = draw(3) ? INT64_MIN : 2,
		.until = draw(3) ? INT64_MAX : 6};
	if (order != QUN_PATH_ANY && draw(2))
		g->rule.gap_us = draw(5);
	for (size_t i = 0; i < g->n; i++) {
		struct qun_path_event *ev = &g->ev[i];

		ev->ts = draw(span);
		ev->value = (uint32_t)i;
		ev->mask = 1u << draw((uint32_t)g->rule.steps);
		if (draw(3) == 0)
			ev->mask |= 1u << draw((uint32_t)g->rule.steps);
		if (draw(5) == 0)
			ev->mask |= draw(1u << g->rule.steps);
		newest = ev->ts > newest ? ev->ts : newest;
	}
	if (draw(3) == 0) {
		for (size_t i = 0; i < g->n; i++)
			g->ev[i].hold = draw(2);
	}
	g->rule.as_of = newest + draw(4);
	g->nstop = draw(3) ? 0 : 1 + draw(2);
	for (size_t i = 0; i < g->nstop; i++)
		g->stop[i] = (i ? g->stop[i - 1] : 0) + draw(span);
	while (g->nstop && g->stop[g->nstop - 1] > g->rule.as_of)
		g->nstop--;
}

static bool same(const struct best *a, const struct best *b)
{
	return a->told == b->told && a->open == b->open && a->depth == b->depth &&
	       memcmp(a->at, b->at, (size_t)a->depth * sizeof(*a->at)) == 0;
}

static void show(const struct log *g, size_t bad)
{
	printf("# steps %d order %d window %lld gap %lld since %lld until %lld as_of %lld stops "
	       "%zu\n",
		g->rule.steps, g->rule.order, (long long)g->rule.window_us,
		(long long)g->rule.gap_us, (long long)g->rule.since, (long long)g->rule.until,
		(long long)g->rule.as_of, g->nstop);
	for (size_t i = 0; i < g->n; i++)
		printf("# event %u at %lld mask %x hold %u%s\n", g->ev[i].value,
			(long long)g->ev[i].ts, g->ev[i].mask, g->ev[i].hold,
			i == bad ? " <- begins" : "");
	for (int s = 0; s < QUN_PATH_STEPS && s < g->want[bad].depth + 1; s++)
		printf("# want depth %d at[%d] %lld, got depth %d %lld\n", g->want[bad].depth, s,
			(long long)g->want[bad].at[s], g->got[bad].depth,
			(long long)g->got[bad].at[s]);
}

static bool agrees(enum qun_path_order order)
{
	struct log g;
	struct qun_path_event sorted[MAX_EVENTS];

	for (int k = 0; k < LOGS; k++) {
		make(&g, order);
		search(&g);
		memcpy(sorted, g.ev, sizeof(sorted));
		if (qun_path_walk(&g.rule, sorted, g.n, g.stop, g.nstop, take, &g) != 0)
			return false;
		for (size_t i = 0; i < g.n; i++) {
			if (!same(&g.want[i], &g.got[i])) {
				show(&g, i);
				return false;
			}
		}
	}
	return true;
}

static int count(void *arg, const struct qun_path *path)
{
	size_t *reached = arg;

	reached[path->depth]++;
	return 0;
}

/* One person with very many events: messages, some clicks, few orders, ties among them. */
static bool is_fast(enum qun_path_order order, int64_t gap_us, int64_t step_us)
{
	static struct qun_path_event ev[MANY];
	struct qun_path_rule rule = {
		3, order, 7 * QUN_DAY, gap_us, INT64_MIN, INT64_MAX, (MANY + 1) * step_us};
	size_t reached[QUN_PATH_STEPS + 1] = {0};
	clock_t start = clock();

	for (uint32_t i = 0; i < MANY; i++) {
		ev[i] = (struct qun_path_event){.ts = (draw(3) ? i : i / 2) * step_us, .mask = 1};
		if (draw(50) == 0)
			ev[i].mask = draw(20) ? 2 : 6;
	}
	if (qun_path_walk(&rule, ev, MANY, NULL, 0, count, reached) != 0)
		return false;
	return clock() - start < 10 * CLOCKS_PER_SEC && reached[3] > 0;
}

static void ok(int number, bool passed, const char *text)
{
	printf("%sok %d - %s\n", passed ? "" : "not ", number, text);
}

int main(void)
{
	printf("1..7\n");
	ok(1, agrees(QUN_PATH_ORDERED), "ordered, gap, hold, exclude: as every choice");
	ok(2, agrees(QUN_PATH_STRICT), "strict: as every choice");
	ok(3, agrees(QUN_PATH_ANY), "any: as every choice");
	ok(4, is_fast(QUN_PATH_ORDERED, QUN_NEVER, 60 * QUN_SECOND),
		"many events, ordered, in seconds");
	ok(5, is_fast(QUN_PATH_ORDERED, QUN_DAY, 60 * QUN_SECOND),
		"many events, with a gap, in seconds");
	ok(6, is_fast(QUN_PATH_ANY, QUN_NEVER, 60 * QUN_SECOND),
		"many events, any order, in seconds");
	ok(7, is_fast(QUN_PATH_ORDERED, QUN_NEVER, 0), "many events of one instant in seconds");
	return 0;
}
