/*
 * Spans, buffers and arenas. Lengths are checked where they are added, so that no caller has
 * to; a call that fails leaves its buffer as it was.
 */
#include "qun/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUF_FIRST 64
#define ARENA_FIRST 1024
#define ARENA_BLOCK (size_t)(1 << 20)
#define ARENA_ALIGN 16

bool qun_span_starts(struct qun_span a, const char *prefix)
{
	size_t len = strlen(prefix);

	return a.len >= len && qun_span_is((struct qun_span){a.ptr, len}, prefix);
}

bool qun_span_ends(struct qun_span a, const char *suffix)
{
	size_t len = strlen(suffix);

	return len == 0 ||
	       (a.len >= len && qun_span_is((struct qun_span){a.ptr + a.len - len, len}, suffix));
}

int qun_span_cmp(struct qun_span a, struct qun_span b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len ? memcmp(a.ptr, b.ptr, len) : 0;

	if (order == 0)
		return (a.len > b.len) - (a.len < b.len);
	return order < 0 ? -1 : 1;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct qun_span qun_span_cut_blanks(struct qun_span a)
{
	while (a.len > 0 && is_blank(a.ptr[0])) {
		a.ptr++;
		a.len--;
	}
	while (a.len > 0 && is_blank(a.ptr[a.len - 1]))
		a.len--;
	return a;
}

ptrdiff_t qun_span_find(struct qun_span a, const char *needle, size_t from)
{
	const char *hit;

	if (from > a.len)
		return -1;
	if (!*needle)
		return (ptrdiff_t)from;
	if (from == a.len)
		return -1;
	hit = memmem(a.ptr + from, a.len - from, needle, strlen(needle));
	return hit ? hit - a.ptr : -1;
}

int qun_buf_reserve(struct qun_buf *b, size_t more)
{
	size_t max = b->max ? b->max : SIZE_MAX / 2;
	size_t need, cap;
	char *ptr;

	if (__builtin_add_overflow(b->len, more, &need) || need > max)
		return QUN_ELIMIT;
	if (need <= b->cap)
		return 0;
	cap = b->cap < max / 2 ? b->cap * 2 : max;
	if (cap < BUF_FIRST)
		cap = BUF_FIRST;
	if (cap < need)
		cap = need;
	if (cap > max)
		cap = max;
	ptr = realloc(b->ptr, cap);
	if (!ptr)
		return QUN_ENOMEM;
	b->ptr = ptr;
	b->cap = cap;
	return 0;
}

int qun_buf_add(struct qun_buf *b, const void *bytes, size_t len)
{
	int rc = len > b->cap - b->len || b->max ? qun_buf_reserve(b, len) : 0;

	if (rc == 0 && len > 0) {
		memcpy(b->ptr + b->len, bytes, len);
		b->len += len;
	}
	return rc;
}

int qun_buf_add_span(struct qun_buf *b, struct qun_span s)
{
	return qun_buf_add(b, s.ptr, s.len);
}

int qun_buf_add_text(struct qun_buf *b, const char *text)
{
	return qun_buf_add(b, text, strlen(text));
}

int qun_buf_add_char(struct qun_buf *b, char c)
{
	return qun_buf_add(b, &c, 1);
}

int qun_buf_printf(struct qun_buf *b, const char *fmt, ...)
{
	char small[256];
	va_list ap;
	int len, rc;

	va_start(ap, fmt);
	len = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (len < 0)
		return QUN_ELIMIT;
	if ((size_t)len < sizeof(small))
		return qun_buf_add(b, small, (size_t)len);
	rc = qun_buf_reserve(b, (size_t)len + 1); /* vsnprintf ends with a NUL */
	if (rc < 0)
		return rc;
	va_start(ap, fmt);
	vsnprintf(b->ptr + b->len, (size_t)len + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)len;
	return 0;
}

struct qun_span qun_buf_span(const struct qun_buf *b)
{
	return (struct qun_span){b->ptr, b->len};
}

void qun_buf_clear(struct qun_buf *b)
{
	b->len = 0;
}

void qun_buf_cut(struct qun_buf *b, size_t from, size_t n)
{
	if (n && b->len > from + n)
		memmove(b->ptr + from, b->ptr + from + n, b->len - from - n);
	b->len -= n;
}

void qun_buf_release(struct qun_buf *b)
{
	free(b->ptr);
	b->ptr = NULL;
	b->len = b->cap = 0;
}

struct qun_arena_block {
	struct qun_arena_block *next;
	size_t used, cap;
	_Alignas(ARENA_ALIGN) char data[];
};

/* Blocks grow with what the arena holds, so that many small arenas stay small. */
static void *arena_take(struct qun_arena *a, size_t size, size_t align)
{
	struct qun_arena_block *b = a->head;
	size_t at = b ? (b->used + align - 1) & ~(align - 1) : 0;
	size_t cap = a->bytes;

	if (size > SIZE_MAX / 2)
		return NULL;
	if (!b || at > b->cap || size > b->cap - at) {
		cap = cap < ARENA_FIRST ? ARENA_FIRST : cap > ARENA_BLOCK ? ARENA_BLOCK : cap;
		cap = size > cap ? size : cap;
		b = malloc(sizeof(*b) + cap);
		if (!b)
			return NULL;
		b->next = a->head;
		b->cap = cap;
		a->head = b;
		at = 0;
	}
	b->used = at + size;
	a->bytes += size;
	return b->data + at;
}

void *qun_arena_alloc(struct qun_arena *a, size_t size)
{
	return arena_take(a, size, ARENA_ALIGN);
}

char *qun_arena_copy(struct qun_arena *a, struct qun_span s)
{
	char *copy = s.len < SIZE_MAX / 2 ? arena_take(a, s.len + 1, 1) : NULL;

	if (!copy)
		return NULL;
	if (s.len > 0)
		memcpy(copy, s.ptr, s.len);
	copy[s.len] = '\0';
	return copy;
}

void qun_arena_release(struct qun_arena *a)
{
	while (a->head) {
		struct qun_arena_block *next = a->head->next;

		free(a->head);
		a->head = next;
	}
	a->bytes = 0;
}

int qun_grow(void *items, size_t *cap, size_t n, size_t size)
{
	size_t want, bytes;
	void *old, *grown;

	if (n < *cap)
		return 0;
	if (__builtin_add_overflow(n, n / 2 + 1, &want))
		return QUN_ENOMEM;
	if (want < 4)
		want = 4;
	if (__builtin_mul_overflow(want, size, &bytes))
		return QUN_ENOMEM;
	memcpy(&old, items, sizeof(old)); /* items is a T **, which need not alias a void ** */
	grown = realloc(old, bytes);
	if (!grown)
		return QUN_ENOMEM;
	memcpy(items, &grown, sizeof(grown));
	*cap = want;
	return 0;
}
