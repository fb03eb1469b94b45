/*
 * The calendar: instants are microseconds since 1970-01-01 UTC; days are civil days of a
 * zone, numbered from 1970-01-01 = 0; periods are runs of civil days. Zone rules come from
 * tzdata through tables of our own, never from mktime. A local time that does not exist
 * moves forward by the gap, one that exists twice is the first.
 */
#ifndef QUN_CAL_H
#define QUN_CAL_H

#include "qun/bytes.h"

#ifdef __cplusplus
extern "C" {
#endif

#define QUN_SECOND INT64_C(1000000)
#define QUN_DAY (INT64_C(86400) * QUN_SECOND)
#define QUN_TIME_MIN INT64_C(0)                       /* 1970-01-01T00:00:00Z */
#define QUN_TIME_MAX (INT64_C(7289654400) * QUN_SECOND - 1) /* end of the year 2200, UTC */
#define QUN_NEVER INT64_MAX                           /* "not yet", "open" */

struct qun_zone; /* transitions of one IANA zone; immutable */

/* Opens an IANA name ("Asia/Shanghai"), "UTC", a POSIX rule or NULL for the system's zone
 * (TZ, /etc/localtime). QUN_EUSAGE with the nearest name where there is none. */
int qun_zone_open(struct qun_zone **z, const char *name, struct qun_err *err);
void qun_zone_close(struct qun_zone *z);
const char *qun_zone_name(const struct qun_zone *z);
/* The release of the zone rules on this machine ("2025b"); appends nothing where it is not known. */
int qun_zone_release(struct qun_buf *out);
/* Seconds east of UTC at ts; [*from, *to) is the interval of instants that share it (may be NULL). */
int32_t qun_zone_offset(const struct qun_zone *z, int64_t ts, int64_t *from, int64_t *to);
/* Instant of a local time (microseconds since 1970 as if the zone were UTC). */
int64_t qun_zone_instant(const struct qun_zone *z, int64_t local);

struct qun_cal {
	const struct qun_zone *zone;
	int week_start;    /* 1 Monday (default), 7 Sunday */
	int64_t day_start; /* microseconds after midnight at which a day begins, 0 … < 24 h */
};

int64_t qun_cal_day(const struct qun_cal *c, int64_t ts);       /* civil day of an instant */
int64_t qun_cal_day_start(const struct qun_cal *c, int64_t day); /* its first microsecond */
/* 0-based ISO weekday (0 Monday … 6 Sunday) of a day number. */
int qun_weekday(int64_t day);
void qun_civil(int64_t day, int *year, int *month, int *mday);
int64_t qun_day_of(int year, int month, int mday);
int qun_day_format(struct qun_buf *out, int64_t day); /* 2024-04-09 */
/* ISO 8601 with the zone's offset: 2024-04-09T11:54:00+08:00; the fraction only if there is one. */
int qun_time_format(struct qun_buf *out, const struct qun_zone *z, int64_t ts);

enum qun_period_unit { QUN_ALL, QUN_BY_DAY, QUN_BY_WEEK, QUN_BY_MONTH, QUN_BY_QUARTER, QUN_BY_YEAR, QUN_BY_NDAYS };

struct qun_period {
	enum qun_period_unit unit;
	int n;           /* days of a block for QUN_BY_NDAYS */
	int64_t horizon; /* first day of block 0 for QUN_BY_NDAYS */
};

/* "day", "week", "month", "quarter", "year", "7d", and "all" where allow_all. */
int qun_period_parse(struct qun_period *p, const char *text, bool allow_all, struct qun_err *err);
int64_t qun_period_of_day(const struct qun_cal *c, const struct qun_period *p, int64_t day);
int64_t qun_period_of(const struct qun_cal *c, const struct qun_period *p, int64_t ts);
int64_t qun_period_first_day(const struct qun_cal *c, const struct qun_period *p, int64_t index);
int64_t qun_period_start(const struct qun_cal *c, const struct qun_period *p, int64_t index); /* first microsecond */
int64_t qun_period_end(const struct qun_cal *c, const struct qun_period *p, int64_t index);   /* last microsecond */

/*
 * The instants [from, to) around one instant that share its day or period. Events mostly come in
 * order of time, so the block of the last one answers for the next. All-zero bytes hold no instant.
 */
struct qun_block {
	int64_t from, to, number;
};

static inline bool qun_block_holds(const struct qun_block *b, int64_t ts)
{
	return ts >= b->from && ts < b->to;
}

/* Of the period p, of the day where p is NULL. */
struct qun_block qun_block_of(const struct qun_cal *c, const struct qun_period *p, int64_t ts);

/* "7d", "24h", "30m", "90s", "2w": elapsed microseconds, 1 d = 86 400 s. */
int qun_duration_parse(int64_t *us, const char *text, struct qun_err *err);

/* How a column of times is written; decided once per input from a sample. */
enum qun_time_style {
	QUN_TIME_AUTO = 0,
	QUN_TIME_EPOCH_S,
	QUN_TIME_EPOCH_MS,
	QUN_TIME_EPOCH_US,
	QUN_TIME_YMD,  /* 2024-04-09 11:54:00[.frac][zone], 2024/4/9 11:54, 2024年4月9日 11:54, 20240409 */
	QUN_TIME_DMY,  /* 9/4/2024 11:54, 09.04.2024, with AM/PM, 上午/下午 */
	QUN_TIME_MDY,  /* 4/9/2024 11:54 AM */
	/* Each text tells its own: digits are an epoch by their size, all else is YMD. Never guessed. */
	QUN_TIME_EACH,
};

/* What one text could be, as bits 1 << style; 0 for nothing known. Numbers report every epoch
 * unit that puts them into 1970–2200; a/b/YYYY reports DMY and MDY where both are possible. */
unsigned qun_time_guess(struct qun_span s);
/*
 * Reads a time of that style; one without zone is local to z. Returns 0 and *ts, or QUN_EDATA
 * (not a time of this style, no such date, or outside 1970–2200).
 */
int qun_time_parse(struct qun_span s, enum qun_time_style style, const struct qun_zone *z, int64_t *ts);

/*
 * The day of the time read last, all-zero at first: another time of that day, written the same way,
 * costs a few nanoseconds. Of the text of len bytes: what stands before the clock, and behind it.
 */
struct qun_time_memo {
	uint64_t date, tail, tail_mask; /* 2024-04-0 and, in the bytes of the mask, +08:00; little-endian */
	uint32_t before;                /* 4-09T: the last four bytes before the clock */
	uint32_t len;                   /* 0: none */
	int64_t midnight;               /* microseconds since 1970 UTC; no change of the zone's offset is near */
};
/* As qun_time_parse; style and z must be the same for all calls with one memo. */
int qun_time_parse_next(struct qun_time_memo *m, struct qun_span s, enum qun_time_style style,
	const struct qun_zone *z, int64_t *ts);

/*
 * A moment given by the user: ISO date or time, epoch seconds, "now", "yesterday", "today",
 * "-28d" (before now). bare_date_end: a bare date means its day's last microsecond, else its first.
 */
int qun_moment_parse(struct qun_span s, const struct qun_cal *c, int64_t now, bool bare_date_end,
	int64_t *ts, struct qun_err *err);

#ifdef __cplusplus
}
#endif
#endif
