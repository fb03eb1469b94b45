/*
 * Streams of events: written in canonical form, kept until the input is known to be right, sorted
 * by time in bounded memory, put under pseudonyms.
 */
#ifndef QUN_STREAM_H
#define QUN_STREAM_H

#include "qun/cal.h"
#include "qun/event.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { QUN_CANONICAL = QUN_F_ID + 1 }; /* canonical fields: ts … id */

enum qun_stream_form { QUN_STREAM_CSV, QUN_STREAM_TSV, QUN_STREAM_JSON, QUN_STREAM_NDJSON };

struct qun_stream_style {
	enum qun_stream_form form;
	const struct qun_zone *zone; /* of times */
	int field[QUN_CANONICAL];    /* what to write, in this order */
	int n;
};

/*
 * Canonical form: ts as ISO 8601 with offset and every microsecond, amount as exact decimal number.
 * Read again it gives the same events. Objects leave empty fields out, but for ts group user type.
 */
int qun_stream_head(struct qun_buf *out, const struct qun_stream_style *style);
int qun_stream_event(struct qun_buf *out, const struct qun_stream_style *style, const struct qun_event *ev,
	bool first);
int qun_stream_foot(struct qun_buf *out, const struct qun_stream_style *style, bool empty);
/* Text of one canonical field as written there, unquoted. */
int qun_stream_field(struct qun_buf *out, const struct qun_zone *zone, const struct qun_event *ev, int field);

/* ChatLab v0.0.2 as JSON lines: one chat, whose people must be known before its messages are written. */
struct qun_chatlab;
int qun_chatlab_open(struct qun_chatlab **c);
void qun_chatlab_close(struct qun_chatlab *c);
int qun_chatlab_meet(struct qun_chatlab *c, const struct qun_event *ev);
size_t qun_chatlab_groups(const struct qun_chatlab *c); /* of the events met */
int qun_chatlab_head(const struct qun_chatlab *c, struct qun_buf *out);
int qun_chatlab_event(struct qun_chatlab *c, struct qun_buf *out, const struct qun_event *ev);

/*
 * Events put aside. Beyond `memory` bytes they go to an unlinked file in `folder`; sorted ones come
 * back by time, group, user and then as the tie rule has it, whatever order they were added in,
 * others in the order of adding.
 */
struct qun_spool;
int qun_spool_open(struct qun_spool **s, bool sorted, size_t memory, const char *folder);
void qun_spool_close(struct qun_spool *s);
int qun_spool_add(struct qun_spool *s, const struct qun_event *ev, struct qun_err *err);
/* Hands out every event; a non-zero return of each ends the walk and is returned. Once only. */
int qun_spool_each(struct qun_spool *s, int (*each)(void *arg, struct qun_event *ev), void *arg,
	struct qun_err *err);

/*
 * Pseudonyms: HMAC-SHA-256 under the bytes of a key file, its first 128 bits in hex. Ids and names are
 * hashed apart, so that an id never equals a name; the same key gives the same pseudonym everywhere.
 */
struct qun_mask;
/* Refuses a key of less than 32 bytes, and a file that others may read. */
int qun_mask_open(struct qun_mask **m, const char *keyfile, struct qun_err *err);
void qun_mask_close(struct qun_mask *m);
/* Remembers who there is: @mentions of a name with blanks in it are found by this. */
int qun_mask_meet(struct qun_mask *m, const struct qun_event *ev);
/*
 * Replaces user, name, ref and the @mentions in the text; the text of what nobody said (joins, system
 * lines), which names people in sentences, goes. New spans are borrowed from m until the next call.
 */
int qun_mask_event(struct qun_mask *m, struct qun_event *ev);

#ifdef __cplusplus
}
#endif
#endif
