/* What all cutters share: the window of bytes still needed, and damage with its end. */
#include "input/cut.h"

void qun_window_drop(struct qun_window *w, uint64_t before)
{
	size_t n = (size_t)(before - w->base);

	w->bytes.ptr += n;
	w->bytes.len -= n;
	w->base = before;
}

int qun_damage_end(struct qun_damage *d, const struct qun_window *w, uint64_t to, size_t max,
	const struct qun_cut_sink *sink)
{
	struct qun_bad bad = {.line = d->line, .offset = d->from, .kind = d->kind, .why = d->why};

	if (!d->open)
		return 0;
	d->open = false;
	bad.raw = qun_window_span(w, d->from, to - d->from > max ? d->from + max : to);
	return sink->bad(sink->arg, &bad);
}
