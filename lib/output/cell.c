/* Text of one cell for machines: the one place where exact numbers are rounded. */
#include "output/output.h"
#include "qun/cal.h"

int qun_value_format(struct qun_buf *out, const struct qun_value *v, int times, int per, int digits)
{
	qun_i128 num, den;

	if (v->den == 0)
		return qun_real_format(out, v->real * times / per, digits);
	if (__builtin_mul_overflow(v->num, times, &num) ||
		__builtin_mul_overflow(v->den, per, &den))
		return QUN_EOVERFLOW;
	return qun_fraction_format(out, num, den, digits);
}

double qun_value_real(const struct qun_value *v)
{
	return v->den ? (double)v->num / (double)v->den : v->real;
}

int qun_cell_format(
	struct qun_buf *out, const struct qun_table *t, size_t col, const struct qun_value *v)
{
	if (qun_is_null(v))
		return 0;
	/* A key such as `all` may stand where its column has dates or numbers. */
	if (qun_is_text(v))
		return qun_buf_add_span(out, v->text);
	switch (t->column[col].kind) {
	case QUN_K_DATE: return qun_day_format(out, (int64_t)v->num);
	case QUN_K_RATE:
	case QUN_K_REAL:
	case QUN_K_BOUND: return qun_value_format(out, v, 1, 1, 6);
	case QUN_K_MONEY: return qun_value_format(out, v, 1, QUN_MONEY_UNIT, t->money_digits);
	default: return qun_value_format(out, v, 1, 1, 0);
	}
}
