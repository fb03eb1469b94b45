/*
 * Heads: facts about the whole input that merge by min, max and or. `all` is the merge of the
 * groups, because every event has one, so saved heads hold the groups only.
 */
#include "qun/head.h"

#include <stdlib.h>

#include "model/parts.h"
#include "qun/num.h"
#include "qun/roster.h"

enum { HAS_JOIN = 1, HAS_REMOVAL = 2, HAS_OWN_LEAVE = 4 };

static const struct qun_head empty_head = {INT64_MAX, INT64_MIN, false, false, false};

static void head_merge(struct qun_head *dst, const struct qun_head *src)
{
	if (src->first < dst->first)
		dst->first = src->first;
	if (src->last > dst->last)
		dst->last = src->last;
	dst->join |= src->join;
	dst->removal |= src->removal;
	dst->own_leave |= src->own_leave;
}

static bool head_is_empty(const struct qun_head *head)
{
	return head->first > head->last;
}

/* Room for a group's head; the new ones are empty. */
static int heads_reach(struct qun_heads *h, uint32_t group)
{
	while (h->n <= group) {
		if (qun_grow(&h->group, &h->cap, h->n, sizeof(*h->group)) < 0)
			return QUN_ENOMEM;
		h->group[h->n++] = empty_head;
	}
	return 0;
}

/* Only after everything that can fail: an event counts as a whole or not at all. */
static void heads_take(struct qun_heads *h, uint32_t group, const struct qun_head *head)
{
	if (!h->started)
		h->all = empty_head;
	h->started = true;
	head_merge(&h->all, head);
	head_merge(&h->group[group], head);
}

bool qun_is_removal(const struct qun_event *leave)
{
	return qun_span_is(leave->field[QUN_F_SOURCE], "removed") ||
	       qun_ref_is_other(leave->field[QUN_F_REF], leave->field[QUN_F_USER]);
}

static int add_day(const struct qun_ctx *ctx, int64_t ts)
{
	struct qun_block day = qun_block_of(&ctx->run->cal, NULL, ts);
	int rc = qun_bits_add(&ctx->heads->days, day.number);

	if (rc == 0)
		ctx->heads->today = day;
	return rc;
}

int qun_heads_learn(const struct qun_ctx *ctx, const struct qun_event *ev)
{
	struct qun_heads *h = ctx->heads;
	struct qun_head head = {ev->ts, ev->ts, false, false, false};
	int rc = heads_reach(h, ev->group);

	if (rc == 0 && !qun_block_holds(&h->today, ev->ts))
		rc = add_day(ctx, ev->ts);
	if (rc < 0)
		return rc;
	/* A nameless join or leave is an event of the log, but tells of nobody's membership. */
	if (ev->field[QUN_F_USER].len && ev->type == QUN_JOIN)
		head.join = true;
	if (ev->field[QUN_F_USER].len && ev->type == QUN_LEAVE) {
		head.removal = qun_is_removal(ev);
		head.own_leave = !head.removal;
	}
	heads_take(h, ev->group, &head);
	h->types |= QUN_BIT(ev->type);
	h->money4 |= ev->has_amount && ev->amount % 100 != 0;
	return 0;
}

int qun_heads_merge(const struct qun_ctx *dst, const struct qun_ctx *src)
{
	struct qun_heads *to = dst->heads;
	const struct qun_heads *from = src->heads;
	uint32_t group;
	int rc = 0;

	/* First all that can fail, then what changes a head. */
	for (uint32_t i = 0; rc == 0 && i < from->n; i++) {
		rc = qun_dict_add(dst->groups, qun_dict_text(src->groups, i), &group);
		if (rc == 0)
			rc = heads_reach(to, group);
	}
	if (rc == 0)
		rc = qun_bits_merge(&to->days, &from->days);
	if (rc < 0)
		return rc;
	for (uint32_t i = 0; i < from->n; i++) {
		if (!head_is_empty(&from->group[i]))
			heads_take(to, qun_dict_find(dst->groups, qun_dict_text(src->groups, i)),
				&from->group[i]);
	}
	to->money4 |= from->money4;
	to->types |= from->types;
	return 0;
}

struct named {
	struct qun_span name;
	const struct qun_head *head;
};

static int by_name(const void *a, const void *b)
{
	return qun_span_cmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

/* Groups with an event, in order of their names; malloc'd. */
static int sorted_groups(const struct qun_ctx *ctx, struct named **out, size_t *n)
{
	const struct qun_heads *h = ctx->heads;
	struct named *v = malloc((h->n ? h->n : 1) * sizeof(*v));

	*n = 0;
	if (!v)
		return QUN_ENOMEM;
	for (uint32_t i = 0; i < h->n; i++) {
		if (!head_is_empty(&h->group[i]))
			v[(*n)++] = (struct named){qun_dict_text(ctx->groups, i), &h->group[i]};
	}
	qsort(v, *n, sizeof(*v), by_name);
	*out = v;
	return 0;
}

static int head_save(const struct qun_head *head, struct qun_buf *out)
{
	unsigned flags = (head->join ? HAS_JOIN : 0) | (head->removal ? HAS_REMOVAL : 0) |
			 (head->own_leave ? HAS_OWN_LEAVE : 0);
	int rc = qun_save_i64(out, head->first);

	if (rc == 0)
		rc = qun_save_u64(out, (uint64_t)head->last - (uint64_t)head->first);
	return rc < 0 ? rc : qun_save_u64(out, flags);
}

int qun_heads_save(const struct qun_ctx *ctx, struct qun_buf *out)
{
	const struct qun_heads *h = ctx->heads;
	struct named *group = NULL;
	size_t n;
	int rc = sorted_groups(ctx, &group, &n);

	if (rc == 0)
		rc = qun_save_u64(out, h->money4);
	if (rc == 0)
		rc = qun_save_u64(out, h->types);
	if (rc == 0)
		rc = qun_bits_save(&h->days, out);
	if (rc == 0)
		rc = qun_save_u64(out, n);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = qun_save_span(out, group[i].name);
		if (rc == 0)
			rc = head_save(group[i].head, out);
	}
	free(group);
	return rc;
}

static int head_load(struct qun_head *head, struct qun_reader *in)
{
	uint64_t length, flags;
	int rc = qun_load_i64(in, &head->first);

	if (rc == 0)
		rc = qun_load_u64(in, &length);
	if (rc == 0)
		rc = qun_load_u64(in, &flags);
	if (rc < 0)
		return rc;
	if (__builtin_add_overflow(head->first, length, &head->last) ||
		flags > (HAS_JOIN | HAS_REMOVAL | HAS_OWN_LEAVE))
		return QUN_ESTATE;
	head->join = flags & HAS_JOIN;
	head->removal = flags & HAS_REMOVAL;
	head->own_leave = flags & HAS_OWN_LEAVE;
	return 0;
}

int qun_heads_load(const struct qun_ctx *ctx, struct qun_reader *in)
{
	struct qun_heads *h = ctx->heads;
	struct qun_span name, last = {NULL, 0};
	uint64_t money4 = 0;
	size_t n = 0;
	int rc = qun_load_u64(in, &money4);

	if (rc == 0)
		rc = qun_load_u64(in, &h->types);
	if (rc == 0 && (money4 > 1 || h->types >= QUN_BIT(QUN_NTYPES)))
		rc = QUN_ESTATE;
	if (rc == 0)
		rc = qun_bits_load(&h->days, in);
	if (rc == 0)
		rc = qun_load_count(in, 4, &n);
	h->money4 = money4;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct qun_head head;
		uint32_t group;

		rc = qun_load_span(in, &name);
		if (rc == 0 && i && qun_span_cmp(last, name) >= 0)
			rc = QUN_ESTATE;
		last = name;
		if (rc == 0)
			rc = head_load(&head, in);
		if (rc == 0)
			rc = qun_dict_add(ctx->groups, name, &group);
		if (rc == 0)
			rc = heads_reach(h, group);
		if (rc == 0)
			heads_take(h, group, &head);
	}
	return rc;
}

void qun_heads_release(struct qun_heads *h)
{
	free(h->group);
	qun_bits_release(&h->days);
	*h = (struct qun_heads){0};
}

struct qun_head qun_head_of(const struct qun_ctx *ctx, uint32_t group)
{
	return group < ctx->heads->n ? ctx->heads->group[group] : empty_head;
}

enum qun_basis qun_basis_of(const struct qun_ctx *ctx, uint32_t group)
{
	const struct qun_roster *roster = ctx->run->roster;
	struct qun_head head = qun_head_of(ctx, group);

	if (roster && qun_roster_has_group(roster, qun_dict_text(ctx->groups, group),
			      qun_as_of(ctx)))
		return QUN_ROSTER;
	if (head.own_leave)
		return QUN_EVENTS;
	return head.join || head.removal ? QUN_JOINS : QUN_SEEN;
}

enum qun_basis qun_basis_total(const struct qun_ctx *ctx)
{
	const struct qun_heads *h = ctx->heads;
	enum qun_basis weakest = QUN_ROSTER;
	bool any = ctx->run->roster && qun_roster_count(ctx->run->roster);

	for (uint32_t i = 0; i < h->n; i++) {
		enum qun_basis basis = qun_basis_of(ctx, i);

		if (head_is_empty(&h->group[i]) || qun_group_is_nobody(ctx, i))
			continue;
		any = true;
		if (basis < weakest)
			weakest = basis;
	}
	return any ? weakest : QUN_SEEN;
}

const char *qun_basis_name(enum qun_basis basis)
{
	static const char *const names[] = {
		[QUN_SEEN] = "seen",
		[QUN_JOINS] = "joins",
		[QUN_EVENTS] = "events",
		[QUN_ROSTER] = "roster",
	};

	return names[basis];
}

bool qun_group_is_nobody(const struct qun_ctx *ctx, uint32_t group)
{
	const struct qun_heads *h = ctx->heads;

	struct qun_span name = qun_dict_text(ctx->groups, group);

	if (name.len != 1 || name.ptr[0] != '-')
		return false;
	for (uint32_t i = 0; i < h->n; i++) {
		if (i != group && !head_is_empty(&h->group[i]))
			return true;
	}
	return false;
}

int qun_money_digits(const struct qun_ctx *ctx)
{
	return ctx->heads->money4 ? 4 : 2;
}
