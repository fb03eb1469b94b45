/*
 * The other half of the fold: stays in groups instead of returns. In mode member a person marks the
 * ranges of offsets at which he is there; for --survival and --hazard he is one who enters, and
 * leaves or is lost sight of, so many days after he joined.
 */
#include <stdlib.h>

#include "metric/cohort_retention/cohort_fold.h"
#include "qun/roster.h"

/* A stay in one group; then a stay in any, once they are united. */
struct stay {
	struct qun_interval iv;
	uint32_t group;
	bool dated; /* it is known when it began */
};

struct stays {
	struct stay *v;
	size_t n, cap;
};

/* The day the roster says he joined, however long before the log that was. */
static void date_by_roster(const struct qun_cohort_fold *f, struct stay *s)
{
	const struct qun_roster *roster = f->ctx->run->roster;
	struct qun_span group = qun_dict_text(f->ctx->groups, s->group);
	const struct qun_roster_line *line = qun_roster_find(roster, group, f->who->id);

	if (!line)
		line = qun_roster_find(roster, group, f->who->user);
	/* Without a date joined is QUN_NEVER. A date may be older than a list without him. */
	if (!line || line->joined > s->iv.from || line->joined < s->iv.earliest)
		return;
	s->iv.from = line->joined;
	s->dated = true;
}

static int add_stays(struct qun_cohort_fold *f, uint32_t group,
	const struct qun_cohort_place *place, struct stays *out)
{
	struct qun_intervals iv = {0};
	int rc = qun_cohort_intervals(f, group, place, &iv);

	for (size_t i = 0; rc == 0 && i < iv.n; i++) {
		struct stay s = {iv.v[i], group, iv.v[i].opening == QUN_OPEN_JOIN};

		if (i == 0 && !s.dated && f->c->by_age && f->ctx->run->roster)
			date_by_roster(f, &s);
		rc = qun_grow(&out->v, &out->cap, out->n, sizeof(*out->v));
		if (rc == 0)
			out->v[out->n++] = s;
	}
	qun_intervals_release(&iv);
	return rc;
}

static int by_start(const void *a, const void *b)
{
	int64_t x = ((const struct stay *)a)->iv.from, y = ((const struct stay *)b)->iv.from;

	return (x > y) - (x < y);
}

/* Born is who has a dated stay at the earliest opening of all. stays are in order of time. */
static int find_birth(struct qun_cohort_fold *f, const struct stays *s, struct qun_first *birth)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < s->n && s->v[i].iv.from == s->v[0].iv.from; i++) {
		if (!s->v[i].dated)
			continue;
		if (f->c->births.full && s->v[i].iv.opening == QUN_OPEN_JOIN)
			rc = qun_first_merge(f->ctx, birth, f->ctx,
				&qun_cohort_place_in(f, s->v[i].group)->join);
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

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Membership is looked at in the last microsecond of each period, in the running one at A. */
static int tally_stays(const struct qun_cohort_life *l, const struct stays *s)
{
	const struct qun_cohort_conf *c = l->f->c;
	int rc = qun_cohort_mark(l, COHORT_ENDED, 0, l->last, 1);

	for (size_t i = 0; rc == 0 && i < s->n; i++) {
		const struct qun_interval *iv = &s->v[i].iv;
		int64_t first = qun_cohort_offset(l, iv->from), last = l->last, back = l->last + 1;

		if (iv->to < l->f->as_of)
			last = smaller(qun_cohort_offset(l, iv->to + 1) - 1, l->last);
		if (i + 1 < s->n)
			back = smaller(qun_cohort_offset(l, s->v[i + 1].iv.from), l->last + 1);
		rc = qun_cohort_mark(l, COHORT_RETAINED, first, last, 1);
		if (rc == 0 && iv->closing == QUN_CLOSE_REMOVAL && c->removed == COHORT_CENSORED)
			rc = qun_cohort_mark(l, COHORT_REMOVED, last + 1, back - 1, 1);
	}
	return rc;
}

/* Since when he can be seen to leave: the start of the log of the group that he joined first. */
static int64_t watched_from(const struct qun_cohort_fold *f, const struct stays *s)
{
	int64_t from = INT64_MAX;

	for (size_t i = 0; i < s->n && s->v[i].iv.from == s->v[0].iv.from; i++) {
		struct qun_head head = qun_head_of(f->ctx, s->v[i].group);

		/* A group that only the roster knows has no log: the input's stands for it. */
		if (s->v[i].dated)
			from = smaller(from,
				head.first <= head.last ? head.first : f->ctx->heads->all.first);
	}
	return from;
}

static int tell(struct qun_cohort_fold *f, uint32_t note)
{
	struct qun_cell *notes = qun_cube_cell(f->report, (struct qun_span){NULL, 0});

	return notes ? qun_cell_add(notes, note, 1) : QUN_ENOMEM;
}

/* His first stay from the day he joined: he enters when he can be watched, and leaves or is lost
 * sight of. Removal is no choice of his, so unless it is churn it only ends the watch. */
static int survive(struct qun_cohort_fold *f, uint32_t group, const struct stays *s,
	const struct qun_first *birth, int64_t watched)
{
	const struct qun_cal *cal = &f->ctx->run->cal;
	const struct qun_interval *iv = &s->v[0].iv;
	bool removed = iv->closing == QUN_CLOSE_REMOVAL && f->c->removed == COHORT_CENSORED;
	bool left = iv->to <= f->as_of && !removed;
	int64_t joined = qun_cal_day(cal, birth->ts);
	int64_t entry = watched > birth->ts ? qun_cal_day(cal, watched) - joined : 0;
	int64_t last = qun_cal_day(cal, smaller(iv->to, f->as_of)) - joined;
	struct qun_cell *cell;
	int rc;

	if (!qun_in_range(f->ctx->run, birth->ts))
		return 0;
	rc = qun_cohort_key(f, group, birth, 0, false);
	if (rc < 0)
		return rc;
	cell = qun_cube_cell(f->report, qun_buf_span(&f->key));
	if (!cell)
		return QUN_ENOMEM;
	rc = qun_cell_add(cell, (uint32_t)(entry * COHORT_NFATES + COHORT_ENTERED), 1);
	if (rc == 0)
		rc = qun_cell_add(cell,
			(uint32_t)(last * COHORT_NFATES + (left ? COHORT_LEFT : COHORT_GONE)), 1);
	return rc == 0 && removed ? tell(f, COHORT_REMOVALS) : rc;
}

/* The unit of these stays, which are in order of time, as one who was born. */
static int fold_born(
	struct qun_cohort_fold *f, uint32_t group, struct stays *s, const struct qun_first *birth)
{
	int64_t watched = watched_from(f, s);
	struct qun_cohort_life l;
	int rc;

	unite(f->c, s);
	if (f->c->by_age)
		return survive(f, group, s, birth, watched);
	rc = qun_cohort_begin(f, group, birth, &l);
	if (rc <= 0)
		return rc;
	rc = tally_stays(&l, s);
	return rc < 0 ? rc : qun_cohort_end(f, group, &l);
}

static int fold_stays(struct qun_cohort_fold *f, uint32_t group, struct stays *s)
{
	struct qun_first birth = {0};
	int rc = 0;

	if (s->n) {
		qsort(s->v, s->n, sizeof(*s->v), by_start);
		rc = find_birth(f, s, &birth);
	}
	if (rc == 0 && birth.seen)
		rc = fold_born(f, group, s, &birth);
	else if (rc == 0 && s->n)
		rc = tell(f, COHORT_NOT_BORN);
	qun_first_release(&birth);
	s->n = 0;
	return rc;
}

/* His groups are those of his records; with a roster any: he may be one where he did nothing. */
int qun_cohort_fold_stays(struct qun_cohort_fold *f)
{
	const struct qun_ctx *ctx = f->ctx;
	static const struct qun_slots none;
	const struct qun_cohort_more *more = qun_cohort_more(f->person);
	const struct qun_slots *places = more ? &more->places.slots : &none;
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
