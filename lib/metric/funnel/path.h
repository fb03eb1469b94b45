/*
 * Paths through steps: of one person's events, how deep each attempt gets and when. An attempt is
 * one event of step 1; it reaches the deepest step that any choice of its events reaches, and
 * among equally deep choices the earliest times count, step by step.
 */
#ifndef MODEL_PATH_H
#define MODEL_PATH_H

#include "qun/bytes.h"

enum { QUN_PATH_STEPS = 32 };
enum qun_path_order { QUN_PATH_ORDERED, QUN_PATH_STRICT, QUN_PATH_ANY };

struct qun_path_rule {
	int steps; /* 2 … QUN_PATH_STEPS */
	enum qun_path_order order;
	int64_t window_us; /* from the first step, edge included; QUN_NEVER: none, nothing is open
			    */
	int64_t gap_us;	   /* between neighbouring steps; QUN_NEVER: any. Not for QUN_PATH_ANY */
	int64_t since, until; /* attempts begin in [since, until) */
	int64_t as_of;	      /* no event is later */
};

struct qun_path_event {
	int64_t ts;
	uint32_t mask;	/* steps it matches, bit 0 for step 1; not 0 */
	uint32_t hold;	/* steps of one attempt are equal in this */
	uint32_t value; /* the caller's */
	uint32_t rank;	/* private: number of its instant among all */
};

struct qun_path {
	const struct qun_path_event *first;
	bool open;	   /* its window ends after as_of and no exclusion ended it */
	int depth;	   /* 1 … steps */
	const int64_t *at; /* depth times, at[0] = first->ts; borrowed until found returns */
};

/*
 * Calls found for every attempt, in no particular order; a negative return stops. Sorts ev. stop
 * holds nstop ascending instants: each ends every attempt begun at or before it, steps at that
 * instant still count. n events take O(n log n) for ordinary steps, memory O(n steps).
 */
int qun_path_walk(const struct qun_path_rule *rule, struct qun_path_event *ev, size_t n,
	const int64_t *stop, size_t nstop, int (*found)(void *arg, const struct qun_path *path),
	void *arg);

/*
 * Gives one more event a step of open, moving others to make room (an augmenting path). by holds
 * the mask of the event that fills each step, 0 for none: events of equal masks are alike. seen: 0.
 */
bool qun_path_place(uint32_t by[], uint32_t open, uint32_t *seen, uint32_t mask);

#endif
