/*
 * The laws of the algebra, for every metric of the registry and every value of its options: any order
 * and any split of the events gives the same saved bytes, reports of parts add up, load(save(x)) = x,
 * damaged bytes are refused or canonical. Configurations come from the metrics' own examples.
 */
#include <stdio.h>

#include "options.h"
#include "xorshift.h"
#include "qun/engine.h"
#include "qun/stat.h"
#include "qun/write.h"

enum { EVENTS = 90, ROUNDS = 12, PARTS = 3, MAX_ARGS = 64 };

static int tests, failures;

static void check(bool ok, const char *law, const char *metric, const char *config)
{
	tests++;
	if (!ok && ++failures <= 50)
		printf("# broken: %s: %s [%s]\n", law, metric, config);
}

static uint64_t seed = XORSHIFT_SEED;

static unsigned rnd(unsigned n)
{
	return (unsigned)(xorshift(&seed) >> 33) % n;
}

static const char *pick(const char *const *words, size_t n)
{
	return words[rnd((unsigned)n)];
}

#define PICK(words) pick(words, sizeof(words) / sizeof(*(words)))

static void make_event(struct qun_event *ev)
{
	static const char *const users[] = {"ann", "bob", "cai", "dan", "eve", "王芳"};
	static const char *const groups[] = {"g1", "g1", "g2", "-"};
	static const char *const types[] = {"message", "message", "message", "message", "join", "leave",
		"order", "order", "refund", "share", "redpacket", "click", "system", "coupon"};
	static const char *const ids[] = {"", "o1", "o2", "o3"};
	static const char *const products[] = {"", "apple", "pear"};
	static const char *const refs[] = {"", "", "ann", "bob"};
	static const char *const sources[] = {"", "qr", "invite", "removed", "sent", "claimed"};
	static const char *const roles[] = {"", "", "", "", "", "", "", "", "", "", "staff", "bot"};

	memset(ev, 0, sizeof(*ev));
	ev->ts = 1709251200 * QUN_SECOND + (int64_t)rnd(120) * 8 * 3600 * QUN_SECOND;
	ev->field[QUN_F_USER] = qun_span_of(PICK(users));
	ev->field[QUN_F_GROUP] = qun_span_of(PICK(groups));
	ev->field[QUN_F_TYPE] = qun_span_of(PICK(types));
	ev->type = qun_type_of(ev->field[QUN_F_TYPE]);
	ev->field[QUN_F_REF] = qun_span_of(PICK(refs));
	ev->field[QUN_F_SOURCE] = qun_span_of(PICK(sources));
	ev->field[QUN_F_ROLE] = qun_span_of(PICK(roles));
	ev->field[QUN_F_NAME] = qun_span_of(rnd(2) ? "Name" : "名字");
	ev->field[QUN_F_TEXT] = qun_span_of(rnd(2) ? "hello" : "");
	if (ev->type == QUN_ORDER || ev->type == QUN_REFUND) {
		ev->field[QUN_F_ORDER_ID] = qun_span_of(PICK(ids));
		ev->field[QUN_F_PRODUCT] = qun_span_of(PICK(products));
		ev->has_amount = rnd(5) != 0;
		ev->amount = (int64_t)rnd(40) * 2550 - 10000;
	} else if (ev->type == QUN_REDPACKET) {
		ev->has_amount = rnd(3) != 0;
		ev->amount = (int64_t)rnd(9) * 5000;
	}
}

/* Splits a command line as a shell would, without expansions. Words point into line. */
static int split(char *line, char **word)
{
	int n = 0;

	while (*line && n < MAX_ARGS) {
		char *to;

		while (*line == ' ')
			line++;
		if (!*line || *line == '#' || *line == '|')
			break;
		word[n++] = to = line;
		while (*line && *line != ' ') {
			if (*line == '\'' || *line == '"') {
				char q = *line++;

				while (*line && *line != q)
					*to++ = *line++;
				line += *line != '\0';
			} else {
				*to++ = *line++;
			}
		}
		line += *line != '\0';
		*to = '\0';
	}
	return n;
}

/* A configuration: an example's options, and one more flag or word. */
struct config {
	const struct qun_metric *m;
	void *conf;
	struct qun_run run;
	char line[512];
	char text[640]; /* for messages */
	bool ok;
};

static void release(struct config *c)
{
	if (c->ok && c->m->unset)
		c->m->unset(c->conf);
	for (const struct qun_option *row = c->m->options; row && row->name; row++) {
		if (row->type == QUN_OPT_LIST)
			free(((struct qun_list *)((char *)c->conf + row->offset))->v);
	}
	free(c->conf);
	qun_pred_free(c->run.active);
	qun_extras_release(&c->run.extras);
}

static void configure(struct config *c, const struct qun_metric *m, const struct qun_zone *zone,
	const char *example, const struct qun_option *extra, const char *word)
{
	char *arg[MAX_ARGS];
	int n;

	memset(c, 0, sizeof(*c));
	c->m = m;
	c->conf = calloc(1, m->conf_size + 1);
	c->run.cal = (struct qun_cal){zone, 1, 0};
	c->run.since = INT64_MIN;
	c->run.until = INT64_MAX;
	c->run.as_of = QUN_NEVER;
	c->run.z = qun_z_of(0.95);
	qun_pred_parse(&c->run.active, "message|reaction|share|click|signin|order|redpacket",
		&c->run.extras, NULL);
	snprintf(c->line, sizeof(c->line), "%s", example);
	snprintf(c->text, sizeof(c->text), "%s + %s %s", example, extra ? extra->name : "", word);
	n = split(c->line, arg);
	option_put_defaults(m, c->conf);
	for (int i = 1; i < n; i++) {
		for (const struct qun_option *row = m->options; row && row->name; row++) {
			if (strncmp(arg[i], "--", 2) == 0 && strcmp(arg[i] + 2, row->name) == 0) {
				bool value = row->type != QUN_OPT_FLAG;

				option_put(row, c->conf, value && i + 1 < n ? arg[i + 1] : NULL);
				i += value;
				break;
			}
		}
		if (i + 1 < n && strcmp(arg[i], "--by") == 0 && strcmp(arg[i + 1], "product") == 0) {
			c->run.by.n = 1;
			c->run.by.field[0] = QUN_F_PRODUCT;
			c->run.by.name[0] = "product";
		}
	}
	if (extra)
		option_put(extra, c->conf, word);
	c->ok = !m->setup || m->setup(&c->run, c->conf, NULL) == 0;
}

static struct qun_engine *engine(const struct config *c)
{
	struct qun_engine *e = NULL;

	if (qun_engine_open(&e, c->m, &c->run, c->conf) < 0)
		exit(99);
	return e;
}

static bool add(struct qun_engine *e, const struct qun_event *ev)
{
	struct qun_event copy = *ev;

	return qun_engine_add(e, &copy, NULL) >= 0;
}

static struct qun_buf saved(struct qun_engine *e)
{
	struct qun_buf out = {0};

	if (qun_engine_save(e, &out, NULL) < 0)
		exit(99);
	return out;
}

static bool same(struct qun_buf a, const struct qun_buf *b)
{
	bool ok = a.len == b->len && (!a.len || memcmp(a.ptr, b->ptr, a.len) == 0);

	qun_buf_release(&a);
	return ok;
}

static struct qun_buf table_of(struct qun_engine *e)
{
	struct qun_cube cube = {0};
	struct qun_table table;
	struct qun_buf out = {0}, again = {0};
	struct qun_style style = {0};
	struct qun_err err = {0};

	for (int i = 0; i < 2; i++) {
		struct qun_buf *to = i ? &again : &out;

		qun_table_init(&table);
		if ((i == 0 && qun_engine_report(e, &cube, &err) < 0) ||
			qun_engine_table(e, &cube, &table, &err) < 0)
			qun_buf_printf(to, "error: %s", err.msg);
		else
			qun_writer_of("csv")->write(&table, &style, to, NULL, NULL);
		qun_table_release(&table);
	}
	check(out.len == again.len && memcmp(out.ptr, again.ptr, out.len) == 0, "finish twice is the same",
		"", out.ptr);
	/* A model may refuse data as small as these; nothing else may fail. */
	check(strncmp(out.ptr, "error", 5) != 0 || err.code == QUN_EDATA, "the table is made", "", out.ptr);
	qun_buf_release(&again);
	qun_cube_release(&cube);
	return out;
}

static void shuffle(struct qun_event *ev, int n)
{
	for (int i = n - 1; i > 0; i--) {
		int k = (int)rnd((unsigned)i + 1);
		struct qun_event t = ev[i];

		ev[i] = ev[k];
		ev[k] = t;
	}
}

/* Engines of the parts, merged in random association, give the whole's bytes. */
static void law_split(const struct config *c, const struct qun_event *ev, const struct qun_buf *whole)
{
	struct qun_engine *part[PARTS], *empty = engine(c);
	int n = PARTS;

	for (int i = 0; i < PARTS; i++)
		part[i] = engine(c);
	for (int i = 0; i < EVENTS; i++)
		add(part[rnd(PARTS)], &ev[i]);
	qun_engine_merge(part[0], empty, NULL);
	qun_engine_merge(empty, part[0], NULL);
	{
		struct qun_buf b = saved(part[0]);

		check(same(saved(empty), &b), "the empty state is the identity", c->m->name, c->text);
		qun_buf_release(&b);
	}
	while (n > 1) {
		int a = (int)rnd((unsigned)n), b = (int)rnd((unsigned)n - 1);

		b += b >= a;
		if (qun_engine_merge(part[a], part[b], NULL) < 0)
			exit(99);
		qun_engine_close(part[b]);
		part[b] = part[--n];
	}
	check(same(saved(part[0]), whole), "any split gives the same bytes", c->m->name, c->text);
	qun_engine_close(part[0]);
	qun_engine_close(empty);
}

/* Reports of disjoint people, under the whole's heads, add up to the whole's report. */
static void law_reports(const struct config *c, const struct qun_event *ev, struct qun_engine *whole)
{
	struct qun_cube all = {0}, sum = {0};
	struct qun_buf a = {0}, b = {0};

	qun_engine_report(whole, &all, NULL);
	for (unsigned half = 0; half < 2; half++) {
		struct qun_engine *e = engine(c);
		struct qun_cube part = {0};

		for (int i = 0; i < EVENTS; i++) {
			if ((unsigned)ev[i].field[QUN_F_USER].ptr[0] % 2 == half)
				add(e, &ev[i]);
		}
		qun_heads_merge(qun_engine_ctx(e), qun_engine_ctx(whole));
		qun_engine_report(e, &part, NULL);
		check(qun_cube_merge(&sum, &part) == 0, "reports merge", c->m->name, c->text);
		qun_cube_release(&part);
		qun_engine_close(e);
	}
	qun_cube_save(&all, &a);
	qun_cube_save(&sum, &b);
	check(a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0, "reports of parts add up", c->m->name,
		c->text);
	qun_cube_release(&sum);
	{
		struct qun_reader in = qun_reader_of(qun_buf_span(&a));

		b.len = 0;
		check(qun_cube_load(&sum, &in) == 0 && qun_reader_done(&in) &&
				qun_cube_save(&sum, &b) == 0 && a.len == b.len &&
				memcmp(a.ptr, b.ptr, a.len) == 0,
			"a saved report loads as it was", c->m->name, c->text);
	}
	qun_cube_release(&all);
	qun_cube_release(&sum);
	qun_buf_release(&a);
	qun_buf_release(&b);
}

static void law_load(const struct config *c, const struct qun_buf *whole)
{
	struct qun_engine *e = engine(c);

	check(qun_engine_load(e, qun_buf_span(whole), NULL) == 0 && same(saved(e), whole),
		"load(save(x)) = x", c->m->name, c->text);
	qun_engine_close(e);
	for (int i = 0; i < 60; i++) {
		struct qun_buf bad = {0};
		int rc;

		qun_buf_add_span(&bad, qun_buf_span(whole));
		if (i % 2)
			bad.len = rnd((unsigned)bad.len);
		else
			bad.ptr[rnd((unsigned)bad.len)] ^= (char)(1 << rnd(8));
		e = engine(c);
		rc = qun_engine_load(e, qun_buf_span(&bad), NULL);
		check(rc < 0 || (i % 2 == 0 && same(saved(e), &bad)),
			"damaged bytes are refused, or canonical", c->m->name, c->text);
		qun_engine_close(e);
		qun_buf_release(&bad);
	}
}

static void laws(const struct config *c)
{
	struct qun_event ev[EVENTS];
	struct qun_engine *a, *b;
	struct qun_buf whole, first;

	for (int i = 0; i < EVENTS; i++)
		make_event(&ev[i]);
	a = engine(c);
	for (int i = 0; i < EVENTS; i++)
		check(add(a, &ev[i]), "an event is taken", c->m->name, c->text);
	whole = saved(a);
	shuffle(ev, EVENTS);
	b = engine(c);
	for (int i = 0; i < EVENTS; i++)
		add(b, &ev[i]);
	check(same(saved(b), &whole), "any order gives the same bytes", c->m->name, c->text);
	first = table_of(a);
	check(same(table_of(b), &first), "any order gives the same table", c->m->name, c->text);
	check(same(saved(a), &whole), "a report leaves the state as it was", c->m->name, c->text);
	law_split(c, ev, &whole);
	law_reports(c, ev, a);
	law_load(c, &whole);
	qun_buf_release(&whole);
	qun_buf_release(&first);
	qun_engine_close(a);
	qun_engine_close(b);
}

/* Values of options that are neither flags nor words; NULL: a file, which the laws do not have. Of those
 * that are stored as given or not, two. */
enum { OPTION, VALUE, OTHER };
static const char *const values[][3] = {{"brackets", "1,2-6"}, {"class", "silent,left"}, {"cuts"}, {"denominator", "end"},
	{"event-days"}, {"floor", "0.2"}, {"gap", "1d"}, {"list", "2:dropped"}, {"newcomer", "3d"}, {"overdue", "2.5"},
	{"periods", "2"}, {"quota", "3"}, {"rejoin", "1d"}, {"silent", "5d"}, {"window", "2d"}, {"windows", "1d,9d"},
	{"within", "30,60"}, {"bins", "3"}, {"period", "month"}, {"hazard", "0-1,2-", "0-"},
	{"people", "2024-03-04:1", "2024-03-11:0"}};

static struct qun_buf saved_under(const struct config *c, const struct qun_event *ev)
{
	struct qun_engine *e = engine(c);
	struct qun_buf out;

	for (int i = 0; i < EVENTS; i++)
		add(e, &ev[i]);
	out = saved(e);
	qun_engine_close(e);
	return out;
}

/* An option that is not stored acts in the last step: the fingerprint leaves it out. So does the value of
 * one that is stored as given or not: then it is tried with another one instead of without. */
static void law_not_stored(const struct qun_metric *m, const struct qun_zone *zone, const char *example,
	const struct qun_option *row, const char *word, const char *other)
{
	struct config with, without;
	struct qun_event ev[EVENTS];
	struct qun_buf a, b;

	configure(&with, m, zone, example, row, word);
	configure(&without, m, zone, example, other ? row : NULL, other ? other : "");
	for (int round = 0; with.ok && without.ok && round < 3; round++) {
		for (int i = 0; i < EVENTS; i++)
			make_event(&ev[i]);
		a = saved_under(&with, ev);
		b = saved_under(&without, ev);
		check(same(a, &b), "an option that is not stored changes no saved byte", m->name, with.text);
		qun_buf_release(&b);
	}
	release(&with);
	release(&without);
}

static void law_values(const struct qun_metric *m, const struct qun_zone *zone, const char *example,
	const struct qun_option *row)
{
	size_t i = 0, n = sizeof(values) / sizeof(*values);

	while (i < n && strcmp(values[i][OPTION], row->name) != 0)
		i++;
	check(i < n && (row->stored == QUN_NOT_STORED || values[i][OTHER]), "the laws know values of the option",
		m->name, row->name);
	if (i < n && values[i][VALUE])
		law_not_stored(m, zone, example, row, values[i][VALUE], values[i][OTHER]);
}

static void laws_not_stored(const struct qun_metric *m, const struct qun_zone *zone, const char *example)
{
	for (const struct qun_option *row = m->options; row && row->name; row++) {
		char words[256], *rest = words, *w;

		if (row->stored == QUN_STORED)
			continue;
		snprintf(words, sizeof(words), "%s", row->words ? row->words : "");
		if (row->type == QUN_OPT_FLAG) {
			law_not_stored(m, zone, example, row, "", NULL);
		} else if (row->type == QUN_OPT_WORD) {
			while ((w = strsep(&rest, "|")))
				law_not_stored(m, zone, example, row, w, NULL);
		} else {
			law_values(m, zone, example, row);
		}
	}
}

/* The laws under one configuration; 1 if its options are acceptable together. */
static int try_config(const struct qun_metric *m, const struct qun_zone *zone, const char *example,
	const struct qun_option *extra, const char *word)
{
	struct config c;
	int ok;

	configure(&c, m, zone, example, extra, word);
	ok = c.ok;
	for (int i = 0; ok && i < ROUNDS; i++)
		laws(&c);
	release(&c);
	return ok;
}

/* An example alone, then with each flag and each word of an option. */
static int try_example(const struct qun_metric *m, const struct qun_zone *zone, const char *example)
{
	int ran = try_config(m, zone, example, NULL, "");

	laws_not_stored(m, zone, example);
	for (const struct qun_option *row = m->options; row && row->name; row++) {
		char words[256], *rest = words, *w;

		if (row->type == QUN_OPT_FLAG)
			ran += try_config(m, zone, example, row, "");
		if (row->type != QUN_OPT_WORD)
			continue;
		snprintf(words, sizeof(words), "%s", row->words);
		while ((w = strsep(&rest, "|")))
			ran += try_config(m, zone, example, row, w);
	}
	return ran;
}

/* Tables that no example of --help shows. */
static const struct {
	const char *metric, *line;
} further[] = {
	{"cohort-retention", "cohort-retention --survival --summary"},
	{"cohort-retention", "cohort-retention --hazard 0-1,2-7,8- --by product"},
	{"cohort-retention", "cohort-retention --people 2024-03-04:1"},
	{"funnel", "funnel --steps join,message,order --windows 1d,7d,none"},
	{"funnel", "funnel --steps message,message|click,order --clickhouse strict_order,strict_once"},
	{"funnel", "funnel --steps message,click|order --clickhouse default --windows 30d,2d"},
};

int main(void)
{
	struct qun_zone *zone;

	if (qun_zone_open(&zone, "Asia/Shanghai", NULL) < 0)
		return 99;
	for (const struct qun_metric *const *m = qun_metrics; *m; m++) {
		int ran = 0;

		for (const char *const *e = (*m)->examples; *e; e++)
			ran += try_example(*m, zone, *e);
		for (size_t i = 0; i < sizeof(further) / sizeof(*further); i++) {
			if (strcmp(further[i].metric, (*m)->name) == 0)
				ran += try_example(*m, zone, further[i].line);
		}
		check(ran > 0, "some configuration runs", (*m)->name, "");
		printf("# %s: %d configurations\n", (*m)->name, ran);
	}
	qun_zone_close(zone);
	printf("%s 1 - the laws hold: %d checks, %d broken\n1..1\n", failures ? "not ok" : "ok", tests,
		failures);
	return failures != 0;
}
