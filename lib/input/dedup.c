/*
 * Events of several files that overlap, as exports made every week do. Each event is known by a keyed
 * hash of 64 bits, so that memory does not grow with what people write. Repeats inside one file are
 * real; of a later file only what it has more of than each earlier one is new.
 */
#include "input/dedup.h"

#include "qun/cal.h"
#include "qun/dict.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS_FIRST = 1024, PRINT = sizeof(uint64_t) };
#define HOUR (3600 * QUN_SECOND)
#define HOURS (QUN_TIME_MAX / HOUR + 1)

/* How often: in the file that had most of it, and in the file in hand; and its newest instant. */
struct tally {
	uint32_t most, now, file, hour;
};

struct qun_dedup {
	uint64_t key[2];
	uint64_t *print; /* 0: a free slot */
	struct tally *tally;
	size_t n, slots;
	uint32_t file;
	int64_t forgotten;
	struct qun_buf text;
};

int qun_dedup_open(struct qun_dedup **out)
{
	struct qun_dedup *d = calloc(1, sizeof(*d));

	if (!d || qun_random(d->key, sizeof(d->key)) < 0) {
		free(d);
		return QUN_ENOMEM;
	}
	d->forgotten = INT64_MIN;
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

int64_t qun_dedup_forgotten(const struct qun_dedup *d)
{
	return d->forgotten;
}

static size_t slot_of(const struct qun_dedup *d, uint64_t print)
{
	size_t mask = d->slots - 1, at = print & mask;

	while (d->print[at] && d->print[at] != print)
		at = (at + 1) & mask;
	return at;
}

static int resize(struct qun_dedup *d, size_t slots)
{
	struct qun_dedup old = *d;

	d->slots = slots;
	d->print = calloc(slots, sizeof(*d->print));
	d->tally = calloc(slots, sizeof(*d->tally));
	if (!d->print || !d->tally) {
		free(d->print);
		free(d->tally);
		*d = old;
		return QUN_ENOMEM;
	}
	for (size_t i = 0; i < old.slots; i++) {
		if (!old.print[i])
			continue;
		size_t at = slot_of(d, old.print[i]);
		d->print[at] = old.print[i];
		d->tally[at] = old.tally[i];
	}
	free(old.print);
	free(old.tally);
	return 0;
}

/* Room for so many more at three quarters full. */
static int reserve(struct qun_dedup *d, size_t more)
{
	size_t slots = d->slots ? d->slots : SLOTS_FIRST;

	while (d->n + more > slots / 4 * 3)
		slots *= 2;
	return slots == d->slots ? 0 : resize(d, slots);
}

static void put(struct qun_buf *out, const void *bytes, size_t len)
{
	memcpy(out->ptr + out->len, bytes, len);
	out->len += len;
}

/* The caller has made room. */
static void put_span(struct qun_buf *out, struct qun_span s)
{
	uint64_t len = s.len;

	put(out, &len, sizeof(len));
	if (len)
		put(out, s.ptr, s.len);
}

/* What makes two events the same: group and id where there is one, else all that is mapped. What was
 * bought always belongs to it: several lines of one order may share an id. */
static int describe(struct qun_dedup *d, const struct qun_event *ev)
{
	enum { ID, WHOLE, ORDER };
	static const int field[3][8] = {{QUN_F_GROUP, QUN_F_ID, -1},
		{QUN_F_GROUP, QUN_F_USER, QUN_F_TYPE, QUN_F_TEXT, QUN_F_QTY, QUN_F_REF, QUN_F_SOURCE, -1},
		{QUN_F_TYPE, QUN_F_ORDER_ID, QUN_F_PRODUCT, QUN_F_QTY, -1}};
	struct qun_buf *out = &d->text;
	bool id = ev->field[QUN_F_ID].len, bought = ev->type == QUN_ORDER || ev->type == QUN_REFUND;
	size_t room = 256;

	for (int i = 0; i < QUN_NFIELDS; i++)
		room += ev->field[i].len;
	qun_buf_clear(out);
	if (qun_buf_reserve(out, 2 * room) < 0)
		return QUN_ENOMEM;
	/* an event with an id never equals one without */
	put(out, id ? "1" : "0", 1);
	if (!id)
		put(out, &ev->ts, sizeof(ev->ts));
	for (const int *f = field[id ? ID : WHOLE]; *f >= 0; f++)
		put_span(out, ev->field[*f]);
	for (const int *f = field[ORDER]; (!id || bought) && *f >= 0; f++)
		put_span(out, ev->field[*f]);
	if ((!id || bought) && ev->has_amount)
		put(out, &ev->amount, sizeof(ev->amount));
	return 0;
}

static uint32_t hour_of(int64_t ts)
{
	return (uint32_t)(ts < 0 ? 0 : ts > QUN_TIME_MAX ? HOURS - 1 : ts / HOUR);
}

int qun_dedup_seen(struct qun_dedup *d, const struct qun_event *ev)
{
	uint64_t print;
	uint32_t hour = hour_of(ev->ts);
	struct tally *t;
	size_t at;

	if (describe(d, ev) < 0 || reserve(d, 1) < 0)
		return QUN_ENOMEM;
	print = qun_siphash(d->key, qun_buf_span(&d->text));
	print += !print;
	at = slot_of(d, print);
	t = &d->tally[at];
	if (!d->print[at]) {
		d->print[at] = print;
		*t = (struct tally){.file = d->file};
		d->n++;
	}
	if (t->file != d->file) {
		t->most = t->now > t->most ? t->now : t->most;
		t->now = 0;
		t->file = d->file;
	}
	t->hour = hour > t->hour ? hour : t->hour;
	t->now += t->now < UINT32_MAX;
	return t->now <= t->most;
}

static void store(char *to, uint64_t v)
{
	for (int i = 0; i < PRINT; i++)
		to[i] = (char)(v >> 8 * i);
}

static uint64_t fetch(const char *from)
{
	uint64_t v = 0;

	for (int i = PRINT; i-- > 0;)
		v = v << 8 | (unsigned char)from[i];
	return v;
}

static uint32_t most_of(const struct tally *t)
{
	return t->now > t->most ? t->now : t->most;
}

/* The hours of all prints: first … end - 1, and how many each has. */
struct hours {
	uint32_t first, end;
	size_t *n;
};

static int count_hours(const struct qun_dedup *d, struct hours *h)
{
	h->first = HOURS;
	h->end = 0;
	for (size_t i = 0; i < d->slots; i++) {
		if (d->print[i] && d->tally[i].hour < h->first)
			h->first = d->tally[i].hour;
		if (d->print[i] && d->tally[i].hour >= h->end)
			h->end = d->tally[i].hour + 1;
	}
	h->n = calloc(d->n ? h->end - h->first : 1, sizeof(*h->n));
	if (!h->n)
		return QUN_ENOMEM;
	for (size_t i = 0; i < d->slots; i++) {
		if (d->print[i])
			h->n[d->tally[i].hour - h->first]++;
	}
	return 0;
}

/* Leaves out the oldest hours; what is left are so many prints. */
static size_t drop_hours(struct hours *h, size_t most)
{
	uint32_t from = h->end;
	size_t n = 0;

	while (from > h->first && (n == 0 || n + h->n[from - 1 - h->first] <= most))
		n += h->n[--from - h->first];
	memmove(h->n, h->n + (from - h->first), (h->end - from) * sizeof(*h->n));
	h->first = from;
	return n;
}

static int save_hours(const struct hours *h, struct qun_buf *out)
{
	uint32_t last = 0;
	size_t groups = 0;
	int rc;

	for (uint32_t i = h->first; i < h->end; i++)
		groups += h->n[i - h->first] > 0;
	rc = qun_save_u64(out, groups);
	for (uint32_t i = h->first; rc == 0 && i < h->end; i++) {
		if (!h->n[i - h->first])
			continue;
		rc = qun_save_u64(out, i - last);
		if (rc == 0)
			rc = qun_save_u64(out, h->n[i - h->first]);
		last = i;
	}
	return rc;
}

/* All prints of an hour, then those of the next. */
static int save_prints(const struct qun_dedup *d, struct hours *h, size_t n, struct qun_buf *out)
{
	size_t at = 0;

	if (qun_buf_reserve(out, n * PRINT) < 0)
		return QUN_ENOMEM;
	for (uint32_t i = h->first; i < h->end; i++) {
		size_t here = h->n[i - h->first];

		h->n[i - h->first] = at;
		at += here;
	}
	for (size_t i = 0; i < d->slots; i++) {
		if (d->print[i] && d->tally[i].hour >= h->first)
			store(out->ptr + out->len + PRINT * h->n[d->tally[i].hour - h->first]++, d->print[i]);
	}
	out->len += n * PRINT;
	return 0;
}

/* Of the few that some file had more than once, how often. */
static int save_repeats(const struct qun_dedup *d, uint32_t first, struct qun_buf *out)
{
	size_t n = 0;
	int rc;

	for (size_t i = 0; i < d->slots; i++)
		n += d->print[i] && d->tally[i].hour >= first && most_of(&d->tally[i]) > 1;
	rc = qun_save_u64(out, n);
	for (size_t i = 0; rc == 0 && n && i < d->slots; i++) {
		if (!d->print[i] || d->tally[i].hour < first || most_of(&d->tally[i]) <= 1)
			continue;
		rc = qun_save_u64(out, d->print[i]);
		if (rc == 0)
			rc = qun_save_u64(out, most_of(&d->tally[i]));
	}
	return rc;
}

int qun_dedup_save(const struct qun_dedup *d, size_t most, struct qun_buf *out)
{
	struct hours h;
	int64_t forgotten = d->forgotten;
	uint32_t first;
	size_t n = 0;
	int rc = count_hours(d, &h);

	if (rc < 0)
		return rc;
	first = h.first;
	if (d->n)
		n = drop_hours(&h, most);
	if (h.first > first && h.first * HOUR > forgotten)
		forgotten = h.first * HOUR - 1;
	rc = qun_save_u64(out, d->key[0]);
	if (rc == 0)
		rc = qun_save_u64(out, d->key[1]);
	if (rc == 0)
		rc = qun_save_i64(out, forgotten);
	if (rc == 0)
		rc = save_hours(&h, out);
	if (rc == 0)
		rc = save_prints(d, &h, n, out);
	if (rc == 0)
		rc = save_repeats(d, h.first, out);
	free(h.n);
	return rc;
}

static int load_hour(struct qun_dedup *d, struct qun_reader *in, uint32_t hour, uint64_t n)
{
	for (; n > 0; n--, in->ptr += PRINT) {
		uint64_t print = fetch(in->ptr);
		size_t at = slot_of(d, print);

		if (!print || d->print[at])
			return QUN_ESTATE;
		d->print[at] = print;
		d->tally[at] = (struct tally){.most = 1, .hour = hour};
		d->n++;
	}
	return 0;
}

/* The prints stand behind all the hours, so these are read twice. */
static int load_hours(struct qun_dedup *d, struct qun_reader *in)
{
	struct qun_reader hours;
	uint64_t gap, n, hour = 0, total = 0;
	size_t groups = 0;
	int rc = qun_load_count(in, 2, &groups);

	hours = *in;
	for (size_t i = 0; rc == 0 && i < groups; i++) {
		rc = qun_load_u64(in, &gap);
		if (rc == 0)
			rc = qun_load_u64(in, &n);
		if (rc < 0)
			break;
		hour += gap;
		total += n;
		if (gap >= HOURS || hour >= HOURS || (i && !gap) || !n || n > UINT32_MAX)
			rc = QUN_ESTATE;
	}
	if (rc == 0 && total > (size_t)(in->end - in->ptr) / PRINT)
		rc = QUN_ESTATE;
	if (rc == 0)
		rc = reserve(d, (size_t)total);
	hour = 0;
	for (size_t i = 0; rc == 0 && i < groups; i++) {
		qun_load_u64(&hours, &gap);
		qun_load_u64(&hours, &n);
		hour += gap;
		rc = load_hour(d, in, (uint32_t)hour, n);
	}
	return rc;
}

static int load_repeats(struct qun_dedup *d, struct qun_reader *in)
{
	size_t n = 0;
	int rc = qun_load_count(in, 2, &n);

	for (; rc == 0 && n > 0; n--) {
		uint64_t print = 0, most = 0;
		size_t at;

		rc = qun_load_u64(in, &print);
		if (rc == 0)
			rc = qun_load_u64(in, &most);
		if (rc < 0 || !d->slots || most < 2 || most > UINT32_MAX)
			return QUN_ESTATE;
		at = slot_of(d, print);
		if (!print || !d->print[at] || d->tally[at].most != 1)
			return QUN_ESTATE;
		d->tally[at].most = (uint32_t)most;
	}
	return rc;
}

int qun_dedup_load(struct qun_dedup *d, struct qun_reader *in)
{
	int rc = qun_load_u64(in, &d->key[0]);

	if (rc == 0)
		rc = qun_load_u64(in, &d->key[1]);
	if (rc == 0)
		rc = qun_load_i64(in, &d->forgotten);
	if (rc == 0)
		rc = load_hours(d, in);
	return rc < 0 ? rc : load_repeats(d, in);
}
