/* The table: what is put in, how a cell is printed, rows in order, columns chosen, values compared. */
#include <math.h>
#include <string.h>

#include "output.h"
#include "qun/cal.h"

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
	test_put();
	test_rounding();
	test_keys();
	test_sort();
	test_fractions();
	test_alert();
	printf("1..%d\n", tests);
	return failures > 0;
}
