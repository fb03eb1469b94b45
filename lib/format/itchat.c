/*
 * Messages as itchat hands them over, dumped as JSON. @@… is the group, in whichever direction; ids of
 * people change with every login. Own messages come without a sender.
 */
#include "text/emoji.h"
#include "text/wechat.h"

#include <string.h>

enum { FROM, TO, MSG_TYPE, TYPE, TEXT, CONTENT, NICKNAME, SENDER };

static const struct qun_mapping map[] = {
	{"CreateTime", QUN_F_TS},
	{"ActualUserName", QUN_F_USER},
	{"ActualNickName", QUN_F_NAME},
	{"Text", QUN_F_TEXT},
	{"Content", QUN_F_TEXT},
	{"MsgId", QUN_F_ID},
	{"NewMsgId", QUN_F_ID},
	{"FromUserName", QUN_F_RAW + FROM},
	{"ToUserName", QUN_F_RAW + TO},
	{"MsgType", QUN_F_RAW + MSG_TYPE},
	{"Type", QUN_F_RAW + TYPE},
	{"Text", QUN_F_RAW + TEXT},
	{"Content", QUN_F_RAW + CONTENT},
	{"ActualNickName", QUN_F_RAW + NICKNAME},
	{"ActualUserName", QUN_F_RAW + SENDER},
	{NULL, 0},
};

static int recognise(const struct qun_sample *s)
{
	static const char *const keys[] = {"FromUserName", "CreateTime", NULL};
	static const char *const own[] = {"ActualUserName", "ActualNickName", "MsgType", "MsgId"};

	if (s->container != QUN_JSON || !qun_sample_has(s, keys))
		return 0;
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
		if (qun_sample_column(s, own[i]) >= 0)
			return 85;
	}
	return 0;
}

static int plain(struct qun_hook *hook, struct qun_span s, struct qun_span *out)
{
	struct qun_buf b = {0};
	int rc = qun_emoji_plain(&b, s);
	char *copy = rc < 0 ? NULL : qun_arena_copy(hook->scratch, qun_buf_span(&b));

	*out = (struct qun_span){copy, b.len};
	qun_buf_release(&b);
	return rc < 0 ? rc : copy ? 0 : QUN_ENOMEM;
}

/* Content of a group message begins with its sender: "@id:<br/>". Takes it off; empty where it is not there. */
static struct qun_span take_sender(struct qun_span *content)
{
	ptrdiff_t end = qun_span_starts(*content, "@") ? qun_span_find(*content, ":<br/>", 0) : -1;
	struct qun_span sender = {content->ptr, end < 0 ? 0 : (size_t)end};

	if (end < 0 || memchr(sender.ptr, ' ', sender.len) || memchr(sender.ptr, '<', sender.len))
		return (struct qun_span){0};
	size_t used = sender.len + strlen(":<br/>");
	*content = (struct qun_span){content->ptr + used, content->len - used};
	return sender;
}

static enum qun_wechat_row row_of(const struct qun_cell_in *raw)
{
	struct qun_span type = qun_span_trim(raw[TYPE].s);

	if (qun_span_is(type, "Note") || qun_span_is(type, "System"))
		return QUN_WECHAT_SYSTEM;
	return qun_wechat_row_packed(raw[MSG_TYPE].s);
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	const struct qun_cell_in *raw = hook->raw;
	struct qun_span from = qun_span_trim(raw[FROM].s), to = qun_span_trim(raw[TO].s);
	struct qun_span sender = qun_span_trim(raw[SENDER].s), content = raw[CONTENT].s, name, text;
	struct qun_span in_content = take_sender(&content);
	enum qun_wechat_row row = row_of(raw);
	bool room = qun_span_starts(from, "@@"), own = !room && qun_span_starts(to, "@@");
	bool has_text = raw[TEXT].kind == QUN_CELL_TEXT && raw[TEXT].s.len;

	if ((room || own) && qun_span_is(ev->field[QUN_F_GROUP], "-"))
		ev->field[QUN_F_GROUP] = room ? from : to;
	int rc = plain(hook, raw[NICKNAME].s, &name);
	if (rc == 0)
		rc = plain(hook, has_text ? raw[TEXT].s : content, &text);
	if (rc < 0)
		return rc;
	ev->field[QUN_F_NAME] = qun_span_trim(name);
	ev->field[QUN_F_TEXT] = text;
	if (row == QUN_WECHAT_SYSTEM)
		return qun_wechat_tell(hook, ev, text);
	if (!sender.len)
		sender = in_content.len ? in_content : room ? (struct qun_span){0} : from;
	ev->field[QUN_F_USER] = sender;
	rc = qun_wechat_person(hook, sender, name);
	if (rc == 0 && own)
		rc = qun_wechat_self(hook, sender);
	return rc < 0 ? rc : qun_wechat_said(hook, ev, row);
}

const struct qun_format qun_format_itchat = {
	.name = "itchat",
	.brief = "itchat messages as JSON, from WeChat on the web",
	.containers = QUN_JSON,
	.recognise = recognise,
	.map = map,
	.header = "MsgId,FromUserName,MsgType,Content,CreateTime,Type,ActualNickName,ActualUserName",
	.time = QUN_TIME_EACH,
	.memory_size = sizeof(struct qun_wechat_room),
	.event = event,
	.end = qun_wechat_end,
	.release = qun_wechat_release,
};
