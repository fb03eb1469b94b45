/*
 * Membership by rule R: intervals come from one walk over the instants in order, at each of which the
 * joins, the presence and the leaves are seen together.
 */
#include <stdlib.h>

#include "model/mark.h"
#include "model/parts.h"

/* The walk: what stays the same through it, and what it remembers. */
struct walk {
	const struct qun_ctx *ctx;
	struct qun_span user;
	struct qun_intervals *out;
	enum qun_basis basis;
	int64_t as_of;
	int64_t start;			    /* of the group's log */
	int64_t first, last;		    /* instants of the walk so far */
	bool begun;			    /* there was one */
	bool silent;			    /* no record of his: only the roster knows him */
	const struct qun_roster_line *line; /* NULL: not on the list as of A */
	bool listed;			    /* there is a list as of A for the group */
	int64_t unlisted;		    /* newest list without him, INT64_MIN: none */
	struct saying *say;		    /* what the lists say of him, in order of time */
	size_t nsay, say_cap;
};

/* A leave that a list tells of, or a list as it counts him at its moment. */
struct saying {
	int64_t ts, joined;
	enum { SAY_LEFT, SAY_OUT, SAY_IN } what; /* leaves of an instant first */
};

/* What happens at one instant. */
struct instant {
	int64_t ts;
	const struct qun_mark *join, *leave; /* in tie order */
	uint32_t njoin, nleave;
	bool present, left;
	int64_t joined; /* before that leave of the roster; QUN_NEVER: not told */
};

static struct qun_interval *open_interval(const struct walk *w)
{
	struct qun_interval *last = w->out->n ? &w->out->v[w->out->n - 1] : NULL;

	return last && last->to == QUN_NEVER ? last : NULL;
}

/* The newest moment at which he is known to be no member. */
static int64_t known_out(const struct walk *w)
{
	int64_t to = w->out->n ? w->out->v[w->out->n - 1].to : INT64_MIN;

	return to > w->unlisted ? to : w->unlisted;
}

/* Opens an interval; join is NULL where none opened it. */
static int begin(
	struct walk *w, int64_t from, enum qun_opening opening, const struct qun_mark *join)
{
	struct qun_intervals *out = w->out;
	int64_t earliest = join ? from : known_out(w);

	if (qun_grow(&out->v, &out->cap, out->n, sizeof(*out->v)) < 0)
		return QUN_ENOMEM;
	out->v[out->n++] = (struct qun_interval){
		.from = from,
		.to = QUN_NEVER,
		.earliest = earliest,
		.latest = QUN_NEVER,
		.opening = opening,
		.source = join ? join->source : QUN_NONE,
		.ref = join ? join->ref : QUN_NONE,
		.by_other = join && qun_ref_is_other(qun_word_text(w->ctx, join->ref), w->user),
	};
	return 0;
}

static void finish(struct walk *w, int64_t to, int64_t latest, enum qun_closing closing)
{
	struct qun_interval *open = open_interval(w);

	if (open) {
		open->to = to;
		open->latest = latest;
		open->closing = closing;
	}
}

/* Does the roster tell of a stay that no record shows? */
static bool is_news(const struct walk *w, const struct instant *now)
{
	return now->joined <= now->ts && now->joined > known_out(w);
}

/* Opens for one who is no member at the beginning of the instant, if anything there does. */
static int arrive(struct walk *w, const struct instant *now)
{
	bool first = !w->begun && w->basis != QUN_SEEN;

	if (now->njoin)
		return begin(w, now->ts, QUN_OPEN_JOIN, now->join);
	if (first && w->unlisted == INT64_MIN)
		return begin(w, w->start, QUN_OPEN_START, NULL);
	if (now->present)
		return begin(w, now->ts, QUN_OPEN_ACTIVITY, NULL);
	/* Who left was there, but not as long as the list without him. */
	return first || (now->left && is_news(w, now))
		       ? begin(w, now->ts, QUN_OPEN_ROSTER, NULL)
		       : 0;
}

static void date_by(struct qun_interval *iv, int64_t joined)
{
	iv->from = iv->earliest = joined;
	iv->opening = QUN_OPEN_ROSTER;
}

/* Does the roster know better than "since the start of the log" when he came? Before the log that is
 * told only of one whom the roster alone knows. */
static bool dates_start(const struct walk *w, const struct qun_interval *iv, int64_t joined)
{
	return iv->opening == QUN_OPEN_START && (joined > w->start || w->silent) &&
	       joined <= w->first;
}

/* The date that a list has for the coming of one who is in. */
static void date_open(struct walk *w, int64_t joined)
{
	struct qun_interval *open = open_interval(w);

	if (!open || open->opening == QUN_OPEN_JOIN)
		return;
	if (open->earliest == INT64_MIN ? dates_start(w, open, joined)
					: joined > open->earliest && joined < open->from)
		date_by(open, joined);
}

static int step(struct walk *w, const struct instant *now)
{
	bool was_member = open_interval(w) != NULL;
	int rc = was_member ? 0 : arrive(w, now);

	if (rc < 0)
		return rc;
	if (!w->begun)
		w->first = now->ts;
	w->last = now->ts;
	w->begun = true;
	if (now->nleave) {
		w->out->ignored_leaves += now->nleave - (open_interval(w) != NULL);
		finish(w, now->ts, now->ts,
			now->leave->kind == MARK_REMOVAL ? QUN_CLOSE_REMOVAL : QUN_CLOSE_LEAVE);
	}
	if (now->left) {
		date_open(w, now->joined);
		finish(w, now->ts, now->ts, QUN_CLOSE_ROSTER);
	}
	if (was_member && now->njoin && !open_interval(w))
		return begin(w, now->ts, QUN_OPEN_JOIN, now->join);
	return 0;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* He was in until the last moment that shows it, and went before the list of this instant. */
static void be_gone(struct walk *w, int64_t latest)
{
	if (open_interval(w) && w->last < w->start)
		w->out->n--; /* before the log began */
	else
		finish(w, w->last, latest, QUN_CLOSE_ROSTER);
}

/* A list, after all that happened at its instant. */
static int check_list(struct walk *w, const struct saying *list)
{
	bool since_start = known_out(w) == INT64_MIN;
	int rc = 0;

	if (list->what == SAY_OUT) {
		be_gone(w, list->ts);
		w->unlisted = list->ts;
		return 0;
	}
	if (!open_interval(w))
		rc = begin(w, since_start ? w->start : list->ts,
			since_start ? QUN_OPEN_START : QUN_OPEN_ROSTER, NULL);
	if (!w->begun)
		w->first = list->ts;
	w->last = list->ts;
	w->begun = true;
	if (rc == 0)
		date_open(w, list->joined);
	return rc;
}

/* Presence of a member tells nothing but that he is still there: the one before the next mark or list
 * stands for all. Returns the first presence not before that. */
static size_t skip_presence(struct walk *w, const struct qun_vec *presence, size_t p, int64_t next)
{
	size_t low = p, high = presence->n;

	if (next == QUN_NEVER)
		low = high;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (presence->v[mid] < next)
			low = mid + 1;
		else
			high = mid;
	}
	if (low > p)
		w->last = presence->v[low - 1];
	return low;
}

/* Marks and presence are sorted, and so is what the lists say: a leave there is one more leave,
 * without a record. */
static int walk(struct walk *w, const struct qun_marks *m)
{
	const struct qun_mark *mark = m->v, *end = m->v ? m->v + m->n : NULL;
	const struct saying *say = w->say, *said = w->say + w->nsay;
	const struct qun_vec *presence = &w->out->presence;
	size_t p = 0;
	int rc = 0;

	while (rc == 0 && (mark < end || p < presence->n || say < said)) {
		struct instant now = {.ts = QUN_NEVER, .joined = QUN_NEVER};

		if (mark < end)
			now.ts = mark->ts;
		if (open_interval(w)) {
			p = skip_presence(w, presence, p, say < said ? earlier(now.ts, say->ts) : now.ts);
			if (mark == end && say == said)
				break;
		}
		if (p < presence->n)
			now.ts = earlier(now.ts, presence->v[p]);
		if (say < said && say->ts < now.ts && say->what != SAY_LEFT) {
			rc = check_list(w, say++);
			continue;
		}
		if (say < said && say->what == SAY_LEFT)
			now.ts = earlier(now.ts, say->ts);
		now.join = mark;
		while (mark < end && mark->ts == now.ts && mark->kind == MARK_JOIN)
			mark++;
		now.njoin = (uint32_t)(mark - now.join);
		now.leave = mark;
		while (mark < end && mark->ts == now.ts)
			mark++;
		now.nleave = (uint32_t)(mark - now.leave);
		for (; p < presence->n && presence->v[p] == now.ts; p++)
			now.present = true;
		for (; say < said && say->ts == now.ts && say->what == SAY_LEFT; say++) {
			now.left = true;
			now.joined = earlier(now.joined, say->joined);
		}
		rc = step(w, &now);
	}
	return rc;
}

/* In order of time; lists of one instant stay as they come. */
static int add_saying(struct walk *w, struct saying say)
{
	size_t i = w->nsay;

	if (qun_grow(&w->say, &w->say_cap, w->nsay, sizeof(*w->say)) < 0)
		return QUN_ENOMEM;
	for (; i > 0 && (w->say[i - 1].ts > say.ts ||
				(w->say[i - 1].ts == say.ts && say.what == SAY_LEFT)); i--)
		w->say[i] = w->say[i - 1];
	w->say[i] = say;
	w->nsay++;
	return 0;
}

static const struct qun_roster_line *line_in(
	const struct walk *w, int64_t at, struct qun_span group)
{
	const struct qun_roster *roster = w->ctx->run->roster;
	const struct qun_roster_line *line = qun_roster_find_in(roster, at, group, w->user);

	return line ? line : qun_roster_find_in(roster, at, group, qun_user_bare(w->user));
}

/* What the list says that was true at the instant at; the line is NULL for one who is not on it. Who
 * left before the log began has no leave in it. */
static int hear(struct walk *w, const struct qun_roster_line *line, int64_t at)
{
	struct saying say = {.ts = at, .joined = QUN_NEVER, .what = SAY_OUT};
	int rc = 0;

	if (line && (line->joined == QUN_NEVER || line->joined <= at)) {
		say.joined = line->joined;
		say.what = line->left <= at ? SAY_OUT : SAY_IN;
	}
	if (line && line->left >= w->start && line->left <= at)
		rc = add_saying(w, (struct saying){line->left, line->joined, SAY_LEFT});
	return rc < 0 ? rc : add_saying(w, say);
}

/* What the roster has of him as of A. Who is said to join later is not on it yet. */
static int look_up(struct walk *w, struct qun_span group)
{
	const struct qun_roster *roster = w->ctx->run->roster;
	const struct qun_roster_date *date;
	const struct qun_roster_line *line = line_in(w, QUN_NEVER, group);
	size_t n = qun_roster_dates(roster, &date);
	int rc = 0;

	w->listed = qun_roster_lists(roster, QUN_NEVER, group);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (date[i].from <= w->as_of && qun_roster_lists(roster, date[i].at, group))
			rc = hear(w, line_in(w, date[i].at, group), earlier(date[i].at, w->as_of));
	}
	if (rc < 0 || !line || (line->joined != QUN_NEVER && line->joined > w->as_of))
		return rc;
	w->line = line;
	if (line->left >= w->start && line->left <= w->as_of)
		rc = add_saying(w, (struct saying){line->left, QUN_NEVER, SAY_LEFT});
	return rc;
}

static void date_first(struct walk *w)
{
	struct qun_interval *first = w->out->n ? w->out->v : NULL;

	if (first && dates_start(w, first, w->line->joined) &&
		(first->to == QUN_NEVER || first->closing == QUN_CLOSE_ROSTER))
		date_by(first, w->line->joined);
}

/* Who is not on the list as of A is gone since he was last seen; who is and did not leave is there: as on
 * every list, from its moment where a leave or an earlier list shows him out. */
static int compare_roster(struct walk *w)
{
	int64_t joined, out = known_out(w);
	int rc;

	if (!w->line) {
		be_gone(w, w->as_of);
		return 0;
	}
	date_first(w);
	joined = w->line->joined;
	if (open_interval(w) || w->line->left <= w->as_of)
		return 0;
	if (joined == QUN_NEVER || joined <= out)
		return begin(w, out == INT64_MIN ? w->start : w->as_of, QUN_OPEN_ROSTER, NULL);
	rc = begin(w, joined, QUN_OPEN_ROSTER, NULL);
	if (rc == 0)
		open_interval(w)->earliest = joined;
	return rc;
}

/* A name that is an id in its group is nobody in another. */
static bool is_elsewhere(const struct qun_ctx *ctx, uint32_t group, struct qun_span user)
{
	struct qun_span bare = qun_user_bare(user);

	return bare.len < user.len && !qun_span_eq(qun_dict_text(ctx->groups, group),
		(struct qun_span){user.ptr + bare.len + 1, user.len - bare.len - 1});
}

int qun_intervals_by(const struct qun_ctx *ctx, uint32_t group, struct qun_span user,
	struct qun_marks *marks, struct qun_intervals *out)
{
	struct qun_head head = qun_head_of(ctx, group);
	struct qun_marks none = {0}, *m = marks ? marks : &none;
	struct walk w = {.ctx = ctx, .user = user, .out = out, .unlisted = INT64_MIN,
		.silent = !m->n && !out->presence.n};
	int rc = 0;

	out->n = 0;
	out->ignored_leaves = 0;
	if (!ctx->heads->started || qun_group_is_nobody(ctx, group) || is_elsewhere(ctx, group, user))
		return 0;
	w.basis = qun_basis_of(ctx, group);
	w.as_of = qun_as_of(ctx);
	/* A group that only the roster knows has no log: the input's beginning stands for it. */
	w.start = head.first <= head.last ? head.first : ctx->heads->all.first;
	if (w.basis == QUN_ROSTER)
		rc = look_up(&w, qun_dict_text(ctx->groups, group));
	qun_marks_sort(ctx, m);
	qun_vec_sort(&out->presence);
	if (rc == 0)
		rc = walk(&w, m);
	if (rc == 0 && w.listed)
		rc = compare_roster(&w);
	free(w.say);
	return rc;
}

bool qun_marks_may_end(const struct qun_ctx *ctx, const struct qun_marks *m)
{
	bool leaves = ctx->run->roster;

	for (uint32_t i = 0; !leaves && i < m->n; i++)
		leaves = m->v[i].kind != MARK_JOIN;
	return leaves;
}

int qun_intervals_of(const struct qun_ctx *ctx, uint32_t group, struct qun_span user,
	struct qun_member *m, struct qun_intervals *out)
{
	int rc = 0;

	out->presence.n = 0;
	if (qun_marks_may_end(ctx, &m->marks))
		rc = qun_tape_instants(ctx->pile, &m->presence, &out->presence);
	else if (m->presence.n)
		rc = qun_vec_add(&out->presence, m->first);
	return rc < 0 ? rc : qun_intervals_by(ctx, group, user, &m->marks, out);
}

void qun_intervals_release(struct qun_intervals *iv)
{
	free(iv->v);
	qun_vec_release(&iv->presence);
	*iv = (struct qun_intervals){0};
}

/* The first interval that does not end before ts; NULL: none. */
static const struct qun_interval *not_before(const struct qun_intervals *iv, int64_t ts)
{
	size_t low = 0, high = iv->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (iv->v[mid].to < ts)
			low = mid + 1;
		else
			high = mid;
	}
	return low < iv->n ? &iv->v[low] : NULL;
}

const struct qun_interval *qun_interval_at(const struct qun_intervals *iv, int64_t ts)
{
	const struct qun_interval *found = not_before(iv, ts);

	return found && found->from <= ts ? found : NULL;
}

bool qun_interval_touches(const struct qun_intervals *iv, int64_t from, int64_t to)
{
	const struct qun_interval *found = not_before(iv, from);

	return found && found->from <= to;
}
