/*
 * The state of activity-rate: per group one record for each period with an event of the person,
 * with joins and leaves beside them, and the orders, which count only once they are known to be
 * valid.
 */
#include "model/activity.h"

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
		size_t cap = s->cap ? 2 * (size_t)s->cap : 2;
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
	s->record[low] = (struct qun_activity_record){.when = when};
	return &s->record[low];
}

static void add_presence(struct qun_activity_record *r, int64_t ts)
{
	int64_t all[4];
	uint32_t n = 0, i = 0;

	while (i < r->npresence && r->presence[i] < ts)
		all[n++] = r->presence[i++];
	if (i < r->npresence && r->presence[i] == ts)
		return;
	all[n++] = ts;
	while (i < r->npresence)
		all[n++] = r->presence[i++];
	if (n == 4) {
		all[1] = all[2];
		all[2] = all[3];
		n = 3;
	}
	memcpy(r->presence, all, n * sizeof(*all));
	r->npresence = n;
}

int qun_activity_messages(struct qun_activity_record *r, int64_t n)
{
	return __builtin_add_overflow(r->messages, n, &r->messages) ? QUN_EOVERFLOW : 0;
}

static int slot_merge(
	const struct qun_ctx *dctx, void *dst, const struct qun_ctx *sctx, const void *src)
{
	const struct qun_activity_slot *from = src;
	struct qun_activity_slot *to = dst;
	int rc = qun_member_merge(dctx, &to->member, sctx, &from->member);

	for (uint32_t i = 0; rc == 0 && i < from->n; i++) {
		const struct qun_activity_record *r = &from->record[i];
		struct qun_activity_record *into = qun_activity_record(to, r->when);

		if (!into)
			return QUN_ENOMEM;
		rc = qun_activity_messages(into, r->messages);
		for (uint32_t k = 0; rc == 0 && k < r->npresence; k++)
			add_presence(into, r->presence[k]);
		into->active |= r->active;
	}
	return rc;
}

static int slot_save(const struct qun_ctx *ctx, void *slot, struct qun_buf *out)
{
	struct qun_activity_slot *s = slot;
	int rc = qun_save_u64(out, s->n);

	for (uint32_t i = 0; rc == 0 && i < s->n; i++) {
		const struct qun_activity_record *r = &s->record[i];

		rc = qun_save_i64(out, r->when);
		if (rc == 0)
			rc = qun_save_u64(out, (uint64_t)r->messages);
		if (rc == 0)
			rc = qun_save_u64(out, r->npresence * 2 + r->active);
		for (uint32_t k = 0; rc == 0 && k < r->npresence; k++)
			rc = qun_save_i64(out, r->presence[k]);
	}
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
	if (rc == 0 &&
		(messages > INT64_MAX || flags > 7 || (s->n && when <= s->record[s->n - 1].when)))
		rc = QUN_ESTATE;
	if (rc < 0)
		return rc;
	r = qun_activity_record(s, when);
	if (!r)
		return QUN_ENOMEM;
	r->messages = (int64_t)messages;
	r->active = flags & 1;
	r->npresence = (uint32_t)(flags / 2);
	for (uint32_t k = 0; rc == 0 && k < r->npresence; k++) {
		rc = qun_load_i64(in, &r->presence[k]);
		if (rc == 0 && k && r->presence[k] <= r->presence[k - 1])
			rc = QUN_ESTATE;
	}
	return rc;
}

static int slot_load(const struct qun_ctx *ctx, void *slot, struct qun_reader *in)
{
	struct qun_activity_slot *s = slot;
	size_t n = 0;
	int rc = qun_load_count(in, 3, &n);

	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = load_record(s, in);
	return rc < 0 ? rc : qun_member_load(ctx, &s->member, in);
}

static void slot_release(void *slot)
{
	struct qun_activity_slot *s = slot;

	free(s->record);
	qun_member_release(&s->member);
}

const struct qun_slot_type qun_activity_slots = {
	sizeof(struct qun_activity_slot), slot_merge, slot_save, slot_load, slot_release};

int qun_activity_count(const struct qun_ctx *ctx, struct qun_slots *to, const struct qun_event *ev)
{
	const struct qun_activity_conf *c = ctx->conf;
	const struct qun_cal *cal = &ctx->run->cal;
	bool mark = ev->type == QUN_JOIN || ev->type == QUN_LEAVE;
	bool present = qun_type_is_presence(ev->type);
	bool counts = qun_counts(ctx->run, ev);
	bool active = counts && qun_pred_match(ctx->run->active, ev, NULL);
	bool message = counts && ev->type == QUN_MESSAGE;
	struct qun_activity_record *r;
	struct qun_activity_slot *s;
	int rc;

	if (!mark && !present && !active && !message)
		return 0;
	s = qun_slot(to, ev->group, qun_activity_slots.size);
	if (!s)
		return QUN_ENOMEM;
	if (mark) {
		rc = qun_member_add(ctx, &s->member, ev);
		if (rc < 0 || !active)
			return rc;
	}
	r = qun_activity_record(
		s, c->by_day ? qun_cal_day(cal, ev->ts) : qun_period_of(cal, &c->period, ev->ts));
	if (!r)
		return QUN_ENOMEM;
	if (present)
		add_presence(r, ev->ts);
	r->active |= active;
	return qun_activity_messages(r, message);
}

int qun_activity_add(const struct qun_ctx *ctx, void *person, const struct qun_event *ev, size_t n)
{
	const struct qun_activity_conf *c = ctx->conf;
	struct qun_activity_person *p = person;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (ev[i].type != QUN_ORDER && ev[i].type != QUN_REFUND)
			rc = qun_activity_count(ctx, &p->slots, &ev[i]);
		else if (c->orders)
			rc = qun_ledger_add(ctx, &p->ledger, &ev[i]);
	}
	return rc;
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
	qun_ledger_release(&p->ledger);
}
