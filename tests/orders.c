/*
 * repurchase and churn-list on logs small enough to be counted by hand: every expected row below was
 * worked out from the definitions, not copied from a run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qun/engine.h"
#include "qun/roster.h"
#include "qun/write.h"

static int tests, failures;

static void check(bool ok, const char *text)
{
	tests++;
	failures += !ok;
	printf("%sok %d - %s\n", ok ? "" : "not ", tests, text);
}

/* day is counted from 2024-01-01, a Monday; hour in UTC, which is the zone here. */
struct line {
	int day, hour;
	const char *group, *user, *type, *amount, *order_id, *product, *source;
};

static void put_option(const struct qun_option *row, char *conf, const char *value)
{
	char *to = conf + row->offset;

	switch (row->type) {
	case QUN_OPT_FLAG: *(bool *)to = true; break;
	case QUN_OPT_INT: qun_int_parse(qun_span_of(value), (int64_t *)to); break;
	case QUN_OPT_REAL: qun_real_parse(qun_span_of(value), (double *)to); break;
	case QUN_OPT_TEXT: *(const char **)to = value; break;
	case QUN_OPT_DURATION: qun_duration_parse((int64_t *)to, value, NULL); break;
	case QUN_OPT_WORD: *(int *)to = strcmp(value, "day") == 0; break;
	case QUN_OPT_LIST:
	case QUN_OPT_SHEET: break;
	}
}

struct job {
	const struct qun_metric *metric;
	const char *option[8]; /* name, value, name, value … */
	const char *by, *group_glob;
	const char *columns; /* which to look at */
	const struct qun_roster *roster;
	int as_of_day; /* that day's last microsecond; 0: last */
	int since_day;
	const struct line *line;
};

static void feed(struct qun_engine *e, const struct line *l, struct qun_err *err)
{
	for (; l->user; l++) {
		struct qun_event ev = {.ts = l->day * QUN_DAY + l->hour * 3600 * QUN_SECOND};

		ev.ts += qun_day_of(2024, 1, 1) * QUN_DAY;
		ev.type = qun_type_of(qun_span_of(l->type));
		ev.field[QUN_F_TYPE] = qun_span_of(l->type);
		ev.field[QUN_F_GROUP] = qun_span_of(l->group);
		ev.field[QUN_F_USER] = qun_span_of(l->user);
		ev.field[QUN_F_ORDER_ID] = qun_span_of(l->order_id ? l->order_id : "");
		ev.field[QUN_F_PRODUCT] = qun_span_of(l->product ? l->product : "");
		ev.field[QUN_F_SOURCE] = qun_span_of(l->source ? l->source : "");
		ev.has_amount = qun_money_parse(qun_span_of(l->amount ? l->amount : ""), &ev.amount) == 1;
		if (qun_engine_add(e, &ev, err) < 0)
			return;
	}
}

static void set_up(struct qun_run *run, const struct job *job, char *conf)
{
	static struct qun_zone *zone;

	if (!zone && qun_zone_open(&zone, "UTC", NULL) < 0)
		exit(99);
	*run = (struct qun_run){.cal = {zone, 1, 0}, .since = INT64_MIN, .until = INT64_MAX,
		.as_of = QUN_NEVER, .confidence = 0.95, .z = 1.959963984540054,
		.roster = job->roster, .group_glob = job->group_glob};
	if (job->as_of_day)
		run->as_of = (qun_day_of(2024, 1, 1) + job->as_of_day + 1) * QUN_DAY - 1;
	if (job->since_day)
		run->since = (qun_day_of(2024, 1, 1) + job->since_day) * QUN_DAY;
	if (job->by) {
		run->by.n = 1;
		run->by.name[0] = job->by;
		run->by.field[0] = qun_field_of(qun_span_of(job->by));
		run->unit = run->by.field[0] == QUN_F_GROUP ? QUN_UNIT_MEMBER : QUN_UNIT_USER;
	}
	if (qun_pred_parse(&run->active, "message|reaction|share|click|signin|order|redpacket",
		    &run->extras, NULL) < 0)
		exit(99);
	for (const struct qun_option *row = job->metric->options; row->name; row++) {
		if (row->dflt)
			put_option(row, conf, row->dflt);
		for (int i = 0; i < 8 && job->option[i]; i += 2) {
			if (strcmp(row->name, job->option[i]) == 0)
				put_option(row, conf, job->option[i + 1]);
		}
	}
}

/* Runs a job and writes its table as CSV without the header, or the code of its error. */
static void run_job(const struct job *job, struct qun_buf *out)
{
	char *conf = calloc(1, job->metric->conf_size);
	struct qun_engine *e = NULL;
	struct qun_cube cube = {0};
	struct qun_table table;
	struct qun_err err = {0};
	struct qun_style style = {0};
	struct qun_run run;
	int rc;

	if (!conf)
		exit(99);
	set_up(&run, job, conf);
	qun_table_init(&table);
	rc = job->metric->setup(&run, conf, &err);
	if (rc == 0)
		rc = qun_engine_open(&e, job->metric, &run, conf);
	if (rc == 0) {
		feed(e, job->line, &err);
		rc = qun_engine_report(e, &cube, &err);
	}
	if (rc == 0)
		rc = qun_engine_table(e, &cube, &table, &err);
	if (rc == 0 && job->columns)
		rc = qun_table_select(&table, job->columns, &err);
	if (rc == 0)
		rc = qun_writer_of("csv")->write(&table, &style, out, NULL, NULL);
	if (rc < 0)
		qun_buf_printf(out, "\n%d", rc);
	qun_buf_add_char(out, '\0');
	qun_table_release(&table);
	qun_cube_release(&cube);
	qun_engine_close(e);
	qun_pred_free(run.active);
	qun_extras_release(&run.extras);
	free(conf);
}

static void expect(const char *text, const struct job *job, const char *rows)
{
	struct qun_buf out = {0};
	const char *got;

	run_job(job, &out);
	got = strchr(out.ptr, '\n');
	got = got ? got + 1 : "";
	if (strcmp(got, rows) != 0)
		printf("# expected\n%s# got\n%s", rows, got);
	check(strcmp(got, rows) == 0, text);
	qun_buf_release(&out);
}

extern const struct qun_metric qun_metric_repurchase, qun_metric_churn_list;

/* ann: o1 (apple 100, pear 50 less 20 refunded) on day 2, o2 on day 4 (twice a day), o4 in February;
 * bob: an order of unknown value in January; cai: refunded to nothing. */
static const struct line shop[] = {
	{0, 9, "g1", "ann", "join", NULL, NULL, NULL, "qr"},
	{2, 9, "g1", "ann", "order", "100", "o1", "apple", NULL},
	{2, 10, "g1", "ann", "order", "50", "o1", "pear", NULL},
	{3, 9, "-", "ann", "refund", "20", "o1", "pear", NULL},
	{3, 9, "g1", "ann", "refund", "9", "o9", "pear", NULL},
	{4, 9, "g1", "ann", "order", "30", "o2", "apple", NULL},
	{4, 20, "g1", "ann", "order", "40", "o3", "apple", NULL},
	{40, 9, "g2", "ann", "order", "60", "o4", "apple", NULL},
	{10, 9, "g2", "bob", "order", NULL, "p1", "pear", NULL},
	{11, 9, "g2", "cai", "order", "80", "q1", "pear", NULL},
	{12, 9, "g2", "cai", "order", "-80", "q1", "pear", NULL},
	{0},
};

static void test_repurchase(void)
{
	const struct qun_metric *m = &qun_metric_repurchase;
	struct job job = {.metric = m, .line = shop};

	job.columns = "period,buyers,orders,repeat_buyers,repeat_rate,repeat_orders,new_buyers,"
		      "returning_buyers,next_base,orders_per_buyer,gmv,median_gap_days,complete,truncated";
	expect("all: money is unknown with one unknown order", &job,
		"all,2,5,1,0.500000,3,2,0,,2.500000,,2,1,1\n");
	job.since_day = 31;
	expect("since: the first orders lie before it", &job,
		"all,1,1,0,0.000000,1,0,1,,1.000000,60.00,36,1,1\n");
	job = (struct job){.metric = m, .line = shop, .option = {"period", "month"}};
	job.columns = "period,buyers,orders,new_buyers,returning_buyers,next_base,next_buyers,net,"
		      "repeat_net_share,aov,complete,truncated";
	expect("month: the next one is unfinished", &job,
		"2024-01-01,2,4,2,0,,,,,,1,1\n2024-02-01,1,1,0,1,,,60.00,1.000000,60.000000,0,0\n");
	job.as_of_day = 59;
	expect("month: as of a date the month is whole", &job,
		"2024-01-01,2,4,2,0,2,1,,,,1,1\n2024-02-01,1,1,0,1,,,60.00,1.000000,60.000000,1,0\n");
	job = (struct job){.metric = m, .line = shop, .by = "product"};
	job.columns = "product,period,buyers,orders,repeat_orders,gmv,net,repeat_net_share";
	expect("by product: only its lines and the refunds that name it", &job,
		"apple,all,1,4,3,230.00,230.00,0.565217\npear,all,2,2,0,,,\n");
	job.by = "group";
	job.columns = "group,buyers,orders,repeat_buyers,net";
	expect("by group: buyers are counted inside each", &job,
		"g1,1,3,1,200.00\ng2,2,2,0,\n");
	job.group_glob = "g1";
	expect("a refund in another group still reduces its order", &job, "g1,1,3,1,200.00\n");
	job = (struct job){.metric = m, .line = shop, .by = "source", .columns = "source,buyers,orders"};
	expect("by source: of the join that opened the interval", &job, ",2,2\nqr,1,3\n");
	job = (struct job){.metric = m, .line = shop, .option = {"collapse", "day", "within", "2,36"}};
	job.columns = "orders,repeat_orders,again_2d_base,again_2d,again_36d_base,again_36d,again_36d_rate";
	expect("collapse and within", &job, "4,2,2,1,1,1,1.000000\n");
	job.line = shop + 11;
	job.columns = NULL;
	expect("an empty input has no row", &job, "");
	job = (struct job){.metric = m, .line = shop, .option = {"within", "30,x"}};
	expect("--within: a word is a usage error", &job, "-4");
	job = (struct job){.metric = m, .line = shop, .by = "amount"};
	expect("--by amount is a usage error", &job, "-4");
}

/* Looked at as of the end of day 60 (2024-03-01), when new has been there for 7 days and an hour. */
static const struct line club[] = {
	{0, 1, "g1", "old", "join", NULL, NULL, NULL, "qr"},
	{1, 1, "g1", "old", "message", NULL, NULL, NULL, NULL},
	{3, 1, "g1", "old", "message", NULL, NULL, NULL, NULL},
	{5, 1, "g1", "old", "message", NULL, NULL, NULL, NULL},
	{9, 1, "g1", "old", "message", NULL, NULL, NULL, NULL},
	{2, 1, "g1", "buy", "join", NULL, NULL, NULL, NULL},
	{20, 1, "-", "buy", "order", "99", "o1", NULL, NULL},
	{2, 1, "g1", "ben", "join", NULL, NULL, NULL, NULL},
	{50, 1, "g1", "ben", "redpacket", NULL, NULL, NULL, "claimed"},
	{2, 1, "g1", "mum", "join", NULL, NULL, NULL, NULL},
	{2, 1, "g1", "gone", "join", NULL, NULL, NULL, NULL},
	{4, 1, "g1", "gone", "leave", NULL, NULL, NULL, NULL},
	{53, 23, "g1", "new", "join", NULL, NULL, NULL, NULL},
	{20, 1, "g1", "cool", "message", NULL, NULL, NULL, NULL},
	{21, 1, "g1", "cool", "message", NULL, NULL, NULL, NULL},
	{22, 1, "g1", "cool", "message", NULL, NULL, NULL, NULL},
	{43, 1, "g1", "cool", "order", "30", NULL, NULL, NULL},
	{44, 1, "g1", "cool", "message", NULL, NULL, NULL, NULL},
	{59, 1, "g1", "live", "message", NULL, NULL, NULL, NULL},
	{60, 1, "g2", "live", "join", NULL, NULL, NULL, NULL},
	{0},
};

static void test_churn(void)
{
	const struct qun_metric *m = &qun_metric_churn_list;
	struct job job = {.metric = m, .line = club, .as_of_day = 60};

	expect("the list: classes, facts, order", &job,
		"g1,buy,,2024-01-03,,58,0,0,1,99.00,2024-01-21,,,buyer-silent,never-spoke;silent,events\n"
		"g1,cool,,2024-01-01,2024-02-14,16,5,4,1,30.00,2024-02-13,1,16.000000,cooling,,events\n"
		"g1,mum,,2024-01-03,,58,0,0,0,0.00,,,,never-spoke,silent,events\n"
		"g1,old,,2024-01-01,2024-01-10,51,4,4,0,0.00,,2,25.500000,silent,cooling,events\n"
		"g1,ben,,2024-01-03,2024-02-20,10,1,0,0,0.00,,,,benefits-only,,events\n"
		"g1,new,,2024-02-23,,7,0,0,0,0.00,,,,never-spoke,,events\n");
	job.columns = "user,class";
	job.option[0] = "class";
	job.option[1] = "left,newcomer";
	expect("left and newcomer only by --class; the newcomer's edge", &job,
		"gone,left\nlive,newcomer\n");
	job.option[2] = "newcomer";
	job.option[3] = "8d";
	expect("--newcomer", &job, "gone,left\nnew,newcomer\nlive,newcomer\n");
	job = (struct job){.metric = m, .line = club, .as_of_day = 60, .columns = "user"};
	job.option[0] = "winback";
	expect("--winback: orders in any group", &job, "buy\ncool\n");
	job.option[0] = "cleanup";
	expect("--cleanup: none in any group", &job, "mum\nold\nben\nnew\n");
	job.option[2] = "quota";
	job.option[3] = "2";
	expect("--quota", &job, "mum\nold\n");
	job = (struct job){.metric = m, .line = club, .as_of_day = 60, .option = {"silent", "16d"}};
	job.columns = "user,class";
	expect("--silent: the day itself counts", &job,
		"buy,buyer-silent\ncool,buyer-silent\nmum,never-spoke\nold,silent\nben,benefits-only\n"
		"new,never-spoke\n");
	job.option[1] = "16h";
	expect("--silent wants whole days", &job, "-4");
	job = (struct job){.metric = m, .line = club, .as_of_day = 60, .option = {"summary"}};
	expect("--summary", &job,
		"g1,7,6,0.857143,0.486872,0.974320,1,0,1,1,2,1,1\n"
		"g2,1,0,0.000000,0.000000,0.793451,0,1,0,0,0,0,0\n");
	job.option[2] = "floor";
	job.option[3] = "0.5";
	job.columns = "group";
	expect("--floor: 3 of 7 were active in g1, nobody in g2", &job, "g1\ng2\n");
	job.option[3] = "0.4";
	expect("--floor: the rate must be smaller", &job, "g2\n");
	job.option[0] = "class";
	job.option[1] = "silnt";
	expect("--class: an unknown word is a usage error", &job, "-4");
}

static void test_roster(void)
{
	struct qun_roster_line mute = {.group = qun_span_of("g1"), .user = qun_span_of("mute"),
		.name = qun_span_of("Mute"), .joined = QUN_NEVER, .left = QUN_NEVER};
	struct job job = {.metric = &qun_metric_churn_list, .line = club, .as_of_day = 60};
	struct qun_roster *r;

	if (qun_roster_open(&r) < 0 || qun_roster_add(r, &mute) < 0)
		exit(99);
	mute.group = qun_span_of("g9");
	mute.joined = (qun_day_of(2024, 1, 1) + 30) * QUN_DAY;
	if (qun_roster_add(r, &mute) < 0)
		exit(99);
	job.roster = r;
	job.columns = "group,user,name,joined,silent_days,class,basis";
	expect("people on the roster without any event are listed in each of its groups", &job,
		"g1,mute,Mute,2024-01-01,60,never-spoke,roster\n"
		"g9,mute,Mute,2024-01-31,30,never-spoke,roster\n");
	qun_roster_close(r);
}

int main(void)
{
	test_repurchase();
	test_churn();
	test_roster();
	printf("1..%d\n", tests);
	return failures != 0;
}
