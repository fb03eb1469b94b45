/* Events kept for later, in bounded memory. */
#include "input/wait.h"

#include <string.h>

enum { WAIT_BYTES = 40 << 20 };

/* Behind it the lengths (32 bits) of the fields that are not empty, then their bytes. */
struct qun_waiting {
	struct qun_waiting *next;
	int64_t ts, amount;
	uint64_t place;
	enum qun_type type;
	uint16_t fields; /* bit by bit */
	bool has_amount;
};
_Static_assert(QUN_NFIELDS <= 16, "a bit for each field");

int qun_wait_add(struct qun_wait *w, const struct qun_event *ev)
{
	struct qun_waiting head = {.ts = ev->ts, .amount = ev->amount, .place = ev->place, .type = ev->type,
		.has_amount = ev->has_amount};
	size_t size = sizeof(head);

	for (int i = 0; i < QUN_NFIELDS; i++) {
		if (ev->field[i].len) {
			head.fields |= (uint16_t)(1U << i);
			size += sizeof(uint32_t) + ev->field[i].len;
		}
	}
	if (w->text.bytes + size > WAIT_BYTES)
		return QUN_ELIMIT;
	struct qun_waiting *to = qun_arena_alloc(&w->text, size);
	if (!to)
		return QUN_ENOMEM;
	*to = head;
	uint32_t *len = (uint32_t *)(to + 1);
	for (int i = 0; i < QUN_NFIELDS; i++) {
		if (ev->field[i].len)
			*len++ = (uint32_t)ev->field[i].len;
	}
	char *bytes = (char *)len;
	for (int i = 0; i < QUN_NFIELDS; i++) {
		if (ev->field[i].len)
			bytes = (char *)memcpy(bytes, ev->field[i].ptr, ev->field[i].len) + ev->field[i].len;
	}
	*(w->last ? &w->last->next : &w->first) = to;
	w->last = to;
	return 0;
}

bool qun_wait_take(struct qun_wait *w, struct qun_event *ev)
{
	const struct qun_waiting *from = w->first;

	if (!from)
		return false;
	w->first = from->next;
	*ev = (struct qun_event){.ts = from->ts, .amount = from->amount, .place = from->place, .type = from->type,
		.has_amount = from->has_amount};
	const uint32_t *len = (const uint32_t *)(from + 1);
	const char *bytes = (const char *)(len + __builtin_popcount(from->fields));
	for (int i = 0; i < QUN_NFIELDS; i++) {
		if (from->fields >> i & 1) {
			ev->field[i] = (struct qun_span){bytes, *len};
			bytes += *len++;
		}
	}
	return true;
}

void qun_wait_release(struct qun_wait *w)
{
	qun_arena_release(&w->text);
	*w = (struct qun_wait){0};
}
