/* Events that wait for something told further on in their file. */
#ifndef QUN_INPUT_WAIT_H
#define QUN_INPUT_WAIT_H

#include "qun/event.h"

/* All-zero at first; holds copies of what the events show. */
struct qun_wait {
	struct qun_waiting *first, *last;
	struct qun_arena text;
};

/* 0, QUN_ENOMEM, or QUN_ELIMIT where 40 MiB are full. Extra columns do not wait with the event. */
int qun_wait_add(struct qun_wait *w, const struct qun_event *ev);
/* The first of them, which is then none of them; it stands until they are released. False: there is none. */
bool qun_wait_take(struct qun_wait *w, struct qun_event *ev);
void qun_wait_release(struct qun_wait *w);

#endif
