/* Zones, and instants by their UTC text, for the tests of the calendar and of times. */
#ifndef TESTS_CORE_ZONES_H
#define TESTS_CORE_ZONES_H

#include <stdlib.h>
#include <time.h>

#include "qun/cal.h"

/* Instant of a UTC text, for readable expectations. */
static inline int64_t at(const char *text)
{
	struct qun_zone *utc = NULL;
	int64_t ts = INT64_MIN;

	if (qun_zone_open(&utc, "UTC", NULL) == 0)
		qun_time_parse(qun_span_of(text), QUN_TIME_YMD, utc, &ts);
	qun_zone_close(utc);
	return ts;
}

static const char *const zones[] = {
	"Asia/Shanghai",
	"America/New_York",
	"Europe/London",
	"Australia/Lord_Howe",
	"America/Sao_Paulo",
	"UTC",
	"Asia/Kolkata",
	"Asia/Kathmandu",
	"Europe/Dublin",
	"Africa/Casablanca",
	"Pacific/Apia",
	"Pacific/Kwajalein",
	"America/St_Johns",
	"Asia/Tehran",
	"Asia/Gaza",
	"America/Nuuk",
	"Africa/Monrovia",
	"Antarctica/Troll",
	"America/Havana",
	"Pacific/Auckland",
	"Europe/Moscow",
	"Asia/Hong_Kong",
	"EST5EDT4,M3.2.0/-1:30,M11.1.0",
	"<+03>-3",
	"AAA3BBB,J60/2,J300/2",
	"AAA-3BBB,59/0,300",
};

static inline void use_zone(const char *name)
{
	setenv("TZ", name, 1);
	tzset();
}

#endif
