/*
 * A record's turn. Whatever happens to it, it is counted once: as bad, or as used when the receiver
 * took one of its events, or else as filtered.
 */
#include "input/file.h"

#include "input/crew.h"

#include "qun/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int qun_file_bad(struct qun_file *f, const struct qun_bad *bad)
{
	f->in->counts.read++;
	f->in->counts.bad++;
	return f->in->sink.bad(f->in->sink.arg, bad);
}

uint64_t qun_file_record_line(struct qun_file *f)
{
	return f->rec->line ? f->rec->line : qun_file_line(f, f->rec->offset);
}

int qun_file_complain(struct qun_file *f, const char *kind, const char *column, const char *why)
{
	struct qun_bad bad = {.file = f->path, .kind = kind, .column = column, .why = why};
	int rc;

	if (f->bad)
		return 0;
	f->bad = true;
	if (f->rec) {
		bad.line = qun_file_record_line(f);
		bad.offset = f->rec->offset;
		bad.raw = f->rec->raw;
	}
	rc = f->in->sink.bad(f->in->sink.arg, &bad);
	return rc < 0 ? rc : 1;
}

/* A hook may emit the same event several times, changed or not: it keeps its own. */
static int hook_emit(struct qun_hook *hook, struct qun_event *ev)
{
	struct qun_file *f = hook->input;
	struct qun_event copy = *ev;

	return f->format->people ? qun_file_person(f, &copy) : qun_file_deliver(f, &copy);
}

static int hook_bad(struct qun_hook *hook, const char *kind, const char *column, const char *fmt, ...)
{
	char why[QUN_WHY_BYTES];
	va_list ap;
	int rc;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	rc = qun_file_complain(hook->input, kind, column, why);
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
	f->hook.texts = !f->in->conf.needs || (f->in->conf.needs & QUN_BIT(QUN_F_TEXT));
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
			return qun_file_complain(f, "columns", f->map.column[best].name.ptr, "the record has none");
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
		rc = qun_file_fill(f, &ev);
	if (rc)
		return rc;
	ev.place = rec->offset + 1;
	if (f->format->event)
		return run_hook(f, rec, &ev);
	return f->format->people ? qun_file_person(f, &ev) : qun_file_deliver(f, &ev);
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
		rc = plain ? qun_file_hand_over(f, plain) : take_record(f, rec, picks);
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
	rc = qun_file_end_waiting(f);
	if (f->format->group && f->format->group(&f->hook).len)
		f->in->counts.astray += f->astray;
	if (rc == 0 && f->format->end)
		rc = f->format->end(&f->hook);
	qun_arena_release(&f->scratch);
	if (rc < 0)
		return rc == QUN_ENOMEM ? qun_fail_mem(f->err) : rc;
	/* they were counted as used when they were held back */
	qun_file_end_late(f);
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
