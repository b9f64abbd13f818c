#include "feel/builtin.h"
#include "feel/temporal.h"

static struct feel_date date_of(const struct feel_value *value)
{
    return value->type == FEEL_DATE ? value->date : value->moment->date;
}

static BUILTIN(now)
{
    (void)args, (void)count;
    *out = feel_from_time_us(run, run->now_us);
    return OK;
}

static BUILTIN(today)
{
    (void)args, (void)count;
    struct feel_value value = feel_from_time_us(run, run->now_us);
    *out = (struct feel_value){.type = FEEL_DATE, .date = value.moment->date};
    return OK;
}

static BUILTIN(day_of_year_of)
{
    (void)run, (void)count;
    *out = feel_int(day_of_year(date_of(&args[0])));
    return OK;
}

static BUILTIN(week_of_year_of)
{
    (void)run, (void)count;
    *out = feel_int(week_of_year(date_of(&args[0])));
    return OK;
}

static BUILTIN(day_of_week)
{
    static const char *const NAMES[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                        "Friday", "Saturday", "Sunday"};
    (void)run, (void)count;
    *out = feel_string(str_of(NAMES[weekday_of(date_of(&args[0])) - 1]));
    return OK;
}

static BUILTIN(month_of_year)
{
    static const char *const NAMES[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
    (void)run, (void)count;
    *out = feel_string(str_of(NAMES[date_of(&args[0]).month - 1]));
    return OK;
}

const struct builtin BUILTINS_TIME[] = {
    {"now", "", now},
    {"today", "", today},
    {"day of year", "date:D", day_of_year_of},
    {"week of year", "date:D", week_of_year_of},
    {"day of week", "date:D", day_of_week},
    {"month of year", "date:D", month_of_year},
    {0},
};
