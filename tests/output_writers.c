/* Every writer on every kind of cell, on hostile text, on nothing and into a sink. */
#include <string.h>

#include <jansson.h>

#include "output.h"
#include "qun/cal.h"
#include "qun/stat.h"
#include "qun/utf8.h"

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

int main(void)
{
	test_kinds();
	test_people();
	test_nasty();
	test_safe();
	test_json_read();
	test_align();
	test_empty();
	test_sink();
	printf("1..%d\n", tests);
	return failures > 0;
}
