/*
 * Membership, orders, heads and firsts on random logs against slow walks: they must not depend on the
 * order of events, on how they are split, or on the numbers of the dictionaries.
 */
#include "model_truth.h"

static void shuffle(struct row *v, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = pick((unsigned)i);
		struct row t = v[i - 1];

		v[i - 1] = v[j];
		v[j] = t;
	}
}

static bool same_intervals(struct world *w, const struct truth *t)
{
	struct qun_intervals iv = {0};
	uint32_t group;
	bool good = qun_dict_add(&w->groups, qun_span_of("A"), &group) == 0 &&
		    qun_intervals_of(&w->ctx, group, qun_span_of("u"), &w->member, &iv) == 0;

	good &= iv.n == t->n && iv.ignored_leaves == t->ignored;
	good &= qun_basis_of(&w->ctx, group) == t->basis;
	for (size_t i = 0; good && i < iv.n; i++) {
		const struct qun_interval *a = &iv.v[i];
		const char *ref = t->v[i].ref;

		good &= a->from == t->v[i].from && a->to == t->v[i].to;
		good &= a->opening == t->v[i].opening && a->closing == t->v[i].closing;
		good &= qun_span_is(qun_dict_text(&w->words, a->source), t->v[i].source);
		good &= qun_span_is(qun_dict_text(&w->words, a->ref), ref);
		good &= a->by_other == (*ref && strcmp(ref, "u"));
	}
	for (int64_t x = -1; good && x < 8; x++) {
		const struct qun_interval *at = qun_interval_at(&iv, x);
		size_t first = 0;

		while (first < iv.n && !(iv.v[first].from <= x && iv.v[first].to >= x))
			first++;
		good &= at == (first < iv.n ? &iv.v[first] : NULL);
		for (int64_t y = x; y < 8; y++) {
			bool touches = false;

			for (size_t i = 0; i < iv.n; i++)
				touches |= iv.v[i].from <= y && iv.v[i].to >= x;
			good &= qun_interval_touches(&iv, x, y) == touches;
		}
	}
	qun_intervals_release(&iv);
	return good;
}

static bool same_order(struct world *w, const struct qun_order *o, const struct true_order *t)
{
	struct qun_span extra[QUN_MAX_EXTRA], true_extra;
	struct qun_event ev, want = event_of(&t->first, &true_extra);
	bool good = o->known == t->known && o->nlines == t->nlines;

	if (t->known)
		good &= o->gross == t->gross && o->refund == t->refund && o->net == t->net;
	qun_order_event(&w->ctx, want.field[QUN_F_USER], o, &ev, extra);
	good &= ev.ts == want.ts && ev.type == QUN_ORDER && ev.has_amount == t->known;
	good &= !t->known || ev.amount == t->net;
	for (int f = QUN_F_GROUP; f <= QUN_F_ID; f++)
		good &= qun_span_eq(ev.field[f], want.field[f]);
	return good && qun_span_eq(qun_event_text(&ev, QUN_F_EXTRA), true_extra);
}

static bool same_orders(struct world *w, const struct row *v, size_t n)
{
	struct true_order t[MAX_ROWS];
	struct qun_orders orders = {0};
	unsigned unmatched, voided;
	size_t m = true_orders(w->ctx.run, v, n, t, &unmatched, &voided);
	bool good = qun_orders_of(&w->ctx, &w->ledger, &orders) == 0 && orders.n == m &&
		    orders.unmatched_refunds == unmatched && orders.voided == voided;

	for (size_t i = 0; good && i < m; i++)
		good &= same_order(w, &orders.v[i], &t[i]);
	qun_orders_release(&orders);
	return good;
}

static bool same_heads(const struct world *w, const struct row *v, size_t n)
{
	int64_t first = INT64_MAX, last = INT64_MIN;
	bool money4 = false, good;

	for (size_t i = 0; i < n; i++) {
		first = v[i].ts < first ? v[i].ts : first;
		last = v[i].ts > last ? v[i].ts : last;
		money4 |= v[i].has && v[i].amount % 100;
	}
	good = qun_as_of(&w->ctx) == last && w->heads.started == (n > 0);
	good &= n == 0 || w->heads.all.first == first;
	return good && qun_money_digits(&w->ctx) == (money4 ? 4 : 2) &&
	       qun_bits_count(&w->heads.days) == (n > 0);
}

static bool same_first(struct world *w, const struct row *v, size_t n)
{
	const struct row *best = NULL;
	int best_class = 0;

	for (size_t i = 0; i < n; i++) {
		int class = !strcmp(v[i].type, "join") ? 0 : !strcmp(v[i].type, "leave") ? 2 : 1;
		int c;

		if (strcmp(v[i].user, "u"))
			continue;
		c = best ? (v[i].ts > best->ts) - (v[i].ts < best->ts) : -1;
		c = c ? c : class - best_class;
		c = c ? c : tie_cmp(&v[i], best);
		c = c ? c : strcmp(v[i].group, best->group);
		c = c ? c : strcmp(v[i].extra, best->extra);
		if (c < 0) {
			best = &v[i];
			best_class = class;
		}
	}
	if (!best)
		return !w->first.seen;
	return w->first.seen && w->first.ts == best->ts &&
	       qun_span_is(qun_dict_text(&w->groups, w->first.group), best->group) &&
	       qun_span_is(qun_dict_text(&w->words, w->first.by[0]), best->extra) &&
	       qun_span_is(qun_dict_text(&w->words, w->first.by[1]), best->group);
}

enum {
	WRONG_MEMBER = 1,
	WRONG_ORDER = 2,
	WRONG_HEAD = 4,
	WRONG_FIRST = 8,
	WRONG_BYTES = 16,
	WRONG_LOAD = 32
};

static unsigned look(struct world *w, const struct row *v, size_t n, const struct truth *t)
{
	return (same_intervals(w, t) ? 0 : WRONG_MEMBER) |
	       (same_orders(w, v, n) ? 0 : WRONG_ORDER) | (same_heads(w, v, n) ? 0 : WRONG_HEAD) |
	       (same_first(w, v, n) ? 0 : WRONG_FIRST);
}

/* Every shorter text of a state is refused, and so is one with a byte behind it. */
static bool refuses_damage(const struct qun_run *run, struct qun_span bytes)
{
	bool good = true;

	for (size_t len = 0; len <= bytes.len && good; len++) {
		char *copy =
			malloc(len + 1); /* exactly so long that a sanitizer sees a read beyond */
		struct world w;

		if (!copy)
			exit(99);
		memcpy(copy, bytes.ptr, len);
		world_open(&w, run, false);
		good = world_load(&w, (struct qun_span){copy, len}) == (len == bytes.len);
		world_close(&w);
		free(copy);
	}
	return good;
}

/* Any byte changed is refused, or saved again as it was read. */
static bool stays_canonical(const struct qun_run *run, struct qun_span bytes)
{
	char *copy = malloc(bytes.len);
	struct qun_buf again = {0};
	struct world w;
	bool good = true;

	if (!copy)
		exit(99);
	memcpy(copy, bytes.ptr, bytes.len);
	copy[pick((unsigned)bytes.len)] ^= (char)(1 << pick(8));
	world_open(&w, run, true);
	if (world_load(&w, (struct qun_span){copy, bytes.len}))
		good = world_save(&w, &again) &&
		       qun_span_eq(qun_buf_span(&again), (struct qun_span){copy, bytes.len});
	world_close(&w);
	qun_buf_release(&again);
	free(copy);
	return good;
}

static unsigned one_round(const struct qun_run *run, struct row *v, size_t n, bool thorough)
{
	struct truth t = true_intervals(v, n);
	struct world whole, left, right, loaded;
	struct qun_buf a = {0}, b = {0}, c = {0};
	unsigned wrong = 0;

	world_open(&whole, run, false);
	world_open(&left, run, false);
	world_open(&right, run, true);
	world_open(&loaded, run, true);
	for (size_t i = 0; i < n; i++) {
		wrong |= world_add(&whole, &v[i]) ? 0 : WRONG_BYTES;
		if (pick(10) == 0) /* looking sorts, and must not stay */
			wrong |= world_save(&whole, &a) ? 0 : WRONG_BYTES;
	}
	qun_buf_clear(&a);
	if (pick(2))
		wrong |= look(&whole, v, n, &t);
	wrong |= world_save(&whole, &a) ? 0 : WRONG_BYTES;
	wrong |= look(&whole, v, n, &t);
	shuffle(v, n);
	for (size_t i = 0; i < n; i++)
		wrong |= world_add(pick(2) ? &left : &right, &v[i]) ? 0 : WRONG_BYTES;
	if (pick(2)) /* a part that was sorted is no longer so after a merge */
		wrong |= world_save(&left, &b) && world_save(&right, &b) ? 0 : WRONG_BYTES;
	qun_buf_clear(&b);
	if (pick(2))
		wrong |= world_merge(&left, &right) && world_save(&left, &b) ? 0 : WRONG_BYTES;
	else
		wrong |= world_merge(&right, &left) && world_save(&right, &b) ? 0 : WRONG_BYTES;
	wrong |= qun_span_eq(qun_buf_span(&a), qun_buf_span(&b)) ? 0 : WRONG_BYTES;
	wrong |= world_load(&loaded, qun_buf_span(&a)) && world_save(&loaded, &c) &&
				 qun_span_eq(qun_buf_span(&a), qun_buf_span(&c))
			 ? 0
			 : WRONG_LOAD;
	wrong |= look(&loaded, v, n, &t);
	if (thorough)
		wrong |= refuses_damage(run, qun_buf_span(&a)) ? 0 : WRONG_LOAD;
	wrong |= stays_canonical(run, qun_buf_span(&a)) ? 0 : WRONG_LOAD;
	world_close(&whole);
	world_close(&left);
	world_close(&right);
	world_close(&loaded);
	qun_buf_release(&a);
	qun_buf_release(&b);
	qun_buf_release(&c);
	return wrong;
}

static void print_log(const struct row *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		printf("# %d %s %s %s order=%s product=%s id=%s text=%s ref=%s source=%s qty=%s "
		       "extra=%s "
		       "amount=%s%d\n",
			(int)v[i].ts, v[i].group, v[i].user, v[i].type, v[i].order_id, v[i].product,
			v[i].id, v[i].text, v[i].ref, v[i].source, v[i].qty, v[i].extra,
			v[i].has ? "" : "no ", (int)v[i].amount);
}

static void test_random(void)
{
	unsigned wrong = 0;

	for (int round = 0; round < 20000; round++) {
		struct row v[MAX_ROWS];
		struct qun_run run;
		size_t n = pick(MAX_ROWS);
		unsigned bad;

		run_open(&run);
		run.zero_ok = pick(3) == 0;
		run.refund = (enum qun_refund_rule)pick(3);
		for (size_t i = 0; i < n; i++)
			v[i] = i && pick(3) == 0 ? twin_of(&v[pick((unsigned)i)]) : random_row();
		bad = one_round(&run, v, n, round % 100 == 0);
		if (bad & ~wrong) {
			printf("# round %d: %x\n", round, bad);
			print_log(v, n);
		}
		wrong |= bad;
		run_close(&run);
	}
	ok(!(wrong & WRONG_MEMBER), "rule R as the walk event by event, on random logs");
	ok(!(wrong & WRONG_ORDER), "orders as the slow way, on random logs");
	ok(!(wrong & WRONG_HEAD), "heads on random logs");
	ok(!(wrong & WRONG_FIRST), "first events on random logs");
	ok(!(wrong & WRONG_BYTES), "shuffled, split and merged over dictionaries: the same bytes");
	ok(!(wrong & WRONG_LOAD), "saved states load as they were; damaged ones are refused");
}

int main(void)
{
	test_random();
	printf("1..%d\n", tests);
	return failures > 0;
}
