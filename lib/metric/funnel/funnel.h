/*
 * The funnel's own shapes, shared by its parts: options and setup in metric/funnel.c, a person's
 * state in funnel_state.c, the way into the report in funnel_tally.c, the tables in funnel_table.c.
 */
#ifndef MODEL_FUNNEL_H
#define MODEL_FUNNEL_H

#include "metric/funnel/level.h"
#include "metric/funnel/path.h"
#include "model/slots.h"
#include "metric/funnel/trail.h"
#include "qun/ledger.h"
#include "qun/member.h"
#include "qun/metric.h"

enum { FUNNEL_STEPS = QUN_PATH_STEPS, FUNNEL_EXCLUDE = FUNNEL_STEPS, FUNNEL_WINDOWS = 32 };
enum { FUNNEL_PEOPLE, FUNNEL_ENTRIES };
enum qun_funnel_table {
	FUNNEL_TABLE_STEPS,
	FUNNEL_TABLE_LEVELS,
	FUNNEL_TABLE_REACHED,
	FUNNEL_TABLE_DROPPED,
	FUNNEL_TABLE_PENDING
};

struct qun_funnel_window {
	struct qun_span label;
	int64_t us; /* QUN_NEVER: none */
};

struct qun_funnel_conf {
	struct qun_list step;
	const char *steps, *window, *windows, *gap, *exclude, *hold, *list, *clickhouse;
	int order, count;
	bool mature, levels;
	/* made of them by setup */
	struct qun_pred *pred[FUNNEL_STEPS + 1]; /* steps, and FUNNEL_EXCLUDE */
	struct qun_span label[FUNNEL_STEPS];
	struct qun_arena text;
	int n;
	uint64_t may[QUN_NTYPES];  /* predicates that an event of a type may match … */
	uint64_t sure[QUN_NTYPES]; /* … and those that it does */
	struct qun_funnel_window window_of[FUNNEL_WINDOWS]; /* that of --window, or --windows */
	int nwindow;
	int64_t gap_us;
	unsigned level_mode; /* enum qun_level_mode of --clickhouse */
	bool others;	     /* --clickhouse strict_order: events that match no step are kept too */
	int held;    /* field of --hold, -1: none */
	bool orders; /* some predicate may match an order */
	bool source; /* --by source: membership is needed */
	bool tagged; /* events carry a held value or --by values */
	enum qun_funnel_table table;
	int listed; /* step of --list */
};

/* What is kept of a person in a group. Steps met by orders follow from the ledger. */
struct qun_funnel_slot {
	uint32_t group;
	bool seen;
	int64_t first; /* earliest event of any kind, where seen */
	struct qun_trail trail;
	struct qun_funnel_aside *aside; /* NULL: empty */
};

/* What few funnels ask for. */
struct qun_funnel_aside {
	struct qun_vec stop;	  /* instants of --exclude, or of others */
	struct qun_member member; /* for --by source */
};

struct qun_funnel_person {
	struct qun_ledger orders;
	QUN_SLOTS(struct qun_funnel_slot) in;
};

/* The same for events whose type does not tell. */
int qun_funnel_match_any(const struct qun_ctx *ctx, const struct qun_event *ev, uint64_t *met);

/* Steps (and FUNNEL_EXCLUDE) that an event meets, as bits. */
static inline int qun_funnel_match(const struct qun_ctx *ctx, const struct qun_event *ev, uint64_t *met)
{
	const struct qun_funnel_conf *c = ctx->conf;

	if (ctx->run->where || c->may[ev->type])
		return qun_funnel_match_any(ctx, ev, met);
	*met = c->sure[ev->type];
	return 0;
}

/* Does an event that met nothing count among the others? A refund is part of its order. */
bool qun_funnel_is_other(const struct qun_ctx *ctx, const struct qun_event *ev);
/* What goes with an event, as a word: its held value, and on a first step its own --by values; for
 * --by source whether it is a join. */
int qun_funnel_tag(
	const struct qun_ctx *ctx, const struct qun_event *ev, bool first, uint32_t *tag);
/* Is this field of --by read on the event itself? (group, source and role are not) */
bool qun_funnel_is_own(int field);

/* The descriptor's functions, as metric.h has them. */
int qun_funnel_add(const struct qun_ctx *ctx, void *person, const struct qun_event *ev);
int qun_funnel_merge(
	const struct qun_ctx *dctx, void *dst, const struct qun_ctx *sctx, const void *src);
int qun_funnel_save(const struct qun_ctx *ctx, void *person, struct qun_buf *out);
int qun_funnel_load(const struct qun_ctx *ctx, void *person, struct qun_reader *in);
void qun_funnel_release(void *person);
int qun_funnel_fold(const struct qun_ctx *ctx, struct qun_cube *report, const struct qun_who *who,
	void *person);
int qun_funnel_finish(const struct qun_ctx *ctx, const struct qun_cube *report,
	struct qun_table *out, struct qun_err *err);
int qun_funnel_notes(
	const struct qun_ctx *ctx, const struct qun_cube *report, struct qun_buf *lines);

/*
 * Cells of the report: the empty key holds notes; FUNNEL_STEPS_KEY, FUNNEL_WINDOW_KEY + a window and a
 * --by value hold the table of that value; FUNNEL_LIST_KEY, the window and a person a row of a list.
 */
enum { FUNNEL_STEPS_KEY = 's', FUNNEL_LIST_KEY = 'l', FUNNEL_WINDOW_KEY = 'A' };
/* Sums of a value, + step - 1. */
enum { FUNNEL_REACHED = 0, FUNNEL_DROPPED = FUNNEL_STEPS, FUNNEL_PENDING = 2 * FUNNEL_STEPS };
/* Sums of the notes: people who met each step and FUNNEL_EXCLUDE, then refund rows. */
enum { FUNNEL_UNMATCHED = FUNNEL_EXCLUDE + 1 };

/* Bags of a value: microseconds from the step before, and from the first step. */
static inline uint32_t qun_funnel_step_bag(int step)
{
	return 2 * (uint32_t)(step - 1);
}

static inline uint32_t qun_funnel_total_bag(int step)
{
	return 2 * (uint32_t)(step - 1) + 1;
}

#endif
