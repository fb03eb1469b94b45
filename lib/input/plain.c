/*
 * Plain records: those of files where each field has one column and no format has a say, which is most
 * of what is large. Their event is made straight from the cells. Whatever is not quite usual about a
 * record is left to record.c, which knows every case; so the two can differ in nothing.
 */
#include "input/file.h"

#include "core/short.h"
#include "qun/num.h"

#include <string.h>

/* First bytes of a text by which it may not be the value as it stands; blanks also as last ones. */
enum { BLANK = 1, SHEET = 2, NOTHING = 4 }; /* SHEET: ="…" and '…; NOTHING: - / ——, where numbers of orders are */
static const unsigned char mark[256] = {[0 ... ' '] = BLANK, ['='] = SHEET, ['\''] = SHEET, ['-'] = NOTHING,
	['/'] = NOTHING, [0xe2] = NOTHING};

/* The only column of a field that the file has; -1: none; -2: several. */
static int only_column(const struct qun_map *m, int field)
{
	int only = -1;

	for (int i = m->first[field]; i >= 0; i = m->column[i].next_of_field) {
		if (m->column[i].seen)
			only = only == -1 ? i : -2;
	}
	return only;
}

/* Where the column's cell stands in a record: CSV its place in the row, JSON its place in the map. */
static int cell_of(const struct qun_file *f, int column)
{
	int cell = f->container == QUN_JSON ? column : -1;

	for (size_t i = 0; cell < 0 && i < f->nname; i++) {
		for (int c = f->column[i]; c >= 0; c = f->map.column[c].next_same) {
			if (c == column)
				cell = (int)i;
		}
	}
	return cell;
}

static bool is_needed(const struct qun_file *f, int field)
{
	const struct qun_input_conf *conf = &f->in->conf;

	return !conf->needs || conf->dedup || (conf->needs & QUN_BIT(field));
}

static bool add_field(struct qun_file *f, int field)
{
	struct qun_plain *p = &f->plain;
	int column = only_column(&f->map, field), cell;

	if (column == -1 || (field == QUN_F_NAME && !is_needed(f, field)))
		return true;
	cell = column < 0 ? -1 : cell_of(f, column);
	if (cell < 0 || p->n == sizeof(p->take) / sizeof(*p->take))
		return false;
	p->take[p->n].cell = (unsigned)cell;
	p->take[p->n].minds = BLANK | (field == QUN_F_TEXT ? 0 : SHEET) |
		(field == QUN_F_ORDER_ID || field == QUN_F_ID ? NOTHING : 0);
	p->take[p->n++].to = field < QUN_NFIELDS ? &p->event.field[field] : &f->extra[field - QUN_F_EXTRA];
	return true;
}

void qun_plain_set(struct qun_file *f)
{
	const struct qun_input_conf *conf = &f->in->conf;
	struct qun_plain *p = &f->plain;

	p->n = 0;
	p->event = (struct qun_event){.extra = conf->extras && conf->extras->n ? f->extra : NULL};
	p->version = f->map.version;
	p->is = conf->reader != QUN_READER_REFERENCE && f->container != QUN_TEXT && !f->format->event &&
		!f->format->people && !f->format->timeless && !conf->alias && !f->in->person.n &&
		!f->map.name_is_id && f->map.clock < 0 && !conf->names_global && qun_map_has(&f->map, QUN_F_USER);
	for (int i = 0; p->is && i < QUN_NFIELDS; i++) {
		if (f->map.fixed[i])
			p->event.field[i] = f->map.value[i];
		if (i == QUN_F_STATUS || i == QUN_F_REFUND)
			p->is = !qun_map_has(&f->map, i);
		else if (f->map.fixed[i])
			p->is = !(f->in->unasked & QUN_BIT(i)); /* it would be dropped with the first record */
		else
			p->is = add_field(f, i);
	}
	p->type_word = p->event.field[QUN_F_TYPE];
	for (size_t i = 0; p->is && conf->extras && i < conf->extras->n; i++)
		p->is = add_field(f, QUN_F_EXTRA + (int)i);
}

/* The type of a word: the same few come again and again. */
static void set_type(struct qun_file *f, struct qun_event *ev)
{
	struct qun_span word = ev->field[QUN_F_TYPE];
	struct qun_type_memo *memo = &f->plain.type[word.len ? (word.len * 5 + (unsigned char)*word.ptr) & 15 : 0];

	if (memo->len != word.len + 1 || !qun_short_same(memo->word, word.ptr, word.len)) {
		qun_file_type(f, ev);
		if (ev->type != QUN_WORD && word.len && word.len < sizeof(memo->word)) {
			memcpy(memo->word, word.ptr, word.len);
			memo->len = (unsigned)word.len + 1;
			memo->type = ev->type;
			memo->name = ev->field[QUN_F_TYPE];
		}
		return;
	}
	f->typed++;
	f->type_known = true;
	ev->type = memo->type;
	ev->field[QUN_F_TYPE] = memo->name;
}

static bool set_amount(struct qun_event *ev)
{
	struct qun_span s = ev->field[QUN_F_AMOUNT];
	const char *point;

	ev->has_amount = false;
	if (!s.len)
		return true;
	point = memchr(s.ptr, '.', s.len);
	if ((point && s.ptr + s.len - point > 5) || qun_money_parse(s, &ev->amount) != 1)
		return false;
	ev->has_amount = true;
	return true;
}

/* Does something stand at the ends of the text that is not its field's? */
static bool is_odd(struct qun_span s, unsigned minds)
{
	return ((mark[(unsigned char)s.ptr[0]] & minds) | (mark[(unsigned char)s.ptr[s.len - 1]] & BLANK)) != 0;
}

/* The fields of a row's event; false where one needs a second look. */
static bool fill_row(struct qun_plain *p, const struct qun_cell_in *cell)
{
	for (size_t i = 0; i < p->n; i++) {
		struct qun_span s = cell[p->take[i].cell].s;

		*p->take[i].to = s;
		if (s.len && is_odd(s, p->take[i].minds))
			return false;
	}
	return true;
}

/* The same for the map's cells, which may be of other kinds than text. */
static bool fill_mapped(struct qun_plain *p, const struct qun_cell_in *cell)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct qun_cell_in *c = &cell[p->take[i].cell];
		struct qun_span s = c->s;

		if (c->kind == QUN_CELL_JSON)
			return false;
		if (c->kind == QUN_CELL_ABSENT || c->kind == QUN_CELL_NULL)
			s.len = 0;
		*p->take[i].to = s;
		if (s.len && is_odd(s, p->take[i].minds))
			return false;
	}
	return true;
}

struct qun_event *qun_plain_event(struct qun_file *f, const struct qun_cell_in *cell)
{
	struct qun_event *ev = &f->plain.event;

	ev->field[QUN_F_TYPE] = f->plain.type_word;
	if (!(f->container == QUN_CSV ? fill_row(&f->plain, cell) : fill_mapped(&f->plain, cell)) ||
		 !ev->field[QUN_F_USER].len || !set_amount(ev) ||
		qun_time_parse_next(&f->time_memo, ev->field[QUN_F_TS], f->map.time, f->in->conf.cal->zone, &ev->ts) < 0)
		return NULL;
	if (!ev->field[QUN_F_GROUP].len)
		ev->field[QUN_F_GROUP] = (struct qun_span){"-", 1};
	set_type(f, ev);
	return ev;
}
