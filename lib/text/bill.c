/* The words of WeChat Pay and Alipay for what is no purchase. A kind nobody knows may be one. */
#include "text/bill.h"

bool qun_bill_is_neutral(struct qun_span direction)
{
	static const char *const words[] = {"", "/", "不计收支", "中性交易", "其他", "其它"};

	direction = qun_span_trim(direction);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (qun_span_is(direction, words[i]))
			return true;
	}
	return false;
}

bool qun_bill_is_no_purchase(struct qun_span kind)
{
	static const char *const parts[] = {"提现", "充值到", "零钱充值", "零钱通", "还款", "信用借还", "理财",
		"基金", "账户存取", "红包", "退款", "余额宝", "亲属卡"};

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (qun_span_find(kind, parts[i], 0) >= 0)
			return true;
	}
	return false;
}

struct qun_span qun_bill_text(struct qun_span s)
{
	s = qun_span_trim(s);
	return qun_span_is(s, "/") ? (struct qun_span){NULL, 0} : s;
}
