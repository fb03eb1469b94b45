/*
 * Slack's records in another shape than its export's: events of its API, times as numbers. Their
 * keys look enough like events to be read by name, but joins would count as messages: refused.
 */
#include "qun/format.h"

enum { MARKS = 5 };

/* Keys that occur together in Slack's records only. */
static const char *const records[][MARKS + 1] = {
	{"type", "subtype", "user", "ts", "text"},
	{"client_msg_id", "user", "ts"},
};

/* Less sure than the export itself. */
static int recognise(const struct qun_sample *s)
{
	for (size_t i = 0; i < sizeof(records) / sizeof(*records); i++) {
		if (s->container == QUN_JSON && qun_sample_has(s, records[i]))
			return 60;
	}
	return 0;
}

const struct qun_format qun_format_other_chat = {
	.name = "other-chat",
	.brief = "Slack's records in another shape than its export's: refused",
	.containers = QUN_JSON,
	.recognise = recognise,
	.refuse = "these are Slack's records, but not as its export writes them (its joins would count as "
		"messages); take the workspace export, or convert them to CSV with the columns "
		"ts,group,user,type,text",
};
