/* The report for people, in their language. */
#include <stdlib.h>
#include <string.h>

#include "chat-cat/check.h"
#include "qun/utf8.h"

static const char *container_of(const struct qun_found *f)
{
	return f->container == QUN_CSV ? "CSV" : f->container == QUN_JSON ? "JSON" : _("text");
}

static const char *reason_of(const struct qun_found *f)
{
	if (f->asked)
		return _("asked for by --from");
	if (f->score >= 60)
		return f->container == QUN_TEXT ? _("its lines look like that")
			: f->container == QUN_JSON ? _("its keys are those of that format")
						   : _("its header is that of that format");
	if (f->score > 0)
		return _("the names of its columns tell a time and a person");
	return _("no format knows it, but --map and the names of its columns make events of it");
}

static void show(struct qun_buf *out, const char *text)
{
	qun_utf8_show(out, qun_span_of(text));
}

static void show_file(const struct check_file *f, struct qun_buf *out)
{
	const struct qun_found *found = &f->found;
	const struct qun_closed *came = &f->came;

	show(out, strcmp(found->file, "-") == 0 ? _("standard input") : found->file);
	qun_buf_add_char(out, '\n');
	if (f->failed) {
		qun_buf_printf(out, "  %s", _("cannot be read: "));
		show(out, f->why);
		qun_buf_add_char(out, '\n');
	}
	if (!f->opened) {
		if (!f->failed)
			qun_buf_printf(out, "  %s\n", _("is empty"));
		return;
	}
	qun_buf_printf(out, _("  format     %s: %s\n"), found->format, *found->brief ? found->brief : _("columns that speak for themselves"));
	qun_buf_printf(out, _("  because    %s\n"), reason_of(found));
	qun_buf_printf(out, _("  written as %s"), container_of(found));
	if (found->container == QUN_CSV)
		qun_buf_printf(out, found->delimiter == '\t' ? _(" separated by TAB") : _(" separated by %c"), found->delimiter);
	if (*found->array) {
		qun_buf_printf(out, "%s", _(", records in "));
		show(out, found->array);
	}
	qun_buf_printf(out, _(", %s, times as %s"), found->encoding, found->times);
	if (*found->packed)
		qun_buf_printf(out, _(", packed with %s"), found->packed);
	qun_buf_add_char(out, '\n');
	for (size_t i = 0; i < found->ncolumn; i++) {
		qun_buf_printf(out, "%s%s = ", i == 0 ? _("  fields     ") : ", ", found->column[i].field);
		show(out, found->column[i].column);
	}
	qun_buf_add_text(out, found->ncolumn ? "\n" : "");
	for (size_t i = 0; i < found->nunused; i++) {
		qun_buf_printf(out, "%s", i == 0 ? _("  not used   ") : ", ");
		qun_utf8_show(out, found->unused[i]);
	}
	qun_buf_add_text(out, found->nunused ? "\n" : "");
	if (!f->closed)
		return;
	qun_buf_printf(out, _("  records    %llu: %llu used, %llu filtered, %llu duplicate, %llu bad\n"), (ull)came->counts.read,
		(ull)came->counts.used, (ull)came->counts.filtered, (ull)came->counts.duplicate, (ull)came->counts.bad);
}

static void show_matches(const struct check_file *f, struct qun_buf *out)
{
	if (!f->closed || !f->came.ids)
		return;
	qun_buf_printf(out, _("  --alias    knows %zu of %zu ids"), f->came.known, f->came.ids);
	for (size_t i = 0; i < f->came.nunknown; i++) {
		qun_buf_printf(out, "%s", i == 0 ? _("; not ") : ", ");
		qun_utf8_show(out, f->came.unknown[i]);
	}
	qun_buf_printf(out, "%s\n", f->came.ids - f->came.known > f->came.nunknown ? ", ..." : "");
}

static void show_bad(const struct tool *t, struct qun_buf *out)
{
	const struct tool_bad *bad = &t->bad;

	if (!bad->n)
		return;
	qun_buf_printf(out, _("\nBad records: %llu\n"), (ull)bad->n);
	for (int i = 0; i < TOOL_BAD_KINDS && bad->kind[i].kind; i++)
		qun_buf_printf(out, "  %llu %s\n", (ull)bad->kind[i].n, bad->kind[i].kind);
	for (uint64_t i = 0; i < TOOL_BAD_SHOWN && i < bad->n; i++) {
		qun_buf_add_text(out, "  ");
		show(out, bad->shown[i] ? bad->shown[i] : "");
		qun_buf_add_char(out, '\n');
	}
}

/* "10 join, 23 message" */
static void show_words(const struct qun_dict *words, const uint64_t *n, struct qun_buf *out)
{
	uint32_t *order = check_in_order(words);

	for (size_t i = 0; order && i < words->n; i++) {
		struct qun_span word = qun_dict_text(words, order[i]);
		qun_buf_printf(out, "%s%llu ", i ? ", " : "", (ull)n[order[i]]);
		qun_utf8_show(out, word.len ? word : qun_span_of(_("(no way told)")));
	}
	free(order);
	qun_buf_add_char(out, '\n');
}

static const char *translate(const char *english)
{
	return *english ? gettext(english) : english;
}

static int show_groups(struct check *c, struct qun_buf *out)
{
	static const char *const heading[] = {N_("group"), N_("all events"), N_("people"), N_("messages"), N_("join events"),
		N_("leave events"), N_("orders"), N_("first"), N_("last"), N_("holes"), N_("basis")};
	const struct qun_style style = {.tr = translate};
	const struct qun_cal *cal = &c->facts.ctx.run->cal;
	uint32_t *order = check_in_order(&c->facts.groups);
	struct qun_table table;
	int rc = order ? 0 : QUN_ENOMEM;

	qun_table_init(&table);
	table.ordered = true;
	for (size_t i = 0; i < sizeof(heading) / sizeof(*heading); i++)
		qun_table_column(&table, heading[i], i == 0 ? QUN_K_TEXT : i == 7 || i == 8 ? QUN_K_DATE : i == 10 ? QUN_K_WORD :
			QUN_K_INT, 0);
	for (size_t i = 0; rc == 0 && i < c->facts.groups.n; i++) {
		const struct qun_group_facts *g = &c->facts.group[order[i]];
		struct qun_head head = qun_head_of(&c->facts.ctx, order[i]);
		uint64_t longest;
		qun_put_text(&table, qun_dict_text(&c->facts.groups, order[i]));
		qun_put_int(&table, g->events);
		qun_put_int(&table, g->people);
		qun_put_int(&table, g->type[QUN_MESSAGE]);
		qun_put_int(&table, g->type[QUN_JOIN]);
		qun_put_int(&table, g->type[QUN_LEAVE]);
		qun_put_int(&table, g->orders);
		qun_put_int(&table, qun_cal_day(cal, head.first));
		qun_put_int(&table, qun_cal_day(cal, head.last));
		qun_put_int(&table, qun_facts_holes(&g->days, &longest));
		qun_put_word(&table, qun_basis_name(qun_basis_of(&c->facts.ctx, order[i])));
		rc = qun_row_end(&table);
	}
	free(order);
	if (rc == 0)
		rc = qun_table_end(&table);
	if (rc == 0)
		rc = qun_writer_of("table")->write(&table, &style, out, NULL, NULL);
	qun_table_release(&table);
	return rc;
}

static void show_remark(struct qun_buf *out, const char *text)
{
	qun_buf_printf(out, "  - %s\n", text);
}

static int show_contents(const struct tool *t, struct check *c, struct qun_buf *out)
{
	const struct qun_facts *f = &c->facts;
	const struct qun_cal *cal = &t->run.cal;
	int rc = 0;

	qun_buf_printf(out, _("\nWhat is in it\n  events %llu, people %zu, groups %zu"), (ull)f->events, f->people.n,
		f->groups.n);
	if (!f->events) {
		qun_buf_add_char(out, '\n');
		return 0;
	}
	qun_buf_add_text(out, ", ");
	qun_day_format(out, qun_cal_day(cal, f->heads.all.first));
	qun_buf_add_text(out, " – ");
	qun_day_format(out, qun_cal_day(cal, f->heads.all.last));
	qun_buf_printf(out, " (%s)", qun_zone_name(t->zone));
	qun_buf_printf(out, "%s", _("\n  types: "));
	show_words(&f->types, f->type, out);
	if (f->ways.n) {
		qun_buf_printf(out, "%s", _("  ways of joining: "));
		show_words(&f->ways, f->way, out);
	}
	qun_buf_add_char(out, '\n');
	rc = show_groups(c, out);
	qun_buf_printf(out, "%s", _("\nTo know\n"));
	check_each_remark(t, c, true, show_remark, out);
	if (qun_span_ends(qun_buf_span(out), _("\nTo know\n")))
		out->len -= strlen(_("\nTo know\n"));
	return rc;
}

int check_text(const struct tool *t, struct check *c, struct qun_buf *out)
{
	struct check_verdict v;
	int rc;

	for (size_t i = 0; i < c->n; i++) {
		show_file(&c->file[i], out);
		show_matches(&c->file[i], out);
	}
	show_bad(t, out);
	rc = show_contents(t, c, out);
	qun_buf_printf(out, "%s", _("\nWhat can be asked of it\n"));
	for (size_t i = 0; check_judge(c, i, &v); i++) {
		if (qun_metric_of(v.program))
			qun_buf_printf(out, "  %-17s %s: %s\n", v.program, gettext(v.answer), gettext(v.why));
	}
	return rc;
}
