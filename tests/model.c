/*
 * The model: predicates, heads, rule R, orders, ties. Membership and orders are compared on random
 * logs with slow walks written here from the definitions, and must not depend on the order of
 * events, on how they are split, or on the numbers of the dictionaries.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "qun/ledger.h"
#include "qun/member.h"
#include "qun/num.h"
#include "qun/tie.h"

static int tests, failures;

static void ok(bool good, const char *text)
{
	printf("%s %d - %s\n", good ? "ok" : "not ok", ++tests, text);
	failures += !good;
}

static uint64_t seed = 88172645463325252u;

static unsigned pick(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)((seed >> 16) % n);
}

/* A record in plain C strings; NULL is empty. */
struct row {
	int64_t ts;
	const char *type, *group, *user, *order_id, *product, *id, *text, *ref, *source, *qty,
		*extra;
	bool has;
	int64_t amount;
};

static const char *str(const char *s)
{
	return s ? s : "";
}

static struct qun_event event_of(const struct row *r, struct qun_span *extra)
{
	struct qun_event ev = {.ts = r->ts, .has_amount = r->has, .amount = r->amount};

	ev.type = qun_type_of(qun_span_of(str(r->type)));
	ev.field[QUN_F_TYPE] = qun_span_of(str(r->type));
	ev.field[QUN_F_GROUP] = qun_span_of(str(r->group));
	ev.field[QUN_F_USER] = qun_span_of(str(r->user));
	ev.field[QUN_F_ORDER_ID] = qun_span_of(str(r->order_id));
	ev.field[QUN_F_PRODUCT] = qun_span_of(str(r->product));
	ev.field[QUN_F_ID] = qun_span_of(str(r->id));
	ev.field[QUN_F_TEXT] = qun_span_of(str(r->text));
	ev.field[QUN_F_REF] = qun_span_of(str(r->ref));
	ev.field[QUN_F_SOURCE] = qun_span_of(str(r->source));
	ev.field[QUN_F_QTY] = qun_span_of(str(r->qty));
	*extra = qun_span_of(str(r->extra));
	ev.extra = extra;
	return ev;
}

/* A context of its own; junk words and groups make its numbers differ from another's. */
struct world {
	struct qun_dict groups, words;
	struct qun_heads heads;
	struct qun_pile pile;
	struct qun_ctx ctx;
	struct qun_member member;
	struct qun_ledger ledger;
	struct qun_first first;
};

static void world_open(struct world *w, const struct qun_run *run, bool junk)
{
	uint32_t id;

	*w = (struct world){.ctx = {.run = run}};
	w->ctx.groups = &w->groups;
	w->ctx.words = &w->words;
	w->ctx.heads = &w->heads;
	w->ctx.pile = &w->pile;
	for (const char *const *s = (const char *const[]){"zz", "B", "qr", "v", "p2", NULL};
		junk && *s; s++) {
		qun_dict_add(&w->groups, qun_span_of(*s), &id);
		qun_dict_add(&w->words, qun_span_of(*s), &id);
	}
}

static void world_close(struct world *w)
{
	qun_dict_release(&w->groups);
	qun_dict_release(&w->words);
	qun_heads_release(&w->heads);
	qun_member_release(&w->member);
	qun_pile_release(&w->pile);
	qun_first_release(&w->first);
}

/* All heads; the keepers of user "u", the member's only in group "A". */
static bool world_add(struct world *w, const struct row *r)
{
	struct qun_span extra;
	struct qun_event ev = event_of(r, &extra);
	int rc = qun_dict_add(&w->groups, ev.field[QUN_F_GROUP], &ev.group);

	rc |= qun_heads_add(&w->ctx, &ev);
	if (strcmp(str(r->user), "u") != 0)
		return rc == 0;
	if (strcmp(r->group, "A") == 0)
		rc |= qun_member_add(&w->ctx, &w->member, &ev);
	rc |= qun_ledger_add(&w->ctx, &w->ledger, &ev);
	return rc == 0 && qun_first_add(&w->ctx, &w->first, &ev, true) == 0;
}

static bool world_merge(struct world *d, const struct world *s)
{
	return qun_heads_merge(&d->ctx, &s->ctx) == 0 &&
	       qun_member_merge(&d->ctx, &d->member, &s->ctx, &s->member) == 0 &&
	       qun_ledger_merge(&d->ctx, &d->ledger, &s->ctx, &s->ledger) == 0 &&
	       qun_first_merge(&d->ctx, &d->first, &s->ctx, &s->first) == 0;
}

static bool world_save(struct world *w, struct qun_buf *out)
{
	return qun_heads_save(&w->ctx, out) == 0 &&
	       qun_member_save(&w->ctx, &w->member, out) == 0 &&
	       qun_ledger_save(&w->ctx, &w->ledger, out) == 0 &&
	       qun_first_save(&w->ctx, &w->first, out) == 0;
}

static bool world_load(struct world *w, struct qun_span bytes)
{
	struct qun_reader in = qun_reader_of(bytes);

	return qun_heads_load(&w->ctx, &in) == 0 &&
	       qun_member_load(&w->ctx, &w->member, &in) == 0 &&
	       qun_ledger_load(&w->ctx, &w->ledger, &in) == 0 &&
	       qun_first_load(&w->ctx, &w->first, &in) == 0 && qun_reader_done(&in);
}

static void shuffle(struct row *v, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = pick((unsigned)i);
		struct row t = v[i - 1];

		v[i - 1] = v[j];
		v[j] = t;
	}
}

static void run_open(struct qun_run *run)
{
	*run = (struct qun_run){.as_of = QUN_NEVER, .since = INT64_MIN, .until = INT64_MAX};
	run->cal.week_start = 1;
	if (qun_zone_open((struct qun_zone **)&run->cal.zone, "UTC", NULL) < 0)
		exit(99);
	qun_extra_add(&run->extras, qun_span_of("shop"));
	run->by.n = 2;
	run->by.field[0] = QUN_F_EXTRA;
	run->by.field[1] = QUN_F_GROUP;
}

static void run_close(struct qun_run *run)
{
	qun_zone_close((struct qun_zone *)run->cal.zone);
	qun_extras_release(&run->extras);
}

/* --- predicates ---------------------------------------------------------------------------- */

static bool matches(const char *text, const struct row *r, bool *limit)
{
	struct qun_extras x = {0};
	struct qun_pred *p = NULL;
	struct qun_err err = {0};
	struct qun_span extra;
	struct qun_event ev = event_of(r, &extra);
	bool yes;

	qun_extra_add(&x, qun_span_of("shop"));
	if (qun_pred_parse(&p, text, &x, &err) < 0) {
		printf("# %s\n", err.msg);
		qun_extras_release(&x);
		return false;
	}
	yes = qun_pred_match(p, &ev, limit);
	qun_pred_free(p);
	qun_extras_release(&x);
	return yes;
}

static void test_matches(void)
{
	static const struct row order = {.ts = 1712634840000000,
		.type = "order",
		.group = "群",
		.user = "u",
		.order_id = "007",
		.qty = "10",
		.source = "qr&x",
		.extra = "2.50",
		.text = "say \"hi\" \\",
		.has = true,
		.amount = 1000000};
	static const struct row message = {
		.ts = 5, .type = "message", .group = "A", .text = "领优惠了"};
	static const struct row word = {.ts = 5, .type = "coupon", .group = "A"};
	static const struct {
		const char *text;
		bool order, message, word;
	} cases[] = {
		{"*", true, true, true},
		{"order", true, false, false},
		{"ORDER", true, false, false},
		{" message | order ", true, true, false},
		{"action", false, true, false},
		{"coupon|message", false, true, true},
		{"Coupon", false, false, false},
		{"type=order", true, false, false},
		{"type!=order", false, true, true},
		{"type=action", false, true, false},
		{"type=coupon", false, false, true},
		{"type~^[mo]", true, true, false},
		{"message & text~优惠|券", false, true, false},
		{"text!~优惠", true, false, true},
		{"text=", false, false, true},
		{"text!=", true, true, false},
		{"order & amount>=100", true, false, false},
		{"amount=100.0000", true, false, false},
		{"amount=¥100", true, false, false},
		{"amount!=100", false, false, false},
		{"amount<100.0001", true, false, false},
		{"amount>100", false, false, false},
		{"amount!=7", true, false, false},
		{"qty>9", true, false, false},
		{"qty>=10.0", true, false, false},
		{"qty<9", false, false, false},
		{"qty=10.0", false, false, false},
		{"qty=10", true, false, false},
		{"shop<=2.5", true, false, false},
		{"shop=2.5", false, false, false},
		{"shop>x", false, false, false},
		{"order_id=007", true, false, false},
		{"order_id=7", false, false, false},
		{"source=\"qr&x\"", true, false, false},
		{"source=\"qr&x\" & order", true, false, false},
		{"source=qr & order", false, false, false},
		{"text=\"say \\\"hi\\\" \\\\\"", true, false, false},
		{"text~\"\\w+ \\\"hi\"", true, false, false},
		{"text~=|say", true, false, false},
		{"group=群", true, false, false},
		{"ts>=1712634840", true, false, false},
		{"ts=2024-04-09T11:54:00+08:00", true, false, false},
		{"ts<2024-04-09T03:54:00Z", false, true, true},
		{"ts!=0.000005", true, false, false},
		{"* & * & order", true, false, false},
	};
	bool good = true;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if (matches(cases[i].text, &order, NULL) == cases[i].order &&
			matches(cases[i].text, &message, NULL) == cases[i].message &&
			matches(cases[i].text, &word, NULL) == cases[i].word)
			continue;
		printf("# predicate %s\n", cases[i].text);
		good = false;
	}
	ok(good, "predicates match what they say");
}

static void test_refusals(void)
{
	static const struct {
		const char *text, *says;
		unsigned column;
	} cases[] = {
		{"", "is missing", 1},
		{"message & ", "is missing", 11},
		{"message||order", "is missing", 9},
		{"& order", "is missing", 1},
		{"source==qr", "did you mean '='", 7},
		{"amount=>5", "did you mean '>='", 7},
		{"text=~x", "did you mean '~'", 5},
		{"a<>b", "did you mean '!='", 2},
		{"!message", "a field is missing", 1},
		{">5", "a field is missing", 1},
		{"order|amount>5", "is no field", 1},
		{"amount>=abc", "cannot read the amount 'abc'", 9},
		{"amount>=", "cannot read the amount", 9},
		{"amount~5", "not a regular expression", 8},
		{"ts>2024-04-09", "zone", 4},
		{"ts>2024-04-09T11:54:00", "zone", 4},
		{"text~(", "regular expression '('", 6},
		{"text~\\C", "regular expression", 6},
		{"text~", "is missing", 6},
		{"type=", "a type is missing", 6},
		{"text=\"abc", "not closed", 6},
		{"text=\"a\"b", "closing quote", 9},
	};
	bool good = true;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct qun_extras x = {0};
		struct qun_pred *p = NULL;
		struct qun_err err = {0};
		int rc = qun_pred_parse(&p, cases[i].text, &x, &err);

		if (rc != QUN_EUSAGE || !strstr(err.msg, cases[i].says) ||
			err.column != cases[i].column) {
			printf("# '%s': %d at %u: %s\n", cases[i].text, rc, (unsigned)err.column,
				err.msg);
			good = false;
		}
		if (rc == 0)
			qun_pred_free(p);
		qun_extras_release(&x);
	}
	ok(good, "wrong predicates are refused with the place and the cure");
}

static void test_pred_facts(void)
{
	struct qun_extras x = {0};
	struct qun_pred *p, *q;
	bool good =
		qun_pred_parse(&p, "order|coupon & channel=a & qty>1 & type!=gift", &x, NULL) == 0;

	good &= qun_pred_parse(&q, "gift & shop>1 & channel=b", &x, NULL) == 0;
	if (!good)
		exit(99);
	good &= qun_pred_fields(p) ==
		(QUN_BIT(QUN_F_TYPE) | QUN_BIT(QUN_F_QTY) | QUN_BIT(QUN_F_EXTRA));
	good &= qun_pred_may_match(p, QUN_ORDER) && !qun_pred_may_match(p, QUN_JOIN);
	good &= qun_pred_may_match(p, QUN_WORD);
	good &= strcmp(qun_pred_word(p, 0), "coupon") == 0 &&
		strcmp(qun_pred_word(p, 1), "gift") == 0;
	good &= !qun_pred_word(p, 2) && strcmp(qun_pred_text(q), "gift & shop>1 & channel=b") == 0;
	good &= x.n == 2 && strcmp(x.name[1], "shop") == 0 && qun_pred_fields(q) >> 33 == 1;
	good &= strcmp(qun_extras_type(&x, 0), "coupon") == 0 &&
		strcmp(qun_extras_type(&x, 1), "gift") == 0 && !qun_extras_type(&x, 2);
	for (int i = 2; i < QUN_MAX_EXTRA; i++)
		qun_extra_add(&x, (struct qun_span){"abcdefghijklmnopqrstuvwxyzABCDEFGHIJ" + i, 1});
	good &= x.n == QUN_MAX_EXTRA && qun_extra_add(&x, qun_span_of("more")) == -1;
	good &= qun_extra_add(&x, qun_span_of("shop")) == 1;
	ok(good, "fields, types, words and extra columns of predicates");
	qun_pred_free(p);
	qun_pred_free(q);
	qun_extras_release(&x);
}

static void test_nasty_regex(void)
{
	static const char *const patterns[] = {"text~(a+)+$", "text~(.*)(.*)(.*)[xy]$",
		"text~(a|aa)+[xy]", "text!~(a?){30}a{30}[xy]"};
	static char texts[3][20001];
	const size_t lengths[] = {60, 2000, 20000};
	struct row r = {.type = "message", .group = "A"};
	double slowest = 0;
	bool gave_up = true;

	for (int i = 0; i < 3; i++) {
		memset(texts[i], 'a', lengths[i]);
		texts[i][lengths[i] - 1] = 'b';
	}
	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		for (int k = 0; k < 3; k++) {
			clock_t start = clock();
			bool limit = false;
			double took;

			r.text = texts[k];
			if (matches(patterns[i], &r, &limit) || (k == 2 && !limit)) {
				printf("# %s on %zu\n", patterns[i], lengths[k]);
				gave_up = false;
			}
			took = (double)(clock() - start) / CLOCKS_PER_SEC;
			slowest = took > slowest ? took : slowest;
		}
	}
	printf("# slowest search: %.2f s\n", slowest);
	ok(gave_up, "a regular expression that goes on for ever is given up and matches nothing");
	ok(slowest < 5, "and quickly");
}

static void test_words(void)
{
	static const char *const words[] = {"period", "order", "group", "留存率报告", "message"};
	const char *near;
	bool good = qun_type_of(qun_span_of("Kick")) == QUN_LEAVE &&
		    qun_type_of(qun_span_of("topic")) == QUN_SYSTEM &&
		    qun_type_of(qun_span_of("orders")) == QUN_WORD &&
		    qun_type_of(qun_span_of("")) == QUN_WORD && qun_type_name(QUN_WORD) == NULL &&
		    qun_field_of(qun_span_of("order_id")) == QUN_F_ORDER_ID &&
		    qun_field_of(qun_span_of("Text")) == -1;

	ok(good, "words of types and fields");
	near = qun_nearest(qun_span_of("perid"), words, 5);
	good = near && strcmp(near, "period") == 0;
	near = qun_nearest(qun_span_of("grop"), words, 5);
	good &= near && strcmp(near, "group") == 0;
	near = qun_nearest(qun_span_of("messgae"), words, 5);
	good &= near && strcmp(near, "message") == 0;
	near = qun_nearest(qun_span_of("留存律报告"), words, 5);
	good &= near && strcmp(near, words[3]) == 0;
	good &= !qun_nearest(qun_span_of("or"), words, 5) &&
		!qun_nearest(qun_span_of("mxssxxe"), words, 5);
	ok(good, "the nearest word is at most two edits away, and less than half the word");
}

static void test_globs(void)
{
	static const struct {
		const char *glob, *name;
		bool in;
	} cases[] = {
		{"*", "", true},
		{"VIP*", "VIP1群", true},
		{"VIP*", "vip", false},
		{"?群", "好群", true},
		{"?", "好", true},
		{"??", "好", false},
		{"*群*", "一群人", true},
		{"[a-c]x", "bx", true},
		{"[!a-c]x", "bx", false},
		{"[^a-c]x", "dx", true},
		{"[好坏]群", "坏群", true},
		{"[]]", "]", true},
		{"[a", "[a", true},
		{"\\*", "*", true},
		{"\\*", "x", false},
		{"a*b*c", "a1b2b3c", true},
		{"a*b*c", "a1b2b3", false},
		{"", "", true},
		{"", "a", false},
		{"[一-龥]*", "群1", true},
		{"a-", "a-", true},
		{"[a-]", "-", true},
	};
	bool good = true;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct qun_run run = {.group_glob = cases[i].glob};

		if (qun_group_wanted(&run, qun_span_of(cases[i].name)) != cases[i].in) {
			printf("# glob %s on %s\n", cases[i].glob, cases[i].name);
			good = false;
		}
	}
	ok(good, "group globs");
}

/* --- ties ---------------------------------------------------------------------------------- */

static void test_ties(void)
{
	/* Each sorts before the next one. */
	static const struct row rows[] = {
		{.ts = -1, .type = "leave"},
		{.ts = 1, .type = "join", .id = "9"},
		{.ts = 1, .type = "click"},
		{.ts = 1, .type = "message", .order_id = "1"},
		{.ts = 1, .type = "order", .order_id = "1", .product = "p"},
		{.ts = 1,
			.type = "order",
			.order_id = "1",
			.product = "p",
			.has = true,
			.amount = -1},
		{.ts = 1,
			.type = "order",
			.order_id = "1",
			.product = "p",
			.has = true,
			.amount = 100000},
		{.ts = 1,
			.type = "order",
			.order_id = "1",
			.product = "p",
			.has = true,
			.amount = 90000},
		{.ts = 1, .type = "order", .order_id = "1", .product = "p2"},
		{.ts = 1, .type = "order", .order_id = "10"},
		{.ts = 1, .type = "order", .order_id = "10", .id = "a", .text = "z"},
		{.ts = 1, .type = "order", .order_id = "10", .id = "b", .text = "a"},
		{.ts = 1, .type = "order", .order_id = "10", .id = "b", .text = "b", .source = "z"},
		{.ts = 1, .type = "order", .order_id = "10", .id = "b", .text = "b", .ref = "a"},
		{.ts = 1,
			.type = "order",
			.order_id = "10",
			.id = "b",
			.text = "b",
			.ref = "a",
			.source = "a"},
		{.ts = 1, .type = "zebra"},
		{.ts = 1, .type = "leave"},
		{.ts = 2, .type = "join"},
	};
	struct qun_buf last = {0}, key = {0};
	bool good = true;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct qun_span extra;
		struct qun_event ev = event_of(&rows[i], &extra);

		qun_buf_clear(&key);
		good &= qun_tie_key(NULL, &ev, &key) == 0;
		if (i && qun_span_cmp(qun_buf_span(&last), qun_buf_span(&key)) >= 0) {
			printf("# tie %zu\n", i);
			good = false;
		}
		qun_buf_clear(&last);
		good &= qun_buf_add_span(&last, qun_buf_span(&key)) == 0;
	}
	ok(good, "tie keys sort as the rule says");
	qun_buf_release(&last);
	qun_buf_release(&key);
}

/* --- random logs --------------------------------------------------------------------------- */

enum { MAX_ROWS = 20 };

static const char *one_of(const char *const *v, unsigned n)
{
	return v[pick(n)];
}

static struct row random_row(void)
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
static struct row twin_of(const struct row *other)
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

static const char *amount_text(bool has, int64_t amount, char out[40])
{
	out[0] = 0;
	if (has)
		snprintf(out, 40, "%s%lld.%04lld", amount < 0 ? "-" : "",
			(long long)llabs(amount) / 10000, (long long)llabs(amount) % 10000);
	return out;
}

/* The tie rule but for its first part, which the caller knows. */
static int tie_cmp(const struct row *a, const struct row *b)
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

/* --- rule R, event by event ---------------------------------------------------------------- */

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

static bool is_removal(const struct row *r)
{
	return !strcmp(r->source, "removed") || (*r->ref && strcmp(r->ref, r->user));
}

/* Fine print 13 and the start of the log of group A. */
static enum qun_basis true_basis(const struct row *v, size_t n, int64_t *start)
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

static int rank_in_instant(const struct row *r, bool member)
{
	if (!strcmp(r->type, "join"))
		return member ? 3 : 0;
	return !strcmp(r->type, "leave") ? 2 : 1;
}

static void true_step(struct truth *t, const struct row *r, bool *seen, int64_t start)
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
static struct truth true_intervals(const struct row *v, size_t n)
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

/* --- orders, the slow way ------------------------------------------------------------------ */

struct true_order {
	struct row first;
	bool known, refunded;
	__int128 gross, refund, net;
	unsigned nlines;
};

static bool is_refund_row(const struct row *r)
{
	return !strcmp(r->type, "refund") || (!strcmp(r->type, "order") && r->has && r->amount < 0);
}

/* Earlier line of an order: time, ties, then what is left. */
static int line_cmp(const struct row *a, const struct row *b)
{
	int c = (a->ts > b->ts) - (a->ts < b->ts);

	c = c ? c : tie_cmp(a, b);
	c = c ? c : strcmp(a->group, b->group);
	c = c ? c : strcmp(a->qty, b->qty);
	return c ? c : strcmp(a->extra, b->extra);
}

static bool true_void(const struct qun_run *run, struct true_order *o)
{
	if (run->refund == QUN_REFUND_IGNORE)
		o->refund = 0;
	o->net = o->gross - o->refund;
	if (run->refund == QUN_REFUND_DROP && o->refunded)
		return true;
	return o->known && o->net <= 0 && !run->zero_ok;
}

static int order_cmp(const struct true_order *a, const struct true_order *b)
{
	struct row x = a->first, y = b->first;

	x.has = a->known;
	x.amount = a->known ? (int64_t)a->net : 0;
	y.has = b->known;
	y.amount = b->known ? (int64_t)b->net : 0;
	return line_cmp(&x, &y);
}

static size_t true_orders(const struct qun_run *run, const struct row *v, size_t n,
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

/* --- heads and firsts, the slow way -------------------------------------------------------- */

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

/* --- the rounds ---------------------------------------------------------------------------- */

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

/* --- told cases ---------------------------------------------------------------------------- */

/* "j3 m5 l7": join, message, leave, removal (r), click (c) of u in A; upper case of v in A. */
static void fill(struct world *w, const char *log)
{
	static const struct {
		char c;
		const char *type, *source;
	} kinds[] = {{'j', "join", "qr"}, {'m', "message", ""}, {'l', "leave", ""},
		{'r', "leave", "removed"}, {'c', "click", ""}, {'s', "system", ""}};

	for (; *log; log++) {
		for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
			bool other = *log == kinds[i].c - 32;
			struct row r = {.group = "A",
				.type = kinds[i].type,
				.source = kinds[i].source,
				.user = other ? "v" : "u"};

			if (*log != kinds[i].c && !other)
				continue;
			r.ts = strtol(log + 1, NULL, 10);
			if (!world_add(w, &r))
				exit(99);
		}
	}
}

/* "S0-7l J9-": openings S J A R, closings l r R; "!n" for ignored leaves. */
static void print_intervals(struct world *w, const char *user, char *out, size_t size)
{
	struct qun_intervals iv = {0};
	size_t len = 0;
	uint32_t group;

	out[0] = 0;
	if (qun_dict_add(&w->groups, qun_span_of("A"), &group) < 0 ||
		qun_intervals_of(&w->ctx, group, qun_span_of(user), &w->member, &iv) < 0)
		exit(99);
	for (size_t i = 0; i < iv.n; i++) {
		len += (size_t)snprintf(out + len, size - len, "%s%c%d-", i ? " " : "",
			"SJAR"[iv.v[i].opening], (int)iv.v[i].from);
		if (iv.v[i].to != QUN_NEVER)
			len += (size_t)snprintf(out + len, size - len, "%d%c", (int)iv.v[i].to,
				"?lrR"[iv.v[i].closing]);
	}
	if (iv.ignored_leaves)
		snprintf(out + len, size - len, "!%d", (int)iv.ignored_leaves);
	qun_intervals_release(&iv);
}

struct told {
	const char *log, *want;
	int joined, left; /* -1 none, of the roster line of u; -2 no line for u */
};

static void tell(const struct told *cases, size_t n, bool with_roster, const char *text)
{
	bool good = true;

	for (size_t i = 0; i < n; i++) {
		const struct told *c = &cases[i];
		struct qun_roster *roster = NULL;
		struct qun_roster_line line = {.group = {"A", 1}, .user = {"u", 1}};
		struct qun_run run;
		struct world w;
		char got[200];

		run_open(&run);
		if (with_roster && qun_roster_open(&roster) < 0)
			exit(99);
		line.joined = c->joined < 0 ? QUN_NEVER : c->joined;
		line.left = c->left < 0 ? QUN_NEVER : c->left;
		if (c->joined == -2)
			line.user = qun_span_of("w");
		if (with_roster && qun_roster_add(roster, &line) < 0)
			exit(99);
		run.roster = roster;
		world_open(&w, &run, true);
		fill(&w, c->log);
		print_intervals(&w, "u", got, sizeof(got));
		if (strcmp(got, c->want)) {
			printf("# '%s' joined %d left %d: '%s', not '%s'\n", c->log, c->joined,
				c->left, got, c->want);
			good = false;
		}
		world_close(&w);
		qun_roster_close(roster);
		run_close(&run);
	}
	ok(good, text);
}

static void test_rule_r(void)
{
	static const struct told cases[] = {
		{"M2 m5 S9", "A5-", 0, 0},
		{"J2 m5 S9", "S2-", 0, 0},
		{"S1 J2 l5 S9", "S1-5l", 0, 0},
		{"S1 l5 l6 S9", "S1-5l!1", 0, 0},
		{"S1 j3 j4 l5 m7 r8 l9", "J3-5l A7-8r!1", 0, 0},
		{"S1 j3 l3", "J3-3l", 0, 0},
		{"S1 j1 l3 j3", "J1-3l J3-", 0, 0},
		{"S1 j3 m3 l3 m4", "J3-3l A4-", 0, 0},
		{"S1 L1 m3 l3 c4 s4", "S1-3l", 0, 0},
		{"S1 J1 c5", "", 0, 0},
		{"S1 j2 l3 m3 m4 l4 S6", "J2-3l A4-4l", 0, 0},
		{"S1 l3 j3 j3 l3 l3", "J3-3l!2", 0, 0},
		{"", "", 0, 0},
	};
	static const struct told rosters[] = {
		{"S1 S9", "R1-", -1, -1},
		{"S1 S9", "R4-", 4, -1},
		{"S3 S9", "R1-", 1, -1},
		{"S1 S9", "", 10, -1},
		{"S1 S9", "R9-", 9, -1},
		{"S1 S9", "S1-5R", -1, 5},
		{"S1 S9", "R3-5R", 3, 5},
		{"S1 S9", "R3-", 3, 10},
		{"S4 S9", "", 1, 3},
		{"S1 m5 S9", "S1-", -1, -1},
		{"S1 m5 S9", "R3-", 3, -1},
		{"S1 m5 S9", "R5-", 5, -1},
		{"S1 m5 S9", "S1-", 6, -1},
		{"S1 m5 S9", "S1-", 1, -1},
		{"S1 m5 S9", "S1-5R", 10, -1},
		{"S1 j2 l5 S9", "J2-5l R5-", -1, -1},
		{"S1 j2 l5 S9", "J2-5l R7-", 7, -1},
		{"S1 j2 l5 S9", "J2-5l R5-", 3, -1},
		{"S1 j2 m3 m7 S9", "J2-5R A7-", -1, 5},
		{"S1 m3 l4 j6 S9", "S1-4l J6-", 2, -1},
		{"S1 j2 m3 m7 S9", "J2-7R", -2, -1},
		{"S1 j2 l5 S9", "J2-5l", -2, -1},
		{"S1 S9", "", -2, -1},
	};

	tell(cases, sizeof(cases) / sizeof(*cases), false, "rule R, case by case");
	tell(rosters, sizeof(rosters) / sizeof(*rosters), true, "rosters, case by case");
}

/* "2+ 5-j3l4 @-": lists of A at 2 and 5 and as of A; u is on it or not, his line's joined and left. */
static struct qun_roster *lists_of(const char *text)
{
	struct qun_roster *r;
	bool good = qun_roster_open(&r) == 0;

	for (const char *c = text; good && *c; c += strspn(c, " ")) {
		struct qun_roster_line u = {.group = {"A", 1}, .user = {"u", 1},
			.joined = QUN_NEVER, .left = QUN_NEVER};
		struct qun_roster_line w = u;
		struct qun_roster_date date;
		char *end = (char *)c + 1;
		bool dated = *c != '@', on;

		w.user.ptr = "w";
		date.from = date.at = dated ? strtol(c, &end, 10) : 0;
		on = *end == '+';
		for (c = end + 1; *c && *c != ' '; c = end)
			*(*c == 'j' ? &u.joined : &u.left) = strtol(c + 1, &end, 10);
		good = qun_roster_begin(r, dated ? &date : NULL) == 0 && qun_roster_add(r, &w) == 0 &&
		       (!on || qun_roster_add(r, &u) == 0);
	}
	if (!good)
		exit(99);
	return r;
}

/* The moments between which he came and went: "2-4" for each interval, * where there is no bound. */
static void print_ranges(struct world *w, const char *user, char *out, size_t size)
{
	struct qun_intervals iv = {0};
	size_t len = 0;
	uint32_t group;

	out[0] = 0;
	if (qun_dict_add(&w->groups, qun_span_of("A"), &group) < 0 ||
		qun_intervals_of(&w->ctx, group, qun_span_of(user), &w->member, &iv) < 0)
		exit(99);
	for (size_t i = 0; i < iv.n; i++) {
		char from[24] = "*", to[24] = "*";

		if (iv.v[i].earliest != INT64_MIN)
			snprintf(from, sizeof(from), "%d", (int)iv.v[i].earliest);
		if (iv.v[i].latest != QUN_NEVER)
			snprintf(to, sizeof(to), "%d", (int)iv.v[i].latest);
		len += (size_t)snprintf(out + len, size - len, "%s%s-%s", i ? " " : "", from, to);
	}
	qun_intervals_release(&iv);
}

/* Intervals and their ranges of u by this log and these lists. */
static void infer(const char *log, const char *lists, char *out, size_t size)
{
	struct qun_roster *roster = lists_of(lists);
	struct qun_run run;
	struct world w;

	run_open(&run);
	run.roster = roster;
	world_open(&w, &run, true);
	fill(&w, log);
	print_intervals(&w, "u", out, size);
	strcat(out, " / ");
	print_ranges(&w, "u", out + strlen(out), size - strlen(out));
	world_close(&w);
	qun_roster_close(roster);
	run_close(&run);
}

static void test_lists(void)
{
	static const struct {
		const char *log, *lists, *want;
	} cases[] = {
		{"S1 S9", "3+", "S1- / *-*"},
		{"S1 S9", "3-", " / "},
		{"S1 S9", "3- 5+", "R5- / 3-*"},
		{"S1 S9", "3+ 5-", "S1-3R / *-5"},
		{"S1 S9", "3+ 5- 7+", "S1-3R R7- / *-5 5-*"},
		{"S1 m2 S9", "5-", "S1-2R / *-5"},
		{"S1 m4 S9", "3-", "A4- / 3-*"},
		{"S1 m4 S9", "3- 5+", "A4- / 3-*"},
		{"S1 m4 S9", "3+ 5-", "S1-4R / *-5"},
		{"S1 j4 S9", "3- 5+", "J4- / 4-*"},
		{"S1 l4 S9", "3+ 5-", "S1-4l / *-4"},
		{"S1 l4 S9", "3-", "R4-4l / 3-4"},
		{"S1 l4 S9", "3+ 5+", "S1-4l R5- / *-4 4-*"},
		{"S1 m2 l4 S9", "3-", "S1-2R!1 / *-3"},
		{"S1 j4 S9", "4-", "J4-4R / 4-4"},
		{"S1 l4 S9", "4+", "S1-4l R4- / *-4 4-*"},
		/* before the log, and after A */
		{"S4 S9", "2+", "S4- / *-*"},
		{"S4 S9", "2+ 3-", " / "},
		{"S4 m6 S9", "2-", "A6- / 2-*"},
		{"S4 S9", "2+ 6-", " / "},
		{"S1 S9", "10+", ""},
		{"S1 m3 S9", "10-", "A3- / *-*"},
		/* joined and left */
		{"S1 S9", "3+j2", "R2- / 2-*"},
		{"S1 S9", "3- 5+j4", "R4- / 4-*"},
		{"S1 S9", "3- 5+j2", "R5- / 3-*"},
		{"S1 S9", "3+j5 6+j5", "R5- / 5-*"},
		{"S1 m6 S9", "3- 7+j5", "R5- / 5-*"},
		{"S1 S9", "3+ 5+l4", "S1-4R / *-4"},
		{"S1 S9", "3+ 5+l4 7+l4", "S1-4R / *-4"},
		{"S1 S9", "3- 6+j4l5", "R4-5R / 4-5"},
		{"S1 S9", "3+l5", "S1- / *-*"},
		{"S1 m2 S9", "3- 6+j4l5", "S1-2R R4-5R / *-3 4-5"},
		/* with the list as of A */
		{"S1 S9", "3+ @-", "S1-3R / *-9"},
		{"S1 S9", "3- @+", "R9- / 3-*"},
		{"S1 S9", "3- @+j7", "R7- / 7-*"},
		{"S1 S9", "3- @+j2", "R9- / 3-*"},
		{"S1 m5 S9", "3- @-", "A5-5R / 3-9"},
	};
	bool good = true;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char got[200];

		infer(cases[i].log, cases[i].lists, got, sizeof(got));
		if (strcmp(got, *cases[i].want ? cases[i].want : " / ")) {
			printf("# '%s', lists '%s': '%s', not '%s'\n", cases[i].log, cases[i].lists, got,
				cases[i].want);
			good = false;
		}
	}
	ok(good, "dated lists, case by case");
}

/* Membership instant by instant: what may happen at each is an event, then a list. */
static void true_lists(const char event[10], const char list[10], char *out)
{
	char ranges[200] = "", *end = ranges;
	int last = 0, closed = -1, without = -1, ignored = 0;
	bool open = false, seen = false, first = true;

	*out = 0;
	for (int t = 0; t < 10; t++) {
		for (int half = 0; half < 2; half++) {
			char now = half ? list[t] : event[t];
			bool start = now == '+' ? closed < 0 && without < 0 : !seen && without < 0;
			int known = closed > without ? closed : without;

			if (now == ' ' || (now == '-' && !open)) {
				without = now == '-' ? t : without;
				continue;
			}
			if (now == 'l' && !open && seen) {
				ignored++;
				continue;
			}
			if (!open) {
				char how = now == 'j' ? 'J' : start ? 'S' : now == 'm' ? 'A' : 'R';

				out += sprintf(out, "%s%c%d-", first ? "" : " ", how, how == 'S' ? 0 : t);
				end += how == 'S' ? sprintf(end, "%s*-", first ? "" : " ")
						  : sprintf(end, "%s%d-", first ? "" : " ",
							    how == 'J' ? t : known);
				first = false;
			}
			open = now != 'l' && now != '-';
			if (!open) {
				closed = now == 'l' ? t : last;
				out += sprintf(out, "%d%c", closed, now == 'l' ? 'l' : 'R');
				end += sprintf(end, "%d", t);
			}
			without = now == '-' ? t : without;
			last = now == '-' ? last : t;
			seen = true;
		}
	}
	if (ignored)
		out += sprintf(out, "!%d", ignored);
	sprintf(out, " / %s%s", ranges, open ? "*" : "");
}

static void test_random_lists(void)
{
	bool good = true;

	for (int round = 0; good && round < 20000; round++) {
		char event[10], list[10], log[100] = "S0", lists[100] = "", want[400], got[400];
		bool any = false;

		for (int t = 0; t < 10; t++) {
			event[t] = "jml   "[pick(6)];
			list[t] = "+-    "[pick(6)];
			if (event[t] != ' ')
				sprintf(log + strlen(log), " %c%d", event[t], t);
			if (list[t] != ' ')
				sprintf(lists + strlen(lists), "%d%c ", t, list[t]);
			any |= list[t] != ' ';
		}
		strcat(log, " S9");
		if (!any)
			continue;
		true_lists(event, list, want);
		infer(log, lists, got, sizeof(got));
		good = strcmp(want, got) == 0;
		if (!good)
			printf("# '%s', lists '%s': '%s', not '%s'\n", log, lists, got, want);
	}
	ok(good, "dated lists as the walk instant by instant, on random logs");
}

static void test_scoped_names(void)
{
	static const struct row rows[] = {
		{.ts = 1, .group = "A", .user = "v", .type = "message"},
		{.ts = 2,
			.group = "A",
			.user = "小明\x1f"
				"A",
			.type = "leave",
			.ref = "小明"},
	};
	struct qun_roster *roster;
	struct qun_roster_line line = {{"A", 1}, {"小明", 6}, {"", 0}, {"", 0}, 2, QUN_NEVER};
	struct qun_run run;
	struct world w;
	char got[200];
	bool good = qun_roster_open(&roster) == 0 && qun_roster_add(roster, &line) == 0;

	run_open(&run);
	world_open(&w, &run, false);
	good &= world_add(&w, &rows[0]) && world_add(&w, &rows[1]);
	good &= w.heads.all.own_leave && !w.heads.all.removal;
	run.roster = roster;
	print_intervals(&w, rows[1].user, got, sizeof(got));
	good &= strcmp(got, "R2-") == 0;
	ok(good, "a name scoped to its group is itself in references and on the roster");
	world_close(&w);
	run_close(&run);
	qun_roster_close(roster);
}

static void test_basis(void)
{
	static const struct row rows[] = {
		{.ts = 1, .group = "-", .user = "u", .type = "message"},
		{.ts = 2, .group = "", .user = "", .type = "leave"},
		{.ts = 3, .group = "A", .user = "u", .type = "leave", .source = "removed"},
		{.ts = 4, .group = "B", .user = "u", .type = "leave"},
	};
	struct qun_roster *roster;
	struct qun_roster_line line = {{"C", 1}, {"u", 1}, {"", 0}, {"", 0}, QUN_NEVER, QUN_NEVER};
	struct qun_run run;
	struct world w;
	uint32_t id[4];
	bool good = qun_roster_open(&roster) == 0;

	run_open(&run);
	world_open(&w, &run, false);
	good &= qun_basis_total(&w.ctx) == QUN_SEEN && qun_as_of(&w.ctx) == INT64_MIN;
	good &= world_add(&w, &rows[0]);
	good &= !qun_group_is_nobody(&w.ctx, 0) && qun_basis_total(&w.ctx) == QUN_SEEN;
	run.roster = roster;
	good &= !qun_group_is_nobody(&w.ctx, 0) && qun_roster_add(roster, &line) == 0;
	/* A roster is no input: "-" stays a group of its own beside the groups that only the roster has. */
	good &= !qun_group_is_nobody(&w.ctx, 0);
	run.roster = NULL;
	good &= world_add(&w, &rows[2]) && world_add(&w, &rows[3]);
	good &= qun_group_is_nobody(&w.ctx, 0) && qun_basis_total(&w.ctx) == QUN_JOINS;
	for (int i = 0; i < 4; i++)
		id[i] = qun_dict_find(&w.groups, qun_span_of(rows[i].group));
	good &= qun_basis_of(&w.ctx, id[2]) == QUN_JOINS &&
		qun_basis_of(&w.ctx, id[3]) == QUN_EVENTS;
	/* A record of nobody is in the log but proves no leaving. */
	good &= world_add(&w, &rows[1]);
	id[1] = qun_dict_find(&w.groups, qun_span_of(""));
	good &= qun_basis_of(&w.ctx, id[1]) == QUN_SEEN && qun_basis_total(&w.ctx) == QUN_SEEN;
	good &= qun_head_of(&w.ctx, id[1]).first == 2 && w.heads.all.first == 1;
	good &= qun_head_of(&w.ctx, QUN_NONE).first == INT64_MAX;
	ok(good, "the basis of groups and of the total, and when - is nobody's");
	world_close(&w);
	run_close(&run);
	qun_roster_close(roster);
}

static void test_rosters(void)
{
	static const char *const users[] = {"b", "a", "c", "a"};
	struct qun_roster *r;
	struct qun_staff *s;
	bool good = qun_roster_open(&r) == 0 && qun_staff_open(&s) == 0;

	for (int i = 0; i < 4; i++) {
		struct qun_roster_line line = {qun_span_of(i == 2 ? "G" : "H"),
			qun_span_of(users[i]), qun_span_of(users[3 - i]), qun_span_of(""), i,
			QUN_NEVER};

		good &= qun_roster_add(r, &line) == 0;
	}
	good &= qun_roster_count(r) == 3 && qun_span_is(qun_roster_at(r, 0)->user, "c") &&
		qun_span_is(qun_roster_at(r, 1)->user, "a") &&
		qun_span_is(qun_roster_at(r, 2)->user, "b");
	good &= qun_roster_find(r, qun_span_of("H"), qun_span_of("a"))->joined == 3;
	good &= !qun_roster_find(r, qun_span_of("G"), qun_span_of("a")) &&
		qun_roster_has_group(r, qun_span_of("G"), 0);
	good &= !qun_roster_has_group(r, qun_span_of("a"), 0);
	good &= qun_staff_add(s, qun_span_of("x")) == 0 && qun_staff_has(s, qun_span_of("x"));
	good &= !qun_staff_has(s, qun_span_of("y")) && !qun_staff_has(NULL, qun_span_of("x"));
	ok(good, "rosters keep the later line in order of group and user; staff lists");
	qun_roster_close(r);
	qun_staff_close(s);
}

static void test_overflow(void)
{
	struct row rows[3] = {
		{.ts = 1,
			.group = "A",
			.user = "u",
			.type = "order",
			.order_id = "1",
			.has = true,
			.amount = INT64_MAX},
		{.ts = 2,
			.group = "A",
			.user = "u",
			.type = "order",
			.order_id = "1",
			.has = true,
			.amount = INT64_MAX},
		{.ts = 3,
			.group = "A",
			.user = "u",
			.type = "order",
			.order_id = "1",
			.has = true,
			.amount = INT64_MIN},
	};
	struct qun_orders orders = {0};
	struct qun_run run;
	struct world w;
	uint32_t last;
	bool good;

	run_open(&run);
	world_open(&w, &run, false);
	good = world_add(&w, &rows[0]) && qun_orders_of(&w.ctx, &w.ledger, &orders) == 0;
	good &= orders.n == 1 && orders.v[0].net == INT64_MAX;
	good &= world_add(&w, &rows[1]) &&
		qun_orders_of(&w.ctx, &w.ledger, &orders) == QUN_EOVERFLOW;
	last = w.ledger.last;
	good &= !world_add(&w, &rows[2]) && w.ledger.last == last;
	rows[2].amount = -INT64_MAX;
	good &= world_add(&w, &rows[2]) && qun_orders_of(&w.ctx, &w.ledger, &orders) == 0;
	good &= orders.n == 1 && orders.v[0].net == INT64_MAX && orders.v[0].nrefunds == 1;
	ok(good, "amounts that do not fit are an error, not a wrap");
	qun_orders_release(&orders);
	world_close(&w);
	run_close(&run);
}

int main(void)
{
	test_matches();
	test_refusals();
	test_pred_facts();
	test_nasty_regex();
	test_words();
	test_globs();
	test_ties();
	test_rule_r();
	test_scoped_names();
	test_basis();
	test_rosters();
	test_lists();
	test_random_lists();
	test_overflow();
	test_random();
	printf("1..%d\n", tests);
	return failures != 0;
}
