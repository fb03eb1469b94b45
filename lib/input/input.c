/* The files of a run, one after the other, and what came of them. */
#include "input/crew.h"
#include "input/file.h"
#include "input/folder.h"
#include "input/header.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int qun_file_columns_met(struct qun_input *in, const struct qun_map *m)
{
	uint32_t id;
	int rc = 0;

	in->extras_seen |= m->extras_seen;
	for (size_t i = 0; rc == 0 && i < m->n; i++) {
		if (m->column[i].asked && m->column[i].seen)
			rc = qun_dict_add(&in->mapped, m->column[i].name, &id);
	}
	return rc;
}

/* All is read and cut. */
static int finish(struct qun_file *f)
{
	int rc = 0;

	if (!f->decided && (f->container == QUN_TEXT || (f->container == QUN_CSV && f->has_header)))
		rc = qun_file_decide_rows(f);
	if (rc < 0)
		return rc;
	if (!f->decided && f->tried && !f->unknown.ptr)
		return qun_fail(f->err, QUN_EDATA, 
			"no records are known here: the objects are empty, damaged or longer than the limit");
	if (!f->decided)
		return f->unknown.ptr ? qun_fail(f->err, QUN_EUSAGE,
			"no records with a time and a user are known here; found: %s; name columns with --map ts=COLUMN "
			"--map user=COLUMN", f->unknown.ptr) : 0;
	rc = qun_file_end(f);
	if (rc == 0)
		rc = qun_file_columns_met(f->in, &f->map);
	return rc == QUN_ENOMEM ? qun_fail_mem(f->err) : rc;
}

/* Is there enough to do for more threads, and do the records let them? */
static bool calls_crew(const struct qun_file *f)
{
	const struct qun_input_conf *conf = &f->in->conf;

	return conf->threads > 1 && qun_source_bytes(f->source) >= conf->threads_after && qun_crew_may(f);
}

static int read_bytes(struct qun_file *f)
{
	struct qun_buf chunk = {0};
	int rc;

	while ((rc = qun_file_cut(f, &chunk)) > 0) {
		qun_buf_cut(&chunk, 0, chunk.len - f->cutter->left);
		if (calls_crew(f)) {
			rc = qun_crew_run(f, &chunk, f->in->conf.threads);
			break;
		}
	}
	if (rc == 0)
		rc = finish(f);
	qun_buf_release(&chunk);
	return rc == QUN_ENOMEM ? qun_fail_mem(f->err) : rc;
}

void qun_file_release(struct qun_file *f)
{
	if (f->hook.memory && f->format->release)
		f->format->release(f->hook.memory);
	free(f->hook.memory);
	if (f->cutter)
		f->cutter->close(f->cutter);
	qun_source_close(f->source);
	qun_known_free(f->known.reading);
	qun_header_close(f->header);
	qun_map_release(&f->map);
	qun_arena_release(&f->text);
	qun_arena_release(&f->hold);
	qun_arena_release(&f->scratch);
	qun_dict_release(&f->paths);
	qun_dict_release(&f->people);
	qun_dict_release(&f->met);
	qun_picker_close(f->picker);
	qun_buf_release(&f->unescaped);
	qun_buf_release(&f->mended);
	qun_split_release(&f->split);
	qun_buf_release(&f->user);
	qun_buf_release(&f->ref);
	qun_buf_release(&f->joined);
	qun_wait_release(&f->wait);
	free(f->path_of);
	free(f->name);
	free(f->column);
	free(f->held);
}

static void take_raw(void *arg, const char *path, struct qun_span bytes)
{
	struct qun_file *f = arg;

	if (f->known.reading)
		qun_known_take(f->known.reading, bytes);
	if (f->in->conf.raw)
		f->in->conf.raw(f->in->conf.raw_arg, path, bytes);
}

/* Its header is for the files of its folder. */
static int keep_above(struct qun_file *f)
{
	struct qun_input *in = f->in;
	const char *slash = strrchr(f->path, '/');

	qun_header_close(in->above);
	in->above = f->header;
	qun_header_under(in->above, NULL);
	f->header = NULL;
	qun_buf_clear(&in->folder);
	return qun_buf_add(&in->folder, f->path, slash ? (size_t)(slash - f->path) + 1 : 0);
}

static int read_open(struct qun_file *f)
{
	struct qun_input *in = f->in;
	int rc;

	in->files++;
	f->header = qun_header_open();
	if (f->header && in->above && strncmp(f->path, in->folder.len ? in->folder.ptr : "", in->folder.len) == 0)
		qun_header_under(f->header, in->above);
	rc = f->header && (!in->dedup || qun_dedup_file(in->dedup) == 0) ?
		qun_source_open(&f->source, f->path, in->conf.encoding, f->err) : qun_fail_mem(f->err);
	if (rc == 0 && (in->conf.raw || f->known.reading))
		qun_source_tap(f->source, take_raw, f, f->path);
	if (rc == 0)
		rc = read_bytes(f);
	if (f->source)
		in->counts.bytes += qun_source_bytes(f->source);
	if (rc == 0 && in->conf.remember)
		rc = qun_file_remember(f);
	if (rc == 0 && in->sink.closed)
		qun_file_tell_closed(f);
	if (rc == 0 && f->format && f->format->folder && keep_above(f) < 0)
		rc = qun_fail_mem(f->err);
	return rc;
}

static int read_file(void *arg, const char *path, struct qun_err *err)
{
	struct qun_input *in = arg;
	struct qun_file *f = calloc(1, sizeof(*f));
	int rc = 0;

	snprintf(err->file, sizeof(err->file), "%s", path);
	if (!f)
		return qun_fail_mem(err);
	f->in = in;
	f->path = path;
	f->err = err;
	f->before = in->counts;
	if (in->conf.remember)
		rc = qun_file_recognise(f);
	if (rc == 0)
		rc = read_open(f);
	qun_file_release(f);
	free(f);
	return rc < 0 ? rc : 0;
}

int qun_input_read(struct qun_input *in, const char *path, struct qun_err *err)
{
	struct qun_err none;

	return qun_folder_each(path, read_file, in, err ? err : &none);
}

int qun_input_open(struct qun_input **in, const struct qun_input_conf *conf, const struct qun_input_sink *sink)
{
	struct qun_input *new = calloc(1, sizeof(*new));

	if (!new)
		return QUN_ENOMEM;
	new->conf = *conf;
	new->sink = *sink;
	if (!new->conf.max_field)
		new->conf.max_field = 1 << 20;
	if (!new->conf.max_record)
		new->conf.max_record = 16 << 20;
	if (!new->conf.max_columns)
		new->conf.max_columns = 4096;
	if (!new->conf.max_depth)
		new->conf.max_depth = 128;
	if ((conf->dedup || conf->remember) && new->conf.needs) {
		new->unasked = (QUN_BIT(QUN_F_TEXT) | QUN_BIT(QUN_F_PRODUCT) | QUN_BIT(QUN_F_QTY) | QUN_BIT(QUN_F_REF) |
				       QUN_BIT(QUN_F_SOURCE) | QUN_BIT(QUN_F_ID)) & ~new->conf.needs;
		new->conf.needs |= new->unasked;
		new->conf.rare = 0;
	}
	if (((conf->dedup || conf->remember) && qun_dedup_open(&new->dedup) < 0) ||
		(conf->remember && qun_known_open(&new->known) < 0)) {
		qun_input_close(new);
		return QUN_ENOMEM;
	}
	*in = new;
	return 0;
}

void qun_input_close(struct qun_input *in)
{
	if (!in)
		return;
	qun_header_close(in->above);
	qun_buf_release(&in->folder);
	qun_dict_release(&in->columns);
	qun_dict_release(&in->person);
	qun_dict_release(&in->person_name);
	free(in->name_of);
	qun_dict_release(&in->mapped);
	qun_dedup_close(in->dedup);
	qun_known_release(&in->known);
	free(in);
}

/* A column of --map that no file had. */
static int check_mapped(const struct qun_input *in, struct qun_err *err)
{
	struct qun_span name[64];
	size_t n = 0;
	char list[QUN_LIST_BYTES];

	for (; n < in->columns.n && n < sizeof(name) / sizeof(*name); n++)
		name[n] = qun_dict_text(&in->columns, (uint32_t)n);
	qun_list_names(name, n, list);
	for (size_t i = 0; in->columns.n && i < in->conf.map.n; i++) {
		const char *equals = strchr(in->conf.map.v[i], '=');
		struct qun_span column = qun_span_trim(qun_span_of(equals ? equals + 1 : ""));
		if (qun_dict_find(&in->mapped, column) == QUN_NONE)
			return qun_fail(err, QUN_EUSAGE, "--map: there is no column '%.*s'; %s: %s",
				(int)(column.len < 64 ? column.len : 64), column.ptr,
				in->files > 1 ? "the files have" : "the file has", list);
	}
	return 0;
}

int qun_input_check(const struct qun_input *in, struct qun_err *err)
{
	const struct qun_extras *extras = in->conf.extras;
	const char *words[QUN_F_ID + 1 + QUN_COLUMNS_KEPT], *near;
	size_t n = 0;
	int rc = check_mapped(in, err);

	if (rc < 0)
		return rc;
	/* of two equally near ones the column that is there */
	for (uint32_t w = 0; w < in->columns.n; w++)
		words[n++] = qun_dict_text(&in->columns, w).ptr;
	for (int i = 0; i <= QUN_F_ID; i++)
		words[n++] = qun_field_name(i);
	for (size_t i = 0; extras && in->columns.n && i < extras->n; i++) {
		if (in->extras_seen & QUN_BIT(i))
			continue;
		near = qun_nearest(qun_span_of(extras->name[i]), words, n);
		return qun_fail(err, QUN_EUSAGE, "no input has a column '%.64s'%s%s%s", extras->name[i],
			near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	}
	return 0;
}

struct qun_input_counts qun_input_counts(const struct qun_input *in)
{
	return in->counts;
}
