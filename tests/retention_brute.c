/* The whole of cohort-retention against the words of its definition, taken one by one: for every
 * person, every cohort and every offset all events are looked at again. Small random logs, under
 * random options. */
#include <stdio.h>

#include "options.h"
#include "qun/stat.h"
#include "retention_draw.h"
#include "retention_table.h"

/* Sanitizers are slow: fewer logs there. */
#ifdef __SANITIZE_ADDRESS__
enum { PLANS = 700 };
#else
enum { PLANS = 21000 };
#endif
enum { LOGS_PER_PLAN = 8 };

static const struct qun_zone *utc, *new_york;

static void put_options(const struct plan *p, void *conf, char *text, size_t size)
{
	const struct qun_metric *m = qun_metric_of("cohort-retention");
	static const char *const unit[] = {"day", "week", "month", "quarter", "year"};
	static char period[24], min_events[24], periods[24], rejoin[24];

	snprintf(period, sizeof(period), "%lldd", (long long)p->ndays);
	snprintf(min_events, sizeof(min_events), "%lld", (long long)p->min_events);
	snprintf(periods, sizeof(periods), "%lld", (long long)p->periods);
	snprintf(rejoin, sizeof(rejoin), "%lldd", (long long)(p->rejoin / QUN_DAY));
	const struct {
		const char *name, *value;
	} option[] = {{"mode", mode_word[p->mode]}, {"clock", p->elapsed ? "elapsed" : NULL},
		{"cohorts", p->recurring ? "recurring" : NULL},
		{"removed", p->churn ? "churn" : NULL},
		{"period", p->unit == NDAYS ? period : unit[p->unit]}, {"rejoin", rejoin},
		{"min-events", p->mode == MEMBER ? NULL : min_events},
		{"periods", p->periods ? periods : NULL}, {"value", p->value ? "amount" : NULL},
		{"birth", p->mode == MEMBER ? NULL : kind_word[p->birth]},
		{"average", p->pooled	? "pooled"
			    : p->simple ? "simple"
					: NULL},
		{"return", p->mode == MEMBER ? NULL : kind_word[p->again]},
		{"brackets", p->mode == BRACKET ? p->brackets->option : NULL}};

	option_put_defaults(m, conf);
	for (size_t i = 0, at = 0; i < sizeof(option) / sizeof(*option); i++) {
		if (!option[i].value)
			continue;
		option_put_named(m, conf, option[i].name, option[i].value);
		at += (size_t)snprintf(
			text + at, size - at, " --%s %s", option[i].name, option[i].value);
	}
}

static void make_run(const struct plan *p, struct qun_run *run)
{
	static const int by[] = {0, QUN_F_GROUP, QUN_F_SOURCE};

	*run = (struct qun_run){
		.cal = {p->new_york ? new_york : utc, p->sunday ? 7 : 1, p->day_start},
		.since = p->since,
		.until = p->until,
		.as_of = p->as_of,
		.include_staff = p->staff_too,
		.group_glob = p->only_g ? "g" : NULL,
		.z = qun_z_of(0.95)};
	if (p->by != BY_NOTHING) {
		run->by.n = 1;
		run->by.field[0] = by[p->by];
		run->by.name[0] = qun_field_name(by[p->by]);
	}
	if (p->unit_member || p->by == BY_GROUP)
		run->unit = QUN_UNIT_MEMBER;
	qun_pred_parse(&run->active, "message|reaction|share|click|signin|order|redpacket",
		&run->extras, NULL);
	if (p->where != EVERY)
		qun_pred_parse(&run->where, kind_word[p->where], &run->extras, NULL);
}

static int feed(struct qun_engine *engine, const struct log *g)
{
	int rc = 0;

	for (int i = 0; rc >= 0 && i < g->n; i++) {
		const struct event *e = &g->ev[i];
		struct qun_event ev = {.ts = e->ts,
			.type = e->type,
			.has_amount = e->has_amount,
			.amount = e->amount * QUN_MONEY_UNIT};

		ev.field[QUN_F_GROUP] = qun_span_of(group_name[e->group]);
		ev.field[QUN_F_USER] = qun_span_of(user_name[e->user]);
		ev.field[QUN_F_TYPE] = qun_span_of(qun_type_name(e->type));
		ev.field[QUN_F_SOURCE] = qun_span_of(e->source);
		ev.field[QUN_F_REF] = qun_span_of(e->ref);
		ev.field[QUN_F_ORDER_ID] = qun_span_of(e->order_id);
		ev.field[QUN_F_ID] = qun_span_of(e->id);
		ev.field[QUN_F_ROLE] = qun_span_of(e->staff ? "staff" : "");
		rc = qun_engine_add(engine, &ev, NULL);
	}
	return rc;
}

static const struct qun_value *cell(const struct qun_table *t, int row, const char *name)
{
	return qun_table_at(t, (size_t)row, (size_t)qun_table_find(t, name));
}

static bool is_int(const struct qun_table *t, int row, const char *name, int64_t want)
{
	const struct qun_value *v = cell(t, row, name);

	return !qun_is_null(v) && !qun_is_text(v) && v->num == want;
}

static bool is_text(const struct qun_table *t, int row, const char *name, const char *want)
{
	return qun_span_is(cell(t, row, name)->text, want);
}

static bool is_rate(const struct qun_value *v, const struct row *want, bool simple)
{
	double mean = (double)v->num / (double)v->den;

	if (simple && want->day == FOREVER)
		return mean - want->mean < 0.5000001e-6 && want->mean - mean < 0.5000001e-6;
	return v->num * want->eligible == (qun_i128)want->retained * v->den;
}

static bool is_value(const struct qun_table *t, int row, const struct row *want)
{
	const struct qun_value *all = cell(t, row, "value"),
			       *each = cell(t, row, "value_per_person");

	if (want->unknown)
		return qun_is_null(all) && qun_is_null(each);
	return !qun_is_null(all) && all->num == want->amount * QUN_MONEY_UNIT &&
	       each->num * want->eligible == (qun_i128)want->amount * each->den;
}

static bool same_row(
	const struct plan *p, const struct qun_table *t, int row, const struct row *want)
{
	bool same = want->day == FOREVER ? is_text(t, row, "cohort", "all")
					 : is_int(t, row, "cohort", want->day);

	if (p->by != BY_NOTHING)
		same = same && qun_span_is(qun_table_at(t, (size_t)row, 0)->text, want->by);
	same = same && (want->label ? is_text(t, row, "offset", want->label)
				    : is_int(t, row, "offset", want->k));
	return same && is_int(t, row, "size", want->size) &&
	       is_int(t, row, "eligible", want->eligible) &&
	       is_int(t, row, "retained", want->retained) &&
	       is_rate(cell(t, row, "rate"), want, p->simple) &&
	       (!p->value || is_value(t, row, want)) &&
	       is_int(t, row, "complete", want->complete) &&
	       is_int(t, row, "truncated", want->truncated);
}

static void show(const struct log *g, const char *options, const struct rows *rows,
	const struct qun_table *t)
{
	const struct plan *p = &g->p;

	printf("#%s since %lld until %lld as_of %lld day_start %lld h%s%s%s%s%s%s%s\n", options,
		(long long)p->since, (long long)p->until, (long long)p->as_of,
		(long long)(p->day_start / HOUR), p->new_york ? " New_York" : "",
		p->sunday ? " sunday" : "", p->unit_member ? " unit member" : "",
		p->staff_too ? " staff too" : "", p->only_g ? " only g" : "",
		p->where == MESSAGES ? " where message" : "",
		p->by == BY_GROUP    ? " by group"
		: p->by == BY_SOURCE ? " by source"
				     : "");
	for (int i = 0; i < g->n; i++) {
		const struct event *e = &g->ev[i];
		struct qun_buf when = {0};

		qun_time_format(&when, p->new_york ? new_york : utc, e->ts);
		printf("# %.*s %s %s %s source %s ref %s order %s amount %d %lld id %s%s\n",
			(int)when.len, when.ptr, group_name[e->group], user_name[e->user],
			qun_type_name(e->type), e->source, e->ref, e->order_id, e->has_amount,
			(long long)e->amount, e->id, e->staff ? " staff" : "");
		qun_buf_release(&when);
	}
	for (int i = 0; i < rows->n || i < (int)t->nrow; i++) {
		const struct row *r = &rows->v[i];

		if (i < rows->n)
			printf("# want %s %lld: %lld of %lld, %lld, %lld, worth %lld, %d %d\n",
				r->by, (long long)r->day, (long long)r->k, (long long)r->size,
				(long long)r->eligible, (long long)r->retained,
				(long long)r->amount, r->complete, r->truncated);
		if (i < (int)t->nrow)
			printf("# have %lld: %lld of %lld, %lld, %lld, %lld %lld%s\n",
				(long long)cell(t, i, "cohort")->num,
				(long long)cell(t, i, "offset")->num,
				(long long)cell(t, i, "size")->num,
				(long long)cell(t, i, "eligible")->num,
				(long long)cell(t, i, "retained")->num,
				(long long)cell(t, i, "complete")->num,
				(long long)cell(t, i, "truncated")->num,
				i < rows->n && same_row(p, t, i, r) ? "" : " <- differs");
	}
}

/* Rows that were compared: a test of nothing would pass too. */
static uint64_t compared;

static bool log_agrees(struct log *g, const struct qun_metric *m, const struct qun_run *run,
	const void *conf, const char *options)
{
	static struct rows want;
	struct qun_engine *engine = NULL;
	struct qun_cube cube = {0};
	struct qun_table t;
	struct qun_err err = {0};
	bool same;

	qun_table_init(&t);
	make_table(g, &want);
	same = qun_engine_open(&engine, m, run, conf) == 0 && feed(engine, g) >= 0 &&
	       qun_engine_report(engine, &cube, &err) == 0 &&
	       qun_engine_table(engine, &cube, &t, &err) == 0 && (int)t.nrow == want.n;
	for (int i = 0; same && i < want.n; i++)
		same = same_row(&g->p, &t, i, &want.v[i]);
	compared += (uint64_t)want.n;
	if (!same)
		show(g, options, &want, &t);
	qun_table_release(&t);
	qun_cube_release(&cube);
	qun_engine_close(engine);
	return same;
}

static bool agrees(enum mode mode)
{
	const struct qun_metric *m = qun_metric_of("cohort-retention");
	bool same = true;
	char options[512];

	for (int i = 0; same && i < PLANS; i++) {
		int64_t base = base_day[draw(4)];
		uint32_t span = draw(2) ? 4 + draw(10) : 20 + draw(60);
		void *conf = calloc(1, m->conf_size);
		struct qun_err err = {0};
		struct qun_run run;
		struct log g;

		draw_plan(&g.p, mode, base, span);
		make_run(&g.p, &run);
		put_options(&g.p, conf, options, sizeof(options));
		same = m->setup(&run, conf, &err) == 0;
		if (!same)
			printf("#%s: %s\n", options, err.msg);
		for (int k = 0; same && k < LOGS_PER_PLAN; k++) {
			draw_log(&g, base, span);
			same = log_agrees(&g, m, &run, conf, options);
		}
		m->unset(conf);
		free(conf);
		qun_pred_free(run.active);
		qun_pred_free(run.where);
		qun_extras_release(&run.extras);
	}
	return same;
}

int main(void)
{
	struct qun_zone *zone[2];
	int failures = 0;

	if (qun_zone_open(&zone[0], "UTC", NULL) < 0 ||
		qun_zone_open(&zone[1], "America/New_York", NULL) < 0)
		return 99;
	utc = zone[0];
	new_york = zone[1];
	printf("1..%d\n", NMODES + 1);
	for (int mode = 0; mode < NMODES; mode++) {
		bool same = agrees((enum mode)mode);

		failures += !same;
		printf("%sok %d - %s: as the words of the definition\n", same ? "" : "not ",
			mode + 1, mode_word[mode]);
	}
	failures += compared < PLANS * LOGS_PER_PLAN;
	printf("%sok %d - %llu rows were compared\n",
		compared < PLANS * LOGS_PER_PLAN ? "not " : "", NMODES + 1,
		(unsigned long long)compared);
	qun_zone_close(zone[0]);
	qun_zone_close(zone[1]);
	return failures != 0;
}
