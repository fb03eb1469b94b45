/*
 * Files that an earlier run has read, wholly or up to where they have grown since. Events are known by
 * where their records stand; those that a format tells only at the end of the file by what they are.
 */
#include "input/file.h"

#include <string.h>

int qun_file_recognise(struct qun_file *f)
{
	struct qun_input *in = f->in;
	const struct qun_known_input *found;
	uint64_t size = 0;
	int rc = qun_known_find(&in->known, f->path, &found, &size, f->err);

	if (rc == 0 && !(f->known.reading = qun_known_begin(&in->known)))
		rc = qun_fail_mem(f->err);
	f->known.people = in->person.n;
	if (rc < 0 || !found)
		return rc;
	f->known.upto = found->size == size ? KNOWN_ALL : found->text;
	f->known.unended = found->size < size && !found->ended;
	if (in->sink.again)
		in->sink.again(in->sink.arg, f->path, found->size == size);
	/* what it says may be wanted by the files beside it */
	return found->size == size && !found->above;
}

int qun_file_count_text(struct qun_file *f, struct qun_span new)
{
	uint64_t before = f->known.text;

	if (!f->known.reading || !new.len)
		return 0;
	f->known.text += new.len;
	f->known.last = new.ptr[new.len - 1];
	if (f->known.unended && f->known.upto >= before && f->known.upto < f->known.text &&
		!strchr("\r\n", new.ptr[f->known.upto - before]))
		return qun_fail(f->err, QUN_EDATA,
			"its last line was not finished when an earlier run counted it, and goes on now: the state cannot "
			"be mended");
	return 0;
}

int qun_file_remember(struct qun_file *f)
{
	struct qun_input *in = f->in;
	struct qun_known_input input = qun_known_end(f->known.reading);

	/* without events there is nothing to count twice */
	if (!f->known.events)
		return 0;
	if (!f->known.upto && !in->conf.dedup && qun_known_same(&in->known, &input))
		return qun_fail(f->err, QUN_EDATA, "an earlier run has counted the same bytes, and --no-dedup counts them again");
	input.text = f->known.text;
	input.ended = f->known.last == '\n';
	input.above = in->person.n > f->known.people || (f->format && f->format->folder);
	return qun_known_add(&in->known, &input) < 0 ? qun_fail_mem(f->err) : 0;
}

static int fail_forgotten(struct qun_file *f, int64_t ts)
{
	struct qun_buf when = {0}, until = {0};
	int rc = qun_time_format(&when, f->in->conf.cal->zone, ts);

	if (rc == 0)
		rc = qun_time_format(&until, f->in->conf.cal->zone, qun_dedup_forgotten(f->in->dedup));
	if (rc == 0)
		rc = qun_fail(f->err, QUN_EDATA,
			"it has an event of %.*s, and of those up to %.*s the state does not know any more which it has "
			"counted: leave out what is older, or say --no-dedup if nothing of it was counted",
			(int)when.len, when.ptr, (int)until.len, until.ptr);
	qun_buf_release(&when);
	qun_buf_release(&until);
	return rc;
}

int qun_file_repeats(struct qun_file *f, const struct qun_event *ev)
{
	const struct qun_input *in = f->in;
	/* of what is told at the end the place is not known, unless the file is known as a whole */
	uint64_t place = ev->place ? ev->place - 1 : f->rec ? f->rec->offset : KNOWN_ALL - 1;
	bool known = place < f->known.upto;
	int rc = qun_dedup_seen(in->dedup, ev);

	f->known.events++;
	if (rc < 0)
		return qun_fail_mem(f->err);
	if (known)
		return 2;
	if (!in->conf.dedup && !(f->known.upto && f->format->end))
		return 0;
	if (rc > 0 || ev->ts > qun_dedup_forgotten(in->dedup))
		return rc;
	return place == KNOWN_ALL - 1 && f->known.upto ? 2 : fail_forgotten(f, ev->ts);
}

void qun_input_last(struct qun_input *in)
{
	if (in->conf.remember)
		qun_dedup_last(in->dedup, in->conf.remember);
}

static int save_names(const struct qun_dict *names, struct qun_buf *out)
{
	int rc = qun_save_u64(out, names->n);

	for (uint32_t i = 0; rc == 0 && i < names->n; i++)
		rc = qun_save_span(out, qun_dict_text(names, i));
	return rc;
}

/* Columns of --map that some input had, then other columns asked for: they need not come in every run. */
static int save_columns(const struct qun_input *in, struct qun_buf *out)
{
	struct qun_dict extras = {0};
	uint32_t id;
	int rc = save_names(&in->mapped, out);

	for (size_t i = 0; rc == 0 && in->conf.extras && i < in->conf.extras->n; i++) {
		if (in->extras_seen & QUN_BIT(i))
			rc = qun_dict_add(&extras, qun_span_of(in->conf.extras->name[i]), &id);
	}
	if (rc == 0)
		rc = save_names(&extras, out);
	qun_dict_release(&extras);
	return rc;
}

static int load_columns(struct qun_input *in, struct qun_reader *from)
{
	struct qun_span name;
	uint32_t id;
	size_t n = 0;
	int rc = qun_load_count(from, 1, &n);

	for (; rc == 0 && n > 0; n--) {
		rc = qun_load_span(from, &name);
		if (rc == 0)
			rc = qun_dict_add(&in->mapped, name, &id);
	}
	if (rc == 0)
		rc = qun_load_count(from, 1, &n);
	for (; rc == 0 && n > 0; n--) {
		rc = qun_load_span(from, &name);
		for (size_t i = 0; rc == 0 && in->conf.extras && i < in->conf.extras->n; i++) {
			if (qun_span_is(name, in->conf.extras->name[i]))
				in->extras_seen |= QUN_BIT(i);
		}
	}
	return rc;
}

int qun_input_save(const struct qun_input *in, struct qun_buf *out, struct qun_err *err)
{
	int rc = qun_known_save(&in->known, out);

	if (rc == 0)
		rc = save_columns(in, out);
	if (rc == 0)
		rc = qun_dedup_save(in->dedup, in->conf.remember, out);
	return rc < 0 ? qun_fail_mem(err) : 0;
}

int qun_input_load(struct qun_input *in, struct qun_span bytes, struct qun_err *err)
{
	struct qun_reader from = qun_reader_of(bytes);
	int rc = qun_known_load(&in->known, &from);

	if (rc == 0)
		rc = load_columns(in, &from);
	if (rc == 0)
		rc = qun_dedup_load(in->dedup, &from);
	if (rc == 0 && !qun_reader_done(&from))
		rc = QUN_ESTATE;
	if (rc == QUN_ENOMEM)
		return qun_fail_mem(err);
	return rc < 0 ? qun_fail(err, QUN_ESTATE, "the saved inputs are damaged") : 0;
}
