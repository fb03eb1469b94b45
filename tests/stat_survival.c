/*
 * Intervals and tails from tables, survival and log-rank from R and lifelines, and against plain
 * restatements of the definitions on random data.
 */
#include <jansson.h>
#include <string.h>

#include "stat.h"

static void test_tails(void)
{
	double lo, hi;

	qun_wilson(15, 50, qun_z_of(0.95), &lo, &hi);
	near(lo, 0.1910355, 5e-8, "Wilson's interval of 15 of 50, low end");
	near(hi, 0.4375035, 5e-8, "and its high end");
	near(qun_chi2_tail(3.841458820694124, 1), 0.05, 1e-12, "chi-squared, 1 degree of freedom");
	near(qun_chi2_tail(5.991464547107979, 2), 0.05, 1e-12, "2 degrees");
	near(qun_chi2_tail(7.814727903251179, 3), 0.05, 1e-12, "3 degrees");
	near(qun_chi2_tail(18.307038053275146, 10), 0.05, 1e-12, "10 degrees");
	near(qun_chi2_tail(124.3421134, 100), 0.05, 1e-9, "100 degrees");
	near(qun_chi2_tail(0, 3), 1, 0, "nothing is below 0");
}

/* CSV of the peers: [group,]time,status. Rows of the group go into the curve. */
static void read_spells(FILE *f, const char *group, struct qun_survival *s)
{
	char line[128], name[64];
	int t, status;

	rewind(f);
	while (fgets(line, sizeof(line), f)) {
		bool read = group ? sscanf(line, "%63[^,],%d,%d", name, &t, &status) == 3 &&
					    strcmp(name, group) == 0
				  : sscanf(line, "%d,%d", &t, &status) == 2;

		if (!read)
			continue;
		qun_survival_add(s, 0, 1, 0, 0);
		qun_survival_add(s, t, 0, status == 1, status == 0);
	}
	check(qun_survival_fit(s, qun_z_of(0.95)) == 0 && s->n > 1, "the curve is fitted");
}

/* A row of R's: time, at risk, events, survival, and the ends of the log interval. From these the
 * standard error is had back, and from it the ends on the log-log scale. */
static bool agrees(const struct qun_survival *s, json_t *row)
{
	double v[6], sd, half, z = qun_z_of(0.95);
	const struct qun_step *at;

	for (size_t i = 0; i < 6; i++)
		v[i] = json_number_value(json_array_get(row, i));
	at = qun_survival_at(s, (int64_t)v[0]);
	if (!at || at->t != (int64_t)v[0] || at->at_risk != (uint64_t)v[1] ||
		at->left != (uint64_t)v[2] || fabs(at->survival - v[3]) > 6e-4)
		return false;
	if (v[3] == 0)
		return isnan(at->lo) && isnan(at->hi);
	sd = log(at->survival / v[4]) / z;
	half = exp(z * sd / -log(at->survival));
	return fabs(at->lo - pow(at->survival, half)) < 3e-3 &&
	       fabs(at->hi - pow(at->survival, 1 / half)) < 3e-3;
}

static void test_two_groups(json_t *expected, FILE *f)
{
	struct qun_survival curve[2] = {0};
	struct qun_log_rank rank;
	const char *name;
	json_t *want, *row;
	size_t n = 0, i;
	int64_t t;

	json_object_foreach(json_object_get(expected, "groups"), name, want)
	{
		struct qun_survival *s = &curve[n++];
		bool ok = true;

		read_spells(f, name, s);
		json_array_foreach(json_object_get(want, "rows"), i, row) ok &= agrees(s, row);
		check(ok && i > 5, "R: the curve and its interval");
		check(qun_survival_time(s, 1, 2, &t) &&
				t == json_integer_value(json_object_get(want, "median")),
			"R: the median");
	}
	check(qun_log_rank_test(curve, n, &rank) == 0 && rank.df == 1, "two curves are compared");
	near(rank.chi2, json_number_value(json_object_get(expected, "logrank_chisq")), 0.05,
		"R: log-rank chi-squared");
	near(rank.p, json_number_value(json_object_get(expected, "logrank_p")), 0.005, "R: its p");
	for (i = 0; i < n; i++)
		qun_survival_release(&curve[i]);
}

/* At a time that is no step, those are at risk who are at the next one, and nobody leaves. */
static void test_times(json_t *params, json_t *expected, FILE *f)
{
	struct qun_survival s = {0};
	json_t *time;
	bool ok = true;
	size_t i;

	read_spells(f, NULL, &s);
	json_array_foreach(json_object_get(params, "times"), i, time)
	{
		double t = json_number_value(time);
		json_int_t at_risk = 0, left = 0;

		for (size_t k = s.n; k-- > 0 && (double)s.v[k].t >= t;) {
			at_risk = (json_int_t)s.v[k].at_risk;
			left = (double)s.v[k].t == t ? (json_int_t)s.v[k].left : 0;
		}
		ok &= at_risk ==
		      json_integer_value(json_array_get(json_object_get(expected, "at_risk"), i));
		ok &= left ==
		      json_integer_value(json_array_get(json_object_get(expected, "events"), i));
	}
	check(ok && i == 9, "R: at risk and leaving at given times");
	qun_survival_release(&s);
}

static void test_peers(void)
{
	FILE *f = shared("peer/survival_km/cases.json"), *events;
	json_t *root, *one, *expected;
	size_t i;

	if (!f)
		return;
	root = json_loadf(f, 0, NULL);
	fclose(f);
	json_array_foreach(json_object_get(root, "cases"), i, one)
	{
		char name[128];

		snprintf(name, sizeof(name), "peer/survival_km/%s",
			json_string_value(json_object_get(one, "events")));
		events = shared(name);
		expected = json_object_get(one, "expected");
		if (events && json_object_get(expected, "groups"))
			test_two_groups(expected, events);
		else if (events)
			test_times(json_object_get(one, "params"), expected, events);
		if (events)
			fclose(events);
	}
	check(i == 2, "every case of the peers");
	json_decref(root);
}

/* survfit(Surv(time, status) ~ 1, conf.type = "log-log") on the maintained group of aml. */
static void test_log_log(void)
{
	static const int time[] = {9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161};
	static const int status[] = {1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0};
	struct qun_survival s = {0};
	const struct qun_step *at;

	qun_survival_add(&s, 0, 11, 0, 0);
	for (int i = 10; i >= 0; i--)
		qun_survival_add(&s, time[i], 0, (uint64_t)status[i], (uint64_t)!status[i]);
	check(qun_survival_fit(&s, qun_z_of(0.95)) == 0, "the maintained group");
	at = qun_survival_at(&s, 9);
	near(at->survival, 0.90909, 1e-5, "survival at 9");
	near(at->lo, 0.50808, 1e-5, "log-log interval at 9, low end");
	near(at->hi, 0.98668, 1e-5, "and its high end");
	at = qun_survival_at(&s, 20);
	check(at && at->t == 18 && at->num * 88 == at->den * 63,
		"between steps the last one stands");
	check(qun_survival_at(&s, -1) == NULL && isnan(qun_survival_at(&s, 0)->lo),
		"nothing before, and no interval at 1");
	qun_survival_release(&s);
}

struct spell {
	int64_t from, to;
	bool left;
};

/* The definition, spelled out: the product over times of leaving of 1 - left / at risk. */
static double survival_at(const struct spell *v, int n, int64_t until)
{
	double s = 1;

	for (int64_t t = 0; t <= until; t++) {
		double at_risk = 0, left = 0;

		for (int i = 0; i < n; i++) {
			at_risk += v[i].from <= t && v[i].to >= t;
			left += v[i].left && v[i].to == t;
		}
		if (left > 0)
			s *= 1 - left / at_risk;
	}
	return s;
}

static void test_late_entry(void)
{
	bool curve = true, exact = true, median = true;

	for (int round = 0; round < 300; round++) {
		struct spell v[40];
		struct qun_survival s = {0};
		int n = 1 + (int)rnd(40);
		int64_t last = 0, at, want = -1;

		for (int i = 0; i < n; i++) {
			v[i].from = round % 2 ? rnd(6) : 0;
			v[i].to = v[i].from + rnd(20);
			v[i].left = rnd(3) > 0;
			last = v[i].to > last ? v[i].to : last;
			qun_survival_add(&s, v[i].to, 0, v[i].left, !v[i].left);
			qun_survival_add(&s, v[i].from, 1, 0, 0);
		}
		curve &= qun_survival_fit(&s, 1.96) == 0;
		for (int64_t t = last; t >= 0; t--) {
			const struct qun_step *step = qun_survival_at(&s, t);
			double by_hand = survival_at(v, n, t);

			curve &= fabs((step ? step->survival : 1) - by_hand) < 1e-12;
			exact &= !step || !step->den ||
				 fabs((double)step->num / (double)step->den - by_hand) < 1e-12;
			if (by_hand <= 0.5 + 1e-9)
				want = t;
		}
		if (!qun_survival_time(&s, 1, 2, &at))
			at = -1;
		median &= at == want;
		qun_survival_release(&s);
	}
	check(curve, "late entry and censoring as in the definition, 300 random sets");
	check(exact, "the exact fraction is the curve");
	check(median, "and the median is where it comes down to a half");
}

static void test_edges(void)
{
	struct qun_survival s = {0}, ten = {0};
	int64_t t = 0;

	check(qun_survival_fit(&s, 2) == 0 && s.n == 0 && !qun_survival_time(&s, 1, 2, &t),
		"an empty curve");
	qun_survival_add(&s, 3, 0, 1, 0);
	check(qun_survival_fit(&s, 2) == QUN_EDATA, "who has not entered cannot leave");
	qun_survival_release(&s);
	qun_survival_add(&s, 5, 1, 1, 0);
	check(qun_survival_fit(&s, 2) == 0 && s.v[0].at_risk == 1 && s.v[0].survival == 0,
		"who enters at a time is at risk at it");
	qun_survival_release(&s);
	/* A product of floating quotients comes down to 0.5000000000000001 here. */
	qun_survival_add(&ten, 0, 10, 0, 0);
	for (int i = 1; i <= 10; i++)
		qun_survival_add(&ten, i, 0, 1, 0);
	check(qun_survival_fit(&ten, 2) == 0 && qun_survival_time(&ten, 1, 2, &t) && t == 5,
		"the median of ten is the fifth");
	check(qun_survival_time(&ten, 1, 10, &t) && t == 9, "the last decile is the ninth");
	check(ten.v[5].num == 1 && ten.v[5].den == 2, "survival is kept in lowest terms");
	qun_survival_release(&ten);
	/* Primes of leavers at risk overflow the exact fraction; the curve goes on without it. */
	qun_survival_add(&s, 0, 1000003, 0, 0);
	for (int i = 1; i <= 12; i++)
		qun_survival_add(&s, i, 0, 1009, 2003);
	check(qun_survival_fit(&s, 2) == 0 && s.v[12].den == 0, "a fraction that has no room");
	near(s.v[12].survival, 0.987755955, 1e-9, "and the curve without it");
	qun_survival_release(&s);
}

/* Three curves: the statistic of the first two against the inverse of their 2 by 2 covariance. */
static void test_log_rank(void)
{
	bool same = true;

	for (int round = 0; round < 100; round++) {
		struct spell v[3][30];
		struct qun_survival s[3] = {0};
		struct qun_log_rank have;
		double diff[3] = {0}, m[3][3] = {{0}}, chi2, det;

		for (int g = 0; g < 3; g++) {
			for (int i = 0; i < 30; i++) {
				struct spell *p = &v[g][i];

				p->from = rnd(4);
				p->to = p->from + rnd(12 + 4 * (unsigned)g);
				p->left = rnd(4) > 0;
				qun_survival_add(&s[g], p->from, 1, 0, 0);
				qun_survival_add(&s[g], p->to, 0, p->left, !p->left);
			}
			qun_survival_fit(&s[g], 1.96);
		}
		for (int64_t t = 0; t < 40; t++) {
			double n[3] = {0}, d[3] = {0}, all, gone;

			for (int g = 0; g < 3; g++) {
				for (int i = 0; i < 30; i++) {
					n[g] += v[g][i].from <= t && v[g][i].to >= t;
					d[g] += v[g][i].left && v[g][i].to == t;
				}
			}
			all = n[0] + n[1] + n[2];
			gone = d[0] + d[1] + d[2];
			for (int g = 0; gone > 0 && g < 3; g++) {
				diff[g] += d[g] - gone * n[g] / all;
				for (int k = 0; all > 1 && k < 3; k++)
					m[g][k] +=
						gone * (all - gone) / (all - 1) *
						((g == k) * n[g] / all - n[g] * n[k] / all / all);
			}
		}
		det = m[0][0] * m[1][1] - m[0][1] * m[1][0];
		chi2 = (diff[0] * diff[0] * m[1][1] - 2 * diff[0] * diff[1] * m[0][1] +
			       diff[1] * diff[1] * m[0][0]) /
		       det;
		same &= qun_log_rank_test(s, 3, &have) == 0 && have.df == 2 &&
			fabs(have.chi2 - chi2) < 1e-9 * (1 + chi2) &&
			fabs(have.p - exp(-chi2 / 2)) < 1e-12;
		for (int g = 0; g < 3; g++)
			qun_survival_release(&s[g]);
	}
	check(same, "log-rank of three curves with late entry, 100 random sets");
}

static void test_log_rank_edges(void)
{
	struct qun_survival s[3] = {0};
	struct qun_log_rank have;

	for (int g = 0; g < 2; g++) {
		qun_survival_add(&s[g], 0, 5, 0, 0);
		qun_survival_add(&s[g], 3, 0, 2, 1);
		qun_survival_add(&s[g], 7, 0, 1, 1);
		qun_survival_fit(&s[g], 2);
	}
	/* The third one's only member is gone before anybody leaves. */
	qun_survival_add(&s[2], 0, 1, 0, 0);
	qun_survival_add(&s[2], 1, 0, 0, 1);
	qun_survival_fit(&s[2], 2);
	check(qun_log_rank_test(s, 3, &have) == 0 && have.df == 1 && have.chi2 < 1e-12 &&
			fabs(have.p - 1) < 1e-6,
		"equal curves do not differ, and one without risk has no degree of freedom");
	check(qun_log_rank_test(s, 1, &have) == 0 && have.df == 0 && have.p == 1,
		"one curve has nothing to differ from");
	for (int g = 0; g < 3; g++)
		qun_survival_release(&s[g]);
}

int main(void)
{
	test_tails();
	test_peers();
	test_log_log();
	test_late_entry();
	test_edges();
	test_log_rank();
	test_log_rank_edges();
	printf("1..%d\n", tests);
	return failures > 0;
}
