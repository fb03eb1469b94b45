/* Random rows, and what they amount to by slow walks written from the definitions. */
#ifndef TESTS_MODEL_TRUTH_H
#define TESTS_MODEL_TRUTH_H

#include "model.h"

enum { MAX_ROWS = 20 };

static inline const char *one_of(const char *const *v, unsigned n)
{
	return v[pick(n)];
}

static inline struct row random_row(void)
{
	static const char *const types[] = {"join", "join", "leave", "leave", "message", "share",
		"click", "order", "order", "refund", "system", "coupon"};
	static const char *const groups[] = {"A", "A", "A", "A", "B", "-"};
	static const char *const users[] = {"u", "u", "u", "u", "v", ""};
	static const char *const refs[] = {"", "", "u", "v", "w"};
	static const char *const sources[] = {"", "", "qr", "invite", "removed"};
	static const char *const few[] = {"", "", "1", "2", "10"};
	struct row r = {.ts = pick(7)};

	r.type = one_of(types, 12);
	r.group = one_of(groups, 6);
	r.user = one_of(users, 6);
	r.ref = one_of(refs, 5);
	r.source = one_of(sources, 5);
	r.order_id = one_of(few, 5);
	r.id = pick(2) ? "" : one_of(few, 5);
	r.text = pick(3) ? "" : one_of(few, 5);
	r.product = pick(2) ? "" : one_of(few, 5);
	r.qty = pick(3) ? "" : one_of(few, 5);
	r.extra = pick(3) ? "" : one_of(few, 5);
	r.has = pick(3);
	r.amount = r.has ? (int64_t)pick(12) * 5000 - 10000 : 0;
	return r;
}

/* A row that differs from another in one place at most: only the last of the tie rules tell. */
static inline struct row twin_of(const struct row *other)
{
	struct row r = *other, s = random_row();

	switch (pick(9)) {
	case 0: r.group = s.group; break;
	case 1: r.qty = s.qty; break;
	case 2: r.extra = s.extra; break;
	case 3: r.source = s.source; break;
	case 4: r.ref = s.ref; break;
	case 5: r.text = s.text; break;
	case 6: r.id = s.id; break;
	case 7: r.product = s.product; break;
	default: break;
	}
	return r;
}

static inline const char *amount_text(bool has, int64_t amount, char out[40])
{
	out[0] = 0;
	if (has)
		snprintf(out, 40, "%s%lld.%04lld", amount < 0 ? "-" : "",
			(long long)llabs(amount) / 10000, (long long)llabs(amount) % 10000);
	return out;
}

/* The tie rule but for its first part, which the caller knows. */
static inline int tie_cmp(const struct row *a, const struct row *b)
{
	char x[40], y[40];
	int c = strcmp(a->type, b->type);

	c = c ? c : strcmp(a->order_id, b->order_id);
	c = c ? c : strcmp(a->product, b->product);
	c = c ? c : strcmp(amount_text(a->has, a->amount, x), amount_text(b->has, b->amount, y));
	c = c ? c : strcmp(a->id, b->id);
	c = c ? c : strcmp(a->text, b->text);
	c = c ? c : strcmp(a->ref, b->ref);
	return c ? c : strcmp(a->source, b->source);
}

/* Rule R, event by event. */

struct truth {
	struct {
		int64_t from, to;
		enum qun_opening opening;
		enum qun_closing closing;
		const char *source, *ref;
	} v[MAX_ROWS + 2];
	size_t n;
	unsigned ignored;
	enum qun_basis basis;
};

static inline bool is_removal(const struct row *r)
{
	return !strcmp(r->source, "removed") || (*r->ref && strcmp(r->ref, r->user));
}

/* Fine print 13 and the start of the log of group A. */
static inline enum qun_basis true_basis(const struct row *v, size_t n, int64_t *start)
{
	enum qun_basis basis = QUN_SEEN;

	*start = INT64_MAX;
	for (size_t i = 0; i < n; i++) {
		enum qun_basis b = QUN_SEEN;

		if (strcmp(v[i].group, "A"))
			continue;
		if (v[i].ts < *start)
			*start = v[i].ts;
		if (*v[i].user && !strcmp(v[i].type, "leave"))
			b = is_removal(&v[i]) ? QUN_JOINS : QUN_EVENTS;
		if (*v[i].user && !strcmp(v[i].type, "join"))
			b = QUN_JOINS;
		if (b > basis)
			basis = b;
	}
	return basis;
}

static inline int rank_in_instant(const struct row *r, bool member)
{
	if (!strcmp(r->type, "join"))
		return member ? 3 : 0;
	return !strcmp(r->type, "leave") ? 2 : 1;
}

static inline void true_step(struct truth *t, const struct row *r, bool *seen, int64_t start)
{
	bool member = t->n && t->v[t->n - 1].to == QUN_NEVER;
	bool join = !strcmp(r->type, "join"), leave = !strcmp(r->type, "leave");

	if (!member && (!leave || !*seen)) {
		bool back = !join && !*seen && t->basis != QUN_SEEN;

		t->v[t->n].from = back ? start : r->ts;
		t->v[t->n].to = QUN_NEVER;
		t->v[t->n].opening = join   ? QUN_OPEN_JOIN
				     : back ? QUN_OPEN_START
					    : QUN_OPEN_ACTIVITY;
		t->v[t->n].closing = QUN_STILL_OPEN;
		t->v[t->n].source = join ? r->source : "";
		t->v[t->n++].ref = join ? r->ref : "";
		member = true;
	}
	if (leave && member) {
		t->v[t->n - 1].to = r->ts;
		t->v[t->n - 1].closing = is_removal(r) ? QUN_CLOSE_REMOVAL : QUN_CLOSE_LEAVE;
	} else if (leave) {
		t->ignored++;
	}
	*seen = true;
}

/* Rule R of user u in group A without a roster. */
static inline struct truth true_intervals(const struct row *v, size_t n)
{
	struct truth t = {0};
	struct row mine[MAX_ROWS];
	size_t m = 0;
	int64_t start;
	bool seen = false;

	t.basis = true_basis(v, n, &start);
	for (size_t i = 0; i < n; i++) {
		static const char *const looked_at[] = {"join", "leave", "message", "share"};

		for (int k = 0; k < 4; k++) {
			if (!strcmp(v[i].group, "A") && !strcmp(v[i].user, "u") &&
				!strcmp(v[i].type, looked_at[k]))
				mine[m++] = v[i];
		}
	}
	for (int64_t ts = 0; ts < 7; ts++) {
		bool member = t.n && t.v[t.n - 1].to == QUN_NEVER;
		struct row now[MAX_ROWS];
		size_t k = 0;

		for (size_t i = 0; i < m; i++) {
			size_t at = k++;

			if (mine[i].ts != ts) {
				k--;
				continue;
			}
			for (; at > 0; at--) {
				int c = rank_in_instant(&mine[i], member) -
					rank_in_instant(&now[at - 1], member);

				if (c > 0 || (c == 0 && tie_cmp(&mine[i], &now[at - 1]) >= 0))
					break;
				now[at] = now[at - 1];
			}
			now[at] = mine[i];
		}
		for (size_t i = 0; i < k; i++)
			true_step(&t, &now[i], &seen, start);
	}
	return t;
}

/* Orders, the slow way. */

struct true_order {
	struct row first;
	bool known, refunded;
	__int128 gross, refund, net;
	unsigned nlines;
};

static inline bool is_refund_row(const struct row *r)
{
	return !strcmp(r->type, "refund") || (!strcmp(r->type, "order") && r->has && r->amount < 0);
}

/* Earlier line of an order: time, ties, then what is left. */
static inline int line_cmp(const struct row *a, const struct row *b)
{
	int c = (a->ts > b->ts) - (a->ts < b->ts);

	c = c ? c : tie_cmp(a, b);
	c = c ? c : strcmp(a->group, b->group);
	c = c ? c : strcmp(a->qty, b->qty);
	return c ? c : strcmp(a->extra, b->extra);
}

static inline bool true_void(const struct qun_run *run, struct true_order *o)
{
	if (run->refund == QUN_REFUND_IGNORE)
		o->refund = 0;
	o->net = o->gross - o->refund;
	if (run->refund == QUN_REFUND_DROP && o->refunded)
		return true;
	return o->known && o->net <= 0 && !run->zero_ok;
}

static inline int order_cmp(const struct true_order *a, const struct true_order *b)
{
	struct row x = a->first, y = b->first;

	x.has = a->known;
	x.amount = a->known ? (int64_t)a->net : 0;
	y.has = b->known;
	y.amount = b->known ? (int64_t)b->net : 0;
	return line_cmp(&x, &y);
}

static inline size_t true_orders(const struct qun_run *run, const struct row *v, size_t n,
	struct true_order *out, unsigned *unmatched, unsigned *voided)
{
	size_t m = 0;

	*unmatched = *voided = 0;
	for (size_t i = 0; i < n; i++) {
		struct true_order o = {.first = v[i]};
		bool done = false, matched = false;
		size_t at;

		if (strcmp(v[i].user, "u") ||
			(strcmp(v[i].type, "order") && strcmp(v[i].type, "refund")))
			continue;
		for (size_t k = 0; k < n; k++) {
			bool same =
				k == i || (*v[i].order_id && !strcmp(v[k].order_id, v[i].order_id));
			bool orders = !strcmp(v[k].type, "order") || !strcmp(v[k].type, "refund");

			if (!same || !orders || strcmp(v[k].user, "u"))
				continue;
			if (is_refund_row(&v[k])) {
				o.refunded = true;
				o.refund += llabs(v[k].amount);
				continue;
			}
			matched = true;
			done |= k < i && !is_refund_row(&v[i]);
			o.nlines++;
			o.known |= v[k].has;
			o.gross += v[k].amount;
			if (line_cmp(&v[k], &o.first) < 0)
				o.first = v[k];
		}
		if (is_refund_row(&v[i])) {
			*unmatched += !matched;
			continue;
		}
		if (done)
			continue;
		if (true_void(run, &o)) {
			++*voided;
			continue;
		}
		for (at = m++; at > 0 && order_cmp(&o, &out[at - 1]) < 0; at--)
			out[at] = out[at - 1];
		out[at] = o;
	}
	return m;
}

#endif
