/* Dates, times and durations: reading, writing, arithmetic. */
#ifndef FEEL_TEMPORAL_H
#define FEEL_TEMPORAL_H

#include "feel/feel.h"

enum { FEEL_YEAR_MAX = 999999999, OFFSET_MAX_S = 18 * 3600 };
#define NANOS INT64_C(1000000000)
#define NANOS_PER_DAY (86400 * NANOS)

/* Each reads the whole text in its own form; false otherwise. */
bool date_read(struct str text, struct feel_date *out);
bool time_read(struct str text, struct feel_moment *out);
bool date_time_read(struct str text, struct feel_moment *out);
bool duration_read(struct str text, struct feel_value *out); /* Either kind. */

void date_write(struct buf *buf, struct feel_date date);
void time_write(struct buf *buf, const struct feel_moment *moment);
void date_time_write(struct buf *buf, const struct feel_moment *moment);
void days_write(struct buf *buf, struct feel_span span);
void years_write(struct buf *buf, int64_t months);

bool date_valid(int64_t year, int64_t month, int64_t day);
int64_t days_of_date(struct feel_date date);
bool date_of_days(int64_t days, struct feel_date *out); /* false past the years that exist. */
int weekday_of(struct feel_date date);                  /* 1 Monday … 7 Sunday */
int64_t day_of_year(struct feel_date date);
int64_t week_of_year(struct feel_date date); /* ISO 8601 */
bool date_add_months(struct feel_date date, int64_t months, struct feel_date *out);

/* Seconds since 1970 in UTC (local ones are read as UTC) with the nanoseconds apart. */
struct feel_span moment_instant(const struct feel_moment *moment);
int32_t moment_offset(const struct feel_moment *moment); /* Of a date-time; local gives 0. */
/* A time's offset, where it has one; a zone's needs a day, and 1970 is the one that is always at
 * hand. */
int32_t time_offset(const struct feel_moment *time);
bool moment_add_span(const struct feel_moment *moment, struct feel_span span,
                     struct feel_moment *out);
bool moment_add_months(const struct feel_moment *moment, int64_t months, struct feel_moment *out);
void time_add_span(const struct feel_moment *time, struct feel_span span, struct feel_moment *out);
/* The instant on the clocks of `like`'s zone or offset. */
bool moment_of_instant(struct feel_span instant, const struct feel_moment *like,
                       struct feel_moment *out);

bool span_of(__int128 nanos, struct feel_span *out);
__int128 span_nanos(struct feel_span span);

#endif
