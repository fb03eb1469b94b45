/* Facts about an input, beside any metric: who, what, where and when, as chat-cat --check tells them. */
#ifndef QUN_FACTS_H
#define QUN_FACTS_H

#include "qun/head.h"

#ifdef __cplusplus
extern "C" {
#endif

struct qun_group_facts {
	uint64_t events, people;
	uint64_t orders; /* however many lines they have */
	uint64_t type[QUN_NTYPES];
	struct qun_bits days;
};

struct qun_facts {
	struct qun_ctx ctx; /* groups, words and heads below */
	struct qun_dict groups, words;
	struct qun_heads heads;
	struct qun_group_facts *group; /* by number in groups */
	size_t group_cap;
	struct qun_dict people, members, buyers, staff, orders;
	struct qun_dict types, ways; /* type words; sources of joins */
	uint64_t *type, *way;        /* how many of each */
	size_t type_cap, way_cap;
	uint64_t events, anonymous;
	uint64_t whole_minutes; /* events whose time has no seconds */
	uint64_t texts, amounts, by_name; /* messages with text, orders with amount, people known by a name of a group */
};

void qun_facts_init(struct qun_facts *f, const struct qun_run *run);
int qun_facts_add(struct qun_facts *f, struct qun_event *ev);
void qun_facts_release(struct qun_facts *f);

uint64_t qun_facts_of_type(const struct qun_facts *f, enum qun_type type);
/* Days from the first of these to the last that have none of them; *longest: the longest run of such days. */
uint64_t qun_facts_holes(const struct qun_bits *days, uint64_t *longest);

#ifdef __cplusplus
}
#endif
#endif
