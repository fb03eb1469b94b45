/* Sentences about people, by pattern: \1 is who acts, \2 who comes or goes, \3 anything. */
#ifndef QUN_TEXT_SENTENCE_H
#define QUN_TEXT_SENTENCE_H

#include "qun/event.h"

struct qun_sentence {
	const char *pattern;
	enum qun_type type; /* QUN_JOIN, QUN_LEAVE, or QUN_SYSTEM where nobody comes or goes */
	const char *source;
};

/*
 * The first of the patterns (an all-zero one ends them) that fits all of the text, a full stop at its
 * end aside; NULL: none. Placeholders take at least a byte and as little as they can.
 */
const struct qun_sentence *qun_sentence_of(const struct qun_sentence *list, struct qun_span text,
	struct qun_span *actor, struct qun_span *target);

#endif
