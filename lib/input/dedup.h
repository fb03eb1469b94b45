/* Drops what an earlier file had already, in this run or, through a state, in one before. */
#ifndef QUN_INPUT_DEDUP_H
#define QUN_INPUT_DEDUP_H

#include "qun/event.h"

struct qun_dedup;

int qun_dedup_open(struct qun_dedup **d); /* 0 or QUN_ENOMEM */
void qun_dedup_close(struct qun_dedup *d);
int qun_dedup_file(struct qun_dedup *d); /* another file begins; 0 or QUN_ENOMEM */
/* Takes an event: 1 if an earlier file had it (as often as this one so far), 0 if not, or QUN_ENOMEM. */
int qun_dedup_seen(struct qun_dedup *d, const struct qun_event *ev);
/* The next file is the last one: of its events no more than will be saved need be kept. */
void qun_dedup_last(struct qun_dedup *d, size_t most);

/* Saves what the files had, of the newest hours that hold at most so many events, at least one. */
int qun_dedup_save(const struct qun_dedup *d, size_t most, struct qun_buf *out);
int qun_dedup_load(struct qun_dedup *d, struct qun_reader *in); /* before the first file */
/* Until when events were left out of what was saved: whether one was there cannot be told any more.
 * INT64_MIN: none were. */
int64_t qun_dedup_forgotten(const struct qun_dedup *d);

#endif
