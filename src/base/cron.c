#include "base/cron.h"

#include "base/clock.h"

enum { FIELDS = 6, NAME_LETTERS = 3, DAY_S = 24 * 3600, YEARS_AHEAD = 50 };

enum field { SECOND, MINUTE, HOUR, DAY, MONTH, WEEKDAY };

static const struct {
    const char *name, *words; /* `words`: names of the values from `min` on, three letters each. */
    int64_t min, max;
} RANGES[FIELDS] = {
    [SECOND] = {"second", NULL, 0, 59},
    [MINUTE] = {"minute", NULL, 0, 59},
    [HOUR] = {"hour", NULL, 0, 23},
    [DAY] = {"day of the month", NULL, 1, 31},
    [MONTH] = {"month", "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC", 1, 12},
    [WEEKDAY] = {"day of the week", "SUNMONTUEWEDTHUFRISAT", 0, 7},
};

/* ---- Reading ---- */

static bool read_name(struct str text, enum field field, int64_t *out)
{
    struct str words = RANGES[field].words ? str_of(RANGES[field].words) : (struct str){0};
    if (text.len != NAME_LETTERS)
        return false;
    for (size_t i = 0; i < words.len; i += NAME_LETTERS)
        if (str_equal_nocase(text, str_sub(words, i, NAME_LETTERS))) {
            *out = RANGES[field].min + (int64_t)(i / NAME_LETTERS);
            return true;
        }
    return false;
}

static enum err read_value(struct str text, enum field field, int64_t *out)
{
    if (read_name(text, field, out))
        return OK;
    if (str_to_int(text, out) != OK)
        return err_set(ERR_SYNTAX, "'%.*s' is no %s", STR_ARG(text), RANGES[field].name);
    if (*out < RANGES[field].min || *out > RANGES[field].max)
        return err_set(ERR_RANGE, "the %s is from %d to %d, not %" PRId64, RANGES[field].name,
                       (int)RANGES[field].min, (int)RANGES[field].max, *out);
    return OK;
}

/* "5", "MON-FRI", "8-18/2", "10/5": one of a list. */
static enum err read_part(struct str part, enum field field, uint64_t *bits)
{
    size_t slash = str_find(part, STR("/"), 0);
    struct str range = str_sub(part, 0, slash);
    int64_t from = RANGES[field].min, to = RANGES[field].max, step = 1;
    enum err r = OK;
    if (slash < part.len && (str_to_int(str_sub(part, slash + 1, part.len), &step) != OK ||
                             step < 1 || step > RANGES[field].max))
        return err_set(ERR_SYNTAX, "'%.*s' does not say how many steps of a %s", STR_ARG(part),
                       RANGES[field].name);
    if (!str_is(range, "*") && !str_is(range, "?")) {
        size_t dash = str_find(range, STR("-"), 0);
        r = read_value(str_sub(range, 0, dash), field, &from);
        if (r == OK && dash < range.len)
            r = read_value(str_sub(range, dash + 1, range.len), field, &to);
        else if (slash == part.len)
            to = from;
    } else if (field == WEEKDAY) {
        to = 6;
    }
    if (r == OK && to < from)
        return err_set(ERR_RANGE, "'%.*s' ends before it begins", STR_ARG(part));
    for (int64_t i = from; r == OK && i <= to; i += step)
        *bits |= UINT64_C(1) << i;
    return r;
}

static enum err read_field(struct str text, enum field field, uint64_t *bits)
{
    enum err r = text.len > 0 ? OK
                              : err_set(ERR_SYNTAX, "a cron has six fields: second, minute, hour, "
                                                    "day of the month, month, day of the week");
    for (size_t at = 0; r == OK && at <= text.len;) {
        size_t comma = str_find(text, STR(","), at);
        r = read_part(str_sub(text, at, comma - at), field, bits);
        at = comma + 1;
    }
    return r;
}

static struct str whole_of(struct str text)
{
    static const char *const WORDS[][2] = {
        {"@yearly", "0 0 0 1 1 *"}, {"@annually", "0 0 0 1 1 *"}, {"@monthly", "0 0 0 1 * *"},
        {"@weekly", "0 0 0 * * 0"}, {"@daily", "0 0 0 * * *"},    {"@midnight", "0 0 0 * * *"},
        {"@hourly", "0 0 * * * *"}};
    for (size_t i = 0; i < COUNT_OF(WORDS); i++)
        if (str_is(text, WORDS[i][0]))
            return str_of(WORDS[i][1]);
    return text;
}

static struct str next_word(struct str *rest)
{
    *rest = str_trim(*rest);
    size_t end = 0;
    while (end < rest->len && rest->ptr[end] != ' ' && rest->ptr[end] != '\t')
        end++;
    struct str word = str_sub(*rest, 0, end);
    *rest = str_sub(*rest, end, rest->len);
    return word;
}

bool cron_looks_like(struct str text)
{
    text = str_trim(text);
    return str_starts(text, STR("@")) || str_find(text, STR(" "), 0) < text.len;
}

enum err cron_parse(struct str text, struct cron *out)
{
    struct str rest = whole_of(str_trim(text));
    uint64_t bits[FIELDS] = {0};
    bool last_day = false;
    enum err r = OK;
    for (size_t i = 0; r == OK && i < FIELDS; i++) {
        struct str word = next_word(&rest);
        if (i == DAY && str_is(word, "L"))
            last_day = true;
        else
            r = read_field(word, (enum field)i, &bits[i]);
    }
    if (r == OK && str_trim(rest).len > 0)
        r = err_set(ERR_SYNTAX, "a cron has six fields, not more");
    bits[WEEKDAY] |= bits[WEEKDAY] >> 7 & 1; /* Sunday is 7 and 0. */
    if (r == OK)
        *out = (struct cron){.seconds = bits[SECOND],
                             .minutes = bits[MINUTE],
                             .hours = bits[HOUR],
                             .days = bits[DAY],
                             .months = bits[MONTH],
                             .weekdays = bits[WEEKDAY],
                             .last_day = last_day};
    return r;
}

/* ---- Coming round ---- */

static bool has(uint64_t bits, int64_t value)
{
    return bits >> value & 1;
}

static bool day_fits(const struct cron *cron, int64_t day)
{
    int year, month, of_month;
    date_from_days(day, &year, &month, &of_month);
    bool fits = cron->last_day ? of_month == days_in_month(year, month) : has(cron->days, of_month);
    return fits && has(cron->months, month) && has(cron->weekdays, weekday_of_days(day) % 7);
}

/* The first second of the day from `from` on, or -1. */
static int64_t second_of_day(const struct cron *cron, int64_t from)
{
    for (int64_t hour = from / 3600; hour < 24; hour++) {
        if (!has(cron->hours, hour))
            continue;
        int64_t begin = hour * 3600 > from ? hour * 3600 : from;
        for (int64_t minute = begin / 60 % 60; minute < 60; minute++) {
            if (!has(cron->minutes, minute))
                continue;
            int64_t at = hour * 3600 + minute * 60;
            for (int64_t second = at > from ? 0 : from - at; second < 60; second++)
                if (has(cron->seconds, second))
                    return at + second;
        }
    }
    return -1;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

enum err cron_next(const struct cron *cron, const struct zone *zone, int64_t after_us,
                   int64_t *out_us)
{
    int64_t utc_s = floor_div(after_us, SECOND_US);
    int64_t local_s = utc_s + (zone ? zone_offset(zone, utc_s) : 0) + 1;
    int64_t day = floor_div(local_s, DAY_S), from = local_s - day * DAY_S;
    for (int64_t last = day + YEARS_AHEAD * 366; day <= last; day++, from = 0) {
        int64_t second = day_fits(cron, day) ? second_of_day(cron, from) : -1;
        if (second < 0)
            continue;
        local_s = day * DAY_S + second;
        int64_t next_us = (local_s - (zone ? zone_offset_local(zone, local_s) : 0)) * SECOND_US;
        if (next_us > after_us) { /* Else clocks go back there. */
            *out_us = next_us;
            return OK;
        }
    }
    return err_set(ERR_NOT_FOUND, "this cron never comes round");
}
