/* Small things that the hooks of many formats do to an event. */
#ifndef QUN_TEXT_KIND_H
#define QUN_TEXT_KIND_H

#include "qun/format.h"

static inline void qun_set_type(struct qun_event *ev, enum qun_type type)
{
	ev->type = type;
	ev->field[QUN_F_TYPE] = qun_span_of(qun_type_name(type));
}

/* The group, where --set names none. */
static inline void qun_set_group(struct qun_event *ev, struct qun_span group)
{
	if (group.len && qun_span_is(ev->field[QUN_F_GROUP], "-"))
		ev->field[QUN_F_GROUP] = group;
}

/* Somebody comes or goes by himself, or by who (empty: nobody else). */
static inline void qun_set_change(struct qun_event *ev, enum qun_type type, const char *source, struct qun_span who)
{
	bool alone = !who.len || qun_span_eq(who, ev->field[QUN_F_USER]);

	qun_set_type(ev, type);
	ev->field[QUN_F_REF] = alone ? (struct qun_span){0} : who;
	ev->field[QUN_F_SOURCE] = qun_span_of(source);
}

/* The text of a string or number, trimmed; empty for all else. */
static inline struct qun_span qun_cell_text(const struct qun_cell_in *cell)
{
	bool text = cell->kind == QUN_CELL_TEXT || cell->kind == QUN_CELL_NUMBER;

	return text ? qun_span_trim(cell->s) : (struct qun_span){0};
}

#endif
