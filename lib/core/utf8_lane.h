/* Validity of UTF-8: blocks of ASCII are passed at once, others are decoded. */
LANE_ENTRY size_t LANE(utf8_valid)(struct qun_span s)
{
	size_t at = 0, upto;

	while (s.len - at >= QUN_BLOCK) {
		if (!block_high(block_load(s.ptr + at))) {
			at += QUN_BLOCK;
			continue;
		}
		upto = at + QUN_BLOCK;
		at = decode(s, at, upto);
		if (at < upto)
			return at;
	}
	return decode(s, at, s.len);
}
