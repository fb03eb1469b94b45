/*
 * JSON cut into the elements of its array of records, whatever surrounds it, in memory for one
 * element. What lies outside elements is checked here to the letter; an element is only followed
 * closely enough to find its end, and to notice early that it has none.
 */
#include "input/cut.h"
#include "input/pick.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	TRIAL_BYTES = 1 << 20,
	TRIAL_RECORDS = 1000,
	TRIALS = 64,
	TOKEN_BYTES = 4096, /* longest key or scalar outside records that is looked at */
};
#define NO_PATH SIZE_MAX

enum expect { VALUE, VALUE_OR_END, KEY, KEY_OR_END, COLON, COMMA_OR_END };
enum lex { PLAIN, STRING, ATOM, COMMENT, SEEK };

struct place {
	uint64_t at, line, line_at; /* offset, physical line and where that begins */
	bool blank;                 /* only blanks before it on the line */
};

struct frame {
	char kind;
	size_t path_len; /* of its path in json.path, or NO_PATH */
	size_t scalars;  /* members kept for the header */
	struct place from;
};

/* Where the machine stands. Frames below depth never change, so a copy of this is a way back. */
struct state {
	struct place here, token; /* token: where the string or atom began */
	enum expect expect;
	enum lex lex;
	bool key, escape, kept;   /* of the token */
	int hex;
	size_t depth;
	size_t member_len;        /* path of the member being read */
};

struct element {
	bool open;
	bool first;   /* it began its line: the next one can be found again by its column */
	bool loose;   /* broken: only brackets are counted up to its end */
	bool deep;
	bool dropped; /* too long, its bytes are gone */
	size_t depth, loose_depth;
	struct place from;
};

struct json {
	struct qun_cutter cutter;
	struct qun_cut_conf conf;
	struct qun_cut_sink sink;
	struct qun_header *header;
	struct qun_window win;
	struct state st;
	struct element el;
	struct {
		bool open, lines;
		size_t records, path_len;
		struct state before;
	} trial;
	struct {
		bool array;
		uint64_t column;
	} seek;
	struct {
		size_t depth;
		uint64_t column;
	} last; /* the newest element that began its line */
	bool found; /* some array has been accepted */
	char accepted[QUN_PATH_MAX_BYTES + 1];
	struct qun_dict rejected;
	struct qun_damage damage;
	struct frame *frame;
	char path[QUN_PATH_MAX_BYTES + 1];
	struct qun_buf text;
};

static uint64_t column_of(const struct place *p)
{
	return p->at - p->line_at + 1;
}

static void advance(struct json *j, char c)
{
	struct place *p = &j->st.here;

	p->at++;
	if (c == '\n') {
		p->line++;
		p->line_at = p->at;
		p->blank = true;
	} else if (c != ' ' && c != '\t' && c != '\r') {
		p->blank = false;
	}
}

static struct qun_span token_text(const struct json *j)
{
	return qun_window_span(&j->win, j->st.token.at, j->st.here.at);
}

static bool token_usable(const struct json *j)
{
	return j->st.kept && j->st.here.at - j->st.token.at <= TOKEN_BYTES;
}

static const char *path_text(struct json *j, size_t len)
{
	j->path[len] = '\0';
	return j->path;
}

/* Path of a value that stands here, outside elements. */
static size_t path_here(const struct json *j)
{
	if (!j->st.depth)
		return 0;
	const struct frame *f = &j->frame[j->st.depth - 1];
	return f->kind == '{' ? j->st.member_len : f->path_len;
}

static bool in_list(const struct json *j)
{
	return !j->st.depth || j->frame[j->st.depth - 1].kind == '[';
}

static int report(struct json *j, const char *kind, const struct place *from, uint64_t to, const char *why)
{
	struct qun_bad bad = {.line = from->line, .offset = from->at, .kind = kind, .why = why,
		.raw = qun_window_span(&j->win, from->at, to)};

	return j->sink.bad(j->sink.arg, &bad);
}

/*
 * Something stands where it must not. An element that began its line is given up at once, and the
 * next line that begins like it is looked for, from its second line on: a bracket or quote that
 * is missing would swallow all that follows. In one long line brackets are all there is to go by.
 */
static int violation(struct json *j, const char *why)
{
	struct element *el = &j->el;
	struct state *st = &j->st;

	if (el->open && !el->first) {
		el->loose = true;
		el->loose_depth = st->depth - el->depth;
		return 0;
	}
	if (!el->dropped) {
		j->damage = (struct qun_damage){.open = true, .kind = "json", .line = st->here.line,
			.from = el->open ? el->from.at : st->kept ? st->token.at : st->here.at};
		snprintf(j->damage.why, sizeof(j->damage.why), "invalid JSON at byte %llu of the line: %s",
			(unsigned long long)column_of(&st->here), why);
	}
	if (el->open) {
		st->depth = el->depth;
		j->seek.column = column_of(&el->from);
		if (!el->dropped)
			st->here = el->from;
	} else {
		bool known = st->depth && in_list(j) && j->last.depth == st->depth;
		st->depth = known ? st->depth : 0;
		j->seek.column = known ? j->last.column : 1;
	}
	j->seek.array = st->depth > 0;
	st->here.blank = false;
	st->lex = SEEK;
	st->kept = false;
	el->open = el->dropped = false;
	return 0;
}

static void value_done(struct json *j)
{
	j->st.expect = j->st.depth ? COMMA_OR_END : VALUE;
}

static int too_long(struct json *j)
{
	char why[96];

	j->el.dropped = true;
	snprintf(why, sizeof(why), "a record longer than the limit of %zu bytes", j->conf.max_record);
	return report(j, "too-long", &j->el.from, j->el.from.at + j->conf.max_record, why);
}

static int end_element(struct json *j)
{
	struct element *el = &j->el;
	struct qun_record rec = {.line = el->from.line, .offset = el->from.at};
	int rc = 0;

	j->trial.records++;
	value_done(j);
	if (!el->dropped) {
		rec.raw = qun_window_span(&j->win, el->from.at, j->st.here.at);
		if (rec.raw.len > j->conf.max_record)
			rc = too_long(j);
		else if (el->deep)
			rc = report(j, "json", &el->from, j->st.here.at, "nested deeper than the limit allows");
		else
			rc = j->sink.record(j->sink.arg, &rec);
	}
	el->open = el->dropped = false;
	return rc;
}

/* Ends the trial. Where these were no records all is as before it, but that this is known. */
static int judge(struct json *j)
{
	const char *path = path_text(j, j->trial.path_len);
	int rc = j->sink.judge(j->sink.arg, path, j->trial.lines);
	uint32_t id;

	if (rc < 0)
		return rc;
	j->trial.open = false;
	if (rc > 0) {
		memcpy(j->accepted, path, j->trial.path_len + 1);
		j->found = true;
		return 0;
	}
	qun_buf_clear(&j->text);
	if (qun_buf_add_char(&j->text, j->trial.lines ? 'l' : 'a') < 0 || qun_buf_add_text(&j->text, path) < 0 ||
		qun_dict_add(&j->rejected, qun_buf_span(&j->text), &id) < 0)
		return QUN_ENOMEM;
	j->st = j->trial.before;
	j->el = (struct element){0};
	j->damage.open = false;
	j->last.depth = 0;
	return 0;
}

/* Are the objects of this path records? A trial is opened where nobody knows yet. */
static int is_record(struct json *j, size_t path_len, bool *record)
{
	bool lines = !j->st.depth;
	int rc;

	*record = false;
	if (path_len == NO_PATH)
		return 0;
	const char *path = path_text(j, path_len);
	*record = j->trial.open && j->trial.path_len == path_len;
	if (j->found)
		*record = strcmp(path, j->accepted) == 0 || j->sink.named(j->sink.arg, path);
	if (*record || j->found || j->trial.open || (j->rejected.n >= TRIALS && !j->sink.named(j->sink.arg, path)))
		return 0;
	qun_buf_clear(&j->text);
	rc = qun_buf_add_char(&j->text, lines ? 'l' : 'a');
	if (rc == 0)
		rc = qun_buf_add_text(&j->text, path);
	if (rc < 0 || qun_dict_find(&j->rejected, qun_buf_span(&j->text)) != QUN_NONE)
		return rc;
	*record = j->trial.open = true;
	j->trial.lines = lines;
	j->trial.records = 0;
	j->trial.path_len = path_len;
	j->trial.before = j->st;
	return j->sink.trial(j->sink.arg);
}

static void open_element(struct json *j)
{
	struct place *here = &j->st.here;

	j->el = (struct element){.open = true, .first = here->blank, .depth = j->st.depth, .from = *here};
	j->last.depth = here->blank ? j->st.depth : 0;
	j->last.column = column_of(here);
}

static int open_bracket(struct json *j, char c)
{
	struct state *st = &j->st;
	bool record = false;
	int rc = 0;

	if (st->expect != VALUE && st->expect != VALUE_OR_END)
		return violation(j, c == '{' ? "an object out of place" : "an array out of place");
	if (c == '[' && !st->depth && j->trial.open)
		return judge(j); /* the bracket comes again */
	if (st->depth == j->conf.max_depth) {
		j->el.deep = j->el.open;
		return violation(j, "nested deeper than the limit allows");
	}
	size_t path_len = path_here(j);
	if (!j->el.open && c == '{' && in_list(j))
		rc = is_record(j, path_len, &record);
	if (rc < 0)
		return rc;
	if (record)
		open_element(j);
	else if (!j->el.open && c == '{' && !st->depth)
		qun_header_clear(j->header);
	j->frame[st->depth++] = (struct frame){.kind = c, .path_len = path_len, .from = st->here};
	st->expect = c == '{' ? KEY_OR_END : VALUE_OR_END;
	advance(j, c);
	return 0;
}

static int close_bracket(struct json *j, char c)
{
	struct state *st = &j->st;
	char kind = c == '}' ? '{' : '[';
	bool ends = st->expect == COMMA_OR_END || st->expect == (c == '}' ? KEY_OR_END : VALUE_OR_END);

	if (!st->depth || j->frame[st->depth - 1].kind != kind || !ends)
		return violation(j, "a closing bracket out of place");
	if (j->trial.open && !j->el.open && st->depth == j->trial.before.depth)
		return judge(j); /* the bracket comes again */
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
static int scalar(struct json *j, struct qun_span value)
{
	size_t path_len = path_here(j);

	if (in_list(j)) {
		bool ours = path_len == 0 || (path_len != NO_PATH &&
			((j->trial.open && path_len == j->trial.path_len) ||
				(j->found && strcmp(path_text(j, path_len), j->accepted) == 0)));
		if (ours)
			return report(j, "json", &j->st.token, token_usable(j) ? j->st.here.at : j->st.token.at,
				"a record must be an object");
		return 0;
	}
	if (path_len == NO_PATH || !token_usable(j) || ++j->frame[j->st.depth - 1].scalars > 64)
		return 0;
	return qun_header_put(j->header, (struct qun_span){j->path, path_len}, value);
}

static int end_atom(struct json *j)
{
	struct state *st = &j->st;
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
static int set_member(struct json *j, struct qun_span inner)
{
	size_t at = j->frame[j->st.depth - 1].path_len;

	j->st.member_len = NO_PATH;
	qun_buf_clear(&j->text);
	if (at == NO_PATH || !token_usable(j))
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

static int end_string(struct json *j)
{
	struct state *st = &j->st;
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

static int step_string(struct json *j, char c)
{
	struct state *st = &j->st;
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
	} else if ((unsigned char)c < ' ' && (strict || (c == '\n' && j->el.first && !j->el.loose))) {
		return violation(j, c == '\n' ? "a line ends inside a string" : "a control character in a string");
	}
	advance(j, c);
	return 0;
}

static void begin_token(struct json *j, enum lex lex)
{
	struct state *st = &j->st;

	st->token = st->here;
	st->lex = lex;
	st->escape = false;
	st->hex = 0;
	st->kept = !j->el.open;
	st->key = st->expect == KEY || st->expect == KEY_OR_END;
}

static int step_plain(struct json *j, char c)
{
	struct state *st = &j->st;
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

static int step_loose(struct json *j, char c)
{
	struct element *el = &j->el;

	if (c == '"')
		begin_token(j, STRING);
	else if (c == '{' || c == '[')
		el->loose_depth++;
	else if (c == '}' || c == ']')
		el->loose_depth--;
	advance(j, c);
	if (el->loose_depth)
		return 0;
	j->st.depth = el->depth;
	return end_element(j);
}

/* Looks for the line that begins like the element that was lost, or closes its array. */
static int step_seek(struct json *j, char c)
{
	struct place *here = &j->st.here;
	uint64_t column = column_of(here);
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

/* Passes what means nothing inside a string, which is most of any export. */
static void skip_text(struct json *j)
{
	struct qun_span left = qun_window_span(&j->win, j->st.here.at, qun_window_end(&j->win));
	size_t n = 0;

	while (n < left.len && left.ptr[n] != '"' && left.ptr[n] != '\\' && (unsigned char)left.ptr[n] >= ' ')
		n++;
	j->st.here.at += n;
}

static int step(struct json *j)
{
	if (j->st.lex == STRING && !j->st.escape && !j->st.hex) {
		skip_text(j);
		if (j->st.here.at == qun_window_end(&j->win))
			return 0;
	}
	char c = *qun_window_span(&j->win, j->st.here.at, j->st.here.at + 1).ptr;

	switch (j->st.lex) {
	case STRING: return step_string(j, c);
	case ATOM:
		/* an element's texts without quotes may hold blanks; whether that is let pass is not decided here */
		if (c && strchr(j->el.open ? "\r\n,:[]{}\"" : " \t\r\n,:[]{}\"", c))
			return end_atom(j);
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

/* What no step may hold for ever: the text of a token, an element, damage, a trial. */
static int check_limits(struct json *j)
{
	struct state *st = &j->st;
	uint64_t at = st->here.at;
	int rc = 0;

	if (st->kept && at - st->token.at > TOKEN_BYTES)
		st->kept = false;
	if (j->el.open && !j->el.dropped && at - j->el.from.at > j->conf.max_record)
		rc = too_long(j);
	if (rc == 0 && j->damage.open && at - j->damage.from > j->conf.max_record)
		rc = qun_damage_end(&j->damage, &j->win, at, j->conf.max_record, &j->sink);
	if (rc < 0 || !j->trial.open)
		return rc;
	uint64_t held = at - j->trial.before.here.at;
	if (j->trial.records < TRIAL_RECORDS && held < TRIAL_BYTES)
		return 0;
	/* a first element that long is nobody's, unless there is no path or a format reads arrays of it */
	if (!j->trial.records && held < j->conf.max_record &&
		(!j->trial.path_len || j->sink.named(j->sink.arg, path_text(j, j->trial.path_len))))
		return 0;
	return judge(j);
}

static uint64_t oldest_needed(const struct json *j)
{
	uint64_t at = j->st.here.at;

	if (j->st.kept && j->st.token.at < at && (j->st.lex == STRING || j->st.lex == ATOM))
		at = j->st.token.at;
	if (j->el.open && !j->el.dropped && j->el.from.at < at)
		at = j->el.from.at;
	if (j->damage.open && j->damage.from < at)
		at = j->damage.from;
	if (j->trial.open && j->trial.before.here.at < at)
		at = j->trial.before.here.at;
	return at;
}

static int run(struct json *j)
{
	int rc = 0;

	while (rc == 0 && j->st.here.at < qun_window_end(&j->win)) {
		rc = step(j);
		if (rc == 0)
			rc = check_limits(j);
	}
	return rc;
}

static int report_open(struct json *j)
{
	const struct state *st = &j->st;
	const struct place *from = &j->el.from;
	const char *what = "object";
	char why[160];

	if (st->lex == STRING) {
		from = &st->token;
		what = "string";
	} else if (!j->el.open) {
		from = &j->frame[st->depth - 1].from;
		what = j->frame[st->depth - 1].kind == '{' ? what : "array";
	}
	snprintf(why, sizeof(why), "the %s opened at byte %llu of the line is never closed", what,
		(unsigned long long)column_of(from));
	struct qun_bad bad = {.line = from->line, .offset = from->at, .kind = "open", .why = why};
	if (j->el.open && !j->el.dropped)
		bad.raw = qun_window_span(&j->win, j->el.from.at, st->here.at);
	return j->sink.bad(j->sink.arg, &bad);
}

static int json_feed(struct qun_cutter *cutter, struct qun_span bytes, struct qun_err *err)
{
	struct json *j = (struct json *)cutter;
	int rc;

	j->win.bytes = bytes;
	rc = run(j);
	if (rc == 0)
		qun_window_drop(&j->win, oldest_needed(j));
	cutter->left = j->win.bytes.len;
	return rc == QUN_ENOMEM ? qun_fail_mem(err) : rc;
}

/* The end may show that a trial was none, and then there is all of it to read again. */
static int json_finish(struct qun_cutter *cutter, struct qun_span bytes, struct qun_err *err)
{
	struct json *j = (struct json *)cutter;
	uint64_t end = j->win.base + bytes.len;
	bool again;
	int rc;

	j->win.bytes = bytes;
	do {
		bool told = false;
		rc = run(j);
		if (rc == 0 && j->st.lex == ATOM)
			rc = end_atom(j);
		if (rc == 0)
			rc = qun_damage_end(&j->damage, &j->win, end, j->conf.max_record, &j->sink);
		if (rc == 0 && j->el.open && !(told = j->el.dropped)) {
			rc = report_open(j);
			told = true;
		}
		if (rc == 0 && j->trial.open)
			rc = judge(j);
		again = rc == 0 && j->st.here.at < end;
		if (rc == 0 && !again && !told && j->st.lex != SEEK && (j->st.lex == STRING || j->st.depth))
			rc = report_open(j);
	} while (again);
	return rc == QUN_ENOMEM ? qun_fail_mem(err) : rc;
}

static void json_close(struct qun_cutter *cutter)
{
	struct json *j = (struct json *)cutter;

	qun_buf_release(&j->text);
	qun_dict_release(&j->rejected);
	free(j->frame);
	free(j);
}

int qun_json_open(struct qun_cutter **cutter, const struct qun_cut_conf *conf, const struct qun_cut_sink *sink,
	struct qun_header *header)
{
	struct json *j = calloc(1, sizeof(*j));

	if (!j || !(j->frame = calloc(conf->max_depth ? conf->max_depth : 1, sizeof(*j->frame)))) {
		free(j);
		return QUN_ENOMEM;
	}
	j->cutter = (struct qun_cutter){.feed = json_feed, .finish = json_finish, .close = json_close};
	j->conf = *conf;
	j->sink = *sink;
	j->header = header;
	j->win.base = j->st.here.at = j->st.here.line_at = conf->offset;
	j->st.here.line = conf->line;
	j->st.here.blank = true;
	*cutter = &j->cutter;
	return 0;
}
