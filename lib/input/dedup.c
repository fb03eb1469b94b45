/*
 * Events of several files that overlap, as exports made every week do. Each event is known by two
 * keyed hashes, 16 bytes, so that memory does not grow with what people write. Repeats inside one
 * file are real; of a later file only what it has more of than each earlier one is new.
 */
#include "input/dedup.h"

#include "qun/dict.h"
#include "qun/num.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS_FIRST = 1024 };

struct print {
	uint64_t a, b; /* never both 0: that is a free slot */
};

/* How often: in the file that had most of it, and in the file in hand. */
struct tally {
	uint32_t most, now, file;
};

struct qun_dedup {
	uint64_t key[2][2];
	struct print *print;
	struct tally *tally;
	size_t n, slots;
	uint32_t file;
	struct qun_buf text;
};

int qun_dedup_open(struct qun_dedup **out)
{
	struct qun_dedup *d = calloc(1, sizeof(*d));

	if (!d || qun_random(d->key, sizeof(d->key)) < 0) {
		free(d);
		return QUN_ENOMEM;
	}
	*out = d;
	return 0;
}

void qun_dedup_close(struct qun_dedup *d)
{
	if (!d)
		return;
	free(d->print);
	free(d->tally);
	qun_buf_release(&d->text);
	free(d);
}

void qun_dedup_file(struct qun_dedup *d)
{
	d->file++;
}

static size_t slot_of(const struct qun_dedup *d, struct print p)
{
	size_t mask = d->slots - 1, at = p.a & mask;

	while ((d->print[at].a || d->print[at].b) && (d->print[at].a != p.a || d->print[at].b != p.b))
		at = (at + 1) & mask;
	return at;
}

/* Room for one more at three quarters full. */
static int grow(struct qun_dedup *d)
{
	struct qun_dedup old = *d;

	if (d->slots && d->n < d->slots / 4 * 3)
		return 0;
	d->slots = old.slots ? old.slots * 2 : SLOTS_FIRST;
	d->print = calloc(d->slots, sizeof(*d->print));
	d->tally = calloc(d->slots, sizeof(*d->tally));
	if (!d->print || !d->tally) {
		free(d->print);
		free(d->tally);
		*d = old;
		return QUN_ENOMEM;
	}
	for (size_t i = 0; i < old.slots; i++) {
		if (!old.print[i].a && !old.print[i].b)
			continue;
		size_t at = slot_of(d, old.print[i]);
		d->print[at] = old.print[i];
		d->tally[at] = old.tally[i];
	}
	free(old.print);
	free(old.tally);
	return 0;
}

/* What makes two events the same: group and id where there is one, else all that is mapped. What was
 * bought always belongs to it: several lines of one order may share an id. */
static int describe(struct qun_dedup *d, const struct qun_event *ev)
{
	static const int whole[] = {QUN_F_GROUP, QUN_F_USER, QUN_F_TYPE, QUN_F_TEXT, QUN_F_QTY, QUN_F_REF,
		QUN_F_SOURCE};
	static const int order[] = {QUN_F_ORDER_ID, QUN_F_PRODUCT, QUN_F_QTY};
	struct qun_buf *out = &d->text;
	bool id = ev->field[QUN_F_ID].len, bought = ev->type == QUN_ORDER || ev->type == QUN_REFUND;
	int rc = 0;

	qun_buf_clear(out);
	if (id) {
		rc = qun_key_text(out, ev->field[QUN_F_GROUP]);
		if (rc == 0)
			rc = qun_key_text(out, ev->field[QUN_F_ID]);
	} else {
		rc = qun_key_int(out, ev->ts);
		for (size_t i = 0; rc == 0 && i < sizeof(whole) / sizeof(*whole); i++)
			rc = qun_key_text(out, ev->field[whole[i]]);
	}
	if (rc == 0 && bought)
		rc = qun_key_text(out, ev->field[QUN_F_TYPE]);
	for (size_t i = 0; rc == 0 && (!id || bought) && i < sizeof(order) / sizeof(*order); i++)
		rc = qun_key_text(out, ev->field[order[i]]);
	if (rc == 0 && (!id || bought) && ev->has_amount)
		rc = qun_key_int(out, ev->amount);
	/* an event with an id never equals one without */
	return rc < 0 ? rc : qun_buf_add_char(out, id ? '1' : '0');
}

int qun_dedup_seen(struct qun_dedup *d, const struct qun_event *ev)
{
	struct print p;
	struct tally *t;
	size_t at;

	if (describe(d, ev) < 0 || grow(d) < 0)
		return QUN_ENOMEM;
	p.a = qun_siphash(d->key[0], qun_buf_span(&d->text));
	p.b = qun_siphash(d->key[1], qun_buf_span(&d->text));
	p.b |= !p.a && !p.b;
	at = slot_of(d, p);
	t = &d->tally[at];
	if (!d->print[at].a && !d->print[at].b) {
		d->print[at] = p;
		*t = (struct tally){.file = d->file};
		d->n++;
	}
	if (t->file != d->file) {
		t->most = t->now > t->most ? t->now : t->most;
		t->now = 0;
		t->file = d->file;
	}
	t->now += t->now < UINT32_MAX;
	return t->now <= t->most;
}
