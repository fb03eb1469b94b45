/* See json_scan.h and, for the loop over the blocks, json_scan_lane.h. */
#include "input/json_scan.h"

#include "core/block.h"

enum {
	STRETCH = 4096, /* bytes whose brackets are gathered before they are looked at */
	DEEPEST = 64,   /* a bit for each bracket that is open */
	/* with these bits set the four brackets are one character, and few others are */
	BRACKET_BITS = 0x26,
	BRACKET = 0x7f,
};

/* A scan on its way. */
struct scan {
	struct qun_span bytes;
	size_t at, upto;    /* the next block; where the stretch ends */
	uint64_t escape;    /* the block before ends with half an escape */
	uint64_t inside;    /* all ones where it ends within a string */
	size_t lines;
	uint32_t *bracket;
	size_t nbracket;
	/* the element in hand */
	size_t from, depth;
	uint64_t kinds;     /* of the brackets that are open, the innermost lowest: 1 for objects */
	size_t column;      /* where it began its line, or 0 */
	/* what stood before the newest element, where it was no more than a word, and the column it led to */
	uint64_t gap;
	size_t gap_len, gap_column;
};

/* The characters that a backslash before them makes part of the text. */
static inline uint64_t escaped_by(uint64_t slashes, uint64_t *carry)
{
	static const uint64_t even = UINT64_C(0x5555555555555555);
	uint64_t first, follow, starts, even_runs;

	slashes &= ~*carry;
	follow = slashes << 1 | *carry;
	first = slashes & ~even & ~follow; /* runs that begin at odd places: added up they end at others */
	*carry = __builtin_add_overflow(first, slashes, &starts);
	even_runs = starts << 1;
	return (even ^ even_runs) & follow;
}

static size_t count_lines(const char *p, const char *end)
{
	size_t n = 0;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p)))) {
		n++;
		p++;
	}
	return n;
}

/* Blanks and, in an array, one comma: true, and the column of the element if it begins its line. */
static bool read_gap(const struct qun_json_scan *s, const char *p, const char *end, size_t *column)
{
	bool comma = !s->array;

	*column = 0;
	for (; p < end; p++) {
		if (*p == '\n') {
			*column = (size_t)(end - p);
		} else if (*p == ',' && !comma) {
			comma = true;
			*column = 0;
		} else if (*p != ' ' && *p != '\t' && *p != '\r') {
			return false;
		}
	}
	return comma;
}

/* Elements mostly stand apart by the same few bytes. */
static inline bool take_gap(const struct qun_json_scan *s, struct scan *r, size_t at)
{
	static const char first[16] = "\xff\xff\xff\xff\xff\xff\xff\xff"; /* so many of the bytes of a word */
	const char *p = r->bytes.ptr + s->end;
	size_t len = at - s->end;
	uint64_t gap, mask;

	if (len > sizeof(gap) || r->bytes.len - s->end < sizeof(gap))
		return read_gap(s, p, p + len, &r->column);
	memcpy(&gap, p, sizeof(gap));
	memcpy(&mask, first + sizeof(mask) - len, sizeof(mask));
	gap &= mask;
	if (gap != r->gap || len != r->gap_len) {
		if (!read_gap(s, p, p + len, &r->gap_column))
			return false;
		r->gap = gap;
		r->gap_len = len;
	}
	r->column = r->gap_column;
	return true;
}

/* Takes the elements that the gathered brackets end. false: there is one that is not for here. */
static bool take(struct qun_json_scan *s, struct scan *r)
{
	for (size_t i = 0; i < r->nbracket; i++) {
		size_t at = r->bracket[i], len = at + 1 - r->from;
		char c = r->bytes.ptr[at];

		if (!r->depth) {
			if (c != '{' || s->n == QUN_ELEMENTS_MAX || !take_gap(s, r, at))
				return false;
			r->from = at;
			r->depth = r->kinds = 1;
		} else if (c == '{' || c == '[') {
			/* column 0 leads to the bracket itself */
			if (r->depth == s->deepest || r->bytes.ptr[at - r->column] == '\n')
				return false;
			r->kinds = r->kinds << 1 | (c == '{');
			r->depth++;
		} else if (c == '}' || c == ']') {
			if ((r->kinds & 1) != (c == '}'))
				return false;
			r->kinds >>= 1;
			if (--r->depth)
				continue;
			if (len > s->longest)
				return false;
			s->piece[s->n++] = (struct qun_piece){(uint32_t)r->from, len & INT32_MAX, 0};
			s->end = at + 1;
			s->column = r->column;
		}
	}
	return true;
}

#define QUN_LANE_BODY "input/json_scan_lane.h"
#include "core/lanes.h"

void qun_json_scan(struct qun_json_scan *s, struct qun_span bytes)
{
	static void (*const scan[QUN_LANES])(struct qun_json_scan *s, struct qun_span bytes) = QUN_LANE_TABLE(scan);
	static const size_t most = UINT32_MAX / 4; /* what the pieces can tell */

	if (bytes.len > most)
		bytes.len = most;
	if (s->deepest > DEEPEST)
		s->deepest = DEEPEST;
	s->n = s->end = s->column = 0;
	scan[s->lane](s, bytes);
}
