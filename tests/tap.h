/* The report of a test: one line of TAP for what holds or does not. */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tests, failures;

static inline void ok(bool good, const char *name)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tests, name);
	failures += !good;
}

static inline void is(const char *have, const char *want, const char *name)
{
	bool same = strcmp(have, want) == 0;

	ok(same, name);
	if (!same)
		printf("# want %s\n# have %s\n", want, have);
}

#endif
