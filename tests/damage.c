/*
 * Reads the named exports damaged: cut off, with bytes changed at random, and in another shape, with a
 * column renamed, a key missing, a row short. Whatever comes of it is told, counted once, and
 * crashes nothing. DAMAGE_CUTS is the number of places to cut at, all: every byte; DAMAGE_MUTATIONS is the
 * number of changed copies of each. Without a file it is no test of its own and says so.
 */
#include "qun/input.h"
#include "qun/utf8.h"
#include "reader.h"
#include "xorshift.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CUTS = 100, MUTATIONS = 200, CHANGES = 6, FILE_MAX = 1 << 20, CELLS_MAX = 80, ROWS_MAX = 400 };

/* What came of a file. */
struct outcome {
	int rc;
	struct qun_err err;
	uint64_t events, bad;
	uint64_t print; /* of what tables are made of; texts and ids of messages are none of it */
	struct qun_input_counts counts;
};

/* A file under test, and the hidden one that its damaged copies are written to. */
struct bench {
	struct qun_cal cal;
	int fd;
	const char *file;
	struct qun_span bytes;
	struct outcome whole;
	bool failed;
};

static int take_event(void *arg, struct qun_event *ev, struct qun_err *err)
{
	static const int field[] = {QUN_F_GROUP, QUN_F_USER, QUN_F_TYPE, QUN_F_PRODUCT, QUN_F_REF, QUN_F_SOURCE};
	const uint64_t key[2] = {(uint64_t)ev->ts, ev->has_amount ? (uint64_t)ev->amount : 1};
	struct outcome *o = arg;
	volatile unsigned char seen = 0;
	uint64_t print = 0;

	(void)err;
	/* all bytes are looked at, so that a sanitizer sees them */
	for (int i = 0; i < QUN_NFIELDS; i++) {
		for (size_t n = 0; n < ev->field[i].len; n++)
			seen ^= (unsigned char)ev->field[i].ptr[n];
	}
	for (size_t i = 0; i < sizeof(field) / sizeof(*field); i++)
		print = print * 31 + qun_siphash(key, ev->field[field[i]]);
	o->print += print;
	o->events++;
	return 0;
}

static int take_bad(void *arg, const struct qun_bad *bad)
{
	((struct outcome *)arg)->bad += bad->why && *bad->why;
	return 0;
}

/* NULL, or what must never be. */
static const char *read_bytes(const struct bench *b, const char *bytes, size_t len, struct outcome *o)
{
	struct qun_input_conf conf = {.cal = &b->cal, .reader = asked_reader()};
	struct qun_input_sink sink = {.arg = o, .event = take_event, .bad = take_bad};
	struct qun_input *in = NULL;
	char path[64];

	*o = (struct outcome){0};
	if (ftruncate(b->fd, 0) != 0 || pwrite(b->fd, bytes, len, 0) != (ssize_t)len || qun_input_open(&in, &conf, &sink) < 0)
		return "the test cannot write its file";
	snprintf(path, sizeof(path), "/proc/self/fd/%d", b->fd);
	o->rc = qun_input_read(in, path, &o->err);
	o->counts = qun_input_counts(in);
	qun_input_close(in);
	if (o->rc < 0)
		return o->err.msg[0] ? NULL : "a failure without a sentence";
	if (o->counts.read != o->counts.used + o->counts.filtered + o->counts.duplicate + o->counts.bad)
		return "records that are counted twice or not at all";
	return o->counts.bad != o->bad ? "bad records without a reason" : NULL;
}

static void tell(struct bench *b, const char *change, const char *wrong)
{
	if (!wrong)
		return;
	printf("%s\t%s\t%s\n", b->file, change, wrong);
	b->failed = true;
}

/* --- bytes ----------------------------------------------------------------------------------------- */

/* In a document every cut shows; lines and rows may end anywhere. */
static const char *cut(const struct bench *b)
{
	bool document = strstr(b->file, ".json") && !strstr(b->file, ".jsonl");
	const char *asked = getenv("DAMAGE_CUTS"), *wrong = NULL;
	size_t end = b->bytes.len, cuts = CUTS;
	struct outcome o;

	while (end > 0 && strchr(" \t\r\n", b->bytes.ptr[end - 1]))
		end--;
	if (asked)
		cuts = strcmp(asked, "all") == 0 ? end : strtoul(asked, NULL, 10);
	cuts = cuts < end ? cuts : end;
	for (size_t i = 0; !wrong && i < cuts; i++) {
		size_t at = end * i / cuts;
		wrong = read_bytes(b, b->bytes.ptr, at, &o);
		if (!wrong && o.events > b->whole.events)
			wrong = "more events than in the whole file";
		if (!wrong && document && at > 0 && o.events && !o.bad)
			wrong = "a document cut off without a word";
	}
	return wrong;
}

static const char *mutate(const struct bench *b, char *copy)
{
	static const char likely[] = "\"\\{}[],:\n\r\t()<>= 09-\xff";
	const char *asked = getenv("DAMAGE_MUTATIONS"), *wrong = NULL;
	long rounds = asked ? strtol(asked, NULL, 10) : MUTATIONS;
	uint64_t state = XORSHIFT_SEED;
	struct outcome o;

	for (long i = 0; !wrong && i < rounds; i++) {
		memcpy(copy, b->bytes.ptr, b->bytes.len);
		for (long n = 0; n <= i % CHANGES; n++) {
			uint64_t r = xorshift(&state);
			copy[(r >> 16) % b->bytes.len] = r & 1 ? likely[(r >> 8) % sizeof(likely)] : (char)(r >> 8);
		}
		wrong = read_bytes(b, copy, b->bytes.len, &o);
	}
	return wrong;
}

/* --- shapes ---------------------------------------------------------------------------------------- */

enum promise {
	COUNTED, /* no more than every record once */
	TOLD,    /* the same tables, or a sentence, or bad records */
	SAME     /* the same tables */
};

static void judge(struct bench *b, const struct qun_buf *bytes, enum promise promise, const char *change)
{
	struct outcome o;
	const char *wrong = read_bytes(b, bytes->ptr, bytes->len, &o);
	bool same = o.rc >= 0 && o.print == b->whole.print && o.events == b->whole.events;

	if (!wrong && b->whole.rc >= 0 && promise == SAME && !same)
		wrong = "not the same";
	if (!wrong && b->whole.rc >= 0 && promise == TOLD && !same && o.rc >= 0 && !o.bad)
		wrong = "changed without a word";
	tell(b, change, wrong);
}

/* A line lost, whatever it was. */
static void lose_lines(struct bench *b)
{
	struct qun_buf out = {0};
	struct qun_span s = b->bytes;

	for (size_t from = 0, to; from < s.len; from = to) {
		const char *end = memchr(s.ptr + from, '\n', s.len - from);
		to = end ? (size_t)(end - s.ptr) + 1 : s.len;
		qun_buf_clear(&out);
		qun_buf_add(&out, s.ptr, from);
		qun_buf_add(&out, s.ptr + to, s.len - to);
		judge(b, &out, COUNTED, "a line lost");
	}
	qun_buf_release(&out);
}

/* A CSV apart: rows of cells as they stand there, quotes and all. */
struct rows {
	struct qun_span cell[ROWS_MAX][CELLS_MAX], line[ROWS_MAX];
	size_t ncell[ROWS_MAX], n, header;
};

/* Takes a row; the header is the first of the longest. */
static size_t take_row(struct rows *t, struct qun_span s, size_t at)
{
	size_t start = at, *n = &t->ncell[t->n];
	bool more = true;

	for (*n = 0; more && *n < CELLS_MAX; at++) {
		size_t from = at;
		for (bool quoted = false; at < s.len && (quoted || !strchr(",\n", s.ptr[at])); at++)
			quoted ^= s.ptr[at] == '"';
		more = at < s.len && s.ptr[at] == ',';
		size_t cr = !more && at > from && s.ptr[at - 1] == '\r';
		t->cell[t->n][(*n)++] = (struct qun_span){s.ptr + from, at - from - cr};
	}
	at = at < s.len ? at : s.len;
	t->line[t->n] = (struct qun_span){s.ptr + start, at - start};
	if (*n > t->ncell[t->header])
		t->header = t->n;
	t->n++;
	return at;
}

/* Writes a row with its cells a and b swapped, or where they are the same one, that cell as `name`. */
static void put_row(struct qun_buf *out, const struct rows *t, size_t row, size_t n, size_t a, size_t b, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		size_t from = i == a && b < n ? b : i == b && a < n ? a : i;
		struct qun_span cell = name && i == a ? qun_span_of(name) : t->cell[row][from];
		if (i)
			qun_buf_add_char(out, ',');
		qun_buf_add_span(out, cell);
	}
	qun_buf_add_span(out, qun_span_of("\r\n"));
}

/* One column renamed, and where all rows are whole swapped with the next. */
static void change_column(struct bench *b, const struct rows *t, size_t column, struct qun_buf *out)
{
	struct qun_span name = t->cell[t->header][column];
	size_t n = t->ncell[t->header];
	char change[160], number[32];

	snprintf(number, sizeof(number), "column %zu", column);
	if (qun_utf8_valid(name) < name.len)
		name = qun_span_of(number);
	qun_buf_clear(out);
	for (size_t r = 0; r < t->n; r++) {
		if (r == t->header)
			put_row(out, t, r, n, column, column, "renamed");
		else
			qun_buf_add_span(out, t->line[r]);
	}
	snprintf(change, sizeof(change), "%.*s renamed", (int)name.len, name.ptr);
	judge(b, out, TOLD, change);
	qun_buf_clear(out);
	for (size_t r = 0; r < t->n; r++) {
		if (r >= t->header && t->ncell[r] != n)
			return;
		if (r >= t->header)
			put_row(out, t, r, n, column, (column + 1) % n, NULL);
		else
			qun_buf_add_span(out, t->line[r]);
	}
	snprintf(change, sizeof(change), "%.*s swapped", (int)name.len, name.ptr);
	judge(b, out, SAME, change);
}

/* One row without its last cell, and the header once more behind it. */
static void change_row(struct bench *b, const struct rows *t, size_t row, struct qun_buf *out)
{
	char change[64];

	qun_buf_clear(out);
	for (size_t r = 0; r < t->n; r++) {
		if (r == row)
			put_row(out, t, r, t->ncell[r] - 1, CELLS_MAX, CELLS_MAX, NULL);
		else
			qun_buf_add_span(out, t->line[r]);
	}
	snprintf(change, sizeof(change), "row %zu short", row);
	judge(b, out, TOLD, change);
	qun_buf_clear(out);
	for (size_t r = 0; r < t->n; r++) {
		qun_buf_add_span(out, t->line[r]);
		if (r != row)
			continue;
		if (r + 1 == t->n && !qun_span_ends(t->line[r], "\n"))
			qun_buf_add_char(out, '\n');
		qun_buf_add_span(out, t->line[t->header]);
	}
	snprintf(change, sizeof(change), "header after row %zu", row);
	judge(b, out, SAME, change);
}

static void reshape_csv(struct bench *b)
{
	struct rows *t = calloc(1, sizeof(*t));
	struct qun_span s = b->bytes;
	struct qun_buf out = {0};

	if (qun_span_starts(s, "\xef\xbb\xbf"))
		s = (struct qun_span){s.ptr + 3, s.len - 3};
	for (size_t at = 0; t && at < s.len && t->n < ROWS_MAX;)
		at = take_row(t, s, at);
	for (size_t c = 0; t && c < t->ncell[t->header]; c++)
		change_column(b, t, c, &out);
	for (size_t r = t ? t->header + 1 : 0; t && r < t->n; r++)
		change_row(b, t, r, &out);
	free(t);
	qun_buf_release(&out);
}

/* JSON apart: the document, or the lines as an array, and the array of records in it. */
struct tree {
	json_t *root, *records;
	bool lines;
};

/* The longest array of objects. */
static json_t *find_records(json_t *at)
{
	json_t *best = json_is_array(at) ? at : NULL, *member;
	const char *key;

	json_object_foreach(at, key, member) {
		json_t *in = find_records(member);
		if (in && json_is_object(json_array_get(in, 0)) && (!best || json_array_size(in) > json_array_size(best)))
			best = in;
	}
	return best;
}

static bool read_tree(struct qun_span s, struct tree *t)
{
	json_t *line;

	*t = (struct tree){.root = json_loadb(s.ptr, s.len, 0, NULL)};
	t->lines = !t->root;
	if (t->lines)
		t->root = json_array();
	for (size_t from = 0, to; t->lines && from < s.len; from = to) {
		const char *end = memchr(s.ptr + from, '\n', s.len - from);
		to = end ? (size_t)(end - s.ptr) + 1 : s.len;
		line = json_loadb(s.ptr + from, to - from, 0, NULL);
		if (line)
			json_array_append_new(t->root, line);
	}
	t->records = find_records(t->root);
	return json_array_size(t->records) > 1;
}

static int put_bytes(const char *bytes, size_t len, void *arg)
{
	return qun_buf_add(arg, bytes, len);
}

static void put_tree(const struct tree *t, size_t flags, struct qun_buf *out)
{
	size_t i;
	json_t *line;

	qun_buf_clear(out);
	if (!t->lines)
		json_dump_callback(t->root, put_bytes, out, flags);
	json_array_foreach(t->lines ? t->root : NULL, i, line) {
		json_dump_callback(line, put_bytes, out, flags);
		qun_buf_add_char(out, '\n');
	}
}

/* What stood before the records stands behind them. */
static json_t *reversed(json_t *from)
{
	json_t *to = json_is_object(from) ? json_object() : json_incref(from), *member, *all = json_array();
	const char *key;

	json_object_foreach(from, key, member)
		json_array_insert_new(all, 0, json_string(key));
	for (size_t i = 0; i < json_array_size(all); i++) {
		key = json_string_value(json_array_get(all, i));
		json_object_set_new(to, key, reversed(json_object_get(from, key)));
	}
	json_decref(all);
	return to;
}

static json_t *holder(json_t *record, const char *inside)
{
	return *inside ? json_object_get(record, inside) : record;
}

/* A key missing from all records, and from one. */
static void lose_key(struct bench *b, const struct tree *t, const char *inside, const char *key, struct qun_buf *out)
{
	json_t *record, *whole = json_deep_copy(t->records), *lost;
	char change[128];
	size_t i, one = json_array_size(t->records) / 2;

	lost = json_incref(json_object_get(holder(json_array_get(t->records, one), inside), key));
	json_object_del(holder(json_array_get(t->records, one), inside), key);
	put_tree(t, 0, out);
	snprintf(change, sizeof(change), "%s%s%s missing in one", inside, *inside ? "." : "", key);
	judge(b, out, COUNTED, change);
	json_array_foreach(t->records, i, record)
		json_object_del(holder(record, inside), key);
	put_tree(t, 0, out);
	snprintf(change, sizeof(change), "%s%s%s missing", inside, *inside ? "." : "", key);
	judge(b, out, TOLD, change);
	json_array_clear(t->records);
	json_array_extend(t->records, whole);
	json_decref(whole);
	json_decref(lost);
}

static void reshape_json(struct bench *b)
{
	json_t *keys = json_object(), *record, *member, *inner;
	const char *key, *below;
	struct qun_buf out = {0};
	struct tree t, back;
	size_t i;
	bool more = read_tree(b->bytes, &t);

	put_tree(&t, JSON_SORT_KEYS, &out);
	if (more)
		judge(b, &out, SAME, "keys sorted");
	back = (struct tree){.root = reversed(t.root)};
	put_tree(&back, 0, &out);
	if (more && !t.lines)
		judge(b, &out, SAME, "keys in reverse");
	json_decref(back.root);
	/* every key of the records, and of objects in them */
	json_array_foreach(more ? t.records : NULL, i, record) {
		json_object_foreach(record, key, member) {
			if (!json_object_get(keys, key))
				json_object_set_new(keys, key, json_object());
			json_object_foreach(member, below, inner)
				json_object_set_new(json_object_get(keys, key), below, json_null());
		}
	}
	json_object_foreach(keys, key, member) {
		lose_key(b, &t, "", key, &out);
		json_object_foreach(member, below, inner)
			lose_key(b, &t, key, below, &out);
	}
	json_decref(keys);
	json_decref(t.root);
	qun_buf_release(&out);
}

static void damage(struct bench *b, char *copy)
{
	const char *wrong = b->bytes.len ? read_bytes(b, b->bytes.ptr, b->bytes.len, &b->whole) : "it cannot be read";

	tell(b, "whole", wrong);
	if (wrong)
		return;
	tell(b, "cut off", cut(b));
	tell(b, "bytes changed", mutate(b, copy));
	lose_lines(b);
	if (strstr(b->file, ".csv"))
		reshape_csv(b);
	if (strstr(b->file, "json"))
		reshape_json(b);
}

int main(int argc, char **argv)
{
	struct qun_zone *zone = NULL;
	struct qun_err err;
	static char bytes[FILE_MAX], copy[FILE_MAX];
	struct bench b = {.fd = memfd_create("damaged", 0)};

	if (argc == 1) {
		puts("1..0 # SKIP a helper of tests/damage.t and tests/formats-other.t");
		return 0;
	}
	if (b.fd < 0 || qun_zone_open(&zone, "UTC", &err) < 0)
		return 99;
	b.cal = (struct qun_cal){.zone = zone, .week_start = 1};
	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");
		b.file = argv[i];
		b.bytes = (struct qun_span){bytes, f ? fread(bytes, 1, sizeof(bytes), f) : 0};
		if (f)
			fclose(f);
		damage(&b, copy);
	}
	qun_zone_close(zone);
	close(b.fd);
	return b.failed;
}
