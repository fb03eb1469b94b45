/*
 * From files to the engine. Bad records never stop the reading: they are counted by kind, the
 * first five are kept, all go to --rejects, and at the end the run decides whether they are too many.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/tool.h"
#include "qun/escape.h"

enum {
	REJECTS_FLUSH = 65536,
	BYTES_FOR_THREADS = 8 << 20,
	PEOPLE_FOR_THREADS = 1 << 15,
	MAX_THREADS = 256,
	REMEMBERED = 1 << 20, /* events that a state knows again: 8 bytes each */
};

/* Where the events of one thread go. */
struct taker {
	struct tool *t;
	struct qun_engine *engine; /* NULL: the program takes them itself */
};

struct feed {
	struct taker own; /* of the thread that reads; comes first, as the argument of events */
	struct tool *t;
	struct taker *other; /* of further threads, nother of them, when called in */
	size_t nother, threads;
	double limit; /* of them, or of 100 records */
	bool percent;
	int rejects; /* descriptor, -1: none */
	struct qun_buf out;
};

static int take_event(void *arg, struct qun_event *ev, struct qun_err *err)
{
	const struct taker *to = arg;

	return to->engine ? qun_engine_add(to->engine, ev, err) : to->t->program->event(to->t, ev, err);
}

static int take_events(void *arg, struct qun_event *ev, size_t n, size_t *used, struct qun_err *err)
{
	return qun_engine_add_all(((const struct taker *)arg)->engine, ev, n, used, err);
}

/* The place for the events of a thread, the first of which is the caller's; NULL: no memory. */
static void *call_taker(void *arg, size_t i)
{
	struct feed *f = arg;
	struct tool *t = f->t;

	if (i-- == 0)
		return &f->own;
	if (!f->other)
		f->other = calloc(MAX_THREADS, sizeof(*f->other));
	if (!f->other)
		return NULL;
	f->other[i].t = t;
	if (!f->other[i].engine && qun_engine_open(&f->other[i].engine, t->metric, &t->run, t->conf) < 0)
		return NULL;
	f->nother = i + 1 > f->nother ? i + 1 : f->nother;
	return &f->other[i];
}

/* All that further threads took becomes the run's. */
static int gather(struct feed *f, struct qun_err *err)
{
	struct qun_engine *engine[MAX_THREADS];

	for (size_t i = 0; i < f->nother; i++)
		engine[i] = f->other[i].engine;
	free(f->other);
	if (f->t->engine && (f->nother || qun_engine_counts(f->t->engine).people >= PEOPLE_FOR_THREADS))
		qun_engine_threads(f->t->engine, (int)f->threads);
	return f->nother ? qun_engine_gather(f->t->engine, engine, f->nother, err) : 0;
}

static void count_kind(struct tool_bad *bad, const char *kind)
{
	for (int i = 0; i < TOOL_BAD_KINDS; i++) {
		if (!bad->kind[i].kind)
			bad->kind[i].kind = kind;
		if (strcmp(bad->kind[i].kind, kind) == 0) {
			bad->kind[i].n++;
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
	size_t from = out->len;
	int rc = qun_buf_add_span(out, s);

	return rc < 0 ? rc : qun_escape_csv(out, from, true);
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
	struct tool_bad *all = &f->t->bad;
	struct qun_buf text = {0};
	int rc = 0;

	if (all->n < TOOL_BAD_SHOWN) {
		rc = qun_buf_printf(&text, "%s:%llu: ", bad->file, (unsigned long long)bad->line);
		if (rc == 0 && bad->column)
			rc = qun_buf_printf(&text, _("column '%s': "), bad->column);
		if (rc == 0)
			rc = qun_buf_add_text(&text, bad->why);
		if (rc == 0)
			rc = qun_buf_add_char(&text, '\0');
		all->shown[all->n] = text.ptr;
	}
	all->n++;
	count_kind(all, bad->kind);
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

static void tell_again(void *arg, const char *file, bool all)
{
	struct tool *t = ((struct feed *)arg)->t;

	if (!t->opt.quiet)
		tool_say(t, all ? _("%s: the state has it already; it counts once")
				: _("%s: the state has its beginning; what follows is new"), file);
}

static void tell_opened(void *arg, const struct qun_found *found)
{
	struct tool *t = ((struct feed *)arg)->t;

	t->program->opened(t, found);
}

/* The report on --alias: whom of each file it knows. */
static void say_matches(const struct tool *t, const struct qun_closed *c)
{
	struct qun_buf missing = {0};

	for (size_t i = 0; i < c->nunknown; i++)
		qun_buf_printf(&missing, "%s%.*s", i ? ", " : "", (int)c->unknown[i].len, c->unknown[i].ptr);
	qun_buf_printf(&missing, "%s", c->ids - c->known > c->nunknown ? ", ..." : "");
	qun_buf_add_char(&missing, '\0');
	tool_say(t, c->nunknown ? _("%s: --alias knows %zu of %zu ids; not %s") : _("%s: --alias knows %zu of %zu ids"),
		c->file, c->known, c->ids, missing.ptr ? missing.ptr : "");
	qun_buf_release(&missing);
}

static void tell_closed(void *arg, const struct qun_closed *closed)
{
	struct tool *t = ((struct feed *)arg)->t;

	if (t->alias && t->opt.verbose)
		say_matches(t, closed);
	if (t->program->closed)
		t->program->closed(t, closed);
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
	return f->percent ? (double)f->t->bad.n * 100 > f->limit * (double)read : (double)f->t->bad.n > f->limit;
}

static void say_bad(struct feed *f, uint64_t read, bool fatal)
{
	const struct tool_bad *bad = &f->t->bad;
	struct qun_buf kinds = {0};

	for (int i = 0; i < TOOL_BAD_KINDS && bad->kind[i].kind; i++)
		qun_buf_printf(&kinds, "%s%s %llu", i ? ", " : "", bad->kind[i].kind,
			(unsigned long long)bad->kind[i].n);
	qun_buf_add_char(&kinds, '\0');
	if (!fatal) {
		tool_say(f->t, _("skipped %llu bad of %llu records (%s)"), (unsigned long long)bad->n,
			(unsigned long long)read, kinds.ptr);
	} else {
		tool_say(f->t, _("%llu of %llu records are bad (%s):"), (unsigned long long)bad->n,
			(unsigned long long)read, kinds.ptr);
		for (uint64_t i = 0; i < TOOL_BAD_SHOWN && i < bad->n; i++)
			tool_say_plain("  %s", bad->shown[i] ? bad->shown[i] : "");
		tool_say(f->t, _("no table is printed; --skip-bad goes on without them, --rejects FILE keeps "
			"them, --map FIELD=COLUMN or --encoding may be the cure"));
	}
	qun_buf_release(&kinds);
}

static struct qun_engine_counts counts_of(const struct tool *t)
{
	if (t->engine)
		return qun_engine_counts(t->engine);
	return (struct qun_engine_counts){.anonymous = t->seen.anonymous, .people = t->seen.people.n};
}

static void say_counts(const struct tool *t, struct qun_input_counts c)
{
	struct qun_engine_counts e = counts_of(t);

	if (t->opt.quiet || t->bears_bad)
		return;
	if (e.anonymous)
		tool_say(t, _("%llu records without a user belong to nobody"),
			(unsigned long long)e.anonymous);
	if (c.by_name)
		tool_say(t, _("%llu joins and leaves tell people by name where messages tell them by id: they count "
			"as other people; --alias FILE of name,id makes them one"), (unsigned long long)c.by_name);
	if (c.odd_types)
		tool_say(t, _("%llu records have a word in their type column, and none in the file is a type known "
			"here: they are no messages, joins or orders; --set type=message, or --map type=COLUMN, says "
			"what they are"), (unsigned long long)c.odd_types);
	if (c.astray)
		tool_say(t, _("%llu events are in group '-', for their chat is named too far behind them; --set group=NAME "
			"names it"), (unsigned long long)c.astray);
	if (c.repeated)
		tool_say(t, _("%llu events that an earlier file had already were left out (--no-dedup keeps them)"),
			(unsigned long long)c.repeated);
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
	struct qun_engine_counts e = counts_of(t);

	tool_say(t, _("read %llu = used %llu + filtered %llu + duplicate %llu + bad %llu; %llu people"),
		(unsigned long long)c.read, (unsigned long long)c.used, (unsigned long long)c.filtered,
		(unsigned long long)c.duplicate, (unsigned long long)c.bad, (unsigned long long)e.people);
	if (c.by_library)
		tool_say(t, _("%llu of them needed libcsv or jansson"), (unsigned long long)c.by_library);
}

static void take_raw(void *arg, const char *file, struct qun_span bytes)
{
	struct tool *t = arg;

	if (t->opt.stamp)
		tool_stamp_take(t, file, bytes);
	if (t->opt.progress)
		tool_progress_take(t, bytes.len);
}

/* A folder is read as its files. */
static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool has_several_files(const struct tool *t)
{
	return t->nfile > 1 || (t->nfile == 1 && is_folder(t->file[0]));
}

static size_t cores(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;

	return n < MAX_THREADS ? (size_t)n : MAX_THREADS;
}

static void fill_conf(struct tool *t, struct qun_input_conf *conf)
{
	static const enum qun_time_style order[] = {QUN_TIME_AUTO, QUN_TIME_DMY, QUN_TIME_MDY};
	static const enum qun_time_style unit[] = {QUN_TIME_AUTO, QUN_TIME_EPOCH_S,
		QUN_TIME_EPOCH_MS, QUN_TIME_EPOCH_US};

	static const enum qun_reader_kind reader[] = {QUN_READER_AUTO, QUN_READER_FAST, QUN_READER_REFERENCE};

	*conf = (struct qun_input_conf){
		.from = t->opt.from,
		.map = t->opt.map,
		.set = t->opt.set,
		.encoding = t->opt.encoding,
		.time_unit = unit[t->opt.time_unit],
		.date_order = order[t->opt.date_order],
		.no_header = t->opt.no_header,
		.reader = reader[t->opt.reader],
		.threads = t->opt.threads ? (size_t)t->opt.threads : cores(),
		.threads_after = t->opt.threads ? 0 : BYTES_FOR_THREADS,
		.names_global = t->opt.names_global,
		.cal = &t->run.cal,
		.extras = &t->run.extras,
		.needs = t->run.needs | t->run.rare,
		.rare = t->run.rare & ~t->run.needs,
		.alias = t->alias,
		.raw = t->opt.stamp || t->opt.progress ? take_raw : NULL,
		.raw_arg = t,
		.dedup = !t->opt.no_dedup && (t->opt.dedup || t->opt.state || has_several_files(t)),
		.remember = t->opt.state ? REMEMBERED : 0,
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

static const char rejects_head[] = "file,line,offset,column,kind,raw\n";

/* May the file be written over? Not where it holds anything but rejects: it may be an input. */
static bool is_ours(int fd)
{
	char head[sizeof(rejects_head) - 1];
	struct stat st;

	return fstat(fd, &st) == 0 && (!S_ISREG(st.st_mode) || st.st_size == 0 ||
		(pread(fd, head, sizeof(head), 0) == (ssize_t)sizeof(head) &&
			memcmp(head, rejects_head, sizeof(head)) == 0 && ftruncate(fd, 0) == 0));
}

static int open_rejects(struct feed *f)
{
	const char *path = f->t->opt.rejects;

	f->rejects = -1;
	if (!path)
		return 0;
	f->rejects = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (f->rejects < 0) {
		tool_say(f->t, _("cannot write %s: %s"), path, strerror(errno));
		return EXIT_DATA;
	}
	if (!is_ours(f->rejects)) {
		tool_say(f->t, _("--rejects: %s holds something else and is not written over"), path);
		close(f->rejects);
		f->rejects = -1;
		return EXIT_USAGE;
	}
	return qun_buf_add_text(&f->out, rejects_head) < 0 ? EXIT_DATA : 0;
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
		const char *file = t->nfile ? t->file[i] : "-";
		int rc;

		err = (struct qun_err){0};
		if (i + 1 >= t->nfile && !is_folder(file))
			qun_input_last(in);
		rc = qun_input_read(in, file, &err);
		if (rc < 0)
			rc = t->program->unreadable ? t->program->unreadable(t, file, &err) : tool_say_err(t, &err);
		if (rc)
			return rc;
	}
	if (qun_input_check(in, &err) < 0)
		return tool_say_err(t, &err);
	return 0;
}

int tool_feed(struct tool *t)
{
	struct feed f = {.own = {t, t->engine}, .t = t};
	struct qun_err err = {0};
	struct qun_input_conf conf;
	struct qun_input_sink sink = {.arg = &f, .event = take_event, .bad = take_bad, .found = tell_found,
		.again = tell_again};
	struct qun_input *in = NULL;
	int rc;

	fill_conf(t, &conf);
	f.threads = conf.threads;
	sink.worker = t->engine ? call_taker : NULL;
	sink.events = t->engine ? take_events : NULL;
	sink.opened = t->program->opened ? tell_opened : NULL;
	sink.closed = t->program->closed || (t->alias && t->opt.verbose) ? tell_closed : NULL;
	rc = set_delimiter(t, &conf);
	if (rc == 0)
		rc = set_limit(&f);
	if (rc == 0)
		rc = open_rejects(&f);
	if (rc == 0 && qun_input_open(&in, &conf, &sink) < 0) {
		tool_say(t, _("out of memory"));
		rc = EXIT_DATA;
	}
	if (rc == 0)
		rc = tool_state_begin(t, in);
	if (rc == 0) {
		if (t->engine)
			qun_engine_later(t->engine, t->state.later);
		rc = read_all(t, in);
		if (gather(&f, &err) < 0 && rc == 0)
			rc = tool_say_err(t, &err);
		tool_progress_wipe();
		t->counts = qun_input_counts(in);
		if (close_rejects(&f) && rc == 0)
			rc = EXIT_DATA;
		if (rc == 0 && !t->bears_bad && too_many(&f, t->counts.read))
			rc = EXIT_DATA;
		if (t->bad.n && !t->bears_bad && (rc || !t->opt.quiet))
			say_bad(&f, t->counts.read, rc != 0);
		if (rc == 0)
			say_counts(t, t->counts);
		if (t->opt.verbose)
			say_sum(t, t->counts);
		if (rc == 0)
			rc = tool_state_end(t, in);
	}
	qun_input_close(in);
	qun_buf_release(&f.out);
	return rc;
}
