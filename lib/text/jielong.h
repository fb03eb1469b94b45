/*
 * 接龙, the chain orders of a chat: a message that begins with #接龙 (#Group Note), says what it is about,
 * and lists who takes part. Every participant posts the whole list again, so the newest list of each
 * description says who does; the others tell since when.
 */
#ifndef QUN_TEXT_JIELONG_H
#define QUN_TEXT_JIELONG_H

#include "qun/dict.h"

enum { QUN_JIELONG_LINES = 1000 }; /* of one list; what is behind them is not read */

/* A list on its way through its lines; spans are borrowed from the message. */
struct qun_jielong {
	struct qun_span about; /* the lines before the list, with the blanks they have */
	struct qun_span rest;
	size_t taken;
};

/* Is this message a list? A mark at its beginning and somebody in it. */
bool qun_jielong_begin(struct qun_span text, struct qun_jielong *list);
/* The next line without its number and the blanks around it; false where there is none. */
bool qun_jielong_next(struct qun_jielong *list, struct qun_span *line);

/* The lists of one file, all-zero at first. */
struct qun_jielong_book {
	struct qun_dict chains; /* group and description */
	struct qun_jielong_chain *chain; /* by number in chains */
	size_t chain_cap;
	struct qun_dict lines; /* chain and line */
	struct qun_jielong_seen *seen; /* by number in lines */
	size_t seen_cap;
	struct qun_dict groups, posters;
	size_t held; /* lines of the newest lists */
};

/* Keeps a list. 0, QUN_ENOMEM, or QUN_ELIMIT where 64 MiB are full: nothing is kept then. */
int qun_jielong_add(struct qun_jielong_book *b, struct qun_jielong list, int64_t ts, struct qun_span group,
	struct qun_span poster);

/* Somebody on the newest list of its description. */
struct qun_jielong_turn {
	int64_t ts; /* of the first list that has him */
	struct qun_span group, poster; /* poster: of that list */
	struct qun_span id, name, line;
};

struct qun_jielong_ear {
	void *arg;
	bool (*known)(void *arg, struct qun_span name); /* is it the whole of a name? */
	struct qun_span (*id_of)(void *arg, struct qun_span name); /* the name itself where there is none */
	int (*each)(void *arg, const struct qun_jielong_turn *turn); /* negative stops */
};

/* Tells every participant once and empties the book. */
int qun_jielong_tell(struct qun_jielong_book *b, const struct qun_jielong_ear *ear);
void qun_jielong_release(struct qun_jielong_book *b);

#endif
