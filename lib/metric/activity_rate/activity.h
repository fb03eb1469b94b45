/*
 * activity-rate in its parts: what the options ask for, the state of a person, and the fold of a
 * finished person into the report. The descriptor and the table are in activity_rate.c.
 */
#ifndef METRIC_ACTIVITY_H
#define METRIC_ACTIVITY_H

#include "model/slots.h"
#include "qun/ledger.h"
#include "qun/member.h"
#include "qun/metric.h"
#include "qun/sheet.h"

enum qun_activity_denominator {
	ACTIVITY_PRESENT,
	ACTIVITY_END,
	ACTIVITY_START,
	ACTIVITY_MEAN,
	ACTIVITY_NUMBER
};

/* Series of a cell, one value each a row; those that qun_activity_lasts hold the change from the row
 * before. Those of an option are left out without it. */
enum qun_activity_series {
	ACTIVITY_MEMBERS,
	ACTIVITY_ACTIVE,
	ACTIVITY_TALKERS,
	ACTIVITY_MEMBER_MESSAGES,
	ACTIVITY_STAFF_MESSAGES,
	ACTIVITY_FLOODS, /* messages left out */
	ACTIVITY_NBASIC
};
enum {
	ACTIVITY_DAU = ACTIVITY_NBASIC,
	ACTIVITY_WAU,
	ACTIVITY_MAU,
	ACTIVITY_NEW,
	ACTIVITY_RETURNING,
	ACTIVITY_DORMANT,
	ACTIVITY_NSERIES
};

/* Is a series made of ranges of rows? */
static inline bool qun_activity_lasts(uint32_t series)
{
	return series == ACTIVITY_MEMBERS || (series >= ACTIVITY_DAU && series <= ACTIVITY_MAU);
}

struct qun_activity_conf {
	const char *period_text, *denominator_text;
	bool total, talk, rolling, lifecycle, histogram, summary, no_flood;
	struct qun_sheet event_days;
	/* made by setup */
	struct qun_activity_event *event; /* by day, then label; repeats are gone */
	size_t nevent;
	struct qun_period period;
	enum qun_activity_denominator denominator;
	int64_t number; /* of ACTIVITY_NUMBER */
	uint32_t nseries;
	bool by_day; /* records are of days, else of periods */
	bool orders; /* an order makes someone active */
};

/* A day of --event-days. Labels are cells of the sheet. */
struct qun_activity_event {
	int64_t day;
	struct qun_span label;
};

/* Instants of presence that are kept of a period: the first one and the last ones. */
enum { ACTIVITY_MAX_PRESENCE = 8 };
enum { ACTIVITY_BYTES = 56 }; /* some packed days, and all gaps of a time, of any length, but for the rarest */

/*
 * What a person did at one time, a period or day, of a group. The table asks of rule R only whether an
 * interval touches a period, holds its first microsecond or holds its end. The first presence tells
 * who came with the log or was there at the first microsecond. What holds at the end follows from
 * the last instant that decides: presence alone makes a member, joins alone too, leaves alone end
 * it, and an instant with both a join and a leave leaves things as they were, present or not. So
 * the last presence is enough but where it coincides with such a pair; then the one before decides.
 * Only a person with a pair at each of his last seven instants in one period would need more.
 */
struct qun_activity_time {
	int32_t when; /* period, or day */
	uint32_t messages;
	uint8_t npresence;
	bool active;
	int64_t presence[ACTIVITY_MAX_PRESENCE]; /* ascending */
};

/* What is asked of it in the last step. */
struct qun_activity_record {
	int32_t when;
	uint32_t messages, floods;
	bool active;
};

struct qun_activity_records {
	struct qun_activity_record *v; /* by when */
	size_t n, cap;
};

/* A message under --no-flood: whether it is of a flood is known only when all are. */
struct qun_activity_said {
	int64_t ts;
	uint64_t mark; /* hash of the text, 0 for none, and two bits */
};
enum { ACTIVITY_SAID_ACTIVE = 1, ACTIVITY_SAID_FLOOD = 2, ACTIVITY_SAID_BITS = 3 };

/* 16 bytes a message, and as much again where the array has just grown. */
struct qun_activity_talk {
	struct qun_activity_said *v;
	size_t n, cap;
	bool sorted;
};

/*
 * A person in one group. Events mostly come in order of time, so only the time of the newest one is at
 * hand; what comes before it is packed, the newest of that in the slot itself. One time may be packed in
 * several pieces.
 */
struct qun_activity_slot {
	uint32_t group;
	int32_t when; /* the time at hand, where there is any */
	uint32_t messages;
	uint8_t npresence;
	bool active, any;
	uint8_t open; /* bytes of the gaps between its instants, behind those of packed times */
	int64_t first, last; /* of its instants */
	uint8_t used, nhere; /* bytes of packed times, and how many these are */
	int32_t base;	     /* when of the last of them */
	uint32_t npacked;    /* here and in blocks */
	uint32_t full;	     /* place of the newest block, 0: none */
	char bytes[ACTIVITY_BYTES];
	struct qun_activity_talk *talk; /* NULL without --no-flood: then messages are in the records */
	struct qun_marks marks;
};

struct qun_activity_person {
	struct qun_ledger ledger;
	QUN_SLOTS(struct qun_activity_slot) in;
};

extern const struct qun_slot_type qun_activity_slots;

int64_t qun_activity_when(const struct qun_ctx *ctx, int64_t ts); /* its period, or day */

int qun_activity_turn_other(const struct qun_ctx *ctx, struct qun_activity_slot *s, int32_t when);

/* Makes `when` the time at hand, which it mostly is. */
static inline int qun_activity_turn(const struct qun_ctx *ctx, struct qun_activity_slot *s, int32_t when)
{
	return s->any && s->when == when ? 0 : qun_activity_turn_other(ctx, s, when);
}

/* Notes an instant of the time at hand. */
int qun_activity_present(const struct qun_ctx *ctx, struct qun_activity_slot *s, int64_t ts);
/* Makes this the time at hand. */
int qun_activity_set(const struct qun_ctx *ctx, struct qun_activity_slot *s, const struct qun_activity_time *t);
/* Adds what is packed of another slot, whose time at hand becomes this one's. */
int qun_activity_join(const struct qun_ctx *dctx, struct qun_activity_slot *dst, const struct qun_ctx *sctx,
	const struct qun_activity_slot *src);
/* All that was done, in the order of time, each time in one; malloc'd. */
int qun_activity_times(const struct qun_ctx *ctx, const struct qun_activity_slot *s, struct qun_activity_time **out,
	size_t *n);
/* Adds the records of a slot to others, and of its presence to nothing what rule R needs: that may be
 * more than is kept of one time. */
int qun_activity_read(const struct qun_ctx *ctx, const struct qun_activity_slot *s, struct qun_activity_records *out,
	struct qun_vec *presence);
/* The record of a period or day, made if new; NULL: no memory. */
struct qun_activity_record *qun_activity_record(struct qun_activity_records *all, int64_t when);

/* The messages of --no-flood. settle adds them to the records, as messages or floods. */
int qun_activity_say(struct qun_activity_slot *s, const struct qun_event *ev, bool active);
int qun_activity_talk_merge(struct qun_activity_slot *to, const struct qun_activity_slot *from);
int qun_activity_talk_save(struct qun_activity_slot *s, struct qun_buf *out);
int qun_activity_talk_load(struct qun_activity_slot *s, struct qun_reader *in);
void qun_activity_talk_release(struct qun_activity_slot *s);
int qun_activity_settle(const struct qun_ctx *ctx, const struct qun_activity_slot *s, struct qun_activity_records *to);

/* The calls of the descriptor. */
int qun_activity_add(const struct qun_ctx *ctx, void *person, const struct qun_event *ev);
int qun_activity_merge(
	const struct qun_ctx *dctx, void *dst, const struct qun_ctx *sctx, const void *src);
int qun_activity_save(const struct qun_ctx *ctx, void *person, struct qun_buf *out);
int qun_activity_load(const struct qun_ctx *ctx, void *person, struct qun_reader *in);
void qun_activity_release(void *person);
int qun_activity_fold(const struct qun_ctx *ctx, struct qun_cube *report, const struct qun_who *who,
	void *person);

/* The rows of one group, or of the total: periods first … last. */
struct qun_activity_rows {
	const struct qun_ctx *ctx;
	const struct qun_activity_conf *c;
	struct qun_period period;
	int64_t as_of, first, last;
};

/* false where there is no row: a group without any event. */
bool qun_activity_rows(const struct qun_ctx *ctx, int64_t log_start, struct qun_activity_rows *r);

/* Key of what is kept of one group and period; key holds the group's and is left as it was. */
struct qun_cell *qun_activity_cell(struct qun_cube *report, struct qun_buf *key, int64_t period);

/* --event-days: reads the sheet into conf->event. */
int qun_activity_events(struct qun_activity_conf *c, struct qun_err *err);
/* The labels of the days first … last, joined by ';' in the order of days; empty for none. */
int qun_activity_labels(const struct qun_activity_conf *c, int64_t first, int64_t last, struct qun_buf *out);

/* Rates of the days of one group, for --summary. */
struct qun_activity_rate {
	int64_t day;
	qun_i128 num, den;
};

void qun_activity_summary_columns(struct qun_table *out);
/* Rows of a group: one for each label and one for all event days. */
int qun_activity_summary(const struct qun_ctx *ctx, struct qun_span group, const char *basis,
	const struct qun_activity_rate *rate, size_t n, struct qun_table *out);

#endif
