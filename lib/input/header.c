/*
 * The alias table of the generic formats. Names are compared without case, blanks, hyphens and
 * underscores, so one row serves "Order ID", "order_id" and "orderId".
 */
#include "input/header.h"

#include <string.h>

static const struct {
	int field;
	const char *names; /* best first, separated by | and as qun_alias_field compares them */
} aliases[] = {
	{QUN_F_TS, "ts|timestamp|"
		   "买家付款时间|订单付款时间|支付时间|付款时间|paidat|paiddate|created(utc)|"
		   "買家付款時間|訂單付款時間|支付時間|付款時間|"
		   "订单创建时间|下单时间|创建时间|交易时间|createdat|orderdate|paytime|paymenttime|"
		   "下单日期|付款日期|支付日期|交易日期|订单日期|"
		   "訂單建立時間|訂單創建時間|下單時間|建立時間|創建時間|交易時間|"
		   "createtime|createdtime|eventtime|sendtime|msgtime|datetime|time|date|invoicedate|"
		   "发送时间|消息时间|时间|日期时间|日期|發送時間|訊息時間|消息時間|時間|日期時間"},
	{QUN_F_GROUP, "group|groupid|chatid|roomid|channelid|conversationid|groupname|chat|room|channel|"
		      "chatname|roomname|channelname|conversation|chatroom|"
		      "群id|群号|群|群名|群名称|群聊|群聊名称|群组|社群|社群名称|"
		      "群號|群名稱|群組|群聊名稱|群組名稱|社群名稱"},
	{QUN_F_USER, "user|userid|uid|memberid|senderid|fromid|authorid|user.id|sender.id|author.id|from.id|"
		     "member|sender|author|from|username|talker|openid|wxid|"
		     "用户id|用户|成员id|成员|发送人|发送者|发言人|会员id|会员|"
		     "用戶id|用戶|使用者|成員id|成員|發送人|發送者|發言人|會員|"
		     "买家昵称|下单人|微信昵称|买家会员名|交易对方|收货人|email|customeremail|buyeremail|customerid|buyerid|buyernickname|buyernick|buyer|customer|"
		     "買家暱稱|下單人|微信暱稱|買家會員名|交易對方|收貨人|"
		     "买家手机号|收货人手机号/提货人手机号|联系电话|联系手机|手机号|phone|"
		     "買家手機號|聯繫電話|聯絡電話|手機號"},
	{QUN_F_NAME, "name|displayname|nickname|membername|sendername|senderfullname|authorname|fromname|buyername|customername|"
		     "昵称|群昵称|显示名|姓名|名字|用户名|发送人昵称|成员名称|"
		     "暱稱|群暱稱|顯示名稱|用戶名|成員名稱"},
	{QUN_F_TYPE, "type|eventtype|event|事件类型|事件|事件類型"},
	{QUN_F_TEXT, "text|content|message|msg|body|内容|消息内容|消息|文本|內容|消息內容|訊息內容|訊息"},
	{QUN_F_AMOUNT, "amount|订单实付金额|实付金额|买家实际支付金额|支付金额|订单金额|订单总金额|总金额|"
		       "金额(元)|金额（元）|金额|total|ordertotal|payamount|orderamount|totalamount|"
		       "訂單實付金額|實付金額|買家實際支付金額|支付金額|訂單金額|訂單總金額|總金額|"
		       "金額(元)|金額（元）|金額"},
	{QUN_F_ORDER_ID, "orderid|orderno|ordernumber|ordersn|订单号|订单编号|跟团号|接龙号|下单序号|"
			 "交易单号|交易订单号|交易号|訂單號|訂單編號|跟團號|接龍號|下單序號|交易單號|交易號|"
			 "invoiceno|basketid"},
	{QUN_F_PRODUCT, "product|productname|productid|item|itemname|itemid|sku|goods|"
			"商品名称|全部商品名称|商品|宝贝标题|商品标题|产品|产品名称|商品说明|"
			"商品名稱|全部商品名稱|寶貝標題|商品標題|產品|產品名稱|商品說明"},
	{QUN_F_QTY, "qty|quantity|数量|商品数量|宝贝总数量|订购数量|購買數量|數量|商品數量"},
	{QUN_F_REF, "ref|replyto|inviter|inviterid|邀请人|推荐人|邀請人|推薦人"},
	{QUN_F_SOURCE, "source|joinsource|来源|订单来源|加入方式|入群方式|來源|訂單來源"},
	{QUN_F_ROLE, "role|角色|身份|成员角色|成員角色"},
	{QUN_F_ID, "id|messageid|msgid|msgsvrid|消息id|訊息id"},
	{QUN_F_STATUS, "status|orderstatus|订单状态|当前状态|交易状态|financialstatus|orderstatusname|"
		       "訂單狀態|當前狀態|交易狀態"},
	{QUN_F_REFUND, "refund|refundamount|订单已退款金额|退款金额|订单退款|成功退款(元)|成功退款（元）|已退款金额|"
		       "refundedamount|amountrefunded|訂單已退款金額|退款金額|訂單退款|已退款金額"},
};

enum { NAME_BYTES = 96 }; /* longer names are no aliases */

static const char no_break[] = "\xc2\xa0", ideographic[] = "\xe3\x80\x80", mark[] = "\xef\xbb\xbf";

/* Length of what may surround a name at the start of s, 0 for anything else. */
static size_t dross(struct qun_span s)
{
	static const char *const signs[] = {no_break, ideographic, mark};

	if (s.len && *s.ptr > '\'') /* most of what is ASCII */
		return 0;
	if (s.len && memchr(" \t\r\n\"'", *s.ptr, 6))
		return 1;
	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
		if (qun_span_starts(s, signs[i]))
			return strlen(signs[i]);
	}
	return 0;
}

struct qun_span qun_header_name(struct qun_span cell)
{
	size_t n, end = 0;

	while ((n = dross(cell)) > 0) {
		cell.ptr += n;
		cell.len -= n;
	}
	for (size_t at = 0; at < cell.len;) {
		n = dross((struct qun_span){cell.ptr + at, cell.len - at});
		at += n ? n : 1;
		end = n ? end : at;
	}
	cell.len = end;
	return cell;
}

/* The form in which names are compared; empty where it is no alias for its length alone. */
static struct qun_span bare_name(struct qun_span name, char out[NAME_BYTES])
{
	size_t len = 0;

	for (size_t at = 0; at < name.len;) {
		size_t skip = dross((struct qun_span){name.ptr + at, name.len - at});
		char c = name.ptr[at];
		if (skip || c == '_' || c == '-') {
			at += skip ? skip : 1;
			continue;
		}
		if (len == NAME_BYTES)
			return (struct qun_span){NULL, 0};
		out[len++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
		at++;
	}
	return (struct qun_span){out, len};
}

/* The next of the names; false at the end. */
static bool next_alias(const char **names, struct qun_span *alias)
{
	size_t len = (size_t)(strchrnul(*names, '|') - *names);

	*alias = (struct qun_span){*names, len};
	*names += len + ((*names)[len] == '|');
	return len > 0;
}

int qun_alias_field(struct qun_span name, unsigned *rank)
{
	char text[NAME_BYTES];
	struct qun_span bare = bare_name(name, text), alias;

	for (size_t i = 0; bare.len && i < sizeof(aliases) / sizeof(*aliases); i++) {
		const char *names = aliases[i].names;
		for (unsigned at = 0; next_alias(&names, &alias); at++) {
			if (!qun_span_eq(bare, alias))
				continue;
			if (rank)
				*rank = at;
			return aliases[i].field;
		}
	}
	return -1;
}

bool qun_alias_inside(struct qun_span path)
{
	char text[NAME_BYTES];
	struct qun_span bare = bare_name(path, text), alias;

	for (size_t i = 0; bare.len && i < sizeof(aliases) / sizeof(*aliases); i++) {
		const char *names = aliases[i].names;
		while (next_alias(&names, &alias)) {
			if (alias.len > bare.len && alias.ptr[bare.len] == '.' &&
				qun_span_eq((struct qun_span){alias.ptr, bare.len}, bare))
				return true;
		}
	}
	return false;
}

int qun_header_field(struct qun_span name)
{
	return qun_alias_field(name, NULL);
}
