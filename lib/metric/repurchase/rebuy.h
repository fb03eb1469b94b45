/*
 * The tables that repurchase prints instead of its main one: the ladder from order to order, the
 * gaps between orders, RFM scores, and the BG/NBD model. Reports hold days and counts; curves and
 * models are made when the table is.
 */
#ifndef MODEL_REBUY_H
#define MODEL_REBUY_H

#include "model/deal.h"
#include "qun/sheet.h"

enum qun_rebuy_kind { REBUY_NONE, REBUY_LADDER, REBUY_GAPS, REBUY_RFM, REBUY_CLV };

enum { REBUY_MAX_BINS = 100 };
enum { RFM_RECENCY, RFM_FREQUENCY, RFM_MONETARY, RFM_SCORES };

struct qun_rebuy_conf {
	bool ladder, gaps, rfm, clv, params;
	int64_t bins;
	struct qun_sheet cuts;
	/* made by setup */
	enum qun_rebuy_kind kind;
	bool cut_by_file[RFM_SCORES];
	/* What a score of i + 2 takes: at most so many days, at least so many orders, so much net.
	 */
	int64_t cut[RFM_SCORES][REBUY_MAX_BINS];
};

/* Decides the kind; QUN_EUSAGE names two options that exclude each other. */
int qun_rebuy_setup(struct qun_rebuy_conf *c, struct qun_err *err);
/* Adds a buyer: his n deals; key holds the --by values and is cut back to them. */
int qun_rebuy_fold(const struct qun_ctx *ctx, const struct qun_rebuy_conf *c,
	struct qun_cube *report, const struct qun_who *who, struct qun_buf *key,
	const struct qun_deal *d, size_t n);
int qun_rebuy_finish(const struct qun_ctx *ctx, const struct qun_rebuy_conf *c,
	const struct qun_cube *report, struct qun_table *out, struct qun_err *err);

/* Sums and bags of a rung: civil days to the next order, and those that passed without one. */
enum { RUNG_BASE, RUNG_NEXT };
enum { RUNG_GAPS, RUNG_OPEN };

/* Sums of a person's cell; its text is the name. */
enum {
	BUYER_ORDERS,
	BUYER_FIRST_DAY,
	BUYER_LAST_DAY,
	BUYER_NET,
	BUYER_UNKNOWN, /* orders of unknown value */
};

/* The cells of people of one --by value: at[0 … n - 1] in the order of their keys. */
struct qun_rebuy_block {
	const struct qun_cell **at;
	struct qun_span *key; /* what follows the --by values */
	size_t n, at_cap, key_cap;
	struct qun_span by; /* the --by values, as in the key */
};

/* Columns and cells that tables of people begin with. */
void qun_rebuy_person_columns(const struct qun_ctx *ctx, struct qun_table *out);
int qun_rebuy_put_by(const struct qun_ctx *ctx, struct qun_span by, struct qun_table *out);
int qun_rebuy_put_person(const struct qun_ctx *ctx, const struct qun_rebuy_block *b, size_t i,
	struct qun_table *out);

int qun_rfm_put(const struct qun_ctx *ctx, const struct qun_rebuy_conf *c,
	const struct qun_rebuy_block *b, struct qun_table *out);
int qun_clv_put(const struct qun_ctx *ctx, const struct qun_rebuy_conf *c,
	const struct qun_rebuy_block *b, struct qun_table *out, struct qun_err *err);

#endif
