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

/* One person on his way into the report; what is below is used again for each group. */
struct fold {
	const struct qun_ctx *ctx;
	const struct churn_conf *c;
	struct qun_cube *report;
	const struct qun_who *who;
	struct buys buys;
	int64_t as_of, today;
	struct qun_intervals intervals;
	struct qun_vec days, gaps; /* ascending: active days, where orders join them; days between neighbours */
	int64_t last_day, ndays; /* of activity */
	int64_t last; /* newest active instant; meaningful where there are days */
	struct qun_buf key;
};

int qun_churn_class_of(unsigned *fits, __int128 messages, __int128 message_silent, __int128 silent,
	int64_t silent_days)
{
	if (messages && message_silent < silent_days)
		*fits &= ~(1u << CHURN_BUYER_SILENT);
	if (silent >= silent_days)
		*fits |= 1u << CHURN_SILENT;
	return *fits ? __builtin_ctz(*fits) : -1;
}

bool qun_churn_listed(const struct churn_conf *c, unsigned fits, int class, bool buys)
{
	return (c->class_mask & 1u << class) && (!c->winback || buys) &&
	       (!c->cleanup || (!buys && !(fits & 1u << CHURN_NEWCOMER)));
}

static int buys_of(struct fold *f, struct churn_person *p)
{
	const struct qun_ctx *ctx = f->ctx;
	struct qun_span extra[QUN_MAX_EXTRA];
	struct qun_orders orders = {0};
	struct qun_event ev;
	int rc = qun_orders_of(ctx, &p->ledger, &orders);

	if (rc == 0) {
		f->buys.v = calloc(orders.n ? orders.n : 1, sizeof(*f->buys.v));
		rc = f->buys.v ? qun_deal_note(f->report, &orders) : QUN_ENOMEM;
	}
	for (size_t i = 0; rc == 0 && i < orders.n; i++) {
		const struct qun_order *o = &orders.v[i];

		qun_order_event(ctx, f->who->user, o, &ev, extra);
		if (qun_counts(ctx->run, &ev))
			f->buys.v[f->buys.n++] = (struct buy){o->ts, o->group, o->known,
				qun_pred_match(ctx->run->active, &ev, NULL), o->known ? o->net : 0};
	}
	qun_orders_release(&orders);
	return rc;
}

static int add_day(struct fold *f, int64_t day)
{
	int rc = f->ndays ? qun_vec_add(&f->gaps, day - f->last_day) : 0;

	f->ndays++;
	f->last_day = day;
	return rc;
}

/* Activity in one group, orders there included. */
static int activity_of(struct fold *f, const struct churn_slot *s)
{
	bool buys = false;
	int rc = 0;

	f->days.n = f->gaps.n = 0;
	f->ndays = 0;
	f->last = s->last_active;
	for (size_t i = 0; rc == 0 && i < f->buys.n; i++) {
		const struct buy *b = &f->buys.v[i];

		if (b->group != s->group || !b->active)
			continue;
		rc = qun_vec_add(&f->days, qun_cal_day(&f->ctx->run->cal, b->ts));
		buys = true;
		if (b->ts > f->last)
			f->last = b->ts;
	}
	for (int64_t day = INT64_MIN; rc == 0 && qun_bits_next(&s->days, day, &day); day++)
		rc = buys ? qun_vec_add(&f->days, day) : add_day(f, day);
	qun_vec_unique(&f->days);
	for (size_t i = 0; rc == 0 && i < f->days.n; i++)
		rc = add_day(f, f->days.v[i]);
	qun_vec_sort(&f->gaps);
	return rc;
}

/* Fills what the person's orders say; group is the row's. */
static int order_facts(const struct fold *f, uint32_t group, __int128 *fact)
{
	for (size_t i = 0; i < f->buys.n; i++) {
		const struct buy *b = &f->buys.v[i];

		if (b->ts >= f->as_of - BUYER_DAYS * QUN_DAY)
			fact[FITS] |= 1 << CHURN_BUYER_SILENT;
		if (b->group != group && !qun_span_is(qun_dict_text(f->ctx->groups, b->group), "-"))
			continue;
		fact[ORDERS]++;
		fact[UNKNOWN] += !b->known;
		fact[LAST_ORDER_DAY] = qun_cal_day(&f->ctx->run->cal, b->ts);
		if (__builtin_add_overflow(fact[AMOUNT], b->net, &fact[AMOUNT]))
			return QUN_EOVERFLOW;
	}
	fact[BUYS] = (__int128)f->buys.n;
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

static int facts_of(const struct fold *f, const struct churn_slot *s, __int128 *fact)
{
	const struct qun_interval *newest = &f->intervals.v[f->intervals.n - 1];
	const struct qun_cal *cal = &f->ctx->run->cal;
	int64_t joined = qun_cal_day(cal, newest->from), last = f->ndays ? f->last_day : joined;
	int64_t gap = f->gaps.n >= MIN_GAPS ? qun_quantile(f->gaps.v, f->gaps.n, 1, 2) : 0;
	unsigned fits = 0;

	if (f->c->bounds)
		bound_facts(cal, newest, fact);
	fact[JOINED_DAY] = joined;
	fact[LAST_ACTIVE_DAY] = last;
	fact[SILENT_DAYS] = f->today - last;
	fact[ACTIVE_DAYS] = f->ndays;
	fact[MESSAGES] = s->messages;
	fact[USUAL_GAP_DAYS] = gap;
	if (newest->to <= f->as_of)
		fits |= 1u << CHURN_LEFT;
	if (newest->from >= f->as_of - f->c->newcomer_us)
		fits |= 1u << CHURN_NEWCOMER;
	if (s->benefit && !s->messages && !f->buys.n)
		fits |= 1u << CHURN_BENEFITS_ONLY;
	if (!f->ndays)
		fits |= 1u << CHURN_NEVER_SPOKE;
	/* The quotient's nearest double is the factor's where they are equal, as 1.1 is of 11 to
	 * 10; a product would surprise at the edge. */
	if (gap && (double)(f->today - last) / (double)gap >= f->c->overdue)
		fits |= 1u << CHURN_COOLING;
	fact[FITS] = fits;
	if (f->buys.n && order_facts(f, s->group, fact) < 0)
		return QUN_EOVERFLOW;
	/* Only who bought of late is asked for how long he said nothing. */
	if (s->messages && ((unsigned)fact[FITS] & 1u << CHURN_BUYER_SILENT))
		fact[MESSAGE_SILENT_DAYS] = f->today - qun_cal_day(cal, s->last_message);
	return 0;
}

/* A group's cell, where a class that is known already counts, too; -1: it is not. */
static int add_to_group(const struct fold *f, bool member, int class)
{
	struct qun_cell *cell = qun_cube_cell(f->report, qun_buf_span(&f->key));
	int64_t from = f->as_of - FLOOR_DAYS * QUN_DAY;
	bool near = qun_interval_touches(&f->intervals, from, f->as_of);
	int rc = cell ? qun_cell_add(cell, MEMBERS, member) : QUN_ENOMEM;

	if (rc == 0)
		rc = qun_cell_add(cell, FLOOR_MEMBERS, near);
	if (rc == 0)
		rc = qun_cell_add(cell, FLOOR_ACTIVE, near && f->ndays && f->last >= from);
	if (rc == 0 && class >= 0)
		rc = qun_cell_add(cell, CLASS + (uint32_t)class, 1);
	if (rc == 0 && !f->c->silent_days && member && f->gaps.n >= MIN_GAPS)
		rc = qun_cell_put(cell, LONGEST_GAPS, f->gaps.v[f->gaps.n - 1]);
	return rc;
}

/* Behind the group's key stand the user as printed and what else tells people apart. */
static int add_person(struct fold *f, const __int128 *fact)
{
	const struct qun_who *who = f->who;
	bool scoped = !qun_span_eq(who->id, who->user);
	struct qun_cell *cell = NULL;
	uint32_t n = NFACTS;
	int rc = qun_key_text(&f->key, who->user);

	if (rc == 0)
		rc = qun_key_text(&f->key, scoped ? who->id : (struct qun_span){NULL, 0});
	if (rc == 0) {
		cell = qun_cube_cell(f->report, qun_buf_span(&f->key));
		rc = !cell ? QUN_ENOMEM : who->name.len ? qun_cell_text(cell, who->name) : 0;
	}
	/* Most people have no orders: what is 0 at the end takes no memory. */
	while (n && !fact[n - 1])
		n--;
	if (rc == 0)
		rc = qun_cell_room(cell, n);
	for (uint32_t i = 0; rc == 0 && i < n; i++)
		rc = qun_cell_add(cell, i, fact[i]);
	return rc;
}

/* Adds one (group, user), unless rule R never made him a member there. */
static int fold_slot(struct fold *f, struct churn_slot *s)
{
	__int128 fact[NFACTS] = {0};
	bool listed = true;
	int class = -1, rc = qun_intervals_of(f->ctx, s->group, f->who->id, &s->member, &f->intervals);

	if (rc < 0 || !f->intervals.n)
		return rc;
	rc = activity_of(f, s);
	if (rc == 0)
		rc = facts_of(f, s, fact);
	if (f->c->silent_days) {
		unsigned fits = (unsigned)fact[FITS];

		class = qun_churn_class_of(&fits, fact[MESSAGES], fact[MESSAGE_SILENT_DAYS],
			fact[SILENT_DAYS], f->c->silent_days);
		listed = class >= 0 && qun_churn_listed(f->c, fits, class, fact[BUYS] > 0);
	}
	qun_buf_clear(&f->key);
	if (rc == 0)
		rc = qun_key_text(&f->key, qun_dict_text(f->ctx->groups, s->group));
	if (rc == 0)
		rc = add_to_group(f, !(fact[FITS] & 1 << CHURN_LEFT), class);
	return rc == 0 && listed ? add_person(f, fact) : rc;
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
static int fold_roster(struct fold *f, const struct qun_slots *slots)
{
	const struct qun_ctx *ctx = f->ctx;
	const struct qun_roster *r = ctx->run->roster;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < qun_roster_count(r); i = next_group(r, i)) {
		struct qun_span group = qun_roster_at(r, i)->group;
		struct churn_slot s = {0};

		if (!qun_group_wanted(ctx->run, group) || !(qun_roster_find(r, group, f->who->user) ||
				qun_roster_find(r, group, f->who->id)))
			continue;
		rc = qun_dict_add(ctx->groups, group, &s.group);
		if (rc == 0 && !qun_slot_find(slots, s.group, sizeof(s)))
			rc = fold_slot(f, &s);
		qun_member_release(&s.member);
	}
	return rc;
}

int qun_churn_fold(
	const struct qun_ctx *ctx, struct qun_cube *report, const struct qun_who *who, void *person)
{
	struct churn_person *p = person;
	struct fold f = {.ctx = ctx, .c = ctx->conf, .report = report, .who = who, .as_of = qun_as_of(ctx)};
	int rc = 0;

	/* Before any event there is no day to look from: the table is that of an empty input. */
	if (who->staff || who->bot || f.as_of == INT64_MIN)
		return 0;
	f.today = qun_day_in(ctx, f.as_of);
	if (p->ledger.last)
		rc = buys_of(&f, p);
	for (uint32_t i = 0; rc == 0 && i < p->in.slots.n; i++)
		rc = fold_slot(&f, qun_slot_at(&p->in.slots, i, sizeof(struct churn_slot)));
	if (rc == 0 && ctx->run->roster)
		rc = fold_roster(&f, &p->in.slots);
	free(f.buys.v);
	qun_intervals_release(&f.intervals);
	qun_vec_release(&f.days);
	qun_vec_release(&f.gaps);
	qun_buf_release(&f.key);
	return rc;
}
