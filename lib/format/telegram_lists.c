/* Beside the chats a Telegram account's export lists contacts and sessions, with dates: no records. */
#include "qun/format.h"

static int recognise(const struct qun_sample *s)
{
	static const char *const lists[] = {"contacts.list", "frequent_contacts.list", "sessions.list",
		"web_sessions.list", "other_data.created_stories", "stories", "profile_pictures", "chats.list",
		"left_chats.list", NULL};
	bool account = qun_header_get(s->header, "personal_information.user_id").len > 0;

	for (size_t i = 0; lists[i]; i++) {
		if (s->container == QUN_JSON && account && qun_span_is(qun_span_of(s->array), lists[i]))
			return 100;
	}
	return 0;
}

const struct qun_format qun_format_telegram_lists = {
	.name = "telegram-lists",
	.brief = "lists of a Telegram account beside its chats: passed over",
	.containers = QUN_JSON,
	.recognise = recognise,
	.skip = true,
};
