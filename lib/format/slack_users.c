/* Slack's users.json: the names of the people whose ids the channels hold. */
#include "qun/format.h"

static const struct qun_mapping map[] = {
	{"id", QUN_F_USER},
	{"profile.display_name", QUN_F_NAME},
	{"profile.real_name", QUN_F_NAME},
	{"real_name", QUN_F_NAME},
	{"name", QUN_F_NAME},
	{NULL, 0},
};

static int recognise(const struct qun_sample *s)
{
	static const char *const keys[] = {"id", "name", "deleted", NULL};
	bool slack = qun_sample_column(s, "is_bot") >= 0 || qun_sample_column(s, "profile") >= 0;

	return s->container == QUN_JSON && slack && qun_sample_has(s, keys) && qun_sample_column(s, "ts") < 0 ? 95 : 0;
}

const struct qun_format qun_format_slack_users = {
	.name = "slack-users",
	.brief = "Slack's users.json: names for the channels read after it",
	.containers = QUN_JSON,
	.recognise = recognise,
	.map = map,
	.people = true,
	.timeless = true,
};
