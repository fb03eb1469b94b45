/*
 * --define: what the numbers of this run mean, as a script for sqlite3: formulas and options as
 * comments, the options and the zone as tables, and the statements that the tests hold the program to.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/tool.h"
#include "qun/utf8.h"

enum { PATH_BYTES = 4096, READ_BYTES = 65536, ZONE_ROWS = 4096 };

static int put_quoted(struct qun_buf *out, struct qun_span s)
{
	int rc = qun_buf_add_char(out, '\'');

	for (size_t i = 0; rc == 0 && i < s.len; i++) {
		rc = qun_buf_add_char(out, s.ptr[i]);
		if (rc == 0 && s.ptr[i] == '\'')
			rc = qun_buf_add_char(out, '\'');
	}
	return rc < 0 ? rc : qun_buf_add_char(out, '\'');
}

static int put_setting(struct qun_buf *out, const char *name, struct qun_span value)
{
	int rc = qun_buf_add_text(out, "INSERT INTO opt VALUES ('");

	for (; rc == 0 && *name; name++)
		rc = qun_buf_add_char(out, *name == '-' ? '_' : *name);
	if (rc == 0)
		rc = qun_buf_add_text(out, "', ");
	if (rc == 0)
		rc = put_quoted(out, value);
	return rc < 0 ? rc : qun_buf_add_text(out, ");\n");
}

/* --by a,b is by1 and by2 in the statements. */
static int put_by(struct qun_buf *out, const struct qun_run *run)
{
	int rc = 0;

	for (int i = 0; rc == 0 && i < run->by.n; i++) {
		char name[] = "by1";

		name[2] = (char)('1' + i);
		rc = put_setting(out, name, qun_span_of(run->by.name[i]));
	}
	return rc;
}

/* Options that say how the table looks or what to do with it; by and tz are said in another way. */
static bool is_outward(const struct qun_option *row)
{
	static const char *const names[] = {"tz", "by", "output", "sort", "top", "columns", "alert", "alert-only",
		"alert-partial", "excel", "rejects", "skip-bad", "require-rows", NULL};

	for (int i = 0; names[i]; i++) {
		if (strcmp(names[i], row->name) == 0)
			return true;
	}
	return false;
}

static int put_settings(const struct tool *t, struct qun_buf *out)
{
	struct qun_buf value = {0};
	const struct qun_option *row;
	bool own;
	int rc = qun_buf_add_text(out, "\nDROP TABLE IF EXISTS opt;\nCREATE TABLE opt(name, value);\n");

	if (rc == 0)
		rc = put_setting(out, "tz", qun_span_of(qun_zone_name(t->zone)));
	for (size_t i = 0; rc == 0 && (row = tool_row(t, i, &own)); i++) {
		if (is_outward(row) || tool_is_silent(row) || !tool_option_text(t, i, &value))
			continue;
		rc = put_setting(out, row->name, row->type == QUN_OPT_FLAG ? qun_span_of("1") : qun_buf_span(&value));
	}
	qun_buf_release(&value);
	return rc < 0 ? rc : put_by(out, &t->run);
}

/* Offsets of the run's zone, over the years that times may be in. */
static int put_zone(const struct tool *t, struct qun_buf *out)
{
	int64_t from = 0, to = QUN_TIME_MIN;
	int rc = qun_buf_add_text(out, "\nDROP TABLE IF EXISTS zone;\n"
		"CREATE TABLE zone(name, from_us INTEGER, offset_us INTEGER);\nINSERT INTO zone SELECT ");

	if (rc == 0)
		rc = put_quoted(out, qun_span_of(qun_zone_name(t->zone)));
	if (rc == 0)
		rc = qun_buf_add_text(out, ", column1, column2 * 1000000 FROM (VALUES");
	for (int i = 0; rc == 0 && i < ZONE_ROWS && to < QUN_TIME_MAX; i++) {
		int32_t offset = qun_zone_offset(t->zone, to, &from, &to);

		/* The first span has no beginning that days around 1970 could miss. */
		rc = qun_buf_printf(out, "%s%s(%lld, %d)", i ? "," : "", i % 4 ? " " : "\n  ",
			(long long)(i ? from : -QUN_TIME_MAX), (int)offset);
	}
	return rc < 0 ? rc : qun_buf_add_text(out, ");\n\n");
}

/* Appends a file of share/quntools/sql: 1, 0 where there is none, or negative. */
static int put_file(const struct tool *t, const char *name, struct qun_buf *out)
{
	char path[PATH_BYTES];
	ssize_t n = 1;
	int fd;

	if (!tool_share(path, sizeof(path), "/share/quntools/sql/", name))
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;
	while (fd >= 0 && n > 0) {
		if (qun_buf_reserve(out, READ_BYTES) < 0)
			break;
		n = read(fd, out->ptr + out->len, READ_BYTES);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			out->len += (size_t)n;
	}
	if (fd < 0 || n < 0)
		tool_say(t, _("cannot read %s: %s"), path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return fd < 0 || n != 0 ? QUN_EIO : 1;
}

/* NAME_OPTION.sql where the option is on, in place of NAME.sql: another table, other statements. */
static int put_statements(const struct tool *t, struct qun_buf *out)
{
	char name[128], file[256];
	struct qun_buf value = {0};
	const struct qun_option *row;
	bool own;
	int rc;

	snprintf(name, sizeof(name), "%s", t->name);
	for (char *c = name; *c; c++)
		*c = *c == '-' ? '_' : *c;
	rc = put_file(t, "base.sql", out);
	if (rc == 0)
		tool_say(t, _("the SQL is not installed beside the program (share/quntools/sql)"));
	if (rc > 0) {
		snprintf(file, sizeof(file), "%s_base.sql", name);
		rc = put_file(t, file, out) < 0 ? QUN_EIO : 0;
	} else {
		rc = QUN_EIO;
	}
	for (size_t i = 0; rc == 0 && (row = tool_row(t, i, &own)); i++) {
		if (!own || !tool_option_text(t, i, &value))
			continue;
		snprintf(file, sizeof(file), "%s_%s.sql", name, row->name);
		rc = put_file(t, file, out);
	}
	qun_buf_release(&value);
	snprintf(file, sizeof(file), "%s.sql", name);
	return rc == 0 ? put_file(t, file, out) : rc;
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
	put_comment(out, _("The same in SQL, for sqlite3. The table raw holds the records as text:"));
	put_comment(out, "  chat-cat --tz UTC FILE... > raw.csv");
	put_comment(out, "  sqlite3 -cmd '.import --csv raw.csv raw' -cmd 'ALTER TABLE raw ADD COLUMN city' < DEFINITION");
	qun_buf_add_text(out, "\nCREATE TABLE IF NOT EXISTS roster_raw(\"group\", user, name, joined, \"left\", role);\n"
		"CREATE TABLE IF NOT EXISTS event_raw(date, label);\n");
}

int tool_define(struct tool *t)
{
	struct qun_buf out = {0};
	int rc, status = EXIT_DATA;

	put_words(t, &out);
	rc = put_settings(t, &out);
	if (rc == 0)
		rc = put_zone(t, &out);
	if (rc == 0)
		rc = put_statements(t, &out) > 0 ? 0 : QUN_EIO;
	if (rc == QUN_ENOMEM)
		tool_no_memory(t);
	if (rc == 0)
		status = tool_write(t, &out);
	qun_buf_release(&out);
	return status;
}
