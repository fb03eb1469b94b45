/* One event as a row of each output. */
#ifndef TESTS_BENCH_GEN_ROWS_H
#define TESTS_BENCH_GEN_ROWS_H

#include "gen_texts.h"

static uint64_t written, orders, damaged;

/* What the outputs share of a row. */
struct row {
	const struct event *ev;
	const struct person *p;
	const struct text *text;
	char time[32];
	time_t unix_time;
};

static inline char *put_group(char *p, uint32_t group)
{
	return PUT(put_number(p, 20000000000u + group * (uint64_t)7919, 11), "@chatroom");
}

static inline char *put_amount(char *p, const struct event *ev)
{
	unsigned cents = prices[ev->product] * ev->pieces;

	p = put_number(p, cents / 100, 1);
	*p++ = '.';
	return put_number(p, cents % 100, 2);
}

static inline char *put_order(char *p, const struct row *r)
{
	return put_number(put(p, r->time, 4), orders, 12);
}

static inline bool has_text(const struct event *ev)
{
	return ev->type == MESSAGE || ev->type == SHARE;
}

static inline char *put_csv(char *p, const struct row *r, bool quoted)
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
static inline char *put_damaged(char *p, const struct row *r)
{
	p = put(p, r->time, 25);
	*p++ = ',';
	p = put_group(p, r->ev->group);
	*p++ = ',';
	p = put(p, r->p->id, r->p->id_len);
	return PUT(p, ",,message,a 24\" screen,,,\n");
}

static inline char *put_ndjson(char *p, const struct row *r)
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
static inline char *put_telegram(char *p, const struct row *r)
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

static inline void write_row(const struct row *r)
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

#endif
