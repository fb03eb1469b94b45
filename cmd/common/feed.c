/*
 * From files to the engine. Bad records never stop the reading: they are counted by kind, the
 * first five are kept, all go to --rejects, and at the end the run decides whether they are too many.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/tool.h"

enum { SHOWN = 5, KINDS = 32, REJECTS_FLUSH = 65536 };

struct feed {
	struct tool *t;
	uint64_t bad;
	double limit; /* of them, or of 100 records */
	bool percent;
	char *shown[SHOWN];
	struct {
		const char *kind;
		uint64_t n;
	} kind[KINDS];
	int rejects; /* descriptor, -1: none */
	struct qun_buf out;
};

static int take_event(void *arg, struct qun_event *ev, struct qun_err *err)
{
	return qun_engine_add(((struct feed *)arg)->t->engine, ev, err);
}

static void count_kind(struct feed *f, const char *kind)
{
	for (int i = 0; i < KINDS; i++) {
		if (!f->kind[i].kind)
			f->kind[i].kind = kind;
		if (strcmp(f->kind[i].kind, kind) == 0) {
			f->kind[i].n++;
			return;
		}
	}
}

static int flush_rejects(struct feed *f)
{
	const char *p = f->out.ptr;
	size_t left = f->out.len;

	while (left) {
		ssize_t n = write(f->rejects, p, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			tool_say(f->t, _("cannot write %s: %s"), f->t->opt.rejects, strerror(errno));
			return QUN_EIO;
		}
		p += n;
		left -= (size_t)n;
	}
	qun_buf_clear(&f->out);
	return 0;
}

static int put_quoted(struct qun_buf *out, struct qun_span s)
{
	int rc = qun_buf_add_char(out, '"');

	for (size_t i = 0; rc == 0 && i < s.len; i++) {
		rc = qun_buf_add_char(out, s.ptr[i]);
		if (rc == 0 && s.ptr[i] == '"')
			rc = qun_buf_add_char(out, '"');
	}
	return rc < 0 ? rc : qun_buf_add_char(out, '"');
}

static int keep_reject(struct feed *f, const struct qun_bad *bad)
{
	int rc = put_quoted(&f->out, qun_span_of(bad->file));

	if (rc == 0)
		rc = qun_buf_printf(&f->out, ",%llu,%llu,%s,%s,", (unsigned long long)bad->line,
			(unsigned long long)bad->offset, bad->column ? bad->column : "", bad->kind);
	if (rc == 0)
		rc = put_quoted(&f->out, bad->raw);
	if (rc == 0)
		rc = qun_buf_add_char(&f->out, '\n');
	if (rc == 0 && f->out.len > REJECTS_FLUSH)
		rc = flush_rejects(f);
	return rc;
}

static int take_bad(void *arg, const struct qun_bad *bad)
{
	struct feed *f = arg;
	struct qun_buf text = {0};
	int rc = 0;

	if (f->bad < SHOWN) {
		rc = qun_buf_printf(&text, "%s:%llu: ", bad->file, (unsigned long long)bad->line);
		if (rc == 0 && bad->column)
			rc = qun_buf_printf(&text, _("column '%s': "), bad->column);
		if (rc == 0)
			rc = qun_buf_add_text(&text, bad->why);
		if (rc == 0)
			rc = qun_buf_add_char(&text, '\0');
		f->shown[f->bad] = text.ptr;
	}
	f->bad++;
	count_kind(f, bad->kind);
	if (rc == 0 && f->rejects >= 0)
		rc = keep_reject(f, bad);
	return rc;
}

static void tell_found(void *arg, const char *file, const char *what)
{
	struct feed *f = arg;

	if (f->t->opt.verbose)
		tool_say(f->t, "%s: %s", file, what);
}

/* Takes the limit of --skip-bad=N or N% apart; without one any number is fine. */
static int set_limit(struct feed *f)
{
	struct qun_span s = qun_span_of(f->t->opt.skip_bad ? f->t->opt.skip_bad : "0");

	f->limit = INFINITY;
	if (!s.len)
		return 0;
	f->percent = s.ptr[s.len - 1] == '%';
	s.len -= f->percent;
	if (qun_real_parse(s, &f->limit) && f->limit >= 0)
		return 0;
	tool_say(f->t, _("--skip-bad: cannot use '%s' (expected a number or a percentage, e.g. 100 or 1%%)"),
		f->t->opt.skip_bad);
	return EXIT_USAGE;
}

static bool too_many(const struct feed *f, uint64_t read)
{
	return f->percent ? (double)f->bad * 100 > f->limit * (double)read : (double)f->bad > f->limit;
}

static void say_bad(struct feed *f, uint64_t read, bool fatal)
{
	struct qun_buf kinds = {0};

	for (int i = 0; i < KINDS && f->kind[i].kind; i++)
		qun_buf_printf(&kinds, "%s%s %llu", i ? ", " : "", f->kind[i].kind,
			(unsigned long long)f->kind[i].n);
	qun_buf_add_char(&kinds, '\0');
	if (!fatal) {
		tool_say(f->t, _("skipped %llu bad of %llu records (%s)"), (unsigned long long)f->bad,
			(unsigned long long)read, kinds.ptr);
	} else {
		tool_say(f->t, _("%llu of %llu records are bad (%s):"), (unsigned long long)f->bad,
			(unsigned long long)read, kinds.ptr);
		for (uint64_t i = 0; i < SHOWN && i < f->bad; i++)
			tool_say_plain("  %s", f->shown[i] ? f->shown[i] : "");
		tool_say(f->t, _("no table is printed; --skip-bad goes on without them, --rejects FILE keeps "
			"them, --map FIELD=COLUMN or --encoding may be the cure"));
	}
	qun_buf_release(&kinds);
}

static void say_counts(const struct tool *t, struct qun_input_counts c)
{
	struct qun_engine_counts e = qun_engine_counts(t->engine);

	if (t->opt.quiet)
		return;
	if (e.anonymous)
		tool_say(t, _("%llu records without a user belong to nobody"),
			(unsigned long long)e.anonymous);
	if (c.by_name)
		tool_say(t, _("%llu joins and leaves tell people by name where messages tell them by id: they count "
			"as other people; --alias FILE of name,id makes them one"), (unsigned long long)c.by_name);
	if (c.rounded)
		tool_say(t, _("%llu amounts with more than 4 decimals were rounded"),
			(unsigned long long)c.rounded);
	if (t->opt.verbose && c.system_unknown)
		tool_say(t, _("%llu system lines were not understood"),
			(unsigned long long)c.system_unknown);
}

/* Every record is accounted for, also where the run fails. */
static void say_sum(const struct tool *t, struct qun_input_counts c)
{
	struct qun_engine_counts e = qun_engine_counts(t->engine);

	tool_say(t, _("read %llu = used %llu + filtered %llu + duplicate %llu + bad %llu; %llu people"),
		(unsigned long long)c.read, (unsigned long long)c.used, (unsigned long long)c.filtered,
		(unsigned long long)c.duplicate, (unsigned long long)c.bad, (unsigned long long)e.people);
}

static void fill_conf(struct tool *t, struct qun_input_conf *conf)
{
	static const enum qun_time_style order[] = {QUN_TIME_AUTO, QUN_TIME_DMY, QUN_TIME_MDY};
	static const enum qun_time_style unit[] = {QUN_TIME_AUTO, QUN_TIME_EPOCH_S,
		QUN_TIME_EPOCH_MS, QUN_TIME_EPOCH_US};

	*conf = (struct qun_input_conf){
		.from = t->opt.from,
		.map = t->opt.map,
		.set = t->opt.set,
		.encoding = t->opt.encoding,
		.time_unit = unit[t->opt.time_unit],
		.date_order = order[t->opt.date_order],
		.no_header = t->opt.no_header,
		.names_global = t->opt.names_global,
		.cal = &t->run.cal,
		.extras = &t->run.extras,
		.needs = t->run.needs,
		.alias = t->alias,
	};
}

static int set_delimiter(struct tool *t, struct qun_input_conf *conf)
{
	const char *d = t->opt.delimiter;

	if (!d)
		return 0;
	if (strcmp(d, "tab") == 0 || strcmp(d, "\\t") == 0)
		d = "\t";
	if (strlen(d) != 1 || !strchr(",;|\t", *d)) {
		tool_say(t, _("--delimiter: cannot use '%s' (expected , ; | or tab)"), d);
		return EXIT_USAGE;
	}
	conf->delimiter = *d;
	return 0;
}

static int open_rejects(struct feed *f)
{
	const char *path = f->t->opt.rejects;

	f->rejects = -1;
	if (!path)
		return 0;
	f->rejects = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (f->rejects < 0) {
		tool_say(f->t, _("cannot write %s: %s"), path, strerror(errno));
		return EXIT_DATA;
	}
	return qun_buf_add_text(&f->out, "file,line,offset,column,kind,raw\n") < 0 ? EXIT_DATA : 0;
}

static int close_rejects(struct feed *f)
{
	int rc = 0;

	if (f->rejects < 0)
		return 0;
	if (flush_rejects(f) < 0)
		rc = EXIT_DATA;
	if (close(f->rejects) < 0 && rc == 0) {
		tool_say(f->t, _("cannot write %s: %s"), f->t->opt.rejects, strerror(errno));
		rc = EXIT_DATA;
	}
	return rc;
}

static int read_all(struct tool *t, struct qun_input *in)
{
	struct qun_err err = {0};

	for (int i = 0; i < (t->nfile ? t->nfile : 1); i++) {
		if (qun_input_read(in, t->nfile ? t->file[i] : "-", &err) < 0)
			return tool_say_err(t, &err);
	}
	if (qun_input_check(in, &err) < 0)
		return tool_say_err(t, &err);
	return 0;
}

int tool_feed(struct tool *t)
{
	struct feed f = {.t = t};
	struct qun_input_conf conf;
	struct qun_input_sink sink = {&f, take_event, take_bad, tell_found};
	struct qun_input_counts counts;
	struct qun_input *in = NULL;
	int rc;

	fill_conf(t, &conf);
	rc = set_delimiter(t, &conf);
	if (rc == 0)
		rc = set_limit(&f);
	if (rc == 0)
		rc = open_rejects(&f);
	if (rc == 0 && qun_input_open(&in, &conf, &sink) < 0) {
		tool_say(t, _("out of memory"));
		rc = EXIT_DATA;
	}
	if (rc == 0) {
		rc = read_all(t, in);
		counts = qun_input_counts(in);
		if (close_rejects(&f) && rc == 0)
			rc = EXIT_DATA;
		if (rc == 0 && too_many(&f, counts.read))
			rc = EXIT_DATA;
		if (f.bad && (rc || !t->opt.quiet))
			say_bad(&f, counts.read, rc != 0);
		if (rc == 0)
			say_counts(t, counts);
		if (t->opt.verbose)
			say_sum(t, counts);
	}
	qun_input_close(in);
	for (int i = 0; i < SHOWN; i++)
		free(f.shown[i]);
	qun_buf_release(&f.out);
	return rc;
}
