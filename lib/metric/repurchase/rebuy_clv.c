/*
 * BG/NBD over buyers. Days with an order count, the first one begins a buyer's time; times are in
 * weeks, as in the publications, and a model is fitted to each --by value.
 */
#include <stdlib.h>

#include "metric/repurchase/rebuy.h"
#include "qun/stat.h"

enum { WEEK = 7, HORIZON_DAYS = 90 };

static struct qun_buyer buyer_of(const struct qun_ctx *ctx, const struct qun_cell *cell)
{
	int64_t first = (int64_t)qun_cell_sum(cell, BUYER_FIRST_DAY);

	return (struct qun_buyer){
		.x = (int64_t)qun_cell_sum(cell, BUYER_ORDERS) - 1,
		.t_x = (int64_t)qun_cell_sum(cell, BUYER_LAST_DAY) - first,
		.T = qun_cal_day(&ctx->run->cal, qun_as_of(ctx)) - first,
		.n = 1,
	};
}

static int fit(const struct qun_ctx *ctx, const struct qun_rebuy_block *b, struct qun_bgnbd *model,
	struct qun_err *err)
{
	struct qun_buyer *v = malloc(b->n * sizeof(*v));
	int rc;

	if (!v)
		return QUN_ENOMEM;
	for (size_t i = 0; i < b->n; i++)
		v[i] = buyer_of(ctx, b->at[i]);
	rc = qun_bgnbd_fit(v, b->n, WEEK, model);
	free(v);
	if (rc != QUN_EDATA)
		return rc;
	return qun_fail(err, QUN_EDATA,
		"--clv: the model finds no best parameters for %zu buyers%s: too few of them "
		"bought again, or they are too much alike",
		b->n, ctx->run->by.n ? " of one --by value" : "");
}

static int put_params(const struct qun_ctx *ctx, const struct qun_rebuy_block *b,
	const struct qun_bgnbd *m, struct qun_table *out)
{
	int rc = qun_rebuy_put_by(ctx, b->by, out);

	if (rc < 0)
		return rc;
	qun_put_real(out, m->r);
	qun_put_real(out, m->alpha);
	qun_put_real(out, m->a);
	qun_put_real(out, m->b);
	qun_put_real(out, m->loglik);
	qun_put_int(out, (__int128)b->n);
	return qun_row_end(out);
}

static int put_buyer(const struct qun_ctx *ctx, const struct qun_rebuy_block *b, size_t i,
	const struct qun_bgnbd *m, struct qun_table *out)
{
	struct qun_buyer v = buyer_of(ctx, b->at[i]);
	double x = (double)v.x, t_x = (double)v.t_x / WEEK, T = (double)v.T / WEEK;
	int rc = qun_rebuy_put_person(ctx, b, i, out);

	if (rc < 0)
		return rc;
	qun_put_int(out, v.x);
	qun_put_fraction(out, v.t_x, WEEK);
	qun_put_fraction(out, v.T, WEEK);
	if (v.x)
		qun_put_real(out, qun_bgnbd_alive(m, x, t_x, T));
	else
		qun_put_null(out);
	qun_put_real(out, qun_bgnbd_expect(m, x, t_x, T, (double)HORIZON_DAYS / WEEK));
	return qun_row_end(out);
}

int qun_clv_put(const struct qun_ctx *ctx, const struct qun_rebuy_conf *c,
	const struct qun_rebuy_block *b, struct qun_table *out, struct qun_err *err)
{
	struct qun_bgnbd model;
	int rc = fit(ctx, b, &model, err);

	if (rc == 0 && c->params)
		return put_params(ctx, b, &model, out);
	for (size_t i = 0; rc == 0 && i < b->n; i++)
		rc = put_buyer(ctx, b, i, &model, out);
	return rc;
}
