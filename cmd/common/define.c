/*
 * --define: what the numbers of this run mean, as a script for sqlite3 that needs nothing but the
 * records: formulas and options as comments; options, zone and side files as tables; the statements,
 * and a last one that prints the program's own table. The tests hold every table to its script.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/script.h"
#include "qun/roster.h"
#include "qun/utf8.h"

enum { PATH_BYTES = 4096, READ_BYTES = 65536, ZONE_ROWS = 4096 };

/* Options that say how the table is shown or what to do with it. */
static const char *const outward[] = {"output", "sort", "top", "columns", "min-cell", "alert", "alert-only",
	"alert-partial", "excel", "rejects", "require-rows", "max-age", NULL};
/* Those that chat-cat needs to read what the program reads. */
static const char *const reading[] = {"from", "map", "set", "delimiter", "encoding", "no-header", "date-order",
	"time-unit", "tz", "alias", "names-global", "dedup", "no-dedup", "skip-bad", NULL};
/* Those that the script has in another form. */
static const char *const told[] = {"by", "roster", "staff", "seen", "since", "until", "as-of", NULL};

static bool is_of(const char *const *names, const struct qun_option *row)
{
	for (; *names; names++) {
		if (strcmp(*names, row->name) == 0)
			return true;
	}
	return false;
}

static void put_setting(struct script *s, const char *name, struct qun_span value)
{
	script_text(s, "INSERT INTO opt VALUES ('");
	for (; *name; name++)
		script_char(s, *name == '-' ? '_' : *name);
	script_text(s, "', ");
	script_quoted(s, value);
	script_text(s, ");\n");
}

/* A bare date or `last` as it was given, any other moment as the instant it was read as. */
static void put_moment(struct script *s, const char *name, const char *given, int64_t us)
{
	struct qun_buf instant = {0};

	if (!given)
		return;
	if (strcmp(given, "last") == 0 || (strlen(given) == 10 && given[4] == '-' && given[7] == '-')) {
		put_setting(s, name, qun_span_of(given));
		return;
	}
	script_check(s, qun_buf_printf(&instant, "%lld", (long long)us));
	put_setting(s, name, qun_buf_span(&instant));
	qun_buf_release(&instant);
}

static void put_ids(struct script *s, const char *name, const struct qun_staff *ids)
{
	for (size_t i = 0; i < qun_staff_count(ids); i++)
		put_setting(s, name, qun_staff_at(ids, i));
}

/* The values of an option that may be given several times, a row each; else its one value. */
static void put_values(struct script *s, const struct tool *t, size_t i, struct qun_buf *value)
{
	bool own;
	const struct qun_option *row = tool_row(t, i, &own);
	const struct qun_list *list = (const void *)((const char *)(own ? t->conf : (const void *)&t->opt) + row->offset);

	if (row->type == QUN_OPT_FLAG)
		put_setting(s, row->name, qun_span_of("1"));
	else if (row->type != QUN_OPT_LIST)
		put_setting(s, row->name, qun_buf_span(value));
	for (size_t k = 0; row->type == QUN_OPT_LIST && k < list->n; k++)
		put_setting(s, row->name, qun_span_of(list->v[k]));
}

static void put_settings(struct script *s, const struct tool *t)
{
	struct qun_buf value = {0};
	const struct qun_option *row;
	bool own;

	script_table(s, "opt", "name, value");
	for (size_t i = 0; (row = tool_row(t, i, &own)); i++) {
		if (!is_of(outward, row) && !is_of(reading, row) && !is_of(told, row) && !tool_is_silent(row) &&
			tool_option_text(t, i, &value))
			put_values(s, t, i, &value);
	}
	qun_buf_release(&value);
	put_moment(s, "as_of", t->opt.as_of, t->run.as_of);
	put_moment(s, "since", t->opt.since, t->run.since);
	put_moment(s, "until", t->opt.until, t->run.until);
	for (int i = 0; i < t->run.by.n; i++)
		put_setting(s, "by", qun_span_of(t->run.by.name[i]));
	put_ids(s, "staff", t->staff);
	put_ids(s, "seen", t->known);
}

/* Offsets of the run's zone, over the years that times may be in. */
static void put_zone(struct script *s, const struct tool *t)
{
	int64_t from = 0, to = QUN_TIME_MIN;

	script_table(s, "zone", "from_us INTEGER, offset_us INTEGER");
	script_text(s, "INSERT INTO zone VALUES");
	for (int i = 0; i < ZONE_ROWS && to < QUN_TIME_MAX; i++) {
		int64_t offset_us = qun_zone_offset(t->zone, to, &from, &to) * QUN_SECOND;

		/* The first span has no beginning that days around 1970 could miss. */
		script_text(s, i ? i % 4 ? ", (" : ",\n  (" : "\n  (");
		script_int(s, i ? from : -QUN_TIME_MAX);
		script_text(s, ", ");
		script_int(s, offset_us);
		script_char(s, ')');
	}
	script_text(s, ";\n");
}

static void put_instant(struct script *s, int64_t us, const char *end)
{
	if (us == QUN_NEVER)
		script_text(s, "''");
	else
		script_int(s, us);
	script_text(s, end);
}

/* date is NULL for the list as of A. */
static void put_line(struct script *s, const struct qun_roster_date *date, const struct qun_roster_line *line)
{
	const struct qun_span cell[] = {line->group, line->user, line->name, line->role};

	script_text(s, "INSERT INTO roster_raw VALUES (");
	for (int i = 0; i < 4; i++) {
		script_quoted(s, cell[i]);
		script_text(s, ", ");
	}
	put_instant(s, date ? date->from : QUN_NEVER, ", ");
	put_instant(s, date ? date->at : QUN_NEVER, ", ");
	put_instant(s, line->joined, ", ");
	put_instant(s, line->left, ");\n");
}

static void put_roster(struct script *s, const struct qun_roster *r)
{
	const struct qun_roster_date *date = NULL;
	size_t ndate = r ? qun_roster_dates(r, &date) : 0;

	script_table(s, "roster_raw", "\"group\", user, name, role, from_us, at_us, joined, \"left\"");
	for (size_t i = 0; r && i < qun_roster_count(r); i++) {
		const struct qun_roster_line *who = qun_roster_at(r, i), *line;

		for (size_t k = 0; k <= ndate; k++) {
			line = qun_roster_find_in(r, k < ndate ? date[k].at : QUN_NEVER, who->group, who->user);
			if (line)
				put_line(s, k < ndate ? &date[k] : NULL, line);
		}
	}
}

/* The sheets that options name are tables called OPTION_raw. */
static void put_sheets(struct script *s, const struct tool *t)
{
	const struct qun_option *row = t->program->options;
	char name[128];

	for (; row && row->name; row++) {
		if (row->type != QUN_OPT_SHEET)
			continue;
		snprintf(name, sizeof(name), "%s_raw", row->name);
		for (char *c = name; *c; c++)
			*c = *c == '-' ? '_' : *c;
		script_sheet(s, name, (const void *)((const char *)t->conf + row->offset));
	}
}

/* The records, with what --by, --hold and predicates read beside the canonical columns. */
static void put_given(struct script *s, const struct tool *t)
{
	const struct qun_extras *extras = &t->run.extras;
	bool first = true;

	script_text(s, "\nDROP VIEW IF EXISTS temp.given;\nCREATE TEMP VIEW given AS\nSELECT rowid AS n");
	for (int f = 0; f <= QUN_F_ID; f++) {
		struct qun_span name = qun_span_of(qun_field_name(f));

		script_text(s, f % 4 ? ", coalesce(raw." : ",\n  coalesce(raw.");
		script_name(s, name);
		script_text(s, ", '') AS ");
		script_name(s, name);
	}
	script_text(s, ",\n  json_object(");
	for (size_t i = 0; i < extras->n; i++) {
		struct qun_span name = qun_span_of(extras->name[i]);

		script_text(s, first ? "" : ", ");
		script_quoted(s, name);
		script_text(s, ", coalesce(raw.");
		script_name(s, name);
		script_text(s, ", '')");
		first = false;
	}
	script_text(s, ") AS more\nFROM raw;\n\n");
}

/* Appends a file of share/quntools/sql; false where there is none. */
static bool put_file(struct script *s, const struct tool *t, const char *name)
{
	char path[PATH_BYTES];
	ssize_t n = 1;
	int fd;

	if (s->rc < 0 || !tool_share(path, sizeof(path), "/share/quntools/sql/", name))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return false;
	while (fd >= 0 && n > 0) {
		script_check(s, qun_buf_reserve(&s->out, READ_BYTES));
		if (s->rc < 0)
			break;
		n = read(fd, s->out.ptr + s->out.len, READ_BYTES);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			s->out.len += (size_t)n;
	}
	if (fd < 0 || n < 0) {
		tool_say(t, _("cannot read %s: %s"), path, strerror(errno));
		script_check(s, QUN_EIO);
	}
	if (fd >= 0)
		close(fd);
	return s->rc == 0;
}

/* The first of the files NAME_OPTION.sql whose option is in force: another table. With the end "_base"
 * they are statements before those of the table, with "_print" they print it themselves. */
static bool put_option_file(struct script *s, const struct tool *t, const char *name, const char *end)
{
	struct qun_buf value = {0};
	const struct qun_option *row;
	char file[256];
	bool own, found = false;

	for (size_t i = 0; !found && (row = tool_row(t, i, &own)); i++) {
		if (!own || !tool_option_text(t, i, &value))
			continue;
		snprintf(file, sizeof(file), "%s_%s%s.sql", name, row->name, end);
		found = put_file(s, t, file);
	}
	qun_buf_release(&value);
	return found;
}

static void put_statements(struct script *s, const struct tool *t)
{
	char name[128], file[256];
	size_t from;
	bool found;

	snprintf(name, sizeof(name), "%s", t->name);
	for (char *c = name; *c; c++)
		*c = *c == '-' ? '_' : *c;
	found = put_file(s, t, "base.sql") && put_file(s, t, "member.sql");
	snprintf(file, sizeof(file), "%s_base.sql", name);
	put_file(s, t, file);
	put_option_file(s, t, name, "_base");
	script_text(s, "\nDROP TABLE IF EXISTS temp.result;\nCREATE TEMP TABLE result AS\n");
	from = s->out.len;
	snprintf(file, sizeof(file), "%s.sql", name);
	found = found && (put_option_file(s, t, name, "") || put_file(s, t, file));
	if (!found && s->rc == 0)
		tool_say(t, _("the SQL is not installed beside the program (share/quntools/sql)"));
	if (!found)
		script_check(s, QUN_EIO);
	script_text(s, "\n.mode list\n.separator ,\n.headers off\n");
	if (!put_option_file(s, t, name, "_print"))
		script_print(s, t, from);
}

static void put_comment(struct qun_buf *out, const char *text)
{
	qun_buf_printf(out, *text ? "-- %s\n" : "--\n", text);
}

/* "--talk: ..." is said only where that option is on. */
static bool is_asked(const struct tool *t, const char *line)
{
	struct qun_buf value = {0};
	const struct qun_option *row;
	bool own, asked = strncmp(line, "--", 2) != 0;

	for (size_t i = 0; !asked && (row = tool_row(t, i, &own)); i++) {
		size_t n = strlen(row->name);

		if (strncmp(line + 2, row->name, n) == 0 && line[2 + n] == ':')
			asked = tool_option_text(t, i, &value);
	}
	qun_buf_release(&value);
	return asked;
}

/* The command that makes the records of what the run would read. */
static void put_command(const struct tool *t, struct qun_buf *out)
{
	struct qun_buf value = {0};
	const struct qun_option *row;
	bool own;

	qun_buf_printf(out, "--   chat-cat --tz %s", qun_zone_name(t->zone));
	for (size_t i = 0; (row = tool_row(t, i, &own)); i++) {
		const struct qun_list *list = (const void *)((const char *)&t->opt + row->offset);
		size_t n = row->type == QUN_OPT_LIST ? list->n : 1;

		if (own || !is_of(reading, row) || strcmp(row->name, "tz") == 0 || !tool_option_given(t, i, &value))
			continue;
		for (size_t k = 0; k < n; k++) {
			qun_buf_printf(out, " --%s", row->name);
			if (row->type != QUN_OPT_FLAG)
				script_shell(out, row->type == QUN_OPT_LIST ? qun_span_of(list->v[k]) : qun_buf_span(&value));
		}
	}
	qun_buf_release(&value);
	qun_buf_add_text(out, " FILE... > raw.csv\n");
}

static void put_words(const struct tool *t, struct qun_buf *out)
{
	struct qun_buf value = {0};
	const struct qun_option *row;
	bool own;

	qun_buf_printf(out, "-- %s (quntools %s): %s\n--\n", t->name, QUN_VERSION, gettext(t->program->brief));
	for (const char *const *line = t->metric->definition; line && *line; line++) {
		if (is_asked(t, *line))
			put_comment(out, gettext(*line));
	}
	put_comment(out, "");
	put_comment(out, _("Options in force:"));
	qun_buf_printf(out, "--   tz %s\n", qun_zone_name(t->zone));
	for (size_t i = 0; (row = tool_row(t, i, &own)); i++) {
		struct qun_buf shown = {0};

		if (strcmp(row->name, "tz") == 0 || tool_is_silent(row) || !tool_option_text(t, i, &value))
			continue;
		qun_utf8_show(&shown, qun_buf_span(&value));
		qun_buf_printf(out, "--   %s %.*s\n", row->name, (int)shown.len, shown.ptr ? shown.ptr : "");
		qun_buf_release(&shown);
	}
	qun_buf_release(&value);
	put_comment(out, "");
	put_comment(out, _("The same in SQL: prints the table, before --sort, --top, --columns and --min-cell shape it."));
	put_comment(out, _("The table raw holds the records as text:"));
	put_command(t, out);
	put_comment(out, "  sqlite3 -cmd '.import --csv raw.csv raw' < DEFINITION");
	if (t->run.extras.n)
		put_comment(out, _("The columns that are not canonical must be in raw too:"));
	for (size_t i = 0; i < t->run.extras.n; i++) {
		struct qun_buf shown = {0};

		qun_utf8_show(&shown, qun_span_of(t->run.extras.name[i]));
		qun_buf_printf(out, "--   %.*s\n", (int)shown.len, shown.ptr ? shown.ptr : "");
		qun_buf_release(&shown);
	}
}

int tool_define(struct tool *t)
{
	struct script s = {0};
	int status = EXIT_DATA;

	put_words(t, &s.out);
	put_settings(&s, t);
	put_zone(&s, t);
	put_roster(&s, t->roster);
	put_sheets(&s, t);
	put_given(&s, t);
	put_statements(&s, t);
	if (s.rc == QUN_ENOMEM)
		tool_no_memory(t);
	if (s.rc == 0)
		status = tool_write(t, &s.out);
	qun_buf_release(&s.out);
	return status;
}
