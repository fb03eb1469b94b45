/*
 * The JSON cutter from within: where it stands in the bytes, and what its parts ask of one another.
 * json.c has the bytes and their limits, json_step.c reads them one by one, json_scan.c passes whole
 * elements at once, json_trial.c finds out which array holds the records.
 */
#ifndef QUN_INPUT_JSON_H
#define QUN_INPUT_JSON_H

#include "input/cut.h"
#include "input/json_scan.h"
#include "input/pick.h"

#include "qun/dict.h"

enum { QUN_TOKEN_BYTES = 4096 }; /* longest key or scalar outside records that is looked at */
#define QUN_NO_PATH SIZE_MAX

enum qun_json_expect { VALUE, VALUE_OR_END, KEY, KEY_OR_END, COLON, COMMA_OR_END };
enum qun_json_lex { PLAIN, STRING, ATOM, COMMENT, SEEK };

struct qun_json_place {
	uint64_t at, line, line_at; /* offset, physical line and where that begins */
	bool blank;                 /* only blanks before it on the line */
};

struct qun_json_frame {
	char kind;
	size_t path_len; /* of its path in path, or QUN_NO_PATH */
	size_t scalars;  /* members kept for the header */
	struct qun_json_place from;
};

/* Where the machine stands. Frames below depth never change, so a copy of this is a way back. */
struct qun_json_state {
	struct qun_json_place here, token; /* token: where the string or atom began */
	enum qun_json_expect expect;
	enum qun_json_lex lex;
	bool key, escape, kept; /* of the token */
	int hex;
	size_t depth;
	size_t member_len; /* path of the member being read */
};

struct qun_json_element {
	bool open;
	bool first;   /* it began its line: the next one can be found again by its column */
	bool loose;   /* broken: only brackets are counted up to its end */
	bool deep;
	bool dropped; /* too long, its bytes are gone */
	size_t depth, loose_depth;
	struct qun_json_place from;
};

struct qun_json {
	struct qun_cutter cutter;
	struct qun_cut_conf conf;
	struct qun_cut_sink sink;
	struct qun_header *header;
	struct qun_window win;
	struct qun_json_state st;
	struct qun_json_element el;
	struct {
		bool open, lines;
		bool looked; /* at what its first record holds */
		size_t records, path_len;
		struct qun_json_state before;
	} trial;
	struct {
		bool array;
		uint64_t column;
	} seek;
	struct {
		size_t depth;
		uint64_t column;
	} last; /* the newest element that began its line */
	bool found; /* some array has been accepted */
	char accepted[QUN_PATH_MAX_BYTES + 1];
	struct qun_dict rejected;
	struct qun_damage damage; /* why, too, of an element that is loose */
	struct qun_json_frame *frame;
	char path[QUN_PATH_MAX_BYTES + 1];
	struct qun_buf text;
	struct {
		bool ready;           /* an element has just ended: whole ones may follow */
		bool stays;           /* for more bytes, for the next element is not there yet */
		bool last;            /* there are none */
		unsigned pause, wait; /* for so many elements, since there was none to be found the last times */
		struct qun_json_scan *state; /* NULL at first */
	} scan;
};

static inline uint64_t qun_json_column(const struct qun_json_place *p)
{
	return p->at - p->line_at + 1;
}

static inline const char *qun_json_path(struct qun_json *j, size_t len)
{
	j->path[len] = '\0';
	return j->path;
}

static inline bool qun_json_in_list(const struct qun_json *j)
{
	return !j->st.depth || j->frame[j->st.depth - 1].kind == '[';
}

/* json_step.c: all of these return 0, or negative to stop. */
int qun_json_step(struct qun_json *j);     /* the byte that stands here */
int qun_json_end_atom(struct qun_json *j); /* a word or number ends here */
int qun_json_give_up(struct qun_json *j);  /* the loose element, or what stands here: a line to go on from is looked for */
int qun_json_too_long(struct qun_json *j); /* the element is dropped */

/* json_trial.c */
/* Are the objects of this path records? A trial is opened where nobody knows yet. */
int qun_json_is_record(struct qun_json *j, size_t path_len, bool *record);
/* Ends the trial. Where these were no records all is as before it, but that this is known. */
int qun_json_judge(struct qun_json *j);
/* Ends it where it has gone on for long enough. */
int qun_json_judge_late(struct qun_json *j);
/* Bytes after which that may be. */
uint64_t qun_json_trial_left(const struct qun_json *j);

#endif
