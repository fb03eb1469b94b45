/* Records that come in batches, from their bytes to the file's events. */
#include "input/file.h"

uint64_t qun_batch_line(const struct qun_batch *b, uint64_t offset)
{
	const char *p = b->bytes.ptr, *end = p + (offset - b->offset);
	uint64_t line = b->line;

	/* batches hold no CR but those of CR LF */
	for (; p < end; p++)
		line += *p == '\n';
	return line;
}

static int take_row(struct qun_file *f, const struct qun_piece *piece, struct qun_record *rec)
{
	int rc = qun_csv_split(rec->raw, piece->odd, f->delimiter, &f->split);

	if (rc < 0)
		return rc;
	rec->cell = f->split.cell;
	rec->n = f->split.n;
	return qun_file_is_header(f, rec) ? 0 : qun_file_record(f, rec);
}

int qun_file_batch(struct qun_file *f, const struct qun_batch *b)
{
	int rc = 0;

	f->batch = b;
	for (size_t i = 0; rc == 0 && i < b->n; i++) {
		const struct qun_piece *piece = &b->piece[i];
		struct qun_record rec = {.offset = b->offset + piece->from,
			.raw = {b->bytes.ptr + piece->from, piece->len}};

		rc = f->container == QUN_CSV ? take_row(f, piece, &rec) : qun_file_record(f, &rec);
	}
	f->batch = NULL;
	return rc;
}
