/*
 * The state of cohort-retention: per unit the births and the periods of return, per group what rule
 * R needs, and the orders, which count only once they are known to be valid.
 */
#include "metric/cohort_retention/cohort.h"

#include <stdlib.h>

/* The unit's, made if it has none; it must not have bits. NULL: no memory. */
static struct qun_cohort_more *more_of(struct qun_cohort_unit *u)
{
	struct qun_cohort_more *more = qun_cohort_more(u);

	if (more)
		return more;
	more = calloc(1, sizeof(*more));
	if (more) {
		u->more = more;
		u->words = COHORT_MORE;
	}
	return more;
}

static int unit_merge(
	const struct qun_ctx *dctx, void *dst, const struct qun_ctx *sctx, const void *src)
{
	const struct qun_cohort_conf *c = dctx->conf;
	const struct qun_cohort_unit *from = src;
	const struct qun_cohort_more *other = qun_cohort_more(from);
	struct qun_cohort_unit *to = dst;
	struct qun_cohort_more *more;
	int rc;

	if (from->birth && (!to->birth || from->birth < to->birth))
		to->birth = from->birth;
	if (!other)
		return qun_bits_merge(&to->returns, &from->returns);
	more = more_of(to);
	if (!more)
		return QUN_ENOMEM;
	rc = qun_bits_merge(&more->returns, &other->returns);
	if (rc == 0)
		rc = qun_births_merge(&c->births, dctx, &more->births, sctx, &other->births);
	if (rc == 0)
		rc = qun_sums_merge(&more->amounts, &other->amounts);
	return rc < 0 ? rc : qun_vec_merge(&more->instants, &other->instants);
}

static int unit_save(const struct qun_ctx *ctx, void *slot, struct qun_buf *out)
{
	const struct qun_cohort_conf *c = ctx->conf;
	struct qun_cohort_unit *u = slot;
	struct qun_cohort_more none = {0}, *more = qun_cohort_more(u);
	int rc = qun_bits_save(qun_cohort_returns(u), out);

	if (!more)
		more = &none;
	if (rc == 0 && c->plain)
		rc = qun_save_u64(out, u->birth);
	if (rc == 0 && !c->plain)
		rc = qun_births_save(ctx, &more->births, out);
	if (rc == 0 && c->value)
		rc = qun_sums_save(&more->amounts, out);
	return rc == 0 && c->instants ? qun_vec_save(&more->instants, out) : rc;
}

static int unit_load(const struct qun_ctx *ctx, void *slot, struct qun_reader *in)
{
	const struct qun_cohort_conf *c = ctx->conf;
	struct qun_cohort_unit *u = slot;
	struct qun_cohort_more *more = c->bulky ? more_of(u) : qun_cohort_more(u);
	uint64_t birth = 0;
	int rc = c->bulky && !more ? QUN_ENOMEM : qun_bits_load(more ? &more->returns : &u->returns, in);

	if (rc == 0 && c->plain)
		rc = qun_load_u64(in, &birth);
	if (rc == 0 && birth > UINT32_MAX)
		rc = QUN_ESTATE;
	u->birth = (uint32_t)birth;
	if (rc == 0 && !c->plain)
		rc = qun_births_load(ctx, &c->births, &more->births, in);
	if (rc == 0 && c->value)
		rc = qun_sums_load(&more->amounts, in);
	return rc == 0 && c->instants ? qun_vec_load(&more->instants, in) : rc;
}

static void unit_release(void *slot)
{
	struct qun_cohort_unit *u = slot;
	struct qun_cohort_more *more = qun_cohort_more(u);

	if (!more) {
		qun_bits_release(&u->returns);
		return;
	}
	qun_bits_release(&more->returns);
	qun_births_release(&more->births);
	qun_vec_release(&more->instants);
	qun_sums_release(&more->amounts);
	qun_slots_clear(&qun_cohort_units, &more->units.slots);
	qun_slots_clear(&qun_cohort_places, &more->places.slots);
	free(more);
	u->returns = (struct qun_bits){0};
}

const struct qun_slot_type qun_cohort_units = {
	sizeof(struct qun_cohort_unit), unit_merge, unit_save, unit_load, unit_release};

static int place_merge(
	const struct qun_ctx *dctx, void *dst, const struct qun_ctx *sctx, const void *src)
{
	const struct qun_cohort_place *from = src;
	struct qun_cohort_place *to = dst;
	int rc = qun_first_merge(dctx, &to->join, sctx, &from->join);

	return rc < 0 ? rc : qun_member_merge(dctx, &to->member, sctx, &from->member);
}

static int place_save(const struct qun_ctx *ctx, void *slot, struct qun_buf *out)
{
	struct qun_cohort_place *p = slot;
	int rc = qun_first_save(ctx, &p->join, out);

	return rc < 0 ? rc : qun_member_save(ctx, &p->member, out);
}

static int place_load(const struct qun_ctx *ctx, void *slot, struct qun_reader *in)
{
	struct qun_cohort_place *p = slot;
	int rc = qun_first_load(ctx, &p->join, in);

	return rc < 0 ? rc : qun_member_load(ctx, &p->member, in);
}

static void place_release(void *slot)
{
	struct qun_cohort_place *p = slot;

	qun_first_release(&p->join);
	qun_member_release(&p->member);
}

const struct qun_slot_type qun_cohort_places = {
	sizeof(struct qun_cohort_place), place_merge, place_save, place_load, place_release};

static int add_membership(
	const struct qun_ctx *ctx, struct qun_cohort_unit *p, const struct qun_event *ev)
{
	const struct qun_cohort_conf *c = ctx->conf;
	struct qun_cohort_more *more;
	struct qun_cohort_place *place;
	int rc;

	if (ev->type != QUN_JOIN && ev->type != QUN_LEAVE && !qun_type_is_presence(ev->type))
		return 0;
	more = more_of(p);
	place = more ? qun_slot(&more->places.slots, ev->group, qun_cohort_places.size) : NULL;
	if (!place)
		return QUN_ENOMEM;
	rc = qun_member_add(ctx, &place->member, ev);
	if (rc == 0 && c->mode == COHORT_MEMBER && c->births.full && ev->type == QUN_JOIN)
		rc = qun_first_add(ctx, &place->join, ev, true);
	return rc;
}

/* A birth or return is kept as its instant, else as its day or period. */
static inline int64_t kept_as(const struct qun_ctx *ctx, int64_t ts)
{
	const struct qun_cohort_conf *c = ctx->conf;

	if (c->instants)
		return ts;
	return c->days ? qun_day_in(ctx, ts) : qun_period_in(ctx, &c->period, ts);
}

static inline int add_plain_birth(struct qun_cohort_unit *u, int64_t kept)
{
	uint32_t birth = (uint32_t)(kept - INT32_MIN);

	if (kept <= INT32_MIN || kept > INT32_MAX)
		return QUN_ELIMIT;
	if (!u->birth || birth < u->birth)
		u->birth = birth;
	return 0;
}

/* Of returns without an amount only an order's is unknown: a message has none. */
static int add_amount(struct qun_cohort_more *more, const struct qun_event *ev, int64_t kept)
{
	bool unknown = !ev->has_amount && ev->type == QUN_ORDER;

	if (!unknown && !(ev->has_amount && ev->amount))
		return 0;
	return qun_sums_add(&more->amounts, kept, unknown ? 0 : ev->amount, unknown);
}

/* A unit for which bits do not do. */
static int count_more(const struct qun_ctx *ctx, struct qun_cohort_unit *u, const struct qun_event *ev,
	bool birth, bool again)
{
	const struct qun_cohort_conf *c = ctx->conf;
	struct qun_cohort_more *more = more_of(u);
	int64_t kept = kept_as(ctx, ev->ts);
	int rc = more ? 0 : QUN_ENOMEM;

	if (rc == 0 && birth)
		rc = c->plain ? add_plain_birth(u, kept)
			      : qun_births_add(ctx, &c->births, &more->births, ev);
	if (rc < 0 || !again)
		return rc;
	if (c->value)
		rc = add_amount(more, ev, kept);
	if (rc < 0)
		return rc;
	return c->instants ? qun_vec_add(&more->instants, kept) : qun_bits_add(&more->returns, kept);
}

static inline int count_plain(const struct qun_ctx *ctx, struct qun_cohort_unit *u,
	const struct qun_event *ev, bool birth, bool again)
{
	int64_t kept = kept_as(ctx, ev->ts);

	if (birth && add_plain_birth(u, kept) < 0)
		return QUN_ELIMIT;
	return again ? qun_bits_add(&u->returns, kept) : 0;
}

static int count_in_group(const struct qun_ctx *ctx, struct qun_cohort_unit *person,
	const struct qun_event *ev, bool birth, bool again)
{
	const struct qun_cohort_conf *c = ctx->conf;
	struct qun_cohort_more *more = more_of(person);
	struct qun_cohort_unit *u = more ? qun_slot(&more->units.slots, ev->group, sizeof(*u)) : NULL;

	if (!u)
		return QUN_ENOMEM;
	return c->bulky ? count_more(ctx, u, ev, birth, again) : count_plain(ctx, u, ev, birth, again);
}

/* Within the other, which nearly every event goes through. */
__attribute__((always_inline)) static inline int count(
	const struct qun_ctx *ctx, struct qun_cohort_unit *person, const struct qun_event *ev)
{
	const struct qun_cohort_conf *c = ctx->conf;
	bool birth, again;

	if (!qun_counts(ctx->run, ev))
		return 0;
	birth = qun_pred_match(c->birth, ev, NULL);
	again = c->again == c->birth ? birth : qun_pred_match(c->again, ev, NULL);
	if (!birth && !again)
		return 0;
	if (ctx->run->unit == QUN_UNIT_MEMBER)
		return count_in_group(ctx, person, ev, birth, again);
	return c->bulky ? count_more(ctx, person, ev, birth, again)
			: count_plain(ctx, person, ev, birth, again);
}

int qun_cohort_count(
	const struct qun_ctx *ctx, struct qun_cohort_unit *person, const struct qun_event *ev)
{
	return count(ctx, person, ev);
}

static inline int add_to_unit(
	const struct qun_ctx *ctx, struct qun_cohort_unit *p, const struct qun_event *ev)
{
	if (ev->type != QUN_ORDER && ev->type != QUN_REFUND)
		return count(ctx, p, ev);
	return ((const struct qun_cohort_conf *)ctx->conf)->orders ? qun_ledger_add(ctx, &p->orders, ev)
								   : 0;
}

static int add_member(const struct qun_ctx *ctx, struct qun_cohort_unit *p, const struct qun_event *ev)
{
	int rc = add_membership(ctx, p, ev);

	return rc < 0 || ((const struct qun_cohort_conf *)ctx->conf)->mode == COHORT_MEMBER
		       ? rc
		       : add_to_unit(ctx, p, ev);
}

int qun_cohort_add(const struct qun_ctx *ctx, void *person, const struct qun_event *ev)
{
	return ((const struct qun_cohort_conf *)ctx->conf)->rule_r ? add_member(ctx, person, ev)
								   : add_to_unit(ctx, person, ev);
}

static int merge_units(const struct qun_ctx *dctx, struct qun_cohort_unit *to,
	const struct qun_ctx *sctx, const struct qun_cohort_unit *from)
{
	const struct qun_cohort_more *other = qun_cohort_more(from);
	int rc = unit_merge(dctx, to, sctx, from);

	return rc == 0 && other
		       ? qun_slots_merge(&qun_cohort_units, dctx, &to->more->units.slots, sctx, &other->units.slots)
		       : rc;
}

int qun_cohort_copy(
	const struct qun_ctx *ctx, struct qun_cohort_unit *dst, const struct qun_cohort_unit *src)
{
	return merge_units(ctx, dst, ctx, src);
}

int qun_cohort_merge(
	const struct qun_ctx *dctx, void *dst, const struct qun_ctx *sctx, const void *src)
{
	const struct qun_cohort_unit *from = src;
	const struct qun_cohort_more *other = qun_cohort_more(from);
	struct qun_cohort_unit *to = dst;
	int rc = merge_units(dctx, to, sctx, from);

	if (rc == 0 && other)
		rc = qun_slots_merge(&qun_cohort_places, dctx, &to->more->places.slots, sctx, &other->places.slots);
	return rc < 0 ? rc : qun_ledger_merge(dctx, &to->orders, sctx, &from->orders);
}

int qun_cohort_save(const struct qun_ctx *ctx, void *person, struct qun_buf *out)
{
	const struct qun_cohort_conf *c = ctx->conf;
	struct qun_cohort_unit *p = person;
	struct qun_cohort_more none = {0}, *more = qun_cohort_more(p);
	int rc;

	if (!more)
		more = &none;
	rc = ctx->run->unit == QUN_UNIT_MEMBER ? qun_slots_save(&qun_cohort_units, ctx, &more->units.slots, out)
					       : unit_save(ctx, p, out);
	if (rc == 0 && c->rule_r)
		rc = qun_slots_save(&qun_cohort_places, ctx, &more->places.slots, out);
	return rc == 0 && c->orders ? qun_ledger_save(ctx, &p->orders, out) : rc;
}

int qun_cohort_load(const struct qun_ctx *ctx, void *person, struct qun_reader *in)
{
	const struct qun_cohort_conf *c = ctx->conf;
	struct qun_cohort_unit *p = person;
	bool member = ctx->run->unit == QUN_UNIT_MEMBER;
	int rc = (member || c->rule_r) && !more_of(p) ? QUN_ENOMEM : 0;

	if (rc == 0)
		rc = member ? qun_slots_load(&qun_cohort_units, ctx, &p->more->units.slots, in)
			    : unit_load(ctx, p, in);
	if (rc == 0 && c->rule_r)
		rc = qun_slots_load(&qun_cohort_places, ctx, &p->more->places.slots, in);
	return rc == 0 && c->orders ? qun_ledger_load(ctx, &p->orders, in) : rc;
}

void qun_cohort_release(void *person)
{
	unit_release(person);
}
