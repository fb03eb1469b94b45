/*
 * From finished people to the report and its table. Each worker folds whole shards into a cube of its
 * own; cubes add up, so nobody sees how many there were.
 */
#include <stdlib.h>
#include <string.h>

#include "core/each.h"
#include "model/engine_parts.h"
#include "qun/roster.h"

static bool has_person(const struct qun_engine *e, struct qun_span id)
{
	uint64_t hash = hash_of(e, id);

	return qun_crowd_find(&shard_of(e, hash)->people, (uint32_t)hash, id) != NULL;
}

/* Does somebody with events go by this roster line? 1 or 0, or QUN_ENOMEM. */
static int is_active(const struct qun_engine *e, const struct qun_roster_line *line)
{
	struct qun_buf scoped = {0};
	int rc;

	if (has_person(e, line->user))
		return 1;
	rc = qun_buf_add_span(&scoped, line->user);
	if (rc == 0)
		rc = qun_buf_add_char(&scoped, QUN_SCOPE);
	if (rc == 0)
		rc = qun_buf_add_span(&scoped, line->group);
	if (rc == 0)
		rc = has_person(e, qun_buf_span(&scoped));
	qun_buf_release(&scoped);
	return rc;
}

int qun_listed_make(struct qun_engine *e, struct qun_listed *f)
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
		f->fact[id].marks |= qun_marks_of(line->role);
		if (qun_span_cmp(line->name, f->fact[id].name) > 0)
			f->fact[id].name = line->name;
	}
	return 0;
}

/* s and p are NULL for one without events. */
static struct qun_who who_of(const struct qun_engine *e, struct qun_span id, const struct shard *s,
	const struct person *p, const struct qun_listed *f)
{
	const char *scope = id.len ? memchr(id.ptr, QUN_SCOPE, id.len) : NULL;
	const struct traits *t = p ? traits_of(s, p) : NULL;
	struct qun_who who = {.id = id, .user = id};
	unsigned marks = p ? p->marks : 0;
	uint32_t listed;

	if (scope)
		who.user.len = (size_t)(scope - id.ptr);
	listed = qun_dict_find(&f->users, who.user);
	if (t) {
		who.name = (struct qun_span){t->name, t->len};
		who.role = qun_dict_text(&s->words, t->role);
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

int qun_fold_silent(struct qun_engine *e, struct qun_cube *report, const struct qun_listed *f)
{
	size_t size = e->metric->person_size;
	void *state = calloc(1, size ? size : 1);
	int rc = state ? 0 : QUN_ENOMEM;

	for (uint32_t i = 0; rc == 0 && i < f->users.n; i++) {
		struct qun_span id = qun_dict_text(&f->users, i);
		struct qun_who who;

		if (f->fact[i].active)
			continue;
		who = who_of(e, id, NULL, NULL, f);
		rc = e->metric->fold(&shard_of(e, hash_of(e, id))->ctx, report, &who, state);
		e->metric->release(state);
		memset(state, 0, size);
	}
	free(state);
	return rc;
}

int qun_fold_person(const struct qun_engine *e, struct shard *s, struct person *p, const struct qun_listed *f,
	struct qun_cube *report)
{
	struct qun_who who = who_of(e, person_id(&s->people, p), s, p, f);

	return e->metric->fold(&s->ctx, report, &who, person_state(p));
}

void qun_listed_release(struct qun_listed *f)
{
	qun_dict_release(&f->users);
	free(f->fact);
}

struct folding {
	struct qun_engine *e;
	const struct qun_listed *facts;
	struct qun_cube *cube[QUN_EACH_THREADS]; /* by worker */
};

static int fold_shard(void *arg, size_t i, int worker)
{
	const struct folding *f = arg;
	struct shard *s = &f->e->shard[i];
	struct person *p;
	int rc = 0;

	for (size_t at = 0; rc == 0 && (p = qun_crowd_next(&s->people, &at, NULL));)
		rc = qun_fold_person(f->e, s, p, f->facts, f->cube[worker]);
	return rc;
}

static int fold_people(struct folding *f, struct qun_cube *report)
{
	struct qun_cube own[QUN_EACH_THREADS];
	int threads = f->e->threads < QUN_EACH_THREADS ? f->e->threads : QUN_EACH_THREADS, rc;

	memset(own, 0, sizeof(own));
	f->cube[0] = report;
	for (int i = 1; i < threads; i++)
		f->cube[i] = &own[i];
	rc = qun_each(SHARDS, threads, fold_shard, f);
	for (int i = 1; i < threads; i++) {
		if (rc == 0)
			rc = qun_cube_merge(report, &own[i]);
		qun_cube_release(&own[i]);
	}
	return rc;
}

int qun_engine_report(struct qun_engine *e, struct qun_cube *report, struct qun_err *err)
{
	struct qun_listed facts = {0};
	struct folding f = {.e = e, .facts = &facts};
	int rc = qun_listed_make(e, &facts);

	if (rc == 0)
		rc = fold_people(&f, report);
	if (rc == 0)
		rc = qun_fold_silent(e, report, &facts);
	qun_listed_release(&facts);
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
