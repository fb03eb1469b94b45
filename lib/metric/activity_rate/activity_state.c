/*
 * The state of activity-rate: per group one record for each period with an event of the person,
 * with joins and leaves beside them, and the orders, which count only once they are known to be
 * valid.
 */
#include "metric/activity_rate/activity.h"

#include <stdlib.h>
#include <string.h>

/* The record of a period, made if new. Events mostly come in order, so the search is from the end.
 */
struct qun_activity_record *qun_activity_record(struct qun_activity_slot *s, int64_t when)
{
	uint32_t low = 0, high = s->n;

	if (s->n && s->record[s->n - 1].when <= when)
		low = s->n - (s->record[s->n - 1].when == when);
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (s->record[mid].when < when)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < s->n && s->record[low].when == when)
		return &s->record[low];
	if (s->n == s->cap) {
		size_t cap = s->cap ? 2 * (size_t)s->cap : 4;
		struct qun_activity_record *record;

		if (cap > UINT32_MAX)
			return NULL;
		record = reallocarray(s->record, cap, sizeof(*record));
		if (!record)
			return NULL;
		s->record = record;
		s->cap = (uint32_t)cap;
	}
	memmove(&s->record[low + 1], &s->record[low], (s->n++ - low) * sizeof(*s->record));
	s->record[low] = (struct qun_activity_record){.when = (int32_t)when};
	return &s->record[low];
}

/* Of more instants than are kept the second one goes. */
static int add_presence(struct qun_activity_slot *s, struct qun_activity_record *r, int64_t ts)
{
	struct qun_vec *all = &s->member.presence;
	size_t from, at = all->n;
	int64_t *v;

	for (const struct qun_activity_record *last = &s->record[s->n - 1]; last > r; last--)
		at -= last->npresence;
	from = at - r->npresence;
	while (at > from && all->v[at - 1] > ts)
		at--;
	if (at > from && all->v[at - 1] == ts)
		return 0;
	if (r->npresence == ACTIVITY_MAX_PRESENCE) {
		v = &all->v[from];
		if (at == from)
			v[0] = ts;
		if (at <= from + 1)
			return 0;
		memmove(&v[1], &v[2], (at - from - 2) * sizeof(*v));
		v[at - from - 1] = ts;
		return 0;
	}
	if (qun_grow(&all->v, &all->cap, all->n, sizeof(*all->v)) < 0)
		return QUN_ENOMEM;
	memmove(&all->v[at + 1], &all->v[at], (all->n - at) * sizeof(*all->v));
	all->v[at] = ts;
	/* Where a zone's clock goes back over midnight, days do not follow in time. */
	all->sorted = all->n == 0 || (all->sorted && (at == 0 || all->v[at - 1] <= ts) &&
					     (at == all->n || ts <= all->v[at + 1]));
	all->n++;
	r->npresence++;
	return 0;
}

int qun_activity_own(struct qun_activity_slot *s)
{
	struct qun_activity_record *record = reallocarray(NULL, (size_t)s->n + 1, sizeof(*record));

	if (!record)
		return QUN_ENOMEM;
	if (s->n)
		memcpy(record, s->record, s->n * sizeof(*record));
	s->record = record;
	s->cap = s->n + 1;
	return 0;
}

int qun_activity_messages(struct qun_activity_record *r, uint32_t n)
{
	return __builtin_add_overflow(r->messages, n, &r->messages) ? QUN_EOVERFLOW : 0;
}

static int slot_merge(
	const struct qun_ctx *dctx, void *dst, const struct qun_ctx *sctx, const void *src)
{
	const struct qun_activity_slot *from = src;
	struct qun_activity_slot *to = dst;
	struct qun_member marks = from->member;
	const int64_t *presence = from->member.presence.v;
	int rc;

	marks.presence = (struct qun_vec){0};
	rc = qun_member_merge(dctx, &to->member, sctx, &marks);
	for (uint32_t i = 0; rc == 0 && i < from->n; i++) {
		const struct qun_activity_record *r = &from->record[i];
		struct qun_activity_record *into = qun_activity_record(to, r->when);

		if (!into)
			return QUN_ENOMEM;
		rc = qun_activity_messages(into, r->messages);
		for (uint32_t k = 0; rc == 0 && k < r->npresence; k++)
			rc = add_presence(to, into, *presence++);
		into->active |= r->active;
	}
	return rc < 0 ? rc : qun_activity_talk_merge(to, from);
}

static bool keeps_talk(const struct qun_ctx *ctx)
{
	return ((const struct qun_activity_conf *)ctx->conf)->no_flood;
}

static int slot_save(const struct qun_ctx *ctx, void *slot, struct qun_buf *out)
{
	struct qun_activity_slot *s = slot;
	int rc = qun_save_u64(out, s->n);

	for (uint32_t i = 0; rc == 0 && i < s->n; i++) {
		const struct qun_activity_record *r = &s->record[i];

		rc = qun_save_i64(out, r->when);
		if (rc == 0)
			rc = qun_save_u64(out, r->messages);
		if (rc == 0)
			rc = qun_save_u64(out, r->npresence * 2u + r->active);
	}
	if (rc == 0 && keeps_talk(ctx))
		rc = qun_activity_talk_save(s, out);
	return rc < 0 ? rc : qun_member_save(ctx, &s->member, out);
}

static int load_record(struct qun_activity_slot *s, struct qun_reader *in)
{
	struct qun_activity_record *r;
	uint64_t messages = 0, flags = 0;
	int64_t when = 0;
	int rc = qun_load_i64(in, &when);

	if (rc == 0)
		rc = qun_load_u64(in, &messages);
	if (rc == 0)
		rc = qun_load_u64(in, &flags);
	if (rc == 0 && (messages > UINT32_MAX || when < INT32_MIN || when > INT32_MAX || flags > 2 * ACTIVITY_MAX_PRESENCE + 1 ||
			       (s->n && when <= s->record[s->n - 1].when)))
		rc = QUN_ESTATE;
	if (rc < 0)
		return rc;
	r = qun_activity_record(s, when);
	if (!r)
		return QUN_ENOMEM;
	r->messages = (uint32_t)messages;
	r->active = flags & 1;
	r->npresence = (uint8_t)(flags / 2);
	return 0;
}

static int slot_load(const struct qun_ctx *ctx, void *slot, struct qun_reader *in)
{
	struct qun_activity_slot *s = slot;
	size_t n = 0, npresence = 0;
	int rc = qun_load_count(in, 3, &n);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = load_record(s, in);
		if (rc == 0)
			npresence += s->record[i].npresence;
	}
	if (rc == 0 && keeps_talk(ctx))
		rc = qun_activity_talk_load(s, in);
	if (rc == 0)
		rc = qun_member_load(ctx, &s->member, in);
	return rc == 0 && s->member.presence.n != npresence ? QUN_ESTATE : rc;
}

static void slot_release(void *slot)
{
	struct qun_activity_slot *s = slot;

	free(s->record);
	qun_activity_talk_release(s);
	qun_member_release(&s->member);
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
		rc = qun_member_add(ctx, &s->member, ev);
		return rc == 0 && !*active ? 1 : rc;
	}
	if (*message) {
		rc = qun_activity_say(s, ev, *active);
		*active = *message = false;
		return rc;
	}
	return 0;
}

static int take_presence(struct qun_activity_slot *s, struct qun_activity_record *r, int64_t ts)
{
	struct qun_vec *all = &s->member.presence;

	if (r != &s->record[s->n - 1] || r->npresence == ACTIVITY_MAX_PRESENCE || all->n == all->cap ||
		!all->sorted || all->v[all->n - 1] >= ts)
		return add_presence(s, r, ts);
	all->v[all->n++] = ts;
	r->npresence++;
	return 0;
}

int qun_activity_count(const struct qun_ctx *ctx, struct qun_slots *to, const struct qun_event *ev)
{
	const struct qun_activity_conf *c = ctx->conf;
	bool mark = ev->type == QUN_JOIN || ev->type == QUN_LEAVE;
	bool present = qun_type_is_presence(ev->type);
	bool counts = qun_counts(ctx->run, ev);
	bool active = counts && qun_pred_match(ctx->run->active, ev, NULL);
	bool message = counts && ev->type == QUN_MESSAGE;
	struct qun_activity_record *r;
	struct qun_activity_slot *s;
	int64_t when;
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
	when = qun_activity_when(ctx, ev->ts);
	r = s->n && s->record[s->n - 1].when == when ? &s->record[s->n - 1] : qun_activity_record(s, when);
	if (!r)
		return QUN_ENOMEM;
	r->active |= active;
	if (__builtin_add_overflow(r->messages, (uint32_t)message, &r->messages))
		return QUN_EOVERFLOW;
	return present ? take_presence(s, r, ev->ts) : 0;
}

int qun_activity_add(const struct qun_ctx *ctx, void *person, const struct qun_event *ev)
{
	const struct qun_activity_conf *c = ctx->conf;
	struct qun_activity_person *p = person;

	if (ev->type != QUN_ORDER && ev->type != QUN_REFUND)
		return qun_activity_count(ctx, &p->slots, ev);
	return c->orders ? qun_ledger_add(ctx, &p->ledger, ev) : 0;
}

int qun_activity_merge(
	const struct qun_ctx *dctx, void *dst, const struct qun_ctx *sctx, const void *src)
{
	const struct qun_activity_person *from = src;
	struct qun_activity_person *to = dst;
	int rc = qun_slots_merge(&qun_activity_slots, dctx, &to->slots, sctx, &from->slots);

	return rc < 0 ? rc : qun_ledger_merge(dctx, &to->ledger, sctx, &from->ledger);
}

int qun_activity_save(const struct qun_ctx *ctx, void *person, struct qun_buf *out)
{
	struct qun_activity_person *p = person;
	int rc = qun_slots_save(&qun_activity_slots, ctx, &p->slots, out);

	return rc < 0 ? rc : qun_ledger_save(ctx, &p->ledger, out);
}

int qun_activity_load(const struct qun_ctx *ctx, void *person, struct qun_reader *in)
{
	struct qun_activity_person *p = person;
	int rc = qun_slots_load(&qun_activity_slots, ctx, &p->slots, in);

	return rc < 0 ? rc : qun_ledger_load(ctx, &p->ledger, in);
}

void qun_activity_release(void *person)
{
	struct qun_activity_person *p = person;

	qun_slots_clear(&qun_activity_slots, &p->slots);
}
