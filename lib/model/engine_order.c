/* Everybody in the order of ids, for saved bytes. */
#include <stdlib.h>

#include "model/engine_parts.h"

static struct qun_span id_of(const void *arg, struct qun_rank r)
{
	const struct qun_engine *e = arg;

	return person_id(&e->shard[r.of].people, qun_ranked_person(e, r));
}

static void fetch(const void *arg, struct qun_rank r)
{
	const struct qun_engine *e = arg;

	qun_crowd_fetch_person(&e->shard[r.of].people, qun_ranked_person(e, r));
}

void qun_ranked_fetch(const struct qun_engine *e, const struct qun_rank *v, size_t n, size_t i)
{
	if (i + QUN_RANK_AHEAD < n)
		fetch(e, v[i + QUN_RANK_AHEAD]);
}

int qun_people_in_order(const struct qun_engine *e, struct qun_rank **out, size_t *n)
{
	size_t all = qun_engine_counts(e).people;
	struct qun_rank *v = reallocarray(NULL, all ? all : 1, sizeof(*v));

	*out = v;
	*n = 0;
	if (!v)
		return QUN_ENOMEM;
	for (uint32_t s = 0; s < SHARDS; s++) {
		const struct qun_crowd *people = &e->shard[s].people;

		for (size_t i = 0; i < people->nslots; i++) {
			if (people->slots[i].at)
				v[(*n)++] = (struct qun_rank){.of = s, .at = people->slots[i].at};
		}
	}
	return qun_rank(v, all, &(struct qun_ranking){e, id_of, fetch});
}
