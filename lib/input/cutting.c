/* What the cutter says of a file goes where it belongs: into what is held, to the crew, or on to the records. */
#include "input/crew.h"
#include "input/file.h"

#include <string.h>

static int on_record(void *arg, const struct qun_record *cut)
{
	struct qun_file *f = arg;
	struct qun_record rec = *cut;
	int rc;

	if (f->container == QUN_CSV && !f->has_header) {
		if (memchr(rec.raw.ptr, 0, rec.raw.len))
			return qun_fail(f->err, QUN_EDATA, "line %llu: a NUL byte in the header", (unsigned long long)rec.line);
		rc = qun_file_take_header(f, &rec);
		if (rc < 0 || !f->in->conf.no_header)
			return rc;
	} else if (f->container == QUN_CSV && qun_file_is_header(f, &rec)) {
		return 0;
	}
	if (!f->holding) {
		f->in->counts.by_library += f->container == QUN_CSV;
		return f->crew ? qun_crew_record(f->crew, &rec) : qun_file_record(f, &rec);
	}
	rc = qun_file_hold(f, &rec, NULL);
	return rc == 0 && qun_file_holds_enough(f) ? qun_file_decide_rows(f) : rc;
}

static int on_batch(void *arg, const struct qun_batch *batch)
{
	struct qun_file *f = arg;
	struct qun_batch rest = *batch;
	int rc = 0;

	while (rc == 0 && f->holding && rest.n && !qun_file_holds_enough(f))
		rc = qun_file_hold_rows(f, &rest);
	if (rc == 0 && f->holding && qun_file_holds_enough(f))
		rc = qun_file_decide_rows(f);
	if (rc < 0 || !rest.n)
		return rc;
	return f->crew ? qun_crew_batch(f->crew, &rest) : qun_file_batch(f, &rest);
}

static int on_bad(void *arg, struct qun_bad *bad)
{
	struct qun_file *f = arg;
	int rc;

	if (f->container == QUN_CSV && !f->has_header)
		return qun_fail(f->err, QUN_EDATA, "line %llu: cannot read the header: %s", (unsigned long long)bad->line,
			bad->why);
	bad->file = f->path;
	if (!f->holding) {
		f->in->counts.by_library += f->container != QUN_TEXT;
		return f->crew ? qun_crew_bad(f->crew, bad) : qun_file_bad(f, bad);
	}
	rc = qun_file_hold(f, NULL, bad);
	return rc == 0 && qun_file_holds_enough(f) ? qun_file_decide_rows(f) : rc;
}

static int on_trial(void *arg)
{
	struct qun_file *f = arg;

	f->holding = f->tried = true;
	return 0;
}

static int on_around(void *arg)
{
	struct qun_file *f = arg;

	return f->crew ? qun_crew_around(f->crew) : 0;
}

static bool on_named(void *arg, const char *path)
{
	return qun_file_named(arg, path);
}

static int on_judge(void *arg, const char *path, bool lines)
{
	return qun_file_judge(arg, path, lines);
}

/* Lines are rows of one column, whose name the formats know. */
static int open_text(struct qun_file *f, const struct qun_cut_conf *cut, const struct qun_cut_sink *sink)
{
	if (qun_grow(&f->name, &f->name_cap, 0, sizeof(*f->name)) < 0 ||
		qun_grow(&f->column, &f->column_cap, 0, sizeof(*f->column)) < 0 ||
		qun_hold_span(&f->text, qun_span_of("line"), &f->name[0]) < 0)
		return QUN_ENOMEM;
	f->nname = 1;
	return qun_text_open(&f->cutter, cut, sink);
}

static int open_cutter(struct qun_file *f, struct qun_span *head)
{
	const struct qun_input_conf *conf = &f->in->conf;
	const struct qun_cut_sink sink = {f, on_record, on_batch, on_bad, on_trial, on_judge, on_named, on_around};
	struct qun_cut_conf cut = {.line = 1, .max_field = conf->max_field, .max_record = conf->max_record,
		.max_columns = conf->max_columns, .max_depth = conf->max_depth, .lane = conf->lane};
	const struct qun_format *asked;
	struct qun_csv_shape shape;
	int rc = qun_file_format_asked(conf, &asked, f->err);

	if (rc < 0)
		return rc;
	rc = qun_container_of(f->path, *head, conf, asked, &f->container);
	if (rc < 0)
		return qun_fail_mem(f->err);
	if (f->container == QUN_JSON)
		return qun_json_open(&f->cutter, &cut, &sink, f->header);
	f->holding = true;
	if (f->container == QUN_TEXT)
		return open_text(f, &cut, &sink);
	shape = qun_csv_shape_of(*head, conf);
	f->delimiter = cut.delimiter = shape.delimiter;
	cut.line = shape.line;
	cut.offset = shape.offset;
	head->ptr += shape.offset;
	head->len -= shape.offset;
	return qun_csv_open(&f->cutter, &cut, &sink);
}

int qun_file_cut(struct qun_file *f, struct qun_buf *chunk)
{
	size_t left = chunk->len;
	int rc = qun_source_read(f->source, chunk, f->err);
	struct qun_span bytes = qun_buf_span(chunk);

	if (rc == 0 && f->cutter)
		return f->cutter->finish(f->cutter, bytes, f->err);
	if (rc <= 0)
		return rc;
	rc = qun_file_count_text(f, (struct qun_span){bytes.ptr + left, bytes.len - left});
	if (rc == 0 && !f->cutter)
		rc = open_cutter(f, &bytes);
	if (rc == 0)
		rc = f->cutter->feed(f->cutter, bytes, f->err);
	return rc < 0 ? rc : 1;
}
