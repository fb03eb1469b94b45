/* Drops what an earlier file had already. */
#ifndef QUN_INPUT_DEDUP_H
#define QUN_INPUT_DEDUP_H

#include "qun/event.h"

struct qun_dedup;

int qun_dedup_open(struct qun_dedup **d); /* 0 or QUN_ENOMEM */
void qun_dedup_close(struct qun_dedup *d);
void qun_dedup_file(struct qun_dedup *d); /* another file begins */
/* Takes an event: 1 if an earlier file had it (as often as this one so far), 0 if not, or QUN_ENOMEM. */
int qun_dedup_seen(struct qun_dedup *d, const struct qun_event *ev);

#endif
