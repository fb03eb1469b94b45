/*
 * Ties: an event's place among those of its person as a byte string, and the keeper of the earliest
 * event. The bytes, not the order of arrival, decide between events of one instant.
 */
#include "qun/tie.h"

#include <stdlib.h>

#include "model/parts.h"

enum { TIE_FIRST = sizeof(int64_t) + 1 }; /* bytes of a key before its texts: instant and class */

int qun_tie_detail(const struct qun_event *ev, struct qun_buf *out)
{
	char amount[QUN_AMOUNT_TEXT];
	int rc = qun_key_text(out, ev->field[QUN_F_ORDER_ID]);

	if (rc == 0)
		rc = qun_key_text(out, ev->field[QUN_F_PRODUCT]);
	if (rc == 0)
		rc = qun_key_text(out, qun_amount_text(amount, ev->has_amount, ev->amount));
	if (rc == 0)
		rc = qun_key_text(out, ev->field[QUN_F_ID]);
	return rc < 0 ? rc : qun_key_text(out, ev->field[QUN_F_TEXT]);
}

/* Where membership is not at stake a join comes first and a leave last. */
enum { TIE_JOIN, TIE_OTHER, TIE_LEAVE };

int qun_tie_key(const struct qun_ctx *ctx, const struct qun_event *ev, struct qun_buf *out)
{
	size_t len = out->len;
	char class = ev->type == QUN_JOIN ? TIE_JOIN : ev->type == QUN_LEAVE ? TIE_LEAVE : TIE_OTHER;
	int rc = qun_key_int(out, ev->ts);

	(void)ctx;
	if (rc == 0)
		rc = qun_buf_add_char(out, class);
	if (rc == 0)
		rc = qun_key_text(out, ev->field[QUN_F_TYPE]);
	if (rc == 0)
		rc = qun_tie_detail(ev, out);
	if (rc == 0)
		rc = qun_key_text(out, ev->field[QUN_F_REF]);
	if (rc == 0)
		rc = qun_key_text(out, ev->field[QUN_F_SOURCE]);
	if (rc < 0)
		out->len = len;
	return rc;
}

bool qun_first_is_join(const struct qun_first *f)
{
	return f->key.len > sizeof(int64_t) && f->key.ptr[sizeof(int64_t)] == TIE_JOIN;
}

/* A first, or an event that may become one, in spans: free of any context. */
struct candidate {
	int64_t ts;
	struct qun_span key, group;
	struct qun_span by[QUN_MAX_BY];
};

static struct candidate candidate_of(const struct qun_ctx *ctx, const struct qun_first *f)
{
	struct candidate c = {.ts = f->ts, .key = qun_buf_span(&f->key)};

	if (!c.key.len)
		return c;
	c.group = qun_dict_text(ctx->groups, f->group);
	for (int i = 0; i < ctx->run->by.n; i++)
		c.by[i] = qun_word_text(ctx, f->by[i]);
	return c;
}

/* Groups and --by values come last: only they can tell apart what the tie rule calls equal. */
static int candidate_cmp(
	const struct qun_ctx *ctx, const struct candidate *a, const struct candidate *b)
{
	int order = (a->ts > b->ts) - (a->ts < b->ts);

	if (!order)
		order = qun_span_cmp(a->key, b->key);
	if (!order)
		order = qun_span_cmp(a->group, b->group);
	for (int i = 0; !order && i < ctx->run->by.n; i++)
		order = qun_span_cmp(a->by[i], b->by[i]);
	return order;
}

/* Makes c the first; f is as before when that fails. */
static int first_set(const struct qun_ctx *ctx, struct qun_first *f, const struct candidate *c)
{
	uint32_t word[QUN_MAX_BY], group = 0;
	struct qun_buf key = {0};
	int rc = 0;

	if (c->key.len) {
		rc = qun_dict_add(ctx->groups, c->group, &group);
		for (int i = 0; rc == 0 && i < ctx->run->by.n; i++)
			rc = qun_word_add(ctx, c->by[i], &word[i]);
		if (rc == 0 && ctx->run->by.n && !f->by) {
			f->by = malloc((size_t)ctx->run->by.n * sizeof(*f->by));
			rc = f->by ? 0 : QUN_ENOMEM;
		}
		if (rc == 0)
			rc = qun_buf_add_span(&key, c->key);
	}
	if (rc < 0)
		return rc;
	qun_buf_release(&f->key);
	f->ts = c->ts;
	f->seen = true;
	f->key = key;
	f->group = group;
	for (int i = 0; c->key.len && i < ctx->run->by.n; i++)
		f->by[i] = word[i];
	return 0;
}

static int first_offer(const struct qun_ctx *ctx, struct qun_first *f, const struct candidate *c)
{
	struct candidate now = candidate_of(ctx, f);

	return f->seen && candidate_cmp(ctx, c, &now) >= 0 ? 0 : first_set(ctx, f, c);
}

int qun_first_add(
	const struct qun_ctx *ctx, struct qun_first *f, const struct qun_event *ev, bool full)
{
	struct candidate c = {.ts = ev->ts};
	struct qun_buf key = {0};
	int rc;

	if (f->seen && ev->ts > f->ts)
		return 0;
	if (!full)
		return first_offer(ctx, f, &c);
	rc = qun_tie_key(ctx, ev, &key);
	if (rc == 0) {
		c.key = qun_buf_span(&key);
		c.group = qun_dict_text(ctx->groups, ev->group);
		for (int i = 0; i < ctx->run->by.n; i++)
			c.by[i] = ctx->run->by.field[i] == QUN_F_GROUP
					  ? c.group
					  : qun_event_text(ev, ctx->run->by.field[i]);
		rc = first_offer(ctx, f, &c);
	}
	qun_buf_release(&key);
	return rc;
}

int qun_first_merge(const struct qun_ctx *dctx, struct qun_first *dst, const struct qun_ctx *sctx,
	const struct qun_first *src)
{
	const struct qun_run *run = dctx->run;
	struct candidate c = candidate_of(sctx, src);
	struct qun_buf key = {0};
	int rc = 0;

	if (c.key.len && run->forget.len) {
		rc = qun_forget_key(run, c.key, TIE_FIRST, &key);
		c.key = qun_buf_span(&key);
		for (int i = 0; i < run->by.n; i++) {
			if (run->by.field[i] == QUN_F_REF && qun_is_forgotten(run, c.by[i]))
				c.by[i] = qun_span_of(QUN_FORGOTTEN);
		}
	}
	if (rc == 0 && src->seen)
		rc = first_offer(dctx, dst, &c);
	qun_buf_release(&key);
	return rc;
}

enum { SAVED_NONE, SAVED_TIME, SAVED_FULL };

int qun_first_save(const struct qun_ctx *ctx, const struct qun_first *f, struct qun_buf *out)
{
	struct candidate c = candidate_of(ctx, f);
	int rc = qun_save_u64(out, !f->seen ? SAVED_NONE : c.key.len ? SAVED_FULL : SAVED_TIME);

	if (rc == 0 && f->seen)
		rc = qun_save_i64(out, f->ts);
	if (rc < 0 || !c.key.len)
		return rc;
	rc = qun_save_span(out, c.key);
	if (rc == 0)
		rc = qun_save_span(out, c.group);
	for (int i = 0; rc == 0 && i < ctx->run->by.n; i++)
		rc = qun_save_span(out, c.by[i]);
	return rc;
}

int qun_first_load(const struct qun_ctx *ctx, struct qun_first *f, struct qun_reader *in)
{
	struct candidate c = {0};
	uint64_t kind;
	int rc = qun_load_u64(in, &kind);

	if (rc < 0 || kind == SAVED_NONE)
		return rc;
	if (kind > SAVED_FULL)
		return QUN_ESTATE;
	rc = qun_load_i64(in, &c.ts);
	if (kind == SAVED_FULL) {
		if (rc == 0)
			rc = qun_load_span(in, &c.key);
		if (rc == 0)
			rc = qun_load_span(in, &c.group);
		for (int i = 0; rc == 0 && i < ctx->run->by.n; i++)
			rc = qun_load_span(in, &c.by[i]);
		if (rc == 0 && !c.key.len)
			rc = QUN_ESTATE;
	}
	return rc < 0 ? rc : first_set(ctx, f, &c);
}

void qun_first_release(struct qun_first *f)
{
	qun_buf_release(&f->key);
	free(f->by);
	*f = (struct qun_first){0};
}
