/* Intervals and quantiles against known values, the table's order and shape, and every writer on
 * every kind of cell and on hostile text. */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "qun/cal.h"
#include "qun/stat.h"
#include "qun/utf8.h"
#include "qun/write.h"

static int tests, failures;

static void check(bool ok, const char *fmt, ...) QUN_PRINTF(2, 3);

static void check(bool ok, const char *fmt, ...)
{
	va_list ap;

	failures += !ok;
	printf("%sok %d - ", ok ? "" : "not ", ++tests);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

static void check_text(struct qun_span got, const char *want, const char *what)
{
	bool ok = qun_span_is(got, want);

	check(ok, "%s", what);
	if (!ok)
		printf("# want:\n%s\n# got:\n%.*s\n", want, (int)got.len, got.ptr);
}

static uint64_t seed = 1;

static uint32_t draw(uint32_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((seed >> 33) % n);
}

/* What a writer makes of a table; the buffer is the caller's. */
static struct qun_span shown(const struct qun_table *t, const char *writer,
	const struct qun_style *style, struct qun_buf *out)
{
	static const struct qun_style plain;

	qun_buf_clear(out);
	int err = qun_writer_of(writer)->write(t, style ? style : &plain, out, NULL, NULL);
	if (err)
		check(false, "%s returns %d", writer, err);
	return qun_buf_span(out);
}

static void check_shown(const struct qun_table *t, const char *writer,
	const struct qun_style *style, const char *want, const char *what)
{
	struct qun_buf out = {0};

	check_text(shown(t, writer, style, &out), want, what);
	qun_buf_release(&out);
}

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

static const char *zh(const char *english)
{
	static const char *const words[][2] = {{"user", "成员"}, {"rate", "活跃率"},
		{"interval", "区间"}, {"silent", "沉默"}, {"cooling", "降温"}, {"class", "类别"},
		{"yes", "是"}, {"* not finished yet", "* 尚未结束"}};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(english, words[i][0]))
			return words[i][1];
	return *english ? english : "catalogue header";
}

static const struct qun_style chinese = {.tr = zh};

static void kinds_table(struct qun_table *t)
{
	qun_table_init(t);
	qun_table_column(t, "user", QUN_K_TEXT, QUN_COL_KEY);
	qun_table_column(t, "class", QUN_K_WORD, 0);
	qun_table_column(t, "day", QUN_K_DATE, 0);
	qun_table_column(t, "n", QUN_K_INT, 0);
	qun_table_column(t, "rate", QUN_K_RATE, 0);
	qun_table_column(t, "lo", QUN_K_BOUND, 0);
	qun_table_column(t, "hi", QUN_K_BOUND, 0);
	qun_table_column(t, "per", QUN_K_REAL, 0);
	qun_table_column(t, "net", QUN_K_MONEY, 0);
	qun_table_column(t, "wait", QUN_K_SECONDS, 0);
	qun_table_column(t, "staff", QUN_K_FLAG, 0);
	qun_put_text(t, qun_span_of("王芳"));
	qun_put_word(t, "silent;cooling");
	qun_put_int(t, qun_day_of(2024, 4, 9));
	qun_put_int(t, 1234567);
	qun_put_wilson(t, 10, 100, qun_z_of(0.95));
	qun_put_fraction(t, 4, 3);
	qun_put_int(t, 123456789);
	qun_put_int(t, 93784);
	qun_put_int(t, 1);
	qun_row_end(t);
	for (int i = 0; i < 11; i++)
		qun_put_null(t);
	qun_row_end(t);
	check(qun_table_end(t) == 0, "a table of all kinds");
}

static void test_kinds(void)
{
	struct qun_table t;

	kinds_table(&t);
	check_shown(&t, "csv", &chinese,
		"user,class,day,n,rate,lo,hi,per,net,wait,staff\n"
		",,,,,,,,,,\n"
		"王芳,silent;cooling,2024-04-09,1234567,0.100000,0.055229,0.174366,1.333333,"
		"12345.68,93784,1\n",
		"csv: every kind, empty cells, never translated");
	check_shown(&t, "tsv", &chinese,
		"user\tclass\tday\tn\trate\tlo\thi\tper\tnet\twait\tstaff\n"
		"\t\t\t\t\t\t\t\t\t\t\n"
		"王芳\tsilent;cooling\t2024-04-09\t1234567\t0.100000\t0.055229\t0.174366\t1."
		"333333\t"
		"12345.68\t93784\t1\n",
		"tsv: every kind");
	check_shown(&t, "ndjson", &chinese,
		"{\"user\":null,\"class\":null,\"day\":null,\"n\":null,\"rate\":null,\"lo\":null,"
		"\"hi\":null,\"per\":null,\"net\":null,\"wait\":null,\"staff\":null}\n"
		"{\"user\":\"王芳\",\"class\":\"silent;cooling\",\"day\":\"2024-04-09\",\"n\":"
		"1234567,"
		"\"rate\":0.100000,\"lo\":0.055229,\"hi\":0.174366,\"per\":1.333333,\"net\":12345."
		"68,"
		"\"wait\":93784,\"staff\":1}\n",
		"ndjson: every kind");
	t.money_digits = 4;
	check_shown(&t, "table", &chinese,
		"成员  类别       day                 n  活跃率        区间   per          net"
		"         wait  staff\n"
		"----  ---------  ----------  ---------  ------  ----------  ----  -----------"
		"  -----------  -----\n"
		"\n"
		"王芳  沉默;降温  2024-04-09  1,234,567  10.0 %  5.5–17.4 %  1.33  12,345.6789"
		"  1d 02:03:04  是\n",
		"table: every kind, translated and aligned");
	check_shown(&t, "markdown", &chinese,
		"| 成员 | 类别 | day | n | 活跃率 | 区间 | per | net | wait | staff |\n"
		"| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n"
		"|  |  |  |  |  |  |  |  |  |  |\n"
		"| 王芳 | silent;cooling | 2024-04-09 | 1,234,567 | 10.0 % | 5.5–17.4 % | 1.33 |"
		" 12,345.6789 | 1d 02:03:04 | 是 |\n",
		"markdown: headings translated, fixed words not");
	qun_table_release(&t);
}

static void check_cell(enum qun_kind kind, struct qun_value v, int money_digits, const char *want)
{
	struct qun_column column = {"x", kind, 0};
	struct qun_table t = {.column = &column, .ncol = 1, .money_digits = money_digits};
	struct qun_buf out = {0};

	check(qun_cell_format(&out, &t, 0, &v) == 0 && qun_span_is(qun_buf_span(&out), want),
		"%s is printed %.*s", want, (int)out.len, out.len ? out.ptr : "");
	qun_buf_release(&out);
}

static void test_rounding(void)
{
	qun_i128 big = (qun_i128)1 << 100;

	check_cell(QUN_K_RATE, (struct qun_value){.num = 1, .den = 2000000}, 2, "0.000001");
	check_cell(QUN_K_RATE, (struct qun_value){.num = -1, .den = 2000000}, 2, "-0.000001");
	check_cell(QUN_K_RATE, (struct qun_value){.num = -1, .den = 2000001}, 2, "0.000000");
	check_cell(QUN_K_RATE, (struct qun_value){.num = 2, .den = 3}, 2, "0.666667");
	check_cell(QUN_K_RATE, (struct qun_value){.num = big - 1, .den = INT64_MAX}, 2,
		"137438953472.000000");
	check_cell(QUN_K_BOUND, (struct qun_value){.real = 0.5}, 2, "0.500000");
	check_cell(QUN_K_REAL, (struct qun_value){.real = -1e-9}, 2, "0.000000");
	check_cell(QUN_K_REAL, (struct qun_value){.real = 0.0000152587890625}, 2, "0.000015");
	check_cell(QUN_K_MONEY, (struct qun_value){.num = 50, .den = 1}, 2, "0.01");
	check_cell(QUN_K_MONEY, (struct qun_value){.num = -50, .den = 1}, 2, "-0.01");
	check_cell(QUN_K_MONEY, (struct qun_value){.num = 49, .den = 1}, 2, "0.00");
	check_cell(QUN_K_MONEY, (struct qun_value){.num = 49, .den = 1}, 4, "0.0049");
	/* A mean of money is rounded once: 0.0149999 of a unit is not 0.0150 and then 0.02. */
	check_cell(QUN_K_MONEY, (struct qun_value){.num = 1499999, .den = 10000}, 2, "0.01");
	check_cell(QUN_K_MONEY, (struct qun_value){.num = 100, .den = 3}, 4, "0.0033");
	check_cell(QUN_K_INT, (struct qun_value){.num = big, .den = 1}, 2,
		"1267650600228229401496703205376");
	check_cell(QUN_K_DATE, (struct qun_value){.text = qun_span_of("all"), .den = QUN_V_TEXT}, 2, "all");
}

static void test_people(void)
{
	struct qun_table t;

	qun_table_init(&t);
	qun_table_column(&t, "x", QUN_K_REAL, 0);
	qun_table_column(&t, "s", QUN_K_SECONDS, 0);
	qun_table_column(&t, "n", QUN_K_INT, 0);
	qun_table_column(&t, "m", QUN_K_MONEY, 0);
	static const struct {
		int64_t num, den, s, n, m;
	} row[] = {{305, 10, 0, 0, 0}, {4, 1000, 86399, -999, -10000},
		{-1, 3, 86400, -1000, -99999999},
		{1234567, 2, -3661, 100000, 1000000 * INT64_C(10000)}};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		qun_put_fraction(&t, row[i].num, row[i].den);
		qun_put_int(&t, row[i].s);
		qun_put_int(&t, row[i].n);
		qun_put_int(&t, row[i].m);
		qun_row_end(&t);
	}
	check_shown(&t, "table", NULL,
		"         x            s        n             m\n"
		"----------  -----------  -------  ------------\n"
		"     30.50     00:00:00        0          0.00\n"
		"    0.0040     23:59:59     -999         -1.00\n"
		"     -0.33  1d 00:00:00   -1,000    -10,000.00\n"
		"617,283.50    -01:01:01  100,000  1,000,000.00\n",
		"table: numbers as people read them");
	qun_table_release(&t);
}

static void names_table(struct qun_table *t, const char *const *name, size_t n)
{
	qun_table_init(t);
	qun_table_column(t, "name", QUN_K_TEXT, 0);
	qun_table_column(t, "n", QUN_K_INT, 0);
	for (size_t i = 0; i < n; i++) {
		qun_put_text(t, qun_span_of(name[i]));
		qun_put_int(t, (int)i);
		qun_row_end(t);
	}
	qun_table_end(t);
}

static const char *const nasty[] = {"a \"b\"", "a,b", "two\nlines", "cr\rtab\t", "back\\slash",
	"\x1b[31mred",
	"\xe2\x80\xae"
	"evil",
	"bad\xff\xc3", "a|b*_<i>", "=1+1", " blank ",
	"\xc2\x9b"
	"31m",
	"\xe2\x80\xa8", "\x7f\xd8\x9c"};
enum { NASTY = sizeof nasty / sizeof *nasty };

static void test_nasty(void)
{
	struct qun_table t;

	names_table(&t, nasty, NASTY);
	check_shown(&t, "csv", NULL,
		"name,n\n\"a "
		"\"\"b\"\"\",0\n\"a,b\",1\n\"two\nlines\",2\n\"cr\rtab\t\",3\nback\\slash,4\n"
		"\x1b[31mred,5\n\xe2\x80\xae"
		"evil,6\nbad\xff\xc3,7\na|b*_<i>,8\n=1+1,9\n blank ,10\n"
		"\xc2\x9b"
		"31m,11\n\xe2\x80\xa8,12\n\x7f\xd8\x9c,13\n",
		"csv: quoted where it must be, bytes faithful");
	check_shown(&t, "tsv", NULL,
		"name\tn\na \"b\"\t0\na,b\t1\ntwo\\nlines\t2\ncr\\rtab\\t\t3\nback\\\\slash\t4\n"
		"\x1b[31mred\t5\n\xe2\x80\xae"
		"evil\t6\nbad\xff\xc3\t7\na|b*_<i>\t8\n=1+1\t9\n blank \t10\n"
		"\xc2\x9b"
		"31m\t11\n\xe2\x80\xa8\t12\n\x7f\xd8\x9c\t13\n",
		"tsv: no raw TAB or newline in a cell");
	check_shown(&t, "json", NULL,
		"[\n{\"name\":\"a \\\"b\\\"\",\"n\":0},\n{\"name\":\"a,b\",\"n\":1},\n"
		"{\"name\":\"two\\u000alines\",\"n\":2},\n{\"name\":\"cr\\u000dtab\\u0009\",\"n\":"
		"3},\n"
		"{\"name\":\"back\\\\slash\",\"n\":4},\n{\"name\":\"\\u001b[31mred\",\"n\":5},\n"
		"{\"name\":\"\\u202eevil\",\"n\":6},\n"
		"{\"name\":\"bad\xef\xbf\xbd\xef\xbf\xbd\",\"n\":7},\n{\"name\":\"a|b*_<i>\",\"n\":"
		"8},\n"
		"{\"name\":\"=1+1\",\"n\":9},\n{\"name\":\" blank \",\"n\":10},\n"
		"{\"name\":\"\\u009b31m\",\"n\":11},\n{\"name\":\"\\u2028\",\"n\":12},\n"
		"{\"name\":\"\\u007f\\u061c\",\"n\":13}\n]\n",
		"json: escaped and valid");
	qun_table_release(&t);
}

/* No byte that a terminal acts on, whatever stands in the cells; Markdown adds no cell and no tag.
 */
static void test_safe(void)
{
	static const char *const writers[] = {"table", "markdown", "json", "ndjson"};
	struct qun_table t;
	struct qun_buf out = {0};

	names_table(&t, nasty, NASTY);
	for (size_t i = 0; i < sizeof writers / sizeof *writers; i++) {
		struct qun_span s = shown(&t, writers[i], NULL, &out);
		bool safe = qun_utf8_valid(s) == s.len;
		size_t lines = 0;
		for (size_t at = 0; at < s.len;) {
			int32_t cp = qun_utf8_next(s, &at);
			lines += cp == '\n';
			safe &= cp == '\n' || (cp >= 0x20 && !(cp >= 0x7f && cp <= 0x9f));
			safe &= cp != 0x2028 && cp != 0x2029 && cp != 0x61c &&
				!(cp >= 0x202a && cp <= 0x202e);
		}
		check(safe && lines == NASTY + (i < 2) * 2u + (i == 2) * 2u,
			"%s: no control or bidi character, one line a row", writers[i]);
	}
	struct qun_span s = shown(&t, "markdown", NULL, &out);
	check(qun_span_find(s, "a\\|b\\*\\_\\<i\\>", 0) >= 0, "markdown: markup is escaped");
	qun_buf_release(&out);
	qun_table_release(&t);
}

static void test_json_read(void)
{
	struct qun_table t;
	struct qun_buf out = {0};
	json_error_t error;
	bool same = true;

	kinds_table(&t);
	struct qun_span s = shown(&t, "json", NULL, &out);
	json_t *all = json_loadb(s.ptr, s.len, 0, &error);
	json_t *row = json_array_get(all, 1);
	check(json_array_size(all) == 2 &&
			json_is_null(json_object_get(json_array_get(all, 0), "n")) &&
			json_integer_value(json_object_get(row, "n")) == 1234567 &&
			json_real_value(json_object_get(row, "lo")) == 0.055229 &&
			json_real_value(json_object_get(row, "net")) == 12345.68 &&
			!strcmp(json_string_value(json_object_get(row, "day")), "2024-04-09"),
		"json: numbers are numbers when read again");
	json_decref(all);
	qun_table_release(&t);

	names_table(&t, nasty, NASTY);
	s = shown(&t, "json", NULL, &out);
	all = json_loadb(s.ptr, s.len, 0, &error);
	for (size_t i = 0; i < NASTY; i++) {
		const char *name =
			json_string_value(json_object_get(json_array_get(all, i), "name"));
		bool valid = qun_utf8_valid(qun_span_of(nasty[i])) == strlen(nasty[i]);
		same &= name && (!strcmp(name, nasty[i]) || !valid);
	}
	check(same, "json: text is the same when read again");
	json_decref(all);
	qun_table_release(&t);
	qun_buf_release(&out);
}

static void test_align(void)
{
	static const char *const names[] = {
		"ann", "王芳", "群主👑", "👨‍👩‍👧家", "e\xcc\x81t", "🇨🇳", ""};
	struct qun_table t;
	struct qun_buf out = {0};
	bool even = true;

	names_table(&t, names, sizeof names / sizeof *names);
	struct qun_span s = shown(&t, "table", NULL, &out);
	for (size_t at = 0; at < s.len;) {
		size_t end = (size_t)qun_span_find(s, "\n", at);
		even &= qun_utf8_width((struct qun_span){s.ptr + at, end - at}) == 9;
		even &= s.ptr[end - 1] != ' ';
		at = end + 1;
	}
	check(even, "table: every line ends in one column, without trailing blanks");
	qun_buf_release(&out);
	qun_table_release(&t);
}

static void test_empty(void)
{
	struct qun_table t;

	names_table(&t, NULL, 0);
	check_shown(&t, "csv", NULL, "name,n\n", "csv: empty");
	check_shown(&t, "tsv", NULL, "name\tn\n", "tsv: empty");
	check_shown(&t, "json", NULL, "[]\n", "json: empty");
	check_shown(&t, "ndjson", NULL, "", "ndjson: empty");
	check_shown(&t, "table", NULL, "name  n\n----  -\n", "table: empty");
	check_shown(&t, "markdown", NULL, "| name | n |\n| --- | ---: |\n", "markdown: empty");
	qun_table_release(&t);

	static const char *const gap[] = {"a", "", "b"};
	struct qun_err err = {0};
	names_table(&t, gap, 3);
	check(qun_table_select(&t, "name", &err) == 0, "one column is chosen");
	check_shown(
		&t, "csv", NULL, "name\na\n\"\"\nb\n", "csv: an empty cell alone is still a row");
	qun_table_release(&t);
	check(!qun_writer_of("xls") && qun_writer_of("table")->for_people &&
			!qun_writer_of("csv")->for_people,
		"writers are found by name");
}

/* The numbers of column n in row order, "-" where empty. */
static struct qun_span order_of(const struct qun_table *t, struct qun_buf *out)
{
	size_t col = (size_t)qun_table_find(t, "n");

	qun_buf_clear(out);
	for (size_t r = 0; r < t->nrow; r++) {
		size_t before = out->len;
		qun_cell_format(out, t, col, qun_table_at(t, r, col));
		if (out->len == before)
			qun_buf_add_char(out, '-');
		qun_buf_add_char(out, ' ');
	}
	return qun_buf_span(out);
}

static void test_keys(void)
{
	static const char *const group[] = {"b", "all", "", "*", "a", "群", "b", "a"};
	struct qun_table t;
	struct qun_buf out = {0};

	qun_table_init(&t);
	qun_table_column(&t, "group", QUN_K_TEXT, QUN_COL_KEY);
	qun_table_column(&t, "period", QUN_K_DATE, QUN_COL_KEY);
	qun_table_column(&t, "n", QUN_K_INT, 0);
	for (int i = 0; i < 8; i++) {
		if (*group[i])
			qun_put_text(&t, qun_span_of(group[i]));
		else
			qun_put_null(&t);
		if (i == 4)
			qun_put_word(&t, "all");
		else
			qun_put_int(&t, 100 - i * i);
		qun_put_int(&t, i);
		qun_row_end(&t);
	}
	t.ordered = true;
	qun_table_end(&t);
	check_text(order_of(&t, &out), "0 1 2 3 4 5 6 7 ", "the metric's own order stands");
	t.ordered = false;
	qun_table_end(&t);
	check_text(order_of(&t, &out), "2 7 4 6 0 5 3 1 ",
		"keys: bytes, then numbers by value; all and * last, empty first");
	qun_table_release(&t);
	qun_buf_release(&out);
}

static void test_sort(void)
{
	static const struct {
		const char *name;
		int64_t num, den;
	} row[] = {{"b", 1, 3}, {"a", 0, 0}, {"B", 2, 6}, {"all", -1, 2}, {"", 333333, 1000000},
		{"c", 7, 1}};
	struct qun_table t;
	struct qun_buf out = {0};
	struct qun_err err = {0};

	qun_table_init(&t);
	qun_table_column(&t, "n", QUN_K_INT, QUN_COL_KEY);
	qun_table_column(&t, "name", QUN_K_TEXT, 0);
	qun_table_column(&t, "share", QUN_K_RATE, 0);
	for (int i = 0; i < 6; i++) {
		qun_put_int(&t, i);
		qun_put_text(&t, qun_span_of(row[i].name));
		qun_put_fraction(&t, row[i].num, row[i].den);
		qun_row_end(&t);
	}
	qun_table_end(&t);
	check(qun_table_sort(&t, "share", &err) == 0, "sort by a rate");
	check_text(
		order_of(&t, &out), "3 4 0 2 5 1 ", "ascending; ties keep their order; empty last");
	qun_table_end(&t);
	check(qun_table_sort(&t, "share:desc", &err) == 0, "sort descending");
	check_text(order_of(&t, &out), "5 0 2 4 3 1 ",
		"descending; ties keep their order; empty last");
	check(qun_table_sort(&t, "name:asc", &err) == 0, "sort by text");
	check_text(
		order_of(&t, &out), "2 1 3 0 5 4 ", "text by bytes, `all` among them, empty last");
	qun_table_top(&t, 9);
	qun_table_top(&t, 2);
	check_text(order_of(&t, &out), "2 1 ", "the top two");
	check(qun_table_sort(&t, "shre:desc", &err) == QUN_EUSAGE && strstr(err.msg, "'shre'") &&
			strstr(err.msg, "'share'"),
		"an unknown column: %s", err.msg);
	check(qun_table_select(&t, " share , n", &err) == 0 && t.ncol == 2, "columns are chosen");
	check_shown(&t, "csv", NULL, "share,n\n0.333333,2\n,1\n", "in the order asked for");
	check(qun_table_select(&t, "n,name", &err) == QUN_EUSAGE && t.ncol == 2, "%s", err.msg);
	check(qun_table_select(&t, "n,n", &err) == QUN_EUSAGE && t.ncol == 2, "%s", err.msg);
	check(qun_table_select(&t, "", &err) == QUN_EUSAGE && t.ncol == 2, "%s", err.msg);
	qun_table_release(&t);
	qun_buf_release(&out);
}

/* Sorted by fractions and by their cross products alike; also where those would overflow. */
static void test_fractions(void)
{
	struct qun_table t;
	struct qun_err err = {0};
	bool sorted = true;

	qun_table_init(&t);
	qun_table_column(&t, "x", QUN_K_REAL, 0);
	for (int i = 0; i < 3000; i++) {
		qun_put_fraction(&t, (int64_t)draw(41) - 20, 1 + draw(30));
		qun_row_end(&t);
	}
	qun_table_sort(&t, "x", &err);
	for (size_t r = 1; r < t.nrow; r++) {
		const struct qun_value *a = qun_table_at(&t, r - 1, 0), *b = qun_table_at(&t, r, 0);
		sorted &= a->num * b->den <= b->num * a->den;
	}
	check(sorted, "fractions are compared exactly");
	qun_table_release(&t);

	qun_i128 num = (qun_i128)1 << 100, den = INT64_MAX;
	qun_table_init(&t);
	qun_table_column(&t, "x", QUN_K_REAL, 0);
	qun_table_column(&t, "n", QUN_K_INT, 0);
	for (int i = 0; i < 4; i++) { /* falling: num/den, num/(den+1), then their negatives */
		qun_put_fraction(&t, i < 2 ? num : -num, den + (i == 1 || i == 2));
		qun_put_int(&t, i);
		qun_row_end(&t);
	}
	qun_table_sort(&t, "x", &err);
	struct qun_buf out = {0};
	check_text(order_of(&t, &out), "3 2 1 0 ", "also where cross products would overflow");
	qun_buf_release(&out);
	qun_table_release(&t);
}

static void test_alert(void)
{
	struct qun_column rate = {"rate", QUN_K_RATE, 0}, money = {"net", QUN_K_MONEY, 0},
			  word = {"class", QUN_K_WORD, 0}, name = {"name", QUN_K_TEXT, 0},
			  day = {"since", QUN_K_DATE, 0};
	struct qun_value twentieth = {.num = 1, .den = 20}, third = {.num = 1, .den = 3},
			 fare = {.num = 125000, .den = 1}, none = {.den = QUN_V_NULL},
			 text = {.text = qun_span_of("silent;cooling"), .den = QUN_V_TEXT}, real = {.real = 0.25},
			 blank = {.text = qun_span_of(""), .den = QUN_V_TEXT},
			 all = {.text = qun_span_of("all"), .den = QUN_V_TEXT},
			 leap = {.num = qun_day_of(2024, 2, 29), .den = 1};

	check(qun_value_cmp(&rate, &twentieth, "0.05") == 0, "1/20 is 0.05");
	check(qun_value_cmp(&rate, &twentieth, "0.05000000000000000001") == -1,
		"and less than a little more");
	check(qun_value_cmp(&rate, &third, "0.333333") == 1, "1/3 is more than it prints");
	check(qun_value_cmp(&rate, &third, "-1") == 1 && qun_value_cmp(&rate, &third, "+.5") == -1,
		"signs");
	check(qun_value_cmp(&money, &fare, "12.5") == 0 && qun_value_cmp(&money, &fare, "13") == -1,
		"money in its unit");
	check(qun_value_cmp(&rate, &real, "0.25") == 0 && qun_value_cmp(&rate, &real, "0.2") == 1,
		"reals");
	check(qun_value_cmp(&rate, &none, "0") == -2 && qun_value_cmp(&word, &blank, "5") == -2 &&
			qun_value_cmp(&rate, &third, "x") == -2 &&
			qun_value_cmp(&rate, &third, "") == -2 && qun_value_cmp(&day, &all, "2024-02-29") == -2,
		"empty cells and what is no number compare with nothing");
	check(qun_value_cmp(&word, &text, "silent") == 0 && qun_value_cmp(&word, &text, "cooling") == 0 &&
			qun_value_cmp(&word, &text, "cool") == 1 && qun_value_cmp(&name, &text, "silent") == 1,
		"words are compared one by one, texts as a whole");
	check(qun_value_cmp(&day, &leap, "2024-02-29") == 0 && qun_value_cmp(&day, &leap, "2024-03-01") == -1 &&
			qun_value_cmp(&day, &leap, "2023-12-31") == 1 && !qun_value_fits(&day, "2023-02-29") &&
			!qun_value_fits(&day, "2024-2-29") && !qun_value_fits(&rate, "20%") && !qun_value_fits(&rate, " "),
		"days");
}

static void triangle_table(struct qun_table *t)
{
	static const int row[][6] = {/* day, size, offset, retained, complete, truncated */
		{1, 40, 0, 40, 1, 1}, {1, 40, 1, 20, 1, 1}, {1, 40, 2, 9, 0, 1},
		{8, 25, 0, 25, 1, 0}, {8, 25, 1, 5, 0, 0}, {15, 3, 0, 3, 0, 0}};

	qun_table_init(t);
	t->shape = QUN_SHAPE_TRIANGLE;
	qun_table_column(t, "group", QUN_K_TEXT, QUN_COL_KEY);
	qun_table_column(t, "cohort", QUN_K_DATE, QUN_COL_KEY);
	qun_table_column(t, "size", QUN_K_INT, 0);
	qun_table_column(t, "offset", QUN_K_INT, QUN_COL_KEY);
	qun_table_column(t, "rate", QUN_K_RATE, QUN_COL_MAIN);
	qun_table_column(t, "lo", QUN_K_BOUND, 0);
	qun_table_column(t, "hi", QUN_K_BOUND, 0);
	qun_table_column(t, "complete", QUN_K_FLAG, QUN_COL_COMPLETE);
	qun_table_column(t, "truncated", QUN_K_FLAG, 0);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		qun_put_text(t, qun_span_of("阳光好物群"));
		qun_put_int(t, qun_day_of(2024, 4, row[i][0]));
		qun_put_int(t, row[i][1]);
		qun_put_int(t, row[i][2]);
		qun_put_wilson(t, row[i][3], row[i][1], qun_z_of(0.95));
		qun_put_int(t, row[i][4]);
		qun_put_int(t, row[i][5]);
		qun_row_end(t);
	}
	qun_table_end(t);
}

static void test_triangle(void)
{
	static const char want[] =
		"group       cohort        size      0      1      2\n"
		"----------  ------------  ----  ------  -----  -----\n"
		"阳光好物群  2024-04-01 ≈    40  100.0   50.0   22.5*\n"
		"阳光好物群  2024-04-08      25  100.0   20.0*\n"
		"阳光好物群  2024-04-15       3  100.0*\n"
		"rate in % by offset\n"
		"* not finished yet\n"
		"≈ the log begins here: some of the new may have been there before\n";
	struct qun_style color = {.color = true};
	struct qun_table t;
	struct qun_err err = {0};
	struct qun_buf out = {0};

	triangle_table(&t);
	check_shown(&t, "table", NULL, want, "table: the triangle");
	check_shown(&t, "markdown", NULL,
		"| group | cohort | size | 0 | 1 | 2 |\n| --- | --- | ---: | ---: | ---: | ---: |\n"
		"| 阳光好物群 | 2024-04-01 ≈ | 40 | 100.0 | 50.0 | 22.5\\* |\n"
		"| 阳光好物群 | 2024-04-08 | 25 | 100.0 | 20.0\\* |  |\n"
		"| 阳光好物群 | 2024-04-15 | 3 | 100.0\\* |  |  |\n"
		"\nrate in % by offset\n\n\\* not finished yet\n\n"
		"≈ the log begins here: some of the new may have been there before\n",
		"markdown: the triangle");
	struct qun_span s = shown(&t, "table", &color, &out);
	check(qun_span_find(s, "\x1b[48;5;19m\x1b[38;5;231m50.0 \x1b[0m", 0) >= 0 &&
			qun_span_find(s, "\x1b[48;5;117m\x1b[38;5;16m22.5*\x1b[0m\n", 0) >= 0,
		"table: heat is in step with the rate, letters stay readable");
	qun_table_sort(&t, "offset:desc", &err);
	s = shown(&t, "table", NULL, &out);
	check(qun_span_starts(s, "group       cohort        size      0      1      2\n"),
		"table: offsets in their own order after --sort");
	qun_table_end(&t);
	qun_table_select(&t, "cohort,offset,rate", &err);
	s = shown(&t, "table", NULL, &out);
	check(qun_span_starts(s, "cohort          0     1     2\n"),
		"table: a triangle without sizes");
	qun_table_select(&t, "offset,rate", &err);
	check_shown(&t, "table", NULL,
		"offset     rate\n------  -------\n     0  100.0 %\n     1   50.0 %\n     2   22.5 "
		"%\n"
		"     0  100.0 %\n     1   20.0 %\n     0  100.0 %\n",
		"table: without a cohort every row is still shown");
	qun_table_release(&t);

	triangle_table(&t);
	for (int i = 0; i < 9; i++)
		qun_put_word(&t, i < 3 ? "x" : NULL);
	qun_row_end(&t);
	for (int i = 0; i < 9; i++)
		qun_put_word(&t, i < 3 ? "x" : NULL);
	qun_row_end(&t);
	s = shown(&t, "table", NULL, &out);
	check(qun_span_find(s, "interval", 0) > 0, "table: two rows for one cell make it a list");
	qun_table_release(&t);
	qun_buf_release(&out);
}

static void test_brackets(void)
{
	static const char *const label[] = {"0", "1", "2-6", "7-13", "14-30"};
	struct qun_table t;
	struct qun_buf out = {0};

	qun_table_init(&t);
	t.shape = QUN_SHAPE_TRIANGLE;
	t.ordered = true;
	qun_table_column(&t, "cohort", QUN_K_DATE, QUN_COL_KEY);
	qun_table_column(&t, "offset", QUN_K_WORD, QUN_COL_KEY);
	qun_table_column(&t, "rate", QUN_K_RATE, QUN_COL_MAIN);
	for (int i = 9; i >= 0; i--) {
		qun_put_int(&t, 19000 + i / 5);
		qun_put_word(&t, label[i % 5]);
		qun_put_fraction(&t, 1, 1 + i % 5);
		qun_row_end(&t);
	}
	check_text(shown(&t, "table", NULL, &out),
		"cohort          0     1   2-6  7-13  14-30\n"
		"----------  -----  ----  ----  ----  -----\n"
		"2022-01-09  100.0  50.0  33.3  25.0   20.0\n"
		"2022-01-08  100.0  50.0  33.3  25.0   20.0\n"
		"rate in % by offset\n",
		"table: brackets stand where their days do");
	qun_table_release(&t);
	qun_buf_release(&out);
}

static void test_marks(void)
{
	struct qun_table t;

	qun_table_init(&t);
	qun_table_column(&t, "period", QUN_K_DATE, QUN_COL_KEY);
	qun_table_column(&t, "rate", QUN_K_RATE, QUN_COL_MAIN);
	qun_table_column(&t, "lo", QUN_K_BOUND, 0);
	qun_table_column(&t, "hi", QUN_K_BOUND, 0);
	qun_table_column(&t, "next_rate", QUN_K_RATE, 0);
	qun_table_column(&t, "next_lo", QUN_K_BOUND, 0);
	qun_table_column(&t, "next_hi", QUN_K_BOUND, 0);
	qun_table_column(&t, "complete", QUN_K_FLAG, QUN_COL_COMPLETE);
	qun_table_column(&t, "truncated", QUN_K_FLAG, 0);
	for (int i = 0; i < 3; i++) {
		qun_put_int(&t, 19000 + i);
		qun_put_wilson(&t, i, i == 2 ? 0 : 4, 2);
		qun_put_wilson(&t, 3, i ? 4 : 0, 2);
		qun_put_int(&t, i == 0);
		qun_put_int(&t, i != 1);
		qun_row_end(&t);
	}
	check_shown(&t, "table", &chinese,
		"period      活跃率         区间  next_rate         区间\n"
		"----------  -------  ----------  ---------  -----------\n"
		"2022-01-08  ≈0.0 %   0.0–50.0 %\n"
		"2022-01-09  25.0 %*  4.4–70.6 %     75.0 %  29.4–95.6 %\n"
		"2022-01-10        *                 75.0 %  29.4–95.6 %\n"
		"* 尚未结束\n"
		"≈ the log begins here: some of the new may have been there before\n",
		"table: unfinished and truncated rows are marked, with their notes");
	struct qun_err err = {0};
	qun_table_select(&t, "period,lo,complete", &err);
	check_shown(&t, "table", &chinese,
		"period         lo  complete\n----------  -----  --------\n"
		"2022-01-08  0.0 %  是\n2022-01-09  4.4 %  no\n2022-01-10         no\n",
		"table: without a main rate the columns stand for themselves");
	qun_table_release(&t);
}

static void test_funnel(void)
{
	static const int reached[] = {1000, 500, 333, 1, 0};
	struct qun_table t;
	struct qun_err err = {0};

	qun_table_init(&t);
	t.shape = QUN_SHAPE_FUNNEL;
	qun_table_column(&t, "step", QUN_K_INT, QUN_COL_KEY);
	qun_table_column(&t, "label", QUN_K_TEXT, 0);
	qun_table_column(&t, "reached", QUN_K_INT, 0);
	qun_table_column(&t, "rate_first", QUN_K_RATE, 0);
	for (int i = 0; i < 5; i++) {
		qun_put_int(&t, i + 1);
		qun_put_text(&t, qun_span_of(i ? "order" : "join"));
		qun_put_int(&t, reached[i]);
		qun_put_fraction(&t, reached[i], reached[0]);
		qun_row_end(&t);
	}
	qun_table_end(&t);
	check_shown(&t, "table", NULL,
		"step  label  reached  rate_first\n"
		"----  -----  -------  ----------  --------------------\n"
		"   1  join     1,000     100.0 %  ████████████████████\n"
		"   2  order      500      50.0 %  ██████████\n"
		"   3  order      333      33.3 %  ██████▋\n"
		"   4  order        1       0.1 %  ▏\n"
		"   5  order        0       0.0 %\n",
		"table: the bars of a funnel");
	qun_table_select(&t, "step,reached", &err);
	check_shown(&t, "table", NULL,
		"step  reached\n----  -------\n   1    1,000\n   2      500\n   3      333\n   4   "
		"     1\n"
		"   5        0\n",
		"table: no bars without their rate");
	qun_table_release(&t);
}

struct kept {
	struct qun_buf all;
	int calls, stop;
};

static int keep(void *arg, struct qun_buf *out)
{
	struct kept *k = arg;

	if (++k->calls == k->stop)
		return QUN_EIO;
	return qun_buf_add_span(&k->all, qun_buf_span(out));
}

static void test_sink(void)
{
	static const struct qun_style plain;
	struct qun_table t;
	struct qun_buf whole = {0}, out = {0};

	qun_table_init(&t);
	qun_table_column(&t, "name", QUN_K_TEXT, 0);
	for (int i = 0; i < 20000; i++) {
		qun_put_text(&t, qun_span_of("a name of some length"));
		qun_row_end(&t);
	}
	for (size_t i = 0; qun_writers[i]; i++) {
		struct kept k = {.stop = 0};
		const char *name = qun_writers[i]->name;
		shown(&t, name, NULL, &whole);
		qun_buf_clear(&out);
		int err = qun_writers[i]->write(&t, &plain, &out, keep, &k);
		qun_buf_add_span(&k.all, qun_buf_span(&out));
		check(err == 0 && k.calls > 3 && out.len <= 66000 &&
				qun_span_eq(qun_buf_span(&whole), qun_buf_span(&k.all)),
			"%s: what went through the sink and what is left are the whole", name);
		k.calls = 0;
		k.stop = 2;
		check(qun_writers[i]->write(&t, &plain, &out, keep, &k) == QUN_EIO && k.calls == 2,
			"%s: a failing sink stops it", name);
		qun_buf_release(&k.all);
	}
	out.max = 1000;
	qun_buf_release(&out);
	out.max = 1000;
	for (size_t i = 0; qun_writers[i]; i++) {
		qun_buf_clear(&out);
		check(qun_writers[i]->write(&t, &plain, &out, NULL, NULL) == QUN_ELIMIT,
			"%s: a full buffer is an error", qun_writers[i]->name);
	}
	qun_buf_release(&out);
	qun_buf_release(&whole);
	qun_table_release(&t);
}

static void test_put(void)
{
	struct qun_table t;

	qun_table_init(&t);
	qun_table_column(&t, "x", QUN_K_REAL, 0);
	qun_put_real(&t, NAN);
	check(qun_row_end(&t) == 0 && qun_is_null(qun_table_at(&t, 0, 0)),
		"not a number is an empty cell");
	qun_put_fraction(&t, 1, -2);
	check(qun_row_end(&t) == 0 && qun_table_at(&t, 1, 0)->num == -1 &&
			qun_table_at(&t, 1, 0)->den == 2,
		"a denominator is positive");
	qun_put_fraction(&t, (qun_i128)((unsigned __int128)1 << 127), -1);
	check(qun_row_end(&t) == QUN_EOVERFLOW && qun_table_end(&t) == QUN_EOVERFLOW && t.nrow == 2,
		"the first failed put is what the row and the table return");
	qun_put_int(&t, 1);
	check(qun_row_end(&t) == QUN_EOVERFLOW && t.nrow == 2, "and stays");
	qun_table_release(&t);
}

int main(void)
{
	test_wilson();
	test_z();
	test_quantile();
	test_put();
	test_rounding();
	test_kinds();
	test_people();
	test_nasty();
	test_safe();
	test_json_read();
	test_align();
	test_empty();
	test_keys();
	test_sort();
	test_fractions();
	test_alert();
	test_triangle();
	test_brackets();
	test_marks();
	test_funnel();
	test_sink();
	printf("1..%d\n", tests);
	return failures > 0;
}
