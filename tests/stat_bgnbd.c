/* BG/NBD against the results of its authors, an integral, and buyers drawn from the model. */
#include "stat.h"

/* The expectation as an integral over the posterior of the dropout probability p, by the double
 * exponential rule: no series, no special function but the beta. */
static double expect_by_integral(
	const struct qun_bgnbd *m, double x, double t_x, double T, double t)
{
	double shape = m->r + x, u = t / (m->alpha + T), sum = 0, h = 1.0 / 512;
	double log_beta = lgamma(m->a) + lgamma(m->b + x) - lgamma(m->a + m->b + x);

	for (int i = -4096; i <= 4096; i++) {
		double y = 1.5707963267948966 * sinh(i * h);
		double log_p = -log1p(exp(-2 * y)), log_q = -log1p(exp(2 * y)), p = exp(log_p);
		double buys = p > 0 ? -expm1(-shape * log1p(u * p)) / p : shape * u;

		if (fabs(y) > 330)
			continue;
		sum += exp(m->a * log_p + (m->b + x) * log_q - log_beta) * buys * 2 *
		       1.5707963267948966 * cosh(i * h);
	}
	return sum * h * qun_bgnbd_alive(m, x, t_x, T);
}

static void test_expectation(void)
{
	static const double par[][4] = {{.243, 4.414, .793, 2.426}, {.243, 4.414, 1, 2.426},
		{2.5, .5, .05, .06}, {.05, 30, 3, .06}, {12, 100, .9999999, 40}};
	static const double history[][3] = {{0, 0, 0}, {0, 0, 38.86}, {2, 30.43, 38.86}, {1, 1, 52},
		{40, 50, 51}, {300, 199, 200}};
	const struct qun_bgnbd authors = {.243, 4.414, .793, 2.426, 0};
	double worst = 0;

	near(qun_bgnbd_expect(&authors, 2, 30.43, 38.86, 39), 1.226, 5e-4,
		"the authors' example: 1.226 purchases in 39 weeks");
	for (size_t i = 0; i < sizeof(par) / sizeof(*par); i++) {
		const struct qun_bgnbd m = {par[i][0], par[i][1], par[i][2], par[i][3], 0};

		for (size_t k = 0; k < sizeof(history) / sizeof(*history); k++) {
			const double *h = history[k];
			double have = qun_bgnbd_expect(&m, h[0], h[1], h[2], 90.0 / 7);
			double want = expect_by_integral(&m, h[0], h[1], h[2], 90.0 / 7);

			worst = fmax(worst, fabs(have / want - 1));
		}
	}
	near(worst, 0, 1e-9, "the series is the integral over the posterior, at a = 1 too");
	check(qun_bgnbd_expect(&authors, 3, 5, 9, 0) == 0 &&
			qun_bgnbd_alive(&authors, 0, 0, 99) == 1,
		"no time, no purchases; without a repeat alive for sure");
}

static double total(const struct qun_bgnbd *m, const struct qun_buyer *v, size_t n, double unit)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)v[i].n * qun_bgnbd_loglik(m, (double)v[i].x, (double)v[i].t_x / unit,
						(double)v[i].T / unit);
	return sum;
}

/* Is every small change of a parameter a change for the worse? */
static bool is_best(const struct qun_bgnbd *m, const struct qun_buyer *v, size_t n, double unit)
{
	double top = total(m, v, n, unit);
	bool ok = fabs(top - m->loglik) < 1e-7 * fabs(top);

	for (int i = 0; i < 8; i++) {
		struct qun_bgnbd other = *m;
		double *p[] = {&other.r, &other.alpha, &other.a, &other.b};

		*p[i / 2] *= i % 2 ? 1.002 : 1 / 1.002;
		ok &= total(&other, v, n, unit) < top;
	}
	return ok;
}

static double uniform(void)
{
	return (rnd(1000000) + 0.5) / 1000000;
}

/* Buyers drawn from the model with r = 1 and a = 1, whose distributions have plain inverses. */
static void test_drawn(void)
{
	enum { N = 4000, ALPHA = 50, B = 3 };
	static struct qun_buyer v[N];
	struct qun_bgnbd m;
	size_t n = 0;

	for (int i = 0; i < N; i++) {
		double rate = -log(uniform()) / ALPHA, stop = 1 - pow(uniform(), 1.0 / B), t = 0;

		v[i] = (struct qun_buyer){.T = 90 + rnd(275), .n = 1};
		do {
			t += -log(uniform()) / rate;
			if (t > (double)v[i].T)
				break;
			v[i].x += ceil(t) > (double)v[i].t_x;
			v[i].t_x = (int64_t)ceil(t);
		} while (uniform() > stop);
	}
	check(qun_bgnbd_fit(v, N, 1, &m) == 0, "buyers drawn from the model are fitted");
	for (size_t seen = 0; seen < N; n++)
		seen += (size_t)v[n].n;
	check(is_best(&m, v, n, 1), "no neighbour is better");
	near(m.r, 1, 0.2, "r is found again");
	near(m.alpha, ALPHA, 10, "alpha is");
	near(m.a / (m.a + m.b), 1.0 / (1 + B), 0.08, "the mean chance of stopping is");
}

static void test_cdnow(void)
{
	FILE *f = shared("cdnow_sample/published/summary_39_weeks.csv");
	static struct qun_buyer v[3000];
	struct qun_bgnbd weeks, days;
	double x, t_x, T, repeats = 0;
	char line[128];
	size_t n = 0, seen = 0;

	if (!f)
		return;
	while (n < 3000 && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*[0-9],%lf,%lf,%lf", &x, &t_x, &T) != 3)
			continue;
		v[n++] = (struct qun_buyer){(int64_t)x, llround(7 * t_x), llround(7 * T), 1};
		repeats += x;
	}
	fclose(f);
	check(n == 2357 && qun_bgnbd_fit(v, n, 7, &weeks) == 0, "CDNOW: 2357 buyers are fitted");
	near(weeks.r, 0.243, 5e-4, "CDNOW: published r");
	near(weeks.alpha, 4.414, 5e-4, "CDNOW: published alpha");
	near(weeks.a, 0.793, 5e-4, "CDNOW: published a");
	near(weeks.b, 2.426, 5e-4, "CDNOW: published b");
	near(weeks.loglik, -9582.4, 0.05, "CDNOW: published log-likelihood");
	/* The fit has joined equal buyers: the first ones now stand for all. */
	for (n = 0; seen < 2357; n++)
		seen += (size_t)v[n].n;
	check(is_best(&weeks, v, n, 7), "CDNOW: no neighbour is better");
	check(qun_bgnbd_fit(v, n, 1, &days) == 0, "CDNOW: in days");
	near(days.alpha, 7 * weeks.alpha, 1e-5, "alpha has the unit of time");
	near(days.a, weeks.a, 1e-6, "a has none");
	near(days.loglik, weeks.loglik - repeats * log(7), 1e-5,
		"each repeat is a density in time");
}

static void test_no_maximum(void)
{
	struct qun_buyer none[] = {{0, 0, 10, 1}, {0, 0, 20, 5}, {0, 0, 30, 2}};
	struct qun_buyer alike[] = {{3, 20, 20, 50}};
	struct qun_buyer wrong[] = {{1, 30, 20, 1}, {2, 3, 20, 4}};
	struct qun_bgnbd m;

	check(qun_bgnbd_fit(none, 3, 7, &m) == QUN_EDATA, "nobody bought twice: no model");
	check(qun_bgnbd_fit(alike, 1, 7, &m) == QUN_EDATA, "all alike: no model");
	check(qun_bgnbd_fit(wrong, 2, 7, &m) == QUN_EDATA, "a purchase after the end: no model");
	check(qun_bgnbd_fit(none, 0, 7, &m) == QUN_EDATA, "nobody: no model");
}

int main(void)
{
	test_expectation();
	test_drawn();
	test_cdnow();
	test_no_maximum();
	printf("1..%d\n", tests);
	return failures > 0;
}
