/*
 * Orders by --by value. Every row of an order first becomes a deal of its own; sorting brings the
 * rows of one order and one value together, so that large orders cost no more than a sort.
 */
#include <stdlib.h>
#include <string.h>

#include "model/deal.h"
#include "model/parts.h"

static bool is_line_field(int field)
{
	switch (field) {
	case QUN_F_ORDER_ID:
	case QUN_F_PRODUCT:
	case QUN_F_QTY:
	case QUN_F_REF:
	case QUN_F_TEXT:
	case QUN_F_ID: return true;
	default: return field >= QUN_F_EXTRA;
	}
}

bool qun_deal_field(int field)
{
	return is_line_field(field) || field == QUN_F_GROUP || field == QUN_F_SOURCE ||
	       field == QUN_F_ROLE || field == QUN_F_USER;
}

/* A --by value of a row of an order; 0 for those that are the same for all of a person's orders. */
static int by_number(const struct qun_ctx *ctx, int field, const struct qun_order *o,
	const struct qun_line *line, uint32_t source, uint32_t *number)
{
	*number = 0;
	switch (field) {
	case QUN_F_GROUP: *number = o->group; return 0;
	case QUN_F_SOURCE: *number = source; return 0;
	case QUN_F_ROLE:
	case QUN_F_USER: return 0;
	default: return qun_word_add(ctx, qun_line_field(line, field), number);
	}
}

struct qun_span qun_deal_by(
	const struct qun_ctx *ctx, const struct qun_who *who, const struct qun_deal *d, int i)
{
	switch (ctx->run->by.field[i]) {
	case QUN_F_GROUP: return qun_dict_text(ctx->groups, d->key[i]);
	case QUN_F_ROLE: return who->role;
	case QUN_F_USER: return who->user;
	default: return qun_dict_text(ctx->words, d->key[i]);
	}
}

/* An order on its way to deals. */
struct passage {
	const struct qun_ctx *ctx;
	const struct qun_order *order;
	size_t place;
	uint32_t source;
	struct qun_deals *out;
};

/* Takes one row of the order; gross and net are what this row adds to its value. */
static int add_row(
	const struct passage *p, const struct qun_line *line, __int128 gross, __int128 net)
{
	const struct qun_run *run = p->ctx->run;
	const struct qun_order *o = p->order;
	struct qun_deals *out = p->out;
	struct qun_deal *d;
	int rc = 0;

	if (qun_grow(&out->v, &out->cap, out->n, sizeof(*d)) < 0)
		return QUN_ENOMEM;
	d = &out->v[out->n++];
	*d = (struct qun_deal){
		.refund = line->refund,
		.known = o->known,
		.order = p->place,
		.ts = o->ts,
		.day = qun_cal_day(&run->cal, o->ts),
		.gross = o->known ? gross : 0,
		.net = o->known ? net : 0,
	};
	if (run->unit == QUN_UNIT_MEMBER)
		d->key[run->by.n] = o->group;
	for (int i = 0; rc == 0 && i < run->by.n; i++)
		rc = by_number(p->ctx, run->by.field[i], o, line, p->source, &d->key[i]);
	return rc;
}

/* One deal, or where --by names a line field one for each row. A refund row that names no product
 * reduces no product. */
static int add_order(const struct passage *p)
{
	const struct qun_run *run = p->ctx->run;
	const struct qun_order *o = p->order;
	bool by_line = false, by_product = false;
	int rc = 0;

	for (int i = 0; i < run->by.n; i++) {
		by_line |= is_line_field(run->by.field[i]);
		by_product |= run->by.field[i] == QUN_F_PRODUCT;
	}
	if (!by_line)
		return add_row(p, o->line, o->gross, o->net);
	for (uint32_t i = 0; rc == 0 && i < o->nlines; i++) {
		int64_t amount = o->line[i].has_amount ? o->line[i].amount : 0;

		rc = add_row(p, &o->line[i], amount, amount);
	}
	if (run->refund != QUN_REFUND_NET)
		return rc;
	for (uint32_t i = 0; rc == 0 && i < o->nrefunds; i++) {
		const struct qun_line *row = &o->refunds[i];

		if (row->has_amount && !(by_product && !row->text[QUN_L_PRODUCT].len))
			rc = add_row(p, row, 0, -(__int128)row->amount);
	}
	return rc;
}

/* Source of the join that opened the interval holding the order, in the order's group. */
static int source_of(const struct qun_ctx *ctx, const struct qun_who *who,
	const struct qun_slots *members, const struct qun_order *o, struct qun_intervals *iv,
	uint32_t *source)
{
	struct qun_member_slot *slot = qun_slot_find(members, o->group, sizeof(*slot));
	const struct qun_interval *at;
	int rc;

	*source = QUN_NONE;
	if (!slot)
		return 0;
	rc = qun_intervals_of(ctx, o->group, who->id, &slot->member, iv);
	if (rc < 0)
		return rc;
	at = qun_interval_at(iv, o->ts);
	if (at)
		*source = at->source;
	return 0;
}

bool qun_deal_same_buyer(const struct qun_deal *a, const struct qun_deal *b)
{
	return memcmp(a->key, b->key, sizeof(a->key)) == 0;
}

/* By buyer, then time; an order's lines before its refunds. */
static int compare(const void *a, const void *b)
{
	const struct qun_deal *x = a, *y = b;
	int c = memcmp(x->key, y->key, sizeof(x->key));

	if (c == 0)
		c = (x->order > y->order) - (x->order < y->order);
	return c ? c : x->refund - y->refund;
}

/* Adds up the rows of one order in one value, and by_day the orders of one day. Refund rows that
 * meet no line of their order in their value are dropped. */
static int join(struct qun_deals *deals, bool by_day)
{
	struct qun_deal *last = NULL;
	size_t n = 0;

	if (deals->n)
		qsort(deals->v, deals->n, sizeof(*deals->v), compare);
	for (size_t i = 0; i < deals->n; i++) {
		const struct qun_deal *d = &deals->v[i];

		if (last && qun_deal_same_buyer(last, d) &&
			(last->order == d->order ||
				(by_day && !d->refund && last->day == d->day))) {
			if (__builtin_add_overflow(last->gross, d->gross, &last->gross) ||
				__builtin_add_overflow(last->net, d->net, &last->net))
				return QUN_EOVERFLOW;
			last->known &= d->known;
			last->order = d->order;
		} else if (!d->refund) {
			last = &deals->v[n++];
			*last = *d;
		}
	}
	deals->n = n;
	return 0;
}

int qun_deals_of(const struct qun_ctx *ctx, const struct qun_who *who,
	const struct qun_orders *orders, const struct qun_slots *members, bool by_day,
	struct qun_deals *out)
{
	struct qun_span extra[QUN_MAX_EXTRA];
	struct qun_intervals iv = {0};
	struct qun_event ev;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < orders->n; i++) {
		const struct qun_order *o = &orders->v[i];
		struct passage p = {ctx, o, i, QUN_NONE, out};

		if (!qun_group_wanted(ctx->run, qun_dict_text(ctx->groups, o->group)))
			continue;
		qun_order_event(ctx, who->user, o, &ev, extra);
		if (!qun_counts(ctx->run, &ev))
			continue;
		rc = source_of(ctx, who, members, o, &iv, &p.source);
		if (rc == 0)
			rc = add_order(&p);
	}
	qun_intervals_release(&iv);
	return rc < 0 ? rc : join(out, by_day);
}

void qun_deals_release(struct qun_deals *d)
{
	free(d->v);
	*d = (struct qun_deals){0};
}

enum { UNMATCHED }; /* sums of the cell under the empty key */

int qun_deal_note(struct qun_cube *report, const struct qun_orders *orders)
{
	struct qun_cell *cell;

	if (!orders->unmatched_refunds)
		return 0;
	cell = qun_cube_cell(report, (struct qun_span){NULL, 0});
	return cell ? qun_cell_add(cell, UNMATCHED, orders->unmatched_refunds) : QUN_ENOMEM;
}

int qun_deal_notes(const struct qun_ctx *ctx, const struct qun_cube *report, struct qun_buf *lines)
{
	__int128 n = qun_cell_sum(qun_cube_find(report, (struct qun_span){NULL, 0}), UNMATCHED);

	(void)ctx;
	return n ? qun_buf_printf(lines,
			   "refund rows that match no order and reduce nothing: %lld\n",
			   (long long)n)
		 : 0;
}
