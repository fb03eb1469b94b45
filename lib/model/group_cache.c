/* A few places for each name, one behind the other. It grows with the groups as far as it is worth it. */
#include "model/group_cache.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS_FIRST = 8192, SLOTS_LAST = 1 << 17, PLACES = 4, LINE = sizeof(struct qun_cached_group) };

static int make(struct qun_group_cache *c, size_t nslots)
{
	char *memory = calloc(nslots + 1, sizeof(*c->slot));

	if (!memory)
		return QUN_ENOMEM;
	*c = (struct qun_group_cache){.nslots = nslots, .memory = memory,
		.slot = (void *)(memory + (LINE - (uintptr_t)memory % LINE) % LINE)};
	return 0;
}

int qun_group_cache_open(struct qun_group_cache *c)
{
	return make(c, SLOTS_FIRST);
}

void qun_group_cache_release(struct qun_group_cache *c)
{
	free(c->memory);
	*c = (struct qun_group_cache){0};
}

/* The i-th place of those that begin with the first one. */
static struct qun_cached_group *place(const struct qun_group_cache *c, struct qun_span name, size_t i)
{
	size_t at = (size_t)(qun_group_cache_at(c, name) - c->slot);

	return &c->slot[(at + i) & (c->nslots - 1)];
}

uint32_t qun_group_cache_find(const struct qun_group_cache *c, struct qun_span name)
{
	uint32_t number = QUN_NONE;

	for (size_t i = 0; name.len && number == QUN_NONE && i < PLACES; i++)
		number = qun_cached_group_number(place(c, name, i), name);
	return number;
}

/* In a free place, or instead of the first. */
static void put(struct qun_group_cache *c, struct qun_span name, uint32_t number)
{
	struct qun_cached_group *g = place(c, name, 0);

	for (size_t i = 1; g->len && i < PLACES; i++) {
		if (!place(c, name, i)->len)
			g = place(c, name, i);
	}
	c->n += !g->len;
	g->number = number;
	g->len = (uint32_t)name.len;
	memcpy(g->name, name.ptr, name.len);
}

/* Half of the places stay free; without memory for more there are as many as before. */
static void grow(struct qun_group_cache *c)
{
	struct qun_group_cache old = *c;

	if (c->n < c->nslots / 2 || c->nslots >= SLOTS_LAST || make(c, 4 * c->nslots) < 0)
		return;
	for (size_t i = 0; i < old.nslots; i++) {
		if (old.slot[i].len)
			put(c, (struct qun_span){old.slot[i].name, old.slot[i].len}, old.slot[i].number);
	}
	qun_group_cache_release(&old);
}

void qun_group_cache_put(struct qun_group_cache *c, struct qun_span name, uint32_t number)
{
	if (!name.len || name.len > CACHED_NAME)
		return;
	grow(c);
	put(c, name, number);
}
