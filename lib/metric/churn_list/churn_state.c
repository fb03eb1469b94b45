/* What is kept of a person: his orders and, for each group, what rule R and activity say. */
#include "metric/churn_list/churn.h"
#include "model/slots.h"

#include <string.h>

bool qun_churn_has_days(const struct churn_slot *s)
{
	int64_t day;

	return qun_bits_next(&s->days, INT64_MIN, &day);
}

static int slot_merge(
	const struct qun_ctx *dctx, void *dst, const struct qun_ctx *sctx, const void *src)
{
	struct churn_slot *to = dst;
	const struct churn_slot *from = src;
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
	struct churn_slot *s = slot;
	int rc = qun_member_save(ctx, &s->member, out);

	if (rc == 0)
		rc = qun_bits_save(&s->days, out);
	if (rc == 0 && qun_churn_has_days(s))
		rc = qun_save_i64(out, s->last_active);
	if (rc == 0)
		rc = qun_save_u64(out, s->messages);
	if (rc == 0 && s->messages)
		rc = qun_save_i64(out, s->last_message);
	return rc < 0 ? rc : qun_save_u64(out, s->benefit);
}

static int slot_load(const struct qun_ctx *ctx, void *slot, struct qun_reader *in)
{
	struct churn_slot *s = slot;
	uint64_t benefit = 0;
	int64_t later;
	int rc = qun_member_load(ctx, &s->member, in);

	if (rc == 0)
		rc = qun_bits_load(&s->days, in);
	if (rc == 0 && qun_churn_has_days(s)) {
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
	if (rc == 0 && (benefit > 1 || (!benefit && !s->messages && !qun_churn_has_days(s) && !s->member.marks.n &&
					       !s->member.presence.n)))
		rc = QUN_ESTATE;
	return rc;
}

static void slot_release(void *slot)
{
	struct churn_slot *s = slot;

	qun_member_release(&s->member);
	qun_bits_release(&s->days);
}

static const struct qun_slot_type slot_type = {
	sizeof(struct churn_slot), slot_merge, slot_save, slot_load, slot_release};

static bool is_benefit(const struct qun_event *ev)
{
	if (ev->type == QUN_REDPACKET)
		return qun_span_is(ev->field[QUN_F_SOURCE], "claimed");
	return ev->type == QUN_SHARE ||
	       (ev->type == QUN_WORD && qun_span_is(ev->field[QUN_F_TYPE], "coupon"));
}

/* The day of the newest active event is there already, and mostly that of the next one. */
static int add_day(const struct qun_ctx *ctx, struct churn_slot *s, int64_t ts)
{
	int64_t day = qun_day_in(ctx, ts);

	if (s->days.words && ctx->memo && qun_block_holds(&ctx->memo->day, s->last_active))
		return 0;
	return qun_bits_add(&s->days, day);
}

/* Takes an event that is neither order nor refund. */
static int add_to_slot(const struct qun_ctx *ctx, struct churn_person *p, const struct qun_event *ev)
{
	bool counts = qun_counts(ctx->run, ev);
	bool active = counts && qun_pred_match(ctx->run->active, ev, NULL);
	bool message = counts && ev->type == QUN_MESSAGE;
	bool benefit = counts && is_benefit(ev);
	bool marks =
		ev->type == QUN_JOIN || ev->type == QUN_LEAVE || qun_type_is_presence(ev->type);
	struct churn_slot *s;
	int rc = 0;

	if (!active && !message && !benefit && !marks)
		return 0;
	s = qun_slot(&p->in.slots, ev->group, sizeof(*s));
	if (!s)
		return QUN_ENOMEM;
	if (active)
		rc = add_day(ctx, s, ev->ts);
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

int qun_churn_add(const struct qun_ctx *ctx, void *person, const struct qun_event *ev)
{
	struct churn_person *p = person;

	return ev->type == QUN_ORDER || ev->type == QUN_REFUND ? qun_ledger_add(ctx, &p->ledger, ev)
							       : add_to_slot(ctx, p, ev);
}

int qun_churn_merge(const struct qun_ctx *dctx, void *dst, const struct qun_ctx *sctx, const void *src)
{
	struct churn_person *to = dst;
	const struct churn_person *from = src;
	int rc = qun_ledger_merge(dctx, &to->ledger, sctx, &from->ledger);

	return rc < 0 ? rc : qun_slots_merge(&slot_type, dctx, &to->in.slots, sctx, &from->in.slots);
}

int qun_churn_save(const struct qun_ctx *ctx, void *person, struct qun_buf *out)
{
	struct churn_person *p = person;
	int rc = qun_ledger_save(ctx, &p->ledger, out);

	return rc < 0 ? rc : qun_slots_save(&slot_type, ctx, &p->in.slots, out);
}

int qun_churn_load(const struct qun_ctx *ctx, void *person, struct qun_reader *in)
{
	struct churn_person *p = person;
	int rc = qun_ledger_load(ctx, &p->ledger, in);

	return rc < 0 ? rc : qun_slots_load(&slot_type, ctx, &p->in.slots, in);
}

void qun_churn_release(void *person)
{
	struct churn_person *p = person;

	qun_slots_clear(&slot_type, &p->in.slots);
}
