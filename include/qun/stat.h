/* Statistics: intervals, quantiles. Doubles live here and in writers only. */
#ifndef QUN_STAT_H
#define QUN_STAT_H

#include "qun/num.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Wilson's score interval without continuity correction; x of n, n > 0. */
void qun_wilson(double x, double n, double z, double *lo, double *hi);
/* z of a two-sided confidence level, e.g. 0.95 -> 1.959963984540054 (Wichura AS 241). */
double qun_z_of(double confidence);
/* Quantile num/den of n ascending values: the smallest with at least ceil(p n) values <= it. n > 0. */
int64_t qun_quantile(const int64_t *v, size_t n, int num, int den);

#ifdef __cplusplus
}
#endif
#endif
