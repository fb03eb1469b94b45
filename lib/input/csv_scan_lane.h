/* The loop of csv_scan.c over the blocks. */

/* Takes a record that ends in the line end at `end`. false: it is for libcsv. */
LANE_INLINE bool LANE(take)(const struct qun_csv_scan *s, struct scan *r, size_t end, bool cr)
{
	size_t len = end - r->from - (cr && end > r->from && r->bytes.ptr[end - 1] == '\r');

	r->piece[r->n] = (struct qun_piece){(uint32_t)r->from, len & INT32_MAX, r->odd};
	if (__builtin_expect(len - 1 < r->soon && begins_plainly(r->bytes.ptr[r->from]), 1)) {
		r->n++;
	} else {
		enum verdict v = judge(s, (struct qun_span){r->bytes.ptr + r->from, len});
		if (v == ODD)
			return false;
		r->n += v == FINE;
	}
	r->from = end + 1;
	r->lines += 1 + r->inner;
	r->inner = 0;
	r->odd = false;
	return true;
}

/*
 * A block with quotes, CR or NUL in it, or behind such: what must not stand where it does, bit by bit,
 * and whether the line ends before the first such place end records.
 */
LANE_INLINE bool LANE(careful)(const struct qun_csv_scan *s, struct scan *r, struct block b, uint64_t ends,
	uint64_t here)
{
	uint64_t quotes = block_eq(b, '"') & here;
	char before = r->at ? r->bytes.ptr[r->at - 1] : '\n';
	bool outside = !r->inside;
	uint64_t cr = block_eq(b, '\r'), cut = block_eq(b, s->delimiter) | ends;
	uint64_t in = block_runs(quotes) ^ r->inside;
	uint64_t open = quotes & in, close = quotes & ~in;
	uint64_t closed = close << 1 | (before == '"' && outside);
	uint64_t starts = (cut & ~in) << 1 | ((before == s->delimiter || before == '\n') && outside);
	uint64_t wrong = block_eq(b, '\0') | ((cr << 1 | (before == '\r')) & ~ends) | (open & ~(starts | closed)) |
		(closed & ~(cut | cr | quotes));
	uint64_t inner = ends & in;

	wrong &= here;
	ends &= ~in & here;
	if (wrong)
		ends &= (wrong & -wrong) - 1;
	for (; ends; ends &= ends - 1) {
		uint64_t passed = ends ^ (ends - 1); /* up to the line end, which is no quote */
		r->odd |= (quotes & passed) != 0;
		quotes &= ~passed;
		if (inner & passed)
			r->inner += block_count(inner & passed);
		inner &= ~passed;
		if (!LANE(take)(s, r, r->at + (size_t)__builtin_ctzll(ends), true))
			return false;
	}
	r->odd |= quotes != 0;
	r->inner += inner ? block_count(inner) : 0;
	r->inside = -(in >> 63);
	r->tail = (close | cr) >> 63;
	return !wrong;
}

/* The next block, of which only the bytes `here` are there. */
LANE_INLINE bool LANE(step)(const struct qun_csv_scan *s, struct scan *r, const char *p, uint64_t here)
{
	struct block b = block_load(p);
	uint64_t ends = block_eq(b, '\n') & here;

	if (block_any3(b, '"', '\r', '\0') || r->inside || r->tail)
		return LANE(careful)(s, r, b, ends, here);
	for (; ends; ends &= ends - 1) {
		if (!LANE(take)(s, r, r->at + (size_t)__builtin_ctzll(ends), false))
			return false;
	}
	return true;
}

LANE_ENTRY void LANE(scan)(struct qun_csv_scan *s, struct qun_span bytes)
{
	size_t soon = s->longest < s->max_columns ? s->longest : s->max_columns - 1;
	struct scan r = {.bytes = bytes, .piece = s->piece, .soon = soon};
	bool regular = true;

	while (regular && bytes.len - r.at >= QUN_BLOCK && r.n + QUN_BLOCK <= QUN_SCAN_PIECES) {
		regular = LANE(step)(s, &r, bytes.ptr + r.at, ~UINT64_C(0));
		r.at += QUN_BLOCK;
	}
	if (regular && r.at < bytes.len && r.n + QUN_BLOCK <= QUN_SCAN_PIECES) {
		char last[QUN_BLOCK];
		memset(last, ' ', sizeof(last));
		memcpy(last, bytes.ptr + r.at, bytes.len - r.at);
		regular = LANE(step)(s, &r, last, (UINT64_C(1) << (bytes.len - r.at)) - 1);
		r.at += QUN_BLOCK;
	}
	s->n = r.n;
	s->end = r.from;
	s->lines = r.lines;
	s->rest = !regular ? QUN_SCAN_ODD : r.at < bytes.len ? QUN_SCAN_FULL : QUN_SCAN_MORE;
}
