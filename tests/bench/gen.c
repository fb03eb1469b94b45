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
#include <getopt.h>

#include "gen_rows.h"

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

static struct event *event;
static uint32_t nevent, event_cap;

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
