/*
 * QQ chats by qq-chat-exporter: a document of version 5, its chunks as JSON lines, and version 4. QQ's
 * sentences have no quotes around names.
 */
#include "text/wechat.h"

enum { TYPE, SYSTEM, RECALLED, UID, UIN, TEXT, NAME, NICKNAME, CARD, REMARK, ELEMENTS };

static const struct qun_mapping map[] = {
	{"timestamp", QUN_F_TS},
	{"time", QUN_F_TS},
	{"sender.uid", QUN_F_USER},
	{"sender.uin", QUN_F_USER},
	{"rawMessage.senderUin", QUN_F_USER},
	{"sender.name", QUN_F_NAME},
	{"sender.groupCard", QUN_F_NAME},
	{"sender.nickname", QUN_F_NAME},
	{"rawMessage.sendMemberName", QUN_F_NAME},
	{"rawMessage.sendNickName", QUN_F_NAME},
	{"content.text", QUN_F_TEXT},
	{"id", QUN_F_ID},
	{"messageId", QUN_F_ID},
	{"type", QUN_F_RAW + TYPE},
	{"messageType", QUN_F_RAW + TYPE},
	{"system", QUN_F_RAW + SYSTEM},
	{"isSystemMessage", QUN_F_RAW + SYSTEM},
	{"recalled", QUN_F_RAW + RECALLED},
	{"isRecalled", QUN_F_RAW + RECALLED},
	{"sender.uid", QUN_F_RAW + UID},
	{"sender.uin", QUN_F_RAW + UIN},
	{"rawMessage.senderUin", QUN_F_RAW + UIN},
	{"content.text", QUN_F_RAW + TEXT},
	{"sender.name", QUN_F_RAW + NAME},
	{"sender.nickname", QUN_F_RAW + NICKNAME},
	{"rawMessage.sendNickName", QUN_F_RAW + NICKNAME},
	{"sender.groupCard", QUN_F_RAW + CARD},
	{"rawMessage.sendMemberName", QUN_F_RAW + CARD},
	{"sender.remark", QUN_F_RAW + REMARK},
	{"content.elements", QUN_F_RAW + ELEMENTS},
	{NULL, 0},
};

static const char *const arrays[] = {"", "messages", NULL};

static int recognise(const struct qun_sample *s)
{
	bool who = qun_sample_column(s, "sender.uid") >= 0 || qun_sample_column(s, "sender.uin") >= 0;
	bool when = qun_sample_column(s, "timestamp") >= 0 || qun_sample_column(s, "time") >= 0;
	bool what = qun_sample_column(s, "content.text") >= 0 ||
		qun_sample_column(s, "messageType") >= 0 ||
		qun_sample_column(s, "rawMessage.senderUin") >= 0 ||
		qun_sample_column(s, "content.elements") >= 0;

	if (s->container != QUN_JSON)
		return 0;
	return who && when && what ? 90 : 0;
}

static bool is_true(const struct qun_cell_in *cell)
{
	return qun_span_is(cell->s, "true") || qun_span_is(cell->s, "1");
}

/* 未知, and 0 where older versions have no number: the sender of what QQ itself says. */
static bool is_system(const struct qun_cell_in *raw)
{
	struct qun_span uid = qun_span_trim(raw[UID].s), uin = qun_span_trim(raw[UIN].s);

	return is_true(&raw[SYSTEM]) || qun_span_is(raw[TYPE].s, "system") ||
		qun_wechat_phantom(uid.len ? uid : uin);
}

static int meet(struct qun_hook *hook, struct qun_span id)
{
	static const int names[] = {NAME, NICKNAME, CARD, REMARK};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(names) / sizeof(*names); i++)
		rc = qun_wechat_person(hook, id, hook->raw[names[i]].s);
	return rc;
}

static enum qun_wechat_row row_of(const struct qun_cell_in *raw)
{
	if (is_true(&raw[RECALLED]))
		return QUN_WECHAT_PATTED;
	/* red packets and transfers are [红包] both, and so is what someone types */
	if (!qun_span_is(raw[TEXT].s, "[红包]") || raw[ELEMENTS].kind != QUN_CELL_JSON)
		return QUN_WECHAT_SAID;
	return qun_span_find(raw[ELEMENTS].s, "\"wallet\"", 0) >= 0 &&
			qun_span_find(raw[ELEMENTS].s, "转账", 0) < 0 ?
		QUN_WECHAT_SENT_PACKET : QUN_WECHAT_SAID;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	static const char *const names[] = {"chatInfo.peerUid", "chatInfo.peerUin", "chatInfo.name", NULL};
	const struct qun_cell_in *raw = hook->raw;
	struct qun_wechat_room *room = hook->memory;

	if (ev->ts == QUN_NEVER)
		return hook->bad(hook, "time", "timestamp", "a message without a time");
	room->qq = true;
	int rc = room->grouped ? 0 : qun_wechat_self(hook, qun_header_get(hook->header, "chatInfo.selfUid"));
	/* lines have no header but that of a manifest, so nothing is worth waiting for */
	room->grouped |= !*hook->array && !qun_header_get(hook->header, "chatInfo.name").len;
	if (rc == 0)
		rc = qun_wechat_group(hook, ev, NULL, names, (struct qun_span){0});
	if (rc == 0 && is_system(raw))
		return qun_wechat_tell(hook, ev, raw[TEXT].s);
	if (rc == 0)
		rc = meet(hook, ev->field[QUN_F_USER]);
	return rc < 0 ? rc : qun_wechat_said(hook, ev, row_of(raw));
}

/* Whose export it is may stand behind the messages. */
static int end(struct qun_hook *hook)
{
	int rc = qun_wechat_self(hook, qun_header_get(hook->header, "chatInfo.selfUid"));

	return rc < 0 ? rc : qun_wechat_end(hook);
}

const struct qun_format qun_format_qq_json = {
	.name = "qq-json",
	.brief = "QQ chats by qq-chat-exporter, JSON and JSON lines",
	.containers = QUN_JSON,
	.recognise = recognise,
	.map = map,
	.header = "id,seq,timestamp,sender.uid,sender.name,type,content.text,recalled,system\n"
		"messageId,timestamp,sender.uid,sender.name,messageType,isSystemMessage,"
		"isRecalled,content.text",
	.array = arrays,
	.time = QUN_TIME_EACH,
	.timeless = true,
	.memory_size = sizeof(struct qun_wechat_room),
	.event = event,
	.end = end,
	.release = qun_wechat_release,
};
