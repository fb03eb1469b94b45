/*
 * Births of a person in a plain array that doubles: nearly everybody has one, so no capacity is
 * stored. Order shows only when it is asked for.
 */
#include "metric/cohort_retention/births.h"

#include <stdlib.h>

#include "model/parts.h"

/* The instants of the bucket that holds ts. */
struct bucket {
	int64_t from, to;
};

static struct bucket bucket_of(
	const struct qun_ctx *ctx, const struct qun_birth_rule *rule, int64_t ts)
{
	const struct qun_cal *cal = &ctx->run->cal;
	int64_t index;

	if (!rule->bucket)
		return (struct bucket){INT64_MIN, INT64_MAX};
	index = qun_period_of(cal, rule->bucket, ts);
	return (struct bucket){qun_period_start(cal, rule->bucket, index),
		qun_period_end(cal, rule->bucket, index)};
}

bool qun_births_own_value(const struct qun_run *run, int i)
{
	return run->by.field[i] != QUN_F_SOURCE && run->by.field[i] != QUN_F_ROLE;
}

static bool is_same_value(const struct qun_ctx *ctx, const struct qun_birth_rule *rule,
	const struct qun_first *a, const struct qun_first *b)
{
	if (!rule->each || !rule->full)
		return true;
	for (int i = 0; i < ctx->run->by.n; i++) {
		if (qun_births_own_value(ctx->run, i) && a->by[i] != b->by[i])
			return false;
	}
	return true;
}

/* Makes f, which is given away, one of the births. The search is from the end: events mostly come
 * in order of time. */
static int births_insert(const struct qun_ctx *ctx, const struct qun_birth_rule *rule,
	struct qun_births *b, struct qun_first *f)
{
	struct bucket bucket = bucket_of(ctx, rule, f->ts);
	int rc;

	for (uint32_t i = b->n; i-- > 0;) {
		if (b->v[i].ts < bucket.from || b->v[i].ts > bucket.to ||
			!is_same_value(ctx, rule, &b->v[i], f))
			continue;
		rc = qun_first_merge(ctx, &b->v[i], ctx, f);
		qun_first_release(f);
		return rc;
	}
	if ((b->n & (b->n - 1)) == 0) {
		struct qun_first *v = reallocarray(b->v, b->n ? 2 * (size_t)b->n : 1, sizeof(*v));

		if (!v) {
			qun_first_release(f);
			return QUN_ENOMEM;
		}
		b->v = v;
	}
	b->v[b->n++] = *f;
	return 0;
}

int qun_births_add(const struct qun_ctx *ctx, const struct qun_birth_rule *rule,
	struct qun_births *b, const struct qun_event *ev)
{
	struct qun_first f = {0};
	int rc;

	if (!rule->each && b->n)
		return qun_first_add(ctx, &b->v[0], ev, rule->full);
	rc = qun_first_add(ctx, &f, ev, rule->full);
	if (rc < 0) {
		qun_first_release(&f);
		return rc;
	}
	return births_insert(ctx, rule, b, &f);
}

int qun_births_merge(const struct qun_birth_rule *rule, const struct qun_ctx *dctx,
	struct qun_births *dst, const struct qun_ctx *sctx, const struct qun_births *src)
{
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < src->n; i++) {
		struct qun_first f = {0};

		rc = qun_first_merge(dctx, &f, sctx, &src->v[i]);
		if (rc < 0)
			qun_first_release(&f);
		else
			rc = births_insert(dctx, rule, dst, &f);
	}
	return rc;
}

static int compare(const void *left, const void *right, void *context)
{
	const struct qun_ctx *ctx = context;
	const struct qun_first *a = left, *b = right;
	int order = (a->ts > b->ts) - (a->ts < b->ts);

	if (!order)
		order = qun_span_cmp(qun_buf_span(&a->key), qun_buf_span(&b->key));
	if (order || !a->key.len)
		return order;
	order = qun_span_cmp(
		qun_dict_text(ctx->groups, a->group), qun_dict_text(ctx->groups, b->group));
	for (int i = 0; !order && i < ctx->run->by.n; i++)
		order = qun_word_cmp(ctx, a->by[i], b->by[i]);
	return order;
}

void qun_births_sort(const struct qun_ctx *ctx, struct qun_births *b)
{
	if (b->n > 1)
		qsort_r(b->v, b->n, sizeof(*b->v), compare, (void *)ctx);
}

int qun_births_save(const struct qun_ctx *ctx, struct qun_births *b, struct qun_buf *out)
{
	int rc = qun_save_u64(out, b->n);

	qun_births_sort(ctx, b);
	for (uint32_t i = 0; rc == 0 && i < b->n; i++)
		rc = qun_first_save(ctx, &b->v[i], out);
	return rc;
}

/* Canonical births ascend and are each in a bucket of its own. */
int qun_births_load(const struct qun_ctx *ctx, const struct qun_birth_rule *rule,
	struct qun_births *b, struct qun_reader *in)
{
	size_t n;
	int rc = qun_load_count(in, 2, &n);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct qun_first f = {0};

		rc = qun_first_load(ctx, &f, in);
		if (rc == 0 && (!f.seen || rule->full != (f.key.len > 0) ||
				       (i && compare(&b->v[i - 1], &f, (void *)ctx) >= 0)))
			rc = QUN_ESTATE;
		if (rc < 0)
			qun_first_release(&f);
		else
			rc = births_insert(ctx, rule, b, &f);
		if (rc == 0 && b->n != i + 1)
			rc = QUN_ESTATE;
	}
	return rc;
}

void qun_births_release(struct qun_births *b)
{
	for (uint32_t i = 0; i < b->n; i++)
		qun_first_release(&b->v[i]);
	free(b->v);
	*b = (struct qun_births){0};
}
