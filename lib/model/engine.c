/*
 * One state per person, found by id. The engine knows nothing of any metric: it keeps what all need
 * (heads, newest name and role, staff marks) and hands the rest to the descriptor.
 */
#include <stdlib.h>
#include <string.h>

#include "model/engine_parts.h"

#define RARE __attribute__((noinline))

enum { MAX_TYPE_WORDS = 4096, AHEAD = 32 };

/* What is known of an event before it is taken. */
struct ahead {
	uint64_t hash; /* of the user's id */
	struct shard *shard; /* NULL: the event tells nothing of anybody */
	const struct qun_cached_group *group;
	struct person *guess; /* who it is, unless it is somebody else or nobody yet */
};

int qun_engine_open(struct qun_engine **out, const struct qun_metric *metric,
	const struct qun_run *run, const void *conf)
{
	struct qun_engine *e = calloc(1, sizeof(*e));

	if (!e || qun_group_cache_open(&e->group_cache) < 0) {
		free(e);
		return QUN_ENOMEM;
	}
	e->metric = metric;
	e->threads = 1;
	e->names = run->names || ((metric->flags & QUN_METRIC_NAMES) && !run->transient);
	e->ctx = (struct qun_ctx){
		.run = run, .conf = conf, .groups = &e->groups, .heads = &e->heads};
	for (int i = 0; i < SHARDS; i++) {
		struct shard *s = &e->shard[i];

		s->ctx = e->ctx;
		s->ctx.words = &s->words;
		s->ctx.pile = &s->pile;
		s->ctx.memo = &s->memo;
		s->people.size = (metric->person_size + 7) & ~(size_t)7;
	}
	*out = e;
	return 0;
}

void qun_shard_release(const struct qun_metric *metric, struct shard *s)
{
	struct person *p;

	for (size_t i = 0; (p = qun_crowd_next(&s->people, &i, NULL));)
		metric->release(person_state(p));
	qun_crowd_release(&s->people);
	qun_dict_release(&s->words);
	qun_pile_release(&s->pile);
}

void qun_engine_close(struct qun_engine *e)
{
	if (!e)
		return;
	for (int i = 0; i < SHARDS; i++)
		qun_shard_release(e->metric, &e->shard[i]);
	free(e->type_order);
	free(e->wanted);
	qun_heads_release(&e->heads);
	qun_dict_release(&e->groups);
	qun_group_cache_release(&e->group_cache);
	qun_dict_release(&e->types);
	free(e);
}

void qun_engine_threads(struct qun_engine *e, int n)
{
	e->threads = n;
}

void qun_engine_later(struct qun_engine *e, struct qun_engine *later)
{
	e->later = later;
}

struct qun_ctx *qun_engine_ctx(struct qun_engine *e)
{
	return &e->ctx;
}

struct qun_engine_counts qun_engine_counts(const struct qun_engine *e)
{
	struct qun_engine_counts counts = e->counts;

	for (int i = 0; i < SHARDS; i++)
		counts.people += e->shard[i].people.n;
	return counts;
}

const char *qun_engine_type_word(const struct qun_engine *e, size_t i)
{
	return i < e->types.n ? qun_dict_text(&e->types, e->type_order[i]).ptr : NULL;
}

/* Kept in order, so that the words come the same however the input was dealt out. */
int qun_engine_type_add(struct qun_engine *e, struct qun_span word)
{
	size_t n = e->types.n, at = n;
	uint32_t id;
	int rc;

	if (n >= MAX_TYPE_WORDS)
		return 0;
	rc = qun_grow(&e->type_order, &e->type_cap, n, sizeof(*e->type_order));
	if (rc == 0)
		rc = qun_dict_add(&e->types, word, &id);
	if (rc < 0 || e->types.n == n)
		return rc;
	for (; at > 0 && qun_span_cmp(qun_dict_text(&e->types, e->type_order[at - 1]), word) > 0; at--)
		e->type_order[at] = e->type_order[at - 1];
	e->type_order[at] = id;
	return 0;
}

static RARE bool group_wanted(struct qun_engine *e, uint32_t group)
{
	if (group >= e->wanted_cap) {
		size_t cap = e->wanted_cap;
		size_t want = group;

		if (qun_grow(&e->wanted, &cap, want, sizeof(*e->wanted)) < 0)
			return qun_group_wanted(e->ctx.run, qun_dict_text(&e->groups, group));
		memset(e->wanted + e->wanted_cap, 0, cap - e->wanted_cap);
		e->wanted_cap = cap;
	}
	if (!e->wanted[group])
		e->wanted[group] =
			qun_group_wanted(e->ctx.run, qun_dict_text(&e->groups, group)) ? 1 : -1;
	return e->wanted[group] > 0;
}

unsigned qun_marks_of(struct qun_span role)
{
	if (qun_span_is(role, "staff") || qun_span_is(role, "owner"))
		return MARK_STAFF;
	return qun_span_is(role, "bot") ? MARK_BOT : 0;
}

/* Traits with room for a name of len bytes; the old ones stay in the pile where they are too small. */
static struct traits *traits_for(struct shard *s, struct person *p, size_t len)
{
	struct traits *old = traits_of(s, p), *t;
	size_t cap = (len | 15) + 1; /* names change, and mostly by little */
	uint32_t at;

	if (old && len <= old->cap)
		return old;
	if (len > UINT32_MAX / 4)
		return NULL;
	if (old && cap < 2 * (size_t)old->cap)
		cap = 2 * (size_t)old->cap;
	t = qun_pile_take(&s->people.pile, sizeof(*t) + cap, &at);
	if (!t)
		return NULL;
	if (old)
		memcpy(t, old, sizeof(*t) + old->len);
	else
		t->role = QUN_NONE;
	t->cap = (uint32_t)cap;
	p->traits = at;
	return t;
}

int qun_traits_name(struct shard *s, struct person *p, struct qun_span name, int64_t ts)
{
	struct traits *t = traits_of(s, p);

	if (t && t->len == name.len && qun_short_same(t->name, name.ptr, name.len)) {
		t->name_ts = ts > t->name_ts ? ts : t->name_ts;
		return 0;
	}
	if (t && t->len && (ts < t->name_ts || (ts == t->name_ts &&
			qun_span_cmp(name, (struct qun_span){t->name, t->len}) <= 0)))
		return 0;
	t = traits_for(s, p, name.len);
	if (!t)
		return QUN_ENOMEM;
	t->name_ts = ts;
	memcpy(t->name, name.ptr, name.len);
	t->len = (uint32_t)name.len;
	return 0;
}

int qun_traits_role(struct shard *s, struct person *p, struct qun_span role, int64_t ts)
{
	struct traits *t = traits_for(s, p, 0);

	if (!t)
		return QUN_ENOMEM;
	if (t->role != QUN_NONE && (ts < t->role_ts || (ts == t->role_ts &&
			qun_span_cmp(role, qun_dict_text(&s->words, t->role)) <= 0)))
		return 0;
	t->role_ts = ts;
	return qun_dict_add(&s->words, role, &t->role);
}

/* Out of line, as all that few events need: what all need stays in registers. */
static RARE int take_traits(struct qun_engine *e, struct shard *s, struct person *p,
	const struct qun_event *ev)
{
	struct qun_span name = ev->field[QUN_F_NAME], role = ev->field[QUN_F_ROLE];
	int rc = 0;

	if (name.len && e->names)
		rc = qun_traits_name(s, p, name, ev->ts);
	if (rc == 0 && role.len) {
		rc = qun_traits_role(s, p, role, ev->ts);
		p->marks |= qun_marks_of(role);
	}
	return rc;
}

/* The number of the event's group, where it is not known at once. */
static RARE int meet_group(struct qun_engine *e, struct qun_event *ev)
{
	struct qun_span name = ev->field[QUN_F_GROUP];
	int rc;

	ev->group = qun_group_cache_find(&e->group_cache, name);
	if (ev->group != QUN_NONE)
		return 0;
	rc = qun_dict_add(&e->groups, name, &ev->group);
	if (rc == 0)
		qun_group_cache_put(&e->group_cache, name, ev->group);
	return rc;
}

/* NULL: e->rc says why. */
static RARE struct person *meet_person(struct qun_engine *e, struct qun_span id, uint64_t hash)
{
	struct person *p = NULL;

	e->rc = qun_crowd_add(&shard_of(e, hash)->people, (uint32_t)hash, id, &p);
	return e->rc < 0 ? NULL : p;
}

/* The person of this id, made if new. */
static inline struct person *person_of(struct qun_engine *e, struct qun_span id, const struct ahead *known)
{
	struct person *p = known->guess;

	return p && p->len == id.len && qun_short_same(person_id(&known->shard->people, p).ptr, id.ptr, id.len)
		       ? p
		       : meet_person(e, id, known->hash);
}

/* Nothing of a person is in it? */
static inline bool is_idle(const struct qun_engine *e, const struct qun_event *ev)
{
	return e->ctx.run->idle >> ev->type & 1 && !ev->field[QUN_F_ROLE].len &&
	       !(e->names && ev->field[QUN_F_NAME].len);
}

/* The event's group may not be known yet. 0 taken, 1 filtered. */
static inline int take(struct qun_engine *e, struct qun_event *ev, const struct ahead *known)
{
	const struct qun_run *run = e->ctx.run;
	struct person *p;
	int rc = ev->group == QUN_NONE ? meet_group(e, ev) : 0;

	if (rc == 0)
		rc = qun_heads_add(&e->ctx, ev);
	if (rc == 0 && ev->type == QUN_WORD)
		rc = qun_engine_type_add(e, ev->field[QUN_F_TYPE]);
	if (rc < 0)
		return rc;
	if (!ev->field[QUN_F_USER].len) {
		e->counts.anonymous++;
		return 1;
	}
	if (!known->shard)
		return run->group_glob && !group_wanted(e, ev->group);
	p = person_of(e, ev->field[QUN_F_USER], known);
	if (!p)
		return e->rc;
	if (ev->field[QUN_F_ROLE].len || (e->names && ev->field[QUN_F_NAME].len))
		rc = take_traits(e, known->shard, p, ev);
	if (rc < 0)
		return rc;
	if (run->group_glob && !group_wanted(e, ev->group) &&
		!((e->metric->flags & QUN_METRIC_ALL_ORDERS) &&
			(ev->type == QUN_ORDER || ev->type == QUN_REFUND)))
		return 1;
	return e->metric->add(&known->shard->ctx, person_state(p), ev);
}

static RARE int fail(int rc, struct qun_err *err)
{
	return qun_fail(err, rc, rc == QUN_EOVERFLOW ? "a sum does not fit into its number"
			: rc == QUN_ENOMEM	     ? "out of memory"
						     : "an event exceeds a limit");
}

/* What does not depend on the memory of others: the hash tells where to look for it. */
static inline void look_ahead(struct qun_engine *e, struct qun_event *ev, struct ahead *a)
{
	if (!ev->field[QUN_F_GROUP].len)
		ev->field[QUN_F_GROUP] = (struct qun_span){"-", 1};
	a->group = qun_group_cache_at(&e->group_cache, ev->field[QUN_F_GROUP]);
	__builtin_prefetch(a->group);
	a->shard = NULL;
	if (is_idle(e, ev))
		return;
	a->hash = hash_of(e, ev->field[QUN_F_USER]);
	a->shard = shard_of(e, a->hash);
	qun_crowd_fetch(&a->shard->people, (uint32_t)a->hash);
}

static inline void look_near(struct qun_event *ev, struct ahead *a)
{
	if (a->shard)
		a->guess = qun_crowd_guess(&a->shard->people, (uint32_t)a->hash);
	ev->group = qun_cached_group_number(a->group, ev->field[QUN_F_GROUP]);
}

/* An event after A. */
static RARE int pass_on(struct qun_engine *e, struct qun_event *ev)
{
	int rc = e->later ? qun_engine_add(e->later, ev, NULL) : 0;

	e->counts.after += !e->later;
	e->counts.filtered += !e->later;
	return rc < 0 ? rc : 1;
}

static inline int take_or_pass(struct qun_engine *e, struct qun_event *ev, const struct ahead *known)
{
	int rc;

	if (ev->ts > e->ctx.run->as_of)
		return pass_on(e, ev);
	rc = take(e, ev, known);
	e->counts.used += rc == 0;
	e->counts.filtered += rc == 1;
	return rc;
}

int qun_engine_add_all(struct qun_engine *e, struct qun_event *ev, size_t n, size_t *used, struct qun_err *err)
{
	uint64_t before = e->counts.used;
	struct ahead ahead[AHEAD];
	int rc = 0;

	for (; rc >= 0 && n; n -= n < AHEAD ? n : AHEAD, ev += AHEAD) {
		size_t some = n < AHEAD ? n : AHEAD;
		for (size_t i = 0; i < some; i++)
			look_ahead(e, &ev[i], &ahead[i]);
		for (size_t i = 0; i < some; i++)
			look_near(&ev[i], &ahead[i]);
		for (size_t i = 0; rc >= 0 && i < some; i++)
			rc = take_or_pass(e, &ev[i], &ahead[i]);
	}
	*used = (size_t)(e->counts.used - before);
	return rc < 0 ? fail(rc, err) : 0;
}

int qun_engine_add(struct qun_engine *e, struct qun_event *ev, struct qun_err *err)
{
	size_t used;
	int rc = qun_engine_add_all(e, ev, 1, &used, err);

	return rc < 0 ? rc : used == 0;
}

const struct qun_metric *qun_metric_of(const char *name)
{
	for (const struct qun_metric *const *m = qun_metrics; *m; m++) {
		if (strcmp((*m)->name, name) == 0)
			return *m;
	}
	return NULL;
}
