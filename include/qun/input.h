/*
 * Input: sources, readers, detection and mapping, from a path to events. Counts every record:
 * read = used + filtered + duplicate + bad.
 */
#ifndef QUN_INPUT_H
#define QUN_INPUT_H

#include "qun/format.h"
#include "qun/lane.h"
#include "qun/option.h"
#include "qun/roster.h"
#include "qun/run.h"
#include "qun/sheet.h"

#ifdef __cplusplus
extern "C" {
#endif

struct qun_bad {
	const char *file;
	uint64_t line, offset;
	const char *kind;   /* time number columns json encoding nul quote too-long … */
	const char *column; /* NULL: the record as a whole */
	const char *why;    /* one sentence without place: "cannot read time 'abc' (expected e.g. …)" */
	struct qun_span raw;
};

/* Who cuts CSV and JSON: they agree to the byte, which is what choosing is for. */
enum qun_reader_kind {
	QUN_READER_AUTO,      /* fast */
	QUN_READER_FAST,      /* what is regular by our own code, the rest by the library */
	QUN_READER_REFERENCE, /* libcsv and jansson alone */
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
	uint64_t rare;           /* those of them that it does not read of messages, which may lack them */
	const struct qun_alias *alias;
	bool dedup;              /* drop events that an earlier file had; what it compares is read, too */
	/* For a state: inputs and at least so many of the newest events are known again, see qun_input_save. 0: no. */
	size_t remember;
	/* Given the bytes of each file as they lie there, none at its end. NULL: nobody asks. */
	void (*raw)(void *arg, const char *file, struct qun_span bytes);
	void *raw_arg;
	enum qun_reader_kind reader;
	enum qun_lane lane; /* of what is fast; for tests */
	size_t threads;          /* at most; 0 and 1: none but the caller's */
	uint64_t threads_after;  /* bytes of a file that are read before they are called in */
	/* limits; 0: the default */
	size_t max_field, max_record, max_columns, max_depth;
};

struct qun_input_counts {
	uint64_t read, used, filtered, duplicate, bad;
	uint64_t bytes;
	uint64_t system_unknown; /* system sentences not understood */
	uint64_t rounded;        /* amounts with more than 4 decimals */
	uint64_t by_name;        /* joins and leaves of people named in files that know people by id */
	uint64_t odd_types;      /* records of files read by the names of columns where no word in `type` is a type */
	uint64_t repeated;       /* events that an earlier file had already */
	uint64_t by_library;     /* records, behind the sample that a file is known by, that libcsv or jansson judged */
	uint64_t astray;         /* events in group "-" whose chat is named too far behind them */
};

/* What one file was taken for, and why. Borrowed until the callback returns. */
struct qun_found {
	const char *file, *format, *brief; /* brief: of the format; "" where columns speak for themselves */
	bool asked;           /* by --from */
	int score;            /* how sure the format was, 0 … 100; 0 where none answered or it was asked for */
	enum qun_container container;
	char delimiter;       /* CSV */
	const char *array;    /* JSON: path of the records, "" for lines or a bare array */
	const char *packed;   /* "gzip", "zstd" or "" */
	const char *encoding, *times;
	bool by_name;         /* no ids in it: people are known by their names */
	size_t ncolumn;       /* fields found, in order of fields */
	const struct qun_found_column {
		const char *field, *column;
	} *column;
	size_t nunused;       /* columns that no field is taken from */
	const struct qun_span *unused;
};

enum { QUN_UNKNOWN_SHOWN = 10 };

/* What came of one file. */
struct qun_closed {
	const char *file;
	struct qun_input_counts counts; /* of it alone */
	size_t ids, known;              /* with --alias: people in it, and those of them that the file of aliases knows */
	size_t nunknown;                /* the first of the others */
	struct qun_span unknown[QUN_UNKNOWN_SHOWN];
};

struct qun_input_sink {
	void *arg;
	/* 0 used, 1 filtered, negative stops the run. Called 0 or more times a record. */
	int (*event)(void *arg, struct qun_event *ev, struct qun_err *err);
	/* Takes n events as `event` would one by one; *used: so many were used. 0, or negative stops the run. NULL:
	 * `event` takes them. */
	int (*events)(void *arg, struct qun_event *ev, size_t n, size_t *used, struct qun_err *err);
	int (*bad)(void *arg, const struct qun_bad *bad); /* 0, or negative to stop */
	/* What the i-th thread gives `event` and `events` for arg, of which the first one may be `arg`. All other calls
	 * come one at a time, in the order of the input. NULL: so do events. */
	void *(*worker)(void *arg, size_t i);
	/* Told once per file what was found: format, container, delimiter, encoding, time style, the
	 * columns mapped. NULL: nobody asks. */
	void (*found)(void *arg, const char *file, const char *what);
	/* The same taken apart, and what a file that was read to its end came to. NULL: nobody asks. */
	void (*opened)(void *arg, const struct qun_found *found);
	void (*closed)(void *arg, const struct qun_closed *closed);
	/* Told of a file that a state knows: all of it, so that it is left out, or its beginning. NULL: likewise. */
	void (*again)(void *arg, const char *file, bool all);
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
/* The next file is the last one, which spares memory where it is large and conf.remember is set. */
void qun_input_last(struct qun_input *in);
/* After the last file: QUN_EUSAGE naming a column of --map, or an extra one, that no file had, with the
 * nearest one. */
int qun_input_check(const struct qun_input *in, struct qun_err *err);
struct qun_input_counts qun_input_counts(const struct qun_input *in);
/*
 * With conf.remember: what a later run must know of the inputs read, so that nothing counts twice, and
 * back, before the first file. A file known by its bytes is left out; of one that begins with such bytes
 * only what follows counts. Events are compared as dedup says; one that is older than what is remembered
 * is an error there, for it might have been counted.
 */
int qun_input_save(const struct qun_input *in, struct qun_buf *out, struct qun_err *err);
int qun_input_load(struct qun_input *in, struct qun_span bytes, struct qun_err *err);

/*
 * Reads a file ("-" is fd 0), packed or not, line by line; err->line tells which one. A last line
 * without its end counts. line: 0, or negative to stop.
 */
int qun_lines_read(const char *path, int (*line)(void *arg, struct qun_span line, struct qun_err *err), void *arg,
	struct qun_err *err);

/* Side files. Each is CSV with a header (names and their aliases), or for staff one id a line. */
struct qun_alias; /* id -> canonical id */
int qun_alias_read(struct qun_alias **a, const char *path, struct qun_err *err);
void qun_alias_close(struct qun_alias *a);
struct qun_span qun_alias_of(const struct qun_alias *a, struct qun_span id); /* id itself if not listed */
/* A number for the list's content, the same in any order of its lines; 0 for none. */
uint64_t qun_alias_hash(const struct qun_alias *a);
bool qun_alias_knows(const struct qun_alias *a, struct qun_span id); /* listed, in either column */
int qun_roster_read(struct qun_roster *r, const char *path, const struct qun_cal *cal, const struct qun_alias *alias,
	struct qun_err *err);
/* A CSV file with a header into an empty sheet; all rows must be as wide as the header. */
int qun_sheet_read(struct qun_sheet *s, const char *path, struct qun_err *err);
/* A path, or ids separated by commas where no such file exists. */
int qun_staff_read(struct qun_staff *s, const char *file_or_ids, const struct qun_alias *alias, struct qun_err *err);

#ifdef __cplusplus
}
#endif
#endif
