/* Columns to fields. A column is known by its name; its place in the file is the reader's affair. */
#include "input/map.h"

#include "input/header.h"
#include "input/pick.h"

#include <stdlib.h>
#include <string.h>

static bool is_wanted(const struct qun_map *m, int field)
{
	static const uint64_t always = QUN_BIT(QUN_F_TS) | QUN_BIT(QUN_F_GROUP) | QUN_BIT(QUN_F_USER) |
		QUN_BIT(QUN_F_NAME) | QUN_BIT(QUN_F_TYPE) | QUN_BIT(QUN_F_AMOUNT) | QUN_BIT(QUN_F_ORDER_ID) |
		QUN_BIT(QUN_F_STATUS) | QUN_BIT(QUN_F_REFUND);

	/* what a hook reads of an event is its own secret */
	return field >= QUN_NFIELDS || m->format->event || !m->conf->needs ||
		((always | m->conf->needs) & QUN_BIT(field));
}

static void link_field(struct qun_map *m, int column)
{
	int *at = &m->first[m->column[column].field];

	while (*at >= 0 && m->column[*at].rank <= m->column[column].rank)
		at = &m->column[*at].next_of_field;
	m->column[column].next_of_field = *at;
	*at = column;
}

/* Adds a column; a field of -1 keeps only its place. */
static int add_column(struct qun_map *m, struct qun_span name, int field, unsigned rank, bool asked)
{
	uint32_t id;
	size_t known = m->names.n;
	int *last;

	if (qun_grow(&m->column, &m->cap, m->n, sizeof(*m->column)) < 0 ||
		qun_grow(&m->cell, &m->cell_cap, m->n, sizeof(*m->cell)) < 0 ||
		qun_grow(&m->head, &m->head_cap, known, sizeof(*m->head)) < 0 ||
		qun_dict_add(&m->names, name, &id) < 0)
		return QUN_ENOMEM;
	if (m->names.n > known)
		m->head[id] = -1;
	for (last = &m->head[id]; *last >= 0; last = &m->column[*last].next_same)
		m->shares = true;
	*last = (int)m->n;
	m->column[m->n] = (struct qun_column){.name = qun_dict_text(&m->names, id), .field = field,
		.rank = rank, .next_same = -1, .next_of_field = -1, .asked = asked};
	m->cell[m->n] = (struct qun_cell_in){.kind = QUN_CELL_ABSENT};
	if (field >= 0)
		link_field(m, (int)m->n);
	m->n++;
	return 0;
}

/* Takes FIELD=VALUE apart. */
static int split(const char *option, const char *text, int *field, struct qun_span *value,
	struct qun_err *err)
{
	const char *equals = strchr(text, '=');
	const char *words[QUN_NFIELDS], *near;
	struct qun_span name;

	if (!equals || equals == text)
		return qun_fail(err, QUN_EUSAGE, "--%s: '%.64s' is not FIELD=%s", option, text,
			strcmp(option, "map") == 0 ? "COLUMN" : "VALUE");
	name = (struct qun_span){text, (size_t)(equals - text)};
	*value = qun_span_of(equals + 1);
	*field = qun_field_of(name);
	if (*field >= 0)
		return 0;
	for (int i = 0; i < QUN_NFIELDS; i++)
		words[i] = qun_field_name(i);
	near = qun_nearest(name, words, QUN_NFIELDS);
	return qun_fail(err, QUN_EUSAGE, "--%s: there is no field '%.*s'%s%s%s", option,
		(int)(name.len < 64 ? name.len : 64), name.ptr, near ? "; did you mean '" : "", near ? near : "",
		near ? "'?" : "");
}

static bool is_among(struct qun_span column, const struct qun_span *name, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (qun_span_eq(name[i], column))
			return true;
	}
	return false;
}

static int apply_options(struct qun_map *m, const struct qun_span *name, size_t n, struct qun_err *err)
{
	const struct qun_input_conf *conf = m->conf;
	struct qun_span value;
	int field, rc = 0;

	for (size_t i = 0; rc == 0 && i < conf->set.n; i++) {
		rc = split("set", conf->set.v[i], &field, &value, err);
		if (rc == 0) {
			m->fixed[field] = true;
			m->value[field] = value;
		}
	}
	for (size_t i = 0; rc == 0 && i < conf->map.n; i++) {
		rc = split("map", conf->map.v[i], &field, &value, err);
		if (rc == 0) {
			value = qun_span_trim(value);
			m->asked[field] |= is_among(value, name, n);
			rc = add_column(m, value, field, 0, true);
			rc = rc < 0 ? qun_fail_mem(err) : rc;
		}
	}
	return rc;
}

int qun_map_open(struct qun_map *m, const struct qun_input_conf *conf, const struct qun_format *format,
	const struct qun_span *name, size_t n, struct qun_err *err)
{
	const struct qun_mapping *from = format->map;
	size_t listed = 0;
	int rc = 0;

	*m = (struct qun_map){.conf = conf, .format = format, .by_alias = !from, .name_is_id = format->name_is_id,
		.clock = -1};
	for (int i = 0; i < QUN_MAP_FIELDS; i++)
		m->first[i] = -1;
	/* the format's columns keep their numbers, whatever the options say of them */
	for (; rc == 0 && from && from[listed].column; listed++)
		rc = add_column(m, qun_span_of(from[listed].column), -1, (unsigned)listed, false);
	if (rc < 0)
		return qun_fail_mem(err);
	rc = apply_options(m, name, n, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < listed; i++) {
		int field = from[i].field & ~QUN_MUST;
		if (field >= QUN_F_RAW && field - QUN_F_RAW >= m->raws)
			m->raws = field - QUN_F_RAW + 1;
		if (field != from[i].field)
			m->must |= 1U << (field - QUN_F_RAW);
		if (field < QUN_NFIELDS && (m->asked[field] || m->fixed[field] || !is_wanted(m, field)))
			continue;
		m->column[i].field = field;
		link_field(m, (int)i);
	}
	for (size_t i = 0; rc == 0 && conf->extras && i < conf->extras->n; i++)
		rc = add_column(m, qun_span_of(conf->extras->name[i]), QUN_F_EXTRA + (int)i, 0, false);
	return rc < 0 ? qun_fail_mem(err) : 0;
}

void qun_map_release(struct qun_map *m)
{
	qun_dict_release(&m->names);
	free(m->column);
	free(m->cell);
	free(m->head);
	*m = (struct qun_map){0};
}

static bool asked_for(const struct qun_map *m, int field)
{
	return m->fixed[field] || m->asked[field];
}

int qun_map_column(struct qun_map *m, struct qun_span name, int *column)
{
	unsigned rank;
	int field = m->by_alias ? qun_alias_field(name, &rank) : -1;

	if (field >= 0 && !asked_for(m, field) && is_wanted(m, field) && m->n < QUN_PATHS_MAX &&
		add_column(m, name, field, rank, false) < 0)
		return QUN_ENOMEM;
	*column = qun_map_find(m, name);
	if (*column >= 0 && m->column[*column].seen)
		*column = -1; /* of columns with one name the first counts */
	m->version++;
	for (int i = *column; i >= 0; i = m->column[i].next_same) {
		m->column[i].seen = true;
		if (m->column[i].field >= QUN_F_EXTRA && m->column[i].field < QUN_F_RAW)
			m->extras_seen |= QUN_BIT(m->column[i].field - QUN_F_EXTRA);
	}
	return 0;
}

int qun_map_find(const struct qun_map *m, struct qun_span name)
{
	uint32_t id = qun_dict_find(&m->names, name);

	return id == QUN_NONE ? -1 : m->head[id];
}

bool qun_map_inside(const struct qun_map *m, struct qun_span path)
{
	for (size_t i = 0; i < m->n; i++) {
		struct qun_span name = m->column[i].name;
		if (name.len > path.len && name.ptr[path.len] == '.' &&
			qun_span_eq((struct qun_span){name.ptr, path.len}, path))
			return true;
	}
	return m->by_alias && qun_alias_inside(path);
}

void qun_map_set_clock(struct qun_map *m, int column)
{
	int *at = &m->first[QUN_F_TS];

	while (*at >= 0 && *at != column)
		at = &m->column[*at].next_of_field;
	if (*at == column)
		*at = m->column[column].next_of_field;
	m->clock = column;
}

bool qun_map_has(const struct qun_map *m, int field)
{
	if (field < QUN_NFIELDS && m->fixed[field])
		return true;
	for (int i = m->first[field]; i >= 0; i = m->column[i].next_of_field) {
		if (m->column[i].seen)
			return true;
	}
	return false;
}

const char *qun_map_missing(const struct qun_map *m, int field)
{
	for (size_t i = 0; i < m->n; i++) {
		if (m->column[i].asked && m->column[i].field == field && !m->column[i].seen)
			return m->column[i].name.ptr;
	}
	return NULL;
}

void qun_map_clear(struct qun_map *m)
{
	for (size_t i = 0; i < m->n; i++)
		m->cell[i] = (struct qun_cell_in){.kind = QUN_CELL_ABSENT};
}

void qun_map_share(struct qun_map *m)
{
	/* the next one comes behind it, so it is copied in its turn */
	for (size_t i = 0; m->shares && i < m->n; i++) {
		if (m->column[i].next_same >= 0)
			m->cell[m->column[i].next_same] = m->cell[i];
	}
}

void qun_map_set(struct qun_map *m, int column, const struct qun_cell_in *cell)
{
	for (; column >= 0; column = m->column[column].next_same)
		m->cell[column] = *cell;
}

/* Objects and arrays are no values of a field, but as text they may be all there is. */
static bool has_value(const struct qun_cell_in *cell, int field)
{
	if (cell->kind == QUN_CELL_ABSENT || cell->kind == QUN_CELL_NULL)
		return false;
	if (cell->kind == QUN_CELL_JSON && field != QUN_F_TEXT && field < QUN_F_EXTRA)
		return false;
	return qun_span_trim(cell->s).len > 0;
}

struct qun_span qun_map_text(const struct qun_map *m, int field, int *column)
{
	*column = -1;
	if (field < QUN_NFIELDS && m->fixed[field])
		return m->value[field];
	for (int i = m->first[field]; i >= 0; i = m->column[i].next_of_field) {
		if (*column < 0 && m->column[i].seen)
			*column = i;
		if (has_value(&m->cell[i], field)) {
			*column = i;
			return m->cell[i].s;
		}
	}
	return (struct qun_span){NULL, 0};
}

/* What spreadsheets put around ids: ="123", a leading ' before digits; and the bills' own blanks. */
static struct qun_span plain_id(struct qun_span s)
{
	if (s.len >= 3 && s.ptr[0] == '=' && s.ptr[1] == '"' && s.ptr[s.len - 1] == '"')
		s = qun_span_trim((struct qun_span){s.ptr + 2, s.len - 3});
	if (s.len >= 2 && s.ptr[0] == '\'' && s.ptr[1] >= '0' && s.ptr[1] <= '9')
		s = (struct qun_span){s.ptr + 1, s.len - 1};
	return s;
}

/* A cell's text without what is not the value's. */
static struct qun_span clean(struct qun_span s, int field)
{
	static const char *const nothing[] = {"/", "-", "--", "——"};

	if (field == QUN_F_TEXT)
		return s;
	s = qun_span_trim(s);
	/* a name with its group behind it, from chat-cat, is whole as it is */
	if (field == QUN_F_NAME || field >= QUN_NFIELDS || (s.len && memchr(s.ptr, '\x1f', s.len)))
		return s;
	s = plain_id(s);
	if (field != QUN_F_ORDER_ID && field != QUN_F_ID)
		return s;
	/* one such number for all would make one order, one message of them */
	for (size_t i = 0; i < sizeof(nothing) / sizeof(*nothing); i++) {
		if (qun_span_is(s, nothing[i]))
			return (struct qun_span){NULL, 0};
	}
	return s;
}

struct qun_span qun_map_value(const struct qun_map *m, int field, int *column)
{
	struct qun_span s = qun_map_text(m, field, column);

	return s.len ? clean(s, field) : s;
}

struct qun_span qun_map_listed(const struct qun_map *m, int field, const struct qun_alias *alias)
{
	for (int i = m->fixed[field] ? -1 : m->first[field]; i >= 0; i = m->column[i].next_of_field) {
		struct qun_span s = clean(m->cell[i].s, field);
		if (has_value(&m->cell[i], field) && qun_alias_of(alias, s).ptr != s.ptr)
			return s;
	}
	return (struct qun_span){NULL, 0};
}
