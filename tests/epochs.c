/* Epochs against strtoll: digits of all lengths, one of which may be another byte. */
#include "qun/cal.h"
#include "xorshift.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t state = XORSHIFT_SEED;

static uint64_t draw(uint64_t n)
{
	return (xorshift(&state) >> 16) % n;
}

/* What the text means in units of so many microseconds; -1: no time. */
static int64_t expected(const char *text, size_t len, int64_t unit)
{
	char *end;
	int64_t v = strtoll(text, &end, 10);

	if (end != text + len || text[0] == '-' || text[0] == '+' || v > QUN_TIME_MAX / unit)
		return -1;
	return v * unit;
}

int main(void)
{
	static const int64_t unit[] = {[QUN_TIME_EPOCH_S] = QUN_SECOND, [QUN_TIME_EPOCH_MS] = 1000, [QUN_TIME_EPOCH_US] = 1};
	static const char odd[] = "/:-+ax\xb0\xff\x01";
	struct qun_zone *zone = NULL;
	struct qun_err err;
	int wrong = 0;

	if (qun_zone_open(&zone, "UTC", &err) < 0)
		return 99;
	for (int i = 0; i < 2000000; i++) {
		enum qun_time_style style = (enum qun_time_style)(QUN_TIME_EPOCH_S + draw(3));
		size_t len = 1 + draw(20);
		char text[24] = "";
		int64_t ts = -1, told;

		for (size_t k = 0; k < len; k++)
			text[k] = (char)('0' + (k || draw(2) ? draw(10) : draw(2)));
		if (draw(4) == 0)
			text[draw(len)] = odd[draw(sizeof(odd) - 1)];
		if (qun_time_parse((struct qun_span){text, len}, style, zone, &ts) != 0)
			ts = -1;
		told = text[len - 1] <= ' ' ? ts : expected(text, len, unit[style]); /* blanks are the parser's affair */
		if (ts != told && text[0] > ' ' && !wrong++)
			printf("# '%s': %" PRId64 " instead of %" PRId64 "\n", text, ts, told);
	}
	printf("%sok 1 - an epoch is the number that its digits are\n1..1\n", wrong ? "not " : "");
	qun_zone_close(zone);
	return wrong != 0;
}
