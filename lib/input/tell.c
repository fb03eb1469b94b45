/* What a file was taken for and what came of it, for those who want to know more than its events. */
#include "input/file.h"

#include <stdlib.h>
#include <string.h>

/* The columns of the file in order of the fields that they fill. */
static size_t tell_columns(const struct qun_file *f, struct qun_found_column *to)
{
	size_t n = 0;

	for (int field = 0; field < QUN_NFIELDS; field++) {
		for (int i = f->map.first[field]; i >= 0; i = f->map.column[i].next_of_field) {
			if (f->map.column[i].seen)
				to[n++] = (struct qun_found_column){qun_field_name(field), f->map.column[i].name.ptr};
		}
		if (field == QUN_F_TS && f->map.clock >= 0)
			to[n++] = (struct qun_found_column){qun_field_name(field), f->map.column[f->map.clock].name.ptr};
		if (f->map.fixed[field])
			to[n++] = (struct qun_found_column){qun_field_name(field), "--set"};
	}
	return n;
}

static size_t tell_unused(const struct qun_file *f, const struct qun_sample *s, struct qun_span *to)
{
	size_t n = 0;

	for (size_t i = 0; f->container != QUN_TEXT && i < s->nname; i++) {
		int column = qun_map_find(&f->map, s->name[i]);
		if (s->name[i].len && (column < 0 || !f->map.column[column].seen) && !qun_map_inside(&f->map, s->name[i]))
			to[n++] = s->name[i];
	}
	return n;
}

int qun_file_tell_opened(struct qun_file *f, const struct qun_sample *s)
{
	struct qun_found_column *column = calloc(f->map.n + QUN_NFIELDS, sizeof(*column));
	struct qun_span *unused = calloc(s->nname + 1, sizeof(*unused));
	struct qun_found found = {.file = f->path, .format = f->format->name, .brief = f->format->brief,
		.asked = f->in->conf.from != NULL, .score = f->score, .container = f->container,
		.delimiter = f->delimiter, .array = f->array, .packed = qun_source_packed(f->source),
		.encoding = qun_source_encoding(f->source), .times = qun_time_style_name(f->map.time),
		.by_name = f->map.name_is_id};
	int rc = column && unused ? 0 : QUN_ENOMEM;

	if (rc == 0) {
		found.ncolumn = tell_columns(f, column);
		found.column = column;
		found.nunused = tell_unused(f, s, unused);
		found.unused = unused;
		found.brief = found.brief ? found.brief : "";
		f->in->sink.opened(f->in->sink.arg, &found);
	}
	free(column);
	free(unused);
	return rc;
}

static struct qun_input_counts since(const struct qun_input_counts *now, const struct qun_input_counts *then)
{
	return (struct qun_input_counts){.read = now->read - then->read, .used = now->used - then->used,
		.filtered = now->filtered - then->filtered, .duplicate = now->duplicate - then->duplicate,
		.bad = now->bad - then->bad, .bytes = now->bytes - then->bytes,
		.system_unknown = now->system_unknown - then->system_unknown, .rounded = now->rounded - then->rounded,
		.by_name = now->by_name - then->by_name, .odd_types = now->odd_types - then->odd_types,
		.repeated = now->repeated - then->repeated, .astray = now->astray - then->astray};
}

void qun_file_tell_closed(struct qun_file *f)
{
	struct qun_closed closed = {.file = f->path, .counts = since(&f->in->counts, &f->before), .ids = f->met.n};

	for (uint32_t i = 0; i < f->met.n; i++) {
		struct qun_span id = qun_dict_text(&f->met, i);
		if (qun_alias_knows(f->in->conf.alias, id))
			closed.known++;
		else if (closed.nunknown < QUN_UNKNOWN_SHOWN)
			closed.unknown[closed.nunknown++] = id;
	}
	f->in->sink.closed(f->in->sink.arg, &closed);
}
