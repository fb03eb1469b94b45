/*
 * How long memberships last: Kaplan–Meier curves (--survival), their medians and log-rank test
 * (--summary), and leaves a day in ranges of age (--hazard). A stratum is a cell with three counts
 * for each day since joining: who enters, leaves and is lost sight of.
 */
#include <math.h>
#include <stdlib.h>

#include "metric/cohort_retention/cohort.h"
#include "qun/stat.h"

/* A curve on fewer people is noise: it stops. */
enum { MIN_AT_RISK = 5 };

struct strata {
	struct qun_survival *curve;
	struct qun_span *key; /* the --by values, borrowed from the report */
	size_t n;
};

static void strata_release(struct strata *s)
{
	for (size_t i = 0; i < s->n; i++)
		qun_survival_release(&s->curve[i]);
	free(s->curve);
	free(s->key);
}

static uint64_t fate(const struct qun_cell *cell, uint32_t day, uint32_t what)
{
	return (uint64_t)qun_cell_sum(cell, day * COHORT_NFATES + what);
}

static int make_curve(const struct qun_cell *cell, double z, struct qun_survival *out)
{
	int rc = 0;

	for (uint32_t t = 0; rc == 0 && t * COHORT_NFATES < cell->nsum; t++) {
		uint64_t entered = fate(cell, t, COHORT_ENTERED), left = fate(cell, t, COHORT_LEFT),
			 gone = fate(cell, t, COHORT_GONE);

		if (entered || left || gone)
			rc = qun_survival_add(out, t, entered, left, gone);
	}
	return rc < 0 ? rc : qun_survival_fit(out, z);
}

static int make_strata(const struct qun_ctx *ctx, const struct qun_cube *report, struct strata *s)
{
	size_t count = qun_cube_count(report);
	uint32_t *order = NULL;
	int rc = qun_cube_order(report, &order);

	s->curve = calloc(count + 1, sizeof(*s->curve));
	s->key = calloc(count + 1, sizeof(*s->key));
	if (rc == 0 && (!s->curve || !s->key))
		rc = QUN_ENOMEM;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		struct qun_span key = qun_cube_key(report, order[i]);

		if (!key.len)
			continue;
		s->key[s->n] = key;
		rc = make_curve(qun_cube_at(report, order[i]), ctx->run->z, &s->curve[s->n++]);
	}
	free(order);
	return rc;
}

static int put_key(const struct qun_ctx *ctx, struct qun_span key, struct qun_table *out)
{
	struct qun_reader in = qun_reader_of(key);

	return qun_cohort_put_by(ctx, &in, out);
}

/* Steps of the curve that are shown: until too few are at risk where somebody leaves or is lost
 * sight of. */
static size_t shown(const struct qun_survival *s)
{
	size_t n = 0;

	while (n < s->n && (s->v[n].at_risk >= MIN_AT_RISK || !(s->v[n].left || s->v[n].censored)))
		n++;
	return n;
}

static int put_curve(const struct qun_ctx *ctx, struct qun_span key, const struct qun_survival *s,
	struct qun_table *out)
{
	size_t n = shown(s);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		const struct qun_step *step = &s->v[i];

		if (!step->left && !step->censored)
			continue;
		rc = put_key(ctx, key, out);
		qun_put_int(out, step->t);
		qun_put_int(out, step->at_risk);
		qun_put_int(out, step->left);
		qun_put_int(out, step->censored);
		if (step->den)
			qun_put_fraction(out, step->num, step->den);
		else
			qun_put_real(out, step->survival);
		qun_put_real(out, step->lo);
		qun_put_real(out, step->hi);
		if (rc == 0)
			rc = qun_row_end(out);
	}
	return rc;
}

/* The median is read off the curve as it is shown. */
static int put_summary(const struct qun_ctx *ctx, struct qun_span key, const struct qun_survival *s,
	double p, struct qun_table *out)
{
	size_t n = shown(s);
	uint64_t people = 0, left = 0;
	int64_t median;
	int rc = put_key(ctx, key, out);

	for (size_t i = 0; i < s->n; i++) {
		people += s->v[i].entered;
		left += s->v[i].left;
	}
	qun_put_int(out, people);
	qun_put_int(out, left);
	qun_put_int(out, people - left);
	if (n && qun_survival_time(s, 1, 2, &median) && median <= s->v[n - 1].t)
		qun_put_int(out, median);
	else
		qun_put_null(out);
	qun_put_real(out, p);
	return rc < 0 ? rc : qun_row_end(out);
}

/* Member-days: for every day of the range those at risk on it, the day of leaving included. */
static int put_ages(const struct qun_ctx *ctx, struct qun_span key, const struct qun_cell *cell,
	struct qun_table *out)
{
	const struct qun_cohort_conf *c = ctx->conf;
	__int128 days[COHORT_MAX_BRACKETS] = {0}, left[COHORT_MAX_BRACKETS] = {0}, at_risk = 0;
	int rc = 0;

	for (uint32_t t = 0; t * COHORT_NFATES < cell->nsum; t++) {
		at_risk += fate(cell, t, COHORT_ENTERED);
		for (int64_t i = 0; i < c->nage; i++) {
			if (t < c->age[i].from || t > c->age[i].to)
				continue;
			days[i] += at_risk;
			left[i] += fate(cell, t, COHORT_LEFT);
		}
		at_risk -= fate(cell, t, COHORT_LEFT) + fate(cell, t, COHORT_GONE);
	}
	for (int64_t i = 0; rc == 0 && i < c->nage; i++) {
		rc = put_key(ctx, key, out);
		qun_put_text(out, c->age[i].label);
		qun_put_int(out, days[i]);
		qun_put_int(out, left[i]);
		qun_put_fraction(out, 1000 * left[i], days[i]);
		if (rc == 0)
			rc = qun_row_end(out);
	}
	return rc;
}

/* Of ranges that overlap the counts of some tell those of others, so none is known to be safe. */
static bool are_apart(const struct qun_cohort_conf *c)
{
	for (int64_t i = 0; i < c->nage; i++) {
		for (int64_t j = 0; j < i; j++) {
			if (c->age[i].from <= c->age[j].to && c->age[j].from <= c->age[i].to)
				return false;
		}
	}
	return true;
}

static void put_columns(const struct qun_ctx *ctx, struct qun_table *out)
{
	static const struct qun_column survival[] = {
		{"t_days", QUN_K_INT, QUN_COL_KEY},
		{"at_risk", QUN_K_INT, QUN_COL_PEOPLE},
		{"left", QUN_K_INT, QUN_COL_PEOPLE},
		{"censored", QUN_K_INT, QUN_COL_PEOPLE},
		{"survival", QUN_K_RATE, QUN_COL_MAIN},
		{"lo", QUN_K_BOUND, 0},
		{"hi", QUN_K_BOUND, 0},
		{0},
	};
	static const struct qun_column summary[] = {
		{"people", QUN_K_INT, QUN_COL_PEOPLE | QUN_COL_BASE},
		{"left", QUN_K_INT, QUN_COL_PEOPLE},
		{"censored", QUN_K_INT, QUN_COL_PEOPLE},
		{"median_days", QUN_K_INT, 0},
		{"p_value", QUN_K_REAL, 0},
		{0},
	};
	static const struct qun_column hazard[] = {
		{"age", QUN_K_TEXT, QUN_COL_PART},	     /* in the order given */
		{"at_risk_days", QUN_K_INT, QUN_COL_PEOPLE}, /* of one day they are people */
		{"left", QUN_K_INT, QUN_COL_PEOPLE},
		{"rate_per_1000_days", QUN_K_REAL, 0},
		{0},
	};
	const struct qun_cohort_conf *c = ctx->conf;
	int table = c->table;
	unsigned flags = are_apart(c) ? ~0u : QUN_COL_KEY;
	const struct qun_column *column = table == COHORT_SURVIVAL  ? survival
					  : table == COHORT_SUMMARY ? summary
								    : hazard;

	qun_cohort_by_columns(ctx, out);
	for (; column->name; column++)
		qun_table_column(out, column->name, column->kind, column->flags & flags);
	if (table == COHORT_SURVIVAL)
		out->shape = QUN_SHAPE_CURVE;
}

int qun_cohort_put_survival(const struct qun_ctx *ctx, const struct qun_cube *report,
	struct qun_table *out, struct qun_err *err)
{
	const struct qun_cohort_conf *c = ctx->conf;
	struct qun_log_rank test = {0};
	struct strata s = {0};
	int rc = make_strata(ctx, report, &s);

	put_columns(ctx, out);
	if (rc == 0 && c->table == COHORT_SUMMARY)
		rc = qun_log_rank_test(s.curve, s.n, &test);
	if (rc == QUN_ELIMIT)
		qun_fail(err, rc, "--summary: %zu values of --by are too many to compare", s.n);
	for (size_t i = 0; rc == 0 && i < s.n; i++) {
		if (c->table == COHORT_SURVIVAL)
			rc = put_curve(ctx, s.key[i], &s.curve[i], out);
		else if (c->table == COHORT_SUMMARY)
			rc = put_summary(ctx, s.key[i], &s.curve[i], test.df ? test.p : NAN, out);
		else
			rc = put_ages(ctx, s.key[i], qun_cube_find(report, s.key[i]), out);
	}
	strata_release(&s);
	return rc;
}
