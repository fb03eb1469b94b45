/*
 * From a record to its events. Whatever happens to it, a record is counted once: as bad, or as
 * used when the receiver took one of its events, or else as filtered.
 */
#include "input/file.h"

#include "input/crew.h"
#include "input/header.h"
#include "input/pick.h"

#include "qun/num.h"
#include "qun/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { WHY_BYTES = 320, SHOWN_BYTES = 40 };
static const char scope = '\x1f'; /* between a name used as id and its group: QUN_SCOPE */

int qun_file_bad(struct qun_file *f, const struct qun_bad *bad)
{
	f->in->counts.read++;
	f->in->counts.bad++;
	return f->in->sink.bad(f->in->sink.arg, bad);
}

/* Lines are counted where somebody asks. */
static uint64_t record_line(struct qun_file *f)
{
	return f->rec->line ? f->rec->line : qun_file_line(f, f->rec->offset);
}

/* The record in hand is bad; only the first complaint about it is passed on. */
static int complain(struct qun_file *f, const char *kind, const char *column, const char *why)
{
	struct qun_bad bad = {.file = f->path, .kind = kind, .column = column, .why = why};
	int rc;

	if (f->bad)
		return 0;
	f->bad = true;
	if (f->rec) {
		bad.line = record_line(f);
		bad.offset = f->rec->offset;
		bad.raw = f->rec->raw;
	}
	rc = f->in->sink.bad(f->in->sink.arg, &bad);
	return rc < 0 ? rc : 1;
}

/* A cell as it may stand in a message: short, and whole characters only. */
static struct qun_span shown(struct qun_span s)
{
	if (s.len > SHOWN_BYTES) {
		s.len = SHOWN_BYTES;
		s.len = qun_utf8_valid(s);
	}
	return s;
}

static int check_bytes(struct qun_file *f, struct qun_span raw)
{
	char why[WHY_BYTES];
	size_t at;

	if (f->sound)
		return 0;
	if (memchr(raw.ptr, 0, raw.len))
		return complain(f, "nul", NULL, "a NUL byte in the record");
	at = qun_utf8_valid(raw);
	if (at == raw.len)
		return 0;
	snprintf(why, sizeof(why), "byte %zu of the record is no valid %s", at + 1, qun_source_encoding(f->source));
	return complain(f, "encoding", NULL, why);
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
	char why[WHY_BYTES];

	for (size_t i = 0; i < f->nname && i < rec->n; i++)
		qun_map_set(&f->map, f->column[i], &rec->cell[i]);
	if (fits && (rec->n >= f->nname || !ends_before_money(f, rec->n)))
		return 0;
	snprintf(why, sizeof(why), "%zu cells where the header has %zu", rec->n, f->nname);
	return complain(f, "columns", NULL, why);
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
	char why[WHY_BYTES];
	int rc = path_of(f, name, &path);

	if (rc == 0 && cell->kind == QUN_CELL_TEXT && cell->s.len > f->in->conf.max_field) {
		snprintf(why, sizeof(why), "a string longer than the limit of %zu bytes", f->in->conf.max_field);
		return complain(f, "too-long", path.column < 0 ? NULL : f->map.column[path.column].name.ptr, why);
	}
	if (rc < 0 || path.column < 0)
		return rc;
	if (cell->kind == QUN_CELL_NUMBER && cell->s.len > QUN_NUMBER_MAX_BYTES)
		return complain(f, "number", f->map.column[path.column].name.ptr, "a number longer than 64 bytes");
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
	qun_map_share(&f->map);
	return true;
}

/* The cells of an element that is surely valid: 1, 0 where jansson has to be asked. */
static int pick_element(struct qun_file *f, struct qun_span raw)
{
	/* of a quiet one nobody has been told whether it is UTF-8 */
	if (f->in->conf.reader == QUN_READER_REFERENCE || (f->bad && qun_utf8_valid(raw) < raw.len))
		return 0;
	return qun_file_picker(f) < 0 ? QUN_ENOMEM : qun_file_pick(f, raw);
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
		at.line = record_line(f) + fault.line;
		f->rec = &at;
		rc = complain(f, fault.kind, NULL, fault.why);
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

static int cannot_read(struct qun_file *f, const char *kind, int column, const char *what, struct qun_span s,
	const char *hint)
{
	char why[WHY_BYTES];

	s = shown(s);
	snprintf(why, sizeof(why), "cannot read %s '%.*s'%s", what, (int)s.len, s.len ? s.ptr : "", hint);
	return complain(f, kind, column >= 0 ? f->map.column[column].name.ptr : NULL, why);
}

/* Decimals that the 1/10000 units of money cannot hold. */
static bool is_rounded(struct qun_span s)
{
	const char *point = s.len ? memchr(s.ptr, '.', s.len) : NULL;
	size_t decimals = 0;

	for (const char *p = point ? point + 1 : NULL; p && p < s.ptr + s.len && *p >= '0' && *p <= '9'; p++) {
		if (++decimals > 4 && *p != '0')
			return true;
	}
	return false;
}

/* 1 where the record is bad. */
static int read_money(struct qun_file *f, int field, int64_t *amount, bool *has)
{
	int column, rc;
	struct qun_span s = qun_map_value(&f->map, field, &column);

	rc = qun_money_parse(s, amount);
	*has = rc == 1;
	if (rc == QUN_EOVERFLOW)
		return cannot_read(f, "number", column, "amount", s, ": it is too large");
	if (rc < 0)
		return cannot_read(f, "number", column, "amount", s, " (expected e.g. 39.90)");
	f->in->counts.rounded += is_rounded(s);
	return 0;
}

static int read_time(struct qun_file *f, struct qun_event *ev)
{
	static const char *const hint[] = {
		[QUN_TIME_EPOCH_S] = " (expected e.g. 1712634840)",
		[QUN_TIME_EPOCH_MS] = " (expected e.g. 1712634840000)",
		[QUN_TIME_EPOCH_US] = " (expected e.g. 1712634840000000)",
		[QUN_TIME_YMD] = " (expected e.g. 2024-04-09 11:54:00)",
		[QUN_TIME_DMY] = " (expected e.g. 09/04/2024 11:54)",
		[QUN_TIME_MDY] = " (expected e.g. 04/09/2024 11:54)",
		[QUN_TIME_EACH] = " (expected e.g. 1712634840 or 2024-04-09 11:54:00)",
	};
	int column;
	struct qun_span s = qun_file_time(f, &column);

	ev->field[QUN_F_TS] = s;
	ev->ts = QUN_NEVER;
	if (f->container == QUN_TEXT || (!s.len && f->format->timeless))
		return 0;
	if (qun_time_parse(s, f->map.time, f->in->conf.cal->zone, &ev->ts) == 0)
		return 0;
	return cannot_read(f, "time", column, "time", s, hint[f->map.time]);
}

/* A word of the user's own, since a predicate of the run names it. */
static bool is_asked_for(const struct qun_file *f, struct qun_span word)
{
	const char *asked;

	for (size_t i = 0; f->in->conf.extras && (asked = qun_extras_type(f->in->conf.extras, i)); i++) {
		if (qun_span_is(word, asked))
			return true;
	}
	return false;
}

void qun_file_type(struct qun_file *f, struct qun_event *ev)
{
	struct qun_span word = ev->field[QUN_F_TYPE];

	f->typed += word.len > 0;
	if (!word.len)
		word = qun_span_of(f->format->type ? f->format->type : "message");
	ev->type = qun_type_of(word);
	if (!f->type_known)
		f->type_known = ev->type != QUN_WORD || is_asked_for(f, word);
	ev->field[QUN_F_TYPE] = ev->type == QUN_WORD ? word : qun_span_of(qun_type_name(ev->type));
}

/*
 * Was this order row never a purchase? Besides what its state says: shops leave the time of payment
 * empty until there is one, so a row without state that only knows when it was created was not paid.
 */
static bool is_no_order(const struct qun_file *f, const struct qun_event *ev)
{
	struct qun_span status = ev->field[QUN_F_STATUS];
	int64_t named;
	bool has_named;
	int column, best = f->map.first[QUN_F_TS];

	switch (qun_order_state_of(status, &named, &has_named)) {
	case QUN_ORDER_UNPAID: return true;
	case QUN_ORDER_CLOSED: return !f->has_refund || f->refund == 0;
	case QUN_ORDER_REFUNDED: return false;
	default: break;
	}
	while (best >= 0 && !f->map.column[best].seen)
		best = f->map.column[best].next_of_field;
	qun_map_text(&f->map, QUN_F_TS, &column);
	return !qun_span_trim(status).len && column != best && best >= 0 && f->map.cell[best].kind == QUN_CELL_TEXT;
}

/* Fills an event from the cells: 0, 1 where the record is bad, 2 where it is filtered. */
static int fill_event(struct qun_file *f, struct qun_event *ev)
{
	struct qun_span listed = {0};
	int column, rc;

	for (int i = 0; i < QUN_NFIELDS; i++) {
		if (f->map.first[i] >= 0 || f->map.fixed[i])
			ev->field[i] = qun_map_value(&f->map, i, &column);
	}
	if (!ev->field[QUN_F_USER].len && f->map.name_is_id)
		ev->field[QUN_F_USER] = ev->field[QUN_F_NAME];
	uint32_t person = ev->field[QUN_F_NAME].len ? QUN_NONE : qun_dict_find(&f->in->person, ev->field[QUN_F_USER]);
	if (person != QUN_NONE)
		ev->field[QUN_F_NAME] = qun_dict_text(&f->in->person_name, f->in->name_of[person]);
	/* a shop names its buyer twice, by nickname and by phone: --alias knows him by one of them */
	if (f->in->conf.alias)
		listed = qun_map_listed(&f->map, QUN_F_USER, f->in->conf.alias);
	if (listed.len)
		ev->field[QUN_F_USER] = listed;
	if (!ev->field[QUN_F_GROUP].len)
		ev->field[QUN_F_GROUP] = qun_span_of("-");
	qun_file_type(f, ev);
	rc = read_money(f, QUN_F_AMOUNT, &ev->amount, &ev->has_amount);
	f->has_refund = false;
	if (rc == 0 && ev->type == QUN_ORDER)
		rc = read_money(f, QUN_F_REFUND, &f->refund, &f->has_refund);
	if (f->has_refund && f->refund < 0)
		f->refund = f->refund == INT64_MIN ? INT64_MAX : -f->refund;
	if (rc == 0 && !f->format->event && ev->type == QUN_ORDER && is_no_order(f, ev))
		return 2;
	if (rc == 0)
		rc = read_time(f, ev);
	for (size_t i = 0; f->in->conf.extras && i < f->in->conf.extras->n; i++)
		f->extra[i] = qun_map_value(&f->map, QUN_F_EXTRA + (int)i, &column);
	if (f->in->conf.extras && f->in->conf.extras->n)
		ev->extra = f->extra;
	return rc;
}

/* The id of a person: by --alias, or a name made his in this group alone; chat-cat's output has names
 * that are already. */
static int identify(struct qun_file *f, struct qun_span *who, struct qun_span group, struct qun_buf *text)
{
	const struct qun_input_conf *conf = &f->in->conf;
	const char *end;
	struct qun_span bare, alias;

	if (!who->len)
		return 0;
	end = memchr(who->ptr, scope, who->len);
	bare = (struct qun_span){who->ptr, end ? (size_t)(end - who->ptr) : who->len};
	alias = qun_alias_of(conf->alias, bare);
	if (alias.ptr != bare.ptr || conf->names_global) {
		*who = alias;
		return 0;
	}
	if (end || !f->map.name_is_id)
		return 0;
	qun_buf_clear(text);
	if (qun_buf_add_span(text, *who) < 0 || qun_buf_add_char(text, scope) < 0 || qun_buf_add_span(text, group) < 0)
		return qun_fail_mem(f->err);
	*who = qun_buf_span(text);
	return 0;
}

/* A record held back is over: was all that came of it known from earlier files? */
static void end_late(struct qun_file *f)
{
	f->late.dropped += f->late.repeated && !f->late.used;
	f->late.used = f->late.repeated = false;
}

/* Events of records held back come at the end; those of one record share what it says and when. */
static void note_late(struct qun_file *f, const struct qun_event *ev, bool repeated)
{
	const uint64_t key[2] = {(uint64_t)ev->ts, 0};
	struct qun_span id = ev->field[QUN_F_ID];
	ptrdiff_t nth = qun_span_find(id, "#", 0);
	uint64_t print;

	id.len = nth >= 0 ? (size_t)nth : id.len;
	print = qun_siphash(key, ev->field[QUN_F_TEXT]) ^ qun_siphash(key, ev->field[QUN_F_GROUP]) * 3 ^
		qun_siphash(key, id) * 5;
	if (print != f->late.print)
		end_late(f);
	f->late.print = print;
	f->late.repeated |= repeated;
	f->late.used |= !repeated;
	f->late.any_used |= !repeated;
}

/* What was read for dedup alone goes no further. */
static void drop_unasked(const struct qun_file *f, struct qun_event *ev)
{
	for (uint64_t left = f->in->unasked; left; left &= left - 1)
		ev->field[__builtin_ctzll(left)] = (struct qun_span){NULL, 0};
}

static int hand_over(struct qun_file *f, struct qun_event *ev)
{
	int rc = f->in->dedup ? qun_file_repeats(f, ev) : 0;

	if (rc >= 0 && f->in->dedup && !f->rec && !f->hook.aside)
		note_late(f, ev, rc > 0);
	if (rc > 0) {
		f->repeated |= !f->hook.aside;
		f->in->counts.repeated += rc == 1;
		return 0;
	}
	drop_unasked(f, ev);
	if (rc == 0)
		rc = f->in->sink.event(f->in->sink.arg, ev, f->err);
	f->used |= rc == 0 && !f->hook.aside;
	return rc < 0 ? rc : 0;
}

/*
 * An order with what its row says of money given back. The refund needs the order's number to find
 * it; without one the order is less by the refund, or none.
 */
static int hand_over_order(struct qun_file *f, struct qun_event *ev)
{
	struct qun_event refund = *ev;
	bool has_named;
	int rc;
	enum qun_order_state state = qun_order_state_of(ev->field[QUN_F_STATUS], &refund.amount, &has_named);

	if (is_no_order(f, ev))
		return 0;
	if (f->has_refund && f->refund > 0)
		refund.amount = f->refund;
	else if (state != QUN_ORDER_REFUNDED)
		return hand_over(f, ev);
	else if (!has_named)
		refund.amount = ev->amount;
	refund.has_amount = (f->has_refund && f->refund > 0) || has_named || ev->has_amount;
	refund.type = QUN_REFUND;
	refund.field[QUN_F_TYPE] = qun_span_of(qun_type_name(QUN_REFUND));
	if (!ev->field[QUN_F_ORDER_ID].len) {
		if (!ev->has_amount || refund.amount >= ev->amount)
			return 0;
		ev->amount -= refund.amount;
		return hand_over(f, ev);
	}
	rc = hand_over(f, ev);
	return rc < 0 ? rc : hand_over(f, &refund);
}

/* A name that neither the file nor an alias leads to an id: who bears it counts as someone else. */
static bool is_by_name(const struct qun_file *f, const struct qun_event *ev)
{
	return f->format->event && !f->map.name_is_id && (ev->type == QUN_JOIN || ev->type == QUN_LEAVE) &&
		ev->field[QUN_F_USER].len && qun_span_eq(ev->field[QUN_F_USER], ev->field[QUN_F_NAME]);
}

/* For the report on --alias: who is in this file, as it calls them. */
static int meet(struct qun_file *f, struct qun_span who)
{
	uint32_t id;

	if (!f->in->conf.alias || !f->in->sink.closed || !who.len || f->hook.aside)
		return 0;
	return qun_dict_add(&f->met, who, &id) < 0 ? qun_fail_mem(f->err) : 0;
}

static int deliver(struct qun_file *f, struct qun_event *ev);

/* What waited for its group goes on, with that or with none. */
static int end_waiting(struct qun_file *f)
{
	struct qun_event ev;
	int rc = 0;

	f->waited = true;
	while (rc >= 0 && qun_wait_take(&f->wait, &ev))
		rc = deliver(f, &ev);
	qun_wait_release(&f->wait);
	return rc;
}

/* The group that stands around the records: 1 where the event waits for it. */
static int find_group(struct qun_file *f, struct qun_event *ev)
{
	struct qun_span group;

	if (!f->format->group || !qun_span_is(ev->field[QUN_F_GROUP], "-"))
		return 0;
	group = f->format->group(&f->hook);
	if (group.len)
		ev->field[QUN_F_GROUP] = group;
	f->astray += !group.len && f->waited;
	if (group.len || f->waited || !f->array[0])
		return 0;
	int rc = qun_wait_add(&f->wait, ev);
	if (rc == QUN_ELIMIT) {
		f->astray++;
		return end_waiting(f);
	}
	f->hook.held = true;
	return rc < 0 ? qun_fail_mem(f->err) : 1;
}

static int deliver(struct qun_file *f, struct qun_event *ev)
{
	/* whoever made them: blanks around a name make nobody else of its bearer */
	static const int trimmed[] = {QUN_F_GROUP, QUN_F_USER, QUN_F_NAME, QUN_F_REF};
	int rc;

	for (size_t i = 0; i < sizeof(trimmed) / sizeof(*trimmed); i++)
		ev->field[trimmed[i]] = qun_span_trim(ev->field[trimmed[i]]);
	if (!ev->field[QUN_F_GROUP].len)
		ev->field[QUN_F_GROUP] = qun_span_of("-");
	rc = find_group(f, ev);
	if (rc)
		return rc < 0 ? rc : 0;
	rc = meet(f, ev->field[QUN_F_USER]);
	if (rc == 0)
		rc = identify(f, &ev->field[QUN_F_USER], ev->field[QUN_F_GROUP], &f->user);
	if (rc == 0)
		rc = identify(f, &ev->field[QUN_F_REF], ev->field[QUN_F_GROUP], &f->ref);
	if (rc < 0)
		return rc;
	f->in->counts.by_name += is_by_name(f, ev);
	if (ev->type == QUN_ORDER && f->rec)
		return hand_over_order(f, ev);
	return hand_over(f, ev);
}

/* A record of a list of people: no event, only the name of an id. */
static int remember_person(struct qun_file *f, const struct qun_event *ev)
{
	struct qun_input *in = f->in;
	size_t known = in->person.n;
	uint32_t id, name;
	int rc;

	if (!ev->field[QUN_F_USER].len || !ev->field[QUN_F_NAME].len)
		return 0;
	rc = qun_grow(&in->name_of, &in->name_cap, known, sizeof(*in->name_of));
	if (rc == 0)
		rc = qun_dict_add(&in->person_name, ev->field[QUN_F_NAME], &name);
	if (rc == 0)
		rc = qun_dict_add(&in->person, ev->field[QUN_F_USER], &id);
	if (rc == 0)
		in->name_of[id] = name;
	return rc;
}

/* A hook may emit the same event several times, changed or not: it keeps its own. */
static int hook_emit(struct qun_hook *hook, struct qun_event *ev)
{
	struct qun_file *f = hook->input;
	struct qun_event copy = *ev;

	return f->format->people ? remember_person(f, &copy) : deliver(f, &copy);
}

static int hook_bad(struct qun_hook *hook, const char *kind, const char *column, const char *fmt, ...)
{
	char why[WHY_BYTES];
	va_list ap;
	int rc;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	rc = complain(hook->input, kind, column, why);
	return rc < 0 ? rc : 0;
}

void qun_file_hook(struct qun_file *f)
{
	f->hook.zone = f->in->conf.cal->zone;
	f->hook.header = f->header;
	f->hook.file = strcmp(f->path, "-") == 0 ? "" : f->path;
	f->hook.array = f->array;
	f->hook.time = f->map.time;
	f->hook.raw = f->raw;
	f->hook.scratch = &f->scratch;
	f->hook.names = &f->people;
	f->hook.name_is_id = f->map.name_is_id;
	f->hook.emit = hook_emit;
	f->hook.bad = hook_bad;
	f->hook.system_unknown = &f->in->counts.system_unknown;
	f->hook.input = f;
}

/* The cells that the hook reads; 1 where one is missing without which it can tell nothing. */
static int raw_cells(struct qun_file *f)
{
	for (int i = 0; i < f->map.raws; i++) {
		int best = f->map.first[QUN_F_RAW + i], column = best;
		f->raw[i] = (struct qun_cell_in){.kind = QUN_CELL_ABSENT};
		for (; column >= 0 && f->raw[i].kind == QUN_CELL_ABSENT; column = f->map.column[column].next_of_field)
			f->raw[i] = f->map.cell[column];
		if (f->raw[i].kind == QUN_CELL_ABSENT && f->map.must >> i & 1)
			return complain(f, "columns", f->map.column[best].name.ptr, "the record has none");
	}
	return 0;
}

static int run_hook(struct qun_file *f, const struct qun_record *rec, struct qun_event *ev)
{
	struct qun_record planned = *rec;
	int rc = raw_cells(f);

	if (rc)
		return rc;
	planned.cell = f->map.cell;
	planned.n = f->map.n;
	f->hook.record = &planned;
	f->hook.held = false;
	rc = f->format->event(&f->hook, ev);
	qun_arena_release(&f->scratch);
	f->late.held += f->hook.held && !f->used;
	f->used |= f->hook.held;
	return rc;
}

/* Each record once; the lines of a message are one. */
static void count(struct qun_file *f)
{
	struct qun_input_counts *n = &f->in->counts;

	f->parts |= f->hook.part;
	if (f->hook.part && !f->bad)
		return;
	n->read++;
	++*(f->bad ? &n->bad : f->used ? &n->used : f->repeated ? &n->duplicate : &n->filtered);
}

/* The event of a plain record, from the row itself or, in JSON, from the map; or NULL. */
static struct qun_event *plain_event(struct qun_file *f, const struct qun_record *rec)
{
	if (!f->plain.is)
		return NULL;
	if (f->container == QUN_JSON)
		return qun_plain_event(f, f->map.cell);
	if (rec->n != f->nname)
		return NULL;
	if (!f->sound && (memchr(rec->raw.ptr, 0, rec->raw.len) || qun_utf8_valid(rec->raw) != rec->raw.len))
		return NULL;
	return qun_plain_event(f, rec->cell);
}

/* A record with something to it: its event is filled by the book, and the format has its say. */
static int take_record(struct qun_file *f, const struct qun_record *rec, bool has_cells)
{
	struct qun_event ev = {0};
	int rc = has_cells ? 0 : qun_file_cells(f, rec, false);

	if (rc == 0)
		rc = fill_event(f, &ev);
	if (rc)
		return rc;
	ev.place = rec->offset + 1;
	if (f->format->event)
		return run_hook(f, rec, &ev);
	return f->format->people ? remember_person(f, &ev) : deliver(f, &ev);
}

int qun_file_record(struct qun_file *f, const struct qun_record *rec)
{
	struct qun_input_counts *n = &f->in->counts;
	uint64_t typed = f->typed, rounded = n->rounded, by_library = n->by_library;
	bool picks = f->container == QUN_JSON;
	struct qun_event *plain;
	int rc;

	f->rec = rec;
	f->used = f->repeated = f->bad = f->hook.part = f->hook.later = false;
	rc = picks ? qun_file_cells(f, rec, false) : 0;
	if (f->plain.version != f->map.version)
		qun_plain_set(f);
	plain = rc == 0 ? plain_event(f, rec) : NULL;
	if (rc == 0)
		rc = plain ? hand_over(f, plain) : take_record(f, rec, picks);
	if (rc == 0 && f->hook.later) { /* what was counted is counted then */
		f->typed = typed;
		n->rounded = rounded;
		n->by_library = by_library;
		return qun_crew_later(f, rec);
	}
	f->rec = NULL;
	if (rc < 0)
		return rc == QUN_ENOMEM ? qun_fail_mem(f->err) : rc;
	if (!f->format->people || f->bad)
		count(f);
	return 0;
}

int qun_file_end(struct qun_file *f)
{
	bool known;
	int rc;

	/* columns taken by their names: this one may well be something else */
	if (f->format && f->map.by_alias && !f->type_known && !f->map.fixed[QUN_F_TYPE])
		f->in->counts.odd_types += f->typed;
	if (!f->format || (!f->format->end && !f->format->group))
		return 0;
	f->bad = f->used = f->repeated = f->hook.held = f->hook.part = false;
	f->hook.record = NULL;
	rc = end_waiting(f);
	if (f->format->group && f->format->group(&f->hook).len)
		f->in->counts.astray += f->astray;
	if (rc == 0 && f->format->end)
		rc = f->format->end(&f->hook);
	qun_arena_release(&f->scratch);
	if (rc < 0)
		return rc == QUN_ENOMEM ? qun_fail_mem(f->err) : rc;
	/* they were counted as used when they were held back */
	end_late(f);
	known = f->late.dropped && !f->late.any_used; /* all of them */
	if (f->late.dropped > f->late.held || known)
		f->late.dropped = f->late.held;
	f->in->counts.used -= f->late.dropped;
	f->in->counts.duplicate += f->late.dropped;
	if (f->container == QUN_TEXT && f->parts) {
		f->used |= f->hook.held && !known;
		count(f); /* the last message */
		return 0;
	}
	/* a record held back was counted as used */
	if (f->bad && f->in->counts.used) {
		f->in->counts.used--;
		f->in->counts.bad++;
	}
	return 0;
}
