/* IRC log of WeeChat: time TAB nick TAB text, arrows for those who come and go. */
#include "text/irc.h"

enum { LINE };

static const struct qun_mapping map[] = {
	{"line", QUN_F_RAW + LINE},
	{NULL, 0},
};

/* The three parts of a line. */
static bool split(struct qun_span line, struct qun_span *time, struct qun_span *nick, struct qun_span *text)
{
	ptrdiff_t first = qun_span_find(line, "\t", 0);
	ptrdiff_t second = first < 0 ? -1 : qun_span_find(line, "\t", (size_t)first + 1);

	if (second < 0)
		return false;
	*time = (struct qun_span){line.ptr, (size_t)first};
	*nick = (struct qun_span){line.ptr + first + 1, (size_t)(second - first) - 1};
	*text = (struct qun_span){line.ptr + second + 1, line.len - (size_t)second - 1};
	return time->len >= 16;
}

static int recognise(const struct qun_sample *s)
{
	struct qun_span time, nick, text;
	size_t lines = 0;

	if (s->container != QUN_TEXT)
		return 0;
	for (size_t i = 0; i < s->nrecord && lines < 5; i++) {
		struct qun_span line = s->record[i].cell[0].s;
		if (!qun_span_trim(line).len)
			continue;
		if (!split(line, &time, &nick, &text) || !(qun_time_guess(time) & 1U << QUN_TIME_YMD))
			return lines > 1 ? 75 : 0;
		lines++;
	}
	return lines ? 75 : 0;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	static const char *const notices[] = {"-->", "<--", "--", "=!=", ""};
	struct qun_span line = hook->raw[LINE].s, time, nick, text, channel = qun_irc_channel(hook->file);

	hook->part = !qun_span_trim(line).len;
	if (hook->part)
		return 0;
	if (!split(line, &time, &nick, &text))
		return hook->bad(hook, "columns", NULL, "a line that is not time, nick and text");
	if (qun_time_parse(time, hook->time, hook->zone, &ev->ts) < 0)
		return hook->bad(hook, "time", NULL, "cannot read time '%.*s'", time.len < 40 ? (int)time.len : 40, time.ptr);
	if (channel.len && qun_span_is(ev->field[QUN_F_GROUP], "-"))
		ev->field[QUN_F_GROUP] = channel;
	nick = qun_span_trim(nick);
	for (size_t i = 0; i < sizeof(notices) / sizeof(*notices); i++) {
		if (qun_span_is(nick, notices[i]))
			return qun_irc_notice(hook, ev, text);
	}
	if (!qun_span_is(nick, "*"))
		return qun_irc_said(hook, ev, nick, text);
	/* an action: its text begins with the nick */
	ptrdiff_t blank = qun_span_find(text, " ", 0);
	return qun_irc_said(hook, ev, (struct qun_span){text.ptr, blank < 0 ? text.len : (size_t)blank}, text);
}

/* Lines are whole as they come: the end of the file ends none. */
static int end(struct qun_hook *hook)
{
	hook->part = true;
	return 0;
}

const struct qun_format qun_format_weechat = {
	.name = "weechat",
	.brief = "IRC log of WeeChat",
	.containers = QUN_TEXT,
	.recognise = recognise,
	.map = map,
	.time = QUN_TIME_YMD,
	.event = event,
	.end = end,
};
