/*
 * cohort-retention: of the people born in a period, how many return k periods later. Here are its
 * options; lib/model/cohort*.c has the state, the fold and the tables.
 */
#include <stddef.h>
#include <string.h>

#include "core/list.h"
#include "metric/cohort_retention/cohort.h"

enum { MAX_BRACKET_DAY = 100000 };

static const struct qun_period by_day = {QUN_BY_DAY, 0, 0};

/* One range of days, "7" or "2-6"; where open, "29-" too. */
static bool parse_range(struct qun_cohort_bracket *b, struct qun_span s, bool open)
{
	ptrdiff_t dash = qun_span_find(s, "-", 0);
	struct qun_span from = {s.ptr, dash < 0 ? s.len : (size_t)dash};
	struct qun_span to =
		dash < 0 ? s : (struct qun_span){s.ptr + dash + 1, s.len - (size_t)dash - 1};

	b->label = s;
	b->to = MAX_BRACKET_DAY;
	return qun_int_parse(from, &b->from) && ((open && !to.len) || qun_int_parse(to, &b->to)) &&
	       b->from >= 0 && b->to >= b->from && b->to <= MAX_BRACKET_DAY;
}

/* Day 0 is shown in every mode, so it is a bracket unless the first one given holds it. */
static int parse_brackets(struct qun_cohort_conf *c, struct qun_err *err)
{
	struct qun_span rest = qun_span_of(c->brackets_text), item;

	c->bracket[c->nbracket++] = (struct qun_cohort_bracket){0, 0, qun_span_of("0")};
	for (bool first = true; qun_list_cut(&rest, &item); first = false) {
		if (c->nbracket == COHORT_MAX_BRACKETS ||
			!parse_range(&c->bracket[c->nbracket], item, false))
			return qun_fail(err, QUN_EUSAGE,
				"--brackets: cannot use '%s' (expected days or ranges of days, "
				"e.g. 1,2-6,7-13)",
				c->brackets_text);
		if (first && c->bracket[1].from == 0)
			c->bracket[0] = c->bracket[1];
		else
			c->nbracket++;
	}
	return 0;
}

static int parse_ages(struct qun_cohort_conf *c, struct qun_err *err)
{
	struct qun_span rest = qun_span_of(c->hazard_text), item;

	while (qun_list_cut(&rest, &item)) {
		if (c->nage == COHORT_MAX_BRACKETS || !parse_range(&c->age[c->nage++], item, true))
			return qun_fail(err, QUN_EUSAGE,
				"--hazard: cannot use '%s' (expected ranges of days since joining, "
				"e.g. 0-1,2-7,8-28,29-)",
				c->hazard_text);
	}
	return 0;
}

/* The offset's number, or the bracket's place. */
static bool parse_offset(struct qun_cohort_conf *c, struct qun_span s)
{
	if (c->mode != COHORT_BRACKET)
		return qun_int_parse(s, &c->people_at) && c->people_at >= 0 &&
		       c->people_at < COHORT_MAX_OFFSET;
	for (c->people_at = 0; c->people_at < c->nbracket; c->people_at++) {
		if (qun_span_eq(s, c->bracket[c->people_at].label))
			return true;
	}
	return false;
}

/* COHORT:K. The cohort goes by any day of its period. */
static int parse_people(const struct qun_run *run, struct qun_cohort_conf *c, struct qun_err *err)
{
	struct qun_span s = qun_span_of(c->people_text), date, offset;
	ptrdiff_t colon = qun_span_find(s, ":", 0);
	int64_t ts;

	date = (struct qun_span){s.ptr, colon < 0 ? s.len : (size_t)colon};
	offset = (struct qun_span){s.ptr + date.len + 1, s.len - date.len - (colon >= 0)};
	/* Of all moments only a date names a cohort. */
	if (colon < 0 || date.len != 10 || date.ptr[4] != '-' ||
		qun_moment_parse(date, &run->cal, 0, false, &ts, NULL) < 0 ||
		!parse_offset(c, offset))
		return qun_fail(err, QUN_EUSAGE,
			"--people: cannot use '%s' (expected the date of a cohort and an offset of "
			"the "
			"table, e.g. 2024-04-08:1)",
			c->people_text);
	c->people_day = qun_cal_day(&run->cal, ts);
	return 0;
}

static bool matches_only_joins(const struct qun_pred *p)
{
	for (int type = 0; type < QUN_NTYPES; type++) {
		if (qun_pred_may_match(p, (enum qun_type)type) != (type == QUN_JOIN))
			return false;
	}
	return true;
}

static bool is_first(const char *birth)
{
	return !birth || strcmp(birth, "first") == 0;
}

static int setup_predicates(struct qun_run *run, struct qun_cohort_conf *c, struct qun_err *err)
{
	int rc = 0;

	c->birth = c->again = run->active;
	if (!is_first(c->birth_text)) {
		rc = qun_pred_parse(&c->own_birth, c->birth_text, &run->extras, err);
		c->birth = c->own_birth;
	}
	if (rc == 0 && c->return_text) {
		rc = qun_pred_parse(&c->own_return, c->return_text, &run->extras, err);
		c->again = c->own_return;
	}
	if (rc < 0)
		return rc;
	qun_run_ask(run, qun_pred_fields(c->birth) | qun_pred_fields(c->again));
	c->by_join = c->mode == COHORT_MEMBER || matches_only_joins(c->birth);
	c->orders = c->mode != COHORT_MEMBER && (qun_pred_may_match(c->birth, QUN_ORDER) ||
							qun_pred_may_match(c->again, QUN_ORDER));
	return 0;
}

static int check_member_mode(const struct qun_cohort_conf *c, struct qun_err *err)
{
	if (c->mode == COHORT_MEMBER &&
		(c->return_text || c->cohorts == COHORT_RECURRING || c->min_events > 1 ||
			c->value ||
			(!is_first(c->birth_text) && strcmp(c->birth_text, "join") != 0)))
		return qun_fail(err, QUN_EUSAGE,
			"%s counts from the join that opened the first membership: it takes no "
			"--return, --cohorts recurring, --min-events, --value or other --birth",
			c->by_age ? c->survival ? "--survival" : "--hazard" : "--mode member");
	return 0;
}

static int exclude(const char *a, const char *b, struct qun_err *err)
{
	return qun_fail(err, QUN_EUSAGE, "%s and %s exclude each other", a, b);
}

/* Options that name a table exclude each other and those that shape the triangle. */
static int setup_table(struct qun_cohort_conf *c, struct qun_err *err)
{
	const struct {
		bool given;
		int table;
		const char *name;
	} table[] = {{c->survival, COHORT_SURVIVAL, "--survival"},
		{c->hazard_text, COHORT_HAZARD, "--hazard"},
		{c->people_text, COHORT_PEOPLE, "--people"}};
	const char *name = NULL;

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		if (table[i].given && name)
			return exclude(name, table[i].name, err);
		if (table[i].given) {
			name = table[i].name;
			c->table = table[i].table;
		}
	}
	if (name && (c->wide || c->average || c->value))
		return exclude(name,
			c->wide	     ? "--wide"
			: c->average ? "--average"
				     : "--value",
			err);
	if (c->wide && c->value)
		return exclude("--wide", "--value", err);
	if (c->summary && !c->survival)
		return qun_fail(err, QUN_EUSAGE, "--summary goes with --survival");
	if (c->lost && !c->people_text)
		return qun_fail(err, QUN_EUSAGE, "--lost goes with --people");
	if (c->average && c->mode == COHORT_AFTER)
		return qun_fail(err, QUN_EUSAGE,
			"--average: with --mode after no cell is ever final, so there is nothing "
			"to "
			"average");
	c->by_age = c->table == COHORT_SURVIVAL || c->table == COHORT_HAZARD;
	if (c->by_age && c->mode != COHORT_ON && c->mode != COHORT_MEMBER)
		return qun_fail(
			err, QUN_EUSAGE, "%s is about membership: it takes no other --mode", name);
	if (c->by_age)
		c->mode = COHORT_MEMBER;
	if (c->summary)
		c->table = COHORT_SUMMARY;
	return 0;
}

static int setup_clock(struct qun_cohort_conf *c, struct qun_err *err)
{
	int rc = qun_period_parse(&c->period, c->period_text, false, err);

	if (rc < 0 || c->clock == COHORT_CALENDAR)
		return rc;
	switch (c->period.unit) {
	case QUN_BY_DAY: c->step_us = QUN_DAY; return 0;
	case QUN_BY_WEEK: c->step_us = 7 * QUN_DAY; return 0;
	case QUN_BY_NDAYS: c->step_us = c->period.n * QUN_DAY; return 0;
	default:
		return qun_fail(err, QUN_EUSAGE,
			"--clock elapsed needs a --period of fixed length (day, week or a number "
			"of days)");
	}
}

static int setup(struct qun_run *run, void *conf, struct qun_err *err)
{
	struct qun_cohort_conf *c = conf;
	bool by_source = false, own_value = false;
	int rc = setup_clock(c, err);

	if (rc == 0)
		rc = setup_table(c, err);
	if (rc == 0)
		rc = check_member_mode(c, err);
	if (rc == 0 && c->mode == COHORT_BRACKET)
		rc = parse_brackets(c, err);
	if (rc == 0 && c->hazard_text)
		rc = parse_ages(c, err);
	if (rc == 0 && c->people_text)
		rc = parse_people(run, c, err);
	if (rc == 0)
		rc = setup_predicates(run, c, err);
	c->nseries = c->value ? COHORT_NSERIES : COHORT_VALUE;
	run->names = c->people_text;
	for (int i = 0; i < run->by.n; i++) {
		int field = run->by.field[i];

		by_source |= field == QUN_F_SOURCE;
		own_value |= field != QUN_F_GROUP && qun_births_own_value(run, i);
		c->births.full |= field != QUN_F_GROUP && field != QUN_F_ROLE;
	}
	c->instants = c->clock == COHORT_ELAPSED || c->min_events > 1;
	c->days = c->period.unit == QUN_BY_NDAYS || c->mode == COHORT_BRACKET;
	c->rule_r = c->mode == COHORT_MEMBER || by_source;
	c->births.each = c->cohorts == COHORT_RECURRING || own_value;
	/* N-day blocks start at a horizon that is known only at the end. */
	if (c->cohorts == COHORT_RECURRING)
		c->births.bucket = c->period.unit == QUN_BY_NDAYS ? &by_day : &c->period;
	c->plain = !c->births.full && !c->births.each && !c->instants;
	c->bulky = !c->plain || c->instants || c->value;
	if (c->orders || c->births.full)
		run->rare |= QUN_TIE_FIELDS;
	/* Births of one instant in two groups may have two sources: messages too are told apart. */
	if (by_source && run->unit == QUN_UNIT_USER)
		run->needs |= QUN_TIE_FIELDS;
	return rc;
}

static void unset(void *conf)
{
	struct qun_cohort_conf *c = conf;

	qun_pred_free(c->own_birth);
	qun_pred_free(c->own_return);
}

static int add_note(struct qun_buf *lines, const char *text, __int128 n, const char *end)
{
	int rc = qun_buf_add_text(lines, text);

	if (rc == 0)
		rc = qun_int_format(lines, n);
	return rc < 0 ? rc : qun_buf_add_text(lines, end);
}

static int notes(const struct qun_ctx *ctx, const struct qun_cube *report, struct qun_buf *lines)
{
	const struct qun_cell *cell = qun_cube_find(report, (struct qun_span){NULL, 0});
	const struct qun_cohort_conf *c = ctx->conf;
	__int128 not_born = qun_cell_sum(cell, COHORT_NOT_BORN);
	int rc = 0;

	if (c->by_age) {
		rc = add_note(lines,
			"members without a known date of joining, left out: ", not_born, "\n");
		if (rc == 0 && c->removed == COHORT_CENSORED)
			rc = add_note(lines, "removed people, taken as censored: ",
				qun_cell_sum(cell, COHORT_REMOVALS),
				" (removal is not independent censoring)\n");
	} else if (not_born) {
		rc = add_note(
			lines, "members without a known join, in no cohort: ", not_born, "\n");
	}
	return rc;
}

static const char *const definition[] = {
	"rate = retained / eligible",
	"size: people whose event of --birth falls into the cohort's period",
	"retained: eligible people with an event of --return in period offset, as --mode says",
	"eligible: the size, or with --clock elapsed those whose period offset has ended by A",
	"lo, hi: Wilson's interval of rate",
	NULL,
};

static const char *const examples[] = {
	"cohort-retention chat.json                               # weekly, by activity",
	"cohort-retention --period month --birth join --mode member chat.json   # who is still in",
	"cohort-retention --birth order --return order orders.csv # who buys again",
	NULL,
};

#define AT(field) offsetof(struct qun_cohort_conf, field)

static const struct qun_option options[] = {
	{"period", 'p', QUN_OPT_TEXT, "PERIOD", "week", NULL, 0, 0,
		"length of a period: day, week, month, quarter, year or a number of days such as "
		"14d",
		AT(period_text), true},
	{"periods", 0, QUN_OPT_INT, "N", NULL, NULL, 1, COHORT_MAX_OFFSET,
		"print at most N offsets after 0", AT(periods), false},
	{"birth", 0, QUN_OPT_TEXT, "PRED", NULL, NULL, 0, 0,
		"the event that puts someone into a cohort: first (the first active event) or a "
		"predicate such as join",
		AT(birth_text), true},
	{"return", 0, QUN_OPT_TEXT, "PRED", NULL, NULL, 0, 0,
		"the events that are a return; default: the active set", AT(return_text), true},
	{"mode", 0, QUN_OPT_WORD, "MODE", "on", "on|after|before|streak|bracket|member", 0, 0,
		"returns in exactly period k, k or later, 1 to k, each of 1 to k, a bracket of "
		"days, or still a member",
		AT(mode), true},
	{"brackets", 0, QUN_OPT_TEXT, "DAYS,...", "1,2-6,7-13,14-30", NULL, 0, 0,
		"days from the birth date that --mode bracket puts together", AT(brackets_text),
		false},
	{"removed", 0, QUN_OPT_WORD, "RULE", "censored", "censored|churn", 0, 0,
		"mode member: leave removed people out, or count them as lost", AT(removed), false},
	{"rejoin", 0, QUN_OPT_DURATION, "DURATION", "7d", NULL, 0, 0,
		"mode member: a gap up to this long counts as membership", AT(rejoin_us), false},
	{"clock", 0, QUN_OPT_WORD, "CLOCK", "calendar", "calendar|elapsed", 0, 0,
		"count calendar periods, or time since the birth event", AT(clock), true},
	{"cohorts", 0, QUN_OPT_WORD, "KIND", "first", "first|recurring", 0, 0,
		"someone is in the cohort of his first birth event, or of every period that has "
		"one",
		AT(cohorts), true},
	{"min-events", 0, QUN_OPT_INT, "K", "1", NULL, 1, 1000000,
		"a period counts from K return events on", AT(min_events), true},
	{"value", 0, QUN_OPT_WORD, "WHAT", "none", "none|amount", 0, 0,
		"add what the return events of a cell are worth, in all and per eligible person",
		AT(value), true},
	{"average", 0, QUN_OPT_WORD, "KIND", "none", "none|pooled|simple", 0, 0,
		"add rows over all cohorts: their people pooled, or the mean of their rates",
		AT(average), false},
	{"wide", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0,
		"one row a cohort, with a column of rates for each offset", AT(wide), false},
	{"survival", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0,
		"instead: how many are still members so many days after joining (Kaplan-Meier)",
		AT(survival), true},
	{"summary", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0,
		"with --survival: the median stay, and do the --by values differ (log-rank)",
		AT(summary), false},
	{"hazard", 0, QUN_OPT_TEXT, "DAYS,...", NULL, NULL, 0, 0,
		"instead: leaves per 1000 member-days in ranges of days since joining, e.g. "
		"0-1,2-7,8-28,29-",
		AT(hazard_text), QUN_STORED_GIVEN},
	{"people", 0, QUN_OPT_TEXT, "COHORT:K", NULL, NULL, 0, 0,
		"instead: who is retained in a cell, e.g. 2024-04-08:1", AT(people_text), QUN_STORED_GIVEN},
	{"lost", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0,
		"with --people: who of the eligible is not", AT(lost), false},
	{0},
};

const struct qun_metric qun_metric_cohort_retention = {
	.name = "cohort-retention",
	.brief = "Of the people born in a period, how many return k periods later?",
	.definition = definition,
	.examples = examples,
	.options = options,
	.flags = QUN_METRIC_ALL_ORDERS | QUN_METRIC_SEEN,
	.conf_size = sizeof(struct qun_cohort_conf),
	.setup = setup,
	.unset = unset,
	.person_size = sizeof(struct qun_cohort_unit),
	.add = qun_cohort_add,
	.merge = qun_cohort_merge,
	.save = qun_cohort_save,
	.load = qun_cohort_load,
	.release = qun_cohort_release,
	.fold = qun_cohort_fold,
	.finish = qun_cohort_finish,
	.notes = notes,
};
