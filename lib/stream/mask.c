/*
 * Pseudonyms. HMAC-SHA-256 is nettle's: small, in every Debian, and without a state of its own. What is
 * hashed begins with the kind of the field, so that the same bytes as an id and as a name differ.
 */
#include "qun/stream.h"

#include "qun/dict.h"
#include "qun/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_MIN = 32, KEY_MAX = 4096, DIGEST = 16, HEX = 2 * DIGEST, NAME_MAX_BYTES = 256 };

struct qun_mask {
	struct hmac_sha256_ctx key; /* as after setting the key */
	struct qun_dict users, names;
	char user[HEX], name[HEX], ref[HEX];
	struct qun_buf text;
};

/* Bytes that must not stay in memory. */
static void wipe(void *p, size_t n)
{
	explicit_bzero(p, n);
}

static int read_key(int fd, unsigned char key[KEY_MAX + 1], size_t *n, struct qun_err *err)
{
	for (*n = 0; *n <= KEY_MAX;) {
		ssize_t got = read(fd, key + *n, KEY_MAX + 1 - *n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return qun_fail_sys(err, "cannot read the key");
		if (got == 0)
			break;
		*n += (size_t)got;
	}
	if (*n < KEY_MIN)
		return qun_fail(err, QUN_EDATA, "a key has at least %d bytes, this one has %zu; "
			"head -c 32 /dev/urandom makes one", KEY_MIN, *n);
	if (*n > KEY_MAX)
		return qun_fail(err, QUN_EDATA, "a key has at most %d bytes", KEY_MAX);
	return 0;
}

static int check_file(int fd, struct qun_err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return qun_fail_sys(err, "cannot look at the key file");
	if (!S_ISREG(st.st_mode))
		return qun_fail(err, QUN_EDATA, "the key is not in a regular file");
	if (st.st_mode & 077)
		return qun_fail(err, QUN_EDATA, "others may read the key: its mode is %03o, chmod 600 makes it yours",
			(unsigned)st.st_mode & 0777);
	return 0;
}

int qun_mask_open(struct qun_mask **out, const char *keyfile, struct qun_err *err)
{
	struct qun_mask *m = calloc(1, sizeof(*m));
	unsigned char key[KEY_MAX + 1];
	size_t n, len = strnlen(keyfile, sizeof(err->file) - 1);
	int fd, rc;

	if (!m)
		return qun_fail_mem(err);
	memcpy(err->file, keyfile, len);
	err->file[len] = '\0';
	fd = open(keyfile, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	rc = fd < 0 ? qun_fail_sys(err, "cannot open") : check_file(fd, err);
	if (rc == 0)
		rc = read_key(fd, key, &n, err);
	if (rc == 0)
		hmac_sha256_set_key(&m->key, n, key);
	wipe(key, sizeof(key));
	if (fd >= 0)
		close(fd);
	if (rc < 0) {
		qun_mask_close(m);
		return rc;
	}
	*out = m;
	return 0;
}

void qun_mask_close(struct qun_mask *m)
{
	if (!m)
		return;
	wipe(&m->key, sizeof(m->key));
	qun_dict_release(&m->users);
	qun_dict_release(&m->names);
	qun_buf_release(&m->text);
	free(m);
}

int qun_mask_meet(struct qun_mask *m, const struct qun_event *ev)
{
	static const int of_users[] = {QUN_F_USER, QUN_F_REF};
	struct qun_span name = ev->field[QUN_F_NAME];
	uint32_t id;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < 2; i++) {
		struct qun_span who = ev->field[of_users[i]];
		if (who.len && who.len <= NAME_MAX_BYTES)
			rc = qun_dict_add(&m->users, who, &id);
	}
	if (rc == 0 && name.len && name.len <= NAME_MAX_BYTES)
		rc = qun_dict_add(&m->names, name, &id);
	return rc;
}

/* kind: "user" (ref as well, for it names users) or "name". */
static struct qun_span hash(struct qun_mask *m, const char *kind, struct qun_span s, char out[HEX])
{
	static const char digit[] = "0123456789abcdef";
	struct hmac_sha256_ctx h = m->key;
	uint8_t d[DIGEST];

	if (!s.len)
		return s;
	hmac_sha256_update(&h, strlen(kind) + 1, (const uint8_t *)kind); /* with its NUL */
	hmac_sha256_update(&h, s.len, (const uint8_t *)s.ptr);
	hmac_sha256_digest(&h, DIGEST, d);
	for (size_t i = 0; i < DIGEST; i++) {
		out[2 * i] = digit[d[i] >> 4];
		out[2 * i + 1] = digit[d[i] & 15];
	}
	return (struct qun_span){out, HEX};
}

/* What ends a mention: blanks (WeChat's own U+2005 too), punctuation, the next @. */
static bool ends_mention(int32_t cp)
{
	static const int32_t wide[] = {0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0x3001, 0x3002,
		0xff01, 0xff08, 0xff09, 0xff0c, 0xff1a, 0xff1b, 0xff1f, 0xff20, 0x300a, 0x300b, 0x201c, 0x201d};

	if (cp < 0 || cp <= ' ' || (cp < 0x80 && strchr("@,;:!?()<>[]{}\"'", cp)))
		return true;
	if (cp >= 0x2000 && cp <= 0x200b)
		return true;
	for (size_t i = 0; i < sizeof(wide) / sizeof(*wide); i++) {
		if (cp == wide[i])
			return true;
	}
	return false;
}

static bool is_boundary(struct qun_span s, size_t at)
{
	return at == s.len || ends_mention(qun_utf8_next(s, &at));
}

/* Words that call everybody and name nobody. */
static bool is_everybody(struct qun_span s)
{
	static const char *const words[] = {"所有人", "全体成员", "all", "everyone", "here", "channel"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (qun_span_is(s, words[i]))
			return true;
	}
	return false;
}

/*
 * Length of the mention that begins s, *kind whose it is. The longest known name or id that ends where
 * a word ends; else the word, known or not: better too much is hidden than too little.
 */
static size_t mention(const struct qun_mask *m, struct qun_span s, const char **kind)
{
	size_t word = 0, next, best = 0;

	while (!is_boundary(s, word))
		qun_utf8_next(s, &word);
	*kind = "name";
	for (next = 0; next < s.len && next <= NAME_MAX_BYTES;) {
		qun_utf8_next(s, &next);
		if (next > NAME_MAX_BYTES || !is_boundary(s, next))
			continue;
		struct qun_span head = {s.ptr, next};
		bool name = qun_dict_find(&m->names, head) != QUN_NONE;
		if (!name && qun_dict_find(&m->users, head) == QUN_NONE)
			continue;
		best = next;
		*kind = name ? "name" : "user";
	}
	if (best)
		return best;
	return is_everybody((struct qun_span){s.ptr, word}) ? 0 : word;
}

static int mask_text(struct qun_mask *m, struct qun_span *text)
{
	static const char wide[] = "\xef\xbc\xa0"; /* ＠ */
	struct qun_span s = *text;
	const char *kind;
	char hex[HEX];
	int rc = 0;

	qun_buf_clear(&m->text);
	for (size_t at = 0; rc == 0 && at < s.len;) {
		struct qun_span rest = {s.ptr + at, s.len - at};
		size_t sign = s.ptr[at] == '@' ? 1 : qun_span_starts(rest, wide) ? strlen(wide) : 0, n;
		rc = qun_buf_add(&m->text, s.ptr + at, sign ? sign : 1);
		at += sign ? sign : 1;
		if (rc < 0 || !sign)
			continue;
		rest = (struct qun_span){s.ptr + at, s.len - at};
		n = mention(m, rest, &kind);
		rc = qun_buf_add_span(&m->text, hash(m, kind, (struct qun_span){rest.ptr, n}, hex));
		at += n;
	}
	*text = qun_buf_span(&m->text);
	return rc;
}

/* Somebody's own words, in which only mentions name others; a line of a 接龙 begins with a name. */
static bool is_said(const struct qun_event *ev)
{
	if (ev->type == QUN_WORD && qun_span_is(ev->field[QUN_F_TYPE], "jielong"))
		return false;
	return ev->type != QUN_SYSTEM && ev->type != QUN_JOIN && ev->type != QUN_LEAVE && ev->type != QUN_REDPACKET;
}

int qun_mask_event(struct qun_mask *m, struct qun_event *ev)
{
	ev->field[QUN_F_USER] = hash(m, "user", ev->field[QUN_F_USER], m->user);
	ev->field[QUN_F_NAME] = hash(m, "name", ev->field[QUN_F_NAME], m->name);
	ev->field[QUN_F_REF] = hash(m, "user", ev->field[QUN_F_REF], m->ref);
	if (!is_said(ev))
		ev->field[QUN_F_TEXT] = (struct qun_span){NULL, 0};
	return ev->field[QUN_F_TEXT].len ? mask_text(m, &ev->field[QUN_F_TEXT]) : 0;
}
