/*
 * Picking: the wanted cells of one JSON element. jansson says whether the element is valid; the
 * values are then read from its bytes, so that numbers stay as written. The picker does both in one
 * pass where it is sure of what jansson would say.
 */
#ifndef QUN_INPUT_PICK_H
#define QUN_INPUT_PICK_H

#include "qun/format.h"
#include "qun/lane.h"

enum { QUN_NUMBER_MAX_BYTES = 64, QUN_PATH_MAX_BYTES = 256, QUN_PATHS_MAX = 4096 };

/* What is wrong with an element, in the words of a bad record. */
struct qun_json_fault {
	const char *kind;
	char why[240];
	uint64_t line; /* within the element, from 0 */
};

/* 0, QUN_EDATA with the fault, or QUN_ENOMEM. Keys that occur twice are refused. */
int qun_json_check(struct qun_span element, struct qun_json_fault *fault);

/*
 * Calls each for every member of a checked object, and for the members of objects in it where
 * inside says so, by dotted path. text holds unescaped strings: it is cleared first and must not
 * be touched while cells are in use. 0, or the first non-zero return.
 */
struct qun_json_walk {
	void *arg;
	int (*each)(void *arg, struct qun_span path, const struct qun_cell_in *cell);
	bool (*inside)(void *arg, struct qun_span path);
};
int qun_json_paths(struct qun_span element, const struct qun_json_walk *walk, struct qun_buf *text);

/* The same in one pass of our own; false: jansson has to be asked. */
bool qun_json_sure(struct qun_span json, enum qun_lane lane);

/* What is known of a JSON path: its column, or -1, and whether more is wanted below. */
struct qun_path {
	int column;
	bool inside;
};

struct qun_picker_conf {
	enum qun_lane lane;
	size_t max_text; /* elements with a longer string where columns may be are not for the picker */
	void *arg;
	bool (*path)(void *arg, struct qun_span path, struct qun_path *known); /* false: nobody has met it yet */
};

/* One for each file, since it learns what its records look like. */
struct qun_picker;
int qun_picker_open(struct qun_picker **p, const struct qun_picker_conf *conf);
void qun_picker_close(struct qun_picker *p);
/*
 * True: jansson takes the element, and its cells are in those of their columns, as qun_json_paths would
 * tell them; the others are left as they are. False: jansson has to be asked, and any cell may have been
 * written. The element is valid UTF-8 and begins `readable` bytes that may be looked at. Cells are borrowed
 * from it and, where the picker holds them, from the picker until the next one.
 */
bool qun_picker_pick(struct qun_picker *p, struct qun_span element, size_t readable, struct qun_cell_in *cell);
bool qun_picker_holds(const struct qun_picker *p);
/* What the next elements are parts of may be looked at together, which is faster. Until the next such call, which
 * may be for no bytes, it must not change. */
void qun_picker_look(struct qun_picker *p, struct qun_span bytes, size_t readable);

/*
 * Puts an element right that fails the check for reasons its writer is known for: \xNN, texts without
 * quotes, keys that occur twice. QUN_EDATA where it is no object even so.
 */
int qun_json_mend(struct qun_span element, struct qun_buf *out);

/* Appends the text of a JSON string, quotes left out; lone surrogates become U+FFFD. */
int qun_json_unescape(struct qun_buf *out, struct qun_span inner);

#endif
