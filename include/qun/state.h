/*
 * State between runs: the fingerprint says which runs may share one. Text lines NAME=VALUE in the
 * order in which the run puts them: what decides what is stored, and nothing else.
 */
#ifndef QUN_STATE_H
#define QUN_STATE_H

#include "qun/bytes.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Appends a line; of a list one for each value. Newlines and backslashes in value are escaped. */
int qun_fingerprint_add(struct qun_buf *out, const char *name, struct qun_span value);

/* The first thing in which two fingerprints differ; an absent value is the empty span at NULL. */
struct qun_difference {
	struct qun_span name, was, is;
};
bool qun_fingerprint_differ(struct qun_span was, struct qun_span is, struct qun_difference *d);

#ifdef __cplusplus
}
#endif
#endif
