/*
 * Made-up chat logs of any size, the same for the same seed: one pass writes the same events as
 * CSV, as CSV with every text quoted, as NDJSON and as one Telegram object. Nobody in them exists.
 *
 * People come, are active on some days, and stay away longer and longer. Each of them draws from
 * random numbers of his own for each day, so that a first pass can count the days and a second one
 * can write them in the order of time.
 *
 *   gen [OPTION]...   with --rows N --users N --groups N --days N --seed N and the outputs
 *   --csv FILE        time,group,user,name,type,text,amount,order_id,product
 *   --quoted FILE     the same events, every text in quotes; after each 200th row a damaged one
 *   --ndjson FILE     --telegram FILE
 *   --history FILE --day FILE    the first 99 % of the CSV, and the rest
 */
#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CSV, QUOTED, NDJSON, TELEGRAM, HISTORY, DAY, NOUT };
enum { JOIN, MESSAGE, SHARE, REDPACKET, ORDER };
enum { TEXTS = 1 << 14, BUFFER = 1 << 20, ROOM = 1 << 14, DAMAGED_EVERY = 200, DAY_S = 86400 };

static uint64_t rows = 10000000, users, groups, seed = 1;
static unsigned days = 180;

static const char *const type_name[] = {"join", "message", "share", "redpacket", "order"};
static const char header[] = "time,group,user,name,type,text,amount,order_id,product\n";

static uint64_t mix(uint64_t x) /* a bijection, from splitmix64 */
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

static uint64_t draw(uint64_t *state)
{
	return mix(*state += 0x9e3779b97f4a7c15u);
}

static uint64_t stream(uint64_t who, uint64_t what)
{
	return mix(mix(seed * 0x9e3779b97f4a7c15u + who) + what);
}

static double unit(uint64_t *state) /* in (0, 1) */
{
	return ((double)(draw(state) >> 11) + 0.5) / 9007199254740992.0;
}

static uint32_t below(uint64_t *state, uint32_t n)
{
	return (uint32_t)(((draw(state) >> 32) * n) >> 32);
}

static struct out {
	const char *path;
	int fd;
	size_t len;
	char *buf;
} out[NOUT];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void flush(struct out *o)
{
	for (size_t at = 0; at < o->len;) {
		ssize_t n = write(o->fd, o->buf + at, o->len - at);
		if (n < 0)
			die(o->path);
		at += (size_t)n;
	}
	o->len = 0;
}

static void open_out(struct out *o)
{
	if (!o->path)
		return;
	o->fd = open(o->path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	o->buf = malloc(BUFFER + ROOM);
	if (o->fd < 0 || !o->buf)
		die(o->path);
}

static void close_out(struct out *o)
{
	if (!o->path)
		return;
	flush(o);
	if (close(o->fd))
		die(o->path);
}

/* What one row takes is always there: see ROOM. */
static char *put(char *p, const char *s, size_t n)
{
	memcpy(p, s, n);
	return p + n;
}

#define PUT(p, literal) put(p, literal, sizeof(literal) - 1)

static char *put_number(char *p, uint64_t n, int width)
{
	char digits[24];
	int len = 0;

	do
		digits[len++] = (char)('0' + n % 10);
	while ((n /= 10) || len < width);
	while (len)
		*p++ = digits[--len];
	return p;
}

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

static char *copy(const char *s, size_t n)
{
	char *p = malloc(n + 1);

	if (!p)
		die("memory");
	memcpy(p, s, n);
	p[n] = 0;
	return p;
}

static void spell(struct text *t, const char *s)
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
static void make_texts(void)
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

struct person {
	uint32_t next;	/* who else is active on that day */
	uint16_t left;	/* active days to come */
	uint16_t first; /* day; what came before the log has no join */
	float gap;	/* mean days between two of them */
	float talk;	/* events of a day against others' */
	uint32_t group, group2;
	bool joins;
	uint8_t id_len, name_len;
	char id[22], name[26];
};

static struct person *person;
static uint32_t *today; /* per day the first of those active */
static const uint32_t nobody = UINT32_MAX;

static double normal(uint64_t *r)
{
	return sqrt(-2 * log(unit(r))) * cos(2 * 3.14159265358979 * unit(r));
}

static void name_person(struct person *p, uint64_t who, uint64_t *r)
{
	uint64_t code = mix(who + (seed << 40));
	char *at = p->id;

	if (below(r, 10) < 5) {
		at = PUT(at, "wxid_");
		for (int i = 0; i < 14; i++, code /= 36) /* 36^13 > 2^64: no two are the same */
			*at++ = "0123456789abcdefghijklmnopqrstuvwxyz"[code % 36];
	} else {
		const char *word =
			PICK(((const char *const[]){"lily", "sun", "mr_wang", "a", "happy", "qd"}),
				draw(r));
		at = put(at, word, strlen(word));
		*at++ = '-';
		at = put_number(at, who, 7);
	}
	p->id_len = (uint8_t)(at - p->id);
	at = p->name;
	if (below(r, 10) < 6) {
		const char *a = PICK(surnames, draw(r)), *b = PICK(given, draw(r));
		at = put(put(at, a, strlen(a)), b, strlen(b));
	} else {
		const char *a = PICK(nicks, draw(r));
		at = put(at, a, strlen(a));
	}
	p->name_len = (uint8_t)(at - p->name);
}

static void make_people(void)
{
	/* Ten or eleven active days each, where the rows are enough for several events on each. */
	double usual = log(fmin(10.6, (double)rows / (double)users / 2) / 10.6) + 2.22;

	person = calloc(users, sizeof(*person));
	today = malloc(days * sizeof(*today));
	if (!person || !today)
		die("memory");
	for (uint64_t i = 0; i < users; i++) {
		struct person *p = &person[i];
		uint64_t r = stream(i, 2);
		double active = exp(usual + 0.85 * normal(&r)), stay = 45 - 90 * log(unit(&r));
		bool old = below(&r, 100) < 40; /* was there before the log */
		p->first = (uint16_t)(old ? fmin(-12 * log(unit(&r)), days - 1) : unit(&r) * days);
		p->joins = !old && below(&r, 100) < 90;
		p->left = (uint16_t)fmax(1, fmin(active + 0.5, 60));
		p->gap = (float)fmax(1.2, stay / active);
		p->talk = (float)exp(0.7 * normal(&r));
		p->group = (uint32_t)(pow(unit(&r), 1.3) * (double)groups);
		p->group2 = below(&r, 100) < 15 ? below(&r, (uint32_t)groups) : p->group;
		name_person(p, i, &r);
	}
}

static void put_on(unsigned day, uint32_t who)
{
	person[who].next = today[day];
	today[day] = who;
}

static void begin_days(void)
{
	for (unsigned d = 0; d < days; d++)
		today[d] = nobody;
	for (uint64_t i = users; i-- > 0;)
		put_on(person[i].first, (uint32_t)i);
}

/* The next active day: often tomorrow, else after a gap that grows with the days behind him. */
static void move_on(uint32_t who, unsigned day, unsigned active)
{
	uint64_t r = stream(who, 1000 + day);
	double gap = below(&r, 100) < 24
			     ? 1
			     : 2 - (person[who].gap - 1) * (0.6 + 0.03 * active) * log(unit(&r));

	if (active < person[who].left && day + gap < days)
		put_on(day + (unsigned)gap, who);
}

struct event {
	uint32_t who, second;
	uint8_t type;
	uint32_t text, group, product, pieces;
};

static struct event *event;
static uint32_t nevent, event_cap;
static uint64_t written, orders, damaged;

static void add_event(struct event ev)
{
	if (nevent == event_cap) {
		event_cap = event_cap ? 2 * event_cap : 1 << 16;
		event = realloc(event, event_cap * sizeof(*event));
		if (!event)
			die("memory");
	}
	event[nevent++] = ev;
}

static unsigned pick_type(uint64_t *r, uint32_t who)
{
	unsigned n = below(r, 1000);

	if (n < 50)
		return SHARE;
	if (n < 90)
		return REDPACKET;
	return n < 130 && mix(who) % 100 < 40 ? ORDER : n < 138 ? ORDER : MESSAGE;
}

/* One day of one person: a few sessions, no two of his events in one second. */
static void make_day(uint32_t who, unsigned day, double more)
{
	static const uint8_t hours[] = {7, 8, 8, 9, 9, 10, 10, 11, 12, 12, 13, 14, 15, 16, 17, 18,
		19, 19, 20, 20, 20, 21, 21, 22, 23, 1};
	const struct person *p = &person[who];
	uint64_t r = stream(who, 2000 + day);
	double extra = -log(unit(&r)) * more * p->talk;
	uint32_t second = PICK(hours, draw(&r)) * 3600u + below(&r, 3600);

	for (unsigned i = 0; i <= extra && second < DAY_S; i++) {
		struct event ev = {.who = who, .second = second, .type = MESSAGE};
		ev.group = below(&r, 10) < 7 ? p->group : p->group2;
		if (i == 0 && day == p->first && p->joins)
			ev.type = JOIN;
		else
			ev.type = (uint8_t)pick_type(&r, who);
		ev.text = below(&r, TEXTS);
		ev.product = below(&r, PRODUCTS);
		ev.pieces = 1 + below(&r, 10) / 8;
		add_event(ev);
		second += 1 + below(&r, below(&r, 5) ? 300 : 7200);
	}
}

/* Counting sort by second; what is of one second keeps its order. */
static const struct event *sort_day(void)
{
	static uint32_t at[DAY_S + 1], cap;
	static struct event *to;

	if (cap < event_cap) {
		cap = event_cap;
		free(to);
		to = malloc(cap * sizeof(*to));
		if (!to)
			die("memory");
	}
	memset(at, 0, sizeof(at));
	for (uint32_t i = 0; i < nevent; i++)
		at[event[i].second + 1]++;
	for (unsigned s = 0; s < DAY_S; s++)
		at[s + 1] += at[s];
	for (uint32_t i = 0; i < nevent; i++)
		to[at[event[i].second]++] = event[i];
	return to;
}

/* What the outputs share of a row. */
struct row {
	const struct event *ev;
	const struct person *p;
	const struct text *text;
	char time[32];
	time_t unix_time;
};

static char *put_group(char *p, uint32_t group)
{
	return PUT(put_number(p, 20000000000u + group * (uint64_t)7919, 11), "@chatroom");
}

static char *put_amount(char *p, const struct event *ev)
{
	unsigned cents = prices[ev->product] * ev->pieces;

	p = put_number(p, cents / 100, 1);
	*p++ = '.';
	return put_number(p, cents % 100, 2);
}

static char *put_order(char *p, const struct row *r)
{
	return put_number(put(p, r->time, 4), orders, 12);
}

static bool has_text(const struct event *ev)
{
	return ev->type == MESSAGE || ev->type == SHARE;
}

static char *put_csv(char *p, const struct row *r, bool quoted)
{
	const struct event *ev = r->ev;
	const struct text *t = r->text;

	p = put(p, r->time, 25);
	*p++ = ',';
	p = put_group(p, ev->group);
	*p++ = ',';
	p = put(p, r->p->id, r->p->id_len);
	*p++ = ',';
	p = put(p, r->p->name, r->p->name_len);
	*p++ = ',';
	p = put(p, type_name[ev->type], strlen(type_name[ev->type]));
	*p++ = ',';
	if (has_text(ev))
		p = quoted ? put(p, t->quoted, t->quoted_len) : put(p, t->csv, t->csv_len);
	else if (quoted)
		p = PUT(p, "\"\"");
	*p++ = ',';
	if (ev->type == ORDER)
		p = put_amount(p, ev);
	*p++ = ',';
	if (ev->type == ORDER)
		p = put_order(p, r);
	*p++ = ',';
	if (ev->type == ORDER)
		p = put(p, products[ev->product], strlen(products[ev->product]));
	*p++ = '\n';
	return p;
}

/* A record that is no CSV by the book: a quote inside a cell that does not begin with one. */
static char *put_damaged(char *p, const struct row *r)
{
	p = put(p, r->time, 25);
	*p++ = ',';
	p = put_group(p, r->ev->group);
	*p++ = ',';
	p = put(p, r->p->id, r->p->id_len);
	return PUT(p, ",,message,a 24\" screen,,,\n");
}

static char *put_ndjson(char *p, const struct row *r)
{
	const struct event *ev = r->ev;

	p = put(PUT(p, "{\"time\":\""), r->time, 25);
	p = put_group(PUT(p, "\",\"group\":\""), ev->group);
	p = put(PUT(p, "\",\"user\":\""), r->p->id, r->p->id_len);
	p = put(PUT(p, "\",\"name\":\""), r->p->name, r->p->name_len);
	p = put(PUT(p, "\",\"type\":\""), type_name[ev->type], strlen(type_name[ev->type]));
	p = PUT(p, "\",\"text\":\"");
	if (has_text(ev))
		p = put(p, r->text->json, r->text->json_len);
	if (ev->type == ORDER) {
		p = put_amount(PUT(p, "\",\"amount\":\""), ev);
		p = put_order(PUT(p, "\",\"order_id\":\""), r);
		p = put(PUT(p, "\",\"product\":\""), products[ev->product],
			strlen(products[ev->product]));
	}
	return PUT(p, "\"}\n");
}

/* As Telegram Desktop writes a message: an event of any type is one, with its word as the text. */
static char *put_telegram(char *p, const struct row *r)
{
	const char *text = type_name[r->ev->type];
	size_t len = strlen(text);

	if (has_text(r->ev)) {
		text = r->text->json;
		len = r->text->json_len;
	}
	p = written ? PUT(p, ",\n  {\n   \"id\": ") : PUT(p, "\n  {\n   \"id\": ");
	p = put_number(p, written + 1, 1);
	p = put(PUT(p, ",\n   \"type\": \"message\",\n   \"date\": \""), r->time, 19);
	p = put_number(PUT(p, "\",\n   \"date_unixtime\": \""), (uint64_t)r->unix_time, 1);
	p = put(PUT(p, "\",\n   \"from\": \""), r->p->name, r->p->name_len);
	p = put_number(PUT(p, "\",\n   \"from_id\": \"user"), 100000000u + r->ev->who * (uint64_t)37, 1);
	p = PUT(p, "\",\n");
	if (r->ev->product % 4 == 0)
		p = PUT(put_number(PUT(p, "   \"reply_to_message_id\": "), written / 2 + 1, 1),
			",\n");
	p = put(PUT(p, "   \"text\": \""), text, len);
	p = put(PUT(p, "\",\n   \"text_entities\": [\n    {\n     \"type\": \"plain\",\n     "
		       "\"text\": \""),
		text, len);
	return PUT(p, "\"\n    }\n   ]\n  }");
}

static void write_row(const struct row *r)
{
	bool old = written * 100 < rows * 99;

	for (int i = 0; i < NOUT; i++) {
		struct out *o = &out[i];
		char *p = o->buf + o->len;
		if (!o->path || (i == HISTORY && !old) || (i == DAY && old))
			continue;
		p = i == NDJSON	    ? put_ndjson(p, r)
		    : i == TELEGRAM ? put_telegram(p, r)
				    : put_csv(p, r, i == QUOTED);
		if (i == QUOTED && written % DAMAGED_EVERY == 0) {
			p = put_damaged(p, r);
			damaged++;
		}
		o->len = (size_t)(p - o->buf);
		if (o->len >= BUFFER)
			flush(o);
	}
	written++;
	orders += r->ev->type == ORDER;
}

static void write_day(unsigned day, const struct event *sorted)
{
	static const time_t first = 1767542400; /* 2026-01-05T00:00:00+08:00, a Monday */
	time_t midnight = first + (time_t)day * DAY_S, shown = midnight + 8 * 3600;
	struct row r = {0};
	struct tm tm;

	gmtime_r(&shown, &tm);
	strftime(r.time, sizeof(r.time), "%Y-%m-%dT00:00:00+08:00", &tm);
	for (uint32_t i = 0; i < nevent; i++) {
		const struct event *ev = &sorted[i];
		r.ev = ev;
		r.p = &person[ev->who];
		r.text = &texts[ev->text];
		r.unix_time = midnight + (time_t)ev->second;
		put_number(r.time + 11, ev->second / 3600, 2);
		put_number(r.time + 14, ev->second / 60 % 60, 2);
		put_number(r.time + 17, ev->second % 60, 2);
		write_row(&r);
	}
}

/*
 * All days of all people. Without write only the days and rows are counted, as they are with this
 * mean number of events after the first of a day.
 */
static uint64_t run_days(bool write, double more, uint64_t *active)
{
	uint16_t *behind = calloc(users, sizeof(*behind));
	uint64_t count = 0;

	if (!behind)
		die("memory");
	*active = 0;
	begin_days();
	for (unsigned d = 0; d < days; d++) {
		nevent = 0;
		for (uint32_t who = today[d], next; who != nobody; who = next) {
			next = person[who].next;
			*active += 1;
			make_day(who, d, more);
			move_on(who, d, ++behind[who]);
		}
		count += nevent;
		if (write && nevent)
			write_day(d, sort_day());
	}
	free(behind);
	return count;
}

static uint64_t number(const char *s)
{
	char *end;
	unsigned long long n = strtoull(s, &end, 10);

	if (end == s || *end || n > 1u << 30) {
		fprintf(stderr, "gen: no number: %s\n", s);
		exit(2);
	}
	return n;
}

static void options(int argc, char **argv)
{
	static const struct option longs[] = {{"csv", 1, NULL, CSV}, {"quoted", 1, NULL, QUOTED},
		{"ndjson", 1, NULL, NDJSON}, {"telegram", 1, NULL, TELEGRAM},
		{"history", 1, NULL, HISTORY}, {"day", 1, NULL, DAY}, {"rows", 1, NULL, 'r'},
		{"users", 1, NULL, 'u'}, {"groups", 1, NULL, 'g'}, {"days", 1, NULL, 'd'},
		{"seed", 1, NULL, 's'}, {NULL, 0, NULL, 0}};

	for (int c; (c = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
		switch (c) {
		case 'r': rows = number(optarg); break;
		case 'u': users = number(optarg); break;
		case 'g': groups = number(optarg); break;
		case 'd': days = (unsigned)number(optarg); break;
		case 's': seed = number(optarg); break;
		case '?': exit(2);
		default: out[c].path = optarg;
		}
	}
	if (!users)
		users = rows / 50 > 0 ? rows / 50 : 1;
	if (!groups)
		groups = users / 200 > 0 ? users / 200 : 1;
	if (optind != argc || !days || days > 10000) {
		fprintf(stderr, "usage: gen [OPTION]...\n");
		exit(2);
	}
}

static void begin(int i)
{
	static const char telegram[] =
		"{\n \"name\": \"拼单群\",\n \"type\": \"private_supergroup\",\n \"id\": "
		"1234567890,\n \"messages\": [";
	struct out *o = &out[i];

	open_out(o);
	if (!o->path || i == NDJSON)
		return;
	o->len = (size_t)((i == TELEGRAM ? PUT(o->buf, telegram) : PUT(o->buf, header)) - o->buf);
}

int main(int argc, char **argv)
{
	uint64_t active, count;
	double more = 4;

	options(argc, argv);
	make_texts();
	make_people();
	for (int i = 0; i < NOUT; i++)
		begin(i);
	/* Some of a day's events fall behind midnight, so their mean is found by trying. */
	for (int i = 0; i < 3; i++) {
		count = run_days(false, more, &active);
		more *= ((double)rows - 0.8 * (double)active) /
			((double)count - 0.8 * (double)active);
		more = more > 0 ? more : 0;
	}
	rows = run_days(false, more, &active);
	run_days(true, more, &active);
	if (out[TELEGRAM].path)
		out[TELEGRAM].len =
			(size_t)(PUT(out[TELEGRAM].buf + out[TELEGRAM].len, "\n ]\n}\n") -
				 out[TELEGRAM].buf);
	for (int i = 0; i < NOUT; i++)
		close_out(&out[i]);
	printf("%llu rows, %llu users, %llu active a day, %llu orders, %llu damaged\n",
		(unsigned long long)written, (unsigned long long)users,
		(unsigned long long)(active / days), (unsigned long long)orders,
		(unsigned long long)damaged);
	return 0;
}
