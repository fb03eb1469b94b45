/* The rows of cohort-retention by the words of its definition: births, returns, cells, averages. */
#ifndef TESTS_RETENTION_TABLE_H
#define TESTS_RETENTION_TABLE_H

#include "retention_log.h"

#include <stdlib.h>

enum { MAX_ROWS = 4096 };

struct life {
	int user, group; /* group -1: all */
	int64_t ts, cohort, day;
	const char *by;
	struct stays stays;
};

struct lives {
	struct life v[USERS * MAX_EVENTS];
	int n;
};

static inline bool is_mine(const struct life *l, const struct event *e)
{
	return e->user == l->user && (l->group < 0 || e->group == l->group);
}

static inline bool counts(const struct log *g, const struct event *e)
{
	return is_kind(e, g->p.where);
}

/* Source of the join that opened the interval holding the birth. */
static inline const char *source_of(const struct log *g, const struct event *birth)
{
	const char *source = "";
	struct stays s = {.n = 0};

	add_stays(g, birth->user, birth->group, &s);
	for (int i = s.n - 1; i >= 0; i--) {
		bool last = birth->type == QUN_JOIN;

		if (s.v[i].from <= birth->ts && birth->ts <= s.v[i].to) {
			source = s.v[i].source;
			if (last)
				return source;
		}
	}
	return source;
}

/* Cohorts are reported that start in [since, until). */
static inline bool is_in_range(const struct log *g, int64_t cohort)
{
	const struct plan *p = &g->p;

	return (p->since == INT64_MIN || period_of(g, p->since - 1) < cohort) &&
	       (p->until == FOREVER || period_of(g, p->until - 1) >= cohort);
}

static inline void add_life(
	const struct log *g, struct lives *to, int user, int group, const struct event *birth)
{
	struct life l = {.user = user, .group = group, .ts = birth->ts};

	l.day = day_of(&g->p, l.ts);
	l.cohort = period_of_day(g, l.day);
	l.by = g->p.by == BY_GROUP ? group_name[group] : "";
	if (g->p.by == BY_SOURCE)
		l.by = g->p.mode == MEMBER ? birth->source : source_of(g, birth);
	for (int i = 0; g->p.mode == MEMBER && i < GROUPS; i++) {
		if ((group < 0 || i == group) && is_wanted(g, i))
			add_stays(g, user, i, &l.stays);
	}
	if (is_in_range(g, l.cohort))
		to->v[to->n++] = l;
}

/* Mode member: the join that opened the first interval. */
static inline void bear_member(const struct log *g, struct lives *to, int user, int group)
{
	struct life who = {.user = user, .group = group};
	const struct event *birth = NULL;
	struct stays s = {.n = 0};
	int64_t first = FOREVER;

	for (int i = 0; i < GROUPS; i++) {
		if ((group < 0 || i == group) && is_wanted(g, i))
			add_stays(g, user, i, &s);
	}
	for (int i = 0; i < s.n; i++)
		first = s.v[i].from < first ? s.v[i].from : first;
	for (int i = 0; i < s.n; i++) {
		const struct event *join = NULL;

		if (s.v[i].from == first && s.v[i].by_join)
			join = next_at(g, user, s.v[i].group, first, QUN_JOIN, NULL);
		if (join && (!birth || compare_ties(join, birth) < 0))
			birth = join;
	}
	if (birth && is_mine(&who, birth))
		add_life(g, to, user, group, birth);
}

/* The first event of birth, or of every period that has one. */
static inline void bear(const struct log *g, struct lives *to, int user, int group)
{
	struct life who = {.user = user, .group = group};

	for (int i = 0; i < g->nact; i++) {
		const struct event *e = &g->act[i];
		bool first = is_mine(&who, e) && is_kind(e, g->p.birth) && counts(g, e);

		for (int j = 0; first && j < g->nact; j++) {
			const struct event *o = &g->act[j];

			if (is_mine(&who, o) && is_kind(o, g->p.birth) && counts(g, o) &&
				(!g->p.recurring || period_of(g, o->ts) == period_of(g, e->ts)) &&
				compare_ties(o, e) < 0)
				first = false;
		}
		if (first)
			add_life(g, to, user, group, e);
	}
}

static inline void bear_all(const struct log *g, struct lives *to)
{
	bool each = g->p.unit_member || g->p.by == BY_GROUP;

	to->n = 0;
	for (int user = 0; user < USERS; user++) {
		if (is_staff(g, user) && !g->p.staff_too)
			continue;
		for (int group = each ? 0 : -1; group < (each ? GROUPS : 0); group++) {
			if (g->p.mode == MEMBER)
				bear_member(g, to, user, group);
			else
				bear(g, to, user, group);
		}
	}
}

/* Does the event lie at offset k of this life? */
static inline bool is_at(const struct log *g, const struct life *l, const struct event *e, int64_t k)
{
	int64_t days =
		g->p.elapsed ? floor_div(e->ts - l->ts, QUN_DAY) : day_of(&g->p, e->ts) - l->day;

	if (g->p.elapsed && e->ts < l->ts)
		return false;
	if (g->p.mode == BRACKET)
		return g->p.brackets->v[k].from <= days && days <= g->p.brackets->v[k].to;
	if (g->p.elapsed)
		return (e->ts - l->ts) / period_us(&g->p) == k;
	return period_of(g, e->ts) - l->cohort == k;
}

/* What the return events at k are worth, if they are enough to count. */
struct worth {
	bool enough;
	int64_t amount, unknown;
};

static inline struct worth worth_at(const struct log *g, const struct life *l, int64_t k)
{
	struct worth w = {0};
	int64_t n = 0;

	for (int i = 0; i < g->nact; i++) {
		const struct event *e = &g->act[i];

		if (!is_mine(l, e) || !is_kind(e, g->p.again) || !counts(g, e) ||
			!is_at(g, l, e, k))
			continue;
		n++;
		w.amount += e->has_amount ? e->amount : 0;
		w.unknown += e->type == QUN_ORDER && !e->has_amount;
	}
	w.enough = n >= g->p.min_events;
	return w.enough ? w : (struct worth){0};
}

/* Whose offsets count for k: after: k or later; before and streak: 1 … k; but for k = 0. */
static inline struct worth returned(const struct log *g, const struct life *l, int64_t k, int64_t last)
{
	int64_t from = k, to = k;
	struct worth sum = {0};

	if (k > 0 && g->p.mode == AFTER)
		to = last;
	if (k > 0 && (g->p.mode == BEFORE || g->p.mode == STREAK))
		from = 1;
	sum.enough = g->p.mode == STREAK;
	for (int64_t j = from; j <= to; j++) {
		struct worth w = worth_at(g, l, j);

		sum.enough = g->p.mode == STREAK ? sum.enough && w.enough : sum.enough || w.enough;
		sum.amount += w.amount;
		sum.unknown += w.unknown;
	}
	return sum.enough ? sum : (struct worth){0};
}

/* Has this life's own period k ended? Only with the elapsed clock does it matter. */
static inline bool has_ended(const struct log *g, const struct life *l, int64_t k)
{
	int64_t days = g->p.mode == BRACKET ? g->p.brackets->v[k].to + 1 : 0;

	if (!g->p.elapsed)
		return true;
	return l->ts + (days ? days * QUN_DAY : (k + 1) * period_us(&g->p)) - 1 <= g->as_of;
}

struct row {
	const char *by, *label;
	int64_t day; /* FOREVER: all cohorts */
	int64_t k, size, eligible, retained, amount, unknown;
	double mean; /* of --average simple */
	bool complete, truncated;
};

struct rows {
	struct row v[MAX_ROWS];
	int n;
};

static inline void add_person(const struct log *g, const struct life *l, struct row *r)
{
	int64_t moment = g->as_of, end;
	struct worth w;

	r->complete = r->complete && has_ended(g, l, r->k);
	if (!has_ended(g, l, r->k))
		return;
	if (g->p.mode != MEMBER) {
		w = returned(g, l, r->k, period_of(g, g->as_of) - l->cohort + 1);
		r->eligible++;
		r->retained += w.enough;
		r->amount += w.amount;
		r->unknown += w.unknown;
		return;
	}
	end = g->p.elapsed ? l->ts + (r->k + 1) * period_us(&g->p) - 1
			   : day_begins(&g->p, first_day(g, l->cohort + r->k + 1, l->day)) - 1;
	if (end < moment)
		moment = end;
	if (g->p.churn || !is_removed(g, &l->stays, moment))
		r->eligible++;
	r->retained += is_member(g, &l->stays, moment);
}

/* Has the last microsecond of the cell's period passed? */
static inline bool is_complete(const struct log *g, const struct life *l, int64_t k)
{
	int64_t last;

	if (g->p.elapsed)
		return period_of(g, g->as_of + 1) > l->cohort;
	if (g->p.mode != BRACKET)
		return period_of(g, g->as_of + 1) > l->cohort + k;
	last = first_day(g, l->cohort + 1, l->day) - 1 + g->p.brackets->v[k].to;
	return day_of(&g->p, g->as_of + 1) > last;
}

/* Has offset k begun by A for the first day of the cohort? */
static inline bool has_begun(const struct log *g, const struct life *l, int64_t k)
{
	if (g->p.periods && k > g->p.periods)
		return false;
	if (g->p.mode != BRACKET)
		return l->cohort + k <= period_of(g, g->as_of);
	return k < g->p.brackets->n && first_day(g, l->cohort, l->day) + g->p.brackets->v[k].from <=
					       day_of(&g->p, g->as_of);
}

/* Who calls someone new by what he does cannot know whether he was there before the log. */
static inline bool is_truncated(const struct log *g, const struct life *l)
{
	int64_t start = g->first;

	if (g->p.by == BY_GROUP && l->group != 2)
		start = log_start(g, l->group);
	return g->p.mode != MEMBER && g->p.birth != JOINS && !g->p.recurring &&
	       l->cohort == period_of(g, start);
}

static inline bool same_cohort(const struct life *a, const struct life *b)
{
	return strcmp(a->by, b->by) == 0 && a->cohort == b->cohort;
}

static inline void add_cohort(
	const struct log *g, const struct lives *all, const struct life *l, struct rows *to)
{
	for (int64_t k = 0; has_begun(g, l, k); k++) {
		struct row r = {.by = l->by, .day = first_day(g, l->cohort, l->day), .k = k};

		if (g->p.mode == BRACKET)
			r.label = g->p.brackets->v[k].label;
		r.complete = is_complete(g, l, k);
		r.truncated = is_truncated(g, l);
		for (int i = 0; i < all->n; i++) {
			if (!same_cohort(l, &all->v[i]))
				continue;
			r.size++;
			add_person(g, &all->v[i], &r);
		}
		if (!r.eligible)
			return;
		to->v[to->n++] = r;
	}
}

static inline void add_averages(struct rows *rows)
{
	int n = rows->n;

	for (int i = 0; i < n; i++) {
		struct row r = {.by = rows->v[i].by,
			.label = rows->v[i].label,
			.day = FOREVER,
			.k = rows->v[i].k,
			.complete = true};
		int pooled = 0;
		bool told = false;

		for (int j = 0; j < n; j++) {
			const struct row *o = &rows->v[j];

			if (strcmp(o->by, r.by) != 0 || o->k != r.k)
				continue;
			told |= j < i;
			if (!o->complete || o->truncated)
				continue;
			pooled++;
			r.size += o->size;
			r.eligible += o->eligible;
			r.retained += o->retained;
			r.amount += o->amount;
			r.unknown += o->unknown;
			r.mean += (double)o->retained / (double)o->eligible;
		}
		r.mean /= pooled ? pooled : 1;
		if (pooled && !told)
			rows->v[rows->n++] = r;
	}
}

static inline int compare_rows(const void *left, const void *right)
{
	const struct row *a = left, *b = right;
	int order = strcmp(a->by, b->by);

	if (!order)
		order = (a->day > b->day) - (a->day < b->day);
	return order ? order : (a->k > b->k) - (a->k < b->k);
}

static inline void make_table(struct log *g, struct rows *rows)
{
	static struct lives lives;

	rows->n = 0;
	g->as_of = g->p.as_of;
	for (int i = 0; g->p.as_of == QUN_NEVER && i < g->n; i++)
		g->as_of = i && g->as_of > g->ev[i].ts ? g->as_of : g->ev[i].ts;
	g->first = log_start(g, -1);
	if (g->first == FOREVER)
		return;
	make_acts(g);
	bear_all(g, &lives);
	for (int i = 0; i < lives.n; i++) {
		bool told = false;

		for (int j = 0; j < i; j++)
			told |= same_cohort(&lives.v[i], &lives.v[j]);
		if (!told)
			add_cohort(g, &lives, &lives.v[i], rows);
	}
	if (g->p.pooled || g->p.simple)
		add_averages(rows);
	qsort(rows->v, (size_t)rows->n, sizeof(*rows->v), compare_rows);
}

#endif
