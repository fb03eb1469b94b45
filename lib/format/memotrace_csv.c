/*
 * MemoTrace (留痕), legacy CSV of one chat. Sender is a wxid, but on system rows it may be left over
 * from the row before; rows of private chats end before the sender.
 */
#include "text/memotrace.h"
#include "text/wechat.h"

enum { TYPE, SUBTYPE, IS_SENDER, CONTENT, STR_TIME, REMARK, NICKNAME, SENDER };

/* No localId: it starts again in each of WeChat's databases, so it identifies nothing. */
static const struct qun_mapping map[] = {
	{"CreateTime", QUN_F_TS},
	{"TalkerId", QUN_F_GROUP}, /* no name of the chat in the file: a number keeps files apart */
	{"Sender", QUN_F_USER},
	{"Remark", QUN_F_NAME},
	{"StrContent", QUN_F_TEXT},
	{"Type", QUN_F_RAW + TYPE},
	{"SubType", QUN_F_RAW + SUBTYPE},
	{"IsSender", QUN_F_RAW + IS_SENDER},
	{"StrContent", QUN_F_RAW + CONTENT},
	{"StrTime", QUN_F_RAW + STR_TIME},
	{"Remark", QUN_F_RAW + REMARK},
	{"NickName", QUN_F_RAW + NICKNAME},
	{"Sender", QUN_F_RAW + SENDER},
	{NULL, 0},
};

static int recognise(const struct qun_sample *s)
{
	return qun_memotrace_layout(s) == 1 ? 90 : 0;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	const struct qun_cell_in *raw = hook->raw;
	enum qun_wechat_row row = qun_wechat_row_of(raw[TYPE].s, raw[SUBTYPE].s);
	bool own = qun_span_is(qun_span_trim(raw[IS_SENDER].s), "1");
	struct qun_span sender = qun_span_trim(raw[SENDER].s);

	if (raw[SENDER].kind == QUN_CELL_ABSENT &&
		(raw[STR_TIME].kind == QUN_CELL_ABSENT || raw[REMARK].kind != QUN_CELL_ABSENT))
		return hook->bad(hook, "columns", NULL, "a row that is neither whole nor one of a private chat");
	if (row == QUN_WECHAT_SYSTEM)
		return qun_wechat_tell(hook, ev, raw[CONTENT].s);
	if (raw[SENDER].kind == QUN_CELL_ABSENT) {
		ev->field[QUN_F_USER] = qun_span_of(own ? "我" : "对方");
		return qun_wechat_said(hook, ev, row);
	}
	int rc = qun_wechat_person(hook, sender, raw[REMARK].s);
	if (!rc)
		rc = qun_wechat_person(hook, sender, raw[NICKNAME].s);
	if (!rc && own)
		rc = qun_wechat_self(hook, sender);
	return rc < 0 ? rc : qun_wechat_said(hook, ev, row);
}

const struct qun_format qun_format_memotrace_csv = {
	.name = "memotrace-csv",
	.brief = "MemoTrace (留痕) legacy CSV of one WeChat chat",
	.containers = QUN_CSV,
	.recognise = recognise,
	.map = map,
	.header = "localId,TalkerId,Type,SubType,IsSender,CreateTime,Status,StrContent,StrTime,"
		"Remark,NickName,Sender",
	.time = QUN_TIME_EPOCH_S,
	.short_rows = true,
	.memory_size = sizeof(struct qun_wechat_room),
	.event = event,
	.end = qun_wechat_end,
	.release = qun_wechat_release,
};
