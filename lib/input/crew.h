/*
 * A crew: threads that read a file by turns, chunk by chunk, and make events of what they have cut
 * while the next one cuts. What they complain of comes in the order of the file, so that nothing anybody
 * sees depends on how many they are.
 */
#ifndef QUN_INPUT_CREW_H
#define QUN_INPUT_CREW_H

#include "input/cut.h"

struct qun_crew;
struct qun_file;

/* May the records of this file be read apart from one another? */
bool qun_crew_may(const struct qun_file *f);
/* Reads on to the end of the file, on so many threads, the caller's among them; left is what the cutter has left. */
int qun_crew_run(struct qun_file *f, struct qun_buf *left, size_t threads);

/* What the cutter says of the chunk in hand. */
int qun_crew_batch(struct qun_crew *c, const struct qun_batch *batch);
int qun_crew_record(struct qun_crew *c, const struct qun_record *rec);
int qun_crew_bad(struct qun_crew *c, const struct qun_bad *bad);
int qun_crew_around(struct qun_crew *c);

/* The format can read this record only after all that come before it. */
int qun_crew_later(struct qun_file *f, const struct qun_record *rec);

#endif
