#include "test.h"

#include "feel/feel.h"

struct row {
    const char *text, *expected; /* As FEEL text; "null: key" checks the first reason too. */
};

static const struct row ROWS[] = {
    {"1 + 2 * 3", "7"},
    {"-3 ** 2", "9"},
    {"3 ** 4 ** 5", "3486784401"},
    {"1.10 + 1", "2.10"},
    {"10 ** 40", "10000000000000000000000000000000000000000"},
    {"1 / 0", "null: divide-by-zero"},
    {"\"a\" + 1", "null: types"},
    {"\"a\" < 1", "null: types"},
    {"nobody + 1", "null: unknown-name"},
    {"{a: 1}.b", "null: no-such-member"},
    {"[1,2,3][4]", "null: index"},
    {"substring(\"a\", true)", "null: arguments"},
    {"@\"foo\"", "null: literal"},
    {"{a: 1, a: 2}", "null: double-key"},
    {"\"Hello \" + Full Name", "Hello Jo"},
    {"things[n > 1].first name", "[\"y\"]"},
    {"things.first name", "[\"x\", \"y\"]"},
    {"for i in 0..4 return if i = 0 then 1 else i * partial[-1]", "[1, 1, 2, 6, 24]"},
    {"for i in 3..1, j in [i, 9] return i * j", "[9, 27, 4, 18, 1, 9]"},
    {"some x in [1,2,3] satisfies x > 2", "true"},
    {"every x in [1,2,3] satisfies x > 2", "false"},
    {"{f: function(n) if n <= 1 then 1 else n * f(n - 1), r: f(30)}.r",
     "265252859812191058636308480000000"},
    {"{a: 1, f: function(x) x + a, r: for i in [1, 2] return f(i)}.r", "[2, 3]"},
    {"(function(a: number) a)(\"x\")", "null: wrong-type"},
    {"(function(a, b) a - b)(b: 1, a: 3)", "2"},
    {"5 in (1..5]", "true"},
    {"5 in (> 6, [4..5])", "true"},
    {"]1..5[ = (1..5)", "true"},
    {"[1..5].start included", "true"},
    {"(< 10).end", "10"},
    {"substring(\"foobar\", -3, 2)", "ba"},
    {"substring(\"\xF0\x9F\x90\x8E\x61\x62\", 2)", "ab"},
    {"string length(\"\\U01F40E\")", "1"},
    {"upper case(\"stra\xC3\x9F"
     "e\")",
     "STRASSE"},
    {"@\"2021-01-01T10:10:10@Australia/Melbourne\" + @\"P1M\"",
     "2021-02-01T10:10:10@Australia/Melbourne"},
    {"date(\"2021-01-31\") + @\"P1M\"", "2021-02-28"},
    {"@\"2021-01-02T10:10:10@Europe/Paris\" - @\"2021-01-01\"", "P1DT9H10M10S"},
    {"date and time(\"2018-10-08T00:00:00+02:00\") = @\"2018-10-08T00:00:00@Europe/Paris\"",
     "true"},
    {"now()", "2026-11-23T14:00:00@Asia/Shanghai"},
    {"today()", "2026-11-23"},
    {"string({a: [1, \"x\"], \"b,c\": null})", "{a: [1, \"x\"], \"b,c\": null}"},
    {"[1,2,3] instance of list<number>", "true"},
    {"{a: 1} instance of context<a: string>", "false"},
    {"modulo(dividend: -10.1, divisor: 4.5)", "3.4"},
    {"mode([3, 6, 1, 9, 6, 1, 3])", "[1, 3, 6]"},
    {"double(4)", "8"},
    {"matches(\"q\", \"[^Q]\", \"i\")", "false"},
    {"matches(\"x\", \"[A-Z-[OI]]\", \"i\")", "true"},
    {"matches(\"o\", \"[A-Z-[OI]]\", \"i\")", "false"},
    {"matches(\"k\", \"[\\u212A]\", \"i\")", "true"},
    {"matches(\"a\", \"\\\\p{Lu}\", \"i\")", "false"},
    {"matches(\"\\u03B1\", \"^\\\\p{IsGreek}$\")", "true"},
    {"matches(\"a\", \"\\\\p{IsNowhere}\")", "null: pattern"},
    {"matches(\"a\", \"\\\\p{Lx}\")", "null: pattern"},
    {"matches(\"a-1\", \"^\\\\i\\\\c*$\")", "true"},
    {"null = null /* both */ // and so on", "true"},
};

static enum err host_double(void *data, struct feel_run *run, const struct feel_value *args,
                            struct feel_value *out)
{
    (void)data;
    int64_t n;
    if (feel_to_int(&args[0], &n) != OK) {
        *out = feel_fail(run, "types", "not a number");
        return OK;
    }
    *out = feel_int(2 * n);
    return OK;
}

static void evaluates(void **state)
{
    (void)state;
    static const char *const PARAMS[] = {"n"};
    static const struct feel_host HOST = {.name = STR_INIT("double"),
                                          .params = PARAMS,
                                          .param_count = 1,
                                          .required = 1,
                                          .call = host_double};
    for (size_t i = 0; i < COUNT_OF(ROWS); i++) {
        CLEANUP(arena_release) struct arena arena;
        arena_init(&arena);
        const struct json_value *json;
        assert_ok(json_parse(&arena,
                             STR("{\"Full Name\": \"Jo\", \"things\": [{\"first name\": \"x\", "
                                 "\"n\": 1}, {\"first name\": \"y\", \"n\": 2}]}"),
                             &json));
        struct feel_value context = feel_from_json(&arena, json);
        struct feel_scope scope = {.entries = context.context.entries,
                                   .count = context.context.count};
        struct feel_names names = feel_names_of(&arena, &scope);
        const struct feel_expr *expr;
        assert_ok(feel_parse(&arena, str_of(ROWS[i].text), &names, &expr));
        struct feel_run run;
        feel_run_init(&run, &arena, INT64_C(1795413600000000));
        run.hosts = &HOST;
        run.host_count = 1;
        struct feel_value value;
        assert_ok(feel_eval(expr, &scope, &run, &value));
        struct str text = feel_text(&arena, &value);
        if (value.type == FEEL_NULL && run.reason_count > 0)
            text = str_format(&arena, "null: %s", run.reasons[0].what);
        if (!str_is(text, ROWS[i].expected))
            fail_msg("%s is %.*s instead of %s", ROWS[i].text, STR_ARG(text), ROWS[i].expected);
    }
}

static void refuses(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {
        "",           "1 +", "(1",          "[1..",           "{a 1}",      "\"open",
        "1 2",        "@x",  "if 1 then 2", "for x return 1", "f(a: 1, 2)", "1 instance of nothing",
        "\"\\uD800\""};
    for (size_t i = 0; i < COUNT_OF(TEXTS); i++) {
        CLEANUP(arena_release) struct arena arena;
        arena_init(&arena);
        const struct feel_expr *expr;
        if (feel_parse(&arena, str_of(TEXTS[i]), NULL, &expr) != ERR_SYNTAX)
            fail_msg("\"%s\" was read", TEXTS[i]);
    }
}

static void ends_within_budget(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {
        "{f: function(x) f(x + 1), r: f(1)}.r",
        "for i in 1..1000000000000 return i",
        "some x in 1..1000000000000 satisfies x < 0",
        "for a in 1..99999, b in 1..99999 return [a, b]",
    };
    for (size_t i = 0; i < COUNT_OF(TEXTS); i++) {
        CLEANUP(arena_release) struct arena arena;
        arena_init(&arena);
        const struct feel_expr *expr;
        assert_ok(feel_parse(&arena, str_of(TEXTS[i]), NULL, &expr));
        struct feel_run run;
        feel_run_init(&run, &arena, 0);
        run.steps = 100000;
        run.bytes_end = arena.used + 8 * 1024 * 1024;
        struct feel_value value;
        assert_err(feel_eval(expr, NULL, &run, &value), ERR_LIMIT);
    }
}

static void bounds_nesting(void **state)
{
    (void)state;
    static const char *const OPENINGS[] = {
        "(", "[", "-", "f(", "{a:", "1+(", "x in (", "]", "not("};
    for (size_t i = 0; i < COUNT_OF(OPENINGS); i++) {
        CLEANUP(arena_release) struct arena arena;
        arena_init(&arena);
        size_t len = strlen(OPENINGS[i]), count = 20000;
        char *text = arena_alloc(&arena, len * count);
        for (size_t k = 0; k < count; k++)
            memcpy(text + k * len, OPENINGS[i], len);
        const struct feel_expr *expr;
        assert_err(feel_parse(&arena, (struct str){text, len * count}, NULL, &expr), ERR_LIMIT);
    }
}

struct test_row {
    const char *tests, *input;
    bool passes;
};

static void tests_inputs(void **state)
{
    (void)state;
    static const struct test_row TESTS[] = {
        {"-", "1", true},
        {"5", "5", true},
        {"< 5, [10..20]", "15", true},
        {"< 5, [10..20]", "7", false},
        {"not(\"a\", \"b\")", "\"c\"", true},
        {"not(\"a\", \"b\")", "\"a\"", false},
        {"contains(?, \"x\")", "\"axb\"", true},
        {"not(contains(?, \"x\"))", "\"axb\"", false},
        {"null", "null", true},
        {"> \"a\"", "1", false},
        {"[1,2,3]", "2", true},
        {"true", "true", true},
    };
    for (size_t i = 0; i < COUNT_OF(TESTS); i++) {
        CLEANUP(arena_release) struct arena arena;
        arena_init(&arena);
        const struct feel_expr *tests, *input;
        assert_ok(feel_parse_unary_tests(&arena, str_of(TESTS[i].tests), NULL, &tests));
        assert_ok(feel_parse(&arena, str_of(TESTS[i].input), NULL, &input));
        struct feel_run run;
        feel_run_init(&run, &arena, 0);
        struct feel_value value;
        bool passes;
        assert_ok(feel_eval(input, NULL, &run, &value));
        assert_ok(feel_test(tests, &value, NULL, &run, &passes));
        if (passes != TESTS[i].passes)
            fail_msg("%s of %s is %d", TESTS[i].tests, TESTS[i].input, passes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evaluates),          cmocka_unit_test(refuses),
        cmocka_unit_test(ends_within_budget), cmocka_unit_test(bounds_nesting),
        cmocka_unit_test(tests_inputs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
