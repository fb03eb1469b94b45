/* A made-up export: CSV with the columns when@, who@, where@ and what@. */
#include "qun/format.h"

static int recognise(const struct qun_sample *s)
{
	static const char *const names[] = {"when@", "who@", "where@", "what@", NULL};

	return s->container == QUN_CSV && qun_sample_has(s, names) ? 100 : 0;
}

static const struct qun_mapping map[] = {
	{"when@", QUN_F_TS},
	{"who@", QUN_F_USER},
	{"where@", QUN_F_GROUP},
	{"what@", QUN_F_TEXT},
	{NULL, 0},
};

const struct qun_format qun_format_at_sign = {
	.name = "at-sign",
	.brief = "a made-up export for a test",
	.containers = QUN_CSV,
	.recognise = recognise,
	.map = map,
};
