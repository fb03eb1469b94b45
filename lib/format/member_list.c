/* A list of members: who is in, and since when. It has no events, it goes beside them. */
#include "input/header.h"
#include "text/guess.h"

static int recognise(const struct qun_sample *s)
{
	bool times = false;

	for (size_t i = 0; i < s->nname; i++)
		times |= qun_roster_has_times(s->name[i]);
	return s->container == QUN_CSV && times && !qun_guess_has(s, QUN_F_TS) && !qun_guess_has(s, QUN_F_TYPE) &&
			(qun_guess_has(s, QUN_F_USER) || qun_guess_has(s, QUN_F_NAME)) ?
		60 : 0;
}

const struct qun_format qun_format_member_list = {
	.name = "member-list",
	.brief = "list of members: refused",
	.containers = QUN_CSV,
	.recognise = recognise,
	.refuse = "this is a list of members, which holds no events; give it with --roster beside the export of the chat",
};
