/*
 * The regular records at the start of some bytes of a CSV. A record is vouched for where libcsv,
 * strict and with nothing held, ends it at the same place and cuts it at the same delimiters: quotes
 * stand around whole cells or doubled within such, CR only before LF, and there is no NUL.
 */
#ifndef QUN_INPUT_CSV_SCAN_H
#define QUN_INPUT_CSV_SCAN_H

#include "input/cut.h"

enum { QUN_SCAN_PIECES = 8192 };

struct qun_csv_scan {
	char delimiter;
	enum qun_lane lane; /* one that this machine has */
	size_t longest, max_columns; /* of a regular record */
	/* found: */
	struct qun_piece piece[QUN_SCAN_PIECES];
	size_t n;
	size_t end;   /* where a row starts that is not among them */
	size_t lines; /* line ends before it */
	enum {
		QUN_SCAN_MORE, /* its end is not there yet */
		QUN_SCAN_FULL, /* there was no room for it */
		QUN_SCAN_ODD,  /* it is for libcsv */
	} rest;
};

/* bytes begin where a row starts. */
void qun_csv_scan(struct qun_csv_scan *s, struct qun_span bytes);

#endif
