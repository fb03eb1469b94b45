/*
 * --forget: a state merged into an empty one under run->forget is without that person. His records are
 * not taken over; where others refer to him stands that there was somebody; and texts that are kept only
 * to decide ties go where they hold his id.
 */
#include "model/parts.h"

bool qun_is_forgotten(const struct qun_run *run, struct qun_span user)
{
	return run->forget.len && (qun_span_eq(user, run->forget) || qun_span_eq(qun_user_bare(user), run->forget));
}

int qun_ref_move(const struct qun_ctx *dctx, const struct qun_ctx *sctx, uint32_t word, uint32_t *out)
{
	if (word != QUN_NONE && qun_is_forgotten(dctx->run, qun_word_text(sctx, word)))
		return qun_word_add(dctx, qun_span_of(QUN_FORGOTTEN), out);
	return qun_word_move(dctx, sctx, word, out);
}

static struct qun_span without(const struct qun_run *run, struct qun_span text)
{
	if (qun_is_forgotten(run, text))
		return qun_span_of(QUN_FORGOTTEN);
	if (text.len && memmem(text.ptr, text.len, run->forget.ptr, run->forget.len))
		return (struct qun_span){NULL, 0};
	return text;
}

int qun_forget_key(const struct qun_run *run, struct qun_span key, size_t first, struct qun_buf *out)
{
	struct qun_reader in = qun_reader_of(key);
	struct qun_buf text = {0};
	int rc = qun_buf_add(out, key.ptr, first);

	in.ptr += first;
	while (rc == 0 && !qun_reader_done(&in)) {
		rc = qun_unkey_text(&in, &text);
		if (rc == 0)
			rc = qun_key_text(out, without(run, qun_buf_span(&text)));
	}
	qun_buf_release(&text);
	return rc;
}

int qun_key_move(const struct qun_ctx *dctx, const struct qun_ctx *sctx, uint32_t word, uint32_t *out)
{
	struct qun_buf key = {0};
	int rc;

	if (word == QUN_NONE || !dctx->run->forget.len)
		return qun_word_move(dctx, sctx, word, out);
	rc = qun_forget_key(dctx->run, qun_word_text(sctx, word), 0, &key);
	if (rc == 0)
		rc = qun_word_add(dctx, qun_buf_span(&key), out);
	qun_buf_release(&key);
	return rc;
}
