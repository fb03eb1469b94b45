/*
 * The parts of churn-list: the state of a person, the facts of everyone in the report, and the list
 * that is made of them.
 */
#ifndef METRIC_CHURN_LIST_CHURN_H
#define METRIC_CHURN_LIST_CHURN_H

#include "model/deal.h"
#include "qun/member.h"
#include "qun/metric.h"

/* In the order in which the first that fits counts. */
enum { CHURN_LEFT, CHURN_NEWCOMER, CHURN_BUYER_SILENT, CHURN_BENEFITS_ONLY, CHURN_NEVER_SPOKE, CHURN_SILENT, CHURN_COOLING, CHURN_CLASSES };

extern const char *const qun_churn_class[CHURN_CLASSES];

enum {
	BUYER_DAYS = 90,
	FLOOR_DAYS = 28,
	MIN_GAPS = 3, /* fewer say nothing about someone's rhythm */
};

struct churn_conf {
	const char *silent, *classes;
	double overdue, floor;
	int64_t newcomer_us, quota;
	bool winback, cleanup, summary, bounds;
	/* made by setup */
	int64_t silent_days; /* 0: auto */
	unsigned class_mask;
};

/* Sums of a person's cell. */
enum {
	FITS, /* bits of the classes; CHURN_BUYER_SILENT by his order alone, CHURN_SILENT not yet */
	JOINED_DAY,
	LAST_ACTIVE_DAY,
	SILENT_DAYS,
	ACTIVE_DAYS,
	MESSAGES,
	MESSAGE_SILENT_DAYS,
	USUAL_GAP_DAYS,
	ORDERS,
	AMOUNT,
	UNKNOWN,
	LAST_ORDER_DAY,
	BUYS, /* orders in any group */
	/* with --bounds, of the newest interval */
	KNOWN, /* bits of the next ones that are */
	JOINED_AFTER_DAY,
	LEFT_DAY,
	LEFT_BY_DAY,
	NFACTS
};

/* Sums of a group's cell, and its bag: each member's longest gap. People of a class, CLASS + class, are
 * counted there, and who is not listed has no cell, unless --silent auto leaves the class open. */
enum { MEMBERS, FLOOR_MEMBERS, FLOOR_ACTIVE, CLASS };
enum { LONGEST_GAPS };

/* What one group knows of a person; his orders are not in it. */
struct churn_slot {
	uint32_t group;
	bool benefit; /* claimed a red packet, got a coupon or shared */
	struct qun_member member;
	struct qun_bits days; /* civil days with an active event */
	int64_t last_active, last_message; /* 0 where there is none */
	uint64_t messages;
};

struct churn_person {
	struct qun_ledger ledger;
	QUN_SLOTS(struct churn_slot) in;
};

/* churn_state.c: the person state of the descriptor. */
int qun_churn_add(const struct qun_ctx *ctx, void *person, const struct qun_event *ev);
int qun_churn_merge(const struct qun_ctx *dctx, void *dst, const struct qun_ctx *sctx, const void *src);
int qun_churn_save(const struct qun_ctx *ctx, void *person, struct qun_buf *out);
int qun_churn_load(const struct qun_ctx *ctx, void *person, struct qun_reader *in);
void qun_churn_release(void *person);
/* Has he an active day in the group? */
bool qun_churn_has_days(const struct churn_slot *s);

/* Of the classes that fit, FITS and those that wait for the days of --silent, the one that counts; -1:
 * none. *fits becomes all of them. */
int qun_churn_class_of(unsigned *fits, __int128 messages, __int128 message_silent, __int128 silent,
	int64_t silent_days);
/* Is he listed in a group that is asked for? */
bool qun_churn_listed(const struct churn_conf *c, unsigned fits, int class, bool buys);

/* churn_fold.c: a person's facts into the report. */
int qun_churn_fold(const struct qun_ctx *ctx, struct qun_cube *report, const struct qun_who *who, void *person);

/* churn_table.c: classes, order and rows. */
int qun_churn_finish(const struct qun_ctx *ctx, const struct qun_cube *report, struct qun_table *out,
	struct qun_err *err);

#endif
