#include "test.h"

#include "heat/heat.h"

static struct heat_mask parsed(const char *text)
{
    struct heat_mask mask;
    assert_ok(heat_mask_parse(str_of(text), &mask));
    return mask;
}

static void test_words(void **state)
{
    (void)state;
    struct heat_mask mask = parsed("0x1F");
    assert_true(mask.has_bits && mask.bits == 0x1f && !mask.none && !mask.also);
    mask = parsed("default, water,snow");
    assert_true(!mask.has_bits && mask.also == (1u << HEAT_WATER | 1u << HEAT_SNOW));
    mask = parsed("quality=1,uncertainty=2");
    assert_true(mask.quality_max == 1 && mask.uncertainty_k == 2);
    mask = parsed("qc<=0,error<=1.5");
    assert_true(mask.quality_max == 0 && mask.uncertainty_k == 1.5);
    assert_true(parsed("none").none);
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "",           "clouds",        "0x",        "0xG1",           "0x1F,,",    "quality=4",
        "quality=-1", "uncertainty=0", "error=nan", "uncertainty=1x", "none,0x1F", "0x123456789",
        "clear",      "fill"};
    struct heat_mask mask;
    for (size_t i = 0; i < COUNT_OF(BAD); i++)
        assert_err(heat_mask_parse(str_of(BAD[i]), &mask), ERR_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_words),
                                       cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
