/*
 * Events of several files that overlap, as exports made every week do. Each event is known by a hash of
 * 64 bits under a secret seed, so that memory does not grow with what people write. Repeats inside one
 * file are real; of a later file only what it has more of than each earlier one is new.
 *
 * New events are listed. Of the list of the files before, a table is made as far as an event may be in
 * it: without an id it can only be among those of its own hour.
 */
#include "input/dedup.h"

#include "qun/cal.h"
#include "qun/dict.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { SLOTS_FIRST = 1024, PRINT = sizeof(uint64_t) };
#define HOUR (3600 * QUN_SECOND)
#define HOURS (QUN_TIME_MAX / HOUR + 1)

struct seen {
	unsigned char print[PRINT]; /* bytes, for the size of it: least first */
	uint32_t hour;
};

/* How often the files before had it, and how often the one in hand. */
struct slot {
	uint64_t print; /* 0: free */
	uint32_t most, now;
};

struct qun_dedup {
	uint64_t seed;
	struct seen *list;
	size_t n, cap;
	size_t before; /* of the list, those of earlier files */
	size_t filed;  /* from this one of those on they are in the table */
	bool mixed;    /* they are not in order of their hours */
	struct slot *slot;
	size_t used, slots;
	size_t *met; /* slots whose now is not 0 */
	size_t nmet, met_cap;
	size_t keep, trim_at; /* of the last file, as many as are saved; 0: others may follow */
	int64_t forgotten, dropped; /* for good, and of the file in hand */
	struct qun_buf text;
};

int qun_dedup_open(struct qun_dedup **out)
{
	struct qun_dedup *d = calloc(1, sizeof(*d));

	if (!d || qun_random(&d->seed, sizeof(d->seed)) < 0) {
		free(d);
		return QUN_ENOMEM;
	}
	d->forgotten = d->dropped = INT64_MIN;
	*out = d;
	return 0;
}

void qun_dedup_close(struct qun_dedup *d)
{
	if (!d)
		return;
	free(d->list);
	free(d->slot);
	free(d->met);
	qun_buf_release(&d->text);
	free(d);
}

int64_t qun_dedup_forgotten(const struct qun_dedup *d)
{
	return d->forgotten;
}

static uint64_t fetch(const unsigned char *from)
{
	uint64_t v;

	memcpy(&v, from, sizeof(v));
	return le64toh(v);
}

static struct seen seen_of(uint64_t print, uint32_t hour)
{
	struct seen s = {.hour = hour};

	print = htole64(print);
	memcpy(s.print, &print, sizeof(s.print));
	return s;
}

static size_t slot_of(const struct qun_dedup *d, uint64_t print)
{
	size_t mask = d->slots - 1, at = print & mask;

	while (d->slot[at].print && d->slot[at].print != print)
		at = (at + 1) & mask;
	return at;
}

/* Room for so many more at three quarters full. */
static int reserve(struct qun_dedup *d, size_t more)
{
	struct qun_dedup old = *d;
	size_t slots = d->slots ? d->slots : SLOTS_FIRST;

	while (d->used + more > slots / 4 * 3)
		slots *= 2;
	if (slots == d->slots)
		return 0;
	d->slot = calloc(slots, sizeof(*d->slot));
	if (!d->slot) {
		d->slot = old.slot;
		return QUN_ENOMEM;
	}
	d->slots = slots;
	for (size_t i = 0; i < old.slots; i++) {
		if (old.slot[i].print)
			d->slot[slot_of(d, old.slot[i].print)] = old.slot[i];
	}
	free(old.slot);
	return 0;
}

static int file_one(struct qun_dedup *d, size_t i)
{
	uint64_t print = fetch(d->list[i].print);
	struct slot *s;

	if (reserve(d, 1) < 0)
		return QUN_ENOMEM;
	s = &d->slot[slot_of(d, print)];
	d->used += s->print == 0;
	s->print = print;
	s->most++;
	return 0;
}

/* Puts what earlier files had of this hour and later into the table. */
static int file_from(struct qun_dedup *d, uint32_t hour)
{
	int rc = 0;

	if (d->filed && (!hour || d->mixed))
		rc = reserve(d, d->filed);
	while (rc == 0 && d->filed && (d->mixed || d->list[d->filed - 1].hour >= hour))
		rc = file_one(d, --d->filed);
	return rc;
}

int qun_dedup_file(struct qun_dedup *d)
{
	bool begun = d->filed < d->before;
	int rc = 0;

	while (d->nmet)
		d->slot[d->met[--d->nmet]].now = 0;
	for (size_t i = d->before; rc == 0 && i < d->n; i++) {
		d->mixed |= i && d->list[i].hour < d->list[i - 1].hour;
		if (begun)
			rc = file_one(d, i);
	}
	d->before = d->n;
	d->filed = begun ? d->filed : d->n;
	return rc;
}

static inline char *put(char *to, const void *bytes, size_t len)
{
	memcpy(to, bytes, len);
	return to + len;
}

static inline char *put_span(char *to, struct qun_span s)
{
	uint64_t len = s.len;

	to = put(to, &len, sizeof(len));
	return len ? put(to, s.ptr, s.len) : to;
}

/* What makes two events the same: group and id where there is one, else all that is mapped. What was
 * bought always belongs to it: several lines of one order may share an id. */
static int describe(struct qun_dedup *d, const struct qun_event *ev, bool id)
{
	static const int whose[] = {QUN_F_GROUP, QUN_F_ID}, whole[] = {QUN_F_GROUP, QUN_F_USER, QUN_F_TYPE, QUN_F_TEXT,
		QUN_F_REF, QUN_F_SOURCE}, order[] = {QUN_F_TYPE, QUN_F_ORDER_ID, QUN_F_PRODUCT, QUN_F_QTY};
	enum { WHOSE = sizeof(whose) / sizeof(*whose), WHOLE = sizeof(whole) / sizeof(*whole),
		ORDER = sizeof(order) / sizeof(*order) };
	bool bought = !id || ev->type == QUN_ORDER || ev->type == QUN_REFUND;
	const int *field = id ? whose : whole;
	size_t n = id ? WHOSE : WHOLE, room = 256;
	char *to;

	for (size_t i = 0; i < n; i++)
		room += ev->field[field[i]].len;
	for (size_t i = 0; bought && i < ORDER; i++)
		room += ev->field[order[i]].len;
	qun_buf_clear(&d->text);
	if (qun_buf_reserve(&d->text, room) < 0)
		return QUN_ENOMEM;
	/* an event with an id never equals one without */
	to = put(d->text.ptr, id ? "1" : "0", 1);
	if (!id)
		to = put(to, &ev->ts, sizeof(ev->ts));
	for (size_t i = 0; i < n; i++)
		to = put_span(to, ev->field[field[i]]);
	for (size_t i = 0; bought && i < ORDER; i++)
		to = put_span(to, ev->field[order[i]]);
	if (bought && ev->has_amount)
		to = put(to, &ev->amount, sizeof(ev->amount));
	d->text.len = (size_t)(to - d->text.ptr);
	return 0;
}

static uint32_t hour_of(int64_t ts)
{
	return (uint32_t)(ts < 0 ? 0 : ts > QUN_TIME_MAX ? HOURS - 1 : ts / HOUR);
}

/* Counts it once more in the file in hand: 1 where an earlier file had it as often. */
static int look_up(struct qun_dedup *d, uint64_t print, uint32_t hour)
{
	struct slot *s;

	if (file_from(d, hour) < 0)
		return QUN_ENOMEM;
	if (!d->used)
		return 0;
	s = &d->slot[slot_of(d, print)];
	if (!s->print)
		return 0;
	if (!s->now) {
		if (qun_grow(&d->met, &d->met_cap, d->nmet, sizeof(*d->met)) < 0)
			return QUN_ENOMEM;
		d->met[d->nmet++] = (size_t)(s - d->slot);
	}
	s->now += s->now < UINT32_MAX;
	return s->now <= s->most;
}

/* The hours of a list: first … end - 1, and how many events each has. */
struct hours {
	uint32_t first, end;
	size_t *n;
};

static int count_hours(const struct seen *list, size_t n, struct hours *h)
{
	h->first = n ? HOURS : 0;
	h->end = 0;
	for (size_t i = 0; i < n; i++) {
		h->first = list[i].hour < h->first ? list[i].hour : h->first;
		h->end = list[i].hour >= h->end ? list[i].hour + 1 : h->end;
	}
	h->n = calloc(h->end - h->first + 1, sizeof(*h->n));
	if (!h->n)
		return QUN_ENOMEM;
	for (size_t i = 0; i < n; i++)
		h->n[list[i].hour - h->first]++;
	return 0;
}

/* Leaves out the oldest hours, so that at most so many events are left, and says until when. */
static size_t drop_hours(struct hours *h, size_t most, int64_t *dropped)
{
	uint32_t from = h->end;
	size_t n = 0;

	while (from > h->first && (n == 0 || n + h->n[from - 1 - h->first] <= most))
		n += h->n[--from - h->first];
	if (from > h->first && from * HOUR > *dropped)
		*dropped = from * HOUR - 1;
	memmove(h->n, h->n + (from - h->first), (h->end - from) * sizeof(*h->n));
	h->first = from;
	return n;
}

void qun_dedup_last(struct qun_dedup *d, size_t most)
{
	d->keep = most;
	d->trim_at = d->n + 2 * most;
}

/* Nobody will be compared with the file in hand, and of its events only the newest are saved. */
static int trim(struct qun_dedup *d)
{
	struct hours h;
	size_t n = d->before;

	if (count_hours(d->list + n, d->n - n, &h) < 0)
		return QUN_ENOMEM;
	drop_hours(&h, d->keep, &d->dropped);
	for (size_t i = n; i < d->n; i++) {
		if (d->list[i].hour >= h.first)
			d->list[n++] = d->list[i];
	}
	free(h.n);
	d->n = n;
	d->trim_at = n + d->keep;
	return 0;
}

int qun_dedup_seen(struct qun_dedup *d, const struct qun_event *ev)
{
	bool id = ev->field[QUN_F_ID].len;
	uint32_t hour = hour_of(ev->ts);
	uint64_t print;
	int rc = 0;

	if (describe(d, ev, id) < 0 || qun_grow(&d->list, &d->cap, d->n, sizeof(*d->list)) < 0)
		return QUN_ENOMEM;
	print = XXH3_64bits_withSeed(d->text.ptr, d->text.len, d->seed);
	print += !print;
	if (d->before)
		rc = look_up(d, print, id ? 0 : hour);
	if (rc == 0)
		d->list[d->n++] = seen_of(print, hour);
	return rc == 0 && d->keep && d->n > d->trim_at ? trim(d) : rc;
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

/* The events of an hour, then those of the next. */
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
	for (size_t i = 0; i < d->n; i++) {
		const struct seen *s = &d->list[i];

		if (s->hour >= h->first)
			memcpy(out->ptr + out->len + PRINT * h->n[s->hour - h->first]++, s->print, PRINT);
	}
	out->len += n * PRINT;
	return 0;
}

int qun_dedup_save(const struct qun_dedup *d, size_t most, struct qun_buf *out)
{
	int64_t forgotten = d->forgotten > d->dropped ? d->forgotten : d->dropped;
	struct hours h;
	size_t n;
	int rc = count_hours(d->list, d->n, &h);

	if (rc < 0)
		return rc;
	n = drop_hours(&h, most, &forgotten);
	rc = qun_save_u64(out, d->seed);
	if (rc == 0)
		rc = qun_save_i64(out, forgotten);
	if (rc == 0)
		rc = save_hours(&h, out);
	if (rc == 0)
		rc = save_prints(d, &h, n, out);
	free(h.n);
	return rc;
}

static int load_hour(struct qun_dedup *d, struct qun_reader *in, uint32_t hour, uint64_t n)
{
	for (; n > 0; n--, in->ptr += PRINT) {
		struct seen s = {.hour = hour};

		memcpy(s.print, in->ptr, PRINT);
		if (!fetch(s.print))
			return QUN_ESTATE;
		d->list[d->n++] = s;
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
	if (rc == 0 && qun_grow(&d->list, &d->cap, (size_t)total, sizeof(*d->list)) < 0)
		rc = QUN_ENOMEM;
	hour = 0;
	for (size_t i = 0; rc == 0 && i < groups; i++) {
		qun_load_u64(&hours, &gap);
		qun_load_u64(&hours, &n);
		hour += gap;
		rc = load_hour(d, in, (uint32_t)hour, n);
	}
	return rc;
}

int qun_dedup_load(struct qun_dedup *d, struct qun_reader *in)
{
	int rc = qun_load_u64(in, &d->seed);

	if (rc == 0)
		rc = qun_load_i64(in, &d->forgotten);
	return rc < 0 ? rc : load_hours(d, in);
}
