/*
 * BG/NBD. The likelihood's gradient and curvature are finite sums, so it is climbed by Newton's
 * method on the logarithms of the parameters, from several starts; what counts as found is a point
 * with no slope left and curved downwards in every direction.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "qun/stat.h"

enum { R, ALPHA, A, B, NPAR, MAX_ROUNDS = 200, MAX_REPEATS = 1 << 24 };

/* log of s (s + 1) … (s + x - 1), and its first two derivatives in s. */
struct rising {
	double log, first, second;
};

struct fit {
	const struct qun_buyer *v;
	size_t n;
	double scale; /* days of the unit that the search uses: the longest T */
	size_t max_x;
	struct rising *of_r, *of_b, *of_ab; /* for x = 0 … max_x */
};

struct point {
	double par[NPAR]; /* logarithms */
	double value;	  /* log-likelihood, gradient and curvature in them */
	double grad[NPAR], curve[NPAR][NPAR];
};

static void rise(struct rising *to, size_t max_x, double s)
{
	to[0] = (struct rising){0};
	for (size_t j = 0; j < max_x; j++) {
		double at = s + (double)j;

		to[j + 1].log = to[j].log + log(at);
		to[j + 1].first = to[j].first + 1 / at;
		to[j + 1].second = to[j].second - 1 / (at * at);
	}
}

/* One way in which a history may come about: alive to the end, or gone after the last purchase. */
struct way {
	double log, grad[NPAR], curve[NPAR][NPAR];
};

/* -(r + x) log(alpha + t) */
static struct way survive(const double *p, double x, double t)
{
	struct way w = {0};
	double at = p[ALPHA] + t;

	w.log = -(p[R] + x) * log(at);
	w.grad[R] = -log(at);
	w.grad[ALPHA] = -(p[R] + x) / at;
	w.curve[R][ALPHA] = w.curve[ALPHA][R] = -1 / at;
	w.curve[ALPHA][ALPHA] = (p[R] + x) / (at * at);
	return w;
}

static struct way drop_out(const double *p, double x, double t)
{
	struct way w = survive(p, x, t);
	double rest = p[B] + x - 1;

	w.log += log(p[A]) - log(rest);
	w.grad[A] = 1 / p[A];
	w.grad[B] = -1 / rest;
	w.curve[A][A] = -1 / (p[A] * p[A]);
	w.curve[B][B] = 1 / (rest * rest);
	return w;
}

/* log(e^one + e^two) into one, with its derivatives. */
static void either(struct way *one, const struct way *two)
{
	double top = fmax(one->log, two->log);
	double sum = exp(one->log - top) + exp(two->log - top);
	double share = exp(two->log - top) / sum;
	struct way w = {.log = top + log(sum)};

	for (int i = 0; i < NPAR; i++)
		w.grad[i] = (1 - share) * one->grad[i] + share * two->grad[i];
	for (int i = 0; i < NPAR; i++) {
		for (int k = 0; k < NPAR; k++)
			w.curve[i][k] =
				(1 - share) * (one->curve[i][k] + one->grad[i] * one->grad[k]) +
				share * (two->curve[i][k] + two->grad[i] * two->grad[k]) -
				w.grad[i] * w.grad[k];
	}
	*one = w;
}

/* Adds what does not depend on the way: Γ(r+x)/Γ(r) α^r B(a,b+x)/B(a,b). */
static void common(const struct fit *f, const double *p, size_t x, struct way *w)
{
	const struct rising *r = &f->of_r[x], *b = &f->of_b[x], *ab = &f->of_ab[x];

	w->log += r->log + p[R] * log(p[ALPHA]) + b->log - ab->log;
	w->grad[R] += r->first + log(p[ALPHA]);
	w->grad[ALPHA] += p[R] / p[ALPHA];
	w->grad[A] -= ab->first;
	w->grad[B] += b->first - ab->first;
	w->curve[R][R] += r->second;
	w->curve[R][ALPHA] += 1 / p[ALPHA];
	w->curve[ALPHA][R] += 1 / p[ALPHA];
	w->curve[ALPHA][ALPHA] -= p[R] / (p[ALPHA] * p[ALPHA]);
	w->curve[A][A] -= ab->second;
	w->curve[A][B] -= ab->second;
	w->curve[B][A] -= ab->second;
	w->curve[B][B] += b->second - ab->second;
}

/* Fills the point from its parameters. */
static void evaluate(const struct fit *f, struct point *at)
{
	double p[NPAR];

	for (int i = 0; i < NPAR; i++)
		p[i] = exp(at->par[i]);
	rise(f->of_r, f->max_x, p[R]);
	rise(f->of_b, f->max_x, p[B]);
	rise(f->of_ab, f->max_x, p[A] + p[B]);
	at->value = 0;
	memset(at->grad, 0, sizeof(at->grad));
	memset(at->curve, 0, sizeof(at->curve));
	for (size_t i = 0; i < f->n; i++) {
		const struct qun_buyer *v = &f->v[i];
		double x = (double)v->x, n = (double)v->n;
		struct way w = survive(p, x, (double)v->T / f->scale);

		if (v->x) {
			struct way out = drop_out(p, x, (double)v->t_x / f->scale);

			either(&w, &out);
		}
		common(f, p, (size_t)v->x, &w);
		at->value += n * w.log;
		for (int k = 0; k < NPAR; k++) {
			at->grad[k] += n * w.grad[k] * p[k];
			for (int j = 0; j < NPAR; j++)
				at->curve[k][j] += n * w.curve[k][j] * p[k] * p[j];
		}
	}
	for (int k = 0; k < NPAR; k++)
		at->curve[k][k] += at->grad[k];
}

/* Solves (-curve + ridge) step = grad; false where that matrix is not positive definite. */
static bool newton_step(const struct point *at, double ridge, double *step)
{
	double l[NPAR][NPAR] = {{0}};

	for (int i = 0; i < NPAR; i++) {
		for (int k = 0; k <= i; k++) {
			double sum = -at->curve[i][k] + (i == k ? ridge : 0);

			for (int j = 0; j < k; j++)
				sum -= l[i][j] * l[k][j];
			if (i == k && !(sum > 0))
				return false;
			l[i][k] = i == k ? sqrt(sum) : sum / l[k][k];
		}
	}
	for (int i = 0; i < NPAR; i++) {
		step[i] = at->grad[i];
		for (int j = 0; j < i; j++)
			step[i] -= l[i][j] * step[j];
		step[i] /= l[i][i];
	}
	for (int i = NPAR - 1; i >= 0; i--) {
		for (int j = i + 1; j < NPAR; j++)
			step[i] -= l[j][i] * step[j];
		step[i] /= l[i][i];
	}
	return true;
}

/* Parameters beyond e^±LIMIT of the scale of the data: the likelihood climbs towards infinity. */
static const double LIMIT = 14;

static bool is_inside(const struct point *p)
{
	for (int i = 0; i < NPAR; i++) {
		if (!(fabs(p->par[i]) < LIMIT))
			return false;
	}
	return true;
}

/* Is the full Newton step from here too small to matter? */
static bool is_top(const struct point *at)
{
	double step[NPAR], gain = 0, size = 0;

	if (!newton_step(at, 0, step))
		return false;
	for (int i = 0; i < NPAR; i++) {
		gain += step[i] * at->grad[i];
		size = fmax(size, fabs(step[i]));
	}
	return gain < 1e-9 * (1 + fabs(at->value)) && size < 1e-5;
}

/* Climbs from *at; true where it ends on a top. */
static bool climb(const struct fit *f, struct point *at)
{
	double ridge = 0, step[NPAR];
	bool top = false;

	evaluate(f, at);
	for (int round = 0; round < MAX_ROUNDS && is_inside(at); round++) {
		struct point next = *at;
		double longest = 0;

		if (!newton_step(at, ridge, step)) {
			ridge = ridge > 0 ? ridge * 4 : 1e-3 * (1 + fabs(at->value));
			continue;
		}
		for (int i = 0; i < NPAR; i++)
			longest = fmax(longest, fabs(step[i]));
		for (int i = 0; i < NPAR; i++)
			next.par[i] += step[i] * (longest > 2 ? 2 / longest : 1);
		evaluate(f, &next);
		if (next.value >= at->value) {
			/* One more step after the top is reached takes the last digits in. */
			bool was = top;

			*at = next;
			ridge = ridge > 1e-12 ? ridge / 8 : 0;
			top = is_top(at);
			if (top && was)
				break;
		} else {
			if (is_top(at))
				return is_inside(at);
			ridge = ridge > 0 ? ridge * 4 : 1e-3 * (1 + fabs(at->value));
		}
	}
	return is_inside(at) && is_top(at);
}

static int compare_buyers(const void *a, const void *b)
{
	const struct qun_buyer *x = a, *y = b;

	if (x->x != y->x)
		return x->x < y->x ? -1 : 1;
	if (x->t_x != y->t_x)
		return x->t_x < y->t_x ? -1 : 1;
	return (x->T > y->T) - (x->T < y->T);
}

/* Brings equal buyers together: the sum's order is the same whatever the order of v. */
static size_t join_buyers(struct qun_buyer *v, size_t n)
{
	size_t to = 0;

	if (n)
		qsort(v, n, sizeof(*v), compare_buyers);
	for (size_t i = 0; i < n; i++) {
		if (to && compare_buyers(&v[to - 1], &v[i]) == 0)
			v[to - 1].n += v[i].n;
		else
			v[to++] = v[i];
	}
	return to;
}

static int fit_memory(struct fit *f)
{
	int64_t longest = 0;

	for (size_t i = 0; i < f->n; i++) {
		const struct qun_buyer *v = &f->v[i];

		if (v->x < 0 || v->x > MAX_REPEATS || v->t_x < 0 || v->t_x > v->T)
			return QUN_EDATA;
		if ((size_t)v->x > f->max_x)
			f->max_x = (size_t)v->x;
		if (v->T > longest)
			longest = v->T;
	}
	/* Nobody bought twice, or nobody could have: nothing tells how fast people buy. */
	if (!f->max_x)
		return QUN_EDATA;
	f->scale = (double)longest;
	f->of_r = calloc(3 * (f->max_x + 1), sizeof(*f->of_r));
	if (!f->of_r)
		return QUN_ENOMEM;
	f->of_b = f->of_r + f->max_x + 1;
	f->of_ab = f->of_b + f->max_x + 1;
	return 0;
}

int qun_bgnbd_fit(struct qun_buyer *v, size_t n, double unit, struct qun_bgnbd *out)
{
	/* r, alpha (in longest T), a, b */
	static const double start[][NPAR] = {
		{1, 1, 1, 1}, {.3, .1, .8, 2.5}, {.3, 1, .1, .2}, {3, .3, .5, 5}, {.05, .02, 2, 2}};
	struct fit f = {.v = v, .n = join_buyers(v, n)};
	struct point best = {.value = -INFINITY};
	double repeats = 0, highest = -INFINITY;
	bool found = false;
	int rc = fit_memory(&f);

	if (rc < 0)
		return rc;
	for (size_t s = 0; s < sizeof(start) / sizeof(*start); s++) {
		struct point at;

		for (int i = 0; i < NPAR; i++)
			at.par[i] = log(start[s][i]);
		if (climb(&f, &at) && at.value > best.value) {
			best = at;
			found = true;
		}
		highest = fmax(highest, at.value);
	}
	free(f.of_r);
	/* A way that leads higher without an end means that there is no maximum. */
	if (!found || highest > best.value + 1e-6 * (1 + fabs(best.value)))
		return QUN_EDATA;
	for (size_t i = 0; i < f.n; i++)
		repeats += (double)v[i].x * (double)v[i].n;
	out->r = exp(best.par[R]);
	out->alpha = exp(best.par[ALPHA]) * f.scale / unit;
	out->a = exp(best.par[A]);
	out->b = exp(best.par[B]);
	/* Each repeat purchase has a density, which has the unit 1 / time. */
	out->loglik = best.value - repeats * log(f.scale / unit);
	return 0;
}

/* log((s)_x) without the cancellation of two large log-gammas for small x. */
static double log_rising(double s, double x)
{
	double sum = 0;
	int sign;

	if (x > 256)
		return lgamma_r(s + x, &sign) - lgamma_r(s, &sign);
	for (double j = 0; j < x; j++)
		sum += log(s + j);
	return sum;
}

/* log of the odds of having dropped out after the last purchase. */
static double log_gone(const struct qun_bgnbd *m, double x, double t_x, double T)
{
	return log(m->a / (m->b + x - 1)) + (m->r + x) * log((m->alpha + T) / (m->alpha + t_x));
}

double qun_bgnbd_loglik(const struct qun_bgnbd *m, double x, double t_x, double T)
{
	double alive = log_rising(m->r, x) + m->r * log(m->alpha) + log_rising(m->b, x) -
		       log_rising(m->a + m->b, x) - (m->r + x) * log(m->alpha + T);

	return x > 0 ? alive + log1p(exp(log_gone(m, x, t_x, T))) : alive;
}

double qun_bgnbd_alive(const struct qun_bgnbd *m, double x, double t_x, double T)
{
	return x > 0 ? 1 / (1 + exp(log_gone(m, x, t_x, T))) : 1;
}

/*
 * The published form, (a+b+x-1)/(a-1) (1 - ((α+T)/(α+T+t))^(r+x) 2F1(r+x, b+x; a+b+x-1; z)) with
 * z = t/(α+T+t), cancels and has a hole at a = 1. Writing 1 as the same power times its binomial
 * series and subtracting term by term leaves a sum of positive terms: the number K of purchases
 * that nobody's dropping out would bring is negative binomial, and E_K of them are to be expected.
 *     E_1 = 1,  E_(k+1) = E_k + Q_k / (c + k),  Q_1 = b + x,  Q_(k+1) = Q_k (b + x + k) / (c + k),
 * where c = a + b + x - 1.
 */
static double expect_alive(double shape, double z, double b, double c)
{
	double log_weight = shape * log1p(-z), log_z = log(z);
	double e = 1, q = b, sum = 0, mean = shape * z / (1 - z);

	for (double k = 1; k < 1e9; k++) {
		double add;

		log_weight += log_z + log((shape + k - 1) / k);
		add = exp(log_weight) * e;
		sum += add;
		/* Behind the mean, weights fall at least as fast as a geometric row. */
		if (k > 2 * mean + 16 && add < 1e-17 * sum * (1 - z))
			break;
		e += q / (c + k);
		q *= (b + k) / (c + k);
	}
	return sum;
}

double qun_bgnbd_expect(const struct qun_bgnbd *m, double x, double t_x, double T, double t)
{
	double z = t / (m->alpha + T + t);

	if (!(t > 0))
		return 0;
	return expect_alive(m->r + x, z, m->b + x, m->a + m->b + x - 1) *
	       qun_bgnbd_alive(m, x, t_x, T);
}
