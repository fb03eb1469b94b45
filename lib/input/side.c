/* Side files: aliases, rosters, staff. They are small and written by hand, so any fault in one is an error. */
#include "input/cut.h"
#include "input/file.h"
#include "input/header.h"
#include "input/source.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIELD_BYTES = 1 << 20, RECORD_BYTES = 16 << 20, COLUMNS = 4096, CHAIN = 64 };

/* A side file being read; row gets every row, the header included. */
struct side {
	int (*row)(struct side *s, const struct qun_record *rec);
	void *arg;
	struct qun_err *err;
	const struct qun_alias *alias;
	bool begun;
	int column[8]; /* of what the file is about; -1: none */
};

static int fail_at(const struct side *s, uint64_t line, const char *why)
{
	if (s->err)
		s->err->line = line;
	return qun_fail(s->err, QUN_EDATA, "line %llu: %s", (unsigned long long)line, why);
}

static int side_record(void *arg, const struct qun_record *rec)
{
	struct side *s = arg;

	return s->row(s, rec);
}

static int side_bad(void *arg, struct qun_bad *bad)
{
	return fail_at(arg, bad->line, bad->why);
}

static int read_side(struct side *s, const char *path)
{
	const struct qun_cut_sink sink = {.arg = s, .record = side_record, .bad = side_bad};
	const struct qun_input_conf conf = {.no_header = true};
	struct qun_cut_conf cut = {.line = 1, .max_field = FIELD_BYTES, .max_record = RECORD_BYTES, .max_columns = COLUMNS};
	struct qun_cutter *cutter = NULL;
	struct qun_source *source = NULL;
	struct qun_buf chunk = {0};
	int rc;

	if (s->err) {
		size_t len = strnlen(path, sizeof(s->err->file) - 1);
		memcpy(s->err->file, path, len);
		s->err->file[len] = '\0';
	}
	rc = qun_source_open(&source, path, NULL, s->err);
	while (rc >= 0 && (rc = qun_source_read(source, &chunk, s->err)) > 0) {
		if (!cutter) {
			cut.delimiter = qun_csv_shape_of(qun_buf_span(&chunk), &conf).delimiter;
			rc = qun_csv_open(&cutter, &cut, &sink);
		}
		if (rc >= 0)
			rc = cutter->feed(cutter, qun_buf_span(&chunk), s->err);
		if (rc >= 0)
			qun_buf_cut(&chunk, 0, chunk.len - cutter->left);
	}
	if (rc == 0 && cutter)
		rc = cutter->finish(cutter, qun_buf_span(&chunk), s->err);
	if (cutter)
		cutter->close(cutter);
	qun_buf_release(&chunk);
	qun_source_close(source);
	return rc == QUN_ENOMEM ? qun_fail_mem(s->err) : rc;
}

static struct qun_span cell_of(const struct qun_record *rec, int column)
{
	if (column < 0 || (size_t)column >= rec->n)
		return (struct qun_span){NULL, 0};
	return qun_span_trim(rec->cell[column].s);
}

struct qun_alias {
	struct qun_dict ids;
	uint32_t *to; /* number of the canonical id; its own for an id that is canonical itself */
	size_t cap;
};

static int alias_number(struct qun_alias *a, struct qun_span id, uint32_t *number)
{
	size_t known = a->ids.n;

	if (qun_grow(&a->to, &a->cap, known, sizeof(*a->to)) < 0 || qun_dict_add(&a->ids, id, number) < 0)
		return QUN_ENOMEM;
	if (a->ids.n > known)
		a->to[*number] = *number;
	return 0;
}

static bool is_alias_header(const struct qun_record *rec)
{
	struct qun_span to = qun_header_name(rec->cell[1].s);
	int field = qun_header_field(qun_header_name(rec->cell[0].s));

	return (field == QUN_F_ID || field == QUN_F_USER) &&
		(qun_span_is(to, "canonical") || qun_span_is(to, "canonical_id") || qun_header_field(to) == QUN_F_USER);
}

static int alias_row(struct side *s, const struct qun_record *rec)
{
	struct qun_alias *a = s->arg;
	struct qun_span from = cell_of(rec, 0), to = cell_of(rec, 1);
	bool first = !s->begun;
	uint32_t id, canonical;

	s->begun = true;
	if (rec->n < 2)
		return fail_at(s, rec->line, "expected id,canonical");
	if (first && is_alias_header(rec))
		return 0;
	if (!from.len || !to.len)
		return fail_at(s, rec->line, "an id is empty");
	if (alias_number(a, from, &id) < 0 || alias_number(a, to, &canonical) < 0)
		return QUN_ENOMEM;
	if (a->to[id] != id && a->to[id] != canonical)
		return fail_at(s, rec->line, "an id has two canonical ones");
	a->to[id] = canonical;
	return 0;
}

int qun_alias_read(struct qun_alias **a, const char *path, struct qun_err *err)
{
	struct side s = {.row = alias_row, .err = err};
	int rc;

	if (!*a)
		*a = calloc(1, sizeof(**a));
	if (!*a)
		return qun_fail_mem(err);
	s.arg = *a;
	rc = read_side(&s, path);
	for (uint32_t i = 0; rc == 0 && i < (*a)->ids.n; i++) {
		uint32_t to = i;
		int steps = 0;
		while ((*a)->to[to] != to && steps++ < CHAIN)
			to = (*a)->to[to];
		if (steps > CHAIN)
			return qun_fail(err, QUN_EDATA, "aliases lead in a circle");
	}
	return rc;
}

void qun_alias_close(struct qun_alias *a)
{
	if (!a)
		return;
	qun_dict_release(&a->ids);
	free(a->to);
	free(a);
}

struct qun_span qun_alias_of(const struct qun_alias *a, struct qun_span id)
{
	uint32_t n = a ? qun_dict_find(&a->ids, id) : QUN_NONE;

	if (n == QUN_NONE)
		return id;
	while (a->to[n] != n)
		n = a->to[n];
	return qun_dict_text(&a->ids, n);
}

uint64_t qun_alias_hash(const struct qun_alias *a)
{
	static const uint64_t key[2] = {0}; /* tells lists apart, keeps nothing secret */
	uint64_t sum = 0;

	for (uint32_t i = 0; a && i < a->ids.n; i++) {
		struct qun_span id = qun_dict_text(&a->ids, i), to = qun_alias_of(a, id);
		uint64_t pair[2] = {qun_siphash(key, id), qun_siphash(key, to)};

		if (to.ptr != id.ptr)
			sum += qun_siphash(pair, id);
	}
	return sum;
}

bool qun_alias_knows(const struct qun_alias *a, struct qun_span id)
{
	return a && qun_dict_find(&a->ids, id) != QUN_NONE;
}

/* A header names the column of ids; without one it is the first. */
static bool staff_header(struct side *s, const struct qun_record *rec)
{
	for (size_t i = 0; i < rec->n; i++) {
		int field = qun_header_field(qun_header_name(rec->cell[i].s));
		if (field == QUN_F_USER || field == QUN_F_ID) {
			s->column[0] = (int)i;
			return true;
		}
	}
	return false;
}

static int staff_row(struct side *s, const struct qun_record *rec)
{
	struct qun_span id;
	bool first = !s->begun;

	s->begun = true;
	if (first && staff_header(s, rec))
		return 0;
	id = cell_of(rec, s->column[0]);
	return id.len ? qun_staff_add(s->arg, qun_alias_of(s->alias, id)) : 0;
}

int qun_staff_read(struct qun_staff *s, const char *file_or_ids, const struct qun_alias *alias, struct qun_err *err)
{
	struct side side = {.row = staff_row, .arg = s, .err = err, .alias = alias};
	struct qun_span list = qun_span_of(file_or_ids);
	bool path = memchr(list.ptr, '/', list.len) || qun_span_ends(list, ".csv") || qun_span_ends(list, ".txt");

	/* what looks like a file and is none must not pass as the id of somebody */
	if (path || access(file_or_ids, F_OK) == 0)
		return read_side(&side, file_or_ids);
	while (list.len) {
		const char *comma = memchr(list.ptr, ',', list.len);
		size_t len = comma ? (size_t)(comma - list.ptr) : list.len;
		struct qun_span id = qun_span_trim((struct qun_span){list.ptr, len});
		if (id.len && qun_staff_add(s, qun_alias_of(alias, id)) < 0)
			return qun_fail_mem(err);
		list.ptr += len + (comma != NULL);
		list.len -= len + (comma != NULL);
	}
	return 0;
}

enum { R_GROUP, R_USER, R_NAME, R_ROLE, R_JOINED, R_LEFT, R_COLUMNS };

/* Lines wait until all are read, for all of them decide how times are written. */
struct roster_row {
	struct qun_span cell[R_COLUMNS];
	uint64_t line;
};

struct roster_side {
	struct roster_row *row;
	size_t n, cap;
	struct qun_arena text;
	struct qun_time_tally times;
};

static int roster_column(struct qun_span name)
{
	static const struct {
		const char *name;
		int column;
	} own[] = {{"joined", R_JOINED}, {"joined_at", R_JOINED}, {"join_time", R_JOINED}, {"入群时间", R_JOINED},
		{"join_time_str", R_JOINED}, {"加入时间", R_JOINED}, {"进群时间", R_JOINED}, {"入群時間", R_JOINED},
		{"加入時間", R_JOINED}, {"left", R_LEFT}, {"left_at", R_LEFT}, {"leave_time", R_LEFT},
		{"deleted_time", R_LEFT}, {"withdraw_time", R_LEFT}, {"退群时间", R_LEFT},
		{"离开时间", R_LEFT}, {"退出时间", R_LEFT}, {"退群時間", R_LEFT}, {"離開時間", R_LEFT}};

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
		if (qun_span_is(name, own[i].name))
			return own[i].column;
	}
	switch (qun_header_field(name)) {
	case QUN_F_GROUP: return R_GROUP;
	case QUN_F_USER: return R_USER;
	case QUN_F_NAME: return R_NAME;
	case QUN_F_ROLE: return R_ROLE;
	default: return -1;
	}
}

bool qun_roster_has_times(struct qun_span name)
{
	int column = roster_column(name);

	return column == R_JOINED || column == R_LEFT;
}

static int roster_header(struct side *s, const struct qun_record *rec)
{
	for (int i = 0; i < R_COLUMNS; i++)
		s->column[i] = -1;
	for (size_t i = 0; i < rec->n; i++) {
		int column = roster_column(qun_header_name(rec->cell[i].s));
		if (column >= 0 && s->column[column] < 0)
			s->column[column] = (int)i;
	}
	if (s->column[R_USER] >= 0 || s->column[R_NAME] >= 0)
		return 0;
	return qun_fail(s->err, QUN_EUSAGE, "a roster needs a column 'user' (group,user,name,joined,left,role)");
}

static int roster_row(struct side *s, const struct qun_record *rec)
{
	struct roster_side *r = s->arg;
	struct roster_row *row;

	if (!s->begun) {
		s->begun = true;
		return roster_header(s, rec);
	}
	if (qun_grow(&r->row, &r->cap, r->n, sizeof(*r->row)) < 0)
		return QUN_ENOMEM;
	row = &r->row[r->n++];
	row->line = rec->line;
	for (int i = 0; i < R_COLUMNS; i++) {
		struct qun_span cell = cell_of(rec, s->column[i]);
		row->cell[i] = (struct qun_span){qun_arena_copy(&r->text, cell), cell.len};
		if (!row->cell[i].ptr)
			return QUN_ENOMEM;
		if ((i == R_JOINED || i == R_LEFT) && !qun_span_is(cell, "0"))
			qun_time_tally_add(&r->times, cell);
	}
	return 0;
}

static int roster_time(const struct side *s, const struct roster_row *row, int column, enum qun_time_style style,
	const struct qun_zone *zone, int64_t *ts)
{
	*ts = QUN_NEVER;
	/* services write 0 for never */
	if (!row->cell[column].len || qun_span_is(row->cell[column], "0") || qun_time_parse(row->cell[column], style, zone, ts) == 0)
		return 0;
	return fail_at(s, row->line, column == R_JOINED ? "cannot read the time in 'joined'" :
		"cannot read the time in 'left'");
}

/* A roster of names alone means the people whom chats without ids know by them: names of a group. */
static int roster_user(const struct side *s, const struct roster_row *row, struct qun_span group, struct qun_buf *text,
	struct qun_span *user)
{
	bool name = s->column[R_USER] < 0;

	*user = row->cell[name ? R_NAME : R_USER];
	if (!user->len)
		return fail_at(s, row->line, "a line without a user");
	struct qun_span alias = qun_alias_of(s->alias, *user);
	if (alias.ptr != user->ptr || !name) {
		*user = alias;
		return 0;
	}
	qun_buf_clear(text);
	if (qun_buf_add_span(text, *user) < 0 || qun_buf_add_char(text, '\x1f') < 0 || qun_buf_add_span(text, group) < 0)
		return QUN_ENOMEM;
	*user = qun_buf_span(text);
	return 0;
}

static int add_roster(const struct side *s, struct qun_roster *r, const struct qun_cal *cal, struct qun_err *err)
{
	const struct roster_side *from = s->arg;
	struct qun_buf text = {0};
	enum qun_time_style style;
	int rc = qun_time_tally_style(&from->times, QUN_TIME_AUTO, &style, err);

	for (size_t i = 0; rc == 0 && i < from->n; i++) {
		const struct roster_row *row = &from->row[i];
		struct qun_roster_line line = {.group = row->cell[R_GROUP], .name = row->cell[R_NAME],
			.role = row->cell[R_ROLE]};
		if (!line.group.len)
			line.group = qun_span_of("-");
		rc = roster_user(s, row, line.group, &text, &line.user);
		if (rc == 0)
			rc = roster_time(s, row, R_JOINED, style, cal->zone, &line.joined);
		if (rc == 0)
			rc = roster_time(s, row, R_LEFT, style, cal->zone, &line.left);
		if (rc == 0)
			rc = qun_roster_add(r, &line);
	}
	qun_buf_release(&text);
	return rc;
}

int qun_roster_read(struct qun_roster *r, const char *path, const struct qun_cal *cal, const struct qun_alias *alias,
	struct qun_err *err)
{
	struct roster_side rows = {0};
	struct side s = {.row = roster_row, .arg = &rows, .err = err, .alias = alias};
	int rc = read_side(&s, path);

	if (rc == 0)
		rc = add_roster(&s, r, cal, err);
	qun_arena_release(&rows.text);
	free(rows.row);
	return rc == QUN_ENOMEM ? qun_fail_mem(err) : rc;
}

static int sheet_row(struct side *s, const struct qun_record *rec)
{
	struct qun_sheet *sheet = s->arg;

	if (!sheet->nrow)
		sheet->ncol = rec->n;
	if (rec->n != sheet->ncol)
		return fail_at(s, rec->line, "the row is not as wide as the header");
	if (qun_grow(&sheet->line, &sheet->line_cap, sheet->nrow, sizeof(*sheet->line)) < 0 ||
		qun_grow(&sheet->cell, &sheet->cell_cap, sheet->nrow, sheet->ncol * sizeof(*sheet->cell)) < 0)
		return QUN_ENOMEM;
	for (size_t i = 0; i < rec->n; i++) {
		struct qun_span cell = cell_of(rec, (int)i);
		char *copy = qun_arena_copy(&sheet->text, cell);

		if (!copy)
			return QUN_ENOMEM;
		sheet->cell[sheet->nrow * sheet->ncol + i] = (struct qun_span){copy, cell.len};
	}
	sheet->line[sheet->nrow++] = rec->line;
	return 0;
}

int qun_sheet_read(struct qun_sheet *s, const char *path, struct qun_err *err)
{
	struct side side = {.row = sheet_row, .arg = s, .err = err};

	return read_side(&side, path);
}
