/*
 * Chain orders. A line keeps the time and poster of the first list that shows it, so people need to be told
 * from what they ordered only at the end, when all names of the file are known. Nothing depends on the order
 * in which the lists come.
 */
#include "text/jielong.h"

#include "qun/utf8.h"

#include <stdlib.h>
#include <string.h>

enum { BOOK_BYTES = 64 << 20, NUMBER_DIGITS = 4 };
/* Where a name may end: at the first blanks of a line, so that no line costs more than its length. */
enum { NAME_WORDS = 16, NAME_BYTES = 512 };

struct qun_jielong_chain {
	uint32_t group;
	int64_t ts; /* of the newest list */
	uint32_t *line; /* its lines, by number in lines */
	size_t n;
};

struct qun_jielong_seen {
	uint32_t chain, poster;
	int64_t ts;
};

/* Blanks of any width. */
static bool is_space(int32_t cp)
{
	return (cp >= 0 && cp <= ' ') || cp == 0x7f || cp == 0x85 || cp == 0xa0 || cp == 0x1680 ||
		(cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028 || cp == 0x2029 || cp == 0x202f || cp == 0x205f ||
		cp == 0x3000;
}

/* And what cannot be seen: marks of direction, the byte order mark, joiners, which emoji have within. */
static bool is_blank(int32_t cp)
{
	return is_space(cp) || (cp >= 0x200b && cp <= 0x200f) || (cp >= 0x202a && cp <= 0x202e) ||
		(cp >= 0x2060 && cp <= 0x2064) || cp == 0xfeff;
}

static struct qun_span skip_blanks(struct qun_span s)
{
	size_t at = 0, next = 0;

	while (next < s.len && is_blank(qun_utf8_next(s, &next)))
		at = next;
	return (struct qun_span){s.len ? s.ptr + at : s.ptr, s.len - at};
}

static struct qun_span trim(struct qun_span s)
{
	size_t at, from;

	for (s = skip_blanks(s); s.len; s.len = from) {
		from = s.len - 1;
		while (from && s.len - from < 4 && ((unsigned char)s.ptr[from] & 0xc0) == 0x80)
			from--;
		at = from;
		if (!is_blank(qun_utf8_next(s, &at)) || at != s.len)
			break;
	}
	return s;
}

static struct qun_span take_line(struct qun_span *rest)
{
	const char *end = rest->len ? memchr(rest->ptr, '\n', rest->len) : NULL;
	struct qun_span line = {rest->ptr, end ? (size_t)(end - rest->ptr) : rest->len};
	size_t step = line.len + (end != NULL);

	if (step)
		*rest = (struct qun_span){rest->ptr + step, rest->len - step};
	return line;
}

static int digit_of(int32_t cp)
{
	if (cp >= '0' && cp <= '9')
		return cp - '0';
	return cp >= 0xff10 && cp <= 0xff19 ? cp - 0xff10 : -1;
}

/* "12. who and what", in digits and dots of either width: its number and what follows; 0: no such line. */
static int numbered(struct qun_span line, struct qun_span *entry)
{
	static const int32_t dots[] = {'.', 0xff0e, 0x3002, 0x3001}; /* . ． 。 、 */
	struct qun_span s = skip_blanks(line);
	size_t at = 0, digits = 0, next;
	int32_t cp = -1;
	int number = 0;

	for (; at < s.len && digits <= NUMBER_DIGITS; digits++) {
		cp = qun_utf8_next(s, &at);
		if (digit_of(cp) < 0)
			break;
		number = number * 10 + digit_of(cp);
	}
	if (!digits || digits > NUMBER_DIGITS)
		return 0;
	while (at < s.len && is_blank(cp))
		cp = qun_utf8_next(s, &at);
	for (size_t i = 0; i < sizeof(dots) / sizeof(*dots); i++) {
		if (cp != dots[i])
			continue;
		next = at;
		/* 1.5 is a weight */
		if (cp == '.' && next < s.len && digit_of(qun_utf8_next(s, &next)) >= 0)
			return 0;
		*entry = trim((struct qun_span){s.ptr + at, s.len - at});
		return number;
	}
	return 0;
}

static bool skip_mark(struct qun_span *s)
{
	static const char *const marks[] = {"#接龙", "＃接龙", "#Group Note"};

	*s = skip_blanks(*s);
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		size_t len = strlen(marks[i]);
		if (!qun_span_starts(*s, marks[i]))
			continue;
		*s = (struct qun_span){s->ptr + len, s->len - len};
		return true;
	}
	return false;
}

bool qun_jielong_begin(struct qun_span text, struct qun_jielong *list)
{
	struct qun_span rest = text, start = {0}, entry;
	bool blank = false;

	if (!skip_mark(&rest))
		return false;
	list->about = rest;
	/* The description may count as well: a 1. behind an empty line is the list's, and the last such. */
	while (rest.len) {
		struct qun_span from = rest, line = take_line(&rest);
		if (numbered(line, &entry) == 1 && (!start.len || blank))
			start = from;
		blank = !trim(line).len;
	}
	if (!start.len)
		return false;
	list->about.len = (size_t)(start.ptr - list->about.ptr);
	list->rest = start;
	list->taken = 0;
	struct qun_jielong look = *list;
	return qun_jielong_next(&look, &entry);
}

bool qun_jielong_next(struct qun_jielong *list, struct qun_span *line)
{
	while (list->rest.len && list->taken < QUN_JIELONG_LINES) {
		if (!numbered(take_line(&list->rest), line))
			continue;
		list->taken++;
		if (line->len)
			return true;
	}
	return false;
}

/* Group and description, whose blanks make no other chain of it. */
static int chain_key(struct qun_buf *key, struct qun_span group, struct qun_span about)
{
	int rc = qun_save_span(key, group);

	while (rc == 0 && about.len) {
		struct qun_span line = trim(take_line(&about));
		if (!line.len)
			continue;
		rc = qun_buf_add_span(key, line);
		if (rc == 0)
			rc = qun_buf_add_char(key, '\n');
	}
	return rc;
}

static int chain_of(struct qun_jielong_book *b, struct qun_span group, struct qun_span about, uint32_t *chain)
{
	struct qun_buf key = {0};
	size_t known = b->chains.n;
	uint32_t g;
	int rc = chain_key(&key, group, about);

	if (rc == 0)
		rc = qun_grow(&b->chain, &b->chain_cap, known, sizeof(*b->chain));
	if (rc == 0)
		rc = qun_dict_add(&b->groups, group, &g);
	if (rc == 0)
		rc = qun_dict_add(&b->chains, qun_buf_span(&key), chain);
	if (rc == 0 && b->chains.n > known)
		b->chain[*chain] = (struct qun_jielong_chain){.group = g, .ts = INT64_MIN};
	qun_buf_release(&key);
	return rc;
}

/* A line of a chain seen at ts; of two lists at one instant the poster is the smaller one. */
static int see(struct qun_jielong_book *b, uint32_t chain, struct qun_span line, int64_t ts, uint32_t poster,
	uint32_t *number)
{
	struct qun_buf key = {0};
	size_t known = b->lines.n;
	int rc = qun_buf_add(&key, &chain, sizeof(chain));

	if (rc == 0)
		rc = qun_buf_add_span(&key, line);
	if (rc == 0)
		rc = qun_grow(&b->seen, &b->seen_cap, known, sizeof(*b->seen));
	if (rc == 0)
		rc = qun_dict_add(&b->lines, qun_buf_span(&key), number);
	qun_buf_release(&key);
	if (rc < 0)
		return rc;
	struct qun_jielong_seen *s = &b->seen[*number];
	if (b->lines.n > known)
		*s = (struct qun_jielong_seen){chain, poster, ts};
	else if (ts < s->ts || (ts == s->ts && qun_span_cmp(qun_dict_text(&b->posters, poster),
			qun_dict_text(&b->posters, s->poster)) < 0))
		*s = (struct qun_jielong_seen){chain, poster, ts};
	return 0;
}

/* Of two lists at one instant the longer one is newer, of equal ones the bytewise greater. */
static bool is_newer(const struct qun_jielong_book *b, const struct qun_jielong_chain *c, int64_t ts,
	const uint32_t *line, size_t n)
{
	int order = 0;

	if (ts != c->ts)
		return ts > c->ts;
	if (n != c->n)
		return n > c->n;
	for (size_t i = 0; i < n && order == 0; i++)
		order = qun_span_cmp(qun_dict_text(&b->lines, line[i]), qun_dict_text(&b->lines, c->line[i]));
	return order > 0;
}

static size_t book_bytes(const struct qun_jielong_book *b)
{
	return b->chains.text.bytes + b->lines.text.bytes + b->groups.text.bytes + b->posters.text.bytes +
		b->chains.n * (sizeof(struct qun_jielong_chain) + 32) +
		b->lines.n * (sizeof(struct qun_jielong_seen) + 32) + b->held * sizeof(uint32_t);
}

int qun_jielong_add(struct qun_jielong_book *b, struct qun_jielong list, int64_t ts, struct qun_span group,
	struct qun_span poster)
{
	uint32_t line[QUN_JIELONG_LINES], chain, who;
	struct qun_span entry;
	size_t n = 0;

	if (book_bytes(b) > BOOK_BYTES)
		return QUN_ELIMIT;
	int rc = qun_dict_add(&b->posters, poster, &who);
	if (rc == 0)
		rc = chain_of(b, group, list.about, &chain);
	while (rc == 0 && n < QUN_JIELONG_LINES && qun_jielong_next(&list, &entry))
		rc = see(b, chain, entry, ts, who, &line[n++]);
	if (rc < 0)
		return rc;
	struct qun_jielong_chain *c = &b->chain[chain];
	if (!is_newer(b, c, ts, line, n))
		return 0;
	uint32_t *copy = malloc((n + 1) * sizeof(*copy));
	if (!copy)
		return QUN_ENOMEM;
	memcpy(copy, line, n * sizeof(*copy));
	b->held += n - c->n;
	free(c->line);
	c->line = copy;
	c->n = n;
	c->ts = ts;
	return 0;
}

/* Whose line it is: the longest name that is known and ends at a blank, else the first word. */
static struct qun_span name_in(const struct qun_jielong_ear *ear, struct qun_span line)
{
	struct qun_span head = {line.ptr, 0}, name = head;
	size_t at = 0, words = 0;
	bool blank = false;

	while (head.len < line.len && words < NAME_WORDS && at <= NAME_BYTES) {
		head.len = at;
		bool ends = at == line.len || is_space(qun_utf8_next(line, &at));
		if (ends && !blank && (++words == 1 || ear->known(ear->arg, head)))
			name = head;
		blank = ends;
	}
	return name.len ? name : head;
}

/* Participants of all chains as lines name them. */
struct people {
	struct qun_dict ids; /* chain and id */
	struct person {
		uint32_t line; /* of the first list that has him */
		bool told;
	} *person;
	size_t cap;
	uint32_t *of_line;
};

static struct qun_span text_of(const struct qun_jielong_book *b, uint32_t line)
{
	struct qun_span s = qun_dict_text(&b->lines, line);

	return (struct qun_span){s.ptr + sizeof(uint32_t), s.len - sizeof(uint32_t)};
}

static bool is_earlier(const struct qun_jielong_book *b, uint32_t a, uint32_t than)
{
	const struct qun_jielong_seen *x = &b->seen[a], *y = &b->seen[than];

	if (x->ts != y->ts)
		return x->ts < y->ts;
	return qun_span_cmp(qun_dict_text(&b->posters, x->poster), qun_dict_text(&b->posters, y->poster)) < 0;
}

static int meet(const struct qun_jielong_book *b, const struct qun_jielong_ear *ear, struct people *p, uint32_t line)
{
	struct qun_span id = ear->id_of(ear->arg, name_in(ear, text_of(b, line)));
	struct qun_buf key = {0};
	size_t known = p->ids.n;
	uint32_t who;
	int rc = qun_buf_add(&key, &b->seen[line].chain, sizeof(uint32_t));

	if (rc == 0)
		rc = qun_buf_add_span(&key, id);
	if (rc == 0)
		rc = qun_grow(&p->person, &p->cap, known, sizeof(*p->person));
	if (rc == 0)
		rc = qun_dict_add(&p->ids, qun_buf_span(&key), &who);
	qun_buf_release(&key);
	if (rc < 0)
		return rc;
	if (p->ids.n > known)
		p->person[who] = (struct person){line, false};
	else if (is_earlier(b, line, p->person[who].line))
		p->person[who].line = line;
	p->of_line[line] = who;
	return 0;
}

static int tell_chain(const struct qun_jielong_book *b, const struct qun_jielong_ear *ear, struct people *p,
	const struct qun_jielong_chain *c)
{
	int rc = 0;

	for (size_t i = 0; rc >= 0 && i < c->n; i++) {
		struct person *who = &p->person[p->of_line[c->line[i]]];
		if (who->told)
			continue;
		who->told = true;
		const struct qun_jielong_seen *first = &b->seen[who->line];
		struct qun_jielong_turn turn = {.ts = first->ts, .line = text_of(b, c->line[i])};
		turn.group = qun_dict_text(&b->groups, c->group);
		turn.poster = qun_dict_text(&b->posters, first->poster);
		turn.name = name_in(ear, turn.line);
		turn.id = ear->id_of(ear->arg, turn.name);
		rc = ear->each(ear->arg, &turn);
	}
	return rc;
}

int qun_jielong_tell(struct qun_jielong_book *b, const struct qun_jielong_ear *ear)
{
	struct people p = {.of_line = malloc((b->lines.n + 1) * sizeof(uint32_t))};
	int rc = p.of_line ? 0 : QUN_ENOMEM;

	for (uint32_t i = 0; rc == 0 && i < b->lines.n; i++)
		rc = meet(b, ear, &p, i);
	for (size_t i = 0; rc >= 0 && i < b->chains.n; i++)
		rc = tell_chain(b, ear, &p, &b->chain[i]);
	qun_dict_release(&p.ids);
	free(p.person);
	free(p.of_line);
	qun_jielong_release(b);
	return rc;
}

void qun_jielong_release(struct qun_jielong_book *b)
{
	for (size_t i = 0; i < b->chains.n; i++)
		free(b->chain[i].line);
	qun_dict_release(&b->chains);
	qun_dict_release(&b->lines);
	qun_dict_release(&b->groups);
	qun_dict_release(&b->posters);
	free(b->chain);
	free(b->seen);
	*b = (struct qun_jielong_book){0};
}
