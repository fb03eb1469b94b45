/* Names wait for their ids; lists of names are split where names seen elsewhere allow it. */
#include "text/people.h"

#include "core/short.h"
#include "text/entry.h"

#include <stdlib.h>
#include <string.h>

enum { HELD_MAX = 100000, HELD_MAX_BYTES = 64 << 20, NAME_MAX_BYTES = 512 };
#define SEVERAL (QUN_NONE - 1) /* owner of a name that more than one id bears */

struct qun_held_change {
	struct qun_change change;
	int64_t ts;
	struct qun_span group, id;
};

static uint32_t owner_of(const struct qun_people *p, const struct qun_dict *names, struct qun_span name)
{
	uint32_t n = qun_dict_find(names, name);

	return n < p->nowner ? p->owner[n] : QUN_NONE;
}

int qun_people_see(struct qun_hook *hook, struct qun_people *p, struct qun_span id, struct qun_span name)
{
	size_t known = hook->names->n;
	uint32_t n, who = QUN_NONE;
	int rc;

	name = qun_span_trim(name);
	if (!name.len || name.len > NAME_MAX_BYTES)
		return 0;
	rc = qun_dict_add(hook->names, name, &n);
	if (rc == 0 && id.len)
		rc = qun_dict_add(&p->ids, id, &who);
	for (; rc == 0 && p->nowner <= n; p->nowner++) {
		rc = qun_grow(&p->owner, &p->owner_cap, p->nowner, sizeof(*p->owner));
		if (rc == 0)
			p->owner[p->nowner] = QUN_NONE;
	}
	hook->later = hook->apart && hook->names->n > known;
	if (rc < 0 || who == QUN_NONE || p->owner[n] == who || p->owner[n] == SEVERAL)
		return rc;
	p->owner[n] = p->owner[n] == QUN_NONE ? who : SEVERAL;
	hook->later = hook->apart;
	return 0;
}

static bool same_text(struct qun_span a, struct qun_span b)
{
	return a.len == b.len && qun_short_same(a.ptr, b.ptr, b.len);
}

bool qun_people_know(const struct qun_hook *hook, struct qun_people *p, struct qun_span id, struct qun_span name)
{
	uint32_t *recent, n, owner;

	name = qun_span_trim(name);
	if (!name.len || name.len > NAME_MAX_BYTES)
		return true;
	recent = &p->recent[qun_short_mix(name.ptr, name.len) % QUN_PEOPLE_RECENT];
	n = *recent - 1;
	if (n == QUN_NONE || !same_text(qun_dict_text(hook->names, n), name))
		n = qun_dict_find(hook->names, name);
	*recent = n + 1;
	owner = n < p->nowner ? p->owner[n] : QUN_NONE;
	return owner == SEVERAL || (owner != QUN_NONE && same_text(qun_dict_text(&p->ids, owner), id));
}

static bool is_self(struct qun_span name)
{
	static const char *const words[] = {"You", "you", "你", "您"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (qun_span_is(name, words[i]))
			return true;
	}
	return false;
}

static struct qun_span id_of(struct qun_hook *hook, const struct qun_people *p, const struct qun_person *who)
{
	uint32_t owner;

	if (who->id.len)
		return who->id;
	if (is_self(who->name))
		return qun_span_of("我");
	owner = owner_of(p, hook->names, who->name);
	return owner < SEVERAL ? qun_dict_text(&p->ids, owner) : who->name;
}

/* Further people of one record get ids of their own, or --dedup takes them for repeats. */
static int number_id(struct qun_hook *hook, struct qun_span id, unsigned nth, struct qun_span *out)
{
	struct qun_buf text = {0};
	int rc;

	*out = id;
	if (!nth || !id.len)
		return 0;
	rc = qun_buf_printf(&text, "%.*s#%u", (int)id.len, id.ptr, nth + 1);
	out->ptr = rc < 0 ? NULL : qun_arena_copy(hook->scratch, qun_buf_span(&text));
	out->len = text.len;
	qun_buf_release(&text);
	return out->ptr ? 0 : QUN_ENOMEM;
}

static int tell(struct qun_hook *hook, const struct qun_people *p, const struct qun_held_change *h,
	const struct qun_person *who, unsigned nth)
{
	const struct qun_change *c = &h->change;
	struct qun_event ev = {.ts = h->ts, .type = c->type};
	struct qun_person person = *who;
	bool alone;
	int rc;

	if (!person.id.len && c->actor.id.len && qun_span_eq(person.name, c->actor.name))
		person.id = c->actor.id;
	ev.field[QUN_F_USER] = id_of(hook, p, &person);
	ev.field[QUN_F_NAME] = is_self(person.name) ? (struct qun_span){0} : person.name;
	ev.field[QUN_F_REF] = id_of(hook, p, &c->actor);
	alone = qun_span_eq(ev.field[QUN_F_REF], ev.field[QUN_F_USER]);
	if (alone)
		ev.field[QUN_F_REF] = (struct qun_span){0};
	alone = alone && (strcmp(c->source, "removed") == 0 || strcmp(c->source, "invite") == 0);
	ev.field[QUN_F_SOURCE] = qun_span_of(alone ? "" : c->source);
	ev.field[QUN_F_TYPE] = qun_span_of(qun_type_name(c->type));
	ev.field[QUN_F_GROUP] = h->group;
	rc = number_id(hook, h->id, nth, &ev.field[QUN_F_ID]);
	return rc < 0 ? rc : hook->emit(hook, &ev);
}

/* Length of what separates names at the start of s, 0 where nothing does. */
static size_t separator(struct qun_span s)
{
	static const char *const words[] = {", and ", " and ", "님과 ", "님, ", "、", ", ", "，", " & ", "和", "及", "與", "与"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (qun_span_starts(s, words[i]))
			return strlen(words[i]);
	}
	return 0;
}

/* The next name of a list: the longest that is known and ends where one may end, else up to a separator. */
static struct qun_span next_name(const struct qun_dict *names, struct qun_span *list)
{
	size_t first = 0, known = 0, end;

	for (size_t at = 1; at <= list->len && at <= NAME_MAX_BYTES; at++) {
		struct qun_span rest = {list->ptr + at, list->len - at};
		if (rest.len && !separator(rest))
			continue;
		first = first ? first : at;
		if (qun_dict_find(names, (struct qun_span){list->ptr, at}) != QUN_NONE)
			known = at;
	}
	end = known ? known : first ? first : list->len;
	struct qun_span name = {list->ptr, end};
	list->ptr += end;
	list->len -= end;
	end = separator(*list);
	list->ptr += end;
	list->len -= end;
	return name;
}

static int tell_list(struct qun_hook *hook, const struct qun_people *p, const struct qun_held_change *h)
{
	struct qun_span list = h->change.who.name;
	unsigned nth = h->change.nth;
	int rc = 0;

	while (rc >= 0 && list.len) {
		struct qun_person who = {.name = qun_entry_name(next_name(hook->names, &list))};
		if (who.name.len)
			rc = tell(hook, p, h, &who, nth++);
	}
	return rc;
}

int qun_people_end(struct qun_hook *hook, struct qun_people *p)
{
	int rc = 0;

	for (size_t i = 0; i < p->nheld && rc >= 0; i++) {
		const struct qun_held_change *h = &p->held[i];
		rc = h->change.list ? tell_list(hook, p, h) : tell(hook, p, h, &h->change.who, h->change.nth);
	}
	p->nheld = 0;
	qun_arena_release(&p->text);
	return rc;
}

static int keep(struct qun_arena *a, struct qun_span *s)
{
	s->ptr = qun_arena_copy(a, *s);
	return s->ptr ? 0 : QUN_ENOMEM;
}

int qun_people_hold(struct qun_hook *hook, struct qun_people *p, const struct qun_event *ev,
	const struct qun_change *change)
{
	struct qun_held_change h = {*change, ev->ts, ev->field[QUN_F_GROUP], ev->field[QUN_F_ID]};
	struct qun_span *text[] = {&h.group, &h.id, &h.change.who.id, &h.change.who.name, &h.change.actor.id,
		&h.change.actor.name};
	int rc = 0;

	hook->held = true;
	h.change.who.name = qun_span_trim(h.change.who.name);
	h.change.actor.name = qun_span_trim(h.change.actor.name);
	if (p->nheld == HELD_MAX || p->text.bytes > HELD_MAX_BYTES)
		rc = qun_people_end(hook, p);
	for (size_t i = 0; rc >= 0 && i < sizeof(text) / sizeof(*text); i++)
		rc = keep(&p->text, text[i]);
	if (rc >= 0)
		rc = qun_grow(&p->held, &p->held_cap, p->nheld, sizeof(h));
	if (rc < 0)
		return rc;
	p->held[p->nheld++] = h;
	return 0;
}

void qun_people_release(struct qun_people *p)
{
	qun_dict_release(&p->ids);
	qun_arena_release(&p->text);
	free(p->owner);
	free(p->held);
	*p = (struct qun_people){0};
}
