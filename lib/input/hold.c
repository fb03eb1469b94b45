/* Records and damage kept beyond the call that brought them: copies in an arena. */
#include "input/file.h"

#include "qun/utf8.h"

enum { HELD_RECORDS = 1000, HELD_BYTES = 1 << 20 };

int qun_hold_span(struct qun_arena *a, struct qun_span s, struct qun_span *out)
{
	out->ptr = qun_arena_copy(a, s);
	out->len = s.len;
	return out->ptr ? 0 : QUN_ENOMEM;
}

/* What lies within the record is copied with it. */
static int hold_cell(struct qun_arena *a, const struct qun_record *rec, struct qun_span raw, struct qun_span *cell)
{
	uintptr_t from = (uintptr_t)cell->ptr - (uintptr_t)rec->raw.ptr;

	if (from > raw.len || cell->len > raw.len - from)
		return qun_hold_span(a, *cell, cell);
	cell->ptr = raw.ptr + from;
	return 0;
}

int qun_hold_record(struct qun_held *h, const struct qun_record *rec, struct qun_arena *a)
{
	struct qun_cell_in *cell;
	int rc;

	*h = (struct qun_held){.rec = *rec};
	rc = qun_hold_span(a, rec->raw, &h->rec.raw);
	cell = rc == 0 ? qun_arena_alloc(a, (rec->n + 1) * sizeof(*cell)) : NULL;
	if (!cell)
		return QUN_ENOMEM;
	for (size_t i = 0; rc == 0 && i < rec->n; i++) {
		cell[i] = rec->cell[i];
		rc = hold_cell(a, rec, h->rec.raw, &cell[i].s);
	}
	h->rec.cell = cell;
	return rc;
}

int qun_hold_bad(struct qun_held *h, const struct qun_bad *bad, struct qun_arena *a)
{
	struct qun_bad *copy = qun_arena_alloc(a, sizeof(*copy));

	if (!copy)
		return QUN_ENOMEM;
	*copy = *bad;
	copy->why = qun_arena_copy(a, qun_span_of(bad->why));
	*h = (struct qun_held){.bad = copy};
	return copy->why ? qun_hold_span(a, bad->raw, &copy->raw) : QUN_ENOMEM;
}

void qun_file_drop_held(struct qun_file *f)
{
	qun_arena_release(&f->hold);
	f->nheld = f->held_bytes = 0;
}

bool qun_file_holds_enough(const struct qun_file *f)
{
	return f->container != QUN_JSON && (f->nheld >= HELD_RECORDS || f->held_bytes >= HELD_BYTES);
}

int qun_file_hold(struct qun_file *f, const struct qun_record *rec, const struct qun_bad *bad)
{
	int rc = qun_grow(&f->held, &f->held_cap, f->nheld, sizeof(*f->held));

	if (rc < 0)
		return rc;
	f->held_bytes += rec ? rec->raw.len : bad->raw.len;
	rc = rec ? qun_hold_record(&f->held[f->nheld], rec, &f->hold) : qun_hold_bad(&f->held[f->nheld], bad, &f->hold);
	f->nheld += rc == 0;
	return rc;
}

static int hold_row(struct qun_file *f, struct qun_split *split, const struct qun_piece *piece)
{
	const struct qun_batch *b = f->batch;
	struct qun_record rec = qun_batch_record(b, piece);
	int rc = qun_csv_split(split, rec.raw, piece->odd, true, b->bytes.ptr + b->bytes.len);

	rec.cell = split->cell;
	rec.n = split->n;
	if (rc < 0 || qun_file_is_header(f, &rec))
		return rc;
	rec.line = qun_file_line(f, rec.offset);
	rec.n = split->n < f->nname ? split->n : f->nname; /* there are no more, however many it has */
	rc = qun_file_hold(f, &rec, NULL);
	if (rc < 0)
		return rc;
	f->held[f->nheld - 1].rec.n = split->n;
	f->held[f->nheld - 1].sound = f->sound;
	return 0;
}

int qun_file_hold_rows(struct qun_file *f, struct qun_batch *b)
{
	enum qun_lane lane = f->in->conf.lane;
	size_t most = b->n < HELD_RECORDS ? b->n : HELD_RECORDS, left = b->n - most;
	size_t upto = b->piece[most - 1].from + b->piece[most - 1].len;
	struct qun_split split;
	int rc = qun_split_open(&split, f->delimiter, f->column, f->nname, lane);

	f->sound = qun_utf8_valid_by((struct qun_span){b->bytes.ptr, upto}, lane) == upto;
	f->batch = b;
	f->counted.offset = b->offset;
	f->counted.line = b->line;
	for (; rc == 0 && b->n > left && !qun_file_holds_enough(f); b->n--)
		rc = hold_row(f, &split, b->piece++);
	f->batch = NULL;
	f->sound = false;
	qun_split_release(&split);
	return rc < 0 ? qun_fail_mem(f->err) : 0;
}

int qun_file_held_cells(struct qun_file *f, const struct qun_held *h)
{
	int rc;

	f->sound = h->sound;
	rc = qun_file_cells(f, &h->rec, true);
	f->sound = false;
	return rc;
}
