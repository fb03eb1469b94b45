/* WeChat's system sentences: one by one, the corpus of them line by line, and hostile ones. */
#include "format.h"
#include "text/wechat.h"

#include <time.h>

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

/* Columns: text event actor targets via lang note. */
static void test_corpus(void)
{
	FILE *f = fopen(shared("wechat/system_texts.tsv"), "r");
	char line[4096], want[4096];
	struct qun_buf out = {0};
	int lines = 0, bad = 0;

	if (!f) {
		printf("ok %d - corpus # SKIP no %s\n", ++tests, shared("wechat/system_texts.tsv"));
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

int main(void)
{
	test_sentences();
	test_corpus();
	test_hostile();
	printf("1..%d\n", tests);
	return failures > 0;
}
