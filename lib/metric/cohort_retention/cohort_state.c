/*
 * The state of cohort-retention: per unit the births and the periods of return, per group what rule
 * R needs, and the orders, which count only once they are known to be valid.
 */
#include "metric/cohort_retention/cohort.h"

static int unit_merge(
	const struct qun_ctx *dctx, void *dst, const struct qun_ctx *sctx, const void *src)
{
	const struct qun_cohort_conf *c = dctx->conf;
	const struct qun_cohort_unit *from = src;
	struct qun_cohort_unit *to = dst;
	int rc = qun_births_merge(&c->births, dctx, &to->births, sctx, &from->births);

	if (rc == 0)
		rc = qun_bits_merge(&to->returns, &from->returns);
	if (rc == 0)
		rc = qun_sums_merge(&to->amounts, &from->amounts);
	return rc < 0 ? rc : qun_vec_merge(&to->instants, &from->instants);
}

static int unit_save(const struct qun_ctx *ctx, void *slot, struct qun_buf *out)
{
	struct qun_cohort_unit *u = slot;
	int rc = qun_births_save(ctx, &u->births, out);

	if (rc == 0)
		rc = qun_bits_save(&u->returns, out);
	if (rc == 0)
		rc = qun_sums_save(&u->amounts, out);
	return rc < 0 ? rc : qun_vec_save(&u->instants, out);
}

static int unit_load(const struct qun_ctx *ctx, void *slot, struct qun_reader *in)
{
	const struct qun_cohort_conf *c = ctx->conf;
	struct qun_cohort_unit *u = slot;
	int rc = qun_births_load(ctx, &c->births, &u->births, in);

	if (rc == 0)
		rc = qun_bits_load(&u->returns, in);
	if (rc == 0)
		rc = qun_sums_load(&u->amounts, in);
	return rc < 0 ? rc : qun_vec_load(&u->instants, in);
}

static void unit_release(void *slot)
{
	struct qun_cohort_unit *u = slot;

	qun_births_release(&u->births);
	qun_bits_release(&u->returns);
	qun_vec_release(&u->instants);
	qun_sums_release(&u->amounts);
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
	const struct qun_ctx *ctx, struct qun_cohort_person *p, const struct qun_event *ev)
{
	const struct qun_cohort_conf *c = ctx->conf;
	struct qun_cohort_place *place;
	int rc;

	if (ev->type != QUN_JOIN && ev->type != QUN_LEAVE && !qun_type_is_presence(ev->type))
		return 0;
	place = qun_slot(&p->places, ev->group, qun_cohort_places.size);
	if (!place)
		return QUN_ENOMEM;
	rc = qun_member_add(ctx, &place->member, ev);
	if (rc == 0 && c->mode == COHORT_MEMBER && c->births.full && ev->type == QUN_JOIN)
		rc = qun_first_add(ctx, &place->join, ev, true);
	return rc;
}

/* A return is kept as its instant, else as its day or period. Of returns without an amount only an
 * order's is unknown: a message has none. */
static int add_return(
	const struct qun_ctx *ctx, struct qun_cohort_unit *u, const struct qun_event *ev)
{
	const struct qun_cohort_conf *c = ctx->conf;
	const struct qun_cal *cal = &ctx->run->cal;
	int64_t kept = c->instants ? ev->ts
		       : c->days   ? qun_cal_day(cal, ev->ts)
				   : qun_period_of(cal, &c->period, ev->ts);
	bool unknown = !ev->has_amount && ev->type == QUN_ORDER;
	int rc = 0;

	if (c->value && (unknown || (ev->has_amount && ev->amount)))
		rc = qun_sums_add(&u->amounts, kept, unknown ? 0 : ev->amount, unknown);
	if (rc < 0)
		return rc;
	return c->instants ? qun_vec_add(&u->instants, kept) : qun_bits_add(&u->returns, kept);
}

int qun_cohort_count(const struct qun_ctx *ctx, struct qun_slots *to, const struct qun_event *ev)
{
	const struct qun_run *run = ctx->run;
	const struct qun_cohort_conf *c = ctx->conf;
	bool birth, again;
	struct qun_cohort_unit *u;
	int rc = 0;

	if (!qun_counts(run, ev))
		return 0;
	birth = qun_pred_match(c->birth, ev, NULL);
	again = c->again == c->birth ? birth : qun_pred_match(c->again, ev, NULL);
	if (!birth && !again)
		return 0;
	u = qun_slot(
		to, run->unit == QUN_UNIT_MEMBER ? ev->group : QUN_NONE, qun_cohort_units.size);
	if (!u)
		return QUN_ENOMEM;
	if (birth)
		rc = qun_births_add(ctx, &c->births, &u->births, ev);
	return rc < 0 || !again ? rc : add_return(ctx, u, ev);
}

int qun_cohort_add(const struct qun_ctx *ctx, void *person, const struct qun_event *ev, size_t n)
{
	const struct qun_cohort_conf *c = ctx->conf;
	struct qun_cohort_person *p = person;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (c->rule_r)
			rc = add_membership(ctx, p, &ev[i]);
		if (rc < 0 || c->mode == COHORT_MEMBER)
			continue;
		if (ev[i].type != QUN_ORDER && ev[i].type != QUN_REFUND)
			rc = qun_cohort_count(ctx, &p->units, &ev[i]);
		else if (c->orders)
			rc = qun_ledger_add(ctx, &p->ledger, &ev[i]);
	}
	return rc;
}

int qun_cohort_merge(
	const struct qun_ctx *dctx, void *dst, const struct qun_ctx *sctx, const void *src)
{
	const struct qun_cohort_person *from = src;
	struct qun_cohort_person *to = dst;
	int rc = qun_slots_merge(&qun_cohort_units, dctx, &to->units, sctx, &from->units);

	if (rc == 0)
		rc = qun_slots_merge(&qun_cohort_places, dctx, &to->places, sctx, &from->places);
	return rc < 0 ? rc : qun_ledger_merge(dctx, &to->ledger, sctx, &from->ledger);
}

int qun_cohort_save(const struct qun_ctx *ctx, void *person, struct qun_buf *out)
{
	struct qun_cohort_person *p = person;
	int rc = qun_slots_save(&qun_cohort_units, ctx, &p->units, out);

	if (rc == 0)
		rc = qun_slots_save(&qun_cohort_places, ctx, &p->places, out);
	return rc < 0 ? rc : qun_ledger_save(ctx, &p->ledger, out);
}

int qun_cohort_load(const struct qun_ctx *ctx, void *person, struct qun_reader *in)
{
	struct qun_cohort_person *p = person;
	int rc = qun_slots_load(&qun_cohort_units, ctx, &p->units, in);

	if (rc == 0)
		rc = qun_slots_load(&qun_cohort_places, ctx, &p->places, in);
	return rc < 0 ? rc : qun_ledger_load(ctx, &p->ledger, in);
}

void qun_cohort_release(void *person)
{
	struct qun_cohort_person *p = person;

	qun_slots_clear(&qun_cohort_units, &p->units);
	qun_slots_clear(&qun_cohort_places, &p->places);
}
