/*
 * The words shops use for the state of an order. A word nobody knows excludes nothing: the row is
 * there, it has an amount, and no list of words is ever complete.
 */
#include "input/file.h"

#include "qun/num.h"

#include <string.h>

static const struct {
	const char *word;
	enum qun_order_state state;
} words[] = {
	{"待付款", QUN_ORDER_UNPAID},
	{"待支付", QUN_ORDER_UNPAID},
	{"未付款", QUN_ORDER_UNPAID},
	{"未支付", QUN_ORDER_UNPAID},
	{"等待买家付款", QUN_ORDER_UNPAID},
	{"等待買家付款", QUN_ORDER_UNPAID},
	{"pending", QUN_ORDER_UNPAID},
	{"unpaid", QUN_ORDER_UNPAID},
	{"交易关闭", QUN_ORDER_CLOSED},
	{"交易關閉", QUN_ORDER_CLOSED},
	{"已取消", QUN_ORDER_CLOSED},
	{"已关闭", QUN_ORDER_CLOSED},
	{"已關閉", QUN_ORDER_CLOSED},
	{"closed", QUN_ORDER_CLOSED},
	{"cancelled", QUN_ORDER_CLOSED},
	{"canceled", QUN_ORDER_CLOSED},
	{"voided", QUN_ORDER_CLOSED},
	{"failed", QUN_ORDER_CLOSED},
	{"expired", QUN_ORDER_CLOSED},
	{"已全额退款", QUN_ORDER_REFUNDED},
	{"已全額退款", QUN_ORDER_REFUNDED},
	{"退款成功", QUN_ORDER_REFUNDED},
	{"refunded", QUN_ORDER_REFUNDED},
};

static bool same_word(struct qun_span s, const char *lower)
{
	size_t i = 0;

	for (; i < s.len && lower[i]; i++) {
		char c = s.ptr[i] >= 'A' && s.ptr[i] <= 'Z' ? (char)(s.ptr[i] - 'A' + 'a') : s.ptr[i];
		if (c != lower[i])
			return false;
	}
	return i == s.len && !lower[i];
}

static struct qun_span without(struct qun_span s, const char *open, const char *close)
{
	if (qun_span_starts(s, open) && qun_span_ends(s, close) && s.len >= strlen(open) + strlen(close)) {
		s.ptr += strlen(open);
		s.len -= strlen(open) + strlen(close);
	}
	return s;
}

enum qun_order_state qun_order_state_of(struct qun_span status, int64_t *amount, bool *has_amount)
{
	static const char refunded[] = "已退款";

	status = qun_span_trim(status);
	*has_amount = false;
	if (qun_span_starts(status, refunded)) {
		struct qun_span rest = {status.ptr + strlen(refunded), status.len - strlen(refunded)};
		rest = without(without(qun_span_trim(rest), "(", ")"), "（", "）");
		*has_amount = qun_money_parse(rest, amount) == 1;
		return QUN_ORDER_REFUNDED;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (same_word(status, words[i].word))
			return words[i].state;
	}
	return QUN_ORDER_COUNTS;
}
