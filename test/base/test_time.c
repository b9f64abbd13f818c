/* clock.h and id.h */
#include "test.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/id.h"

static void every_day_of_eight_centuries_comes_back(void **state)
{
    (void)state;
    int64_t expected = date_to_days(1600, 1, 1);
    for (int year = 1600; year < 2400; year++)
        for (int month = 1; month <= 12; month++)
            for (int day = 1; day <= days_in_month(year, month); day++, expected++) {
                int y, m, d;
                date_from_days(expected, &y, &m, &d);
                if (date_to_days(year, month, day) != expected || y != year || m != month ||
                    d != day)
                    fail_msg("%d-%d-%d is off", year, month, day);
            }
    assert_int_equal(date_to_days(1970, 1, 1), 0);
    assert_int_equal(date_to_days(2000, 3, 1), 11017);
    assert_int_equal(weekday_of_days(0), 4);
    assert_int_equal(weekday_of_days(-1), 3);
    assert_int_equal(weekday_of_days(date_to_days(2020, 1, 22)), 3);
    assert_int_equal(days_in_month(1900, 2), 28);
    assert_int_equal(days_in_month(2000, 2), 29);
}

static void dates_have_one_form(void **state)
{
    (void)state;
    static const char *const bad[] = {"2020-1-22",  "2020-02-30", "2021-02-29", "2020-13-01",
                                      "2020-00-10", "2020-01-00", "20200122",   "2020-01-22 ",
                                      "",           "2020-01-2x", "-020-01-01"};
    int64_t days;
    assert_ok(date_parse(STR("2020-02-29"), &days));
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, 50);
    date_format(&buf, days);
    assert_str(buf_str(&buf), "2020-02-29");
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (date_parse(str_of(bad[i]), &days) == OK)
            fail_msg("'%s' is taken for a date", bad[i]);
}

static void times_carry_their_zone(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t us;
    } good[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01T08:00:00+08:00", 0},
        {"1969-12-31T19:00:00.5-05:00", 500000},
        {"2020-01-22T08:00:00.000001Z", INT64_C(1579680000000001)},
        {"2020-02-29T23:59:59.123456+08:00", INT64_C(1582991999123456)},
    };
    static const char *const bad[] = {"2020-01-22T08:00:00",       "2020-01-22 08:00",
                                      "2020-01-22T24:00:00Z",      "2020-01-22T08:60:00Z",
                                      "2020-01-22T08:00:00+0800",  "2020-01-22T08:00:00Zx",
                                      "2020-01-22T08:00:00.Z",     "2020-02-30T00:00:00Z",
                                      "2020-01-22T08:00:00+99:00", ""};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        int64_t us = 1;
        assert_ok(time_parse(str_of(good[i].text), &us));
        if (us != good[i].us)
            fail_msg("%s gives %ld", good[i].text, (long)us);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        int64_t us;
        if (time_parse(str_of(bad[i]), &us) == OK)
            fail_msg("'%s' is taken for a time", bad[i]);
    }
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, 200);
    time_format(&buf, INT64_C(1582991999123456), 480);
    buf_add_char(&buf, ' ');
    time_format(&buf, 0, 0);
    buf_add_char(&buf, ' ');
    time_format(&buf, -1, -330);
    assert_str(buf_str(&buf), "2020-02-29T23:59:59.123456+08:00 1970-01-01T00:00:00Z "
                              "1969-12-31T18:29:59.999999-05:30");
}

static void the_test_clock_stands_until_moved(void **state)
{
    (void)state;
    int64_t real = clock_now_us();
    assert_true(real > date_to_days(2023, 1, 1) * DAY_US);
    clock_set_test(1000);
    assert_int_equal(clock_now_us(), 1000);
    clock_advance_test(MINUTE_US);
    assert_int_equal(clock_now_us(), 1000 + MINUTE_US);
    clock_set_test(0);
    assert_true(clock_now_us() >= real);
    int64_t before = clock_monotonic_us();
    assert_true(clock_monotonic_us() >= before);
}

static void ids_grow_whatever_the_clock_does(void **state)
{
    (void)state;
    int64_t now = INT64_C(1700000000) * SECOND_US, last = 0;
    for (int i = 0; i < 10000; i++) {
        int64_t id = id_next(i % 2 ? now : now - HOUR_US);
        assert_true(id > last);
        last = id;
    }
    assert_in_range(id_time_us(last), now - SECOND_US, now + SECOND_US);
    id_after(last + 5000000);
    assert_int_equal(id_next(now), last + 5000001);
    id_after(1); /* An older one changes nothing. */
    assert_int_equal(id_next(now), last + 5000002);
}

enum { THREADS = 4, EACH = 20000 };

static void *make_ids(void *argument)
{
    int64_t *ids = argument;
    for (int i = 0; i < EACH; i++)
        ids[i] = id_next(1);
    return NULL;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void ids_never_repeat_between_threads(void **state)
{
    (void)state;
    static int64_t ids[THREADS * EACH];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, make_ids, ids + i * EACH), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    qsort(ids, COUNT_OF(ids), sizeof(ids[0]), compare);
    for (size_t i = 1; i < COUNT_OF(ids); i++)
        assert_true(ids[i] > ids[i - 1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_of_eight_centuries_comes_back),
        cmocka_unit_test(dates_have_one_form),
        cmocka_unit_test(times_carry_their_zone),
        cmocka_unit_test(the_test_clock_stands_until_moved),
        cmocka_unit_test(ids_grow_whatever_the_clock_does),
        cmocka_unit_test(ids_never_repeat_between_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
