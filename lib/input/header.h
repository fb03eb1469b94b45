/* What column names stand for where a format does not say: English and Chinese aliases. */
#ifndef QUN_INPUT_HEADER_H
#define QUN_INPUT_HEADER_H

#include "qun/format.h"

/*
 * Field of a name, or -1. *rank (may be NULL) orders names of one field: the lower one is
 * preferred. Canonical names come first.
 */
int qun_alias_field(struct qun_span name, unsigned *rank);
/* Does some alias begin with this path and a dot ("user.id")? */
bool qun_alias_inside(struct qun_span path);
/* A header cell without what surrounds names: blanks, TAB, the byte order mark, quotes. */
struct qun_span qun_header_name(struct qun_span cell);

/* Is it one of the names that a list of members has for when someone joined or left? */
bool qun_roster_has_times(struct qun_span name);

#endif
