/*
 * The state of a funnel's person: by group, the instants at which steps were met and attempts
 * ended. Which orders are valid is known only at the end, so order rows wait in a ledger.
 */
#include "metric/funnel/funnel.h"

#include <stdlib.h>

#include "model/parts.h"

/* A pattern that runs into a limit has no answer, so the run is refused. */
int qun_funnel_match_any(const struct qun_ctx *ctx, const struct qun_event *ev, uint64_t *met)
{
	const struct qun_funnel_conf *c = ctx->conf;
	bool limit = false;

	*met = 0;
	if (!qun_counts(ctx->run, ev))
		return 0;
	*met = c->sure[ev->type];
	for (uint64_t may = c->may[ev->type]; may; may &= may - 1) {
		int i = __builtin_ctzll(may);

		if (qun_pred_match(c->pred[i], ev, &limit))
			*met |= UINT64_C(1) << i;
	}
	return limit ? QUN_ELIMIT : 0;
}

bool qun_funnel_is_other(const struct qun_ctx *ctx, const struct qun_event *ev)
{
	const struct qun_funnel_conf *c = ctx->conf;

	return c->others && ev->type != QUN_REFUND && qun_counts(ctx->run, ev);
}

bool qun_funnel_is_own(int field)
{
	return field != QUN_F_GROUP && field != QUN_F_SOURCE && field != QUN_F_ROLE;
}

int qun_funnel_tag(const struct qun_ctx *ctx, const struct qun_event *ev, bool first, uint32_t *tag)
{
	const struct qun_funnel_conf *c = ctx->conf;
	struct qun_buf key = {0};
	int rc = 0;

	*tag = QUN_NONE;
	if (!c->tagged)
		return 0;
	if (c->held >= 0)
		rc = qun_key_text(&key, qun_event_text(ev, c->held));
	for (int i = 0; rc == 0 && first && i < ctx->run->by.n; i++) {
		if (qun_funnel_is_own(ctx->run->by.field[i]))
			rc = qun_key_text(&key, qun_event_text(ev, ctx->run->by.field[i]));
		else if (ctx->run->by.field[i] == QUN_F_SOURCE)
			rc = qun_key_text(&key, qun_span_of(ev->type == QUN_JOIN ? "join" : ""));
	}
	if (rc == 0)
		rc = qun_word_add(ctx, qun_buf_span(&key), tag);
	qun_buf_release(&key);
	return rc;
}

/* Made if there is none; NULL: no memory. */
static struct qun_funnel_aside *aside_of(struct qun_funnel_slot *s)
{
	if (!s->aside)
		s->aside = calloc(1, sizeof(*s->aside));
	return s->aside;
}

static int add_stop(struct qun_funnel_slot *s, int64_t ts)
{
	struct qun_funnel_aside *aside = aside_of(s);

	return aside ? qun_vec_add(&aside->stop, ts) : QUN_ENOMEM;
}

static int add_steps_met(
	const struct qun_ctx *ctx, struct qun_funnel_slot *s, const struct qun_event *ev)
{
	const struct qun_funnel_conf *c = ctx->conf;
	uint32_t tag = QUN_NONE;
	uint64_t met;
	int rc = qun_funnel_match(ctx, ev, &met);

	if (rc == 0 && (met >> FUNNEL_EXCLUDE || (met == 0 && qun_funnel_is_other(ctx, ev))))
		rc = add_stop(s, ev->ts);
	if (rc < 0 || (uint32_t)met == 0)
		return rc;
	if (c->tagged)
		rc = qun_funnel_tag(ctx, ev, met & 1, &tag);
	return rc < 0 ? rc : qun_trail_add(ctx, &s->trail, ev->ts, (uint32_t)met, tag);
}

/* What orders, refunds and --by source have beside steps. */
static int add_aside(const struct qun_ctx *ctx, struct qun_funnel_person *p, struct qun_funnel_slot *s,
	const struct qun_event *ev)
{
	const struct qun_funnel_conf *c = ctx->conf;
	struct qun_funnel_aside *aside = c->source ? aside_of(s) : NULL;
	int rc = 0;

	if (c->source)
		rc = aside ? qun_member_add(ctx, &aside->member, ev) : QUN_ENOMEM;
	return rc == 0 && c->orders ? qun_ledger_add(ctx, &p->orders, ev) : rc;
}

int qun_funnel_add(const struct qun_ctx *ctx, void *person, const struct qun_event *ev)
{
	const struct qun_funnel_conf *c = ctx->conf;
	bool order = ev->type == QUN_ORDER || ev->type == QUN_REFUND;
	struct qun_funnel_person *p = person;
	struct qun_funnel_slot *s;
	int rc = 0;

	/* A line or a refund of an order may lie in a group that is not asked for: the order's own
	 * group decides. */
	if (order && !qun_group_wanted(ctx->run, qun_dict_text(ctx->groups, ev->group)))
		return c->orders ? qun_ledger_add(ctx, &p->orders, ev) : 0;
	s = qun_slot(&p->in.slots, ev->group, sizeof(*s));
	if (!s)
		return QUN_ENOMEM;
	if (order || c->source)
		rc = add_aside(ctx, p, s, ev);
	/* For rows of orders, refunds too, the order stands. */
	if (rc == 0 && !order)
		rc = add_steps_met(ctx, s, ev);
	if (rc == 0 && (!s->seen || ev->ts < s->first)) {
		s->seen = true;
		s->first = ev->ts;
	}
	return rc;
}

static int slot_merge(
	const struct qun_ctx *dctx, void *dst, const struct qun_ctx *sctx, const void *src)
{
	struct qun_funnel_slot *to = dst;
	const struct qun_funnel_slot *from = src;
	int rc = qun_trail_merge(dctx, &to->trail, sctx, &from->trail);

	if (rc == 0 && from->aside && !aside_of(to))
		rc = QUN_ENOMEM;
	if (rc == 0 && from->aside)
		rc = qun_vec_merge(&to->aside->stop, &from->aside->stop);
	if (rc == 0 && from->aside)
		rc = qun_member_merge(dctx, &to->aside->member, sctx, &from->aside->member);
	if (rc == 0 && from->seen && (!to->seen || from->first < to->first)) {
		to->seen = true;
		to->first = from->first;
	}
	return rc;
}

static int slot_save(const struct qun_ctx *ctx, void *slot, struct qun_buf *out)
{
	const struct qun_funnel_conf *c = ctx->conf;
	struct qun_funnel_slot *s = slot;
	struct qun_funnel_aside none = {0}, *aside = s->aside ? s->aside : &none;
	int rc = qun_save_i64(out, s->first);

	if (rc == 0)
		rc = qun_trail_save(ctx, &s->trail, c->tagged, out);
	if (rc == 0 && (c->exclude || c->others))
		rc = qun_vec_save(&aside->stop, out);
	if (rc == 0 && c->source)
		rc = qun_member_save(ctx, &aside->member, out);
	return rc;
}

static int slot_load(const struct qun_ctx *ctx, void *slot, struct qun_reader *in)
{
	const struct qun_funnel_conf *c = ctx->conf;
	struct qun_funnel_slot *s = slot;
	int rc = qun_load_i64(in, &s->first);

	s->seen = true;
	if (rc == 0)
		rc = qun_trail_load(
			ctx, &s->trail, c->tagged, UINT32_MAX >> (FUNNEL_STEPS - c->n), in);
	if (rc == 0 && (c->exclude || c->others || c->source) && !aside_of(s))
		rc = QUN_ENOMEM;
	if (rc == 0 && (c->exclude || c->others))
		rc = qun_vec_load(&s->aside->stop, in);
	if (rc == 0 && c->source)
		rc = qun_member_load(ctx, &s->aside->member, in);
	return rc;
}

static void slot_release(void *slot)
{
	struct qun_funnel_slot *s = slot;

	if (s->aside) {
		qun_vec_release(&s->aside->stop);
		qun_member_release(&s->aside->member);
	}
	free(s->aside);
}

static const struct qun_slot_type slot_type = {
	sizeof(struct qun_funnel_slot), slot_merge, slot_save, slot_load, slot_release};

int qun_funnel_merge(
	const struct qun_ctx *dctx, void *dst, const struct qun_ctx *sctx, const void *src)
{
	struct qun_funnel_person *to = dst;
	const struct qun_funnel_person *from = src;
	int rc = qun_slots_merge(&slot_type, dctx, &to->in.slots, sctx, &from->in.slots);

	return rc < 0 ? rc : qun_ledger_merge(dctx, &to->orders, sctx, &from->orders);
}

int qun_funnel_save(const struct qun_ctx *ctx, void *person, struct qun_buf *out)
{
	struct qun_funnel_person *p = person;
	int rc = qun_slots_save(&slot_type, ctx, &p->in.slots, out);

	return rc == 0 && ((const struct qun_funnel_conf *)ctx->conf)->orders
		       ? qun_ledger_save(ctx, &p->orders, out)
		       : rc;
}

int qun_funnel_load(const struct qun_ctx *ctx, void *person, struct qun_reader *in)
{
	struct qun_funnel_person *p = person;
	int rc = qun_slots_load(&slot_type, ctx, &p->in.slots, in);

	return rc == 0 && ((const struct qun_funnel_conf *)ctx->conf)->orders
		       ? qun_ledger_load(ctx, &p->orders, in)
		       : rc;
}

void qun_funnel_release(void *person)
{
	struct qun_funnel_person *p = person;

	qun_slots_clear(&slot_type, &p->in.slots);
}
