/*
 * Folding a person into the report of activity-rate. A cell belongs to one group and holds series
 * of changes from period to period, so that a long membership costs two additions.
 */
#include "metric/activity_rate/activity.h"
#include "metric/activity_rate/ranges.h"

#include <stdlib.h>

#include "qun/roster.h"

bool qun_activity_rows(const struct qun_ctx *ctx, int64_t log_start, struct qun_activity_rows *r)
{
	const struct qun_run *run = ctx->run;

	*r = (struct qun_activity_rows){.ctx = ctx, .c = ctx->conf, .as_of = qun_as_of(ctx)};
	if (log_start > r->as_of)
		return false;
	r->period = r->c->period;
	if (r->period.unit == QUN_BY_NDAYS)
		r->period.horizon = qun_cal_day(
			&run->cal, run->since != INT64_MIN ? run->since : ctx->heads->all.first);
	r->first = qun_period_of(&run->cal, &r->period, log_start);
	r->last = qun_period_of(&run->cal, &r->period, r->as_of);
	return true;
}

/* Adds n to a series in one period. */
static int mark_one(
	const struct qun_activity_rows *r, struct qun_cell *cell, uint32_t s, int64_t period, int64_t n)
{
	int64_t at = (period - r->first) * r->c->nseries + s;

	if (n == 0 || period < r->first || period > r->last)
		return 0;
	return at > UINT32_MAX ? QUN_ELIMIT : qun_cell_add(cell, (uint32_t)at, n);
}

/* Adds n to a series in the periods from … to, as a change at both ends. */
static int mark(const struct qun_activity_rows *r, struct qun_cell *cell, uint32_t s, int64_t from,
	int64_t to, int64_t n)
{
	int64_t stride = r->c->nseries, end;
	int rc;

	from = from < r->first ? r->first : from;
	to = to > r->last ? r->last : to;
	if (from > to)
		return 0;
	end = (to + 1 - r->first) * stride + s;
	if (end > UINT32_MAX)
		return QUN_ELIMIT;
	rc = qun_cell_add(cell, (uint32_t)((from - r->first) * stride + s), n);
	return rc < 0 ? rc : qun_cell_add(cell, (uint32_t)end, -n);
}

/* Orders that make active, and when. */
struct buys {
	struct buy {
		uint32_t group;
		int64_t when;
	} * v;
	size_t n;
};

/* One person in one group, or in the total. */
struct stay {
	bool seen; /* he was there before the log */
	struct qun_activity_records did;
	struct qun_activity_ranges in[ACTIVITY_MEAN];     /* by ACTIVITY_PRESENT, ACTIVITY_END, ACTIVITY_START */
	const struct buys *buys;
	struct qun_intervals intervals; /* for the next group */
	struct qun_buf key;
};

/* Which ranges the denominator asks for; who is active is judged by presence where it is no set. */
static bool is_asked(const struct qun_activity_conf *c, int d)
{
	if (c->denominator == ACTIVITY_MEAN && d != ACTIVITY_PRESENT)
		return true;
	return d == (c->denominator < ACTIVITY_MEAN ? (int)c->denominator : ACTIVITY_PRESENT);
}

static int add_ranges(const struct qun_activity_rows *r, uint32_t group, struct stay *stay)
{
	const struct qun_intervals *iv = &stay->intervals;
	struct qun_head head = qun_head_of(r->ctx, group);
	/* A group that only the roster knows has no log: the input's beginning stands for it. */
	int64_t log_start = head.first <= head.last ? head.first : r->ctx->heads->all.first;

	for (int d = ACTIVITY_PRESENT; d < ACTIVITY_MEAN; d++) {
		struct qun_activity_ranges *to = &stay->in[d];

		for (size_t i = 0; is_asked(r->c, d) && i < iv->n; i++) {
			if (qun_grow(&to->v, &to->cap, to->n, sizeof(*to->v)) < 0)
				return QUN_ENOMEM;
			to->v[to->n++] =
				qun_activity_range_of(r, (enum qun_activity_denominator)d, &iv->v[i], log_start);
		}
	}
	return 0;
}

/* Takes what a person is and did in one group into the stay. slot is NULL where he did nothing but buy. */
static int add_group(const struct qun_activity_rows *r, uint32_t group, struct qun_span user,
	struct qun_activity_slot *slot, struct stay *stay)
{
	struct qun_intervals *iv = &stay->intervals;
	int rc = 0;

	iv->presence.n = 0;
	if (slot)
		rc = qun_activity_read(r->ctx, slot, &stay->did, &iv->presence);
	if (rc == 0 && slot)
		rc = qun_activity_settle(r->ctx, slot, &stay->did);
	for (size_t i = 0; rc == 0 && i < stay->buys->n; i++) {
		const struct buy *b = &stay->buys->v[i];
		struct qun_activity_record *record;

		if (b->group != group)
			continue;
		record = qun_activity_record(&stay->did, b->when);
		if (record)
			record->active = true;
		else
			rc = QUN_ENOMEM;
	}
	if (rc == 0)
		rc = qun_intervals_by(r->ctx, group, user, slot ? &slot->marks : NULL, iv);
	return rc < 0 ? rc : add_ranges(r, group, stay);
}

static void stay_clear(struct stay *stay)
{
	stay->did.n = 0;
	for (int d = ACTIVITY_PRESENT; d < ACTIVITY_MEAN; d++)
		stay->in[d].n = 0;
}

static void stay_release(struct stay *stay)
{
	free(stay->did.v);
	qun_intervals_release(&stay->intervals);
	qun_buf_release(&stay->key);
	for (int d = ACTIVITY_PRESENT; d < ACTIVITY_MEAN; d++)
		free(stay->in[d].v);
}

static int mark_members(
	const struct qun_activity_rows *r, struct qun_cell *cell, const struct stay *stay)
{
	enum qun_activity_denominator d = r->c->denominator;
	int rc = 0;

	for (int i = ACTIVITY_PRESENT; i < ACTIVITY_MEAN; i++) {
		/* mean adds up start and end, and halves in the table. */
		if (d == ACTIVITY_MEAN ? i == ACTIVITY_PRESENT : (int)d != i)
			continue;
		for (size_t k = 0; rc == 0 && k < stay->in[i].n; k++)
			rc = mark(r, cell, ACTIVITY_MEMBERS, stay->in[i].v[k].from,
				stay->in[i].v[k].to, 1);
	}
	return rc;
}

/* An active day d counts on the last days of periods from d to d + n - 1; where the next active day
 * comes sooner, that one takes over. */
static int mark_rolling(const struct qun_activity_rows *r, struct qun_cell *cell,
	const struct qun_activity_records *did)
{
	static const int64_t window[] = {1, 7, 30};
	const struct qun_cal *cal = &r->ctx->run->cal;
	int64_t today = qun_cal_day(cal, r->as_of), next = INT64_MAX;
	int rc = 0;

	for (size_t i = did->n; rc == 0 && i-- > 0;) {
		int64_t day = did->v[i].when;

		if (!did->v[i].active)
			continue;
		for (uint32_t w = 0; rc == 0 && w < 3; w++) {
			int64_t to = day + window[w] < next ? day + window[w] - 1 : next - 1;

			rc = mark(r, cell, ACTIVITY_DAU + w,
				qun_period_of_day(cal, &r->period, day),
				to >= today ? r->last
					    : qun_period_of_day(cal, &r->period, to + 1) - 1,
				1);
		}
		next = day;
	}
	return rc;
}

/* The person's periods in a group: a period may have several records, of days. */
struct walk {
	const struct qun_activity_records *did;
	size_t next;
	int64_t period, messages, floods;
	uint32_t days; /* records with activity */
};

static int walk_on(const struct qun_activity_rows *r, struct walk *w)
{
	const struct qun_cal *cal = &r->ctx->run->cal;
	bool begun = false;

	w->messages = w->floods = 0;
	w->days = 0;
	for (; w->next < w->did->n; w->next++) {
		const struct qun_activity_record *now = &w->did->v[w->next];
		int64_t period =
			r->c->by_day ? qun_period_of_day(cal, &r->period, now->when) : now->when;

		if (begun && period != w->period)
			break;
		begun = true;
		w->period = period;
		w->days += now->active;
		w->messages += now->messages;
		w->floods += now->floods;
	}
	return begun;
}

/* before is the person's active row before this one, INT64_MIN for none. Who is neither new nor returning
 * is back. */
static int mark_lifecycle(const struct qun_activity_rows *r, struct qun_cell *cell, int64_t period,
	int64_t before, bool seen)
{
	if (before == INT64_MIN)
		return seen ? 0 : mark_one(r, cell, ACTIVITY_NEW, period, 1);
	if (before == period - 1)
		return mark_one(r, cell, ACTIVITY_RETURNING, period, 1);
	return mark_one(r, cell, ACTIVITY_DORMANT, before + 1, 1);
}

/* Has the sums fetched that a person's records will be added to: they are far apart, as his days are. */
static void fetch(const struct qun_activity_rows *r, const struct qun_cell *cell, const struct qun_activity_records *did)
{
	for (size_t i = 0; !r->c->by_day && !cell->is_wide && i < did->n; i++) {
		uint64_t at = ((uint64_t)did->v[i].when - (uint64_t)r->first) * r->c->nseries;

		if (at < cell->nsum)
			__builtin_prefetch(&cell->sum[at + ACTIVITY_ACTIVE], 1);
	}
}

/* Adds a person to the rows of a group. Staff leave nothing but messages. */
static int fold_periods(const struct qun_activity_rows *r, struct qun_cell *cell,
	const struct stay *stay, bool staff)
{
	const struct qun_activity_conf *c = r->c;
	const struct qun_activity_ranges *in =
		&stay->in[c->denominator < ACTIVITY_MEAN ? c->denominator : ACTIVITY_PRESENT];
	struct walk w = {.did = &stay->did};
	int64_t before = INT64_MIN;
	int rc;

	fetch(r, cell, &stay->did);
	while ((rc = walk_on(r, &w)) == 1) {
		bool member = !staff && qun_activity_ranges_hold(in, w.period);

		rc = mark_one(r, cell, staff ? ACTIVITY_STAFF_MESSAGES : ACTIVITY_MEMBER_MESSAGES,
			w.period, w.messages);
		if (rc == 0)
			rc = mark_one(r, cell, ACTIVITY_FLOODS, w.period, w.floods);
		if (rc == 0 && member && w.messages)
			rc = mark_one(r, cell, ACTIVITY_TALKERS, w.period, 1);
		if (rc == 0 && member && w.days) {
			rc = mark_one(r, cell, ACTIVITY_ACTIVE, w.period, 1);
			if (rc == 0 && c->lifecycle)
				rc = mark_lifecycle(r, cell, w.period, before, stay->seen);
			before = w.period;
		}
		if (rc < 0)
			return rc;
	}
	if (rc == 0 && c->lifecycle && before != INT64_MIN)
		rc = mark_one(r, cell, ACTIVITY_DORMANT, before + 1, 1);
	return rc;
}

struct qun_cell *qun_activity_cell(struct qun_cube *report, struct qun_buf *key, int64_t period)
{
	size_t len = key->len;
	struct qun_cell *cell = NULL;

	if (qun_key_int(key, period) == 0)
		cell = qun_cube_cell(report, qun_buf_span(key));
	key->len = len;
	return cell;
}

/* The greatest talker of a period: the cell's text keeps the greatest of its bytes. */
static int put_talker(
	struct qun_cube *report, struct qun_buf *key, int64_t period, int64_t messages)
{
	struct qun_cell *cell;
	struct qun_buf n = {0};
	int rc = qun_key_int(&n, messages);

	if (rc == 0) {
		cell = qun_activity_cell(report, key, period);
		rc = cell ? qun_cell_text(cell, qun_buf_span(&n)) : QUN_ENOMEM;
	}
	qun_buf_release(&n);
	return rc;
}

static int fold_talk(const struct qun_activity_rows *r, struct qun_cube *report,
	struct qun_buf *key, const struct stay *stay)
{
	struct walk w = {.did = &stay->did};
	int rc;

	while ((rc = walk_on(r, &w)) == 1) {
		if (w.messages)
			rc = put_talker(report, key, w.period, w.messages);
		if (rc < 0)
			return rc;
	}
	return rc;
}

/* Members by their active days: sum i of a period's cell counts those with i, but for 0. */
static int fold_histogram(const struct qun_activity_rows *r, struct qun_cube *report,
	struct qun_buf *key, const struct stay *stay)
{
	struct walk w = {.did = &stay->did};
	int rc;

	while ((rc = walk_on(r, &w)) == 1) {
		struct qun_cell *cell;

		if (!w.days || !qun_activity_ranges_hold(&stay->in[r->c->denominator], w.period))
			continue;
		cell = qun_activity_cell(report, key, w.period);
		rc = cell ? qun_cell_add(cell, w.days, 1) : QUN_ENOMEM;
		if (rc < 0)
			return rc;
	}
	return rc;
}

static int fold_stay(const struct qun_activity_rows *r, struct qun_cube *report,
	struct qun_span name, struct stay *stay, bool staff)
{
	struct qun_buf *key = &stay->key;
	struct qun_cell *cell = NULL;
	int rc;

	qun_buf_clear(key);
	rc = qun_key_text(key, name);
	for (int d = ACTIVITY_PRESENT; d < ACTIVITY_MEAN; d++)
		qun_activity_unite(&stay->in[d]);
	if (rc == 0) {
		cell = qun_cube_cell(report, qun_buf_span(key));
		rc = cell ? fold_periods(r, cell, stay, staff) : QUN_ENOMEM;
	}
	if (rc == 0 && !staff)
		rc = mark_members(r, cell, stay);
	if (rc == 0 && !staff && r->c->rolling)
		rc = mark_rolling(r, cell, &stay->did);
	if (rc == 0 && !staff && r->c->talk)
		rc = fold_talk(r, report, key, stay);
	if (rc == 0 && !staff && r->c->histogram)
		rc = fold_histogram(r, report, key, stay);
	return rc;
}

/* Who is there by the roster, or bought, may have done nothing else. */
static int fold_group(struct qun_activity_rows *r, struct qun_cube *report, const struct qun_who *who, uint32_t group,
	struct qun_activity_slot *slot, struct stay *stay)
{
	const struct qun_ctx *ctx = r->ctx;
	struct qun_span name = qun_dict_text(ctx->groups, group);
	bool total = r->c->total;
	int rc;

	if (!slot && !qun_group_wanted(ctx->run, name))
		return 0;
	if (!total && (qun_group_is_nobody(ctx, group) || !qun_activity_rows(ctx, qun_head_of(ctx, group).first, r)))
		return 0;
	rc = add_group(r, group, who->id, slot, stay);
	if (rc == 0 && !total) {
		rc = fold_stay(r, report, name, stay, who->staff);
		stay_clear(stay);
	}
	return rc;
}

/* Is this the first order in a group without a slot? */
static bool is_new_group(const struct qun_slots *did, const struct buys *buys, size_t i)
{
	uint32_t group = buys->v[i].group;

	for (size_t k = 0; k < i; k++) {
		if (buys->v[k].group == group)
			return false;
	}
	return !qun_slot_find(did, group, qun_activity_slots.size);
}

static int fold_groups(const struct qun_ctx *ctx, struct qun_cube *report,
	const struct qun_who *who, const struct qun_slots *did, const struct buys *buys)
{
	const struct qun_activity_conf *c = ctx->conf;
	struct stay stay = {.seen = qun_staff_has(ctx->run->seen, who->user), .buys = buys};
	struct qun_activity_rows r = {.ctx = ctx, .c = c};
	size_t size = qun_activity_slots.size;
	bool total = c->total && qun_activity_rows(ctx, ctx->heads->all.first, &r);
	bool roster = ctx->run->roster;
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && roster && i < ctx->groups->n; i++)
		rc = fold_group(&r, report, who, i, qun_slot_find(did, i, size), &stay);
	for (uint32_t i = 0; rc == 0 && !roster && i < did->n; i++) {
		struct qun_activity_slot *slot = qun_slot_at(did, i, size);

		rc = fold_group(&r, report, who, slot->group, slot, &stay);
	}
	for (size_t i = 0; rc == 0 && !roster && i < buys->n; i++) {
		if (is_new_group(did, buys, i))
			rc = fold_group(&r, report, who, buys->v[i].group, NULL, &stay);
	}
	if (rc == 0 && total)
		rc = fold_stay(&r, report, qun_span_of("*"), &stay, who->staff);
	stay_release(&stay);
	return rc;
}

/* Valid orders make active. out->v is malloc'd. */
static int buys_of(const struct qun_ctx *ctx, struct qun_span user, const struct qun_ledger *ledger, struct buys *out)
{
	struct qun_span extra[QUN_MAX_EXTRA];
	struct qun_orders orders = {0};
	struct qun_event ev;
	int rc = qun_orders_of(ctx, ledger, &orders);

	if (rc == 0 && orders.n) {
		out->v = reallocarray(NULL, orders.n, sizeof(*out->v));
		rc = out->v ? 0 : QUN_ENOMEM;
	}
	for (size_t i = 0; rc == 0 && i < orders.n; i++) {
		if (!qun_group_wanted(ctx->run, qun_dict_text(ctx->groups, orders.v[i].group)))
			continue;
		qun_order_event(ctx, user, &orders.v[i], &ev, extra);
		if (qun_counts(ctx->run, &ev) && qun_pred_match(ctx->run->active, &ev, NULL))
			out->v[out->n++] = (struct buy){ev.group, qun_activity_when(ctx, ev.ts)};
	}
	qun_orders_release(&orders);
	return rc;
}

int qun_activity_fold(
	const struct qun_ctx *ctx, struct qun_cube *report, const struct qun_who *who, void *person)
{
	struct qun_activity_person *p = person;
	struct buys buys = {0};
	int rc = 0;

	if (who->bot || !ctx->heads->started)
		return 0;
	if (p->ledger.last)
		rc = buys_of(ctx, who->user, &p->ledger, &buys);
	if (rc == 0)
		rc = fold_groups(ctx, report, who, &p->in.slots, &buys);
	free(buys.v);
	return rc;
}
