/* Quantiles by the one definition of all tables: a value that occurs, never one in between. */
#include "qun/stat.h"

int64_t qun_quantile(const int64_t *v, size_t n, int num, int den)
{
	/* ceil(n num / den) in 128 bits: n may be any size. Quantile 0 is the smallest value. */
	qun_i128 rank = ((qun_i128)n * num + den - 1) / den;

	return v[rank < 1 ? 0 : (size_t)rank - 1];
}
