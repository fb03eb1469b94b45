/*
 * Membership by rule R. The keeper only collects; the intervals come from one walk over the
 * instants in order, at each of which the joins, the presence and the leaves are seen together.
 */
#include "qun/member.h"

#include <stdlib.h>

#include "model/parts.h"

enum { MARK_JOIN, MARK_LEAVE, MARK_REMOVAL };

struct qun_mark {
	int64_t ts;
	uint32_t tie;	      /* word: what the tie rule has before ref; QUN_NONE if all empty */
	uint32_t ref, source; /* words */
	uint32_t kind;
};

/* Order of the keeper: time, joins first, then the tie rule. Among equals the kind is equal too,
 * but for saved bytes that nobody wrote. */
static int mark_cmp(const void *a, const void *b, void *arg)
{
	const struct qun_mark *left = a, *right = b;
	const struct qun_ctx *ctx = arg;
	int order = (left->ts > right->ts) - (left->ts < right->ts);

	if (!order)
		order = (left->kind != MARK_JOIN) - (right->kind != MARK_JOIN);
	if (!order)
		order = qun_word_cmp(ctx, left->tie, right->tie);
	if (!order)
		order = qun_word_cmp(ctx, left->ref, right->ref);
	if (!order)
		order = qun_word_cmp(ctx, left->source, right->source);
	return order ? order : (left->kind > right->kind) - (left->kind < right->kind);
}

static void sort_marks(const struct qun_ctx *ctx, struct qun_member *m)
{
	if (m->n > 1)
		qsort_r(m->mark, m->n, sizeof(*m->mark), mark_cmp, (void *)ctx);
}

/* Room for a mark at index n; the marks in use stay as they are. */
static int reserve_mark(struct qun_member *m, uint32_t n)
{
	size_t cap = m->cap;

	if (n == UINT32_MAX)
		return QUN_ELIMIT;
	if (qun_grow(&m->mark, &cap, n, sizeof(*m->mark)) < 0)
		return QUN_ENOMEM;
	m->cap = cap < UINT32_MAX ? (uint32_t)cap : UINT32_MAX;
	return 0;
}

/* The rest of the tie key as a word; most joins and leaves have nothing there. */
static int tie_word(const struct qun_ctx *ctx, const struct qun_event *ev, uint32_t *word)
{
	struct qun_buf key = {0};
	int rc;

	*word = QUN_NONE;
	if (!ev->field[QUN_F_ORDER_ID].len && !ev->field[QUN_F_PRODUCT].len && !ev->has_amount &&
		!ev->field[QUN_F_ID].len && !ev->field[QUN_F_TEXT].len)
		return 0;
	rc = qun_tie_detail(ev, &key);
	if (rc == 0)
		rc = qun_word_add(ctx, qun_buf_span(&key), word);
	qun_buf_release(&key);
	return rc;
}

static int add_mark(const struct qun_ctx *ctx, struct qun_member *m, const struct qun_event *ev)
{
	struct qun_mark mark = {.ts = ev->ts, .kind = MARK_JOIN};
	int rc = reserve_mark(m, m->n);

	if (ev->type == QUN_LEAVE)
		mark.kind = qun_is_removal(ev) ? MARK_REMOVAL : MARK_LEAVE;
	if (rc == 0)
		rc = tie_word(ctx, ev, &mark.tie);
	if (rc == 0)
		rc = qun_word_add(ctx, ev->field[QUN_F_REF], &mark.ref);
	if (rc == 0)
		rc = qun_word_add(ctx, ev->field[QUN_F_SOURCE], &mark.source);
	if (rc == 0)
		m->mark[m->n++] = mark;
	return rc;
}

int qun_member_add(const struct qun_ctx *ctx, struct qun_member *m, const struct qun_event *ev)
{
	if (ev->type == QUN_JOIN || ev->type == QUN_LEAVE)
		return add_mark(ctx, m, ev);
	return qun_type_is_presence(ev->type) ? qun_vec_add(&m->presence, ev->ts) : 0;
}

int qun_member_merge(const struct qun_ctx *dctx, struct qun_member *dst, const struct qun_ctx *sctx,
	const struct qun_member *src)
{
	uint32_t n = dst->n;
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < src->n; i++) {
		struct qun_mark mark = src->mark[i];

		rc = reserve_mark(dst, n);
		if (rc == 0)
			rc = qun_word_move(dctx, sctx, src->mark[i].tie, &mark.tie);
		if (rc == 0)
			rc = qun_word_move(dctx, sctx, src->mark[i].ref, &mark.ref);
		if (rc == 0)
			rc = qun_word_move(dctx, sctx, src->mark[i].source, &mark.source);
		if (rc == 0)
			dst->mark[n++] = mark;
	}
	if (rc == 0)
		rc = qun_vec_merge(&dst->presence, &src->presence);
	if (rc == 0)
		dst->n = n;
	return rc;
}

int qun_member_save(const struct qun_ctx *ctx, struct qun_member *m, struct qun_buf *out)
{
	int rc = qun_save_u64(out, m->n);

	sort_marks(ctx, m);
	for (uint32_t i = 0; rc == 0 && i < m->n; i++) {
		const struct qun_mark *mark = &m->mark[i];

		rc = qun_save_i64(out, mark->ts);
		if (rc == 0)
			rc = qun_save_u64(out, mark->kind);
		if (rc == 0)
			rc = qun_save_span(out, qun_word_text(ctx, mark->tie));
		if (rc == 0)
			rc = qun_save_span(out, qun_word_text(ctx, mark->ref));
		if (rc == 0)
			rc = qun_save_span(out, qun_word_text(ctx, mark->source));
	}
	return rc < 0 ? rc : qun_vec_save(&m->presence, out);
}

static int load_mark(const struct qun_ctx *ctx, struct qun_mark *mark, struct qun_reader *in)
{
	uint64_t kind = 0;
	int rc = qun_load_i64(in, &mark->ts);

	if (rc == 0)
		rc = qun_load_u64(in, &kind);
	if (rc == 0 && kind > MARK_REMOVAL)
		rc = QUN_ESTATE;
	mark->kind = (uint32_t)kind;
	if (rc == 0)
		rc = qun_word_load(ctx, in, &mark->tie);
	if (rc == 0)
		rc = qun_word_load(ctx, in, &mark->ref);
	return rc < 0 ? rc : qun_word_load(ctx, in, &mark->source);
}

int qun_member_load(const struct qun_ctx *ctx, struct qun_member *m, struct qun_reader *in)
{
	size_t n = 0;
	int rc = qun_load_count(in, 5, &n);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = reserve_mark(m, m->n);
		if (rc == 0)
			rc = load_mark(ctx, &m->mark[m->n], in);
		if (rc == 0 && i && mark_cmp(&m->mark[i - 1], &m->mark[i], (void *)ctx) > 0)
			rc = QUN_ESTATE;
		if (rc == 0)
			m->n++;
	}
	return rc < 0 ? rc : qun_vec_load(&m->presence, in);
}

void qun_member_release(struct qun_member *m)
{
	free(m->mark);
	qun_vec_release(&m->presence);
	*m = (struct qun_member){0};
}

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
	const struct qun_roster_line *line; /* NULL: not on the roster */
	int64_t left;			    /* the roster's leave, QUN_NEVER: none */
};

/* What happens at one instant. */
struct instant {
	int64_t ts;
	const struct qun_mark *join, *leave; /* in tie order */
	uint32_t njoin, nleave;
	bool present, left;
};

static struct qun_interval *open_interval(const struct walk *w)
{
	struct qun_interval *last = w->out->n ? &w->out->v[w->out->n - 1] : NULL;

	return last && last->to == QUN_NEVER ? last : NULL;
}

/* Opens an interval; join is NULL where none opened it. */
static int begin(
	struct walk *w, int64_t from, enum qun_opening opening, const struct qun_mark *join)
{
	struct qun_intervals *out = w->out;

	if (qun_grow(&out->v, &out->cap, out->n, sizeof(*out->v)) < 0)
		return QUN_ENOMEM;
	out->v[out->n++] = (struct qun_interval){
		.from = from,
		.to = QUN_NEVER,
		.opening = opening,
		.source = join ? join->source : QUN_NONE,
		.ref = join ? join->ref : QUN_NONE,
		.by_other = join && qun_ref_is_other(qun_word_text(w->ctx, join->ref), w->user),
	};
	return 0;
}

static void finish(struct walk *w, int64_t to, enum qun_closing closing)
{
	struct qun_interval *open = open_interval(w);

	if (open) {
		open->to = to;
		open->closing = closing;
	}
}

/* Opens for one who is no member at the beginning of the instant, if anything there does. */
static int arrive(struct walk *w, const struct instant *now)
{
	bool since_start = !w->begun && w->basis != QUN_SEEN;

	if (now->njoin)
		return begin(w, now->ts, QUN_OPEN_JOIN, now->join);
	if (since_start)
		return begin(w, w->start, QUN_OPEN_START, NULL);
	return now->present ? begin(w, now->ts, QUN_OPEN_ACTIVITY, NULL) : 0;
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
		finish(w, now->ts,
			now->leave->kind == MARK_REMOVAL ? QUN_CLOSE_REMOVAL : QUN_CLOSE_LEAVE);
	}
	if (now->left)
		finish(w, now->ts, QUN_CLOSE_ROSTER);
	if (was_member && now->njoin && !open_interval(w))
		return begin(w, now->ts, QUN_OPEN_JOIN, now->join);
	return 0;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Marks and presence are sorted; the roster's leave is one more leave, without a record. */
static int walk(struct walk *w, const struct qun_member *m)
{
	const struct qun_mark *mark = m->mark, *end = m->mark + m->n;
	const struct qun_vec *presence = &m->presence;
	int64_t left = w->left;
	size_t p = 0;
	int rc = 0;

	while (rc == 0 && (mark < end || p < presence->n || left != QUN_NEVER)) {
		struct instant now = {.ts = left};

		if (mark < end)
			now.ts = earlier(now.ts, mark->ts);
		if (p < presence->n)
			now.ts = earlier(now.ts, presence->v[p]);
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
		now.left = left == now.ts;
		if (now.left)
			left = QUN_NEVER;
		rc = step(w, &now);
	}
	return rc;
}

/* The line that the roster has for him as of A. Who is said to join later is not on it yet; one who
 * left before the log began has no leave in it. */
static void look_up(struct walk *w, struct qun_span group)
{
	const struct qun_roster *roster = w->ctx->run->roster;
	const struct qun_roster_line *line = qun_roster_find(roster, group, w->user);

	if (!line)
		line = qun_roster_find(roster, group, qun_user_bare(w->user));
	if (!line || (line->joined != QUN_NEVER && line->joined > w->as_of))
		return;
	w->line = line;
	if (line->left >= w->start && line->left <= w->as_of)
		w->left = line->left;
}

/* The roster knows better than "since the start of the log" when somebody came; where it alone knows
 * him, that may be before the log. */
static void date_opening(struct walk *w)
{
	struct qun_interval *first = w->out->n ? w->out->v : NULL;
	int64_t joined = w->line->joined;

	if (first && first->opening == QUN_OPEN_START && (joined > w->start || w->silent) &&
		joined <= w->first && (first->to == QUN_NEVER || first->closing == QUN_CLOSE_ROSTER)) {
		first->from = joined;
		first->opening = QUN_OPEN_ROSTER;
	}
}

/* Who is not on the roster is gone since his last event; who is and did not leave is there. */
static int compare_roster(struct walk *w)
{
	const struct qun_intervals *out = w->out;
	int64_t from;

	if (!w->line) {
		finish(w, w->last, QUN_CLOSE_ROSTER);
		return 0;
	}
	date_opening(w);
	if (open_interval(w) || w->line->left <= w->as_of)
		return 0;
	from = w->line->joined != QUN_NEVER ? w->line->joined : w->start;
	if (out->n && out->v[out->n - 1].to > from)
		from = out->v[out->n - 1].to;
	return from <= w->as_of ? begin(w, from, QUN_OPEN_ROSTER, NULL) : 0;
}

int qun_intervals_of(const struct qun_ctx *ctx, uint32_t group, struct qun_span user,
	struct qun_member *m, struct qun_intervals *out)
{
	struct qun_head head = qun_head_of(ctx, group);
	struct walk w = {.ctx = ctx, .user = user, .out = out, .left = QUN_NEVER,
		.silent = !m->n && !m->presence.n};
	int rc;

	out->n = 0;
	out->ignored_leaves = 0;
	if (!ctx->heads->started || qun_group_is_nobody(ctx, group))
		return 0;
	w.basis = qun_basis_of(ctx, group);
	w.as_of = qun_as_of(ctx);
	/* A group that only the roster knows has no log: the input's beginning stands for it. */
	w.start = head.first <= head.last ? head.first : ctx->heads->all.first;
	if (w.basis == QUN_ROSTER)
		look_up(&w, qun_dict_text(ctx->groups, group));
	sort_marks(ctx, m);
	qun_vec_sort(&m->presence);
	rc = walk(&w, m);
	return rc == 0 && w.basis == QUN_ROSTER ? compare_roster(&w) : rc;
}

void qun_intervals_release(struct qun_intervals *iv)
{
	free(iv->v);
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
