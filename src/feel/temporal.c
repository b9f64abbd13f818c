#include "feel/temporal.h"

#include "base/zone.h"

/* ---- The calendar, for years beyond what base/clock.h counts ---- */

static bool leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int64_t year, int64_t month)
{
    static const int8_t DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return DAYS[month - 1] + (month == 2 && leap(year));
}

bool date_valid(int64_t year, int64_t month, int64_t day)
{
    return year >= -FEEL_YEAR_MAX && year <= FEEL_YEAR_MAX && month >= 1 && month <= 12 &&
           day >= 1 && day <= month_days(year, month);
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Counts in 400-year eras that begin on 1 March, so that the leap day is a year's last. */
int64_t days_of_date(struct feel_date date)
{
    int64_t year = (int64_t)date.year - (date.month <= 2);
    int64_t era = floor_divide(year, 400), of_era = year - era * 400;
    int64_t of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

bool date_of_days(int64_t days, struct feel_date *out)
{
    if (days > INT64_C(400000000000) || days < -INT64_C(400000000000))
        return false;
    int64_t shifted = days + 719468, era = floor_divide(shifted, 146097);
    int64_t day = shifted - era * 146097;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t of_year = day - (365 * year + year / 4 - year / 100);
    int64_t part = (5 * of_year + 2) / 153;
    int64_t month = part < 10 ? part + 3 : part - 9;
    year += era * 400 + (month <= 2);
    if (year > FEEL_YEAR_MAX || year < -FEEL_YEAR_MAX)
        return false;
    *out = (struct feel_date){.year = (int32_t)year,
                              .month = (int8_t)month,
                              .day = (int8_t)(of_year - (153 * part + 2) / 5 + 1)};
    return true;
}

int weekday_of(struct feel_date date)
{
    int64_t days = days_of_date(date) + 3; /* 1970-01-01 was a Thursday. */
    return (int)(days - floor_divide(days, 7) * 7) + 1;
}

int64_t day_of_year(struct feel_date date)
{
    return days_of_date(date) - days_of_date((struct feel_date){date.year, 1, 1}) + 1;
}

int64_t week_of_year(struct feel_date date)
{
    int64_t days = days_of_date(date);
    struct feel_date thursday; /* Its year is the week's year. */
    if (!date_of_days(days - weekday_of(date) + 4, &thursday))
        return 1;
    return (day_of_year(thursday) - 1) / 7 + 1;
}

bool date_add_months(struct feel_date date, int64_t months, struct feel_date *out)
{
    int64_t count;
    if (__builtin_add_overflow((int64_t)date.year * 12 + date.month - 1, months, &count))
        return false;
    int64_t year = floor_divide(count, 12), month = count - year * 12 + 1;
    if (year > FEEL_YEAR_MAX || year < -FEEL_YEAR_MAX)
        return false;
    int last = month_days(year, month);
    *out = (struct feel_date){.year = (int32_t)year,
                              .month = (int8_t)month,
                              .day = (int8_t)(date.day > last ? last : date.day)};
    return true;
}

/* ---- Instants ---- */

bool span_of(__int128 nanos, struct feel_span *out)
{
    __int128 seconds = nanos / NANOS;
    if (seconds > INT64_MAX / 4 || seconds < INT64_MIN / 4)
        return false;
    *out = (struct feel_span){(int64_t)seconds, (int32_t)(nanos % NANOS)};
    return true;
}

__int128 span_nanos(struct feel_span span)
{
    return (__int128)span.seconds * NANOS + span.nanos;
}

static int64_t local_seconds(const struct feel_moment *moment)
{
    return days_of_date(moment->date) * 86400 + moment->nanos / NANOS;
}

int32_t moment_offset(const struct feel_moment *moment)
{
    if (moment->kind == FEEL_OFFSET)
        return moment->offset_s;
    return moment->kind == FEEL_ZONE ? zone_offset_local(moment->zone, local_seconds(moment)) : 0;
}

int32_t time_offset(const struct feel_moment *time)
{
    struct feel_moment day = *time;
    day.date = (struct feel_date){1970, 1, 1};
    return moment_offset(&day);
}

struct feel_span moment_instant(const struct feel_moment *moment)
{
    return (struct feel_span){local_seconds(moment) - moment_offset(moment),
                              (int32_t)(moment->nanos % NANOS)};
}

bool moment_of_instant(struct feel_span instant, const struct feel_moment *like,
                       struct feel_moment *out)
{
    struct feel_moment made = *like;
    __int128 nanos = span_nanos(instant);
    int64_t seconds = (int64_t)(nanos / NANOS) - (nanos % NANOS < 0);
    int64_t part = (int64_t)(nanos - (__int128)seconds * NANOS);
    int32_t offset = like->kind == FEEL_ZONE     ? zone_offset(like->zone, seconds)
                     : like->kind == FEEL_OFFSET ? like->offset_s
                                                 : 0;
    int64_t local = seconds + offset, days = floor_divide(local, 86400);
    if (!date_of_days(days, &made.date))
        return false;
    made.nanos = (local - days * 86400) * NANOS + part;
    *out = made;
    return true;
}

bool moment_add_span(const struct feel_moment *moment, struct feel_span span,
                     struct feel_moment *out)
{
    struct feel_span sum;
    return span_of(span_nanos(moment_instant(moment)) + span_nanos(span), &sum) &&
           moment_of_instant(sum, moment, out);
}

bool moment_add_months(const struct feel_moment *moment, int64_t months, struct feel_moment *out)
{
    struct feel_moment made = *moment;
    if (!date_add_months(moment->date, months, &made.date))
        return false;
    *out = made;
    return true;
}

void time_add_span(const struct feel_moment *time, struct feel_span span, struct feel_moment *out)
{
    __int128 nanos = (time->nanos + span_nanos(span)) % NANOS_PER_DAY;
    *out = *time;
    out->nanos = (int64_t)(nanos < 0 ? nanos + NANOS_PER_DAY : nanos);
}
