/*
 * Cutters: bytes in any portions become records in whole. A cutter knows the container only; what
 * its records mean is the mapping's business. What it reports does not depend on the portions,
 * nor on whether it reads by the letter, with the reference library, or in batches.
 */
#ifndef QUN_INPUT_CUT_H
#define QUN_INPUT_CUT_H

#include "qun/format.h"
#include "qun/input.h"
#include "qun/lane.h"

/*
 * Records in a row that a cutter vouches for: their bytes are exactly a record each, as the reference
 * library would cut them, without NUL. Whether they are UTF-8 is not looked at yet, nor are their
 * cells: see qun_csv_split and qun_picker_pick.
 */
struct qun_piece {
	uint32_t from;    /* in bytes */
	uint32_t len : 31; /* without the line end */
	uint32_t odd : 1; /* CSV: it holds a quote */
};

struct qun_batch {
	struct qun_span bytes; /* of all of them and what lies between */
	uint64_t offset, line; /* of the first byte */
	const struct qun_piece *piece;
	size_t n;
};

/* A piece of it as a record, whose cells are not known yet. */
static inline struct qun_record qun_batch_record(const struct qun_batch *b, const struct qun_piece *piece)
{
	return (struct qun_record){.offset = b->offset + piece->from, .raw = {b->bytes.ptr + piece->from, piece->len}};
}

/* Who is told. Every call returns 0 or negative to stop; spans are borrowed until it returns. */
struct qun_cut_sink {
	void *arg;
	/* A record with line, offset and raw; CSV: all cells of the row, text: the line, JSON: none (see pick.h). */
	int (*record)(void *arg, const struct qun_record *rec);
	int (*batch)(void *arg, const struct qun_batch *batch); /* only where the cutter's `fast` is set */
	/* Bytes that are no record. file is left to the receiver. */
	int (*bad)(void *arg, struct qun_bad *bad);
	/*
	 * JSON only. trial: an array nobody has judged yet begins, or top-level objects where lines;
	 * its records come until judge, which answers 1 (these are the records) or 0 (it only holds other
	 * things: forget them, they come again by their own arrays). named: does some format read an
	 * array of this path, or, once one is judged, the format that was found?
	 */
	int (*trial)(void *arg);
	int (*judge)(void *arg, const char *path, bool lines);
	bool (*named)(void *arg, const char *path);
	/* JSON only: the header will tell something else than for the records before. NULL: nobody asks. */
	int (*around)(void *arg);
};

struct qun_cut_conf {
	char delimiter;
	size_t max_field, max_record, max_columns, max_depth;
	enum qun_lane lane;    /* of what is fast */
	uint64_t line, offset; /* where the first byte fed stands; line is 1-based */
};

/* The caller keeps the bytes: those a cutter still needs it must be shown again. */
struct qun_cutter {
	/* bytes: the last `left` ones of the call before, and those that follow them. */
	int (*feed)(struct qun_cutter *c, struct qun_span bytes, struct qun_err *err);
	/* The true end of the input; bytes: the last `left` ones. */
	int (*finish)(struct qun_cutter *c, struct qun_span bytes, struct qun_err *err);
	void (*close)(struct qun_cutter *c);
	size_t left;
	bool fast; /* set by the caller, at any moment: what is regular may come in batches */
};

int qun_csv_open(struct qun_cutter **c, const struct qun_cut_conf *conf, const struct qun_cut_sink *sink);
/* Columns of the header: from then on a damaged record is followed by one of that many cells. */
void qun_csv_set_columns(struct qun_cutter *c, size_t n);
/* The cells of records that come in a batch. */
struct qun_split {
	struct qun_cell_in *cell; /* by column: the first one, and those that are wanted, are right */
	size_t n;                 /* of the record, which may have more or less than there are columns */
	uint16_t *cut; /* see qun_csv_cuts */
	size_t most;   /* of them */
	/* its own: */
	const int *column;
	size_t columns, upto; /* upto: none is wanted from there on */
	char delimiter;
	enum qun_lane lane;
	struct qun_buf text; /* of cells with doubled quotes */
};
/* column: of each of the n columns what it is to the caller, who wants none below 0; it is borrowed. */
int qun_split_open(struct qun_split *s, char delimiter, const int *column, size_t n, enum qun_lane lane);
/*
 * quoted: the record holds quotes. all: every column is wanted now. The bytes up to end may be looked
 * at. 0, or QUN_ENOMEM.
 */
int qun_csv_split(struct qun_split *s, struct qun_span record, bool quoted, bool all, const char *end);
/*
 * Where cells end in records that follow one another, as places in their bytes, of which there are less than
 * 2^16: those behind delimiters and line ends. cut[0] is free for where the first one begins. Returns how
 * many there are, or as many as there is room for, at least for QUN_CUTS_ROWS rows.
 */
enum { QUN_CUTS_ROWS = 32, QUN_CUTS_BYTES = UINT16_MAX - 64 };
size_t qun_csv_cuts(struct qun_split *s, struct qun_span records);
void qun_split_release(struct qun_split *s);
/* The cells of one line; false where it is not a whole row. */
bool qun_csv_line(struct qun_span line, char delimiter, void (*cell)(void *arg, struct qun_span s), void *arg);

/* Lines: records of one cell. A line longer than max_field is bad. */
int qun_text_open(struct qun_cutter **c, const struct qun_cut_conf *conf, const struct qun_cut_sink *sink);

int qun_json_open(struct qun_cutter **c, const struct qun_cut_conf *conf, const struct qun_cut_sink *sink,
	struct qun_header *header);

/* Scalars beside the records, by dotted path, in bounded memory. */
struct qun_header;
struct qun_header *qun_header_open(void);
void qun_header_close(struct qun_header *h);
void qun_header_clear(struct qun_header *h);
/* What h does not tell is told by the one above, which lives longer. */
void qun_header_under(struct qun_header *h, const struct qun_header *above);
int qun_header_put(struct qun_header *h, struct qun_span path, struct qun_span value);

/* The bytes a cutter has before it, by their offset in the input. */
struct qun_window {
	struct qun_span bytes;
	uint64_t base; /* offset of the first one */
};

static inline uint64_t qun_window_end(const struct qun_window *w)
{
	return w->base + w->bytes.len;
}

static inline struct qun_span qun_window_span(const struct qun_window *w, uint64_t from, uint64_t to)
{
	return (struct qun_span){w->bytes.ptr + (from - w->base), (size_t)(to - from)};
}

void qun_window_drop(struct qun_window *w, uint64_t before); /* forgets bytes */

/* Damage found, whose end is still being looked for. */
struct qun_damage {
	bool open;
	const char *kind;
	char why[240];
	uint64_t line, from; /* line to report, offset of the first byte lost */
};

/* Reports the damage up to an offset, if any is open; its raw bytes are cut at max. */
int qun_damage_end(struct qun_damage *d, const struct qun_window *w, uint64_t to, size_t max,
	const struct qun_cut_sink *sink);

#endif
