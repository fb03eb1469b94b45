/*
 * The mapping of one file: which of its columns fill which fields, by the format's table or by
 * aliases, with --map and --set on top; and from a record's cells to an event.
 */
#ifndef QUN_INPUT_MAP_H
#define QUN_INPUT_MAP_H

#include "qun/input.h"

/* A column the run wants. Several may share a name, several may serve one field. */
struct qun_column {
	struct qun_span name;
	int field;        /* enum qun_field, QUN_F_EXTRA + i, QUN_F_RAW + i, or -1: overridden */
	unsigned rank;    /* among those of its field, the lower one first */
	int next_same;    /* of that name; -1 ends */
	int next_of_field; /* by rank; -1 ends */
	bool seen;        /* the file has it */
	bool asked;       /* by --map */
};

enum { QUN_MAP_FIELDS = QUN_F_RAW + 32 };

struct qun_map {
	const struct qun_input_conf *conf;
	const struct qun_format *format;
	struct qun_column *column; /* those of format->map come first, in its order */
	struct qun_cell_in *cell;  /* of the record in hand, by column */
	size_t n, cap, cell_cap;
	bool shares; /* some columns have one name */
	unsigned version; /* another one when the file shows a new column */
	struct qun_dict names;
	int *head; /* first column of each name */
	size_t head_cap;
	int first[QUN_MAP_FIELDS]; /* best column of a field; -1: none */
	bool fixed[QUN_NFIELDS];   /* --set */
	bool asked[QUN_NFIELDS];   /* --map names a column that the file has */
	struct qun_span value[QUN_NFIELDS];
	bool by_alias;    /* the format leaves it to the names */
	bool name_is_id;  /* the user is a display name, of its group only */
	uint64_t extras_seen;
	int clock;        /* column of the time of day where ts is only the date; -1: none */
	int raws;         /* raw cells are numbered below this */
	uint32_t must;    /* those of them that every record has, by number */
	enum qun_time_style time;
};

/*
 * QUN_EUSAGE for a --map or --set that names no field. names: the columns known so far. Of several
 * files a column of --map may be in one only: where it is not, the field is what it is without --map.
 */
int qun_map_open(struct qun_map *m, const struct qun_input_conf *conf, const struct qun_format *format,
	const struct qun_span *name, size_t n, struct qun_err *err);
void qun_map_release(struct qun_map *m);

/*
 * Tells the map that the file has a column (call it once a name): *column is the first one
 * wanted by that name, or -1. inside: are there wanted names below this path?
 */
int qun_map_column(struct qun_map *m, struct qun_span name, int *column);
int qun_map_find(const struct qun_map *m, struct qun_span name); /* the same for a name told before */
bool qun_map_inside(const struct qun_map *m, struct qun_span path);
void qun_map_set_clock(struct qun_map *m, int column); /* it is no ts any more, but goes with it */
bool qun_map_has(const struct qun_map *m, int field); /* is some column of the file, or a constant, this field? */
/* A --map column for this field that was never seen; NULL: none. */
const char *qun_map_missing(const struct qun_map *m, int field);

void qun_map_clear(struct qun_map *m); /* before a record: all cells absent */
/* Puts a cell into a column and those that share its name. */
void qun_map_set(struct qun_map *m, int column, const struct qun_cell_in *cell);
/* The same for all cells, each of which was put into the first column of its name. */
void qun_map_share(struct qun_map *m);

/* Best value of a field: the first of its columns that is not empty. *column is its number or -1. */
struct qun_span qun_map_text(const struct qun_map *m, int field, int *column);
/* Value of a field as it goes into events: blanks and the marks of spreadsheets are gone from ids. */
struct qun_span qun_map_value(const struct qun_map *m, int field, int *column);
/* The first value among the field's columns that the alias file lists; the empty span where none is. */
struct qun_span qun_map_listed(const struct qun_map *m, int field, const struct qun_alias *alias);

#endif
