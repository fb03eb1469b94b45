/* Scores of the generic formats; below 60, so that any known format wins. */
#include "text/guess.h"

bool qun_guess_has(const struct qun_sample *s, int field)
{
	for (size_t i = 0; i < s->nname; i++) {
		if (qun_header_field(s->name[i]) == field)
			return true;
	}
	return false;
}

int qun_guess_canonical(const struct qun_sample *s, enum qun_container container)
{
	static const char *const own[] = {"ts", "user", NULL};

	if (s->container != container)
		return 0;
	if (qun_sample_has(s, own))
		return 40;
	return qun_guess_has(s, QUN_F_TS) && qun_guess_has(s, QUN_F_USER) ? 30 : 0;
}
