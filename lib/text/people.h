/*
 * Who is in one file: where rows carry ids but sentences only names, a name leads to the id it was
 * seen with. Joins and leaves wait for the end of the file, until all names are known.
 */
#ifndef QUN_TEXT_PEOPLE_H
#define QUN_TEXT_PEOPLE_H

#include "qun/format.h"

enum { QUN_PEOPLE_RECENT = 512 };

/* Memory of a format, all-zero at first. */
struct qun_people {
	struct qun_dict ids;
	uint32_t *owner; /* by number in hook->names: number in ids */
	size_t nowner, owner_cap;
	uint32_t recent[QUN_PEOPLE_RECENT]; /* names asked for lately, by some of their bytes: number + 1 */
	struct qun_held_change *held;
	size_t nheld, held_cap;
	struct qun_arena text; /* of held */
};

struct qun_person {
	struct qun_span id; /* empty: to be found by the name */
	struct qun_span name;
};

/* Somebody comes or goes. */
struct qun_change {
	enum qun_type type; /* QUN_JOIN or QUN_LEAVE */
	const char *source; /* "invite", "removed" ... or "" */
	struct qun_person who, actor;
	bool list;    /* who.name is several names: "B, C and D" */
	unsigned nth; /* of those of one record, from 0: they need ids of their own */
};

/* A name was seen, with the id of its bearer where there is one. Apart, what is news of them has to come later. */
int qun_people_see(struct qun_hook *hook, struct qun_people *p, struct qun_span id, struct qun_span name);
/* Is there nothing to see in them that was not seen before? */
bool qun_people_know(const struct qun_hook *hook, struct qun_people *p, struct qun_span id, struct qun_span name);
/* Keeps a change with time, group and id of ev for the end. */
int qun_people_hold(struct qun_hook *hook, struct qun_people *p, const struct qun_event *ev,
	const struct qun_change *change);
/*
 * End of the file: emits what was held. 你 and You are 我. Who removed or invited himself left or came by
 * himself.
 */
int qun_people_end(struct qun_hook *hook, struct qun_people *p);
void qun_people_release(struct qun_people *p);

#endif
