/*
 * The engine's own shapes, shared by its files: taking events in engine.c, merging in engine_merge.c,
 * saved bytes in engine_state.c, the way into a report in engine_report.c, or one by one in reducer.c.
 */
#ifndef MODEL_ENGINE_PARTS_H
#define MODEL_ENGINE_PARTS_H

#include "core/rank.h"
#include "core/short.h"
#include "model/crowd.h"
#include "model/group_cache.h"
#include "qun/engine.h"

enum { SHARDS = 16, SHARD_SHIFT = 60 }; /* the top bits of a hash choose the shard */
enum { MARK_STAFF = 1, MARK_BOT = 2 };

/* The people of one part of all hashes, with what their states refer to: a shard needs no other. */
struct shard {
	struct qun_ctx ctx;
	struct qun_crowd people;
	struct qun_dict words;
	struct qun_pile pile;
	struct qun_memo memo;
};

/* Newest name and role of a person. Time is meaningful where there is one. */
struct traits {
	int64_t name_ts, role_ts;
	uint32_t role;     /* word, QUN_NONE: none */
	uint32_t len, cap; /* of the name; 0: none */
	char name[];
};

struct qun_engine {
	const struct qun_metric *metric;
	struct qun_ctx ctx; /* of the whole: without words */
	struct qun_engine *later; /* takes the events after A; NULL: nobody does */
	struct qun_dict groups, types;
	struct qun_group_cache group_cache;
	struct qun_heads heads;
	struct shard shard[SHARDS];
	uint32_t *type_order; /* numbers of types in the order of their bytes */
	size_t type_cap;
	signed char *wanted; /* by group: 1 yes, -1 no, 0 not asked yet */
	size_t wanted_cap;
	bool names; /* are kept */
	int threads;
	int rc; /* why nobody was found */
	struct qun_engine_counts counts;
};

static inline uint64_t hash_of(const struct qun_engine *e, struct qun_span id)
{
	return qun_short_hash(e->ctx.run->key, id.ptr, id.len);
}

static inline struct shard *shard_of(const struct qun_engine *e, uint64_t hash)
{
	return (struct shard *)&e->shard[hash >> SHARD_SHIFT];
}

/* NULL: none. */
static inline struct traits *traits_of(const struct shard *s, const struct person *p)
{
	return p->traits ? qun_pile_at(&s->people.pile, p->traits) : NULL;
}

/* Keep what is newer; of two at one instant the bytewise greater. */
int qun_traits_name(struct shard *s, struct person *p, struct qun_span name, int64_t ts);
int qun_traits_role(struct shard *s, struct person *p, struct qun_span role, int64_t ts);

/* What the roster says of users over all groups: marks, and a name and role for those without one. */
struct qun_listed {
	struct qun_dict users;
	struct {
		unsigned marks;
		bool met, named; /* somebody with events is he: by the id, by the name scoped to a group of his */
		struct qun_span name, role;
	} *fact;
	size_t cap;
	struct qun_dict met; /* ids of people with events who go by a line */
};
/* Groups that only the roster knows become groups of the context. */
int qun_listed_make(struct qun_engine *e, struct qun_listed *f);
/* Notes that the person of this id has events. */
int qun_listed_meet(struct qun_listed *f, const struct qun_roster *r, struct qun_span id);
void qun_listed_release(struct qun_listed *f);
int qun_fold_person(const struct qun_engine *e, struct shard *s, struct person *p, const struct qun_listed *f,
	struct qun_cube *report);
/* People of the roster without any event: folded with an empty state. */
int qun_fold_silent(struct qun_engine *e, struct qun_cube *report, const struct qun_listed *f);

int qun_person_merge(const struct qun_metric *metric, struct shard *dst, struct person *to,
	const struct qun_ctx *sctx, const struct shard *src, struct person *from);
/* All of a person but his id. */
int qun_person_save(struct qun_engine *e, struct shard *s, struct person *p, struct qun_buf *out, struct qun_buf *state);
/* Makes a person who is not there yet. */
int qun_person_load(struct qun_engine *e, struct qun_span id, struct qun_reader *in);

/* Everybody in the order of ids, by shard and place in its pile; malloc'd. */
int qun_people_in_order(const struct qun_engine *e, struct qun_rank **out, size_t *n);
/* Has fetched who comes a little behind the i-th of n, which is being looked at. */
void qun_ranked_fetch(const struct qun_engine *e, const struct qun_rank *v, size_t n, size_t i);

static inline struct person *qun_ranked_person(const struct qun_engine *e, struct qun_rank r)
{
	return qun_pile_at(&e->shard[r.of].people.pile, r.at);
}

unsigned qun_marks_of(struct qun_span role);
int qun_engine_type_add(struct qun_engine *e, struct qun_span word);
/* Releases the states and texts of a shard, which is empty then. */
void qun_shard_release(const struct qun_metric *metric, struct shard *s);

#endif
