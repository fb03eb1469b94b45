/* The event: what every record of every format becomes before a metric sees it. */
#ifndef QUN_EVENT_H
#define QUN_EVENT_H

#include "qun/bytes.h"

#ifdef __cplusplus
extern "C" {
#endif

enum qun_type {
	QUN_MESSAGE, QUN_JOIN, QUN_LEAVE, QUN_ORDER, QUN_REFUND, QUN_SHARE, QUN_CLICK, QUN_VIEW,
	QUN_REDPACKET, QUN_SIGNIN, QUN_REACTION, QUN_SYSTEM,
	QUN_WORD, /* any other word: read it in field[QUN_F_TYPE] */
	QUN_NTYPES
};

/* Fields with the names of the canonical header; QUN_F_EXTRA + i is the i-th extra column. */
enum qun_field {
	QUN_F_TS, QUN_F_GROUP, QUN_F_USER, QUN_F_NAME, QUN_F_TYPE, QUN_F_TEXT, QUN_F_AMOUNT,
	QUN_F_ORDER_ID, QUN_F_PRODUCT, QUN_F_QTY, QUN_F_REF, QUN_F_SOURCE, QUN_F_ROLE, QUN_F_ID,
	QUN_F_STATUS, /* order status; input only */
	QUN_F_REFUND, /* refunded amount on an order row; input only */
	QUN_NFIELDS,
	QUN_F_EXTRA = 32, /* further columns that --by or a predicate names */
	QUN_MAX_EXTRA = 32
};

#define QUN_BIT(field) (UINT64_C(1) << (field)) /* in masks of needed fields */

/*
 * One event. Spans are borrowed until the call that hands it over returns. field[QUN_F_TYPE]
 * holds the canonical word of every type; field[QUN_F_AMOUNT] the digits as read (may be empty on
 * made events). Fields that nobody needs may be left empty.
 */
struct qun_event {
	int64_t ts;     /* microseconds since 1970 UTC */
	int64_t amount; /* 1/10000 units; meaningful where has_amount */
	bool has_amount;
	enum qun_type type;
	uint32_t group; /* number in the engine's groups; set by the engine */
	struct qun_span field[QUN_NFIELDS];
	const struct qun_span *extra; /* values of the run's extra columns, NULL if there are none */
	uint64_t place; /* byte offset of its record + 1; 0: that of the record in hand */
};

/* Canonical type of a word (ASCII case ignored, synonyms: quit part kick = leave,
 * action = message, rename nick topic mode = system); QUN_WORD for any other. */
enum qun_type qun_type_of(struct qun_span word);
const char *qun_type_name(enum qun_type type); /* "message" …; NULL for QUN_WORD */
/* Canonical field of a name ("order_id"), or -1. */
int qun_field_of(struct qun_span name);
const char *qun_field_name(int field);
/* Text of any field, extras included (QUN_F_EXTRA + i); the empty span where absent. Of a name used as
 * id it is the name. */
struct qun_span qun_event_text(const struct qun_event *ev, int field);

/* Types that make someone present (rule R): message reaction share signin redpacket. */
static inline bool qun_type_is_presence(enum qun_type type)
{
	return (1U << QUN_MESSAGE | 1U << QUN_REACTION | 1U << QUN_SHARE | 1U << QUN_SIGNIN |
		       1U << QUN_REDPACKET) >> type & 1;
}

#ifdef __cplusplus
}
#endif
#endif
