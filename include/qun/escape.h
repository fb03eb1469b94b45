/* Text as others read it: cells of CSV and TSV, strings of JSON. */
#ifndef QUN_ESCAPE_H
#define QUN_ESCAPE_H

#include "qun/bytes.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What was added from that place on becomes a cell of CSV, quoted where it needs quotes, or always. */
int qun_escape_csv(struct qun_buf *out, size_t from, bool always);
/* Adds s with \t, \n, \r and \\ for what a line of TSV cannot hold. */
int qun_escape_tsv(struct qun_buf *out, struct qun_span s);
/*
 * Adds s as a string of JSON, quotes and all: what would mislead a terminal or a reader of lines goes by
 * its number, and with letters set line feeds and tabs as \n and \t; what is no UTF-8 is U+FFFD.
 */
int qun_escape_json(struct qun_buf *out, struct qun_span s, bool letters);

#ifdef __cplusplus
}
#endif
#endif
