/*
 * The view: a table turned into finished, safe text for people. Every writer for people only has
 * to lay it out.
 */
#ifndef OUTPUT_VIEW_H
#define OUTPUT_VIEW_H

#include "output/output.h"

#define QUN_HEAT_STEPS 8

struct qun_view_cell {
	struct qun_span text;
	bool unfinished; /* to be followed by the mark * */
	int heat;	 /* 0 none, 1 … QUN_HEAT_STEPS */
};

struct qun_view_column {
	bool right;  /* numbers */
	bool marked; /* some cell is unfinished: all keep room for the mark */
};

struct qun_view {
	struct qun_view_column *column;
	struct qun_view_cell *cell; /* row by row; row 0 holds the headings */
	size_t ncol, nrow;	    /* nrow counts the headings */
	struct qun_span note[3];    /* lines below the table */
	size_t nnote;
	struct qun_arena text; /* owns every span */
};

/* Makes the view of a table in its shape; words: translate the fixed words in cells too. v must be
 * all-zero; release it after a failure as well. */
int qun_view_make(
	struct qun_view *v, const struct qun_table *t, const struct qun_style *style, bool words);
void qun_view_release(struct qun_view *v);

/* A view in the making; what follows serves the shapes. */
struct qun_viewing {
	struct qun_view *v;
	const struct qun_table *t;
	const struct qun_style *style;
	bool words;
	struct qun_buf scratch;	       /* the text of the next cell */
	int complete, truncated, main; /* columns; -1: none */
	bool any_unfinished, any_truncated;
};

/* Room for empty cells, nrow headings included; drops what was there. */
int qun_view_size(struct qun_viewing *w, size_t ncol, size_t nrow);
/* Appends to scratch: a cell as people read it, a heading or a word of ours. */
int qun_view_text(struct qun_viewing *w, size_t col, const struct qun_value *v);
int qun_view_word(struct qun_viewing *w, const char *english);
/* Keeps scratch as *s and empties it. */
int qun_view_keep(struct qun_viewing *w, struct qun_span *s);
/* Heading of view column at, for a column of the table. */
int qun_view_head(struct qun_viewing *w, size_t at, size_t col);
/* Says of a row what its marks need; remembers that a note is due. */
bool qun_view_unfinished(struct qun_viewing *w, size_t row);
bool qun_view_truncated(struct qun_viewing *w, size_t row);

/* 0, 1 where the table cannot be seen as a triangle, or an error. */
int qun_view_triangle(struct qun_viewing *w);

#endif
