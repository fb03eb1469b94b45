/*
 * The report on an input: what each file was taken for and why, what is in it, and what the other programs
 * can say about it. For people it is text, for programs one JSON object.
 */
#include <stdlib.h>
#include <string.h>

#include "chat-cat/cat.h"
#include "qun/escape.h"
#include "qun/utf8.h"

typedef unsigned long long ull;

/* --- what the callbacks keep ----------------------------------------------------------------------- */

static const char *keep(struct check *c, const char *text)
{
	const char *copy = qun_arena_copy(&c->text, qun_span_of(text ? text : ""));

	c->out_of_memory |= !copy;
	return copy ? copy : "";
}

static struct qun_span keep_span(struct check *c, struct qun_span s)
{
	struct qun_span copy = {qun_arena_copy(&c->text, s), s.len};

	c->out_of_memory |= !copy.ptr;
	return copy.ptr ? copy : (struct qun_span){NULL, 0};
}

static struct check_file *add_file(struct check *c)
{
	if (qun_grow(&c->file, &c->cap, c->n, sizeof(*c->file)) < 0) {
		c->out_of_memory = true;
		return NULL;
	}
	c->file[c->n] = (struct check_file){0};
	return &c->file[c->n++];
}

void check_opened(struct check *c, const struct qun_found *found)
{
	struct check_file *f = add_file(c);
	struct qun_found_column *column;
	struct qun_span *unused;

	if (!f)
		return;
	f->opened = true;
	f->found = *found;
	f->found.file = keep(c, found->file);
	f->found.array = keep(c, found->array);
	f->found.encoding = keep(c, found->encoding);
	column = qun_arena_alloc(&c->text, (found->ncolumn + 1) * sizeof(*column));
	unused = qun_arena_alloc(&c->text, (found->nunused + 1) * sizeof(*unused));
	if (!column || !unused) {
		c->out_of_memory = true;
		f->found.ncolumn = f->found.nunused = 0;
		return;
	}
	for (size_t i = 0; i < found->ncolumn; i++)
		column[i] = (struct qun_found_column){found->column[i].field, keep(c, found->column[i].column)};
	for (size_t i = 0; i < found->nunused; i++)
		unused[i] = keep_span(c, found->unused[i]);
	f->found.column = column;
	f->found.unused = unused;
}

void check_closed(struct check *c, const struct qun_closed *closed)
{
	struct check_file *f = c->n ? &c->file[c->n - 1] : NULL;

	/* a file without a single record is closed and was never anything */
	if (!f || !f->opened || f->closed || strcmp(f->found.file, closed->file) != 0)
		f = add_file(c);
	if (!f)
		return;
	f->closed = true;
	f->found.file = f->opened ? f->found.file : keep(c, closed->file);
	f->came = *closed;
	for (size_t i = 0; i < closed->nunknown; i++)
		f->came.unknown[i] = keep_span(c, closed->unknown[i]);
}

void check_failed(struct check *c, const char *file, const struct qun_err *err)
{
	const char *name = err->file[0] ? err->file : file;
	struct check_file *f = c->n ? &c->file[c->n - 1] : NULL;
	struct qun_buf why = {0};

	if (!f || !f->opened || f->closed || strcmp(f->found.file, name) != 0)
		f = add_file(c);
	if (!f)
		return;
	qun_buf_printf(&why, "%s", err->msg);
	if (err->code == QUN_EIO && err->sys)
		qun_buf_printf(&why, ": %s", strerror(err->sys));
	qun_buf_add_char(&why, '\0');
	f->failed = true;
	f->found.file = f->opened ? f->found.file : keep(c, name);
	f->why = keep(c, why.ptr);
	qun_buf_release(&why);
}

void check_release(struct check *c)
{
	free(c->file);
	qun_arena_release(&c->text);
	qun_facts_release(&c->facts);
}

/* --- facts that both reports tell ------------------------------------------------------------------- */

static unsigned percent(uint64_t part, uint64_t whole)
{
	return whole ? (unsigned)((part * 200 + whole) / (2 * whole)) : 0;
}

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

enum answer { NO, PARTLY, YES };
static const char *const answers[] = {N_("no"), N_("partly"), N_("yes")};

struct verdict {
	enum answer answer;
	const char *why;
};

static enum qun_basis weakest(const struct check *c)
{
	return qun_basis_total(&c->facts.ctx);
}

static struct verdict judge_cohorts(const struct check *c)
{
	if (qun_facts_of_type(&c->facts, QUN_JOIN))
		return (struct verdict){YES, N_("from the first event on, and from the join on (--birth join)")};
	return (struct verdict){PARTLY, N_("from each one's first event on; joins are not recorded, so who never spoke "
		"is missing")};
}

static struct verdict judge_activity(const struct check *c)
{
	switch (weakest(c)) {
	case QUN_EVENTS:
	case QUN_ROSTER: return (struct verdict){YES, N_("joins and leaves are recorded")};
	case QUN_JOINS:
		return (struct verdict){PARTLY, N_("own leaves are not recorded (personal WeChat never does): there are fewer "
			"members than it seems; the member list helps (--roster)")};
	default:
		return (struct verdict){PARTLY, N_("members are those who were seen; who never spoke is missing unless the "
			"member list tells (--roster)")};
	}
}

static struct verdict judge_churn(const struct check *c)
{
	switch (weakest(c)) {
	case QUN_EVENTS:
	case QUN_ROSTER: return (struct verdict){YES, N_("who fell silent, and who left")};
	case QUN_JOINS:
		return (struct verdict){PARTLY, N_("who fell silent; who left by himself looks silent, for own leaves are not "
			"recorded (--roster helps)")};
	default:
		return (struct verdict){PARTLY, N_("who fell silent; nobody is known to have joined or left (--roster helps)")};
	}
}

static struct verdict judge_orders(const struct check *c)
{
	uint64_t orders = qun_facts_of_type(&c->facts, QUN_ORDER);

	if (!orders)
		return (struct verdict){NO, N_("there are no orders; give the shop's export as a further file")};
	if (c->facts.amounts < orders)
		return (struct verdict){PARTLY, N_("who buys again; some orders have no amount, so sums of money are empty")};
	return (struct verdict){YES, N_("there are orders with amounts")};
}

static struct verdict judge_funnel(const struct check *c)
{
	return c->facts.types.n > 1 ? (struct verdict){YES, N_("each type of event above can be a step")} :
		(struct verdict){NO, N_("there is one type of event only; a funnel needs two")};
}

static const struct {
	const char *program;
	struct verdict (*judge)(const struct check *c);
} judges[] = {
	{"cohort-retention", judge_cohorts}, {"activity-rate", judge_activity}, {"repurchase", judge_orders},
	{"churn-list", judge_churn}, {"funnel", judge_funnel},
};

static struct verdict judge(const struct check *c, size_t i)
{
	return c->facts.people.n ? judges[i].judge(c) : (struct verdict){NO, N_("nobody is in it")};
}

/* Text is in the reader's language, JSON in one only. */
__attribute__((format_arg(2))) static const char *translated(bool people, const char *english)
{
	return people ? gettext(english) : english;
}

/* Of what an input lacks or hides, what its reader should know. */
static void each_remark(const struct tool *t, const struct check *c, bool people,
	void (*put)(struct qun_buf *out, const char *text), struct qun_buf *out)
{
	const struct qun_facts *f = &c->facts;
	struct qun_buf line = {0};
	uint64_t longest, holes = qun_facts_holes(&f->heads.days, &longest), unknown = t->counts.system_unknown;
	unsigned whole = percent(f->whole_minutes, f->events);

#define REMARK(msg, ...)                                                                            \
	do {                                                                                        \
		qun_buf_clear(&line);                                                               \
		if (qun_buf_printf(&line, translated(people, msg), __VA_ARGS__) == 0 &&             \
			qun_buf_add_char(&line, '\0') == 0)                                         \
			put(out, line.ptr);                                                         \
	} while (0)
	if (holes)
		REMARK(N_("%llu days have no event at all, up to %llu in a row: quiet days, or holes of the export"), (ull)holes,
			(ull)longest);
	if (f->by_name)
		REMARK(N_("%llu people are known by a name of their group only: who changes it is two people, two of one name "
			"are one"), (ull)f->by_name);
	if (t->counts.by_name)
		REMARK(N_("%llu joins and leaves tell a name where messages tell an id: --alias can make them one"),
			(ull)t->counts.by_name);
	if (unknown)
		REMARK(N_("%llu system lines were not understood and are kept as type system"), (ull)unknown);
	if (whole >= 95)
		REMARK(N_("%u %% of the times are whole minutes: seconds are not recorded"), whole);
	else if (f->events)
		REMARK(N_("%u %% of the times are whole minutes"), whole);
	if (f->anonymous)
		REMARK(N_("%llu events have no user and belong to nobody"), (ull)f->anonymous);
	if (t->counts.repeated)
		REMARK(N_("%llu events were in an earlier file already and were left out"), (ull)t->counts.repeated);
	if (f->staff.n)
		REMARK(N_("%zu people are staff by their role"), f->staff.n);
#undef REMARK
	qun_buf_release(&line);
}

/* --- text ------------------------------------------------------------------------------------------ */

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

static int by_text(const void *a, const void *b, void *dict)
{
	return qun_span_cmp(qun_dict_text(dict, *(const uint32_t *)a), qun_dict_text(dict, *(const uint32_t *)b));
}

/* Numbers of a dictionary in the order of their texts, malloc'd; NULL: no memory. */
static uint32_t *in_order(const struct qun_dict *d)
{
	uint32_t *order = malloc((d->n + 1) * sizeof(*order));

	for (uint32_t i = 0; order && i < d->n; i++)
		order[i] = i;
	if (order)
		qsort_r(order, d->n, sizeof(*order), by_text, (void *)(uintptr_t)d);
	return order;
}

/* "10 join, 23 message" */
static void show_words(const struct qun_dict *words, const uint64_t *n, struct qun_buf *out)
{
	uint32_t *order = in_order(words);

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
	uint32_t *order = in_order(&c->facts.groups);
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
	each_remark(t, c, true, show_remark, out);
	if (qun_span_ends(qun_buf_span(out), _("\nTo know\n")))
		out->len -= strlen(_("\nTo know\n"));
	return rc;
}

static int print_text(const struct tool *t, struct check *c, struct qun_buf *out)
{
	int rc;

	for (size_t i = 0; i < c->n; i++) {
		show_file(&c->file[i], out);
		show_matches(&c->file[i], out);
	}
	show_bad(t, out);
	rc = show_contents(t, c, out);
	qun_buf_printf(out, "%s", _("\nWhat can be asked of it\n"));
	for (size_t i = 0; i < sizeof(judges) / sizeof(*judges); i++) {
		struct verdict v = judge(c, i);
		if (qun_metric_of(judges[i].program))
			qun_buf_printf(out, "  %-17s %s: %s\n", judges[i].program, gettext(answers[v.answer]), gettext(v.why));
	}
	return rc;
}

/* --- JSON ------------------------------------------------------------------------------------------- */

static void put_key(struct qun_buf *out, const char *key)
{
	char last = out->len ? out->ptr[out->len - 1] : '{';

	qun_buf_printf(out, "%s\"%s\":", last == '{' || last == '[' ? "" : ",", key);
}

static void put_text(struct qun_buf *out, const char *key, struct qun_span value)
{
	put_key(out, key);
	qun_escape_json(out, value, true);
}

static void put_number(struct qun_buf *out, const char *key, uint64_t value)
{
	put_key(out, key);
	qun_buf_printf(out, "%llu", (ull)value);
}

static void put_element(struct qun_buf *out, struct qun_span value)
{
	if (out->ptr[out->len - 1] != '[')
		qun_buf_add_char(out, ',');
	qun_escape_json(out, value, true);
}

static void put_counts(struct qun_buf *out, const struct qun_input_counts *n)
{
	put_number(out, "read", n->read);
	put_number(out, "used", n->used);
	put_number(out, "filtered", n->filtered);
	put_number(out, "duplicate", n->duplicate);
	put_number(out, "bad", n->bad);
	put_number(out, "bytes", n->bytes);
}

static void put_file(struct qun_buf *out, const struct check_file *f)
{
	const struct qun_found *found = &f->found;
	char delimiter[2] = {found->delimiter, '\0'};

	qun_buf_add_text(out, out->ptr[out->len - 1] == '[' ? "{" : ",{");
	put_text(out, "file", qun_span_of(found->file));
	if (f->failed)
		put_text(out, "error", qun_span_of(f->why));
	if (f->opened) {
		put_text(out, "format", qun_span_of(found->format));
		put_number(out, "score", (uint64_t)found->score);
		put_text(out, "container", qun_span_of(found->container == QUN_CSV ? "csv" :
			found->container == QUN_JSON ? "json" : "text"));
		if (found->container == QUN_CSV)
			put_text(out, "delimiter", qun_span_of(delimiter));
		put_text(out, "array", qun_span_of(found->array));
		put_text(out, "packed", qun_span_of(found->packed));
		put_text(out, "encoding", qun_span_of(found->encoding));
		put_text(out, "times", qun_span_of(found->times));
		qun_buf_add_text(out, ",\"fields\":[");
		for (size_t i = 0; i < found->ncolumn; i++) {
			qun_buf_add_text(out, i ? ",{" : "{");
			put_text(out, "field", qun_span_of(found->column[i].field));
			put_text(out, "column", qun_span_of(found->column[i].column));
			qun_buf_add_char(out, '}');
		}
		qun_buf_add_text(out, "],\"unused\":[");
		for (size_t i = 0; i < found->nunused; i++)
			put_element(out, found->unused[i]);
		qun_buf_add_char(out, ']');
	}
	if (f->closed)
		put_counts(out, &f->came.counts);
	if (f->closed && f->came.ids) {
		put_number(out, "ids", f->came.ids);
		put_number(out, "alias_known", f->came.known);
		qun_buf_add_text(out, ",\"alias_unknown\":[");
		for (size_t i = 0; i < f->came.nunknown; i++)
			put_element(out, f->came.unknown[i]);
		qun_buf_add_char(out, ']');
	}
	qun_buf_add_char(out, '}');
}

/* {"word":n,...} in the order of the words */
static void put_words(struct qun_buf *out, const char *key, const struct qun_dict *words, const uint64_t *n)
{
	uint32_t *order = in_order(words);

	put_key(out, key);
	qun_buf_add_char(out, '{');
	for (size_t i = 0; order && i < words->n; i++) {
		if (i)
			qun_buf_add_char(out, ',');
		qun_escape_json(out, qun_dict_text(words, order[i]), true);
		qun_buf_printf(out, ":%llu", (ull)n[order[i]]);
	}
	free(order);
	qun_buf_add_char(out, '}');
}

static void put_span(struct qun_buf *out, const struct qun_cal *cal, const struct qun_head *head, const struct qun_bits *days)
{
	uint64_t longest, holes = qun_facts_holes(days, &longest);

	put_key(out, "first");
	qun_buf_add_char(out, '"');
	qun_time_format(out, cal->zone, head->first);
	qun_buf_add_text(out, "\",\"last\":\"");
	qun_time_format(out, cal->zone, head->last);
	qun_buf_add_char(out, '"');
	put_number(out, "days", (uint64_t)(qun_cal_day(cal, head->last) - qun_cal_day(cal, head->first) + 1));
	put_number(out, "days_without_event", holes);
	put_number(out, "longest_hole", longest);
}

static void put_groups(struct qun_buf *out, const struct check *c)
{
	uint32_t *order = in_order(&c->facts.groups);

	qun_buf_add_text(out, ",\"groups\":[");
	for (size_t i = 0; order && i < c->facts.groups.n; i++) {
		const struct qun_group_facts *g = &c->facts.group[order[i]];
		struct qun_head head = qun_head_of(&c->facts.ctx, order[i]);
		qun_buf_add_text(out, i ? ",{" : "{");
		put_text(out, "group", qun_dict_text(&c->facts.groups, order[i]));
		put_number(out, "events", g->events);
		put_number(out, "people", g->people);
		for (int type = 0; type < QUN_WORD; type++) {
			if (g->type[type])
				put_number(out, qun_type_name((enum qun_type)type), g->type[type]);
		}
		if (g->orders)
			put_number(out, "orders", g->orders);
		put_span(out, &c->facts.ctx.run->cal, &head, &g->days);
		put_text(out, "basis", qun_span_of(qun_basis_name(qun_basis_of(&c->facts.ctx, order[i]))));
		qun_buf_add_char(out, '}');
	}
	free(order);
	qun_buf_add_char(out, ']');
}

static void put_remark(struct qun_buf *out, const char *text)
{
	put_element(out, qun_span_of(text));
}

static void print_json(const struct tool *t, const struct check *c, struct qun_buf *out)
{
	const struct qun_facts *f = &c->facts;

	qun_buf_add_text(out, "{\"files\":[");
	for (size_t i = 0; i < c->n; i++)
		put_file(out, &c->file[i]);
	qun_buf_add_char(out, ']');
	put_counts(out, &t->counts);
	put_number(out, "events", f->events);
	put_number(out, "people", f->people.n);
	put_number(out, "anonymous", f->anonymous);
	put_number(out, "people_by_name", f->by_name);
	put_number(out, "staff", f->staff.n);
	put_number(out, "buyers", f->buyers.n);
	put_number(out, "whole_minutes", f->whole_minutes);
	put_number(out, "system_unknown", t->counts.system_unknown);
	if (f->events)
		put_span(out, &t->run.cal, &f->heads.all, &f->heads.days);
	put_words(out, "types", &f->types, f->type);
	put_words(out, "ways", &f->ways, f->way);
	put_key(out, "bad_kinds");
	qun_buf_add_char(out, '{');
	for (int i = 0; i < TOOL_BAD_KINDS && t->bad.kind[i].kind; i++)
		put_number(out, t->bad.kind[i].kind, t->bad.kind[i].n);
	qun_buf_add_char(out, '}');
	put_groups(out, c);
	qun_buf_add_text(out, ",\"remarks\":[");
	each_remark(t, c, false, put_remark, out);
	qun_buf_add_text(out, "],\"programs\":[");
	for (size_t i = 0; i < sizeof(judges) / sizeof(*judges); i++) {
		struct verdict v = judge(c, i);
		if (!qun_metric_of(judges[i].program))
			continue;
		qun_buf_add_text(out, out->ptr[out->len - 1] == '[' ? "{" : ",{");
		put_text(out, "program", qun_span_of(judges[i].program));
		put_text(out, "answer", qun_span_of(answers[v.answer]));
		put_text(out, "why", qun_span_of(v.why));
		qun_buf_add_char(out, '}');
	}
	qun_buf_add_text(out, "]}\n");
}

int check_print(struct tool *t, struct check *c)
{
	bool json = t->opt.output && (strcmp(t->opt.output, "json") == 0 || strcmp(t->opt.output, "ndjson") == 0);
	struct qun_buf out = {0};
	int status, rc = c->out_of_memory ? QUN_ENOMEM : 0;

	if (rc == 0 && json)
		print_json(t, c, &out);
	else if (rc == 0)
		rc = print_text(t, c, &out);
	if (rc < 0) {
		tool_say(t, _("out of memory"));
		status = EXIT_DATA;
	} else {
		status = tool_write(t, &out);
	}
	for (size_t i = 0; i < c->n && status == 0; i++)
		status = c->file[i].failed ? EXIT_DATA : 0;
	qun_buf_release(&out);
	return status;
}
