/* Canonical NDJSON or a JSON array, and any other whose keys name a time and a person. */
#include "text/guess.h"

static int recognise(const struct qun_sample *s)
{
	return qun_guess_canonical(s, QUN_JSON);
}

const struct qun_format qun_format_canonical_json = {
	.name = "json",
	.brief = "NDJSON or a JSON array of objects with keys ts, user, ... or their aliases",
	.containers = QUN_JSON,
	.recognise = recognise,
};
