/* Random options and logs full of ties, edges of periods and changes of summer time. */
#ifndef TESTS_RETENTION_DRAW_H
#define TESTS_RETENTION_DRAW_H

#include "retention_log.h"

static uint64_t seed = 1;

static inline uint32_t draw(uint32_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((seed >> 33) % n);
}

static const int64_t base_day[] = {
	20110, 20146, 20294, 20388}; /* 2025: around months' ends and DST */

static inline int64_t draw_instant(int64_t base, uint32_t span)
{
	static const int hour[] = {0, 0, 4, 5, 5, 7, 8, 9, 12, 12, 23};
	int64_t ts = (base + draw(span)) * QUN_DAY + hour[draw(11)] * HOUR;

	return ts - (draw(8) == 0);
}

static inline void draw_plan(struct plan *p, enum mode mode, int64_t base, uint32_t span)
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

static inline void draw_event(struct log *g, int64_t base, uint32_t span, bool leaves)
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

static inline void draw_log(struct log *g, int64_t base, uint32_t span)
{
	bool joins = draw(5) != 0;
	uint32_t n = 2 + draw(MAX_EVENTS - 1);

	g->n = 0;
	for (uint32_t i = 0; i < n; i++)
		draw_event(g, base, span, joins);
}

#endif
