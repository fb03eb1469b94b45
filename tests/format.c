/*
 * WeChat's system sentences and the formats that use them: the corpus of sentences line by line,
 * people found by name, hostile text, and the sample exports counted.
 */
#include "qun/input.h"
#include "reader.h"
#include "text/wechat.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int count, failed;

static void ok(bool good, const char *name)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++count, name);
	failed += !good;
}

static const char *const kinds[] = {"unknown", "join", "kick", "leave", "notice", "topic", "owner",
	"setting", "revoke", "pat", "redpacket", "redpacket_open", "transfer", "collect", "invite_card"};

static bool known_list(const void *arg, struct qun_span name)
{
	for (const char *const *n = arg; n && *n; n++) {
		if (qun_span_is(name, *n))
			return true;
	}
	return false;
}

static void put_who(struct qun_buf *out, const struct qun_wechat_who *who)
{
	if (who->self)
		qun_buf_add_text(out, "<self>");
	else
		qun_buf_add_span(out, who->id.len ? who->id : who->name);
}

/* "kind/actor/targets/via" */
static void said(struct qun_buf *out, struct qun_span text, const char *const *known, bool ids)
{
	struct qun_wechat_names names = {.known = known_list, .arg = known, .ids = ids};
	struct qun_wechat_event e;
	struct qun_wechat_who who;
	const char *bar = "";

	qun_wechat_parse(text, &names, &e);
	qun_buf_clear(out);
	qun_buf_printf(out, "%s/", kinds[e.kind]);
	put_who(out, &e.actor);
	qun_buf_add_char(out, '/');
	while (qun_wechat_next(&e, &names, &who)) {
		qun_buf_add_text(out, bar);
		put_who(out, &who);
		bar = "|";
	}
	qun_buf_printf(out, "/%s", e.kind == QUN_WECHAT_JOIN ? *e.source ? e.source : "unknown" : "");
	qun_buf_add_char(out, '\0');
}

static const struct {
	const char *text, *want;
	bool ids;
	const char *known[4];
} sentences[] = {
	{"\"A\"邀请\"B、C\"加入了群聊", "join/A/B|C/invite", 0, {0}},
	{"你邀请\"B\"加入了群聊  $revoke$", "join/<self>/B/invite", 0, {0}},
	{"\"A\"邀请你加入了群聊，群聊参与人还有：B、C", "join/A/<self>/invite", 0, {0}},
	{"\"A\"邀请你和\"B\"加入了群聊", "join/A/<self>|B/invite", 0, {0}},
	{"\" B\"通过扫描\"A\"分享的二维码加入群聊", "join/A/B/qr", 0, {0}},
	{"\" 张三、张姐\"通过扫描你分享的二维码加入群聊", "join/<self>/张三、张姐/qr", 0, {0}},
	{"你通过扫描\"A\"分享的二维码加入群聊，群聊参与人还有：B", "join/A/<self>/qr", 0, {0}},
	{"“B”加入了群聊", "join//B/unknown", 0, {0}},
	{"[系统] “A”邀请“B”加入了群聊", "join/A/B/invite", 0, {0}},
	{"A invited B, C to the group chat", "join/A/B|C/invite", 0, {0}},
	{"\"B\" joined the group chat via the QR Code shared by \"Tom, Jr.\".", "join/Tom, Jr./B/qr", 0, {0}},
	{"\"韩梅梅\"邀请\"张三、张姐、小雨\"不吃辣\"\"加入了群聊", "join/韩梅梅/张三、张姐|小雨\"不吃辣\"/invite",
		0, {"张三、张姐", "张三"}},
	{"\"王芳\"邀请\"小美🌸、Tom, Jr.\"加入了群聊", "join/王芳/小美🌸|Tom, Jr./invite", 0, {0}},
	{"A invited B, Tom, Jr. to the group chat", "join/A/B|Tom, Jr./invite", 0, {"Tom, Jr."}},
	{"\"韩(wxid_h)\"邀请\"张三、张姐(zj33)、小雨\"不吃辣\"(xy_7)\"加入了群聊", "join/wxid_h/zj33|xy_7/invite",
		true, {0}},
	{"\"A\"邀请\"Kim(teacher)\"加入了群聊", "join/A/Kim(teacher)/invite", 0, {0}},
	{"\"A\"邀请\"、、 、\"加入了群聊", "join/A//invite", 0, {0}},
	{"你将\"B\"移出了群聊", "kick/<self>/B/", 0, {0}},
	{"你被\"A\"移出群聊", "kick/A/<self>/", 0, {0}},
	{"\"B\"退出了群聊", "leave//B/", 0, {0}},
	{"\"李雷\" 拍了拍 \"王芳\"的肩膀", "pat/李雷/王芳/", 0, {0}},
	{"A领取了你的红包", "redpacket_open/A/<self>/", 0, {0}},
	{"<img src=\"SystemMessages_HongbaoIcon.png\"/>  A领取了你的<_wc_custom_link_ color=\"#FD9931\">红包"
	 "</_wc_custom_link_>", "redpacket_open/A/<self>/", 0, {0}},
	{"\"A邀请\"B加入了群聊", "unknown///", 0, {0}},
	{"你邀请\"\"加入了群聊", "unknown///", 0, {0}},
	{"\"", "unknown///", 0, {0}},
	{"", "unknown///", 0, {0}},
	{"李雷：昨天 \"A\"邀请\"B\"加入了群聊 是谁啊", "unknown///", 0, {0}},
	{"某人通过新办法加入了群聊", "unknown///", 0, {0}},
	{"4821@chatroom:\n<sysmsg type=\"sysmsgtemplate\"><sysmsgtemplate><content_template "
	 "type=\"tmpl_type_profile\"><plain><![CDATA[]]></plain><template><![CDATA[\"$username$\"邀请"
	 "\"$names$\"加入了群聊]]></template><link_list><link name=\"username\" type=\"link_profile\">"
	 "<memberlist><member><username><![CDATA[wxid_a]]></username><nickname><![CDATA[A]]></nickname>"
	 "</member></memberlist></link><link name=\"names\" type=\"link_profile\"><memberlist><member>"
	 "<username><![CDATA[wxid_b]]></username><nickname><![CDATA[B</nickname>]]></nickname></member>"
	 "<member><username>wxid_c</username><nickname/></member></memberlist><separator><![CDATA[、]]>"
	 "</separator></link></link_list></content_template></sysmsgtemplate></sysmsg>",
		"join/wxid_a/wxid_b|wxid_c/invite", 0, {0}},
	{"<sysmsg type=\"sysmsgtemplate\"><template>\"$username$\"邀请\"$names$\"加入了群聊</template></sysmsg>",
		"unknown///invite", 0, {0}},
	{"<sysmsg type=\"delchatroommember\"><delchatroommember><plain><![CDATA[你邀请\"卓桓、Zhuohuan, B\""
	 "加入了群聊  ]]></plain><link><scene>invite</scene><memberlist><username><![CDATA[zh]]></username>"
	 "<username>wxid_b</username></memberlist></link></delchatroommember></sysmsg>",
		"join/<self>/zh|wxid_b/invite", 0, {0}},
	{"<sysmsg type=\"revokemsg\"><replacemsg><![CDATA[\"A\" 撤回了一条消息]]></replacemsg></sysmsg>",
		"revoke/A//", 0, {0}},
};

static void test_sentences(void)
{
	struct qun_buf out = {0};

	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		said(&out, qun_span_of(sentences[i].text), sentences[i].known, sentences[i].ids);
		bool same = strcmp(out.ptr, sentences[i].want) == 0 ||
			(!strncmp(sentences[i].want, "unknown", 7) && !strncmp(out.ptr, "unknown", 7));
		ok(same, sentences[i].want);
		if (!same)
			printf("# got %s for %s\n", out.ptr, sentences[i].text);
	}
	qun_buf_release(&out);
}

static char *shared(const char *path)
{
	static char full[4096];
	const char *dir = getenv("QUN_SHARED");

	snprintf(full, sizeof(full), "%s/samples/%s", dir ? dir : "../shared", path);
	return full;
}

/* Columns: text event actor targets via lang note. */
static void test_corpus(void)
{
	FILE *f = fopen(shared("wechat/system_texts.tsv"), "r");
	char line[4096], want[4096];
	struct qun_buf out = {0};
	int lines = 0, bad = 0;

	if (!f) {
		printf("ok %d - corpus # SKIP no %s\n", ++count, shared("wechat/system_texts.tsv"));
		return;
	}
	while (fgets(line, sizeof(line), f)) {
		char *cell[5], *rest = line;
		for (int i = 0; i < 5; i++) {
			cell[i] = strsep(&rest, "\t\n");
			if (!cell[i])
				cell[i] = line + strlen(line);
		}
		if (lines++ == 0)
			continue;
		said(&out, qun_span_of(cell[0]), NULL, false);
		if (!strcmp(cell[1], "text"))
			snprintf(want, sizeof(want), "unknown///");
		else
			snprintf(want, sizeof(want), "%s/%s/%s/%s", cell[1], cell[2], cell[3], cell[4]);
		bool same = strcmp(out.ptr, want) == 0;
		if (!same) {
			bad++;
			printf("# want %s got %s for %s\n", want, out.ptr, cell[0]);
		}
	}
	fclose(f);
	qun_buf_release(&out);
	printf("# %d sentences\n", lines - 1);
	ok(lines > 40 && bad == 0, "every sentence of the corpus");
}

static void add_many(struct qun_buf *b, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		qun_buf_add_text(b, text);
}

/* Shapes that would take quadratic time or read beyond the end; each of 256 KiB. */
static void test_hostile(void)
{
	static const struct {
		const char *before, *many, *after;
	} shapes[] = {
		{"\"A\"邀请\"", "名字、", "B\"加入了群聊"},
		{"\"A\"邀请\"", "、", "\"加入了群聊"},
		{"\"A\"邀请\"", "a, ", "\"加入了群聊"},
		{"\"A\"邀请\"", "(((((", "\"加入了群聊"},
		{"\"A\"邀请\"", "wxid_a)", "\"加入了群聊"},
		{"\"", "\"邀请\"", "加入了群聊"},
		{"你邀请", " ", "加入了群聊"},
		{"你邀请", "\t加入了群聊", ""},
		{"\"A", "邀请", "\"B\"加入了群聊"},
		{"A invited ", "b, ", "to the group chat"},
		{"<sysmsg type=\"sysmsgtemplate\"><template>\"$a$\"邀请\"$b$\"加入了群聊</template>",
			"<link name=\"a\">", ""},
		{"<sysmsg type=\"delchatroommember\"><plain>你邀请\"B\"加入了群聊</plain><memberlist>",
			"<username>", "x</username></memberlist>"},
		{"<sysmsg type=\"delchatroommember\"><plain>你邀请\"B\"加入了群聊</plain><memberlist>",
			"<username>x</username>", "</memberlist>"},
		{"<sysmsg type=\"delchatroommember\">", "<plain><![CDATA[", ""},
	};
	struct qun_buf text = {0}, out = {0};
	clock_t start = clock();

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		for (int ids = 0; ids < 2; ids++) {
			qun_buf_clear(&text);
			qun_buf_add_text(&text, shapes[i].before);
			add_many(&text, shapes[i].many, (1 << 18) / strlen(shapes[i].many));
			qun_buf_add_text(&text, shapes[i].after);
			/* exactly the bytes, so that a sanitizer sees a read beyond them */
			char *copy = malloc(text.len);
			memcpy(copy, text.ptr, text.len);
			said(&out, (struct qun_span){copy, text.len}, (const char *const[]){"名字、名字", NULL}, ids);
			free(copy);
		}
	}
	double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
	printf("# %.2f s\n", seconds);
	ok(seconds < 10, "hostile sentences of 256 KiB end soon");

	/* every prefix of every sentence */
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		size_t len = strlen(sentences[i].text);
		for (size_t n = 1; n < len; n++) {
			char *copy = malloc(n);
			memcpy(copy, sentences[i].text, n);
			said(&out, (struct qun_span){copy, n}, NULL, n & 1);
			free(copy);
		}
	}
	ok(true, "prefixes of sentences");
	qun_buf_release(&text);
	qun_buf_release(&out);
}

/* A hook without an input: events become lines. */
struct sheet {
	struct qun_hook hook;
	struct qun_dict names;
	struct qun_arena scratch;
	struct qun_wechat_room room;
	struct qun_buf out;
	size_t events;
};

static int take(struct qun_hook *hook, struct qun_event *ev)
{
	struct sheet *s = hook->input;

	s->events++;
	if (s->out.len > 1 << 16)
		return 0;
	qun_buf_add_span(&s->out, ev->field[QUN_F_TYPE]);
	qun_buf_add_char(&s->out, ' ');
	qun_buf_add_span(&s->out, ev->field[QUN_F_USER]);
	qun_buf_add_char(&s->out, '<');
	qun_buf_add_span(&s->out, ev->field[QUN_F_REF]);
	qun_buf_add_char(&s->out, '>');
	qun_buf_add_span(&s->out, ev->field[QUN_F_SOURCE]);
	qun_buf_add_char(&s->out, ' ');
	qun_buf_add_span(&s->out, ev->field[QUN_F_ID]);
	qun_buf_add_char(&s->out, ';');
	return 0;
}

static void sheet_open(struct sheet *s, uint64_t *unknown)
{
	*s = (struct sheet){0};
	s->hook = (struct qun_hook){.memory = &s->room, .scratch = &s->scratch, .names = &s->names,
		.emit = take, .system_unknown = unknown, .input = s};
}

static void sheet_close(struct sheet *s)
{
	qun_wechat_release(&s->room);
	qun_dict_release(&s->names);
	qun_arena_release(&s->scratch);
	qun_buf_release(&s->out);
}

static void tell(struct sheet *s, const char *text, const char *id)
{
	struct qun_event ev = {.ts = 1};

	ev.field[QUN_F_ID] = qun_span_of(id);
	qun_wechat_tell(&s->hook, &ev, qun_span_of(text));
}

static void person(struct sheet *s, const char *id, const char *name)
{
	qun_wechat_person(&s->hook, qun_span_of(id), qun_span_of(name));
}

static void test_room(void)
{
	static const char want[] =
		"system <> r1;"
		"join w1<me>invite j1;join 小美<me>invite j1#2;join w3<me>invite j1#3;"
		"join w4<w1>qr j2;"
		"leave w4<me>removed k1;"
		"redpacket w1<me>claimed p1;"
		"redpacket me<>sent p2;";
	uint64_t unknown = 0;
	struct sheet s;

	sheet_open(&s, &unknown);
	tell(&s, "你邀请\"张三、张姐、小美、Tom, Jr.\"加入了群聊", "j1");
	tell(&s, "\" 3栋 王芳\"通过扫描\"张三、张姐\"分享的二维码加入群聊", "j2");
	tell(&s, "\"小美\" 撤回了一条消息", "r1");
	tell(&s, "你将\"3栋 王芳\"移出了群聊", "k1");
	tell(&s, "张三、张姐领取了你的红包", "p1");
	tell(&s, "发出红包，请在手机上查看", "p2");
	/* names come later than the sentences that need them */
	person(&s, "w1", "张三、张姐");
	person(&s, "w2", "小美");
	person(&s, "w5", "小美");
	person(&s, "w3", "Tom, Jr.");
	person(&s, "w4", "3栋_王芳");
	person(&s, "系统消息", "3栋 王芳");
	qun_wechat_self(&s.hook, qun_span_of("me"));
	qun_wechat_end(&s.hook);
	qun_buf_add_char(&s.out, '\0');
	ok(!strcmp(s.out.ptr, want), "names lead to ids, ambiguous ones stay");
	if (strcmp(s.out.ptr, want) != 0)
		printf("# %s\n", s.out.ptr);
	ok(unknown == 0, "nothing unknown");
	tell(&s, "今天天气不错", "u");
	tell(&s, "\"A\"邀请\"、\"加入了群聊", "u");
	qun_wechat_end(&s.hook);
	ok(unknown == 2, "unknown sentences are counted");
	sheet_close(&s);

	sheet_open(&s, &unknown);
	qun_wechat_self(&s.hook, qun_span_of("a"));
	qun_wechat_self(&s.hook, qun_span_of("b"));
	tell(&s, "你邀请\"B\"加入了群聊", "");
	qun_wechat_end(&s.hook);
	qun_buf_add_char(&s.out, '\0');
	ok(!strcmp(s.out.ptr, "join B<我>invite ;"), "two selves are none");
	sheet_close(&s);

	sheet_open(&s, &unknown);
	struct qun_buf text = {0};
	qun_buf_add_text(&text, "\"A\"邀请\"");
	for (int i = 0; i < 10000; i++)
		qun_buf_printf(&text, "%s名%d", i ? "、" : "", i);
	qun_buf_add_text(&text, "\"加入了群聊");
	qun_buf_add_char(&text, '\0');
	tell(&s, text.ptr, "x");
	qun_wechat_end(&s.hook);
	ok(s.events == 10000, "10 000 joiners are 10 000 joins");
	s.events = 0;
	for (int i = 0; i < 250000; i++)
		tell(&s, "\"A\"邀请\"B\"加入了群聊", "");
	ok(s.events == 200000, "held sentences are bounded");
	qun_wechat_end(&s.hook);
	ok(s.events == 250000, "and none is lost");
	qun_buf_release(&text);
	sheet_close(&s);
}

static void say(struct sheet *s, int64_t ts, const char *user, struct qun_span text)
{
	struct qun_event ev = {.ts = ts, .type = QUN_MESSAGE};

	ev.field[QUN_F_TYPE] = qun_span_of("message");
	ev.field[QUN_F_GROUP] = qun_span_of("g");
	ev.field[QUN_F_USER] = qun_span_of(user);
	ev.field[QUN_F_TEXT] = text;
	qun_wechat_said(&s->hook, &ev, QUN_WECHAT_SAID);
}

/* Lists as "description>line|line"; lines of the description are joined by /. "" is no list. */
static const struct {
	const char *text, *want;
} lists[] = {
	{"#接龙\n草莓 ¥39.9\n\n1. 王芳 2份\n2. 李雷", "/草莓 ¥39.9//>王芳 2份|李雷"},
	{"  \ufeff＃接龙 草莓\r\n1. 王芳\r\n", " 草莓\r/>王芳"},
	{"#Group Note\nFruit\n\n1. Ann 2\n2. Bob", "/Fruit//>Ann 2|Bob"},
	{"#接龙\n\n１．王芳 2份 \u3000\n２。李雷\u2005\n 3 、小美🌸\n", "//>王芳 2份|李雷|小美🌸"},
	{"#接龙\n规则：\n1. 先付款\n2. 自提\n\n1. 王芳\n\n2. \n3. 李雷\n3.5斤\n谢谢", "/规则：/1. 先付款/2. 自提//>王芳|李雷"},
	{"#接龙\n1. 王芳\n1. 李雷", "/>王芳|李雷"},
	{"#接龙\n1. 👨‍👩‍👧 家 2份\n2. ️", "/>👨‍👩‍👧 家 2份|️"},
	{"#接龙", ""}, {"#接龙 好用吗", ""}, {"#接龙\n1. ", ""}, {"#接龙\n1.5斤", ""}, {"#接龙\n2. 王芳", ""},
	{"#接龙\n00001. 王芳", ""}, {"大家 #接龙\n1. 王芳", ""}, {"接龙\n1. 王芳", ""}, {"", ""}, {"#", ""},
};

static void listed(struct qun_buf *out, struct qun_span text)
{
	struct qun_jielong list;
	struct qun_span line;
	const char *bar = ">";

	qun_buf_clear(out);
	if (qun_jielong_begin(text, &list)) {
		for (size_t i = 0; i < list.about.len; i++)
			qun_buf_add_char(out, list.about.ptr[i] == '\n' ? '/' : list.about.ptr[i]);
		for (; qun_jielong_next(&list, &line); bar = "|") {
			qun_buf_add_text(out, bar);
			qun_buf_add_span(out, line);
		}
	}
	qun_buf_add_char(out, '\0');
}

static void test_lists(void)
{
	struct qun_buf out = {0};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		size_t len = strlen(lists[i].text);
		listed(&out, qun_span_of(lists[i].text));
		ok(!strcmp(out.ptr, lists[i].want), *lists[i].want ? "a list" : "no list");
		if (strcmp(out.ptr, lists[i].want) != 0)
			printf("# %s\n# %s\n", out.ptr, lists[i].want);
		/* every prefix, even within a character, and nothing beyond it */
		for (size_t n = 1; n < len; n++) {
			char *copy = malloc(n);
			memcpy(copy, lists[i].text, n);
			listed(&out, (struct qun_span){copy, n});
			free(copy);
		}
	}
	qun_buf_release(&out);
}

/* The newest list of each description counts, in whatever order the posts come. */
static void test_chains(void)
{
	static const struct {
		int64_t ts;
		const char *user, *text;
	} posts[] = {
		{1, "w1", "#接龙\n草莓\n\n1. 王芳 2份\n2. 3栋 李雷 1份\n3. 韩梅梅 1份"},
		{2, "w2", "#接龙\n 草莓 \n\n\n1. 王芳 2份\n2. 3栋 李雷 1份\n3. 小美 1份\n4. 王芳 5份"},
		{3, "w1", "#接龙\n草莓\n\n1. 王芳 9份\n2. 3栋 李雷 1份\n3. 小美 1份\n4. 生人甲"},
		{3, "w3", "#接龙\n草莓\n\n1. 王芳 9份"},
		{4, "w3", "#接龙\n蓝莓\n\n1. 小美 1份"},
	};
	static const char want[] = "jielong w1<w1> ;jielong w2<w1> ;jielong 小美<w2> ;jielong 生人甲<w1> ;"
		"jielong 小美<w3> ;";
	static const char late[] = "jielong 小美<w3> ;jielong w1<w1> ;jielong w2<w1> ;jielong 小美<w2> ;jielong 生人甲<w1> ;";
	const int n = sizeof(posts) / sizeof(posts[0]);
	struct sheet s;

	for (int back = 0; back < 2; back++) {
		sheet_open(&s, NULL);
		for (int i = 0; i < n; i++) {
			int at = back ? n - 1 - i : i;
			say(&s, posts[at].ts, posts[at].user, qun_span_of(posts[at].text));
		}
		ok(s.events == (size_t)n, "every post is a message at once");
		qun_buf_clear(&s.out);
		person(&s, "w1", "王芳");
		person(&s, "w2", "3栋 李雷");
		person(&s, "w3", "小美");
		person(&s, "w4", "小美");
		qun_wechat_end(&s.hook);
		qun_buf_add_char(&s.out, '\0');
		ok(!strcmp(s.out.ptr, back ? late : want), back ? "the same backwards" : "each participant once");
		if (strcmp(s.out.ptr, back ? late : want) != 0)
			printf("# %s\n", s.out.ptr);
		size_t told = s.events;
		qun_wechat_end(&s.hook);
		ok(s.events == told && !s.hook.aside, "and not again");
		sheet_close(&s);
	}
}

/* Lists beyond every measure: bounded, soon done, nobody lost below the bounds. */
static void test_hostile_lists(void)
{
	static const char *const many[] = {"1. ", "1.", "1. a\n", "\n\n1. a\n", "1. a b c d e f g h\n", "１．\n", "\n", " ",
		"\xef\xbb\xbf", "\xe2\x80", "9", "1. \xf0\x9f"};
	struct qun_buf text = {0};
	clock_t start = clock();
	struct sheet s;

	sheet_open(&s, NULL);
	for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++) {
		qun_buf_clear(&text);
		qun_buf_add_text(&text, i & 1 ? "#接龙\n1. " : "#接龙");
		add_many(&text, many[i], (1 << 18) / strlen(many[i]));
		char *copy = malloc(text.len);
		memcpy(copy, text.ptr, text.len);
		say(&s, (int64_t)i, "w", (struct qun_span){copy, text.len});
		free(copy);
	}
	qun_wechat_end(&s.hook);
	sheet_close(&s);

	sheet_open(&s, NULL);
	qun_buf_clear(&text);
	qun_buf_add_text(&text, "#接龙\n\n");
	for (int i = 1; i <= 1001; i++)
		qun_buf_printf(&text, "%d. 名%d\n", i, i);
	for (int i = 0; i < 100; i++)
		say(&s, i, "w", qun_buf_span(&text));
	qun_wechat_end(&s.hook);
	ok(s.events == 100 + QUN_JIELONG_LINES, "1000 lines of a list are read, and told once");
	s.events = 0;
	/* 100 MB of lines that are all different */
	for (int i = 0; i < 1000; i++) {
		qun_buf_clear(&text);
		qun_buf_printf(&text, "#接龙\n%d\n\n", i);
		for (int k = 1; k <= 100; k++)
			qun_buf_printf(&text, "%d. %d-%d %01000d\n", k, i, k, 0);
		say(&s, i, "w", qun_buf_span(&text));
	}
	ok(s.events > 1000 && s.events < 101000, "lists held are bounded");
	qun_wechat_end(&s.hook);
	ok(s.events == 101000, "and nobody is lost");
	sheet_close(&s);
	qun_buf_release(&text);
	double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
	printf("# %.2f s\n", seconds);
	ok(seconds < 10, "hostile lists end soon");
}

/* What a sample export amounts to. */
struct tally {
	uint64_t talk, joins, leaves, orders, refunds, bad;
	struct qun_dict senders, joiners;
};

static int tally_event(void *arg, struct qun_event *ev, struct qun_err *err)
{
	struct tally *t = arg;
	struct qun_span user = ev->field[QUN_F_USER];
	uint32_t id;

	(void)err;
	t->joins += ev->type == QUN_JOIN;
	t->leaves += ev->type == QUN_LEAVE;
	t->refunds += ev->type == QUN_REFUND;
	t->orders += ev->type == QUN_ORDER;
	if (ev->type == QUN_JOIN)
		qun_dict_add(&t->joiners, user, &id);
	/* messages by people: messages, and red packets that were sent */
	bool talk = ev->type == QUN_MESSAGE ||
		(ev->type == QUN_REDPACKET && qun_span_is(ev->field[QUN_F_SOURCE], "sent"));
	if (user.len && (talk || ev->type == QUN_ORDER)) {
		t->talk += talk;
		qun_dict_add(&t->senders, user, &id);
	}
	return user.len ? 0 : 1;
}

static int tally_bad(void *arg, const struct qun_bad *bad)
{
	struct tally *t = arg;

	t->bad++;
	printf("# %s:%" PRIu64 ": %s %s\n", bad->file, bad->line, bad->kind, bad->why);
	return 0;
}

static const struct sample {
	const char *file, *format;
	unsigned records, talk, senders, joins, joiners, leaves, orders, refunds;
} samples[] = {
	/* two joins name 小美🌸, who are two people: a name that leads nowhere stays one */
	{"wechat/memotrace_legacy_utf8bom.csv", "memotrace-csv", 35, 23, 11, 10, 9, 1, 0, 0},
	{"wechat/memotrace_legacy_shortrows.csv", "memotrace-csv", 10, 9, 2, 0, 0, 0, 0, 0},
	{"wechat/memotrace_3x_utf8bom.csv", "memotrace-3x", 35, 23, 11, 10, 9, 1, 0, 0},
	/* no display names in the file: 张三、张姐 fall in two */
	{"wechat/pywxdump.csv", "pywxdump", 35, 23, 11, 11, 10, 1, 0, 0},
	{"wechat/pywxdump.json", "pywxdump", 35, 23, 11, 11, 10, 1, 0, 0},
	{"wechat/chatlog.json", "chatlog-json", 35, 23, 11, 10, 10, 1, 0, 0},
	{"wechat/chatlog.csv", "chatlog-csv", 35, 23, 11, 10, 10, 1, 0, 0},
	{"orders/youzan_orders.csv", "youzan", 24, 0, 6, 0, 0, 0, 18, 3},
	{"orders/taobao_orders_gb18030.csv", "taobao", 24, 0, 6, 0, 0, 0, 18, 3},
};

static void found_format(void *arg, const char *file, const char *what)
{
	(void)arg;
	printf("# %s: %s\n", file, what);
}

static void test_sample(const struct sample *want)
{
	struct tally t = {0};
	struct qun_cal cal = {.week_start = 1};
	struct qun_extras extras = {0};
	struct qun_input *in = NULL;
	struct qun_err err = {0};
	struct qun_zone *zone = NULL;
	FILE *f = fopen(shared(want->file), "r");

	if (!f) {
		printf("ok %d - %s # SKIP not there\n", ++count, want->file);
		return;
	}
	fclose(f);
	int rc = qun_zone_open(&zone, "Asia/Shanghai", &err);
	cal.zone = zone;
	struct qun_input_conf conf = {.cal = &cal, .reader = asked_reader(), .extras = &extras};
	struct qun_input_sink sink = {.arg = &t, .event = tally_event, .bad = tally_bad, .found = found_format};
	if (!rc)
		rc = qun_input_open(&in, &conf, &sink);
	if (!rc)
		rc = qun_input_read(in, shared(want->file), &err);
	struct qun_input_counts n = in ? qun_input_counts(in) : (struct qun_input_counts){0};
	bool good = !rc && n.read == want->records && t.talk == want->talk && t.bad == 0 &&
		t.senders.n == want->senders && t.joins == want->joins && t.joiners.n == want->joiners &&
		t.leaves == want->leaves && t.orders == want->orders && t.refunds == want->refunds &&
		n.system_unknown == 0 && n.read == n.used + n.filtered + n.duplicate + n.bad;
	ok(good, want->file);
	if (!good)
		printf("# rc %d %s read %" PRIu64 " used %" PRIu64 " filtered %" PRIu64 " talk %" PRIu64
			" senders %zu joins %" PRIu64 " of %zu leaves %" PRIu64 " orders %" PRIu64 " refunds %" PRIu64
			" unknown %" PRIu64 " bad %" PRIu64 "\n", rc, err.msg, n.read, n.used, n.filtered, t.talk,
			t.senders.n, t.joins, t.joiners.n, t.leaves, t.orders, t.refunds, n.system_unknown, t.bad);
	qun_dict_release(&t.senders);
	qun_dict_release(&t.joiners);
	qun_input_close(in);
	qun_extras_release(&extras);
	qun_zone_close(zone);
}

static void test_refused(void)
{
	struct tally t = {0};
	struct qun_cal cal = {.week_start = 1};
	struct qun_zone *zone = NULL;
	struct qun_input *in = NULL;
	struct qun_err err = {0};
	struct qun_input_conf conf = {.cal = &cal};
	struct qun_input_sink sink = {.arg = &t, .event = tally_event, .bad = tally_bad};
	FILE *f = fopen(shared("wechat/chatlog_chatroom.csv"), "r");

	if (!f) {
		printf("ok %d - list of rooms # SKIP not there\n", ++count);
		return;
	}
	fclose(f);
	qun_zone_open(&zone, "UTC", &err);
	cal.zone = zone;
	int rc = qun_input_open(&in, &conf, &sink);
	if (!rc)
		rc = qun_input_read(in, shared("wechat/chatlog_chatroom.csv"), &err);
	ok(rc < 0 && strstr(err.msg, "chatlog's list"), "chatlog's list of rooms is refused");
	if (rc >= 0 || !strstr(err.msg, "chatlog's list"))
		printf("# rc %d %s\n", rc, err.msg);
	qun_input_close(in);
	qun_zone_close(zone);
	qun_dict_release(&t.senders);
	qun_dict_release(&t.joiners);
}

int main(void)
{
	test_sentences();
	test_corpus();
	test_room();
	test_hostile();
	test_lists();
	test_chains();
	test_hostile_lists();
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		test_sample(&samples[i]);
	test_refused();
	printf("1..%d\n", count);
	return failed != 0;
}
