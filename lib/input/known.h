/* What earlier runs have read: whole inputs by their content, and columns. For states, see qun/state.h. */
#ifndef QUN_INPUT_KNOWN_H
#define QUN_INPUT_KNOWN_H

#include "qun/bytes.h"

/* One input that was folded, known by its bytes: where it lies and what it is called may change. */
struct qun_known_input {
	uint64_t size;
	uint64_t head, whole; /* hashes of its first bytes and of all */
	uint64_t text;        /* bytes of it as they came to the reader, unpacked and in UTF-8 */
	bool ended;           /* by a newline: what is appended is no part of its last record */
	bool above;           /* other files need what it says: names of people, the header of a folder */
};

struct qun_known {
	uint64_t seed; /* so that nobody can make two files of one hash */
	struct qun_known_input *input; /* the longest first */
	size_t n, cap;
};

int qun_known_open(struct qun_known *k); /* a new one; 0 or QUN_EIO */
void qun_known_release(struct qun_known *k);
int qun_known_save(const struct qun_known *k, struct qun_buf *out);
int qun_known_load(struct qun_known *k, struct qun_reader *in);

/*
 * Is the file, or its beginning, an input that was folded before? The longest such one, or NULL. What
 * is no regular file is not looked into: it can be read only once.
 */
int qun_known_find(const struct qun_known *k, const char *path, const struct qun_known_input **found, uint64_t *size,
	struct qun_err *err);

/* An input as it is being read. */
struct qun_known_reading;
struct qun_known_reading *qun_known_begin(const struct qun_known *k); /* NULL: no memory */
void qun_known_take(struct qun_known_reading *r, struct qun_span bytes); /* as they lie in the file */
/* What was read, by its bytes: the rest is the reader's to say. */
struct qun_known_input qun_known_end(const struct qun_known_reading *r);
void qun_known_free(struct qun_known_reading *r);
/* The same bytes among those folded before; NULL: none. */
const struct qun_known_input *qun_known_same(const struct qun_known *k, const struct qun_known_input *input);
int qun_known_add(struct qun_known *k, const struct qun_known_input *input);

#endif
