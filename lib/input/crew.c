/*
 * Workers that read by turns. Whoever has the turn reads the next bytes behind what the chunk before
 * left over and cuts them, then passes the turn on and makes events of what it cut, in bytes that never
 * leave its processor. Each has a file of its own, made like the one that is read.
 */
#include "input/crew.h"

#include "core/each.h"
#include "input/file.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t NONE = UINT64_MAX;

/* One thing the cutter said: a batch, or a record or damage held in the worker's memory. */
struct item {
	struct qun_batch batch; /* piece: not set, its pieces follow those of the item before */
	struct qun_held held;
};

struct worker {
	struct qun_crew *crew;
	struct qun_input in;
	struct qun_file file;
	int (*event)(void *arg, struct qun_event *ev, struct qun_err *err); /* the sink's */
	void *taker;     /* its arg here */
	uint64_t number; /* of the chunk in hand; NONE */
	struct qun_buf bytes;
	struct qun_arena text;
	struct item *item;
	struct qun_piece *piece;
	struct qun_bad *bad; /* what came of it */
	size_t nitem, item_cap, npiece, piece_cap, nbad, bad_cap;
	int rc;
	struct qun_err err;
};

struct qun_crew {
	struct qun_file *file;
	struct qun_err *err; /* of the first failure in the order of the file */
	int rc;
	size_t nworker;
	struct worker *worker;
	pthread_mutex_t turn; /* who holds it may read and cut */
	struct worker *cutting;
	struct qun_buf rest; /* that the chunk before has left */
	bool over;           /* there is no more to read */
	pthread_mutex_t lock; /* of numbers, rc and the sink */
	pthread_cond_t done;
	uint64_t next;
};

bool qun_crew_may(const struct qun_file *f)
{
	const struct qun_input *in = f->in;

	return f->decided && !f->holding && f->container != QUN_TEXT && in->sink.worker && !in->dedup &&
		!in->conf.alias && !in->person.n && !f->format->event && !f->format->end && !f->format->people &&
		!f->format->timeless;
}

/* Complaints wait until it is the chunk's turn to speak. */
static int keep_bad(void *arg, const struct qun_bad *bad)
{
	struct worker *w = arg;
	struct qun_bad *kept;

	if (qun_grow(&w->bad, &w->bad_cap, w->nbad, sizeof(*w->bad)) < 0)
		return QUN_ENOMEM;
	kept = &w->bad[w->nbad];
	*kept = *bad;
	kept->why = qun_arena_copy(&w->text, qun_span_of(bad->why));
	if (!kept->why)
		return QUN_ENOMEM;
	w->nbad++;
	return 0;
}

static int take_event(void *arg, struct qun_event *ev, struct qun_err *err)
{
	const struct worker *w = arg;

	return w->event(w->taker, ev, err);
}

static void take_ahead(void *arg, struct qun_event *ev, size_t n)
{
	const struct worker *w = arg;

	w->crew->file->in->sink.ahead(w->taker, ev, n);
}

static struct item *add_item(struct worker *w)
{
	if (qun_grow(&w->item, &w->item_cap, w->nitem, sizeof(*w->item)) < 0)
		return NULL;
	w->item[w->nitem] = (struct item){0};
	return &w->item[w->nitem++];
}

int qun_crew_batch(struct qun_crew *c, const struct qun_batch *batch)
{
	struct worker *w = c->cutting;
	struct item *item = add_item(w);

	if (!item || qun_grow(&w->piece, &w->piece_cap, w->npiece + batch->n, sizeof(*w->piece)) < 0)
		return QUN_ENOMEM;
	item->batch = *batch;
	memcpy(w->piece + w->npiece, batch->piece, batch->n * sizeof(*batch->piece));
	w->npiece += batch->n;
	return 0;
}

int qun_crew_record(struct qun_crew *c, const struct qun_record *rec)
{
	struct item *item = add_item(c->cutting);

	return item ? qun_hold_record(&item->held, rec, &c->cutting->text) : QUN_ENOMEM;
}

int qun_crew_bad(struct qun_crew *c, const struct qun_bad *bad)
{
	struct item *item = add_item(c->cutting);

	return item ? qun_hold_bad(&item->held, bad, &c->cutting->text) : QUN_ENOMEM;
}

/* What was cut becomes events. A failure of the cutter comes behind all that it said before. */
static int make_events(struct worker *w)
{
	const struct qun_piece *piece = w->piece;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < w->nitem; i++) {
		struct item *item = &w->item[i];
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

/* Takes a number for the next chunk; false where no more is to be done. */
static bool take_number(struct worker *w)
{
	struct qun_crew *c = w->crew;
	bool goes_on;

	pthread_mutex_lock(&c->lock);
	goes_on = !c->over && c->rc == 0;
	if (goes_on)
		w->number = c->next++;
	pthread_mutex_unlock(&c->lock);
	return goes_on;
}

/* Reads the next chunk and cuts it; the last bytes stay for who comes next. */
static void cut(struct worker *w)
{
	struct qun_crew *c = w->crew;
	struct qun_file *f = c->file;
	int rc;

	c->cutting = w;
	f->err = &w->err;
	qun_buf_clear(&w->bytes);
	rc = qun_buf_add_span(&w->bytes, qun_buf_span(&c->rest)) < 0 ? qun_fail_mem(&w->err) : qun_file_cut(f, &w->bytes);
	c->over = rc <= 0;
	qun_buf_clear(&c->rest);
	if (rc > 0) {
		struct qun_span left = {w->bytes.ptr + w->bytes.len - f->cutter->left, f->cutter->left};
		rc = qun_buf_add_span(&c->rest, left) < 0 ? qun_fail_mem(&w->err) : 0;
	}
	w->rc = rc;
}

static bool is_first(const struct worker *w)
{
	const struct qun_crew *c = w->crew;

	for (size_t i = 0; i < c->nworker; i++) {
		if (c->worker[i].number < w->number)
			return false;
	}
	return true;
}

/* The chunk in hand is done with. Who has something to say waits for those that come before him. */
static void hand_in(struct worker *w)
{
	struct qun_crew *c = w->crew;
	const struct qun_input_sink *sink = &c->file->in->sink;

	pthread_mutex_lock(&c->lock);
	while ((w->nbad || w->rc < 0) && !is_first(w))
		pthread_cond_wait(&c->done, &c->lock);
	for (size_t i = 0; c->rc == 0 && i < w->nbad; i++)
		c->rc = sink->bad(sink->arg, &w->bad[i]);
	if (c->rc == 0 && (c->rc = w->rc) < 0)
		*c->err = w->err;
	w->number = NONE;
	pthread_cond_broadcast(&c->done);
	pthread_mutex_unlock(&c->lock);
	w->nitem = w->npiece = w->nbad = 0;
	qun_arena_release(&w->text);
}

static int work(void *arg, size_t i, int thread)
{
	struct qun_crew *c = arg;
	struct worker *w = &c->worker[i];

	(void)thread;
	for (;;) {
		int rc;

		pthread_mutex_lock(&c->turn);
		if (!take_number(w))
			break;
		cut(w);
		pthread_mutex_unlock(&c->turn);
		rc = make_events(w);
		w->rc = rc < 0 ? rc : w->rc;
		hand_in(w);
	}
	pthread_mutex_unlock(&c->turn);
	return 0;
}

/* A file of the worker's own: the same columns, none of the records. */
static int open_worker(struct qun_crew *c, size_t i)
{
	const struct qun_file *of = c->file;
	struct worker *w = &c->worker[i];
	struct qun_file *f = &w->file;
	size_t n = of->container == QUN_JSON ? of->paths.n : of->nname;
	struct qun_span *name = calloc(n + 1, sizeof(*name));
	int rc = name ? 0 : qun_fail_mem(c->err);

	w->crew = c;
	w->number = NONE;
	w->err = *c->err;
	w->event = of->in->sink.event;
	w->taker = of->in->sink.worker(of->in->sink.arg, i);
	w->in = (struct qun_input){.conf = of->in->conf, .sink = {.arg = w, .event = take_event, .bad = keep_bad,
		.ahead = of->in->sink.ahead ? take_ahead : NULL}};
	*f = (struct qun_file){.in = &w->in, .path = of->path, .err = &w->err, .container = of->container,
		.delimiter = of->delimiter, .source = of->source, .header = of->header, .nname = of->nname,
		.has_header = of->has_header, .decided = true, .name = of->name, .column = calloc(of->nname + 1, sizeof(int))};
	if (rc == 0 && (!f->column || !w->taker))
		rc = qun_fail_mem(c->err);
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
	w->file.source = NULL; /* these are the whole file's */
	w->file.header = NULL;
	w->file.name = NULL;
	qun_file_release(&w->file);
	qun_buf_release(&w->bytes);
	qun_arena_release(&w->text);
	free(w->item);
	free(w->piece);
	free(w->bad);
}

int qun_crew_run(struct qun_file *f, struct qun_buf *left, size_t threads)
{
	struct qun_crew c = {.file = f, .err = f->err, .rest = *left};
	int rc = 0;

	*left = (struct qun_buf){0};
	c.worker = calloc(threads, sizeof(*c.worker));
	pthread_mutex_init(&c.turn, NULL);
	pthread_mutex_init(&c.lock, NULL);
	pthread_cond_init(&c.done, NULL);
	if (!c.worker)
		rc = qun_fail_mem(c.err);
	while (rc == 0 && c.nworker < threads)
		rc = open_worker(&c, c.nworker++);
	f->crew = &c;
	if (rc == 0)
		rc = qun_each(threads, (int)threads, work, &c);
	f->crew = NULL;
	f->err = c.err;
	if (rc == 0)
		rc = c.rc;
	for (size_t i = 0; i < c.nworker; i++) {
		int learnt = learn_from(&c.worker[i], f);
		rc = rc < 0 ? rc : learnt;
		close_worker(&c.worker[i]);
	}
	qun_buf_release(&c.rest);
	pthread_cond_destroy(&c.done);
	pthread_mutex_destroy(&c.lock);
	pthread_mutex_destroy(&c.turn);
	free(c.worker);
	return rc;
}
