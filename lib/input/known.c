/*
 * An input is known by its size, a hash of its beginning, which is quickly compared, and one of all its
 * bytes, which decides. A file that has grown begins with an input that was folded before.
 */
#include "input/known.h"

#include "qun/dict.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum { HEAD = 4096, BLOCK = 256 << 10, ENDED = 1, ABOVE = 2 };

struct qun_known_reading {
	XXH3_state_t *all;
	uint64_t seed, size;
	char head[HEAD];
};

int qun_known_open(struct qun_known *k)
{
	return qun_random(&k->seed, sizeof(k->seed));
}

void qun_known_release(struct qun_known *k)
{
	free(k->input);
}

static uint64_t head_of(uint64_t seed, const char *bytes, uint64_t size)
{
	return XXH3_64bits_withSeed(bytes, size < HEAD ? (size_t)size : HEAD, seed);
}

struct qun_known_reading *qun_known_begin(const struct qun_known *k)
{
	struct qun_known_reading *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->seed = k->seed;
	r->all = XXH3_createState();
	if (!r->all || XXH3_64bits_reset_withSeed(r->all, k->seed) != XXH_OK) {
		qun_known_free(r);
		return NULL;
	}
	return r;
}

void qun_known_take(struct qun_known_reading *r, struct qun_span bytes)
{
	size_t room = r->size < HEAD ? HEAD - (size_t)r->size : 0;

	if (!bytes.len)
		return;
	memcpy(r->head + (HEAD - room), bytes.ptr, bytes.len < room ? bytes.len : room);
	XXH3_64bits_update(r->all, bytes.ptr, bytes.len);
	r->size += bytes.len;
}

struct qun_known_input qun_known_end(const struct qun_known_reading *r)
{
	return (struct qun_known_input){.size = r->size, .head = head_of(r->seed, r->head, r->size),
		.whole = XXH3_64bits_digest(r->all)};
}

void qun_known_free(struct qun_known_reading *r)
{
	if (!r)
		return;
	XXH3_freeState(r->all);
	free(r);
}

const struct qun_known_input *qun_known_same(const struct qun_known *k, const struct qun_known_input *input)
{
	for (size_t i = 0; i < k->n; i++) {
		if (k->input[i].size == input->size && k->input[i].whole == input->whole)
			return &k->input[i];
	}
	return NULL;
}

/* Longest first; what is as long by its hash. */
static int order(const struct qun_known_input *a, const struct qun_known_input *b)
{
	if (a->size != b->size)
		return a->size > b->size ? -1 : 1;
	return (a->whole > b->whole) - (a->whole < b->whole);
}

int qun_known_add(struct qun_known *k, const struct qun_known_input *input)
{
	size_t at = 0;

	while (at < k->n && order(&k->input[at], input) < 0)
		at++;
	if (at < k->n && order(&k->input[at], input) == 0)
		return 0;
	if (qun_grow(&k->input, &k->cap, k->n, sizeof(*k->input)) < 0)
		return QUN_ENOMEM;
	memmove(&k->input[at + 1], &k->input[at], (k->n++ - at) * sizeof(*k->input));
	k->input[at] = *input;
	return 0;
}

/* Reads up to n bytes at an offset; fewer only at the end of the file, negative where it fails. */
static ssize_t read_at(int fd, char *to, size_t n, uint64_t offset)
{
	size_t got = 0;

	while (got < n) {
		ssize_t more = pread(fd, to + got, n - got, (off_t)(offset + got));

		if (more < 0 && errno == EINTR)
			continue;
		if (more < 0)
			return -1;
		if (more == 0)
			break;
		got += (size_t)more;
	}
	return (ssize_t)got;
}

/* Does the file begin with the bytes of this input? 1, 0 or an error. */
static int begins_with(const struct qun_known *k, int fd, const struct qun_known_input *input, struct qun_err *err)
{
	struct qun_known_reading *r = qun_known_begin(k);
	char *block = malloc(BLOCK);
	uint64_t at = 0;
	int rc = r && block ? 0 : qun_fail_mem(err);

	while (rc == 0 && at < input->size) {
		ssize_t n = read_at(fd, block, input->size - at < BLOCK ? (size_t)(input->size - at) : BLOCK, at);

		if (n < 0)
			rc = qun_fail_sys(err, "cannot read");
		if (n <= 0)
			break;
		qun_known_take(r, (struct qun_span){block, (size_t)n});
		at += (uint64_t)n;
	}
	if (rc == 0)
		rc = at == input->size && qun_known_end(r).whole == input->whole;
	qun_known_free(r);
	free(block);
	return rc;
}

static int find(const struct qun_known *k, int fd, uint64_t size, const struct qun_known_input **found,
	struct qun_err *err)
{
	char head[HEAD];
	ssize_t n = read_at(fd, head, HEAD, 0);
	int rc = n < 0 ? qun_fail_sys(err, "cannot read") : 0;

	for (size_t i = 0; rc == 0 && i < k->n; i++) {
		const struct qun_known_input *at = &k->input[i];

		if (at->size > size || (n < HEAD && at->size > (uint64_t)n) || at->head != head_of(k->seed, head, at->size))
			continue;
		rc = begins_with(k, fd, at, err);
		if (rc > 0)
			*found = at;
	}
	return rc < 0 ? rc : 0;
}

int qun_known_find(const struct qun_known *k, const char *path, const struct qun_known_input **found, uint64_t *size,
	struct qun_err *err)
{
	bool standard = strcmp(path, "-") == 0;
	int fd, rc = 0;
	struct stat st;

	*found = NULL;
	if (standard ? fstat(STDIN_FILENO, &st) < 0 : stat(path, &st) < 0)
		return 0; /* whoever reads it says why it cannot be */
	if (!k->n || !S_ISREG(st.st_mode) || (standard && lseek(STDIN_FILENO, 0, SEEK_CUR) != 0))
		return 0;
	fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	*size = (uint64_t)st.st_size;
	rc = find(k, fd, *size, found, err);
	if (!standard)
		close(fd);
	return rc;
}

int qun_known_save(const struct qun_known *k, struct qun_buf *out)
{
	int rc = qun_save_u64(out, k->seed);

	if (rc == 0)
		rc = qun_save_u64(out, k->n);
	for (size_t i = 0; rc == 0 && i < k->n; i++) {
		const struct qun_known_input *at = &k->input[i];

		rc = qun_save_u64(out, at->size);
		if (rc == 0)
			rc = qun_save_u64(out, at->head);
		if (rc == 0)
			rc = qun_save_u64(out, at->whole);
		if (rc == 0)
			rc = qun_save_u64(out, at->text);
		if (rc == 0)
			rc = qun_save_u64(out, (at->ended ? ENDED : 0) | (at->above ? ABOVE : 0));
	}
	return rc;
}

static int load_input(struct qun_known *k, struct qun_reader *in)
{
	struct qun_known_input at = {0};
	uint64_t flags = 0;
	int rc = qun_load_u64(in, &at.size);

	if (rc == 0)
		rc = qun_load_u64(in, &at.head);
	if (rc == 0)
		rc = qun_load_u64(in, &at.whole);
	if (rc == 0)
		rc = qun_load_u64(in, &at.text);
	if (rc == 0)
		rc = qun_load_u64(in, &flags);
	if (rc == 0 && (!at.size || flags > (ENDED | ABOVE) || (k->n && order(&k->input[k->n - 1], &at) >= 0)))
		rc = QUN_ESTATE;
	at.ended = flags & ENDED;
	at.above = flags & ABOVE;
	return rc < 0 ? rc : qun_known_add(k, &at);
}

int qun_known_load(struct qun_known *k, struct qun_reader *in)
{
	size_t n = 0;
	int rc = qun_load_u64(in, &k->seed);

	if (rc == 0)
		rc = qun_load_count(in, 5, &n);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = load_input(k, in);
	return rc;
}
