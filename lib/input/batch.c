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

/* Do the first cells not tell at once that this is no header? Its names stand without what surrounds them. */
static bool may_be_header(const struct qun_file *f)
{
	struct qun_span first = f->split.cell[0].s;
	char c = first.len ? *first.ptr : ' ';
	bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

	return !plain || (f->name[0].len && c == *f->name[0].ptr);
}

/* A row with nothing to it, which is nearly every one, is done with right here. */
static bool take_plain(struct qun_file *f, size_t cells, int *rc)
{
	struct qun_input_counts *n = &f->in->counts;
	struct qun_event *ev;

	if (!f->plain.is || !f->sound || f->in->dedup || cells != f->nname)
		return false;
	ev = qun_plain_event(f, f->split.cell);
	if (!ev)
		return false;
	*rc = f->in->sink.event(f->in->sink.arg, ev, f->err);
	n->read++;
	++*(*rc ? &n->filtered : &n->used);
	*rc = *rc < 0 ? *rc : 0;
	return true;
}

static int take_row(struct qun_file *f, const struct qun_piece *piece, struct qun_record *rec)
{
	const char *end = f->batch->bytes.ptr + f->batch->bytes.len;
	int rc = qun_csv_split(&f->split, rec->raw, piece->odd, false, end);

	rec->cell = f->split.cell;
	rec->n = f->split.n;
	if (rc == 0 && rec->n == f->nname && may_be_header(f)) {
		rc = qun_csv_split(&f->split, rec->raw, piece->odd, true, end);
		if (rc == 0 && qun_file_is_header(f, rec))
			return 0;
	}
	if (rc < 0)
		return qun_fail_mem(f->err);
	return take_plain(f, rec->n, &rc) ? rc : qun_file_record(f, rec);
}

int qun_file_batch(struct qun_file *f, const struct qun_batch *b)
{
	enum qun_lane lane = f->in->conf.lane;
	int rc = 0;

	if (f->container == QUN_CSV && !f->split.cell)
		rc = qun_split_open(&f->split, f->delimiter, f->column, f->nname, lane);
	if (rc < 0)
		return qun_fail_mem(f->err);
	f->batch = b;
	f->counted.offset = b->offset;
	f->counted.line = b->line;
	f->sound = qun_utf8_valid_by(b->bytes, lane) == b->bytes.len;
	for (size_t i = 0; rc == 0 && i < b->n; i++) {
		const struct qun_piece *piece = &b->piece[i];
		struct qun_record rec = {.offset = b->offset + piece->from,
			.raw = {b->bytes.ptr + piece->from, piece->len}};

		rc = f->container == QUN_CSV ? take_row(f, piece, &rec) : qun_file_record(f, &rec);
	}
	f->batch = NULL;
	f->sound = false;
	return rc;
}
