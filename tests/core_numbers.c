/* Money, fractions and reals: read exactly or refused, and rounded as brute force does. */
#include <inttypes.h>
#include <string.h>

#include "core.h"
#include "qun/num.h"

static void test_money(void)
{
	static const struct {
		const char *text;
		int rc;
		int64_t minor;
	} cases[] = {
		{"¥39.90", 1, 399000},
		{"3,897.00", 1, 38970000},
		{"39.90元", 1, 399000},
		{"=\"39.90\"", 1, 399000},
		{"'39.9", 1, 399000},
		{"1e3", QUN_EDATA, 0},
		{"0x10", QUN_EDATA, 0},
		{"+5", 1, 50000},
		{" ￥ 12 ", 1, 120000},
		{"-¥5", 1, -50000},
		{"$-5", 1, -50000},
		{"€.5", 1, 5000},
		{"", 0, 0},
		{"/", 0, 0},
		{"-", 0, 0},
		{"--", 0, 0},
		{"——", 0, 0},
		{"=\"\"", 0, 0},
		{" \t", 0, 0},
		{"1，234", 1, 12340000},
		{"12,34,567.89", 1, 12345678900},
		{"1,5", QUN_EDATA, 0},
		{"1234,567", QUN_EDATA, 0},
		{"1,2345", QUN_EDATA, 0},
		{"5元5", QUN_EDATA, 0},
		{"5 5", QUN_EDATA, 0},
		{"1 234.5", 1, 12345000},
		{".", QUN_EDATA, 0},
		{"元", QUN_EDATA, 0},
		{"5-", QUN_EDATA, 0},
		{"--5", QUN_EDATA, 0},
		{"1.2.3", QUN_EDATA, 0},
		{"0.00005", 1, 1},
		{"-0.00005", 1, -1},
		{"0.000049999", 1, 0},
		{"nan", QUN_EDATA, 0},
		{"00007", 1, 70000},
		{"922337203685477.5807", 1, INT64_MAX},
		{"-922337203685477.5808", 1, INT64_MIN},
		{"922337203685477.5808", QUN_EOVERFLOW, 0},
		{"922337203685477.58075", QUN_EOVERFLOW, 0},
		{"99999999999999999999999999999999", QUN_EOVERFLOW, 0},
	};
	struct qun_buf b = {0};
	bool ok = true;

	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t minor = 0;
		int rc = qun_money_parse(qun_span_of(cases[i].text), &minor);

		if (rc != cases[i].rc || minor != cases[i].minor) {
			printf("# '%s': %d %" PRId64 "\n", cases[i].text, rc, minor);
			ok = false;
		}
	}
	report(ok, "money is read exactly or refused");
	ok = true;
	for (int i = 0; i < 20000; i++) {
		int64_t minor = draw_wide(), back;

		qun_buf_clear(&b);
		qun_money_format(&b, minor, 4);
		ok &= qun_money_parse(qun_buf_span(&b), &back) == 1 && back == minor;
	}
	qun_buf_clear(&b);
	qun_money_format(&b, 12350, 2);
	ok &= buf_is(&b, "1.24");
	qun_money_format(&b, -12350, 2);
	ok &= buf_is(&b, "-1.24");
	qun_money_format(&b, -49, 2);
	ok &= buf_is(&b, "0.00");
	qun_money_format(&b, 999950, 2);
	ok &= buf_is(&b, "100.00");
	report(ok, "money comes back as written and is rounded half away from zero");
	qun_buf_release(&b);
}

static void test_fractions(void)
{
	struct qun_buf b = {0};
	bool ok = true;

	for (int i = 0; i < 50000; i++) {
		__int128 num = draw(3) ? draw_wide() >> 8 : (int64_t)draw(200) - 100;
		__int128 den = draw(2) ? draw_wide() : (int64_t)draw(16) - 8;
		int digits = (int)draw(10);
		__int128 scale = 1, top, low, q;
		char text[128];

		if (den == 0)
			den = 1;
		for (int j = 0; j < digits; j++)
			scale *= 10;
		top = num < 0 ? -num : num;
		low = den < 0 ? -den : den;
		q = (2 * top * scale + low) / (2 * low);
		snprintf(text, sizeof(text), digits ? "%s%" PRId64 ".%0*" PRId64 : "%s%" PRId64,
			q && (num < 0) != (den < 0) ? "-" : "", (int64_t)(q / scale), digits,
			(int64_t)(q % scale));
		ok &= qun_fraction_format(&b, num, den, digits) == 0 && buf_is(&b, text);
		ok &= digits > 0 || qun_round_div(num, den) == ((num < 0) != (den < 0) ? -q : q);
	}
	report(ok, "fractions agree with brute force");
	ok = true;
	qun_fraction_format(&b, (((__int128)1 << 126) - 1) * 2 + 1, 1, 0);
	ok &= buf_is(&b, "170141183460469231731687303715884105727");
	qun_fraction_format(&b, ((__int128)1 << 126) - 1, (__int128)1 << 126, 6);
	ok &= buf_is(&b, "1.000000");
	qun_fraction_format(&b, 1, ((__int128)1 << 126) - 1 + ((__int128)1 << 126), 6);
	ok &= buf_is(&b, "0.000000");
	qun_int_format(&b, -1 - (((__int128)1 << 126) - 1 + ((__int128)1 << 126)));
	ok &= buf_is(&b, "-170141183460469231731687303715884105728");
	report(ok, "fractions use all 128 bits");
	qun_buf_release(&b);
}

static void test_reals(void)
{
	static const struct {
		double x;
		int digits;
		const char *text;
	} cases[] = {
		{0.5, 0, "1"},
		{-0.5, 0, "-1"},
		{2.5, 0, "3"},
		{0.125, 2, "0.13"},
		{-0.125, 2, "-0.13"},
		{0.285, 2, "0.28"},
		{1e-300, 6, "0.000000"},
		{-1e-9, 6, "0.000000"},
		{-0.0, 6, "0.000000"},
		{0.9999994, 6, "0.999999"},
		{1.0 / 3, 6, "0.333333"},
		{1e20, 2, "100000000000000000000.00"},
		{123456.7890625, 6, "123456.789063"},
		{5e-324, 6, "0.000000"},
		{9007199254740993.0, 0, "9007199254740992"},
	};
	struct qun_buf b = {0};
	double d;
	int64_t v;
	bool ok = true;

	for (size_t i = 0; i < COUNT(cases); i++)
		ok &= qun_real_format(&b, cases[i].x, cases[i].digits) == 0 &&
		      buf_is(&b, cases[i].text);
	ok &= qun_real_format(&b, 1.0 / 0.0, 6) == QUN_EDATA &&
	      qun_real_format(&b, 1e39, 0) == QUN_EOVERFLOW;
	for (int i = 0; i < 20000; i++) { /* ties apart, the C library rounds the same way */
		double x = (double)draw_wide() / (double)(1 + draw(1000000007));
		char text[400];

		snprintf(text, sizeof(text), "%.3f", x);
		if (x * 16 != (double)(int64_t)(x * 16) && strcmp(text, "-0.000") != 0)
			ok &= qun_real_format(&b, x, 3) == 0 && buf_is(&b, text);
	}
	report(ok, "reals are rounded half away from zero");
	ok = qun_real_parse(qun_span_of("-12.5"), &d) && d == -12.5 &&
	     qun_real_parse(qun_span_of(".5"), &d) && !qun_real_parse(qun_span_of("1e3"), &d) &&
	     !qun_real_parse(qun_span_of("."), &d) && !qun_real_parse(qun_span_of("1 "), &d) &&
	     !qun_real_parse(qun_span_of(""), &d) && !qun_real_parse(qun_span_of("nan"), &d) &&
	     !qun_real_parse(qun_span_of("--1"), &d);
	ok &= qun_int_parse(qun_span_of("-9223372036854775808"), &v) && v == INT64_MIN &&
	      !qun_int_parse(qun_span_of("9223372036854775808"), &v) &&
	      !qun_int_parse(qun_span_of("-"), &v) && qun_int_parse(qun_span_of("+7"), &v) &&
	      v == 7 && !qun_int_parse(qun_span_of("7x"), &v);
	report(ok, "numbers are read whole or not at all");
	qun_buf_release(&b);
}

int main(void)
{
	test_money();
	test_fractions();
	test_reals();
	printf("1..%d\n", tests);
	return failures > 0;
}
