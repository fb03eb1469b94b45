/*
 * Rule R, rosters and dated lists, told in short texts of a log and of what it means, and dated lists on
 * random logs as a walk instant by instant.
 */
#include "model.h"

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

static struct qun_intervals intervals_in_a(struct world *w, const char *user)
{
	struct qun_intervals iv = {0};
	uint32_t group;

	if (qun_dict_add(&w->groups, qun_span_of("A"), &group) < 0 ||
		qun_intervals_of(&w->ctx, group, qun_span_of(user), &w->member, &iv) < 0)
		exit(99);
	return iv;
}

/* "S0-7l J9-": openings S J A R, closings l r R; "!n" for ignored leaves. */
static void print_intervals(struct world *w, const char *user, char *out, size_t size)
{
	struct qun_intervals iv = intervals_in_a(w, user);
	size_t len = 0;

	out[0] = 0;
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
		{"S1 j2 l5 S9", "J2-5l R9-", -1, -1}, /* back some time between, counted from the list on */
		{"S1 j2 l5 S9", "J2-5l R7-", 7, -1},
		{"S1 j2 l5 S9", "J2-5l R9-", 3, -1},
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
	struct qun_intervals iv = intervals_in_a(w, user);
	size_t len = 0;

	out[0] = 0;
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

int main(void)
{
	test_rule_r();
	test_scoped_names();
	test_lists();
	test_random_lists();
	printf("1..%d\n", tests);
	return failures > 0;
}
