/* A room of WeChat: people found by name, and the lists they write themselves on; hostile lists. */
#include "format.h"
#include "text/wechat.h"

#include <time.h>

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

int main(void)
{
	test_room();
	test_lists();
	test_chains();
	test_hostile_lists();
	printf("1..%d\n", tests);
	return failures > 0;
}
