/* Text of one cell for people: percentages, grouped thousands, durations, translated words, and
 * hostile text made visible. */
#include <math.h>
#include <string.h>

#include "output/view.h"
#include "qun/utf8.h"

int qun_view_word(struct qun_viewing *w, const char *english)
{
	/* gettext answers the empty message with the catalogue's own header. */
	const char *text = w->style && w->style->tr && *english ? w->style->tr(english) : english;

	return qun_utf8_show(&w->scratch, qun_span_of(text));
}

/* "silent;cooling", word by word; what is too long to be a word of ours stays as it is. */
static int add_words(struct qun_viewing *w, struct qun_span s)
{
	int err = 0;

	for (size_t from = 0; !err;) {
		ptrdiff_t semicolon = qun_span_find(s, ";", from);
		size_t end = semicolon < 0 ? s.len : (size_t)semicolon;
		char word[64] = "";
		if (w->words && end - from < sizeof word && !memchr(s.ptr + from, 0, end - from)) {
			memcpy(word, s.ptr + from, end - from);
			err = qun_view_word(w, word);
		} else {
			err = qun_utf8_show(
				&w->scratch, (struct qun_span){s.ptr + from, end - from});
		}
		if (semicolon < 0)
			break;
		from = end + 1;
		if (!err)
			err = qun_buf_add_char(&w->scratch, ';');
	}
	return err;
}

/* Puts commas between the thousands of the number that starts there. */
static int group_digits(struct qun_buf *b, size_t start)
{
	const char *point = memchr(b->ptr + start, '.', b->len - start);
	size_t at = point ? (size_t)(point - b->ptr) : b->len;

	for (start += b->ptr[start] == '-'; at > start + 3;) {
		int err = qun_buf_reserve(b, 1);
		if (err)
			return err;
		at -= 3;
		memmove(b->ptr + at + 1, b->ptr + at, b->len - at);
		b->ptr[at] = ',';
		b->len++;
	}
	return 0;
}

static int add_number(struct qun_viewing *w, const struct qun_value *v, int per, int digits)
{
	size_t start = w->scratch.len;
	int err = qun_value_format(&w->scratch, v, 1, per, digits);

	return err ? err : group_digits(&w->scratch, start);
}

/* Two decimals, more for small numbers: a p-value of 0.004 must not read 0.00. */
static int digits_of_real(const struct qun_value *v)
{
	double x = fabs(qun_value_real(v));
	int digits = 2;

	for (; x > 0 && x < 0.1 && digits < 6; digits++)
		x *= 10;
	return digits;
}

static int add_seconds(struct qun_viewing *w, const struct qun_value *v)
{
	if (v->den == 0)
		return add_number(w, v, 1, 0);
	qun_i128 all = qun_round_div(v->num, v->den), days = all / 86400;
	int s = (int)(all % 86400), err = 0;
	if (all < 0) {
		days = -days;
		s = -s;
		err = qun_buf_add_char(&w->scratch, '-');
	}
	if (!err && days)
		err = qun_int_format(&w->scratch, days);
	if (!err && days)
		err = qun_buf_add_text(&w->scratch, "d ");
	return err ? err
		   : qun_buf_printf(&w->scratch, "%02d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
}

int qun_view_text(struct qun_viewing *w, size_t col, const struct qun_value *v)
{
	enum qun_kind kind = w->t->column[col].kind;
	int err;

	if (qun_is_null(v))
		return 0;
	if (qun_is_text(v))
		return kind == QUN_K_TEXT ? qun_utf8_show(&w->scratch, v->text)
					  : add_words(w, v->text);
	switch (kind) {
	case QUN_K_DATE: return qun_cell_format(&w->scratch, w->t, col, v);
	case QUN_K_FLAG: return qun_view_word(w, v->num ? "yes" : "no");
	case QUN_K_RATE:
	case QUN_K_BOUND:
		err = qun_value_format(&w->scratch, v, 100, 1, 1);
		return err ? err : qun_buf_add_text(&w->scratch, " %");
	case QUN_K_REAL: return add_number(w, v, 1, digits_of_real(v));
	case QUN_K_MONEY: return add_number(w, v, QUN_MONEY_UNIT, w->t->money_digits);
	case QUN_K_SECONDS: return add_seconds(w, v);
	default: return add_number(w, v, 1, 0);
	}
}
