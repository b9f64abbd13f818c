#include "base/zone.h"
#include "feel/builtin.h"
#include "feel/number.h"
#include "feel/temporal.h"

const struct builtin *const BUILTIN_TABLES[] = {BUILTINS_CONVERT, BUILTINS_STRING, BUILTINS_LIST,
                                                BUILTINS_NUMBER,  BUILTINS_TIME,   BUILTINS_CONTEXT,
                                                BUILTINS_RANGE,   BUILTINS_REGEX,  NULL};

static enum err unreadable(struct feel_run *run, const struct feel_value *from, const char *what,
                           struct feel_value *out)
{
    *out = feel_fail(run, "unreadable", "%.*s is no %s", STR_ARG(value_short(run, from)), what);
    return OK;
}

/* ---- date, time, date and time, duration ---- */

static BUILTIN(date_from_string)
{
    (void)count;
    struct feel_value value = {.type = FEEL_DATE};
    if (!date_read(args[0].text, &value.date))
        return unreadable(run, &args[0], "date", out);
    *out = value;
    return OK;
}

static BUILTIN(date_from_date)
{
    (void)run, (void)count;
    *out = args[0];
    if (args[0].type == FEEL_DATE_TIME)
        *out = (struct feel_value){.type = FEEL_DATE, .date = args[0].moment->date};
    return OK;
}

static bool date_parts(const struct feel_value *args, struct feel_date *out)
{
    int64_t year, month, day;
    if (!number_to_int64(args[0].number, &year) || !number_to_int64(args[1].number, &month) ||
        !number_to_int64(args[2].number, &day) || !date_valid(year, month, day))
        return false;
    *out = (struct feel_date){(int32_t)year, (int8_t)month, (int8_t)day};
    return true;
}

static BUILTIN(date_from_parts)
{
    (void)count;
    struct feel_value value = {.type = FEEL_DATE};
    if (date_parts(args, &value.date)) {
        *out = value;
        return OK;
    }
    *out = feel_fail(run, "unreadable", "there is no date of year %.*s, month %.*s, day %.*s",
                     STR_ARG(value_short(run, &args[0])), STR_ARG(value_short(run, &args[1])),
                     STR_ARG(value_short(run, &args[2])));
    return OK;
}

static BUILTIN(time_from_string)
{
    (void)count;
    struct feel_moment moment;
    if (!time_read(args[0].text, &moment))
        return unreadable(run, &args[0], "time", out);
    *out = value_moment(run, FEEL_TIME, &moment);
    return OK;
}

static BUILTIN(time_from_time)
{
    (void)count;
    struct feel_moment moment = *args[0].moment;
    moment.date = (struct feel_date){0};
    *out = value_moment(run, FEEL_TIME, &moment);
    return OK;
}

static BUILTIN(time_from_date)
{
    (void)args, (void)count;
    struct feel_moment midnight = {.kind = FEEL_OFFSET};
    *out = value_moment(run, FEEL_TIME, &midnight);
    return OK;
}

/* Hour, minute, seconds with a fraction, and perhaps an offset. */
static bool time_parts(const struct feel_value *args, const struct feel_value *offset,
                       struct feel_moment *out)
{
    int64_t hour, minute, second, nanos;
    struct feel_number part = args[2].number;
    if (!number_to_int64(args[0].number, &hour) || !number_to_int64(args[1].number, &minute) ||
        !number_trunc_int64(part, &second) || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
        second < 0 || second > 59 || !number_subtract(part, number_of(second), &part) ||
        !number_multiply(part, number_of(NANOS), &part) || !number_trunc_int64(part, &nanos))
        return false;
    out->nanos = (hour * 3600 + minute * 60 + second) * NANOS + nanos;
    if (!offset || offset->type == FEEL_NULL)
        return true;
    if (offset->span.seconds > OFFSET_MAX_S || offset->span.seconds < -OFFSET_MAX_S)
        return false;
    out->kind = FEEL_OFFSET;
    out->offset_s = (int32_t)offset->span.seconds;
    return true;
}

static BUILTIN(time_from_parts)
{
    struct feel_moment moment = {0};
    if (time_parts(args, count > 3 ? &args[3] : NULL, &moment)) {
        *out = value_moment(run, FEEL_TIME, &moment);
        return OK;
    }
    *out = feel_fail(run, "unreadable", "there is no time of hour %.*s, minute %.*s, second %.*s",
                     STR_ARG(value_short(run, &args[0])), STR_ARG(value_short(run, &args[1])),
                     STR_ARG(value_short(run, &args[2])));
    return OK;
}

static BUILTIN(moment_from_string)
{
    (void)count;
    struct feel_moment moment;
    if (!date_time_read(args[0].text, &moment))
        return unreadable(run, &args[0], "date and time", out);
    *out = value_moment(run, FEEL_DATE_TIME, &moment);
    return OK;
}

static BUILTIN(moment_from_date_and_time)
{
    (void)count;
    struct feel_moment moment = *args[1].moment;
    moment.date = args[0].type == FEEL_DATE ? args[0].date : args[0].moment->date;
    *out = value_moment(run, FEEL_DATE_TIME, &moment);
    return OK;
}

static BUILTIN(moment_from_moment)
{
    (void)count;
    struct feel_moment moment = {.date = args[0].date, .kind = FEEL_OFFSET};
    *out = args[0].type == FEEL_DATE_TIME ? args[0] : value_moment(run, FEEL_DATE_TIME, &moment);
    return OK;
}

static BUILTIN(moment_from_parts)
{
    struct feel_moment moment = {0};
    bool zoned = count > 6 && args[6].type == FEEL_STRING;
    if (date_parts(args, &moment.date) &&
        time_parts(args + 3, count > 6 && !zoned ? &args[6] : NULL, &moment) &&
        (!zoned || zone_find(args[6].text, &moment.zone) == OK)) {
        moment.kind = zoned ? FEEL_ZONE : moment.kind;
        *out = value_moment(run, FEEL_DATE_TIME, &moment);
        return OK;
    }
    *out = feel_fail(run, "unreadable", "these parts make no date and time");
    return OK;
}

static BUILTIN(duration_from_string)
{
    (void)count;
    if (!duration_read(args[0].text, out))
        return unreadable(run, &args[0], "duration", out);
    return OK;
}

static BUILTIN(same)
{
    (void)run, (void)count;
    *out = args[0];
    return OK;
}

/* Whole months from one day to another; the time of day does not count. */
static BUILTIN(months_between)
{
    (void)run, (void)count;
    struct feel_date a = args[0].type == FEEL_DATE ? args[0].date : args[0].moment->date;
    struct feel_date b = args[1].type == FEEL_DATE ? args[1].date : args[1].moment->date;
    int64_t months = ((int64_t)b.year - a.year) * 12 + b.month - a.month;
    if (months > 0 && b.day < a.day)
        months--;
    else if (months < 0 && b.day > a.day)
        months++;
    *out = (struct feel_value){.type = FEEL_YEARS, .months = months};
    return OK;
}

/* ---- number, string ---- */

static struct str separator(const struct feel_value *value)
{
    return value->type == FEEL_STRING ? value->text : STR("");
}

static BUILTIN(number_from_string)
{
    (void)count;
    struct str grouping = separator(&args[1]), point = separator(&args[2]);
    bool odd = (args[1].type != FEEL_NULL && !str_is(grouping, " ") && !str_is(grouping, ",") &&
                !str_is(grouping, ".")) ||
               (args[2].type != FEEL_NULL && !str_is(point, ".") && !str_is(point, ",")) ||
               (grouping.len > 0 && str_equal(grouping, point));
    struct str from = args[0].text;
    char *text = arena_alloc(run->arena, from.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < from.len; i++) {
        if (grouping.len > 0 && from.ptr[i] == grouping.ptr[0])
            continue;
        if (from.ptr[i] == '.' && point.len > 0 && point.ptr[0] != '.')
            odd = true;
        text[len++] = point.len > 0 && from.ptr[i] == point.ptr[0] ? '.' : from.ptr[i];
    }
    struct feel_number n;
    if (odd || !number_read((struct str){text, len}, &n))
        return unreadable(run, &args[0], "number with these separators", out);
    *out = value_number(n);
    return OK;
}

static BUILTIN(string_from)
{
    (void)count;
    if (args[0].type == FEEL_NULL) {
        *out = feel_fail(run, "arguments", "string(null) is null");
        return OK;
    }
    *out = feel_string(feel_text(run->arena, &args[0]));
    return eval_spend(run, out->text.len);
}

static BUILTIN(not_of)
{
    (void)count;
    if (args[0].type == FEEL_BOOLEAN)
        *out = feel_boolean(!args[0].boolean);
    else if (args[0].type == FEEL_NULL)
        *out = args[0];
    else
        *out = feel_fail(run, "types", "not wants true or false, not %.*s",
                         STR_ARG(value_short(run, &args[0])));
    return OK;
}

/* The same value of the same type; a time with an offset is not one without. */
static BUILTIN(is)
{
    (void)run, (void)count;
    bool moments = args[0].type == args[1].type &&
                   (args[0].type == FEEL_TIME || args[0].type == FEEL_DATE_TIME);
    bool clocks = !moments || (args[0].moment->kind == args[1].moment->kind &&
                               args[0].moment->zone == args[1].moment->zone &&
                               args[0].moment->offset_s == args[1].moment->offset_s);
    *out = feel_boolean(clocks && value_equal(&args[0], &args[1]) == TRI_TRUE);
    return OK;
}

const struct builtin BUILTINS_CONVERT[] = {
    {"date", "from:s", date_from_string},
    {"date", "from:D", date_from_date},
    {"date", "year:n,month:n,day:n", date_from_parts},
    {"time", "from:s", time_from_string},
    {"time", "from:T", time_from_time},
    {"time", "from:d", time_from_date},
    {"time", "hour:n,minute:n,second:n,offset:p?", time_from_parts},
    {"date and time", "from:s", moment_from_string},
    {"date and time", "from:D", moment_from_moment},
    {"date and time", "date:D,time:t", moment_from_date_and_time},
    {"date and time", "year:n,month:n,day:n,hour:n,minute:n,second:n,offset:p?", moment_from_parts},
    {"date and time", "year:n,month:n,day:n,hour:n,minute:n,second:n,timezone:s",
     moment_from_parts},
    {"duration", "from:s", duration_from_string},
    {"duration", "from:P", same},
    {"years and months duration", "from:D,to:D", months_between},
    {"number", "from:s,grouping separator:a,decimal separator:a", number_from_string},
    {"number", "from:s", number_from_string},
    {"number", "from:n", same},
    {"string", "from:a", string_from},
    {"not", "negand:a", not_of},
    {"is", "value1:a,value2:a", is},
    {0},
};
