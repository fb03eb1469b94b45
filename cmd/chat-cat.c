/*
 * Any export in, one clean stream of events out.
 *
 *     chat-cat chat.json orders.csv > events.csv
 *     chat-cat --check chat.json
 *     chat-cat --sort-time -o ndjson *.csv.gz
 *
 * Nothing is written before the whole input is known to be right: until then events wait in a spool.
 * Only where bad records are skipped without limit they go out as they come, so that a pipe may be endless.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat-cat/cat.h"

enum { FLUSH = 64 << 10 };
static const int64_t MIB = 1 << 20;

/* They shape, count or alarm a table of figures; here they could only be ignored. */
static const char *const without[] = {"week-start", "day-start", "active", "unit", "by", "staff", "include-staff", "seen",
	"roster", "refund", "zero-ok", "confidence", "sort", "alert", "alert-partial", "alert-only",
	"min-cell", "excel", "stamp", "define", "partial", "merge", "state", "no-wait", "forget", NULL};

static int no_memory(const struct tool *t)
{
	tool_say(t, _("out of memory"));
	return EXIT_DATA;
}

/* --- what was asked for ---------------------------------------------------------------------------- */

static int choose_form(struct tool *t, struct cat *c)
{
	static const char *const names[] = {"csv", "tsv", "json", "ndjson", "chatlab", "table", "markdown"};
	static const enum qun_stream_form form[] = {QUN_STREAM_CSV, QUN_STREAM_TSV, QUN_STREAM_JSON, QUN_STREAM_NDJSON};
	const char *asked = t->opt.output ? t->opt.output : "csv", *near;
	const size_t n = sizeof(names) / sizeof(*names);

	for (size_t i = 0; i < n; i++) {
		if (strcmp(asked, names[i]) != 0)
			continue;
		c->form = names[i];
		c->style.form = i < sizeof(form) / sizeof(*form) ? form[i] : QUN_STREAM_CSV;
		return 0;
	}
	near = qun_nearest(qun_span_of(asked), names, n);
	tool_say(t, near ? _("--output: no format '%s'; did you mean '%s'?")
			 : _("--output: no format '%s' (expected csv, ndjson, chatlab, json, tsv, table or markdown)"),
		asked, near);
	return EXIT_USAGE;
}

static int refuse_column(const struct tool *t, const char *name)
{
	const char *words[QUN_CANONICAL], *near;

	for (int i = 0; i < QUN_CANONICAL; i++)
		words[i] = qun_field_name(i);
	near = qun_nearest(qun_span_of(name), words, QUN_CANONICAL);
	tool_say(t, near ? _("--columns: no column '%s'; did you mean '%s'?") : _("--columns: no column '%s'"), name, near);
	return EXIT_USAGE;
}

static int choose_columns(struct tool *t, struct cat *c)
{
	char *rest, *word;

	c->style.zone = t->zone;
	for (c->style.n = 0; !t->opt.columns && c->style.n < QUN_CANONICAL; c->style.n++)
		c->style.field[c->style.n] = c->style.n;
	if (!t->opt.columns)
		return 0;
	if (strcmp(c->form, "chatlab") == 0) {
		tool_say(t, _("--columns: ChatLab has its own"));
		return EXIT_USAGE;
	}
	rest = qun_arena_copy(&t->text, qun_span_of(t->opt.columns));
	if (!rest)
		return no_memory(t);
	while ((word = strsep(&rest, ","))) {
		int field = qun_field_of(qun_span_trim(qun_span_of(word)));
		if (field < 0 || field >= QUN_CANONICAL || c->style.n == QUN_CANONICAL)
			return refuse_column(t, word);
		c->style.field[c->style.n++] = field;
	}
	return 0;
}

static bool is_for_people(const struct cat *c)
{
	return strcmp(c->form, "table") == 0 || strcmp(c->form, "markdown") == 0;
}

/* May each event go out at once? Not while a later record could end the run. */
static bool is_direct(const struct tool *t, const struct cat *c)
{
	return t->opt.skip_bad && !*t->opt.skip_bad && !c->sort_time && !t->opt.last && !c->mask && !c->lab &&
		!is_for_people(c) && !t->run.extras.n;
}

static const char *temporary_folder(void)
{
	const char *folder = getenv("TMPDIR");

	return folder && *folder ? folder : P_tmpdir;
}

static int setup(struct tool *t)
{
	struct cat *c = t->conf;
	struct qun_err err = {0};
	int rc = choose_form(t, c);

	if (rc == 0 && c->check_only) {
		qun_facts_init(&c->check.facts, &t->run);
		t->bears_bad = true;
		return 0;
	}
	if (rc == 0)
		rc = choose_columns(t, c);
	if (rc)
		return rc;
	if (c->keyfile && qun_mask_open(&c->mask, c->keyfile, &err) < 0)
		return tool_say_err(t, &err);
	if (strcmp(c->form, "chatlab") == 0 && qun_chatlab_open(&c->lab) < 0)
		return no_memory(t);
	if (is_direct(t, c))
		return 0;
	return qun_spool_open(&c->spool, c->sort_time, (size_t)(c->buffer * MIB), temporary_folder()) < 0 ?
		no_memory(t) : 0;
}

/* --- out ------------------------------------------------------------------------------------------- */

static int put_table_row(struct cat *c, const struct qun_event *ev)
{
	const char *scope;
	int rc = 0;

	for (int i = 0; rc == 0 && i < c->style.n; i++) {
		qun_buf_clear(&c->cell);
		rc = qun_stream_field(&c->cell, c->style.zone, ev, c->style.field[i]);
		/* a name used as id is shown without its group */
		scope = c->cell.len ? memchr(c->cell.ptr, QUN_SCOPE, c->cell.len) : NULL;
		if (scope && (c->style.field[i] == QUN_F_USER || c->style.field[i] == QUN_F_REF))
			c->cell.len = (size_t)(scope - c->cell.ptr);
		qun_put_text(&c->table, qun_buf_span(&c->cell));
	}
	return rc < 0 ? rc : qun_row_end(&c->table);
}

static int begin(struct cat *c)
{
	if (c->begun)
		return 0;
	c->begun = true;
	if (c->lab)
		return qun_chatlab_head(c->lab, &c->out);
	if (!is_for_people(c))
		return qun_stream_head(&c->out, &c->style);
	qun_table_init(&c->table);
	c->table.ordered = true;
	for (int i = 0; i < c->style.n; i++)
		qun_table_column(&c->table, qun_field_name(c->style.field[i]), QUN_K_TEXT, 0);
	return 0;
}

/* One event of those that were asked for. */
static int put_event(struct tool *t, struct qun_event *ev)
{
	struct cat *c = t->conf;
	int rc;

	if (t->opt.top >= 0 && c->written >= (uint64_t)t->opt.top)
		return 0;
	rc = begin(c);
	if (rc == 0 && c->mask)
		rc = qun_mask_event(c->mask, ev);
	if (rc == 0 && c->lab)
		rc = qun_chatlab_event(c->lab, &c->out, ev);
	else if (rc == 0 && is_for_people(c))
		rc = put_table_row(c, ev);
	else if (rc == 0)
		rc = qun_stream_event(&c->out, &c->style, ev, c->written == 0);
	if (rc < 0)
		return qun_fail_mem(&c->err);
	c->written++;
	if (c->out.len > FLUSH && (c->status = tool_write(t, &c->out)))
		return qun_fail(&c->err, QUN_EIO, "cannot write");
	return 0;
}

static int put_spooled(void *arg, struct qun_event *ev)
{
	struct tool *t = arg;

	return qun_in_range(&t->run, ev->ts) ? put_event(t, ev) : 0;
}

/* --- in -------------------------------------------------------------------------------------------- */

/* What all programs know of their events. */
static int see(struct tool *t, const struct qun_event *ev)
{
	struct tool_seen *s = &t->seen;
	uint32_t id;
	int rc = 0;

	s->newest = s->any && s->newest > ev->ts ? s->newest : ev->ts;
	s->any = true;
	if (ev->type == QUN_WORD)
		rc = qun_dict_add(&s->types, ev->field[QUN_F_TYPE], &id);
	s->anonymous += !ev->field[QUN_F_USER].len;
	if (rc == 0 && ev->field[QUN_F_USER].len)
		rc = qun_dict_add(&s->people, ev->field[QUN_F_USER], &id);
	return rc;
}

/* People who must be known before the first message is written. */
static int meet(struct cat *c, const struct qun_event *ev)
{
	struct qun_event who = *ev;
	int rc = c->mask ? qun_mask_meet(c->mask, ev) : 0;

	who.field[QUN_F_TEXT] = (struct qun_span){NULL, 0};
	if (rc == 0 && c->lab && c->mask)
		rc = qun_mask_event(c->mask, &who);
	return rc == 0 && c->lab ? qun_chatlab_meet(c->lab, &who) : rc;
}

static int take_event(struct tool *t, struct qun_event *ev, struct qun_err *err)
{
	struct cat *c = t->conf;
	int rc;

	if (ev->ts > t->run.as_of)
		return 1;
	if (see(t, ev) < 0)
		return qun_fail_mem(err);
	if (!qun_group_wanted(&t->run, ev->field[QUN_F_GROUP]) || !qun_counts(&t->run, ev) || !qun_in_range(&t->run, ev->ts))
		return 1;
	if (c->check_only)
		return qun_facts_add(&c->check.facts, ev) < 0 ? qun_fail_mem(err) : 0;
	if (c->drop_text)
		ev->field[QUN_F_TEXT] = (struct qun_span){NULL, 0};
	if (meet(c, ev) < 0)
		return qun_fail_mem(err);
	if (c->spool)
		return qun_spool_add(c->spool, ev, err);
	rc = put_event(t, ev);
	if (rc < 0)
		*err = c->err;
	return rc;
}

static void file_opened(struct tool *t, const struct qun_found *found)
{
	struct cat *c = t->conf;

	if (c->check_only)
		check_opened(&c->check, found);
}

static void file_closed(struct tool *t, const struct qun_closed *closed)
{
	struct cat *c = t->conf;

	if (c->check_only)
		check_closed(&c->check, closed);
}

/* --check tells of every file, also of those that are nothing. */
static int file_unreadable(struct tool *t, const char *file, const struct qun_err *err)
{
	struct cat *c = t->conf;

	if (!c->check_only)
		return tool_say_err(t, err);
	check_failed(&c->check, file, err);
	return 0;
}

/* --- the end --------------------------------------------------------------------------------------- */

static int finish(struct tool *t)
{
	struct cat *c = t->conf;
	struct qun_err err = {0};
	int rc;

	if (c->check_only) {
		rc = check_print(t, &c->check);
		return rc == 0 && t->opt.require_rows && !c->check.facts.events ? EXIT_DATA : rc;
	}
	if (c->lab && qun_chatlab_groups(c->lab) > 1) {
		tool_say(t, _("ChatLab holds one chat, and there are %zu groups here: choose one with --group"),
			qun_chatlab_groups(c->lab));
		return EXIT_DATA;
	}
	rc = c->spool ? qun_spool_each(c->spool, put_spooled, t, &err) : 0;
	if (rc < 0 && c->status)
		return c->status; /* said already */
	if (rc < 0)
		return tool_say_err(t, c->err.code ? &c->err : &err);
	if (begin(c) < 0)
		return no_memory(t);
	if (is_for_people(c))
		return qun_table_end(&c->table) < 0 ? no_memory(t) : tool_print(t, &c->table);
	if (t->opt.require_rows && !c->written) {
		tool_say(t, _("the table has no rows"));
		return EXIT_DATA;
	}
	if (!c->lab && qun_stream_foot(&c->out, &c->style, !c->written) < 0)
		return no_memory(t);
	return tool_write(t, &c->out);
}

static int list_formats(struct tool *t)
{
	struct qun_table table;
	int rc;

	qun_table_init(&table);
	qun_table_column(&table, N_("name"), QUN_K_TEXT, QUN_COL_KEY);
	qun_table_column(&table, N_("containers"), QUN_K_TEXT, 0);
	qun_table_column(&table, N_("brief"), QUN_K_TEXT, 0);
	for (size_t i = 0; qun_formats[i]; i++) {
		static const char *const words[] = {"", "CSV", "JSON", "CSV JSON", "text", "CSV text", "JSON text",
			"CSV JSON text"};
		qun_put_text(&table, qun_span_of(qun_formats[i]->name));
		qun_put_text(&table, qun_span_of(words[qun_formats[i]->containers & 7]));
		qun_put_text(&table, qun_span_of(qun_formats[i]->brief));
		qun_row_end(&table);
	}
	rc = qun_table_end(&table) < 0 ? no_memory(t) : tool_print(t, &table);
	qun_table_release(&table);
	return rc;
}

static int at_once(struct tool *t)
{
	const struct cat *c = t->conf;

	return c->list_formats ? list_formats(t) : -1;
}

static void release(struct tool *t)
{
	struct cat *c = t->conf;

	qun_spool_close(c->spool);
	qun_mask_close(c->mask);
	qun_chatlab_close(c->lab);
	qun_table_release(&c->table);
	qun_buf_release(&c->out);
	qun_buf_release(&c->cell);
	check_release(&c->check);
}

int main(int argc, char **argv)
{
	const struct tool_program program = {.name = "chat-cat", .brief = tool_chat_cat_brief,
		.examples = tool_chat_cat_examples, .options = tool_chat_cat_rows, .conf_size = sizeof(struct cat),
		.without = without, .at_once = at_once, .setup = setup, .event = take_event, .opened = file_opened,
		.closed = file_closed, .unreadable = file_unreadable, .finish = finish, .release = release};

	return tool_run(&program, argc, argv);
}
