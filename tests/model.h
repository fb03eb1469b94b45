/*
 * What the tests of the model share: records in plain C strings, and a world, the keepers of one person
 * under a context of its own.
 */
#ifndef TESTS_MODEL_H
#define TESTS_MODEL_H

#include "qun/ledger.h"
#include "qun/member.h"
#include "qun/tie.h"
#include "tap.h"
#include "xorshift.h"

#include <stdlib.h>

static uint64_t seed = XORSHIFT_SEED;

static inline unsigned pick(unsigned n)
{
	return (unsigned)((xorshift(&seed) >> 16) % n);
}

/* A record in plain C strings; NULL is empty. */
struct row {
	int64_t ts;
	const char *type, *group, *user, *order_id, *product, *id, *text, *ref, *source, *qty,
		*extra;
	bool has;
	int64_t amount;
};

static inline const char *str(const char *s)
{
	return s ? s : "";
}

static inline struct qun_event event_of(const struct row *r, struct qun_span *extra)
{
	struct qun_event ev = {.ts = r->ts, .has_amount = r->has, .amount = r->amount};

	ev.type = qun_type_of(qun_span_of(str(r->type)));
	ev.field[QUN_F_TYPE] = qun_span_of(str(r->type));
	ev.field[QUN_F_GROUP] = qun_span_of(str(r->group));
	ev.field[QUN_F_USER] = qun_span_of(str(r->user));
	ev.field[QUN_F_ORDER_ID] = qun_span_of(str(r->order_id));
	ev.field[QUN_F_PRODUCT] = qun_span_of(str(r->product));
	ev.field[QUN_F_ID] = qun_span_of(str(r->id));
	ev.field[QUN_F_TEXT] = qun_span_of(str(r->text));
	ev.field[QUN_F_REF] = qun_span_of(str(r->ref));
	ev.field[QUN_F_SOURCE] = qun_span_of(str(r->source));
	ev.field[QUN_F_QTY] = qun_span_of(str(r->qty));
	*extra = qun_span_of(str(r->extra));
	ev.extra = extra;
	return ev;
}

/* A context of its own; junk words and groups make its numbers differ from another's. */
struct world {
	struct qun_dict groups, words;
	struct qun_heads heads;
	struct qun_pile pile;
	struct qun_ctx ctx;
	struct qun_member member;
	struct qun_ledger ledger;
	struct qun_first first;
};

static inline void world_open(struct world *w, const struct qun_run *run, bool junk)
{
	uint32_t id;

	*w = (struct world){.ctx = {.run = run}};
	w->ctx.groups = &w->groups;
	w->ctx.words = &w->words;
	w->ctx.heads = &w->heads;
	w->ctx.pile = &w->pile;
	for (const char *const *s = (const char *const[]){"zz", "B", "qr", "v", "p2", NULL};
		junk && *s; s++) {
		qun_dict_add(&w->groups, qun_span_of(*s), &id);
		qun_dict_add(&w->words, qun_span_of(*s), &id);
	}
}

static inline void world_close(struct world *w)
{
	qun_dict_release(&w->groups);
	qun_dict_release(&w->words);
	qun_heads_release(&w->heads);
	qun_member_release(&w->member);
	qun_pile_release(&w->pile);
	qun_first_release(&w->first);
}

/* All heads; the keepers of user "u", the member's only in group "A". */
static inline bool world_add(struct world *w, const struct row *r)
{
	struct qun_span extra;
	struct qun_event ev = event_of(r, &extra);
	int rc = qun_dict_add(&w->groups, ev.field[QUN_F_GROUP], &ev.group);

	rc |= qun_heads_add(&w->ctx, &ev);
	if (strcmp(str(r->user), "u") != 0)
		return rc == 0;
	if (strcmp(r->group, "A") == 0)
		rc |= qun_member_add(&w->ctx, &w->member, &ev);
	rc |= qun_ledger_add(&w->ctx, &w->ledger, &ev);
	return rc == 0 && qun_first_add(&w->ctx, &w->first, &ev, true) == 0;
}

static inline bool world_merge(struct world *d, const struct world *s)
{
	return qun_heads_merge(&d->ctx, &s->ctx) == 0 &&
	       qun_member_merge(&d->ctx, &d->member, &s->ctx, &s->member) == 0 &&
	       qun_ledger_merge(&d->ctx, &d->ledger, &s->ctx, &s->ledger) == 0 &&
	       qun_first_merge(&d->ctx, &d->first, &s->ctx, &s->first) == 0;
}

static inline bool world_save(struct world *w, struct qun_buf *out)
{
	return qun_heads_save(&w->ctx, out) == 0 &&
	       qun_member_save(&w->ctx, &w->member, out) == 0 &&
	       qun_ledger_save(&w->ctx, &w->ledger, out) == 0 &&
	       qun_first_save(&w->ctx, &w->first, out) == 0;
}

static inline bool world_load(struct world *w, struct qun_span bytes)
{
	struct qun_reader in = qun_reader_of(bytes);

	return qun_heads_load(&w->ctx, &in) == 0 &&
	       qun_member_load(&w->ctx, &w->member, &in) == 0 &&
	       qun_ledger_load(&w->ctx, &w->ledger, &in) == 0 &&
	       qun_first_load(&w->ctx, &w->first, &in) == 0 && qun_reader_done(&in);
}

static inline void run_open(struct qun_run *run)
{
	*run = (struct qun_run){.as_of = QUN_NEVER, .since = INT64_MIN, .until = INT64_MAX};
	run->cal.week_start = 1;
	if (qun_zone_open((struct qun_zone **)&run->cal.zone, "UTC", NULL) < 0)
		exit(99);
	qun_extra_add(&run->extras, qun_span_of("shop"));
	run->by.n = 2;
	run->by.field[0] = QUN_F_EXTRA;
	run->by.field[1] = QUN_F_GROUP;
}

static inline void run_close(struct qun_run *run)
{
	qun_zone_close((struct qun_zone *)run->cal.zone);
	qun_extras_release(&run->extras);
}

#endif
