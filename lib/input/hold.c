/* Records and damage kept beyond the call that brought them: copies in an arena. */
#include "input/file.h"

int qun_hold_span(struct qun_arena *a, struct qun_span s, struct qun_span *out)
{
	out->ptr = qun_arena_copy(a, s);
	out->len = s.len;
	return out->ptr ? 0 : QUN_ENOMEM;
}

int qun_hold_record(struct qun_held *h, const struct qun_record *rec, struct qun_arena *a)
{
	struct qun_cell_in *cell;
	int rc;

	*h = (struct qun_held){.rec = *rec};
	rc = qun_hold_span(a, rec->raw, &h->rec.raw);
	cell = rc == 0 ? qun_arena_alloc(a, (rec->n + 1) * sizeof(*cell)) : NULL;
	if (!cell)
		return QUN_ENOMEM;
	for (size_t i = 0; rc == 0 && i < rec->n; i++) {
		cell[i].kind = rec->cell[i].kind;
		rc = qun_hold_span(a, rec->cell[i].s, &cell[i].s);
	}
	h->rec.cell = cell;
	return rc;
}

int qun_hold_bad(struct qun_held *h, const struct qun_bad *bad, struct qun_arena *a)
{
	struct qun_bad *copy = qun_arena_alloc(a, sizeof(*copy));

	if (!copy)
		return QUN_ENOMEM;
	*copy = *bad;
	copy->why = qun_arena_copy(a, qun_span_of(bad->why));
	*h = (struct qun_held){.bad = copy};
	return copy->why ? qun_hold_span(a, bad->raw, &copy->raw) : QUN_ENOMEM;
}
