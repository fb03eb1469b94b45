/* Tables that people read in a shape of their own: the triangle, its marks, the funnel. */
#include "output.h"
#include "qun/cal.h"
#include "qun/stat.h"

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

int main(void)
{
	test_triangle();
	test_brackets();
	test_marks();
	test_funnel();
	printf("1..%d\n", tests);
	return failures > 0;
}
