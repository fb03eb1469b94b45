/*
 * A file is cut into records; the first of them are held until they show what format they are of
 * and how it writes times, and from then on records become events as they come.
 */
#include "input/crew.h"
#include "input/file.h"
#include "input/folder.h"
#include "input/header.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS_KEPT = 4096 };

/* For columns that speak for themselves, or that --map explains, where no format answers. */
static const struct qun_format by_names = {.name = "columns", .containers = QUN_CSV | QUN_JSON};

void qun_list_names(const struct qun_span *name, size_t n, char out[QUN_LIST_BYTES])
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		if (len + name[i].len + 8 > QUN_LIST_BYTES) {
			snprintf(out + len, QUN_LIST_BYTES - len, ", ...");
			return;
		}
		len += (size_t)snprintf(out + len, QUN_LIST_BYTES - len, "%s%.*s", i ? ", " : "", (int)name[i].len,
			name[i].len ? name[i].ptr : "");
	}
}

static int fail_missing(struct qun_file *f, const char *field, const struct qun_span *name, size_t n)
{
	char list[QUN_LIST_BYTES];

	qun_list_names(name, n, list);
	return qun_fail(f->err, QUN_EUSAGE, "no column is known to hold '%s'; the file has: %s; name it with --map %s=COLUMN",
		field, list, field);
}

static int fail_mapped(struct qun_file *f, const char *column, const struct qun_span *name, size_t n)
{
	char list[QUN_LIST_BYTES];

	qun_list_names(name, n, list);
	return qun_fail(f->err, QUN_EUSAGE, "--map: there is no column '%.64s'; the file has: %s", column, list);
}

/* The file needs this field: --map names a column that it has not, or nothing is known to hold it. */
static int fail_needed(struct qun_file *f, int field, const struct qun_span *name, size_t n)
{
	const char *asked = qun_map_missing(&f->map, field);

	return asked ? fail_mapped(f, asked, name, n) : fail_missing(f, qun_field_name(field), name, n);
}

static bool map_is_whole(const struct qun_map *m)
{
	return qun_map_has(m, QUN_F_TS) && (qun_map_has(m, QUN_F_USER) || qun_map_has(m, QUN_F_NAME));
}

/* A format by --from. */
static int format_asked(const struct qun_input_conf *conf, const struct qun_format **format, struct qun_err *err)
{
	const char *words[256], *near;
	size_t n = 0;

	*format = NULL;
	if (!conf->from || (*format = qun_format_of(conf->from)))
		return 0;
	for (; qun_formats[n] && n < sizeof(words) / sizeof(*words); n++)
		words[n] = qun_formats[n]->name;
	near = qun_nearest(qun_span_of(conf->from), words, n);
	return qun_fail(err, QUN_EUSAGE, "there is no format '%.64s'%s%s%s", conf->from,
		near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* Prepares the mapping of a format for the columns there are. */
int qun_file_map(struct qun_file *f, const struct qun_format *format, const struct qun_span *name, size_t n)
{
	int column, rc;

	qun_map_release(&f->map);
	qun_dict_release(&f->paths);
	f->format = format;
	rc = qun_map_open(&f->map, &f->in->conf, format, name, n, f->err);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = qun_map_column(&f->map, name[i], &column);
		if (rc == 0 && f->container != QUN_JSON)
			f->column[i] = column;
		/* paths of JSON are told by the picker: what the sample had counts as told */
		if (rc == 0 && f->container == QUN_JSON) {
			uint32_t id;
			rc = qun_grow(&f->path_of, &f->path_cap, f->paths.n, sizeof(*f->path_of));
			rc = rc == 0 ? qun_dict_add(&f->paths, name[i], &id) : rc;
			if (rc == 0)
				f->path_of[id] = (struct qun_path){column, qun_map_inside(&f->map, name[i])};
		}
	}
	if (f->container != QUN_TEXT && !format->timeless && !qun_map_has(&f->map, QUN_F_USER))
		f->map.name_is_id = true;
	return rc == QUN_ENOMEM ? qun_fail_mem(f->err) : rc;
}

static int keep_names(struct qun_input *in, const struct qun_span *name, size_t n)
{
	uint32_t id;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n && in->columns.n < COLUMNS_KEPT; i++)
		rc = name[i].len ? qun_dict_add(&in->columns, name[i], &id) : 0;
	return rc;
}

static int time_style(struct qun_file *f)
{
	const struct qun_input_conf *conf = &f->in->conf;
	struct qun_time_tally tally = {0};
	int column, rc = qun_file_find_clock(f);

	for (size_t i = 0; rc >= 0 && i < f->nheld; i++) {
		if (f->held[i].bad)
			continue;
		rc = qun_file_cells(f, &f->held[i].rec, true);
		if (f->container != QUN_TEXT)
			qun_time_tally_add(&tally, qun_file_time(f, &column));
		else if (f->format->stamp)
			qun_time_tally_add(&tally, f->format->stamp(f->held[i].rec.cell[0].s));
	}
	if (rc < 0)
		return rc;
	f->map.time = conf->time_unit ? conf->time_unit : f->format->time;
	if (f->map.time == QUN_TIME_AUTO)
		return qun_time_tally_style(&tally, conf->date_order ? conf->date_order : f->format->order, &f->map.time,
			f->err);
	return 0;
}

static int tell_found(struct qun_file *f)
{
	struct qun_buf what = {0};
	int rc = qun_buf_printf(&what, "format %s, %s", f->format->name,
		f->container == QUN_CSV ? "CSV" : f->container == QUN_JSON ? "JSON" : "text");

	if (rc == 0 && f->container == QUN_CSV)
		rc = qun_buf_printf(&what, f->delimiter == '\t' ? " separated by TAB" : " separated by %c", f->delimiter);
	if (rc == 0 && f->array[0])
		rc = qun_buf_printf(&what, " array '%s'", f->array);
	if (rc == 0)
		rc = qun_buf_printf(&what, ", %s, times as %s", qun_source_encoding(f->source),
			qun_time_style_name(f->map.time));
	for (size_t i = 0; rc == 0 && i < f->map.n; i++) {
		const struct qun_column *c = &f->map.column[i];
		if (c->seen && c->field >= 0 && c->field < QUN_NFIELDS)
			rc = qun_buf_printf(&what, ", %s=%s", qun_field_name(c->field), c->name.ptr);
	}
	if (rc == 0)
		rc = qun_buf_add_char(&what, '\0');
	if (rc == 0)
		f->in->sink.found(f->in->sink.arg, f->path, what.ptr);
	qun_buf_release(&what);
	return rc;
}

static bool may_be_fast(const struct qun_file *f)
{
	return f->in->conf.reader != QUN_READER_REFERENCE && f->container != QUN_TEXT;
}

static int flush_held(struct qun_file *f)
{
	int rc = 0;

	f->holding = false;
	f->cutter->fast = may_be_fast(f);
	for (size_t i = 0; rc == 0 && i < f->nheld; i++) {
		const struct qun_held *h = &f->held[i];
		rc = h->bad ? qun_file_bad(f, h->bad) : qun_file_record(f, &h->rec);
	}
	qun_file_drop_held(f);
	return rc;
}

/* The format is chosen and its mapping made: what is missing ends the run, else records may flow. */
static int settle(struct qun_file *f, const struct qun_sample *s)
{
	int rc = keep_names(f->in, s->name, s->nname);

	f->decided = true;
	if (f->format->refuse)
		return qun_fail(f->err, QUN_EDATA, "%s", f->format->refuse);
	if (f->format->untimed && !qun_map_has(&f->map, QUN_F_TS))
		return qun_fail(f->err, QUN_EDATA, "%s", f->format->untimed);
	/* the first array may hold the people only, the messages come behind it */
	bool later = f->container == QUN_TEXT || (f->container == QUN_JSON && f->format->timeless);
	if (!later && !qun_map_has(&f->map, QUN_F_TS))
		return fail_needed(f, QUN_F_TS, s->name, s->nname);
	if (!later && !map_is_whole(&f->map))
		return fail_needed(f, QUN_F_USER, s->name, s->nname);
	if (rc == 0 && f->format->memory_size) {
		f->hook.memory = calloc(1, f->format->memory_size);
		rc = f->hook.memory ? 0 : QUN_ENOMEM;
	}
	if (rc == 0)
		rc = time_style(f);
	qun_file_hook(f);
	qun_plain_set(f);
	f->time_memo = (struct qun_time_memo){0};
	if (rc == 0 && f->in->sink.found)
		rc = tell_found(f);
	if (rc == 0 && f->in->sink.opened)
		rc = qun_file_tell_opened(f, s);
	if (rc == 0)
		rc = flush_held(f);
	return rc == QUN_ENOMEM ? qun_fail_mem(f->err) : rc;
}

/* Rows and lines: all that is held is of one kind. */
static int decide_rows(struct qun_file *f)
{
	const struct qun_format *format;
	struct qun_arena a = {0};
	struct qun_sample s;
	int rc = format_asked(&f->in->conf, &format, f->err);

	if (rc == 0)
		rc = qun_file_sample(f, "", false, &s, &a);
	f->score = 0;
	if (rc == 0 && !format)
		format = qun_format_guess(&s, &f->score);
	if (rc == 0)
		rc = qun_file_map(f, format ? format : &by_names, s.name, s.nname);
	if (rc == 0)
		rc = qun_file_lacking(f, &s);
	if (rc == 0)
		rc = settle(f, &s);
	qun_arena_release(&a);
	return rc == QUN_ENOMEM ? qun_fail_mem(f->err) : rc;
}

/* The header of a CSV, or the row that shows how many columns there are. */
static int take_header(struct qun_file *f, const struct qun_record *rec)
{
	char number[24];
	int rc = 0;

	f->has_header = true;
	for (size_t i = 0; rc == 0 && i < rec->n; i++) {
		snprintf(number, sizeof(number), "%zu", i + 1);
		rc = qun_grow(&f->name, &f->name_cap, i, sizeof(*f->name));
		if (rc == 0)
			rc = qun_grow(&f->column, &f->column_cap, i, sizeof(*f->column));
		if (rc == 0)
			rc = qun_hold_span(&f->text, f->in->conf.no_header ? qun_span_of(number) : qun_header_name(rec->cell[i].s),
				&f->name[i]);
		f->column[i] = 0; /* any may be wanted */
		f->nname = i + 1;
	}
	qun_csv_set_columns(f->cutter, rec->n);
	f->cutter->fast = may_be_fast(f);
	return rc;
}

bool qun_file_may_be_header(const struct qun_file *f, struct qun_span first)
{
	char c = first.len ? *first.ptr : ' ';
	bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

	return !plain || (f->name[0].len && c == *f->name[0].ptr);
}

bool qun_file_is_header(const struct qun_file *f, const struct qun_record *rec)
{
	if (f->in->conf.no_header || rec->n != f->nname || !rec->n || !qun_file_may_be_header(f, rec->cell[0].s))
		return false;
	for (size_t i = 0; i < rec->n; i++) {
		if (!qun_span_eq(qun_header_name(rec->cell[i].s), f->name[i]))
			return false;
	}
	return true;
}

static int on_record(void *arg, const struct qun_record *cut)
{
	struct qun_file *f = arg;
	struct qun_record rec = *cut;
	int rc;

	if (f->container == QUN_CSV && !f->has_header) {
		if (memchr(rec.raw.ptr, 0, rec.raw.len))
			return qun_fail(f->err, QUN_EDATA, "line %llu: a NUL byte in the header", (unsigned long long)rec.line);
		rc = take_header(f, &rec);
		if (rc < 0 || !f->in->conf.no_header)
			return rc;
	} else if (f->container == QUN_CSV && qun_file_is_header(f, &rec)) {
		return 0;
	}
	if (!f->holding) {
		f->in->counts.by_library += f->container == QUN_CSV;
		return f->crew ? qun_crew_record(f->crew, &rec) : qun_file_record(f, &rec);
	}
	rc = qun_file_hold(f, &rec, NULL);
	return rc == 0 && qun_file_holds_enough(f) ? decide_rows(f) : rc;
}

static int on_batch(void *arg, const struct qun_batch *batch)
{
	struct qun_file *f = arg;
	struct qun_batch rest = *batch;
	int rc = f->holding ? qun_file_hold_rows(f, &rest) : 0;

	if (rc == 0 && f->holding && qun_file_holds_enough(f))
		rc = decide_rows(f);
	if (rc < 0 || !rest.n)
		return rc;
	return f->crew ? qun_crew_batch(f->crew, &rest) : qun_file_batch(f, &rest);
}

static int on_bad(void *arg, struct qun_bad *bad)
{
	struct qun_file *f = arg;
	int rc;

	if (f->container == QUN_CSV && !f->has_header)
		return qun_fail(f->err, QUN_EDATA, "line %llu: cannot read the header: %s", (unsigned long long)bad->line,
			bad->why);
	bad->file = f->path;
	if (!f->holding) {
		f->in->counts.by_library += f->container != QUN_TEXT;
		return f->crew ? qun_crew_bad(f->crew, bad) : qun_file_bad(f, bad);
	}
	rc = qun_file_hold(f, NULL, bad);
	return rc == 0 && qun_file_holds_enough(f) ? decide_rows(f) : rc;
}

static int on_trial(void *arg)
{
	struct qun_file *f = arg;

	f->holding = f->tried = true;
	return 0;
}

static int on_around(void *arg)
{
	struct qun_file *f = arg;

	return f->crew ? qun_crew_around(f->crew) : 0;
}

static bool lists(const struct qun_format *format, const char *path)
{
	for (size_t i = 0; format->array && format->array[i]; i++) {
		if (strcmp(format->array[i], path) == 0)
			return true;
	}
	return false;
}

static bool on_named(void *arg, const char *path)
{
	const struct qun_file *f = arg;

	if (f->decided)
		return lists(f->format, path);
	for (size_t i = 0; qun_formats[i]; i++) {
		if (lists(qun_formats[i], path))
			return true;
	}
	return false;
}

/* Does a lone object hold an array that some format reads? Then it is a document, not a record. */
static bool is_document(struct qun_file *f, const struct qun_sample *s)
{
	if (!s->ndjson || s->nrecord != 1)
		return false;
	for (size_t i = 0; i < s->nname; i++) {
		const struct qun_cell_in *cell = &s->record[0].cell[i];
		bool list = cell->kind == QUN_CELL_JSON && cell->s.ptr[0] == '[';
		if (list && on_named(f, s->name[i].ptr))
			return true;
	}
	return false;
}

/* Are these the records? By a format that knows them, or by columns that make events. */
static int try_sample(struct qun_file *f, const struct qun_sample *s)
{
	const struct qun_format *asked, *format;
	int rc = format_asked(&f->in->conf, &asked, f->err);

	if (rc < 0 || !s->nrecord || is_document(f, s))
		return rc;
	if (asked && asked->array && !lists(asked, s->array))
		return 0;
	f->score = 0;
	format = asked ? asked : qun_format_guess(s, &f->score);
	if (format && format->skip)
		return 0;
	rc = qun_file_map(f, format ? format : &by_names, s->name, s->nname);
	if (rc == 0)
		rc = qun_file_lacking(f, s);
	if (rc < 0)
		return rc;
	return (format && !asked) || (asked && lists(asked, s->array)) || f->format->refuse || map_is_whole(&f->map);
}

/* The columns of a trial that came to nothing, for the message if none comes to more. */
static int keep_unknown(struct qun_file *f, const struct qun_sample *s)
{
	char list[QUN_LIST_BYTES];

	if (f->unknown.ptr || !s->nname)
		return 0;
	qun_list_names(s->name, s->nname, list);
	return qun_hold_span(&f->text, qun_span_of(list), &f->unknown);
}

static int on_judge(void *arg, const char *path, bool lines)
{
	struct qun_file *f = arg;
	struct qun_arena a = {0};
	struct qun_sample s;
	int rc = qun_file_sample(f, path, lines, &s, &a);
	bool ours = false;

	if (rc == 0) {
		rc = try_sample(f, &s);
		ours = rc > 0;
	}
	if (ours) {
		snprintf(f->array, sizeof(f->array), "%s", path);
		rc = settle(f, &s);
	} else if (rc == 0) {
		f->holding = false;
		qun_file_drop_held(f);
		rc = keep_unknown(f, &s);
	}
	qun_arena_release(&a);
	if (rc < 0)
		return rc == QUN_ENOMEM ? qun_fail_mem(f->err) : rc;
	return ours;
}

/* Lines are rows of one column, whose name the formats know. */
static int open_text(struct qun_file *f, const struct qun_cut_conf *cut, const struct qun_cut_sink *sink)
{
	if (qun_grow(&f->name, &f->name_cap, 0, sizeof(*f->name)) < 0 ||
		qun_grow(&f->column, &f->column_cap, 0, sizeof(*f->column)) < 0 ||
		qun_hold_span(&f->text, qun_span_of("line"), &f->name[0]) < 0)
		return QUN_ENOMEM;
	f->nname = 1;
	return qun_text_open(&f->cutter, cut, sink);
}

static int open_cutter(struct qun_file *f, struct qun_span *head)
{
	const struct qun_input_conf *conf = &f->in->conf;
	const struct qun_cut_sink sink = {f, on_record, on_batch, on_bad, on_trial, on_judge, on_named, on_around};
	struct qun_cut_conf cut = {.line = 1, .max_field = conf->max_field, .max_record = conf->max_record,
		.max_columns = conf->max_columns, .max_depth = conf->max_depth, .lane = conf->lane};
	const struct qun_format *asked;
	struct qun_csv_shape shape;
	int rc = format_asked(conf, &asked, f->err);

	if (rc < 0)
		return rc;
	rc = qun_container_of(f->path, *head, conf, asked, &f->container);
	if (rc < 0)
		return qun_fail_mem(f->err);
	if (f->container == QUN_JSON)
		return qun_json_open(&f->cutter, &cut, &sink, f->header);
	f->holding = true;
	if (f->container == QUN_TEXT)
		return open_text(f, &cut, &sink);
	shape = qun_csv_shape_of(*head, conf);
	f->delimiter = cut.delimiter = shape.delimiter;
	cut.line = shape.line;
	cut.offset = shape.offset;
	head->ptr += shape.offset;
	head->len -= shape.offset;
	return qun_csv_open(&f->cutter, &cut, &sink);
}

int qun_file_columns_met(struct qun_input *in, const struct qun_map *m)
{
	uint32_t id;
	int rc = 0;

	in->extras_seen |= m->extras_seen;
	for (size_t i = 0; rc == 0 && i < m->n; i++) {
		if (m->column[i].asked && m->column[i].seen)
			rc = qun_dict_add(&in->mapped, m->column[i].name, &id);
	}
	return rc;
}

/* All is read and cut. */
static int finish(struct qun_file *f)
{
	int rc = 0;

	if (!f->decided && (f->container == QUN_TEXT || (f->container == QUN_CSV && f->has_header)))
		rc = decide_rows(f);
	if (rc < 0)
		return rc;
	if (!f->decided && f->tried && !f->unknown.ptr)
		return qun_fail(f->err, QUN_EDATA, 
			"no records are known here: the objects are empty, damaged or longer than the limit");
	if (!f->decided)
		return f->unknown.ptr ? qun_fail(f->err, QUN_EUSAGE,
			"no records with a time and a user are known here; found: %s; name columns with --map ts=COLUMN "
			"--map user=COLUMN", f->unknown.ptr) : 0;
	rc = qun_file_end(f);
	if (rc == 0)
		rc = qun_file_columns_met(f->in, &f->map);
	return rc == QUN_ENOMEM ? qun_fail_mem(f->err) : rc;
}

int qun_file_cut(struct qun_file *f, struct qun_buf *chunk)
{
	size_t left = chunk->len;
	int rc = qun_source_read(f->source, chunk, f->err);
	struct qun_span bytes = qun_buf_span(chunk);

	if (rc == 0 && f->cutter)
		return f->cutter->finish(f->cutter, bytes, f->err);
	if (rc <= 0)
		return rc;
	rc = qun_file_count_text(f, (struct qun_span){bytes.ptr + left, bytes.len - left});
	if (rc == 0 && !f->cutter)
		rc = open_cutter(f, &bytes);
	if (rc == 0)
		rc = f->cutter->feed(f->cutter, bytes, f->err);
	return rc < 0 ? rc : 1;
}

/* Is there enough to do for more threads, and do the records let them? */
static bool calls_crew(const struct qun_file *f)
{
	const struct qun_input_conf *conf = &f->in->conf;

	return conf->threads > 1 && qun_source_bytes(f->source) >= conf->threads_after && qun_crew_may(f);
}

static int read_bytes(struct qun_file *f)
{
	struct qun_buf chunk = {0};
	int rc;

	while ((rc = qun_file_cut(f, &chunk)) > 0) {
		qun_buf_cut(&chunk, 0, chunk.len - f->cutter->left);
		if (calls_crew(f)) {
			rc = qun_crew_run(f, &chunk, f->in->conf.threads);
			break;
		}
	}
	if (rc == 0)
		rc = finish(f);
	qun_buf_release(&chunk);
	return rc == QUN_ENOMEM ? qun_fail_mem(f->err) : rc;
}

void qun_file_release(struct qun_file *f)
{
	if (f->hook.memory && f->format->release)
		f->format->release(f->hook.memory);
	free(f->hook.memory);
	if (f->cutter)
		f->cutter->close(f->cutter);
	qun_source_close(f->source);
	qun_known_free(f->known.reading);
	qun_header_close(f->header);
	qun_map_release(&f->map);
	qun_arena_release(&f->text);
	qun_arena_release(&f->hold);
	qun_arena_release(&f->scratch);
	qun_dict_release(&f->paths);
	qun_dict_release(&f->people);
	qun_dict_release(&f->met);
	qun_picker_close(f->picker);
	qun_buf_release(&f->unescaped);
	qun_buf_release(&f->mended);
	qun_split_release(&f->split);
	qun_buf_release(&f->user);
	qun_buf_release(&f->ref);
	qun_buf_release(&f->joined);
	qun_wait_release(&f->wait);
	free(f->path_of);
	free(f->name);
	free(f->column);
	free(f->held);
}

static void take_raw(void *arg, const char *path, struct qun_span bytes)
{
	struct qun_file *f = arg;

	if (f->known.reading)
		qun_known_take(f->known.reading, bytes);
	if (f->in->conf.raw)
		f->in->conf.raw(f->in->conf.raw_arg, path, bytes);
}

/* Its header is for the files of its folder. */
static int keep_above(struct qun_file *f)
{
	struct qun_input *in = f->in;
	const char *slash = strrchr(f->path, '/');

	qun_header_close(in->above);
	in->above = f->header;
	qun_header_under(in->above, NULL);
	f->header = NULL;
	qun_buf_clear(&in->folder);
	return qun_buf_add(&in->folder, f->path, slash ? (size_t)(slash - f->path) + 1 : 0);
}

static int read_open(struct qun_file *f)
{
	struct qun_input *in = f->in;
	int rc;

	in->files++;
	f->header = qun_header_open();
	if (f->header && in->above && strncmp(f->path, in->folder.len ? in->folder.ptr : "", in->folder.len) == 0)
		qun_header_under(f->header, in->above);
	rc = f->header && (!in->dedup || qun_dedup_file(in->dedup) == 0) ?
		qun_source_open(&f->source, f->path, in->conf.encoding, f->err) : qun_fail_mem(f->err);
	if (rc == 0 && (in->conf.raw || f->known.reading))
		qun_source_tap(f->source, take_raw, f, f->path);
	if (rc == 0)
		rc = read_bytes(f);
	if (f->source)
		in->counts.bytes += qun_source_bytes(f->source);
	if (rc == 0 && in->conf.remember)
		rc = qun_file_remember(f);
	if (rc == 0 && in->sink.closed)
		qun_file_tell_closed(f);
	if (rc == 0 && f->format && f->format->folder && keep_above(f) < 0)
		rc = qun_fail_mem(f->err);
	return rc;
}

static int read_file(void *arg, const char *path, struct qun_err *err)
{
	struct qun_input *in = arg;
	struct qun_file *f = calloc(1, sizeof(*f));
	int rc = 0;

	snprintf(err->file, sizeof(err->file), "%s", path);
	if (!f)
		return qun_fail_mem(err);
	f->in = in;
	f->path = path;
	f->err = err;
	f->before = in->counts;
	if (in->conf.remember)
		rc = qun_file_recognise(f);
	if (rc == 0)
		rc = read_open(f);
	qun_file_release(f);
	free(f);
	return rc < 0 ? rc : 0;
}

int qun_input_read(struct qun_input *in, const char *path, struct qun_err *err)
{
	struct qun_err none;

	return qun_folder_each(path, read_file, in, err ? err : &none);
}

int qun_input_open(struct qun_input **in, const struct qun_input_conf *conf, const struct qun_input_sink *sink)
{
	struct qun_input *new = calloc(1, sizeof(*new));

	if (!new)
		return QUN_ENOMEM;
	new->conf = *conf;
	new->sink = *sink;
	if (!new->conf.max_field)
		new->conf.max_field = 1 << 20;
	if (!new->conf.max_record)
		new->conf.max_record = 16 << 20;
	if (!new->conf.max_columns)
		new->conf.max_columns = 4096;
	if (!new->conf.max_depth)
		new->conf.max_depth = 128;
	if ((conf->dedup || conf->remember) && new->conf.needs) {
		new->unasked = (QUN_BIT(QUN_F_TEXT) | QUN_BIT(QUN_F_PRODUCT) | QUN_BIT(QUN_F_QTY) | QUN_BIT(QUN_F_REF) |
				       QUN_BIT(QUN_F_SOURCE) | QUN_BIT(QUN_F_ID)) & ~new->conf.needs;
		new->conf.needs |= new->unasked;
		new->conf.rare = 0;
	}
	if (((conf->dedup || conf->remember) && qun_dedup_open(&new->dedup) < 0) ||
		(conf->remember && qun_known_open(&new->known) < 0)) {
		qun_input_close(new);
		return QUN_ENOMEM;
	}
	*in = new;
	return 0;
}

void qun_input_close(struct qun_input *in)
{
	if (!in)
		return;
	qun_header_close(in->above);
	qun_buf_release(&in->folder);
	qun_dict_release(&in->columns);
	qun_dict_release(&in->person);
	qun_dict_release(&in->person_name);
	free(in->name_of);
	qun_dict_release(&in->mapped);
	qun_dedup_close(in->dedup);
	qun_known_release(&in->known);
	free(in);
}

/* A column of --map that no file had. */
static int check_mapped(const struct qun_input *in, struct qun_err *err)
{
	struct qun_span name[64];
	size_t n = 0;
	char list[QUN_LIST_BYTES];

	for (; n < in->columns.n && n < sizeof(name) / sizeof(*name); n++)
		name[n] = qun_dict_text(&in->columns, (uint32_t)n);
	qun_list_names(name, n, list);
	for (size_t i = 0; in->columns.n && i < in->conf.map.n; i++) {
		const char *equals = strchr(in->conf.map.v[i], '=');
		struct qun_span column = qun_span_trim(qun_span_of(equals ? equals + 1 : ""));
		if (qun_dict_find(&in->mapped, column) == QUN_NONE)
			return qun_fail(err, QUN_EUSAGE, "--map: there is no column '%.*s'; %s: %s",
				(int)(column.len < 64 ? column.len : 64), column.ptr,
				in->files > 1 ? "the files have" : "the file has", list);
	}
	return 0;
}

int qun_input_check(const struct qun_input *in, struct qun_err *err)
{
	const struct qun_extras *extras = in->conf.extras;
	const char *words[QUN_F_ID + 1 + COLUMNS_KEPT], *near;
	size_t n = 0;
	int rc = check_mapped(in, err);

	if (rc < 0)
		return rc;
	/* of two equally near ones the column that is there */
	for (uint32_t w = 0; w < in->columns.n; w++)
		words[n++] = qun_dict_text(&in->columns, w).ptr;
	for (int i = 0; i <= QUN_F_ID; i++)
		words[n++] = qun_field_name(i);
	for (size_t i = 0; extras && in->columns.n && i < extras->n; i++) {
		if (in->extras_seen & QUN_BIT(i))
			continue;
		near = qun_nearest(qun_span_of(extras->name[i]), words, n);
		return qun_fail(err, QUN_EUSAGE, "no input has a column '%.64s'%s%s%s", extras->name[i],
			near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	}
	return 0;
}

struct qun_input_counts qun_input_counts(const struct qun_input *in)
{
	return in->counts;
}
