/* Sources: a path or stdin as a stream of UTF-8, unpacked and converted on the way. */
#ifndef QUN_INPUT_SOURCE_H
#define QUN_INPUT_SOURCE_H

#include "qun/bytes.h"

struct qun_source;

/* "-" is fd 0. encoding: an iconv name, or NULL to detect it.. */
int qun_source_open(struct qun_source **s, const char *path, const char *encoding, struct qun_err *err);
void qun_source_close(struct qun_source *s);
/*
 * Appends the next bytes: 1, 0 at the end, or negative. The first call
 * waits for QUN_SOURCE_HEAD bytes or the end, so that what is detected does not depend on how
 * the bytes arrive. Bytes that are invalid in the encoding read become the byte FF, which no
 * UTF-8 holds, and so make their record a bad one.
 */
int qun_source_read(struct qun_source *s, struct qun_buf *bytes, struct qun_err *err);
enum { QUN_SOURCE_HEAD = 1 << 20 };

const char *qun_source_encoding(const struct qun_source *s); /* as found, after the first bytes */
const char *qun_source_packed(const struct qun_source *s);   /* "gzip", "zstd" or "" */
/* Shows the bytes of the file as they are read, none at the end; before the first call of next. */
void qun_source_tap(struct qun_source *s, void (*raw)(void *arg, const char *file, struct qun_span bytes), void *arg,
	const char *file);
uint64_t qun_source_bytes(const struct qun_source *s);       /* read from the file, packed */

/* foreign.c: of a file that is no text by its first bytes, what it is and what to do; NULL where it may be. */
const char *qun_foreign(struct qun_span head);

#endif
