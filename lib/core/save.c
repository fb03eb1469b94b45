/*
 * Canonical bytes: varints of the shortest form, spans with their length, and keys that sort
 * as bytes. The reader refuses what the writer would not have written.
 */
#include "qun/bytes.h"

#include <string.h>

#include "core/varint.h"

typedef unsigned __int128 u128;

#define VARINT_MAX 19 /* bytes of 128 bits */

int qun_save_u64(struct qun_buf *out, uint64_t v)
{
	char bytes[QUN_VARINT_MAX];

	return qun_buf_add(out, bytes, (size_t)(qun_varint_put(bytes, v) - bytes));
}

int qun_save_i64(struct qun_buf *out, int64_t v)
{
	return qun_save_u64(out, qun_zigzag(v));
}

int qun_save_i128(struct qun_buf *out, __int128 v)
{
	u128 zigzag = (u128)v << 1 ^ (v < 0 ? ~(u128)0 : 0);
	unsigned char bytes[VARINT_MAX];
	size_t n = 0;

	for (; zigzag > 0x7f; zigzag >>= 7)
		bytes[n++] = (unsigned char)(0x80 | (zigzag & 0x7f));
	bytes[n++] = (unsigned char)zigzag;
	return qun_buf_add(out, bytes, n);
}

int qun_save_span(struct qun_buf *out, struct qun_span s)
{
	size_t len = out->len;
	int rc = qun_save_u64(out, s.len);

	if (rc == 0)
		rc = qun_buf_add_span(out, s);
	if (rc < 0)
		out->len = len;
	return rc;
}

struct qun_reader qun_reader_of(struct qun_span s)
{
	return (struct qun_reader){s.ptr, s.len ? s.ptr + s.len : s.ptr};
}

/* A varint of at most `bits` bits in its shortest form. in stays put on failure. */
static int load_varint(struct qun_reader *in, int bits, u128 *v)
{
	const char *p = in->ptr;
	u128 sum = 0;
	int shift = 0;

	for (;; shift += 7) {
		unsigned char c;

		if (p == in->end || shift >= bits)
			return QUN_ESTATE;
		c = (unsigned char)*p++;
		if (bits - shift < 7 && (c & 0x7f) >> (bits - shift))
			return QUN_ESTATE;
		sum |= (u128)(c & 0x7f) << shift;
		if (c < 0x80) {
			if (c == 0 && shift > 0)
				return QUN_ESTATE;
			break;
		}
	}
	in->ptr = p;
	*v = sum;
	return 0;
}

int qun_load_u64(struct qun_reader *in, uint64_t *v)
{
	u128 wide;
	int rc;

	/* Most are of one byte. */
	if (in->ptr != in->end && !(*in->ptr & 0x80)) {
		*v = (unsigned char)*in->ptr++;
		return 0;
	}
	rc = load_varint(in, 64, &wide);
	if (rc == 0)
		*v = (uint64_t)wide;
	return rc;
}

int qun_load_i64(struct qun_reader *in, int64_t *v)
{
	uint64_t zigzag;
	int rc = qun_load_u64(in, &zigzag);

	if (rc == 0)
		*v = qun_unzigzag(zigzag);
	return rc;
}

int qun_load_i128(struct qun_reader *in, __int128 *v)
{
	u128 zigzag;
	int rc = load_varint(in, 128, &zigzag);

	if (rc == 0)
		*v = (__int128)(zigzag >> 1 ^ (zigzag & 1 ? ~(u128)0 : 0));
	return rc;
}

int qun_load_span(struct qun_reader *in, struct qun_span *s)
{
	struct qun_reader rest = *in;
	uint64_t len;

	if (qun_load_u64(&rest, &len) < 0 || len > (size_t)(rest.end - rest.ptr))
		return QUN_ESTATE;
	*s = (struct qun_span){rest.ptr, (size_t)len};
	in->ptr = rest.ptr + len;
	return 0;
}

int qun_load_count(struct qun_reader *in, size_t min_bytes, size_t *n)
{
	struct qun_reader rest = *in;
	uint64_t count;

	if (qun_load_u64(&rest, &count) < 0)
		return QUN_ESTATE;
	if (min_bytes > 0 && count > (size_t)(rest.end - rest.ptr) / min_bytes)
		return QUN_ESTATE;
	in->ptr = rest.ptr;
	*n = (size_t)count;
	return 0;
}

bool qun_reader_done(const struct qun_reader *in)
{
	return in->ptr == in->end;
}

int qun_key_text(struct qun_buf *key, struct qun_span s)
{
	size_t len = key->len;
	size_t at = 0;
	int rc = 0;

	while (rc == 0 && at < s.len) {
		const char *nul = memchr(s.ptr + at, '\0', s.len - at);
		size_t run = nul ? (size_t)(nul - s.ptr) - at : s.len - at;

		rc = qun_buf_add(key, s.ptr + at, run);
		if (rc == 0 && nul)
			rc = qun_buf_add(key, "\0\xff", 2);
		at += run + (nul != NULL);
	}
	if (rc == 0)
		rc = qun_buf_add(key, "\0\0", 2);
	if (rc < 0)
		key->len = len;
	return rc;
}

int qun_key_int(struct qun_buf *key, int64_t v)
{
	uint64_t turned = (uint64_t)v ^ UINT64_C(1) << 63;
	unsigned char bytes[8];
	int i;

	for (i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(turned >> (56 - 8 * i));
	return qun_buf_add(key, bytes, sizeof(bytes));
}

int qun_unkey_text(struct qun_reader *in, struct qun_buf *text)
{
	const char *p = in->ptr;
	int rc;

	qun_buf_clear(text);
	for (;;) {
		const char *nul = p < in->end ? memchr(p, '\0', (size_t)(in->end - p)) : NULL;
		bool more;

		if (!nul || in->end - nul < 2 || (nul[1] != '\0' && nul[1] != '\xff'))
			return QUN_ESTATE;
		more = nul[1] == '\xff';
		rc = qun_buf_add(text, p, (size_t)(nul - p) + more);
		if (rc < 0)
			return rc;
		p = nul + 2;
		if (!more)
			break;
	}
	in->ptr = p;
	return 0;
}

int qun_unkey_int(struct qun_reader *in, int64_t *v)
{
	uint64_t turned = 0;
	int i;

	if (in->end - in->ptr < 8)
		return QUN_ESTATE;
	for (i = 0; i < 8; i++)
		turned = turned << 8 | (unsigned char)in->ptr[i];
	*v = (int64_t)(turned ^ UINT64_C(1) << 63);
	in->ptr += 8;
	return 0;
}
