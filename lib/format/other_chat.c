/*
 * Exports of chat tools whose rules are not known here. Their columns look enough like events to be
 * read by name, but joins would count as messages and whole rows would be lost: they are refused.
 */
#include "qun/format.h"

enum { MARKS = 6 };

/* Columns or keys that occur together in the files of one tool only. */
static const struct {
	enum qun_container container;
	size_t columns; /* exactly so many; 0: any */
	const char *mark[MARKS + 1];
} tools[] = {
	{QUN_CSV, 0, {"AuthorID", "Author", "Date", "Content"}},                   /* DiscordChatExporter */
	{QUN_CSV, 3, {"Date", "User", "Message"}},                                 /* KakaoTalk */
	{QUN_CSV, 0, {"MsgSvrID", "type_name", "is_sender", "talker", "CreateTime"}}, /* WeFlow for WeClone */
	{QUN_JSON, 0, {"localId", "createTime", "senderUsername"}},                /* WeFlow, echotrace, CipherTalk */
	{QUN_JSON, 0, {"serverId", "createTime", "senderUsername"}},               /* WeChatDataAnalysis */
	{QUN_JSON, 0, {"timestamp", "sender", "type", "local_id"}},                /* wx-cli */
	{QUN_JSON, 0, {"MsgId", "FromUserName", "CreateTime"}},                    /* itchat */
	{QUN_JSON, 0, {"_type", "chatlab"}},                                       /* ChatLab */
	{QUN_JSON, 0, {"_type", "sender", "timestamp"}},
	{QUN_JSON, 0, {"msgid", "action", "from", "tolist"}},                      /* WeCom archive */
	{QUN_JSON, 0, {"sender.uid", "timestamp", "content.text"}},                /* QQ chat exporter */
	{QUN_JSON, 0, {"id", "type", "date", "from_id"}},                          /* Telegram */
	{QUN_JSON, 0, {"id", "timestamp", "author.id", "content"}},                /* DiscordChatExporter */
	{QUN_JSON, 0, {"type", "subtype", "user", "ts", "text"}},                  /* Slack */
	{QUN_JSON, 0, {"client_msg_id", "user", "ts"}},
	{QUN_JSON, 0, {"message_id", "msg_type", "create_time", "chat_id"}},       /* Feishu */
	{QUN_JSON, 0, {"conversationId", "createAt", "senderNick"}},               /* DingTalk */
	{QUN_JSON, 0, {"origin_server_ts", "event_id", "sender"}},                 /* Matrix */
};

/* Less sure than the formats that are read: PyWxDump's columns are WeFlow's and one more. */
static int recognise(const struct qun_sample *s)
{
	for (size_t i = 0; i < sizeof(tools) / sizeof(*tools); i++) {
		if (s->container == tools[i].container && qun_sample_has(s, tools[i].mark) &&
			(!tools[i].columns || tools[i].columns == s->nname))
			return 60;
	}
	return 0;
}

const struct qun_format qun_format_other_chat = {
	.name = "other-chat",
	.brief = "exports of chat tools that are not read yet: refused",
	.containers = QUN_CSV | QUN_JSON,
	.recognise = recognise,
	.refuse = "this is the export of a chat tool that is not read yet (its joins would count as messages); "
		"convert it to CSV with the columns ts,group,user,type,text, or say what its columns are with "
		"--from csv or --from json and --map FIELD=COLUMN",
};
