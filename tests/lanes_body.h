/* All masks of a block, for tests/lanes.c. */
LANE_ENTRY void LANE(masks)(const char *p, char c, uint64_t out[5])
{
	struct block b = block_load(p);

	out[0] = block_eq(b, c);
	out[1] = block_below(b, ' ');
	out[2] = block_high(b);
	out[3] = block_runs(out[0]);
	out[4] = block_eq(block_or(b, 0x26), c);
}
