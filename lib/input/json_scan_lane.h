/* The loop of json_scan.c over the blocks. */

/* Notes where the brackets of a block stand: two at a time, for few blocks have more. */
LANE_INLINE size_t LANE(note)(uint32_t *to, uint64_t brackets, size_t at)
{
	size_t n = block_count(brackets);

	for (size_t i = 0; i == 0 || i < n; i += 2) {
		BLOCK_EACH (k, 2) {
			uint32_t place = (uint32_t)(at + block_first(brackets));
			BLOCK_KEEP(place);
			to[i + (size_t)k] = place;
			brackets &= brackets - 1;
		}
	}
	return n;
}

/* The next block, of which only the bytes `here` are there. false: a byte that no element may have. */
LANE_INLINE bool LANE(step)(struct scan *r, struct block b, uint64_t here)
{
	uint64_t quotes = block_eq(b, '"'), slashes = block_eq(b, '\\'), ends = block_eq(b, '\n') & here;
	uint64_t brackets = block_eq(block_or(b, BRACKET_BITS), BRACKET), nul = block_eq(b, '\0'), in, wrong;

	if (slashes | r->escape)
		quotes &= ~escaped_by(slashes, &r->escape);
	in = block_runs(quotes) ^ r->inside;
	wrong = ((ends & in) | (slashes & ~in) | nul) & here;
	brackets &= ~in & here;
	if (wrong)
		brackets &= (wrong & -wrong) - 1;
	r->inside = -(in >> 63);
	r->lines += block_count(ends);
	r->nbracket += LANE(note)(r->bracket + r->nbracket, brackets, r->at);
	r->at += QUN_BLOCK;
	return !wrong;
}

/* Some blocks: as many as there are, or as brackets have room. */
LANE_INLINE bool LANE(gather)(struct scan *r)
{
	bool fine = true;

	r->nbracket = 0;
	while (fine && r->bytes.len - r->at >= QUN_BLOCK && r->nbracket < QUN_BRACKETS_MAX && r->at < r->upto)
		fine = LANE(step)(r, block_load(r->bytes.ptr + r->at), ~UINT64_C(0));
	if (fine && r->at < r->upto && r->nbracket < QUN_BRACKETS_MAX) {
		char last[QUN_BLOCK];
		memset(last, ' ', sizeof(last));
		memcpy(last, r->bytes.ptr + r->at, r->bytes.len - r->at);
		fine = LANE(step)(r, block_load(last), (UINT64_C(1) << (r->bytes.len - r->at)) - 1);
	}
	return fine;
}

LANE_ENTRY void LANE(scan)(struct qun_json_scan *s, struct qun_span bytes)
{
	struct scan r = {.bytes = bytes, .bracket = s->bracket, .gap_len = SIZE_MAX};
	bool fine = true;

	while (fine && r.at < bytes.len) {
		r.upto = bytes.len - r.at > STRETCH ? r.at + STRETCH : bytes.len;
		fine = LANE(gather)(&r);
		fine &= take(s, &r);
	}
	s->rest = fine ? QUN_ELEMENTS_MORE : s->n == QUN_ELEMENTS_MAX ? QUN_ELEMENTS_FULL : QUN_ELEMENTS_ODD;
	/* without the lines of what was looked at, but is none of the elements */
	r.at = r.at < bytes.len ? r.at : bytes.len;
	s->lines = r.lines - count_lines(bytes.ptr + s->end, bytes.ptr + r.at);
}
