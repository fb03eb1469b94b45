/* Notices of IRC clients. Nicks hold no blanks, so the first word of a notice is whole. */
#include "text/irc.h"

#include "text/kind.h"

#include <string.h>

struct qun_span qun_irc_nick(struct qun_span s)
{
	s = qun_span_trim(s);
	while (s.len > 1 && strchr("@+%&~!", s.ptr[0])) {
		s.ptr++;
		s.len--;
	}
	return s;
}

static struct qun_span word(struct qun_span *s)
{
	size_t n = 0;

	*s = qun_span_trim(*s);
	while (n < s->len && s->ptr[n] != ' ')
		n++;
	struct qun_span w = {s->ptr, n};
	*s = qun_span_trim((struct qun_span){s->ptr + n, s->len - n});
	return w;
}

/* Passes [mask] or (mask). */
static void skip_mask(struct qun_span *s)
{
	char close = s->len && s->ptr[0] == '[' ? ']' : s->len && s->ptr[0] == '(' ? ')' : 0;
	const char *end = close ? memchr(s->ptr, close, s->len) : NULL;

	if (!end)
		return;
	s->len -= (size_t)(end + 1 - s->ptr);
	s->ptr = end + 1;
	*s = qun_span_trim(*s);
}

static int emit(struct qun_hook *hook, struct qun_event *ev, struct qun_span nick, enum qun_type type, const char *source,
	struct qun_span other)
{
	/* the nick is the id; as a name it would look like one that waits for its id */
	ev->field[QUN_F_USER] = qun_irc_nick(nick);
	qun_set_change(ev, type, source, qun_irc_nick(other));
	return hook->emit(hook, ev);
}

/* Behind the word by: who kicked. */
static struct qun_span kicker(struct qun_span rest)
{
	ptrdiff_t by = qun_span_find(rest, "by ", 0);
	struct qun_span s = {rest.ptr, 0};

	if (by >= 0)
		s = (struct qun_span){rest.ptr + by + 3, rest.len - (size_t)by - 3};
	return word(&s);
}

int qun_irc_notice(struct qun_hook *hook, struct qun_event *ev, struct qun_span text)
{
	static const struct qun_span nobody = {NULL, 0};
	struct qun_span rest = text, nick = word(&rest);

	ev->field[QUN_F_TEXT] = text;
	if (qun_span_is(nick, "Joins:"))
		return emit(hook, ev, word(&rest), QUN_JOIN, "", nobody);
	if (qun_span_is(nick, "Parts:") || qun_span_is(nick, "Quits:"))
		return emit(hook, ev, word(&rest), QUN_LEAVE, "", nobody);
	skip_mask(&rest);
	if (qun_span_starts(rest, "has joined"))
		return emit(hook, ev, nick, QUN_JOIN, "", nobody);
	if (qun_span_starts(rest, "has left") || qun_span_starts(rest, "has quit"))
		return emit(hook, ev, nick, QUN_LEAVE, "", nobody);
	if (qun_span_starts(rest, "was kicked"))
		return emit(hook, ev, nick, QUN_LEAVE, "removed", kicker(rest));
	if (qun_span_starts(rest, "has kicked ")) {
		rest = (struct qun_span){rest.ptr + strlen("has kicked "), rest.len - strlen("has kicked ")};
		return emit(hook, ev, word(&rest), QUN_LEAVE, "removed", nick);
	}
	qun_set_type(ev, QUN_SYSTEM);
	return hook->emit(hook, ev);
}

int qun_irc_said(struct qun_hook *hook, struct qun_event *ev, struct qun_span nick, struct qun_span text)
{
	qun_set_type(ev, QUN_MESSAGE);
	ev->field[QUN_F_USER] = ev->field[QUN_F_NAME] = qun_irc_nick(nick);
	ev->field[QUN_F_TEXT] = text;
	return hook->emit(hook, ev);
}

struct qun_span qun_irc_channel(const char *file)
{
	const char *name = strrchr(file, '/'), *folder;
	struct qun_span base = qun_span_of(name ? name + 1 : file);

	if (qun_span_starts(base, "#")) {
		base.len = strcspn(base.ptr, ".");
		return base;
	}
	for (folder = name; folder && folder > file && folder[-1] != '/'; folder--)
		continue;
	return folder && *folder == '#' ? (struct qun_span){folder, (size_t)(name - folder)} : (struct qun_span){NULL, 0};
}
