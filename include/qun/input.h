/*
 * Input: sources, readers, detection and mapping, from a path to events. Counts every record:
 * read = used + filtered + duplicate + bad.
 */
#ifndef QUN_INPUT_H
#define QUN_INPUT_H

#include "qun/format.h"
#include "qun/option.h"
#include "qun/roster.h"
#include "qun/run.h"

#ifdef __cplusplus
extern "C" {
#endif

struct qun_bad {
	const char *file;
	uint64_t record, line, offset;
	const char *kind;   /* time number columns json encoding nul quote too-long … */
	const char *column; /* NULL: the record as a whole */
	const char *why;    /* one sentence without place: "cannot read time 'abc' (expected e.g. …)" */
	struct qun_span raw;
};

struct qun_input_conf {
	const char *from;        /* format name; NULL: detect */
	struct qun_list map;     /* FIELD=COLUMN */
	struct qun_list set;     /* FIELD=VALUE */
	char delimiter;          /* 0: detect among , ; TAB | */
	const char *encoding;    /* NULL: detect UTF-8, UTF-16 with BOM, GB18030 */
	enum qun_time_style time_unit;  /* QUN_TIME_AUTO or an epoch style */
	enum qun_time_style date_order; /* QUN_TIME_AUTO, QUN_TIME_DMY or QUN_TIME_MDY */
	bool no_header;
	bool names_global;       /* names used as ids are one person over all groups */
	const struct qun_cal *cal;
	struct qun_extras *extras; /* extra columns wanted; an unknown one is an error at the first file */
	uint64_t needs;          /* QUN_BIT mask of fields the run reads; 0: all */
	const struct qun_alias *alias;
	/* limits; 0: the default */
	size_t max_field, max_record, max_columns, max_depth;
};

struct qun_input_counts {
	uint64_t read, used, filtered, duplicate, bad;
	uint64_t bytes;
	uint64_t system_unknown; /* system sentences not understood */
	uint64_t rounded;        /* amounts with more than 4 decimals */
	uint64_t by_name;        /* joins and leaves of people named in files that know people by id */
};

struct qun_input_sink {
	void *arg;
	/* 0 used, 1 filtered, negative stops the run. Called 0 or more times a record. */
	int (*event)(void *arg, struct qun_event *ev, struct qun_err *err);
	int (*bad)(void *arg, const struct qun_bad *bad); /* 0, or negative to stop */
	/* Told once per file what was found: format, container, delimiter, encoding, time style, the
	 * columns mapped. NULL: nobody asks. */
	void (*found)(void *arg, const char *file, const char *what);
};

struct qun_input;

int qun_input_open(struct qun_input **in, const struct qun_input_conf *conf, const struct qun_input_sink *sink);
void qun_input_close(struct qun_input *in);
/*
 * Reads a file ("-" is fd 0) or the files of a folder to the end. Bad records go to the sink and
 * do not fail the call; what fails it is an unreadable file, a missing column (QUN_EUSAGE, lists
 * the columns found), a format that is refused, ambiguous dates, or the sink.
 */
int qun_input_read(struct qun_input *in, const char *path, struct qun_err *err);
/* After the last file: QUN_EUSAGE naming an extra column that no file had, with the nearest one. */
int qun_input_check(const struct qun_input *in, struct qun_err *err);
struct qun_input_counts qun_input_counts(const struct qun_input *in);

/* Side files. Each is CSV with a header (names and their aliases), or for staff one id a line. */
struct qun_alias; /* id -> canonical id */
int qun_alias_read(struct qun_alias **a, const char *path, struct qun_err *err);
void qun_alias_close(struct qun_alias *a);
struct qun_span qun_alias_of(const struct qun_alias *a, struct qun_span id); /* id itself if not listed */
int qun_roster_read(struct qun_roster *r, const char *path, const struct qun_cal *cal, const struct qun_alias *alias,
	struct qun_err *err);
/* A path, or ids separated by commas where no such file exists. */
int qun_staff_read(struct qun_staff *s, const char *file_or_ids, const struct qun_alias *alias, struct qun_err *err);

#ifdef __cplusplus
}
#endif
#endif
