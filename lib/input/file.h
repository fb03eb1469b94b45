/* One input file on its way from bytes to events, and the run of files it belongs to. */
#ifndef QUN_INPUT_FILE_H
#define QUN_INPUT_FILE_H

#include "input/cut.h"
#include "input/dedup.h"
#include "input/known.h"
#include "input/map.h"
#include "input/pick.h"
#include "input/source.h"
#include "input/wait.h"

enum { QUN_COLUMNS_KEPT = 4096 };

struct qun_input {
	struct qun_input_conf conf;
	struct qun_input_sink sink;
	struct qun_input_counts counts;
	uint64_t extras_seen;
	struct qun_dict columns; /* names met in all files, up to QUN_COLUMNS_KEPT, for the nearest one */
	struct qun_dict person, person_name; /* of formats that list people */
	uint32_t *name_of; /* by number in person: number in person_name */
	size_t name_cap;
	struct qun_dict mapped;  /* columns of --map that some file had */
	size_t files;
	struct qun_header *above; /* of the newest file that speaks for its folder; NULL: none */
	struct qun_buf folder;    /* path of that folder, with its slash */
	struct qun_dedup *dedup; /* NULL: nobody asks for repeats */
	uint64_t unasked;        /* fields that only dedup reads */
	struct qun_known known;  /* conf.remember: inputs of earlier runs and this one */
};

/* A record kept until the format is known. */
struct qun_held {
	struct qun_record rec;
	const struct qun_bad *bad; /* NULL: a record */
	bool sound;                /* without NUL and all UTF-8 */
};

enum { QUN_STAGED = 32, QUN_PLAIN_CORE = 5 };

/* What plain records of a file are made of: see plain.c. */
struct qun_plain {
	bool is;		  /* its records are plain ones */
	unsigned version;	  /* of the map this was made for */
	int core[QUN_PLAIN_CORE]; /* cells of the fields that are looked at of every event; -1: none */
	bool grouped;             /* they are of the group that stands around them, as long as nothing else does */
	struct qun_span group;
	size_t n, often;	  /* fields of all events, and those that messages have, too */
	struct qun_take {
		int cell, field;
		unsigned minds; /* what at its ends needs a second look: see plain.c */
	} take[QUN_NFIELDS + QUN_MAX_EXTRA];
	/* Events that are handed over together, each with what --set says. */
	struct qun_event event[QUN_STAGED];
	struct qun_span extra[QUN_STAGED][QUN_MAX_EXTRA];
	bool full[QUN_STAGED]; /* it has what messages lack */
	size_t staged;         /* so many are waiting */
	struct qun_type_memo { /* by length and first letter; len counts one more, 0: empty */
		unsigned len;
		char word[20];
		enum qun_type type;
		struct qun_span name;
	} type[16];
};

struct qun_file {
	struct qun_input *in;
	const char *path; /* as given, for messages */
	struct qun_err *err;
	enum qun_container container;
	char delimiter;
	struct qun_source *source;
	struct qun_cutter *cutter;
	struct qun_crew *crew; /* NULL: the records are read right here */
	struct qun_header *header;

	/* CSV: the header; JSON: the paths of the sample. They live in text. */
	struct qun_arena text;
	struct qun_span *name;
	int *column;           /* CSV: the plan's column of each */
	size_t nname, name_cap, column_cap;
	bool has_header;

	/* before the format is known */
	bool holding;
	bool tried; /* JSON: some objects were looked at */
	struct qun_arena hold;
	struct qun_held *held;
	size_t nheld, held_cap, held_bytes;
	struct qun_span unknown; /* JSON: columns of the first trial that came to nothing */

	/* once it is */
	const struct qun_format *format;
	int score; /* how sure it was */
	bool decided;
	char array[256]; /* JSON: path of the records */
	struct qun_map map;
	struct qun_dict paths;
	struct qun_path *path_of;
	size_t path_cap;
	struct qun_picker *picker; /* NULL until a record is picked, and where jansson reads alone */
	struct qun_buf unescaped, mended;
	struct qun_split split; /* CSV: of a record that came in a batch */

	struct qun_plain plain;
	struct qun_time_memo time_memo;

	/* the record in hand; NULL at the end of the file */
	const struct qun_record *rec;
	const struct qun_batch *batch; /* that it came in */
	bool sound; /* without NUL and all UTF-8, as is known of the batch */
	struct {
		uint64_t offset, line;
	} counted; /* a place in the batch, and its line */
	bool used, bad, repeated;
	bool parts; /* some lines were parts of records */
	uint64_t typed;  /* records with a word in the column of types */
	bool type_known; /* one of those words is a type, or named by the run */
	int64_t refund; /* amount refunded on the row */
	bool has_refund;
	struct qun_hook hook;
	struct qun_cell_in raw[32];
	struct qun_span extra[QUN_MAX_EXTRA];
	struct qun_arena scratch;
	struct qun_dict people; /* names seen */
	struct qun_buf user, ref, joined;
	struct qun_wait wait; /* events whose group stands behind the records */
	bool waited;          /* no more do */
	uint64_t astray;      /* those that came without one since */
	/* records held back, and of those that came to nothing but repeats; the one whose events come now */
	struct {
		uint64_t held, dropped, print;
		bool used, repeated, any_used; /* any: of all of them */
	} late;
	struct {
		struct qun_known_reading *reading; /* NULL: it is not remembered */
		uint64_t upto;   /* what begins before this byte was folded in an earlier run; KNOWN_ALL: everything */
		bool unended;    /* the last record of that had no newline */
		uint64_t text;   /* bytes read so far */
		char last;       /* of them */
		size_t events, people; /* handed over in it; people listed when it began */
	} known;
	struct qun_input_counts before; /* of the run, when the file began */
	struct qun_dict met; /* ids of people, for the report on --alias */
};

/* hold.c: records kept until the format is known, and other copies in an arena. 0, or QUN_ENOMEM. */
int qun_file_hold(struct qun_file *f, const struct qun_record *rec, const struct qun_bad *bad); /* one of the two */
/* Takes rows off a batch, as many as are wanted or some of them. */
int qun_file_hold_rows(struct qun_file *f, struct qun_batch *b);
bool qun_file_holds_enough(const struct qun_file *f); /* rows or lines; in JSON the cutter calls for judgement */
void qun_file_drop_held(struct qun_file *f);
/* Quietly puts the cells of a held record into the map, see qun_file_cells. */
int qun_file_held_cells(struct qun_file *f, const struct qun_held *h);
int qun_hold_span(struct qun_arena *a, struct qun_span s, struct qun_span *out);
int qun_hold_record(struct qun_held *h, const struct qun_record *rec, struct qun_arena *a);
int qun_hold_bad(struct qun_held *h, const struct qun_bad *bad, struct qun_arena *a);

enum { QUN_LIST_BYTES = 400 };
/* The names, as many as a message takes. */
void qun_list_names(const struct qun_span *name, size_t n, char out[QUN_LIST_BYTES]);

/* lacking.c: QUN_EUSAGE where the file is nearly one of a known format. After qun_format_guess and the mapping. */
int qun_file_lacking(struct qun_file *f, const struct qun_sample *s);

/* sample.c: the sample of what is held. Its parts live in the arena. */
int qun_file_sample(struct qun_file *f, const char *array, bool lines, struct qun_sample *s, struct qun_arena *a);

/* tell.c: what a file was taken for, and what came of it, to those who ask. */
int qun_file_tell_opened(struct qun_file *f, const struct qun_sample *s);
void qun_file_tell_closed(struct qun_file *f);

/* clock.c */
int qun_file_find_clock(struct qun_file *f); /* among what is held; before the style of times is known */
/* The time of a record's cells as written, its parts of two columns put together. */
struct qun_span qun_file_time(struct qun_file *f, int *column);

/* again.c: files of which a state knows all or the beginning. */
#define KNOWN_ALL UINT64_MAX
int qun_file_recognise(struct qun_file *f); /* 1: it is to be left out */
int qun_file_count_text(struct qun_file *f, struct qun_span new); /* bytes as they come to the reader */
int qun_file_remember(struct qun_file *f); /* it was read to its end */
/* Is the event counted already? 1: an earlier file had it, 2: this file had it in an earlier run. */
int qun_file_repeats(struct qun_file *f, const struct qun_event *ev);

/* plain.c */
void qun_plain_set(struct qun_file *f); /* once the format is known, and whenever the map has changed */
bool qun_plain_may(struct qun_file *f); /* before elements are staged, whenever the header may have changed */
/* The event of a record's cells, good until the next one; NULL: something about it is not usual. */
struct qun_event *qun_plain_event(struct qun_file *f, const struct qun_cell_in *cell);
/* Stages the event of a row of a batch, whose cells end at the cuts of the bytes; see qun_csv_cuts.
 * 1, 0 as above, or negative: what is staged is handed over sooner or later, and good as long as its rows' bytes. */
int qun_plain_row(struct qun_file *f, const char *bytes, const uint16_t *cut, bool quoted);
/* The same of an element, whose cells are in the map. */
int qun_plain_element(struct qun_file *f);
/* Hands over all that is staged. 0, or what stopped it. */
int qun_plain_flush(struct qun_file *f);

/* batch.c */
int qun_file_batch(struct qun_file *f, const struct qun_batch *b);
uint64_t qun_file_line(struct qun_file *f, uint64_t offset); /* physical line of a byte in it; later and later ones */

/* detect.c */
/* from: as asked for, or NULL. file: the path, for formats that look at it. */
int qun_container_of(const char *file, struct qun_span head, const struct qun_input_conf *conf, const struct qun_format *from,
	enum qun_container *container);
struct qun_csv_shape {
	char delimiter;
	size_t offset; /* of the header */
	uint64_t line;
};
struct qun_csv_shape qun_csv_shape_of(struct qun_span head, const struct qun_input_conf *conf);
/* How times are written, from those of the sample. */
struct qun_time_tally {
	unsigned all; /* styles possible for every one */
	size_t n, of[QUN_TIME_MDY + 1];
	char example[48];
};
void qun_time_tally_add(struct qun_time_tally *t, struct qun_span s);
int qun_time_tally_style(const struct qun_time_tally *t, enum qun_time_style order, enum qun_time_style *style,
	struct qun_err *err);
const char *qun_time_style_name(enum qun_time_style style);

/* settle.c: what a file is. */
int qun_file_format_asked(const struct qun_input_conf *conf, const struct qun_format **format, struct qun_err *err);
/* Prepares the mapping of a format for the columns there are. */
int qun_file_map(struct qun_file *f, const struct qun_format *format, const struct qun_span *name, size_t n);
/* Rows and lines: enough is held, or all there is. What they are is found out, and they become events. */
int qun_file_decide_rows(struct qun_file *f);
/* JSON: the same of an array's elements, or of lines: 1, 0 where they are no records, or negative. */
int qun_file_judge(struct qun_file *f, const char *path, bool lines);
bool qun_file_named(const struct qun_file *f, const char *path); /* does a format read the arrays of this path? */
/* Takes the header of a CSV, or the row that shows how many columns there are. */
int qun_file_take_header(struct qun_file *f, const struct qun_record *rec);
/* Is this the header again, as it comes from files put behind one another? */
bool qun_file_is_header(const struct qun_file *f, const struct qun_record *rec);
/* Does the first byte of its first cell not tell at once that it is none? Names stand without what surrounds them. */
bool qun_file_may_be_header(const struct qun_file *f, struct qun_span first);

/* cutting.c */
/* Reads on behind the bytes that the cutter has left and cuts: 1, 0 where that was the end, or negative. */
int qun_file_cut(struct qun_file *f, struct qun_buf *chunk);

/* input.c */
/* Notes which columns that the run asks for were there. 0, or QUN_ENOMEM. */
int qun_file_columns_met(struct qun_input *in, const struct qun_map *m);
void qun_file_release(struct qun_file *f);

/* cells.c */
/* Puts a record's cells into the map: 0, 1 where it was reported as bad, or negative. quiet: a bad one
 * is not reported, its cells are absent. */
int qun_file_cells(struct qun_file *f, const struct qun_record *rec, bool quiet);
/* The cells of an element that is UTF-8 and surely valid, each in the first column of its name; false, and no
 * cells, where jansson has to be asked. */
bool qun_file_pick(struct qun_file *f, struct qun_span raw);
int qun_file_picker(struct qun_file *f); /* before that: makes the picker if there is none. 0, or QUN_ENOMEM */

/* fill.c */
/* Fills an event from the cells: 0, 1 where the record is bad, 2 where it is filtered. */
int qun_file_fill(struct qun_file *f, struct qun_event *ev);
void qun_file_type(struct qun_file *f, struct qun_event *ev); /* from the word in its field */
/*
 * Was this order row never a purchase? Besides what its state says: shops leave the time of payment
 * empty until there is one, so a row without state that only knows when it was created was not paid.
 */
bool qun_file_is_no_order(const struct qun_file *f, const struct qun_event *ev);

/* deliver.c. Each returns 0, or what stops the run. */
int qun_file_deliver(struct qun_file *f, struct qun_event *ev);   /* its group and people may still want ids */
int qun_file_hand_over(struct qun_file *f, struct qun_event *ev); /* it is whole */
/* Was the event there before? Then it is counted as that: 1; 0; or negative. What was read to tell that alone is dropped. */
int qun_file_is_repeat(struct qun_file *f, struct qun_event *ev);
int qun_file_person(struct qun_file *f, const struct qun_event *ev); /* of a list of people: a name for an id */
int qun_file_end_waiting(struct qun_file *f); /* what waited for its group goes on, with that or with none */
void qun_file_end_late(struct qun_file *f);   /* a record held back is over: was all of it known from earlier files? */

/* record.c */
enum { QUN_WHY_BYTES = 320 }; /* for a sentence on what is wrong */
/* The record in hand is bad; only the first complaint about it is passed on. 1, or negative. */
int qun_file_complain(struct qun_file *f, const char *kind, const char *column, const char *why);
uint64_t qun_file_record_line(struct qun_file *f); /* of the record in hand; lines are counted where somebody asks */
int qun_file_record(struct qun_file *f, const struct qun_record *rec);
int qun_file_bad(struct qun_file *f, const struct qun_bad *bad); /* bytes that were no record */
int qun_file_end(struct qun_file *f); /* what the format held back */
void qun_file_hook(struct qun_file *f);

/* order.c: what an order row says beside its order. */
enum qun_order_state { QUN_ORDER_COUNTS, QUN_ORDER_UNPAID, QUN_ORDER_CLOSED, QUN_ORDER_REFUNDED };
/* amount: what a status like 已退款¥10.00 names, has_amount where it does. */
enum qun_order_state qun_order_state_of(struct qun_span status, int64_t *amount, bool *has_amount);

#endif
