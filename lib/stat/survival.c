/*
 * Kaplan–Meier curves and the log-rank test over integer times. The curve is kept as an exact
 * fraction while 128 bits hold it, so that a median or a rounded cell does not hang on the last bit
 * of a product of quotients.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "qun/stat.h"

enum { MAX_CURVES = 1024 };

int qun_survival_add(
	struct qun_survival *s, int64_t t, uint64_t entered, uint64_t left, uint64_t censored)
{
	if (qun_grow(&s->v, &s->cap, s->n, sizeof(*s->v)) < 0)
		return QUN_ENOMEM;
	s->v[s->n++] =
		(struct qun_step){.t = t, .entered = entered, .left = left, .censored = censored};
	return 0;
}

void qun_survival_release(struct qun_survival *s)
{
	free(s->v);
	*s = (struct qun_survival){0};
}

static int compare_steps(const void *a, const void *b)
{
	const struct qun_step *x = a, *y = b;

	return (x->t > y->t) - (x->t < y->t);
}

static void join_steps(struct qun_survival *s)
{
	size_t n = 0;

	if (s->n)
		qsort(s->v, s->n, sizeof(*s->v), compare_steps);
	for (size_t i = 0; i < s->n; i++) {
		struct qun_step *last = n ? &s->v[n - 1] : NULL;

		if (last && last->t == s->v[i].t) {
			last->entered += s->v[i].entered;
			last->left += s->v[i].left;
			last->censored += s->v[i].censored;
		} else {
			s->v[n++] = s->v[i];
		}
	}
	s->n = n;
}

static qun_i128 gcd(qun_i128 a, qun_i128 b)
{
	while (b) {
		qun_i128 rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* num / den times (of - less) / of, in lowest terms; den becomes 0 where it has no room. */
static void multiply(qun_i128 *num, qun_i128 *den, uint64_t of, uint64_t less)
{
	qun_i128 up = of - less, down = of, common = gcd(*num, down);

	if (*den == 0)
		return;
	*num /= common;
	down /= common;
	common = gcd(*den, up);
	*den /= common;
	up /= common;
	if (__builtin_mul_overflow(*num, up, num) || __builtin_mul_overflow(*den, down, den))
		*num = *den = 0;
}

/* Ends of the interval for log(-log S), turned back. */
static void interval(struct qun_step *step, long double greenwood, double z)
{
	long double log_s = logl((long double)step->survival), half;

	step->lo = step->hi = NAN;
	if (step->survival <= 0 || step->survival >= 1)
		return;
	half = z * sqrtl(greenwood) / -log_s;
	step->lo = (double)expl(log_s * expl(half));
	step->hi = (double)expl(log_s * expl(-half));
}

int qun_survival_fit(struct qun_survival *s, double z)
{
	long double survival = 1, greenwood = 0;
	qun_i128 num = 1, den = 1;
	uint64_t at_risk = 0;

	join_steps(s);
	for (size_t i = 0; i < s->n; i++) {
		struct qun_step *step = &s->v[i];

		at_risk += step->entered;
		if (step->left > at_risk || step->censored > at_risk - step->left)
			return QUN_EDATA;
		step->at_risk = at_risk;
		if (step->left) {
			long double n = at_risk, d = step->left;

			multiply(&num, &den, at_risk, step->left);
			survival *= (n - d) / n;
			greenwood += n > d ? d / (n * (n - d)) : 0;
		}
		step->num = num;
		step->den = den;
		step->survival = (double)(den ? (long double)num / (long double)den : survival);
		interval(step, greenwood, z);
		at_risk -= step->left + step->censored;
	}
	return 0;
}

const struct qun_step *qun_survival_at(const struct qun_survival *s, int64_t t)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->v[mid].t <= t)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? &s->v[lo - 1] : NULL;
}

/* Is the curve at num / den or below? Without the exact fraction a rounding error is forgiven. */
static bool is_down_to(const struct qun_step *step, int num, int den)
{
	qun_i128 left, right;

	if (step->den && !__builtin_mul_overflow(step->num, (qun_i128)den, &left) &&
		!__builtin_mul_overflow(step->den, (qun_i128)num, &right))
		return left <= right;
	return step->survival <= (double)num / den + 1e-12;
}

bool qun_survival_time(const struct qun_survival *s, int num, int den, int64_t *t)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i].left && is_down_to(&s->v[i], num, den)) {
			*t = s->v[i].t;
			return true;
		}
	}
	return false;
}

double qun_chi2_tail(double x, int df)
{
	double half = x / 2, tail, term;
	int at = df % 2 ? 1 : 2;

	if (!(x > 0))
		return 1;
	/* Q(1/2, h) = erfc(sqrt h), Q(1, h) = exp(-h), then Q(k + 1, h) = Q(k, h) + h^k e^-h / k!.
	 */
	tail = at == 1 ? erfc(sqrt(half)) : exp(-half);
	for (; at < df; at += 2) {
		double k = at / 2.0;
		int sign;

		term = exp(k * log(half) - half - lgamma_r(k + 1, &sign));
		tail += term;
	}
	return tail < 1 ? tail : 1;
}

/* Sums of the log-rank test; places[i] walks curve i. */
struct rank {
	const struct qun_survival *curve;
	size_t n;
	size_t *place;
	double *at_risk;
	double *diff;	/* observed - expected */
	double *matrix; /* covariance of diff, n by n */
};

/* The earliest time that some curve still has; false at the end. */
static bool next_time(const struct rank *r, int64_t *t)
{
	bool any = false;

	for (size_t i = 0; i < r->n; i++) {
		const struct qun_survival *s = &r->curve[i];

		if (r->place[i] < s->n && (!any || s->v[r->place[i]].t < *t)) {
			*t = s->v[r->place[i]].t;
			any = true;
		}
	}
	return any;
}

/* One time: people of each curve at risk are drawn by those who leave, without putting back. */
static void rank_time(struct rank *r, int64_t t)
{
	double people = 0, left = 0, spread;

	for (size_t i = 0; i < r->n; i++) {
		const struct qun_survival *s = &r->curve[i];
		const struct qun_step *step = r->place[i] < s->n ? &s->v[r->place[i]] : NULL;

		if (step && step->t == t) {
			r->at_risk[i] += (double)step->entered;
			left += (double)step->left;
		}
		people += r->at_risk[i];
	}
	spread = people > 1 ? left * (people - left) / (people - 1) : 0;
	for (size_t i = 0; left > 0 && i < r->n; i++) {
		double share = r->at_risk[i] / people;

		r->diff[i] -= left * share;
		if (share == 0)
			continue;
		r->matrix[i * r->n + i] += spread * share;
		for (size_t k = 0; k < r->n; k++)
			r->matrix[i * r->n + k] -= spread * share * r->at_risk[k] / people;
	}
	for (size_t i = 0; i < r->n; i++) {
		const struct qun_survival *s = &r->curve[i];
		const struct qun_step *step = r->place[i] < s->n ? &s->v[r->place[i]] : NULL;

		if (!step || step->t != t)
			continue;
		r->diff[i] += (double)step->left;
		r->at_risk[i] -= (double)(step->left + step->censored);
		r->place[i]++;
	}
}

/* diff' matrix^- diff by elimination. The rows add up to 0, so at least one pivot vanishes; those
 * that do take no degree of freedom. */
static void solve(struct rank *r, struct qun_log_rank *out)
{
	double *m = r->matrix, largest = 0;
	size_t n = r->n;

	for (size_t i = 0; i < n; i++)
		largest = fmax(largest, m[i * n + i]);
	for (size_t i = 0; i < n; i++) {
		double pivot = m[i * n + i];

		if (!(pivot > 1e-9 * largest))
			continue;
		out->df++;
		out->chi2 += r->diff[i] * r->diff[i] / pivot;
		for (size_t k = i + 1; k < n; k++) {
			double factor = m[k * n + i] / pivot;

			r->diff[k] -= factor * r->diff[i];
			for (size_t j = i + 1; j < n; j++)
				m[k * n + j] -= factor * m[i * n + j];
		}
	}
	if (out->df)
		out->p = qun_chi2_tail(out->chi2, out->df);
}

int qun_log_rank_test(const struct qun_survival *curve, size_t n, struct qun_log_rank *out)
{
	struct rank r = {.curve = curve, .n = n};
	int64_t t = 0;
	int rc = 0;

	*out = (struct qun_log_rank){.p = 1};
	if (n > MAX_CURVES)
		return QUN_ELIMIT;
	r.place = calloc(n + 1, sizeof(*r.place));
	r.at_risk = calloc(n + 1, sizeof(*r.at_risk));
	r.diff = calloc(n + 1, sizeof(*r.diff));
	r.matrix = calloc(n * n + 1, sizeof(*r.matrix));
	if (r.place && r.at_risk && r.diff && r.matrix) {
		while (next_time(&r, &t))
			rank_time(&r, t);
		solve(&r, out);
	} else {
		rc = QUN_ENOMEM;
	}
	free(r.place);
	free(r.at_risk);
	free(r.diff);
	free(r.matrix);
	return rc;
}
