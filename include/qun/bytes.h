/*
 * Bytes: borrowed spans, growable buffers with a stated maximum, arenas, and the reader that
 * takes saved bytes apart again. Nothing here assumes NUL-terminated text.
 */
#ifndef QUN_BYTES_H
#define QUN_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "qun/err.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Borrowed bytes; ptr may be NULL only where len is 0. */
struct qun_span {
	const char *ptr;
	size_t len;
};

/* Of a C string. These are at hand, so that of a constant one nobody counts the bytes. */
static inline struct qun_span qun_span_of(const char *text)
{
	struct qun_span s = {text, strlen(text)};

	return s;
}

/* Same bytes. */
static inline bool qun_span_eq(struct qun_span a, struct qun_span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool qun_span_is(struct qun_span a, const char *text)
{
	return qun_span_eq(a, qun_span_of(text));
}

bool qun_span_starts(struct qun_span a, const char *prefix);
bool qun_span_ends(struct qun_span a, const char *suffix);
int qun_span_cmp(struct qun_span a, struct qun_span b); /* bytewise, shorter first; -1 0 1 */
struct qun_span qun_span_cut_blanks(struct qun_span a);
/* Without ASCII blanks, TAB, CR, LF at both ends, where mostly there are none. */
static inline struct qun_span qun_span_trim(struct qun_span a)
{
	bool bare = a.len && (unsigned char)a.ptr[0] > ' ' && (unsigned char)a.ptr[a.len - 1] > ' ';

	return bare ? a : qun_span_cut_blanks(a);
}
/* First place of needle at or after from; -1 if none. */
ptrdiff_t qun_span_find(struct qun_span a, const char *needle, size_t from);

/* A growable buffer owned by its holder; all-zero bytes are an empty one without a limit. */
struct qun_buf {
	char *ptr;
	size_t len, cap;
	size_t max; /* 0: SIZE_MAX / 2 */
};

int qun_buf_reserve(struct qun_buf *b, size_t more); /* 0, QUN_ENOMEM or QUN_ELIMIT; unchanged then */
int qun_buf_add(struct qun_buf *b, const void *bytes, size_t len);
int qun_buf_add_span(struct qun_buf *b, struct qun_span s);
int qun_buf_add_text(struct qun_buf *b, const char *text);
int qun_buf_add_char(struct qun_buf *b, char c);
int qun_buf_printf(struct qun_buf *b, const char *fmt, ...) QUN_PRINTF(2, 3);
struct qun_span qun_buf_span(const struct qun_buf *b);
void qun_buf_clear(struct qun_buf *b); /* length 0, memory kept */
void qun_buf_cut(struct qun_buf *b, size_t from, size_t n); /* takes n bytes out of it; there are as many */
void qun_buf_release(struct qun_buf *b);

/* Memory that lives and dies together; all-zero is empty. Pointers never move. */
struct qun_arena {
	struct qun_arena_block *head;
	size_t bytes; /* handed out so far */
};

void *qun_arena_alloc(struct qun_arena *a, size_t size); /* 16-byte aligned, not zeroed; NULL: no memory */
char *qun_arena_copy(struct qun_arena *a, struct qun_span s); /* NUL added after the copy */
void qun_arena_release(struct qun_arena *a);

/*
 * Saved state is a canonical byte string: integers as LEB128 varints (signed ones zigzag),
 * spans as length and bytes. Canonical means shortest form; the reader refuses any other.
 */
int qun_save_u64(struct qun_buf *out, uint64_t v);
int qun_save_i64(struct qun_buf *out, int64_t v);
int qun_save_i128(struct qun_buf *out, __int128 v);
int qun_save_span(struct qun_buf *out, struct qun_span s);

/* Reads saved bytes; every call returns 0 or QUN_ESTATE and never reads past the end. */
struct qun_reader {
	const char *ptr, *end;
};

struct qun_reader qun_reader_of(struct qun_span s);
int qun_load_u64(struct qun_reader *in, uint64_t *v);
int qun_load_i64(struct qun_reader *in, int64_t *v);
int qun_load_i128(struct qun_reader *in, __int128 *v);
int qun_load_span(struct qun_reader *in, struct qun_span *s); /* borrowed from the input */
/* A count of things that take at least min_bytes each: refuses one the input cannot hold. */
int qun_load_count(struct qun_reader *in, size_t min_bytes, size_t *n);
bool qun_reader_done(const struct qun_reader *in);

/*
 * Keys that sort as bytes: text is escaped (00 becomes 00 FF) and ended by 00 00,
 * integers are 8 bytes big-endian with the sign bit turned.
 */
int qun_key_text(struct qun_buf *key, struct qun_span s);
int qun_key_int(struct qun_buf *key, int64_t v);
int qun_unkey_text(struct qun_reader *in, struct qun_buf *text); /* clears text first */
int qun_unkey_int(struct qun_reader *in, int64_t *v);

/* Nearest of the n words to text by edit distance (<= 2 and < half the length), or NULL. */
const char *qun_nearest(struct qun_span text, const char *const *words, size_t n);

/* Grows *items (element size bytes) so that one more than n fits; 0 or QUN_ENOMEM. */
int qun_grow(void *items, size_t *cap, size_t n, size_t size);

#ifdef __cplusplus
}
#endif
#endif
