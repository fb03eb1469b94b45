/*
 * Folding a person into the report of cohort-retention. A cell belongs to one cohort, and every
 * person marks in it the ranges of offsets he counts at, so that a range costs two additions.
 */
#include <stdlib.h>

#include "model/cohort.h"

struct qun_period qun_cohort_period(const struct qun_ctx *ctx)
{
	const struct qun_run *run = ctx->run;
	struct qun_period period = ((const struct qun_cohort_conf *)ctx->conf)->period;

	if (period.unit == QUN_BY_NDAYS && ctx->heads->started)
		period.horizon = qun_cal_day(
			&run->cal, run->since != INT64_MIN ? run->since : ctx->heads->all.first);
	return period;
}

/* A fold at work on one person. */
struct fold {
	const struct qun_ctx *ctx;
	const struct qun_cohort_conf *c;
	const struct qun_who *who;
	const struct qun_cohort_person *person;
	struct qun_cube *report;
	struct qun_period period;
	int64_t as_of;
	struct qun_buf key;
	struct qun_dict seen; /* recurring: cohorts and own values of the unit at hand */
};

/* One birth with its cell, on its clock. */
struct life {
	const struct fold *f;
	struct qun_cell *cell;
	int64_t birth, birth_day, cohort;
	int64_t last; /* the newest offset that counts */
};

/* Offset of an instant not before the birth (elapsed) or the cohort's period (calendar). */
static int64_t offset_of(const struct life *l, int64_t ts)
{
	const struct fold *f = l->f;

	if (f->c->clock == COHORT_ELAPSED)
		return (ts - l->birth) / f->c->step_us;
	return qun_period_of(&f->ctx->run->cal, &f->period, ts) - l->cohort;
}

/* Counts him in a series at the offsets from … to. */
static int mark(const struct life *l, enum qun_cohort_series s, int64_t from, int64_t to)
{
	int rc;

	if (from > to)
		return 0;
	if (to >= COHORT_MAX_OFFSET)
		return QUN_ELIMIT;
	rc = qun_cell_add(l->cell, (uint32_t)(1 + from * COHORT_NSERIES + s), 1);
	return rc < 0 ? rc
		      : qun_cell_add(l->cell, (uint32_t)(1 + (to + 1) * COHORT_NSERIES + s), -1);
}

static const struct qun_cohort_place *place_in(const struct fold *f, uint32_t group)
{
	return qun_slot_find(&f->person->places, group, qun_cohort_places.size);
}

/* Rule R of the person in a group; place is NULL where he did nothing. Sorts the keeper. */
static int intervals_in(const struct fold *f, uint32_t group, const struct qun_cohort_place *place,
	struct qun_intervals *out)
{
	struct qun_member none = {0};

	return qun_intervals_of(f->ctx, group, f->who->id,
		place ? (struct qun_member *)&place->member : &none, out);
}

/* Source of the join that opened the interval holding the birth. A birth that is itself a join
 * belongs to the interval it opened, even where the one before ends in the same instant. */
static int put_source(struct fold *f, uint32_t group, int64_t ts)
{
	struct qun_intervals iv = {0};
	const struct qun_interval *at;
	uint32_t source = QUN_NONE;
	int rc = intervals_in(f, group, place_in(f, group), &iv);

	at = qun_interval_at(&iv, ts);
	if (at)
		source = at->source;
	for (size_t i = 0; f->c->by_join && i < iv.n; i++) {
		if (iv.v[i].from == ts && iv.v[i].opening == QUN_OPEN_JOIN)
			source = iv.v[i].source;
	}
	if (rc == 0)
		rc = qun_key_text(&f->key, qun_dict_text(f->ctx->words, source));
	qun_intervals_release(&iv);
	return rc;
}

/* own: without the values that are the person's, which no birth of his changes. */
static int put_key(struct fold *f, uint32_t group, const struct qun_first *birth, int64_t cohort,
	bool own)
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
			rc = put_source(f, birth->group, birth->ts);
		else
			rc = qun_key_text(&f->key, qun_dict_text(f->ctx->words, birth->by[i]));
	}
	return rc < 0 ? rc : qun_key_int(&f->key, cohort);
}

/* Enters a birth into its cohort. 1 and *l, 0 where it counts in none, or an error. */
static int begin_life(struct fold *f, uint32_t group, const struct qun_first *birth, struct life *l)
{
	const struct qun_run *run = f->ctx->run;
	uint32_t number;
	size_t seen = f->seen.n;
	int rc;

	*l = (struct life){.f = f, .birth = birth->ts};
	l->cohort = qun_period_of(&run->cal, &f->period, birth->ts);
	l->birth_day = qun_cal_day(&run->cal, birth->ts);
	if (!qun_in_range(run, qun_period_start(&run->cal, &f->period, l->cohort)))
		return 0;
	if (f->c->cohorts == COHORT_RECURRING) {
		rc = put_key(f, group, birth, l->cohort, true);
		if (rc == 0)
			rc = qun_dict_add(&f->seen, qun_buf_span(&f->key), &number);
		if (rc < 0 || f->seen.n == seen)
			return rc;
	}
	rc = put_key(f, group, birth, l->cohort, false);
	if (rc < 0)
		return rc;
	l->cell = qun_cube_cell(f->report, qun_buf_span(&f->key));
	if (!l->cell)
		return QUN_ENOMEM;
	/* Elapsed: period k has ended when its last microsecond is not after A. */
	l->last = f->c->clock == COHORT_ELAPSED ? offset_of(l, f->as_of + 1) - 1
						: offset_of(l, f->as_of);
	rc = qun_cell_add(l->cell, 0, 1);
	return rc < 0 ? rc : 1;
}

/* Is bracket i counted for him? Calendar: everybody in a cohort is eligible. */
static bool bracket_has_ended(const struct life *l, int64_t i)
{
	return l->f->c->clock == COHORT_CALENDAR ||
	       l->birth + (l->f->c->bracket[i].to + 1) * QUN_DAY - 1 <= l->f->as_of;
}

/* A return as it is kept, in periods (brackets: days) from the birth; negative before it. */
static int64_t distance(const struct life *l, int64_t kept)
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
		return offset_of(l, kept);
	return (c->days ? qun_period_of_day(cal, &l->f->period, kept) : kept) - l->cohort;
}

static int put_return(const struct life *l, int64_t kept, struct qun_vec *offsets)
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
	const struct life *l, const struct qun_cohort_unit *u, struct qun_vec *offsets)
{
	int64_t min_events = l->f->c->min_events, run = 0, x;
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < u->instants.n; i++)
		rc = put_return(l, u->instants.v[i], offsets);
	for (x = INT64_MIN; rc == 0 && qun_bits_next(&u->returns, x, &x); x++)
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

static int tally_on(const struct life *l, const struct qun_vec *offsets)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < offsets->n; i++) {
		int64_t k = offsets->v[i];

		if (l->f->c->mode == COHORT_BRACKET ? bracket_has_ended(l, k) : k <= l->last)
			rc = mark(l, COHORT_RETAINED, k, k);
	}
	return rc;
}

/* after, before and streak: offset 0 as in on, then one range from 1 on. */
static int tally_range(const struct life *l, const struct qun_vec *offsets)
{
	const int64_t *k = offsets->v;
	size_t n = offsets->n, i = 0;
	int64_t streak = 0;
	int rc = 0;

	if (n && k[0] == 0) {
		rc = mark(l, COHORT_RETAINED, 0, smaller(0, l->last));
		i = 1;
	}
	if (rc < 0 || i == n)
		return rc;
	switch (l->f->c->mode) {
	case COHORT_AFTER: return mark(l, COHORT_RETAINED, 1, smaller(k[n - 1], l->last));
	case COHORT_BEFORE: return mark(l, COHORT_RETAINED, k[i], l->last);
	default:
		while (i < n && k[i] == streak + 1) {
			streak++;
			i++;
		}
		return mark(l, COHORT_RETAINED, 1, smaller(streak, l->last));
	}
}

static int tally(const struct life *l, const struct qun_cohort_unit *u)
{
	const struct qun_cohort_conf *c = l->f->c;
	struct qun_vec offsets = {0};
	int rc = collect_offsets(l, u, &offsets);

	if (rc == 0)
		rc = c->mode == COHORT_ON || c->mode == COHORT_BRACKET ? tally_on(l, &offsets)
								       : tally_range(l, &offsets);
	if (rc == 0 && c->mode != COHORT_BRACKET)
		rc = mark(l, COHORT_ENDED, 0, l->last);
	for (int64_t i = 0; rc == 0 && c->mode == COHORT_BRACKET && i < c->nbracket; i++) {
		if (bracket_has_ended(l, i))
			rc = mark(l, COHORT_ENDED, i, i);
	}
	qun_vec_release(&offsets);
	return rc;
}

static int fold_unit(struct fold *f, struct qun_cohort_unit *u)
{
	struct life l;
	int rc = 0;

	/* In order of time, so that the first birth of a period is the one that counts. */
	qun_births_sort(f->ctx, &u->births);
	for (uint32_t i = 0; rc >= 0 && i < u->births.n; i++) {
		rc = begin_life(f, u->group, &u->births.v[i], &l);
		if (rc == 1)
			rc = tally(&l, u);
	}
	qun_dict_release(&f->seen);
	return rc < 0 ? rc : 0;
}

/* The person's units with his valid orders in them, as a copy. */
static int add_orders(const struct qun_ctx *ctx, const struct qun_orders *orders,
	const struct qun_cohort_person *p, struct qun_slots *out)
{
	struct qun_span extra[QUN_MAX_EXTRA];
	struct qun_event ev;
	int rc = qun_slots_merge(&qun_cohort_units, ctx, out, ctx, &p->units);

	for (size_t i = 0; rc == 0 && i < orders->n; i++) {
		if (!qun_group_wanted(ctx->run, qun_dict_text(ctx->groups, orders->v[i].group)))
			continue;
		qun_order_event(ctx, &orders->v[i], &ev, extra);
		rc = qun_cohort_count(ctx, out, &ev);
	}
	return rc;
}

static int fold_returns(struct fold *f, struct qun_cohort_person *p)
{
	struct qun_orders orders = {0};
	struct qun_slots with = {0};
	const struct qun_slots *slots = &p->units;
	int rc = qun_orders_of(f->ctx, &p->ledger, &orders);

	if (rc == 0 && orders.n) {
		rc = add_orders(f->ctx, &orders, p, &with);
		slots = &with;
	}
	for (uint32_t i = 0; rc == 0 && i < slots->n; i++)
		rc = fold_unit(f, qun_slot_at(slots, i, qun_cohort_units.size));
	qun_slots_clear(&qun_cohort_units, &with);
	qun_orders_release(&orders);
	return rc;
}

/* A stay in one group; then a stay in any, once they are united. */
struct stay {
	struct qun_interval iv;
	uint32_t group;
};

struct stays {
	struct stay *v;
	size_t n, cap;
};

static int add_stays(
	struct fold *f, uint32_t group, const struct qun_cohort_place *place, struct stays *out)
{
	struct qun_intervals iv = {0};
	int rc = intervals_in(f, group, place, &iv);

	for (size_t i = 0; rc == 0 && i < iv.n; i++) {
		rc = qun_grow(&out->v, &out->cap, out->n, sizeof(*out->v));
		if (rc == 0)
			out->v[out->n++] = (struct stay){iv.v[i], group};
	}
	qun_intervals_release(&iv);
	return rc;
}

static int by_start(const void *a, const void *b)
{
	int64_t x = ((const struct stay *)a)->iv.from, y = ((const struct stay *)b)->iv.from;

	return (x > y) - (x < y);
}

/* Born is who has an opening by join at the earliest opening of all. stays are in order of time. */
static int find_birth(struct fold *f, const struct stays *s, struct qun_first *birth)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < s->n && s->v[i].iv.from == s->v[0].iv.from; i++) {
		if (s->v[i].iv.opening != QUN_OPEN_JOIN)
			continue;
		if (f->c->births.full)
			rc = qun_first_merge(
				f->ctx, birth, f->ctx, &place_in(f, s->v[i].group)->join);
		birth->ts = s->v[i].iv.from;
		birth->seen = true;
	}
	return rc;
}

/* Makes stays that overlap, or lie at most --rejoin apart, one. A stay ends as the one of its parts
 * that ended last; of two that ended together, a removal tells. */
static void unite(const struct qun_cohort_conf *c, struct stays *s)
{
	size_t n = 0;

	for (size_t i = 1; i < s->n; i++) {
		struct qun_interval *now = &s->v[n].iv;
		const struct qun_interval *next = &s->v[i].iv;

		if (next->from - now->to > c->rejoin_us) {
			s->v[++n] = s->v[i];
		} else if (next->to > now->to ||
			   (next->to == now->to && next->closing == QUN_CLOSE_REMOVAL)) {
			now->to = next->to;
			now->closing = next->closing;
		}
	}
	s->n = n + 1;
}

/* Membership is looked at in the last microsecond of each period, in the running one at A. */
static int tally_stays(const struct life *l, const struct stays *s)
{
	const struct qun_cohort_conf *c = l->f->c;
	int rc = mark(l, COHORT_ENDED, 0, l->last);

	for (size_t i = 0; rc == 0 && i < s->n; i++) {
		const struct qun_interval *iv = &s->v[i].iv;
		int64_t first = offset_of(l, iv->from), last = l->last, back = l->last + 1;

		if (iv->to < l->f->as_of)
			last = smaller(offset_of(l, iv->to + 1) - 1, l->last);
		if (i + 1 < s->n)
			back = smaller(offset_of(l, s->v[i + 1].iv.from), l->last + 1);
		rc = mark(l, COHORT_RETAINED, first, last);
		if (rc == 0 && iv->closing == QUN_CLOSE_REMOVAL && c->removed == COHORT_CENSORED)
			rc = mark(l, COHORT_REMOVED, last + 1, back - 1);
	}
	return rc;
}

static int fold_stays(struct fold *f, uint32_t group, struct stays *s)
{
	struct qun_first birth = {0};
	struct qun_cell *notes;
	struct life l;
	int rc = 0;

	if (s->n) {
		qsort(s->v, s->n, sizeof(*s->v), by_start);
		rc = find_birth(f, s, &birth);
	}
	if (rc == 0 && birth.seen) {
		rc = begin_life(f, group, &birth, &l);
		unite(f->c, s);
		if (rc == 1)
			rc = tally_stays(&l, s);
	} else if (rc == 0 && s->n) {
		notes = qun_cube_cell(f->report, (struct qun_span){NULL, 0});
		rc = notes ? qun_cell_add(notes, COHORT_NOT_BORN, 1) : QUN_ENOMEM;
	}
	qun_first_release(&birth);
	s->n = 0;
	return rc;
}

/* His groups are those of his records; with a roster any: he may be one where he did nothing. */
static int fold_membership(struct fold *f)
{
	const struct qun_ctx *ctx = f->ctx;
	const struct qun_slots *places = &f->person->places;
	bool roster = ctx->run->roster;
	struct stays stays = {0};
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < (roster ? ctx->groups->n : places->n); i++) {
		const struct qun_cohort_place *place =
			roster ? qun_slot_find(places, i, qun_cohort_places.size)
			       : qun_slot_at(places, i, qun_cohort_places.size);
		uint32_t group = place ? place->group : i;

		if (!place && !qun_group_wanted(ctx->run, qun_dict_text(ctx->groups, group)))
			continue;
		rc = add_stays(f, group, place, &stays);
		if (rc == 0 && ctx->run->unit == QUN_UNIT_MEMBER)
			rc = fold_stays(f, group, &stays);
	}
	if (rc == 0 && ctx->run->unit == QUN_UNIT_USER)
		rc = fold_stays(f, QUN_NONE, &stays);
	free(stays.v);
	return rc;
}

int qun_cohort_fold(
	const struct qun_ctx *ctx, struct qun_cube *report, const struct qun_who *who, void *person)
{
	const struct qun_cohort_conf *c = ctx->conf;
	struct fold f = {.ctx = ctx, .c = c, .who = who, .person = person, .report = report};
	int rc;

	if (who->staff || who->bot || !ctx->heads->started)
		return 0;
	f.period = qun_cohort_period(ctx);
	f.as_of = qun_as_of(ctx);
	rc = c->mode == COHORT_MEMBER ? fold_membership(&f) : fold_returns(&f, person);
	qun_buf_release(&f.key);
	qun_dict_release(&f.seen);
	return rc;
}
