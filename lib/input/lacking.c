/*
 * A known format's file without one of the columns that its writer always writes: somebody renamed or
 * dropped it. Read by the names of the rest its system rows would be people and its numbers wrong.
 */
#include "input/file.h"

#include <string.h>

enum { NAMES_MIN = 5, SURE = 60 };

/* Takes the next name of a header line, that ends at a newline. */
static bool next_name(const char **line, struct qun_span *name)
{
	size_t len = strcspn(*line, ",\n");

	*name = (struct qun_span){*line, len};
	*line += len + ((*line)[len] == ',');
	return len > 0;
}

static bool has(const struct qun_sample *s, struct qun_span name)
{
	for (size_t i = 0; i < s->nname; i++) {
		if (qun_span_eq(s->name[i], name))
			return true;
	}
	return false;
}

/* The only name of the line that is not there; empty where all are, or several are not. */
static struct qun_span lacking(const char *line, const struct qun_sample *s)
{
	struct qun_span name, missing = {0};
	size_t n = 0, lost = 0;

	for (; next_name(&line, &name); n++) {
		if (!has(s, name)) {
			missing = name;
			lost++;
		}
	}
	return lost == 1 && n >= NAMES_MIN ? missing : (struct qun_span){0};
}

/* Does what is counted hang on this column, and has no other taken its place? */
static bool is_needed(const struct qun_file *f, struct qun_span name)
{
	static const int plain[] = {QUN_F_NAME, QUN_F_TEXT, QUN_F_PRODUCT, QUN_F_QTY, QUN_F_REF, QUN_F_SOURCE, QUN_F_ROLE,
		QUN_F_ID};

	for (const struct qun_mapping *m = f->format->map; m && m->column; m++) {
		int field = m->field & ~QUN_MUST;
		/* an order that lacks the time of payment is dated by another one */
		bool dates = field == QUN_F_TS && f->format->type;
		bool needed = qun_span_is(name, m->column) && (dates || !qun_map_has(&f->map, field));
		for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
			needed &= field != plain[i];
		if (needed)
			return true;
	}
	return false;
}

static int fail(struct qun_file *f, const struct qun_sample *s, const struct qun_format *format, struct qun_span name)
{
	const char *what = s->container == QUN_JSON ? "key" : "column";
	char list[QUN_LIST_BYTES];

	qun_list_names(s->name, s->nname, list);
	return qun_fail(f->err, QUN_EUSAGE,
		"this is nearly a file of the format '%s', without its %s '%.*s'; the file has: %s; give the %s its name back, or "
		"say how to read it without, with --from %s or --from %s",
		format->name, what, (int)name.len, name.ptr, list, what, format->name,
		s->container == QUN_JSON ? "json" : "csv");
}

int qun_file_lacking(struct qun_file *f, const struct qun_sample *s)
{
	bool known = f->score >= SURE;

	for (size_t i = 0; qun_formats[i] && !f->in->conf.from; i++) {
		const struct qun_format *format = qun_formats[i];
		if (!(format->containers & s->container) || !format->header || (known && format != f->format))
			continue;
		for (const char *line = format->header; line; line = strchr(line, '\n')) {
			line += *line == '\n';
			struct qun_span name = lacking(line, s);
			if (name.len && (!known || is_needed(f, name)))
				return fail(f, s, format, name);
		}
	}
	return 0;
}
