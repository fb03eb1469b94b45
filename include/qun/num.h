/*
 * Exact numbers: money in 1/10000 units, fractions rounded once, half away from zero.
 * Floating point exists only in intervals and models, never in what is stored.
 */
#ifndef QUN_NUM_H
#define QUN_NUM_H

#include "qun/bytes.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef __int128 qun_i128;

#define QUN_MONEY_UNIT 10000 /* one currency unit in the amounts of this library */

/*
 * Reads money: optional sign, digits, optional point and decimals, after removing the currency
 * signs ¥ ￥ $ € £ 元, thousands commas (also ，), blanks, TAB, ="…" and a leading '. Decimals
 * beyond the fourth are rounded half away from zero. "", "/", "-", "--", "——" are absent.
 * Returns 1 and the value; 0 where absent; QUN_EDATA where it is no number; QUN_EOVERFLOW.
 */
int qun_money_parse(struct qun_span s, int64_t *minor);

/* Writes minor (1/10000 units) with digits 2 or 4 decimals; 2 rounds half away from zero. */
int qun_money_format(struct qun_buf *out, qun_i128 minor, int digits);

/* num / den with `digits` decimals, rounded half away from zero. den != 0. */
int qun_fraction_format(struct qun_buf *out, qun_i128 num, qun_i128 den, int digits);

/* num / den rounded half away from zero to an integer. den != 0. */
qun_i128 qun_round_div(qun_i128 num, qun_i128 den);

/* A real with `digits` decimals, rounded half away from zero; never "-0.000000". */
int qun_real_format(struct qun_buf *out, double x, int digits);

int qun_int_format(struct qun_buf *out, qun_i128 v);

/* Decimal integer with optional sign, whole span; false if it is not one or does not fit. */
bool qun_int_parse(struct qun_span s, int64_t *v);
/* Decimal number (sign, digits, point) as a double; false if it is not one. */
bool qun_real_parse(struct qun_span s, double *v);

#ifdef __cplusplus
}
#endif
#endif
