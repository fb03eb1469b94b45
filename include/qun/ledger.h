/*
 * Orders: a keeper of one person's order and refund rows, and the valid orders that follow.
 * (user, order_id) is one order with its lines; a row without order_id is its own. An order is
 * dated by its earliest line and takes every field from it; refunds match by key.
 */
#ifndef QUN_LEDGER_H
#define QUN_LEDGER_H

#include "qun/run.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Texts of a row; the last three are kept where a predicate or --by asks for one of them. Two rows that
 * differ in nothing of a row are the same. */
enum qun_line_text {
	QUN_L_ORDER_ID, QUN_L_PRODUCT, QUN_L_ID, QUN_L_TEXT, QUN_L_REF, QUN_L_SOURCE, QUN_L_QTY,
	QUN_L_NAME, QUN_L_ROLE, QUN_L_STATUS, QUN_L_TEXTS
};

/* One order or refund row. */
struct qun_line {
	int64_t ts;
	int64_t amount; /* as read for orders (>= 0), size of the refund for refunds */
	uint32_t group; /* number in the context's groups */
	bool has_amount, refund;
	bool numbered; /* private: the order_id is a number in the ledger */
	struct qun_span text[QUN_L_TEXTS];
	const struct qun_span *extra; /* the run's extra columns, NULL if there are none */
};

/* Text of a field of the event that the row was; the empty span for one that rows do not keep. */
struct qun_span qun_line_field(const struct qun_line *line, int field);

/* Rows stand in the context's pile, each with the place of the one before; all-zero bytes hold none. */
struct qun_ledger {
	uint32_t last;
};

/* Takes an order or refund row (a negative order amount makes it a refund row); ignores others. */
int qun_ledger_add(const struct qun_ctx *ctx, struct qun_ledger *l, const struct qun_event *ev);
int qun_ledger_merge(const struct qun_ctx *dctx, struct qun_ledger *dst, const struct qun_ctx *sctx,
	const struct qun_ledger *src);
int qun_ledger_save(const struct qun_ctx *ctx, const struct qun_ledger *l, struct qun_buf *out); /* canonical order */
int qun_ledger_load(const struct qun_ctx *ctx, struct qun_ledger *l, struct qun_reader *in);

/* A valid order. lines are its order rows in tie order; the first one dates it. */
struct qun_order {
	int64_t ts;
	uint32_t group;
	bool known;           /* has an amount: gross and net mean something */
	__int128 gross, refund; /* net = gross - refund under the run's --refund rule */
	__int128 net;
	const struct qun_line *line; /* borrowed from the orders, as refunds is */
	uint32_t nlines;
	const struct qun_line *refunds; /* its refund rows */
	uint32_t nrefunds;
};

struct qun_orders {
	struct qun_order *v; /* by time, ties as in the rules for all programs */
	size_t n, cap;
	uint64_t unmatched_refunds;
	uint64_t voided; /* orders that add up to nothing after refunds */
	struct qun_line *line; /* rows of the ledger: those of an order, then its refunds */
	size_t nline, line_cap;
	struct qun_span *extra;
	size_t extra_cap;
	char *digits; /* of order_ids that are numbers in the ledger */
	size_t digits_cap;
};

/*
 * Valid orders of a ledger. out is cleared first. Orders whose net is <= 0 are none
 * unless run->zero_ok; --refund drop drops every order with a refund, ignore ignores refunds.
 */
int qun_orders_of(const struct qun_ctx *ctx, const struct qun_ledger *l, struct qun_orders *out);
void qun_orders_release(struct qun_orders *o);

/*
 * The one event of this user that a valid order is: type order, fields of its earliest line, amount =
 * net, no amount where unknown. extra must hold run->extras.n spans and outlive ev.
 */
void qun_order_event(const struct qun_ctx *ctx, struct qun_span user, const struct qun_order *o,
	struct qun_event *ev, struct qun_span *extra);

#ifdef __cplusplus
}
#endif
#endif
