#include "base/clock.h"

#include <stdatomic.h>
#include <time.h>

static _Atomic int64_t test_now_us;

static int64_t read_clock(clockid_t which)
{
    struct timespec now;
    int failed = clock_gettime(which, &now);
    assert(!failed);
    (void)failed;
    return (int64_t)now.tv_sec * SECOND_US + now.tv_nsec / 1000;
}

int64_t clock_now_us(void)
{
    int64_t test = atomic_load_explicit(&test_now_us, memory_order_relaxed);
    return test ? test : read_clock(CLOCK_REALTIME);
}

void clock_set_test(int64_t now_us)
{
    atomic_store(&test_now_us, now_us);
}

bool clock_is_test(void)
{
    return atomic_load(&test_now_us) != 0;
}

void clock_advance_test(int64_t by_us)
{
    assert(clock_is_test());
    atomic_fetch_add(&test_now_us, by_us);
}

int64_t clock_monotonic_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

/* Days from 1970-01-01; years begin in March, so that the leap day is a year's last. */
int64_t date_to_days(int year, int month, int day)
{
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void date_from_days(int64_t days, int *year, int *month, int *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t of_era = days - era * 146097;
    int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
    int64_t m = (5 * of_year + 2) / 153;
    *day = (int)(of_year - (153 * m + 2) / 5 + 1);
    *month = (int)(m < 10 ? m + 3 : m - 9);
    *year = (int)(y + era * 400 + (*month <= 2));
}

int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

int weekday_of_days(int64_t days)
{
    return (int)(((days + 3) % 7 + 7) % 7) + 1;
}

/* Reads exactly `count` digits at *at; -1 if they are not there. */
static int digits(struct str text, size_t *at, size_t count)
{
    if (text.len - *at < count)
        return -1;
    int value = 0;
    for (size_t i = 0; i < count; i++) {
        char c = text.ptr[(*at)++];
        if (c < '0' || c > '9')
            return -1;
        value = value * 10 + (c - '0');
    }
    return value;
}

static bool take(struct str text, size_t *at, char c)
{
    if (*at >= text.len || text.ptr[*at] != c)
        return false;
    (*at)++;
    return true;
}

static bool read_date(struct str text, size_t *at, int64_t *days)
{
    int year = digits(text, at, 4);
    bool dash = take(text, at, '-');
    int month = digits(text, at, 2);
    dash = take(text, at, '-') && dash;
    int day = digits(text, at, 2);
    if (!dash || year < 0 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    *days = date_to_days(year, month, day);
    return true;
}

enum err date_parse(struct str text, int64_t *days)
{
    size_t at = 0;
    int64_t found;
    if (!read_date(text, &at, &found) || at != text.len)
        return err_set(ERR_SYNTAX, "not a date like 2020-01-22");
    *days = found;
    return OK;
}

void date_format(struct buf *buf, int64_t days)
{
    int year, month, day;
    date_from_days(days, &year, &month, &day);
    buf_format(buf, "%04d-%02d-%02d", year, month, day);
}

/* ".5" → 500000; digits past the sixth are read and dropped. */
static int64_t read_fraction(struct str text, size_t *at)
{
    int64_t us = 0, unit = SECOND_US / 10;
    while (*at < text.len && text.ptr[*at] >= '0' && text.ptr[*at] <= '9') {
        us += (text.ptr[(*at)++] - '0') * unit;
        unit /= 10;
    }
    return us;
}

static bool read_zone(struct str text, size_t *at, int *offset_minutes)
{
    if (take(text, at, 'Z') || take(text, at, 'z')) {
        *offset_minutes = 0;
        return true;
    }
    bool west = take(text, at, '-');
    if (!west && !take(text, at, '+'))
        return false;
    int hours = digits(text, at, 2);
    bool colon = take(text, at, ':');
    int minutes = digits(text, at, 2);
    if (!colon || hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return false;
    *offset_minutes = (west ? -1 : 1) * (hours * 60 + minutes);
    return true;
}

enum err time_parse(struct str text, int64_t *out_us)
{
    size_t at = 0;
    int64_t days, fraction = 0;
    int offset;
    bool good = read_date(text, &at, &days) && (take(text, &at, 'T') || take(text, &at, 't'));
    int hour = good ? digits(text, &at, 2) : -1;
    good = good && take(text, &at, ':');
    int minute = good ? digits(text, &at, 2) : -1;
    good = good && take(text, &at, ':');
    int second = good ? digits(text, &at, 2) : -1;
    if (good && take(text, &at, '.')) {
        size_t begin = at;
        fraction = read_fraction(text, &at);
        good = at > begin;
    }
    if (!good || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 ||
        !read_zone(text, &at, &offset) || at != text.len)
        return err_set(ERR_SYNTAX, "not a time like 2020-01-22T08:00:00+08:00");
    *out_us = days * DAY_US + hour * HOUR_US + minute * MINUTE_US + second * SECOND_US + fraction -
              offset * MINUTE_US;
    return OK;
}

void time_format(struct buf *buf, int64_t time_us, int offset_minutes)
{
    int64_t local = time_us + offset_minutes * MINUTE_US;
    int64_t days = local / DAY_US - (local % DAY_US < 0);
    int64_t rest = local - days * DAY_US;
    date_format(buf, days);
    buf_format(buf, "T%02d:%02d:%02d", (int)(rest / HOUR_US), (int)(rest / MINUTE_US % 60),
               (int)(rest / SECOND_US % 60));
    if (rest % SECOND_US)
        buf_format(buf, ".%06d", (int)(rest % SECOND_US));
    if (offset_minutes == 0) {
        buf_add_char(buf, 'Z');
        return;
    }
    int size = offset_minutes < 0 ? -offset_minutes : offset_minutes;
    buf_format(buf, "%c%02d:%02d", offset_minutes < 0 ? '-' : '+', size / 60, size % 60);
}
