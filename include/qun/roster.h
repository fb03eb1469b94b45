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

/* When a list was true. Of a bare date the moment is not known better than its day. */
struct qun_roster_date {
	int64_t from; /* first instant that the date can mean: a list of after A does not exist */
	int64_t at;   /* the instant it is taken for, but never later than A */
};

struct qun_roster; /* lines by (group, user), by user and by group, of all lists */

int qun_roster_open(struct qun_roster **r);
void qun_roster_close(struct qun_roster *r);
/* Lines added from here on are of the list of this date; NULL, as at first, of the one as of A. */
int qun_roster_begin(struct qun_roster *r, const struct qun_roster_date *date);
/* Adds a line (copied). Of two lines for one (group, user) in a list the later one given wins. */
int qun_roster_add(struct qun_roster *r, const struct qun_roster_line *line);
/* The line of the list as of A, else of the newest list with one, be it later than A. */
const struct qun_roster_line *qun_roster_find(const struct qun_roster *r, struct qun_span group, struct qun_span user);
/* Does a list that exists at as_of name the group? */
bool qun_roster_has_group(const struct qun_roster *r, struct qun_span group, int64_t as_of);
/* Dates of lists in order of their instants. */
size_t qun_roster_dates(const struct qun_roster *r, const struct qun_roster_date **dates);
/* Of the list taken for this instant, QUN_NEVER for the one as of A: is the group in it; his line. */
bool qun_roster_lists(const struct qun_roster *r, int64_t at, struct qun_span group);
const struct qun_roster_line *qun_roster_find_in(
	const struct qun_roster *r, int64_t at, struct qun_span group, struct qun_span user);
/* People of all lists, each with the line that qun_roster_find finds. */
size_t qun_roster_count(const struct qun_roster *r);
const struct qun_roster_line *qun_roster_at(const struct qun_roster *r, size_t i); /* in order of group, user */

struct qun_staff; /* a set of user ids */
int qun_staff_open(struct qun_staff **s);
void qun_staff_close(struct qun_staff *s);
int qun_staff_add(struct qun_staff *s, struct qun_span user);
bool qun_staff_has(const struct qun_staff *s, struct qun_span user); /* false for NULL s */
size_t qun_staff_count(const struct qun_staff *s);                   /* 0 for NULL s */
struct qun_span qun_staff_at(const struct qun_staff *s, size_t i);

#ifdef __cplusplus
}
#endif
#endif
