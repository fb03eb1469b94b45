/* What the tests of statistics share. Data outside the repository is skipped aloud where it is missing. */
#ifndef TESTS_STAT_H
#define TESTS_STAT_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "qun/stat.h"
#include "xorshift.h"

static int tests, failures;

static inline void check(bool ok, const char *text)
{
	tests++;
	failures += !ok;
	printf("%sok %d - %s\n", ok ? "" : "not ", tests, text);
}

static inline void near(double have, double want, double tolerance, const char *text)
{
	bool ok = fabs(have - want) <= tolerance;

	check(ok, text);
	if (!ok)
		printf("#   %.9g, not %.9g\n", have, want);
}

static uint64_t state = XORSHIFT_SEED;

static inline unsigned rnd(unsigned n)
{
	return (unsigned)(xorshift(&state) >> 33) % n;
}

static inline FILE *shared(const char *name)
{
	const char *root = getenv("QUN_SHARED");
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/data/%s", root ? root : "../shared", name);
	f = fopen(path, "r");
	if (!f)
		printf("ok %d - %s # SKIP it is not there\n", ++tests, name);
	return f;
}

#endif
