/* Stripe payments CSV: times in UTC, the buyer by his customer number, or his mail where he has none. */
#include "qun/format.h"

#include <string.h>

enum { CAPTURED, MODE, TIME_BYTES = 40 };

static const struct qun_mapping map[] = {
	{"Created (UTC)", QUN_F_TS},
	{"Customer ID", QUN_F_USER},
	{"Customer Email", QUN_F_USER},
	{"Customer Description", QUN_F_NAME},
	{"id", QUN_F_ORDER_ID},
	{"Amount", QUN_F_AMOUNT},
	{"Amount Refunded", QUN_F_REFUND},
	{"Status", QUN_F_STATUS},
	{"Description", QUN_F_PRODUCT},
	{"Captured", QUN_F_RAW + CAPTURED},
	{"Mode", QUN_F_RAW + MODE},
	{NULL, 0},
};

static int recognise(const struct qun_sample *s)
{
	static const char *const header[] = {"Created (UTC)", "Amount", "Amount Refunded", NULL};

	return s->container == QUN_CSV && qun_sample_has(s, header) ? 90 : 0;
}

/* The time is written without the zone that its heading names. */
static void set_utc(struct qun_hook *hook, struct qun_event *ev)
{
	struct qun_span s = qun_span_trim(ev->field[QUN_F_TS]);
	char text[TIME_BYTES + 1];
	int64_t ts;

	if (!s.len || s.len > TIME_BYTES)
		return;
	memcpy(text, s.ptr, s.len);
	text[s.len] = 'Z';
	if (qun_time_parse((struct qun_span){text, s.len + 1}, hook->time, hook->zone, &ts) == 0)
		ev->ts = ts;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	static const char *const unpaid[] = {"incomplete", "requires_payment_method", "requires_action", "uncaptured",
		"blocked", "Incomplete", "Uncaptured", "Blocked"};

	bool captured = hook->raw[CAPTURED].kind == QUN_CELL_ABSENT ||
		qun_span_is(qun_span_trim(hook->raw[CAPTURED].s), "true");

	if (!captured || qun_span_is(hook->raw[MODE].s, "Test"))
		return 0;
	for (size_t i = 0; i < sizeof(unpaid) / sizeof(*unpaid); i++) {
		if (qun_span_is(ev->field[QUN_F_STATUS], unpaid[i]))
			return 0;
	}
	set_utc(hook, ev);
	return hook->emit(hook, ev);
}

const struct qun_format qun_format_stripe = {
	.name = "stripe",
	.brief = "Stripe payments CSV",
	.containers = QUN_CSV,
	.recognise = recognise,
	.map = map,
	.header = "id,Description,Seller Message,Created (UTC),Amount,Amount Refunded,Currency,"
		"Converted Amount,Converted Amount Refunded,Fee,Tax,Converted Currency,Mode,"
		"Status,Statement Descriptor,Customer ID,Customer Description,Customer Email,"
		"Captured,Card ID",
	.type = "order",
	.event = event,
};
