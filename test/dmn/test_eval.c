#include "test.h"

#include "dmn/dmn.h"

#define HEAD                                                                                       \
    "<definitions xmlns='https://www.omg.org/spec/DMN/20230324/MODEL/' name='m' "                  \
    "namespace='urn:m'>"
#define INPUT(name, type)                                                                          \
    "<inputData id='" name "' name='" name "'><variable name='" name "' typeRef='" type            \
    "'/></inputData>"
#define NEEDS(name)                                                                                \
    "<informationRequirement><requiredInput href='#" name "'/></informationRequirement>"
#define CELL(kind, text) "<" kind "><text>" text "</text></" kind ">"
#define RULE(in, out) "<rule>" CELL("inputEntry", in) CELL("outputEntry", out) "</rule>"

/* A table over "n" with rules that overlap at 5. */
#define TABLE(policy)                                                                              \
    HEAD INPUT("n", "number") "<decision id='d' name='d'><variable name='d'/>" NEEDS(              \
        "n") "<decisionTable " policy "><input><inputExpression><text>n</text></inputExpression>"  \
             "</input><output><outputValues><text>3, 2, 1</text></outputValues></output>" RULE(    \
                 "&lt;= 5", "1") RULE("[5..10]", "2")                                              \
                 RULE("5", "3") "</decisionTable></decision></definitions>"

#define OPEN                                                                                       \
    HEAD "<decision id='twice' name='Twice n'><literalExpression><text>2 * n</text>"               \
         "</literalExpression></decision><decision id='d' name='Named otherwise'>"                 \
         "<informationRequirement><requiredDecision href='#twice'/></informationRequirement>"      \
         "<literalExpression><text>twice + 1</text></literalExpression></decision></definitions>"

struct row {
    const char *xml, *input, *expected;
};

static const struct row ROWS[] = {
    {TABLE(""), "{\"n\": 3}", "1"},
    {TABLE(""), "{\"n\": 5}", "null: overlap"},
    {TABLE(""), "{\"n\": 11}", "null: no-rule"},
    {TABLE(""), "{}", "null: no-input"},
    {TABLE(""), "{\"n\": \"x\"}", "null: wrong-type"},
    {TABLE("hitPolicy='ANY'"), "{\"n\": 5}", "null: overlap"},
    {TABLE("hitPolicy='FIRST'"), "{\"n\": 5}", "1"},
    {TABLE("hitPolicy='PRIORITY'"), "{\"n\": 5}", "3"},
    {TABLE("hitPolicy='RULE ORDER'"), "{\"n\": 5}", "[1, 2, 3]"},
    {TABLE("hitPolicy='OUTPUT ORDER'"), "{\"n\": 5}", "[3, 2, 1]"},
    {TABLE("hitPolicy='COLLECT'"), "{\"n\": 11}", "[]"},
    {TABLE("hitPolicy='COLLECT' aggregation='SUM'"), "{\"n\": 5}", "6"},
    {TABLE("hitPolicy='COLLECT' aggregation='COUNT'"), "{\"n\": 5}", "3"},
    {TABLE("hitPolicy='COLLECT' aggregation='MIN'"), "{\"n\": 5}", "1"},
    {TABLE("hitPolicy='COLLECT' aggregation='MAX'"), "{\"n\": 5}", "3"},
    {HEAD INPUT("since", "date") "<decision id='d' name='d'><variable name='d'/>" NEEDS(
         "since") "<literalExpression><text>since.year + 1</text></literalExpression></decision>"
                  "</definitions>",
     "{\"since\": \"2026-11-23\"}", "2027"},
    {HEAD "<decision id='d' name='d'><variable name='d' typeRef='string'/><literalExpression>"
          "<text>1 + 1</text></literalExpression></decision></definitions>",
     "{}", "null: wrong-type"},
    {HEAD "<decision id='d' name='d'><variable name='d'/><informationRequirement>"
          "<requiredDecision href='#d'/></informationRequirement><literalExpression>"
          "<text>d</text></literalExpression></decision></definitions>",
     "{}", "null: circle"},
    {HEAD "<decision id='d' name='d'><variable name='d'/><literalExpression>"
          "<text>1 +</text></literalExpression></decision></definitions>",
     "{}", "null: unreadable"},
    /* Without any inputData, as modelers for Camunda write: see dmn_eval. */
    {OPEN, "{\"n\": 3}", "7"},
    {OPEN, "{}", "null: unknown-name"},
    {HEAD INPUT("n", "number") "<decision id='d' name='d'><literalExpression><text>n</text>"
                               "</literalExpression></decision></definitions>",
     "{\"n\": 3}", "null: unknown-name"},
};

static void evaluates(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(ROWS); i++) {
        CLEANUP(arena_release) struct arena arena;
        arena_init(&arena);
        struct dmn_source source = {.name = STR("m"), .text = str_of(ROWS[i].xml)};
        const struct dmn_model *model;
        const struct json_value *json;
        assert_ok(dmn_read(&arena, &source, 1, &model));
        assert_ok(json_parse(&arena, str_of(ROWS[i].input), &json));
        struct feel_value input = feel_from_json(&arena, json), value;
        struct feel_run run;
        feel_run_init(&run, &arena, 0);
        assert_ok(dmn_eval(model, STR("d"), &input, &run, NULL, &value));
        struct str text = feel_text(&arena, &value);
        if (value.type == FEEL_NULL && run.reason_count > 0)
            text = str_format(&arena, "null: %s", run.reasons[0].what);
        if (!str_is(text, ROWS[i].expected))
            fail_msg("row %zu is %.*s instead of %s", i, STR_ARG(text), ROWS[i].expected);
    }
}

static void traces(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena);
    struct dmn_source source = {.name = STR("m"), .text = str_of(TABLE("hitPolicy='FIRST'"))};
    const struct dmn_model *model;
    assert_ok(dmn_read(&arena, &source, 1, &model));
    struct feel_entry entry = {STR("n"), feel_int(7)};
    struct feel_value input = feel_context(&entry, 1), value;
    struct feel_run run;
    struct dmn_why why = {.all_rules = true};
    feel_run_init(&run, &arena, 0);
    assert_ok(dmn_eval(model, STR("d"), &input, &run, &why, &value));
    const struct dmn_trace *trace = why.first;
    assert_non_null(trace);
    assert_int_equal(trace->rule_count, 3);
    assert_false(trace->rules[0].fired);
    assert_int_equal(trace->rules[0].failed_input, 1);
    assert_true(trace->rules[1].fired);
}

static void refuses(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {"", "<x/>", "<definitions/>", "<!DOCTYPE x><definitions/>"};
    for (size_t i = 0; i < COUNT_OF(TEXTS); i++) {
        CLEANUP(arena_release) struct arena arena;
        arena_init(&arena);
        struct dmn_source source = {.name = STR("m"), .text = str_of(TEXTS[i])};
        const struct dmn_model *model;
        assert_err(dmn_read(&arena, &source, 1, &model), ERR_SYNTAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(evaluates), cmocka_unit_test(traces),
                                       cmocka_unit_test(refuses)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
