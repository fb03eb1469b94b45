/*
 * WooCommerce orders as the Import Export Suite writes them. Guests have the customer number 0, so a
 * buyer is his mail where there is one. Dates are documented month first.
 */
#include "qun/format.h"

#include <string.h>

enum { CUSTOMER, PAID };

static const struct qun_mapping map[] = {
	{"paid_date", QUN_F_TS},
	{"date_paid", QUN_F_TS},
	{"order_date", QUN_F_TS},
	{"customer_email", QUN_F_USER},
	{"billing_email", QUN_F_USER},
	{"billing_first_name", QUN_F_NAME},
	{"order_id", QUN_F_ORDER_ID},
	{"order_number", QUN_F_ORDER_ID},
	{"order_total", QUN_F_AMOUNT},
	{"status", QUN_F_STATUS},
	{"order_status", QUN_F_STATUS},
	{"customer_id", QUN_F_RAW + CUSTOMER},
	{"customer_user", QUN_F_RAW + CUSTOMER},
	{"paid_date", QUN_F_RAW + PAID},
	{"date_paid", QUN_F_RAW + PAID},
	{NULL, 0},
};

static int recognise(const struct qun_sample *s)
{
	static const char *const header[] = {"order_id", "order_date", "order_total", NULL};
	static const char *const marks[] = {"customer_email", "billing_email", "billing_first_name", "customer_user"};

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		if (s->container == QUN_CSV && qun_sample_has(s, header) && qun_sample_column(s, marks[i]) >= 0)
			return 80;
	}
	return 0;
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	static const char *const waiting[] = {"on-hold", "checkout-draft", "draft", "trash"};
	struct qun_span *status = &ev->field[QUN_F_STATUS], customer = qun_span_trim(hook->raw[CUSTOMER].s);

	if (qun_span_starts(*status, "wc-")) {
		status->ptr += strlen("wc-");
		status->len -= strlen("wc-");
	}
	for (size_t i = 0; i < sizeof(waiting) / sizeof(*waiting); i++) {
		if (qun_span_is(*status, waiting[i]) && !qun_span_trim(hook->raw[PAID].s).len)
			return 0;
	}
	if (!ev->field[QUN_F_USER].len && !qun_span_is(customer, "0"))
		ev->field[QUN_F_USER] = customer;
	return hook->emit(hook, ev);
}

const struct qun_format qun_format_woocommerce = {
	.name = "woocommerce",
	.brief = "WooCommerce orders CSV (Import Export Suite)",
	.containers = QUN_CSV,
	.recognise = recognise,
	.map = map,
	.header = "order_id,order_number,order_date,paid_date,status,shipping_total,order_total,order_subtotal,"
		"order_currency,payment_method,customer_id,customer_user,customer_email,billing_first_name",
	.type = "order",
	.order = QUN_TIME_MDY,
	.event = event,
};
