/*
 * From finished people to the report and its table. Each worker folds whole shards into a cube of its
 * own; cubes add up, so nobody sees how many there were.
 */
#include <stdlib.h>
#include <string.h>

#include "core/each.h"
#include "model/engine_parts.h"
#include "model/parts.h"
#include "qun/roster.h"

static bool has_person(const struct qun_engine *e, struct qun_span id)
{
	uint64_t hash = hash_of(e, id);

	return qun_crowd_find(&shard_of(e, hash)->people, (uint32_t)hash, id) != NULL;
}

/* A line's user as a name that is used as id in the line's group. */
static int scoped_id(const struct qun_roster_line *line, struct qun_buf *id)
{
	int rc;

	qun_buf_clear(id);
	rc = qun_buf_add_span(id, line->user);
	if (rc == 0)
		rc = qun_buf_add_char(id, QUN_SCOPE);
	return rc < 0 ? rc : qun_buf_add_span(id, line->group);
}

/* The group that a name used as id is scoped to; empty for any other id. */
static struct qun_span group_of_scope(struct qun_span id)
{
	struct qun_span user = qun_user_bare(id);

	return user.len == id.len ? (struct qun_span){NULL, 0}
				  : (struct qun_span){id.ptr + user.len + 1, id.len - user.len - 1};
}

int qun_listed_meet(struct qun_listed *f, const struct qun_roster *r, struct qun_span id)
{
	struct qun_span user = qun_user_bare(id), group = group_of_scope(id);
	uint32_t n = qun_dict_find(&f->users, id), named = QUN_NONE, number;

	if (r && group.len && qun_roster_find(r, group, user))
		named = qun_dict_find(&f->users, user);
	if (n != QUN_NONE)
		f->fact[n].met = true;
	if (named != QUN_NONE)
		f->fact[named].named = true;
	return n == QUN_NONE && named == QUN_NONE ? 0 : qun_dict_add(&f->met, id, &number);
}

/* Somebody with events may go by this line, under his id or by name. */
static int meet_line(const struct qun_engine *e, struct qun_listed *f, const struct qun_roster_line *line,
	struct qun_buf *id)
{
	int rc = has_person(e, line->user) ? qun_listed_meet(f, e->ctx.run->roster, line->user) : 0;

	if (rc == 0)
		rc = scoped_id(line, id);
	return rc == 0 && has_person(e, qun_buf_span(id)) ?
		qun_listed_meet(f, e->ctx.run->roster, qun_buf_span(id)) : rc;
}

static int list_line(struct qun_engine *e, struct qun_listed *f, const struct qun_roster_line *line)
{
	size_t before = f->users.n;
	uint32_t id;
	int rc;

	if (qun_grow(&f->fact, &f->cap, before, sizeof(*f->fact)) < 0)
		return QUN_ENOMEM;
	rc = qun_dict_add(&e->groups, line->group, &id);
	if (rc == 0)
		rc = qun_dict_add(&f->users, line->user, &id);
	if (rc < 0)
		return rc;
	if (f->users.n > before)
		memset(&f->fact[id], 0, sizeof(*f->fact));
	f->fact[id].marks |= qun_marks_of(line->role);
	if (qun_span_cmp(line->name, f->fact[id].name) > 0)
		f->fact[id].name = line->name;
	if (qun_span_cmp(line->role, f->fact[id].role) > 0)
		f->fact[id].role = line->role;
	return 0;
}

int qun_listed_make(struct qun_engine *e, struct qun_listed *f)
{
	const struct qun_roster *r = e->ctx.run->roster;
	struct qun_buf id = {0};
	int rc = 0;

	for (size_t i = 0; rc == 0 && r && i < qun_roster_count(r); i++) {
		rc = list_line(e, f, qun_roster_at(r, i));
		if (rc == 0)
			rc = meet_line(e, f, qun_roster_at(r, i), &id);
	}
	qun_buf_release(&id);
	return rc;
}

/* What the lists say of a person: of a name used as id those of its group, of any other those of all. */
static void read_lists(const struct qun_engine *e, const struct qun_listed *f, struct qun_who *who, unsigned *marks)
{
	struct qun_span group = group_of_scope(who->id), name = {NULL, 0}, role = {NULL, 0};
	const struct qun_roster *r = e->ctx.run->roster;
	const struct qun_roster_line *line = NULL;
	uint32_t n = QUN_NONE;

	if (r && group.len)
		line = qun_roster_find(r, group, who->user);
	if (r && group.len && !line)
		line = qun_roster_find(r, group, who->id);
	if (line) {
		*marks |= qun_marks_of(line->role);
		name = line->name;
		role = line->role;
	} else if (!group.len) {
		n = qun_dict_find(&f->users, who->id);
	}
	if (n != QUN_NONE) {
		*marks |= f->fact[n].marks;
		name = f->fact[n].name;
		role = f->fact[n].role;
	}
	if (!who->name.len)
		who->name = name;
	if (!who->role.len)
		who->role = role;
}

/* s and p are NULL for one without events. */
static struct qun_who who_of(const struct qun_engine *e, struct qun_span id, const struct shard *s,
	const struct person *p, const struct qun_listed *f)
{
	const struct traits *t = p ? traits_of(s, p) : NULL;
	struct qun_who who = {.id = id, .user = qun_user_bare(id)};
	unsigned marks = p ? p->marks : 0;

	if (t) {
		who.name = (struct qun_span){t->name, t->len};
		who.role = qun_dict_text(&s->words, t->role);
	}
	read_lists(e, f, &who, &marks);
	who.bot = marks & MARK_BOT;
	who.staff = !who.bot && !e->ctx.run->include_staff &&
		((marks & MARK_STAFF) || qun_staff_has(e->ctx.run->staff, who.user));
	return who;
}

static int fold_silent_one(struct qun_engine *e, struct qun_cube *report, const struct qun_listed *f,
	struct qun_span id, void *state)
{
	size_t size = e->metric->person_size;
	struct qun_who who = who_of(e, id, NULL, NULL, f);
	int rc = e->metric->fold(&shard_of(e, hash_of(e, id))->ctx, report, &who, state);

	e->metric->release(state);
	memset(state, 0, size);
	return rc;
}

/* Who has events in one group under his name is another person in every other group of his lines. */
int qun_fold_silent(struct qun_engine *e, struct qun_cube *report, const struct qun_listed *f)
{
	const struct qun_roster *r = e->ctx.run->roster;
	size_t size = e->metric->person_size;
	void *state = calloc(1, size ? size : 1);
	struct qun_buf id = {0};
	int rc = state ? 0 : QUN_ENOMEM;

	for (uint32_t i = 0; rc == 0 && i < f->users.n; i++) {
		if (!f->fact[i].met && !f->fact[i].named)
			rc = fold_silent_one(e, report, f, qun_dict_text(&f->users, i), state);
	}
	for (size_t i = 0; rc == 0 && r && i < qun_roster_count(r); i++) {
		const struct qun_roster_line *line = qun_roster_at(r, i);
		uint32_t n = qun_dict_find(&f->users, line->user);

		if (f->fact[n].met || !f->fact[n].named)
			continue;
		rc = scoped_id(line, &id);
		if (rc == 0 && qun_dict_find(&f->met, qun_buf_span(&id)) == QUN_NONE)
			rc = fold_silent_one(e, report, f, qun_buf_span(&id), state);
	}
	qun_buf_release(&id);
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
	qun_dict_release(&f->met);
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
			rc = qun_cube_take(report, &own[i]);
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
