#include "test.h"

#include "base/clock.h"
#include "park/calendar.h"

static struct calendar official_2020(void)
{
    struct calendar calendar = calendar_plain();
    calendar.days = CALENDAR_2020;
    calendar.count = CALENDAR_2020_COUNT;
    return calendar;
}

static int64_t day(int month, int date)
{
    return date_to_days(2020, month, date);
}

static int64_t local(const char *text)
{
    int64_t time_us;
    assert_ok(time_parse(str_of(text), &time_us));
    return time_us;
}

static void working_days_follow_the_official_list(void **state)
{
    (void)state;
    struct calendar c = official_2020();
    assert_int_equal(calendar_working_days_in_year(&c, 2020), 249);
    assert_int_equal(calendar_add_working_days(&c, day(1, 22), 5), day(2, 6));
    assert_int_equal(calendar_add_working_days(&c, day(4, 24), 3), day(4, 28));
    assert_int_equal(calendar_add_working_days(&c, day(4, 30), 4), day(5, 9));
    assert_int_equal(calendar_add_working_days(&c, day(9, 25), 10), day(10, 15));
    assert_int_equal(calendar_add_working_days(&c, day(1, 17), 1), day(1, 19));
}

static void a_term_in_calendar_days_rolls_off_a_holiday(void **state)
{
    (void)state;
    struct calendar c = official_2020();
    assert_int_equal(calendar_add_calendar_days(&c, day(4, 28), 3), day(5, 6));
    assert_int_equal(calendar_add_calendar_days(&c, day(4, 20), 3), day(4, 23));
    assert_int_equal(calendar_add_calendar_days(&c, day(4, 23), 3),
                     day(4, 26)); /* Worked Sunday. */
}

static void deadlines_end_with_office_hours(void **state)
{
    (void)state;
    struct calendar c = official_2020();
    int64_t from = local("2020-01-22T10:00:00+08:00");
    assert_int_equal(calendar_deadline_us(&c, from, 5, UNIT_WORKING_DAYS),
                     local("2020-02-06T17:30:00+08:00"));
    assert_int_equal(calendar_deadline_us(&c, from, 60, UNIT_WORKING_MINUTES),
                     local("2020-01-22T11:00:00+08:00"));
    assert_int_equal(calendar_deadline_us(&c, from, 180, UNIT_WORKING_MINUTES),
                     local("2020-01-22T14:30:00+08:00"));
    assert_int_equal(
        calendar_deadline_us(&c, local("2020-01-23T17:00:00+08:00"), 60, UNIT_WORKING_MINUTES),
        local("2020-02-03T09:30:00+08:00"));
    assert_int_equal(calendar_deadline_us(&c, from, 60, UNIT_MINUTES),
                     local("2020-01-22T11:00:00+08:00"));
}

static void working_time_adds_up(void **state)
{
    (void)state;
    struct calendar c = official_2020();
    int64_t from = local("2020-01-21T00:00:00+08:00");
    for (int64_t minutes = 0; minutes < 5000; minutes += 37) {
        int64_t to = calendar_add_working_us(&c, from, minutes * MINUTE_US);
        assert_int_equal(calendar_working_us(&c, from, to), minutes * MINUTE_US);
    }
    assert_int_equal(calendar_working_us(&c, from, from - 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(working_days_follow_the_official_list),
        cmocka_unit_test(a_term_in_calendar_days_rolls_off_a_holiday),
        cmocka_unit_test(deadlines_end_with_office_hours),
        cmocka_unit_test(working_time_adds_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
