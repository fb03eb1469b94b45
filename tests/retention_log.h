/* A log of few events and what its definition makes of it: days and periods, orders, times of membership. */
#ifndef TESTS_RETENTION_LOG_H
#define TESTS_RETENTION_LOG_H

#include "qun/engine.h"

#include <string.h>

enum { MAX_EVENTS = 14, USERS = 3, GROUPS = 3, MAX_STAYS = 48 };

#define HOUR (QUN_DAY / 24)
#define FOREVER INT64_MAX

enum mode { ON, AFTER, BEFORE, STREAK, BRACKET, MEMBER, NMODES };
static const char *const mode_word[] = {"on", "after", "before", "streak", "bracket", "member"};
enum unit { DAY, WEEK, MONTH, QUARTER, YEAR, NDAYS };
enum { BY_NOTHING, BY_GROUP, BY_SOURCE };

/* Sorts of event that --birth, --return and --where may name. */
enum kind { ACTIVE, JOINS, ORDERS, MESSAGES, EVERY };
static const char *const kind_word[] = {NULL, "join", "order", "message", NULL};

struct bracket {
	const char *label;
	int64_t from, to;
};
struct brackets {
	const char *option;
	int n;
	struct bracket v[6];
};
static const struct brackets bracket_sets[] = {
	{NULL, 5, {{"0", 0, 0}, {"1", 1, 1}, {"2-6", 2, 6}, {"7-13", 7, 13}, {"14-30", 14, 30}}},
	{"0,1-3,4-10", 3, {{"0", 0, 0}, {"1-3", 1, 3}, {"4-10", 4, 10}}},
	{"1-2,1-5,3-9", 4, {{"0", 0, 0}, {"1-2", 1, 2}, {"1-5", 1, 5}, {"3-9", 3, 9}}},
	{"0-3,2-8,9", 3, {{"0-3", 0, 3}, {"2-8", 2, 8}, {"9", 9, 9}}},
};

struct plan {
	enum mode mode;
	bool elapsed, recurring, churn, value, pooled, simple, unit_member, staff_too, sunday,
		only_g;
	enum unit unit;
	int64_t ndays, min_events, periods, rejoin, day_start, since, until, as_of;
	enum kind birth, again, where;
	const struct brackets *brackets;
	int by;
	bool new_york;
};

struct event {
	int64_t ts, amount;
	int user, group;
	enum qun_type type;
	bool has_amount, staff;
	const char *source, *ref, *order_id, *id;
};

struct log {
	struct plan p;
	struct event ev[MAX_EVENTS];
	int n;
	/* Known once all is read: */
	int64_t as_of, first;
	struct event
		act[MAX_EVENTS]; /* what may be a birth or a return, orders made of their rows */
	int nact;
};

static const char *const user_name[] = {"a", "b", "c"}, *const group_name[] = {"g", "h", "-"};

static inline bool is_seen(const struct log *g, const struct event *e)
{
	return e->ts <= g->as_of;
}

static inline bool is_wanted(const struct log *g, int group)
{
	return !g->p.only_g || group == 0;
}

static inline bool is_staff(const struct log *g, int user)
{
	for (int i = 0; i < g->n; i++) {
		if (g->ev[i].user == user && g->ev[i].staff && is_seen(g, &g->ev[i]))
			return true;
	}
	return false;
}

static inline int64_t log_start(const struct log *g, int group)
{
	int64_t start = FOREVER;

	for (int i = 0; i < g->n; i++) {
		if ((group < 0 || g->ev[i].group == group) && is_seen(g, &g->ev[i]) &&
			g->ev[i].ts < start)
			start = g->ev[i].ts;
	}
	return start;
}

static inline int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* New York is 5 hours behind, and 4 from 9 March to 2 November 2025. */
static inline int64_t offset_at(const struct plan *p, int64_t ts)
{
	bool summer =
		ts >= INT64_C(1741503600) * QUN_SECOND && ts < INT64_C(1762063200) * QUN_SECOND;

	return !p->new_york ? 0 : summer ? -4 * HOUR : -5 * HOUR;
}

static inline int64_t day_of(const struct plan *p, int64_t ts)
{
	return floor_div(ts + offset_at(p, ts) - p->day_start, QUN_DAY);
}

static inline int64_t day_begins(const struct plan *p, int64_t day)
{
	int64_t ts = day * QUN_DAY + p->day_start + 4 * HOUR;

	while (day_of(p, ts) >= day)
		ts -= HOUR;
	return ts + HOUR;
}

/* Months since the beginning of 2024. */
static inline int64_t month_of(int64_t day)
{
	static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int64_t left = day - 19723, month = 0;

	for (;; month++) {
		int days = length[month % 12] + (month == 1);

		if (left < days)
			return month;
		left -= days;
	}
}

static inline int64_t period_of_day(const struct log *g, int64_t day)
{
	const struct plan *p = &g->p;

	switch (p->unit) {
	case DAY: return day;
	case WEEK: return floor_div(day + (p->sunday ? 4 : 3), 7); /* 1970-01-01 is a Thursday */
	case MONTH: return month_of(day);
	case QUARTER: return month_of(day) / 3;
	case YEAR: return month_of(day) / 12;
	default:
		return floor_div(
			day - day_of(p, p->since == INT64_MIN ? g->first : p->since), p->ndays);
	}
}

static inline int64_t period_of(const struct log *g, int64_t ts)
{
	return period_of_day(g, day_of(&g->p, ts));
}

static inline int64_t first_day(const struct log *g, int64_t period, int64_t day)
{
	for (; period_of_day(g, day) >= period; day--)
		;
	for (; period_of_day(g, day) < period; day++)
		;
	return day;
}

static inline int64_t period_us(const struct plan *p)
{
	return (p->unit == DAY ? 1 : p->unit == WEEK ? 7 : p->ndays) * QUN_DAY;
}

/* The order of one person's events at one instant, where membership is not at stake. */
static inline int compare_ties(const struct event *a, const struct event *b)
{
	int a_class = a->type == QUN_JOIN ? 0 : a->type == QUN_LEAVE ? 2 : 1;
	int b_class = b->type == QUN_JOIN ? 0 : b->type == QUN_LEAVE ? 2 : 1;
	int order = a->ts != b->ts ? a->ts < b->ts ? -1 : 1 : a_class - b_class;

	if (!order)
		order = strcmp(qun_type_name(a->type), qun_type_name(b->type));
	if (!order)
		order = strcmp(a->order_id, b->order_id);
	if (!order)
		order = a->has_amount - b->has_amount; /* an empty text is first */
	if (!order)
		order = (a->amount > b->amount) - (a->amount < b->amount); /* one digit each */
	return order ? order : strcmp(a->id, b->id);
}

static inline bool is_refund(const struct event *e)
{
	return e->type == QUN_REFUND || (e->type == QUN_ORDER && e->has_amount && e->amount < 0);
}

static inline bool is_line(const struct event *e)
{
	return e->type == QUN_ORDER && !is_refund(e);
}

static inline bool same_order(const struct event *a, const struct event *b)
{
	return a == b ||
	       (a->user == b->user && *a->order_id && strcmp(a->order_id, b->order_id) == 0);
}

/* Is e the line that an order takes its date and fields from? Then *order is that order. */
static inline bool make_order(const struct log *g, const struct event *e, struct event *order)
{
	int64_t net = 0;
	bool known = false;

	for (int i = 0; i < g->n; i++) {
		const struct event *o = &g->ev[i];

		if (!is_seen(g, o) || !same_order(e, o))
			continue;
		if (is_line(o) && compare_ties(o, e) < 0)
			return false;
		if (is_line(o)) {
			known |= o->has_amount;
			net += o->has_amount ? o->amount : 0;
		} else if (is_refund(o)) {
			net -= !o->has_amount ? 0 : o->amount < 0 ? -o->amount : o->amount;
		}
	}
	*order = *e;
	order->has_amount = known;
	order->amount = known ? net : 0;
	return !known || net > 0;
}

static inline void make_acts(struct log *g)
{
	g->nact = 0;
	for (int i = 0; i < g->n; i++) {
		const struct event *e = &g->ev[i];

		if (!is_seen(g, e) || !is_wanted(g, e->group) || is_refund(e))
			continue;
		if (!is_line(e))
			g->act[g->nact++] = *e;
		else if (make_order(g, e, &g->act[g->nact]))
			g->nact++;
	}
}

static inline bool is_kind(const struct event *e, enum kind kind)
{
	switch (kind) {
	case ACTIVE:
		return e->type == QUN_MESSAGE || e->type == QUN_SHARE || e->type == QUN_CLICK ||
		       e->type == QUN_ORDER || e->type == QUN_REDPACKET;
	case JOINS: return e->type == QUN_JOIN;
	case ORDERS: return e->type == QUN_ORDER;
	case MESSAGES: return e->type == QUN_MESSAGE;
	default: return true;
	}
}

struct stay {
	int64_t from, to;
	bool by_join, removed;
	const char *source;
	int group;
};

struct stays {
	struct stay v[MAX_STAYS];
	int n;
};

static inline bool is_presence(const struct event *e)
{
	return e->type == QUN_MESSAGE || e->type == QUN_SHARE || e->type == QUN_REDPACKET;
}

static inline bool is_removal(const struct event *e)
{
	return e->type == QUN_LEAVE &&
	       (strcmp(e->source, "removed") == 0 ||
		       (*e->ref && strcmp(e->ref, user_name[e->user]) != 0));
}

/* Neither joins nor leaves are recorded. */
static inline bool is_seen_group(const struct log *g, int group)
{
	for (int i = 0; i < g->n; i++) {
		const struct event *e = &g->ev[i];

		if (e->group == group && is_seen(g, e) &&
			(e->type == QUN_JOIN || e->type == QUN_LEAVE))
			return false;
	}
	return true;
}

static inline bool has_other_groups(const struct log *g)
{
	for (int i = 0; i < g->n; i++) {
		if (g->ev[i].group != 2 && is_seen(g, &g->ev[i]))
			return true;
	}
	return false;
}

/* The first event of a type at an instant after `last` in the order of ties; NULL: none. */
static inline const struct event *next_at(const struct log *g, int user, int group, int64_t ts,
	enum qun_type type, const struct event *last)
{
	const struct event *best = NULL;

	for (int i = 0; i < g->n; i++) {
		const struct event *e = &g->ev[i];

		if (e->user == user && e->group == group && e->ts == ts && e->type == type &&
			(!last || compare_ties(e, last) > 0) &&
			(!best || compare_ties(e, best) < 0))
			best = e;
	}
	return best;
}

static inline void open_stay(struct stays *s, int64_t from, const struct event *join, int group)
{
	s->v[s->n++] =
		(struct stay){from, FOREVER, join != NULL, false, join ? join->source : "", group};
}

/* Everything of a person in a group at one instant. */
static inline void pass_instant(const struct log *g, int user, int group, int64_t ts, bool first,
	struct stays *s, bool *member)
{
	const struct event *join = next_at(g, user, group, ts, QUN_JOIN, NULL), *leave = NULL;
	bool was = *member, present = false;
	int64_t since = is_seen_group(g, group) ? ts : log_start(g, group);

	for (int i = 0; i < g->n; i++) {
		const struct event *e = &g->ev[i];

		present |= e->user == user && e->group == group && e->ts == ts && is_presence(e);
	}
	if (!was && join) {
		open_stay(s, ts, join, group);
		*member = true;
	}
	if (!*member && present) {
		open_stay(s, first ? since : ts, NULL, group);
		*member = true;
	}
	while ((leave = next_at(g, user, group, ts, QUN_LEAVE, leave))) {
		if (!*member && !(first && !present && !join))
			continue;
		if (!*member)
			open_stay(s, since, NULL, group);
		s->v[s->n - 1].to = ts;
		s->v[s->n - 1].removed = is_removal(leave);
		*member = first = false;
	}
	if (was && join && !*member) {
		open_stay(s, ts, join, group);
		*member = true;
	}
}

/* Adds the intervals of a person in a group. */
static inline void add_stays(const struct log *g, int user, int group, struct stays *s)
{
	int64_t last = INT64_MIN;
	bool first = true, member = false;

	if (group == 2 && has_other_groups(g))
		return;
	for (;;) {
		int64_t ts = FOREVER;

		for (int i = 0; i < g->n; i++) {
			const struct event *e = &g->ev[i];

			if (e->user == user && e->group == group && is_seen(g, e) && e->ts > last &&
				e->ts < ts &&
				(is_presence(e) || e->type == QUN_JOIN || e->type == QUN_LEAVE))
				ts = e->ts;
		}
		if (ts == FOREVER)
			return;
		pass_instant(g, user, group, ts, first, s, &member);
		first = false;
		last = ts;
	}
}

static inline bool is_inside(const struct stays *s, int64_t ts)
{
	for (int i = 0; i < s->n; i++) {
		if (s->v[i].from <= ts && ts <= s->v[i].to)
			return true;
	}
	return false;
}

/* A gap of at most --rejoin counts as membership. */
static inline bool is_member(const struct log *g, const struct stays *s, int64_t ts)
{
	int64_t before = INT64_MIN, after = FOREVER;

	for (int i = 0; i < s->n; i++) {
		if (s->v[i].to < ts && s->v[i].to > before)
			before = s->v[i].to;
		if (s->v[i].from > ts && s->v[i].from < after)
			after = s->v[i].from;
	}
	return is_inside(s, ts) ||
	       (before != INT64_MIN && after != FOREVER && after - before <= g->p.rejoin);
}

static inline bool is_removed(const struct log *g, const struct stays *s, int64_t ts)
{
	int64_t newest = INT64_MIN;
	bool removed = false;

	if (is_member(g, s, ts))
		return false;
	for (int i = 0; i < s->n; i++) {
		if (s->v[i].to < ts && s->v[i].to >= newest) {
			removed = s->v[i].removed || (removed && s->v[i].to == newest);
			newest = s->v[i].to;
		}
	}
	return removed;
}

#endif
