/*
 * Orders whose amount stands once while their items stand on rows of their own: rows are kept to the end
 * of the file, and then the amount is shared out by what the items cost. No share depends on the
 * order of rows.
 */
#ifndef QUN_TEXT_BASKET_H
#define QUN_TEXT_BASKET_H

#include "qun/format.h"

/* Memory of a format, all-zero at first. */
struct qun_basket {
	struct qun_dict ids;
	struct qun_basket_order *order; /* by number in ids */
	struct qun_basket_line *line;
	size_t order_cap, nline, line_cap;
	struct qun_arena text;
};

/* What a row says beside its item. */
enum qun_basket_row {
	QUN_BASKET_ITEM,  /* nothing: the order's own row comes before or after */
	QUN_BASKET_ORDER, /* all of the order, with its amount; of several the earliest and the largest count */
	QUN_BASKET_NONE,  /* the order was never paid */
};

/*
 * Keeps a row by ev's order_id. weight: what its item costs, >= 0. refund: money given back, with
 * QUN_BASKET_ORDER only.
 */
int qun_basket_put(struct qun_hook *hook, struct qun_basket *b, const struct qun_event *ev, enum qun_basket_row row,
	int64_t weight, int64_t refund);
/* Price times number of a row, 0 where either cannot be read. */
int64_t qun_basket_weight(struct qun_span price, struct qun_span qty);
/* Emits the orders; rows of an order that no row tells of are bad. */
int qun_basket_end(struct qun_hook *hook, struct qun_basket *b);
void qun_basket_release(struct qun_basket *b);

#endif
