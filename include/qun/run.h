/*
 * The run: options shared by all programs, resolved once, read-only afterwards; and the
 * context that metrics get: the run plus the dictionaries and heads their states refer to.
 */
#ifndef QUN_RUN_H
#define QUN_RUN_H

#include "qun/cal.h"
#include "qun/dict.h"
#include "qun/event.h"
#include "qun/pile.h"
#include "qun/pred.h"

#ifdef __cplusplus
extern "C" {
#endif

enum qun_unit { QUN_UNIT_USER, QUN_UNIT_MEMBER };
enum qun_refund_rule { QUN_REFUND_NET, QUN_REFUND_DROP, QUN_REFUND_IGNORE };

#define QUN_MAX_BY 8

struct qun_run {
	struct qun_cal cal;
	enum qun_unit unit;      /* member when by holds group */
	int64_t since, until;    /* [since, until); INT64_MIN and INT64_MAX where not given */
	int64_t as_of;           /* A, or QUN_NEVER for "last": the newest event */
	struct qun_pred *active; /* the active set */
	struct qun_pred *where;  /* NULL: every event counts */
	bool include_staff;
	struct {
		int n;
		int field[QUN_MAX_BY];       /* enum qun_field or QUN_F_EXTRA + i */
		const char *name[QUN_MAX_BY]; /* column headings */
	} by;
	struct qun_extras extras;
	const char *group_glob; /* NULL: all groups */
	enum qun_refund_rule refund;
	bool zero_ok;
	double confidence, z; /* 0.95 and 1.959963984540054 */
	const struct qun_roster *roster; /* NULL: none; see roster.h */
	const struct qun_staff *staff;   /* ids given by --staff, NULL: none */
	const struct qun_staff *seen;    /* ids known from before the log (--seen), NULL: none */
	const char *only; /* columns: nothing looks at others of the table; NULL: all are wanted */
	bool names;     /* display names are printed: a table of people was asked for */
	uint32_t idle;  /* 1 << type: of events of these the metric wants nothing but role and name */
	bool transient; /* no state is kept: what this table does not print need not be stored */
	struct qun_span forget; /* merging leaves out this person and his id where others refer to him; empty: nobody */
	uint64_t key[2]; /* of the tables of people: random, so that chosen ids cannot slow them down */
	uint64_t needs; /* QUN_BIT mask: fields the run reads of every event */
	uint64_t rare;  /* and those it reads of all but messages, which are nearly all there is */
	uint64_t asked; /* those of them that predicates, --by and their like name */
};

void qun_run_ask(struct qun_run *run, uint64_t fields);
/* What the lines of an order, and joins, are told apart by. */
#define QUN_TIE_FIELDS                                                                                          \
	(QUN_BIT(QUN_F_ORDER_ID) | QUN_BIT(QUN_F_PRODUCT) | QUN_BIT(QUN_F_ID) | QUN_BIT(QUN_F_TEXT) |           \
		QUN_BIT(QUN_F_REF) | QUN_BIT(QUN_F_SOURCE))

/* Where the last instants asked for lie, for contexts that one thread uses. */
struct qun_memo {
	struct qun_block day, period;
};

/*
 * What states refer to. Groups and heads are the whole input's; words and pile are those of one shard of
 * the people, so that shards can be merged and folded at once: then no group is new.
 */
struct qun_ctx {
	const struct qun_run *run;
	const void *conf;           /* the metric's own options, after setup */
	struct qun_dict *groups;    /* event.group refers to it */
	struct qun_dict *words;     /* any text a state keeps: sources, products, order ids … */
	struct qun_heads *heads;    /* first and newest event, by group; see head.h */
	struct qun_pile *pile;      /* what states keep in many small pieces */
	struct qun_memo *memo;      /* NULL: none */
	const uint32_t *moved;      /* while it is merged into another: its groups' numbers there */
};

/* Of another block than the memo's, which it fills. */
int64_t qun_memo_day(const struct qun_ctx *ctx, int64_t ts);
int64_t qun_memo_period(const struct qun_ctx *ctx, const struct qun_period *p, int64_t ts);

/* Civil day of an instant. */
static inline int64_t qun_day_in(const struct qun_ctx *ctx, int64_t ts)
{
	return ctx->memo && qun_block_holds(&ctx->memo->day, ts) ? ctx->memo->day.number
								 : qun_memo_day(ctx, ts);
}

/* Its period; of all periods only the one p that the metric's events are kept by may be asked for. */
static inline int64_t qun_period_in(const struct qun_ctx *ctx, const struct qun_period *p, int64_t ts)
{
	return ctx->memo && qun_block_holds(&ctx->memo->period, ts) ? ctx->memo->period.number
								    : qun_memo_period(ctx, p, ts);
}

/* A of this context: run->as_of, or the newest event; INT64_MIN when there was no event. */
int64_t qun_as_of(const struct qun_ctx *ctx);

/* Does --where let this event count? (true without --where) */
static inline bool qun_counts(const struct qun_run *run, const struct qun_event *ev)
{
	return !run->where || qun_pred_match(run->where, ev, NULL);
}
/* Does --group let this group in? Glob: * ? [..] as in fnmatch(3). */
bool qun_group_wanted(const struct qun_run *run, struct qun_span group);
/* Is [since, until) open for this instant? */
bool qun_in_range(const struct qun_run *run, int64_t ts);

#ifdef __cplusplus
}
#endif
#endif
