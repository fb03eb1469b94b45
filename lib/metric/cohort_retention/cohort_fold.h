/* The fold of cohort-retention at work on one person: what its two halves, returns and stays,
 * share. */
#ifndef MODEL_COHORT_FOLD_H
#define MODEL_COHORT_FOLD_H

#include "metric/cohort_retention/cohort.h"

struct qun_cohort_fold {
	const struct qun_ctx *ctx;
	const struct qun_cohort_conf *c;
	const struct qun_who *who;
	const struct qun_cohort_unit *person;
	struct qun_cube *report;
	struct qun_cube scratch; /* --people: the cell of the life at hand alone */
	struct qun_period period;
	int64_t as_of, now; /* calendar clock: its period */
	struct qun_buf key;
	struct qun_dict seen; /* recurring: cohorts and own values of the unit at hand */
};

/* One birth with its cell, on its clock. */
struct qun_cohort_life {
	const struct qun_cohort_fold *f;
	struct qun_cell *cell;
	int64_t birth, birth_day, cohort;
	int64_t last; /* the newest offset that counts */
};

/* Enters a birth into its cohort. 1 and *l, 0 where it counts in none, or an error. Every life that
 * was begun is ended. */
int qun_cohort_begin(struct qun_cohort_fold *f, uint32_t group, const struct qun_first *birth,
	struct qun_cohort_life *l);
/* Lists who is asked for by --people; group is that of a unit member, else QUN_NONE. */
int qun_cohort_end(struct qun_cohort_fold *f, uint32_t group, const struct qun_cohort_life *l);
/* Offset of an instant not before the birth (elapsed) or the cohort's period (calendar). */
int64_t qun_cohort_offset(const struct qun_cohort_life *l, int64_t ts);
/* Counts x in a series at the offsets from … to. */
int qun_cohort_mark(const struct qun_cohort_life *l, enum qun_cohort_series s, int64_t from,
	int64_t to, __int128 x);
/* Makes f->key: the --by values, then the cohort. own: without the values that are the person's,
 * which no birth of his changes. */
int qun_cohort_key(struct qun_cohort_fold *f, uint32_t group, const struct qun_first *birth,
	int64_t cohort, bool own);
/* Rule R of the person in a group; place is NULL where he did nothing. Sorts the keeper. */
int qun_cohort_intervals(const struct qun_cohort_fold *f, uint32_t group,
	const struct qun_cohort_place *place, struct qun_intervals *out);
const struct qun_cohort_place *qun_cohort_place_in(const struct qun_cohort_fold *f, uint32_t group);

/* Everybody's stays, for --mode member, --survival and --hazard. */
int qun_cohort_fold_stays(struct qun_cohort_fold *f);

#endif
