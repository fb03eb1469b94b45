/*
 * Membership by rule R: a keeper of joins, leaves and presence of one (group, user), and the
 * intervals that follow from it once heads and roster are known.
 */
#ifndef QUN_MEMBER_H
#define QUN_MEMBER_H

#include "qun/head.h"
#include "qun/keep.h"
#include "qun/roster.h"
#include "qun/tape.h"

#ifdef __cplusplus
extern "C" {
#endif

struct qun_mark; /* a join or a leave with its source and ref */

/* Joins and leaves, in any order. */
struct qun_marks {
	struct qun_mark *v;
	uint32_t n, cap;
};

/* What rule R looks at. presence holds instants of message reaction share signin redpacket. */
struct qun_member {
	struct qun_marks marks;
	struct qun_tape presence;
	int64_t first; /* earliest of presence, where there is any */
};

/* Takes a join or leave. */
int qun_marks_add(const struct qun_ctx *ctx, struct qun_marks *m, const struct qun_event *ev);
int qun_marks_merge(const struct qun_ctx *dctx, struct qun_marks *dst, const struct qun_ctx *sctx,
	const struct qun_marks *src);
int qun_marks_save(const struct qun_ctx *ctx, struct qun_marks *m, struct qun_buf *out);
int qun_marks_load(const struct qun_ctx *ctx, struct qun_marks *m, struct qun_reader *in);
/* Is there a leave, or may a list tell of one? Else nothing ends a membership, and of presence only the first
 * instant tells anything. */
bool qun_marks_may_end(const struct qun_ctx *ctx, const struct qun_marks *m);
void qun_marks_release(struct qun_marks *m);

static inline int qun_member_be(struct qun_pile *pile, struct qun_member *m, int64_t ts)
{
	int rc = qun_tape_add(pile, &m->presence, ts, 0);

	if (rc == 0 && (m->presence.n == 1 || ts < m->first))
		m->first = ts;
	return rc;
}

/* Takes a join, leave or presence event; ignores every other type. */
static inline int qun_member_add(const struct qun_ctx *ctx, struct qun_member *m, const struct qun_event *ev)
{
	if (ev->type == QUN_JOIN || ev->type == QUN_LEAVE)
		return qun_marks_add(ctx, &m->marks, ev);
	return qun_type_is_presence(ev->type) ? qun_member_be(ctx->pile, m, ev->ts) : 0;
}

int qun_member_merge(const struct qun_ctx *dctx, struct qun_member *dst, const struct qun_ctx *sctx,
	const struct qun_member *src);
int qun_member_save(const struct qun_ctx *ctx, struct qun_member *m, struct qun_buf *out);
int qun_member_load(const struct qun_ctx *ctx, struct qun_member *m, struct qun_reader *in);
void qun_member_release(struct qun_member *m);

/* A list counts a person in at its moment or out: he joined at the first moment he is known to be in,
 * and left at the last one, with the interval it may have been. */
enum qun_opening { QUN_OPEN_START, QUN_OPEN_JOIN, QUN_OPEN_ACTIVITY, QUN_OPEN_ROSTER };
enum qun_closing { QUN_STILL_OPEN, QUN_CLOSE_LEAVE, QUN_CLOSE_REMOVAL, QUN_CLOSE_ROSTER };

/* Both ends belong to the interval. */
struct qun_interval {
	int64_t from, to; /* to is QUN_NEVER while open */
	/* He came after earliest, at from at the latest; he went at to at the earliest, at latest at
	 * the latest. Of what is recorded they are from and to. An opening by activity or by the
	 * roster has as earliest the last moment at which he was known to be no member; INT64_MIN:
	 * none is known. A closing by a list has as latest the moment of the list. */
	int64_t earliest, latest;
	enum qun_opening opening;
	enum qun_closing closing;
	uint32_t source, ref; /* words: of the join that opened it, QUN_NONE otherwise */
	bool by_other;        /* that join's ref is not empty and not the person (an inviter) */
};

struct qun_intervals {
	struct qun_interval *v; /* in time order, not overlapping but for shared ends */
	size_t n, cap;
	uint64_t ignored_leaves; /* leaves with nothing open */
	struct qun_vec presence; /* what they were made of; here because it is used again */
};

/*
 * Rule R for one (group, user): clears out first. user is needed for the roster and to tell
 * removals. Makes none for the group "-" of an input with other groups. The keeper is left as is
 * (it may be sorted). 0 or QUN_ENOMEM.
 */
int qun_intervals_of(const struct qun_ctx *ctx, uint32_t group, struct qun_span user,
	struct qun_member *m, struct qun_intervals *out);
/*
 * The same from marks, NULL for none, and from the presence that its owner has put into out. That may be
 * thinned where it cannot change what he asks, e.g. to some instants of each period when only periods
 * are asked for.
 */
int qun_intervals_by(const struct qun_ctx *ctx, uint32_t group, struct qun_span user,
	struct qun_marks *marks, struct qun_intervals *out);
void qun_intervals_release(struct qun_intervals *iv);

/* The interval that holds ts, the earlier of two that share an end; NULL: none. */
const struct qun_interval *qun_interval_at(const struct qun_intervals *iv, int64_t ts);
/* Does any interval touch [from, to]? */
bool qun_interval_touches(const struct qun_intervals *iv, int64_t from, int64_t to);

#ifdef __cplusplus
}
#endif
#endif
