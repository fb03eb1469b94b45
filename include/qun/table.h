/*
 * The one table type: columns with a kind, rows of typed cells. Metrics fill it, writers print
 * it. Numbers stay exact until a writer rounds them once.
 */
#ifndef QUN_TABLE_H
#define QUN_TABLE_H

#include "qun/num.h"

#ifdef __cplusplus
extern "C" {
#endif

enum qun_kind {
	QUN_K_TEXT,  /* names and labels: hostile bytes */
	QUN_K_WORD,  /* fixed English words of ours joined by ';' (class, state, basis); translated for people */
	QUN_K_DATE,  /* day number; ISO date */
	QUN_K_INT,
	QUN_K_RATE,  /* exact fraction, 6 digits; a percentage for people */
	QUN_K_REAL,  /* exact fraction or double, 6 digits; no percentage */
	QUN_K_BOUND, /* double: an end of an interval of a rate; 6 digits; a percentage for people */
	QUN_K_MONEY, /* 1/10000 units */
	QUN_K_SECONDS, /* integer seconds; 1d 02:03:04 for people */
	QUN_K_FLAG,  /* 0 or 1 */
};

enum qun_column_flag {
	QUN_COL_KEY = 1,      /* rows are ordered by the key columns from left to right */
	QUN_COL_COMPLETE = 2, /* the column `complete`: --alert and marks look at it */
	QUN_COL_MAIN = 4,     /* the program's main rate: heat, bars */
	/* For qun_table_suppress. Columns without a block of their own are in block 0. */
	QUN_COL_PEOPLE = 8,   /* counts people */
	QUN_COL_BASE = 16,    /* those the row is about: kept where other counts are too small */
	QUN_COL_SINGLE = 32,  /* goes alone and takes block 0 with it */
	QUN_COL_CHAIN = 128,  /* its block tells of block 0 in the row before */
	QUN_COL_PART = 64,    /* label: rows that differ only here are parts of a whole */
	QUN_COL_BLOCK = 256,  /* times 1 … 15: goes as one, and with block 0 */
	QUN_COL_BLOCKS = 15 * QUN_COL_BLOCK,
};

struct qun_column {
	const char *name; /* English, stable, as in the specification; copied */
	enum qun_kind kind;
	unsigned flags;
};

/* There are as many as cells, so what a value is stands in place of its divisor. */
enum { QUN_V_REAL = 0, QUN_V_TEXT = -1, QUN_V_NULL = -2 };

struct qun_value {
	union {
		qun_i128 num; /* the integer, or a fraction */
		double real;
		struct qun_span text; /* owned by the table */
	};
	qun_i128 den; /* > 0, or one of the above */
};

static inline bool qun_is_null(const struct qun_value *v)
{
	return v->den == QUN_V_NULL;
}

static inline bool qun_is_text(const struct qun_value *v)
{
	return v->den == QUN_V_TEXT;
}

/* How people see it. */
enum qun_shape { QUN_SHAPE_LIST, QUN_SHAPE_TRIANGLE, QUN_SHAPE_FUNNEL, QUN_SHAPE_GRID, QUN_SHAPE_CURVE };

/* A column as the metric has it, stored or not. */
struct qun_given {
	const char *name;
	bool left_out;
};

struct qun_table {
	struct qun_column *column; /* those stored */
	size_t ncol, col_cap;
	struct qun_given *given;
	size_t ngiven, given_cap;
	const char *only; /* "a,b": only these and the keys are stored; NULL: all. Set before any column is */
	struct qun_value *cell; /* row by row */
	size_t nrow, row_cap, put, stored; /* of the open row: cells put, and those of them stored */
	struct qun_arena text;
	enum qun_shape shape;
	int money_digits; /* 2 or 4 */
	bool ordered;     /* the metric's own row order stands; else sort by the key columns */
	bool wide;        /* to be turned by qun_table_widen before it is shown */
	int err;          /* first failed put, returned by qun_row_end and qun_table_end */
};

void qun_table_init(struct qun_table *t);
void qun_table_release(struct qun_table *t);
void qun_table_column(struct qun_table *t, const char *name, enum qun_kind kind, unsigned flags);
bool qun_columns_have(const char *names, const char *column); /* is it one of "a,b"? */
int qun_table_find(const struct qun_table *t, const char *column); /* -1: none */

/* A row: one put for each column from left to right, then qun_row_end. */
void qun_put_null(struct qun_table *t);
void qun_put_text(struct qun_table *t, struct qun_span s);
void qun_put_word(struct qun_table *t, const char *text); /* "" is an empty cell of text, NULL null */
void qun_put_int(struct qun_table *t, qun_i128 v); /* INT, DATE, SECONDS, FLAG, MONEY */
void qun_put_fraction(struct qun_table *t, qun_i128 num, qun_i128 den); /* null where den is 0 */
void qun_put_real(struct qun_table *t, double v); /* null where not finite */
/* rate lo hi of x out of n, Wilson at z; three nulls where n is 0. */
void qun_put_wilson(struct qun_table *t, qun_i128 x, qun_i128 n, double z);
int qun_row_end(struct qun_table *t);

/* Sorts by the key columns (text as bytes, `all` and `*` last; numbers by value) unless ordered. */
int qun_table_end(struct qun_table *t);

const struct qun_value *qun_table_at(const struct qun_table *t, size_t row, size_t col);

/* What --columns, --sort and --top do. Errors name the unknown column and the nearest one. */
int qun_table_select(struct qun_table *t, const char *columns, struct qun_err *err); /* "a,b" */
int qun_table_sort(struct qun_table *t, const char *spec, struct qun_err *err); /* COL[:desc|:asc]; stable; empty cells last */
void qun_table_top(struct qun_table *t, size_t n);
/*
 * Empties counts of at least one but fewer than `least` people, and whatever would tell them: the rest
 * of their block, where that is block 0 of the whole row (but for a base that is large enough); all
 * later steps of a funnel; of parts of a whole all else and the smallest count that is left; and a
 * total, a row `all` or `*`, over rows that lost something. Of a curve it takes out the rows of steps
 * that are told by, or tell, a count of few who left, were censored or entered. QUN_EUSAGE where the table names people
 * or no column is flagged as counting them.
 */
int qun_table_suppress(struct qun_table *t, int64_t least, struct qun_err *err);
/* Makes of the rows of a triangle that differ in `offset` alone one row, with their rates in columns
 * named by the offsets; of the columns before `offset` the first of them tells. */
int qun_table_widen(struct qun_table *t, struct qun_err *err);
/* For --alert. Can cells of the column be compared with this: a number, a date, or any text? */
bool qun_value_fits(const struct qun_column *c, const char *text);
/* A cell against it: -1 0 1; of text 0 where it is the cell, or one of its words, else 1; -2 where the
 * cell is empty or does not compare. */
int qun_value_cmp(const struct qun_column *c, const struct qun_value *v, const char *text);

#ifdef __cplusplus
}
#endif
#endif
