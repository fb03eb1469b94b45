/*
 * The bytes of a state file: a line of text that names the version, the lengths of the parts and the
 * parts in one zstd frame, and a checksum of all before it. Every change of a byte and every cut is
 * noticed; what is not understood is refused.
 */
#include "qun/state.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>
#include <zstd.h>

enum { VERSION = 1, LEVEL = -1, CHECKSUM = sizeof(XXH64_canonical_t) };
static const char magic[] = "quntools state ";

static int compress(ZSTD_CCtx *z, ZSTD_outBuffer *to, struct qun_span s, ZSTD_EndDirective end)
{
	ZSTD_inBuffer from = {s.ptr, s.len, 0};
	size_t left;

	do {
		left = ZSTD_compressStream2(z, to, &from, end);
		if (ZSTD_isError(left))
			return QUN_ENOMEM; /* nothing else can fail here */
	} while (end == ZSTD_e_end ? left > 0 : from.pos < from.size);
	return 0;
}

/* Appends the frame. The lengths go into it before their parts, so no part is copied first. */
static int put_frame(const struct qun_span part[QUN_STATE_PARTS], struct qun_buf *out)
{
	ZSTD_CCtx *z = ZSTD_createCCtx();
	struct qun_buf lengths = {0};
	ZSTD_outBuffer to;
	uint64_t total;
	int rc = z ? 0 : QUN_ENOMEM;

	for (int i = 0; rc == 0 && i < QUN_STATE_PARTS; i++)
		rc = qun_save_u64(&lengths, part[i].len);
	total = lengths.len;
	for (int i = 0; i < QUN_STATE_PARTS; i++)
		total += part[i].len;
	if (rc == 0)
		rc = qun_buf_reserve(out, ZSTD_compressBound(total));
	if (rc == 0) {
		to = (ZSTD_outBuffer){out->ptr + out->len, out->cap - out->len, 0};
		ZSTD_CCtx_setParameter(z, ZSTD_c_compressionLevel, LEVEL);
		ZSTD_CCtx_setPledgedSrcSize(z, total);
		rc = compress(z, &to, qun_buf_span(&lengths), ZSTD_e_continue);
		for (int i = 0; rc == 0 && i < QUN_STATE_PARTS; i++)
			rc = compress(z, &to, part[i], i + 1 < QUN_STATE_PARTS ? ZSTD_e_continue : ZSTD_e_end);
		out->len += to.pos;
	}
	qun_buf_release(&lengths);
	ZSTD_freeCCtx(z);
	return rc;
}

int qun_state_pack(const struct qun_span part[QUN_STATE_PARTS], struct qun_buf *out, struct qun_err *err)
{
	size_t start = out->len;
	XXH64_canonical_t sum;
	int rc = qun_buf_printf(out, "%s%d\n", magic, VERSION);

	if (rc == 0)
		rc = put_frame(part, out);
	if (rc == 0) {
		XXH64_canonicalFromHash(&sum, XXH3_64bits(out->ptr + start, out->len - start));
		rc = qun_buf_add(out, &sum, sizeof(sum));
	}
	return rc < 0 ? qun_fail_mem(err) : 0;
}

static int damaged(struct qun_err *err, const char *how)
{
	return qun_fail(err, QUN_ESTATE, "the state is damaged: %s; it is left as it is", how);
}

/* Takes the line off the front. */
static int check_version(struct qun_span *rest, struct qun_err *err)
{
	size_t n = sizeof(magic) - 1, digits = 0;
	char mine[16];

	if (!qun_span_starts(*rest, magic))
		return qun_fail(err, QUN_ESTATE, rest->len ? "this is no state of quntools"
			: "this file is empty, which no state is; it is left as it is");
	while (n + digits < rest->len && rest->ptr[n + digits] >= '0' && rest->ptr[n + digits] <= '9')
		digits++;
	if (!digits || digits > 9 || n + digits == rest->len || rest->ptr[n + digits] != '\n')
		return damaged(err, "it does not say its version");
	snprintf(mine, sizeof(mine), "%d", VERSION);
	if (digits != strlen(mine) || memcmp(rest->ptr + n, mine, digits) != 0)
		return qun_fail(err, QUN_ESTATE,
			"the state has version %.*s, and this program knows version %s: a newer quntools wrote it",
			(int)digits, rest->ptr + n, mine);
	rest->ptr += n + digits + 1;
	rest->len -= n + digits + 1;
	return 0;
}

static int unpack_frame(struct qun_span frame, struct qun_buf *plain, struct qun_err *err)
{
	unsigned long long size = ZSTD_getFrameContentSize(frame.ptr, frame.len);
	size_t got;

	if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR || size > SIZE_MAX / 2)
		return damaged(err, "its content is no frame of zstd");
	if (qun_buf_reserve(plain, (size_t)size + 1) < 0)
		return qun_fail_mem(err);
	got = ZSTD_decompress(plain->ptr, (size_t)size, frame.ptr, frame.len);
	if (ZSTD_isError(got) || got != size)
		return damaged(err, "its content does not unpack");
	plain->len = got;
	return 0;
}

int qun_state_unpack(struct qun_span bytes, struct qun_buf *plain, struct qun_span part[QUN_STATE_PARTS],
	struct qun_err *err)
{
	struct qun_span rest = bytes;
	struct qun_reader in;
	uint64_t length[QUN_STATE_PARTS];
	int rc = check_version(&rest, err);

	if (rc < 0)
		return rc;
	if (rest.len < CHECKSUM ||
		XXH64_hashFromCanonical((const XXH64_canonical_t *)(rest.ptr + rest.len - CHECKSUM)) !=
			XXH3_64bits(bytes.ptr, bytes.len - CHECKSUM))
		return damaged(err, "its checksum is wrong");
	qun_buf_clear(plain);
	rc = unpack_frame((struct qun_span){rest.ptr, rest.len - CHECKSUM}, plain, err);
	if (rc < 0)
		return rc;
	in = qun_reader_of(qun_buf_span(plain));
	for (int i = 0; rc == 0 && i < QUN_STATE_PARTS; i++)
		rc = qun_load_u64(&in, &length[i]);
	for (int i = 0; rc == 0 && i < QUN_STATE_PARTS; i++) {
		if (length[i] > (size_t)(in.end - in.ptr))
			rc = QUN_ESTATE;
		part[i] = (struct qun_span){in.ptr, (size_t)length[i]};
		in.ptr += rc == 0 ? length[i] : 0;
	}
	return rc < 0 || !qun_reader_done(&in) ? damaged(err, "its parts do not fit") : 0;
}
