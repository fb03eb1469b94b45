/*
 * WhatsApp text of a chat, from Android and iOS: "time - name: text" and "[time] name: text". No ids,
 * and notices are lines without a name, or with a mark that only the app sets.
 */
#include "text/entry.h"
#include "text/kind.h"
#include "text/people.h"
#include "text/sentence.h"

#include <string.h>

enum { LINE, STAMP_BYTES = 64 };

static const struct qun_mapping map[] = {
	{"line", QUN_F_RAW + LINE},
	{NULL, 0},
};

struct memory {
	struct qun_people people;
	struct qun_entry entry;
};

/* What is said before who comes or goes may hold the same words. */
static const struct qun_sentence sentences[] = {
	{"\1 changed \3", QUN_SYSTEM, ""},
	{"\1 created \3", QUN_SYSTEM, ""},
	{"\1 updated \3", QUN_SYSTEM, ""},
	{"\1 turned \3", QUN_SYSTEM, ""},
	{"\1 deleted \3", QUN_SYSTEM, ""},
	{"\1 pinned \3", QUN_SYSTEM, ""},
	{"\1 added \2 to the group", QUN_JOIN, "invite"},
	{"\1 added \2", QUN_JOIN, "invite"},
	{"\2 was added", QUN_JOIN, "invite"},
	{"\2 were added", QUN_JOIN, "invite"},
	{"\2 joined using \3", QUN_JOIN, "link"},
	{"\2 joined via \3", QUN_JOIN, "link"},
	{"\2 joined from the community", QUN_JOIN, ""},
	{"\2 joined the group", QUN_JOIN, ""},
	{"\2 joined", QUN_JOIN, ""},
	{"\1 removed \2", QUN_LEAVE, "removed"},
	{"\2 was removed", QUN_LEAVE, "removed"},
	{"\2 were removed", QUN_LEAVE, "removed"},
	{"\2 left the group", QUN_LEAVE, ""},
	{"\2 left", QUN_LEAVE, ""},
	{"\1更改\3", QUN_SYSTEM, ""},
	{"\1变更\3", QUN_SYSTEM, ""},
	{"\1创建\3", QUN_SYSTEM, ""},
	{"\1建立\3", QUN_SYSTEM, ""},
	{"\1已添加\2", QUN_JOIN, "invite"},
	{"\1添加了\2", QUN_JOIN, "invite"},
	{"\1新增了\2", QUN_JOIN, "invite"},
	{"\1已将\2移出群组", QUN_LEAVE, "removed"},
	{"\1将\2移出了群组", QUN_LEAVE, "removed"},
	{"\1将\2移出群组", QUN_LEAVE, "removed"},
	{"\1已移除\2", QUN_LEAVE, "removed"},
	{"\1移除了\2", QUN_LEAVE, "removed"},
	{"\2使用\3加入\3", QUN_JOIN, "link"},
	{"\2使用\3加入", QUN_JOIN, "link"},
	{"\2通过\3加入\3", QUN_JOIN, "link"},
	{"\2通过\3加入", QUN_JOIN, "link"},
	{"\2透過\3加入\3", QUN_JOIN, "link"},
	{"\2透過\3加入", QUN_JOIN, "link"},
	{"\2已加入群组", QUN_JOIN, ""},
	{"\2加入了群组", QUN_JOIN, ""},
	{"\2加入群组", QUN_JOIN, ""},
	{"\2已加入群組", QUN_JOIN, ""},
	{"\2加入群組", QUN_JOIN, ""},
	{"\2已退出群组", QUN_LEAVE, ""},
	{"\2退出了群组", QUN_LEAVE, ""},
	{"\2退出群组", QUN_LEAVE, ""},
	{"\2已退出", QUN_LEAVE, ""},
	{"\2退出了", QUN_LEAVE, ""},
	{"\2已離開", QUN_LEAVE, ""},
	{"\2離開了", QUN_LEAVE, ""},
	{"\2已离开", QUN_LEAVE, ""},
	{"\2离开了", QUN_LEAVE, ""},
	{NULL, 0, NULL},
};

/* The time of a line and what follows it; the empty span where none begins it. */
static struct qun_span take_time(struct qun_span line, struct qun_span *rest)
{
	struct qun_span s = qun_entry_unmark(line), time;
	bool ios = qun_span_starts(s, "[");
	struct qun_span head = {s.ptr, s.len < STAMP_BYTES ? s.len : STAMP_BYTES};
	ptrdiff_t end = qun_span_find(head, ios ? "]" : " - ", 0);

	*rest = (struct qun_span){0};
	if (end < 8)
		return (struct qun_span){0};
	time = (struct qun_span){s.ptr + ios, (size_t)end - ios};
	if (time.ptr[0] < '0' || time.ptr[0] > '9' || !memchr(time.ptr, ':', time.len) ||
		!(qun_time_guess(time) & (1U << QUN_TIME_YMD | 1U << QUN_TIME_DMY | 1U << QUN_TIME_MDY)))
		return (struct qun_span){0};
	size_t from = (size_t)end + (ios ? 1 : strlen(" - "));
	*rest = qun_span_trim((struct qun_span){s.ptr + from, s.len - from});
	return time;
}

static struct qun_span stamp(struct qun_span line)
{
	struct qun_span rest;

	return take_time(line, &rest);
}

static int recognise(const struct qun_sample *s)
{
	if (s->container != QUN_TEXT)
		return 0;
	for (size_t i = 0; i < s->nrecord; i++) {
		struct qun_span line = qun_span_trim(s->record[i].cell[0].s), rest;
		if (line.len)
			return take_time(line, &rest).len && rest.len ? 85 : 0;
	}
	return 0;
}

/* "~ Tom": a tilde marks who is not among the contacts. */
static struct qun_span name_of(struct qun_span s)
{
	static const char *const blanks[] = {" ", "\u00a0", "\u202f", "\u2009"};

	s = qun_entry_name(s);
	if (!qun_span_starts(s, "~"))
		return s;
	struct qun_span name = {s.ptr + 1, s.len - 1};
	for (size_t i = 0; i < sizeof(blanks) / sizeof(*blanks); i++) {
		if (qun_span_starts(name, blanks[i])) {
			name.ptr += strlen(blanks[i]);
			name.len -= strlen(blanks[i]);
			return qun_span_trim(name);
		}
	}
	return s;
}

static const struct qun_sentence *sentence_of(struct qun_span s, struct qun_span *actor, struct qun_span *target)
{
	const struct qun_sentence *said = qun_sentence_of(sentences, qun_entry_unmark(s), actor, target);

	/* "Ann: Bob left" is what Ann says */
	if (!said || qun_span_find(*actor, ": ", 0) >= 0 || (!actor->len && qun_span_find(*target, ": ", 0) >= 0))
		return NULL;
	return said;
}

/* Of what the app itself says in somebody's name: the notice about encryption, and who comes or goes. */
static bool is_notice(struct qun_span text)
{
	static const char *const words[] = {"end-to-end encrypted", "端到端加密", "端對端加密"};
	struct qun_span actor, target, inner = qun_entry_unmark(text);
	const struct qun_sentence *said;

	if (inner.len == text.len)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (qun_span_find(inner, words[i], 0) >= 0)
			return true;
	}
	said = sentence_of(inner, &actor, &target);
	return said && said->type != QUN_SYSTEM;
}

static bool is_recall(struct qun_span text)
{
	static const char *const words[] = {"This message was deleted", "You deleted this message",
		"此消息已删除", "您已删除此消息", "你已删除此消息", "此訊息已刪除", "你已刪除此訊息"};

	text = qun_span_trim(qun_entry_unmark(text));
	if (qun_span_ends(text, "."))
		text.len--;
	else if (qun_span_ends(text, "。"))
		text.len -= strlen("。");
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (qun_span_is(text, words[i]))
			return true;
	}
	return false;
}

/* Name and text of what follows the time; a notice has no name. */
static void split(struct qun_span rest, struct qun_span *name, struct qun_span *text)
{
	struct qun_span actor, target;
	ptrdiff_t colon = qun_span_find(rest, ": ", 0);

	if (colon < 0 && qun_span_ends(rest, ":"))
		colon = (ptrdiff_t)rest.len - 1;
	*name = (struct qun_span){0};
	*text = rest;
	if (colon <= 0 || sentence_of(rest, &actor, &target))
		return;
	size_t from = (size_t)colon + 1 < rest.len ? (size_t)colon + 2 : rest.len;
	*text = (struct qun_span){rest.ptr + from, rest.len - from};
	if (!is_notice(*text))
		*name = name_of((struct qun_span){rest.ptr, (size_t)colon});
}

static int finish(struct qun_hook *hook, struct qun_entry *entry)
{
	struct memory *m = hook->memory;
	struct qun_event ev = qun_entry_event(entry);
	struct qun_span text = qun_entry_unmark(ev.field[QUN_F_TEXT]), actor, target;

	ev.field[QUN_F_TEXT] = text;
	if (ev.field[QUN_F_USER].len) {
		int rc = qun_people_see(hook, &m->people, (struct qun_span){0}, ev.field[QUN_F_USER]);
		if (is_recall(text))
			qun_set_type(&ev, QUN_SYSTEM);
		return rc < 0 ? rc : hook->emit(hook, &ev);
	}
	const struct qun_sentence *said = sentence_of(text, &actor, &target);
	if (said && said->type != QUN_SYSTEM) {
		struct qun_change c = {.type = said->type, .source = said->source, .who.name = name_of(target),
			.actor.name = name_of(actor), .list = true};
		return qun_people_hold(hook, &m->people, &ev, &c);
	}
	if (!said && hook->system_unknown)
		++*hook->system_unknown;
	qun_set_type(&ev, QUN_SYSTEM);
	return hook->emit(hook, &ev);
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	struct memory *m = hook->memory;
	struct qun_span line = hook->raw[LINE].s, rest, name, text;
	struct qun_span time = take_time(line, &rest);
	int64_t ts;

	if (!time.len)
		return qun_entry_more(hook, &m->entry, line);
	int rc = qun_entry_close(hook, &m->entry, finish);
	if (rc < 0)
		return rc;
	if (qun_time_parse(time, hook->time, hook->zone, &ts) < 0)
		return qun_entry_bad_time(hook, &m->entry, time);
	split(rest, &name, &text);
	return qun_entry_open(&m->entry, ts, ev->field[QUN_F_GROUP], name, text);
}

static int end(struct qun_hook *hook)
{
	struct memory *m = hook->memory;
	int rc = qun_entry_close(hook, &m->entry, finish);

	return rc < 0 ? rc : qun_people_end(hook, &m->people);
}

static void release(void *memory)
{
	struct memory *m = memory;

	qun_people_release(&m->people);
	qun_entry_release(&m->entry);
}

const struct qun_format qun_format_whatsapp = {
	.name = "whatsapp",
	.brief = "WhatsApp text of a chat, from Android or iOS",
	.containers = QUN_TEXT,
	.recognise = recognise,
	.map = map,
	.stamp = stamp,
	.name_is_id = true,
	.memory_size = sizeof(struct memory),
	.event = event,
	.end = end,
	.release = release,
};
