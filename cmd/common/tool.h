/*
 * The one main loop of all programs that print a metric's table. A program is a comment, its
 * examples and QUN_TOOL(descriptor); everything else is here.
 */
#ifndef CMD_COMMON_TOOL_H
#define CMD_COMMON_TOOL_H

#include <libintl.h>
#include <stdbool.h>

#include "qun/engine.h"
#include "qun/input.h"
#include "qun/option.h"
#include "qun/write.h"

#define _(text) gettext(text)
#define N_(text) text

/* Exit statuses: the contract that scripts rely on. */
enum { EXIT_DONE = 0, EXIT_DATA = 1, EXIT_USAGE = 2, EXIT_ALERT = 3, EXIT_LOCKED = 75 };

#define QUN_TOOL(descriptor)                                                                       \
	int main(int argc, char **argv)                                                            \
	{                                                                                          \
		extern const struct qun_metric descriptor;                                         \
		return tool_main(&descriptor, argc, argv);                                         \
	}

/* Common options as the user wrote them; the rows are in options.c. */
struct tool_options {
	const char *from, *delimiter, *encoding, *tz, *day_start;
	struct qun_list map, set, staff, roster, alias, alert;
	const char *since, *until, *last, *as_of, *group, *where, *active, *by, *seen;
	const char *output, *sort, *columns, *skip_bad, *rejects;
	int64_t top, max_age, max_mem;
	int week_start, unit, date_order, time_unit, refund, color;
	double confidence;
	bool include_staff, names_global, zero_ok, no_header;
	bool alert_partial, alert_only, require_rows, quiet, verbose, progress, show_config;
	bool help, version;
};

struct tool {
	const char *name;
	const struct qun_metric *metric;
	struct tool_options opt;
	void *conf; /* the metric's options */
	char **file;
	int nfile;
	struct qun_run run;
	struct qun_zone *zone;
	struct qun_roster *roster;
	struct qun_staff *staff;
	struct qun_alias *alias;
	struct qun_engine *engine;
	struct qun_arena text; /* copies of settings from files */
	int64_t now;
};

int tool_main(const struct qun_metric *metric, int argc, char **argv);

/* options.c: rows of the common options; parsing of settings files, environment and argv. */
extern const struct qun_option tool_rows[];
int tool_parse(struct tool *t, int argc, char **argv); /* 0, or an exit status with its message said */
/* Visits common rows, then the metric's: returns NULL past the last. *metric tells whose it is. */
const struct qun_option *tool_row(const struct tool *t, size_t i, bool *metric);
bool tool_may_omit(const struct qun_option *row); /* may its argument be left out? */

/* help.c */
void tool_help(const struct tool *t, struct qun_buf *out);
void tool_show_config(const struct tool *t, struct qun_buf *out);

/* setup.c: resolves options into the run. 0 or an exit status with its message said. */
int tool_setup(struct tool *t);
void tool_release(struct tool *t);

/* feed.c: reads all inputs into the engine; says what was bad. 0 or an exit status. */
int tool_feed(struct tool *t);

/* print.c: the finished table to stdout. 0 or an exit status. */
int tool_print(struct tool *t, struct qun_table *table);

/* say.c: stderr, escaped so that no input drives the reader's terminal. */
void tool_say(const struct tool *t, const char *fmt, ...) QUN_PRINTF(2, 3);
void tool_say_plain(const char *fmt, ...) QUN_PRINTF(1, 2); /* a line without the program's name */
int tool_say_err(const struct tool *t, const struct qun_err *err); /* returns its exit status */
/* Opens descriptors 0–2, ignores SIGXFSZ, sets the language of messages. */
void tool_start(void);
/* Writes all of out to fd 1; 0 or EXIT_DATA with the reason said. */
int tool_write(const struct tool *t, struct qun_buf *out);
/* Closes fd 1 and 2 and checks what was written: the status, or EXIT_DATA. */
int tool_close(const struct tool *t, int status);

#endif
