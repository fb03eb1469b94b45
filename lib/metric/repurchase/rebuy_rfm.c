/*
 * RFM: buyers scored by how lately, how often and for how much they bought. A score counts whom one
 * has surpassed, so that equal values have equal scores whatever the input's order.
 */
#include <stdlib.h>
#include <string.h>

#include "metric/repurchase/rebuy.h"

/* Segments by the scores of recency (down) and frequency (across), both 1 to 5. */
static const char *const segment_name[5][5] = {
	{"hibernating", "hibernating", "at-risk", "at-risk", "cannot-lose"},
	{"hibernating", "hibernating", "at-risk", "at-risk", "cannot-lose"},
	{"about-to-sleep", "about-to-sleep", "need-attention", "loyal", "loyal"},
	{"promising", "potential-loyal", "potential-loyal", "loyal", "loyal"},
	{"new-buyer", "potential-loyal", "potential-loyal", "champion", "champion"},
};

struct scored {
	__int128 value; /* the higher, the better */
	size_t place;
};

static int compare_scored(const void *a, const void *b)
{
	const struct scored *x = a, *y = b;

	return (x->value > y->value) - (x->value < y->value);
}

/* What counts for a score; false where it is not known. */
static bool value_of(const struct qun_ctx *ctx, const struct qun_cell *cell, int what, __int128 *v)
{
	switch (what) {
	case RFM_RECENCY:
		*v = qun_cell_sum(cell, BUYER_LAST_DAY) -
		     qun_cal_day(&ctx->run->cal, qun_as_of(ctx));
		return true;
	case RFM_FREQUENCY: *v = qun_cell_sum(cell, BUYER_ORDERS); return true;
	default: *v = qun_cell_sum(cell, BUYER_NET); return !qun_cell_sum(cell, BUYER_UNKNOWN);
	}
}

static int64_t score_by_cuts(const struct qun_rebuy_conf *c, int what, __int128 value)
{
	int64_t score = 1;

	for (int64_t i = 0; i < c->bins - 1; i++) {
		int64_t cut = c->cut[what][i];

		score += value >= (what == RFM_RECENCY ? -cut : cut);
	}
	return score;
}

/* score[RFM_SCORES * i + what] of each buyer, 0 where not known. */
static int score(const struct qun_ctx *ctx, const struct qun_rebuy_conf *c,
	const struct qun_rebuy_block *b, int what, int64_t *to)
{
	struct scored *v = malloc(b->n * sizeof(*v));
	size_t n = 0, below = 0;

	if (!v)
		return QUN_ENOMEM;
	for (size_t i = 0; i < b->n; i++) {
		if (value_of(ctx, b->at[i], what, &v[n].value))
			v[n++].place = i;
	}
	qsort(v, n, sizeof(*v), compare_scored);
	for (size_t i = 0; i < n; i++) {
		int64_t *score = &to[RFM_SCORES * v[i].place + (size_t)what];

		if (v[i].value != v[below].value)
			below = i;
		*score = c->cut_by_file[what] ? score_by_cuts(c, what, v[i].value)
					      : 1 + (int64_t)((__int128)c->bins * below / n);
	}
	free(v);
	return 0;
}

/* A score among so many, seen as one of five: the fifth that its middle lies in. */
static int fifth(int64_t score, int64_t bins)
{
	return (int)(5 * (2 * score - 1) / (2 * bins));
}

static int put_buyer(const struct qun_ctx *ctx, const struct qun_rebuy_conf *c,
	const struct qun_rebuy_block *b, size_t i, const int64_t *score, struct qun_table *out)
{
	const struct qun_cell *cell = b->at[i];
	__int128 value[RFM_SCORES];
	bool known[RFM_SCORES];
	int rc = qun_rebuy_put_person(ctx, b, i, out);

	if (rc < 0)
		return rc;
	for (int k = 0; k < RFM_SCORES; k++)
		known[k] = value_of(ctx, cell, k, &value[k]);
	qun_put_text(out, (struct qun_span){cell->text, cell->text_len});
	qun_put_int(out, -value[RFM_RECENCY]);
	qun_put_int(out, value[RFM_FREQUENCY]);
	if (known[RFM_MONETARY])
		qun_put_int(out, value[RFM_MONETARY]);
	else
		qun_put_null(out);
	for (int k = 0; k < RFM_SCORES; k++) {
		if (known[k])
			qun_put_int(out, score[k]);
		else
			qun_put_null(out);
	}
	qun_put_word(out, segment_name[fifth(score[RFM_RECENCY], c->bins)]
				      [fifth(score[RFM_FREQUENCY], c->bins)]);
	return qun_row_end(out);
}

int qun_rfm_put(const struct qun_ctx *ctx, const struct qun_rebuy_conf *c,
	const struct qun_rebuy_block *b, struct qun_table *out)
{
	int64_t *scores = calloc(b->n, RFM_SCORES * sizeof(*scores));
	int rc = scores ? 0 : QUN_ENOMEM;

	for (int k = 0; rc == 0 && k < RFM_SCORES; k++)
		rc = score(ctx, c, b, k, scores);
	for (size_t i = 0; rc == 0 && i < b->n; i++)
		rc = put_buyer(ctx, c, b, i, &scores[RFM_SCORES * i], out);
	free(scores);
	return rc;
}
