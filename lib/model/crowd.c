/* Open addressing over places of records. A slot tells most strangers by its tag, so that a search
 * touches one line of slots and one record. */
#include "model/crowd.h"

#include <stdlib.h>
#include <string.h>

#include "core/short.h"

enum { SLOTS_FIRST = 16, AHEAD = 6 };

/* The slot that holds id, or the free one where it belongs. nslots > 0. */
static inline struct qun_crowd_slot *slot_of(
	const struct qun_crowd *p, uint32_t tag, struct qun_span id)
{
	size_t mask = p->nslots - 1;
	size_t at = tag & mask;

	for (; p->slots[at].at; at = (at + 1) & mask) {
		const struct person *person;

		if (p->slots[at].tag != tag)
			continue;
		person = qun_pile_at(&p->pile, p->slots[at].at);
		if (person->len == id.len && qun_short_same(person_id(p, person).ptr, id.ptr, id.len))
			break;
	}
	return &p->slots[at];
}

struct person *qun_crowd_find(const struct qun_crowd *p, uint32_t tag, struct qun_span id)
{
	uint32_t at = p->nslots ? slot_of(p, tag, id)->at : 0;

	return at ? qun_pile_at(&p->pile, at) : NULL;
}

/* Room for one more at a load of five eighths: most searches end where they begin, which is what a
 * processor learns to expect. */
static int grow(struct qun_crowd *p)
{
	size_t nslots = p->nslots ? p->nslots * 2 : SLOTS_FIRST;
	struct qun_crowd_slot *slots;

	if (p->n < p->nslots / 8 * 5)
		return 0;
	slots = calloc(nslots, sizeof(*slots));
	if (!slots)
		return QUN_ENOMEM;
	for (size_t i = 0; i < p->nslots; i++) {
		size_t at = p->slots[i].tag & (nslots - 1);

		if (!p->slots[i].at)
			continue;
		while (slots[at].at)
			at = (at + 1) & (nslots - 1);
		slots[at] = p->slots[i];
	}
	free(p->slots);
	p->slots = slots;
	p->nslots = nslots;
	return 0;
}

static int enter(struct qun_crowd *p, uint32_t tag, struct qun_span id, struct person **out)
{
	struct person *person;
	uint32_t at;
	int rc = id.len <= QUN_ID_MAX ? grow(p) : QUN_ELIMIT;

	if (rc < 0)
		return rc;
	person = qun_pile_take(&p->pile, (sizeof(*person) + p->size + id.len + 7) & ~(size_t)7, &at);
	if (!person)
		return QUN_ENOMEM;
	person->len = (uint32_t)id.len;
	memcpy((char *)(person + 1) + p->size, id.ptr, id.len);
	*slot_of(p, tag, id) = (struct qun_crowd_slot){tag, at};
	p->n++;
	*out = person;
	return 0;
}

int qun_crowd_add(struct qun_crowd *p, uint32_t tag, struct qun_span id, struct person **out)
{
	*out = qun_crowd_find(p, tag, id);
	return *out ? 0 : enter(p, tag, id, out);
}

struct person *qun_crowd_next(const struct qun_crowd *p, size_t *i, uint32_t *tag)
{
	for (; *i < p->nslots; ++*i) {
		const struct qun_crowd_slot *slot = &p->slots[*i];

		if (*i + AHEAD < p->nslots && slot[AHEAD].at)
			__builtin_prefetch(qun_pile_at(&p->pile, slot[AHEAD].at));
		if (!slot->at)
			continue;
		if (tag)
			*tag = slot->tag;
		++*i;
		return qun_pile_at(&p->pile, slot->at);
	}
	return NULL;
}

void qun_crowd_release(struct qun_crowd *p)
{
	free(p->slots);
	qun_pile_release(&p->pile);
	p->slots = NULL;
	p->nslots = p->n = 0;
}
