/*
 * The state of activity-rate: per group one record for each period with an event of the person,
 * with joins and leaves beside them, and the orders, which count only once they are known to be
 * valid.
 */
#include "metric/activity_rate/activity.h"

#include <stdlib.h>
#include <string.h>

static int slot_merge(
	const struct qun_ctx *dctx, void *dst, const struct qun_ctx *sctx, const void *src)
{
	const struct qun_activity_slot *from = src;
	struct qun_activity_slot *to = dst;
	int rc = qun_marks_merge(dctx, &to->marks, sctx, &from->marks);

	if (rc == 0)
		rc = qun_activity_join(dctx, to, sctx, from);
	return rc < 0 ? rc : qun_activity_talk_merge(to, from);
}

static bool keeps_talk(const struct qun_ctx *ctx)
{
	return ((const struct qun_activity_conf *)ctx->conf)->no_flood;
}

static int slot_save(const struct qun_ctx *ctx, void *slot, struct qun_buf *out)
{
	struct qun_activity_slot *s = slot;
	struct qun_activity_time *t;
	struct qun_vec presence = {0};
	size_t n;
	int rc = qun_activity_times(ctx, s, &t, &n);

	if (rc == 0)
		rc = qun_save_u64(out, n);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = qun_save_i64(out, t[i].when);
		if (rc == 0)
			rc = qun_save_u64(out, t[i].messages);
		if (rc == 0)
			rc = qun_save_u64(out, t[i].npresence * 2u + t[i].active);
		for (int k = 0; rc == 0 && k < t[i].npresence; k++)
			rc = qun_vec_add(&presence, t[i].presence[k]);
	}
	if (rc == 0 && keeps_talk(ctx))
		rc = qun_activity_talk_save(s, out);
	if (rc == 0)
		rc = qun_marks_save(ctx, &s->marks, out);
	if (rc == 0)
		rc = qun_vec_save(&presence, out);
	qun_vec_release(&presence);
	free(t);
	return rc;
}

static int load_time(struct qun_activity_time *t, const struct qun_activity_time *before, struct qun_reader *in)
{
	uint64_t messages = 0, flags = 0;
	int64_t when = 0;
	int rc = qun_load_i64(in, &when);

	if (rc == 0)
		rc = qun_load_u64(in, &messages);
	if (rc == 0)
		rc = qun_load_u64(in, &flags);
	if (rc == 0 && (messages > UINT32_MAX || when < INT32_MIN || when > INT32_MAX || flags > 2 * ACTIVITY_MAX_PRESENCE + 1 ||
			       (before && when <= before->when)))
		rc = QUN_ESTATE;
	*t = (struct qun_activity_time){.when = (int32_t)when,
		.messages = (uint32_t)messages,
		.active = flags & 1,
		.npresence = (uint8_t)(flags / 2)};
	return rc;
}

static int by_when(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

/* Puts the instants into the times that they belong to, each of which wants so many. */
static int deal_presence(const struct qun_ctx *ctx, const struct qun_vec *all, struct qun_activity_time *t, size_t n,
	uint8_t *got)
{
	for (size_t i = 0; i < all->n; i++) {
		int64_t ts = all->v[i];
		struct qun_activity_time key, *to;
		uint8_t *k;

		if (ts < QUN_TIME_MIN || ts > QUN_TIME_MAX)
			return QUN_ESTATE;
		key.when = (int32_t)qun_activity_when(ctx, ts);
		to = bsearch(&key, t, n, sizeof(*t), by_when);
		k = to ? &got[to - t] : NULL;
		if (!to || *k == to->npresence || (*k && to->presence[*k - 1] >= ts))
			return QUN_ESTATE;
		to->presence[(*k)++] = ts;
	}
	return 0;
}

static int load_presence(const struct qun_ctx *ctx, struct qun_activity_time *t, size_t n, struct qun_reader *in)
{
	uint8_t *got = calloc(n + 1, 1);
	struct qun_vec all = {0};
	int rc = got ? qun_vec_load(&all, in) : QUN_ENOMEM;
	size_t want = 0;

	for (size_t i = 0; i < n; i++)
		want += t[i].npresence;
	if (rc == 0)
		rc = want == all.n ? deal_presence(ctx, &all, t, n, got) : QUN_ESTATE;
	qun_vec_release(&all);
	free(got);
	return rc;
}

static int slot_load(const struct qun_ctx *ctx, void *slot, struct qun_reader *in)
{
	struct qun_activity_slot *s = slot;
	struct qun_activity_time *t = NULL;
	size_t n = 0;
	int rc = qun_load_count(in, 3, &n);

	if (rc == 0)
		t = reallocarray(NULL, n + 1, sizeof(*t));
	if (rc == 0 && !t)
		rc = QUN_ENOMEM;
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = load_time(&t[i], i ? &t[i - 1] : NULL, in);
	if (rc == 0 && keeps_talk(ctx))
		rc = qun_activity_talk_load(s, in);
	if (rc == 0)
		rc = qun_marks_load(ctx, &s->marks, in);
	if (rc == 0)
		rc = load_presence(ctx, t, n, in);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = qun_activity_set(ctx, s, &t[i]);
	free(t);
	return rc;
}

static void slot_release(void *slot)
{
	struct qun_activity_slot *s = slot;

	qun_activity_talk_release(s);
	qun_marks_release(&s->marks);
}

const struct qun_slot_type qun_activity_slots = {
	sizeof(struct qun_activity_slot), slot_merge, slot_save, slot_load, slot_release};

int64_t qun_activity_when(const struct qun_ctx *ctx, int64_t ts)
{
	const struct qun_activity_conf *c = ctx->conf;

	return c->by_day ? qun_day_in(ctx, ts) : qun_period_in(ctx, &c->period, ts);
}

/* What joins, leaves and messages that may be of a flood have beside activity. 1: nothing is left. */
static int take_aside(const struct qun_ctx *ctx, struct qun_activity_slot *s, const struct qun_event *ev,
	bool *active, bool *message)
{
	int rc;

	if (ev->type == QUN_JOIN || ev->type == QUN_LEAVE) {
		rc = qun_marks_add(ctx, &s->marks, ev);
		return rc == 0 && !*active ? 1 : rc;
	}
	if (*message) {
		rc = qun_activity_say(s, ev, *active);
		*active = *message = false;
		return rc;
	}
	return 0;
}

/* Takes an event that is no row of an order: for those the valid order stands. */
static int count(const struct qun_ctx *ctx, struct qun_slots *to, const struct qun_event *ev)
{
	const struct qun_activity_conf *c = ctx->conf;
	bool mark = ev->type == QUN_JOIN || ev->type == QUN_LEAVE;
	bool present = qun_type_is_presence(ev->type);
	bool counts = qun_counts(ctx->run, ev);
	bool active = counts && qun_pred_match(ctx->run->active, ev, NULL);
	bool message = counts && ev->type == QUN_MESSAGE;
	struct qun_activity_slot *s;
	int rc;

	if (!mark && !present && !active && !message)
		return 0;
	s = qun_slot(to, ev->group, sizeof(*s));
	if (!s)
		return QUN_ENOMEM;
	if (mark || (message && c->no_flood)) {
		rc = take_aside(ctx, s, ev, &active, &message);
		if (rc)
			return rc < 0 ? rc : 0;
	}
	rc = qun_activity_turn(ctx, s, (int32_t)qun_activity_when(ctx, ev->ts));
	if (rc < 0)
		return rc;
	s->active |= active;
	if (__builtin_add_overflow(s->messages, (uint32_t)message, &s->messages))
		return QUN_EOVERFLOW;
	return present ? qun_activity_present(ctx, s, ev->ts) : 0;
}

int qun_activity_add(const struct qun_ctx *ctx, void *person, const struct qun_event *ev)
{
	const struct qun_activity_conf *c = ctx->conf;
	struct qun_activity_person *p = person;

	if (ev->type != QUN_ORDER && ev->type != QUN_REFUND)
		return count(ctx, &p->in.slots, ev);
	return c->orders ? qun_ledger_add(ctx, &p->ledger, ev) : 0;
}

int qun_activity_merge(
	const struct qun_ctx *dctx, void *dst, const struct qun_ctx *sctx, const void *src)
{
	const struct qun_activity_person *from = src;
	struct qun_activity_person *to = dst;
	int rc = qun_slots_merge(&qun_activity_slots, dctx, &to->in.slots, sctx, &from->in.slots);

	return rc < 0 ? rc : qun_ledger_merge(dctx, &to->ledger, sctx, &from->ledger);
}

int qun_activity_save(const struct qun_ctx *ctx, void *person, struct qun_buf *out)
{
	struct qun_activity_person *p = person;
	int rc = qun_slots_save(&qun_activity_slots, ctx, &p->in.slots, out);

	return rc < 0 ? rc : qun_ledger_save(ctx, &p->ledger, out);
}

int qun_activity_load(const struct qun_ctx *ctx, void *person, struct qun_reader *in)
{
	struct qun_activity_person *p = person;
	int rc = qun_slots_load(&qun_activity_slots, ctx, &p->in.slots, in);

	return rc < 0 ? rc : qun_ledger_load(ctx, &p->ledger, in);
}

void qun_activity_release(void *person)
{
	struct qun_activity_person *p = person;

	qun_slots_clear(&qun_activity_slots, &p->in.slots);
}
