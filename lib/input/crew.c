/*
 * A ring of jobs. The reader fills them in turn and takes them back in turn, which keeps all order;
 * workers take whichever is next. Each worker has a file of its own, made like the reader's.
 */
#include "input/crew.h"

#include "input/file.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* One thing the cutter said: a batch, or a record or damage held in the job's memory. */
struct item {
	struct qun_batch batch; /* piece: not set, its pieces follow those of the item before */
	struct qun_held held;
};

enum job_state { JOB_FREE, JOB_READY, JOB_TAKEN, JOB_DONE };

struct job {
	enum job_state state;
	struct qun_buf bytes;
	struct qun_arena text;
	struct item *item;
	struct qun_piece *piece;
	struct qun_bad *bad; /* what came of it */
	size_t nitem, item_cap, npiece, piece_cap, nbad, bad_cap;
	int rc;
	struct qun_err err;
};

struct worker {
	struct qun_crew *crew;
	pthread_t thread;
	bool running;
	struct qun_input in;
	struct qun_file file;
	void *taker;     /* gets its events */
	struct job *job; /* in hand */
};

struct qun_crew {
	struct qun_file *file;
	size_t nworker, njob;
	struct worker *worker;
	struct job *job;
	size_t filling, taking; /* the reader's job, the workers' next one */
	bool over;              /* no job will come */
	pthread_mutex_t lock;
	pthread_cond_t ready, done;
};

bool qun_crew_may(const struct qun_file *f)
{
	const struct qun_input *in = f->in;

	return f->decided && !f->holding && f->container != QUN_TEXT && in->sink.worker && !in->dedup &&
		!in->conf.alias && !in->person.n && !f->format->event && !f->format->end && !f->format->people &&
		!f->format->timeless;
}

/* Complaints wait in the job until it is its turn to speak. */
static int keep_bad(void *arg, const struct qun_bad *bad)
{
	struct job *job = ((struct worker *)arg)->job;
	struct qun_bad *kept;

	if (qun_grow(&job->bad, &job->bad_cap, job->nbad, sizeof(*job->bad)) < 0)
		return QUN_ENOMEM;
	kept = &job->bad[job->nbad];
	*kept = *bad;
	kept->why = qun_arena_copy(&job->text, qun_span_of(bad->why));
	if (!kept->why)
		return QUN_ENOMEM;
	job->nbad++;
	return 0;
}

static int take_event(void *arg, struct qun_event *ev, struct qun_err *err)
{
	const struct worker *w = arg;

	return w->crew->file->in->sink.event(w->taker, ev, err);
}

static void take_ahead(void *arg, struct qun_event *ev, size_t n)
{
	const struct worker *w = arg;

	w->crew->file->in->sink.ahead(w->taker, ev, n);
}

static int run_job(struct worker *w, struct job *job)
{
	const struct qun_piece *piece = job->piece;
	int rc = 0;

	w->job = job;
	w->file.err = &job->err;
	for (size_t i = 0; rc == 0 && i < job->nitem; i++) {
		struct item *item = &job->item[i];
		if (item->batch.n) {
			item->batch.piece = piece;
			rc = qun_file_batch(&w->file, &item->batch);
			piece += item->batch.n;
		} else if (item->held.bad) {
			rc = qun_file_bad(&w->file, item->held.bad);
		} else {
			rc = qun_file_record(&w->file, &item->held.rec);
		}
	}
	return rc;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct qun_crew *c = w->crew;

	pthread_mutex_lock(&c->lock);
	for (;;) {
		struct job *job = &c->job[c->taking];
		if (job->state == JOB_READY) {
			job->state = JOB_TAKEN;
			c->taking = (c->taking + 1) % c->njob;
			pthread_mutex_unlock(&c->lock);
			job->rc = run_job(w, job);
			pthread_mutex_lock(&c->lock);
			job->state = JOB_DONE;
			pthread_cond_signal(&c->done);
		} else if (c->over) {
			break;
		} else {
			pthread_cond_wait(&c->ready, &c->lock);
		}
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

/* A file of the worker's own: the same columns, none of the records. */
static int open_worker(struct qun_crew *c, size_t i, struct qun_err *err)
{
	const struct qun_file *of = c->file;
	struct worker *w = &c->worker[i];
	struct qun_file *f = &w->file;
	size_t n = of->container == QUN_JSON ? of->paths.n : of->nname;
	struct qun_span *name = calloc(n + 1, sizeof(*name));
	int rc = name ? 0 : qun_fail_mem(err);

	w->crew = c;
	w->taker = of->in->sink.worker(of->in->sink.arg, i);
	w->in = (struct qun_input){.conf = of->in->conf,
		.sink = {.arg = w,
			.event = take_event,
			.bad = keep_bad,
			.ahead = of->in->sink.ahead ? take_ahead : NULL}};
	*f = (struct qun_file){.in = &w->in,
		.path = of->path,
		.err = err,
		.container = of->container,
		.delimiter = of->delimiter,
		.source = of->source,
		.header = of->header,
		.nname = of->nname,
		.has_header = of->has_header,
		.decided = true,
		.name = of->name,
		.column = calloc(of->nname + 1, sizeof(int))};
	if (rc == 0 && (!f->column || !w->taker))
		rc = qun_fail_mem(err);
	for (size_t k = 0; rc == 0 && k < n; k++)
		name[k] = of->container == QUN_JSON ? qun_dict_text(&of->paths, (uint32_t)k) : of->name[k];
	if (rc == 0)
		rc = qun_file_map(f, of->format, name, n);
	free(name);
	f->map.time = of->map.time;
	if (of->map.clock >= 0)
		qun_map_set_clock(&f->map, of->map.clock);
	f->map.name_is_id = of->map.name_is_id;
	qun_file_hook(f);
	qun_plain_set(f);
	return rc;
}

/* What the worker learned of the file, besides events. */
static int learn_from(const struct worker *w, struct qun_file *to)
{
	const struct qun_file *f = &w->file;

	to->typed += f->typed;
	to->type_known |= f->type_known;
	to->in->counts.read += w->in.counts.read;
	to->in->counts.used += w->in.counts.used;
	to->in->counts.filtered += w->in.counts.filtered;
	to->in->counts.duplicate += w->in.counts.duplicate;
	to->in->counts.bad += w->in.counts.bad;
	to->in->counts.rounded += w->in.counts.rounded;
	return qun_file_columns_met(to->in, &f->map);
}

static void close_worker(struct worker *w)
{
	w->file.source = NULL; /* these are the reader's */
	w->file.header = NULL;
	w->file.name = NULL;
	qun_file_release(&w->file);
}

int qun_crew_open(struct qun_crew **out, struct qun_file *f, size_t threads, struct qun_err *err)
{
	struct qun_crew *c = calloc(1, sizeof(*c));
	int rc = c ? 0 : qun_fail_mem(err);

	if (rc < 0)
		return rc;
	c->file = f;
	c->njob = 2 * threads + 2;
	c->worker = calloc(threads, sizeof(*c->worker));
	c->job = calloc(c->njob, sizeof(*c->job));
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->ready, NULL);
	pthread_cond_init(&c->done, NULL);
	if (!c->worker || !c->job)
		rc = qun_fail_mem(err);
	while (rc == 0 && c->nworker < threads)
		rc = open_worker(c, c->nworker++, err);
	for (size_t i = 0; rc == 0 && i < threads; i++) {
		rc = pthread_create(&c->worker[i].thread, NULL, work, &c->worker[i]);
		c->worker[i].running = rc == 0;
		if (rc)
			rc = qun_fail(err, QUN_EIO, "cannot start a thread: %s", strerror(rc));
	}
	if (rc < 0)
		qun_crew_close(c);
	else
		*out = c;
	return rc;
}

static struct item *add_item(struct qun_crew *c)
{
	struct job *job = &c->job[c->filling];

	if (qun_grow(&job->item, &job->item_cap, job->nitem, sizeof(*job->item)) < 0)
		return NULL;
	job->item[job->nitem] = (struct item){0};
	return &job->item[job->nitem++];
}

int qun_crew_batch(struct qun_crew *c, const struct qun_batch *batch)
{
	struct job *job = &c->job[c->filling];
	struct item *item = add_item(c);

	if (!item || qun_grow(&job->piece, &job->piece_cap, job->npiece + batch->n, sizeof(*job->piece)) < 0)
		return QUN_ENOMEM;
	item->batch = *batch;
	memcpy(job->piece + job->npiece, batch->piece, batch->n * sizeof(*batch->piece));
	job->npiece += batch->n;
	return 0;
}

int qun_crew_record(struct qun_crew *c, const struct qun_record *rec)
{
	struct item *item = add_item(c);

	return item ? qun_hold_record(&item->held, rec, &c->job[c->filling].text) : QUN_ENOMEM;
}

int qun_crew_bad(struct qun_crew *c, const struct qun_bad *bad)
{
	struct item *item = add_item(c);

	return item ? qun_hold_bad(&item->held, bad, &c->job[c->filling].text) : QUN_ENOMEM;
}

/* Waits for the reader's job, hears what came of it, and empties it. */
static int take_back(struct qun_crew *c, struct qun_err *err)
{
	struct job *job = &c->job[c->filling];
	const struct qun_input_sink *sink = &c->file->in->sink;
	int rc;

	pthread_mutex_lock(&c->lock);
	while (job->state != JOB_FREE && job->state != JOB_DONE)
		pthread_cond_wait(&c->done, &c->lock);
	pthread_mutex_unlock(&c->lock);
	rc = 0;
	for (size_t i = 0; rc == 0 && i < job->nbad; i++)
		rc = sink->bad(sink->arg, &job->bad[i]);
	if (rc == 0 && job->state == JOB_DONE && job->rc < 0) {
		rc = job->rc;
		memcpy(job->err.file, err->file, sizeof(err->file));
		*err = job->err;
		if (rc == QUN_ENOMEM)
			qun_fail_mem(err);
	}
	job->err = (struct qun_err){0};
	job->state = JOB_FREE;
	job->nitem = job->npiece = job->nbad = 0;
	qun_arena_release(&job->text);
	qun_buf_clear(&job->bytes);
	return rc;
}

int qun_crew_pass(struct qun_crew *c, struct qun_buf *bytes, size_t left, struct qun_err *err)
{
	struct job *job = &c->job[c->filling];
	struct qun_buf mine = *bytes;
	struct qun_span rest = {mine.ptr + mine.len - left, left};

	*bytes = job->bytes;
	job->bytes = mine;
	pthread_mutex_lock(&c->lock);
	job->state = JOB_READY;
	c->filling = (c->filling + 1) % c->njob;
	pthread_cond_signal(&c->ready);
	pthread_mutex_unlock(&c->lock);
	if (qun_buf_add_span(bytes, rest) < 0)
		return qun_fail_mem(err);
	return take_back(c, err);
}

static void stop(struct qun_crew *c)
{
	pthread_mutex_lock(&c->lock);
	for (size_t i = 0; i < c->njob; i++)
		c->job[i].state = c->job[i].state == JOB_READY ? JOB_FREE : c->job[i].state;
	c->over = true;
	pthread_cond_broadcast(&c->ready);
	pthread_mutex_unlock(&c->lock);
	for (size_t i = 0; i < c->nworker; i++) {
		if (c->worker[i].running)
			pthread_join(c->worker[i].thread, NULL);
		c->worker[i].running = false;
	}
}

int qun_crew_finish(struct qun_crew *c, struct qun_buf *bytes, struct qun_err *err)
{
	int rc = qun_crew_pass(c, bytes, 0, err);

	for (size_t i = 1; rc == 0 && i < c->njob; i++) {
		c->filling = (c->filling + 1) % c->njob;
		rc = take_back(c, err);
	}
	stop(c);
	for (size_t i = 0; rc == 0 && i < c->nworker; i++)
		rc = learn_from(&c->worker[i], c->file) < 0 ? qun_fail_mem(err) : 0;
	return rc;
}

void qun_crew_close(struct qun_crew *c)
{
	if (!c)
		return;
	stop(c);
	for (size_t i = 0; i < c->nworker; i++)
		close_worker(&c->worker[i]);
	for (size_t i = 0; i < c->njob; i++) {
		qun_buf_release(&c->job[i].bytes);
		qun_arena_release(&c->job[i].text);
		free(c->job[i].item);
		free(c->job[i].piece);
		free(c->job[i].bad);
	}
	pthread_cond_destroy(&c->ready);
	pthread_cond_destroy(&c->done);
	pthread_mutex_destroy(&c->lock);
	free(c->worker);
	free(c->job);
	free(c);
}
