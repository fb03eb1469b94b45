/* Clocks: how times are written, and those of a day that is known, see qun_time_memo. */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include "core/short.h"
#include "qun/cal.h"

/* Writes 0 … 99 as two digits. */
static inline void qun_two_digits(char *p, int v)
{
	p[0] = (char)('0' + v / 10);
	p[1] = (char)('0' + v % 10);
}

/* The second of the day at hh:mm:ss, or a negative number where it is not written so. */
static inline int qun_clock_of(const char *p)
{
	/* digits become 0 to 9 and colons 0; what is not in its place has a high bit then or now */
	uint64_t d = qun_short_word(p) - UINT64_C(0x30303a30303a3030);
	bool wrong = ((d + UINT64_C(0x76767f76767f7676)) | d) & UINT64_C(0x8080808080808080);
	uint64_t pairs = d * 10 + (d >> 8); /* no byte of it is above 99 */
	int hour = (int)(pairs & 255), minute = (int)(pairs >> 24 & 255), second = (int)(pairs >> 48 & 255);

	return wrong || hour > 23 || minute > 59 || second > 59 ? -1 : hour * 3600 + minute * 60 + second;
}

/* The instant of a time of the memo's day; false where it is none, or has to be read with more care. */
static inline bool qun_clock_read(const struct qun_time_memo *m, struct qun_span s, int64_t *ts)
{
	int second;

	if (s.len != m->len || s.len < 19 || qun_short_word(s.ptr) != m->date ||
		qun_short_half(s.ptr + 7) != m->before ||
		((qun_short_word(s.ptr + s.len - 8) ^ m->tail) & m->tail_mask) != 0)
		return false;
	second = qun_clock_of(s.ptr + 11);
	if (second < 0)
		return false;
	*ts = m->midnight + second * QUN_SECOND;
	return true;
}

#endif
