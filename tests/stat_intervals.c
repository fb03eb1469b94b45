/* Intervals and quantiles against known values and their definitions. */
#include <math.h>

#include "output.h"
#include "qun/stat.h"

static bool near(double a, double b, double within)
{
	return fabs(a - b) <= within;
}

static void test_wilson(void)
{
	static const struct {
		double x, n, lo, hi;
	} known[] = {
		{10, 100, 0.055229, 0.174366},
		{0, 10, 0, 0.277533},
		{10, 10, 0.722467, 1},
		{1, 1, 0.206549, 1},
		{50, 100, 0.403832, 0.596168},
	};
	double z = qun_z_of(0.95), lo, hi;
	bool ends = true;

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		qun_wilson(known[i].x, known[i].n, z, &lo, &hi);
		check(near(lo, known[i].lo, 5e-7) && near(hi, known[i].hi, 5e-7),
			"Wilson %g of %g: %.6f to %.6f", known[i].x, known[i].n, lo, hi);
	}
	/* Over many sizes and confidences. */
	for (int n = 1; n < 30000; n++) {
		z = 0.5 + n % 997 / 200.0;
		qun_wilson(0, n, z, &lo, &hi);
		ends &= lo == 0 && hi > 0 && hi < 1;
		qun_wilson(n, n, z, &lo, &hi);
		ends &= hi == 1 && lo > 0 && lo < 1;
	}
	check(ends, "Wilson ends at exactly 0 and 1");
}

static void test_z(void)
{
	bool inverse = true;

	check(near(qun_z_of(0.95), 1.959963984540054, 1e-15), "z of 0.95 is %.15f", qun_z_of(0.95));
	/* Each of the three ranges of the approximation against the error function. */
	for (double tail = 0.999; tail > 1e-15; tail *= 0.9)
		inverse &= near(erfc(qun_z_of(1 - tail) / sqrt(2)) / (1 - (1 - tail)), 1, 1e-12);
	check(inverse, "z inverts the normal distribution");
}

/* In the words of the definition: the smallest value with at least ceil(p n) values <= it. */
static int64_t slow_quantile(const int64_t *v, size_t n, int num, int den)
{
	for (size_t i = 0; i < n; i++) {
		size_t below = 0;
		for (size_t k = 0; k < n; k++)
			below += v[k] <= v[i];
		if (below * (size_t)den >= n * (size_t)num)
			return v[i];
	}
	return INT64_MAX;
}

static void test_quantile(void)
{
	static const int p[][2] = {
		{0, 1}, {1, 10}, {1, 4}, {1, 2}, {3, 4}, {9, 10}, {1, 1}, {1, 3}};
	int64_t v[12];
	int wrong = 0;

	for (int round = 0; round < 5000; round++) {
		size_t n = 1 + draw(12);
		for (size_t i = 0; i < n; i++)
			v[i] = (i ? v[i - 1] : -5) + draw(3);
		for (size_t i = 0; i < sizeof p / sizeof *p; i++)
			wrong += qun_quantile(v, n, p[i][0], p[i][1]) !=
				 slow_quantile(v, n, p[i][0], p[i][1]);
	}
	check(!wrong, "quantiles follow their definition");
}

int main(void)
{
	test_wilson();
	test_z();
	test_quantile();
	printf("1..%d\n", tests);
	return failures > 0;
}
