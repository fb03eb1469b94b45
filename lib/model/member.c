/* What rule R looks at: joins, leaves and presence of one person in one group. Here they are only collected. */
#include "model/mark.h"

#include <stdlib.h>

#include "model/parts.h"

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

void qun_marks_sort(const struct qun_ctx *ctx, struct qun_marks *m)
{
	if (m->n > 1)
		qsort_r(m->v, m->n, sizeof(*m->v), mark_cmp, (void *)ctx);
}

/* Room for a mark at index n; the marks in use stay as they are. Most people join once. */
static int reserve_mark(struct qun_marks *m, uint32_t n)
{
	uint32_t cap = m->cap ? 2 * m->cap : 1;
	struct qun_mark *v;

	if (n < m->cap)
		return 0;
	if (m->cap > UINT32_MAX / 2)
		return QUN_ELIMIT;
	v = reallocarray(m->v, cap, sizeof(*v));
	if (!v)
		return QUN_ENOMEM;
	m->v = v;
	m->cap = cap;
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

int qun_marks_add(const struct qun_ctx *ctx, struct qun_marks *m, const struct qun_event *ev)
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
		m->v[m->n++] = mark;
	return rc;
}

int qun_marks_merge(const struct qun_ctx *dctx, struct qun_marks *dst, const struct qun_ctx *sctx,
	const struct qun_marks *src)
{
	uint32_t n = dst->n;
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < src->n; i++) {
		struct qun_mark mark = src->v[i];

		rc = reserve_mark(dst, n);
		if (rc == 0)
			rc = qun_key_move(dctx, sctx, src->v[i].tie, &mark.tie);
		if (rc == 0)
			rc = qun_ref_move(dctx, sctx, src->v[i].ref, &mark.ref);
		if (rc == 0)
			rc = qun_word_move(dctx, sctx, src->v[i].source, &mark.source);
		if (rc == 0)
			dst->v[n++] = mark;
	}
	if (rc == 0)
		dst->n = n;
	return rc;
}

int qun_marks_save(const struct qun_ctx *ctx, struct qun_marks *m, struct qun_buf *out)
{
	int rc = qun_save_u64(out, m->n);

	qun_marks_sort(ctx, m);
	for (uint32_t i = 0; rc == 0 && i < m->n; i++) {
		const struct qun_mark *mark = &m->v[i];

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
	return rc;
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

int qun_marks_load(const struct qun_ctx *ctx, struct qun_marks *m, struct qun_reader *in)
{
	size_t n = 0;
	int rc = qun_load_count(in, 5, &n);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = reserve_mark(m, m->n);
		if (rc == 0)
			rc = load_mark(ctx, &m->v[m->n], in);
		if (rc == 0 && i && mark_cmp(&m->v[i - 1], &m->v[i], (void *)ctx) > 0)
			rc = QUN_ESTATE;
		if (rc == 0)
			m->n++;
	}
	return rc;
}

void qun_marks_release(struct qun_marks *m)
{
	free(m->v);
	*m = (struct qun_marks){0};
}

static int add_presence(const struct qun_ctx *ctx, struct qun_member *m, const struct qun_vec *v)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < v->n; i++)
		rc = qun_member_be(ctx->pile, m, v->v[i]);
	return rc;
}

int qun_member_merge(const struct qun_ctx *dctx, struct qun_member *dst, const struct qun_ctx *sctx,
	const struct qun_member *src)
{
	struct qun_member before = *dst;
	struct qun_vec presence = {0};
	int rc = qun_tape_instants(sctx->pile, &src->presence, &presence);

	if (rc == 0)
		rc = add_presence(dctx, dst, &presence);
	qun_vec_release(&presence);
	if (rc == 0)
		rc = qun_marks_merge(dctx, &dst->marks, sctx, &src->marks);
	if (rc < 0) {
		dst->presence = before.presence;
		dst->first = before.first;
	}
	return rc;
}

int qun_member_save(const struct qun_ctx *ctx, struct qun_member *m, struct qun_buf *out)
{
	struct qun_vec presence = {0};
	int rc = qun_marks_save(ctx, &m->marks, out);

	if (rc == 0)
		rc = qun_tape_instants(ctx->pile, &m->presence, &presence);
	if (rc == 0)
		rc = qun_vec_save(&presence, out);
	qun_vec_release(&presence);
	return rc;
}

int qun_member_load(const struct qun_ctx *ctx, struct qun_member *m, struct qun_reader *in)
{
	struct qun_vec presence = {0};
	int rc = qun_marks_load(ctx, &m->marks, in);

	if (rc == 0)
		rc = qun_vec_load(&presence, in);
	if (rc == 0)
		rc = add_presence(ctx, m, &presence);
	qun_vec_release(&presence);
	return rc;
}

void qun_member_release(struct qun_member *m)
{
	qun_marks_release(&m->marks);
	*m = (struct qun_member){0};
}
