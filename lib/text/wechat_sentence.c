/*
 * WeChat's system sentences, Chinese and English, as a table of templates. Names are hostile and
 * may hold quotes, separators and words of the sentence, so a name that starts with a quote ends at
 * one, and lists are matched against known names before they are split.
 */
#include "text/wechat.h"

#include <string.h>

/* Longest name looked up whole, and separators in it: keeps hostile lists linear. */
enum { NAME_MAX_BYTES = 512, NAME_MAX_SEPS = 8 };

enum flag { SELF_ACTS = 1, SELF_TOO = 2, ONE = 4, ENGLISH = 8 };

/*
 * %a actor, %b targets, %B the same but only in quotes (where little else tells a sentence of ours
 * from an unknown one), %* anything to the end. The first that matches wins.
 */
static const struct row {
	const char *form;
	enum qun_wechat_kind kind;
	const char *source;
	unsigned flags;
} rows[] = {
	{"邀请你加入群聊%*", QUN_WECHAT_CARD, "", SELF_TOO},
	{"%a邀请你加入群聊%*", QUN_WECHAT_CARD, "", SELF_TOO},
	{"%a邀请你加入了群聊%*", QUN_WECHAT_JOIN, "invite", SELF_TOO},
	{"%a邀请你和%b加入了群聊%*", QUN_WECHAT_JOIN, "invite", SELF_TOO},
	{"你邀请%b加入了群聊", QUN_WECHAT_JOIN, "invite", SELF_ACTS},
	{"%a邀请%b加入了群聊", QUN_WECHAT_JOIN, "invite", 0},
	{"你通过扫描二维码加入群聊%*", QUN_WECHAT_JOIN, "qr", SELF_TOO},
	{"你通过扫描%a分享的二维码加入群聊%*", QUN_WECHAT_JOIN, "qr", SELF_TOO},
	{"你通过%a的邀请二维码加入群聊%*", QUN_WECHAT_JOIN, "qr", SELF_TOO},
	{"%b通过扫描二维码加入群聊", QUN_WECHAT_JOIN, "qr", ONE},
	{"%b通过扫描你分享的二维码加入群聊", QUN_WECHAT_JOIN, "qr", SELF_ACTS | ONE},
	{"%b通过扫描%a分享的二维码加入群聊", QUN_WECHAT_JOIN, "qr", ONE},
	{"%b通过你的邀请二维码加入群聊", QUN_WECHAT_JOIN, "qr", SELF_ACTS | ONE},
	{"%b通过%a的邀请二维码加入群聊", QUN_WECHAT_JOIN, "qr", ONE},
	{"你加入了群聊%*", QUN_WECHAT_JOIN, "", SELF_TOO},
	{"%B加入了群聊", QUN_WECHAT_JOIN, "", 0},
	{"你将%b移出了群聊", QUN_WECHAT_KICK, "", SELF_ACTS},
	{"你被%a移出群聊", QUN_WECHAT_KICK, "", SELF_TOO},
	{"你被%a移出了群聊", QUN_WECHAT_KICK, "", SELF_TOO},
	{"%a将你移出了群聊", QUN_WECHAT_KICK, "", SELF_TOO},
	{"%a将%b移出了群聊", QUN_WECHAT_KICK, "", 0},
	{"你退出了群聊", QUN_WECHAT_LEAVE, "", SELF_TOO},
	{"%B退出了群聊", QUN_WECHAT_LEAVE, "", ONE},
	{"%b与群里其他人都不是%*", QUN_WECHAT_NOTICE, "", ONE},
	{"消息已发出，但被对方拒收了%*", QUN_WECHAT_NOTICE, "", 0},
	{"以上是打招呼的%*", QUN_WECHAT_NOTICE, "", 0},
	{"你修改群名为%*", QUN_WECHAT_TOPIC, "", SELF_ACTS},
	{"%a修改群名为%*", QUN_WECHAT_TOPIC, "", 0},
	{"你已成为新群主%*", QUN_WECHAT_OWNER, "", SELF_TOO},
	{"%b已成为新群主%*", QUN_WECHAT_OWNER, "", ONE},
	{"群主已恢复默认进群方式%*", QUN_WECHAT_SETTING, "", 0},
	{"群主已启用%*", QUN_WECHAT_SETTING, "", 0},
	{"你撤回了一条消息%*", QUN_WECHAT_REVOKE, "", SELF_ACTS},
	{"%a撤回了一条消息%*", QUN_WECHAT_REVOKE, "", 0},
	{"我拍了拍%b%*", QUN_WECHAT_PAT, "", SELF_ACTS | ONE},
	{"%a拍了拍我%*", QUN_WECHAT_PAT, "", SELF_TOO},
	{"%a拍了拍%b%*", QUN_WECHAT_PAT, "", ONE},
	{"收到红包%*", QUN_WECHAT_PACKET, "", 0},
	{"发出红包%*", QUN_WECHAT_PACKET, "", SELF_ACTS},
	{"你领取了自己发的%*", QUN_WECHAT_OPENED, "", SELF_ACTS | SELF_TOO},
	/* exports without rendering keep the link: 的<_wc_custom_link_ …>红包</_wc_custom_link_> */
	{"你领取了%b的红包%*", QUN_WECHAT_OPENED, "", SELF_ACTS | ONE},
	{"你领取了%b的<_wc_custom_link_%*", QUN_WECHAT_OPENED, "", SELF_ACTS | ONE},
	{"%a领取了你的红包%*", QUN_WECHAT_OPENED, "", SELF_TOO},
	{"%a领取了你的<_wc_custom_link_%*", QUN_WECHAT_OPENED, "", SELF_TOO},
	{"收到转账%*", QUN_WECHAT_TRANSFER, "", 0},
	{"群收款消息%*", QUN_WECHAT_COLLECT, "", 0},
	{"%a invited you to join the group chat%*", QUN_WECHAT_CARD, "", SELF_TOO | ENGLISH},
	{"%a invited you to a group chat with %*", QUN_WECHAT_JOIN, "invite", SELF_TOO | ENGLISH},
	{"%a invited you to the group chat%*", QUN_WECHAT_JOIN, "invite", SELF_TOO | ENGLISH},
	{"%a invited you and %b to the group chat%*", QUN_WECHAT_JOIN, "invite", SELF_TOO | ENGLISH},
	{"You invited %b to the group chat", QUN_WECHAT_JOIN, "invite", SELF_ACTS | ENGLISH},
	{"%a invited %b to the group chat", QUN_WECHAT_JOIN, "invite", ENGLISH},
	{"%b joined group chat via the QR code you shared", QUN_WECHAT_JOIN, "qr",
		SELF_ACTS | ONE | ENGLISH},
	{"%b joined the group chat via the QR Code shared by %a", QUN_WECHAT_JOIN, "qr", ONE | ENGLISH},
	{"You were removed from the group chat by %a", QUN_WECHAT_KICK, "", SELF_TOO | ENGLISH},
	{"You removed %b from the group chat", QUN_WECHAT_KICK, "", SELF_ACTS | ENGLISH},
	{"%a removed %b from the group chat", QUN_WECHAT_KICK, "", ENGLISH},
	{"Note: %b is not friends with anyone else in this group chat%*", QUN_WECHAT_NOTICE, "", ONE},
	{"You changed the group name to %*", QUN_WECHAT_TOPIC, "", SELF_ACTS},
	{"%a changed the group name to %*", QUN_WECHAT_TOPIC, "", 0},
	{"You recalled a message%*", QUN_WECHAT_REVOKE, "", SELF_ACTS},
	{"%a has recalled a message%*", QUN_WECHAT_REVOKE, "", 0},
};

/* What QQ says besides, without quotes around names and often with more behind the sentence. */
static const struct row qq_rows[] = {
	{"%a邀请你加入了群聊%*", QUN_WECHAT_JOIN, "invite", SELF_TOO},
	{"你邀请%b加入了群聊%*", QUN_WECHAT_JOIN, "invite", SELF_ACTS},
	{"%a邀请%b加入了群聊%*", QUN_WECHAT_JOIN, "invite", 0},
	{"你通过%a分享的二维码加入了群聊%*", QUN_WECHAT_JOIN, "qr", SELF_TOO},
	{"%b通过你分享的二维码加入了群聊%*", QUN_WECHAT_JOIN, "qr", SELF_ACTS | ONE},
	{"%b通过你的二维码加入了群聊%*", QUN_WECHAT_JOIN, "qr", SELF_ACTS | ONE},
	{"%b通过%a分享的二维码加入了群聊%*", QUN_WECHAT_JOIN, "qr", ONE},
	{"%b通过%a的二维码加入了群聊%*", QUN_WECHAT_JOIN, "qr", ONE},
	{"%b加入了群聊%*", QUN_WECHAT_JOIN, "", ONE},
	{"你已被移出%*", QUN_WECHAT_KICK, "", SELF_TOO},
	{"%b已被移出%*", QUN_WECHAT_KICK, "", ONE},
	{"%b已被%a移出%*", QUN_WECHAT_KICK, "", ONE},
	{"%b被%a移出%*", QUN_WECHAT_KICK, "", ONE},
	{"%b被移出%*", QUN_WECHAT_KICK, "", ONE},
	{"你将%b移出%*", QUN_WECHAT_KICK, "", SELF_ACTS | ONE},
	{"%a将%b移出%*", QUN_WECHAT_KICK, "", ONE},
	{"%b退出了%*", QUN_WECHAT_LEAVE, "", ONE},
	{"群名称已修改为%*", QUN_WECHAT_TOPIC, "", 0},
	{"%a 撤回了 %b 的消息%*", QUN_WECHAT_REVOKE, "", ONE},
	{"%a撤回了%*", QUN_WECHAT_REVOKE, "", 0},
	{"%a戳了戳%b", QUN_WECHAT_PAT, "", ONE},
};

static struct qun_span part(struct qun_span s, size_t from, size_t to)
{
	return (struct qun_span){s.ptr + from, to - from};
}

/* Bytes of a quote at the start or end of s; 0: none there. */
static size_t quote_first(struct qun_span s)
{
	return qun_span_starts(s, "\"") ? 1 : qun_span_starts(s, "“") ? strlen("“") : 0;
}

static size_t quote_last(struct qun_span s)
{
	return qun_span_ends(s, "\"") ? 1 : qun_span_ends(s, "”") ? strlen("”") : 0;
}

/* A name between two literals: without blanks and its pair of quotes. Quotes must be a pair. */
static bool name_between(struct qun_span s, bool quoted, struct qun_span *name)
{
	s = qun_span_trim(s);
	size_t open = quote_first(s);
	size_t close = open ? quote_last(s) : 0;
	if (open ? !close || s.len < open + close : quoted)
		return false;
	*name = qun_span_trim(part(s, open, s.len - close));
	return name->len > 0;
}

/* The last name of a sentence; a suffix (的肩膀, a full stop) may follow its closing quote. */
static bool name_at_end(struct qun_span s, bool suffix, struct qun_span *name)
{
	s = qun_span_trim(s);
	if (quote_first(s)) {
		size_t end = s.len;
		while (end > 0 && !quote_last(part(s, 0, end)))
			end--;
		if (suffix || (end + 1 == s.len && s.ptr[end] == '.'))
			s.len = end;
	}
	return name_between(s, false, name);
}

/* Finds the literal that ends a name begun at *at; moves *at behind the literal. */
static bool name_before(struct qun_span s, size_t *at, struct qun_span lit, bool last, bool quoted,
	struct qun_span *name)
{
	/* blanks once, not for every place of the literal */
	while (*at < s.len && memchr(" \t\r\n", s.ptr[*at], 4))
		++*at;
	if (s.len - *at < lit.len)
		return false;
	const char *p = last ? s.ptr + s.len - lit.len : s.ptr + *at;
	for (; (p = memmem(p, (size_t)(s.ptr + s.len - p), lit.ptr, lit.len)); p++) {
		size_t end = (size_t)(p - s.ptr);
		if (name_between(part(s, *at, end), quoted, name)) {
			*at = end + lit.len;
			return true;
		}
	}
	return false;
}

static bool match(const char *form, struct qun_span s, struct qun_span *a, struct qun_span *b)
{
	size_t at = 0;

	while (*form) {
		size_t len = strcspn(form, "%");
		if (len) {
			if (s.len - at < len || memcmp(s.ptr + at, form, len) != 0)
				return false;
			at += len;
			form += len;
			continue;
		}
		if (form[1] == '*')
			return true;
		struct qun_span *name = form[1] == 'a' ? a : b;
		bool quoted = form[1] == 'B';
		form += 2;
		len = strcspn(form, "%");
		if (!len)
			return name_at_end(part(s, at, s.len), *form == '%', name);
		if (!name_before(s, &at, (struct qun_span){form, len}, !form[len], quoted, name))
			return false;
		form += len;
	}
	return at == s.len;
}

static bool id_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
		c == '-' || c == '@' || c == '.';
}

/* 昵称(id): length of the part before "(id)", or 0 where s does not end in an id. */
static size_t before_id(struct qun_span s, bool any)
{
	if (!qun_span_ends(s, ")"))
		return 0;
	size_t open = s.len - 1;
	while (open > 0 && id_char(s.ptr[open - 1]))
		open--;
	if (open == 0 || s.ptr[open - 1] != '(' || open == s.len - 1)
		return 0;
	struct qun_span id = part(s, open, s.len - 1);
	/* elsewhere a nickname may well end in (teacher) */
	if (!any && !qun_span_starts(id, "wxid_") && !qun_span_ends(id, "@openim"))
		return 0;
	return open - 1;
}

static struct qun_wechat_who who_of(struct qun_span s, bool ids)
{
	size_t name = before_id(s, ids);

	if (!name)
		return (struct qun_wechat_who){.name = s};
	return (struct qun_wechat_who){
		.name = qun_span_trim(part(s, 0, name)), .id = part(s, name + 1, s.len - 1)};
}

/* Without what tools and WeChat put around a sentence: [系统], 123@chatroom:, an icon, $revoke$. */
static struct qun_span bare(struct qun_span s)
{
	s = qun_span_trim(s);
	if (qun_span_starts(s, "[系统]"))
		s = qun_span_trim(part(s, strlen("[系统]"), s.len));
	size_t sender = 0;
	while (sender < s.len && sender < 64 && id_char(s.ptr[sender]))
		sender++;
	if (sender < s.len && s.ptr[sender] == ':' && qun_span_ends(part(s, 0, sender), "@chatroom"))
		s = qun_span_trim(part(s, sender + 1, s.len));
	if (qun_span_starts(s, "<img ")) {
		ptrdiff_t end = qun_span_find(s, ">", 0);
		if (end > 0)
			s = qun_span_trim(part(s, (size_t)end + 1, s.len));
	}
	if (qun_span_ends(s, "$")) {
		size_t open = s.len - 1;
		while (open > 0 && ((s.ptr[open - 1] >= 'a' && s.ptr[open - 1] <= 'z') || s.ptr[open - 1] == '_'))
			open--;
		/* two blanks set the tail apart from a name that is a variable */
		if (open > 3 && s.ptr[open - 1] == '$' && s.ptr[open - 2] == ' ' && s.ptr[open - 3] == ' ')
			s = qun_span_trim(part(s, 0, open - 1));
	}
	return s;
}

static bool parse_rows(const struct row *row, size_t n, struct qun_span s, bool ids,
	struct qun_wechat_event *out)
{
	for (size_t i = 0; i < n; i++) {
		struct qun_span a = {0}, b = {0};
		if (!match(row[i].form, s, &a, &b))
			continue;
		out->kind = row[i].kind;
		out->source = row[i].source;
		out->actor = who_of(a, ids);
		out->actor.self = row[i].flags & SELF_ACTS;
		out->self = row[i].flags & SELF_TOO;
		out->one = row[i].flags & ONE;
		out->list = b;
		/* a Chinese list with 、 in it does not split Tom, Jr.; English clients never use 、 */
		bool chinese = !(row[i].flags & ENGLISH) && qun_span_find(b, "、", 0) >= 0;
		out->sep = chinese ? "、" : ", ";
		return true;
	}
	return false;
}

static void parse_plain(struct qun_span text, const struct qun_wechat_names *names,
	struct qun_wechat_event *out)
{
	struct qun_span s = bare(text);

	if (!parse_rows(rows, sizeof(rows) / sizeof(rows[0]), s, names->ids, out) && names->qq)
		parse_rows(qq_rows, sizeof(qq_rows) / sizeof(qq_rows[0]), s, names->ids, out);
}

static void take_members(struct qun_wechat_event *out, struct qun_span xml)
{
	out->list = xml;
	out->tag = qun_xml_first(xml, "member").len ? "member" : "username";
	out->one = false;
}

static struct qun_wechat_who member_of(struct qun_span xml, const struct qun_wechat_names *names)
{
	struct qun_wechat_who who = {.id = qun_span_trim(qun_xml_first(xml, "username")),
		.name = qun_span_trim(qun_xml_first(xml, "nickname"))};

	if (names->by_name && who.name.len)
		who.id.len = 0;
	return who;
}

static bool is_variable(struct qun_span s)
{
	return s.len > 2 && s.ptr[0] == '$' && s.ptr[s.len - 1] == '$';
}

/* "$username$"邀请"$names$"加入了群聊: the people behind the variables stand in the links. */
static void fill_template(struct qun_span xml, const struct qun_wechat_names *names, struct qun_wechat_event *out)
{
	struct qun_span a = out->actor.name, b = out->list;

	if (is_variable(a)) {
		out->actor = member_of(qun_xml_link(xml, part(a, 1, a.len - 1)), names);
		if (!out->actor.id.len && !out->actor.name.len)
			out->kind = QUN_WECHAT_UNKNOWN;
	}
	if (is_variable(b)) {
		take_members(out, qun_xml_link(xml, part(b, 1, b.len - 1)));
		if (!out->list.len)
			out->kind = QUN_WECHAT_UNKNOWN;
	}
}

static void parse_xml(struct qun_span xml, const struct qun_wechat_names *names,
	struct qun_wechat_event *out)
{
	/* only the start tag says the type: nicknames are free to look like one */
	ptrdiff_t tag = qun_span_find(xml, "<sysmsg ", 0);
	ptrdiff_t end = tag < 0 ? -1 : qun_span_find(xml, ">", (size_t)tag);
	if (end < 0)
		return;
	struct qun_span type = part(xml, (size_t)tag, (size_t)end), members;

	if (qun_span_find(type, "type=\"sysmsgtemplate\"", 0) >= 0) {
		parse_plain(qun_xml_first(xml, "template"), names, out);
		fill_template(xml, names, out);
	} else if (qun_span_find(type, "type=\"delchatroommember\"", 0) >= 0) {
		parse_plain(qun_xml_first(xml, "plain"), names, out);
		members = qun_xml_first(xml, "memberlist");
		if (out->list.len && !names->by_name && qun_xml_first(members, "username").len)
			take_members(out, members);
	} else if (qun_span_find(type, "type=\"revokemsg\"", 0) >= 0) {
		parse_plain(qun_xml_first(xml, "replacemsg"), names, out);
	} else if (qun_span_find(type, "type=\"pat\"", 0) >= 0) {
		out->kind = QUN_WECHAT_PAT;
		out->actor.id = qun_span_trim(qun_xml_first(xml, "fromusername"));
	}
}

void qun_wechat_parse(struct qun_span text, const struct qun_wechat_names *names,
	struct qun_wechat_event *out)
{
	*out = (struct qun_wechat_event){.source = "", .sep = ", "};
	struct qun_span s = bare(text);
	if (qun_span_starts(s, "<sysmsg ") || qun_span_starts(s, "<?xml "))
		parse_xml(s, names, out);
	else
		parse_plain(s, names, out);
}

static size_t sep_at(struct qun_span s, size_t at)
{
	struct qun_span rest = part(s, at, s.len);

	return qun_span_starts(rest, "、") ? strlen("、") : qun_span_starts(rest, ", ") ? 2 : 0;
}

/* End of the first name of a text list: by its id, else the longest known name, else a separator. */
static size_t name_end(const struct qun_wechat_event *e, const struct qun_wechat_names *names)
{
	struct qun_span s = e->list;
	size_t known = 0, seps = 0;

	if (e->one)
		return s.len;
	for (size_t i = 1; i <= s.len && i <= NAME_MAX_BYTES; i++) {
		if (i < s.len && !sep_at(s, i))
			continue;
		if (names->ids && before_id(part(s, 0, i), true))
			return i;
		if (names->known && names->known(names->arg, qun_span_trim(part(s, 0, i))))
			known = i;
		if (++seps > NAME_MAX_SEPS)
			break;
	}
	if (known)
		return known;
	ptrdiff_t end = qun_span_find(s, e->sep, 0);
	return end < 0 ? s.len : (size_t)end;
}

bool qun_wechat_next(struct qun_wechat_event *e, const struct qun_wechat_names *names,
	struct qun_wechat_who *who)
{
	struct qun_span item;

	if (e->self) {
		e->self = false;
		*who = (struct qun_wechat_who){.self = true};
		return true;
	}
	while (e->list.len) {
		if (e->tag) {
			if (!qun_xml_next(&e->list, e->tag, &item))
				return false;
			*who = *e->tag == 'm' ? member_of(item, names) :
				(struct qun_wechat_who){.id = qun_span_trim(item)};
		} else {
			size_t end = name_end(e, names);
			*who = who_of(qun_span_trim(part(e->list, 0, end)), names->ids);
			if (end < e->list.len)
				end += sep_at(e->list, end);
			e->list = part(e->list, end, e->list.len);
		}
		if (who->id.len || who->name.len)
			return true;
	}
	return false;
}
