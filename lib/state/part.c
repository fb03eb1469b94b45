/* Lines of parts: ids with %XX, states in base64, fingerprints as the first half of a SHA-256. */
#include "qun/part.h"

#include <nettle/base64.h>
#include <nettle/sha2.h>
#include <string.h>

static const char digits[] = "0123456789ABCDEF";
static const char report[] = "%report";

static bool is_plain(unsigned char c)
{
	return c > '%' && c <= '~';
}

static int put_id(struct qun_buf *out, struct qun_span id)
{
	int rc = qun_buf_reserve(out, id.len * 3);

	for (size_t i = 0; rc == 0 && i < id.len; i++) {
		unsigned char c = (unsigned char)id.ptr[i];
		if (is_plain(c)) {
			out->ptr[out->len++] = (char)c;
		} else {
			out->ptr[out->len++] = '%';
			out->ptr[out->len++] = digits[c >> 4];
			out->ptr[out->len++] = digits[c & 15];
		}
	}
	return rc;
}

int qun_part_put(struct qun_buf *out, enum qun_part_kind kind, struct qun_span id, const char *print,
	struct qun_span state)
{
	size_t before = out->len;
	int rc = kind == QUN_PART_PERSON ? put_id(out, id) : kind == QUN_PART_REPORT ? qun_buf_add_text(out, report) : 0;

	if (rc == 0)
		rc = qun_buf_add_char(out, '\t');
	if (rc == 0)
		rc = qun_buf_add(out, print, QUN_PART_PRINT);
	if (rc == 0)
		rc = qun_buf_add_char(out, '\t');
	if (rc == 0)
		rc = qun_buf_reserve(out, BASE64_ENCODE_RAW_LENGTH(state.len) + 1);
	if (rc == 0) {
		base64_encode_raw(out->ptr + out->len, state.len, (const uint8_t *)state.ptr);
		out->len += BASE64_ENCODE_RAW_LENGTH(state.len);
		rc = qun_buf_add_char(out, '\n');
	}
	if (rc < 0)
		out->len = before;
	return rc;
}

static int hex(char c)
{
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* There is one way to write an id, or his lines would not lie together. */
static int get_id(struct qun_buf *id, struct qun_span key)
{
	qun_buf_clear(id);
	if (qun_buf_reserve(id, key.len) < 0)
		return QUN_ENOMEM;
	for (size_t i = 0; i < key.len; i++) {
		unsigned char c = (unsigned char)key.ptr[i];
		if (c == '%') {
			int high = i + 2 < key.len ? hex(key.ptr[i + 1]) : -1, low = high < 0 ? -1 : hex(key.ptr[i + 2]);
			if (low < 0)
				return QUN_ESTATE;
			c = (unsigned char)(high * 16 + low);
			if (is_plain(c))
				return QUN_ESTATE;
			i += 2;
		} else if (!is_plain(c)) {
			return QUN_ESTATE;
		}
		id->ptr[id->len++] = (char)c;
	}
	return 0;
}

static int get_state(struct qun_buf *state, struct qun_span text)
{
	struct base64_decode_ctx ctx;
	size_t len = BASE64_DECODE_LENGTH(text.len);

	qun_buf_clear(state);
	if (qun_buf_reserve(state, len + 1) < 0)
		return QUN_ENOMEM;
	base64_decode_init(&ctx);
	if (!base64_decode_update(&ctx, &len, (uint8_t *)state->ptr, text.len, text.ptr) || !base64_decode_final(&ctx))
		return QUN_ESTATE;
	state->len = len;
	return 0;
}

int qun_part_get(struct qun_part *p, struct qun_span line)
{
	const char *tab = line.len ? memchr(line.ptr, '\t', line.len) : NULL;
	struct qun_span key = {line.ptr, tab ? (size_t)(tab - line.ptr) : 0};
	size_t rest = tab ? line.len - key.len - 1 : 0;
	int rc = 0;

	if (!tab || rest < QUN_PART_PRINT + 1 || tab[QUN_PART_PRINT + 1] != '\t')
		return QUN_ESTATE;
	memcpy(p->print, tab + 1, QUN_PART_PRINT);
	p->kind = !key.len ? QUN_PART_HEAD : qun_span_is(key, report) ? QUN_PART_REPORT : QUN_PART_PERSON;
	if (p->kind == QUN_PART_PERSON)
		rc = get_id(&p->id, key);
	return rc < 0 ? rc : get_state(&p->state, (struct qun_span){tab + QUN_PART_PRINT + 2, rest - QUN_PART_PRINT - 1});
}

void qun_part_release(struct qun_part *p)
{
	qun_buf_release(&p->id);
	qun_buf_release(&p->state);
}

void qun_part_print(struct qun_span text, char print[QUN_PART_PRINT])
{
	struct sha256_ctx sha;
	uint8_t sum[QUN_PART_PRINT / 2];

	sha256_init(&sha);
	sha256_update(&sha, text.len, (const uint8_t *)text.ptr);
	sha256_digest(&sha, sizeof(sum), sum);
	for (size_t i = 0; i < sizeof(sum); i++) {
		print[2 * i] = digits[sum[i] >> 4];
		print[2 * i + 1] = digits[sum[i] & 15];
	}
}
