/*
 * Telling MemoTrace's legacy exports apart: under one header, Sender is an id where one chat was
 * exported and a display name (我 for one's own) where all chats were.
 */
#include "text/memotrace.h"

static struct qun_span cell(const struct qun_sample *s, const struct qun_record *r,
	const char *name)
{
	int i = qun_sample_column(s, name);

	if (i < 0 || (size_t)i >= r->n)
		return (struct qun_span){0};
	return qun_span_trim(r->cell[i].s);
}

int qun_memotrace_layout(const struct qun_sample *s)
{
	static const char *const header[] = {"localId", "TalkerId", "Type", "IsSender", "CreateTime",
		"StrContent", "StrTime", "Sender", NULL};
	struct qun_span chat = {0};
	bool several_chats = false;

	if (s->container != QUN_CSV || !qun_sample_has(s, header))
		return 0;
	for (size_t i = 0; i < s->nrecord; i++) {
		const struct qun_record *r = &s->record[i];
		struct qun_span sender = cell(s, r, "Sender"), talker = cell(s, r, "TalkerId");
		if (qun_span_is(sender, "我"))
			return 2;
		if (qun_span_starts(sender, "wxid_"))
			return 1;
		if (sender.len && qun_span_is(cell(s, r, "IsSender"), "1"))
			return 1;
		several_chats |= i > 0 && !qun_span_eq(talker, chat);
		chat = talker;
	}
	return several_chats ? 2 : 1;
}
