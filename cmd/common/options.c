/*
 * Options: one row each, common ones here, a program's own in its descriptor. Settings come from the
 * user's file, the folder's file, the environment and the command line, the later one winning; all
 * four go through the same function.
 */
#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/tool.h"
#include "qun/cal.h"
#include "qun/event.h"

#define AT(field) offsetof(struct tool_options, field)

const struct qun_option tool_rows[] = {
	{"from", 'f', QUN_OPT_TEXT, "FORMAT", NULL, NULL, 0, 0, N_("read this format instead of detecting it"), AT(from), true},
	{"map", 0, QUN_OPT_LIST, "FIELD=COLUMN", NULL, NULL, 0, 0, N_("take a field from this column or key (repeatable)"), AT(map), true},
	{"set", 0, QUN_OPT_LIST, "FIELD=VALUE", NULL, NULL, 0, 0, N_("give a field a constant value, e.g. type=order (repeatable)"), AT(set), true},
	{"delimiter", 0, QUN_OPT_TEXT, "C", NULL, NULL, 0, 0, N_("separator of CSV cells: , ; | or tab"), AT(delimiter), true},
	{"encoding", 0, QUN_OPT_TEXT, "NAME", NULL, NULL, 0, 0, N_("character encoding of the input, e.g. GB18030, BIG5"), AT(encoding), true},
	{"no-header", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0, N_("the CSV has no header line; name columns with --map FIELD=NUMBER"), AT(no_header), true},
	{"date-order", 0, QUN_OPT_WORD, "ORDER", NULL, "auto|dmy|mdy", 0, 0, N_("read 3/4/2026 as day first (dmy) or month first (mdy)"), AT(date_order), true},
	{"time-unit", 0, QUN_OPT_WORD, "UNIT", NULL, "auto|s|ms|us", 0, 0, N_("unit of numeric times"), AT(time_unit), true},
	{"tz", 0, QUN_OPT_TEXT, "ZONE", NULL, NULL, 0, 0, N_("time zone of days and of times without one, e.g. Asia/Shanghai"), AT(tz), true},
	{"week-start", 0, QUN_OPT_WORD, "DAY", "mon", "mon|sun", 0, 0, N_("first day of a week"), AT(week_start), true},
	{"day-start", 0, QUN_OPT_TEXT, "HH:MM", "00:00", NULL, 0, 0, N_("time of day at which a day begins"), AT(day_start), true},
	{"since", 0, QUN_OPT_TEXT, "TIME", NULL, NULL, 0, 0, N_("report only what starts at TIME or later"), AT(since), false},
	{"until", 0, QUN_OPT_TEXT, "TIME", NULL, NULL, 0, 0, N_("report only what starts before TIME"), AT(until), false},
	{"last", 0, QUN_OPT_TEXT, "DURATION", NULL, NULL, 0, 0, N_("report only what starts within DURATION before the moment of looking, e.g. 28d"), AT(last), false},
	{"as-of", 0, QUN_OPT_TEXT, "TIME", "last", NULL, 0, 0, N_("the moment of looking: a time, now, or last (the newest event)"), AT(as_of), false},
	{"max-age", 0, QUN_OPT_DURATION, "DURATION", NULL, NULL, 0, 0, N_("fail when the newest event is older than this, e.g. 26h"), AT(max_age), false},
	{"group", 'g', QUN_OPT_TEXT, "GLOB", NULL, NULL, 0, 0, N_("only groups whose id matches, e.g. 'shop-*'"), AT(group), true},
	{"where", 0, QUN_OPT_TEXT, "PRED", NULL, NULL, 0, 0, N_("count only events that match, e.g. 'message & text~coupon'"), AT(where), true},
	{"active", 0, QUN_OPT_TEXT, "PRED", "message|reaction|share|click|signin|order|redpacket", NULL, 0, 0, N_("the events that make someone active"), AT(active), true},
	{"unit", 0, QUN_OPT_WORD, "UNIT", "user", "user|member", 0, 0, N_("count a person once over all groups (user) or once in each (member)"), AT(unit), true},
	{"by", 0, QUN_OPT_TEXT, "FIELD,...", NULL, NULL, 0, 0, N_("break the table down: group, source, role, product or any column"), AT(by), true},
	{"staff", 0, QUN_OPT_LIST, "FILE|ID,...", NULL, NULL, 0, 0, N_("these people are staff"), AT(staff), false},
	{"include-staff", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0, N_("count staff as ordinary members"), AT(include_staff), false},
	{"seen", 0, QUN_OPT_LIST, "FILE|ID,...", NULL, NULL, 0, 0, N_("these people were here before the log: what they do in it makes them new nowhere"), AT(seen), false},
	{"roster", 0, QUN_OPT_LIST, "[DATE=]FILE", NULL, NULL, 0, 0, N_("member list, now or as it was at DATE: CSV group,user,name,joined,left,role"), AT(roster), false},
	{"alias", 0, QUN_OPT_LIST, "FILE", NULL, NULL, 0, 0, N_("merge identities: CSV id,canonical"), AT(alias), true},
	{"dedup", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0, N_("drop what an earlier file had already; given several files, this is so anyway"), AT(dedup), false},
	{"no-dedup", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0, N_("count what several files have in common as often as they have it"), AT(no_dedup), false},
	{"names-global", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0, N_("a display name is one person in all groups where the format has no ids"), AT(names_global), true},
	{"refund", 0, QUN_OPT_WORD, "RULE", "net", "net|drop|ignore", 0, 0, N_("refunds reduce an order, void it, or are ignored"), AT(refund), false},
	{"zero-ok", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0, N_("orders that add up to nothing count too"), AT(zero_ok), false},
	{"confidence", 0, QUN_OPT_REAL, "LEVEL", "0.95", NULL, 0.5, 0.9999, N_("level of the intervals"), AT(confidence), false},
	{"output", 'o', QUN_OPT_TEXT, "FORMAT", NULL, NULL, 0, 0, N_("table, csv, tsv, json, ndjson or markdown"), AT(output), false},
	{"sort", 0, QUN_OPT_TEXT, "COL[:desc]", NULL, NULL, 0, 0, N_("sort by a column"), AT(sort), false},
	{"top", 'n', QUN_OPT_INT, "N", NULL, NULL, 0, 1e15, N_("print the first N rows"), AT(top), false},
	{"columns", 'c', QUN_OPT_TEXT, "A,B,...", NULL, NULL, 0, 0, N_("print these columns"), AT(columns), false},
	{"min-cell", 0, QUN_OPT_INT, "N", NULL, NULL, 1, 1e9, N_("leave out counts of fewer than N people and what would tell them"), AT(min_cell), false},
	{"excel", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0, N_("CSV for spreadsheets: no cell is run as a formula or changed"), AT(excel), false},
	{"stamp", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0, N_("say above the table how it was made: version, options, zone, hash of the input"), AT(stamp), false},
	{"alert", 0, QUN_OPT_LIST, "COL<VALUE", NULL, NULL, 0, 0, N_("exit with 3 if some finished row meets this (repeatable)"), AT(alert), false},
	{"alert-partial", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0, N_("let --alert look at unfinished rows too"), AT(alert_partial), false},
	{"alert-only", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0, N_("print only the rows that --alert found"), AT(alert_only), false},
	{"skip-bad", 0, QUN_OPT_TEXT, "[N|N%]", NULL, NULL, 0, 0, N_("go on without bad records, at most N or N% of them"), AT(skip_bad), false},
	{"rejects", 0, QUN_OPT_TEXT, "FILE", NULL, NULL, 0, 0, N_("keep bad records in FILE"), AT(rejects), false},
	{"state", 0, QUN_OPT_TEXT, "FILE", NULL, NULL, 0, 0, N_("keep in FILE what was counted, so that the next run reads only what is new"), AT(state), false},
	{"no-wait", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0, N_("exit with 75 when another run has the state, instead of waiting for it"), AT(no_wait), false},
	{"forget", 0, QUN_OPT_LIST, "ID", NULL, NULL, 0, 0, N_("take a person out of the state, and read nothing (repeatable)"), AT(forget), false},
	{"require-rows", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0, N_("fail when the table has no rows"), AT(require_rows), false},
	{"color", 0, QUN_OPT_WORD, "WHEN", "auto", "auto|always|never", 0, 0, N_("colours in tables"), AT(color), false},
	{"partial", 0, QUN_OPT_TEXT, "[people|report]", NULL, NULL, 0, 0, N_("print no table but lines for --merge: a head and one for each person, or with --merge one for all of them (report)"), AT(partial), false},
	{"merge", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0, N_("make the table of lines that --partial printed, sorted by LC_ALL=C sort, holding one person in memory"), AT(merge), false},
	{"threads", 'j', QUN_OPT_INT, "N", NULL, NULL, 1, 256, N_("read with N threads; by default with as many as there are cores and the input deserves"), AT(threads), false},
	{"reader", 0, QUN_OPT_WORD, "WHICH", "auto", "auto|fast|reference", 0, 0, N_("who cuts CSV and JSON: our own code (fast) or libcsv and jansson alone (reference)"), AT(reader), false},
	{"max-mem", 0, QUN_OPT_INT, "MIB", NULL, NULL, 16, 1e6, N_("fail rather than take more memory than this"), AT(max_mem), false},
	{"progress", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0, N_("show on the terminal how far the reading is"), AT(progress), false},
	{"quiet", 'q', QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0, N_("say nothing but errors"), AT(quiet), false},
	{"verbose", 'v', QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0, N_("say what was detected and counted"), AT(verbose), false},
	{"define", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0, N_("print what the numbers mean, with formulas and SQL, and exit"), AT(define), false},
	{"show-config", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0, N_("print the settings in force and exit"), AT(show_config), false},
	{"help", 'h', QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0, N_("print this help and exit"), AT(help), false},
	{"version", 'V', QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0, N_("print the version and exit"), AT(version), false},
	{0},
};

enum { MAX_ROWS = 128 };

const struct qun_option *tool_row(const struct tool *t, size_t i, bool *own)
{
	static const size_t common = sizeof(tool_rows) / sizeof(*tool_rows) - 1;

	*own = i >= common;
	if (i < common)
		return &tool_rows[i];
	if (!t->program->options)
		return NULL;
	for (size_t k = 0; t->program->options[k].name; k++) {
		if (k == i - common)
			return &t->program->options[k];
	}
	return NULL;
}

bool tool_has(const struct tool *t, const struct qun_option *row)
{
	for (const char *const *w = t->program->without; w && *w; w++) {
		if (strcmp(*w, row->name) == 0)
			return false;
	}
	return true;
}

/* [KIND] may be left out; in [LABEL=]PRED only a part of it may. */
bool tool_may_omit(const struct qun_option *row)
{
	return row->arg && row->arg[0] == '[' && row->arg[strlen(row->arg) - 1] == ']';
}

static int refuse(const struct tool *t, const struct qun_option *row, const char *value,
	const char *expected)
{
	tool_say(t, _("--%s: cannot use '%s' (expected %s)"), row->name, value, expected);
	return EXIT_USAGE;
}

static int store_word(const struct tool *t, const struct qun_option *row, const char *value,
	int *to)
{
	const char *list[16];
	char words[256];
	size_t n = 0;
	char *rest = words;

	snprintf(words, sizeof(words), "%s", row->words);
	while (n < 16 && (list[n] = strsep(&rest, "|")))
		n++;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(list[i], value) == 0) {
			*to = (int)i;
			return 0;
		}
	}
	if (qun_nearest(qun_span_of(value), list, n)) {
		tool_say(t, _("--%s: no such word '%s'; did you mean '%s'?"), row->name, value,
			qun_nearest(qun_span_of(value), list, n));
		return EXIT_USAGE;
	}
	return refuse(t, row, value, row->words);
}

static int store_number(const struct tool *t, const struct qun_option *row, const char *value,
	void *to)
{
	bool bounded = row->min != 0 || row->max != 0;
	char range[96];
	int64_t whole = 0;
	double real = 0;
	bool ok;

	if (row->type == QUN_OPT_INT) {
		ok = qun_int_parse(qun_span_of(value), &whole);
		real = (double)whole;
	} else {
		ok = qun_real_parse(qun_span_of(value), &real);
	}
	if (!ok || (bounded && (real < row->min || real > row->max))) {
		snprintf(range, sizeof(range), bounded ? _("a number from %.15g to %.15g") : _("a number"),
			row->min, row->max);
		return refuse(t, row, value, range);
	}
	if (row->type == QUN_OPT_INT)
		*(int64_t *)to = whole;
	else
		*(double *)to = real;
	return 0;
}

static int store_list(const struct tool *t, const char *value, struct qun_list *list)
{
	const char **v = realloc(list->v, (list->n + 1) * sizeof(*v));

	if (!v) {
		tool_say(t, _("out of memory"));
		return EXIT_DATA;
	}
	list->v = v;
	list->v[list->n++] = value;
	return 0;
}

/* Of --dedup and --no-dedup the later one counts. */
static void clear_opposite(struct tool *t, const char *name)
{
	const struct qun_option *row;
	bool own, no = strncmp(name, "no-", 3) == 0;

	for (size_t i = 0; (row = tool_row(t, i, &own)); i++) {
		if (row->type == QUN_OPT_FLAG && (no ? strcmp(row->name, name + 3) == 0 :
			strncmp(row->name, "no-", 3) == 0 && strcmp(row->name + 3, name) == 0))
			*(bool *)((char *)(own ? t->conf : (void *)&t->opt) + row->offset) = false;
	}
}

/* A flag; the command line gives it no value, a setting may turn it off. */
static int store_flag(struct tool *t, const struct qun_option *row, const char *value, bool *to)
{
	static const char *const on[] = {"1", "yes", "true", "on"}, *const off[] = {"0", "no", "false", "off"};
	int said = value ? -1 : 1;

	for (int i = 0; said < 0 && i < 4; i++)
		said = strcmp(value, on[i]) == 0 ? 1 : strcmp(value, off[i]) == 0 ? 0 : -1;
	if (said < 0)
		return refuse(t, row, value, _("yes or no"));
	*to = said;
	if (said)
		clear_opposite(t, row->name);
	return 0;
}

/* Stores one option. value outlives the tool; NULL for a flag or a left-out [ARG]. */
static int store(struct tool *t, size_t i, const char *value)
{
	bool own;
	const struct qun_option *row = tool_row(t, i, &own);
	void *to = (char *)(own ? t->conf : (void *)&t->opt) + row->offset;
	struct qun_err err = {0};

	switch (row->type) {
	case QUN_OPT_FLAG: return store_flag(t, row, value, to);
	case QUN_OPT_INT:
	case QUN_OPT_REAL: return store_number(t, row, value, to);
	case QUN_OPT_WORD: return store_word(t, row, value, to);
	case QUN_OPT_TEXT: *(const char **)to = value ? value : ""; return 0;
	case QUN_OPT_LIST: return store_list(t, value, to);
	case QUN_OPT_SHEET: ((struct qun_sheet *)to)->path = value; return 0;
	case QUN_OPT_DURATION:
		if (qun_duration_parse(to, value, &err) < 0)
			return refuse(t, row, value, _("a duration such as 7d, 24h or 30m"));
		return 0;
	}
	return 0;
}

static int set_defaults(struct tool *t)
{
	const struct qun_option *row;
	bool own;
	int rc = 0;

	for (size_t i = 0; rc == 0 && (row = tool_row(t, i, &own)); i++) {
		if (row->dflt)
			rc = store(t, i, row->dflt);
	}
	return rc;
}

/* Row of a long option's exact name, or -1 with a near match said. where names the source. */
static int row_of(const struct tool *t, struct qun_span name, const char *where)
{
	const char *names[MAX_ROWS];
	const struct qun_option *row;
	const char *near;
	size_t n;
	bool own;

	for (n = 0; n < MAX_ROWS && (row = tool_row(t, n, &own)); n++) {
		if (qun_span_is(name, row->name))
			return (int)n;
		names[n] = row->name;
	}
	near = qun_nearest(name, names, n);
	if (near)
		tool_say(t, _("%sunknown option '--%.*s'; did you mean '--%s'?"), where, (int)name.len,
			name.ptr, near);
	else
		tool_say(t, _("%sunknown option '--%.*s' (see %s --help)"), where, (int)name.len,
			name.ptr, t->name);
	return -1;
}

/* Is this an option that another program has? */
static bool is_of_others(struct qun_span name)
{
	for (const struct qun_metric *const *m = qun_metrics; *m; m++) {
		for (const struct qun_option *row = (*m)->options; row && row->name; row++) {
			if (qun_span_is(name, row->name))
				return true;
		}
	}
	for (const struct qun_option *const *rows = tool_others; *rows; rows++) {
		for (const struct qun_option *row = *rows; row->name; row++) {
			if (qun_span_is(name, row->name))
				return true;
		}
	}
	return false;
}

/* One line of a settings file: NAME or NAME VALUE or NAME=VALUE; # begins a comment. An option that
 * only another program has is passed over: one file serves all. */
static int setting(struct tool *t, const char *line)
{
	struct qun_span s = qun_span_trim(qun_span_of(line)), rest;
	size_t n = 0;
	const struct qun_option *row;
	bool own;
	char *value = NULL;

	if (!s.len || s.ptr[0] == '#')
		return 0;
	if (qun_span_starts(s, "--"))
		s = (struct qun_span){s.ptr + 2, s.len - 2};
	while (n < s.len && !strchr(" \t=", s.ptr[n]))
		n++;
	rest = qun_span_trim((struct qun_span){s.ptr + n, s.len - n});
	if (qun_span_starts(rest, "="))
		rest = qun_span_trim((struct qun_span){rest.ptr + 1, rest.len - 1});
	if (rest.len) {
		value = qun_arena_copy(&t->text, rest);
		if (!value)
			return EXIT_DATA;
	}
	for (size_t i = 0; (row = tool_row(t, i, &own)); i++) {
		if (strlen(row->name) != n || memcmp(row->name, s.ptr, n) != 0)
			continue;
		if (!value && row->arg && !tool_may_omit(row)) {
			tool_say(t, _("option '%s' needs a value"), row->name);
			return EXIT_USAGE;
		}
		return own || tool_has(t, row) ? store(t, i, value) : 0;
	}
	if (is_of_others((struct qun_span){s.ptr, n}))
		return 0;
	row_of(t, (struct qun_span){s.ptr, n}, "");
	return EXIT_USAGE;
}

static int read_settings(struct tool *t, const char *file)
{
	FILE *f = fopen(file, "re");
	char *line = NULL;
	size_t cap = 0, n = 0;
	int rc = 0;

	if (!f)
		return 0; /* settings files are optional */
	for (; rc == 0 && getline(&line, &cap, f) >= 0; n++)
		rc = setting(t, line);
	if (rc)
		tool_say(t, _("so it stands in line %zu of %s"), n, file);
	if (rc == 0 && ferror(f)) {
		tool_say(t, _("cannot read %s: %s"), file, strerror(errno));
		rc = EXIT_DATA;
	}
	free(line);
	fclose(f);
	return rc;
}

static int read_user_settings(struct tool *t)
{
	const char *home = getenv("XDG_CONFIG_HOME");
	struct qun_buf path = {0};
	int rc = 0;

	if (home && *home)
		rc = qun_buf_printf(&path, "%s/quntools.conf", home);
	else if (getenv("HOME"))
		rc = qun_buf_printf(&path, "%s/.config/quntools.conf", getenv("HOME"));
	if (rc == 0 && path.len)
		rc = qun_buf_add_char(&path, '\0');
	if (rc == 0 && path.len)
		rc = read_settings(t, path.ptr);
	qun_buf_release(&path);
	return rc < 0 ? EXIT_DATA : rc;
}

/* What is asked of a program at once is no setting: QUN_VERSION may be anybody's. */
static bool is_question(const struct qun_option *row)
{
	return strcmp(row->name, "help") == 0 || strcmp(row->name, "version") == 0 ||
		strcmp(row->name, "show-config") == 0;
}

/* QUN_TZ, QUN_OUTPUT … : every option but those has a variable. */
static int read_environment(struct tool *t)
{
	const struct qun_option *row;
	bool own;
	int rc = 0;

	for (size_t i = 0; rc == 0 && (row = tool_row(t, i, &own)); i++) {
		char name[64];
		const char *value;
		size_t n;

		n = (size_t)snprintf(name, sizeof(name), "QUN_%s", row->name);
		for (size_t k = 4; k < n && k < sizeof(name); k++)
			name[k] = name[k] == '-' ? '_'
				: name[k] >= 'a' && name[k] <= 'z' ? (char)(name[k] - 32) : name[k];
		value = getenv(name);
		if (value && *value && !is_question(row) && (own || tool_has(t, row)))
			rc = store(t, i, value);
		if (rc)
			tool_say(t, _("so it stands in the variable %s"), name);
	}
	return rc;
}

struct getopt_tables {
	struct option longs[MAX_ROWS + 1];
	char shorts[3 * MAX_ROWS + 2];
};

static void make_tables(const struct tool *t, struct getopt_tables *g)
{
	const struct qun_option *row;
	size_t n = 0;
	bool own;

	memset(g, 0, sizeof(*g));
	g->shorts[n++] = ':';
	for (size_t i = 0; i < MAX_ROWS && (row = tool_row(t, i, &own)); i++) {
		bool flag = row->type == QUN_OPT_FLAG;
		bool may = tool_may_omit(row);

		g->longs[i] = (struct option){row->name,
			flag ? no_argument : may ? optional_argument : required_argument, NULL, 256 + (int)i};
		if (row->letter) {
			g->shorts[n++] = row->letter;
			if (!flag)
				g->shorts[n++] = ':';
		}
	}
}

/* getopt_long accepts prefixes, which a new option could break later: the name must be whole. */
static bool is_whole_name(const char *token, const char *name)
{
	size_t n = strlen(name);

	return strncmp(token, "--", 2) == 0 && strncmp(token + 2, name, n) == 0 &&
		(token[2 + n] == '\0' || token[2 + n] == '=');
}

static int unknown_option(const struct tool *t, const char *token)
{
	size_t n = strcspn(token, "=");

	if (strncmp(token, "--", 2) != 0)
		tool_say(t, _("unknown option '-%c' (see %s --help)"), optopt, t->name);
	else if (row_of(t, (struct qun_span){token + 2, n - 2}, "") >= 0)
		tool_say(t, _("option '%.*s' takes no value"), (int)n, token);
	return EXIT_USAGE;
}

static int parse_argv(struct tool *t, int argc, char **argv)
{
	struct getopt_tables g;
	const struct qun_option *row;
	bool own;
	int rc = 0;

	make_tables(t, &g);
	opterr = 0;
	while (rc == 0) {
		int at = optind, c;
		const char *token;

		while (at < argc && (argv[at][0] != '-' || argv[at][1] == '\0'))
			at++;
		token = at < argc ? argv[at] : "";
		c = getopt_long(argc, argv, g.shorts, g.longs, NULL);
		if (c < 0)
			break;
		if (c == '?')
			return unknown_option(t, token);
		if (c == ':') {
			tool_say(t, _("option '%s' needs a value"), token);
			return EXIT_USAGE;
		}
		if (c >= 256 && !is_whole_name(token, g.longs[c - 256].name))
			return unknown_option(t, token);
		for (size_t i = 0; (row = tool_row(t, i, &own)); i++) {
			if (c >= 256 ? c - 256 != (int)i : row->letter != c)
				continue;
			if (!own && !tool_has(t, row)) {
				tool_say(t, _("--%s means nothing here: %s prints no table of figures"), row->name,
					t->name);
				return EXIT_USAGE;
			}
			rc = store(t, i, optarg);
			break;
		}
	}
	t->file = argv + optind;
	t->nfile = argc - optind;
	return rc;
}

int tool_parse(struct tool *t, int argc, char **argv)
{
	int rc = set_defaults(t);

	t->opt.top = -1; /* not given: 0 asks for no rows */
	if (rc == 0)
		rc = read_user_settings(t);
	if (rc == 0)
		rc = read_settings(t, "quntools.conf");
	if (rc == 0)
		rc = read_environment(t);
	return rc == 0 ? parse_argv(t, argc, argv) : rc;
}
