/*
 * churn-list: whom to win back, whom to clean out. A person is his orders and, for each group, what
 * rule R and activity say. The report holds one cell of facts for everyone who is or was a member
 * and one for each group; classes are given in the last step, when a group's own patience is known.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "metric/list.h"
#include "model/deal.h"
#include "qun/metric.h"
#include "qun/stat.h"

/* In the order in which the first that fits counts. */
enum { LEFT, NEWCOMER, BUYER_SILENT, BENEFITS_ONLY, NEVER_SPOKE, SILENT, COOLING, NCLASSES };

static const char *const class_name[NCLASSES] = {
	"left", "newcomer", "buyer-silent", "benefits-only", "never-spoke", "silent", "cooling"};

enum {
	MAX_SILENT_DAYS = 36500,
	BUYER_DAYS = 90,
	FLOOR_DAYS = 28,
	MIN_GAPS = 3, /* fewer say nothing about someone's rhythm */
	AUTO_DAYS = 30,
	AUTO_MIN_DAYS = 7,
	AUTO_MIN_PEOPLE = 10,
};

struct conf {
	const char *silent, *classes;
	double overdue, floor;
	int64_t newcomer_us, quota;
	bool winback, cleanup, summary;
	/* made by setup */
	int64_t silent_days; /* 0: auto */
	unsigned class_mask;
};

/* Sums of a person's cell. */
enum {
	FITS, /* bits of the classes; BUYER_SILENT by his order alone, SILENT not yet */
	JOINED_DAY,
	LAST_ACTIVE_DAY,
	SILENT_DAYS,
	ACTIVE_DAYS,
	MESSAGES,
	MESSAGE_SILENT_DAYS,
	USUAL_GAP_DAYS,
	ORDERS,
	AMOUNT,
	UNKNOWN,
	LAST_ORDER_DAY,
	BUYS, /* orders in any group */
	NFACTS
};

/* Sums of a group's cell, and its bag: each member's longest gap. */
enum { MEMBERS, FLOOR_MEMBERS, FLOOR_ACTIVE };
enum { LONGEST_GAPS };

static int parse_silent(struct conf *c, struct qun_err *err)
{
	struct qun_span s = qun_span_of(c->silent);
	int64_t us;

	if (qun_span_is(s, "auto"))
		return 0;
	if (!qun_int_parse(s, &c->silent_days)) {
		if (qun_duration_parse(&us, c->silent, NULL) < 0 || us % QUN_DAY)
			us = 0;
		c->silent_days = us / QUN_DAY;
	}
	if (c->silent_days < 1 || c->silent_days > MAX_SILENT_DAYS)
		return qun_fail(err, QUN_EUSAGE,
			"--silent: cannot use '%s' (expected whole days such as 30d, or auto)",
			c->silent);
	return 0;
}

static int parse_classes(struct conf *c, struct qun_err *err)
{
	struct qun_span rest = qun_span_of(c->classes), item;
	const char *near;
	int i;

	while (qun_list_cut(&rest, &item)) {
		for (i = 0; i < NCLASSES && !qun_span_is(item, class_name[i]);)
			i++;
		if (i < NCLASSES) {
			c->class_mask |= 1u << i;
			continue;
		}
		near = qun_nearest(item, class_name, NCLASSES);
		return qun_fail(err, QUN_EUSAGE, "--class: no class '%.*s'%s%s%s", (int)item.len,
			item.ptr, near ? "; did you mean '" : " (see --help", near ? near : "",
			near ? "'?" : ")");
	}
	return 0;
}

static int setup(struct qun_run *run, void *conf, struct qun_err *err)
{
	struct conf *c = conf;
	int rc = parse_silent(c, err);

	c->class_mask = c->classes ? 0 : ((1u << NCLASSES) - 1) & ~(1u << LEFT) & ~(1u << NEWCOMER);
	if (rc == 0 && c->classes)
		rc = parse_classes(c, err);
	if (rc == 0 && c->winback && c->cleanup)
		rc = qun_fail(err, QUN_EUSAGE, "--winback and --cleanup exclude each other");
	if (rc == 0 && (run->by.n > 1 || (run->by.n == 1 && run->by.field[0] != QUN_F_GROUP)))
		rc = qun_fail(err, QUN_EUSAGE, "--by: the list is by group and person already");
	run->needs |= QUN_BIT(QUN_F_AMOUNT) | QUN_BIT(QUN_F_ORDER_ID) | QUN_BIT(QUN_F_PRODUCT) |
		      QUN_BIT(QUN_F_ID) | QUN_BIT(QUN_F_TEXT) | QUN_BIT(QUN_F_REF) |
		      QUN_BIT(QUN_F_SOURCE);
	return rc;
}

/* What one group knows of a person; his orders are not in it. */
struct slot {
	uint32_t group;
	bool benefit; /* claimed a red packet, got a coupon or shared */
	struct qun_member member;
	struct qun_bits days; /* civil days with an active event */
	int64_t last_active, last_message; /* 0 where there is none */
	uint64_t messages;
};

struct person {
	struct qun_ledger ledger;
	struct qun_slots slots;
};

static bool has_days(const struct slot *s)
{
	int64_t day;

	return qun_bits_next(&s->days, INT64_MIN, &day);
}

static int slot_merge(
	const struct qun_ctx *dctx, void *dst, const struct qun_ctx *sctx, const void *src)
{
	struct slot *to = dst;
	const struct slot *from = src;
	uint64_t messages;
	int rc;

	if (__builtin_add_overflow(to->messages, from->messages, &messages))
		return QUN_EOVERFLOW;
	rc = qun_member_merge(dctx, &to->member, sctx, &from->member);
	if (rc == 0)
		rc = qun_bits_merge(&to->days, &from->days);
	if (rc < 0)
		return rc;
	to->benefit |= from->benefit;
	to->messages = messages;
	if (from->last_active > to->last_active)
		to->last_active = from->last_active;
	if (from->last_message > to->last_message)
		to->last_message = from->last_message;
	return 0;
}

static int slot_save(const struct qun_ctx *ctx, void *slot, struct qun_buf *out)
{
	struct slot *s = slot;
	int rc = qun_member_save(ctx, &s->member, out);

	if (rc == 0)
		rc = qun_bits_save(&s->days, out);
	if (rc == 0 && has_days(s))
		rc = qun_save_i64(out, s->last_active);
	if (rc == 0)
		rc = qun_save_u64(out, s->messages);
	if (rc == 0 && s->messages)
		rc = qun_save_i64(out, s->last_message);
	return rc < 0 ? rc : qun_save_u64(out, s->benefit);
}

static int slot_load(const struct qun_ctx *ctx, void *slot, struct qun_reader *in)
{
	struct slot *s = slot;
	uint64_t benefit = 0;
	int64_t later;
	int rc = qun_member_load(ctx, &s->member, in);

	if (rc == 0)
		rc = qun_bits_load(&s->days, in);
	if (rc == 0 && has_days(s)) {
		rc = qun_load_i64(in, &s->last_active);
		if (rc == 0 && (s->last_active < QUN_TIME_MIN || s->last_active > QUN_TIME_MAX))
			rc = QUN_ESTATE;
		if (rc == 0) {
			int64_t day = qun_cal_day(&ctx->run->cal, s->last_active);

			if (!qun_bits_has(&s->days, day) ||
				qun_bits_next(&s->days, day + 1, &later))
				rc = QUN_ESTATE;
		}
	}
	if (rc == 0)
		rc = qun_load_u64(in, &s->messages);
	if (rc == 0 && s->messages)
		rc = qun_load_i64(in, &s->last_message);
	if (rc == 0 && (s->last_message < QUN_TIME_MIN || s->last_message > QUN_TIME_MAX))
		rc = QUN_ESTATE;
	if (rc == 0)
		rc = qun_load_u64(in, &benefit);
	s->benefit = benefit;
	/* A slot without content is never made. */
	if (rc == 0 && (benefit > 1 || (!benefit && !s->messages && !has_days(s) && !s->member.n &&
					       !s->member.presence.n)))
		rc = QUN_ESTATE;
	return rc;
}

static void slot_release(void *slot)
{
	struct slot *s = slot;

	qun_member_release(&s->member);
	qun_bits_release(&s->days);
}

static const struct qun_slot_type slot_type = {
	sizeof(struct slot), slot_merge, slot_save, slot_load, slot_release};

static bool is_benefit(const struct qun_event *ev)
{
	if (ev->type == QUN_REDPACKET)
		return qun_span_is(ev->field[QUN_F_SOURCE], "claimed");
	return ev->type == QUN_SHARE ||
	       (ev->type == QUN_WORD && qun_span_is(ev->field[QUN_F_TYPE], "coupon"));
}

/* Takes an event that is neither order nor refund. */
static int add_to_slot(const struct qun_ctx *ctx, struct person *p, const struct qun_event *ev)
{
	bool counts = qun_counts(ctx->run, ev);
	bool active = counts && qun_pred_match(ctx->run->active, ev, NULL);
	bool message = counts && ev->type == QUN_MESSAGE;
	bool benefit = counts && is_benefit(ev);
	bool marks =
		ev->type == QUN_JOIN || ev->type == QUN_LEAVE || qun_type_is_presence(ev->type);
	struct slot *s;
	int rc = 0;

	if (!active && !message && !benefit && !marks)
		return 0;
	s = qun_slot(&p->slots, ev->group, sizeof(*s));
	if (!s)
		return QUN_ENOMEM;
	if (active)
		rc = qun_bits_add(&s->days, qun_cal_day(&ctx->run->cal, ev->ts));
	if (rc == 0 && marks)
		rc = qun_member_add(ctx, &s->member, ev);
	if (rc < 0)
		return rc;
	if (active && ev->ts > s->last_active)
		s->last_active = ev->ts;
	if (message && ev->ts > s->last_message)
		s->last_message = ev->ts;
	s->messages += message;
	s->benefit |= benefit;
	return 0;
}

static int add(const struct qun_ctx *ctx, void *person, const struct qun_event *ev, size_t n)
{
	struct person *p = person;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (ev[i].type == QUN_ORDER || ev[i].type == QUN_REFUND)
			rc = qun_ledger_add(ctx, &p->ledger, &ev[i]);
		else
			rc = add_to_slot(ctx, p, &ev[i]);
	}
	return rc;
}

static int merge(const struct qun_ctx *dctx, void *dst, const struct qun_ctx *sctx, const void *src)
{
	struct person *to = dst;
	const struct person *from = src;
	int rc = qun_ledger_merge(dctx, &to->ledger, sctx, &from->ledger);

	return rc < 0 ? rc : qun_slots_merge(&slot_type, dctx, &to->slots, sctx, &from->slots);
}

static int save(const struct qun_ctx *ctx, void *person, struct qun_buf *out)
{
	struct person *p = person;
	int rc = qun_ledger_save(ctx, &p->ledger, out);

	return rc < 0 ? rc : qun_slots_save(&slot_type, ctx, &p->slots, out);
}

static int load(const struct qun_ctx *ctx, void *person, struct qun_reader *in)
{
	struct person *p = person;
	int rc = qun_ledger_load(ctx, &p->ledger, in);

	return rc < 0 ? rc : qun_slots_load(&slot_type, ctx, &p->slots, in);
}

static void release(void *person)
{
	struct person *p = person;

	qun_ledger_release(&p->ledger);
	qun_slots_clear(&slot_type, &p->slots);
}

/* Orders that count, of all groups, in the order of time. */
struct buys {
	struct buy {
		int64_t ts;
		uint32_t group;
		bool known, active;
		__int128 net;
	} * v;
	size_t n;
};

static int buys_of(const struct qun_ctx *ctx, struct qun_cube *report, const struct qun_who *who,
	struct person *p, struct buys *out)
{
	struct qun_span extra[QUN_MAX_EXTRA];
	struct qun_orders orders = {0};
	struct qun_event ev;
	int rc = qun_orders_of(ctx, &p->ledger, &orders);

	if (rc == 0) {
		out->v = calloc(orders.n ? orders.n : 1, sizeof(*out->v));
		rc = out->v ? qun_deal_note(report, &orders) : QUN_ENOMEM;
	}
	for (size_t i = 0; rc == 0 && i < orders.n; i++) {
		const struct qun_order *o = &orders.v[i];

		qun_deal_event(ctx, who, o, &ev, extra);
		if (qun_counts(ctx->run, &ev))
			out->v[out->n++] = (struct buy){o->ts, o->group, o->known,
				qun_pred_match(ctx->run->active, &ev, NULL), o->known ? o->net : 0};
	}
	qun_orders_release(&orders);
	return rc;
}

/* Activity of one person in one group, orders there included. */
struct activity {
	struct qun_vec days, gaps; /* ascending: active days, days between neighbours */
	int64_t last; /* newest active instant; meaningful where there are days */
};

static int activity_of(const struct qun_ctx *ctx, const struct slot *s, const struct buys *buys,
	struct activity *a)
{
	int rc = 0;

	a->last = s->last_active;
	for (int64_t day = INT64_MIN; rc == 0 && qun_bits_next(&s->days, day, &day); day++)
		rc = qun_vec_add(&a->days, day);
	for (size_t i = 0; rc == 0 && i < buys->n; i++) {
		const struct buy *b = &buys->v[i];

		if (b->group != s->group || !b->active)
			continue;
		rc = qun_vec_add(&a->days, qun_cal_day(&ctx->run->cal, b->ts));
		if (b->ts > a->last)
			a->last = b->ts;
	}
	qun_vec_unique(&a->days);
	for (size_t i = 1; rc == 0 && i < a->days.n; i++)
		rc = qun_vec_add(&a->gaps, a->days.v[i] - a->days.v[i - 1]);
	qun_vec_sort(&a->gaps);
	return rc;
}

/* Fills what the person's orders say; group is the row's. */
static int order_facts(
	const struct qun_ctx *ctx, const struct buys *buys, uint32_t group, __int128 *fact)
{
	for (size_t i = 0; i < buys->n; i++) {
		const struct buy *b = &buys->v[i];

		if (b->ts >= qun_as_of(ctx) - BUYER_DAYS * QUN_DAY)
			fact[FITS] |= 1 << BUYER_SILENT;
		if (b->group != group && !qun_span_is(qun_dict_text(ctx->groups, b->group), "-"))
			continue;
		fact[ORDERS]++;
		fact[UNKNOWN] += !b->known;
		fact[LAST_ORDER_DAY] = qun_cal_day(&ctx->run->cal, b->ts);
		if (__builtin_add_overflow(fact[AMOUNT], b->net, &fact[AMOUNT]))
			return QUN_EOVERFLOW;
	}
	fact[BUYS] = (__int128)buys->n;
	return 0;
}

static int facts_of(const struct qun_ctx *ctx, const struct slot *s, const struct buys *buys,
	const struct qun_interval *newest, const struct activity *a, __int128 *fact)
{
	const struct conf *c = ctx->conf;
	const struct qun_cal *cal = &ctx->run->cal;
	int64_t as_of = qun_as_of(ctx), today = qun_cal_day(cal, as_of);
	size_t n = a->days.n;
	int64_t joined = qun_cal_day(cal, newest->from), last = n ? a->days.v[n - 1] : joined;
	int64_t gap = a->gaps.n >= MIN_GAPS ? qun_quantile(a->gaps.v, a->gaps.n, 1, 2) : 0;
	unsigned fits = 0;

	fact[JOINED_DAY] = joined;
	fact[LAST_ACTIVE_DAY] = last;
	fact[SILENT_DAYS] = today - last;
	fact[ACTIVE_DAYS] = (__int128)n;
	fact[MESSAGES] = s->messages;
	if (s->messages)
		fact[MESSAGE_SILENT_DAYS] = today - qun_cal_day(cal, s->last_message);
	fact[USUAL_GAP_DAYS] = gap;
	if (newest->to <= as_of)
		fits |= 1u << LEFT;
	if (newest->from >= as_of - c->newcomer_us)
		fits |= 1u << NEWCOMER;
	if (s->benefit && !s->messages && !buys->n)
		fits |= 1u << BENEFITS_ONLY;
	if (!n)
		fits |= 1u << NEVER_SPOKE;
	/* The quotient's nearest double is the factor's where they are equal, as 1.1 is of 11 to
	 * 10; a product would surprise at the edge. */
	if (gap && (double)(today - last) / (double)gap >= c->overdue)
		fits |= 1u << COOLING;
	fact[FITS] = fits;
	return order_facts(ctx, buys, s->group, fact);
}

static int group_facts(const struct qun_ctx *ctx, struct qun_cell *cell,
	const struct qun_intervals *iv, const struct activity *a, bool member)
{
	int64_t as_of = qun_as_of(ctx), from = as_of - FLOOR_DAYS * QUN_DAY;
	bool near = qun_interval_touches(iv, from, as_of);
	int rc = qun_cell_add(cell, MEMBERS, member);

	if (rc == 0)
		rc = qun_cell_add(cell, FLOOR_MEMBERS, near);
	if (rc == 0)
		rc = qun_cell_add(cell, FLOOR_ACTIVE, near && a->days.n && a->last >= from);
	if (rc == 0 && member && a->gaps.n >= MIN_GAPS)
		rc = qun_cell_put(cell, LONGEST_GAPS, a->gaps.v[a->gaps.n - 1]);
	return rc;
}

/* Keys: the group alone, or the group, the user as printed and what else tells people apart. */
static int add_cells(const struct qun_ctx *ctx, struct qun_cube *report, const struct qun_who *who,
	const struct slot *s, const struct qun_intervals *iv, const struct activity *a,
	const __int128 *fact)
{
	bool scoped = !qun_span_eq(who->id, who->user);
	struct qun_cell *cell;
	struct qun_buf key = {0};
	int rc = qun_key_text(&key, qun_dict_text(ctx->groups, s->group));

	if (rc == 0) {
		cell = qun_cube_cell(report, qun_buf_span(&key));
		rc = cell ? group_facts(ctx, cell, iv, a, !(fact[FITS] & 1 << LEFT)) : QUN_ENOMEM;
	}
	if (rc == 0)
		rc = qun_key_text(&key, who->user);
	if (rc == 0)
		rc = qun_key_text(&key, scoped ? who->id : (struct qun_span){NULL, 0});
	if (rc == 0) {
		cell = qun_cube_cell(report, qun_buf_span(&key));
		rc = cell ? qun_cell_text(cell, who->name) : QUN_ENOMEM;
	}
	for (uint32_t i = 0; rc == 0 && i < NFACTS; i++)
		rc = qun_cell_add(cell, i, fact[i]);
	qun_buf_release(&key);
	return rc;
}

/* Adds one (group, user), unless rule R never made him a member there. */
static int fold_slot(const struct qun_ctx *ctx, struct qun_cube *report, const struct qun_who *who,
	struct slot *s, const struct buys *buys)
{
	struct qun_intervals iv = {0};
	struct activity a = {0};
	__int128 fact[NFACTS] = {0};
	int rc = qun_intervals_of(ctx, s->group, who->user, &s->member, &iv);

	if (rc == 0 && iv.n) {
		rc = activity_of(ctx, s, buys, &a);
		if (rc == 0)
			rc = facts_of(ctx, s, buys, &iv.v[iv.n - 1], &a, fact);
		if (rc == 0)
			rc = add_cells(ctx, report, who, s, &iv, &a, fact);
	}
	qun_vec_release(&a.days);
	qun_vec_release(&a.gaps);
	qun_intervals_release(&iv);
	return rc;
}

/* First roster line of the next group: lines are sorted, so a search need not visit each. */
static size_t next_group(const struct qun_roster *r, size_t i)
{
	struct qun_span group = qun_roster_at(r, i)->group;
	size_t lo = i + 1, hi = qun_roster_count(r);

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (qun_span_eq(qun_roster_at(r, mid)->group, group))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Groups that only the roster puts the person into. */
static int fold_roster(const struct qun_ctx *ctx, struct qun_cube *report,
	const struct qun_who *who, const struct qun_slots *slots, const struct buys *buys)
{
	const struct qun_roster *r = ctx->run->roster;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < qun_roster_count(r); i = next_group(r, i)) {
		struct qun_span group = qun_roster_at(r, i)->group;
		struct slot s = {0};

		if (!qun_group_wanted(ctx->run, group) || !qun_roster_find(r, group, who->user))
			continue;
		rc = qun_dict_add(ctx->groups, group, &s.group);
		if (rc == 0 && !qun_slot_find(slots, s.group, sizeof(s)))
			rc = fold_slot(ctx, report, who, &s, buys);
		qun_member_release(&s.member);
	}
	return rc;
}

static int fold(
	const struct qun_ctx *ctx, struct qun_cube *report, const struct qun_who *who, void *person)
{
	struct person *p = person;
	struct buys buys = {0};
	int rc;

	/* Before any event there is no day to look from: the table is that of an empty input. */
	if (who->staff || who->bot || qun_as_of(ctx) == INT64_MIN)
		return 0;
	rc = buys_of(ctx, report, who, p, &buys);
	for (uint32_t i = 0; rc == 0 && i < p->slots.n; i++)
		rc = fold_slot(
			ctx, report, who, qun_slot_at(&p->slots, i, sizeof(struct slot)), &buys);
	/* A name scoped to a group is nobody elsewhere. */
	if (rc == 0 && ctx->run->roster && qun_span_eq(who->id, who->user))
		rc = fold_roster(ctx, report, who, &p->slots, &buys);
	free(buys.v);
	return rc;
}

/* A person on the list. */
struct row {
	uint32_t cell, group; /* numbers in the cube and in the list's groups */
	unsigned fits;
	int class;
	__int128 amount, silent_days;
	size_t place; /* in the order of group and user */
};

struct group {
	uint32_t cell;
	int64_t silent_days;
	bool asked; /* --floor lets it in */
	uint64_t class[NCLASSES];
	uint64_t listed, members_listed;
};

struct list {
	struct row *row;
	size_t nrow, row_cap;
	struct group *group;
	size_t ngroup, group_cap;
};

static void list_release(struct list *l)
{
	free(l->row);
	free(l->group);
}

/* 90th percentile of the members' longest gaps. */
static int64_t patience_of(const struct qun_cell *cell)
{
	size_t n;
	const int64_t *gap = qun_cell_bag(cell, LONGEST_GAPS, &n);
	int64_t days;

	if (n < AUTO_MIN_PEOPLE)
		return AUTO_DAYS;
	days = qun_quantile(gap, n, 9, 10);
	return days > AUTO_MIN_DAYS ? days : AUTO_MIN_DAYS;
}

static int list_group(
	const struct conf *c, struct list *l, const struct qun_cell *cell, uint32_t number)
{
	double members = (double)qun_cell_sum(cell, FLOOR_MEMBERS);
	double active = (double)qun_cell_sum(cell, FLOOR_ACTIVE);
	struct group *g;

	if (qun_grow(&l->group, &l->group_cap, l->ngroup, sizeof(*g)) < 0)
		return QUN_ENOMEM;
	g = &l->group[l->ngroup++];
	*g = (struct group){.cell = number};
	g->silent_days = c->silent_days ? c->silent_days : patience_of(cell);
	g->asked = c->floor == 0 || (members > 0 && active / members < c->floor);
	return 0;
}

/* Classes that fit, now that the group's patience is known. */
static unsigned fits_of(const struct qun_cell *cell, int64_t silent_days)
{
	unsigned fits = (unsigned)qun_cell_sum(cell, FITS);

	if (qun_cell_sum(cell, MESSAGES) && qun_cell_sum(cell, MESSAGE_SILENT_DAYS) < silent_days)
		fits &= ~(1u << BUYER_SILENT);
	if (qun_cell_sum(cell, SILENT_DAYS) >= silent_days)
		fits |= 1u << SILENT;
	return fits;
}

static int list_person(const struct conf *c, struct list *l, const struct qun_cell *cell,
	uint32_t number, size_t place)
{
	bool buys = qun_cell_sum(cell, BUYS) > 0;
	struct group *g;
	unsigned fits;
	int class = 0;

	if (!l->ngroup)
		return QUN_ESTATE;
	g = &l->group[l->ngroup - 1];
	fits = fits_of(cell, g->silent_days);
	if (!fits)
		return 0;
	while (!(fits & 1u << class))
		class ++;
	g->class[class]++;
	if (!g->asked || !(c->class_mask & 1u << class) || (c->winback && !buys) ||
		(c->cleanup && (buys || (fits & 1u << NEWCOMER))))
		return 0;
	if (qun_grow(&l->row, &l->row_cap, l->nrow, sizeof(*l->row)) < 0)
		return QUN_ENOMEM;
	l->row[l->nrow++] = (struct row){number, (uint32_t)(l->ngroup - 1), fits, class,
		qun_cell_sum(cell, UNKNOWN) ? 0 : qun_cell_sum(cell, AMOUNT),
		qun_cell_sum(cell, SILENT_DAYS), place};
	return 0;
}

static int compare_rows(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->amount != y->amount)
		return x->amount > y->amount ? -1 : 1;
	if (x->silent_days != y->silent_days)
		return x->silent_days > y->silent_days ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

/* Keeps the first --quota rows of each group and counts those kept. */
static void list_cut(const struct conf *c, struct list *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->nrow; i++) {
		struct group *g = &l->group[l->row[i].group];

		if (c->quota && g->listed == (uint64_t)c->quota)
			continue;
		g->listed++;
		g->members_listed += !(l->row[i].fits & 1u << LEFT);
		l->row[n++] = l->row[i];
	}
	l->nrow = n;
}

/* A group's cell comes before those of its people, because its key is the beginning of theirs. */
static int list_make(const struct conf *c, const struct qun_cube *report, struct list *l)
{
	struct qun_buf text = {0};
	struct qun_reader in;
	uint32_t *order;
	int rc = qun_cube_order(report, &order);

	if (rc < 0)
		return rc;
	for (size_t i = 0; rc == 0 && i < qun_cube_count(report); i++) {
		struct qun_span key = qun_cube_key(report, order[i]);
		const struct qun_cell *cell = qun_cube_at(report, order[i]);

		if (!key.len)
			continue;
		in = qun_reader_of(key);
		rc = qun_unkey_text(&in, &text);
		if (rc == 0)
			rc = qun_reader_done(&in) ? list_group(c, l, cell, order[i])
						  : list_person(c, l, cell, order[i], i);
	}
	free(order);
	qun_buf_release(&text);
	if (rc == 0 && l->nrow)
		qsort(l->row, l->nrow, sizeof(*l->row), compare_rows);
	if (rc == 0)
		list_cut(c, l);
	return rc;
}

static int classes_text(unsigned fits, struct qun_buf *text)
{
	int rc = 0;

	qun_buf_clear(text);
	for (int i = 0; rc == 0 && i < NCLASSES; i++) {
		if (!(fits & 1u << i))
			continue;
		if (text->len)
			rc = qun_buf_add_char(text, ';');
		if (rc == 0)
			rc = qun_buf_add_text(text, class_name[i]);
	}
	return rc < 0 ? rc : qun_buf_add_char(text, '\0');
}

/* An integer cell, empty where it says nothing. */
static void put_if(struct qun_table *out, bool known, __int128 v)
{
	if (known)
		qun_put_int(out, v);
	else
		qun_put_null(out);
}

static int put_row(const struct qun_ctx *ctx, struct qun_table *out, const struct qun_cube *report,
	const struct row *row, struct qun_buf *text)
{
	const struct qun_cell *cell = qun_cube_at(report, row->cell);
	struct qun_reader in = qun_reader_of(qun_cube_key(report, row->cell));
	__int128 silent = row->silent_days, gap = qun_cell_sum(cell, USUAL_GAP_DAYS);
	bool buys = qun_cell_sum(cell, ORDERS) > 0, active = qun_cell_sum(cell, ACTIVE_DAYS) > 0;
	uint32_t group;
	int rc = qun_unkey_text(&in, text);

	if (rc < 0)
		return rc;
	group = qun_dict_find(ctx->groups, qun_buf_span(text));
	qun_put_text(out, qun_buf_span(text));
	rc = qun_unkey_text(&in, text);
	if (rc < 0)
		return rc;
	qun_put_text(out, qun_buf_span(text));
	qun_put_text(out, (struct qun_span){cell->text, cell->text_len});
	qun_put_int(out, qun_cell_sum(cell, JOINED_DAY));
	put_if(out, active, qun_cell_sum(cell, LAST_ACTIVE_DAY));
	qun_put_int(out, silent);
	qun_put_int(out, qun_cell_sum(cell, ACTIVE_DAYS));
	qun_put_int(out, qun_cell_sum(cell, MESSAGES));
	qun_put_int(out, qun_cell_sum(cell, ORDERS));
	put_if(out, !qun_cell_sum(cell, UNKNOWN), qun_cell_sum(cell, AMOUNT));
	put_if(out, buys, qun_cell_sum(cell, LAST_ORDER_DAY));
	put_if(out, gap, gap);
	qun_put_fraction(out, silent, gap);
	qun_put_word(out, class_name[row->class]);
	rc = classes_text(row->fits & ~(1u << row->class), text);
	if (rc < 0)
		return rc;
	qun_put_word(out, text->ptr);
	qun_put_word(out, qun_basis_name(qun_basis_of(ctx, group)));
	return qun_row_end(out);
}

static int put_group(const struct qun_ctx *ctx, struct qun_table *out,
	const struct qun_cube *report, const struct group *g, struct qun_buf *text)
{
	struct qun_reader in = qun_reader_of(qun_cube_key(report, g->cell));
	__int128 members = qun_cell_sum(qun_cube_at(report, g->cell), MEMBERS);
	int rc = qun_unkey_text(&in, text);

	if (rc < 0)
		return rc;
	qun_put_text(out, qun_buf_span(text));
	qun_put_int(out, members);
	qun_put_int(out, g->listed);
	qun_put_wilson(out, g->members_listed, members, ctx->run->z);
	for (int i = 0; i < NCLASSES; i++)
		qun_put_int(out, g->class[i]);
	return qun_row_end(out);
}

static void add_columns(struct qun_table *out, bool summary)
{
	static const struct qun_column people[] = {
		{"group", QUN_K_TEXT, 0},
		{"user", QUN_K_TEXT, 0},
		{"name", QUN_K_TEXT, 0},
		{"joined", QUN_K_DATE, 0},
		{"last_active", QUN_K_DATE, 0},
		{"silent_days", QUN_K_INT, 0},
		{"active_days", QUN_K_INT, 0},
		{"messages", QUN_K_INT, 0},
		{"orders", QUN_K_INT, 0},
		{"amount", QUN_K_MONEY, 0},
		{"last_order", QUN_K_DATE, 0},
		{"usual_gap_days", QUN_K_INT, 0},
		{"overdue_ratio", QUN_K_REAL, 0},
		{"class", QUN_K_WORD, 0},
		{"reason", QUN_K_WORD, 0},
		{"basis", QUN_K_WORD, 0},
		{0},
	};
	static const struct qun_column groups[] = {
		{"group", QUN_K_TEXT, QUN_COL_KEY},
		{"members", QUN_K_INT, QUN_COL_PEOPLE | QUN_COL_BASE},
		{"listed", QUN_K_INT, QUN_COL_PEOPLE},
		{"rate", QUN_K_RATE, QUN_COL_MAIN},
		{"lo", QUN_K_BOUND, 0},
		{"hi", QUN_K_BOUND, 0},
		{"left", QUN_K_INT, QUN_COL_PEOPLE | QUN_COL_SINGLE},
		{"newcomer", QUN_K_INT, QUN_COL_PEOPLE | QUN_COL_SINGLE},
		{"buyer_silent", QUN_K_INT, QUN_COL_PEOPLE | QUN_COL_SINGLE},
		{"benefits_only", QUN_K_INT, QUN_COL_PEOPLE | QUN_COL_SINGLE},
		{"never_spoke", QUN_K_INT, QUN_COL_PEOPLE | QUN_COL_SINGLE},
		{"silent", QUN_K_INT, QUN_COL_PEOPLE | QUN_COL_SINGLE},
		{"cooling", QUN_K_INT, QUN_COL_PEOPLE | QUN_COL_SINGLE},
		{0},
	};

	for (const struct qun_column *c = summary ? groups : people; c->name; c++)
		qun_table_column(out, c->name, c->kind, c->flags);
}

static int finish(const struct qun_ctx *ctx, const struct qun_cube *report, struct qun_table *out,
	struct qun_err *err)
{
	const struct conf *c = ctx->conf;
	struct qun_buf text = {0};
	struct list list = {0};
	int rc = list_make(c, report, &list);

	(void)err;
	add_columns(out, c->summary);
	out->ordered = !c->summary;
	for (size_t i = 0; rc == 0 && c->summary && i < list.ngroup; i++) {
		if (list.group[i].asked)
			rc = put_group(ctx, out, report, &list.group[i], &text);
	}
	for (size_t i = 0; rc == 0 && !c->summary && i < list.nrow; i++)
		rc = put_row(ctx, out, report, &list.row[i], &text);
	qun_buf_release(&text);
	list_release(&list);
	return rc;
}

static const char *const definition[] = {
	"silent_days = date of A - date of the last event of --active in the group, or of joining where there is none",
	"usual_gap_days: median of the days between active days, from 3 gaps on; overdue_ratio = silent_days / usual_gap_days",
	"left: no member at A; newcomer: the newest membership began within --newcomer of A",
	"buyer-silent: an order in any group within 90 days, and no message for --silent days or ever",
	"benefits-only: took red packets or coupons or shared; no message in the group, no order in any",
	"never-spoke: no event of --active in the group; silent: silent_days >= --silent; cooling: overdue_ratio >= --overdue",
	"--silent: auto is the 90th percentile, over members with 3 gaps, of each one's longest; 7 days at least, 30 under 10 members",
	"class: the first that fits; reason: the others; amount is net of refunds",
	"--summary: rate = listed members / members at A; lo, hi: Wilson's interval",
	NULL,
};

static const char *const examples[] = {
	"churn-list chat.csv orders.csv             # everyone who fell silent, best buyers first",
	"churn-list --winback --silent 14d *.csv    # buyers to write to",
	"churn-list --cleanup --quota 20 chat.csv   # at most 20 a group to take out",
	NULL,
};

#define AT(field) offsetof(struct conf, field)

static const struct qun_option options[] = {
	{"silent", 0, QUN_OPT_TEXT, "DAYS|auto", "30d", NULL, 0, 0,
		"silent after so many days; auto: what is unusual in the group", AT(silent), false},
	{"overdue", 0, QUN_OPT_REAL, "FACTOR", "1.5", NULL, 0.01, 1e6,
		"cooling when silent for FACTOR times one's usual gap", AT(overdue), false},
	{"newcomer", 0, QUN_OPT_DURATION, "DURATION", "7d", NULL, 0, 0,
		"who joined within DURATION is new", AT(newcomer_us), false},
	{"class", 0, QUN_OPT_TEXT, "CLASS,...", NULL, NULL, 0, 0,
		"only these: left newcomer buyer-silent benefits-only never-spoke silent cooling",
		AT(classes), false},
	{"winback", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0, "only people with orders", AT(winback),
		false},
	{"cleanup", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0,
		"only people without orders in any group, newcomers left out", AT(cleanup), false},
	{"quota", 0, QUN_OPT_INT, "N", NULL, NULL, 1, 1e15, "at most N people a group", AT(quota),
		false},
	{"floor", 0, QUN_OPT_REAL, "RATE", NULL, NULL, 1e-6, 1,
		"only groups with a smaller share of members active in the last 28 days", AT(floor),
		false},
	{"summary", 0, QUN_OPT_FLAG, NULL, NULL, NULL, 0, 0, "one line a group instead of the list",
		AT(summary), false},
	{0},
};

const struct qun_metric qun_metric_churn_list = {
	.name = "churn-list",
	.brief = "Whom to win back, whom to clean out?",
	.definition = definition,
	.examples = examples,
	.options = options,
	.flags = QUN_METRIC_ALL_ORDERS | QUN_METRIC_NAMES,
	.conf_size = sizeof(struct conf),
	.setup = setup,
	.person_size = sizeof(struct person),
	.add = add,
	.merge = merge,
	.save = save,
	.load = load,
	.release = release,
	.fold = fold,
	.finish = finish,
	.notes = qun_deal_notes,
};
