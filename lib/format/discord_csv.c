/*
 * DiscordChatExporter CSV of one channel. What happened stands among the messages as text; the
 * names in it are those of the column Author.
 */
#include "text/kind.h"
#include "text/people.h"
#include "text/sentence.h"

enum { AUTHOR_ID, AUTHOR, CONTENT };

static const struct qun_mapping map[] = {
	{"Date", QUN_F_TS},
	{"AuthorID", QUN_F_USER},
	{"Author", QUN_F_NAME},
	{"Content", QUN_F_TEXT},
	{"AuthorID", QUN_F_RAW + AUTHOR_ID},
	{"Author", QUN_F_RAW + AUTHOR},
	{"Content", QUN_F_RAW + CONTENT},
	{NULL, 0},
};

/* Only whole contents: a sentence in a message is a message. */
static const struct qun_sentence sentences[] = {
	{"Added \2 to the group.", QUN_JOIN, "invite"},
	{"Removed \2 from the group.", QUN_LEAVE, "removed"},
	{"Pinned a message.", QUN_SYSTEM, ""},
	{"Started a thread.", QUN_SYSTEM, ""},
	{"Changed the channel name: \3", QUN_SYSTEM, ""},
	{"Changed the channel icon.", QUN_SYSTEM, ""},
	{"Started a call that lasted \3 minutes.", QUN_SYSTEM, ""},
	{NULL, 0, NULL},
};

static int recognise(const struct qun_sample *s)
{
	static const char *const header[] = {"AuthorID", "Author", "Date", "Content", NULL};

	return s->container == QUN_CSV && qun_sample_has(s, header) ? 90 : 0;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	const struct qun_cell_in *raw = hook->raw;
	struct qun_span content = raw[CONTENT].s, nobody, target;
	struct qun_person author = {qun_span_trim(raw[AUTHOR_ID].s), qun_span_trim(raw[AUTHOR].s)};
	int rc = qun_people_see(hook, hook->memory, author.id, author.name);

	if (rc < 0)
		return rc;
	const struct qun_sentence *said = qun_sentence_of(sentences, content, &nobody, &target);
	if (qun_span_is(content, "Joined the server.")) {
		qun_set_change(ev, QUN_JOIN, "", (struct qun_span){0});
	} else if (qun_span_is(content, "Left the group.")) {
		qun_set_change(ev, QUN_LEAVE, "", (struct qun_span){0});
	} else if (said && said->type != QUN_SYSTEM) {
		struct qun_change c = {.type = said->type, .source = said->source, .who.name = target, .actor = author};
		return qun_people_hold(hook, hook->memory, ev, &c);
	} else if (said) {
		qun_set_type(ev, QUN_SYSTEM);
	}
	return hook->emit(hook, ev);
}

static int end(struct qun_hook *hook)
{
	return qun_people_end(hook, hook->memory);
}

static void release(void *memory)
{
	qun_people_release(memory);
}

const struct qun_format qun_format_discord_csv = {
	.name = "discord-csv",
	.brief = "DiscordChatExporter CSV of a channel",
	.containers = QUN_CSV,
	.recognise = recognise,
	.map = map,
	.header = "AuthorID,Author,Date,Content,Attachments,Reactions",
	.memory_size = sizeof(struct qun_people),
	.event = event,
	.end = end,
	.release = release,
};
