/* Statistics: intervals, quantiles, survival, BG/NBD. Doubles live here and in writers only. */
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
/* The same for Student's t with df >= 1 degrees of freedom; takes time in proportion to df. */
double qun_t_of(double confidence, int64_t df);
/* Quantile num/den of n ascending values: the smallest with at least ceil(p n) values <= it. n > 0. */
int64_t qun_quantile(const int64_t *v, size_t n, int num, int den);
/* Upper tail of the chi-squared distribution with df >= 1 degrees of freedom. */
double qun_chi2_tail(double x, int df);

/*
 * Survival by Kaplan and Meier. Times are integers of any unit (days, microseconds) since a
 * person's own beginning. Counts are added in any order; qun_survival_fit makes one step of each
 * time and fills what follows from the counts. At a time people enter first, then leave, then are
 * censored: who enters at t is at risk at t, and who is censored at t was at risk.
 */
struct qun_step {
	int64_t t;
	uint64_t entered, left, censored;
	uint64_t at_risk; /* just before anybody leaves at t */
	/* Survival after t: exactly num / den, or, where that has no room, den is 0. */
	qun_i128 num, den;
	double survival;
	double lo, hi; /* Greenwood on the log(-log) scale; not a number where survival is 0 or 1 */
};

struct qun_survival {
	struct qun_step *v;
	size_t n, cap;
};

/* Adds people at t. Each one enters once, not later than he leaves or is censored. */
int qun_survival_add(
	struct qun_survival *s, int64_t t, uint64_t entered, uint64_t left, uint64_t censored);
/* QUN_EDATA where somebody leaves who has not entered. */
int qun_survival_fit(struct qun_survival *s, double z);
/* The last step at or before t, in a fitted curve; NULL: none yet, survival is 1. */
const struct qun_step *qun_survival_at(const struct qun_survival *s, int64_t t);
/* First time at which survival is num / den or less (the median: 1/2); false: not reached. */
bool qun_survival_time(const struct qun_survival *s, int num, int den, int64_t *t);
void qun_survival_release(struct qun_survival *s);

struct qun_log_rank {
	double chi2, p; /* p is 1 and chi2 0 where df is 0 */
	int df;
};

/* Log-rank test of n fitted curves, n <= 1024. Curves where nobody is at risk when others leave
 * tell nothing and take no degree of freedom. */
int qun_log_rank_test(const struct qun_survival *curve, size_t n, struct qun_log_rank *out);

/*
 * BG/NBD (Fader, Hardie, Lee: "Counting your customers" the easy way, Marketing Science 24, 2005):
 * buyers buy at a rate of their own (gamma: r, alpha) and after each purchase stop for good with a
 * probability of their own (beta: a, b). alpha has the unit of the times.
 */
struct qun_bgnbd {
	double r, alpha, a, b;
	double loglik;
};

/* n buyers with x repeat purchases, the last one t_x after the first, seen for T after the first:
 * whole days. */
struct qun_buyer {
	int64_t x, t_x, T, n;
};

/*
 * Maximum likelihood, times in units of `unit` days (7: weeks). Sorts v. QUN_EDATA where the
 * likelihood has no maximum inside the parameters' range, or none was found.
 */
int qun_bgnbd_fit(struct qun_buyer *v, size_t n, double unit, struct qun_bgnbd *out);
/* Times in the unit of the model from here on. */
double qun_bgnbd_loglik(const struct qun_bgnbd *m, double x, double t_x, double T);
/* Probability of being alive after T; 1 for x = 0, whatever the silence. */
double qun_bgnbd_alive(const struct qun_bgnbd *m, double x, double t_x, double T);
/* Purchases to expect in the time t after T. */
double qun_bgnbd_expect(const struct qun_bgnbd *m, double x, double t_x, double T, double t);

#ifdef __cplusplus
}
#endif
#endif
