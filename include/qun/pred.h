/*
 * Predicates: "order", "message|share", "message & text~优惠|券", "order & amount>=100".
 * Terms are joined by &; a term is type words joined by |, or FIELD OP VALUE with
 * = != < <= > >= ~ !~ (~ is a PCRE2 search). A value ends at the next & unless it stands in
 * double quotes (\" and \\ inside). "*" matches every event.
 */
#ifndef QUN_PRED_H
#define QUN_PRED_H

#include "qun/event.h"

#ifdef __cplusplus
extern "C" {
#endif

struct qun_pred; /* immutable once parsed: shared by threads */

/*
 * Names of columns that are no canonical fields are looked up in (and added to) extras.
 * Errors: QUN_EUSAGE with the place and a near match.
 */
struct qun_extras {
	char *name[QUN_MAX_EXTRA];
	size_t n;
	char **type; /* type words of all predicates parsed with these extras, built-in ones left out */
	size_t ntype, type_cap;
};
/* Number of the extra column, added if new; -1 when there are QUN_MAX_EXTRA already or no memory. */
int qun_extra_add(struct qun_extras *x, struct qun_span name);
/* Walks those type words from i = 0; NULL ends. */
const char *qun_extras_type(const struct qun_extras *x, size_t i);
void qun_extras_release(struct qun_extras *x);

int qun_pred_parse(struct qun_pred **p, const char *text, struct qun_extras *x, struct qun_err *err);
void qun_pred_free(struct qun_pred *p);

/* What every predicate begins with: bits 1 << type of the types whose events all match, or none. */
struct qun_pred_types {
	uint32_t sure, never;
};

static inline const struct qun_pred_types *qun_pred_types_of(const struct qun_pred *p)
{
	return (const struct qun_pred_types *)(const void *)p;
}

/* A match by every term, for events whose type does not decide it. */
bool qun_pred_terms(const struct qun_pred *p, const struct qun_event *ev, bool *limit);

/* A match of an event. An unknown amount meets no comparison (neither = nor !=). A regular
 * expression that runs into PCRE2's limits does not match and sets *limit (may be NULL). */
static inline bool qun_pred_match(const struct qun_pred *p, const struct qun_event *ev, bool *limit)
{
	const struct qun_pred_types *types = qun_pred_types_of(p);

	if (((types->sure | types->never) >> ev->type) & 1)
		return (types->sure >> ev->type) & 1;
	return qun_pred_terms(p, ev, limit);
}

uint64_t qun_pred_fields(const struct qun_pred *p); /* QUN_BIT mask of fields read */
/* Could an event of this built-in type match (judged by the type terms alone)? */
bool qun_pred_may_match(const struct qun_pred *p, enum qun_type type);
const char *qun_pred_text(const struct qun_pred *p); /* as given */
/* Walks the type words that are no built-in types: i from 0 up; NULL ends. */
const char *qun_pred_word(const struct qun_pred *p, size_t i);

#ifdef __cplusplus
}
#endif
#endif
