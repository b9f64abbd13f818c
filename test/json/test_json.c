#include "test.h"

#include <stdio.h>
#include <stdlib.h>

#include "json/json.h"

/* What is good comes back as `written`, or as it was if that is NULL. */
static const struct {
    const char *text, *written;
} GOOD[] = {
    {"null", NULL},
    {" \t\r\n true \n", "true"},
    {"false", NULL},
    {"0", NULL},
    {"-0", NULL},
    {"1.10", NULL},
    {"9223372036854775808", NULL},
    {"-1e+30", NULL},
    {"1E400", NULL},
    {"0.1e-7", NULL},
    {"123456789012345678901234567890.123456789", NULL},
    {"\"\"", NULL},
    {"\"块链\"", NULL},
    {"\"\\u5757\\u94fe\"", "\"块链\""},
    {"\"\\uD834\\uDD1E\"", "\"𝄞\""},
    {"\"\\u0000\"", NULL},
    {"\"\\u001f \\u007f\"", "\"\\u001f \x7f\""},
    {"\"\\/ \\b \\f \\n \\r \\t \\\\ \\\"\"", "\"/ \\u0008 \\u000c \\n \\r \\t \\\\ \\\"\""},
    {"\"\xEF\xBF\xBF\"", NULL},
    {"\"\xF4\x8F\xBF\xBF\"", NULL},
    {"[]", NULL},
    {"[ ]", "[]"},
    {"[1 , [2,[ ] ] ,{ } ]", "[1,[2,[]],{}]"},
    {"{}", NULL},
    {"{\"\":0}", NULL},
    {"{\"a\":1,\"A\":2,\"a \":3}", NULL},
    {"{\"a\":{\"a\":{\"a\":null}}}", NULL},
    {"{\"b\":1,\"a\":2}", NULL},
    {"{\"\\u0061\":1}", "{\"a\":1}"},
    {"[\"\\u2028\"]", "[\"\xE2\x80\xA8\"]"},
};

static const char *const BAD[] = {
    "",
    " ",
    "nul",
    "nulll",
    "True",
    "NaN",
    "Infinity",
    "-",
    "+1",
    "01",
    "-01",
    "1.",
    ".5",
    "1e",
    "1e+",
    "0x10",
    "1 2",
    "1,",
    "\"",
    "\"\\",
    "\"\\\"",
    "'a'",
    "\"a\nb\"",
    "\"a\tb\"",
    "\"\\a\"",
    "\"\\u12\"",
    "\"\\u12G4\"",
    "\"\\uD834\"",
    "\"\\uD834x\"",
    "\"\\uD834\\n\"",
    "\"\\uD834\\u0041\"",
    "\"\\uDD1E\"",
    "\"\\uDD1E\\uD834\"",
    "\"\x80\"",
    "\"\xC0\xAF\"",
    "\"\xED\xA0\x80\"",
    "\"\xF4\x90\x80\x80\"",
    "\"\xC3\"",
    "\xEF\xBB\xBF{}",
    "[",
    "]",
    "[1",
    "[1,",
    "[1,]",
    "[,1]",
    "[1 2]",
    "[1,,2]",
    "{",
    "}",
    "{\"a\"",
    "{\"a\":",
    "{\"a\":1",
    "{\"a\":1,",
    "{\"a\":1,}",
    "{,\"a\":1}",
    "{a:1}",
    "{'a':1}",
    "{\"a\" 1}",
    "{\"a\"::1}",
    "{\"a\":1 \"b\":2}",
    "{1:2}",
    "{\"a\":1,\"a\":2}",
    "{\"a\":1,\"\\u0061\":2}",
    "[1]//",
    "[1]/* */",
    "{} {}",
    "[\"a\"}",
    "{\"a\":1]",
    "\f1",
    "\v1",
    ("\xC2\xA0"
     "1"),
};

static void good_texts_come_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(GOOD); i++) {
        CLEANUP(arena_release) struct arena arena = {0};
        CLEANUP(buf_release) struct buf buf;
        const struct json_value *value;
        enum err r = json_parse(&arena, str_of(GOOD[i].text), &value);
        if (r != OK)
            fail_msg("%s is refused: %s", GOOD[i].text, err_last()->detail);
        buf_init(&buf, 1000);
        struct json_writer w = json_writer(&buf);
        json_value(&w, value);
        assert_str(buf_str(&buf), GOOD[i].written ? GOOD[i].written : GOOD[i].text);
    }
}

static void bad_texts_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        CLEANUP(arena_release) struct arena arena = {0};
        const struct json_value *value = NULL;
        enum err r = json_parse(&arena, str_of(BAD[i]), &value);
        if (r != ERR_SYNTAX || value)
            fail_msg("'%s' gives %s", BAD[i], err_name(r));
    }
    CLEANUP(arena_release) struct arena arena = {0};
    const struct json_value *value;
    assert_err(json_parse(&arena, (struct str){"1\0", 2}, &value), ERR_SYNTAX);
    assert_err(json_parse(&arena, STR("{\n \"a\": nope}"), &value), ERR_SYNTAX);
    assert_non_null(strstr(err_last()->detail, "line 2, column 7"));
}

static void nesting_is_bounded(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    const struct json_value *value;
    char text[2 * LIMIT_JSON_DEPTH + 4];
    for (size_t depth = LIMIT_JSON_DEPTH; depth <= LIMIT_JSON_DEPTH + 1; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        assert_int_equal(json_parse(&arena, (struct str){text, 2 * depth}, &value),
                         depth > LIMIT_JSON_DEPTH ? ERR_LIMIT : OK);
    }
    size_t many = 1000000;
    char *deep = malloc(many);
    memset(deep, '[', many);
    assert_err(json_parse(&arena, (struct str){deep, many}, &value), ERR_LIMIT);
    free(deep);
}

static void sizes_are_bounded(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    const struct json_value *value;
    size_t size = 2 * (LIMIT_JSON_VALUES + 1) + 1;
    char *text = malloc(size);
    for (size_t i = 0; i < size; i++)
        text[i] = i % 2 ? '1' : ',';
    text[0] = '[';
    text[size - 1] = ']';
    assert_err(json_parse(&arena, (struct str){text, size}, &value), ERR_LIMIT);
    memset(text, '7', LIMIT_JSON_NUMBER + 1);
    assert_ok(json_parse(&arena, (struct str){text, LIMIT_JSON_NUMBER}, &value));
    assert_err(json_parse(&arena, (struct str){text, LIMIT_JSON_NUMBER + 1}, &value), ERR_LIMIT);
    free(text);
}

/* Many members are compared by sorting. */
static void duplicates_are_found_in_large_objects(void **state)
{
    (void)state;
    for (int twice = 0; twice < 2; twice++) {
        CLEANUP(arena_release) struct arena arena = {0};
        CLEANUP(buf_release) struct buf buf;
        const struct json_value *value;
        buf_init(&buf, 1 << 20);
        buf_add_c(&buf, "{");
        for (int i = 0; i < 20000; i++)
            buf_format(&buf, "\"k%d\":%d,", (i * 7919) % 20011, i);
        buf_format(&buf, "\"k%d\":0}", twice ? 7919 : -1);
        assert_int_equal(json_parse(&arena, buf_str(&buf), &value), twice ? ERR_SYNTAX : OK);
    }
}

static void members_are_found(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    const struct json_value *value, *other;
    int64_t number;
    double real;
    assert_ok(json_parse(&arena, STR("{\"n\":9223372036854775807,\"t\":\"x\",\"r\":1.5,\"e\":1e2}"),
                         &value));
    assert_ok(json_to_int(json_get(value, "n"), &number));
    assert_int_equal(number, INT64_MAX);
    assert_err(json_to_int(json_get(value, "r"), &number), ERR_SYNTAX);
    assert_err(json_to_int(json_get(value, "e"), &number), ERR_SYNTAX);
    assert_err(json_to_int(json_get(value, "t"), &number), ERR_SYNTAX);
    assert_ok(json_to_real(json_get(value, "r"), &real));
    assert_true(real == 1.5);
    assert_str(json_get_text(value, "t"), "x");
    assert_null(json_get_text(value, "n").ptr);
    assert_null(json_get(value, "nothing"));
    assert_null(json_get(NULL, "n"));
    assert_null(json_get(json_get(value, "n"), "n"));
    assert_ok(json_parse(&arena, STR("{\"n\":9223372036854775807,\"t\":\"x\",\"r\":1.5,\"e\":1e2}"),
                         &other));
    assert_true(json_equal(value, other));
    assert_ok(json_parse(&arena, STR("[1.0]"), &value));
    assert_ok(json_parse(&arena, STR("[1.00]"), &other));
    assert_false(json_equal(value, other));
}

static void the_writer_sets_its_commas(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, 1000);
    struct json_writer w = json_writer(&buf);
    json_object_begin(&w);
    json_key(&w, "id");
    json_id(&w, INT64_MAX);
    json_key(&w, "none");
    json_id(&w, 0);
    json_key(&w, "absent");
    json_text(&w, (struct str){0});
    json_key(&w, "list");
    json_array_begin(&w);
    json_int(&w, -1);
    json_bool(&w, true);
    json_array_begin(&w);
    json_array_end(&w);
    json_object_begin(&w);
    json_object_end(&w);
    json_array_end(&w);
    json_key(&w, "at");
    json_time(&w, INT64_C(1579680000000000));
    json_key(&w, "real");
    json_real(&w, 0.1);
    json_key(&w, "raw");
    json_raw(&w, STR("{}"));
    json_key(&w, "quote\"");
    json_c(&w, "a\x01\x1f\"\\/");
    json_object_end(&w);
    assert_ok(buf_check(&buf));
    assert_str(buf_str(&buf),
               "{\"id\":\"9223372036854775807\",\"none\":null,\"absent\":null,"
               "\"list\":[-1,true,[],{}],\"at\":\"2020-01-22T08:00:00Z\",\"real\":0.1,"
               "\"raw\":{},\"quote\\\"\":\"a\\u0001\\u001f\\\"\\\\/\"}");
}

static void reals_come_back_exactly(void **state)
{
    (void)state;
    static const double values[] = {0,         0.1,       1.0 / 3, 1e21, -1e-300,
                                    121.47370, 31.230416, 5e-324,  1e15, 123456789.123456789};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        CLEANUP(arena_release) struct arena arena = {0};
        CLEANUP(buf_release) struct buf buf;
        const struct json_value *value;
        double back;
        buf_init(&buf, 100);
        struct json_writer w = json_writer(&buf);
        json_real(&w, values[i]);
        assert_ok(json_parse(&arena, buf_str(&buf), &value));
        assert_ok(json_to_real(value, &back));
        assert_true(back == values[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_texts_come_back),
        cmocka_unit_test(bad_texts_are_refused),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(sizes_are_bounded),
        cmocka_unit_test(duplicates_are_found_in_large_objects),
        cmocka_unit_test(members_are_found),
        cmocka_unit_test(the_writer_sets_its_commas),
        cmocka_unit_test(reals_come_back_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
