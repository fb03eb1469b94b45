/*
 * Exact numbers as text. Everything goes through integers: no locale is asked for its decimal
 * point and nothing is rounded twice.
 */
#include "qun/num.h"

#include <assert.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned __int128 u128;

#define DIGITS_MAX 18 /* decimals */
#define MONEY_DECIMALS 4 /* of QUN_MONEY_UNIT */
#define INT_CHARS 39 /* digits of 2^128 */
#define NUMBER_BYTES 64 /* longest number that is read as a real */

/* Blanks, and marks that say currency: nothing about the value. */
static const char *const money_marks[] = {" ", "\t", "$", "¥", "￥", "€", "£", "元"};
static const char *const money_absent[] = {"", "/", "-", "--", "——"};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Takes the text off the front of s if it stands there. */
static bool skip_text(struct qun_span *s, const char *text)
{
	size_t len = strlen(text);

	if (!qun_span_starts(*s, text))
		return false;
	s->ptr += len;
	s->len -= len;
	return true;
}

/* Takes blanks and currency marks off the front, and one sign where sign is not NULL. */
static void skip_marks(struct qun_span *s, char *sign)
{
	size_t i = 0;

	while (i < sizeof(money_marks) / sizeof(*money_marks) && s->len > 0 && !is_digit(*s->ptr)) {
		if (skip_text(s, money_marks[i])) {
			i = 0;
		} else if (sign && !*sign && (*s->ptr == '+' || *s->ptr == '-')) {
			*sign = *s->ptr;
			skip_text(s, *sign == '+' ? "+" : "-");
			i = 0;
		} else {
			i++;
		}
	}
}

/* Takes ="…" and a leading ' away, with which spreadsheets keep a cell from being changed. */
static struct qun_span money_bare(struct qun_span s)
{
	s = qun_span_trim(s);
	if (s.len >= 3 && qun_span_starts(s, "=\"") && s.ptr[s.len - 1] == '"')
		s = qun_span_trim((struct qun_span){s.ptr + 2, s.len - 3});
	if (skip_text(&s, "'"))
		s = qun_span_trim(s);
	return s;
}

/* The digits at the front of s: v * 10 + digit for each, away from zero. Sets *over where v cannot
 * hold them. Returns how many there were. */
static size_t take_digits(struct qun_span *s, size_t most, bool negative, int64_t *v, bool *over)
{
	size_t n = 0;

	for (; n < most && s->len > 0 && is_digit(*s->ptr); n++) {
		int digit = *s->ptr - '0';

		*over |= __builtin_mul_overflow(*v, 10, v) ||
			 __builtin_add_overflow(*v, negative ? -digit : digit, v);
		s->ptr++;
		s->len--;
	}
	return n;
}

/*
 * The whole part. A comma or a blank between digits must part thousands: groups of three, or of two
 * before the last as in India. "3,89" is more likely a decimal comma than 389, and a refused
 * amount is better than a wrong one.
 */
static bool take_whole(struct qun_span *s, bool negative, int64_t *v, bool *over, size_t *digits)
{
	size_t group = take_digits(s, SIZE_MAX, negative, v, over);
	bool first = true;

	for (*digits = group; group > 0 && s->len > 0 && *s->ptr != '.'; *digits += group) {
		struct qun_span rest = *s;

		if (!skip_text(&rest, ",") && !skip_text(&rest, "，") && !skip_text(&rest, " "))
			break;
		if (rest.len == 0 || !is_digit(*rest.ptr))
			break;
		if (group > 3 || (!first && group == 1))
			return false;
		*s = rest;
		group = take_digits(s, SIZE_MAX, negative, v, over);
		first = false;
	}
	return first || group == 3;
}

static int money_read(struct qun_span s, int64_t *minor)
{
	char sign = '\0';
	size_t whole, decimals = 0;
	bool negative, over = false, up = false;
	int64_t v = 0;

	skip_marks(&s, &sign);
	negative = sign == '-';
	if (!take_whole(&s, negative, &v, &over, &whole))
		return QUN_EDATA;
	if (skip_text(&s, "."))
		decimals = take_digits(&s, MONEY_DECIMALS, negative, &v, &over);
	if (whole + decimals == 0)
		return QUN_EDATA;
	for (; decimals < MONEY_DECIMALS; decimals++)
		over |= __builtin_mul_overflow(v, 10, &v);
	if (decimals == MONEY_DECIMALS && s.len > 0 && is_digit(*s.ptr)) {
		int64_t ignored = 0;
		bool wrapped = false;

		up = *s.ptr >= '5';
		take_digits(&s, SIZE_MAX, false, &ignored, &wrapped);
	}
	over |= __builtin_add_overflow(v, up ? (negative ? -1 : 1) : 0, &v);
	skip_marks(&s, NULL);
	if (s.len > 0)
		return QUN_EDATA;
	if (over)
		return QUN_EOVERFLOW;
	*minor = v;
	return 1;
}

int qun_money_parse(struct qun_span s, int64_t *minor)
{
	size_t i;

	/* nearly all amounts begin and end with a digit, so that nothing stands around them */
	if (s.len && is_digit(s.ptr[0]) && is_digit(s.ptr[s.len - 1]))
		return money_read(s, minor);
	s = money_bare(s);
	for (i = 0; i < sizeof(money_absent) / sizeof(*money_absent); i++)
		if (qun_span_is(s, money_absent[i]))
			return 0;
	return money_read(s, minor);
}

int qun_int_format(struct qun_buf *out, qun_i128 v)
{
	return qun_fraction_format(out, v, 1, 0);
}

int qun_money_format(struct qun_buf *out, qun_i128 minor, int digits)
{
	return qun_fraction_format(out, minor, QUN_MONEY_UNIT, digits);
}

static u128 magnitude(qun_i128 v)
{
	return v < 0 ? -(u128)v : (u128)v;
}

/* Decimal digits of v into text, which has room for INT_CHARS of them. Returns how many. */
static size_t put_digits(char *text, u128 v)
{
	char back[INT_CHARS];
	size_t n = 0, i;
	uint64_t low;

	for (; v > UINT64_MAX; v /= 10)
		back[n++] = (char)('0' + (int)(v % 10));
	low = (uint64_t)v;
	do
		back[n++] = (char)('0' + (int)(low % 10));
	while ((low /= 10) > 0);
	for (i = 0; i < n; i++)
		text[i] = back[n - 1 - i];
	return n;
}

/* Next decimal digit of rest / den, rest < den. */
static int next_digit(u128 *rest, u128 den)
{
	u128 sum = 0;
	int digit = 0, i;

	if (den <= UINT64_MAX / 10) {
		uint64_t ten = (uint64_t)*rest * 10;

		*rest = ten % (uint64_t)den;
		return (int)(ten / (uint64_t)den);
	}
	/* rest * 10 may not fit */
	for (i = 0; i < 10; i++) {
		if (sum >= den - *rest) {
			sum -= den - *rest;
			digit++;
		} else {
			sum += *rest;
		}
	}
	*rest = sum;
	return digit;
}

int qun_fraction_format(struct qun_buf *out, qun_i128 num, qun_i128 den, int digits)
{
	/* sign, carry, whole, point, decimals, NUL */
	char text[1 + 1 + INT_CHARS + 1 + DIGITS_MAX + 1];
	u128 d = magnitude(den), rest = magnitude(num), whole;
	size_t n = 2, at;
	bool zero;
	int i;

	assert(digits >= 0 && digits <= DIGITS_MAX);
	text[1] = '0';
	whole = d > rest ? 0 : (rest | d) <= UINT64_MAX ? (uint64_t)rest / (uint64_t)d : rest / d;
	rest -= whole * d;
	n += put_digits(text + n, whole);
	if (digits > 0)
		text[n++] = '.';
	for (i = 0; i < digits; i++)
		text[n++] = (char)('0' + next_digit(&rest, d));
	if (rest >= d - rest) {
		for (at = n - 1; text[at] == '9' || text[at] == '.'; at--)
			if (text[at] == '9')
				text[at] = '0';
		text[at]++;
	}
	text[n] = '\0';
	zero = text[1 + strspn(text + 1, "0.")] == '\0';
	at = text[1] == '0' ? 2 : 1;
	if (!zero && (num < 0) != (den < 0))
		text[--at] = '-';
	return qun_buf_add(out, text + at, n - at);
}

qun_i128 qun_round_div(qun_i128 num, qun_i128 den)
{
	u128 d = magnitude(den), q = magnitude(num) / d, rest = magnitude(num) % d;

	q += rest >= d - rest;
	return (num < 0) != (den < 0) ? (qun_i128)-q : (qun_i128)q;
}

/* A double is mantissa * 2^power; both parts fit a fraction unless it is a large integer or so
 * small that no digit is left of it. */
int qun_real_format(struct qun_buf *out, double x, int digits)
{
	qun_i128 mantissa, den = 1;
	int power;

	if (!isfinite(x))
		return QUN_EDATA;
	mantissa = (qun_i128)ldexp(frexp(x, &power), 53);
	power -= 53;
	if (power > 73)
		return QUN_EOVERFLOW;
	if (power > 0)
		mantissa *= (qun_i128)1 << power;
	else if (power < -126)
		mantissa = 0;
	else
		den = (qun_i128)1 << -power;
	return qun_fraction_format(out, mantissa, den, digits);
}

bool qun_int_parse(struct qun_span s, int64_t *v)
{
	bool negative = s.len > 0 && *s.ptr == '-', over = false;
	int64_t read = 0;

	if (!skip_text(&s, "-"))
		skip_text(&s, "+");
	if (take_digits(&s, SIZE_MAX, negative, &read, &over) == 0 || s.len > 0 || over)
		return false;
	*v = read;
	return true;
}

bool qun_real_parse(struct qun_span s, double *v)
{
	struct qun_span rest = s;
	char text[NUMBER_BYTES + 1];
	int64_t ignored = 0;
	bool over = false;
	size_t digits;
	locale_t c;

	if (!skip_text(&rest, "-"))
		skip_text(&rest, "+");
	digits = take_digits(&rest, SIZE_MAX, false, &ignored, &over);
	if (skip_text(&rest, "."))
		digits += take_digits(&rest, SIZE_MAX, false, &ignored, &over);
	if (digits == 0 || rest.len > 0 || s.len > NUMBER_BYTES)
		return false;
	memcpy(text, s.ptr, s.len);
	text[s.len] = '\0';
	/* The point of the user's locale may be a comma. */
	c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	if (!c)
		return false;
	*v = strtod_l(text, NULL, c);
	freelocale(c);
	return true;
}
