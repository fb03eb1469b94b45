/* The main loop: options, run, inputs, report, table, exit status. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/tool.h"
#include "qun/head.h"
#include "qun/roster.h"

static bool any_event(const struct tool *t)
{
	return t->engine ? qun_engine_ctx(t->engine)->heads->started : t->seen.any;
}

static int64_t newest_event(const struct tool *t)
{
	return t->engine ? qun_engine_ctx(t->engine)->heads->all.last : t->seen.newest;
}

/* Words of the events' types that are not built in; NULL ends. Those of runs before come first. */
static const char *type_word(const struct tool *t, size_t i)
{
	if (i < t->state.types.n)
		return qun_dict_text(&t->state.types, (uint32_t)i).ptr;
	i -= t->state.types.n;
	if (t->engine)
		return qun_engine_type_word(t->engine, i);
	return i < t->seen.types.n ? qun_dict_text(&t->seen.types, (uint32_t)i).ptr : NULL;
}

/* Things that follow from the newest event: --last and --max-age. */
static int settle_moment(struct tool *t)
{
	bool any = any_event(t);
	int64_t newest = newest_event(t), last;
	int64_t as_of = t->run.as_of != QUN_NEVER ? t->run.as_of : newest;

	if (t->opt.last && any) {
		if (qun_duration_parse(&last, t->opt.last, NULL) < 0 ||
			__builtin_sub_overflow(as_of, last, &t->run.since))
			t->run.since = INT64_MIN;
	}
	if (t->opt.max_age && any && t->now - newest > t->opt.max_age) {
		struct qun_buf text = {0};

		qun_time_format(&text, t->zone, newest);
		qun_buf_add_char(&text, '\0');
		tool_say(t, _("the newest event, of %s, is older than --max-age: is the export stuck?"),
			text.ptr ? text.ptr : "");
		qun_buf_release(&text);
		return EXIT_DATA;
	}
	return 0;
}

/* Is this type word built in, or in the input? */
static bool type_is_known(const struct tool *t, const char *word)
{
	const char *seen;

	if (qun_type_of(qun_span_of(word)) != QUN_WORD)
		return true;
	for (size_t i = 0; (seen = type_word(t, i)); i++) {
		if (strcmp(seen, word) == 0)
			return true;
	}
	return false;
}

static const char *nearest_type(const struct tool *t, const char *word)
{
	const char *words[512];
	size_t n = 0;
	const char *seen;

	for (int type = 0; type < QUN_WORD; type++)
		words[n++] = qun_type_name((enum qun_type)type);
	for (size_t i = 0; n < 512 && (seen = type_word(t, i)); i++)
		words[n++] = seen;
	return qun_nearest(qun_span_of(word), words, n);
}

/* Words of predicates that no event has: a usage error with a near match, else a warning. */
static int check_types(const struct tool *t)
{
	const char *word;

	if (!any_event(t))
		return 0;
	for (size_t i = 0; (word = qun_extras_type(&t->run.extras, i)); i++) {
		const char *near;

		if (type_is_known(t, word))
			continue;
		near = nearest_type(t, word);
		if (near) {
			tool_say(t, _("no event has the type '%s'; did you mean '%s'?"), word, near);
			return EXIT_USAGE;
		}
		tool_warn(t, _("warning: no event has the type '%s'"), word);
	}
	return 0;
}

/* Does --group let in a group of the input or of a member list? Else the nearest of them. */
static bool any_group_wanted(const struct tool *t, const char **near)
{
	const struct qun_dict *groups = qun_engine_ctx(t->engine)->groups;
	size_t n = 0, lines = t->roster ? qun_roster_count(t->roster) : 0;
	const char **names = calloc(groups->n + 1, sizeof(*names));
	bool wanted = !names;

	for (uint32_t i = 0; names && i < groups->n; i++) {
		wanted |= qun_group_wanted(&t->run, qun_dict_text(groups, i));
		names[n++] = qun_dict_text(groups, i).ptr;
	}
	for (size_t i = 0; !wanted && i < lines; i++)
		wanted = qun_group_wanted(&t->run, qun_roster_at(t->roster, i)->group);
	*near = strpbrk(t->opt.group, "*?[\\") ? NULL : qun_nearest(qun_span_of(t->opt.group), names, n);
	free(names);
	return wanted;
}

/* A group that is nowhere: a usage error with a near match, else a warning. */
static int check_group(const struct tool *t)
{
	const char *near;

	if (!t->opt.group || !t->engine || !any_event(t) || any_group_wanted(t, &near))
		return 0;
	if (near) {
		tool_say(t, _("no group '%s'; did you mean '%s'?"), t->opt.group, near);
		return EXIT_USAGE;
	}
	tool_warn(t, _("warning: no group matches '%s'"), t->opt.group);
	return 0;
}

static void say_notes(struct tool *t, const struct qun_cube *report)
{
	struct qun_buf lines = {0};

	if (!t->opt.quiet && t->metric->notes &&
		t->metric->notes(qun_engine_ctx(t->engine), report, &lines) == 0 && lines.len) {
		char *rest = lines.ptr, *line;

		if (qun_buf_add_char(&lines, '\0') == 0) {
			rest = lines.ptr;
			while ((line = strsep(&rest, "\n"))) {
				if (*line)
					tool_say(t, "%s", gettext(line));
			}
		}
	}
	qun_buf_release(&lines);
}

/* A list of after A is none. The newest event may well lie before a list that was taken today. */
static void say_late_lists(const struct tool *t)
{
	const struct qun_roster_date *date;
	int64_t as_of = qun_as_of(qun_engine_ctx(t->engine));
	size_t n = t->roster ? qun_roster_dates(t->roster, &date) : 0;
	struct qun_buf when = {0};

	if (as_of == INT64_MIN || t->opt.quiet)
		return;
	for (size_t i = 0; i < n; i++) {
		qun_buf_clear(&when);
		if (date[i].from > as_of && qun_time_format(&when, t->zone, date[i].at) == 0 &&
			qun_buf_add_char(&when, '\0') == 0)
			tool_say(t, _("--roster: the list of %s is later than the moment of looking "
				"and left out (see --as-of)"), when.ptr);
	}
	qun_buf_release(&when);
}

/* Members of groups that nobody talks about are members of nothing that is asked. */
static void say_other_groups(const struct tool *t)
{
	const struct qun_ctx *ctx = qun_engine_ctx(t->engine);
	const struct qun_roster_line *line = NULL;
	size_t n = t->roster ? qun_roster_count(t->roster) : 0;

	for (size_t i = 0; i < n; i++) {
		line = qun_roster_at(t->roster, i);
		if (qun_dict_find(ctx->groups, line->group) != QUN_NONE)
			return;
	}
	if (line && ctx->groups->n && !t->opt.quiet)
		tool_say(t, _("--roster: it tells of no group of the input: '%.*s' is one there, '%s' here"),
			(int)line->group.len, line->group.ptr, qun_dict_text(ctx->groups, 0).ptr);
}

int tool_settle(struct tool *t)
{
	int status = settle_moment(t);

	if (status == 0)
		status = check_types(t);
	/* another part may have the group */
	if (status == 0 && !t->opt.partial)
		status = check_group(t);
	if (status == 0 && t->metric)
		say_late_lists(t);
	/* another part may have its groups */
	if (status == 0 && t->metric && !t->opt.partial)
		say_other_groups(t);
	return status;
}

static int print_report(struct tool *t, const struct qun_cube *cube)
{
	struct qun_table table;
	struct qun_err err = {0};
	int status;

	qun_table_init(&table);
	table.only = t->run.only;
	if (qun_engine_table(t->engine, cube, &table, &err) < 0) {
		status = tool_say_err(t, &err);
	} else {
		say_notes(t, cube);
		status = tool_print(t, &table);
	}
	qun_table_release(&table);
	return status;
}

/* From what was read, or with --merge from lines of parts, to what is printed. */
static int report(struct tool *t)
{
	struct qun_cube cube = {0};
	struct qun_err err = {0};
	int status = t->opt.merge ? tool_merge_parts(t, &cube) : t->opt.partial ? tool_write_parts(t) : tool_settle(t);

	if (status == 0 && !t->metric) {
		status = t->program->finish(t);
		return status == 0 && t->bears_bad && t->bad.n && !t->opt.skip_bad ? EXIT_DATA : status;
	}
	if (status == 0 && !t->opt.merge && !t->opt.partial && qun_engine_report(t->engine, &cube, &err) < 0)
		status = tool_say_err(t, &err);
	if (status == 0 && !t->opt.partial)
		status = print_report(t, &cube);
	qun_cube_release(&cube);
	return status;
}

/* --help, --version, --show-config: printed to stdout, then done. -1: go on. */
static int answer_at_once(struct tool *t)
{
	struct qun_buf out = {0};
	int status;

	if (t->opt.help)
		tool_help(t, &out);
	else if (t->opt.version)
		qun_buf_printf(&out, "%s (quntools) %s\n", t->name, QUN_VERSION);
	else if (t->opt.show_config)
		tool_show_config(t, &out);
	else
		return t->program->at_once ? t->program->at_once(t) : -1;
	status = tool_write(t, &out);
	qun_buf_release(&out);
	return status;
}

static int refuse_terminal(const struct tool *t)
{
	struct qun_buf out = {0};
	char *rest, *line;

	tool_help(t, &out);
	if (qun_buf_add_char(&out, '\0') == 0) {
		rest = out.ptr;
		while ((line = strsep(&rest, "\n")))
			tool_say_plain("%s", line);
	}
	qun_buf_release(&out);
	return EXIT_USAGE;
}

/* A failed allocation is an ordinary error with a message; the kernel's killer gives none. */
static void limit_memory(const struct tool *t)
{
	struct rlimit limit;

	if (!t->opt.max_mem || getrlimit(RLIMIT_DATA, &limit) < 0)
		return;
	limit.rlim_cur = (rlim_t)t->opt.max_mem << 20;
	if (limit.rlim_max != RLIM_INFINITY && limit.rlim_cur > limit.rlim_max)
		limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_DATA, &limit) < 0)
		tool_say(t, _("--max-mem cannot be kept: %s"), strerror(errno));
}

int tool_main(const struct qun_metric *metric, int argc, char **argv)
{
	const struct tool_program program = {.name = metric->name, .brief = metric->brief,
		.examples = metric->examples, .options = metric->options, .conf_size = metric->conf_size,
		.metric = metric};

	return tool_run(&program, argc, argv);
}

int tool_run(const struct tool_program *program, int argc, char **argv)
{
	struct tool t = {.name = program->name, .program = program, .metric = program->metric};
	int status;

	tool_start();
	t.conf = calloc(1, program->conf_size ? program->conf_size : 1);
	if (!t.conf) {
		tool_say(&t, _("out of memory"));
		return EXIT_DATA;
	}
	status = tool_parse(&t, argc, argv);
	if (status == 0)
		status = answer_at_once(&t);
	else
		goto out;
	if (status >= 0)
		goto out;
	limit_memory(&t);
	if (t.nfile == 0 && isatty(0) && !t.opt.define && !t.opt.forget.n)
		status = refuse_terminal(&t);
	else
		status = tool_setup(&t);
	if (status == 0 && t.metric)
		status = tool_check_output(&t);
	if (status == 0 && t.opt.define) {
		status = tool_define(&t);
		goto out;
	}
	if (status == 0)
		status = tool_state_open(&t);
	if (status == 0 && t.opt.forget.n) {
		status = tool_state_forget(&t);
		goto out;
	}
	if (status == 0 && !t.opt.merge)
		status = tool_feed(&t);
	if (status == 0)
		status = report(&t);
out:
	status = tool_close(&t, status);
	/* only now is it known that the table has arrived; an alarm is news, no failure */
	if (status == EXIT_DONE || status == EXIT_ALERT) {
		int kept = tool_state_commit(&t);

		status = kept ? kept : status;
	}
	tool_release(&t);
	return status;
}
