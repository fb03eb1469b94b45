/*
 * cohort-retention in its parts: what the options ask for, the state of a person, and the fold of a
 * finished person into the report. The metric's descriptor and its table are in lib/metric.
 */
#ifndef MODEL_COHORT_H
#define MODEL_COHORT_H

#include <stddef.h>

#include "metric/cohort_retention/births.h"
#include "model/slots.h"
#include "metric/cohort_retention/sums.h"
#include "qun/ledger.h"
#include "qun/member.h"
#include "qun/metric.h"

enum { COHORT_ON, COHORT_AFTER, COHORT_BEFORE, COHORT_STREAK, COHORT_BRACKET, COHORT_MEMBER };
enum { COHORT_CALENDAR, COHORT_ELAPSED };
enum { COHORT_FIRST, COHORT_RECURRING };
enum { COHORT_CENSORED, COHORT_CHURN };
enum { COHORT_NO_VALUE, COHORT_AMOUNT };
enum { COHORT_NO_AVERAGE, COHORT_POOLED, COHORT_SIMPLE };
enum { COHORT_TRIANGLE, COHORT_SURVIVAL, COHORT_SUMMARY, COHORT_HAZARD, COHORT_PEOPLE };

/* Sum 0 of a cell is the cohort's size; series of changes from offset to offset follow. Those from
 * COHORT_VALUE on are there with --value only. */
enum qun_cohort_series {
	COHORT_ENDED,
	COHORT_REMOVED,
	COHORT_RETAINED,
	COHORT_VALUE,
	COHORT_UNKNOWN,
	COHORT_NSERIES
};

/* Sums of a stratum of --survival and --hazard: one triple a day since joining. */
enum { COHORT_ENTERED, COHORT_LEFT, COHORT_GONE, COHORT_NFATES };

/* The cell under the empty key, which no cohort has, holds what notes tell. */
enum { COHORT_NOT_BORN, COHORT_REMOVALS };

enum { COHORT_MAX_BRACKETS = 64, COHORT_MAX_OFFSET = 200000 };

struct qun_cohort_bracket {
	int64_t from, to; /* days from the birth date, both included */
	struct qun_span label;
};

struct qun_cohort_conf {
	const char *period_text, *birth_text, *return_text, *brackets_text;
	const char *hazard_text, *people_text;
	int64_t periods, min_events, rejoin_us;
	int mode, clock, cohorts, removed, value, average;
	bool wide, survival, summary, lost;
	/* made by setup */
	struct qun_period period;
	struct qun_pred *own_birth, *own_return; /* NULL: the active set */
	const struct qun_pred *birth, *again;
	struct qun_birth_rule births;
	struct qun_cohort_bracket bracket[COHORT_MAX_BRACKETS];
	int64_t nbracket;
	struct qun_cohort_bracket age[COHORT_MAX_BRACKETS]; /* of --hazard */
	int64_t nage;
	int table;		       /* one of COHORT_TRIANGLE … */
	uint32_t nseries;	       /* of a cell */
	int64_t people_day, people_at; /* a day of the cohort, the offset or bracket */
	int64_t step_us;	       /* elapsed clock: length of a period */
	bool instants; /* returns are kept as instants, else as a set of periods or days */
	bool days;     /* … of days */
	bool orders;   /* a birth or a return may be an order */
	bool rule_r;   /* membership is kept */
	bool by_join;  /* all births are joins */
	bool bulky;    /* units need more than bits */
	bool plain;    /* of births the first one's period or day is enough, kept as returns are */
	bool by_age;   /* the table is of days since joining: --survival, --hazard */
};

/*
 * Births and returns of one unit: of the person, or of the person in one group. There are as many as
 * people, so it is small; the person himself has his orders where others have their group, and a
 * pointer to more takes the place of the bits.
 */
struct qun_cohort_unit {
	union {
		uint32_t group;
		struct qun_ledger orders;
	};
	uint32_t birth; /* plain: period or day, turned so that 0 is none and the order stays */
	union {
		struct qun_bits returns; /* periods or days */
		struct {
			struct qun_cohort_more *more;
			int32_t base;
			uint32_t words; /* COHORT_MORE, which no bits have */
		};
	};
};

#define COHORT_MORE UINT32_MAX
_Static_assert(offsetof(struct qun_cohort_unit, words) ==
		       offsetof(struct qun_cohort_unit, returns) + offsetof(struct qun_bits, words),
	"what a unit holds is told by the bits' words");

/* Membership of the person in one group. */
struct qun_cohort_place {
	uint32_t group;
	struct qun_first join; /* mode member with --by: the first one */
	struct qun_member member;
};

/* What few options need of a unit, its returns with it. */
struct qun_cohort_more {
	struct qun_bits returns;
	struct qun_births births; /* unless plain */
	struct qun_vec instants;
	struct qun_sums amounts;  /* --value: of the returns, under what they are kept as */
	/* of the person himself */
	QUN_SLOTS(struct qun_cohort_unit) units; /* by group, for unit member */
	QUN_SLOTS(struct qun_cohort_place) places;
};

/* NULL: the unit has no more than bits. */
static inline struct qun_cohort_more *qun_cohort_more(const struct qun_cohort_unit *u)
{
	return u->words == COHORT_MORE ? u->more : NULL;
}

static inline const struct qun_bits *qun_cohort_returns(const struct qun_cohort_unit *u)
{
	return u->words == COHORT_MORE ? &u->more->returns : &u->returns;
}

extern const struct qun_slot_type qun_cohort_units, qun_cohort_places;

static inline int64_t qun_cohort_birth(const struct qun_cohort_unit *u)
{
	return (int64_t)u->birth + INT32_MIN;
}

/* Takes an event that counts into a person: any but rows of orders, for which the order stands. */
int qun_cohort_count(
	const struct qun_ctx *ctx, struct qun_cohort_unit *person, const struct qun_event *ev);
/* Births and returns of src, added to an empty unit of the same context. */
int qun_cohort_copy(
	const struct qun_ctx *ctx, struct qun_cohort_unit *dst, const struct qun_cohort_unit *src);

/* The calls of the descriptor. */
int qun_cohort_add(const struct qun_ctx *ctx, void *person, const struct qun_event *ev);
int qun_cohort_merge(
	const struct qun_ctx *dctx, void *dst, const struct qun_ctx *sctx, const void *src);
int qun_cohort_save(const struct qun_ctx *ctx, void *person, struct qun_buf *out);
int qun_cohort_load(const struct qun_ctx *ctx, void *person, struct qun_reader *in);
void qun_cohort_release(void *person);
int qun_cohort_fold(const struct qun_ctx *ctx, struct qun_cube *report, const struct qun_who *who,
	void *person);

int qun_cohort_finish(const struct qun_ctx *ctx, const struct qun_cube *report,
	struct qun_table *out, struct qun_err *err);

/* The tables of --survival, its --summary and --hazard. */
int qun_cohort_put_survival(const struct qun_ctx *ctx, const struct qun_cube *report,
	struct qun_table *out, struct qun_err *err);
/* The --by columns, and their cells from the beginning of a key, which in then stands behind. */
void qun_cohort_by_columns(const struct qun_ctx *ctx, struct qun_table *out);
int qun_cohort_put_by(const struct qun_ctx *ctx, struct qun_reader *key, struct qun_table *out);

/* The run's period with its horizon, once the heads are known. */
struct qun_period qun_cohort_period(const struct qun_ctx *ctx);

#endif
