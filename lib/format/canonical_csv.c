/* The canonical CSV, and any other whose header names a time and a person by a known alias. */
#include "text/guess.h"

static int recognise(const struct qun_sample *s)
{
	return qun_guess_canonical(s, QUN_CSV);
}

const struct qun_format qun_format_canonical_csv = {
	.name = "csv",
	.brief = "CSV with a header of field names (ts, user, ...) or their aliases",
	.containers = QUN_CSV,
	.recognise = recognise,
};
