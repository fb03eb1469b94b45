/* Events as text: CSV, TSV and JSON of the canonical fields. Nothing is rounded, nothing is guessed. */
#include "qun/stream.h"

#include "qun/escape.h"
#include "qun/num.h"

#include <string.h>

/* A decimal number as JSON has it, with at most the decimals that amounts keep. */
static bool is_plain(struct qun_span s)
{
	size_t at = s.len && s.ptr[0] == '-', whole, point;

	for (whole = at; at < s.len && s.ptr[at] >= '0' && s.ptr[at] <= '9'; at++)
		continue;
	if (at == whole || (s.ptr[whole] == '0' && at > whole + 1))
		return false;
	if (at == s.len)
		return true;
	if (s.ptr[at] != '.')
		return false;
	for (point = ++at; at < s.len && s.ptr[at] >= '0' && s.ptr[at] <= '9'; at++)
		continue;
	return at == s.len && at > point && at <= point + 4;
}

/* The digits as they were read where they are a number as it stands, "12.5" too; else made new. */
static int put_amount(struct qun_buf *out, const struct qun_event *ev)
{
	struct qun_span digits = ev->field[QUN_F_AMOUNT];
	int64_t value;

	if (!ev->has_amount)
		return 0;
	if (is_plain(digits) && qun_money_parse(digits, &value) == 1 && value == ev->amount)
		return qun_buf_add_span(out, digits);
	return qun_money_format(out, ev->amount, ev->amount % 100 ? 4 : 2);
}

int qun_stream_field(struct qun_buf *out, const struct qun_zone *zone, const struct qun_event *ev, int field)
{
	switch (field) {
	case QUN_F_TS: return qun_time_format(out, zone, ev->ts);
	case QUN_F_AMOUNT: return put_amount(out, ev);
	default: return qun_buf_add_span(out, ev->field[field]);
	}
}

static int put_row(struct qun_buf *out, const struct qun_stream_style *style, const struct qun_event *ev)
{
	bool csv = style->form == QUN_STREAM_CSV;
	size_t start = out->len, from;
	int rc = 0;

	for (int i = 0; rc == 0 && i < style->n; i++) {
		int field = style->field[i];
		if (i)
			rc = qun_buf_add_char(out, csv ? ',' : '\t');
		from = out->len;
		if (!ev->field[field].len && field != QUN_F_TS && field != QUN_F_AMOUNT)
			continue;
		if (rc == 0 && !csv && field != QUN_F_TS && field != QUN_F_AMOUNT)
			rc = qun_escape_tsv(out, ev->field[field]);
		else if (rc == 0)
			rc = qun_stream_field(out, style->zone, ev, field);
		if (rc == 0 && csv)
			rc = qun_escape_csv(out, from, false);
	}
	/* readers take an empty line for no row at all */
	if (rc == 0 && csv && out->len == start)
		rc = qun_buf_add_text(out, "\"\"");
	return rc < 0 ? rc : qun_buf_add_char(out, '\n');
}

/* Keys without which nobody could tell that these are events, or that nobody is their user. */
static bool is_always(int field)
{
	return field == QUN_F_TS || field == QUN_F_GROUP || field == QUN_F_USER || field == QUN_F_TYPE;
}

static int put_object(struct qun_buf *out, const struct qun_stream_style *style, const struct qun_event *ev)
{
	int rc = qun_buf_add_char(out, '{');
	bool begun = false;

	for (int i = 0; rc == 0 && i < style->n; i++) {
		int field = style->field[i];
		bool there = field == QUN_F_AMOUNT ? ev->has_amount : ev->field[field].len > 0;
		if (!there && !is_always(field))
			continue;
		rc = qun_buf_add_text(out, begun ? ",\"" : "\"");
		if (rc == 0)
			rc = qun_buf_add_text(out, qun_field_name(field));
		if (rc == 0)
			rc = qun_buf_add_text(out, "\":");
		begun = true;
		if (rc == 0 && field == QUN_F_TS) {
			rc = qun_buf_add_char(out, '"');
			if (rc == 0)
				rc = qun_time_format(out, style->zone, ev->ts);
			if (rc == 0)
				rc = qun_buf_add_char(out, '"');
		} else if (rc == 0 && field == QUN_F_AMOUNT) {
			rc = put_amount(out, ev);
		} else if (rc == 0) {
			rc = qun_escape_json(out, ev->field[field], true);
		}
	}
	return rc < 0 ? rc : qun_buf_add_char(out, '}');
}

int qun_stream_head(struct qun_buf *out, const struct qun_stream_style *style)
{
	int rc = 0;

	if (style->form == QUN_STREAM_NDJSON)
		return 0;
	if (style->form == QUN_STREAM_JSON)
		return qun_buf_add_char(out, '[');
	for (int i = 0; rc == 0 && i < style->n; i++)
		rc = qun_buf_printf(out, "%s%s", i == 0 ? "" : style->form == QUN_STREAM_CSV ? "," : "\t",
			qun_field_name(style->field[i]));
	return rc < 0 ? rc : qun_buf_add_char(out, '\n');
}

int qun_stream_event(struct qun_buf *out, const struct qun_stream_style *style, const struct qun_event *ev,
	bool first)
{
	int rc;

	switch (style->form) {
	case QUN_STREAM_JSON:
		rc = qun_buf_add_text(out, first ? "\n" : ",\n");
		return rc < 0 ? rc : put_object(out, style, ev);
	case QUN_STREAM_NDJSON:
		rc = put_object(out, style, ev);
		return rc < 0 ? rc : qun_buf_add_char(out, '\n');
	default: return put_row(out, style, ev);
	}
}

int qun_stream_foot(struct qun_buf *out, const struct qun_stream_style *style, bool empty)
{
	if (style->form != QUN_STREAM_JSON)
		return 0;
	return qun_buf_add_text(out, empty ? "]\n" : "\n]\n");
}
