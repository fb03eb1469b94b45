/*
 * Saved bytes that are not what was saved: events make a state, some of its bytes are changed, and what
 * is then loaded is refused or is a state like any other, which saves the same bytes and has a table.
 * The first byte chooses the metric, the second the number of changes, three bytes each; the rest are
 * events of six bytes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "qun/engine.h"
#include "qun/state.h"

enum { CHANGE = 3, EVENT = 6, HEAD = 2, MAX_CHANGES = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The options at their defaults; a funnel has none that would do. */
static void put_default(const struct qun_option *row, void *conf)
{
	char *to = (char *)conf + row->offset;
	int at = 0;

	switch (row->type) {
	case QUN_OPT_TEXT: *(const char **)to = row->dflt; break;
	case QUN_OPT_INT: qun_int_parse(qun_span_of(row->dflt), (int64_t *)to); break;
	case QUN_OPT_REAL: qun_real_parse(qun_span_of(row->dflt), (double *)to); break;
	case QUN_OPT_DURATION: qun_duration_parse((int64_t *)to, row->dflt, NULL); break;
	case QUN_OPT_WORD:
		for (const char *w = row->words; strncmp(w, row->dflt, strlen(row->dflt)) != 0; at++)
			w = strchr(w, '|') + 1;
		*(int *)to = at;
		break;
	default: break;
	}
}

struct config {
	const struct qun_metric *m;
	struct qun_run run;
	void *conf;
};

static void configure(struct config *c, const struct qun_zone *zone, uint8_t which)
{
	size_t n = 0;

	while (qun_metrics[n])
		n++;
	memset(c, 0, sizeof(*c));
	c->m = qun_metrics[which % n];
	c->run.cal = (struct qun_cal){zone, 1, 0};
	c->run.since = INT64_MIN;
	c->run.until = INT64_MAX;
	c->run.as_of = QUN_NEVER;
	c->run.confidence = 0.95;
	c->run.z = 1.96;
	c->conf = calloc(1, c->m->conf_size + 1);
	qun_pred_parse(&c->run.active, "message|order|share", &c->run.extras, NULL);
	for (const struct qun_option *row = c->m->options; row && row->name; row++) {
		if (row->dflt)
			put_default(row, c->conf);
		if (strcmp(row->name, "steps") == 0)
			*(const char **)((char *)c->conf + row->offset) = "join,message,order";
	}
	if (which / n % 2) {
		c->run.by.n = 1;
		c->run.by.field[0] = QUN_F_GROUP;
		c->run.by.name[0] = "group";
		c->run.unit = QUN_UNIT_MEMBER;
	}
	if (c->m->setup && c->m->setup(&c->run, c->conf, NULL) < 0)
		abort();
}

static void release(struct config *c)
{
	if (c->m->unset)
		c->m->unset(c->conf);
	free(c->conf);
	qun_pred_free(c->run.active);
	qun_extras_release(&c->run.extras);
}

static struct qun_engine *engine(const struct config *c)
{
	struct qun_engine *e = NULL;

	if (qun_engine_open(&e, c->m, &c->run, c->conf) < 0)
		abort();
	return e;
}

static void add(struct qun_engine *e, const uint8_t *p)
{
	static const char *const user[] = {"ann", "bob", "cai", "王芳"}, *const group[] = {"g1", "g2", "-"};
	static const char *const ref[] = {"", "", "ann", "bob"}, *const text[] = {"", "hello", "o1", "tea"};
	struct qun_event ev = {.ts = 1709251200 * QUN_SECOND + (p[0] * 256 + p[1]) * 600 * QUN_SECOND};

	ev.type = (enum qun_type)(p[2] % QUN_WORD);
	ev.field[QUN_F_TYPE] = qun_span_of(qun_type_name(ev.type));
	ev.field[QUN_F_USER] = qun_span_of(user[p[3] % 4]);
	ev.field[QUN_F_GROUP] = qun_span_of(group[p[3] / 4 % 3]);
	ev.field[QUN_F_REF] = qun_span_of(ref[p[4] % 4]);
	ev.field[QUN_F_TEXT] = qun_span_of(text[p[4] / 4 % 4]);
	ev.field[QUN_F_ORDER_ID] = qun_span_of(text[p[4] / 16 % 4]);
	ev.field[QUN_F_PRODUCT] = qun_span_of(text[p[4] / 64]);
	ev.has_amount = p[5] > 0;
	ev.amount = p[5] * 2550 - 10000;
	qun_engine_add(e, &ev, NULL);
}

/* A state that was loaded is as good as one that was counted. */
static void use(struct qun_engine *e, struct qun_span loaded)
{
	struct qun_buf again = {0};
	struct qun_cube report = {0};
	struct qun_table table;
	struct qun_err err = {0};

	if (qun_engine_save(e, &again, NULL) < 0 || !qun_span_eq(qun_buf_span(&again), loaded))
		__builtin_trap();
	qun_table_init(&table);
	if (qun_engine_report(e, &report, &err) == 0)
		qun_engine_table(e, &report, &table, &err);
	qun_table_release(&table);
	qun_cube_release(&report);
	qun_buf_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct qun_zone *zone;
	size_t changes = size > HEAD ? data[1] % MAX_CHANGES : 0;
	struct qun_span part[QUN_STATE_PARTS];
	struct qun_buf bytes = {0}, plain = {0};
	struct qun_engine *e;
	struct config c;

	if (size < HEAD + changes * CHANGE || (!zone && qun_zone_open(&zone, "Asia/Shanghai", NULL) < 0))
		return 0;
	qun_state_unpack((struct qun_span){(const char *)data, size}, &plain, part, NULL);
	configure(&c, zone, data[0]);
	e = engine(&c);
	for (size_t at = HEAD + changes * CHANGE; at + EVENT <= size; at += EVENT)
		add(e, data + at);
	if (qun_engine_save(e, &bytes, NULL) < 0)
		abort();
	qun_engine_close(e);
	for (size_t i = 0; i < changes && bytes.len; i++) {
		const uint8_t *p = data + HEAD + i * CHANGE;

		bytes.ptr[(p[0] * 256u + p[1]) % bytes.len] = (char)p[2];
	}
	e = engine(&c);
	if (qun_engine_load(e, qun_buf_span(&bytes), NULL) == 0)
		use(e, qun_buf_span(&bytes));
	qun_engine_close(e);
	release(&c);
	qun_buf_release(&bytes);
	qun_buf_release(&plain);
	return 0;
}
