/* The whole of cohort-retention against the words of its definition, taken one by one: for every
 * person, every cohort and every offset all events are looked at again. Small random logs full of
 * ties, edges of periods and changes of summer time, under random options. */
#include <stdio.h>

#include "options.h"
#include "qun/engine.h"
#include "qun/stat.h"

/* Sanitizers are slow: fewer logs there. */
#ifdef __SANITIZE_ADDRESS__
enum { PLANS = 700 };
#else
enum { PLANS = 21000 };
#endif
enum { LOGS_PER_PLAN = 8, MAX_EVENTS = 14, USERS = 3, GROUPS = 3, MAX_ROWS = 4096, MAX_STAYS = 48 };

#define HOUR (QUN_DAY / 24)
#define FOREVER INT64_MAX

static uint64_t seed = 1;

static uint32_t draw(uint32_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((seed >> 33) % n);
}

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

static bool is_seen(const struct log *g, const struct event *e)
{
	return e->ts <= g->as_of;
}

static bool is_wanted(const struct log *g, int group)
{
	return !g->p.only_g || group == 0;
}

static bool is_staff(const struct log *g, int user)
{
	for (int i = 0; i < g->n; i++) {
		if (g->ev[i].user == user && g->ev[i].staff && is_seen(g, &g->ev[i]))
			return true;
	}
	return false;
}

static int64_t log_start(const struct log *g, int group)
{
	int64_t start = FOREVER;

	for (int i = 0; i < g->n; i++) {
		if ((group < 0 || g->ev[i].group == group) && is_seen(g, &g->ev[i]) &&
			g->ev[i].ts < start)
			start = g->ev[i].ts;
	}
	return start;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* New York is 5 hours behind, and 4 from 9 March to 2 November 2025. */
static int64_t offset_at(const struct plan *p, int64_t ts)
{
	bool summer =
		ts >= INT64_C(1741503600) * QUN_SECOND && ts < INT64_C(1762063200) * QUN_SECOND;

	return !p->new_york ? 0 : summer ? -4 * HOUR : -5 * HOUR;
}

static int64_t day_of(const struct plan *p, int64_t ts)
{
	return floor_div(ts + offset_at(p, ts) - p->day_start, QUN_DAY);
}

static int64_t day_begins(const struct plan *p, int64_t day)
{
	int64_t ts = day * QUN_DAY + p->day_start + 4 * HOUR;

	while (day_of(p, ts) >= day)
		ts -= HOUR;
	return ts + HOUR;
}

/* Months since the beginning of 2024. */
static int64_t month_of(int64_t day)
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

static int64_t period_of_day(const struct log *g, int64_t day)
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

static int64_t period_of(const struct log *g, int64_t ts)
{
	return period_of_day(g, day_of(&g->p, ts));
}

static int64_t first_day(const struct log *g, int64_t period, int64_t day)
{
	for (; period_of_day(g, day) >= period; day--)
		;
	for (; period_of_day(g, day) < period; day++)
		;
	return day;
}

static int64_t period_us(const struct plan *p)
{
	return (p->unit == DAY ? 1 : p->unit == WEEK ? 7 : p->ndays) * QUN_DAY;
}

/* The order of one person's events at one instant, where membership is not at stake. */
static int compare_ties(const struct event *a, const struct event *b)
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

static bool is_refund(const struct event *e)
{
	return e->type == QUN_REFUND || (e->type == QUN_ORDER && e->has_amount && e->amount < 0);
}

static bool is_line(const struct event *e)
{
	return e->type == QUN_ORDER && !is_refund(e);
}

static bool same_order(const struct event *a, const struct event *b)
{
	return a == b ||
	       (a->user == b->user && *a->order_id && strcmp(a->order_id, b->order_id) == 0);
}

/* Is e the line that an order takes its date and fields from? Then *order is that order. */
static bool make_order(const struct log *g, const struct event *e, struct event *order)
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

static void make_acts(struct log *g)
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

static bool is_kind(const struct event *e, enum kind kind)
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

static bool is_presence(const struct event *e)
{
	return e->type == QUN_MESSAGE || e->type == QUN_SHARE || e->type == QUN_REDPACKET;
}

static bool is_removal(const struct event *e)
{
	return e->type == QUN_LEAVE &&
	       (strcmp(e->source, "removed") == 0 ||
		       (*e->ref && strcmp(e->ref, user_name[e->user]) != 0));
}

/* Neither joins nor leaves are recorded. */
static bool is_seen_group(const struct log *g, int group)
{
	for (int i = 0; i < g->n; i++) {
		const struct event *e = &g->ev[i];

		if (e->group == group && is_seen(g, e) &&
			(e->type == QUN_JOIN || e->type == QUN_LEAVE))
			return false;
	}
	return true;
}

static bool has_other_groups(const struct log *g)
{
	for (int i = 0; i < g->n; i++) {
		if (g->ev[i].group != 2 && is_seen(g, &g->ev[i]))
			return true;
	}
	return false;
}

/* The first event of a type at an instant after `last` in the order of ties; NULL: none. */
static const struct event *next_at(const struct log *g, int user, int group, int64_t ts,
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

static void open_stay(struct stays *s, int64_t from, const struct event *join, int group)
{
	s->v[s->n++] =
		(struct stay){from, FOREVER, join != NULL, false, join ? join->source : "", group};
}

/* Everything of a person in a group at one instant. */
static void pass_instant(const struct log *g, int user, int group, int64_t ts, bool first,
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
static void add_stays(const struct log *g, int user, int group, struct stays *s)
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

static bool is_inside(const struct stays *s, int64_t ts)
{
	for (int i = 0; i < s->n; i++) {
		if (s->v[i].from <= ts && ts <= s->v[i].to)
			return true;
	}
	return false;
}

/* A gap of at most --rejoin counts as membership. */
static bool is_member(const struct log *g, const struct stays *s, int64_t ts)
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

static bool is_removed(const struct log *g, const struct stays *s, int64_t ts)
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

static bool is_mine(const struct life *l, const struct event *e)
{
	return e->user == l->user && (l->group < 0 || e->group == l->group);
}

static bool counts(const struct log *g, const struct event *e)
{
	return is_kind(e, g->p.where);
}

/* Source of the join that opened the interval holding the birth. */
static const char *source_of(const struct log *g, const struct event *birth)
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
static bool is_in_range(const struct log *g, int64_t cohort)
{
	const struct plan *p = &g->p;

	return (p->since == INT64_MIN || period_of(g, p->since - 1) < cohort) &&
	       (p->until == FOREVER || period_of(g, p->until - 1) >= cohort);
}

static void add_life(
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
static void bear_member(const struct log *g, struct lives *to, int user, int group)
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
static void bear(const struct log *g, struct lives *to, int user, int group)
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

static void bear_all(const struct log *g, struct lives *to)
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
static bool is_at(const struct log *g, const struct life *l, const struct event *e, int64_t k)
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

static struct worth worth_at(const struct log *g, const struct life *l, int64_t k)
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
static struct worth returned(const struct log *g, const struct life *l, int64_t k, int64_t last)
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
static bool has_ended(const struct log *g, const struct life *l, int64_t k)
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

static void add_person(const struct log *g, const struct life *l, struct row *r)
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
static bool is_complete(const struct log *g, const struct life *l, int64_t k)
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
static bool has_begun(const struct log *g, const struct life *l, int64_t k)
{
	if (g->p.periods && k > g->p.periods)
		return false;
	if (g->p.mode != BRACKET)
		return l->cohort + k <= period_of(g, g->as_of);
	return k < g->p.brackets->n && first_day(g, l->cohort, l->day) + g->p.brackets->v[k].from <=
					       day_of(&g->p, g->as_of);
}

/* Who calls someone new by what he does cannot know whether he was there before the log. */
static bool is_truncated(const struct log *g, const struct life *l)
{
	int64_t start = g->first;

	if (g->p.by == BY_GROUP && l->group != 2)
		start = log_start(g, l->group);
	return g->p.mode != MEMBER && g->p.birth != JOINS && !g->p.recurring &&
	       l->cohort == period_of(g, start);
}

static bool same_cohort(const struct life *a, const struct life *b)
{
	return strcmp(a->by, b->by) == 0 && a->cohort == b->cohort;
}

static void add_cohort(
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

static void add_averages(struct rows *rows)
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

static int compare_rows(const void *left, const void *right)
{
	const struct row *a = left, *b = right;
	int order = strcmp(a->by, b->by);

	if (!order)
		order = (a->day > b->day) - (a->day < b->day);
	return order ? order : (a->k > b->k) - (a->k < b->k);
}

static void make_table(struct log *g, struct rows *rows)
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

static const int64_t base_day[] = {
	20110, 20146, 20294, 20388}; /* 2025: around months' ends and DST */

static int64_t draw_instant(int64_t base, uint32_t span)
{
	static const int hour[] = {0, 0, 4, 5, 5, 7, 8, 9, 12, 12, 23};
	int64_t ts = (base + draw(span)) * QUN_DAY + hour[draw(11)] * HOUR;

	return ts - (draw(8) == 0);
}

static void draw_plan(struct plan *p, enum mode mode, int64_t base, uint32_t span)
{
	static const enum unit unit[] = {
		DAY, DAY, WEEK, WEEK, WEEK, MONTH, QUARTER, YEAR, NDAYS, NDAYS};

	*p = (struct plan){.mode = mode,
		.unit = unit[draw(10)],
		.ndays = 1 + draw(12),
		.rejoin = 7 * QUN_DAY,
		.min_events = 1,
		.since = INT64_MIN,
		.until = FOREVER,
		.as_of = QUN_NEVER,
		.where = EVERY};
	p->elapsed = draw(3) == 0;
	if (p->elapsed && (p->unit == MONTH || p->unit == QUARTER || p->unit == YEAR))
		p->unit = DAY;
	p->by = draw(3) ? BY_NOTHING : draw(2) ? BY_GROUP : BY_SOURCE;
	p->unit_member = draw(3) == 0;
	p->staff_too = draw(6) == 0;
	p->sunday = draw(4) == 0;
	p->only_g = draw(8) == 0;
	p->new_york = draw(2);
	p->day_start = draw(4) ? 0 : 4 * HOUR;
	p->churn = draw(3) == 0;
	p->rejoin = draw(2) ? p->rejoin : draw(4) * QUN_DAY;
	p->periods = draw(4) ? 0 : 1 + draw(4);
	p->brackets = &bracket_sets[draw(4)];
	p->pooled = mode != AFTER && draw(5) == 0;
	p->simple = mode != AFTER && !p->pooled && draw(5) == 0;
	if (draw(4) == 0)
		p->since = draw_instant(base, span);
	if (draw(6) == 0)
		p->until = draw_instant(base, span);
	if (draw(3) == 0)
		p->as_of = draw_instant(base, span + 4) - (draw(3) == 0);
	if (mode == MEMBER)
		return;
	p->recurring = draw(4) == 0;
	p->min_events = draw(3) ? 1 : 2 + draw(2);
	p->value = draw(4) == 0;
	p->birth = draw(2) ? ACTIVE : (enum kind)draw(4);
	p->again = draw(2) ? ACTIVE : ORDERS + draw(2);
	p->where = draw(6) ? EVERY : MESSAGES;
}

static void draw_event(struct log *g, int64_t base, uint32_t span, bool leaves)
{
	static const char *const id[] = {
		"k", "d", "m", "a", "n", "c", "b", "j", "e", "i", "h", "f", "l", "g"};
	static const enum qun_type type[] = {QUN_MESSAGE, QUN_MESSAGE, QUN_MESSAGE, QUN_SHARE,
		QUN_CLICK, QUN_ORDER, QUN_ORDER, QUN_REFUND, QUN_REDPACKET, QUN_VIEW, QUN_JOIN,
		QUN_JOIN, QUN_LEAVE, QUN_LEAVE};
	static const char *const source[] = {"", "qr", "link"}, *const ref[] = {"", "", "a", "x"};
	struct event *e = &g->ev[g->n];

	*e = (struct event){.user = (int)draw(USERS),
		.group = (int)draw(draw(3) ? 2 : GROUPS),
		.type = type[draw(leaves ? 14 : 12)],
		.id = id[g->n],
		.source = "",
		.ref = "",
		.order_id = ""};
	e->ts = g->n && draw(5) == 0 ? g->ev[draw((uint32_t)g->n)].ts : draw_instant(base, span);
	e->staff = draw(40) == 0;
	if (e->type == QUN_JOIN)
		e->source = source[draw(3)];
	if (e->type == QUN_LEAVE) {
		e->source = draw(3) ? "" : "removed";
		e->ref = ref[draw(4)];
	}
	if (e->type == QUN_ORDER || e->type == QUN_REFUND) {
		e->order_id = draw(2) ? "" : draw(2) ? "1" : "2";
		e->has_amount = draw(6) != 0;
		e->amount = e->has_amount ? (int64_t)draw(6) - (draw(8) == 0 ? 3 : 0) : 0;
	}
	/* Which of two joins of an instant opens where a leave lies between is not defined. */
	if (e->type == QUN_JOIN && next_at(g, e->user, e->group, e->ts, QUN_JOIN, NULL))
		return;
	g->n++;
}

static void draw_log(struct log *g, int64_t base, uint32_t span)
{
	bool joins = draw(5) != 0;
	uint32_t n = 2 + draw(MAX_EVENTS - 1);

	g->n = 0;
	for (uint32_t i = 0; i < n; i++)
		draw_event(g, base, span, joins);
}

static const struct qun_zone *utc, *new_york;

static void put_options(const struct plan *p, void *conf, char *text, size_t size)
{
	const struct qun_metric *m = qun_metric_of("cohort-retention");
	static const char *const unit[] = {"day", "week", "month", "quarter", "year"};
	static char period[24], min_events[24], periods[24], rejoin[24];

	snprintf(period, sizeof(period), "%lldd", (long long)p->ndays);
	snprintf(min_events, sizeof(min_events), "%lld", (long long)p->min_events);
	snprintf(periods, sizeof(periods), "%lld", (long long)p->periods);
	snprintf(rejoin, sizeof(rejoin), "%lldd", (long long)(p->rejoin / QUN_DAY));
	const struct {
		const char *name, *value;
	} option[] = {{"mode", mode_word[p->mode]}, {"clock", p->elapsed ? "elapsed" : NULL},
		{"cohorts", p->recurring ? "recurring" : NULL},
		{"removed", p->churn ? "churn" : NULL},
		{"period", p->unit == NDAYS ? period : unit[p->unit]}, {"rejoin", rejoin},
		{"min-events", p->mode == MEMBER ? NULL : min_events},
		{"periods", p->periods ? periods : NULL}, {"value", p->value ? "amount" : NULL},
		{"birth", p->mode == MEMBER ? NULL : kind_word[p->birth]},
		{"average", p->pooled	? "pooled"
			    : p->simple ? "simple"
					: NULL},
		{"return", p->mode == MEMBER ? NULL : kind_word[p->again]},
		{"brackets", p->mode == BRACKET ? p->brackets->option : NULL}};

	option_put_defaults(m, conf);
	for (size_t i = 0, at = 0; i < sizeof(option) / sizeof(*option); i++) {
		if (!option[i].value)
			continue;
		option_put_named(m, conf, option[i].name, option[i].value);
		at += (size_t)snprintf(
			text + at, size - at, " --%s %s", option[i].name, option[i].value);
	}
}

static void make_run(const struct plan *p, struct qun_run *run)
{
	static const int by[] = {0, QUN_F_GROUP, QUN_F_SOURCE};

	*run = (struct qun_run){
		.cal = {p->new_york ? new_york : utc, p->sunday ? 7 : 1, p->day_start},
		.since = p->since,
		.until = p->until,
		.as_of = p->as_of,
		.include_staff = p->staff_too,
		.group_glob = p->only_g ? "g" : NULL,
		.z = qun_z_of(0.95)};
	if (p->by != BY_NOTHING) {
		run->by.n = 1;
		run->by.field[0] = by[p->by];
		run->by.name[0] = qun_field_name(by[p->by]);
	}
	if (p->unit_member || p->by == BY_GROUP)
		run->unit = QUN_UNIT_MEMBER;
	qun_pred_parse(&run->active, "message|reaction|share|click|signin|order|redpacket",
		&run->extras, NULL);
	if (p->where != EVERY)
		qun_pred_parse(&run->where, kind_word[p->where], &run->extras, NULL);
}

static int feed(struct qun_engine *engine, const struct log *g)
{
	int rc = 0;

	for (int i = 0; rc >= 0 && i < g->n; i++) {
		const struct event *e = &g->ev[i];
		struct qun_event ev = {.ts = e->ts,
			.type = e->type,
			.has_amount = e->has_amount,
			.amount = e->amount * QUN_MONEY_UNIT};

		ev.field[QUN_F_GROUP] = qun_span_of(group_name[e->group]);
		ev.field[QUN_F_USER] = qun_span_of(user_name[e->user]);
		ev.field[QUN_F_TYPE] = qun_span_of(qun_type_name(e->type));
		ev.field[QUN_F_SOURCE] = qun_span_of(e->source);
		ev.field[QUN_F_REF] = qun_span_of(e->ref);
		ev.field[QUN_F_ORDER_ID] = qun_span_of(e->order_id);
		ev.field[QUN_F_ID] = qun_span_of(e->id);
		ev.field[QUN_F_ROLE] = qun_span_of(e->staff ? "staff" : "");
		rc = qun_engine_add(engine, &ev, NULL);
	}
	return rc;
}

static const struct qun_value *cell(const struct qun_table *t, int row, const char *name)
{
	return qun_table_at(t, (size_t)row, (size_t)qun_table_find(t, name));
}

static bool is_int(const struct qun_table *t, int row, const char *name, int64_t want)
{
	const struct qun_value *v = cell(t, row, name);

	return !qun_is_null(v) && !qun_is_text(v) && v->num == want;
}

static bool is_text(const struct qun_table *t, int row, const char *name, const char *want)
{
	return qun_span_is(cell(t, row, name)->text, want);
}

static bool is_rate(const struct qun_value *v, const struct row *want, bool simple)
{
	double mean = (double)v->num / (double)v->den;

	if (simple && want->day == FOREVER)
		return mean - want->mean < 0.5000001e-6 && want->mean - mean < 0.5000001e-6;
	return v->num * want->eligible == (qun_i128)want->retained * v->den;
}

static bool is_value(const struct qun_table *t, int row, const struct row *want)
{
	const struct qun_value *all = cell(t, row, "value"),
			       *each = cell(t, row, "value_per_person");

	if (want->unknown)
		return qun_is_null(all) && qun_is_null(each);
	return !qun_is_null(all) && all->num == want->amount * QUN_MONEY_UNIT &&
	       each->num * want->eligible == (qun_i128)want->amount * each->den;
}

static bool same_row(
	const struct plan *p, const struct qun_table *t, int row, const struct row *want)
{
	bool same = want->day == FOREVER ? is_text(t, row, "cohort", "all")
					 : is_int(t, row, "cohort", want->day);

	if (p->by != BY_NOTHING)
		same = same && qun_span_is(qun_table_at(t, (size_t)row, 0)->text, want->by);
	same = same && (want->label ? is_text(t, row, "offset", want->label)
				    : is_int(t, row, "offset", want->k));
	return same && is_int(t, row, "size", want->size) &&
	       is_int(t, row, "eligible", want->eligible) &&
	       is_int(t, row, "retained", want->retained) &&
	       is_rate(cell(t, row, "rate"), want, p->simple) &&
	       (!p->value || is_value(t, row, want)) &&
	       is_int(t, row, "complete", want->complete) &&
	       is_int(t, row, "truncated", want->truncated);
}

static void show(const struct log *g, const char *options, const struct rows *rows,
	const struct qun_table *t)
{
	const struct plan *p = &g->p;

	printf("#%s since %lld until %lld as_of %lld day_start %lld h%s%s%s%s%s%s%s\n", options,
		(long long)p->since, (long long)p->until, (long long)p->as_of,
		(long long)(p->day_start / HOUR), p->new_york ? " New_York" : "",
		p->sunday ? " sunday" : "", p->unit_member ? " unit member" : "",
		p->staff_too ? " staff too" : "", p->only_g ? " only g" : "",
		p->where == MESSAGES ? " where message" : "",
		p->by == BY_GROUP    ? " by group"
		: p->by == BY_SOURCE ? " by source"
				     : "");
	for (int i = 0; i < g->n; i++) {
		const struct event *e = &g->ev[i];
		struct qun_buf when = {0};

		qun_time_format(&when, p->new_york ? new_york : utc, e->ts);
		printf("# %.*s %s %s %s source %s ref %s order %s amount %d %lld id %s%s\n",
			(int)when.len, when.ptr, group_name[e->group], user_name[e->user],
			qun_type_name(e->type), e->source, e->ref, e->order_id, e->has_amount,
			(long long)e->amount, e->id, e->staff ? " staff" : "");
		qun_buf_release(&when);
	}
	for (int i = 0; i < rows->n || i < (int)t->nrow; i++) {
		const struct row *r = &rows->v[i];

		if (i < rows->n)
			printf("# want %s %lld: %lld of %lld, %lld, %lld, worth %lld, %d %d\n",
				r->by, (long long)r->day, (long long)r->k, (long long)r->size,
				(long long)r->eligible, (long long)r->retained,
				(long long)r->amount, r->complete, r->truncated);
		if (i < (int)t->nrow)
			printf("# have %lld: %lld of %lld, %lld, %lld, %lld %lld%s\n",
				(long long)cell(t, i, "cohort")->num,
				(long long)cell(t, i, "offset")->num,
				(long long)cell(t, i, "size")->num,
				(long long)cell(t, i, "eligible")->num,
				(long long)cell(t, i, "retained")->num,
				(long long)cell(t, i, "complete")->num,
				(long long)cell(t, i, "truncated")->num,
				i < rows->n && same_row(p, t, i, r) ? "" : " <- differs");
	}
}

/* Rows that were compared: a test of nothing would pass too. */
static uint64_t compared;

static bool log_agrees(struct log *g, const struct qun_metric *m, const struct qun_run *run,
	const void *conf, const char *options)
{
	static struct rows want;
	struct qun_engine *engine = NULL;
	struct qun_cube cube = {0};
	struct qun_table t;
	struct qun_err err = {0};
	bool same;

	qun_table_init(&t);
	make_table(g, &want);
	same = qun_engine_open(&engine, m, run, conf) == 0 && feed(engine, g) >= 0 &&
	       qun_engine_report(engine, &cube, &err) == 0 &&
	       qun_engine_table(engine, &cube, &t, &err) == 0 && (int)t.nrow == want.n;
	for (int i = 0; same && i < want.n; i++)
		same = same_row(&g->p, &t, i, &want.v[i]);
	compared += (uint64_t)want.n;
	if (!same)
		show(g, options, &want, &t);
	qun_table_release(&t);
	qun_cube_release(&cube);
	qun_engine_close(engine);
	return same;
}

static bool agrees(enum mode mode)
{
	const struct qun_metric *m = qun_metric_of("cohort-retention");
	bool same = true;
	char options[512];

	for (int i = 0; same && i < PLANS; i++) {
		int64_t base = base_day[draw(4)];
		uint32_t span = draw(2) ? 4 + draw(10) : 20 + draw(60);
		void *conf = calloc(1, m->conf_size);
		struct qun_err err = {0};
		struct qun_run run;
		struct log g;

		draw_plan(&g.p, mode, base, span);
		make_run(&g.p, &run);
		put_options(&g.p, conf, options, sizeof(options));
		same = m->setup(&run, conf, &err) == 0;
		if (!same)
			printf("#%s: %s\n", options, err.msg);
		for (int k = 0; same && k < LOGS_PER_PLAN; k++) {
			draw_log(&g, base, span);
			same = log_agrees(&g, m, &run, conf, options);
		}
		m->unset(conf);
		free(conf);
		qun_pred_free(run.active);
		qun_pred_free(run.where);
		qun_extras_release(&run.extras);
	}
	return same;
}

int main(void)
{
	struct qun_zone *zone[2];
	int failures = 0;

	if (qun_zone_open(&zone[0], "UTC", NULL) < 0 ||
		qun_zone_open(&zone[1], "America/New_York", NULL) < 0)
		return 99;
	utc = zone[0];
	new_york = zone[1];
	printf("1..%d\n", NMODES + 1);
	for (int mode = 0; mode < NMODES; mode++) {
		bool same = agrees((enum mode)mode);

		failures += !same;
		printf("%sok %d - %s: as the words of the definition\n", same ? "" : "not ",
			mode + 1, mode_word[mode]);
	}
	failures += compared < PLANS * LOGS_PER_PLAN;
	printf("%sok %d - %llu rows were compared\n",
		compared < PLANS * LOGS_PER_PLAN ? "not " : "", NMODES + 1,
		(unsigned long long)compared);
	qun_zone_close(zone[0]);
	qun_zone_close(zone[1]);
	return failures != 0;
}
