/* Decimals read and written: against the C library, number by number, millions of them. */
#include "base/decimal.h"
#include "test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 2000000 };

static uint64_t seed = 88172645463325252u;

static uint64_t random_bits(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static void check_read(const char *text)
{
    double found = 0, known = strtod(text, NULL);
    const char *end = text + strlen(text);
    if (decimal_read(text, end, &found) != end || memcmp(&found, &known, sizeof(found)) != 0)
        fail_msg("%s is read as %.17g", text, found);
}

static void check_write(double value)
{
    char known[64], found[DECIMAL_SIZE + 1];
    snprintf(known, sizeof(known), "%.12g", value);
    found[decimal_write(value, found)] = 0;
    if (strcmp(known, found) != 0)
        fail_msg("%s is written as %s", known, found);
}

/* Digits with a point somewhere, as tables and coordinates have them. */
static void test_read(void **state)
{
    (void)state;
    char text[64];
    for (int i = 0; i < ROUNDS; i++) {
        int length = 1 + (int)(random_bits() % 19), at = 0;
        int point = (int)(random_bits() % (uint64_t)(length + 1));
        if (random_bits() % 2)
            text[at++] = '-';
        if (point == 0)
            text[at++] = '0';
        for (int k = 0; k < length; k++) {
            if (k == point)
                text[at++] = '.';
            text[at++] = (char)('0' + random_bits() % 10);
        }
        text[at] = 0;
        const char *digits = text + (text[0] == '-');
        if (digits[0] != '0' || digits[1] == '.' || digits[1] == 0)
            check_read(text);
    }
}

/* What programs write: the shortest or the longest form of a number of any size. */
static void test_read_back(void **state)
{
    (void)state;
    char text[64];
    for (int i = 0; i < ROUNDS / 4; i++) {
        double value = ldexp((double)(random_bits() >> 11), -(int)(random_bits() % 60) - 20);
        snprintf(text, sizeof(text), "%.17g", value);
        check_read(text);
        snprintf(text, sizeof(text), "%.*f", (int)(random_bits() % 12), value);
        check_read(text);
    }
}

/* Halfway between two doubles, and one digit beside it. */
static void test_read_ties(void **state)
{
    (void)state;
    char text[64];
    for (int i = 0; i < ROUNDS / 8; i++) {
        uint64_t odd = (UINT64_C(1) << 53) + (random_bits() >> 12) * 2 + 1;
        snprintf(text, sizeof(text), "%" PRIu64, odd);
        check_read(text);
        snprintf(text, sizeof(text), "%" PRIu64 ".%d", odd, (int)(random_bits() % 3));
        check_read(text);
        snprintf(text, sizeof(text), "%" PRIu64 ".%d5", odd / 8, (int)(random_bits() % 100));
        check_read(text);
    }
}

static void test_read_odd(void **state)
{
    (void)state;
    static const char *const GOOD[] = {"0",
                                       "-0",
                                       "0.0",
                                       "-0.000",
                                       "1e5",
                                       "-1.5E+3",
                                       "2e-400",
                                       "1e400",
                                       "9999999999999999999",
                                       "18446744073709551616",
                                       "0.1234567890123456789012345",
                                       "9007199254740993",
                                       "123456789012345678901234567890.5"};
    for (size_t i = 0; i < COUNT_OF(GOOD); i++)
        check_read(GOOD[i]);
    static const char *const BAD[] = {"",   "-",  ".5",  "5.",  "01",  "-00.1", "+1",
                                      "e5", "1e", "1e+", "nan", "inf", "1.e5",  " 1"};
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        double value;
        assert_null(decimal_read(BAD[i], BAD[i] + strlen(BAD[i]), &value));
    }
    char longest[LIMIT_JSON_NUMBER + 2];
    double value;
    memset(longest, '1', sizeof(longest));
    assert_null(decimal_read(longest, longest + LIMIT_JSON_NUMBER + 1, &value));
    assert_non_null(decimal_read(longest, longest + LIMIT_JSON_NUMBER, &value));
    const char list[] = "12.5,7]";
    assert_ptr_equal(decimal_read(list, list + sizeof(list) - 1, &value), list + 4);
    assert_true(value == 12.5);
}

static void test_write(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        int exponent = (int)(random_bits() % 70) - 30;
        double value = ldexp((double)(random_bits() >> 11), exponent - 40);
        check_write(random_bits() % 2 ? value : -value);
    }
    for (int i = 0; i < ROUNDS / 4; i++) { /* Few digits, and ties. */
        check_write((double)(random_bits() % 100000) / 1000);
        check_write((double)(random_bits() % 1000000000000) / 8);
        check_write(ldexp((double)(random_bits() % 1000000), -(int)(random_bits() % 24)));
    }
    for (int power = -12; power <= 15; power++)
        for (int k = -3; k <= 3; k++) {
            double at = pow(10, power);
            for (int step = 0; step < 3; step++)
                at = k < 0 ? nextafter(at, 0) : nextafter(at, INFINITY);
            check_write(at);
            check_write(pow(10, power) * (1 + k * 1e-12));
        }
    static const double ODD[] = {0,
                                 -0.0,
                                 1,
                                 -1,
                                 0.5,
                                 NAN,
                                 INFINITY,
                                 -INFINITY,
                                 1e-300,
                                 1e300,
                                 999999999999.5,
                                 99999999999.95,
                                 0.00009999999999995};
    for (size_t i = 0; i < COUNT_OF(ODD); i++)
        check_write(ODD[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read), cmocka_unit_test(test_read_back),
        cmocka_unit_test(test_read_ties), cmocka_unit_test(test_read_odd),
        cmocka_unit_test(test_write)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
