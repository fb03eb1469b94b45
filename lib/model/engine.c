/*
 * One state per person, found by id. The engine knows nothing of any metric: it keeps what all need
 * (heads, newest name and role, staff marks) and hands the rest to the descriptor.
 */
#include <stdlib.h>
#include <string.h>

#include "qun/engine.h"
#include "qun/roster.h"

/* Newest name and role; most people have one, so it is made when first needed. */
struct attributes {
	int64_t name_ts, role_ts;
	uint32_t name, role; /* words */
};

enum { MARK_STAFF = 1, MARK_BOT = 2 };

struct person {
	struct attributes *attr;
	uint64_t marks;
	/* the metric's state follows, 16-byte aligned */
};

enum { PER_CHUNK = 1024, MAX_TYPE_WORDS = 4096 };

struct qun_engine {
	const struct qun_metric *metric;
	struct qun_ctx ctx;
	struct qun_dict users, groups, words, types;
	struct qun_heads heads;
	char **chunk; /* people by number in users, PER_CHUNK to a chunk */
	size_t nchunk, chunk_cap;
	size_t stride;
	signed char *wanted; /* by group: 1 yes, -1 no, 0 not asked yet */
	size_t wanted_cap;
	struct qun_engine_counts counts;
};

static struct person *person_at(const struct qun_engine *e, size_t i)
{
	return (struct person *)(e->chunk[i / PER_CHUNK] + i % PER_CHUNK * e->stride);
}

static void *state_of(struct person *p)
{
	return p + 1;
}

int qun_engine_open(struct qun_engine **out, const struct qun_metric *metric,
	const struct qun_run *run, const void *conf)
{
	struct qun_engine *e = calloc(1, sizeof(*e));

	if (!e)
		return QUN_ENOMEM;
	e->metric = metric;
	e->stride = sizeof(struct person) + ((metric->person_size + 15) & ~(size_t)15);
	e->ctx = (struct qun_ctx){run, conf, &e->groups, &e->words, &e->heads};
	*out = e;
	return 0;
}

void qun_engine_close(struct qun_engine *e)
{
	if (!e)
		return;
	for (size_t i = 0; i < e->users.n; i++) {
		e->metric->release(state_of(person_at(e, i)));
		free(person_at(e, i)->attr);
	}
	for (size_t i = 0; i < e->nchunk; i++)
		free(e->chunk[i]);
	free(e->chunk);
	free(e->wanted);
	qun_heads_release(&e->heads);
	qun_dict_release(&e->users);
	qun_dict_release(&e->groups);
	qun_dict_release(&e->words);
	qun_dict_release(&e->types);
	free(e);
}

struct qun_ctx *qun_engine_ctx(struct qun_engine *e)
{
	return &e->ctx;
}

struct qun_engine_counts qun_engine_counts(const struct qun_engine *e)
{
	struct qun_engine_counts counts = e->counts;

	counts.people = e->users.n;
	return counts;
}

const char *qun_engine_type_word(const struct qun_engine *e, size_t i)
{
	return i < e->types.n ? qun_dict_text(&e->types, (uint32_t)i).ptr : NULL;
}

/* The person of an id, made if new. Memory for him is there before his id is entered. */
static int person_of(struct qun_engine *e, struct qun_span id, struct person **out)
{
	uint32_t number = qun_dict_find(&e->users, id);
	int rc;

	if (number == QUN_NONE) {
		if (e->users.n == e->nchunk * PER_CHUNK) {
			if (qun_grow(&e->chunk, &e->chunk_cap, e->nchunk, sizeof(*e->chunk)) < 0)
				return QUN_ENOMEM;
			e->chunk[e->nchunk] = calloc(PER_CHUNK, e->stride);
			if (!e->chunk[e->nchunk])
				return QUN_ENOMEM;
			e->nchunk++;
		}
		rc = qun_dict_add(&e->users, id, &number);
		if (rc < 0)
			return rc;
	}
	*out = person_at(e, number);
	return 0;
}

static bool group_wanted(struct qun_engine *e, uint32_t group)
{
	if (!e->ctx.run->group_glob)
		return true;
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

/* Keeps the newer of two texts; of two at one instant the bytewise greater. */
static int keep_newest(struct qun_engine *e, uint32_t *word, int64_t *ts, struct qun_span text,
	int64_t when)
{
	if (*word != QUN_NONE && (when < *ts || (when == *ts &&
				qun_span_cmp(text, qun_dict_text(&e->words, *word)) <= 0)))
		return 0;
	*ts = when;
	return qun_dict_add(&e->words, text, word);
}

static int attributes_of(struct person *p)
{
	if (p->attr)
		return 0;
	p->attr = malloc(sizeof(*p->attr));
	if (!p->attr)
		return QUN_ENOMEM;
	*p->attr = (struct attributes){0, 0, QUN_NONE, QUN_NONE};
	return 0;
}

static unsigned marks_of(struct qun_span role)
{
	if (qun_span_is(role, "staff") || qun_span_is(role, "owner"))
		return MARK_STAFF;
	return qun_span_is(role, "bot") ? MARK_BOT : 0;
}

static int take_attributes(struct qun_engine *e, struct person *p, const struct qun_event *ev)
{
	struct qun_span name = ev->field[QUN_F_NAME], role = ev->field[QUN_F_ROLE];
	bool named = name.len &&
		((e->metric->flags & QUN_METRIC_NAMES) || e->ctx.run->names);
	int rc = 0;

	if (!named && !role.len)
		return 0;
	rc = attributes_of(p);
	if (rc == 0 && named)
		rc = keep_newest(e, &p->attr->name, &p->attr->name_ts, name, ev->ts);
	if (rc == 0 && role.len) {
		rc = keep_newest(e, &p->attr->role, &p->attr->role_ts, role, ev->ts);
		p->marks |= marks_of(role);
	}
	return rc;
}

static int take(struct qun_engine *e, struct qun_event *ev)
{
	struct person *p;
	int rc;

	rc = qun_dict_add(&e->groups, ev->field[QUN_F_GROUP], &ev->group);
	if (rc == 0)
		rc = qun_heads_add(&e->ctx, ev);
	if (rc == 0 && ev->type == QUN_WORD && e->types.n < MAX_TYPE_WORDS) {
		uint32_t word;

		rc = qun_dict_add(&e->types, ev->field[QUN_F_TYPE], &word);
	}
	if (rc < 0)
		return rc;
	if (!ev->field[QUN_F_USER].len) {
		e->counts.anonymous++;
		return 1;
	}
	rc = person_of(e, ev->field[QUN_F_USER], &p);
	if (rc == 0)
		rc = take_attributes(e, p, ev);
	if (rc < 0)
		return rc;
	if (!group_wanted(e, ev->group) &&
		!((e->metric->flags & QUN_METRIC_ALL_ORDERS) &&
			(ev->type == QUN_ORDER || ev->type == QUN_REFUND)))
		return 1;
	return e->metric->add(&e->ctx, state_of(p), ev, 1);
}

int qun_engine_add(struct qun_engine *e, struct qun_event *ev, struct qun_err *err)
{
	int rc;

	if (ev->ts > e->ctx.run->as_of) {
		e->counts.after++;
		e->counts.filtered++;
		return 1;
	}
	if (!ev->field[QUN_F_GROUP].len)
		ev->field[QUN_F_GROUP] = qun_span_of("-");
	rc = take(e, ev);
	if (rc < 0)
		return qun_fail(err, rc, rc == QUN_EOVERFLOW ? "a sum does not fit into its number"
				: rc == QUN_ENOMEM          ? "out of memory"
							    : "an event exceeds a limit");
	if (rc == 1)
		e->counts.filtered++;
	else
		e->counts.used++;
	return rc;
}

static int merge_person(struct qun_engine *dst, struct person *to, const struct qun_engine *src,
	struct person *from)
{
	int rc = 0;

	if (from->attr)
		rc = attributes_of(to);
	if (rc == 0 && from->attr && from->attr->name != QUN_NONE)
		rc = keep_newest(dst, &to->attr->name, &to->attr->name_ts,
			qun_dict_text(&src->words, from->attr->name), from->attr->name_ts);
	if (rc == 0 && from->attr && from->attr->role != QUN_NONE)
		rc = keep_newest(dst, &to->attr->role, &to->attr->role_ts,
			qun_dict_text(&src->words, from->attr->role), from->attr->role_ts);
	to->marks |= from->marks;
	return rc < 0 ? rc
		      : dst->metric->merge(&dst->ctx, state_of(to), &src->ctx, state_of(from));
}

int qun_engine_merge(struct qun_engine *dst, const struct qun_engine *src, struct qun_err *err)
{
	int rc = qun_heads_merge(&dst->ctx, &src->ctx);

	for (uint32_t i = 0; rc == 0 && i < src->users.n; i++) {
		struct person *to;

		rc = person_of(dst, qun_dict_text(&src->users, i), &to);
		if (rc == 0)
			rc = merge_person(dst, to, src, person_at(src, i));
	}
	for (uint32_t i = 0; rc == 0 && i < src->types.n && dst->types.n < MAX_TYPE_WORDS; i++) {
		uint32_t word;

		rc = qun_dict_add(&dst->types, qun_dict_text(&src->types, i), &word);
	}
	dst->counts.used += src->counts.used;
	dst->counts.filtered += src->counts.filtered;
	dst->counts.anonymous += src->counts.anonymous;
	dst->counts.after += src->counts.after;
	return rc < 0 ? qun_fail(err, rc, "cannot add up two partial states") : 0;
}

static int by_text(const void *a, const void *b, void *dict)
{
	return qun_span_cmp(qun_dict_text(dict, *(const uint32_t *)a),
		qun_dict_text(dict, *(const uint32_t *)b));
}

/* Numbers of a dictionary in the order of their texts; malloc'd. */
static int sorted_ids(const struct qun_dict *d, uint32_t **out)
{
	uint32_t *v = malloc((d->n ? d->n : 1) * sizeof(*v));

	if (!v)
		return QUN_ENOMEM;
	for (size_t i = 0; i < d->n; i++)
		v[i] = (uint32_t)i;
	qsort_r(v, d->n, sizeof(*v), by_text, (void *)d);
	*out = v;
	return 0;
}

static int save_attribute(const struct qun_engine *e, uint32_t word, int64_t ts,
	struct qun_buf *out)
{
	int rc = qun_save_u64(out, word != QUN_NONE);

	if (rc == 0 && word != QUN_NONE)
		rc = qun_save_i64(out, ts);
	if (rc == 0 && word != QUN_NONE)
		rc = qun_save_span(out, qun_dict_text(&e->words, word));
	return rc;
}

static int save_person(struct qun_engine *e, uint32_t i, struct qun_buf *out)
{
	static const struct attributes none = {0, 0, QUN_NONE, QUN_NONE};
	struct person *p = person_at(e, i);
	const struct attributes *a = p->attr ? p->attr : &none;
	struct qun_buf state = {0};
	int rc = qun_save_span(out, qun_dict_text(&e->users, i));

	if (rc == 0)
		rc = qun_save_u64(out, p->marks);
	if (rc == 0)
		rc = save_attribute(e, a->name, a->name_ts, out);
	if (rc == 0)
		rc = save_attribute(e, a->role, a->role_ts, out);
	if (rc == 0)
		rc = e->metric->save(&e->ctx, state_of(p), &state);
	if (rc == 0)
		rc = qun_save_span(out, qun_buf_span(&state));
	qun_buf_release(&state);
	return rc;
}

int qun_engine_save(struct qun_engine *e, struct qun_buf *out, struct qun_err *err)
{
	uint32_t *order = NULL;
	int rc = qun_heads_save(&e->ctx, out);

	if (rc == 0)
		rc = sorted_ids(&e->users, &order);
	if (rc == 0)
		rc = qun_save_u64(out, e->users.n);
	for (size_t i = 0; rc == 0 && i < e->users.n; i++)
		rc = save_person(e, order[i], out);
	free(order);
	return rc < 0 ? qun_fail(err, rc, "cannot save the state") : 0;
}

static int load_attribute(struct qun_engine *e, struct qun_reader *in, uint32_t *word, int64_t *ts)
{
	struct qun_span text;
	uint64_t has;
	int rc = qun_load_u64(in, &has);

	if (rc < 0 || has == 0)
		return rc;
	if (has > 1)
		return QUN_ESTATE;
	rc = qun_load_i64(in, ts);
	if (rc == 0)
		rc = qun_load_span(in, &text);
	return rc < 0 ? rc : qun_dict_add(&e->words, text, word);
}

static int load_person(struct qun_engine *e, struct qun_reader *in, struct qun_span *last)
{
	struct attributes a = {0, 0, QUN_NONE, QUN_NONE};
	struct qun_reader state;
	struct qun_span id, bytes;
	struct person *p;
	uint64_t marks;
	int rc = qun_load_span(in, &id);

	if (rc == 0 && last->ptr && qun_span_cmp(*last, id) >= 0)
		rc = QUN_ESTATE;
	*last = id;
	if (rc == 0)
		rc = qun_load_u64(in, &marks);
	if (rc == 0 && marks > (MARK_STAFF | MARK_BOT))
		rc = QUN_ESTATE;
	if (rc == 0)
		rc = load_attribute(e, in, &a.name, &a.name_ts);
	if (rc == 0)
		rc = load_attribute(e, in, &a.role, &a.role_ts);
	if (rc == 0)
		rc = qun_load_span(in, &bytes);
	if (rc == 0)
		rc = person_of(e, id, &p);
	if (rc == 0 && (a.name != QUN_NONE || a.role != QUN_NONE))
		rc = attributes_of(p);
	if (rc < 0)
		return rc;
	if (p->attr)
		*p->attr = a;
	p->marks = marks;
	state = qun_reader_of(bytes);
	rc = e->metric->load(&e->ctx, state_of(p), &state);
	return rc == 0 && !qun_reader_done(&state) ? QUN_ESTATE : rc;
}

int qun_engine_load(struct qun_engine *e, struct qun_span bytes, struct qun_err *err)
{
	struct qun_reader in = qun_reader_of(bytes);
	struct qun_span last = {NULL, 0};
	size_t n = 0;
	int rc = e->users.n ? QUN_ESTATE : qun_heads_load(&e->ctx, &in);

	if (rc == 0)
		rc = qun_load_count(&in, 5, &n);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = load_person(e, &in, &last);
	if (rc == 0 && !qun_reader_done(&in))
		rc = QUN_ESTATE;
	return rc < 0 ? qun_fail(err, rc, "the saved state is damaged") : 0;
}

/* What the roster says of users over all groups: marks, a name for those who never showed one. */
struct roster_facts {
	struct qun_dict users;
	struct {
		unsigned marks;
		bool active; /* has events, under his id or as a name scoped to his group */
		struct qun_span name;
	} *fact;
	size_t cap;
};

/* Does somebody with events go by this roster line? 1 or 0, or QUN_ENOMEM. */
static int is_active(const struct qun_engine *e, const struct qun_roster_line *line)
{
	struct qun_buf scoped = {0};
	int rc;

	if (qun_dict_find(&e->users, line->user) != QUN_NONE)
		return 1;
	rc = qun_buf_add_span(&scoped, line->user);
	if (rc == 0)
		rc = qun_buf_add_char(&scoped, QUN_SCOPE);
	if (rc == 0)
		rc = qun_buf_add_span(&scoped, line->group);
	if (rc == 0)
		rc = qun_dict_find(&e->users, qun_buf_span(&scoped)) != QUN_NONE;
	qun_buf_release(&scoped);
	return rc;
}

/* Groups that only the roster knows become groups of the context here. */
static int roster_facts(struct qun_engine *e, struct roster_facts *f)
{
	const struct qun_roster *r = e->ctx.run->roster;

	for (size_t i = 0; r && i < qun_roster_count(r); i++) {
		const struct qun_roster_line *line = qun_roster_at(r, i);
		size_t before = f->users.n;
		uint32_t id;
		int active = is_active(e, line), rc;

		if (active < 0 || qun_grow(&f->fact, &f->cap, before, sizeof(*f->fact)) < 0)
			return QUN_ENOMEM;
		rc = qun_dict_add(&e->groups, line->group, &id);
		if (rc == 0)
			rc = qun_dict_add(&f->users, line->user, &id);
		if (rc < 0)
			return rc;
		if (f->users.n > before)
			memset(&f->fact[id], 0, sizeof(*f->fact));
		f->fact[id].active |= active;
		f->fact[id].marks |= marks_of(line->role);
		if (qun_span_cmp(line->name, f->fact[id].name) > 0)
			f->fact[id].name = line->name;
	}
	return 0;
}

static struct qun_who who_of(const struct qun_engine *e, struct qun_span id, const struct person *p,
	const struct roster_facts *f)
{
	const char *scope = id.len ? memchr(id.ptr, QUN_SCOPE, id.len) : NULL;
	struct qun_who who = {.id = id, .user = id};
	uint64_t marks = p ? p->marks : 0;
	uint32_t listed;

	if (scope)
		who.user.len = (size_t)(scope - id.ptr);
	listed = qun_dict_find(&f->users, who.user);
	if (p && p->attr) {
		who.name = qun_dict_text(&e->words, p->attr->name);
		who.role = qun_dict_text(&e->words, p->attr->role);
	}
	if (listed != QUN_NONE) {
		marks |= f->fact[listed].marks;
		if (!who.name.len)
			who.name = f->fact[listed].name;
	}
	who.bot = marks & MARK_BOT;
	who.staff = !who.bot && !e->ctx.run->include_staff &&
		((marks & MARK_STAFF) || qun_staff_has(e->ctx.run->staff, who.user));
	return who;
}

/* People of the roster without any event: folded with an empty state. */
static int fold_silent(struct qun_engine *e, struct qun_cube *report, const struct roster_facts *f)
{
	size_t size = e->metric->person_size;
	void *state = calloc(1, size ? size : 1);
	int rc = state ? 0 : QUN_ENOMEM;

	for (uint32_t i = 0; rc == 0 && i < f->users.n; i++) {
		struct qun_span id = qun_dict_text(&f->users, i);
		struct qun_who who;

		if (f->fact[i].active)
			continue;
		who = who_of(e, id, NULL, f);
		rc = e->metric->fold(&e->ctx, report, &who, state);
		e->metric->release(state);
		memset(state, 0, size);
	}
	free(state);
	return rc;
}

int qun_engine_report(struct qun_engine *e, struct qun_cube *report, struct qun_err *err)
{
	struct roster_facts f = {0};
	int rc = roster_facts(e, &f);

	for (uint32_t i = 0; rc == 0 && i < e->users.n; i++) {
		struct person *p = person_at(e, i);
		struct qun_who who = who_of(e, qun_dict_text(&e->users, i), p, &f);

		rc = e->metric->fold(&e->ctx, report, &who, state_of(p));
	}
	if (rc == 0)
		rc = fold_silent(e, report, &f);
	qun_dict_release(&f.users);
	free(f.fact);
	return rc < 0 ? qun_fail(err, rc, rc == QUN_EOVERFLOW
					     ? "a sum does not fit into its number"
					     : "cannot add up the people")
		      : 0;
}

int qun_engine_table(struct qun_engine *e, const struct qun_cube *report, struct qun_table *out,
	struct qun_err *err)
{
	int rc;

	out->money_digits = qun_money_digits(&e->ctx);
	rc = e->metric->finish(&e->ctx, report, out, err);
	if (rc == 0)
		rc = qun_table_end(out);
	if (rc < 0 && err && err->code == 0)
		qun_fail(err, rc, "cannot make the table");
	return rc;
}

const struct qun_metric *qun_metric_of(const char *name)
{
	for (const struct qun_metric *const *m = qun_metrics; *m; m++) {
		if (strcmp((*m)->name, name) == 0)
			return *m;
	}
	return NULL;
}
