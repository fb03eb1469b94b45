/*
 * Plain records: those of files where each field has one column and no format has a say, which is most
 * of what is large. Their event is made straight from the cells. Whatever is not quite usual about a
 * record is left to record.c, which knows every case; so the two can differ in nothing.
 */
#include "input/file.h"

#include "core/block.h"
#include "core/clock.h"
#include "qun/num.h"

#include <string.h>

/* What every row goes through stands in one function, twice. */
#define INLINE __attribute__((always_inline)) static inline

/* First bytes of a text by which it may not be the value as it stands; blanks also as last ones. */
enum { BLANK = 1, SHEET = 2, NOTHING = 4 }; /* SHEET: ="…" and '…; NOTHING: - / ——, where numbers of orders are */
static const unsigned char mark[256] = {[0 ... ' '] = BLANK, ['='] = SHEET, ['\''] = SHEET, ['-'] = NOTHING,
	['/'] = NOTHING, [0xe2] = NOTHING};

/* What is looked at of every event. What stands at the ends of them is seen where they are read. */
enum { CORE_TS, CORE_GROUP, CORE_USER, CORE_TYPE, CORE_AMOUNT };
static const int core[QUN_PLAIN_CORE] = {QUN_F_TS, QUN_F_GROUP, QUN_F_USER, QUN_F_TYPE, QUN_F_AMOUNT};

static int core_of(int field)
{
	int i = 0;

	while (i < QUN_PLAIN_CORE && core[i] != field)
		i++;
	return i;
}

/* The only column of a field that the file has; -1: none; -2: several. Of several times it is the first one,
 * which counts where it is not empty, and those that are empty are not read here. */
static int only_column(const struct qun_map *m, int field)
{
	int only = -1;

	for (int i = m->first[field]; i >= 0 && (only == -1 || field != QUN_F_TS); i = m->column[i].next_of_field) {
		if (m->column[i].seen)
			only = only == -1 ? i : -2;
	}
	return only;
}

/* Where the column's cell stands in a record: CSV its place in the row, JSON that of the first column of its
 * name in the map. */
static int cell_of(const struct qun_file *f, int column)
{
	int cell = f->container == QUN_JSON ? qun_map_find(&f->map, f->map.column[column].name) : -1;

	for (size_t i = 0; cell < 0 && i < f->nname; i++) {
		for (int c = f->column[i]; c >= 0; c = f->map.column[c].next_same) {
			if (c == column)
				cell = (int)i;
		}
	}
	return cell;
}

/* What a hook might read of an event is in the map whoever needs it. */
static bool is_needed(const struct qun_file *f, int field)
{
	const struct qun_input_conf *conf = &f->in->conf;
	bool anyhow = field >= QUN_F_EXTRA || (field != QUN_F_NAME && !f->format->plain);

	return anyhow || !conf->needs || conf->dedup || (conf->needs & QUN_BIT(field));
}

static bool add_field(struct qun_file *f, int field)
{
	struct qun_plain *p = &f->plain;
	int column = only_column(&f->map, field), cell;

	if (column == -1 || (core_of(field) == QUN_PLAIN_CORE && !is_needed(f, field)))
		return true;
	cell = column < 0 ? -1 : cell_of(f, column);
	if (cell < 0 || p->n == sizeof(p->take) / sizeof(*p->take))
		return false;
	if (core_of(field) < QUN_PLAIN_CORE) {
		p->core[core_of(field)] = cell;
		return true;
	}
	p->take[p->n].cell = cell;
	p->take[p->n].field = field;
	p->take[p->n++].minds = BLANK | (field == QUN_F_TEXT ? 0 : SHEET) |
				(field == QUN_F_ORDER_ID || field == QUN_F_ID ? NOTHING : 0);
	return true;
}

/* Will the header be no row, should it come again? Its time is none. */
static bool has_other_header(const struct qun_file *f)
{
	int64_t ts;

	return f->container != QUN_CSV || !f->has_header ||
		qun_time_parse(f->name[f->plain.core[CORE_TS]], f->map.time, f->in->conf.cal->zone, &ts) != 0;
}

/* Nothing of the format, nor what is asked for, has a say in its events. */
static bool is_plain(const struct qun_file *f)
{
	const struct qun_input_conf *conf = &f->in->conf;
	bool own = !f->format->event && !f->format->people && !f->format->timeless;

	return conf->reader != QUN_READER_REFERENCE && f->container != QUN_TEXT && (own || f->format->plain) &&
		!conf->alias && !f->in->person.n && !f->map.name_is_id &&
		f->map.clock < 0 && !conf->names_global && qun_map_has(&f->map, QUN_F_USER) &&
		!qun_map_has(&f->map, QUN_F_STATUS) && !qun_map_has(&f->map, QUN_F_REFUND);
}

/* What a format says of plain records it says of messages of the chat around them. */
static bool suits_format(const struct qun_file *f, const struct qun_event *made)
{
	const struct qun_plain *p = &f->plain;

	return !f->format->plain || (made->type == QUN_MESSAGE && p->core[CORE_TYPE] < 0 && p->core[CORE_GROUP] < 0);
}

/* Those fields of events that messages lack, or the others. */
static bool add_fields(struct qun_file *f, bool rare)
{
	const struct qun_input_conf *conf = &f->in->conf;
	bool fine = true;

	for (int i = 0; fine && i < QUN_NFIELDS; i++) {
		if (!f->map.fixed[i] && i != QUN_F_STATUS && i != QUN_F_REFUND &&
			rare == ((conf->rare & QUN_BIT(i)) != 0))
			fine = add_field(f, i);
	}
	for (size_t i = 0; fine && !rare && conf->extras && i < conf->extras->n; i++)
		fine = add_field(f, QUN_F_EXTRA + (int)i);
	return fine;
}

void qun_plain_set(struct qun_file *f)
{
	const struct qun_input_conf *conf = &f->in->conf;
	struct qun_event made = {0};
	struct qun_plain *p = &f->plain;
	bool kept = true; /* what is set stays: nothing of it is only there to look for repeats */

	p->n = 0;
	p->version = f->map.version;
	for (int i = 0; i < QUN_PLAIN_CORE; i++)
		p->core[i] = -1;
	for (int i = 0; i < QUN_NFIELDS; i++) {
		if (!f->map.fixed[i])
			continue;
		made.field[i] = f->map.value[i];
		kept &= i == QUN_F_STATUS || i == QUN_F_REFUND || !(f->in->unasked & QUN_BIT(i));
	}
	p->is = kept && is_plain(f) && add_fields(f, false) && p->core[CORE_TS] >= 0 && has_other_header(f);
	p->often = p->n;
	p->is = p->is && add_fields(f, true);
	if (p->is && p->core[CORE_TYPE] < 0)
		qun_file_type(f, &made); /* which stays; else it would be one of the file's words */
	p->is = p->is && suits_format(f, &made);
	p->grouped = f->format->group && (!made.field[QUN_F_GROUP].len || qun_span_is(made.field[QUN_F_GROUP], "-"));
	for (int i = 0; i < QUN_STAGED; i++) {
		p->event[i] = made;
		p->event[i].extra = conf->extras && conf->extras->n ? p->extra[i] : NULL;
	}
}

/* Does something stand at the ends of the text that is not its field's? */
static inline bool is_odd(struct qun_span s, unsigned minds)
{
	return ((mark[(unsigned char)s.ptr[0]] & minds) |
		       (mark[(unsigned char)s.ptr[s.len - 1]] & BLANK)) != 0;
}

static inline struct qun_type_memo *memo_of(struct qun_file *f, struct qun_span word)
{
	return &f->plain.type[word.len ? (word.len * 5 + (unsigned char)*word.ptr) & 15 : 0];
}

static __attribute__((noinline)) bool learn_type(struct qun_file *f, struct qun_event *ev)
{
	struct qun_span word = ev->field[QUN_F_TYPE];
	struct qun_type_memo *memo = memo_of(f, word);

	if (word.len && is_odd(word, BLANK | SHEET))
		return false;
	qun_file_type(f, ev);
	if (ev->type != QUN_WORD && word.len < sizeof(memo->word)) {
		if (word.len)
			memcpy(memo->word, word.ptr, word.len);
		memo->len = (unsigned)word.len + 1;
		memo->type = ev->type;
		memo->name = ev->field[QUN_F_TYPE];
	}
	return true;
}

/* The type of a word: the same few come again and again. */
INLINE bool set_type(struct qun_file *f, struct qun_event *ev)
{
	struct qun_span word = ev->field[QUN_F_TYPE];
	struct qun_type_memo *memo;

	if (f->plain.core[CORE_TYPE] < 0)
		return true;
	memo = memo_of(f, word);
	if (memo->len != word.len + 1 || !qun_short_same(memo->word, word.ptr, word.len))
		return learn_type(f, ev);
	f->typed += word.len > 0;
	f->type_known = true;
	ev->type = memo->type;
	ev->field[QUN_F_TYPE] = memo->name;
	return true;
}

INLINE bool set_time(struct qun_file *f, struct qun_event *ev)
{
	struct qun_span s = ev->field[QUN_F_TS];

	return qun_clock_read(&f->time_memo, s, &ev->ts) ||
	       (s.len && !is_odd(s, BLANK | SHEET) &&
		       qun_time_parse_next(
			       &f->time_memo, s, f->map.time, f->in->conf.cal->zone, &ev->ts) == 0);
}

INLINE bool set_group(struct qun_event *ev)
{
	if (ev->field[QUN_F_GROUP].len)
		return !is_odd(ev->field[QUN_F_GROUP], BLANK | SHEET);
	ev->field[QUN_F_GROUP] = (struct qun_span){"-", 1};
	return true;
}

INLINE bool set_amount(struct qun_event *ev)
{
	struct qun_span s = ev->field[QUN_F_AMOUNT];
	const char *point;

	ev->has_amount = false;
	if (!s.len)
		return true;
	if (is_odd(s, BLANK | SHEET))
		return false;
	point = memchr(s.ptr, '.', s.len);
	if ((point && s.ptr + s.len - point > 5) || qun_money_parse(s, &ev->amount) != 1)
		return false;
	ev->has_amount = true;
	return true;
}

/* Cells of a record: in the map, or between the cuts of a row, which may be quoted. */
struct cells {
	enum { IN_MAP, IN_ROW, IN_QUOTED_ROW } how;
	const struct qun_cell_in *cell;
	const char *bytes;
	const uint16_t *cut;
};

/* One of the map's, which may be of other kinds than text. It was put there member by member, just before: as
 * one value it would not be there yet. */
INLINE bool text_in_map(const struct qun_cell_in *cell, struct qun_span *s)
{
	size_t len = cell->kind == QUN_CELL_ABSENT || cell->kind == QUN_CELL_NULL ? 0 : cell->s.len;

	BLOCK_KEEP(len);
	s->ptr = cell->s.ptr;
	s->len = len;
	return cell->kind != QUN_CELL_JSON;
}

/* The text of a cell; false where it needs a second look. Quotes around it are left out; what is doubled within
 * them needs a copy. */
INLINE bool text_of(struct cells c, int i, struct qun_span *s)
{
	if (c.how == IN_MAP)
		return text_in_map(&c.cell[i], s);
	*s = (struct qun_span){c.bytes + c.cut[i], (size_t)c.cut[i + 1] - c.cut[i] - 1};
	if (c.how == IN_ROW || !s->len || *s->ptr != '"')
		return true;
	*s = (struct qun_span){s->ptr + 1, s->len - 2};
	return !memchr(s->ptr, '"', s->len);
}

static inline struct qun_span *place_of(struct qun_plain *p, size_t i, const struct qun_take *take)
{
	return take->field < QUN_NFIELDS ? &p->event[i].field[take->field]
					 : &p->extra[i][take->field - QUN_F_EXTRA];
}

INLINE bool take_cell(struct qun_plain *p, size_t at, const struct qun_take *take, struct cells c)
{
	struct qun_span *s = place_of(p, at, take);

	return text_of(c, take->cell, s) && (!s->len || !is_odd(*s, take->minds));
}

/* What is not text in an event that has all that messages have. */
INLINE bool set_rest(struct qun_file *f, struct qun_event *ev)
{
	return ev->field[QUN_F_USER].len && !is_odd(ev->field[QUN_F_USER], BLANK | SHEET) &&
	       set_group(ev) && set_time(f, ev) && set_amount(ev) && set_type(f, ev);
}

/* A message has none of what events of another type have, one of which may have stood there before. */
INLINE bool is_message(struct qun_plain *p, const struct qun_event *ev, size_t at)
{
	if (ev->type != QUN_MESSAGE)
		return false;
	for (size_t k = p->often; p->full[at] && k < p->n; k++)
		*place_of(p, at, &p->take[k]) = (struct qun_span){NULL, 0};
	p->full[at] = false;
	return true;
}

bool qun_plain_may(struct qun_file *f)
{
	struct qun_plain *p = &f->plain;

	if (!p->is || !f->format->group)
		return p->is;
	p->group = qun_span_trim(f->format->group(&f->hook));
	return p->group.len > 0;
}

/* Makes the next event of a record's cells. */
INLINE bool make(struct qun_file *f, struct cells c)
{
	struct qun_plain *p = &f->plain;
	size_t at = p->staged, i = 0;
	struct qun_event *ev = &p->event[at];
	bool fine = true;

	BLOCK_KEEP(ev);
	BLOCK_EACH (k, QUN_PLAIN_CORE)
		fine &= p->core[k] < 0 || text_of(c, p->core[k], &ev->field[core[k]]);
	for (; fine && i < p->often; i++)
		fine = take_cell(p, at, &p->take[i], c);
	if (p->grouped)
		ev->field[QUN_F_GROUP] = p->group;
	if (!fine || !set_rest(f, ev))
		return false;
	if (is_message(p, ev, at))
		return c.how != IN_MAP || !f->format->plain || f->format->plain(&f->hook, c.cell, ev);
	p->full[at] = true;
	for (; fine && i < p->n; i++)
		fine = take_cell(p, at, &p->take[i], c);
	return fine;
}

struct qun_event *qun_plain_event(struct qun_file *f, const struct qun_cell_in *cell)
{
	struct qun_event *ev = &f->plain.event[f->plain.staged];

	ev->place = 0;
	return qun_plain_may(f) && make(f, (struct cells){IN_MAP, .cell = cell}) ? ev : NULL;
}

static int take_each(const struct qun_input_sink *sink, struct qun_event *ev, size_t n, size_t *used, struct qun_err *err)
{
	int rc = 0;

	*used = 0;
	for (size_t i = 0; rc >= 0 && i < n; i++) {
		rc = sink->event(sink->arg, &ev[i], err);
		*used += rc == 0;
	}
	return rc < 0 ? rc : 0;
}

/* Hands over some that follow one another, none of which was there before. */
static int hand_over(struct qun_file *f, struct qun_event *ev, size_t n)
{
	const struct qun_input_sink *sink = &f->in->sink;
	size_t used;
	int rc;

	if (!n)
		return 0;
	rc = sink->events ? sink->events(sink->arg, ev, n, &used, f->err) : take_each(sink, ev, n, &used, f->err);
	f->in->counts.read += n;
	f->in->counts.used += used;
	f->in->counts.filtered += n - used;
	return rc;
}

int qun_plain_flush(struct qun_file *f)
{
	struct qun_event *ev = f->plain.event;
	size_t staged = f->plain.staged, from = 0;
	int rc = 0;

	f->plain.staged = 0;
	for (size_t i = 0; f->in->dedup && rc >= 0 && i < staged; i++) {
		rc = qun_file_is_repeat(f, &ev[i]);
		if (rc <= 0)
			continue;
		f->in->counts.read++;
		f->in->counts.duplicate++;
		rc = hand_over(f, ev + from, i - from);
		from = i + 1;
	}
	return rc < 0 ? rc : hand_over(f, ev + from, staged - from);
}

/* One more is staged. */
static inline int stage(struct qun_file *f)
{
	int rc = ++f->plain.staged < QUN_STAGED ? 0 : qun_plain_flush(f);

	return rc < 0 ? rc : 1;
}

int qun_plain_row(struct qun_file *f, const char *bytes, const uint16_t *cut, bool quoted)
{
	/* two copies, of which one knows that there are no quotes */
	bool fine = quoted ? make(f, (struct cells){IN_QUOTED_ROW, .bytes = bytes, .cut = cut})
			   : make(f, (struct cells){IN_ROW, .bytes = bytes, .cut = cut});

	return fine ? stage(f) : 0;
}

int qun_plain_element(struct qun_file *f)
{
	return make(f, (struct cells){IN_MAP, .cell = f->map.cell}) ? stage(f) : 0;
}
