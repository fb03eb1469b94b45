/* Shares are differences of rounded running sums, so they add up to the amount exactly. */
#include "text/basket.h"

#include "text/kind.h"

#include "qun/num.h"

#include <stdlib.h>

struct qun_basket_order {
	enum qun_basket_row row;
	int64_t ts, amount, refund;
	bool has_amount;
	struct qun_span group, user, name, source;
};

struct qun_basket_line {
	uint32_t order;
	int64_t weight;
	struct qun_span product, qty;
};

int64_t qun_basket_weight(struct qun_span price, struct qun_span qty)
{
	int64_t money, n = 1, weight;

	if (qun_money_parse(price, &money) != 1 || money < 0)
		return 0;
	if (qun_span_trim(qty).len && (!qun_int_parse(qun_span_trim(qty), &n) || n < 0))
		return 0;
	return __builtin_mul_overflow(money, n, &weight) ? 0 : weight;
}

static int copy(struct qun_arena *a, struct qun_span s, struct qun_span *out)
{
	out->ptr = qun_arena_copy(a, s);
	out->len = s.len;
	return out->ptr ? 0 : QUN_ENOMEM;
}

static int find_order(struct qun_basket *b, struct qun_span id, uint32_t *number)
{
	size_t known = b->ids.n;
	int rc = qun_grow(&b->order, &b->order_cap, known, sizeof(*b->order));

	if (rc == 0)
		rc = qun_dict_add(&b->ids, id, number);
	if (rc == 0 && b->ids.n > known)
		b->order[*number] = (struct qun_basket_order){.row = QUN_BASKET_ITEM};
	return rc;
}

static int tell_order(struct qun_basket *b, struct qun_basket_order *o, const struct qun_event *ev, int64_t refund)
{
	bool first = o->row != QUN_BASKET_ORDER;
	int rc = 0;

	o->row = QUN_BASKET_ORDER;
	if (first || ev->ts < o->ts)
		o->ts = ev->ts;
	if (ev->has_amount && (!o->has_amount || ev->amount > o->amount))
		o->amount = ev->amount;
	o->has_amount |= ev->has_amount;
	if (refund > o->refund)
		o->refund = refund;
	/* of rows that differ one must be taken that does not depend on their order */
	if (first || qun_span_cmp(ev->field[QUN_F_USER], o->user) < 0)
		rc = copy(&b->text, ev->field[QUN_F_USER], &o->user);
	if (rc == 0 && (first || qun_span_cmp(ev->field[QUN_F_NAME], o->name) < 0))
		rc = copy(&b->text, ev->field[QUN_F_NAME], &o->name);
	if (rc == 0 && first)
		rc = copy(&b->text, ev->field[QUN_F_GROUP], &o->group);
	if (rc == 0 && first)
		rc = copy(&b->text, ev->field[QUN_F_SOURCE], &o->source);
	return rc;
}

int qun_basket_put(struct qun_hook *hook, struct qun_basket *b, const struct qun_event *ev, enum qun_basket_row row,
	int64_t weight, int64_t refund)
{
	struct qun_basket_line line = {.weight = weight};
	int rc = find_order(b, ev->field[QUN_F_ORDER_ID], &line.order);

	if (rc < 0)
		return rc;
	if (row == QUN_BASKET_ORDER)
		rc = tell_order(b, &b->order[line.order], ev, refund);
	else if (row == QUN_BASKET_NONE && b->order[line.order].row == QUN_BASKET_ITEM)
		b->order[line.order].row = QUN_BASKET_NONE;
	if (rc < 0 || b->order[line.order].row == QUN_BASKET_NONE)
		return rc;
	hook->held = true;
	rc = qun_grow(&b->line, &b->line_cap, b->nline, sizeof(line));
	if (rc == 0)
		rc = copy(&b->text, ev->field[QUN_F_PRODUCT], &line.product);
	if (rc == 0)
		rc = copy(&b->text, ev->field[QUN_F_QTY], &line.qty);
	if (rc == 0)
		b->line[b->nline++] = line;
	return rc;
}

static int by_order(const void *a, const void *b)
{
	const struct qun_basket_line *x = a, *y = b;
	int rc;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	rc = qun_span_cmp(x->product, y->product);
	rc = rc ? rc : qun_span_cmp(x->qty, y->qty);
	return rc ? rc : x->weight < y->weight ? -1 : x->weight > y->weight;
}

static int emit_refund(struct qun_hook *hook, struct qun_event ev, int64_t refund)
{
	qun_set_type(&ev, QUN_REFUND);
	ev.amount = refund;
	ev.has_amount = true;
	ev.field[QUN_F_PRODUCT] = ev.field[QUN_F_QTY] = (struct qun_span){0};
	return hook->emit(hook, &ev);
}

/* The lines of one order. */
static int emit_order(struct qun_hook *hook, const struct qun_basket *b, const struct qun_basket_line *line, size_t n)
{
	const struct qun_basket_order *o = &b->order[line->order];
	struct qun_event ev = {.ts = o->ts};
	qun_i128 total = 0, sum = 0, before = 0;
	/* whole cents stay whole: a finer share would give all money of the run two more digits */
	int unit = o->amount % (QUN_MONEY_UNIT / 100) ? 1 : QUN_MONEY_UNIT / 100;
	int rc = 0;

	qun_set_type(&ev, QUN_ORDER);
	ev.field[QUN_F_GROUP] = o->group;
	ev.field[QUN_F_USER] = o->user;
	ev.field[QUN_F_NAME] = o->name;
	ev.field[QUN_F_SOURCE] = o->source;
	ev.field[QUN_F_ORDER_ID] = qun_dict_text(&b->ids, line->order);
	for (size_t i = 0; i < n; i++)
		total += line[i].weight;
	for (size_t i = 0; rc >= 0 && i < n; i++) {
		sum += total ? line[i].weight : 1;
		qun_i128 upto = qun_round_div(o->amount / unit * sum, total ? total : (qun_i128)n) * unit;
		ev.amount = (int64_t)(upto - before);
		ev.has_amount = o->has_amount;
		before = upto;
		ev.field[QUN_F_PRODUCT] = line[i].product;
		ev.field[QUN_F_QTY] = line[i].qty;
		rc = hook->emit(hook, &ev);
	}
	return rc < 0 || o->refund <= 0 ? rc : emit_refund(hook, ev, o->refund);
}

int qun_basket_end(struct qun_hook *hook, struct qun_basket *b)
{
	size_t orphans = 0, n;
	int rc = 0;

	if (b->nline)
		qsort(b->line, b->nline, sizeof(*b->line), by_order);
	for (size_t i = 0; rc >= 0 && i < b->nline; i += n) {
		for (n = 1; i + n < b->nline && b->line[i + n].order == b->line[i].order; n++)
			continue;
		if (b->order[b->line[i].order].row == QUN_BASKET_ORDER)
			rc = emit_order(hook, b, &b->line[i], n);
		else if (b->order[b->line[i].order].row == QUN_BASKET_ITEM)
			orphans += n;
	}
	if (rc < 0 || !orphans)
		return rc;
	return hook->bad(hook, "order", NULL, "%zu rows of items whose order is not in this file", orphans);
}

void qun_basket_release(struct qun_basket *b)
{
	qun_dict_release(&b->ids);
	qun_arena_release(&b->text);
	free(b->order);
	free(b->line);
	*b = (struct qun_basket){0};
}
