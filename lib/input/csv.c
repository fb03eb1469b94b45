/*
 * CSV cut by libcsv, which decides what a row and its cells are. It is fed up to one line end at a
 * time, for a row can end nowhere else: so places are known exactly, and after damage the next
 * line can be tried afresh. Between rows it holds nothing: so rows that it would cut no other way
 * may pass it by.
 */
#include "input/csv_scan.h"

#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIB_BLOCK = 64 << 10, WAIT_BYTES = 64 << 10 };

struct row {
	struct qun_buf text;
	size_t *end; /* of each cell in text */
	size_t n, cap, max;
	size_t longest;
	bool ended, no_memory;
};

struct csv {
	struct qun_cutter cutter;
	struct qun_cut_conf conf;
	struct qun_cut_sink sink;
	struct csv_parser lib;
	struct qun_window win;
	uint64_t start, at; /* the row's first byte, the next byte for libcsv */
	uint64_t line, at_line; /* physical lines of both */
	bool after_cr;      /* the byte before start is a CR */
	bool skip_line;     /* start stands in a line that is not tried */
	bool hunting;       /* behind damage, for a row of the header's length */
	size_t columns;     /* of the header; 0: not known yet */
	struct qun_damage damage;
	struct row row;
	struct qun_cell_in *cell;
	size_t cell_cap;
	struct qun_csv_scan *scan; /* NULL: none of it is fast */
	uint64_t odd_at;           /* the row that begins here is for libcsv */
};

static int no_space(unsigned char c)
{
	(void)c;
	return 0;
}

static bool lib_open(struct csv_parser *lib, char delimiter)
{
	if (csv_init(lib, CSV_STRICT | CSV_STRICT_FINI) != 0)
		return false;
	csv_set_delim(lib, (unsigned char)delimiter);
	csv_set_space_func(lib, no_space);
	csv_set_blk_size(lib, LIB_BLOCK);
	return true;
}

/* libcsv carries its state over an error, so each row after one gets a new parser. */
static void start_row(struct csv *c, bool afresh)
{
	if (afresh) {
		csv_free(&c->lib);
		lib_open(&c->lib, c->conf.delimiter);
	}
	c->at = c->start;
	c->at_line = c->line;
	c->row.n = c->row.longest = 0;
	c->row.ended = false;
	qun_buf_clear(&c->row.text);
}

static void on_cell(void *bytes, size_t len, void *arg)
{
	struct row *r = arg;

	if (len > r->longest)
		r->longest = len;
	if (r->n++ >= r->max)
		return;
	if (qun_grow(&r->end, &r->cap, r->n - 1, sizeof(*r->end)) < 0 ||
		qun_buf_add(&r->text, bytes, len) < 0)
		r->no_memory = true;
	else
		r->end[r->n - 1] = r->text.len;
}

static void on_row(int end, void *arg)
{
	(void)end;
	((struct row *)arg)->ended = true;
}

static int emit_row(struct csv *c, struct qun_span raw)
{
	struct qun_record rec = {.n = c->row.n, .line = c->line, .offset = c->start, .raw = raw};
	size_t from = 0;

	for (size_t i = 0; i < c->row.n; i++) {
		if (qun_grow(&c->cell, &c->cell_cap, i, sizeof(*c->cell)) < 0)
			return QUN_ENOMEM;
		c->cell[i] = (struct qun_cell_in){{c->row.text.ptr + from, c->row.end[i] - from}, QUN_CELL_TEXT};
		from = c->row.end[i];
	}
	rec.cell = c->cell;
	return c->sink.record(c->sink.arg, &rec);
}

/* What libcsv stumbled over, or what is longer than a limit allows: the last cell begun before it. */
struct fault {
	size_t cell; /* where it begins in the row */
	bool quoted;
	bool record; /* it is the row that is too long */
};

/* Reads a row again as far as it takes, which does not depend on how much of it is there already. */
static struct fault find_fault(struct qun_span row, const struct qun_cut_conf *conf)
{
	struct fault f = {.quoted = row.len && row.ptr[0] == '"'};
	size_t size = 0;

	for (size_t i = 0; i < row.len && size <= conf->max_field; i++) {
		f.record = i >= conf->max_record;
		if (f.record)
			break;
		if (f.quoted && i == f.cell)
			continue;
		if (f.quoted && row.ptr[i] == '"') {
			if (i + 1 < row.len && row.ptr[i + 1] == '"') {
				i++;
				size++;
				continue;
			}
			f.quoted = i + 1 == row.len || row.ptr[i + 1] != conf->delimiter;
			if (f.quoted)
				break; /* text after the closing quote */
		} else if (!f.quoted && row.ptr[i] == conf->delimiter) {
			f.cell = i + 1;
			f.quoted = f.cell < row.len && row.ptr[f.cell] == '"';
			size = 0;
		} else {
			size++;
		}
	}
	return f;
}

/*
 * A damaged row: it is lost, its line and place are kept, and the lines after its first are tried. A
 * line that turns out damaged as well is a bad record of its own; one that merely has another number
 * of cells belongs to the damage before it, being most likely a line of its text.
 */
static int damage(struct csv *c, const char *kind, uint64_t upto)
{
	struct qun_damage *d = &c->damage;
	struct qun_span row = qun_window_span(&c->win, c->start, upto);
	struct fault fault = find_fault(row, &c->conf);
	size_t column = 1;
	int rc = qun_damage_end(d, &c->win, c->start, c->conf.max_record, &c->sink);

	c->skip_line = c->hunting = true;
	*d = (struct qun_damage){.open = true, .kind = kind, .line = c->line, .from = c->start};
	for (size_t i = 0; i < fault.cell; i++) {
		bool ends = row.ptr[i] == '\n' || (row.ptr[i] == '\r' && row.ptr[i + 1] != '\n');
		d->line += ends;
		column = ends ? 1 : column + 1;
	}
	if (strcmp(kind, "open") == 0)
		snprintf(d->why, sizeof(d->why), "the quote opened at byte %zu of the line is never closed", column);
	else if (strcmp(kind, "too-long") == 0)
		snprintf(d->why, sizeof(d->why), "%s longer than the limit of %zu bytes, from byte %zu of the line on",
			fault.record ? "a record" : "a field", fault.record ? c->conf.max_record : c->conf.max_field, column);
	else
		snprintf(d->why, sizeof(d->why), fault.quoted ?
			"text after the closing quote of the field at byte %zu of the line" :
			"a quote inside the unquoted field at byte %zu of the line", column);
	return rc;
}

/* A row has ended before `at`. One that follows damage must look like a row of this file. */
static int end_row(struct csv *c, uint64_t end)
{
	struct qun_span raw = qun_window_span(&c->win, c->start, end);
	bool blank = c->row.n == 1 && c->columns != 1 && !qun_span_trim(raw).len;
	int rc = 0;

	if (c->row.no_memory)
		return QUN_ENOMEM;
	if (c->row.longest > c->conf.max_field || raw.len > c->conf.max_record)
		return damage(c, "too-long", end);
	if (c->hunting && c->columns && c->row.n != c->columns) {
		c->skip_line = true;
		return 0;
	}
	c->hunting = false;
	rc = qun_damage_end(&c->damage, &c->win, c->start, c->conf.max_record, &c->sink);
	if (rc == 0 && c->row.n > c->conf.max_columns) {
		struct qun_bad bad = {.line = c->line, .offset = c->start, .kind = "columns", .raw = raw,
			.why = "more columns than the limit allows"};
		rc = c->sink.bad(c->sink.arg, &bad);
	} else if (rc == 0 && !blank) {
		rc = emit_row(c, raw);
	}
	c->start = end;
	c->line = c->at_line;
	start_row(c, false);
	return rc;
}

/* Passes line ends, and the mark that a file brings along when it is put behind another. */
static bool skip_blank(struct csv *c, bool final)
{
	static const char mark[] = "\xef\xbb\xbf";
	uint64_t end = qun_window_end(&c->win);
	bool unsure = false;

	while (c->start < end) {
		struct qun_span left = qun_window_span(&c->win, c->start, end);
		if (*left.ptr == '\n' || *left.ptr == '\r') {
			c->line += *left.ptr == '\r' || !c->after_cr;
			c->after_cr = *left.ptr == '\r';
			c->start++;
			continue;
		}
		c->after_cr = false;
		if (*left.ptr != *mark || (left.len >= 3 && !qun_span_starts(left, mark)))
			break;
		unsure = left.len < 3 && !final;
		if (left.len < 3)
			break;
		c->start += 3;
	}
	start_row(c, false);
	return c->start < end && !unsure;
}

/* Place of the first line end; the length where there is none. */
static size_t line_end(struct qun_span s)
{
	size_t n = 0;

	/* two searches by memchr would cross a whole chunk for every line of a file that has one sign only */
	while (n < s.len && s.ptr[n] != '\n' && s.ptr[n] != '\r')
		n++;
	return n;
}

/* Goes on to the end of the line that start stands in, in so far as it is there. */
static int skip_line(struct csv *c, bool final)
{
	uint64_t end = qun_window_end(&c->win);
	struct qun_span left = qun_window_span(&c->win, c->start, end);
	size_t n = line_end(left);

	c->start += n;
	c->skip_line = n == left.len && !final;
	start_row(c, true);
	/* what is lost may be as long as it likes, what is kept of it may not */
	if (c->damage.open && c->start - c->damage.from > c->conf.max_record)
		return qun_damage_end(&c->damage, &c->win, c->start, c->conf.max_record, &c->sink);
	return 0;
}

/* Gives libcsv the bytes up to the next line end. */
static int parse_line(struct csv *c)
{
	struct qun_span left = qun_window_span(&c->win, c->at, qun_window_end(&c->win));
	size_t len = line_end(left);
	const char *stop = len < left.len ? left.ptr + len++ : NULL;
	size_t done = csv_parse(&c->lib, left.ptr, len, on_cell, on_row, &c->row);

	if (done < len && csv_error(&c->lib) != CSV_EPARSE)
		return QUN_ENOMEM;
	c->at += done;
	if (c->row.ended)
		return end_row(c, c->at - 1); /* the line end is passed, and counted, by skip_blank */
	bool too_long = c->lib.entry_pos > c->conf.max_field + 1 ||
		c->row.longest > c->conf.max_field || c->at - c->start > c->conf.max_record + 1;
	if (too_long || done < len)
		return damage(c, too_long ? "too-long" : "quote", c->at);
	if (stop)
		c->at_line += *stop == '\r' || c->at - c->start < 2 ||
			*qun_window_span(&c->win, c->at - 2, c->at).ptr != '\r';
	return 0;
}

/* May rows pass libcsv by? Those that follow damage may not: their length has to be that of the header. */
static bool is_fast(const struct csv *c)
{
	return c->scan && c->cutter.fast && c->at == c->start && c->start != c->odd_at && !c->hunting && !c->damage.open;
}

/* Hands on the regular rows that begin here. *waits: there is nothing to be done before more bytes come. */
static int pass_rows(struct csv *c, bool final, bool *waits)
{
	struct qun_csv_scan *s = c->scan;
	struct qun_batch batch = {.offset = c->start, .line = c->line, .piece = s->piece};
	size_t rest;

	qun_csv_scan(s, qun_window_span(&c->win, c->start, qun_window_end(&c->win)));
	batch.bytes = qun_window_span(&c->win, c->start, c->start + s->end);
	batch.n = s->n;
	c->start += s->end;
	c->line += s->lines;
	start_row(c, false);
	rest = (size_t)(qun_window_end(&c->win) - c->start);
	/* a row too long to be looked at again and again is one for libcsv as well */
	*waits = s->rest == QUN_SCAN_MORE && !final && rest < WAIT_BYTES;
	if (s->rest == QUN_SCAN_ODD || (s->rest == QUN_SCAN_MORE && !*waits))
		c->odd_at = c->start;
	return batch.n ? c->sink.batch(c->sink.arg, &batch) : 0;
}

/* The last row has no line end; an open quote would never have one. */
static int parse_end(struct csv *c)
{
	uint64_t end = qun_window_end(&c->win);

	if (csv_fini(&c->lib, on_cell, on_row, &c->row) == 0)
		return end_row(c, end);
	return damage(c, "open", end);
}

static int run(struct csv *c, bool final)
{
	uint64_t end = qun_window_end(&c->win);
	bool waits = false;
	int rc = 0;

	while (rc == 0 && c->start < end && !waits) {
		if (c->skip_line)
			rc = skip_line(c, final);
		else if (c->at == c->start && !skip_blank(c, final))
			break;
		else if (is_fast(c))
			rc = pass_rows(c, final, &waits);
		else if (c->at < end)
			rc = parse_line(c);
		else if (final)
			rc = parse_end(c);
		else
			break;
	}
	if (rc == 0 && final)
		rc = qun_damage_end(&c->damage, &c->win, end, c->conf.max_record, &c->sink);
	qun_window_drop(&c->win, c->damage.open ? c->damage.from : c->start);
	return rc;
}

/* The sink has filled err for what it refused itself. */
static int fail(int rc, struct qun_err *err)
{
	return rc == QUN_ENOMEM ? qun_fail_mem(err) : rc;
}

static int csv_feed(struct qun_cutter *cutter, struct qun_span bytes, struct qun_err *err)
{
	struct csv *c = (struct csv *)cutter;
	int rc;

	c->win.bytes = bytes;
	rc = run(c, false);
	cutter->left = c->win.bytes.len;
	return fail(rc, err);
}

static int csv_finish(struct qun_cutter *cutter, struct qun_span bytes, struct qun_err *err)
{
	struct csv *c = (struct csv *)cutter;

	c->win.bytes = bytes;
	return fail(run(c, true), err);
}

static void csv_close(struct qun_cutter *cutter)
{
	struct csv *c = (struct csv *)cutter;

	csv_free(&c->lib);
	qun_buf_release(&c->row.text);
	free(c->row.end);
	free(c->cell);
	free(c->scan);
	free(c);
}

static int open_scan(struct csv *c)
{
	const struct qun_cut_conf *conf = &c->conf;

	/* libcsv looks for a delimiter of this kind in an order of its own */
	if (strchr("\"\r\n", conf->delimiter))
		return 0;
	c->scan = calloc(1, sizeof(*c->scan));
	if (!c->scan)
		return QUN_ENOMEM;
	c->scan->delimiter = conf->delimiter;
	c->scan->lane = qun_lane_of(conf->lane);
	c->scan->longest = conf->max_field < conf->max_record ? conf->max_field : conf->max_record;
	c->scan->max_columns = conf->max_columns;
	return 0;
}

int qun_csv_open(struct qun_cutter **cutter, const struct qun_cut_conf *conf, const struct qun_cut_sink *sink)
{
	struct csv *c = calloc(1, sizeof(*c));

	if (!c || !lib_open(&c->lib, conf->delimiter)) {
		free(c);
		return QUN_ENOMEM;
	}
	c->cutter = (struct qun_cutter){.feed = csv_feed, .finish = csv_finish, .close = csv_close};
	c->conf = *conf;
	c->sink = *sink;
	c->row.max = conf->max_columns;
	c->win.base = c->start = c->at = conf->offset;
	c->line = c->at_line = conf->line;
	c->odd_at = UINT64_MAX;
	if (sink->batch && open_scan(c) < 0) {
		csv_close(&c->cutter);
		return QUN_ENOMEM;
	}
	*cutter = &c->cutter;
	return 0;
}

void qun_csv_set_columns(struct qun_cutter *cutter, size_t n)
{
	((struct csv *)cutter)->columns = n;
}

/* Cells of a line on their way to the caller of qun_csv_line. */
struct line_cells {
	void (*cell)(void *arg, struct qun_span s);
	void *arg;
};

static void on_line_cell(void *bytes, size_t len, void *arg)
{
	const struct line_cells *l = arg;

	l->cell(l->arg, (struct qun_span){bytes, len});
}

static void on_line_end(int end, void *arg)
{
	(void)end;
	(void)arg;
}

bool qun_csv_line(struct qun_span line, char delimiter, void (*cell)(void *arg, struct qun_span s), void *arg)
{
	struct line_cells l = {cell, arg};
	struct csv_parser lib;
	bool whole;

	if (!lib_open(&lib, delimiter))
		return false;
	whole = csv_parse(&lib, line.ptr, line.len, on_line_cell, on_line_end, &l) == line.len &&
		csv_fini(&lib, on_line_cell, on_line_end, &l) == 0;
	csv_free(&lib);
	return whole;
}
