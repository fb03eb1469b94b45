/*
 * Picking: the wanted cells of one JSON element. jansson says whether the element is valid; the
 * values are then read from its bytes, so that numbers stay as written.
 */
#ifndef QUN_INPUT_PICK_H
#define QUN_INPUT_PICK_H

#include "qun/format.h"

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

/*
 * Puts an element right that fails the check for reasons its writer is known for: \xNN, texts without
 * quotes, keys that occur twice. QUN_EDATA where it is no object even so.
 */
int qun_json_mend(struct qun_span element, struct qun_buf *out);

/* Appends the text of a JSON string, quotes left out; lone surrogates become U+FFFD. */
int qun_json_unescape(struct qun_buf *out, struct qun_span inner);

#endif
