/*
 * The one main loop of all programs. One that prints a metric's table is a comment, its examples and
 * QUN_TOOL(descriptor); one that does something else with the events describes itself by a
 * struct tool_program. Everything else is here.
 */
#ifndef CMD_COMMON_TOOL_H
#define CMD_COMMON_TOOL_H

#include <libintl.h>
#include <stdbool.h>

#include "qun/engine.h"
#include "qun/input.h"
#include "qun/option.h"
#include "qun/state.h"
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

struct tool;

/* What a program is. Functions return 0 or an exit status with its message said. */
struct tool_program {
	const char *name, *brief;          /* brief and examples: gettext msgids */
	const char *const *examples;       /* NULL-ended */
	const struct qun_option *options;  /* its own */
	size_t conf_size;                  /* they are stored here */
	const struct qun_metric *metric;   /* its events go here; NULL: to what follows */
	const char *const *without;        /* common options that mean nothing here, NULL-ended; NULL: none */
	int (*at_once)(struct tool *t);    /* what needs no input; -1: go on. NULL: nothing */
	int (*setup)(struct tool *t);      /* the run is resolved, nothing was read */
	/* As of qun_input_sink: 0 used, 1 filtered, negative stops. */
	int (*event)(struct tool *t, struct qun_event *ev, struct qun_err *err);
	void (*opened)(struct tool *t, const struct qun_found *found);   /* NULL: nobody asks */
	void (*closed)(struct tool *t, const struct qun_closed *closed); /* NULL: likewise */
	/* A file could not be read: its status, 0 to go on with the next one. NULL: the run ends. */
	int (*unreadable)(struct tool *t, const char *file, const struct qun_err *err);
	int (*finish)(struct tool *t);     /* all is read */
	void (*release)(struct tool *t);
};

/* Common options as the user wrote them; the rows are in options.c. */
struct tool_options {
	const char *from, *delimiter, *encoding, *tz, *day_start;
	struct qun_list map, set, staff, seen, roster, alias, alert, forget;
	const char *since, *until, *last, *as_of, *group, *where, *active, *by;
	const char *output, *sort, *columns, *skip_bad, *rejects, *partial, *state;
	int64_t top, max_age, max_mem, min_cell, threads;
	int week_start, unit, date_order, time_unit, refund, color, reader;
	double confidence;
	bool include_staff, names_global, zero_ok, no_header, dedup, no_dedup, no_wait;
	bool alert_partial, alert_only, require_rows, quiet, verbose, progress, show_config;
	bool define, stamp, excel, merge, help, version;
};

/* What --progress has seen go by. */
struct tool_progress {
	double begun, last; /* seconds of the monotonic clock; 0: not yet */
	uint64_t bytes, total; /* total 0: not known */
	bool terminal;
};

enum { TOOL_BAD_SHOWN = 5, TOOL_BAD_KINDS = 32 };

/* Bad records, whatever becomes of the run. */
struct tool_bad {
	uint64_t n;
	char *shown[TOOL_BAD_SHOWN]; /* the first, with place and reason */
	struct {
		const char *kind;
		uint64_t n;
	} kind[TOOL_BAD_KINDS];
};

/* What a program without an engine keeps of the events it was given. */
struct tool_seen {
	bool any;
	int64_t newest;
	uint64_t anonymous;
	struct qun_dict people, types; /* types: words that are not built in */
};

/* What --state keeps between runs. */
struct tool_state {
	struct qun_state *file;    /* locked; NULL: there is none */
	struct qun_buf input;      /* what a run must know of the inputs before */
	struct qun_engine *later;  /* events after --as-of, which this table must not see; NULL: it sees all */
	struct qun_run run;        /* of later, which has no moment of looking */
	struct qun_dict types;     /* type words of runs before */
	size_t size;               /* of the people as they were loaded */
	bool changed;
};

struct tool {
	const char *name;
	const struct tool_program *program;
	const struct qun_metric *metric; /* the program's, or NULL */
	struct tool_options opt;
	void *conf; /* the program's own options */
	char **file;
	int nfile;
	struct qun_run run;
	struct qun_zone *zone;
	struct qun_roster *roster;
	struct qun_staff *staff, *known; /* --staff, --seen */
	struct qun_alias *alias;
	struct qun_engine *engine;
	struct tool_state state;
	struct qun_arena text; /* copies of settings from files */
	int64_t now;
	struct tool_bad bad;
	struct tool_seen seen;
	struct qun_input_counts counts;
	struct tool_progress progress;
	struct tool_stamp *stamp; /* NULL: nothing was read, or nobody asks */
	bool bears_bad; /* finish tells of bad records and all else itself; with them the status is EXIT_DATA */
};

int tool_main(const struct qun_metric *metric, int argc, char **argv);
int tool_run(const struct tool_program *program, int argc, char **argv);

/* options.c: rows of the common options; parsing of settings files, environment and argv. */
extern const struct qun_option tool_rows[];
int tool_parse(struct tool *t, int argc, char **argv); /* 0, or an exit status with its message said */
/* Visits common rows, then the program's: returns NULL past the last. *own tells whose it is. */
const struct qun_option *tool_row(const struct tool *t, size_t i, bool *own);
/* Does this common option mean something to the program? */
bool tool_has(const struct tool *t, const struct qun_option *row);
bool tool_may_omit(const struct qun_option *row); /* may its argument be left out? */

/* help.c */
void tool_help(const struct tool *t, struct qun_buf *out);
void tool_show_config(const struct tool *t, struct qun_buf *out);

/* setup.c: resolves options into the run. 0 or an exit status with its message said. */
int tool_setup(struct tool *t);
void tool_release(struct tool *t);

/* feed.c: reads all inputs into the engine; says what was bad. 0 or an exit status. */
int tool_feed(struct tool *t);

/* others.c: options of programs that are no metrics, which one settings file must know; NULL-ended. */
extern const struct qun_option *const tool_others[];

/* value.c: text of an option's value (not of a flag's); false where it is off or was left unset. */
bool tool_option_text(const struct tool *t, size_t i, struct qun_buf *out);
bool tool_option_given(const struct tool *t, size_t i, struct qun_buf *out); /* and is not at its default */
bool tool_is_silent(const struct qun_option *row); /* changes nothing in the table */

/* fingerprint.c: what of the run decides what a state holds, as of qun/state.h. */
int tool_fingerprint(const struct tool *t, struct qun_buf *out);

/* main.c: what follows from the heads: --last, --max-age, words of predicates. 0 or an exit status. */
int tool_settle(struct tool *t);

/* parts.c: what was read as lines of parts; and from sorted lines to a report, or with --partial=report
 * to the line of one. 0 or an exit status. */
int tool_write_parts(struct tool *t);
int tool_merge_parts(struct tool *t, struct qun_cube *report);

/*
 * state.c: --state. All do nothing without it, and return 0 or an exit status with its message said.
 * open locks and loads what runs before have counted; begin and end are for the inputs; commit puts the
 * new state in place of the old one, once the table is known to have arrived.
 */
int tool_state_open(struct tool *t);
int tool_state_begin(struct tool *t, struct qun_input *in);
int tool_state_end(struct tool *t, const struct qun_input *in);
int tool_state_commit(struct tool *t);
int tool_state_forget(struct tool *t); /* --forget: takes people out, and is done */
void tool_state_release(struct tool *t);

/* define.c: answers --define; 0 or an exit status. */
int tool_define(struct tool *t);

/* stamp.c: takes the bytes of inputs as they lie there, none at the end of one; then the lines. */
void tool_stamp_take(struct tool *t, const char *file, struct qun_span bytes);
int tool_stamp(const struct tool *t, struct qun_buf *out);
void tool_stamp_release(struct tool *t);

/* progress.c */
void tool_progress_take(struct tool *t, uint64_t bytes);
void tool_progress_wipe(void); /* before anything else is said */

/* print.c: can the table be printed as asked? 0 or an exit status. */
int tool_check_output(const struct tool *t);
/* print.c: the finished table to stdout. 0 or an exit status. */
int tool_print(struct tool *t, struct qun_table *table);

/* say.c: stderr, escaped so that no input drives the reader's terminal. */
void tool_say(const struct tool *t, const char *fmt, ...) QUN_PRINTF(2, 3);
void tool_warn(const struct tool *t, const char *fmt, ...) QUN_PRINTF(2, 3); /* unless --quiet */
void tool_say_plain(const char *fmt, ...) QUN_PRINTF(1, 2); /* a line without the program's name */
int tool_say_err(const struct tool *t, const struct qun_err *err); /* returns its exit status */
void tool_no_memory(const struct tool *t);
/* Path of a file that lies beside the program: BIN/..DIR NAME; false where it does not fit. */
bool tool_share(char *path, size_t size, const char *dir, const char *name);
/* Opens descriptors 0–2, ignores SIGXFSZ, sets the language of messages. */
void tool_start(void);
/* Writes all of out to fd 1; 0 or EXIT_DATA with the reason said. */
int tool_write(const struct tool *t, struct qun_buf *out);
/* Closes fd 1 and 2 and checks what was written: the status, or EXIT_DATA. */
int tool_close(const struct tool *t, int status);

#endif
