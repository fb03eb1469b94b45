/*
 * What the keepers of this folder share: texts kept as words of the context (QUN_NONE where empty),
 * amounts as the bytes they sort by, and whether a reference means the person himself.
 */
#ifndef MODEL_PARTS_H
#define MODEL_PARTS_H

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "qun/engine.h"

static inline int qun_word_add(const struct qun_ctx *ctx, struct qun_span text, uint32_t *word)
{
	*word = QUN_NONE;
	return text.len ? qun_dict_add(ctx->words, text, word) : 0;
}

static inline struct qun_span qun_word_text(const struct qun_ctx *ctx, uint32_t word)
{
	return qun_dict_text(ctx->words, word);
}

/* The group of another context in this one. */
static inline int qun_group_move(
	const struct qun_ctx *dctx, const struct qun_ctx *sctx, uint32_t group, uint32_t *out)
{
	*out = group;
	if (group == QUN_NONE || dctx->groups == sctx->groups)
		return 0;
	if (!sctx->moved)
		return qun_dict_add(dctx->groups, qun_dict_text(sctx->groups, group), out);
	*out = sctx->moved[group];
	return 0;
}

/* The word of another context in this one. */
static inline int qun_word_move(
	const struct qun_ctx *dctx, const struct qun_ctx *sctx, uint32_t word, uint32_t *out)
{
	*out = word;
	return word == QUN_NONE || dctx->words == sctx->words
		       ? 0
		       : qun_word_add(dctx, qun_word_text(sctx, word), out);
}

/* The same for a word that names a person, and for one that holds texts of a key. See forget.c. */
int qun_ref_move(const struct qun_ctx *dctx, const struct qun_ctx *sctx, uint32_t word, uint32_t *out);
int qun_key_move(const struct qun_ctx *dctx, const struct qun_ctx *sctx, uint32_t word, uint32_t *out);
#define QUN_FORGOTTEN "(forgotten)" /* stands where a reference to him did: there was somebody */
/* Is this the person that run->forget names, by his id or by a name scoped to some group? */
bool qun_is_forgotten(const struct qun_run *run, struct qun_span user);
/* Appends a key without him: its first bytes as they are, then texts. */
int qun_forget_key(const struct qun_run *run, struct qun_span key, size_t first, struct qun_buf *out);

static inline int qun_word_cmp(const struct qun_ctx *ctx, uint32_t a, uint32_t b)
{
	return a == b ? 0 : qun_span_cmp(qun_word_text(ctx, a), qun_word_text(ctx, b));
}

static inline int qun_word_load(const struct qun_ctx *ctx, struct qun_reader *in, uint32_t *word)
{
	struct qun_span text;
	int rc = qun_load_span(in, &text);

	return rc < 0 ? rc : qun_word_add(ctx, text, word);
}

enum { QUN_AMOUNT_TEXT = 32 };

/* The text by which amounts are ordered "as bytes": four decimals, empty where unknown. */
static inline struct qun_span qun_amount_text(char out[QUN_AMOUNT_TEXT], bool known, int64_t minor)
{
	uint64_t size = minor < 0 ? -(uint64_t)minor : (uint64_t)minor;
	int len = 0;

	if (known)
		len = snprintf(out, QUN_AMOUNT_TEXT, "%s%" PRIu64 ".%04" PRIu64,
			minor < 0 ? "-" : "", size / 10000, size % 10000);
	return (struct qun_span){out, (size_t)len};
}

static inline int qun_amount_cmp(bool a_known, int64_t a, bool b_known, int64_t b)
{
	char left[QUN_AMOUNT_TEXT], right[QUN_AMOUNT_TEXT];

	if (a_known == b_known && (!a_known || a == b))
		return 0;
	return qun_span_cmp(qun_amount_text(left, a_known, a), qun_amount_text(right, b_known, b));
}

/* Appends the middle of a tie key: order_id, product, amount, id, text. Of other events than orders
 * they are mostly empty. */
int qun_tie_detail(const struct qun_event *ev, struct qun_buf *out);

/* An id without the group that a name used as id is scoped to. */
static inline struct qun_span qun_user_bare(struct qun_span user)
{
	const char *scope = user.len ? memchr(user.ptr, QUN_SCOPE, user.len) : NULL;

	if (scope)
		user.len = (size_t)(scope - user.ptr);
	return user;
}

/* Does ref name somebody other than this user? References carry no scope. */
static inline bool qun_ref_is_other(struct qun_span ref, struct qun_span user)
{
	return ref.len && !qun_span_eq(ref, user) && !qun_span_eq(ref, qun_user_bare(user));
}

#endif
