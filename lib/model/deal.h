/*
 * Deals: a person's orders as the --by values of the run see them. An order is in a value if one of
 * its lines has it, and counts there with those lines' amounts only.
 */
#ifndef MODEL_DEAL_H
#define MODEL_DEAL_H

#include "model/slots.h"
#include "qun/ledger.h"
#include "qun/metric.h"

struct qun_deal {
	/* The buyer: --by values as numbers, then the group for unit member. */
	uint32_t key[QUN_MAX_BY + 1];
	bool refund;  /* private: a refund row on its way to its deal */
	bool known;   /* the order has an amount: gross and net mean something, else they are 0 */
	size_t order; /* place among the person's orders: time, then the ties */
	int64_t ts, day;
	__int128 gross, net;
};

struct qun_deals {
	struct qun_deal *v; /* buyer by buyer, each one's in the order of time */
	size_t n, cap;
};

/* Can orders be told apart by this field? */
bool qun_deal_field(int field);
/*
 * The deals of the orders that --group and --where let in. members holds qun_member_slots for
 * --by source, else nothing. by_day makes one deal of a buyer's deals of one day: earliest time,
 * amounts added, unknown if one is unknown. out must be empty and is released even after failure.
 */
int qun_deals_of(const struct qun_ctx *ctx, const struct qun_who *who,
	const struct qun_orders *orders, const struct qun_slots *members, bool by_day,
	struct qun_deals *out);
void qun_deals_release(struct qun_deals *d);

bool qun_deal_same_buyer(const struct qun_deal *a, const struct qun_deal *b);
/* Text of the deal's i-th --by value. */
struct qun_span qun_deal_by(
	const struct qun_ctx *ctx, const struct qun_who *who, const struct qun_deal *d, int i);

/* What metrics of orders say beside the table. The counts stand in the cell under the empty key,
 * which no row has. */
int qun_deal_note(struct qun_cube *report, const struct qun_orders *orders);
int qun_deal_notes(const struct qun_ctx *ctx, const struct qun_cube *report, struct qun_buf *lines);

#endif
