/*
 * A source is three steps, each of which may be idle: read(2), unpacking by the magic bytes, and
 * conversion to UTF-8. Everything behind it sees plain UTF-8 without a byte order mark.
 */
#include "input/source.h"

#include "qun/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum { CHUNK = 256 << 10, PIPE_BYTES = 1 << 20, MAGIC = 4 };

enum pack { PLAIN, GZIP, ZSTD };

struct qun_source {
	int fd;
	enum pack pack;
	bool eof;        /* of the file */
	bool ended;      /* nothing is left to unpack */
	bool open_frame; /* a gzip member or zstd frame has begun and not ended */
	bool started;
	uint64_t bytes;
	char *raw; /* as read, CHUNK bytes */
	size_t raw_at, raw_len;
	struct qun_buf plain; /* unpacked, where it does not go to the reader at once */
	z_stream gzip;
	ZSTD_DStream *zstd;
	const char *encoding;
	bool convert;
	iconv_t iconv;
	void (*raw_bytes)(void *arg, const char *file, struct qun_span bytes); /* NULL: nobody asks */
	void *raw_arg;
	const char *path;
};

/* Reads up to max bytes: *got is 0 at the end of the file. */
static int read_file(struct qun_source *s, char *to, size_t max, size_t *got, struct qun_err *err)
{
	ssize_t n;

	*got = 0;
	if (s->eof)
		return 0;
	do
		n = read(s->fd, to, max);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return qun_fail_sys(err, "cannot read");
	if (s->raw_bytes)
		s->raw_bytes(s->raw_arg, s->path, (struct qun_span){to, (size_t)n});
	s->eof = n == 0;
	s->bytes += (size_t)n;
	*got = (size_t)n;
	return 0;
}

/* Fills the empty raw buffer; at the end of the file it stays empty. */
static int read_raw(struct qun_source *s, struct qun_err *err)
{
	size_t n;
	int rc;

	if (s->raw_at == s->raw_len)
		s->raw_at = s->raw_len = 0;
	if (s->raw_len == CHUNK)
		return 0;
	rc = read_file(s, s->raw + s->raw_len, CHUNK - s->raw_len, &n, err);
	s->raw_len += n;
	return rc;
}

static int start_unpacking(struct qun_source *s, struct qun_err *err)
{
	static const char gzip[] = {'\x1f', '\x8b'}, zstd[] = {'\x28', '\xb5', '\x2f', '\xfd'};

	while (!s->eof && s->raw_len < MAGIC) {
		int rc = read_raw(s, err);
		if (rc < 0)
			return rc;
	}
	if (s->raw_len >= sizeof(gzip) && memcmp(s->raw, gzip, sizeof(gzip)) == 0) {
		if (inflateInit2(&s->gzip, 15 + 16) != Z_OK)
			return qun_fail_mem(err);
		s->pack = GZIP;
	} else if (s->raw_len >= sizeof(zstd) && memcmp(s->raw, zstd, sizeof(zstd)) == 0) {
		s->zstd = ZSTD_createDStream();
		if (!s->zstd)
			return qun_fail_mem(err);
		s->pack = ZSTD;
	}
	return 0;
}

/* One step of inflate. Members follow one another, as cat makes them; padding of NULs is ignored. */
static int gunzip(struct qun_source *s, char *out, size_t *len, struct qun_err *err)
{
	int rc;

	if (!s->open_frame) {
		while (s->raw_at < s->raw_len && s->raw[s->raw_at] == '\0')
			s->raw_at++;
		if (s->raw_at == s->raw_len)
			return 0;
		inflateReset(&s->gzip);
		s->open_frame = true;
	}
	s->gzip.next_in = (unsigned char *)s->raw + s->raw_at;
	s->gzip.avail_in = (unsigned)(s->raw_len - s->raw_at);
	s->gzip.next_out = (unsigned char *)out;
	s->gzip.avail_out = (unsigned)*len;
	rc = inflate(&s->gzip, Z_NO_FLUSH);
	if (rc == Z_MEM_ERROR)
		return qun_fail_mem(err);
	if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
		return qun_fail(err, QUN_EDATA, "the gzip data is damaged");
	s->raw_at = s->raw_len - s->gzip.avail_in;
	*len -= s->gzip.avail_out;
	s->open_frame = rc != Z_STREAM_END;
	return 1;
}

static int unzstd(struct qun_source *s, char *out, size_t *len, struct qun_err *err)
{
	ZSTD_inBuffer from = {s->raw + s->raw_at, s->raw_len - s->raw_at, 0};
	ZSTD_outBuffer to = {out, *len, 0};
	size_t rc = ZSTD_decompressStream(s->zstd, &to, &from);

	if (ZSTD_isError(rc))
		return qun_fail(err, QUN_EDATA, "the zstd data is damaged: %s", ZSTD_getErrorName(rc));
	s->raw_at += from.pos;
	*len = to.pos;
	s->open_frame = rc != 0;
	return from.pos || to.pos;
}

/* What is not packed needs no copy where it comes first; plain has room for CHUNK more. */
static void pass_raw(struct qun_source *s)
{
	struct qun_buf was = s->plain;

	if (was.len) {
		memcpy(was.ptr + was.len, s->raw, s->raw_len);
		s->plain.len += s->raw_len;
	} else {
		s->plain = (struct qun_buf){.ptr = s->raw, .len = s->raw_len, .cap = CHUNK};
		s->raw = was.ptr;
	}
	s->raw_len = 0;
}

/* Appends unpacked bytes to plain: 1, 0 at the end, or negative. */
static int unpack(struct qun_source *s, struct qun_err *err)
{
	for (;;) {
		size_t len = CHUNK;
		int rc = s->raw_at == s->raw_len ? read_raw(s, err) : 0;
		if (rc == 0 && (rc = qun_buf_reserve(&s->plain, CHUNK)) < 0)
			qun_fail_mem(err);
		if (rc < 0)
			return rc;
		if (s->pack == PLAIN) {
			len = s->raw_len;
			pass_raw(s);
			return len > 0;
		}
		/* with nothing left to read an open frame may still have output that did not fit before */
		bool starved = s->raw_at == s->raw_len && s->eof;
		if (starved && !s->open_frame)
			return 0;
		rc = s->pack == GZIP ? gunzip(s, s->plain.ptr + s->plain.len, &len, err) :
			unzstd(s, s->plain.ptr + s->plain.len, &len, err);
		if (rc < 0)
			return rc;
		if (rc > 0 && len) {
			s->plain.len += len;
			return 1;
		}
		if (starved)
			return qun_fail(err, QUN_EDATA, "the packed data is cut off");
	}
}

static int fill(struct qun_source *s, struct qun_err *err)
{
	int rc = s->ended ? 0 : unpack(s, err);

	s->ended |= rc == 0;
	return rc < 0 ? rc : 0;
}

/* GB18030 by its bytes: well formed, and everyday Chinese. whole: the text is not cut off. */
static bool is_gb18030(struct qun_span text, bool whole)
{
	const unsigned char *p = (const unsigned char *)text.ptr, *end = p + text.len;
	size_t pairs = 0, common = 0;

	while (p < end) {
		size_t left = (size_t)(end - p);
		if (*p < 0x80) {
			p++;
		} else if (*p == 0x80 || *p == 0xff) {
			return false;
		} else if (left < 2 || (p[1] >= '0' && p[1] <= '9' && left < 4)) {
			if (whole)
				return false;
			break;
		} else if (p[1] >= '0' && p[1] <= '9') {
			if (p[2] < 0x81 || p[2] == 0xff || p[3] < '0' || p[3] > '9')
				return false;
			p += 4;
		} else if (p[1] >= 0x40 && p[1] != 0x7f && p[1] != 0xff) {
			pairs++;
			common += p[1] >= 0xa1;
			p += 2;
		} else {
			return false;
		}
	}
	/* a Latin-1 accent and the letter after it make a pair too, but not one of everyday Chinese */
	return pairs >= 4 && common * 2 > pairs;
}

/* Is it rather UTF-8? One damaged byte must not turn a whole file into another language. */
static bool is_utf8(struct qun_span text, bool whole)
{
	size_t good = 0, bad = 0, at = 0, valid = qun_utf8_valid(text);

	if (valid == text.len || (!whole && text.len - valid < 4))
		return true;
	while (at < text.len) {
		size_t from = at;
		if ((unsigned char)text.ptr[at] < 0x80) {
			at++;
		} else if (qun_utf8_next(text, &at) >= 0) {
			good++;
		} else {
			if (!whole && text.len - from < 4)
				break;
			bad++;
		}
	}
	return bad <= good;
}

static void detect_encoding(struct qun_source *s)
{
	struct qun_span text = qun_buf_span(&s->plain);

	if (qun_span_starts(text, "\xff\xfe"))
		s->encoding = "UTF-16LE";
	else if (qun_span_starts(text, "\xfe\xff"))
		s->encoding = "UTF-16BE";
	else if (!is_utf8(text, s->ended) && is_gb18030(text, s->ended))
		s->encoding = "GB18030";
	else
		s->encoding = "UTF-8";
}

static bool same_letters(const char *a, const char *b)
{
	for (;; a++, b++) {
		char c = *a >= 'a' && *a <= 'z' ? (char)(*a - 'a' + 'A') : *a;
		if (c != *b || !c)
			return c == *b;
	}
}

/* The first bytes: enough of them to tell packing and encoding. */
static int start(struct qun_source *s, struct qun_err *err)
{
	int rc = start_unpacking(s, err);

	while (rc == 0 && s->plain.len < QUN_SOURCE_HEAD && !s->ended)
		rc = fill(s, err);
	if (rc < 0)
		return rc;
	s->started = true;
	const char *foreign = qun_foreign(qun_buf_span(&s->plain));
	if (foreign)
		return qun_fail(err, QUN_EDATA, "%s", foreign);
	if (!s->encoding)
		detect_encoding(s);
	if (same_letters(s->encoding, "UTF-8") || same_letters(s->encoding, "UTF8"))
		return 0;
	s->iconv = iconv_open("UTF-8", s->encoding);
	if (s->iconv == (iconv_t)-1)
		return errno == ENOMEM ? qun_fail_mem(err) :
			qun_fail(err, QUN_EUSAGE, "unknown encoding '%.64s'", s->encoding);
	s->convert = true;
	return 0;
}

/* Converts what is in plain; bytes of a character cut in two stay there unless final. */
static int convert(struct qun_source *s, struct qun_buf *text, bool final, struct qun_err *err)
{
	char *in = s->plain.ptr;
	size_t left = s->plain.len;

	while (left) {
		if (qun_buf_reserve(text, left * 2 + 16) < 0)
			return qun_fail_mem(err);
		char *out = text->ptr + text->len;
		size_t room = text->cap - text->len;
		size_t rc = iconv(s->iconv, &in, &left, &out, &room);
		text->len = (size_t)(out - text->ptr);
		if (rc != (size_t)-1 || errno == E2BIG)
			continue;
		if (errno == EINVAL && !final)
			break;
		if (qun_buf_add_char(text, '\xff') < 0)
			return qun_fail_mem(err);
		in++;
		left--;
	}
	if (left)
		memmove(s->plain.ptr, in, left);
	s->plain.len = left;
	return 0;
}

/* Unpacked bytes as they are: most files, so these are read where they are wanted. */
static int read_plain(struct qun_source *s, struct qun_buf *bytes, struct qun_err *err)
{
	/* as much again as is still there, or a long record would be moved once a chunk */
	size_t n, max = bytes->len > CHUNK ? bytes->len : CHUNK;
	int rc = qun_buf_reserve(bytes, max);

	if (rc < 0)
		return qun_fail_mem(err);
	rc = read_file(s, bytes->ptr + bytes->len, max, &n, err);
	bytes->len += n;
	s->ended = n == 0;
	return rc;
}

static int read_through(struct qun_source *s, struct qun_buf *bytes, struct qun_err *err)
{
	int rc = s->started ? fill(s, err) : start(s, err);

	if (rc == 0 && s->convert)
		return convert(s, bytes, s->ended, err);
	if (rc == 0 && !bytes->len) { /* nearly always: a copy less */
		struct qun_buf was = *bytes;

		*bytes = s->plain;
		s->plain = was;
	} else if (rc == 0 && qun_buf_add_span(bytes, qun_buf_span(&s->plain)) < 0) {
		rc = qun_fail_mem(err);
	}
	qun_buf_clear(&s->plain);
	return rc;
}

int qun_source_read(struct qun_source *s, struct qun_buf *bytes, struct qun_err *err)
{
	bool first = !s->started;
	size_t from = bytes->len;
	int rc = 0;

	while (rc == 0 && bytes->len == from && !s->ended) {
		if (s->started && s->pack == PLAIN && !s->convert)
			rc = read_plain(s, bytes, err);
		else
			rc = read_through(s, bytes, err);
	}
	if (rc < 0)
		return rc;
	struct qun_span new = {bytes->ptr + from, bytes->len - from};
	if (first && qun_span_starts(new, "\xef\xbb\xbf"))
		qun_buf_cut(bytes, from, 3);
	return bytes->len > from;
}

int qun_source_open(struct qun_source **s, const char *path, const char *encoding, struct qun_err *err)
{
	struct qun_source *new = calloc(1, sizeof(*new));

	if (!new)
		return qun_fail_mem(err);
	new->encoding = encoding;
	new->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (new->fd < 0) {
		qun_fail_sys(err, "cannot open");
		free(new);
		return QUN_EIO;
	}
	/* a pipe moves more per turn this way; elsewhere the call fails and nothing is lost */
	(void)fcntl(new->fd, F_SETPIPE_SZ, PIPE_BYTES);
	new->raw = malloc(CHUNK);
	if (!new->raw) {
		qun_source_close(new);
		return qun_fail_mem(err);
	}
	*s = new;
	return 0;
}

void qun_source_close(struct qun_source *s)
{
	if (!s)
		return;
	if (s->fd != STDIN_FILENO)
		close(s->fd);
	if (s->pack == GZIP)
		inflateEnd(&s->gzip);
	ZSTD_freeDStream(s->zstd);
	if (s->convert)
		iconv_close(s->iconv);
	qun_buf_release(&s->plain);
	free(s->raw);
	free(s);
}

void qun_source_tap(struct qun_source *s, void (*raw)(void *arg, const char *file, struct qun_span bytes), void *arg,
	const char *file)
{
	s->raw_bytes = raw;
	s->raw_arg = arg;
	s->path = file;
}

const char *qun_source_encoding(const struct qun_source *s)
{
	return s->encoding;
}

const char *qun_source_packed(const struct qun_source *s)
{
	return s->pack == GZIP ? "gzip" : s->pack == ZSTD ? "zstd" : "";
}

uint64_t qun_source_bytes(const struct qun_source *s)
{
	return s->bytes;
}
