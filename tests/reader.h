/* The reader that QUN_READER asks for, as it asks the programs. */
#ifndef TESTS_READER_H
#define TESTS_READER_H

#include "qun/input.h"

#include <stdlib.h>
#include <string.h>

static inline enum qun_reader_kind asked_reader(void)
{
	const char *asked = getenv("QUN_READER");

	return asked && strcmp(asked, "reference") == 0 ? QUN_READER_REFERENCE : QUN_READER_AUTO;
}

#endif
