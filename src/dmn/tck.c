#include "dmn/tck.h"

#include "feel/eval.h"
#include "feel/number.h"
#include "xml/xml.h"

static const char TCK[] = "http://www.omg.org/spec/DMN/20160719/testcase";
static const char XSI[] = "http://www.w3.org/2001/XMLSchema-instance";

static bool is_nil(const struct xml_node *node)
{
    return str_is(xml_get_ns(node, XSI, "nil"), "true");
}

static struct feel_value scalar(struct arena *arena, const struct xml_node *node)
{
    struct str type = xml_get_ns(node, XSI, "type"), text = xml_text_raw(arena, node);
    size_t colon = str_find(type, STR(":"), 0);
    if (colon < type.len)
        type = str_sub(type, colon + 1, SIZE_MAX);
    struct feel_value value = feel_string(text.ptr ? text : STR(""));
    static const char *const NUMBERS[] = {"decimal", "double", "float", "integer", "int", "long"};
    static const char *const TIMES[] = {
        "date", "time", "dateTime", "duration", "dayTimeDuration", "yearMonthDuration"};
    if (is_nil(node))
        return feel_null();
    if (str_is(type, "boolean"))
        return feel_boolean(str_is(str_trim(text), "true"));
    bool read = true;
    for (size_t i = 0; i < COUNT_OF(NUMBERS); i++)
        if (str_is(type, NUMBERS[i]))
            read = feel_number_parse(str_trim(text), &value) == OK;
    for (size_t i = 0; i < COUNT_OF(TIMES); i++)
        if (str_is(type, TIMES[i]))
            read = feel_temporal_parse(arena, str_trim(text), &value) == OK;
    return read ? value : feel_string(text);
}

enum { VALUE_DEPTH_MAX = 60 };

/* An element of the schema's valueType: a value, a list or components. */
static struct feel_value read_value(struct arena *arena, const struct xml_node *node, int depth)
{
    const struct xml_node *value = xml_child(node, TCK, "value");
    const struct xml_node *list = xml_child(node, TCK, "list");
    size_t count = 0, capacity = 0;
    if (depth == VALUE_DEPTH_MAX || is_nil(node) || is_nil(list ? list : node))
        return feel_null();
    if (value)
        return scalar(arena, value);
    if (list) {
        struct feel_value *items = NULL;
        XML_EACH(item, list)
        if (xml_is(item, TCK, "item"))
            *ARENA_PUSH(arena, items, count, capacity) = read_value(arena, item, depth + 1);
        return feel_list(items, count);
    }
    struct feel_entry *entries = NULL;
    XML_EACH(component, node)
    if (xml_is(component, TCK, "component"))
        *ARENA_PUSH(arena, entries, count, capacity) = (struct feel_entry){
            xml_get(component, "name"), read_value(arena, component, depth + 1)};
    return count ? feel_context(entries, count) : feel_null();
}

/* Expected numbers are written with fewer digits than found ones have. */
static bool near(struct feel_number a, struct feel_number b)
{
    struct feel_number off, bound;
    return number_subtract(a, b, &off) && number_read(STR("0.00000001"), &bound) &&
           number_compare(number_abs(off), bound) <= 0;
}

static bool agree(const struct feel_value *expected, const struct feel_value *found)
{
    if (expected->type != found->type)
        return false;
    if (expected->type == FEEL_NUMBER)
        return near(expected->number, found->number);
    if (expected->type == FEEL_LIST) {
        if (expected->list.count != found->list.count)
            return false;
        for (size_t i = 0; i < expected->list.count; i++)
            if (!agree(&expected->list.items[i], &found->list.items[i]))
                return false;
        return true;
    }
    if (expected->type == FEEL_CONTEXT) {
        if (expected->context.count != found->context.count)
            return false;
        for (size_t i = 0; i < expected->context.count; i++) {
            const struct feel_value *member = feel_get(found, expected->context.entries[i].name);
            if (!member || !agree(&expected->context.entries[i].value, member))
                return false;
        }
        return true;
    }
    return value_equal(expected, found) == TRI_TRUE;
}

static struct feel_value inputs_of(struct arena *arena, const struct xml_node *node)
{
    struct feel_entry *entries = NULL;
    size_t count = 0, capacity = 0;
    XML_EACH(child, node)
    if (xml_is(child, TCK, "inputNode"))
        *ARENA_PUSH(arena, entries, count, capacity) =
            (struct feel_entry){xml_get(child, "name"), read_value(arena, child, 0)};
    return feel_context(entries, count);
}

struct outcome {
    bool passed, valued, strict;
};

static void report_failure(struct buf *report, struct str file, const struct xml_node *node,
                           const struct xml_node *result, struct feel_run *run,
                           const struct feel_value *expected, const struct feel_value *found)
{
    buf_format(report, "%.*s %.*s %.*s: expected ", STR_ARG(file), STR_ARG(xml_get(node, "id")),
               STR_ARG(xml_get(result, "name")));
    value_write(report, expected, true);
    buf_add_c(report, ", found ");
    value_write(report, found, true);
    for (size_t i = 0; i < run->reason_count && i < 2; i++)
        buf_format(report, " (%.*s)", STR_ARG(run->reasons[i].detail));
    buf_add_char(report, '\n');
}

static struct outcome run_result(struct arena *arena, const struct dmn_model *model,
                                 struct str file, const struct xml_node *node,
                                 const struct xml_node *result, int64_t now_us, struct buf *report)
{
    struct feel_value input = inputs_of(arena, node), found = feel_null();
    const struct xml_node *child = xml_child(result, TCK, "expected");
    struct feel_value expected = child ? read_value(arena, child, 0) : feel_null();
    struct str service = xml_get(node, "invocableName");
    bool of_service = str_is(xml_get(node, "type"), "decisionService") && service.len > 0;
    struct feel_run run;
    feel_run_init(&run, arena, now_us);
    run.zone = NULL;
    enum err r = of_service ? dmn_eval_service(model, service, &input, &run, &found)
                            : dmn_eval(model, xml_get(result, "name"), &input, &run, NULL, &found);
    if (r == OK && of_service && found.type == FEEL_CONTEXT) {
        const struct feel_value *member = feel_get(&found, xml_get(result, "name"));
        found = member && !agree(&expected, &found) ? *member : found;
    }
    if (r != OK) {
        found = feel_fail(&run, "error", "%s", err_last()->detail);
    }
    bool passed = agree(&expected, &found);
    bool wants_error = str_is(xml_get(result, "errorResult"), "true");
    if (!passed || (wants_error && run.reason_total == 0))
        report_failure(report, file, node, result, &run, &expected, &found);
    return (struct outcome){.passed = passed,
                            .valued = expected.type != FEEL_NULL,
                            .strict = passed && (!wants_error || run.reason_total > 0)};
}

static void run_case(const struct dmn_model *model, struct str file, const struct xml_node *node,
                     int64_t now_us, struct buf *report, struct dmn_tck_score *score)
{
    struct outcome all = {.passed = true, .strict = true};
    XML_EACH(result, node)
    {
        if (!xml_is(result, TCK, "resultNode"))
            continue;
        CLEANUP(arena_release) struct arena arena;
        arena_init(&arena);
        struct outcome one = run_result(&arena, model, file, node, result, now_us, report);
        all.passed = all.passed && one.passed;
        all.strict = all.strict && one.strict;
        all.valued = all.valued || one.valued;
    }
    *(all.passed ? &score->passed : &score->failed) += 1;
    *(all.strict ? &score->strict_passed : &score->strict_failed) += 1;
    if (all.valued)
        *(all.passed ? &score->valued_passed : &score->valued_failed) += 1;
}

static enum err read_test(struct arena *arena, struct str text, const struct xml_node **out)
{
    enum err r = xml_parse(arena, text, out);
    if (r == OK && !xml_is(*out, TCK, "testCases"))
        r = err_set(ERR_SYNTAX, "no test file");
    return r;
}

enum err dmn_tck_model(struct arena *arena, struct str test, struct str *out)
{
    const struct xml_node *root;
    enum err r = read_test(arena, test, &root);
    if (r == OK)
        *out = xml_text(arena, xml_child(root, TCK, "modelName"));
    return r;
}

enum err dmn_tck_run(struct arena *arena, const struct dmn_source *test,
                     const struct dmn_source *models, size_t count, int64_t now_us,
                     struct buf *report, struct dmn_tck_score *score)
{
    const struct xml_node *root;
    const struct dmn_model *model;
    enum err r = read_test(arena, test->text, &root);
    if (r == OK)
        r = dmn_read(arena, models, count, &model);
    if (r != OK)
        return r;
    XML_EACH(node, root)
    if (xml_is(node, TCK, "testCase"))
        run_case(model, test->name, node, now_us, report, score);
    return OK;
}
