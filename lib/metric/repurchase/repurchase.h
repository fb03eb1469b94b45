/* repurchase: what its file and that of its main table share. */
#ifndef METRIC_REPURCHASE_H
#define METRIC_REPURCHASE_H

#include "metric/repurchase/rebuy.h"
#include "qun/metric.h"

enum { REPURCHASE_WITHIN = 16 };

struct qun_repurchase_conf {
	const char *period, *within;
	int collapse;
	struct qun_rebuy_conf rebuy;
	/* made by setup */
	struct qun_period unit;
	int64_t within_days[REPURCHASE_WITHIN];
	size_t nwithin;
	bool by_source; /* rule R is needed */
};

/* Sums of a cell; REPURCHASE_AGAIN + 2i and the next one belong to the i-th --within. */
enum {
	REPURCHASE_BUYERS, REPURCHASE_ORDERS, REPURCHASE_REPEAT_BUYERS, REPURCHASE_REPEAT_ORDERS, REPURCHASE_NEW_BUYERS,
	REPURCHASE_NEXT_BUYERS, REPURCHASE_GROSS, REPURCHASE_NET, REPURCHASE_REPEAT_NET, REPURCHASE_UNKNOWN,
	REPURCHASE_AGAIN
};
enum { REPURCHASE_GAPS }; /* bags of a cell */

/* The run's period with its horizon. */
struct qun_period qun_repurchase_period(const struct qun_ctx *ctx);
int qun_repurchase_finish(const struct qun_ctx *ctx, const struct qun_cube *report, struct qun_table *out,
	struct qun_err *err);

#endif
