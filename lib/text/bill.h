/* Bills of payment services: which of their rows are purchases. */
#ifndef QUN_TEXT_BILL_H
#define QUN_TEXT_BILL_H

#include "qun/bytes.h"

/* Money that neither came in nor went out (/, 不计收支, 中性交易), or went between one's own accounts. */
bool qun_bill_is_neutral(struct qun_span direction);
/* Withdrawals, top-ups, credit, investments, gifts of money and refunds by their kind. */
bool qun_bill_is_no_purchase(struct qun_span kind);
struct qun_span qun_bill_text(struct qun_span s); /* without /, which stands for nothing */

#endif
