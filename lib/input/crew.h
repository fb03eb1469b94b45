/*
 * A crew: threads that make events of records which one cutter has cut. Work goes to them chunk by
 * chunk, each with the bytes it is about; what they complain of comes back in the order of the file, so
 * that nothing anybody sees depends on how many they are.
 */
#ifndef QUN_INPUT_CREW_H
#define QUN_INPUT_CREW_H

#include "input/cut.h"

struct qun_crew;
struct qun_file;

/* f: its records are for anyone, see qun_crew_may. */
int qun_crew_open(struct qun_crew **c, struct qun_file *f, size_t threads, struct qun_err *err);
/* May the records of this file be read apart from one another? */
bool qun_crew_may(const struct qun_file *f);

/* What the cutter says of the chunk in hand. */
int qun_crew_batch(struct qun_crew *c, const struct qun_batch *batch);
int qun_crew_record(struct qun_crew *c, const struct qun_record *rec);
int qun_crew_bad(struct qun_crew *c, const struct qun_bad *bad);

/* The chunk is cut: its bytes are the crew's now, and *bytes an empty buffer that has the last `left`. */
int qun_crew_pass(struct qun_crew *c, struct qun_buf *bytes, size_t left, struct qun_err *err);
/* The same for the last bytes. All is done then, what came of it is in the file, and nobody works any more. */
int qun_crew_finish(struct qun_crew *c, struct qun_buf *bytes, struct qun_err *err);
void qun_crew_close(struct qun_crew *c);

#endif
