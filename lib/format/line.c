/*
 * LINE text of a chat: a date line a day, then "time TAB name TAB text"; a notice has no name. A text
 * of several lines stands in quotes, which may or may not be doubled inside.
 */
#include "text/entry.h"
#include "text/kind.h"
#include "text/people.h"
#include "text/sentence.h"

#include <stdio.h>
#include <string.h>

enum { LINE, TIME_BYTES = 32, DATE_BYTES = 48 };

static const struct qun_mapping map[] = {
	{"line", QUN_F_RAW + LINE},
	{NULL, 0},
};

struct memory {
	struct qun_people people;
	struct qun_entry entry;
	struct qun_buf group;
	char day[16]; /* 2026-03-02, "" before the first date line */
	bool begun, blank; /* there was a line before, and it was empty */
};

static const struct qun_sentence sentences[] = {
	{"\1已將\2退出群組", QUN_LEAVE, "removed"},
	{"\1已将\2退出群组", QUN_LEAVE, "removed"},
	{"\1已讓\2退出群組", QUN_LEAVE, "removed"},
	{"\1讓\2退出群組", QUN_LEAVE, "removed"},
	{"\1 removed \2 from the group", QUN_LEAVE, "removed"},
	{"\1が\2をグループから削除しました", QUN_LEAVE, "removed"},
	{"\1が\2を退会させました", QUN_LEAVE, "removed"},
	{"\1已將\2加入群組", QUN_JOIN, "invite"},
	{"\1已将\2加入群组", QUN_JOIN, "invite"},
	{"\1 added \2 to the group", QUN_JOIN, "invite"},
	{"\1が\2をグループに追加しました", QUN_JOIN, "invite"},
	{"\1已邀請\3", QUN_SYSTEM, ""}, /* invited is not yet there */
	{"\1邀請\3加入\3", QUN_SYSTEM, ""},
	{"\1已邀请\3", QUN_SYSTEM, ""},
	{"\1邀请\3加入\3", QUN_SYSTEM, ""},
	{"\1 invited \3", QUN_SYSTEM, ""},
	{"\1が\3を招待しました", QUN_SYSTEM, ""},
	{"\2已加入群組", QUN_JOIN, ""},
	{"\2已加入群组", QUN_JOIN, ""},
	{"\2加入群組", QUN_JOIN, ""},
	{"\2加入群组", QUN_JOIN, ""},
	{"\2已加入聊天", QUN_JOIN, ""},
	{"\2加入聊天", QUN_JOIN, ""},
	{"\2 joined the group", QUN_JOIN, ""},
	{"\2 joined the chat", QUN_JOIN, ""},
	{"\2がグループに参加しました", QUN_JOIN, ""},
	{"\2が参加しました", QUN_JOIN, ""},
	{"\2已退出群組", QUN_LEAVE, ""},
	{"\2已退出群组", QUN_LEAVE, ""},
	{"\2退出群組", QUN_LEAVE, ""},
	{"\2退出群组", QUN_LEAVE, ""},
	{"\2已離開群組", QUN_LEAVE, ""},
	{"\2離開聊天", QUN_LEAVE, ""},
	{"\2 left the group", QUN_LEAVE, ""},
	{"\2 left the chat", QUN_LEAVE, ""},
	{"\2がグループを退会しました", QUN_LEAVE, ""},
	{"\2が退会しました", QUN_LEAVE, ""},
	{"\2が退出しました", QUN_LEAVE, ""},
	{NULL, 0, NULL},
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The next number of s; false where another sign stands there. */
static bool number(struct qun_span *s, int *v)
{
	size_t n = 0;

	for (*v = 0; n < s->len && n < 4 && is_digit(s->ptr[n]); n++)
		*v = *v * 10 + (s->ptr[n] - '0');
	s->ptr += n;
	s->len -= n;
	return n > 0;
}

/* One of / . - 年 月 between the numbers of a date. */
static bool sign(struct qun_span *s)
{
	static const char *const signs[] = {"/", ".", "-", "年", "月"};

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
		if (qun_span_starts(*s, signs[i])) {
			s->ptr += strlen(signs[i]);
			s->len -= strlen(signs[i]);
			return true;
		}
	}
	return false;
}

static bool is_date(int y, int m, int d)
{
	int yy, mm, dd;

	if (y < 1970 || y > 2200 || m < 1 || m > 12 || d < 1 || d > 31)
		return false;
	qun_civil(qun_day_of(y, m, d), &yy, &mm, &dd);
	return mm == m && dd == d;
}

/* Fri, 1/30/2026: the day of the week says which is the month; 0 Monday, -1 none. */
static int weekday(struct qun_span s)
{
	static const char *const names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

	for (int i = 0; i < 7; i++) {
		if (qun_span_starts(s, names[i]))
			return i;
	}
	return -1;
}

/* Is this a line of a date? 2026/1/30周五, 2025.12.10 Wednesday, Fri, 1/30/2026 */
static bool read_date(struct qun_span line, char day[16])
{
	struct qun_span s = qun_span_trim(qun_entry_unmark(line));
	int a, b, c, week = weekday(s);

	if (s.len > DATE_BYTES || memchr(s.ptr, '\t', s.len))
		return false;
	while (week >= 0 && s.len && !is_digit(*s.ptr)) {
		s.ptr++;
		s.len--;
	}
	if (!number(&s, &a) || !sign(&s) || !number(&s, &b) || !sign(&s) || !number(&s, &c))
		return false;
	if (memchr(s.ptr, ':', s.len) || qun_span_find(s, "：", 0) >= 0)
		return false;
	if (a < 1000) {
		int year = c, first = a;
		bool month_first = is_date(year, a, b) && (week < 0 || qun_weekday(qun_day_of(year, a, b)) == week);
		a = year;
		c = month_first ? b : first;
		b = month_first ? first : b;
	}
	if (!is_date(a, b, c))
		return false;
	snprintf(day, 16, "%04d-%02d-%02d", a, b, c);
	return true;
}

/* The time that begins a line, up to its TAB. */
static struct qun_span time_of(struct qun_span line)
{
	const char *tab = line.len ? memchr(line.ptr, '\t', line.len < TIME_BYTES ? line.len : TIME_BYTES) : NULL;
	struct qun_span s = {line.ptr, tab ? (size_t)(tab - line.ptr) : 0};

	s = qun_span_trim(qun_entry_unmark(s));
	return s.len >= 4 && memchr(s.ptr, ':', s.len) ? s : (struct qun_span){0};
}

/* Reads a time of day on a date. */
static bool read_time(const char *day, struct qun_span time, const struct qun_zone *zone, int64_t *ts)
{
	char text[16 + TIME_BYTES + 2];
	int len = snprintf(text, sizeof(text), "%s %.*s", day, (int)time.len, time.ptr);

	return qun_time_parse((struct qun_span){text, (size_t)len}, QUN_TIME_YMD, zone, ts) == 0;
}

/* The chat's name in the heading. */
static bool read_heading(struct qun_span line, struct qun_span *name)
{
	static const char *const before[] = {"Chat history in ", "Chat history with "};
	static const char *const after[] = {"的聊天记录", "的聊天記錄", "的聊天紀錄", "とのトーク履歴", "のトーク履歴"};
	struct qun_span s = qun_span_trim(qun_entry_unmark(line));
	bool line_app = qun_span_starts(s, "[LINE]");

	if (line_app)
		s = qun_span_trim((struct qun_span){s.ptr + strlen("[LINE]"), s.len - strlen("[LINE]")});
	*name = s;
	for (size_t i = 0; i < sizeof(before) / sizeof(*before); i++) {
		if (qun_span_starts(s, before[i])) {
			*name = (struct qun_span){s.ptr + strlen(before[i]), s.len - strlen(before[i])};
			return true;
		}
	}
	for (size_t i = 0; i < sizeof(after) / sizeof(*after); i++) {
		if (qun_span_ends(s, after[i])) {
			name->len = s.len - strlen(after[i]);
			return true;
		}
	}
	return line_app;
}

static int recognise(const struct qun_sample *s)
{
	struct qun_span name;
	char day[16];
	bool dated = false;

	if (s->container != QUN_TEXT)
		return 0;
	for (size_t i = 0; i < s->nrecord; i++) {
		struct qun_span line = s->record[i].cell[0].s;
		if (i == 0 && read_heading(line, &name))
			return 95;
		if (dated && time_of(line).len)
			return 80;
		if (qun_span_trim(line).len && !(dated = read_date(line, day)))
			return 0;
	}
	return 0;
}

/* Text in quotes, which may be doubled inside. */
static struct qun_span unquote(struct qun_span text, char *copy)
{
	size_t n = 0;

	if (text.len < 2 || text.ptr[0] != '"' || text.ptr[text.len - 1] != '"' || !memchr(text.ptr, '\n', text.len))
		return text;
	for (size_t at = 1; at + 1 < text.len; at++) {
		copy[n++] = text.ptr[at];
		at += text.ptr[at] == '"' && at + 2 < text.len && text.ptr[at + 1] == '"';
	}
	return (struct qun_span){copy, n};
}

static int notice(struct qun_hook *hook, struct qun_event *ev)
{
	struct memory *m = hook->memory;
	struct qun_span actor, target;
	const struct qun_sentence *said = qun_sentence_of(sentences, ev->field[QUN_F_TEXT], &actor, &target);

	if (said && said->type != QUN_SYSTEM) {
		struct qun_change c = {.type = said->type, .source = said->source, .who.name = target,
			.actor.name = actor, .list = true};
		return qun_people_hold(hook, &m->people, ev, &c);
	}
	if (!said && hook->system_unknown)
		++*hook->system_unknown;
	qun_set_type(ev, QUN_SYSTEM);
	return hook->emit(hook, ev);
}

static int finish(struct qun_hook *hook, struct qun_entry *entry)
{
	struct memory *m = hook->memory;
	struct qun_event ev = qun_entry_event(entry);
	char *copy;

	if (!ev.field[QUN_F_USER].len)
		return notice(hook, &ev);
	copy = qun_arena_alloc(hook->scratch, ev.field[QUN_F_TEXT].len + 1);
	if (!copy)
		return QUN_ENOMEM;
	ev.field[QUN_F_TEXT] = unquote(ev.field[QUN_F_TEXT], copy);
	int rc = qun_people_see(hook, &m->people, (struct qun_span){0}, ev.field[QUN_F_USER]);
	return rc < 0 ? rc : hook->emit(hook, &ev);
}

/* Does the entry's text still wait for the quote that ends it? */
static bool in_quotes(const struct qun_entry *entry)
{
	struct qun_span text = qun_buf_span(&entry->text);
	size_t quotes = 0;

	if (!entry->open || !qun_span_starts(text, "\""))
		return false;
	while (quotes + 1 < text.len && text.ptr[text.len - 1 - quotes] == '"')
		quotes++;
	return quotes % 2 == 0;
}

static int begin(struct qun_hook *hook, const struct qun_event *base, struct qun_span line, int64_t ts)
{
	struct memory *m = hook->memory;
	const char *tab = memchr(line.ptr, '\t', line.len);
	struct qun_event ev = *base;
	struct qun_span rest = {tab + 1, (size_t)(line.ptr + line.len - tab - 1)}, name = {0};
	ptrdiff_t second = qun_span_find(rest, "\t", 0);

	if (second >= 0) {
		name = qun_span_trim(qun_entry_unmark((struct qun_span){rest.ptr, (size_t)second}));
		rest = (struct qun_span){rest.ptr + second + 1, rest.len - (size_t)second - 1};
	}
	qun_set_group(&ev, qun_buf_span(&m->group));
	return qun_entry_open(&m->entry, ts, ev.field[QUN_F_GROUP], name, rest);
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	struct memory *m = hook->memory;
	struct qun_span line = hook->raw[LINE].s, time = time_of(line), name;
	bool first = !m->begun, apart = first || m->blank;
	char day[16];
	int64_t ts = 0;
	int rc;

	m->begun = true;
	m->blank = !qun_span_trim(line).len;
	if (first && read_heading(line, &name)) {
		qun_entry_skip(hook);
		return qun_buf_add_span(&m->group, name);
	}
	if ((apart || !in_quotes(&m->entry)) && read_date(line, day)) {
		rc = qun_entry_close(hook, &m->entry, finish);
		memcpy(m->day, day, sizeof(day));
		return rc;
	}
	if (!m->day[0]) {
		qun_entry_skip(hook); /* when it was saved */
		return time.len ? hook->bad(hook, "time", NULL, "a message before the first date") : 0;
	}
	if (!time.len || !read_time(m->day, time, hook->zone, &ts))
		return qun_entry_more(hook, &m->entry, line);
	rc = qun_entry_close(hook, &m->entry, finish);
	return rc < 0 ? rc : begin(hook, ev, line, ts);
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
	qun_buf_release(&m->group);
}

const struct qun_format qun_format_line = {
	.name = "line",
	.brief = "LINE text of a chat",
	.containers = QUN_TEXT,
	.recognise = recognise,
	.map = map,
	.time = QUN_TIME_YMD,
	.name_is_id = true,
	.memory_size = sizeof(struct memory),
	.event = event,
	.end = end,
	.release = release,
};
