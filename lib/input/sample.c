/* The sample that formats recognise themselves by, and the choice among them. */
#include "input/file.h"

#include "input/pick.h"

#include <string.h>

enum { SAMPLE_ROWS = 200, SAMPLE_ELEMENTS = 64 };

int qun_sample_column(const struct qun_sample *s, const char *name)
{
	for (size_t i = 0; i < s->nname; i++) {
		if (qun_span_is(s->name[i], name))
			return (int)i;
	}
	return -1;
}

bool qun_sample_has(const struct qun_sample *s, const char *const *names)
{
	for (; *names; names++) {
		if (qun_sample_column(s, *names) < 0)
			return false;
	}
	return true;
}

const struct qun_format *qun_format_of(const char *name)
{
	for (size_t i = 0; qun_formats[i]; i++) {
		if (strcmp(qun_formats[i]->name, name) == 0)
			return qun_formats[i];
	}
	return NULL;
}

/* May the records of this format lie here? */
static bool reads(const struct qun_format *f, const struct qun_sample *s)
{
	if (!(f->containers & s->container) || s->container != QUN_JSON || !f->array)
		return f->containers & s->container;
	for (size_t i = 0; f->array[i]; i++) {
		if (strcmp(f->array[i], s->array) == 0)
			return true;
	}
	return false;
}

const struct qun_format *qun_format_guess(const struct qun_sample *s, int *score)
{
	const struct qun_format *best = NULL;
	int most = 0;

	for (size_t i = 0; qun_formats[i]; i++) {
		const struct qun_format *f = qun_formats[i];
		int sure = f->recognise && reads(f, s) ? f->recognise(s) : 0;
		if (sure > most) {
			most = sure;
			best = f;
		}
	}
	if (score)
		*score = most;
	return best;
}

/* A sample of JSON in the making. */
struct gathering {
	struct qun_dict names;
	struct qun_cell_in *cell; /* of the record in hand; NULL: only names are gathered */
	struct qun_arena *a;
};

static int gather(void *arg, struct qun_span path, const struct qun_cell_in *cell)
{
	struct gathering *g = arg;
	uint32_t id = qun_dict_find(&g->names, path);
	char *copy;

	if (!g->cell)
		return g->names.n < QUN_PATHS_MAX ? qun_dict_add(&g->names, path, &id) : 0;
	if (id == QUN_NONE)
		return 0;
	copy = qun_arena_copy(g->a, cell->s);
	g->cell[id] = (struct qun_cell_in){{copy, cell->s.len}, cell->kind};
	return copy ? 0 : QUN_ENOMEM;
}

static bool everywhere(void *arg, struct qun_span path)
{
	(void)arg;
	(void)path;
	return true;
}

static bool is_json(const struct qun_file *f, struct qun_span element)
{
	struct qun_json_fault fault;

	return (f->in->conf.reader != QUN_READER_REFERENCE && qun_json_sure(element, f->in->conf.lane)) ||
		qun_json_check(element, &fault) == 0;
}

static int json_records(struct qun_file *f, struct gathering *g, struct qun_record *rec, size_t *n)
{
	const struct qun_json_walk walk = {g, gather, everywhere};
	struct qun_buf text = {0};
	bool names = !rec;
	int rc = 0;

	for (size_t i = 0; rc >= 0 && i < f->nheld && (names || *n < SAMPLE_ELEMENTS); i++) {
		const struct qun_held *h = &f->held[i];
		if (h->bad || !is_json(f, h->rec.raw))
			continue;
		if (!names) {
			g->cell = qun_arena_alloc(g->a, (g->names.n + 1) * sizeof(*g->cell));
			if (!g->cell)
				rc = QUN_ENOMEM;
			for (size_t c = 0; rc == 0 && c < g->names.n; c++)
				g->cell[c] = (struct qun_cell_in){.kind = QUN_CELL_ABSENT};
		}
		if (rc == 0)
			rc = qun_json_paths(h->rec.raw, &walk, &text);
		if (rc == 0 && !names) {
			rec[*n] = h->rec;
			rec[*n].cell = g->cell;
			rec[(*n)++].n = g->names.n;
		}
	}
	qun_buf_release(&text);
	return rc;
}

static int json_sample(struct qun_file *f, struct qun_sample *s, struct qun_arena *a)
{
	struct gathering g = {.a = a};
	struct qun_record *rec = qun_arena_alloc(a, SAMPLE_ELEMENTS * sizeof(*rec));
	struct qun_span *name = NULL;
	int rc = rec ? json_records(f, &g, NULL, NULL) : QUN_ENOMEM;

	if (rc == 0)
		rc = json_records(f, &g, rec, &s->nrecord);
	if (rc == 0)
		name = qun_arena_alloc(a, (g.names.n + 1) * sizeof(*name));
	rc = rc == 0 && !name ? QUN_ENOMEM : rc;
	for (uint32_t i = 0; rc == 0 && i < g.names.n; i++) {
		struct qun_span text = qun_dict_text(&g.names, i);
		name[i] = (struct qun_span){qun_arena_copy(a, text), text.len};
		rc = name[i].ptr ? 0 : QUN_ENOMEM;
	}
	s->name = name;
	s->nname = g.names.n;
	s->record = rec;
	qun_dict_release(&g.names);
	return rc;
}

/* Rows as wide as the header, whatever they were. */
static int csv_sample(struct qun_file *f, struct qun_sample *s, struct qun_arena *a)
{
	struct qun_record *rec = qun_arena_alloc(a, SAMPLE_ROWS * sizeof(*rec));

	if (!rec)
		return QUN_ENOMEM;
	for (size_t i = 0; i < f->nheld && s->nrecord < SAMPLE_ROWS; i++) {
		const struct qun_record *from = &f->held[i].rec;
		if (f->held[i].bad)
			continue;
		struct qun_cell_in *cell = qun_arena_alloc(a, (f->nname + 1) * sizeof(*cell));
		if (!cell)
			return QUN_ENOMEM;
		for (size_t c = 0; c < f->nname; c++)
			cell[c] = c < from->n ? from->cell[c] : (struct qun_cell_in){.kind = QUN_CELL_ABSENT};
		rec[s->nrecord] = *from;
		rec[s->nrecord].cell = cell;
		rec[s->nrecord++].n = f->nname;
	}
	s->name = f->name;
	s->nname = f->nname;
	s->record = rec;
	return 0;
}

int qun_file_sample(struct qun_file *f, const char *array, bool lines, struct qun_sample *s, struct qun_arena *a)
{
	*s = (struct qun_sample){.container = f->container, .file = strcmp(f->path, "-") == 0 ? "" : f->path,
		.array = array, .ndjson = lines, .header = f->header};
	return f->container == QUN_JSON ? json_sample(f, s, a) : csv_sample(f, s, a);
}
