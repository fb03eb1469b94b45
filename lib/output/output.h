/* What the writers share. */
#ifndef OUTPUT_OUTPUT_H
#define OUTPUT_OUTPUT_H

#include "qun/write.h"

extern const struct qun_writer qun_writer_table, qun_writer_csv, qun_writer_tsv, qun_writer_json,
	qun_writer_ndjson, qun_writer_markdown;

/* Number of a column, or QUN_EUSAGE naming the nearest one. */
int qun_table_lookup(const struct qun_table *t, struct qun_span name, struct qun_err *err);

/* Called after each row: hands a grown buffer to the sink and empties it. */
int qun_write_pass(struct qun_buf *out, int (*sink)(void *arg, struct qun_buf *out), void *arg);

/* value * times / per with that many decimals; v holds a number. */
int qun_value_format(
	struct qun_buf *out, const struct qun_value *v, int times, int per, int digits);
double qun_value_real(const struct qun_value *v); /* of a number, for bars and colours only */

#endif
