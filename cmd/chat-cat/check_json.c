/* The report for programs: one JSON object, in English. */
#include <stdlib.h>

#include "chat-cat/check.h"
#include "qun/escape.h"

static void put_key(struct qun_buf *out, const char *key)
{
	char last = out->len ? out->ptr[out->len - 1] : '{';

	qun_buf_printf(out, "%s\"%s\":", last == '{' || last == '[' ? "" : ",", key);
}

static void put_text(struct qun_buf *out, const char *key, struct qun_span value)
{
	put_key(out, key);
	qun_escape_json(out, value, true);
}

static void put_number(struct qun_buf *out, const char *key, uint64_t value)
{
	put_key(out, key);
	qun_buf_printf(out, "%llu", (ull)value);
}

static void put_element(struct qun_buf *out, struct qun_span value)
{
	if (out->ptr[out->len - 1] != '[')
		qun_buf_add_char(out, ',');
	qun_escape_json(out, value, true);
}

static void put_counts(struct qun_buf *out, const struct qun_input_counts *n)
{
	put_number(out, "read", n->read);
	put_number(out, "used", n->used);
	put_number(out, "filtered", n->filtered);
	put_number(out, "duplicate", n->duplicate);
	put_number(out, "bad", n->bad);
	put_number(out, "bytes", n->bytes);
}

static void put_file(struct qun_buf *out, const struct check_file *f)
{
	const struct qun_found *found = &f->found;
	char delimiter[2] = {found->delimiter, '\0'};

	qun_buf_add_text(out, out->ptr[out->len - 1] == '[' ? "{" : ",{");
	put_text(out, "file", qun_span_of(found->file));
	if (f->failed)
		put_text(out, "error", qun_span_of(f->why));
	if (f->opened) {
		put_text(out, "format", qun_span_of(found->format));
		put_number(out, "score", (uint64_t)found->score);
		put_text(out, "container", qun_span_of(found->container == QUN_CSV ? "csv" :
			found->container == QUN_JSON ? "json" : "text"));
		if (found->container == QUN_CSV)
			put_text(out, "delimiter", qun_span_of(delimiter));
		put_text(out, "array", qun_span_of(found->array));
		put_text(out, "packed", qun_span_of(found->packed));
		put_text(out, "encoding", qun_span_of(found->encoding));
		put_text(out, "times", qun_span_of(found->times));
		qun_buf_add_text(out, ",\"fields\":[");
		for (size_t i = 0; i < found->ncolumn; i++) {
			qun_buf_add_text(out, i ? ",{" : "{");
			put_text(out, "field", qun_span_of(found->column[i].field));
			put_text(out, "column", qun_span_of(found->column[i].column));
			qun_buf_add_char(out, '}');
		}
		qun_buf_add_text(out, "],\"unused\":[");
		for (size_t i = 0; i < found->nunused; i++)
			put_element(out, found->unused[i]);
		qun_buf_add_char(out, ']');
	}
	if (f->closed)
		put_counts(out, &f->came.counts);
	if (f->closed && f->came.ids) {
		put_number(out, "ids", f->came.ids);
		put_number(out, "alias_known", f->came.known);
		qun_buf_add_text(out, ",\"alias_unknown\":[");
		for (size_t i = 0; i < f->came.nunknown; i++)
			put_element(out, f->came.unknown[i]);
		qun_buf_add_char(out, ']');
	}
	qun_buf_add_char(out, '}');
}

/* {"word":n,...} in the order of the words */
static void put_words(struct qun_buf *out, const char *key, const struct qun_dict *words, const uint64_t *n)
{
	uint32_t *order = check_in_order(words);

	put_key(out, key);
	qun_buf_add_char(out, '{');
	for (size_t i = 0; order && i < words->n; i++) {
		if (i)
			qun_buf_add_char(out, ',');
		qun_escape_json(out, qun_dict_text(words, order[i]), true);
		qun_buf_printf(out, ":%llu", (ull)n[order[i]]);
	}
	free(order);
	qun_buf_add_char(out, '}');
}

static void put_span(struct qun_buf *out, const struct qun_cal *cal, const struct qun_head *head, const struct qun_bits *days)
{
	uint64_t longest, holes = qun_facts_holes(days, &longest);

	put_key(out, "first");
	qun_buf_add_char(out, '"');
	qun_time_format(out, cal->zone, head->first);
	qun_buf_add_text(out, "\",\"last\":\"");
	qun_time_format(out, cal->zone, head->last);
	qun_buf_add_char(out, '"');
	put_number(out, "days", (uint64_t)(qun_cal_day(cal, head->last) - qun_cal_day(cal, head->first) + 1));
	put_number(out, "days_without_event", holes);
	put_number(out, "longest_hole", longest);
}

static void put_groups(struct qun_buf *out, const struct check *c)
{
	uint32_t *order = check_in_order(&c->facts.groups);

	qun_buf_add_text(out, ",\"groups\":[");
	for (size_t i = 0; order && i < c->facts.groups.n; i++) {
		const struct qun_group_facts *g = &c->facts.group[order[i]];
		struct qun_head head = qun_head_of(&c->facts.ctx, order[i]);
		qun_buf_add_text(out, i ? ",{" : "{");
		put_text(out, "group", qun_dict_text(&c->facts.groups, order[i]));
		put_number(out, "events", g->events);
		put_number(out, "people", g->people);
		for (int type = 0; type < QUN_WORD; type++) {
			if (g->type[type])
				put_number(out, qun_type_name((enum qun_type)type), g->type[type]);
		}
		if (g->orders)
			put_number(out, "orders", g->orders);
		put_span(out, &c->facts.ctx.run->cal, &head, &g->days);
		put_text(out, "basis", qun_span_of(qun_basis_name(qun_basis_of(&c->facts.ctx, order[i]))));
		qun_buf_add_char(out, '}');
	}
	free(order);
	qun_buf_add_char(out, ']');
}

static void put_remark(struct qun_buf *out, const char *text)
{
	put_element(out, qun_span_of(text));
}

void check_json(const struct tool *t, const struct check *c, struct qun_buf *out)
{
	const struct qun_facts *f = &c->facts;
	struct check_verdict v;

	qun_buf_add_text(out, "{\"files\":[");
	for (size_t i = 0; i < c->n; i++)
		put_file(out, &c->file[i]);
	qun_buf_add_char(out, ']');
	put_counts(out, &t->counts);
	put_number(out, "events", f->events);
	put_number(out, "people", f->people.n);
	put_number(out, "anonymous", f->anonymous);
	put_number(out, "people_by_name", f->by_name);
	put_number(out, "staff", f->staff.n);
	put_number(out, "buyers", f->buyers.n);
	put_number(out, "whole_minutes", f->whole_minutes);
	put_number(out, "system_unknown", t->counts.system_unknown);
	if (f->events)
		put_span(out, &t->run.cal, &f->heads.all, &f->heads.days);
	put_words(out, "types", &f->types, f->type);
	put_words(out, "ways", &f->ways, f->way);
	put_key(out, "bad_kinds");
	qun_buf_add_char(out, '{');
	for (int i = 0; i < TOOL_BAD_KINDS && t->bad.kind[i].kind; i++)
		put_number(out, t->bad.kind[i].kind, t->bad.kind[i].n);
	qun_buf_add_char(out, '}');
	put_groups(out, c);
	qun_buf_add_text(out, ",\"remarks\":[");
	check_each_remark(t, c, false, put_remark, out);
	qun_buf_add_text(out, "],\"programs\":[");
	for (size_t i = 0; check_judge(c, i, &v); i++) {
		if (!qun_metric_of(v.program))
			continue;
		qun_buf_add_text(out, out->ptr[out->len - 1] == '[' ? "{" : ",{");
		put_text(out, "program", qun_span_of(v.program));
		put_text(out, "answer", qun_span_of(v.answer));
		put_text(out, "why", qun_span_of(v.why));
		qun_buf_add_char(out, '}');
	}
	qun_buf_add_text(out, "]}\n");
}
