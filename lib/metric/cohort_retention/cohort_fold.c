/*
 * Folding a person into the report of cohort-retention. A cell belongs to one cohort, and every
 * person marks in it the ranges of offsets he counts at, so that a range costs two additions.
 */
#include <stdlib.h>

#include "metric/cohort_retention/cohort_fold.h"
#include "qun/roster.h"

struct qun_period qun_cohort_period(const struct qun_ctx *ctx)
{
	const struct qun_run *run = ctx->run;
	struct qun_period period = ((const struct qun_cohort_conf *)ctx->conf)->period;

	if (period.unit == QUN_BY_NDAYS && ctx->heads->started)
		period.horizon = qun_cal_day(
			&run->cal, run->since != INT64_MIN ? run->since : ctx->heads->all.first);
	return period;
}

int64_t qun_cohort_offset(const struct qun_cohort_life *l, int64_t ts)
{
	const struct qun_cohort_fold *f = l->f;

	if (f->c->clock == COHORT_ELAPSED)
		return (ts - l->birth) / f->c->step_us;
	return qun_period_of(&f->ctx->run->cal, &f->period, ts) - l->cohort;
}

int qun_cohort_mark(const struct qun_cohort_life *l, enum qun_cohort_series s, int64_t from,
	int64_t to, __int128 x)
{
	uint32_t n = l->f->c->nseries;
	int rc;

	if (from > to)
		return 0;
	if (to >= COHORT_MAX_OFFSET)
		return QUN_ELIMIT;
	rc = qun_cell_add(l->cell, (uint32_t)(1 + from * n + s), x);
	return rc < 0 ? rc : qun_cell_add(l->cell, (uint32_t)(1 + (to + 1) * n + s), -x);
}

const struct qun_cohort_place *qun_cohort_place_in(const struct qun_cohort_fold *f, uint32_t group)
{
	const struct qun_cohort_more *more = qun_cohort_more(f->person);

	return more ? qun_slot_find(&more->places.slots, group, qun_cohort_places.size) : NULL;
}

int qun_cohort_intervals(const struct qun_cohort_fold *f, uint32_t group,
	const struct qun_cohort_place *place, struct qun_intervals *out)
{
	struct qun_member none = {0};

	return qun_intervals_of(f->ctx, group, f->who->id,
		place ? (struct qun_member *)&place->member : &none, out);
}

/* Source of the join that opened the interval holding the birth. A birth that is itself a join
 * belongs to the interval it opened, even where the one before ends in the same instant. */
static int put_source(struct qun_cohort_fold *f, const struct qun_first *birth)
{
	struct qun_intervals iv = {0};
	const struct qun_interval *at;
	uint32_t source = QUN_NONE;
	int rc = qun_cohort_intervals(f, birth->group, qun_cohort_place_in(f, birth->group), &iv);

	at = qun_interval_at(&iv, birth->ts);
	if (at)
		source = at->source;
	for (size_t i = 0; qun_first_is_join(birth) && i < iv.n; i++) {
		if (iv.v[i].from == birth->ts && iv.v[i].opening == QUN_OPEN_JOIN)
			source = iv.v[i].source;
	}
	if (rc == 0)
		rc = qun_key_text(&f->key, qun_dict_text(f->ctx->words, source));
	qun_intervals_release(&iv);
	return rc;
}

int qun_cohort_key(struct qun_cohort_fold *f, uint32_t group, const struct qun_first *birth,
	int64_t cohort, bool own)
{
	const struct qun_run *run = f->ctx->run;
	int rc = 0;

	qun_buf_clear(&f->key);
	for (int i = 0; rc == 0 && i < run->by.n; i++) {
		if (own && !qun_births_own_value(run, i))
			continue;
		if (run->by.field[i] == QUN_F_GROUP)
			rc = qun_key_text(&f->key, qun_dict_text(f->ctx->groups, group));
		else if (run->by.field[i] == QUN_F_ROLE)
			rc = qun_key_text(&f->key, f->who->role);
		else if (run->by.field[i] == QUN_F_SOURCE && f->c->mode != COHORT_MEMBER)
			rc = put_source(f, birth);
		else
			/* A join that only the roster knows has no event to read. */
			rc = qun_key_text(&f->key,
				qun_dict_text(f->ctx->words, birth->by ? birth->by[i] : QUN_NONE));
	}
	return rc < 0 ? rc : qun_key_int(&f->key, cohort);
}

/* Enters a life whose birth and cohort are set. 1, 0 where it counts in none, or an error. */
static int enter(struct qun_cohort_fold *f, uint32_t group, const struct qun_first *birth,
	struct qun_cohort_life *l)
{
	const struct qun_run *run = f->ctx->run;
	bool people = f->c->table == COHORT_PEOPLE, all = run->since == INT64_MIN && run->until == INT64_MAX;
	uint32_t number;
	size_t seen = f->seen.n;
	int rc;

	if (!all && !qun_in_range(run, qun_period_start(&run->cal, &f->period, l->cohort)))
		return 0;
	if (f->c->cohorts == COHORT_RECURRING) {
		rc = qun_cohort_key(f, group, birth, l->cohort, true);
		if (rc == 0)
			rc = qun_dict_add(&f->seen, qun_buf_span(&f->key), &number);
		if (rc < 0 || f->seen.n == seen)
			return rc;
	}
	if (people && l->cohort != qun_period_of_day(&run->cal, &f->period, f->c->people_day))
		return 0;
	rc = qun_cohort_key(f, group, birth, l->cohort, false);
	if (rc < 0)
		return rc;
	l->cell = qun_cube_cell(people ? &f->scratch : f->report, qun_buf_span(&f->key));
	if (!l->cell)
		return QUN_ENOMEM;
	/* Elapsed: period k has ended when its last microsecond is not after A. */
	l->last = f->c->clock == COHORT_ELAPSED ? qun_cohort_offset(l, f->as_of + 1) - 1
						: f->now - l->cohort;
	rc = qun_cell_add(l->cell, 0, 1);
	return rc < 0 ? rc : 1;
}

int qun_cohort_begin(struct qun_cohort_fold *f, uint32_t group, const struct qun_first *birth,
	struct qun_cohort_life *l)
{
	const struct qun_cal *cal = &f->ctx->run->cal;

	*l = (struct qun_cohort_life){.f = f, .birth = birth->ts, .birth_day = qun_cal_day(cal, birth->ts)};
	l->cohort = qun_period_of_day(cal, &f->period, l->birth_day);
	return enter(f, group, birth, l);
}

/* The same of a birth that is kept as its period or day. */
static int begin_plain(struct qun_cohort_fold *f, uint32_t group, int64_t kept, struct qun_cohort_life *l)
{
	const struct qun_first birth = {.seen = true};

	*l = (struct qun_cohort_life){.f = f, .birth_day = kept, .cohort = kept};
	if (f->c->days)
		l->cohort = qun_period_of_day(&f->ctx->run->cal, &f->period, kept);
	return enter(f, group, &birth, l);
}

/* A series at the offset that --people asks for. */
static __int128 asked_sum(const struct qun_cohort_life *l, enum qun_cohort_series s)
{
	const struct qun_cohort_conf *c = l->f->c;
	__int128 sum = 0;

	for (int64_t k = 0; k <= c->people_at; k++)
		sum += qun_cell_sum(l->cell, (uint32_t)(1 + k * c->nseries + s));
	return sum;
}

/* Behind the key of his cohort stand the group, the user as printed, and what else tells people
 * apart. */
static int list_person(struct qun_cohort_fold *f, uint32_t group)
{
	const struct qun_who *who = f->who;
	bool scoped = !qun_span_eq(who->id, who->user);
	struct qun_cell *cell;
	int rc = qun_key_text(&f->key, qun_dict_text(f->ctx->groups, group));

	if (rc == 0)
		rc = qun_key_text(&f->key, who->user);
	if (rc == 0)
		rc = qun_key_text(&f->key, scoped ? who->id : (struct qun_span){NULL, 0});
	if (rc < 0)
		return rc;
	cell = qun_cube_cell(f->report, qun_buf_span(&f->key));
	return cell ? qun_cell_text(cell, who->name) : QUN_ENOMEM;
}

int qun_cohort_end(struct qun_cohort_fold *f, uint32_t group, const struct qun_cohort_life *l)
{
	int rc = 0;

	if (f->c->table != COHORT_PEOPLE)
		return 0;
	if (asked_sum(l, COHORT_ENDED) > asked_sum(l, COHORT_REMOVED) &&
		(asked_sum(l, COHORT_RETAINED) > 0) != f->c->lost)
		rc = list_person(f, group);
	qun_cube_release(&f->scratch);
	return rc;
}

/* Is bracket i counted for him? Calendar: everybody in a cohort is eligible. */
static bool bracket_has_ended(const struct qun_cohort_life *l, int64_t i)
{
	return l->f->c->clock == COHORT_CALENDAR ||
	       l->birth + (l->f->c->bracket[i].to + 1) * QUN_DAY - 1 <= l->f->as_of;
}

/* A return as it is kept, in periods (brackets: days) from the birth; negative before it. */
static int64_t distance(const struct qun_cohort_life *l, int64_t kept)
{
	const struct qun_cohort_conf *c = l->f->c;
	const struct qun_cal *cal = &l->f->ctx->run->cal;

	if (c->clock == COHORT_ELAPSED && kept < l->birth)
		return -1;
	if (c->clock == COHORT_ELAPSED)
		return (kept - l->birth) / (c->mode == COHORT_BRACKET ? QUN_DAY : c->step_us);
	if (c->mode == COHORT_BRACKET)
		return (c->instants ? qun_cal_day(cal, kept) : kept) - l->birth_day;
	if (c->instants)
		return qun_cohort_offset(l, kept);
	return (c->days ? qun_period_of_day(cal, &l->f->period, kept) : kept) - l->cohort;
}

static int put_return(const struct qun_cohort_life *l, int64_t kept, struct qun_vec *offsets)
{
	const struct qun_cohort_conf *c = l->f->c;
	int64_t d = distance(l, kept);
	int rc = 0;

	if (d < 0)
		return 0;
	if (c->mode != COHORT_BRACKET)
		return qun_vec_add(offsets, d);
	for (int64_t i = 0; rc == 0 && i < c->nbracket; i++) {
		if (c->bracket[i].from <= d && d <= c->bracket[i].to)
			rc = qun_vec_add(offsets, i);
	}
	return rc;
}

/* Offsets with enough return events, ascending, each once. */
static int collect_offsets(
	const struct qun_cohort_life *l, const struct qun_cohort_unit *u, struct qun_vec *offsets)
{
	const struct qun_cohort_more *more = qun_cohort_more(u);
	const struct qun_bits *returns = qun_cohort_returns(u);
	int64_t min_events = l->f->c->min_events, run = 0, x;
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && more && i < more->instants.n; i++)
		rc = put_return(l, more->instants.v[i], offsets);
	for (x = INT64_MIN; rc == 0 && qun_bits_next(returns, x, &x); x++)
		rc = put_return(l, x, offsets);
	qun_vec_sort(offsets);
	for (size_t i = 0; i < offsets->n; i++) {
		int64_t k = offsets->v[i];

		run = i && offsets->v[i - 1] == k ? run + 1 : 1;
		/* Where several days of a block are kept (N days, brackets), min_events is 1. */
		if (run == min_events)
			offsets->v[n++] = k;
	}
	offsets->n = n;
	return rc;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int tally_on(const struct qun_cohort_life *l, const struct qun_vec *offsets)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < offsets->n; i++) {
		int64_t k = offsets->v[i];

		if (l->f->c->mode == COHORT_BRACKET ? bracket_has_ended(l, k) : k <= l->last)
			rc = qun_cohort_mark(l, COHORT_RETAINED, k, k, 1);
	}
	return rc;
}

/* The last offset of the unbroken run from 1 on; 0: none. */
static int64_t streak_of(const struct qun_vec *offsets)
{
	int64_t streak = 0;

	for (size_t i = 0; i < offsets->n; i++)
		streak += offsets->v[i] == streak + 1;
	return streak;
}

/* after, before and streak: offset 0 as in on, then one range from 1 on. */
static int tally_range(const struct qun_cohort_life *l, const struct qun_vec *offsets)
{
	const int64_t *k = offsets->v;
	size_t n = offsets->n, i = 0;
	int rc = 0;

	if (n && k[0] == 0) {
		rc = qun_cohort_mark(l, COHORT_RETAINED, 0, smaller(0, l->last), 1);
		i = 1;
	}
	if (rc < 0 || i == n)
		return rc;
	switch (l->f->c->mode) {
	case COHORT_AFTER:
		return qun_cohort_mark(l, COHORT_RETAINED, 1, smaller(k[n - 1], l->last), 1);
	case COHORT_BEFORE: return qun_cohort_mark(l, COHORT_RETAINED, k[i], l->last, 1);
	default:
		return qun_cohort_mark(
			l, COHORT_RETAINED, 1, smaller(streak_of(offsets), l->last), 1);
	}
}

/* Adds what the returns at k are worth to every offset whose range holds k. */
static int mark_amount(
	const struct qun_cohort_life *l, int64_t k, int64_t streak, const struct qun_sum *sum)
{
	int64_t from = k, to = smaller(k, l->last);
	int rc;

	switch (l->f->c->mode) {
	case COHORT_BRACKET: to = bracket_has_ended(l, k) ? k : -1; break;
	case COHORT_AFTER: from = k ? 1 : 0; break;
	case COHORT_BEFORE: to = k ? l->last : to; break;
	case COHORT_STREAK: to = k ? smaller(streak, l->last) : to; break;
	default: break;
	}
	rc = qun_cohort_mark(l, COHORT_VALUE, from, to, sum->amount);
	return rc < 0 ? rc : qun_cohort_mark(l, COHORT_UNKNOWN, from, to, sum->unknown);
}

/* --value: only returns that count are worth anything. */
static int tally_amounts(const struct qun_cohort_life *l, const struct qun_vec *offsets,
	const struct qun_cohort_unit *u)
{
	const struct qun_cohort_more *more = qun_cohort_more(u);
	int64_t streak = streak_of(offsets);
	struct qun_sums at = {0};
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && more && i < more->amounts.n; i++) {
		const struct qun_sum *sum = &more->amounts.v[i];
		struct qun_vec to = {0};

		rc = put_return(l, sum->key, &to);
		for (size_t j = 0; rc == 0 && j < to.n; j++)
			rc = qun_sums_add(&at, to.v[j], sum->amount, sum->unknown);
		qun_vec_release(&to);
	}
	if (rc == 0)
		rc = qun_sums_sort(&at);
	for (size_t i = 0; rc == 0 && i < offsets->n; i++) {
		const struct qun_sum *sum = qun_sums_find(&at, offsets->v[i]);

		if (sum)
			rc = mark_amount(l, offsets->v[i], streak, sum);
	}
	qun_sums_release(&at);
	return rc;
}

/* The common case, on periods as they are kept: neighbouring offsets make one range. */
static int tally_plain(const struct qun_cohort_life *l, const struct qun_cohort_unit *u)
{
	const struct qun_bits *returns = qun_cohort_returns(u);
	int64_t x = l->cohort, end = l->cohort + l->last;
	int rc = qun_cohort_mark(l, COHORT_ENDED, 0, l->last, 1);

	while (rc == 0 && qun_bits_next(returns, x, &x) && x <= end) {
		int64_t from = x++;

		while (x <= end && qun_bits_has(returns, x))
			x++;
		rc = qun_cohort_mark(l, COHORT_RETAINED, from - l->cohort, x - 1 - l->cohort, 1);
	}
	return rc;
}

static int tally(const struct qun_cohort_life *l, const struct qun_cohort_unit *u)
{
	const struct qun_cohort_conf *c = l->f->c;
	struct qun_vec offsets = {0};
	int rc;

	if (c->mode == COHORT_ON && !c->instants && !c->days && !c->value)
		return tally_plain(l, u);
	rc = collect_offsets(l, u, &offsets);
	if (rc == 0)
		rc = c->mode == COHORT_ON || c->mode == COHORT_BRACKET ? tally_on(l, &offsets)
								       : tally_range(l, &offsets);
	if (rc == 0 && c->value)
		rc = tally_amounts(l, &offsets, u);
	if (rc == 0 && c->mode != COHORT_BRACKET)
		rc = qun_cohort_mark(l, COHORT_ENDED, 0, l->last, 1);
	for (int64_t i = 0; rc == 0 && c->mode == COHORT_BRACKET && i < c->nbracket; i++) {
		if (bracket_has_ended(l, i))
			rc = qun_cohort_mark(l, COHORT_ENDED, i, i, 1);
	}
	qun_vec_release(&offsets);
	return rc;
}

static int fold_births(struct qun_cohort_fold *f, uint32_t group, const struct qun_cohort_unit *u)
{
	struct qun_births *births = &u->more->births;
	struct qun_cohort_life l;
	int rc = 0;

	/* In order of time, so that the first birth of a period is the one that counts. */
	qun_births_sort(f->ctx, births);
	for (uint32_t i = 0; rc >= 0 && i < births->n; i++) {
		rc = qun_cohort_begin(f, group, &births->v[i], &l);
		if (rc <= 0)
			continue;
		rc = tally(&l, u);
		if (rc == 0)
			rc = qun_cohort_end(f, group, &l);
	}
	qun_dict_release(&f->seen);
	return rc < 0 ? rc : 0;
}

static int fold_unit(struct qun_cohort_fold *f, uint32_t group, const struct qun_cohort_unit *u)
{
	struct qun_cohort_life l;
	int rc;

	if (!f->c->plain)
		return qun_cohort_more(u) ? fold_births(f, group, u) : 0;
	if (!u->birth)
		return 0;
	rc = begin_plain(f, group, qun_cohort_birth(u), &l);
	if (rc <= 0)
		return rc;
	rc = tally(&l, u);
	return rc < 0 ? rc : qun_cohort_end(f, group, &l);
}

static int fold_units(struct qun_cohort_fold *f, const struct qun_cohort_unit *p)
{
	const struct qun_cohort_more *more = qun_cohort_more(p);
	int rc = 0;

	if (f->ctx->run->unit != QUN_UNIT_MEMBER)
		return fold_unit(f, QUN_NONE, p);
	for (uint32_t i = 0; rc == 0 && more && i < more->units.slots.n; i++) {
		const struct qun_cohort_unit *u = qun_slot_at(&more->units.slots, i, sizeof(*u));

		rc = fold_unit(f, u->group, u);
	}
	return rc;
}

/* The person's units with his valid orders in them, as a copy. */
static int add_orders(const struct qun_ctx *ctx, struct qun_span user, const struct qun_orders *orders,
	const struct qun_cohort_unit *p, struct qun_cohort_unit *out)
{
	struct qun_span extra[QUN_MAX_EXTRA];
	struct qun_event ev;
	int rc = qun_cohort_copy(ctx, out, p);

	for (size_t i = 0; rc == 0 && i < orders->n; i++) {
		if (!qun_group_wanted(ctx->run, qun_dict_text(ctx->groups, orders->v[i].group)))
			continue;
		qun_order_event(ctx, user, &orders->v[i], &ev, extra);
		rc = qun_cohort_count(ctx, out, &ev);
	}
	return rc;
}

static int fold_returns(struct qun_cohort_fold *f, const struct qun_cohort_unit *p)
{
	struct qun_orders orders = {0};
	struct qun_cohort_unit with = {0};
	int rc;

	if (!p->orders.last)
		return fold_units(f, p);
	rc = qun_orders_of(f->ctx, &p->orders, &orders);
	if (rc == 0 && orders.n) {
		rc = add_orders(f->ctx, f->who->user, &orders, p, &with);
		p = &with;
	}
	if (rc == 0)
		rc = fold_units(f, p);
	qun_cohort_release(&with);
	qun_orders_release(&orders);
	return rc;
}

int qun_cohort_fold(
	const struct qun_ctx *ctx, struct qun_cube *report, const struct qun_who *who, void *person)
{
	const struct qun_cohort_conf *c = ctx->conf;
	struct qun_cohort_fold f = {
		.ctx = ctx, .c = c, .who = who, .person = person, .report = report};
	int rc;

	if (who->staff || who->bot || !ctx->heads->started)
		return 0;
	/* Who was there before the log is not new by what he does in it. Recurring cohorts call
	 * nobody new, and a join tells by itself when somebody came. */
	if (c->cohorts == COHORT_FIRST && !c->by_join && qun_staff_has(ctx->run->seen, who->user))
		return 0;
	f.period = qun_cohort_period(ctx);
	f.as_of = qun_as_of(ctx);
	f.now = qun_period_of_day(&ctx->run->cal, &f.period, qun_day_in(ctx, f.as_of));
	rc = c->mode == COHORT_MEMBER ? qun_cohort_fold_stays(&f) : fold_returns(&f, person);
	qun_buf_release(&f.key);
	qun_cube_release(&f.scratch);
	qun_dict_release(&f.seen);
	return rc;
}
