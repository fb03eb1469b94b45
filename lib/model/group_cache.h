/*
 * A cache of the groups met lately, beside the dictionary that numbers them: name and number stand in one line
 * of memory, which can be fetched ahead. Names that are long, or crowd in one place, are left to the dictionary.
 */
#ifndef MODEL_GROUP_CACHE_H
#define MODEL_GROUP_CACHE_H

#include "core/short.h"
#include "qun/dict.h"

enum { CACHED_NAME = 56 };

struct qun_cached_group {
	uint32_t number, len; /* len 0: none */
	char name[CACHED_NAME];
};

struct qun_group_cache {
	struct qun_cached_group *slot; /* in lines of memory */
	size_t nslots, n;
	void *memory;
};

int qun_group_cache_open(struct qun_group_cache *c); /* 0, or QUN_ENOMEM */
void qun_group_cache_release(struct qun_group_cache *c);

/* Where a name is looked for first: by a cheap mix of it, which whoever chooses names can know. */
static inline struct qun_cached_group *qun_group_cache_at(const struct qun_group_cache *c, struct qun_span name)
{
	return &c->slot[qun_short_mix(name.ptr, name.len) & (c->nslots - 1)];
}

/* The number of the group that stands here if it has this name, else QUN_NONE. */
static inline uint32_t qun_cached_group_number(const struct qun_cached_group *g, struct qun_span name)
{
	return g->len == name.len && qun_short_same(g->name, name.ptr, name.len) ? g->number : QUN_NONE;
}

/* The number of a name, or QUN_NONE where it is not here. */
uint32_t qun_group_cache_find(const struct qun_group_cache *c, struct qun_span name);
void qun_group_cache_put(struct qun_group_cache *c, struct qun_span name, uint32_t number);

#endif
