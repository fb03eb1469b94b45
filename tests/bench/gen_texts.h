/* Products, names and phrases, and the texts made of them in the spelling of each output. */
#ifndef TESTS_BENCH_GEN_TEXTS_H
#define TESTS_BENCH_GEN_TEXTS_H

#include "gen.h"

static const char *const products[] = {
	"赣南脐橙5斤",
	"红富士苹果10斤",
	"云南蓝莓4盒",
	"丹东草莓2斤",
	"海南芒果5斤",
	"阳光玫瑰2串",
	"麻薯面包6个",
	"农家土鸡蛋30枚",
	"五常大米10斤",
	"东北黑木耳250g",
	"手工水饺3袋",
	"阿拉斯加鳕鱼400g",
	"牛油果6个",
	"儿童牙膏2支",
	"洗衣凝珠52颗",
	"乳胶枕1对",
	"Greek yogurt 12 cups",
	"Oat milk 1L",
	"Cold brew 10 bags",
	"Cherry tomatoes 5 jin",
	"Sourdough loaf",
	"Yoga mat",
	"Steel bottle 750ml",
	"Dried mango 500g",
};
static const unsigned prices[] = {2990, 4590, 5900, 6800, 3990, 5200, 2580, 3680, 6990, 3200, 4500,
	8900, 3490, 1990, 3990, 15900, 4990, 1490, 3900, 2790, 2200, 8900, 6900, 2650};
enum { PRODUCTS = sizeof(products) / sizeof(*products) };

static const char *const phrases[] = {
	"好的",
	"收到",
	"哈哈哈",
	"谢谢群主",
	"早上好",
	"在吗",
	"多少钱一份",
	"什么时候发货",
	"已付款",
	"这个还有吗",
	"想要",
	"昨天到的，很新鲜",
	"孩子特别爱吃",
	"下次还买",
	"有没有优惠券",
	"今天几点截单",
	"[强]",
	"[玫瑰]",
	"1",
	"👍",
	"😂😂",
	"辛苦啦",
	"周末一起去爬山吗",
	"快递到哪儿了",
	"帮我留两份",
	"坏了两个能赔吗",
	"地址发你了",
	"记得冷藏",
	"晚上八点开始直播，大家来看",
	"接龙在上面",
	"ok",
	"thanks!",
	"same here",
	"is it still available?",
	"when will it ship?",
	"just arrived - looks great",
	"lol",
	"count me in",
	"what is the price today?",
	"see you tomorrow",
	"good morning everyone",
	"can I pay on pick-up?",
	"my order has not moved since Monday",
	"love it",
	"two for me please",
	"does anyone have a coupon?",
};
enum { PHRASES = sizeof(phrases) / sizeof(*phrases) };

static const char *const surnames[] = {"王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周",
	"徐", "孙", "马", "朱", "胡", "林"};
static const char *const given[] = {"芳", "伟", "娜", "敏", "静", "强", "磊", "洋", "艳", "勇",
	"杰", "娟", "涛", "明", "超", "秀英", "小丽", "建国", "晓东", "雨桐", "子涵", "欣怡",
	"浩然", "梓萱"};
static const char *const nicks[] = {"Amy", "Ken", "Lily", "小太阳", "果果妈", "Momo", "阿杰",
	"David", "西瓜不甜", "糖糖", "Sunny", "老周", "Grace", "一只柠檬", "大熊", "Jojo"};
#define PICK(list, r) (list)[(r) % (sizeof(list) / sizeof(*(list)))]

/* A text in the spelling of each output. */
static struct text {
	char *csv, *quoted, *json;
	uint16_t csv_len, quoted_len, json_len;
} texts[TEXTS];

static inline char *copy(const char *s, size_t n)
{
	char *p = malloc(n + 1);

	if (!p)
		die("memory");
	memcpy(p, s, n);
	p[n] = 0;
	return p;
}

static inline void spell(struct text *t, const char *s)
{
	char quoted[1024], json[1024], *q = quoted, *j = json;
	bool plain = !strpbrk(s, ",\"\n");

	*q++ = '"';
	for (const char *p = s; *p; p++) {
		if (*p == '"')
			*q++ = '"';
		*q++ = *p;
		if (*p == '"' || *p == '\n' || *p == '\\')
			*j++ = '\\';
		*j++ = *p == '\n' ? 'n' : *p;
	}
	*q++ = '"';
	t->quoted_len = (uint16_t)(q - quoted);
	t->quoted = copy(quoted, t->quoted_len);
	t->json_len = (uint16_t)(j - json);
	t->json = copy(json, t->json_len);
	t->csv_len = (uint16_t)(plain ? strlen(s) : t->quoted_len);
	t->csv = copy(plain ? s : quoted, t->csv_len);
}

/* One to three phrases; 8 % of the texts have a comma, a quote or a line feed between or around
 * them. */
static inline void make_texts(void)
{
	uint64_t r = stream(1, 1);

	for (unsigned i = 0; i < TEXTS; i++) {
		static const char *const joints[] = {"，", "。", " ", "~ "}, *const odd[] = {", ",
										     "\n", "\" \""};
		unsigned parts = 1 + (below(&r, 100) < 60) + (below(&r, 100) < 48),
			 kind = below(&r, 1000);
		bool special = kind < 80, quotes = special && kind % 3 == 2;
		char text[512], *p = text;
		parts += special && parts == 1;
		if (quotes)
			*p++ = '"';
		for (unsigned k = 0; k < parts; k++) {
			const char *phrase =
				below(&r, 8) ? PICK(phrases, draw(&r)) : PICK(products, draw(&r));
			const char *joint = special ? odd[kind % 3] : PICK(joints, draw(&r));
			if (k)
				p = put(p, joint, strlen(joint));
			p = put(p, phrase, strlen(phrase));
		}
		if (quotes)
			*p++ = '"';
		*p = 0;
		spell(&texts[i], text);
	}
}

#endif
