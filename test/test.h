/* What every unit test includes: cmocka in its required order, and a check for `enum err`. */
#ifndef TEST_TEST_H
#define TEST_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

#define assert_ok(call)                                                                            \
    do {                                                                                           \
        enum err test_result = (call);                                                             \
        if (test_result != OK)                                                                     \
            fail_msg("%s: %s: %s", #call, err_name(test_result), err_last()->detail);              \
    } while (0)

#define assert_err(call, code)                                                                     \
    do {                                                                                           \
        enum err test_result = (call);                                                             \
        if (test_result != (code))                                                                 \
            fail_msg("%s: %s instead of %s", #call, err_name(test_result), #code);                 \
    } while (0)

#define assert_str(found, expected)                                                                \
    do {                                                                                           \
        struct str test_found = (found);                                                           \
        if (!str_equal(test_found, str_of(expected)))                                              \
            fail_msg("%s is \"%.*s\" instead of \"%s\"", #found, STR_ARG(test_found), expected);   \
    } while (0)

#endif
