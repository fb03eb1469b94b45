/* Ties, the basis of a group, rosters, and amounts that do not fit: one fact at a time. */
#include "model.h"

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
		{.ts = 1, .group = "A", .user = "u", .type = "order", .order_id = "1", .has = true, .amount = INT64_MAX},
		{.ts = 2, .group = "A", .user = "u", .type = "order", .order_id = "1", .has = true, .amount = INT64_MAX},
		{.ts = 3, .group = "A", .user = "u", .type = "order", .order_id = "1", .has = true, .amount = INT64_MIN},
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
	test_ties();
	test_basis();
	test_rosters();
	test_overflow();
	printf("1..%d\n", tests);
	return failures > 0;
}
