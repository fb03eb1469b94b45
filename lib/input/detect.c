/* Guesses from the first bytes and the first records: container, shape of a CSV, style of times. */
#include "input/file.h"

#include "input/header.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PREAMBLE_LINES = 64, TEXT_LINES = 200 };

/* Does a format know the lines of this text? A chat may begin with [ and hold commas all over. */
static int is_text(const char *file, struct qun_span head, bool *yes)
{
	static const struct qun_span name = {"line", 4};
	struct qun_cell_in *cell = calloc(TEXT_LINES, sizeof(*cell));
	struct qun_record *rec = calloc(TEXT_LINES, sizeof(*rec));
	struct qun_sample s = {.container = QUN_TEXT, .file = strcmp(file, "-") == 0 ? "" : file, .name = &name,
		.nname = 1, .record = rec, .array = ""};
	int rc = cell && rec ? 0 : QUN_ENOMEM;

	for (size_t from = 0; rc == 0 && from < head.len && s.nrecord < TEXT_LINES; s.nrecord++) {
		const char *end = memchr(head.ptr + from, '\n', head.len - from);
		size_t len = end ? (size_t)(end - head.ptr) - from : head.len - from;
		struct qun_span line = {head.ptr + from, len};
		line.len -= len && line.ptr[len - 1] == '\r';
		cell[s.nrecord] = (struct qun_cell_in){line, QUN_CELL_TEXT};
		rec[s.nrecord] = (struct qun_record){.cell = &cell[s.nrecord], .n = 1,
			.line = s.nrecord + 1, .offset = from, .raw = line};
		from += len + 1;
	}
	*yes = rc == 0 && qun_format_guess(&s, NULL) != NULL;
	free(cell);
	free(rec);
	return rc;
}

/* Is this how JSON begins? Lines that begin with # are comments there, as ChatLab has them. */
static bool is_json(struct qun_span head)
{
	while (head.len && memchr(" \t\r\n#", *head.ptr, 5)) {
		const char *end = *head.ptr == '#' ? memchr(head.ptr, '\n', head.len) : head.ptr;
		size_t used = end ? (size_t)(end - head.ptr) + 1 : head.len;
		head.ptr += used;
		head.len -= used;
	}
	return head.len && (*head.ptr == '{' || *head.ptr == '[');
}

int qun_container_of(const char *file, struct qun_span head, const struct qun_input_conf *conf, const struct qun_format *from,
	enum qun_container *container)
{
	bool text = false;

	*container = from ? (enum qun_container)from->containers : 0;
	if (*container == QUN_CSV || *container == QUN_JSON || *container == QUN_TEXT)
		return 0;
	/* whoever speaks of columns has some */
	if (!from && !conf->no_header && !conf->delimiter && is_text(file, head, &text) < 0)
		return QUN_ENOMEM;
	*container = is_json(head) ? QUN_JSON : QUN_CSV;
	if (text)
		*container = QUN_TEXT;
	return 0;
}

/* A line under scrutiny: is it the header? */
struct scrutiny {
	const struct qun_input_conf *conf;
	size_t cells, known;
};

static bool is_mapped(const struct qun_input_conf *conf, struct qun_span name)
{
	for (size_t i = 0; i < conf->map.n; i++) {
		const char *equals = strchr(conf->map.v[i], '=');
		if (equals && qun_span_is(name, equals + 1))
			return true;
	}
	return false;
}

static bool is_of_format(struct qun_span name)
{
	for (size_t i = 0; qun_formats[i]; i++) {
		const struct qun_mapping *map = qun_formats[i]->map;
		for (; (qun_formats[i]->containers & QUN_CSV) && map && map->column; map++) {
			if (qun_span_is(name, map->column))
				return true;
		}
	}
	return false;
}

static void scrutinise(void *arg, struct qun_span cell)
{
	struct scrutiny *s = arg;
	struct qun_span name = qun_header_name(cell);

	s->cells++;
	s->known += name.len && (qun_header_field(name) >= 0 || is_mapped(s->conf, name) || is_of_format(name));
}

/* The separator that makes most of a line, first of known names, then of cells. */
static char best_delimiter(struct qun_span line, const struct qun_input_conf *conf, size_t *known)
{
	const char given[] = {conf->delimiter, '\0'};
	size_t cells = 0;
	char best = 0;

	*known = 0;
	for (const char *d = conf->delimiter ? given : ",;\t|"; *d; d++) {
		struct scrutiny s = {.conf = conf};
		if (!qun_csv_line(line, *d, scrutinise, &s))
			s.known = 0; /* its quotes end elsewhere */
		if (best && (s.known < *known || (s.known == *known && s.cells <= cells)))
			continue;
		best = *d;
		*known = s.known;
		cells = s.cells;
	}
	return best;
}

/*
 * The header is the first line with two known names, for bills have lines of prose above it; where
 * there is none it is the first line of all.
 */
struct qun_csv_shape qun_csv_shape_of(struct qun_span head, const struct qun_input_conf *conf)
{
	struct qun_csv_shape shape = {.delimiter = conf->delimiter, .line = 1};
	size_t from = 0, known;

	for (uint64_t line = 1; from < head.len && line <= PREAMBLE_LINES; line++) {
		size_t end = from;
		while (end < head.len && head.ptr[end] != '\n' && head.ptr[end] != '\r')
			end++;
		struct qun_span text = {head.ptr + from, end - from};
		char delimiter = text.len ? best_delimiter(text, conf, &known) : 0;
		if (delimiter && known >= 2 && !conf->no_header)
			return (struct qun_csv_shape){delimiter, from, line};
		if (delimiter && !shape.delimiter)
			shape.delimiter = delimiter;
		bool crlf = head.len - end > 1 && head.ptr[end] == '\r' && head.ptr[end + 1] == '\n';
		from = end + 1 + crlf;
	}
	if (!shape.delimiter)
		shape.delimiter = ',';
	return shape;
}

void qun_time_tally_add(struct qun_time_tally *t, struct qun_span s)
{
	unsigned styles = s.len ? qun_time_guess(s) : 0;

	if (!styles)
		return;
	if (!t->n++)
		t->all = styles;
	t->all &= styles;
	for (int i = QUN_TIME_EPOCH_S; i <= QUN_TIME_MDY; i++)
		t->of[i] += styles >> i & 1;
	if (!t->example[0] && styles == (1U << QUN_TIME_DMY | 1U << QUN_TIME_MDY))
		snprintf(t->example, sizeof(t->example), "%.*s", (int)(s.len < 40 ? s.len : 40), s.ptr);
}

/* Units of time since 1970: the coarsest that fits, for the finer ones would all lie in the 1970s. */
int qun_time_tally_style(const struct qun_time_tally *t, enum qun_time_style order, enum qun_time_style *style,
	struct qun_err *err)
{
	static const enum qun_time_style preferred[] = {QUN_TIME_YMD, QUN_TIME_EPOCH_S, QUN_TIME_EPOCH_MS,
		QUN_TIME_EPOCH_US, QUN_TIME_DMY, QUN_TIME_MDY};
	const unsigned either = 1U << QUN_TIME_DMY | 1U << QUN_TIME_MDY;
	unsigned possible = t->all;
	size_t most = 0;

	*style = QUN_TIME_YMD;
	if (!t->n)
		return 0;
	for (int i = QUN_TIME_EPOCH_S; !t->all && i <= QUN_TIME_MDY; i++) {
		/* several styles in one file: the commonest, and the others are bad records */
		possible = t->of[i] > most ? 1U << i : t->of[i] == most ? possible | 1U << i : possible;
		most = t->of[i] > most ? t->of[i] : most;
	}
	for (size_t i = sizeof(preferred) / sizeof(*preferred); i-- > 0;) {
		if (possible >> preferred[i] & 1)
			*style = preferred[i];
	}
	if (*style != QUN_TIME_DMY && *style != QUN_TIME_MDY)
		return 0;
	if (order != QUN_TIME_AUTO)
		*style = order;
	else if ((possible & either) == either && !t->example[0])
		return qun_fail(err, QUN_EUSAGE,
			"some times are day/month, others month/day; say --date-order dmy or mdy to call the others bad");
	else if ((possible & either) == either)
		return qun_fail(err, QUN_EUSAGE,
			"times like '%s' may be day/month or month/day, and no record tells; say --date-order dmy or mdy",
			t->example);
	return 0;
}

const char *qun_time_style_name(enum qun_time_style style)
{
	static const char *const names[] = {"?", "epoch seconds", "epoch milliseconds", "epoch microseconds",
		"year-month-day", "day/month/year", "month/day/year", "each its own way"};

	return names[style];
}
