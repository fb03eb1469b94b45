/* Events kept for later, in bounded memory. */
#include "input/wait.h"

#include <stdlib.h>

enum { WAIT_BYTES = 64 << 20 };

int qun_wait_add(struct qun_wait *w, const struct qun_event *ev)
{
	struct qun_event copy = *ev;

	if (w->text.bytes + (w->n + 1) * sizeof(copy) > WAIT_BYTES)
		return QUN_ELIMIT;
	copy.extra = NULL;
	for (int i = 0; i < QUN_NFIELDS; i++) {
		if (!copy.field[i].len)
			continue;
		copy.field[i].ptr = qun_arena_copy(&w->text, copy.field[i]);
		if (!copy.field[i].ptr)
			return QUN_ENOMEM;
	}
	if (qun_grow(&w->ev, &w->cap, w->n, sizeof(*w->ev)) < 0)
		return QUN_ENOMEM;
	w->ev[w->n++] = copy;
	return 0;
}

void qun_wait_release(struct qun_wait *w)
{
	qun_arena_release(&w->text);
	free(w->ev);
	*w = (struct qun_wait){0};
}
