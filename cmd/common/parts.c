/*
 * --partial and --merge: the same metric as a mapper and a reducer. A mapper writes a head and a line a
 * person; a reducer takes sorted lines, holding one person and the report, and makes the table, or with
 * --partial=report the line that a last --merge adds up.
 */
#include <stdlib.h>
#include <string.h>

#include "common/tool.h"
#include "qun/part.h"
#include "qun/state.h"

enum { FLUSH = 1 << 16 };

struct parts {
	struct tool *t;
	struct qun_buf print_text; /* the fingerprint in words, which heads carry */
	char print[QUN_PART_PRINT], report_print[QUN_PART_PRINT];
	struct qun_buf out;
	/* --merge */
	struct qun_part line;
	struct qun_cube *report;
	struct qun_reducer *reducer; /* NULL: only heads came so far */
	struct qun_buf last;         /* key of the line before */
	bool any_head, any_report;
	uint64_t report_head;        /* of the heads that a report was folded by */
	int status;                  /* of what was said already */
};

/* Options by which a report line is made, beyond those by which people are. */
static int add_report_options(const struct tool *t, struct qun_buf *out)
{
	static const char *const shown[] = {"output", "sort", "top", "columns", "min-cell", "excel", "stamp", "alert",
		"alert-partial", "alert-only", "require-rows", "skip-bad", "rejects", "max-age", "partial", "merge",
		"state", "no-wait", "dedup", "no-dedup", NULL};
	const struct qun_option *row;
	bool own;
	int rc = 0;

	for (size_t i = 0; rc == 0 && (row = tool_row(t, i, &own)); i++) {
		struct qun_buf text = {0};
		bool skip = tool_is_silent(row);
		for (size_t k = 0; shown[k] && !own; k++)
			skip |= strcmp(shown[k], row->name) == 0;
		if (!skip && tool_option_text(t, i, &text))
			rc = qun_fingerprint_add(out, row->name, qun_buf_span(&text));
		qun_buf_release(&text);
	}
	return rc;
}

static int make_prints(struct parts *p)
{
	const struct tool *t = p->t;
	struct qun_buf text = {0};
	int rc = tool_fingerprint(t, &p->print_text);

	/* what is later than A is left out by the mapper: nobody may look from elsewhere at his lines */
	if (rc == 0 && t->run.as_of != QUN_NEVER)
		rc = qun_buf_printf(&text, "%lld", (long long)t->run.as_of);
	if (rc == 0 && text.len)
		rc = qun_fingerprint_add(&p->print_text, "as-of", qun_buf_span(&text));
	qun_buf_clear(&text);
	if (rc == 0)
		rc = qun_buf_add_span(&text, qun_buf_span(&p->print_text));
	if (rc == 0)
		rc = add_report_options(t, &text);
	qun_part_print(qun_buf_span(&p->print_text), p->print);
	qun_part_print(qun_buf_span(&text), p->report_print);
	qun_buf_release(&text);
	return rc;
}

static int flush(struct parts *p, size_t above)
{
	if (p->out.len <= above)
		return 0;
	p->status = tool_write(p->t, &p->out);
	return p->status ? QUN_EIO : 0;
}

/* The head, with the options in words so that another run can say which of them differs. */
static int put_head(struct parts *p, struct qun_err *err)
{
	struct qun_buf state = {0};
	int rc = qun_save_span(&state, qun_buf_span(&p->print_text));

	if (rc == 0)
		rc = qun_engine_save_head(p->t->engine, &state, err);
	if (rc == 0)
		rc = qun_part_put(&p->out, QUN_PART_HEAD, (struct qun_span){0}, p->print, qun_buf_span(&state));
	qun_buf_release(&state);
	return rc;
}

static int put_person(void *arg, struct qun_span id, struct qun_span state)
{
	struct parts *p = arg;
	int rc = qun_part_put(&p->out, QUN_PART_PERSON, id, p->print, state);

	return rc < 0 ? rc : flush(p, FLUSH);
}

static int finish(struct parts *p, int rc, struct qun_err *err)
{
	if (rc < 0 && !p->status)
		p->status = rc == QUN_ENOMEM ? (tool_no_memory(p->t), EXIT_DATA) : tool_say_err(p->t, err);
	qun_part_release(&p->line);
	qun_reducer_close(p->reducer);
	qun_buf_release(&p->print_text);
	qun_buf_release(&p->out);
	qun_buf_release(&p->last);
	return p->status;
}

int tool_write_parts(struct tool *t)
{
	struct parts p = {.t = t};
	struct qun_err err = {0};
	int rc = make_prints(&p);

	if (rc == 0)
		rc = put_head(&p, &err);
	if (rc == 0)
		rc = qun_engine_each(t->engine, put_person, &p, &err);
	if (rc == 0)
		rc = flush(&p, 0);
	return finish(&p, rc, &err);
}

/* A number for what is known of the whole input. */
static int hash_head(struct parts *p, uint64_t *hash, struct qun_err *err)
{
	static const uint64_t key[2] = {0}; /* tells heads apart, keeps nothing secret */
	struct qun_buf head = {0};
	int rc = qun_engine_save_head(p->t->engine, &head, err);

	*hash = qun_siphash(key, qun_buf_span(&head));
	qun_buf_release(&head);
	return rc;
}

/* All heads are known: people can be folded from here on. */
static int begin(struct parts *p, struct qun_err *err)
{
	if (p->reducer)
		return 0;
	if (!p->any_head)
		return qun_fail(err, QUN_EDATA, _("no head line comes before the people: sort the lines with LC_ALL=C sort, and "
			"give every reducer the head lines of all mappers, which begin with a TAB"));
	p->status = tool_settle(p->t);
	if (p->status)
		return QUN_EDATA;
	return qun_reducer_open(&p->reducer, p->t->engine, p->report, err);
}

static int differ(const struct parts *p, struct qun_span was, struct qun_err *err)
{
	struct qun_difference d;

	if (!qun_fingerprint_differ(was, qun_buf_span(&p->print_text), &d))
		return qun_fail(err, QUN_ESTATE, _("the line was made by another version or with other options"));
	if (qun_span_is(d.name, "program"))
		return qun_fail(err, QUN_ESTATE, _("the line is one of %.*s"), (int)d.was.len, d.was.ptr);
	return qun_fail(err, QUN_ESTATE, _("the line was made with other options: --%.*s was '%.*s' and is '%.*s' now"),
		(int)d.name.len, d.name.ptr, (int)d.was.len, d.was.ptr ? d.was.ptr : "", (int)d.is.len,
		d.is.ptr ? d.is.ptr : "");
}

static int take_head(struct parts *p, struct qun_err *err)
{
	struct qun_reader in = qun_reader_of(qun_buf_span(&p->line.state));
	struct qun_span text;

	if (p->last.len)
		return qun_fail(err, QUN_EDATA, _("a head line comes after people: sort the lines with LC_ALL=C sort"));
	if (qun_load_span(&in, &text) < 0)
		return qun_fail(err, QUN_ESTATE, _("the head line is damaged"));
	if (memcmp(p->line.print, p->print, QUN_PART_PRINT) != 0)
		return differ(p, text, err);
	p->any_head = true;
	return qun_engine_add_head(p->t->engine, (struct qun_span){in.ptr, (size_t)(in.end - in.ptr)}, err);
}

static int take_person(struct parts *p, struct qun_span key, struct qun_err *err)
{
	int rc = begin(p, err);

	if (rc == 0 && memcmp(p->line.print, p->print, QUN_PART_PRINT) != 0)
		rc = qun_fail(err, QUN_ESTATE, _("the line was made by another version or with other options than its head"));
	if (rc == 0 && qun_span_cmp(key, qun_buf_span(&p->last)) < 0)
		rc = qun_fail(err, QUN_EDATA, _("the lines are not sorted: pass them through LC_ALL=C sort"));
	qun_buf_clear(&p->last);
	if (rc == 0 && qun_buf_add_span(&p->last, key) < 0)
		rc = qun_fail_mem(err);
	return rc < 0 ? rc : qun_reducer_add(p->reducer, qun_buf_span(&p->line.id), qun_buf_span(&p->line.state), err);
}

/* A report line: the heads it was folded by, whom of the roster it met, the report. */
static int take_report(struct parts *p, struct qun_err *err)
{
	struct qun_reader in = qun_reader_of(qun_buf_span(&p->line.state));
	struct qun_cube cube = {0};
	uint64_t head;
	int rc = begin(p, err);

	if (rc < 0)
		return rc;
	if (memcmp(p->line.print, p->report_print, QUN_PART_PRINT) != 0)
		return qun_fail(err, QUN_ESTATE, _("the report was made by another version or with other options"));
	rc = qun_load_u64(&in, &head);
	if (rc == 0)
		rc = qun_reducer_load_met(p->reducer, &in);
	if (rc == 0)
		rc = qun_cube_load(&cube, &in);
	if (rc == 0 && !qun_reader_done(&in))
		rc = QUN_ESTATE;
	if (rc == 0)
		rc = qun_cube_merge(p->report, &cube);
	qun_cube_release(&cube);
	if (rc < 0)
		return qun_fail(err, rc, rc == QUN_EOVERFLOW ? _("a sum does not fit into its number") : _("the report line is damaged"));
	if (p->any_report && head != p->report_head)
		return qun_fail(err, QUN_EDATA, _("the reports were made with different head lines: give every reducer the head "
			"lines of all mappers, which begin with a TAB"));
	p->any_report = true;
	p->report_head = head;
	return 0;
}

static int take_line(void *arg, struct qun_span line, struct qun_err *err)
{
	struct parts *p = arg;
	const char *tab = line.len ? memchr(line.ptr, '\t', line.len) : NULL;
	int rc = qun_part_get(&p->line, line);

	if (rc < 0)
		return qun_fail(err, rc, rc == QUN_ENOMEM ? _("out of memory") : _("this is no line of --partial"));
	switch (p->line.kind) {
	case QUN_PART_HEAD: return take_head(p, err);
	case QUN_PART_REPORT: return take_report(p, err);
	case QUN_PART_PERSON:
	default: return take_person(p, (struct qun_span){line.ptr, (size_t)(tab - line.ptr)}, err);
	}
}

/* Reports are right for the heads they were folded by, and these must be all there are. */
static int check_heads(struct parts *p, struct qun_err *err)
{
	uint64_t head;
	int rc = p->any_report ? hash_head(p, &head, err) : 0;

	if (rc == 0 && p->any_report && head != p->report_head)
		rc = qun_fail(err, QUN_EDATA, _("the reports were made without some of the head lines: give every reducer the "
			"head lines of all mappers, which begin with a TAB"));
	return rc;
}

static int put_report(struct parts *p, struct qun_err *err)
{
	struct qun_buf state = {0};
	uint64_t head;
	int rc = put_head(p, err);

	if (rc == 0)
		rc = hash_head(p, &head, err);
	if (rc == 0)
		rc = qun_save_u64(&state, head);
	if (rc == 0)
		rc = qun_reducer_save_met(p->reducer, &state);
	if (rc == 0)
		rc = qun_cube_save(p->report, &state);
	if (rc == 0)
		rc = qun_part_put(&p->out, QUN_PART_REPORT, (struct qun_span){0}, p->report_print, qun_buf_span(&state));
	qun_buf_release(&state);
	return rc < 0 ? rc : flush(p, 0);
}

int tool_merge_parts(struct tool *t, struct qun_cube *report)
{
	struct parts p = {.t = t, .report = report};
	struct qun_err err = {0};
	int rc = make_prints(&p);

	for (int i = 0; rc == 0 && i < (t->nfile ? t->nfile : 1); i++)
		rc = qun_lines_read(t->nfile ? t->file[i] : "-", take_line, &p, &err);
	if (rc == 0)
		err = (struct qun_err){0};
	if (rc == 0)
		rc = begin(&p, &err);
	if (rc == 0)
		rc = qun_reducer_end(p.reducer, &err);
	if (rc == 0)
		rc = check_heads(&p, &err);
	if (rc == 0)
		rc = t->opt.partial ? put_report(&p, &err) : qun_reducer_fold_silent(p.reducer, &err);
	return finish(&p, rc, &err);
}
