/*
 * Lines between a mapper and a reducer: KEY TAB FINGERPRINT TAB STATE. All bytes are printable, so sort(1)
 * and every shuffle carry them; sorted as bytes, lines of one key lie together and the head comes first.
 */
#ifndef QUN_PART_H
#define QUN_PART_H

#include "qun/bytes.h"
#include "qun/err.h"

#ifdef __cplusplus
extern "C" {
#endif

enum qun_part_kind {
	QUN_PART_HEAD,   /* what is known of the whole input; its key is empty */
	QUN_PART_PERSON, /* key: his id, bytes up to '%' and above '~' as %XX */
	QUN_PART_REPORT, /* many people added up; its key is %report, which no id makes */
};

enum { QUN_PART_PRINT = 16 }; /* bytes of a fingerprint in hex digits */

/* Appends a line. id: of a person. print: QUN_PART_PRINT bytes. */
int qun_part_put(struct qun_buf *out, enum qun_part_kind kind, struct qun_span id, const char *print,
	struct qun_span state);

struct qun_part {
	enum qun_part_kind kind;
	struct qun_buf id, state; /* reused from line to line */
	char print[QUN_PART_PRINT];
};
/* Takes a line apart (without its end): 0, QUN_ENOMEM, or QUN_ESTATE where it is none. */
int qun_part_get(struct qun_part *p, struct qun_span line);
void qun_part_release(struct qun_part *p);

/* The fingerprint of a text (see qun/state.h) as it stands in lines. */
void qun_part_print(struct qun_span text, char print[QUN_PART_PRINT]);

#ifdef __cplusplus
}
#endif
#endif
