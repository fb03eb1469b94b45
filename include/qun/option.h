/*
 * Options are declared once: a row serves getopt_long, --help, the man page, completion, range
 * errors, settings files and the state's fingerprint.
 */
#ifndef QUN_OPTION_H
#define QUN_OPTION_H

#include "qun/bytes.h"

#ifdef __cplusplus
extern "C" {
#endif

enum qun_option_type {
	QUN_OPT_FLAG,     /* bool */
	QUN_OPT_INT,      /* int64_t within [min, max] */
	QUN_OPT_REAL,     /* double */
	QUN_OPT_WORD,     /* int: index in words ("on|after|before") */
	QUN_OPT_TEXT,     /* const char * */
	QUN_OPT_LIST,     /* struct qun_list; repeatable */
	QUN_OPT_DURATION, /* int64_t microseconds: 7d 24h 30m */
	QUN_OPT_SHEET,    /* struct qun_sheet: a small CSV file, read before the metric's setup */
};

/* Does the option change what a state holds? Then it is part of the fingerprint. */
enum qun_stored {
	QUN_NOT_STORED, /* it acts in the last step only */
	QUN_STORED,
	QUN_STORED_GIVEN, /* whether it is given does, what it says does not */
};

struct qun_list {
	const char **v;
	size_t n;
};

/* Rows end with an all-zero one. Help texts are gettext msgids. */
struct qun_option {
	const char *name;
	char letter; /* 0: none */
	enum qun_option_type type;
	const char *arg;   /* "DAYS", NULL for flags; "[KIND]" where it may be left out */
	const char *dflt;  /* as the user would write it; NULL: unset */
	const char *words; /* for QUN_OPT_WORD */
	double min, max;   /* for numbers; both 0: any */
	const char *help;  /* one line, no full stop */
	size_t offset;     /* in the struct it is stored in */
	unsigned char stored; /* one of enum qun_stored */
};

#ifdef __cplusplus
}
#endif
#endif
