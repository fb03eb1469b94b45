/* UTF-8: validity, display width, escaping for terminals. Widths come from utf8proc. */
#ifndef QUN_UTF8_H
#define QUN_UTF8_H

#include "qun/bytes.h"
#include "qun/lane.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Offset of the first byte that is not valid UTF-8 (no surrogates, nothing overlong), or s.len. */
size_t qun_utf8_valid(struct qun_span s);
size_t qun_utf8_valid_by(struct qun_span s, enum qun_lane lane);
/* Decodes one code point at *at and advances; -1 for an invalid byte (advances by one). */
int32_t qun_utf8_next(struct qun_span s, size_t *at);
int qun_utf8_put(struct qun_buf *out, uint32_t cp);
/* Columns that s takes on a terminal: CJK and emoji 2, combining marks and ZWJ sequences joined. */
size_t qun_utf8_width(struct qun_span s);
/* Appends s with control, C1, bidi, invisible and invalid characters shown as \x1b or \u{202e}. */
int qun_utf8_show(struct qun_buf *out, struct qun_span s);

#ifdef __cplusplus
}
#endif
#endif
