/*
 * A crowd: a table from id to record. A record never moves, and holds all there is of a person in one
 * place: what the engine keeps, the metric's state, the id.
 */
#ifndef MODEL_CROWD_H
#define MODEL_CROWD_H

#include "qun/bytes.h"
#include "qun/pile.h"

enum { QUN_ID_MAX = (1 << 25) - 1, QUN_ID_USUAL = 15 };

struct person {
	uint32_t len : 25;  /* of the id */
	uint32_t marks : 2; /* for the engine */
	uint32_t traits; /* place of his newest name and role in the pile, 0: none; a multiple of 8
			    long */
			 /* the metric's state follows, aligned to 8, and the id */
};

struct qun_crowd_slot {
	uint32_t tag; /* 32 bits of the hash */
	uint32_t at;  /* place of the record, 0: free */
};

struct qun_crowd {
	struct qun_crowd_slot *slots;
	size_t nslots, n;
	size_t size; /* of a state */
	struct qun_pile pile;
};

static inline void *person_state(struct person *p)
{
	return p + 1;
}

static inline struct qun_span person_id(const struct qun_crowd *people, const struct person *p)
{
	return (struct qun_span){(const char *)(p + 1) + people->size, p->len};
}

/* Has fetched what a search for this tag will touch first. */
static inline void qun_crowd_fetch(const struct qun_crowd *p, uint32_t tag)
{
	if (p->nslots)
		__builtin_prefetch(&p->slots[tag & (p->nslots - 1)]);
}

/* Has fetched a person's record: its head, the metric's state, an id of the usual length. */
static inline void qun_crowd_fetch_person(const struct qun_crowd *p, const struct person *person)
{
	const char *at = (const char *)person;

	__builtin_prefetch(at);
	for (size_t ahead = 64; ahead < p->size; ahead += 64)
		__builtin_prefetch(at + ahead);
	__builtin_prefetch(at + sizeof(*person) + p->size + QUN_ID_USUAL);
}

/* The first person of this tag, who is mostly the one looked for, and is being fetched; NULL: none. */
static inline struct person *qun_crowd_guess(const struct qun_crowd *p, uint32_t tag)
{
	size_t mask = p->nslots - 1, at = tag & mask;
	struct person *person;

	if (!p->nslots)
		return NULL;
	while (p->slots[at].at && p->slots[at].tag != tag)
		at = (at + 1) & mask;
	if (!p->slots[at].at)
		return NULL;
	person = qun_pile_at(&p->pile, p->slots[at].at);
	qun_crowd_fetch_person(p, person);
	return person;
}

/* NULL: none. */
struct person *qun_crowd_find(const struct qun_crowd *p, uint32_t tag, struct qun_span id);
/* The person of an id, made with an all-zero state if new. 0, QUN_ENOMEM or QUN_ELIMIT. */
int qun_crowd_add(struct qun_crowd *p, uint32_t tag, struct qun_span id, struct person **out);
/* Walks the slots from *i = 0 up; NULL ends. *tag may be NULL. */
struct person *qun_crowd_next(const struct qun_crowd *p, size_t *i, uint32_t *tag);
void qun_crowd_release(struct qun_crowd *p); /* the states' own memory is the caller's */

#endif
