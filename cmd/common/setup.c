/* Resolves what the user wrote into the run that metrics see: zone, moments, predicates, side files. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/tool.h"
#include "qun/roster.h"
#include "qun/stat.h"

/* The clock, read in this one place; SOURCE_DATE_EPOCH makes a run repeatable. */
static int64_t read_clock(void)
{
	const char *fixed = getenv("SOURCE_DATE_EPOCH");
	struct timespec now;
	int64_t seconds;

	if (fixed && qun_int_parse(qun_span_of(fixed), &seconds) && seconds >= 0 &&
		seconds <= QUN_TIME_MAX / QUN_SECOND)
		return seconds * QUN_SECOND;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * QUN_SECOND + now.tv_nsec / 1000;
}

static int usage(const struct tool *t, const char *option, struct qun_err *err)
{
	tool_say(t, "--%s: %s", option, err->msg);
	return err->code == QUN_EUSAGE ? EXIT_USAGE : EXIT_DATA;
}

static int setup_day_start(struct tool *t)
{
	const char *s = t->opt.day_start;
	int h, m;

	if (strlen(s) == 5 && s[2] == ':' && s[0] >= '0' && s[0] <= '2' && s[1] >= '0' && s[1] <= '9' &&
		s[3] >= '0' && s[3] <= '5' && s[4] >= '0' && s[4] <= '9') {
		h = (s[0] - '0') * 10 + s[1] - '0';
		m = (s[3] - '0') * 10 + s[4] - '0';
		if (h < 24) {
			t->run.cal.day_start = (h * 60 + m) * 60 * QUN_SECOND;
			return 0;
		}
	}
	tool_say(t, _("--day-start: cannot use '%s' (expected a time of day such as 04:00)"), s);
	return EXIT_USAGE;
}

/* UTC+8 is what people write for China, and by POSIX a zone in the Pacific. */
static bool may_be_west(const char *tz)
{
	return (strncmp(tz, "UTC", 3) == 0 || strncmp(tz, "GMT", 3) == 0) && (tz[3] == '+' || tz[3] == '-') &&
		tz[4] >= '0' && tz[4] <= '9';
}

static int setup_calendar(struct tool *t)
{
	struct qun_err err = {0};

	if (t->opt.tz && may_be_west(t->opt.tz)) {
		tool_say(t, _("--tz: '%s' is read both ways (by POSIX + is west); name a place, e.g. Asia/Shanghai"),
			t->opt.tz);
		return EXIT_USAGE;
	}
	if (qun_zone_open(&t->zone, t->opt.tz, &err) < 0)
		return usage(t, "tz", &err);
	t->run.cal.zone = t->zone;
	t->run.cal.week_start = t->opt.week_start == 1 ? 7 : 1;
	return setup_day_start(t);
}

static int setup_moment(struct tool *t, const char *option, const char *text, bool end, int64_t *to)
{
	struct qun_err err = {0};

	if (!text)
		return 0;
	if (qun_moment_parse(qun_span_of(text), &t->run.cal, t->now, end, to, &err) < 0)
		return usage(t, option, &err);
	return 0;
}

static int setup_range(struct tool *t)
{
	struct qun_err err = {0};
	int64_t last;
	int rc;

	t->run.since = INT64_MIN;
	t->run.until = INT64_MAX;
	t->run.as_of = QUN_NEVER;
	rc = setup_moment(t, "since", t->opt.since, false, &t->run.since);
	if (rc == 0)
		rc = setup_moment(t, "until", t->opt.until, false, &t->run.until);
	if (rc == 0 && strcmp(t->opt.as_of, "last") != 0)
		rc = setup_moment(t, "as-of", t->opt.as_of, true, &t->run.as_of);
	if (rc == 0 && t->opt.last && t->opt.since) {
		tool_say(t, _("--last and --since cannot be given together"));
		rc = EXIT_USAGE;
	}
	if (rc == 0 && t->opt.last && qun_duration_parse(&last, t->opt.last, &err) < 0)
		rc = usage(t, "last", &err);
	return rc;
}

static char *trim(char *word)
{
	size_t n;

	while (*word == ' ')
		word++;
	for (n = strlen(word); n && word[n - 1] == ' ';)
		word[--n] = '\0';
	return word;
}

static int setup_by(struct tool *t)
{
	struct qun_run *run = &t->run;
	char *copy, *rest, *word;

	run->unit = t->opt.unit == 1 ? QUN_UNIT_MEMBER : QUN_UNIT_USER;
	if (!t->opt.by)
		return 0;
	copy = rest = qun_arena_copy(&t->text, qun_span_of(t->opt.by));
	if (!copy)
		return EXIT_DATA;
	while ((word = strsep(&rest, ","))) {
		int field;

		word = trim(word);
		field = qun_field_of(qun_span_of(word));
		if (!*word || run->by.n == QUN_MAX_BY) {
			tool_say(t, _("--by: cannot use '%s' (expected up to %d field names)"),
				t->opt.by, QUN_MAX_BY);
			return EXIT_USAGE;
		}
		for (int i = 0; i < run->by.n; i++) {
			if (strcmp(run->by.name[i], word) == 0) {
				tool_say(t, _("--by: '%s' is named twice"), word);
				return EXIT_USAGE;
			}
		}
		if (field == QUN_F_TS || field == QUN_F_AMOUNT || field == QUN_F_REFUND) {
			tool_say(t, _("--by: '%s' is a quantity, not a name to tell people apart by"), word);
			return EXIT_USAGE;
		}
		if (field < 0) {
			field = qun_extra_add(&run->extras, qun_span_of(word));
			if (field < 0)
				return EXIT_DATA;
			field += QUN_F_EXTRA;
		}
		run->by.field[run->by.n] = field;
		run->by.name[run->by.n++] = word;
		if (field == QUN_F_GROUP)
			run->unit = QUN_UNIT_MEMBER;
		else if (field < QUN_F_EXTRA)
			qun_run_ask(run, QUN_BIT(field));
	}
	return 0;
}

static int setup_predicates(struct tool *t)
{
	struct qun_run *run = &t->run;
	struct qun_err err = {0};

	if (qun_pred_parse(&run->active, t->opt.active, &run->extras, &err) < 0)
		return usage(t, "active", &err);
	qun_run_ask(run, qun_pred_fields(run->active));
	if (!t->opt.where)
		return 0;
	if (qun_pred_parse(&run->where, t->opt.where, &run->extras, &err) < 0)
		return usage(t, "where", &err);
	qun_run_ask(run, qun_pred_fields(run->where));
	return 0;
}

/* [DATE=]FILE. A name with an equals sign that begins with no date is that of a file. */
static int read_roster(struct tool *t, const char *given, struct qun_err *err)
{
	const char *equals = strchr(given, '=');
	struct qun_span text = {given, equals ? (size_t)(equals - given) : 0};
	struct qun_roster_date date;
	struct qun_err why = {0};
	bool dated = false;
	int rc = 0;

	if (equals) {
		rc = qun_moment_parse(text, &t->run.cal, t->now, false, &date.from, &why);
		if (rc == 0)
			rc = qun_moment_parse(text, &t->run.cal, t->now, true, &date.at, &why);
		dated = rc == 0;
		if (!dated && access(given, F_OK) < 0)
			return qun_fail(err, rc, "--roster: %s", why.msg);
	}
	rc = qun_roster_begin(t->roster, dated ? &date : NULL);
	if (rc < 0)
		return qun_fail_mem(err);
	return qun_roster_read(t->roster, dated ? equals + 1 : given, &t->run.cal, t->alias, err);
}

static int setup_side_files(struct tool *t)
{
	struct qun_err err = {0};
	int rc = 0;

	if (t->opt.seen.n && !(t->metric && t->metric->flags & QUN_METRIC_SEEN)) {
		tool_say(t, _("--seen: %s does not ask who is new"), t->name);
		return EXIT_USAGE;
	}
	for (size_t i = 0; rc == 0 && i < t->opt.alias.n; i++)
		rc = qun_alias_read(&t->alias, t->opt.alias.v[i], &err);
	if (rc == 0 && t->opt.staff.n)
		rc = qun_staff_open(&t->staff);
	for (size_t i = 0; rc == 0 && i < t->opt.staff.n; i++)
		rc = qun_staff_read(t->staff, t->opt.staff.v[i], t->alias, &err);
	if (rc == 0 && t->opt.seen.n)
		rc = qun_staff_open(&t->known);
	for (size_t i = 0; rc == 0 && i < t->opt.seen.n; i++)
		rc = qun_staff_read(t->known, t->opt.seen.v[i], t->alias, &err);
	if (rc == 0 && t->opt.roster.n)
		rc = qun_roster_open(&t->roster);
	for (size_t i = 0; rc == 0 && i < t->opt.roster.n; i++)
		rc = read_roster(t, t->opt.roster.v[i], &err);
	t->run.staff = t->staff;
	t->run.seen = t->known;
	t->run.roster = t->roster;
	return rc < 0 ? tool_say_err(t, &err) : 0;
}

/* Files that the program's own options name. */
static int setup_sheets(struct tool *t)
{
	const struct qun_option *row = t->program->options;
	struct qun_err err = {0};
	int rc = 0;

	for (; rc == 0 && row && row->name; row++) {
		struct qun_sheet *sheet = (void *)((char *)t->conf + row->offset);

		if (row->type == QUN_OPT_SHEET && sheet->path)
			rc = qun_sheet_read(sheet, sheet->path, &err);
	}
	return rc < 0 ? tool_say_err(t, &err) : 0;
}

/* Mapper, reducer, or neither: what cannot be meant is said before anything is read. */
static int check_parts(const struct tool *t)
{
	const char *kind = t->opt.partial;
	bool report = kind && strcmp(kind, "report") == 0;

	if (kind && *kind && !report && strcmp(kind, "people") != 0)
		tool_say(t, _("--partial: cannot use '%s' (expected people or report)"), kind);
	else if (report && !t->opt.merge)
		tool_say(t, _("--partial=report adds up lines that --partial printed: it needs --merge"));
	else if (kind && !report && t->opt.merge)
		tool_say(t, _("--merge makes the table, or with --partial=report its line: --partial alone cannot be meant"));
	else
		return 0;
	return EXIT_USAGE;
}

int tool_setup(struct tool *t)
{
	struct qun_run *run = &t->run;
	struct qun_err err = {0};
	int rc;

	if (check_parts(t))
		return EXIT_USAGE;
	t->now = read_clock();
	run->needs = QUN_BIT(QUN_F_TS) | QUN_BIT(QUN_F_GROUP) | QUN_BIT(QUN_F_USER) |
		     QUN_BIT(QUN_F_TYPE) | QUN_BIT(QUN_F_ROLE) | QUN_BIT(QUN_F_AMOUNT);
	run->rare = QUN_BIT(QUN_F_SOURCE) | QUN_BIT(QUN_F_REF);
	if (!t->metric)
		run->needs = UINT64_MAX;
	run->transient = !t->opt.partial && !t->opt.merge && !t->opt.state;
	if (!t->opt.sort && !t->opt.alert.n && !t->opt.min_cell)
		run->only = t->opt.columns;
	run->include_staff = t->opt.include_staff;
	run->group_glob = t->opt.group;
	run->refund = (enum qun_refund_rule)t->opt.refund;
	run->zero_ok = t->opt.zero_ok;
	run->confidence = t->opt.confidence;
	run->z = qun_z_of(t->opt.confidence);
	rc = qun_random(run->key, sizeof(run->key)) < 0 ? EXIT_DATA : setup_calendar(t);
	if (rc == 0)
		rc = setup_range(t);
	if (rc == 0)
		rc = setup_by(t);
	if (rc == 0)
		rc = setup_predicates(t);
	if (rc == 0)
		rc = setup_side_files(t);
	if (rc == 0)
		rc = setup_sheets(t);
	if (rc == 0 && t->program->setup)
		rc = t->program->setup(t);
	if (rc == 0 && t->metric && t->metric->setup && t->metric->setup(run, t->conf, &err) < 0)
		rc = tool_say_err(t, &err);
	/* A state that is kept, and -v, count those who did nothing else, too. */
	if (!run->transient || t->opt.verbose)
		run->idle = 0;
	if (run->names || (!run->transient && t->metric && (t->metric->flags & QUN_METRIC_NAMES)))
		run->needs |= QUN_BIT(QUN_F_NAME);
	if (rc == 0 && t->metric && qun_engine_open(&t->engine, t->metric, run, t->conf) < 0) {
		tool_say(t, _("out of memory"));
		rc = EXIT_DATA;
	}
	return rc;
}

void tool_release(struct tool *t)
{
	bool own;
	const struct qun_option *row;

	tool_state_release(t);
	qun_engine_close(t->engine);
	if (t->metric && t->metric->unset)
		t->metric->unset(t->conf);
	if (t->program->release)
		t->program->release(t);
	for (size_t i = 0; (row = tool_row(t, i, &own)); i++) {
		void *at = (char *)(own ? t->conf : (void *)&t->opt) + row->offset;

		if (row->type == QUN_OPT_LIST)
			free(((struct qun_list *)at)->v);
		else if (row->type == QUN_OPT_SHEET)
			qun_sheet_release(at);
	}
	free(t->conf);
	tool_stamp_release(t);
	for (int i = 0; i < TOOL_BAD_SHOWN; i++)
		free(t->bad.shown[i]);
	qun_dict_release(&t->seen.people);
	qun_dict_release(&t->seen.types);
	qun_pred_free(t->run.active);
	qun_pred_free(t->run.where);
	qun_extras_release(&t->run.extras);
	qun_alias_close(t->alias);
	qun_roster_close(t->roster);
	qun_staff_close(t->staff);
	qun_staff_close(t->known);
	qun_zone_close(t->zone);
	qun_arena_release(&t->text);
}
