/* Time: UTC microseconds since 1970 in the program, RFC 3339 with zone at the edges.
 *
 * Only the edges ask a clock; everything below them is told what time it is.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/base.h"

#define SECOND_US INT64_C(1000000)
#define MINUTE_US (60 * SECOND_US)
#define HOUR_US (60 * MINUTE_US)
#define DAY_US (24 * HOUR_US)

/* The wall clock, or the test clock while one is set. Safe from any thread. */
int64_t clock_now_us(void);

/* Tests and simulation: from now on the clock stands at `now_us`; 0 gives the wall clock back. */
void clock_set_test(int64_t now_us);
bool clock_is_test(void);
/* Moves a test clock; asserts that one is set. */
void clock_advance_test(int64_t by_us);

/* Monotonic, for measuring and timeouts; never stored. */
int64_t clock_monotonic_us(void);

/* A date of the proleptic Gregorian calendar as days since 1970-01-01, and back. */
int64_t date_to_days(int year, int month, int day);
void date_from_days(int64_t days, int *year, int *month, int *day);
int days_in_month(int year, int month);
/* 1 Monday … 7 Sunday (ISO 8601). */
int weekday_of_days(int64_t days);
/* "2020-01-22" and nothing else. ERR_SYNTAX. */
MUST_USE enum err date_parse(struct str text, int64_t *days);
void date_format(struct buf *buf, int64_t days);

/* "2020-01-22T08:00:00.5+08:00"; the zone is required. ERR_SYNTAX, ERR_RANGE. */
MUST_USE enum err time_parse(struct str text, int64_t *out_us);
/* Writes with the given offset from UTC, e.g. 480 → "+08:00", 0 → "Z"; microseconds only if any. */
void time_format(struct buf *buf, int64_t time_us, int offset_minutes);

#endif
