#include "park/calendar.h"

#include "base/clock.h"

enum { MINUTES_A_DAY = 24 * 60 };

struct calendar calendar_plain(void)
{
    return (struct calendar){
        .offset_minutes = 480,
        .spans = {{9 * 60, 12 * 60}, {13 * 60 + 30, 17 * 60 + 30}},
        .span_count = 2,
    };
}

static const struct calendar_day *find_day(const struct calendar *calendar, int64_t day)
{
    for (size_t low = 0, high = calendar->count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (calendar->days[middle].day == day)
            return &calendar->days[middle];
        if (calendar->days[middle].day < day)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

bool calendar_is_working(const struct calendar *calendar, int64_t day)
{
    const struct calendar_day *special = find_day(calendar, day);
    return special ? special->working : weekday_of_days(day) <= 5;
}

int calendar_working_days_in_year(const struct calendar *calendar, int year)
{
    int count = 0;
    for (int64_t day = date_to_days(year, 1, 1); day < date_to_days(year + 1, 1, 1); day++)
        count += calendar_is_working(calendar, day);
    return count;
}

/* No calendar has a free year: a term always ends. */
static int64_t next_working(const struct calendar *calendar, int64_t day)
{
    for (int tried = 0; tried < 366 && !calendar_is_working(calendar, day); tried++)
        day++;
    return day;
}

int64_t calendar_add_working_days(const struct calendar *calendar, int64_t start, int64_t count)
{
    assert(count >= 0 && count <= CALENDAR_TERM_MAX);
    int64_t day = start;
    for (int64_t left = count; left > 0; left--)
        day = next_working(calendar, day + 1);
    return day;
}

int64_t calendar_add_calendar_days(const struct calendar *calendar, int64_t start, int64_t count)
{
    assert(count >= 0 && count <= CALENDAR_TERM_MAX);
    return next_working(calendar, start + count);
}

static int64_t local_us(const struct calendar *calendar, int64_t time_us)
{
    return time_us + calendar->offset_minutes * MINUTE_US;
}

static int64_t day_of(const struct calendar *calendar, int64_t time_us)
{
    int64_t local = local_us(calendar, time_us);
    return local / DAY_US - (local % DAY_US < 0);
}

static int64_t moment(const struct calendar *calendar, int64_t day, int minute)
{
    return day * DAY_US + (minute - calendar->offset_minutes) * MINUTE_US;
}

static int64_t close_of_day(const struct calendar *calendar, int64_t day)
{
    return moment(calendar, day, calendar->spans[calendar->span_count - 1].end);
}

int64_t calendar_add_working_us(const struct calendar *calendar, int64_t from_us,
                                int64_t working_us)
{
    assert(calendar->span_count > 0 && working_us >= 0);
    int64_t left = working_us;
    for (int64_t day = next_working(calendar, day_of(calendar, from_us));;
         day = next_working(calendar, day + 1))
        for (int i = 0; i < calendar->span_count; i++) {
            int64_t begin = moment(calendar, day, calendar->spans[i].begin);
            int64_t end = moment(calendar, day, calendar->spans[i].end);
            begin = begin < from_us ? from_us : begin;
            if (begin >= end)
                continue;
            if (left <= end - begin)
                return begin + left;
            left -= end - begin;
        }
}

int64_t calendar_working_us(const struct calendar *calendar, int64_t from_us, int64_t to_us)
{
    int64_t sum = 0;
    for (int64_t day = day_of(calendar, from_us); moment(calendar, day, 0) < to_us; day++) {
        if (!calendar_is_working(calendar, day))
            continue;
        for (int i = 0; i < calendar->span_count; i++) {
            int64_t begin = moment(calendar, day, calendar->spans[i].begin);
            int64_t end = moment(calendar, day, calendar->spans[i].end);
            begin = begin < from_us ? from_us : begin;
            end = end > to_us ? to_us : end;
            sum += end > begin ? end - begin : 0;
        }
    }
    return sum;
}

int64_t calendar_deadline_us(const struct calendar *calendar, int64_t start_us, int64_t count,
                             enum calendar_unit unit)
{
    int64_t day = day_of(calendar, start_us);
    switch (unit) {
    case UNIT_WORKING_DAYS:
        return close_of_day(calendar, calendar_add_working_days(calendar, day, count));
    case UNIT_CALENDAR_DAYS:
        return close_of_day(calendar, calendar_add_calendar_days(calendar, day, count));
    case UNIT_WORKING_MINUTES:
        return calendar_add_working_us(calendar, start_us, count * MINUTE_US);
    case UNIT_MINUTES:
        return start_us + count * MINUTE_US;
    }
    return start_us;
}
