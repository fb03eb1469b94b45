/*
 * A reducer has the engine of one person: his states are added up there, he is folded, and it is empty
 * again. What the roster says is in memory whole, with a mark for whom it has met.
 */
#include <stdlib.h>
#include <string.h>

#include "model/engine_parts.h"
#include "qun/roster.h"

struct qun_reducer {
	struct qun_engine *e;
	struct qun_engine *more; /* for the second and further states of the person in hand */
	struct qun_cube *report;
	struct qun_listed facts;
	struct qun_buf id; /* of the person in hand */
	bool any;
};

static int fail(struct qun_err *err, int rc)
{
	return rc < 0 ? qun_fail(err, rc, rc == QUN_EOVERFLOW ? "a sum does not fit into its number"
					: rc == QUN_ENOMEM    ? "out of memory"
							      : "the state of a person is damaged") : 0;
}

int qun_reducer_open(struct qun_reducer **out, struct qun_engine *e, struct qun_cube *report, struct qun_err *err)
{
	struct qun_reducer *r = calloc(1, sizeof(*r));
	int rc = r ? 0 : QUN_ENOMEM;

	if (rc == 0) {
		r->e = e;
		r->report = report;
		rc = qun_engine_open(&r->more, e->metric, e->ctx.run, e->ctx.conf);
	}
	/* groups have one number for both, so that his states need no translation */
	for (int i = 0; rc == 0 && i < SHARDS; i++)
		r->more->shard[i].ctx.groups = &e->groups;
	if (rc == 0)
		rc = qun_listed_make(e, &r->facts);
	if (rc < 0)
		qun_reducer_close(r);
	else
		*out = r;
	return fail(err, rc);
}

void qun_reducer_close(struct qun_reducer *r)
{
	if (!r)
		return;
	qun_engine_close(r->more);
	qun_listed_release(&r->facts);
	qun_buf_release(&r->id);
	free(r);
}

static struct person *person_of(const struct qun_engine *e, struct qun_span id, struct shard **s)
{
	uint64_t hash = hash_of(e, id);

	*s = shard_of(e, hash);
	return qun_crowd_find(&(*s)->people, (uint32_t)hash, id);
}

static int fold(struct qun_reducer *r)
{
	struct qun_span id = qun_buf_span(&r->id);
	struct shard *s;
	struct person *p;
	int rc;

	if (!r->any)
		return 0;
	p = person_of(r->e, id, &s);
	rc = qun_listed_meet(&r->facts, r->e->ctx.run->roster, id);
	if (rc == 0 && p)
		rc = qun_fold_person(r->e, s, p, &r->facts, r->report);
	qun_shard_release(r->e->metric, s);
	return rc;
}

static int add_more(struct qun_reducer *r, struct qun_span id, struct qun_reader *in)
{
	struct shard *from, *to;
	struct person *a, *b;
	int rc = qun_person_load(r->more, id, in);

	a = person_of(r->e, id, &to);
	b = person_of(r->more, id, &from);
	if (rc == 0 && a && b)
		rc = qun_person_merge(r->e->metric, to, a, &from->ctx, from, b);
	qun_shard_release(r->e->metric, from);
	return rc;
}

int qun_reducer_add(struct qun_reducer *r, struct qun_span id, struct qun_span state, struct qun_err *err)
{
	struct qun_reader in = qun_reader_of(state);
	int rc = 0;

	if (r->any && qun_span_eq(id, qun_buf_span(&r->id))) {
		rc = add_more(r, id, &in);
	} else {
		rc = fold(r);
		r->any = true;
		qun_buf_clear(&r->id);
		if (rc == 0)
			rc = qun_buf_add_span(&r->id, id);
		if (rc == 0)
			rc = qun_person_load(r->e, id, &in);
	}
	if (rc == 0 && !qun_reader_done(&in))
		rc = QUN_ESTATE;
	return fail(err, rc);
}

int qun_reducer_end(struct qun_reducer *r, struct qun_err *err)
{
	int rc = fold(r);

	r->any = false;
	return fail(err, rc);
}

int qun_reducer_save_met(const struct qun_reducer *r, struct qun_buf *out)
{
	int rc = qun_save_u64(out, r->facts.met.n);

	for (uint32_t i = 0; rc == 0 && i < r->facts.met.n; i++)
		rc = qun_save_span(out, qun_dict_text(&r->facts.met, i));
	return rc;
}

int qun_reducer_load_met(struct qun_reducer *r, struct qun_reader *in)
{
	struct qun_span id;
	size_t n = 0;
	int rc = qun_load_count(in, 1, &n);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = qun_load_span(in, &id);
		if (rc == 0)
			rc = qun_listed_meet(&r->facts, r->e->ctx.run->roster, id);
	}
	return rc;
}

int qun_reducer_fold_silent(struct qun_reducer *r, struct qun_err *err)
{
	return fail(err, qun_fold_silent(r->e, r->report, &r->facts));
}
