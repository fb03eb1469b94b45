/*
 * Workers that read by turns. Whoever has the turn reads the next bytes behind what the chunk before
 * left over and cuts them, then passes the turn on and makes events of what it cut, in bytes that never
 * leave its processor. Each has a file of its own, made like the one that is read. One more, the clerk's,
 * is for what has to come in the order of all records: whose chunk is the first of those in hand may use it.
 */
#include "input/crew.h"

#include "core/each.h"
#include "input/file.h"

#include <pthread.h>
#include <stdio.h>
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
	const struct qun_input_sink *sink; /* the run's */
	void *taker;     /* what its `event` and `events` are given here */
	uint64_t number; /* of the chunk in hand; NONE */
	struct qun_buf bytes;
	struct qun_arena text;
	struct item *item;
	struct qun_piece *piece;
	struct qun_held *late; /* complaints, and records for the clerk */
	size_t nitem, item_cap, npiece, piece_cap, nlate, late_cap;
	int rc;
	struct qun_err err;
};

struct qun_crew {
	struct qun_file *file;
	struct qun_err *err; /* of the first failure in the order of the file */
	int rc;
	size_t nworker;
	struct worker *worker;
	struct worker clerk;
	pthread_mutex_t turn; /* who holds it may read and cut */
	struct worker *cutting;
	struct qun_buf rest; /* that the chunk before has left */
	bool over;           /* there is no more to read */
	bool moved, apart;   /* the header has changed; by what it tells records may be read apart */
	pthread_mutex_t lock; /* of numbers and rc */
	pthread_cond_t done;
	uint64_t next;
};

/* Can the format do without the records before the one in hand? */
static bool are_apart(const struct qun_file *f)
{
	const struct qun_format *format = f->format;
	bool forgets = !format->memory_size && !format->end && !format->people;

	/* without a group they would wait for it, all together */
	return (forgets || format->apart) && (!format->group || format->group(&f->hook).len);
}

bool qun_crew_may(const struct qun_file *f)
{
	const struct qun_input *in = f->in;

	return f->decided && !f->holding && f->container != QUN_TEXT && in->sink.worker && !in->dedup &&
		!in->conf.alias && !in->person.n && are_apart(f);
}

/* A record or a complaint, whichever is given, in the worker's memory. Half of one is none. */
static int hold(struct worker *w, struct qun_held *held, const struct qun_record *rec, const struct qun_bad *bad)
{
	return rec ? qun_hold_record(held, rec, &w->text) : qun_hold_bad(held, bad, &w->text);
}

static int add_late(struct worker *w, const struct qun_record *rec, const struct qun_bad *bad)
{
	int rc = qun_grow(&w->late, &w->late_cap, w->nlate, sizeof(*w->late));

	if (rc == 0)
		rc = hold(w, &w->late[w->nlate], rec, bad);
	w->nlate += rc == 0;
	return rc;
}

static int keep_bad(void *arg, const struct qun_bad *bad)
{
	return add_late(arg, NULL, bad);
}

int qun_crew_later(struct qun_file *f, const struct qun_record *rec)
{
	struct worker *w = f->in->sink.arg;

	if (add_late(w, rec, NULL) < 0)
		return qun_fail_mem(f->err);
	if (!rec->line)
		w->late[w->nlate - 1].rec.line = qun_file_line(f, rec->offset);
	return 0;
}

static int take_event(void *arg, struct qun_event *ev, struct qun_err *err)
{
	const struct worker *w = arg;

	return w->sink->event(w->taker, ev, err);
}

static int take_events(void *arg, struct qun_event *ev, size_t n, size_t *used, struct qun_err *err)
{
	const struct worker *w = arg;

	return w->sink->events(w->taker, ev, n, used, err);
}

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

static bool is_first(const struct worker *w)
{
	const struct qun_crew *c = w->crew;

	for (size_t i = 0; i < c->nworker; i++) {
		if (c->worker[i].number < w->number)
			return false;
	}
	return true;
}

/* Until all chunks before are done with. Negative where one of them failed. */
static int await_first(struct worker *w)
{
	struct qun_crew *c = w->crew;
	int rc;

	pthread_mutex_lock(&c->lock);
	while (!is_first(w))
		pthread_cond_wait(&c->done, &c->lock);
	rc = c->rc;
	pthread_mutex_unlock(&c->lock);
	return rc;
}

/* What had to wait for all that comes before it. */
static int settle_late(struct worker *w)
{
	struct qun_crew *c = w->crew;
	const struct qun_input_sink *sink = &c->file->in->sink;
	int rc = 0;

	c->clerk.file.err = &w->err;
	for (size_t i = 0; rc == 0 && i < w->nlate; i++) {
		const struct qun_held *late = &w->late[i];
		rc = late->bad ? sink->bad(sink->arg, late->bad) : qun_file_record(&c->clerk.file, &late->rec);
	}
	return rc;
}

/* Makes events of all that is cut. Who has to wait for others does it now; with `first` everybody. */
static void finish_items(struct worker *w, bool first)
{
	int rc = make_events(w);

	/* what the cutter said comes before its failure */
	w->rc = rc < 0 ? rc : w->rc;
	if (first || w->nlate || w->rc < 0) {
		rc = await_first(w);
		if (rc == 0)
			rc = settle_late(w);
		w->rc = rc < 0 ? rc : w->rc;
	}
	w->nitem = w->npiece = w->nlate = 0;
	qun_arena_release(&w->text);
}

/* May what the cutter says now not be read apart? Then all before it has been read. */
static bool is_for_clerk(struct qun_crew *c)
{
	if (c->moved)
		c->apart = are_apart(c->file);
	c->moved = false;
	if (!c->apart)
		c->clerk.file.err = &c->cutting->err;
	return !c->apart;
}

/* Room for one more, which is not there until it is counted. */
static struct item *next_item(struct worker *w)
{
	if (qun_grow(&w->item, &w->item_cap, w->nitem, sizeof(*w->item)) < 0)
		return NULL;
	w->item[w->nitem] = (struct item){0};
	return &w->item[w->nitem];
}

static int add_item(struct worker *w, const struct qun_record *rec, const struct qun_bad *bad)
{
	struct item *item = next_item(w);
	int rc = item ? hold(w, &item->held, rec, bad) : QUN_ENOMEM;

	w->nitem += rc == 0;
	return rc;
}

int qun_crew_batch(struct qun_crew *c, const struct qun_batch *batch)
{
	struct worker *w = c->cutting;
	struct item *item;

	if (is_for_clerk(c))
		return qun_file_batch(&c->clerk.file, batch);
	if (qun_grow(&w->piece, &w->piece_cap, w->npiece + batch->n, sizeof(*w->piece)) < 0)
		return QUN_ENOMEM;
	item = next_item(w);
	if (!item)
		return QUN_ENOMEM;
	item->batch = *batch;
	w->nitem++;
	memcpy(w->piece + w->npiece, batch->piece, batch->n * sizeof(*batch->piece));
	w->npiece += batch->n;
	return 0;
}

int qun_crew_record(struct qun_crew *c, const struct qun_record *rec)
{
	return is_for_clerk(c) ? qun_file_record(&c->clerk.file, rec) : add_item(c->cutting, rec, NULL);
}

int qun_crew_bad(struct qun_crew *c, const struct qun_bad *bad)
{
	return is_for_clerk(c) ? qun_file_bad(&c->clerk.file, bad) : add_item(c->cutting, NULL, bad);
}

int qun_crew_around(struct qun_crew *c)
{
	if (!c->file->format->event || c->moved)
		return 0;
	finish_items(c->cutting, true);
	c->moved = true;
	return c->cutting->rc;
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
static int cut(struct worker *w)
{
	struct qun_crew *c = w->crew;
	struct qun_file *f = c->file;
	int rc;

	c->cutting = w;
	f->err = &w->err;
	qun_buf_clear(&w->bytes);
	rc = qun_buf_add_span(&w->bytes, qun_buf_span(&c->rest)) < 0 ? QUN_ENOMEM : qun_file_cut(f, &w->bytes);
	c->over = rc <= 0;
	qun_buf_clear(&c->rest);
	if (rc <= 0)
		return rc;
	return qun_buf_add(&c->rest, w->bytes.ptr + w->bytes.len - f->cutter->left, f->cutter->left);
}

/* The chunk in hand is done with. */
static void hand_in(struct worker *w)
{
	struct qun_crew *c = w->crew;

	pthread_mutex_lock(&c->lock);
	if (c->rc == 0 && w->rc < 0) {
		c->rc = w->rc;
		*c->err = w->err;
	}
	w->number = NONE;
	pthread_cond_broadcast(&c->done);
	pthread_mutex_unlock(&c->lock);
}

static int work(void *arg, size_t i, int thread)
{
	struct qun_crew *c = arg;
	struct worker *w = &c->worker[i];

	(void)thread;
	pthread_mutex_lock(&c->turn);
	while (take_number(w)) {
		w->rc = cut(w);
		pthread_mutex_unlock(&c->turn);
		finish_items(w, false);
		hand_in(w);
		pthread_mutex_lock(&c->turn);
	}
	pthread_mutex_unlock(&c->turn);
	return 0;
}

/* A file of the worker's own: the same columns, none of the records. */
static int open_worker(struct qun_crew *c, struct worker *w, const struct qun_input_sink *sink)
{
	const struct qun_file *of = c->file;
	struct qun_file *f = &w->file;
	size_t n = of->container == QUN_JSON ? of->paths.n : of->nname;
	struct qun_span *name = calloc(n + 1, sizeof(*name));
	int rc = name ? 0 : QUN_ENOMEM;

	w->crew = c;
	w->number = NONE;
	w->err = *c->err;
	w->in = (struct qun_input){.conf = of->in->conf, .sink = *sink};
	*f = (struct qun_file){.in = &w->in, .path = of->path, .err = c->err, .container = of->container,
		.delimiter = of->delimiter, .source = of->source, .header = of->header, .nname = of->nname,
		.has_header = of->has_header, .decided = true, .name = of->name, .column = calloc(of->nname + 1, sizeof(int))};
	snprintf(f->array, sizeof(f->array), "%s", of->array);
	if (!f->column)
		rc = QUN_ENOMEM;
	for (size_t k = 0; rc == 0 && k < n; k++)
		name[k] = of->container == QUN_JSON ? qun_dict_text(&of->paths, (uint32_t)k) : of->name[k];
	if (rc == 0)
		rc = qun_file_map(f, of->format, name, n);
	free(name);
	if (rc < 0)
		return rc;
	f->map.time = of->map.time;
	if (of->map.clock >= 0)
		qun_map_set_clock(&f->map, of->map.clock);
	f->map.name_is_id = of->map.name_is_id;
	qun_file_hook(f);
	qun_plain_set(f);
	return 0;
}

static int open_workers(struct qun_crew *c, size_t threads)
{
	const struct qun_input_sink *sink = &c->file->in->sink;
	const struct qun_format *format = c->file->format;
	int rc = 0;

	c->worker = calloc(threads, sizeof(*c->worker));
	if (!c->worker)
		return QUN_ENOMEM;
	while (rc == 0 && c->nworker < threads) {
		struct worker *w = &c->worker[c->nworker];
		/* the clerk's events go where the file's would: no other may have that place then */
		w->taker = sink->worker(sink->arg, c->nworker++ + format->apart);
		w->sink = sink;
		rc = open_worker(c, w, &(struct qun_input_sink){
			.arg = w, .event = take_event, .events = sink->events ? take_events : NULL, .bad = keep_bad});
		w->file.err = &w->err;
		w->file.hook.apart = true;
		if (rc == 0 && format->memory_size)
			w->file.hook.memory = calloc(1, format->memory_size);
		if (!w->taker || (format->memory_size && !w->file.hook.memory))
			rc = QUN_ENOMEM;
	}
	return rc < 0 ? rc : open_worker(c, &c->clerk, sink);
}

/* What is known of the records so far goes with who reads them. */
static void pass_memory(struct qun_file *from, struct qun_file *to)
{
	to->hook.memory = from->hook.memory;
	to->people = from->people;
	to->wait = from->wait;
	to->waited = from->waited;
	to->astray = from->astray;
	to->late = from->late;
	from->hook.memory = NULL;
	from->people = (struct qun_dict){0};
	from->wait = (struct qun_wait){0};
}

/* What the worker learned of the file, besides events. */
static int learn_from(const struct worker *w, struct qun_file *to)
{
	const struct qun_input_counts *n = &w->in.counts;
	struct qun_input_counts *all = &to->in->counts;

	to->typed += w->file.typed;
	to->type_known |= w->file.type_known;
	all->read += n->read;
	all->used += n->used;
	all->filtered += n->filtered;
	all->duplicate += n->duplicate;
	all->bad += n->bad;
	all->system_unknown += n->system_unknown;
	all->rounded += n->rounded;
	all->by_name += n->by_name;
	all->by_library += n->by_library;
	return qun_file_columns_met(to->in, &w->file.map);
}

static void close_worker(struct worker *w)
{
	w->file.source = NULL; /* these are the whole file's */
	w->file.header = NULL;
	w->file.name = NULL;
	if (w->crew)
		qun_file_release(&w->file);
	qun_buf_release(&w->bytes);
	qun_arena_release(&w->text);
	free(w->item);
	free(w->piece);
	free(w->late);
}

/* Ends what a run of c has begun. */
static int close_crew(struct qun_crew *c, int rc)
{
	for (size_t i = 0; i <= c->nworker; i++) {
		struct worker *w = i < c->nworker ? &c->worker[i] : &c->clerk;
		int learned = w->crew ? learn_from(w, c->file) : 0;

		rc = rc < 0 ? rc : learned;
		close_worker(w);
	}
	qun_buf_release(&c->rest);
	pthread_cond_destroy(&c->done);
	pthread_mutex_destroy(&c->lock);
	pthread_mutex_destroy(&c->turn);
	free(c->worker);
	return rc;
}

int qun_crew_run(struct qun_file *f, struct qun_buf *left, size_t threads)
{
	struct qun_crew c = {.file = f, .err = f->err, .rest = *left, .apart = true};
	int rc;

	*left = (struct qun_buf){0};
	pthread_mutex_init(&c.turn, NULL);
	pthread_mutex_init(&c.lock, NULL);
	pthread_cond_init(&c.done, NULL);
	rc = open_workers(&c, threads);
	if (rc == 0) {
		pass_memory(f, &c.clerk.file);
		f->crew = &c;
		rc = qun_each(threads, (int)threads, work, &c);
		f->crew = NULL;
		f->err = c.err;
		pass_memory(&c.clerk.file, f);
		rc = rc < 0 ? rc : c.rc;
	}
	return close_crew(&c, rc);
}
