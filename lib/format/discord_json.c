/* DiscordChatExporter JSON of one channel. Whom an event concerns stands in its mentions. */
#include "text/kind.h"

enum { TYPE, BOT, MENTIONS };

static const struct qun_mapping map[] = {
	{"timestamp", QUN_F_TS},
	{"author.id", QUN_F_USER},
	{"author.nickname", QUN_F_NAME},
	{"author.name", QUN_F_NAME},
	{"content", QUN_F_TEXT},
	{"id", QUN_F_ID},
	{"type", QUN_MUST | (QUN_F_RAW + TYPE)},
	{"author.isBot", QUN_F_RAW + BOT},
	{"mentions", QUN_F_RAW + MENTIONS},
	{NULL, 0},
};

static const char *const arrays[] = {"messages", NULL};

static int recognise(const struct qun_sample *s)
{
	static const char *const keys[] = {"id", "type", "timestamp", "content", "author.id", NULL};

	return s->container == QUN_JSON && qun_sample_has(s, keys) ? 90 : 0;
}

/* The first of the people mentioned. */
struct mention {
	struct qun_hook *hook;
	struct qun_span id, name;
};

static int keep(struct mention *m, const struct qun_cell_in *cell, struct qun_span *out)
{
	struct qun_span s = qun_cell_text(cell);

	out->ptr = qun_arena_copy(m->hook->scratch, s);
	out->len = s.len;
	return out->ptr ? 0 : QUN_ENOMEM;
}

static int person(void *arg, struct qun_span key, const struct qun_cell_in *cell)
{
	struct mention *m = arg;

	if (qun_span_is(key, "id"))
		return keep(m, cell, &m->id);
	if (qun_span_is(key, "nickname") || (qun_span_is(key, "name") && !m->name.len))
		return keep(m, cell, &m->name);
	return 0;
}

static int first(void *arg, struct qun_span key, const struct qun_cell_in *cell)
{
	int rc = cell->kind == QUN_CELL_JSON ? qun_json_each(cell->s, person, arg) : 0;

	(void)key;
	return rc == QUN_ENOMEM ? rc : 1;
}

static bool is_talk(struct qun_span type)
{
	static const char *const words[] = {"Default", "Reply", "0", "19", "ChatInputCommand", "20",
		"ContextMenuCommand", "23", "ThreadStarterMessage", "21"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (qun_span_is(type, words[i]))
			return true;
	}
	return !type.len;
}

/* Who was added or removed is mentioned, who did it is the author. */
static void move(struct qun_event *ev, const struct mention *m, enum qun_type type, const char *source)
{
	struct qun_span author = ev->field[QUN_F_USER];
	bool other = m->id.len && !qun_span_eq(m->id, author);

	if (other) {
		ev->field[QUN_F_USER] = m->id;
		ev->field[QUN_F_NAME] = m->name;
	}
	qun_set_change(ev, type, other ? source : "", author);
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	const struct qun_cell_in *raw = hook->raw;
	struct qun_span type = qun_cell_text(&raw[TYPE]);
	struct mention m = {.hook = hook};
	int rc = raw[MENTIONS].kind == QUN_CELL_JSON ? qun_json_each(raw[MENTIONS].s, first, &m) : 0;

	if (rc == QUN_ENOMEM)
		return rc;
	if (qun_span_is(raw[BOT].s, "true"))
		ev->field[QUN_F_ROLE] = qun_span_of("bot");
	if (qun_span_is(type, "GuildMemberJoin") || qun_span_is(type, "7"))
		qun_set_change(ev, QUN_JOIN, "", (struct qun_span){0});
	else if (qun_span_is(type, "RecipientAdd") || qun_span_is(type, "1"))
		move(ev, &m, QUN_JOIN, "invite");
	else if (qun_span_is(type, "RecipientRemove") || qun_span_is(type, "2"))
		move(ev, &m, QUN_LEAVE, "removed");
	else if (!is_talk(type))
		qun_set_type(ev, QUN_SYSTEM);
	else
		ev->field[QUN_F_REF] = m.id;
	return hook->emit(hook, ev);
}

static struct qun_span group(const struct qun_hook *hook)
{
	return qun_header_get(hook->header, "channel.id");
}

const struct qun_format qun_format_discord_json = {
	.name = "discord-json",
	.brief = "DiscordChatExporter JSON of a channel",
	.containers = QUN_JSON,
	.recognise = recognise,
	.map = map,
	.header = "id,type,timestamp,timestampEdited,callEndedTimestamp,isPinned,content,author.id,"
		"author.name,author.isBot,attachments,embeds,reactions,mentions",
	.array = arrays,
	.group = group,
	.event = event,
};
