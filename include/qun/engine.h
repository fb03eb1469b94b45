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

/* Events after a known A go to another engine, which is borrowed; NULL: they are left out. */
void qun_engine_later(struct qun_engine *e, struct qun_engine *later);

struct qun_engine_counts {
	uint64_t used;      /* events taken */
	uint64_t filtered;  /* anonymous, after A, or of a group not wanted */
	uint64_t anonymous, after; /* of those */
	uint64_t people;
};

/*
 * Takes one event: heads, staff marks and names always; the metric when the group is wanted. Events
 * after a known A are left out entirely, or another engine's; anonymous ones reach the heads only.
 */
int qun_engine_add(struct qun_engine *e, struct qun_event *ev, struct qun_err *err);
/* Takes n events in their order, with the memory they need fetched together. *used: so many were taken. 0, or
 * negative where one failed. */
int qun_engine_add_all(struct qun_engine *e, struct qun_event *ev, size_t n, size_t *used, struct qun_err *err);
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

/*
 * One person at a time, for what does not fit into memory. The head is what is known of the whole input,
 * which people are folded by; heads of parts add up.
 */
int qun_engine_save_head(struct qun_engine *e, struct qun_buf *out, struct qun_err *err);
int qun_engine_add_head(struct qun_engine *e, struct qun_span head, struct qun_err *err);
/* Calls each with everybody's id and saved state, which are borrowed, in the order of ids. */
int qun_engine_each(struct qun_engine *e, int (*each)(void *arg, struct qun_span id, struct qun_span state), void *arg,
	struct qun_err *err);

/* Folds people into a report one by one. e knows all heads and nobody; it and report are borrowed. */
struct qun_reducer;
int qun_reducer_open(struct qun_reducer **r, struct qun_engine *e, struct qun_cube *report, struct qun_err *err);
void qun_reducer_close(struct qun_reducer *r);
/* A state of a person; those of one id must follow one another. */
int qun_reducer_add(struct qun_reducer *r, struct qun_span id, struct qun_span state, struct qun_err *err);
int qun_reducer_end(struct qun_reducer *r, struct qun_err *err); /* nobody comes any more */
/* Whom of the roster it met, for the one that adds up reports; and from there back. */
int qun_reducer_save_met(const struct qun_reducer *r, struct qun_buf *out);
int qun_reducer_load_met(struct qun_reducer *r, struct qun_reader *in);
/* Folds those of the roster whom nobody met. */
int qun_reducer_fold_silent(struct qun_reducer *r, struct qun_err *err);

/* Folds everybody (roster people included) into a new report, finishes it, sorts the table. */
int qun_engine_report(struct qun_engine *e, struct qun_cube *report, struct qun_err *err);
int qun_engine_table(struct qun_engine *e, const struct qun_cube *report, struct qun_table *out,
	struct qun_err *err);

#ifdef __cplusplus
}
#endif
#endif
