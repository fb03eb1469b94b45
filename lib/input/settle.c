/*
 * What a file is: the first of its records are held until they show what format they are of and how it
 * writes times, and from then on records become events as they come.
 */
#include "input/file.h"
#include "input/header.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
int qun_file_format_asked(const struct qun_input_conf *conf, const struct qun_format **format, struct qun_err *err)
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

	for (size_t i = 0; rc == 0 && i < n && in->columns.n < QUN_COLUMNS_KEPT; i++)
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
		rc = qun_file_held_cells(f, &f->held[i]);
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
		f->sound = h->sound;
		rc = h->bad ? qun_file_bad(f, h->bad) : qun_file_record(f, &h->rec);
	}
	f->sound = false;
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

int qun_file_decide_rows(struct qun_file *f)
{
	const struct qun_format *format;
	struct qun_arena a = {0};
	struct qun_sample s;
	int rc = qun_file_format_asked(&f->in->conf, &format, f->err);

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

int qun_file_take_header(struct qun_file *f, const struct qun_record *rec)
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

static bool lists(const struct qun_format *format, const char *path)
{
	for (size_t i = 0; format->array && format->array[i]; i++) {
		if (strcmp(format->array[i], path) == 0)
			return true;
	}
	return false;
}

bool qun_file_named(const struct qun_file *f, const char *path)
{
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
		if (list && qun_file_named(f, s->name[i].ptr))
			return true;
	}
	return false;
}

/* Are these the records? By a format that knows them, or by columns that make events. */
static int try_sample(struct qun_file *f, const struct qun_sample *s)
{
	const struct qun_format *asked, *format;
	int rc = qun_file_format_asked(&f->in->conf, &asked, f->err);

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

int qun_file_judge(struct qun_file *f, const char *path, bool lines)
{
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

