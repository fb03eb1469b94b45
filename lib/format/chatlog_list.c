/* chatlog's lists of chat rooms and contacts: written without quoting, and no chat in them. */
#include "qun/format.h"

static int recognise(const struct qun_sample *s)
{
	static const char *const rooms[] = {"Name", "Remark", "NickName", "Owner", "UserCount", NULL};
	static const char *const contacts[] = {"UserName", "Alias", "Remark", "NickName", NULL};

	if (s->container != QUN_CSV)
		return 0;
	return (s->nname == 5 && qun_sample_has(s, rooms)) ||
			(s->nname == 4 && qun_sample_has(s, contacts)) ?
		100 : 0;
}

const struct qun_format qun_format_chatlog_list = {
	.name = "chatlog-list",
	.brief = "chatlog list of chat rooms or contacts: refused",
	.containers = QUN_CSV,
	.recognise = recognise,
	.refuse = "this is chatlog's list of chat rooms or contacts, which holds no messages; export a "
		"chat (/api/v1/chatlog) instead",
};
