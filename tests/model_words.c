/* Words of the model: predicates, the types and fields they name, and group globs. */
#include "model.h"

#include <time.h>

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

int main(void)
{
	test_matches();
	test_refusals();
	test_pred_facts();
	test_nasty_regex();
	test_words();
	test_globs();
	printf("1..%d\n", tests);
	return failures > 0;
}
