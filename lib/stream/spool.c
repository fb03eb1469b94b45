/*
 * The spool: events as saved bytes in one block of memory; a full block is sorted and written as a run
 * to a file that has no name any more, and at the end the runs are merged. The file vanishes
 * with the process, however that ends, and nobody else can open it.
 */
#include "qun/stream.h"

#include "qun/dict.h"
#include "qun/tie.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RUNS_MAX = 256, READ_MIN = 64 << 10, PREFIX = 4 };

struct run {
	off_t from, to;
};

struct qun_spool {
	bool sorted;
	size_t memory;
	const char *folder;
	struct qun_buf block; /* records: length in PREFIX bytes, then saved bytes */
	size_t *at;           /* where each begins */
	size_t n, cap;
	int fd;               /* -1: all is in memory */
	off_t end;
	struct run run[RUNS_MAX];
	size_t nrun;
	int failed;           /* first failure of a comparison, which cannot return it */
};

int qun_spool_open(struct qun_spool **out, bool sorted, size_t memory, const char *folder)
{
	struct qun_spool *s = calloc(1, sizeof(*s));

	if (!s)
		return QUN_ENOMEM;
	s->sorted = sorted;
	s->memory = memory;
	s->folder = folder;
	s->fd = -1;
	*out = s;
	return 0;
}

void qun_spool_close(struct qun_spool *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	qun_buf_release(&s->block);
	free(s->at);
	free(s);
}

/* The instant comes first, in bytes that sort as it does: most comparisons need no more. Of the fields
 * most are empty: bits tell which are not. */
static int save(struct qun_buf *out, const struct qun_event *ev)
{
	uint64_t there = 0;
	int rc = qun_key_int(out, ev->ts);

	for (int i = QUN_F_GROUP; i < QUN_CANONICAL; i++)
		there |= ev->field[i].len ? QUN_BIT(i) : 0;
	if (rc == 0)
		rc = qun_save_u64(out, (uint64_t)ev->type << 1 | ev->has_amount);
	if (rc == 0 && ev->has_amount)
		rc = qun_save_i64(out, ev->amount);
	if (rc == 0)
		rc = qun_save_u64(out, there);
	for (; rc == 0 && there; there &= there - 1)
		rc = qun_save_span(out, ev->field[__builtin_ctzll(there)]);
	return rc;
}

static void load(struct qun_span record, struct qun_event *ev)
{
	struct qun_reader in = qun_reader_of(record);
	uint64_t head = 0, there = 0;
	int rc;

	*ev = (struct qun_event){0};
	rc = qun_unkey_int(&in, &ev->ts);
	if (rc == 0)
		rc = qun_load_u64(&in, &head);
	ev->type = (enum qun_type)(head >> 1);
	ev->has_amount = head & 1;
	if (rc == 0 && ev->has_amount)
		rc = qun_load_i64(&in, &ev->amount);
	if (rc == 0)
		rc = qun_load_u64(&in, &there);
	for (; rc == 0 && there; there &= there - 1)
		rc = qun_load_span(&in, &ev->field[__builtin_ctzll(there)]);
	ev->field[QUN_F_TS] = (struct qun_span){record.ptr, 8}; /* not empty; writers take ev->ts */
}

static struct qun_span record_at(const struct qun_spool *s, size_t at)
{
	uint32_t len;

	memcpy(&len, s->block.ptr + at, PREFIX);
	return (struct qun_span){s->block.ptr + at + PREFIX, len};
}

/* Of events at one instant: by group and user, then the tie rule, then what that leaves open. */
static int compare_ties(struct qun_span a, struct qun_span b, int *failed)
{
	static const int rest[] = {QUN_F_NAME, QUN_F_QTY, QUN_F_ROLE, QUN_F_AMOUNT};
	struct qun_event x, y;
	struct qun_buf p = {0}, q = {0};
	int order;

	load(a, &x);
	load(b, &y);
	order = qun_span_cmp(x.field[QUN_F_GROUP], y.field[QUN_F_GROUP]);
	if (!order)
		order = qun_span_cmp(x.field[QUN_F_USER], y.field[QUN_F_USER]);
	if (order)
		return order;
	if (qun_tie_key(NULL, &x, &p) < 0 || qun_tie_key(NULL, &y, &q) < 0)
		*failed = QUN_ENOMEM;
	else
		order = qun_span_cmp(qun_buf_span(&p), qun_buf_span(&q));
	for (size_t i = 0; !order && i < sizeof(rest) / sizeof(*rest); i++)
		order = qun_span_cmp(x.field[rest[i]], y.field[rest[i]]);
	qun_buf_release(&p);
	qun_buf_release(&q);
	return order;
}

static int compare(struct qun_span a, struct qun_span b, int *failed)
{
	int order = memcmp(a.ptr, b.ptr, 8);

	if (order)
		return order;
	if (a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0)
		return 0;
	return compare_ties(a, b, failed);
}

static int by_record(const void *a, const void *b, void *arg)
{
	struct qun_spool *s = arg;

	return compare(record_at(s, *(const size_t *)a), record_at(s, *(const size_t *)b), &s->failed);
}

static int sort_block(struct qun_spool *s)
{
	if (s->sorted && s->n)
		qsort_r(s->at, s->n, sizeof(*s->at), by_record, s);
	return s->failed;
}

static int open_file(struct qun_spool *s, struct qun_err *err)
{
	struct qun_buf path = {0};
	uint64_t name;
	int rc = qun_random(&name, sizeof(name));

	if (rc < 0)
		return qun_fail_sys(err, "cannot get random bytes");
	rc = qun_buf_printf(&path, "%s/quntools-%016" PRIx64, s->folder, name);
	if (rc == 0)
		rc = qun_buf_add_char(&path, '\0');
	if (rc < 0)
		return qun_fail_mem(err);
	s->fd = open(path.ptr, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (s->fd < 0)
		rc = qun_fail_sys(err, "cannot make a temporary file in %.200s", s->folder);
	else
		unlink(path.ptr);
	qun_buf_release(&path);
	return rc;
}

static int write_bytes(struct qun_spool *s, const char *p, size_t n, struct qun_err *err)
{
	while (n) {
		ssize_t done = pwrite(s->fd, p, n, s->end);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return qun_fail_sys(err, "cannot write to a temporary file in %.200s", s->folder);
		p += done;
		n -= (size_t)done;
		s->end += done;
	}
	return 0;
}

/* Writes gathered in a buffer. */
struct gather {
	struct qun_spool *s;
	struct qun_buf out;
};

static int gather_record(struct gather *g, struct qun_span record, struct qun_err *err)
{
	uint32_t len = (uint32_t)record.len;
	int rc = qun_buf_add(&g->out, &len, PREFIX);

	if (rc == 0)
		rc = qun_buf_add_span(&g->out, record);
	if (rc < 0)
		return qun_fail_mem(err);
	if (g->out.len < READ_MIN)
		return 0;
	rc = write_bytes(g->s, g->out.ptr, g->out.len, err);
	qun_buf_clear(&g->out);
	return rc;
}

static int gather_end(struct gather *g, struct qun_err *err)
{
	int rc = write_bytes(g->s, g->out.ptr, g->out.len, err);

	qun_buf_release(&g->out);
	return rc;
}

/* Reads one run again, record by record. */
struct cursor {
	struct qun_spool *s;
	struct run left;
	struct qun_buf buf;
	size_t at, room;
	struct qun_span record;
};

/* At least n bytes behind at; 0, or negative. */
static int fill(struct cursor *c, size_t n, struct qun_err *err)
{
	size_t want = n > c->room ? n : c->room;

	if (c->buf.len - c->at >= n)
		return 0;
	if (c->at)
		memmove(c->buf.ptr, c->buf.ptr + c->at, c->buf.len - c->at);
	c->buf.len -= c->at;
	c->at = 0;
	if (qun_buf_reserve(&c->buf, want - c->buf.len) < 0)
		return qun_fail_mem(err);
	while (c->buf.len < want && c->left.from < c->left.to) {
		off_t more = c->left.to - c->left.from;
		size_t ask = want - c->buf.len;
		ssize_t got = pread(c->s->fd, c->buf.ptr + c->buf.len, more < (off_t)ask ? (size_t)more : ask,
			c->left.from);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return qun_fail_sys(err, "cannot read a temporary file in %.200s", c->s->folder);
		if (got == 0)
			return qun_fail(err, QUN_EIO, "a temporary file is shorter than what was written to it");
		c->buf.len += (size_t)got;
		c->left.from += got;
	}
	return 0;
}

/* 1, 0 at the end of the run, or negative. */
static int step(struct cursor *c, struct qun_err *err)
{
	uint32_t len;
	int rc;

	if (c->at == c->buf.len && c->left.from == c->left.to)
		return 0;
	rc = fill(c, PREFIX, err);
	if (rc < 0)
		return rc;
	memcpy(&len, c->buf.ptr + c->at, PREFIX);
	rc = fill(c, PREFIX + (size_t)len, err);
	if (rc < 0)
		return rc;
	c->record = (struct qun_span){c->buf.ptr + c->at + PREFIX, len};
	c->at += PREFIX + (size_t)len;
	return 1;
}

/* Hands on the records of all runs: merged, or one run after the other. */
struct merge {
	struct qun_spool *s;
	struct cursor *cursor;
	struct cursor **heap;
	size_t n;
};

static bool comes_first(struct merge *m, size_t a, size_t b)
{
	int order = compare(m->heap[a]->record, m->heap[b]->record, &m->s->failed);

	return order ? order < 0 : m->heap[a] < m->heap[b];
}

static void sink_down(struct merge *m, size_t i)
{
	for (;;) {
		size_t least = i, child = 2 * i + 1;
		if (child < m->n && comes_first(m, child, least))
			least = child;
		if (child + 1 < m->n && comes_first(m, child + 1, least))
			least = child + 1;
		if (least == i)
			return;
		struct cursor *moved = m->heap[i];
		m->heap[i] = m->heap[least];
		m->heap[least] = moved;
		i = least;
	}
}

static int merge_all(struct merge *m, int (*each)(void *arg, struct qun_span record), void *arg,
	struct qun_err *err)
{
	int rc = 0;

	for (size_t i = m->n / 2; i-- > 0;)
		sink_down(m, i);
	while (rc == 0 && m->n && !m->s->failed) {
		rc = each(arg, m->heap[0]->record);
		if (rc)
			return rc;
		rc = step(m->heap[0], err);
		if (rc == 0)
			m->heap[0] = m->heap[--m->n];
		rc = rc < 0 ? rc : 0;
		sink_down(m, 0);
	}
	return rc < 0 || !m->s->failed ? rc : qun_fail_mem(err);
}

static int read_runs(struct qun_spool *s, int (*each)(void *arg, struct qun_span record), void *arg,
	struct qun_err *err)
{
	struct merge m = {.s = s, .cursor = calloc(s->nrun, sizeof(*m.cursor)),
		.heap = calloc(s->nrun, sizeof(*m.heap))};
	size_t room = s->memory / 2 / (s->nrun ? s->nrun : 1);
	int rc = m.cursor && m.heap ? 0 : qun_fail_mem(err);

	for (size_t i = 0; rc == 0 && i < s->nrun; i++) {
		struct cursor *c = &m.cursor[i];
		*c = (struct cursor){.s = s, .left = s->run[i], .room = room < READ_MIN ? READ_MIN : room};
		while (rc == 0 && !s->sorted && (rc = step(c, err)) > 0)
			rc = each(arg, c->record);
		if (rc == 0 && s->sorted && (rc = step(c, err)) > 0) {
			m.heap[m.n++] = c;
			rc = 0;
		}
		if (!s->sorted)
			qun_buf_release(&c->buf);
	}
	if (rc == 0)
		rc = merge_all(&m, each, arg, err);
	for (size_t i = 0; m.cursor && i < s->nrun; i++)
		qun_buf_release(&m.cursor[i].buf);
	free(m.cursor);
	free(m.heap);
	return rc;
}

struct rewrite {
	struct gather to;
	struct qun_err *err;
};

static int rewrite_record(void *arg, struct qun_span record)
{
	struct rewrite *w = arg;

	return gather_record(&w->to, record, w->err);
}

/* All runs become one, so that there never are more than can be read at once. */
static int merge_runs(struct qun_spool *s, struct qun_err *err)
{
	struct qun_spool to = {.folder = s->folder, .fd = -1};
	struct rewrite w = {{&to, {0}}, err};
	int rc = open_file(&to, err);

	if (rc == 0)
		rc = read_runs(s, rewrite_record, &w, err);
	if (rc == 0)
		rc = gather_end(&w.to, err);
	qun_buf_release(&w.to.out);
	if (rc < 0) {
		if (to.fd >= 0)
			close(to.fd);
		return rc;
	}
	close(s->fd);
	s->fd = to.fd;
	s->end = to.end;
	s->run[0] = (struct run){0, to.end};
	s->nrun = 1;
	return 0;
}

/* The block becomes a run. */
static int spill(struct qun_spool *s, struct qun_err *err)
{
	struct gather g = {s, {0}};
	off_t from;
	int rc = s->fd < 0 ? open_file(s, err) : 0;

	if (rc == 0 && s->nrun == RUNS_MAX)
		rc = merge_runs(s, err);
	if (rc == 0 && sort_block(s))
		rc = qun_fail_mem(err);
	from = s->end;
	for (size_t i = 0; rc == 0 && i < s->n; i++)
		rc = gather_record(&g, record_at(s, s->at[i]), err);
	if (rc == 0)
		rc = gather_end(&g, err);
	qun_buf_release(&g.out);
	if (rc < 0)
		return rc;
	s->run[s->nrun++] = (struct run){from, s->end};
	qun_buf_clear(&s->block);
	s->n = 0;
	return 0;
}

int qun_spool_add(struct qun_spool *s, const struct qun_event *ev, struct qun_err *err)
{
	static const char room[PREFIX];
	size_t from = s->block.len;
	uint32_t len;

	if (qun_grow(&s->at, &s->cap, s->n, sizeof(*s->at)) < 0 || qun_buf_add(&s->block, room, PREFIX) < 0 ||
		save(&s->block, ev) < 0) {
		s->block.len = from;
		return qun_fail_mem(err);
	}
	if (s->block.len - from - PREFIX > UINT32_MAX)
		return qun_fail(err, QUN_ELIMIT, "an event is longer than 4 GiB");
	len = (uint32_t)(s->block.len - from - PREFIX);
	memcpy(s->block.ptr + from, &len, PREFIX);
	s->at[s->n++] = from;
	/* a block that grows is copied, so for a moment there are two of them */
	return s->block.len + s->n * sizeof(*s->at) > s->memory / 4 ? spill(s, err) : 0;
}

struct walk {
	int (*each)(void *arg, struct qun_event *ev);
	void *arg;
};

static int hand_out(void *arg, struct qun_span record)
{
	const struct walk *w = arg;
	struct qun_event ev;

	load(record, &ev);
	return w->each(w->arg, &ev);
}

int qun_spool_each(struct qun_spool *s, int (*each)(void *arg, struct qun_event *ev), void *arg,
	struct qun_err *err)
{
	struct walk w = {each, arg};
	int rc = 0;

	if (s->nrun) {
		if (s->n)
			rc = spill(s, err);
		if (rc == 0) {
			qun_buf_release(&s->block);
			rc = read_runs(s, hand_out, &w, err);
		}
		return rc;
	}
	if (sort_block(s))
		return qun_fail_mem(err);
	for (size_t i = 0; rc == 0 && i < s->n; i++)
		rc = hand_out(&w, record_at(s, s->at[i]));
	return rc;
}
