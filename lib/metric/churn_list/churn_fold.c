/* The facts of one person in each of his groups: what the classes are judged by. */
#include "metric/churn_list/churn.h"

#include <stdlib.h>
#include <string.h>

#include "qun/stat.h"

/* Orders that count, of all groups, in the order of time. */
struct buys {
	struct buy {
		int64_t ts;
		uint32_t group;
		bool known, active;
		__int128 net;
	} * v;
	size_t n;
};

static int buys_of(const struct qun_ctx *ctx, struct qun_cube *report, const struct qun_who *who,
	struct churn_person *p, struct buys *out)
{
	struct qun_span extra[QUN_MAX_EXTRA];
	struct qun_orders orders = {0};
	struct qun_event ev;
	int rc = qun_orders_of(ctx, &p->ledger, &orders);

	if (rc == 0) {
		out->v = calloc(orders.n ? orders.n : 1, sizeof(*out->v));
		rc = out->v ? qun_deal_note(report, &orders) : QUN_ENOMEM;
	}
	for (size_t i = 0; rc == 0 && i < orders.n; i++) {
		const struct qun_order *o = &orders.v[i];

		qun_order_event(ctx, who->user, o, &ev, extra);
		if (qun_counts(ctx->run, &ev))
			out->v[out->n++] = (struct buy){o->ts, o->group, o->known,
				qun_pred_match(ctx->run->active, &ev, NULL), o->known ? o->net : 0};
	}
	qun_orders_release(&orders);
	return rc;
}

/* Activity of one person in one group, orders there included. */
struct activity {
	struct qun_vec days, gaps; /* ascending: active days, days between neighbours */
	int64_t last; /* newest active instant; meaningful where there are days */
};

static int activity_of(const struct qun_ctx *ctx, const struct churn_slot *s, const struct buys *buys,
	struct activity *a)
{
	int rc = 0;

	a->last = s->last_active;
	for (int64_t day = INT64_MIN; rc == 0 && qun_bits_next(&s->days, day, &day); day++)
		rc = qun_vec_add(&a->days, day);
	for (size_t i = 0; rc == 0 && i < buys->n; i++) {
		const struct buy *b = &buys->v[i];

		if (b->group != s->group || !b->active)
			continue;
		rc = qun_vec_add(&a->days, qun_cal_day(&ctx->run->cal, b->ts));
		if (b->ts > a->last)
			a->last = b->ts;
	}
	qun_vec_unique(&a->days);
	for (size_t i = 1; rc == 0 && i < a->days.n; i++)
		rc = qun_vec_add(&a->gaps, a->days.v[i] - a->days.v[i - 1]);
	qun_vec_sort(&a->gaps);
	return rc;
}

/* Fills what the person's orders say; group is the row's. */
static int order_facts(
	const struct qun_ctx *ctx, const struct buys *buys, uint32_t group, __int128 *fact)
{
	for (size_t i = 0; i < buys->n; i++) {
		const struct buy *b = &buys->v[i];

		if (b->ts >= qun_as_of(ctx) - BUYER_DAYS * QUN_DAY)
			fact[FITS] |= 1 << CHURN_BUYER_SILENT;
		if (b->group != group && !qun_span_is(qun_dict_text(ctx->groups, b->group), "-"))
			continue;
		fact[ORDERS]++;
		fact[UNKNOWN] += !b->known;
		fact[LAST_ORDER_DAY] = qun_cal_day(&ctx->run->cal, b->ts);
		if (__builtin_add_overflow(fact[AMOUNT], b->net, &fact[AMOUNT]))
			return QUN_EOVERFLOW;
	}
	fact[BUYS] = (__int128)buys->n;
	return 0;
}

/* Between which days he came and, if he did, went: lists of members tell no more. */
static void bound_facts(const struct qun_cal *cal, const struct qun_interval *newest, __int128 *fact)
{
	const struct {
		int fact;
		bool known;
		int64_t ts;
	} ends[] = {
		{JOINED_AFTER_DAY, newest->earliest != INT64_MIN && newest->opening != QUN_OPEN_START, newest->earliest},
		{LEFT_DAY, newest->closing != QUN_STILL_OPEN, newest->to},
		{LEFT_BY_DAY, newest->closing != QUN_STILL_OPEN, newest->latest},
	};

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		if (!ends[i].known)
			continue;
		fact[KNOWN] |= 1 << ends[i].fact;
		fact[ends[i].fact] = qun_cal_day(cal, ends[i].ts);
	}
}

static int facts_of(const struct qun_ctx *ctx, const struct churn_slot *s, const struct buys *buys,
	const struct qun_interval *newest, const struct activity *a, __int128 *fact)
{
	const struct churn_conf *c = ctx->conf;
	const struct qun_cal *cal = &ctx->run->cal;
	int64_t as_of = qun_as_of(ctx), today = qun_cal_day(cal, as_of);
	size_t n = a->days.n;
	int64_t joined = qun_cal_day(cal, newest->from), last = n ? a->days.v[n - 1] : joined;
	int64_t gap = a->gaps.n >= MIN_GAPS ? qun_quantile(a->gaps.v, a->gaps.n, 1, 2) : 0;
	unsigned fits = 0;

	if (c->bounds)
		bound_facts(cal, newest, fact);
	fact[JOINED_DAY] = joined;
	fact[LAST_ACTIVE_DAY] = last;
	fact[SILENT_DAYS] = today - last;
	fact[ACTIVE_DAYS] = (__int128)n;
	fact[MESSAGES] = s->messages;
	if (s->messages)
		fact[MESSAGE_SILENT_DAYS] = today - qun_cal_day(cal, s->last_message);
	fact[USUAL_GAP_DAYS] = gap;
	if (newest->to <= as_of)
		fits |= 1u << CHURN_LEFT;
	if (newest->from >= as_of - c->newcomer_us)
		fits |= 1u << CHURN_NEWCOMER;
	if (s->benefit && !s->messages && !buys->n)
		fits |= 1u << CHURN_BENEFITS_ONLY;
	if (!n)
		fits |= 1u << CHURN_NEVER_SPOKE;
	/* The quotient's nearest double is the factor's where they are equal, as 1.1 is of 11 to
	 * 10; a product would surprise at the edge. */
	if (gap && (double)(today - last) / (double)gap >= c->overdue)
		fits |= 1u << CHURN_COOLING;
	fact[FITS] = fits;
	return order_facts(ctx, buys, s->group, fact);
}

static int group_facts(const struct qun_ctx *ctx, struct qun_cell *cell,
	const struct qun_intervals *iv, const struct activity *a, bool member)
{
	int64_t as_of = qun_as_of(ctx), from = as_of - FLOOR_DAYS * QUN_DAY;
	bool near = qun_interval_touches(iv, from, as_of);
	int rc = qun_cell_add(cell, MEMBERS, member);

	if (rc == 0)
		rc = qun_cell_add(cell, FLOOR_MEMBERS, near);
	if (rc == 0)
		rc = qun_cell_add(cell, FLOOR_ACTIVE, near && a->days.n && a->last >= from);
	if (rc == 0 && member && a->gaps.n >= MIN_GAPS)
		rc = qun_cell_put(cell, LONGEST_GAPS, a->gaps.v[a->gaps.n - 1]);
	return rc;
}

/* Keys: the group alone, or the group, the user as printed and what else tells people apart. */
static int add_cells(const struct qun_ctx *ctx, struct qun_cube *report, const struct qun_who *who,
	const struct churn_slot *s, const struct qun_intervals *iv, const struct activity *a,
	const __int128 *fact)
{
	bool scoped = !qun_span_eq(who->id, who->user);
	struct qun_cell *cell;
	struct qun_buf key = {0};
	int rc = qun_key_text(&key, qun_dict_text(ctx->groups, s->group));

	if (rc == 0) {
		cell = qun_cube_cell(report, qun_buf_span(&key));
		rc = cell ? group_facts(ctx, cell, iv, a, !(fact[FITS] & 1 << CHURN_LEFT)) : QUN_ENOMEM;
	}
	if (rc == 0)
		rc = qun_key_text(&key, who->user);
	if (rc == 0)
		rc = qun_key_text(&key, scoped ? who->id : (struct qun_span){NULL, 0});
	if (rc == 0) {
		cell = qun_cube_cell(report, qun_buf_span(&key));
		rc = cell ? qun_cell_text(cell, who->name) : QUN_ENOMEM;
	}
	for (uint32_t i = 0; rc == 0 && i < NFACTS; i++)
		rc = qun_cell_add(cell, i, fact[i]);
	qun_buf_release(&key);
	return rc;
}

/* Adds one (group, user), unless rule R never made him a member there. */
static int fold_slot(const struct qun_ctx *ctx, struct qun_cube *report, const struct qun_who *who,
	struct churn_slot *s, const struct buys *buys)
{
	struct qun_intervals iv = {0};
	struct activity a = {0};
	__int128 fact[NFACTS] = {0};
	int rc = qun_intervals_of(ctx, s->group, who->id, &s->member, &iv);

	if (rc == 0 && iv.n) {
		rc = activity_of(ctx, s, buys, &a);
		if (rc == 0)
			rc = facts_of(ctx, s, buys, &iv.v[iv.n - 1], &a, fact);
		if (rc == 0)
			rc = add_cells(ctx, report, who, s, &iv, &a, fact);
	}
	qun_vec_release(&a.days);
	qun_vec_release(&a.gaps);
	qun_intervals_release(&iv);
	return rc;
}

/* First roster line of the next group: lines are sorted, so a search need not visit each. */
static size_t next_group(const struct qun_roster *r, size_t i)
{
	struct qun_span group = qun_roster_at(r, i)->group;
	size_t lo = i + 1, hi = qun_roster_count(r);

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (qun_span_eq(qun_roster_at(r, mid)->group, group))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Groups that only the roster puts the person into. */
static int fold_roster(const struct qun_ctx *ctx, struct qun_cube *report,
	const struct qun_who *who, const struct qun_slots *slots, const struct buys *buys)
{
	const struct qun_roster *r = ctx->run->roster;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < qun_roster_count(r); i = next_group(r, i)) {
		struct qun_span group = qun_roster_at(r, i)->group;
		struct churn_slot s = {0};

		if (!qun_group_wanted(ctx->run, group) || !(qun_roster_find(r, group, who->user) ||
				qun_roster_find(r, group, who->id)))
			continue;
		rc = qun_dict_add(ctx->groups, group, &s.group);
		if (rc == 0 && !qun_slot_find(slots, s.group, sizeof(s)))
			rc = fold_slot(ctx, report, who, &s, buys);
		qun_member_release(&s.member);
	}
	return rc;
}

int qun_churn_fold(
	const struct qun_ctx *ctx, struct qun_cube *report, const struct qun_who *who, void *person)
{
	struct churn_person *p = person;
	struct buys buys = {0};
	int rc;

	/* Before any event there is no day to look from: the table is that of an empty input. */
	if (who->staff || who->bot || qun_as_of(ctx) == INT64_MIN)
		return 0;
	rc = buys_of(ctx, report, who, p, &buys);
	for (uint32_t i = 0; rc == 0 && i < p->slots.n; i++)
		rc = fold_slot(
			ctx, report, who, qun_slot_at(&p->slots, i, sizeof(struct churn_slot)), &buys);
	if (rc == 0 && ctx->run->roster)
		rc = fold_roster(ctx, report, who, &p->slots, &buys);
	free(buys.v);
	return rc;
}
