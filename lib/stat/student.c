/* Student's t: how far a mean of few values may lie. */
#include <math.h>

#include "qun/stat.h"

/* Probability that |T| <= t, for theta = atan(t / sqrt(df)): Abramowitz and Stegun, "Handbook of
 * Mathematical Functions" (1964), 26.7.3 and 26.7.4. */
static double within(double theta, int64_t df)
{
	static const double half_pi = 1.57079632679489661923;
	double c2 = cos(theta) * cos(theta), sum = 0, term;
	int64_t k = df % 2 ? 3 : 2;

	term = df % 2 ? cos(theta) : 1;
	for (; k <= df; k += 2) {
		sum += term;
		term *= c2 * (double)(k - 1) / (double)k;
	}
	return df % 2 ? (theta + sin(theta) * sum) / half_pi : sin(theta) * sum;
}

double qun_t_of(double confidence, int64_t df)
{
	double low = 0, high = 1.57079632679489661923;

	for (int i = 0; i < 100; i++) {
		double mid = low + (high - low) / 2;

		if (within(mid, df) < confidence)
			low = mid;
		else
			high = mid;
	}
	return sqrt((double)df) * tan(low);
}
