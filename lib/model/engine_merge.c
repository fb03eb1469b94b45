/*
 * Merging: what is the whole input's one engine after the other, then the people shard by shard, on
 * as many threads as there are, for shards share nothing that is still written to.
 */
#include <stdlib.h>

#include "core/each.h"
#include "model/engine_parts.h"
#include "model/parts.h"

int qun_person_merge(const struct qun_metric *metric, struct shard *dst, struct person *to,
	const struct qun_ctx *sctx, const struct shard *src, struct person *from)
{
	const struct traits *t = traits_of(src, from);
	int rc = 0;

	if (t && t->len)
		rc = qun_traits_name(dst, to, (struct qun_span){t->name, t->len}, t->name_ts);
	if (rc == 0 && t && t->role != QUN_NONE)
		rc = qun_traits_role(dst, to, qun_dict_text(&src->words, t->role), t->role_ts);
	to->marks |= from->marks;
	return rc < 0 ? rc
		      : metric->merge(&dst->ctx, person_state(to), sctx, person_state(from));
}

/* moved: numbers of the source's groups in dst. */
static int merge_shard(const struct qun_metric *metric, struct shard *dst, const struct shard *src,
	const uint32_t *moved)
{
	struct qun_ctx sctx = src->ctx;
	struct person *from, *to;
	uint32_t tag;
	int rc = 0;

	sctx.moved = moved;
	for (size_t i = 0; rc == 0 && (from = qun_crowd_next(&src->people, &i, &tag));) {
		if (qun_is_forgotten(dst->ctx.run, person_id(&src->people, from)))
			continue;
		rc = qun_crowd_add(&dst->people, tag, person_id(&src->people, from), &to);
		if (rc < 0)
			break;
		rc = qun_person_merge(metric, dst, to, &sctx, src, from);
	}
	return rc;
}

/* Groups, heads, type words and counts. *moved is malloc'd. */
static int merge_rest(struct qun_engine *dst, const struct qun_engine *src, uint32_t **moved)
{
	size_t n = src->groups.n;
	int rc = 0;

	*moved = malloc((n ? n : 1) * sizeof(**moved));
	if (!*moved)
		return QUN_ENOMEM;
	for (uint32_t i = 0; rc == 0 && i < n; i++)
		rc = qun_dict_add(&dst->groups, qun_dict_text(&src->groups, i), &(*moved)[i]);
	if (rc == 0)
		rc = qun_heads_merge(&dst->ctx, &src->ctx);
	for (size_t i = 0; rc == 0 && i < src->types.n; i++)
		rc = qun_engine_type_add(dst, qun_dict_text(&src->types, src->type_order[i]));
	dst->counts.used += src->counts.used;
	dst->counts.filtered += src->counts.filtered;
	dst->counts.anonymous += src->counts.anonymous;
	dst->counts.after += src->counts.after;
	return rc;
}

static int fail(struct qun_err *err, int rc)
{
	return rc < 0 ? qun_fail(err, rc, "cannot add up two partial states") : 0;
}

int qun_engine_merge(struct qun_engine *dst, const struct qun_engine *src, struct qun_err *err)
{
	uint32_t *moved = NULL;
	int rc = merge_rest(dst, src, &moved);

	for (int i = 0; rc == 0 && i < SHARDS; i++)
		rc = merge_shard(dst->metric, &dst->shard[i], &src->shard[i], moved);
	free(moved);
	return fail(err, rc);
}

struct gathering {
	struct qun_engine *dst, *const *src;
	uint32_t **moved; /* by source */
	size_t n;
};

static int gather_shard(void *arg, size_t i, int worker)
{
	const struct gathering *g = arg;
	const struct qun_metric *metric = g->dst->metric;
	int rc = 0;

	(void)worker;
	for (size_t k = 0; rc == 0 && k < g->n; k++) {
		struct shard *from = &g->src[k]->shard[i];

		rc = merge_shard(metric, &g->dst->shard[i], from, g->moved[k]);
		qun_shard_release(metric, from);
	}
	return rc;
}

int qun_engine_gather(struct qun_engine *dst, struct qun_engine *const *src, size_t n, struct qun_err *err)
{
	struct gathering g = {.dst = dst, .src = src, .n = n};
	int rc;

	g.moved = calloc(n ? n : 1, sizeof(*g.moved));
	rc = g.moved ? 0 : QUN_ENOMEM;
	for (size_t k = 0; rc == 0 && k < n; k++)
		rc = merge_rest(dst, src[k], &g.moved[k]);
	if (rc == 0)
		rc = qun_each(SHARDS, dst->threads, gather_shard, &g);
	for (size_t k = 0; k < n; k++) {
		if (g.moved)
			free(g.moved[k]);
		qun_engine_close(src[k]);
	}
	free(g.moved);
	return fail(err, rc);
}
