/*
 * The loops of split.c over the blocks of a record. p are its bytes, with PAIR more that may be looked
 * at behind them; cells point to where the record is.
 */
LANE_INLINE uint64_t LANE(ends)(const char *p, char delimiter, bool quoted, uint64_t *inside)
{
	struct block b = block_load(p);
	uint64_t in;

	if (!quoted)
		return block_eq(b, delimiter);
	in = block_runs(block_eq(b, '"')) ^ *inside;
	*inside = -(in >> 63);
	return block_eq(b, delimiter) & ~in;
}

/* Any record: cells up to upto are found, all are counted. */
LANE_INLINE void LANE(any)(struct qun_split *s, struct qun_span record, const char *p, bool quoted, size_t upto)
{
	size_t found = 0, others = 0, from = 0;
	uint64_t inside = 0;

	for (size_t at = 0; at < record.len; at += QUN_BLOCK) {
		size_t left = record.len - at < QUN_BLOCK ? record.len - at : QUN_BLOCK;
		uint64_t cut = block_low(LANE(ends)(p + at, s->delimiter, quoted, &inside), left);
		for (; cut && found < upto; cut &= cut - 1) {
			size_t to = at + block_first(cut);
			s->cell[found++].s = (struct qun_span){record.ptr + from, to - from};
			from = to + 1;
		}
		others += block_count(cut);
	}
	s->n = found + others + 1;
	if (found < upto)
		s->cell[found].s = (struct qun_span){record.ptr + from, record.len - from};
}

/*
 * A short record of as many cells as there are columns. How many of them end in its first block is
 * nothing that the branches of a processor could learn, so there are none but those of the count.
 */
LANE_INLINE bool LANE(usual)(struct qun_split *s, struct qun_span record, const char *p, bool quoted, size_t upto)
{
	size_t first = record.len < QUN_BLOCK ? record.len : QUN_BLOCK;
	uint64_t inside = 0, cut = block_low(LANE(ends)(p, s->delimiter, quoted, &inside), first);
	uint64_t next = block_low(
		LANE(ends)(p + QUN_BLOCK, s->delimiter, quoted, &inside), record.len - first);
	struct qun_cell_in *cell = s->cell;
	const char *from = record.ptr, *base = record.ptr;

	if (record.len > PAIR || block_count(cut) + block_count(next) + 1 != s->columns)
		return false;
	s->n = s->columns;
	for (size_t n = upto < s->columns ? upto : s->columns - 1; n; n--, cell++) {
		base = cut ? base : record.ptr + QUN_BLOCK;
		cut = cut ? cut : next;
		const char *to = base + block_first(cut);
		cut &= cut - 1;
		cell->s = (struct qun_span){from, (size_t)(to - from)};
		from = to + 1;
	}
	if (upto == s->columns)
		cell->s = (struct qun_span){from, (size_t)(record.ptr + record.len - from)};
	return true;
}

LANE_INLINE void LANE(cells)(struct qun_split *s, struct qun_span record, const char *p, bool quoted, size_t upto)
{
	if (!LANE(usual)(s, record, p, quoted, upto))
		LANE(any)(s, record, p, quoted, upto);
}

LANE_ENTRY void LANE(split)(struct qun_split *s, struct qun_span record, const char *p, bool quoted, size_t upto)
{
	/* two copies, of which one knows that there are no quotes */
	if (quoted)
		LANE(cells)(s, record, p, true, upto);
	else
		LANE(cells)(s, record, p, false, upto);
}

LANE_ENTRY size_t LANE(cuts)(struct qun_split *s, struct qun_span records)
{
	uint16_t *to = s->cut + 1;
	uint64_t inside = 0;
	size_t n = 0;

	for (size_t at = 0; at < records.len && n <= s->most; at += QUN_BLOCK) {
		size_t left = records.len - at < QUN_BLOCK ? records.len - at : QUN_BLOCK;
		struct block b = block_load(records.ptr + at);
		uint64_t in = block_runs(block_eq(b, '"')) ^ inside;
		uint64_t cut = block_low(block_either(b, s->delimiter, '\n') & ~in, left);

		inside = -(in >> 63);
		block_places(cut, at + 1, to + n);
		n += block_count(cut);
	}
	return n;
}
