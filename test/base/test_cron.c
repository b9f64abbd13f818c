/* cron.h */
#include "test.h"

#include "base/clock.h"
#include "base/cron.h"

static int64_t at(const char *text)
{
    int64_t us;
    assert_ok(time_parse(str_of(text), &us));
    return us;
}

static void moments_come_round(void **state)
{
    (void)state;
    static const struct {
        const char *cron, *after, *next;
    } CASES[] = {
        {"0 0 9 * * *", "2026-11-23T08:59:59+08:00", "2026-11-23T09:00:00+08:00"},
        {"0 0 9 * * *", "2026-11-23T09:00:00+08:00", "2026-11-24T09:00:00+08:00"},
        {"0 0 9-17 * * MON-FRI", "2026-11-27T17:00:00+08:00", "2026-11-30T09:00:00+08:00"},
        {"0 0/15 8,20 ? * *", "2026-11-23T08:46:00+08:00", "2026-11-23T20:00:00+08:00"},
        {"0/20 * * * * *", "2026-11-23T08:00:40.5+08:00", "2026-11-23T08:01:00+08:00"},
        {"30 5/10 8 * * *", "2026-11-23T08:05:30+08:00", "2026-11-23T08:15:30+08:00"},
        {"0 0 0 1 jan ?", "2026-11-23T08:00:00+08:00", "2027-01-01T00:00:00+08:00"},
        {"0 0 0 29 FEB *", "2026-11-23T08:00:00+08:00", "2028-02-29T00:00:00+08:00"},
        {"0 0 12 L * *", "2027-02-01T00:00:00+08:00", "2027-02-28T12:00:00+08:00"},
        {"0 0 0 13 * FRI", "2026-11-23T08:00:00+08:00", "2027-08-13T00:00:00+08:00"},
        {"0 0 0 * * 7", "2026-11-23T08:00:00+08:00", "2026-11-29T00:00:00+08:00"},
        {"0 0 0 * * SUN", "2026-11-23T08:00:00+08:00", "2026-11-29T00:00:00+08:00"},
        {"@hourly", "2026-11-23T23:30:00+08:00", "2026-11-24T00:00:00+08:00"},
        {" @weekly ", "2026-11-23T23:30:00+08:00", "2026-11-29T00:00:00+08:00"},
    };
    const struct zone *zone;
    assert_ok(zone_find(STR("Asia/Shanghai"), &zone));
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        struct cron cron;
        int64_t next;
        assert_ok(cron_parse(str_of(CASES[i].cron), &cron));
        assert_ok(cron_next(&cron, zone, at(CASES[i].after), &next));
        if (next != at(CASES[i].next))
            fail_msg("%s after %s: %" PRId64, CASES[i].cron, CASES[i].after, next);
    }
}

static void clocks_that_change_lose_no_day(void **state)
{
    (void)state;
    const struct zone *zone;
    struct cron cron;
    int64_t now = at("2026-03-20T00:00:00Z"), next;
    assert_ok(zone_find(STR("Europe/Berlin"), &zone));
    assert_ok(cron_parse(STR("0 30 2 * * *"), &cron)); /* There is no 02:30 on March 29. */
    for (int i = 0; i < 300; i++, now = next) {
        assert_ok(cron_next(&cron, zone, now, &next));
        assert_true(next > now && next - now <= 26 * HOUR_US);
    }
}

static void what_is_no_cron_is_refused(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "",           "* * * * *",       "0 0 9 * * * *", "60 * * * * *",  "0 0 24 * * *",
        "0 0 9 0 *",  "0 0 9 * 13 *",    "0 0 9 * * 8",   "0 0 9 * * FOO", "0 0 17-9 * * *",
        "0 /5 * * *", "0 0/0 * * * *",   "0 0/x * * * *", "0 0 9 , * *",   "@never",
        "R/PT1H",     "0 0 9 * * MON#2", "0 0 9 -1 * *",
    };
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        struct cron cron;
        if (cron_parse(str_of(BAD[i]), &cron) == OK)
            fail_msg("'%s' was read", BAD[i]);
    }
    struct cron cron;
    int64_t next;
    assert_ok(cron_parse(STR("0 0 0 31 FEB *"), &cron));
    assert_err(cron_next(&cron, NULL, at("2026-11-23T00:00:00Z"), &next), ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_come_round),
        cmocka_unit_test(clocks_that_change_lose_no_day),
        cmocka_unit_test(what_is_no_cron_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
