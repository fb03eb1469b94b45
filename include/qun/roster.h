/* Side files that say who is a member and who is staff. Read once, read-only afterwards. */
#ifndef QUN_ROSTER_H
#define QUN_ROSTER_H

#include "qun/bytes.h"

#ifdef __cplusplus
extern "C" {
#endif

struct qun_roster_line {
	struct qun_span group, user, name, role;
	int64_t joined, left; /* QUN_NEVER where the cell is empty */
};

struct qun_roster; /* lines by (group, user), by user and by group */

int qun_roster_open(struct qun_roster **r);
void qun_roster_close(struct qun_roster *r);
/* Adds a line (copied). Of two lines for one (group, user) the later one given wins. */
int qun_roster_add(struct qun_roster *r, const struct qun_roster_line *line);
const struct qun_roster_line *qun_roster_find(const struct qun_roster *r, struct qun_span group, struct qun_span user);
bool qun_roster_has_group(const struct qun_roster *r, struct qun_span group);
size_t qun_roster_count(const struct qun_roster *r);
const struct qun_roster_line *qun_roster_at(const struct qun_roster *r, size_t i); /* in order of group, user */

struct qun_staff; /* a set of user ids */
int qun_staff_open(struct qun_staff **s);
void qun_staff_close(struct qun_staff *s);
int qun_staff_add(struct qun_staff *s, struct qun_span user);
bool qun_staff_has(const struct qun_staff *s, struct qun_span user); /* false for NULL s */

#ifdef __cplusplus
}
#endif
#endif
