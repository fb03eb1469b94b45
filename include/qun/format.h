/*
 * Export formats. A format is one file in lib/format/: how to recognise it, which columns or keys
 * map to which field, and a hook for what is special. Readers turn CSV rows, JSON elements and text
 * lines alike into records of cells; a format never sees bytes of the container.
 */
#ifndef QUN_FORMAT_H
#define QUN_FORMAT_H

#include "qun/cal.h"
#include "qun/dict.h"
#include "qun/event.h"

#ifdef __cplusplus
extern "C" {
#endif

enum qun_container { QUN_CSV = 1, QUN_JSON = 2, QUN_TEXT = 4 };

enum qun_cell_kind {
	QUN_CELL_ABSENT, /* short row, missing key */
	QUN_CELL_NULL,
	QUN_CELL_TEXT,   /* CSV field, JSON string (unescaped) */
	QUN_CELL_NUMBER, /* JSON number, as written */
	QUN_CELL_BOOL,   /* "true" or "false" */
	QUN_CELL_JSON,   /* JSON object or array: its text; see qun_json_each */
};

struct qun_cell_in {
	struct qun_span s;
	enum qun_cell_kind kind;
};

/* One record. Cells follow the plan: cell[i] belongs to column name[i] of the mapping. */
struct qun_record {
	const struct qun_cell_in *cell;
	size_t n;
	uint64_t line;   /* physical line it starts on, 1-based; 0: it came in a batch and nobody counted yet */
	uint64_t offset; /* byte offset of its start */
	struct qun_span raw; /* its bytes, for --rejects */
};

/* What a format is recognised by. */
struct qun_sample {
	enum qun_container container;
	const char *file;              /* name as given, "" for stdin */
	const struct qun_span *name;   /* CSV: trimmed header; JSON: every path seen in the first elements ("a", "a.b");
	                                * text: "line" */
	size_t nname;
	const struct qun_record *record; /* the first records, cells in order of name */
	size_t nrecord;
	const char *array;             /* JSON: "" bare array or NDJSON, else the path of the array: "messages" */
	bool ndjson;
	const struct qun_header *header; /* JSON: scalars outside the array, as far as read */
};

int qun_sample_column(const struct qun_sample *s, const char *name); /* index, -1: none */
bool qun_sample_has(const struct qun_sample *s, const char *const *names); /* all of a NULL-ended list */
/* Header scalar by dotted path ("session.groupId"); the empty span where absent. */
struct qun_span qun_header_get(const struct qun_header *h, const char *path);

/* Canonical field that a header name stands for in the generic formats (English and Chinese
 * aliases; blanks, BOM, quotes and ASCII case ignored), or -1. */
int qun_header_field(struct qun_span name);

struct qun_mapping {
	const char *column; /* CSV header name or JSON path; several for one field: first present wins */
	int field;          /* enum qun_field, or QUN_F_RAW + i for cells that only the hook reads */
};
enum {
	QUN_F_RAW = 64,  /* raw cells 0 … 31 */
	QUN_MUST = 0x100 /* with a raw cell: a record without it is bad, for it cannot be told what it is */
};

/* What a hook works with: the input it runs in. */
struct qun_hook {
	const struct qun_zone *zone;
	const struct qun_header *header;
	const char *file;        /* path as given, "" for stdin */
	const char *array;       /* JSON: path of the records, "" for a bare array or lines */
	enum qun_time_style time; /* how times are written in this file */
	const struct qun_record *record;
	const struct qun_cell_in *raw; /* raw cells by number, absent ones QUN_CELL_ABSENT */
	void *memory;                  /* memory_size bytes of the format for this file, all-zero at first */
	struct qun_arena *scratch;     /* released after each record */
	struct qun_dict *names;        /* display names seen in this file, for system sentences */
	bool name_is_id;               /* people are known by their names here */
	bool texts;                    /* somebody reads what messages say */
	/* Hands an event on (spans are copied by the receiver as needed). 0, or negative to stop. */
	int (*emit)(struct qun_hook *hook, struct qun_event *ev);
	/* Reports the record as bad: kind is a short fixed word, column may be NULL. Returns 0. */
	int (*bad)(struct qun_hook *hook, const char *kind, const char *column, const char *fmt, ...);
	uint64_t *system_unknown;      /* count a system sentence nobody understood here */
	bool held;                     /* set by the event hook: this record's events come at end (used) */
	bool aside;                    /* set while emitting what no record held back: records counted before */
	/* Set by the hooks where what they got is no record by itself: a line that ends no message of a
	 * text (nothing left at the end), a row of a list of people. It is not counted. */
	bool part;
	/* Set around the event hook where other records than those before it have been read here, for formats that
	 * say they can do with that: it sets later, having emitted nothing, where it cannot do without. Then the
	 * record comes again, where all before it have been. */
	bool apart, later;
	void *input; /* private */
};

struct qun_format {
	const char *name;   /* as in --from: "memotrace-csv" */
	const char *brief;  /* one line for --list-formats */
	unsigned containers; /* QUN_CSV | QUN_JSON | QUN_TEXT */
	/* How sure: 0 no … 100. Known formats answer 60 – 100, the generic ones less. */
	int (*recognise)(const struct qun_sample *s);
	const struct qun_mapping *map; /* ends with column NULL */
	/* The names that all its files have, commas between; a line for each layout. A file that has all but
	 * one of a line is not read, for it would be misread. NULL: there is no telling. */
	const char *header;
	const char *const *array; /* JSON: paths of record arrays it reads, NULL-ended; NULL: any */
	const char *refuse;    /* recognised only to be refused: the sentence that says why and what to do */
	const char *untimed;   /* refused with this sentence where no column and no --set holds a time */
	bool skip;             /* recognised only to be passed over: another array of the file holds the records */
	bool people;           /* its records are people: their names are for the records of all later files */
	bool folder;           /* what stands around its records is told of the files of its folder, too */
	const char *type;      /* default type word, NULL: "message" */
	enum qun_time_style time; /* QUN_TIME_AUTO: from the sample */
	/* Text: the time that a line begins with, the empty span where none does: the sample's decide about
	 * day and month. NULL: times are written in one way only. The hook itself reads them. */
	struct qun_span (*stamp)(struct qun_span line);
	enum qun_time_style order; /* of day and month, where the file leaves it open and the writer's habit is known */
	bool loose_json;       /* its writer breaks the rules of JSON: see input/mend.c */
	bool timeless;         /* records without a time are its habit: the hook gets them with QUN_NEVER */
	bool name_is_id;       /* no ids in it: user falls back to the name, scoped to its group */
	bool short_rows;       /* rows with fewer cells than the header are its habit */
	bool long_rows;        /* rows with more cells likewise */
	bool apart;            /* its event hook remembers, yet can read most records without those before them */
	size_t memory_size;
	/* The group of records that name none: it stands around them, perhaps behind them, for which their events
	 * wait. The empty span: not known. NULL: there is no such thing. */
	struct qun_span (*group)(const struct qun_hook *hook);
	/*
	 * One record: ev holds the mapped fields, ts and amount already parsed; of a line of text (its cell is
	 * the column "line") only what --set says. The hook changes it and
	 * emits zero or more events; zero means the record is filtered. NULL: emit ev as it is.
	 */
	int (*event)(struct qun_hook *hook, struct qun_event *ev);
	/*
	 * Is ev all that the hook above would emit of this record, and would it do nothing else? ev is a message
	 * with its time, a user and the group that stands around the records; its text is for this one to set. cell[i] is that
	 * of row i of map, absent where an earlier row has the same column. NULL: only the hook can tell.
	 */
	bool (*plain)(const struct qun_hook *hook, const struct qun_cell_in *cell, struct qun_event *ev);
	/* End of the file: emit what was held back (接龙, text logs). NULL: nothing. */
	int (*end)(struct qun_hook *hook);
	/* Frees what memory points to, after end or a failure. NULL: nothing. */
	void (*release)(void *memory);
};

/* Every format of lib/format/, sorted by name, NULL-ended; generated by the Makefile. */
extern const struct qun_format *const qun_formats[];
const struct qun_format *qun_format_of(const char *name);
/* The surest format; NULL where none answers. *score may be NULL. */
const struct qun_format *qun_format_guess(const struct qun_sample *s, int *score);

/*
 * Walks a cell of kind QUN_CELL_JSON: calls each(arg, key, cell) for the members of an object (key is
 * empty for elements of an array). 0, or the first non-zero return, or QUN_EDATA.
 */
int qun_json_each(struct qun_span json, int (*each)(void *arg, struct qun_span key, const struct qun_cell_in *cell), void *arg);

/*
 * WeChat's system sentences, for every WeChat format: takes the text of a *system* row and
 * emits what it says: one join per joiner (ref = inviter, source = qr or invite), leaves with source
 * removed, redpacket, or type system for everything else. self is the id of the exporting person
 * ("我" where unknown). ev gives ts, group and id. Inviters and joiners are ids where the sentence
 * carries them, else names.
 */
int qun_wechat_system(struct qun_hook *hook, struct qun_event *ev, struct qun_span text, struct qun_span self);

#ifdef __cplusplus
}
#endif
#endif
