/*
 * The engine: folds events into one state per person, merges engines, and makes the table.
 * It owns the dictionaries and heads that its states refer to. One engine per thread, all of one
 * run; merge or gather adds them up.
 */
#ifndef QUN_ENGINE_H
#define QUN_ENGINE_H

#include "qun/metric.h"

#ifdef __cplusplus
extern "C" {
#endif

struct qun_engine;

/* metric, run and conf are borrowed and must outlive the engine. */
int qun_engine_open(struct qun_engine **e, const struct qun_metric *metric, const struct qun_run *run,
	const void *conf);
void qun_engine_close(struct qun_engine *e);
/* The context of the whole input: without words, which the people's shards have. */
struct qun_ctx *qun_engine_ctx(struct qun_engine *e);
/* How many threads gather and report may use; 1 at first. Their number never shows. */
void qun_engine_threads(struct qun_engine *e, int n);

struct qun_engine_counts {
	uint64_t used;      /* events taken */
	uint64_t filtered;  /* anonymous, after A, or of a group not wanted */
	uint64_t anonymous, after; /* of those */
	uint64_t people;
};

/*
 * Takes one event: heads, staff marks and names always; the metric when the group is wanted. Events
 * after a known A are left out entirely; anonymous ones reach the heads only.
 */
int qun_engine_add(struct qun_engine *e, struct qun_event *ev, struct qun_err *err);
struct qun_engine_counts qun_engine_counts(const struct qun_engine *e);
/* Words of the events' types that are not built in, as bytes in order; NULL ends. */
const char *qun_engine_type_word(const struct qun_engine *e, size_t i);
/* Separates a name used as id from the group it is scoped to, in event.field[QUN_F_USER]. */
#define QUN_SCOPE '\x1f'

int qun_engine_merge(struct qun_engine *dst, const struct qun_engine *src, struct qun_err *err);
/* Merges n engines and closes them, part by part, so that the memory of both is never held. */
int qun_engine_gather(struct qun_engine *dst, struct qun_engine *const *src, size_t n, struct qun_err *err);
int qun_engine_save(struct qun_engine *e, struct qun_buf *out, struct qun_err *err); /* people by id */
int qun_engine_load(struct qun_engine *e, struct qun_span bytes, struct qun_err *err);

/* Folds everybody (roster people included) into a new report, finishes it, sorts the table. */
int qun_engine_report(struct qun_engine *e, struct qun_cube *report, struct qun_err *err);
int qun_engine_table(struct qun_engine *e, const struct qun_cube *report, struct qun_table *out,
	struct qun_err *err);

#ifdef __cplusplus
}
#endif
#endif
