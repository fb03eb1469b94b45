/*
 * The machine that reads JSON byte by byte: what surrounds the records to the letter, an element only
 * so closely that its end is found, and that it has none is seen early.
 */
#include "input/json.h"

#include <stdio.h>
#include <string.h>

static void advance(struct qun_json *j, char c)
{
	struct qun_json_place *p = &j->st.here;

	p->at++;
	if (c == '\n') {
		p->line++;
		p->line_at = p->at;
		p->blank = true;
	} else if (c != ' ' && c != '\t' && c != '\r') {
		p->blank = false;
	}
}

static struct qun_span token_text(const struct qun_json *j)
{
	return qun_window_span(&j->win, j->st.token.at, j->st.here.at);
}

static bool token_usable(const struct qun_json *j)
{
	return j->st.kept && j->st.here.at - j->st.token.at <= QUN_TOKEN_BYTES;
}

/* Path of a value that stands here, outside elements. */
static size_t path_here(const struct qun_json *j)
{
	if (!j->st.depth)
		return 0;
	const struct qun_json_frame *f = &j->frame[j->st.depth - 1];
	return f->kind == '{' ? j->st.member_len : f->path_len;
}

static int report(struct qun_json *j, const char *kind, const struct qun_json_place *from, uint64_t to, const char *why)
{
	struct qun_bad bad = {.line = from->line, .offset = from->at, .kind = kind, .why = why,
		.raw = qun_window_span(&j->win, from->at, to)};

	return j->sink.bad(j->sink.arg, &bad);
}

/* What is wrong, in case that the machine has to say it. */
static void note(struct qun_json *j, const char *why)
{
	const struct qun_json_state *st = &j->st;

	j->damage = (struct qun_damage){.kind = "json", .line = st->here.line,
		.from = j->el.open ? j->el.from.at : st->kept ? st->token.at : st->here.at};
	snprintf(j->damage.why, sizeof(j->damage.why), "invalid JSON at byte %llu of the line: %s",
		(unsigned long long)qun_json_column(&st->here), why);
}

/* A line that begins like the one that was lost is looked for, from its second line on. */
int qun_json_give_up(struct qun_json *j)
{
	struct qun_json_element *el = &j->el;
	struct qun_json_state *st = &j->st;

	j->damage.open = !(el->open && el->dropped);
	if (el->open) {
		st->depth = el->depth;
		j->seek.column = qun_json_column(&el->from);
	} else {
		bool known = st->depth && qun_json_in_list(j) && j->last.depth == st->depth;
		st->depth = known ? st->depth : 0;
		j->seek.column = known ? j->last.column : 1;
	}
	if (j->damage.open) {
		if (el->open)
			st->here = el->from;
		st->here.blank = false;
	}
	j->seek.array = st->depth > 0;
	st->lex = SEEK;
	st->kept = false;
	el->open = el->dropped = false;
	return 0;
}

/*
 * Something stands where it must not. What its brackets hold is an element all the same, and jansson
 * will say what is wrong with it, unless a line that begins like its own one comes before they close, or
 * one of them closes what it cannot: a bracket or quote that is missing would swallow all that follows.
 * For elements that did not begin their line brackets are all there is to go by.
 */
static int violation(struct qun_json *j, const char *why)
{
	struct qun_json_element *el = &j->el;
	struct qun_json_state *st = &j->st;

	if (!el->open || (el->first && el->dropped)) {
		note(j, why);
		return qun_json_give_up(j);
	}
	if (el->loose)
		return qun_json_give_up(j);
	note(j, why);
	el->loose = true;
	el->loose_depth = st->depth - el->depth;
	if (el->first && !el->deep) {
		st->here = el->from;
		st->lex = PLAIN;
		el->loose_depth = 0;
	}
	return 0;
}

static void value_done(struct qun_json *j)
{
	j->st.expect = j->st.depth ? COMMA_OR_END : VALUE;
}

int qun_json_too_long(struct qun_json *j)
{
	char why[96];

	j->el.dropped = true;
	snprintf(why, sizeof(why), "a record longer than the limit of %zu bytes", j->conf.max_record);
	return report(j, "too-long", &j->el.from, j->el.from.at + j->conf.max_record, why);
}

static int end_element(struct qun_json *j)
{
	struct qun_json_element *el = &j->el;
	struct qun_record rec = {.line = el->from.line, .offset = el->from.at};
	int rc = 0;

	j->trial.records++;
	j->scan.ready = j->cutter.fast && !j->trial.open;
	value_done(j);
	if (!el->dropped) {
		rec.raw = qun_window_span(&j->win, el->from.at, j->st.here.at);
		if (rec.raw.len > j->conf.max_record)
			rc = qun_json_too_long(j);
		else if (el->deep)
			rc = report(j, "json", &el->from, j->st.here.at, "nested deeper than the limit allows");
		else
			rc = j->sink.record(j->sink.arg, &rec);
	}
	el->open = el->dropped = false;
	return rc;
}

static void open_element(struct qun_json *j)
{
	struct qun_json_place *here = &j->st.here;

	j->el = (struct qun_json_element){.open = true, .first = here->blank, .depth = j->st.depth, .from = *here};
	j->last.depth = here->blank ? j->st.depth : 0;
	j->last.column = qun_json_column(here);
}

static int around(struct qun_json *j)
{
	return j->sink.around ? j->sink.around(j->sink.arg) : 0;
}

static int begin_document(struct qun_json *j)
{
	int rc = around(j);

	if (rc == 0)
		qun_header_clear(j->header);
	return rc;
}

static int open_bracket(struct qun_json *j, char c)
{
	struct qun_json_state *st = &j->st;
	bool record = false;
	int rc = 0;

	if (st->expect != VALUE && st->expect != VALUE_OR_END)
		return violation(j, c == '{' ? "an object out of place" : "an array out of place");
	if (c == '[' && !st->depth && j->trial.open)
		return qun_json_judge(j); /* the bracket comes again */
	if (st->depth == j->conf.max_depth) {
		j->el.deep = j->el.open;
		return violation(j, "nested deeper than the limit allows");
	}
	size_t path_len = path_here(j);
	if (!j->el.open && c == '{' && qun_json_in_list(j))
		rc = qun_json_is_record(j, path_len, &record);
	if (rc < 0)
		return rc;
	if (record)
		open_element(j);
	else if (!j->el.open && c == '{' && !st->depth)
		rc = begin_document(j);
	if (rc < 0)
		return rc;
	j->frame[st->depth++] = (struct qun_json_frame){.kind = c, .path_len = path_len, .from = st->here};
	st->expect = c == '{' ? KEY_OR_END : VALUE_OR_END;
	advance(j, c);
	return 0;
}

static int close_bracket(struct qun_json *j, char c)
{
	struct qun_json_state *st = &j->st;
	char kind = c == '}' ? '{' : '[';
	bool ends = st->expect == COMMA_OR_END || st->expect == (c == '}' ? KEY_OR_END : VALUE_OR_END);

	if (!st->depth || j->frame[st->depth - 1].kind != kind || !ends)
		return violation(j, "a closing bracket out of place");
	if (j->trial.open && !j->el.open && st->depth == j->trial.before.depth)
		return qun_json_judge(j); /* the bracket comes again */
	st->depth--;
	advance(j, c);
	value_done(j);
	return j->el.open && st->depth == j->el.depth ? end_element(j) : 0;
}

static bool is_number(struct qun_span s)
{
	size_t at = s.len && s.ptr[0] == '-';
	size_t digits = strspn(s.ptr + at, "0123456789");

	/* the caller has put a NUL behind */
	if (!digits || (digits > 1 && s.ptr[at] == '0'))
		return false;
	at += digits;
	if (s.ptr[at] == '.') {
		digits = strspn(s.ptr + at + 1, "0123456789");
		at += 1 + digits;
		if (!digits)
			return false;
	}
	if (s.ptr[at] == 'e' || s.ptr[at] == 'E') {
		at++;
		at += s.ptr[at] == '+' || s.ptr[at] == '-';
		digits = strspn(s.ptr + at, "0123456789");
		at += digits;
		if (!digits)
			return false;
	}
	return at == s.len;
}

/* A value that is neither object nor array has been read, outside elements. */
static int scalar(struct qun_json *j, struct qun_span value)
{
	size_t path_len = path_here(j);

	if (qun_json_in_list(j)) {
		bool ours = path_len == 0 || (path_len != QUN_NO_PATH &&
			((j->trial.open && path_len == j->trial.path_len) ||
				(j->found && strcmp(qun_json_path(j, path_len), j->accepted) == 0)));
		if (ours)
			return report(j, "json", &j->st.token, token_usable(j) ? j->st.here.at : j->st.token.at,
				"a record must be an object");
		return 0;
	}
	if (path_len == QUN_NO_PATH || !token_usable(j) || ++j->frame[j->st.depth - 1].scalars > 64)
		return 0;
	int rc = around(j);
	return rc < 0 ? rc : qun_header_put(j->header, (struct qun_span){j->path, path_len}, value);
}

int qun_json_end_atom(struct qun_json *j)
{
	struct qun_json_state *st = &j->st;
	struct qun_span s = {0};

	st->lex = PLAIN;
	if (j->el.open) {
		value_done(j);
		return 0;
	}
	bool fine = token_usable(j);
	qun_buf_clear(&j->text);
	if (fine && (qun_buf_add_span(&j->text, token_text(j)) < 0 || qun_buf_add_char(&j->text, '\0') < 0))
		return QUN_ENOMEM;
	if (fine) {
		s = (struct qun_span){j->text.ptr, j->text.len - 1};
		fine = qun_span_is(s, "true") || qun_span_is(s, "false") || qun_span_is(s, "null") || is_number(s);
	}
	if (!fine)
		return violation(j, "no value of JSON");
	int rc = scalar(j, qun_span_is(s, "null") ? (struct qun_span){0} : s);
	st->kept = false;
	value_done(j);
	return rc;
}

/* A key outside elements becomes part of the path. */
static int set_member(struct qun_json *j, struct qun_span inner)
{
	size_t at = j->frame[j->st.depth - 1].path_len;

	j->st.member_len = QUN_NO_PATH;
	qun_buf_clear(&j->text);
	if (at == QUN_NO_PATH || !token_usable(j))
		return 0;
	int rc = qun_json_unescape(&j->text, inner);
	if (rc < 0 || at + (at > 0) + j->text.len > QUN_PATH_MAX_BYTES)
		return rc;
	if (at)
		j->path[at++] = '.';
	if (j->text.len)
		memcpy(j->path + at, j->text.ptr, j->text.len);
	j->st.member_len = at + j->text.len;
	return 0;
}

static int end_string(struct qun_json *j)
{
	struct qun_json_state *st = &j->st;
	struct qun_span inner = {0};
	int rc = 0;

	st->lex = PLAIN;
	if (st->key)
		st->expect = COLON;
	else
		value_done(j);
	if (j->el.open)
		return 0;
	if (token_usable(j)) {
		inner = token_text(j);
		inner = (struct qun_span){inner.ptr + 1, inner.len - 2};
	}
	if (st->key) {
		rc = set_member(j, inner);
	} else {
		qun_buf_clear(&j->text);
		rc = qun_json_unescape(&j->text, inner);
		if (rc == 0)
			rc = scalar(j, qun_buf_span(&j->text));
	}
	st->kept = false;
	return rc;
}

static int step_string(struct qun_json *j, char c)
{
	struct qun_json_state *st = &j->st;
	bool strict = !j->el.open; /* escapes inside an element are for jansson to judge */

	if (st->hex) {
		if (!c || !strchr("0123456789abcdefABCDEF", c))
			return violation(j, "an unknown escape in a string");
		st->hex--;
	} else if (st->escape) {
		if (strict && (!c || !strchr("\"\\/bfnrtu", c)))
			return violation(j, "an unknown escape in a string");
		st->escape = false;
		st->hex = strict && c == 'u' ? 4 : 0;
	} else if (c == '"') {
		advance(j, c);
		return end_string(j);
	} else if (c == '\\') {
		st->escape = true;
	} else if ((unsigned char)c < ' ' && (strict || (c == '\n' && j->el.first))) {
		return violation(j, c == '\n' ? "a line ends inside a string" : "a control character in a string");
	}
	advance(j, c);
	return 0;
}

static void begin_token(struct qun_json *j, enum qun_json_lex lex)
{
	struct qun_json_state *st = &j->st;

	st->token = st->here;
	st->lex = lex;
	st->escape = false;
	st->hex = 0;
	st->kept = !j->el.open;
	st->key = st->expect == KEY || st->expect == KEY_OR_END;
}

static int step_plain(struct qun_json *j, char c)
{
	struct qun_json_state *st = &j->st;
	bool value = st->expect == VALUE || st->expect == VALUE_OR_END;

	switch (c) {
	case '{':
	case '[': return open_bracket(j, c);
	case '}':
	case ']': return close_bracket(j, c);
	case '"':
		if (!value && st->expect != KEY && st->expect != KEY_OR_END)
			return violation(j, "a string out of place");
		begin_token(j, STRING);
		break;
	case ':':
		if (st->expect != COLON)
			return violation(j, "a colon out of place");
		st->expect = VALUE;
		break;
	case ',':
		if (st->expect != COMMA_OR_END)
			return violation(j, "a comma out of place");
		st->expect = j->frame[st->depth - 1].kind == '{' ? KEY : VALUE;
		break;
	case ' ':
	case '\t':
	case '\r':
	case '\n': break;
	default:
		if (c == '#' && !st->depth && st->here.at == st->here.line_at) {
			st->lex = COMMENT; /* ChatLab's NDJSON has them */
			break;
		}
		if (!value)
			return violation(j, "a value out of place");
		begin_token(j, ATOM);
	}
	advance(j, c);
	return 0;
}

/* Does a line begin here as the element did, though that is not over? */
static bool begins_anew(const struct qun_json *j, char c)
{
	const struct qun_json_element *el = &j->el;

	return el->first && el->loose_depth && j->st.here.blank && (c == '{' || (c == '[' && !el->depth)) &&
		qun_json_column(&j->st.here) == qun_json_column(&el->from);
}

static int step_loose(struct qun_json *j, char c)
{
	struct qun_json_element *el = &j->el;
	size_t at = el->depth + el->loose_depth;

	if (c == '"') {
		begin_token(j, STRING);
	} else if (c == '{' || c == '[') {
		if (begins_anew(j, c))
			return qun_json_give_up(j);
		if (at < j->conf.max_depth)
			j->frame[at].kind = c;
		el->loose_depth++;
	} else if (c == '}' || c == ']') {
		if (el->first && at <= j->conf.max_depth && j->frame[at - 1].kind != (c == '}' ? '{' : '['))
			return qun_json_give_up(j);
		el->loose_depth--;
	}
	advance(j, c);
	if (el->loose_depth)
		return 0;
	j->st.depth = el->depth;
	return end_element(j);
}

/* Looks for the line that begins like the element that was lost, or closes its array. */
static int step_seek(struct qun_json *j, char c)
{
	struct qun_json_place *here = &j->st.here;
	uint64_t column = qun_json_column(here);
	bool begins = (c == '{' || (c == '[' && !j->seek.array)) && column == j->seek.column;
	bool closes = c == ']' && j->seek.array && column <= j->seek.column;

	if (!here->blank || !(begins || closes)) {
		advance(j, c);
		return 0;
	}
	j->st.lex = PLAIN;
	j->st.expect = closes ? COMMA_OR_END : VALUE;
	return qun_damage_end(&j->damage, &j->win, here->at, j->conf.max_record, &j->sink);
}

static uint64_t sooner(uint64_t at, uint64_t from, uint64_t len)
{
	return at > from && at - from > len ? from + len : at;
}

/*
 * Passes what means nothing inside a string, which is most of any export: true, or false where the bytes
 * at hand end or a limit is reached, which has to be looked at first.
 */
static bool skip_text(struct qun_json *j)
{
	uint64_t from = j->st.here.at, to = qun_window_end(&j->win);
	size_t n = 0;

	if (j->st.kept)
		to = sooner(to, j->st.token.at, QUN_TOKEN_BYTES + 1);
	if (j->el.open && !j->el.dropped)
		to = sooner(to, j->el.from.at, j->conf.max_record + 1);
	if (j->trial.open)
		to = sooner(to, from, qun_json_trial_left(j));
	struct qun_span left = qun_window_span(&j->win, from, to);
	while (n < left.len && left.ptr[n] != '"' && left.ptr[n] != '\\' && (unsigned char)left.ptr[n] >= ' ')
		n++;
	j->st.here.at += n;
	return n < left.len;
}

int qun_json_step(struct qun_json *j)
{
	if (j->st.lex == STRING && !j->st.escape && !j->st.hex && !skip_text(j))
		return 0;
	char c = *qun_window_span(&j->win, j->st.here.at, j->st.here.at + 1).ptr;

	switch (j->st.lex) {
	case STRING: return step_string(j, c);
	case ATOM:
		/* an element's texts without quotes may hold blanks; whether that is let pass is not decided here */
		if (c && strchr(j->el.open ? "\r\n,:[]{}\"" : " \t\r\n,:[]{}\"", c))
			return qun_json_end_atom(j);
		advance(j, c);
		return 0;
	case COMMENT:
		if (c == '\n')
			j->st.lex = PLAIN;
		advance(j, c);
		return 0;
	case SEEK: return step_seek(j, c);
	case PLAIN:
	default: return j->el.loose && j->el.open ? step_loose(j, c) : step_plain(j, c);
	}
}

