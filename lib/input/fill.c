/* From the cells of the map to an event, by the book. */
#include "input/file.h"

#include "qun/num.h"
#include "qun/utf8.h"

#include <stdio.h>
#include <string.h>

enum { SHOWN_BYTES = 40 };

/* A cell as it may stand in a message: short, and whole characters only. */
static struct qun_span shown(struct qun_span s)
{
	if (s.len > SHOWN_BYTES) {
		s.len = SHOWN_BYTES;
		s.len = qun_utf8_valid(s);
	}
	return s;
}

static int cannot_read(struct qun_file *f, const char *kind, int column, const char *what, struct qun_span s,
	const char *hint)
{
	char why[QUN_WHY_BYTES];

	s = shown(s);
	snprintf(why, sizeof(why), "cannot read %s '%.*s'%s", what, (int)s.len, s.len ? s.ptr : "", hint);
	return qun_file_complain(f, kind, column >= 0 ? f->map.column[column].name.ptr : NULL, why);
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

bool qun_file_is_no_order(const struct qun_file *f, const struct qun_event *ev)
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

int qun_file_fill(struct qun_file *f, struct qun_event *ev)
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
	if (rc == 0 && !f->format->event && ev->type == QUN_ORDER && qun_file_is_no_order(f, ev))
		return 2;
	if (rc == 0)
		rc = read_time(f, ev);
	for (size_t i = 0; f->in->conf.extras && i < f->in->conf.extras->n; i++)
		f->extra[i] = qun_map_value(&f->map, QUN_F_EXTRA + (int)i, &column);
	if (f->in->conf.extras && f->in->conf.extras->n)
		ev->extra = f->extra;
	return rc;
}
