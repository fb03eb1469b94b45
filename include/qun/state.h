/*
 * State between runs: what earlier ones folded, in one file that is locked while a run has it and
 * replaced as a whole. Whatever happens to a run, the file holds the old state or the new one.
 */
#ifndef QUN_STATE_H
#define QUN_STATE_H

#include "qun/bytes.h"

#ifdef __cplusplus
extern "C" {
#endif

enum qun_state_part {
	QUN_STATE_FINGERPRINT, /* which runs may share it, see below */
	QUN_STATE_ZONE,        /* the rules by which instants were put into days */
	QUN_STATE_INPUT,       /* what was read, see qun_input_save */
	QUN_STATE_TYPES,       /* type words that are not built in, each followed by NUL */
	QUN_STATE_PEOPLE,      /* what qun_engine_save wrote */
	QUN_STATE_LATER,       /* likewise, of events after a moment of looking */
	QUN_STATE_PARTS
};

struct qun_state; /* a state file, locked */

/*
 * Locks PATH, or what it links to, by PATH.lock beside it, and reads it. QUN_ELOCK where another run
 * has it and wait is false; QUN_ESTATE for a file that is damaged, of a newer version or no state.
 */
int qun_state_open(struct qun_state **s, const char *path, bool wait, struct qun_err *err);
bool qun_state_is_new(const struct qun_state *s); /* there was no file */
/* A part as read; empty where the state is new. Lives until qun_state_drop or close. */
struct qun_span qun_state_part(const struct qun_state *s, enum qun_state_part part);
void qun_state_drop(struct qun_state *s); /* releases the parts, keeps the lock */
/* Puts a new file in place of the old one, durably; a failure before that leaves the old one. */
int qun_state_replace(struct qun_state *s, const struct qun_span part[QUN_STATE_PARTS], struct qun_err *err);
void qun_state_close(struct qun_state *s);

/* The bytes of a file and back: pack appends to out; parts of unpack point into plain. */
int qun_state_pack(const struct qun_span part[QUN_STATE_PARTS], struct qun_buf *out, struct qun_err *err);
int qun_state_unpack(struct qun_span bytes, struct qun_buf *plain, struct qun_span part[QUN_STATE_PARTS],
	struct qun_err *err);

/*
 * Fingerprints: text lines NAME=VALUE in the order in which the run puts them, for what decides what is
 * stored and nothing else. Of a list one line for each value; newlines and backslashes are escaped.
 */
int qun_fingerprint_add(struct qun_buf *out, const char *name, struct qun_span value);
/* The first thing in which two of them differ; an absent value has no ptr. */
struct qun_difference {
	struct qun_span name, was, is;
};
bool qun_fingerprint_differ(struct qun_span was, struct qun_span is, struct qun_difference *d);

#ifdef __cplusplus
}
#endif
#endif
