/* What the other programs can say about an input, and what its reader should know of it. */
#include "chat-cat/check.h"

enum answer { NO, PARTLY, YES };
static const char *const answers[] = {N_("no"), N_("partly"), N_("yes")};

struct verdict {
	enum answer answer;
	const char *why;
};

static enum qun_basis weakest(const struct check *c)
{
	return qun_basis_total(&c->facts.ctx);
}

static struct verdict judge_cohorts(const struct check *c)
{
	if (qun_facts_of_type(&c->facts, QUN_JOIN))
		return (struct verdict){YES, N_("from the first event on, and from the join on (--birth join)")};
	return (struct verdict){PARTLY, N_("from each one's first event on; joins are not recorded, so who never spoke "
		"is missing")};
}

static struct verdict judge_activity(const struct check *c)
{
	switch (weakest(c)) {
	case QUN_EVENTS:
	case QUN_ROSTER: return (struct verdict){YES, N_("joins and leaves are recorded")};
	case QUN_JOINS:
		return (struct verdict){PARTLY, N_("own leaves are not recorded (personal WeChat never does): there are fewer "
			"members than it seems; the member list helps (--roster)")};
	default:
		return (struct verdict){PARTLY, N_("members are those who were seen; who never spoke is missing unless the "
			"member list tells (--roster)")};
	}
}

static struct verdict judge_churn(const struct check *c)
{
	switch (weakest(c)) {
	case QUN_EVENTS:
	case QUN_ROSTER: return (struct verdict){YES, N_("who fell silent, and who left")};
	case QUN_JOINS:
		return (struct verdict){PARTLY, N_("who fell silent; who left by himself looks silent, for own leaves are not "
			"recorded (--roster helps)")};
	default:
		return (struct verdict){PARTLY, N_("who fell silent; nobody is known to have joined or left (--roster helps)")};
	}
}

static struct verdict judge_orders(const struct check *c)
{
	uint64_t orders = qun_facts_of_type(&c->facts, QUN_ORDER);

	if (!orders)
		return (struct verdict){NO, N_("there are no orders; give the shop's export as a further file")};
	if (c->facts.amounts < orders)
		return (struct verdict){PARTLY, N_("who buys again; some orders have no amount, so sums of money are empty")};
	return (struct verdict){YES, N_("there are orders with amounts")};
}

static struct verdict judge_funnel(const struct check *c)
{
	return c->facts.types.n > 1 ? (struct verdict){YES, N_("each type of event above can be a step")} :
		(struct verdict){NO, N_("there is one type of event only; a funnel needs two")};
}

static const struct {
	const char *program;
	struct verdict (*judge)(const struct check *c);
} judges[] = {
	{"cohort-retention", judge_cohorts}, {"activity-rate", judge_activity}, {"repurchase", judge_orders},
	{"churn-list", judge_churn}, {"funnel", judge_funnel},
};

bool check_judge(const struct check *c, size_t i, struct check_verdict *out)
{
	struct verdict v = {NO, N_("nobody is in it")};

	if (i == sizeof(judges) / sizeof(*judges))
		return false;
	if (c->facts.people.n)
		v = judges[i].judge(c);
	*out = (struct check_verdict){judges[i].program, answers[v.answer], v.why};
	return true;
}

static unsigned percent(uint64_t part, uint64_t whole)
{
	return whole ? (unsigned)((part * 200 + whole) / (2 * whole)) : 0;
}

/* Text is in the reader's language, JSON in one only. */
__attribute__((format_arg(2))) static const char *translated(bool people, const char *english)
{
	return people ? gettext(english) : english;
}

void check_each_remark(const struct tool *t, const struct check *c, bool people,
	void (*put)(struct qun_buf *out, const char *text), struct qun_buf *out)
{
	const struct qun_facts *f = &c->facts;
	struct qun_buf line = {0};
	uint64_t longest, holes = qun_facts_holes(&f->heads.days, &longest), unknown = t->counts.system_unknown;
	unsigned whole = percent(f->whole_minutes, f->events);

#define REMARK(msg, ...)                                                                            \
	do {                                                                                        \
		qun_buf_clear(&line);                                                               \
		if (qun_buf_printf(&line, translated(people, msg), __VA_ARGS__) == 0 &&             \
			qun_buf_add_char(&line, '\0') == 0)                                         \
			put(out, line.ptr);                                                         \
	} while (0)
	if (holes)
		REMARK(N_("%llu days have no event at all, up to %llu in a row: quiet days, or holes of the export"), (ull)holes,
			(ull)longest);
	if (f->by_name)
		REMARK(N_("%llu people are known by a name of their group only: who changes it is two people, two of one name "
			"are one"), (ull)f->by_name);
	if (t->counts.by_name)
		REMARK(N_("%llu joins and leaves tell a name where messages tell an id: --alias can make them one"),
			(ull)t->counts.by_name);
	if (unknown)
		REMARK(N_("%llu system lines were not understood and are kept as type system"), (ull)unknown);
	if (whole >= 95)
		REMARK(N_("%u %% of the times are whole minutes: seconds are not recorded"), whole);
	else if (f->events)
		REMARK(N_("%u %% of the times are whole minutes"), whole);
	if (f->anonymous)
		REMARK(N_("%llu events have no user and belong to nobody"), (ull)f->anonymous);
	if (t->counts.repeated)
		REMARK(N_("%llu events were in an earlier file already and were left out"), (ull)t->counts.repeated);
	if (f->staff.n)
		REMARK(N_("%zu people are staff by their role"), f->staff.n);
#undef REMARK
	qun_buf_release(&line);
}
