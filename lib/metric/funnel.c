/*
 * Where do people drop on the way? A person keeps the instants at which steps were met; at the end
 * the matcher of model/path.h says how deep each attempt gets. Here are the options; model/funnel.h
 * names the other parts.
 */
#include <string.h>

#include "core/list.h"
#include "metric/funnel/funnel.h"

/* Takes LABEL= off the front of a step. A field's name is no label, so that source=qr stays a
 * condition. */
static struct qun_span take_label(struct qun_span *text)
{
	ptrdiff_t at = qun_span_find(*text, "=", 0);
	struct qun_span label = {text->ptr, at > 0 ? (size_t)at : 0};

	for (size_t i = 0; i < label.len; i++) {
		if (strchr("&|!<>~\"", label.ptr[i]))
			return (struct qun_span){NULL, 0};
	}
	label = qun_span_trim(label);
	if (!label.len || qun_field_of(label) >= 0)
		return (struct qun_span){NULL, 0};
	text->ptr += at + 1;
	text->len -= (size_t)at + 1;
	return label;
}

static int parse_pred(struct qun_run *run, struct qun_funnel_conf *c, int i, const char *text,
	struct qun_err *err)
{
	int rc = qun_pred_parse(&c->pred[i], text, &run->extras, err);

	if (rc < 0)
		return rc;
	qun_run_ask(run, qun_pred_fields(c->pred[i]));
	for (int type = 0; type < QUN_NTYPES; type++) {
		const struct qun_pred_types *types = qun_pred_types_of(c->pred[i]);

		if (types->sure >> type & 1)
			c->sure[type] |= UINT64_C(1) << i;
		else if (!(types->never >> type & 1))
			c->may[type] |= UINT64_C(1) << i;
	}
	return 0;
}

static int add_step(
	struct qun_run *run, struct qun_funnel_conf *c, struct qun_span text, struct qun_err *err)
{
	struct qun_span label = take_label(&text);
	const char *copy = qun_arena_copy(&c->text, qun_span_trim(text));

	if (!copy)
		return qun_fail_mem(err);
	if (c->n == FUNNEL_STEPS)
		return qun_fail(err, QUN_EUSAGE, "more than %d steps", FUNNEL_STEPS);
	c->label[c->n] = label.len ? label : qun_span_of(copy);
	return parse_pred(run, c, c->n++, copy, err);
}

/* Steps between commas; a comma in double quotes belongs to a value. */
static int add_steps(
	struct qun_run *run, struct qun_funnel_conf *c, const char *list, struct qun_err *err)
{
	bool quoted = false;
	const char *from = list;
	int rc = 0;

	for (const char *p = list; rc == 0; p++) {
		if (*p == '"')
			quoted = !quoted;
		if (*p && (*p != ',' || quoted))
			continue;
		rc = add_step(run, c, (struct qun_span){from, (size_t)(p - from)}, err);
		if (!*p)
			break;
		from = p + 1;
	}
	return rc;
}

static int setup_steps(struct qun_run *run, struct qun_funnel_conf *c, struct qun_err *err)
{
	int rc = 0;

	if (c->steps && c->step.n)
		return qun_fail(err, QUN_EUSAGE, "--step and --steps cannot be given together");
	if (c->steps)
		rc = add_steps(run, c, c->steps, err);
	for (size_t i = 0; rc == 0 && i < c->step.n; i++)
		rc = add_step(run, c, qun_span_of(c->step.v[i]), err);
	if (rc == 0 && c->n < 2)
		rc = qun_fail(err, QUN_EUSAGE,
			"a funnel needs at least two steps, e.g. --steps join,message,order");
	if (rc == 0 && c->exclude)
		rc = parse_pred(run, c, FUNNEL_EXCLUDE, c->exclude, err);
	return rc;
}

static int setup_duration(const char *option, const char *text, int64_t *us, struct qun_err *err)
{
	*us = QUN_NEVER;
	if (!text || strcmp(text, "none") == 0 || qun_duration_parse(us, text, NULL) == 0)
		return 0;
	return qun_fail(err, QUN_EUSAGE,
		"--%s: cannot use '%s' (expected a duration such as 7d, or none)", option, text);
}

static int setup_window(
	struct qun_funnel_conf *c, const char *option, const char *text, struct qun_err *err)
{
	struct qun_funnel_window *w = &c->window_of[c->nwindow];
	int rc;

	if (c->nwindow == FUNNEL_WINDOWS)
		return qun_fail(err, QUN_EUSAGE, "--windows: more than %d", FUNNEL_WINDOWS);
	rc = setup_duration(option, text, &w->us, err);
	for (int i = 0; rc == 0 && i < c->nwindow; i++) {
		if (c->window_of[i].us == w->us)
			rc = qun_fail(err, QUN_EUSAGE, "--windows: '%s' is given twice", text);
	}
	w->label = qun_span_of(text);
	c->nwindow += rc == 0;
	return rc;
}

static int setup_windows(struct qun_funnel_conf *c, struct qun_err *err)
{
	struct qun_span rest, item;
	int rc = 0;

	if (!c->windows)
		return setup_window(c, "window", c->window ? c->window : "none", err);
	rest = qun_span_of(c->windows);
	while (rc == 0 && qun_list_cut(&rest, &item)) {
		const char *copy = qun_arena_copy(&c->text, qun_span_trim(item));

		rc = copy ? setup_window(c, "windows", copy, err) : qun_fail_mem(err);
	}
	return rc;
}

static int parse_modes(struct qun_funnel_conf *c, struct qun_err *err)
{
	/* Bits of enum qun_level_mode, one word each, behind default. */
	static const char *const mode[] = {"default", "strict_deduplication", "strict_order",
		"strict_increase", "strict_once", "allow_reentry"};
	enum { NMODES = sizeof(mode) / sizeof(*mode) };
	struct qun_span rest = qun_span_of(c->clickhouse), item;

	while (qun_list_cut(&rest, &item)) {
		const char *near;
		int i = 0;

		while (i < NMODES && !qun_span_is(item, mode[i]))
			i++;
		if (i < NMODES) {
			c->level_mode |= i ? 1u << (i - 1) : 0;
			continue;
		}
		near = qun_nearest(item, mode, NMODES);
		return qun_fail(err, QUN_EUSAGE, "--clickhouse: no mode '%.*s'%s%s%s", (int)item.len,
			item.ptr, near ? "; did you mean '" : " (see --help", near ? near : "",
			near ? "'?" : ")");
	}
	if ((c->level_mode & QUN_LEVEL_REENTRY) && !(c->level_mode & QUN_LEVEL_ORDER))
		return qun_fail(err, QUN_EUSAGE, "--clickhouse: allow_reentry needs strict_order");
	return 0;
}

static int setup_levels(
	const struct qun_run *run, struct qun_funnel_conf *c, struct qun_err *err)
{
	bool alone = c->order == QUN_PATH_ORDERED && !c->gap && !c->exclude && !c->hold &&
		     c->count == FUNNEL_PEOPLE && !c->mature && !c->list;

	if (!c->clickhouse)
		return 0;
	for (int i = 0; i < run->by.n; i++)
		alone = alone && (run->by.field[i] == QUN_F_GROUP || run->by.field[i] == QUN_F_ROLE);
	if (!alone)
		return qun_fail(err, QUN_EUSAGE,
			"--clickhouse: of the funnel's options only --step, --steps, --window, --windows "
			"and --levels go with it, and --by group or role");
	return parse_modes(c, err);
}

static int setup_fields(struct qun_run *run, struct qun_funnel_conf *c, struct qun_err *err)
{
	c->held = -1;
	if (c->hold) {
		c->held = qun_field_of(qun_span_of(c->hold));
		if (c->held < 0) {
			int extra = qun_extra_add(&run->extras, qun_span_of(c->hold));

			if (extra < 0)
				return qun_fail(err, QUN_ELIMIT, "too many columns are named");
			c->held = QUN_F_EXTRA + extra;
		}
		qun_run_ask(run, QUN_BIT(c->held));
	}
	c->tagged = c->hold != NULL;
	for (int i = 0; i < run->by.n; i++) {
		int field = run->by.field[i];

		run->needs |= QUN_BIT(field);
		if (field == QUN_F_SOURCE)
			c->source = true;
		if (field != QUN_F_GROUP && field != QUN_F_ROLE)
			c->tagged = true;
	}
	c->others = (c->level_mode & QUN_LEVEL_ORDER) != 0;
	c->orders = (c->may[QUN_ORDER] | c->sure[QUN_ORDER]) != 0 || c->others;
	/* Which line of an order is the earliest, and which join opens an interval, is a matter of these. */
	if (c->orders || c->source)
		run->rare |= QUN_TIE_FIELDS;
	return 0;
}

/* --list STEP:WHAT, the step by number or label; a label may itself hold a colon. */
static int setup_list(struct qun_funnel_conf *c, struct qun_err *err)
{
	static const char *const what[] = {"reached", "dropped", "pending"};
	const char *colon = strrchr(c->list, ':');
	struct qun_span step = {c->list, colon ? (size_t)(colon - c->list) : 0};
	int64_t number = 0;

	for (int i = 0; colon && i < 3; i++) {
		if (strcmp(colon + 1, what[i]) == 0)
			c->table = (enum qun_funnel_table)(FUNNEL_TABLE_REACHED + i);
	}
	if (!qun_int_parse(step, &number)) {
		for (int i = c->n; i > 0; i--) {
			if (qun_span_eq(step, c->label[i - 1]))
				number = i;
		}
	}
	if (c->table == FUNNEL_TABLE_STEPS || number < 1 || number > c->n)
		return qun_fail(err, QUN_EUSAGE,
			"--list: cannot use '%s' (expected STEP:reached, STEP:dropped or "
			"STEP:pending, "
			"STEP a number from 1 to %d or a label)",
			c->list, c->n);
	c->listed = (int)number;
	return 0;
}

static int setup_table(const struct qun_run *run, struct qun_funnel_conf *c, struct qun_err *err)
{
	if (c->levels && c->list)
		return qun_fail(err, QUN_EUSAGE, "--levels and --list cannot be given together");
	if (c->list)
		return setup_list(c, err);
	if (!c->levels)
		return 0;
	c->table = FUNNEL_TABLE_LEVELS;
	for (int i = 0; i < run->by.n; i++) {
		if (run->by.field[i] != QUN_F_GROUP)
			return qun_fail(err, QUN_EUSAGE, "--levels: only --by group goes with it");
	}
	return 0;
}

/* Types that meet no step, where nothing else is made of events. */
static uint32_t idle_types(const struct qun_funnel_conf *c)
{
	uint32_t idle = 0;

	for (int type = 0; type < QUN_NTYPES; type++) {
		if (!c->sure[type] && !c->may[type] && !(type == QUN_REFUND && c->orders))
			idle |= UINT32_C(1) << type;
	}
	return c->others || c->source || c->table == FUNNEL_TABLE_LEVELS ? 0 : idle;
}

/* May be called again: setup calls it where it fails. */
static void unset(void *conf)
{
	struct qun_funnel_conf *c = conf;

	for (int i = 0; i <= FUNNEL_EXCLUDE; i++) {
		qun_pred_free(c->pred[i]);
		c->pred[i] = NULL;
	}
	qun_arena_release(&c->text);
}

static int setup(struct qun_run *run, void *conf, struct qun_err *err)
{
	struct qun_funnel_conf *c = conf;
	int rc = setup_steps(run, c, err);

	if (rc == 0)
		rc = setup_windows(c, err);
	if (rc == 0)
		rc = setup_levels(run, c, err);
	if (rc == 0)
		rc = setup_duration("gap", c->gap, &c->gap_us, err);
	if (rc == 0 && c->order == QUN_PATH_ANY && c->gap_us != QUN_NEVER)
		rc = qun_fail(err, QUN_EUSAGE, "--gap needs an order of steps, not --order any");
	if (rc == 0)
		rc = setup_fields(run, c, err);
	if (rc == 0)
		rc = setup_table(run, c, err);
	run->names = c->list;
	run->idle = idle_types(c);
	if (rc < 0)
		unset(c);
	return rc;
}

static const char *const definition[] = {
	"rate_prev = reached / reached of the step before; rate_first = reached / reached of step 1",
	"reached: people whose deepest attempt gets to the step within --window of its first step",
	"pending: people at the step before with an attempt that is still open at A",
	"dropped = reached of the step before - reached - pending",
	"lo, hi: Wilson's interval of rate_prev; first_lo, first_hi: of rate_first",
	"--windows: the same once for each window",
	"--clickhouse: reached = people whose windowFunnel level is at least the step",
	NULL,
};

static const char *const examples[] = {
	"funnel --steps join,message,order chat.json orders.csv   # joined, spoke, bought within 7 "
	"days",
	"funnel --steps join,message --window 3d --by source *.csv # which way of joining leads to "
	"talk",
	"funnel --steps join,message --list 2:dropped chat.json   # who never spoke",
	NULL,
};

#define AT(field) offsetof(struct qun_funnel_conf, field)

static const struct qun_option options[] = {
	{"step", 0, QUN_OPT_LIST, "[LABEL=]PRED", NULL, NULL, 0, 0,
		"a step, in their order: click, order & amount>=100, paid=order (repeatable)",
		AT(step), true},
	{"steps", 0, QUN_OPT_TEXT, "PRED,...", NULL, NULL, 0, 0,
		"all steps at once: join,message,order", AT(steps), true},
	{"window", 0, QUN_OPT_TEXT, "DURATION", "7d", NULL, 0, 0,
		"all steps within this time from the first one, or none", AT(window), false},
	{"windows", 0, QUN_OPT_TEXT, "DURATION,...", NULL, NULL, 0, 0,
		"the table once for each of these windows: 1d,7d,30d", AT(windows), false},
	{"order", 0, QUN_OPT_WORD, "HOW", "ordered", "ordered|strict|any", 0, 0,
		"steps in order, in order with no other step between, or in any order after the "
		"first",
		AT(order), false},
	{"gap", 0, QUN_OPT_TEXT, "DURATION", NULL, NULL, 0, 0,
		"longest time between neighbouring steps", AT(gap), false},
	{"exclude", 0, QUN_OPT_TEXT, "PRED", NULL, NULL, 0, 0, "such an event ends the attempt",
		AT(exclude), true},
	{"hold", 0, QUN_OPT_TEXT, "FIELD", NULL, NULL, 0, 0,
		"all steps of an attempt have the same value here, e.g. product", AT(hold), true},
	{"count", 0, QUN_OPT_WORD, "WHAT", "people", "people|entries", 0, 0,
		"people by their best attempt, or every event of the first step", AT(count), false},
	{"mature", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0, "only attempts whose window has ended",
		AT(mature), false},
	{"clickhouse", 0, QUN_OPT_TEXT, "MODE,...", NULL, NULL, 0, 0,
		"levels of ClickHouse's windowFunnel: default, strict_deduplication, strict_order, "
		"strict_increase, strict_once, allow_reentry",
		AT(clickhouse), true},
	{"list", 0, QUN_OPT_TEXT, "STEP:WHAT", NULL, NULL, 0, 0,
		"the people who reached, dropped or are pending at a step, e.g. 2:dropped",
		AT(list), false},
	{"levels", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0, "how far everybody got, 0 included",
		AT(levels), false},
	{0},
};

const struct qun_metric qun_metric_funnel = {
	.name = "funnel",
	.brief = "Where do people drop on the way from one step to the next?",
	.definition = definition,
	.examples = examples,
	.options = options,
	.flags = QUN_METRIC_ALL_ORDERS | QUN_METRIC_NAMES,
	.conf_size = sizeof(struct qun_funnel_conf),
	.setup = setup,
	.unset = unset,
	.person_size = sizeof(struct qun_funnel_person),
	.add = qun_funnel_add,
	.merge = qun_funnel_merge,
	.save = qun_funnel_save,
	.load = qun_funnel_load,
	.release = qun_funnel_release,
	.fold = qun_funnel_fold,
	.finish = qun_funnel_finish,
	.notes = qun_funnel_notes,
};
