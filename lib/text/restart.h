/* Order numbers that start again with every 团 or 接龙. */
#ifndef QUN_TEXT_RESTART_H
#define QUN_TEXT_RESTART_H

#include "qun/format.h"

/*
 * Makes the order's number its own: behind the name of the 团 where the file has one, else behind the day
 * it was paid in the run's zone, for no two rounds begin on one day in one group.
 */
int qun_restart_number(struct qun_hook *hook, struct qun_event *ev, struct qun_span round, struct qun_span number);

#endif
