#include "feel/temporal.h"

#include "base/zone.h"
#include "feel/number.h"

/* A place in a text that is read from left to right. */
struct reader {
    struct str text;
    size_t at;
};

static bool more(const struct reader *r)
{
    return r->at < r->text.len;
}

static bool is_digit(const struct reader *r)
{
    return more(r) && r->text.ptr[r->at] >= '0' && r->text.ptr[r->at] <= '9';
}

static bool take(struct reader *r, char c)
{
    if (!more(r) || r->text.ptr[r->at] != c)
        return false;
    r->at++;
    return true;
}

/* A number of exactly `count` digits. */
static bool take_digits(struct reader *r, size_t count, int64_t *out)
{
    int64_t value = 0;
    for (size_t i = 0; i < count; i++, r->at++) {
        if (!is_digit(r))
            return false;
        value = value * 10 + (r->text.ptr[r->at] - '0');
    }
    *out = value;
    return true;
}

static bool take_date(struct reader *r, struct feel_date *out)
{
    bool negative = take(r, '-');
    size_t begin = r->at, count = 0;
    while (begin + count < r->text.len && r->text.ptr[begin + count] >= '0' &&
           r->text.ptr[begin + count] <= '9')
        count++;
    if (count < 4 || count > 9 || (count > 4 && r->text.ptr[begin] == '0'))
        return false;
    int64_t year, month, day;
    if (!take_digits(r, count, &year) || !take(r, '-') || !take_digits(r, 2, &month) ||
        !take(r, '-') || !take_digits(r, 2, &day))
        return false;
    year = negative ? -year : year;
    if (!date_valid(year, month, day))
        return false;
    *out = (struct feel_date){(int32_t)year, (int8_t)month, (int8_t)day};
    return true;
}

static bool take_offset(struct reader *r, struct feel_moment *out)
{
    if (take(r, 'Z')) {
        out->kind = FEEL_OFFSET;
        return true;
    }
    if (take(r, '@')) {
        struct str name = str_sub(r->text, r->at, SIZE_MAX);
        r->at = r->text.len;
        out->kind = FEEL_ZONE;
        return zone_find(name, &out->zone) == OK;
    }
    bool negative = take(r, '-');
    if (!negative && !take(r, '+'))
        return true;
    int64_t hours, minutes, seconds = 0;
    if (!take_digits(r, 2, &hours) || !take(r, ':') || !take_digits(r, 2, &minutes) ||
        (take(r, ':') && !take_digits(r, 2, &seconds)))
        return false;
    int64_t offset = hours * 3600 + minutes * 60 + seconds;
    if (minutes > 59 || seconds > 59 || offset > OFFSET_MAX_S)
        return false;
    out->kind = FEEL_OFFSET;
    out->offset_s = (int32_t)(negative ? -offset : offset);
    return true;
}

/* Digits behind a point, as nanoseconds; finer ones are cut. */
static bool take_fraction(struct reader *r, int64_t *nanos)
{
    *nanos = 0;
    if (!take(r, '.'))
        return true;
    for (int64_t unit = NANOS / 10; is_digit(r); unit /= 10, r->at++)
        *nanos += (r->text.ptr[r->at] - '0') * unit;
    return true;
}

static bool take_time(struct reader *r, struct feel_moment *out)
{
    int64_t hour, minute, second, nanos;
    if (!take_digits(r, 2, &hour) || !take(r, ':') || !take_digits(r, 2, &minute) ||
        !take(r, ':') || !take_digits(r, 2, &second) || !take_fraction(r, &nanos) ||
        r->text.ptr[r->at - 1] == '.')
        return false;
    bool midnight = hour == 24 && minute == 0 && second == 0 && nanos == 0; /* The day's end. */
    if ((hour > 23 && !midnight) || minute > 59 || second > 59)
        return false;
    out->nanos = (hour * 3600 + minute * 60 + second) * NANOS + nanos;
    return take_offset(r, out) && !more(r);
}

bool date_read(struct str text, struct feel_date *out)
{
    struct reader r = {.text = text};
    struct feel_date date;
    if (!take_date(&r, &date) || more(&r))
        return false;
    *out = date;
    return true;
}

bool time_read(struct str text, struct feel_moment *out)
{
    struct reader r = {.text = text};
    struct feel_moment moment = {0};
    if (!take_time(&r, &moment))
        return false;
    moment.nanos %= NANOS_PER_DAY;
    *out = moment;
    return true;
}

bool date_time_read(struct str text, struct feel_moment *out)
{
    struct reader r = {.text = text};
    struct feel_moment moment = {0};
    if (!take_date(&r, &moment.date))
        return false;
    if (more(&r) && (!take(&r, 'T') || !take_time(&r, &moment)))
        return false;
    if (moment.nanos == NANOS_PER_DAY) {
        moment.nanos = 0;
        if (!date_of_days(days_of_date(moment.date) + 1, &moment.date))
            return false;
    }
    *out = moment;
    return true;
}

/* ---- Durations ---- */

/* A whole number; at most 18 digits, so that no unit of it overflows 128 bits. */
static bool take_count(struct reader *r, int64_t *out)
{
    size_t begin = r->at;
    int64_t value = 0;
    for (; is_digit(r) && r->at - begin < 18; r->at++)
        value = value * 10 + (r->text.ptr[r->at] - '0');
    *out = value;
    return r->at > begin && !is_digit(r);
}

/* Parts in their order, each at most once, up to one of another name: units[i] scales names[i]. */
static bool take_parts(struct reader *r, const char *names, const int64_t *units, __int128 *sum,
                       size_t *found)
{
    const char *next = names;
    while (is_digit(r)) {
        int64_t part, nanos;
        size_t before = r->at;
        if (!take_count(r, &part) || !take_fraction(r, &nanos) || !more(r))
            return false;
        const char *name = strchr(next, r->text.ptr[r->at]);
        if (!name || !*name) {
            r->at = before;
            return true;
        }
        bool fraction = memchr(r->text.ptr + before, '.', r->at - before) != NULL;
        if (fraction && *name != 'S')
            return false;
        *sum += (__int128)part * units[name - names] + nanos;
        next = name + 1;
        r->at++;
        ++*found;
    }
    return true;
}

/* What a duration's text says, in months and in nanoseconds, and how many parts said it. */
struct period {
    __int128 months, nanos;
    size_t month_parts, nano_parts;
};

static bool period_read(struct str text, bool weeks, struct period *out)
{
    static const int64_t YEARS[] = {12, 1};
    static const int64_t DAYS[] = {7 * NANOS_PER_DAY, NANOS_PER_DAY};
    static const int64_t TIMES[] = {3600 * NANOS, 60 * NANOS, NANOS};
    struct reader r = {.text = text};
    bool negative = take(&r, '-');
    size_t times = 0;
    *out = (struct period){0};
    if (!take(&r, 'P') || !take_parts(&r, "YM", YEARS, &out->months, &out->month_parts) ||
        !take_parts(&r, weeks ? "WD" : "D", weeks ? DAYS : DAYS + 1, &out->nanos, &out->nano_parts))
        return false;
    if (take(&r, 'T') && (!take_parts(&r, "HMS", TIMES, &out->nanos, &times) || times == 0))
        return false;
    out->nano_parts += times;
    if (negative) {
        out->months = -out->months;
        out->nanos = -out->nanos;
    }
    return !more(&r) && out->month_parts + out->nano_parts > 0 && out->months <= INT64_MAX / 4 &&
           out->months >= INT64_MIN / 4;
}

bool duration_read(struct str text, struct feel_value *out)
{
    struct period period;
    struct feel_span span;
    if (!period_read(text, false, &period) || (period.month_parts > 0 && period.nano_parts > 0) ||
        !span_of(period.nanos, &span))
        return false;
    *out = period.month_parts > 0
               ? (struct feel_value){.type = FEEL_YEARS, .months = (int64_t)period.months}
               : (struct feel_value){.type = FEEL_DAYS, .span = span};
    return true;
}

enum err feel_period_parse(struct str text, int64_t *months, struct feel_span *span)
{
    struct period period;
    if (!period_read(text, true, &period) || !span_of(period.nanos, span))
        return err_set(ERR_SYNTAX, "'%.*s' is no duration", STR_ARG(text));
    *months = (int64_t)period.months;
    return OK;
}

/* ---- Writing ---- */

void date_write(struct buf *buf, struct feel_date date)
{
    buf_format(buf, "%s%04d-%02d-%02d", date.year < 0 ? "-" : "",
               date.year < 0 ? -date.year : date.year, date.month, date.day);
}

static void fraction_write(struct buf *buf, int64_t nanos)
{
    if (nanos == 0)
        return;
    char text[16] = {'.'};
    size_t len = 10;
    for (size_t i = 9; i > 0; i--, nanos /= 10)
        text[i] = (char)('0' + nanos % 10);
    while (text[len - 1] == '0')
        len--;
    buf_add(buf, text, len);
}

void time_write(struct buf *buf, const struct feel_moment *moment)
{
    int seconds = (int)(moment->nanos / NANOS);
    buf_format(buf, "%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
    fraction_write(buf, moment->nanos % NANOS);
    if (moment->kind == FEEL_ZONE) {
        buf_add_char(buf, '@');
        buf_add_str(buf, zone_name(moment->zone));
    } else if (moment->kind == FEEL_OFFSET && moment->offset_s == 0) {
        buf_add_char(buf, 'Z');
    } else if (moment->kind == FEEL_OFFSET) {
        int offset = moment->offset_s < 0 ? -moment->offset_s : moment->offset_s;
        buf_format(buf, "%c%02d:%02d", moment->offset_s < 0 ? '-' : '+', offset / 3600,
                   offset / 60 % 60);
        if (offset % 60 != 0)
            buf_format(buf, ":%02d", offset % 60);
    }
}

void date_time_write(struct buf *buf, const struct feel_moment *moment)
{
    date_write(buf, moment->date);
    buf_add_char(buf, 'T');
    time_write(buf, moment);
}

void days_write(struct buf *buf, struct feel_span span)
{
    bool negative = span.seconds < 0 || span.nanos < 0;
    int64_t seconds = negative ? -span.seconds : span.seconds;
    int64_t nanos = negative ? -(int64_t)span.nanos : span.nanos;
    int64_t days = seconds / 86400, rest = seconds % 86400;
    if (seconds == 0 && nanos == 0) {
        buf_add_c(buf, "PT0S");
        return;
    }
    buf_add_c(buf, negative ? "-P" : "P");
    if (days)
        buf_format(buf, "%" PRId64 "D", days);
    if (rest || nanos)
        buf_add_char(buf, 'T');
    if (rest / 3600)
        buf_format(buf, "%" PRId64 "H", rest / 3600);
    if (rest / 60 % 60)
        buf_format(buf, "%" PRId64 "M", rest / 60 % 60);
    if (rest % 60 || nanos) {
        buf_add_int(buf, rest % 60);
        fraction_write(buf, nanos);
        buf_add_char(buf, 'S');
    }
}

void years_write(struct buf *buf, int64_t months)
{
    int64_t size = months < 0 ? -months : months;
    if (size == 0) {
        buf_add_c(buf, "P0M");
        return;
    }
    buf_add_c(buf, months < 0 ? "-P" : "P");
    if (size / 12)
        buf_format(buf, "%" PRId64 "Y", size / 12);
    if (size % 12)
        buf_format(buf, "%" PRId64 "M", size % 12);
}
