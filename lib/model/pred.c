/*
 * Predicates: a text becomes a short array of terms, all of which must hold. Terms are immutable
 * and a match keeps nothing, so threads share them.
 */
#include "qun/pred.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "qun/cal.h"
#include "qun/num.h"

enum op { OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_FIND, OP_MISS, NOPS };

static const struct {
	const char *text;
	enum op op;
} ops[NOPS] = {
	{"!=", OP_NE},
	{"!~", OP_MISS},
	{"<=", OP_LE},
	{">=", OP_GE},
	{"=", OP_EQ},
	{"<", OP_LT},
	{">", OP_GT},
	{"~", OP_FIND},
};

enum term_kind { TERM_TYPES, TERM_AMOUNT, TERM_TIME, TERM_BYTES, TERM_NUMBER, TERM_REGEX };

struct term {
	enum term_kind kind;
	enum op op;
	int field;
	unsigned types;	    /* bits 1 << type; that of QUN_WORD stands for every other word */
	size_t word, nword; /* its other words among those of the predicate */
	int64_t value;	    /* amount or instant */
	double number;	    /* NaN, which compares with nothing, where the value is none */
	const char *text;   /* what bytes compare with */
	pcre2_code *regex;
};

struct qun_pred {
	struct qun_pred_types types;
	char *text;
	struct term *term;
	char **word; /* in the arena */
	size_t n, cap, nword, word_cap;
	uint64_t fields;
	struct qun_arena arena;
};

int qun_extra_add(struct qun_extras *x, struct qun_span name)
{
	for (size_t i = 0; i < x->n; i++) {
		if (qun_span_is(name, x->name[i]))
			return (int)i;
	}
	if (x->n == QUN_MAX_EXTRA)
		return -1;
	x->name[x->n] = strndup(name.ptr ? name.ptr : "", name.len);
	return x->name[x->n] ? (int)x->n++ : -1;
}

const char *qun_extras_type(const struct qun_extras *x, size_t i)
{
	return i < x->ntype ? x->type[i] : NULL;
}

/* Notes a type word that is not built in, once. */
static int note_type(struct qun_extras *x, struct qun_span word)
{
	for (size_t i = 0; i < x->ntype; i++) {
		if (qun_span_is(word, x->type[i]))
			return 0;
	}
	if (qun_grow(&x->type, &x->type_cap, x->ntype, sizeof(*x->type)) < 0)
		return QUN_ENOMEM;
	x->type[x->ntype] = strndup(word.ptr, word.len);
	if (!x->type[x->ntype])
		return QUN_ENOMEM;
	x->ntype++;
	return 0;
}

void qun_extras_release(struct qun_extras *x)
{
	for (size_t i = 0; i < x->n; i++)
		free(x->name[i]);
	for (size_t i = 0; i < x->ntype; i++)
		free(x->type[i]);
	free(x->type);
	*x = (struct qun_extras){0};
}

struct parser {
	struct qun_pred *p;
	const char *text;
	size_t at;
	struct qun_extras *extras;
	struct qun_err *err;
};

static int refuse(struct parser *ps, size_t at, const char *fmt, ...) QUN_PRINTF(3, 4);

static int refuse(struct parser *ps, size_t at, const char *fmt, ...)
{
	char why[384];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	if (ps->err)
		ps->err->column = at + 1;
	return qun_fail(
		ps->err, QUN_EUSAGE, "condition '%.200s', byte %zu: %s", ps->text, at + 1, why);
}

static void skip_blanks(struct parser *ps)
{
	ps->at += strspn(ps->text + ps->at, " \t\r\n");
}

/* One more type word of a term. */
static int add_word(struct parser *ps, struct term *t, struct qun_span word)
{
	enum qun_type type = qun_type_of(word);
	struct qun_pred *p = ps->p;

	if (qun_span_is(word, "*"))
		t->types = ~0U;
	if (type != QUN_WORD)
		t->types |= 1U << type;
	if (type != QUN_WORD || t->types == ~0U)
		return 0;
	if (qun_grow(&p->word, &p->word_cap, p->nword, sizeof(*p->word)) < 0)
		return QUN_ENOMEM;
	p->word[p->nword] = qun_arena_copy(&p->arena, word);
	if (!p->word[p->nword])
		return QUN_ENOMEM;
	p->nword++;
	t->nword++;
	return note_type(ps->extras, word);
}

/* "message|share" of len bytes at ps->at. */
static int parse_types(struct parser *ps, struct term *t, size_t len)
{
	size_t end = ps->at + len;
	int rc = 0;

	t->word = ps->p->nword;
	for (bool more = true; rc == 0 && more;) {
		struct qun_span part = {ps->text + ps->at, end - ps->at};
		ptrdiff_t bar = qun_span_find(part, "|", 0);
		size_t start = ps->at;

		more = bar >= 0;
		if (more)
			part.len = (size_t)bar;
		ps->at += part.len + more;
		part = qun_span_trim(part);
		rc = part.len ? add_word(ps, t, part)
			      : refuse(ps, start,
					"a type or condition is missing (expected "
					"e.g. message|share or amount>=100)");
	}
	return rc;
}

/* Operators of other languages, and what they are here. */
static const struct {
	const char *wrong, *right;
} mistaken_ops[] = {
	{"==", "="},
	{"=<", "<="},
	{"=>", ">="},
	{"=~", "~"},
	{"<>", "!="},
	{"!==", "!="},
	{"!", "!="},
};

static int parse_op(struct parser *ps, enum op *op)
{
	const char *text = ps->text + ps->at;
	struct qun_span run = {text, strspn(text, "=!<>~")};

	for (size_t i = 0; i < NOPS; i++) {
		bool find = ops[i].op == OP_FIND || ops[i].op == OP_MISS;

		/* Only a regular expression may begin with such a character outside of quotes. */
		if (find ? qun_span_starts(run, ops[i].text) : qun_span_is(run, ops[i].text)) {
			*op = ops[i].op;
			ps->at += strlen(ops[i].text);
			return 0;
		}
	}
	for (size_t i = 0; i < sizeof(mistaken_ops) / sizeof(*mistaken_ops); i++) {
		if (qun_span_is(run, mistaken_ops[i].wrong))
			return refuse(ps, ps->at, "'%s' is no operator; did you mean '%s'?",
				mistaken_ops[i].wrong, mistaken_ops[i].right);
	}
	return refuse(ps, ps->at, "'%.*s' is no operator (they are = != < <= > >= ~ !~)",
		(int)run.len, run.ptr);
}

/* A value in double quotes, where \" and \\ stand for " and \ and every other \ for itself. */
static int parse_quoted(struct parser *ps, struct qun_buf *value)
{
	size_t open = ps->at++;
	int rc = 0;

	for (; rc == 0 && ps->text[ps->at] != '"'; ps->at++) {
		const char *c = ps->text + ps->at;

		if (!*c)
			return refuse(ps, open, "the quote is not closed");
		if (*c == '\\' && (c[1] == '"' || c[1] == '\\'))
			c = ps->text + ++ps->at;
		rc = qun_buf_add_char(value, *c);
	}
	if (rc < 0)
		return rc;
	ps->at++;
	skip_blanks(ps);
	if (ps->text[ps->at] && ps->text[ps->at] != '&')
		return refuse(ps, ps->at, "nothing but & may follow a closing quote");
	return 0;
}

/* The value of a comparison, copied; leaves ps->at at the & behind it or at the end. */
static int parse_value(struct parser *ps, const char **out)
{
	struct qun_buf value = {0};
	size_t len;
	int rc;

	skip_blanks(ps);
	if (ps->text[ps->at] == '"') {
		rc = parse_quoted(ps, &value);
	} else {
		len = strcspn(ps->text + ps->at, "&");
		rc = qun_buf_add_span(
			&value, qun_span_trim((struct qun_span){ps->text + ps->at, len}));
		ps->at += len;
	}
	if (rc == 0) {
		*out = qun_arena_copy(&ps->p->arena, qun_buf_span(&value));
		rc = *out ? 0 : QUN_ENOMEM;
	}
	qun_buf_release(&value);
	return rc;
}

static int compile_amount(struct parser *ps, struct term *t, size_t at)
{
	t->kind = TERM_AMOUNT;
	if (t->op == OP_FIND || t->op == OP_MISS)
		return refuse(ps, at, "amount takes = != < <= > >=, not a regular expression");
	if (qun_money_parse(qun_span_of(t->text), &t->value) != 1)
		return refuse(
			ps, at, "cannot read the amount '%s' (expected e.g. amount>=100)", t->text);
	return 0;
}

/* A condition has no zone of its own, so a written time must bring one. */
static int compile_time(struct parser *ps, struct term *t, size_t at)
{
	struct qun_span s = qun_span_of(t->text);
	const char *clock = strchr(t->text, ':');
	struct qun_zone *utc;
	int rc;

	t->kind = TERM_TIME;
	if (t->op == OP_FIND || t->op == OP_MISS)
		return refuse(ps, at, "ts takes = != < <= > >=, not a regular expression");
	rc = qun_zone_open(&utc, "UTC", ps->err);
	if (rc < 0)
		return rc;
	rc = qun_time_parse(s, QUN_TIME_EPOCH_S, utc, &t->value);
	if (rc < 0 && clock && strpbrk(clock, "+-ZU"))
		rc = qun_time_parse(s, QUN_TIME_YMD, utc, &t->value);
	qun_zone_close(utc);
	if (rc < 0)
		return refuse(ps, at,
			"cannot read the time '%s' (expected epoch seconds, or a zone as in "
			"2024-04-09T11:54:00+08:00)",
			t->text);
	return 0;
}

static int compile_regex(struct parser *ps, struct term *t, size_t at)
{
	PCRE2_UCHAR why[160];
	PCRE2_SIZE place;
	int code;

	t->kind = TERM_REGEX;
	if (!*t->text)
		return refuse(ps, at, "a regular expression is missing");
	/* \C could split a character. */
	t->regex = pcre2_compile((PCRE2_SPTR)t->text, PCRE2_ZERO_TERMINATED,
		PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C, &code, &place, NULL);
	if (t->regex)
		return 0;
	if (code == PCRE2_ERROR_HEAP_FAILED)
		return QUN_ENOMEM;
	pcre2_get_error_message(code, why, sizeof(why));
	return refuse(ps, at, "regular expression '%.100s', byte %zu: %s", t->text,
		(size_t)place + 1, (const char *)why);
}

static int compile_value(struct parser *ps, struct term *t, size_t at)
{
	if (t->field == QUN_F_AMOUNT)
		return compile_amount(ps, t, at);
	if (t->field == QUN_F_TS)
		return compile_time(ps, t, at);
	if (t->op == OP_FIND || t->op == OP_MISS)
		return compile_regex(ps, t, at);
	if (t->op != OP_EQ && t->op != OP_NE) {
		t->kind = TERM_NUMBER;
		if (!qun_real_parse(qun_span_of(t->text), &t->number))
			t->number = NAN;
		return 0;
	}
	if (t->field == QUN_F_TYPE) {
		t->kind = TERM_TYPES;
		t->word = ps->p->nword;
		if (!*t->text)
			return refuse(ps, at, "a type is missing");
		return add_word(ps, t, qun_span_of(t->text));
	}
	t->kind = TERM_BYTES;
	return 0;
}

/* FIELD OP VALUE, the name being len bytes at ps->at. */
static int parse_comparison(struct parser *ps, struct term *t, size_t len)
{
	struct qun_span name = qun_span_trim((struct qun_span){ps->text + ps->at, len});
	size_t at = ps->at;
	int rc;

	if (!name.len)
		return refuse(ps, at, "a field is missing before the operator");
	if (memchr(name.ptr, '|', name.len))
		return refuse(ps, at, "'%.*s' is no field; | stands between types only",
			(int)name.len, name.ptr);
	ps->at += len;
	rc = parse_op(ps, &t->op);
	if (rc < 0)
		return rc;
	t->field = qun_field_of(name);
	if (t->field < 0) {
		int extra = qun_extra_add(ps->extras, name);

		if (extra < 0)
			return refuse(ps, at, "no room for another column '%.*s' (at most %d)",
				(int)name.len, name.ptr, QUN_MAX_EXTRA);
		t->field = QUN_F_EXTRA + extra;
	}
	skip_blanks(ps);
	at = ps->at;
	rc = parse_value(ps, &t->text);
	return rc < 0 ? rc : compile_value(ps, t, at);
}

static int parse_term(struct parser *ps)
{
	struct qun_pred *p = ps->p;
	struct term *t;
	size_t len;
	int rc;

	if (qun_grow(&p->term, &p->cap, p->n, sizeof(*p->term)) < 0)
		return QUN_ENOMEM;
	t = &p->term[p->n++];
	*t = (struct term){.kind = TERM_TYPES, .op = OP_EQ, .field = QUN_F_TYPE};
	skip_blanks(ps);
	len = strcspn(ps->text + ps->at, "&=!<>~");
	rc = ps->text[ps->at + len] && ps->text[ps->at + len] != '&' ? parse_comparison(ps, t, len)
								     : parse_types(ps, t, len);
	p->fields |= QUN_BIT(t->field);
	return rc;
}

/* Do all events of the type match, as far as the terms tell by it? A word that is not built in is one
 * of many. */
static bool is_sure(const struct qun_pred *p, enum qun_type type)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct term *t = &p->term[i];
		bool in = t->types >> type & 1;

		if (t->kind != TERM_TYPES || in != (t->op == OP_EQ) ||
			(type == QUN_WORD && t->nword && !in))
			return false;
	}
	return true;
}

static void settle_types(struct qun_pred *p)
{
	for (int type = 0; type < QUN_NTYPES; type++) {
		if (!qun_pred_may_match(p, (enum qun_type)type))
			p->types.never |= 1U << type;
		else if (is_sure(p, (enum qun_type)type))
			p->types.sure |= 1U << type;
	}
}

int qun_pred_parse(
	struct qun_pred **out, const char *text, struct qun_extras *x, struct qun_err *err)
{
	struct parser ps = {.text = text, .extras = x, .err = err};
	int rc = QUN_ENOMEM;

	ps.p = calloc(1, sizeof(*ps.p));
	if (ps.p) {
		ps.p->text = strdup(text);
		rc = ps.p->text ? parse_term(&ps) : QUN_ENOMEM;
	}
	while (rc == 0 && text[ps.at]) {
		ps.at++; /* the & */
		rc = parse_term(&ps);
	}
	if (rc < 0) {
		qun_pred_free(ps.p);
		return rc == QUN_ENOMEM ? qun_fail_mem(err) : rc;
	}
	settle_types(ps.p);
	*out = ps.p;
	return 0;
}

void qun_pred_free(struct qun_pred *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n; i++)
		pcre2_code_free(p->term[i].regex);
	free(p->term);
	free(p->word);
	free(p->text);
	qun_arena_release(&p->arena);
	free(p);
}

static bool meets(enum op op, int order)
{
	switch (op) {
	case OP_EQ: return order == 0;
	case OP_NE: return order != 0;
	case OP_LT: return order < 0;
	case OP_LE: return order <= 0;
	case OP_GT: return order > 0;
	case OP_GE: return order >= 0;
	default: return false;
	}
}

static bool is_of_types(const struct qun_pred *p, const struct term *t, const struct qun_event *ev)
{
	if (t->types >> ev->type & 1)
		return true;
	for (size_t i = 0; ev->type == QUN_WORD && i < t->nword; i++) {
		if (qun_span_is(ev->field[QUN_F_TYPE], p->word[t->word + i]))
			return true;
	}
	return false;
}

/*
 * PCRE2 counts its steps anew at each place where a match could begin, so the limit shrinks with
 * the length of the text: however nasty the pattern, one search is about a second at the most.
 */
enum { STEPS_HERE = 1000000, STEPS_ALL = 100000000, STEPS_DEEP = 250000, HEAP_KIB = 65536 };

/* 1 found, 0 not, -1 given up. */
static int search(const pcre2_code *regex, struct qun_span s)
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	pcre2_match_context *limits = pcre2_match_context_create(NULL);
	size_t share = STEPS_ALL / (s.len + 1);
	int rc = PCRE2_ERROR_NOMEMORY;

	if (data && limits) {
		pcre2_set_match_limit(
			limits, share < STEPS_HERE ? (uint32_t)share + 1 : STEPS_HERE);
		pcre2_set_depth_limit(limits, STEPS_DEEP);
		pcre2_set_heap_limit(limits, HEAP_KIB);
		rc = pcre2_match(
			regex, (PCRE2_SPTR)(s.len ? s.ptr : ""), s.len, 0, 0, data, limits);
	}
	pcre2_match_context_free(limits);
	pcre2_match_data_free(data);
	return rc >= 0 ? 1 : rc == PCRE2_ERROR_NOMATCH ? 0 : -1;
}

static bool meets_regex(const struct term *t, struct qun_span s, bool *limit)
{
	int found = search(t->regex, s);

	if (found < 0 && limit)
		*limit = true;
	return found == (t->op == OP_FIND);
}

static bool term_holds(
	const struct qun_pred *p, const struct term *t, const struct qun_event *ev, bool *limit)
{
	struct qun_span s;
	double x;

	switch (t->kind) {
	case TERM_TYPES: return is_of_types(p, t, ev) == (t->op == OP_EQ);
	case TERM_AMOUNT:
		return ev->has_amount &&
		       meets(t->op, (ev->amount > t->value) - (ev->amount < t->value));
	case TERM_TIME: return meets(t->op, (ev->ts > t->value) - (ev->ts < t->value));
	default: break;
	}
	s = qun_event_text(ev, t->field);
	if (t->kind == TERM_BYTES)
		return qun_span_is(s, t->text) == (t->op == OP_EQ);
	if (t->kind == TERM_REGEX)
		return meets_regex(t, s, limit);
	return qun_real_parse(s, &x) && !isnan(t->number) &&
	       meets(t->op, (x > t->number) - (x < t->number));
}

bool qun_pred_terms(const struct qun_pred *p, const struct qun_event *ev, bool *limit)
{
	for (size_t i = 0; i < p->n; i++) {
		if (!term_holds(p, &p->term[i], ev, limit))
			return false;
	}
	return true;
}

uint64_t qun_pred_fields(const struct qun_pred *p)
{
	return p->fields;
}

bool qun_pred_may_match(const struct qun_pred *p, enum qun_type type)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct term *t = &p->term[i];
		bool in = t->types >> type & 1;

		if (t->kind != TERM_TYPES)
			continue;
		/* Some other word is always left, whatever words are named. */
		if (type == QUN_WORD && !in)
			in = t->op == OP_NE || t->nword;
		else
			in = in == (t->op == OP_EQ);
		if (!in)
			return false;
	}
	return true;
}

const char *qun_pred_text(const struct qun_pred *p)
{
	return p->text;
}

const char *qun_pred_word(const struct qun_pred *p, size_t i)
{
	return i < p->nword ? p->word[i] : NULL;
}
