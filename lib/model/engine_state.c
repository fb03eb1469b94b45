/* Saved engines: heads, then the people in the order of their ids, whatever shards they are in. */
#include <stdlib.h>

#include "model/engine_parts.h"

static int save_trait(struct qun_buf *out, struct qun_span text, int64_t ts)
{
	int rc = qun_save_u64(out, text.len > 0);

	if (rc == 0 && text.len)
		rc = qun_save_i64(out, ts);
	return rc == 0 && text.len ? qun_save_span(out, text) : rc;
}

int qun_person_save(struct qun_engine *e, struct shard *s, struct person *p, struct qun_buf *out, struct qun_buf *state)
{
	static const struct traits none = {.role = QUN_NONE};
	const struct traits *t = traits_of(s, p);
	int rc = qun_save_u64(out, p->marks);

	if (!t)
		t = &none;
	if (rc == 0)
		rc = save_trait(out, (struct qun_span){t->name, t->len}, t->name_ts);
	if (rc == 0)
		rc = save_trait(out, qun_dict_text(&s->words, t->role), t->role_ts);
	qun_buf_clear(state);
	if (rc == 0)
		rc = e->metric->save(&s->ctx, person_state(p), state);
	return rc < 0 ? rc : qun_save_span(out, qun_buf_span(state));
}

int qun_engine_save(struct qun_engine *e, struct qun_buf *out, struct qun_err *err)
{
	struct qun_rank *all = NULL;
	struct qun_buf state = {0};
	size_t n = 0;
	int rc = qun_heads_save(&e->ctx, out);

	if (rc == 0)
		rc = qun_people_in_order(e, &all, &n);
	if (rc == 0)
		rc = qun_save_u64(out, n);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct shard *s = &e->shard[all[i].of];
		struct person *p = qun_ranked_person(e, all[i]);

		qun_ranked_fetch(e, all, n, i);
		rc = qun_save_span(out, person_id(&s->people, p));
		if (rc == 0)
			rc = qun_person_save(e, s, p, out, &state);
	}
	qun_buf_release(&state);
	free(all);
	return rc < 0 ? qun_fail(err, rc, "cannot save the state") : 0;
}

/* Only what is there is saved with a time and a text. */
static int load_trait(struct qun_reader *in, struct qun_span *text, int64_t *ts)
{
	uint64_t has;
	int rc = qun_load_u64(in, &has);

	*text = (struct qun_span){NULL, 0};
	if (rc < 0 || has == 0)
		return rc;
	rc = has > 1 ? QUN_ESTATE : qun_load_i64(in, ts);
	if (rc == 0)
		rc = qun_load_span(in, text);
	return rc == 0 && !text->len ? QUN_ESTATE : rc;
}

static int load_traits(struct shard *s, struct person *p, struct qun_reader *in)
{
	struct qun_span name, role;
	int64_t name_ts, role_ts;
	int rc = load_trait(in, &name, &name_ts);

	if (rc == 0)
		rc = load_trait(in, &role, &role_ts);
	if (rc == 0 && name.len)
		rc = qun_traits_name(s, p, name, name_ts);
	return rc == 0 && role.len ? qun_traits_role(s, p, role, role_ts) : rc;
}

int qun_person_load(struct qun_engine *e, struct qun_span id, struct qun_reader *in)
{
	uint64_t hash = hash_of(e, id), marks;
	struct shard *s = shard_of(e, hash);
	struct qun_reader state;
	struct qun_span bytes;
	struct person *p;
	int rc = qun_load_u64(in, &marks);

	if (rc == 0 && marks > (MARK_STAFF | MARK_BOT))
		rc = QUN_ESTATE;
	if (rc == 0)
		rc = qun_crowd_add(&s->people, (uint32_t)hash, id, &p);
	if (rc < 0)
		return rc;
	p->marks = marks;
	rc = load_traits(s, p, in);
	if (rc == 0)
		rc = qun_load_span(in, &bytes);
	if (rc < 0)
		return rc;
	state = qun_reader_of(bytes);
	rc = e->metric->load(&s->ctx, person_state(p), &state);
	return rc == 0 && !qun_reader_done(&state) ? QUN_ESTATE : rc;
}

static int load_next(struct qun_engine *e, struct qun_reader *in, struct qun_span *last)
{
	struct qun_span id;
	int rc = qun_load_span(in, &id);

	if (rc == 0 && last->ptr && qun_span_cmp(*last, id) >= 0)
		rc = QUN_ESTATE;
	*last = id;
	return rc < 0 ? rc : qun_person_load(e, id, in);
}

int qun_engine_load(struct qun_engine *e, struct qun_span bytes, struct qun_err *err)
{
	struct qun_reader in = qun_reader_of(bytes);
	struct qun_span last = {NULL, 0};
	size_t n = 0;
	int rc = qun_engine_counts(e).people ? QUN_ESTATE : qun_heads_load(&e->ctx, &in);

	if (rc == 0)
		rc = qun_load_count(&in, 5, &n);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = load_next(e, &in, &last);
	if (rc == 0 && !qun_reader_done(&in))
		rc = QUN_ESTATE;
	return rc < 0 ? qun_fail(err, rc, "the saved state is damaged") : 0;
}

int qun_engine_each(struct qun_engine *e, int (*each)(void *arg, struct qun_span id, struct qun_span state), void *arg,
	struct qun_err *err)
{
	struct qun_rank *all = NULL;
	struct qun_buf saved = {0}, state = {0};
	size_t n = 0;
	int rc = qun_people_in_order(e, &all, &n);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct shard *s = &e->shard[all[i].of];
		struct person *p = qun_ranked_person(e, all[i]);

		qun_ranked_fetch(e, all, n, i);
		qun_buf_clear(&saved);
		rc = qun_person_save(e, s, p, &saved, &state);
		if (rc == 0)
			rc = each(arg, person_id(&s->people, p), qun_buf_span(&saved));
	}
	qun_buf_release(&saved);
	qun_buf_release(&state);
	free(all);
	return rc < 0 ? qun_fail(err, rc, "cannot save the people") : 0;
}

int qun_engine_save_head(struct qun_engine *e, struct qun_buf *out, struct qun_err *err)
{
	int rc = qun_heads_save(&e->ctx, out);

	if (rc == 0)
		rc = qun_save_u64(out, e->types.n);
	for (size_t i = 0; rc == 0 && i < e->types.n; i++)
		rc = qun_save_span(out, qun_dict_text(&e->types, e->type_order[i]));
	return rc < 0 ? qun_fail(err, rc, "cannot save the head") : 0;
}

int qun_engine_add_head(struct qun_engine *e, struct qun_span bytes, struct qun_err *err)
{
	struct qun_reader in = qun_reader_of(bytes);
	struct qun_engine *other = NULL;
	struct qun_span word;
	size_t n = 0;
	int rc = qun_engine_open(&other, e->metric, e->ctx.run, e->ctx.conf);

	if (rc == 0)
		rc = qun_heads_load(&other->ctx, &in);
	if (rc == 0)
		rc = qun_load_count(&in, 1, &n);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = qun_load_span(&in, &word);
		if (rc == 0)
			rc = qun_engine_type_add(other, word);
	}
	if (rc == 0 && !qun_reader_done(&in))
		rc = QUN_ESTATE;
	if (rc == 0)
		rc = qun_engine_merge(e, other, err);
	else
		qun_fail(err, rc, "the head of the saved state is damaged");
	qun_engine_close(other);
	return rc;
}
