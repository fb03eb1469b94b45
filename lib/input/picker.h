/*
 * The picker's memory of one file: the keys met in its records, and what stood between one value and
 * the next. Records are written by one program, so what followed a key the last time mostly follows
 * it now, and one comparison takes the place of reading comma, blanks, key and colon.
 */
#ifndef QUN_INPUT_PICKER_H
#define QUN_INPUT_PICKER_H

#include "input/chunk.h"
#include "input/pick.h"

#include "qun/dict.h"

enum {
	QUN_PICK_DEPTH = 32, /* of objects and arrays that are validated here */
	QUN_PICK_KEYS = 32,  /* of an object that nothing is wanted of */
	QUN_PICK_CACHE = 256,
	QUN_PICK_ROOM = 96, /* behind an element, so that no lead, chunk or block reaches beyond it */
};

/*
 * The bytes from the end of a value, or the beginning of an object, to the next value; of a string the
 * quote is with them.
 */
struct qun_edge {
	char lead[QUN_LEAD];
	uint32_t len;
	bool string;
	struct qun_key *key; /* whose value it is; NULL: none, the object ends */
};

struct qun_place {
	struct qun_edge edge[2]; /* the newest first */
};

/*
 * An object or array that nobody looks into, but for the texts in it: what stands before the first of them,
 * between each two, and behind the last one.
 */
enum { QUN_SHAPE_LEADS = 4, QUN_SHAPE_BYTES = 256 };
struct qun_shape {
	unsigned n; /* leads; 0: none is known */
	uint32_t len[QUN_SHAPE_LEADS];
	char lead[QUN_SHAPE_LEADS][QUN_LEAD];
};

struct qun_key {
	uint64_t seen; /* number of the object it was last met in: twice in one is an error */
	struct qun_path is;
	struct qun_place after, begin; /* its value; begin: where it is an object */
	struct qun_shape *shape;       /* of its newest values, two of them, the newest first; NULL: none yet */
	struct qun_key *of;    /* the key of the object it stands in */
	struct qun_span path, name;
};

struct qun_picker {
	struct qun_picker_conf conf;
	bool (*pick)(struct qun_picker *p);
	void (*look)(struct qun_picker *p);

	struct qun_key root; /* in place of a key: the element itself */
	struct qun_arena keys;
	struct qun_key **key; /* by number in names */
	struct qun_dict names; /* pointer to the object's key, name */
	size_t key_cap;
	struct qun_key *cache[QUN_PICK_CACHE]; /* by some of their bytes */
	uint64_t objects; /* met so far */

	struct qun_span looked; /* bytes in which the ends of texts are known */
	size_t near; /* texts that end within so many bytes are seen to by one word of these bits, and never too long */
	char *stop; /* a bit for each of them and of what fills up a block: here the plain text of a string ends */
	size_t stop_cap;

	/* of the element in hand */
	const char *from, *end;
	struct qun_cell_in *cell;
	struct qun_buf unescaped, copy;
	bool holds; /* there is something of it in them */
};

/* The key of that name in an object; NULL where it is not known, or not to be known here. */
struct qun_key *qun_picker_key(struct qun_picker *p, struct qun_key *of, struct qun_span name);
void qun_picker_learn(struct qun_place *at, struct qun_span lead, struct qun_key *key);
/* Learns the shape of a value, an object or array that is valid. */
void qun_picker_shape(struct qun_picker *p, struct qun_key *key, struct qun_span value);
/* Behind the escape that begins at p; NULL where jansson might not take it. */
const char *qun_picker_escape(const char *p, const char *end);
/* The text of a string, its escapes undone; false: no memory. */
bool qun_picker_unescape(struct qun_picker *p, struct qun_span *text);

#endif
