/* Records that come in batches, from their bytes to the file's events. */
#include "input/file.h"

#include "qun/utf8.h"

#include <string.h>

uint64_t qun_file_line(struct qun_file *f, uint64_t offset)
{
	const struct qun_batch *b = f->batch;
	const char *end = b->bytes.ptr + (offset - b->offset), *p = b->bytes.ptr + (f->counted.offset - b->offset);

	/* batches hold no CR but those of CR LF; their records come in order */
	while ((p = memchr(p, '\n', (size_t)(end - p)))) {
		f->counted.line++;
		p++;
	}
	f->counted.offset = offset;
	return f->counted.line;
}

static int take_row(struct qun_file *f, const struct qun_piece *piece, struct qun_record *rec)
{
	const char *end = f->batch->bytes.ptr + f->batch->bytes.len;
	int rc = qun_csv_split(&f->split, rec->raw, piece->odd, false, end);

	rec->cell = f->split.cell;
	rec->n = f->split.n;
	if (rc == 0 && rec->n == f->nname && qun_file_may_be_header(f, rec->cell[0].s)) {
		rc = qun_csv_split(&f->split, rec->raw, piece->odd, true, end);
		if (rc == 0 && qun_file_is_header(f, rec))
			return 0;
	}
	return rc < 0 ? qun_fail_mem(f->err) : qun_file_record(f, rec);
}

static int take_other(struct qun_file *f, const struct qun_batch *b, const struct qun_piece *piece)
{
	struct qun_record rec = qun_batch_record(b, piece);

	return f->container == QUN_CSV ? take_row(f, piece, &rec) : qun_file_record(f, &rec);
}

/* After all that is staged. */
static int take_alone(struct qun_file *f, const struct qun_batch *b, const struct qun_piece *piece)
{
	int rc = qun_plain_flush(f);

	return rc < 0 ? rc : take_other(f, b, piece);
}

/* Rows of a batch, one behind the other, whose cuts are known together. */
struct rows {
	const struct qun_piece *piece;
	size_t n;
	struct qun_span bytes;
	size_t ncut, at; /* the next row's cuts begin behind this one, or further on */
};

/* As many of the pieces as may be staged together; none where the first is too long, or the last of all. */
static struct rows rows_of(const struct qun_batch *b, size_t i)
{
	struct rows r = {.piece = &b->piece[i], .bytes.ptr = b->bytes.ptr + b->piece[i].from};

	/* behind them there must be a line end, and what is looked at with it */
	for (; r.n < QUN_CUTS_ROWS && i + r.n + 1 < b->n; r.n++) {
		size_t to = b->piece[i + r.n + 1].from - r.piece->from;
		if (to > QUN_CUTS_BYTES || b->bytes.len - b->piece[i + r.n + 1].from < 64)
			break;
		r.bytes.len = to;
	}
	return r;
}

/* Where the record of the event to be staged next stands, which tells those that an earlier run has counted. */
static inline void note_place(struct qun_file *f, const struct qun_piece *piece)
{
	if (f->in->dedup)
		f->plain.event[f->plain.staged].place = f->batch->offset + piece->from + 1;
}

/* A row with nothing to it, which is nearly every one, is staged: its line end is where it should be. */
static int stage_row(struct qun_file *f, struct rows *r, const struct qun_piece *piece)
{
	size_t from = piece->from - r->piece->from, end = from + piece->len, last = r->at + f->nname;
	uint16_t *cut = f->split.cut;
	int rc;

	while (r->at < r->ncut && cut[r->at + 1] <= from)
		last = ++r->at + f->nname;
	if (last > r->ncut || (cut[last] != end + 1 && (cut[last] != end + 2 || r->bytes.ptr[end] != '\r')))
		return 0;
	cut[r->at] = (uint16_t)from;
	cut[last] = (uint16_t)(end + 1);
	note_place(f, piece);
	rc = qun_plain_row(f, r->bytes.ptr, cut + r->at, piece->odd);
	if (rc > 0)
		r->at = last;
	return rc;
}

static int take_rows(struct qun_file *f, const struct qun_batch *b, struct rows *r)
{
	int rc = 0;

	r->ncut = qun_csv_cuts(&f->split, r->bytes);
	for (size_t i = 0; rc >= 0 && i < r->n; i++) {
		rc = f->plain.is ? stage_row(f, r, &r->piece[i]) : 0;
		if (rc == 0)
			rc = take_alone(f, b, &r->piece[i]);
	}
	return rc < 0 ? rc : 0;
}

/* The elements from i on that are looked at and staged together; *taken is their number. */
static int take_elements(struct qun_file *f, const struct qun_batch *b, size_t i, size_t *taken)
{
	const struct qun_piece *piece = &b->piece[i];
	size_t n = b->n - i < QUN_CUTS_ROWS ? b->n - i : QUN_CUTS_ROWS, upto = piece[n - 1].from + piece[n - 1].len;
	bool may = qun_plain_may(f);
	int rc = 0;

	if (qun_file_picker(f) < 0)
		return qun_fail_mem(f->err);
	qun_picker_look(f->picker, (struct qun_span){b->bytes.ptr + piece->from, upto - piece->from},
		b->bytes.len - piece->from);
	for (size_t k = 0; rc >= 0 && k < n; k++) {
		struct qun_span raw = {b->bytes.ptr + piece[k].from, piece[k].len};
		note_place(f, &piece[k]);
		rc = may && f->plain.is && qun_file_pick(f, raw) ? qun_plain_element(f) : 0;
		if (rc == 0)
			rc = take_alone(f, b, &piece[k]);
		else if (rc > 0 && qun_picker_holds(f->picker))
			rc = qun_plain_flush(f); /* it will not hold this when the next one has been picked */
	}
	*taken = n;
	return rc < 0 ? rc : 0;
}

int qun_file_batch(struct qun_file *f, const struct qun_batch *b)
{
	enum qun_lane lane = f->in->conf.lane;
	size_t i = 0;
	int rc = 0;

	if (f->container == QUN_CSV && !f->split.cell)
		rc = qun_split_open(&f->split, f->delimiter, f->column, f->nname, lane);
	if (rc < 0)
		return qun_fail_mem(f->err);
	f->batch = b;
	f->counted.offset = b->offset;
	f->counted.line = b->line;
	f->sound = qun_utf8_valid_by(b->bytes, lane) == b->bytes.len;
	while (rc == 0 && i < b->n) {
		bool together = f->sound && f->in->conf.reader != QUN_READER_REFERENCE;
		struct rows r = {0};

		if (together && f->container == QUN_CSV && f->plain.is)
			r = rows_of(b, i);
		if (together && f->container == QUN_JSON)
			rc = take_elements(f, b, i, &r.n);
		else
			rc = r.n ? take_rows(f, b, &r) : take_alone(f, b, &b->piece[i]);
		i += r.n ? r.n : 1;
	}
	if (rc == 0)
		rc = qun_plain_flush(f);
	if (f->picker)
		qun_picker_look(f->picker, (struct qun_span){NULL, 0}, 0);
	f->batch = NULL;
	f->sound = false;
	return rc;
}
