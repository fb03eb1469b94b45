/* From a record's bytes to the cells of the map: those of a row by their places, those of an element by their paths. */
#include "input/file.h"

#include "input/pick.h"

#include "qun/utf8.h"

#include <stdio.h>
#include <string.h>

static int check_bytes(struct qun_file *f, struct qun_span raw)
{
	char why[QUN_WHY_BYTES];
	size_t at;

	if (f->sound)
		return 0;
	if (memchr(raw.ptr, 0, raw.len))
		return qun_file_complain(f, "nul", NULL, "a NUL byte in the record");
	at = qun_utf8_valid(raw);
	if (at == raw.len)
		return 0;
	snprintf(why, sizeof(why), "byte %zu of the record is no valid %s", at + 1, qun_source_encoding(f->source));
	return qun_file_complain(f, "encoding", NULL, why);
}

/* An order's row of n cells that has a time, but ends before what was paid or given back. */
static bool ends_before_money(const struct qun_file *f, size_t n)
{
	int column;

	for (size_t i = n; i < f->nname; i++) {
		int field = f->column[i] < 0 ? -1 : f->map.column[f->column[i]].field;
		if (field == QUN_F_AMOUNT || field == QUN_F_REFUND || field == QUN_F_STATUS)
			return qun_map_value(&f->map, QUN_F_TS, &column).len > 0;
	}
	return false;
}

static int row_cells(struct qun_file *f, const struct qun_record *rec)
{
	bool fits = rec->n == f->nname || (rec->n < f->nname ? f->format->short_rows : f->format->long_rows);
	char why[QUN_WHY_BYTES];

	for (size_t i = 0; i < f->nname && i < rec->n; i++)
		qun_map_set(&f->map, f->column[i], &rec->cell[i]);
	if (fits && (rec->n >= f->nname || !ends_before_money(f, rec->n)))
		return 0;
	snprintf(why, sizeof(why), "%zu cells where the header has %zu", rec->n, f->nname);
	return qun_file_complain(f, "columns", NULL, why);
}

static int path_of(struct qun_file *f, struct qun_span name, struct qun_path *path)
{
	uint32_t id = qun_dict_find(&f->paths, name);
	int rc;

	if (id != QUN_NONE) {
		*path = f->path_of[id];
		return 0;
	}
	*path = (struct qun_path){qun_map_find(&f->map, name), qun_map_inside(&f->map, name)};
	if (f->paths.n == QUN_PATHS_MAX)
		return 0;
	rc = qun_map_column(&f->map, name, &path->column);
	if (rc == 0)
		rc = qun_grow(&f->path_of, &f->path_cap, f->paths.n, sizeof(*path));
	if (rc == 0)
		rc = qun_dict_add(&f->paths, name, &id);
	if (rc == 0)
		f->path_of[id] = *path;
	return rc;
}

static int pick_cell(void *arg, struct qun_span name, const struct qun_cell_in *cell)
{
	struct qun_file *f = arg;
	struct qun_path path;
	char why[QUN_WHY_BYTES];
	int rc = path_of(f, name, &path);

	if (rc == 0 && cell->kind == QUN_CELL_TEXT && cell->s.len > f->in->conf.max_field) {
		snprintf(why, sizeof(why), "a string longer than the limit of %zu bytes", f->in->conf.max_field);
		return qun_file_complain(f, "too-long", path.column < 0 ? NULL : f->map.column[path.column].name.ptr, why);
	}
	if (rc < 0 || path.column < 0)
		return rc;
	if (cell->kind == QUN_CELL_NUMBER && cell->s.len > QUN_NUMBER_MAX_BYTES)
		return qun_file_complain(f, "number", f->map.column[path.column].name.ptr, "a number longer than 64 bytes");
	qun_map_set(&f->map, path.column, cell);
	return 0;
}

static bool look_inside(void *arg, struct qun_span name)
{
	struct qun_path path;

	return path_of(arg, name, &path) == 0 && path.inside;
}

/* A path that has been met in a valid record; what has not is told there. */
static bool known_path(void *arg, struct qun_span name, struct qun_path *path)
{
	const struct qun_file *f = arg;
	uint32_t id = qun_dict_find(&f->paths, name);

	if (id != QUN_NONE)
		*path = f->path_of[id];
	return id != QUN_NONE;
}

int qun_file_picker(struct qun_file *f)
{
	const struct qun_picker_conf conf = {.lane = f->in->conf.lane, .max_text = f->in->conf.max_field,
		.arg = f, .path = known_path};

	return f->picker ? 0 : qun_picker_open(&f->picker, &conf);
}

bool qun_file_pick(struct qun_file *f, struct qun_span raw)
{
	const char *limit = f->batch ? f->batch->bytes.ptr + f->batch->bytes.len : raw.ptr + raw.len;

	qun_map_clear(&f->map);
	if (!qun_picker_pick(f->picker, raw, (size_t)(limit - raw.ptr), f->map.cell)) {
		qun_map_clear(&f->map);
		return false;
	}
	return true;
}

/* The cells of an element that is surely valid: 1, 0 where jansson has to be asked. */
static int pick_element(struct qun_file *f, struct qun_span raw)
{
	/* of a quiet one nobody has been told whether it is UTF-8 */
	if (f->in->conf.reader == QUN_READER_REFERENCE || (f->bad && qun_utf8_valid(raw) < raw.len))
		return 0;
	if (qun_file_picker(f) < 0)
		return QUN_ENOMEM;
	if (!qun_file_pick(f, raw))
		return 0;
	qun_map_share(&f->map);
	return 1;
}

static int element_cells(struct qun_file *f, const struct qun_record *rec)
{
	const struct qun_json_walk walk = {f, pick_cell, look_inside};
	struct qun_json_fault fault;
	struct qun_record at = *rec;
	int rc = pick_element(f, rec->raw);

	if (rc)
		return rc < 0 ? rc : 0;
	f->in->counts.by_library += !f->bad; /* of the sample that is only looked at nobody is told */
	rc = qun_json_check(rec->raw, &fault);
	if (rc == QUN_EDATA && f->format->loose_json) {
		int mended = qun_json_mend(rec->raw, &f->mended);
		if (mended == 0)
			return qun_json_paths(qun_buf_span(&f->mended), &walk, &f->unescaped);
		rc = mended == QUN_ENOMEM ? mended : rc;
	}
	if (rc == QUN_EDATA) {
		at.line = qun_file_record_line(f) + fault.line;
		f->rec = &at;
		rc = qun_file_complain(f, fault.kind, NULL, fault.why);
		f->rec = rec;
		return rc;
	}
	return rc < 0 ? rc : qun_json_paths(rec->raw, &walk, &f->unescaped);
}

int qun_file_cells(struct qun_file *f, const struct qun_record *rec, bool quiet)
{
	int rc;

	f->rec = rec;
	f->bad = quiet; /* what has been said already is not said again */
	qun_map_clear(&f->map);
	rc = check_bytes(f, rec->raw);
	if (rc)
		return rc;
	rc = f->container == QUN_JSON ? element_cells(f, rec) : row_cells(f, rec);
	return rc == QUN_ENOMEM ? qun_fail_mem(f->err) : rc;
}
