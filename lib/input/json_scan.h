/*
 * The elements at the start of some bytes, by their brackets alone. One is vouched for where the machine
 * of json_step.c, which stands between two elements, would end it at the same place: brackets outside
 * strings close one another, no string goes on beyond its line, no line in it begins like its own one,
 * and there is no NUL.
 */
#ifndef QUN_INPUT_JSON_SCAN_H
#define QUN_INPUT_JSON_SCAN_H

#include "input/cut.h"

enum { QUN_ELEMENTS_MAX = 8192, QUN_BRACKETS_MAX = 4096 };

struct qun_json_scan {
	enum qun_lane lane; /* one that this machine has */
	bool array;         /* with a comma between two elements */
	size_t longest, deepest; /* element; deepest: brackets within one another, itself among them */
	/* found: */
	struct qun_piece piece[QUN_ELEMENTS_MAX];
	size_t n;
	size_t end;    /* behind the last of them */
	size_t lines;  /* line ends before that */
	size_t column; /* of the last one; 0: it did not begin its line */
	enum {
		QUN_ELEMENTS_MORE, /* the end of the next one is not there yet */
		QUN_ELEMENTS_FULL, /* there was no room for it */
		QUN_ELEMENTS_ODD,  /* it is for the machine */
	} rest;

	uint32_t bracket[QUN_BRACKETS_MAX + 2 * 64]; /* where they stand, of some blocks */
};

/* bytes begin where an element has just ended. */
void qun_json_scan(struct qun_json_scan *s, struct qun_span bytes);

#endif
