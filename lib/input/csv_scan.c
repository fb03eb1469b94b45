/* See csv_scan.h and, for the loop over the blocks, csv_scan_lane.h. */
#include "input/csv_scan.h"

#include "core/block.h"

/* A scan on its way. Within the lanes it lives in registers. */
struct scan {
	struct qun_span bytes;
	struct qun_piece *piece;
	size_t soon;     /* records up to this length need no second look */
	size_t at, from; /* the block and the record in hand */
	size_t n, lines;
	size_t inner;    /* line ends within the record in hand */
	uint64_t inside; /* all ones where the blocks before end within quotes */
	bool odd;        /* the record in hand has quotes so far */
	bool tail;       /* what ends the block before binds the byte behind it */
};

enum verdict { FINE, BLANK, ODD };

static size_t count_byte(struct qun_span s, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.ptr[i] == c;
	return n;
}

/* The rare ones: blank lines, long records and those whose first byte may be part of something else. */
static __attribute__((noinline)) enum verdict judge(const struct qun_csv_scan *s, struct qun_span record)
{
	if (!record.len)
		return BLANK;
	if (record.len > s->longest || qun_span_starts(record, "\xef\xbb\xbf") || !qun_span_trim(record).len)
		return ODD;
	return record.len >= s->max_columns && count_byte(record, s->delimiter) >= s->max_columns ? ODD : FINE;
}

/* Is it told by the first byte that a record is neither a mark nor blanks? */
static inline bool begins_plainly(char c)
{
	return (unsigned char)(c - '!') < 0xef - '!';
}

#define QUN_LANE_BODY "input/csv_scan_lane.h"
#include "core/lanes.h"

void qun_csv_scan(struct qun_csv_scan *s, struct qun_span bytes)
{
	static void (*const scan[QUN_LANES])(struct qun_csv_scan *s, struct qun_span bytes) = QUN_LANE_TABLE(scan);
	static const size_t most = UINT32_MAX / 4; /* what the pieces can tell */
	bool cut = bytes.len > most;

	if (cut)
		bytes.len = most;
	scan[s->lane](s, bytes);
	if (cut && s->rest == QUN_SCAN_MORE)
		s->rest = s->end ? QUN_SCAN_FULL : QUN_SCAN_ODD;
}
