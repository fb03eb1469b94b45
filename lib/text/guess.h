/* Recognising the generic formats by what their columns stand for. */
#ifndef QUN_TEXT_GUESS_H
#define QUN_TEXT_GUESS_H

#include "qun/format.h"

/* Does some column stand for this field? */
bool qun_guess_has(const struct qun_sample *s, int field);
/* Score of the canonical format in one container: 40 by its own names, 30 by aliases, else 0. */
int qun_guess_canonical(const struct qun_sample *s, enum qun_container container);

#endif
