/* Any bytes as values of every type, given to every built-in function, every operator and a model
 * with each kind of table: evaluation must end within its budget, give the same twice, and give
 * what can be written down. */
#include "dmn/dmn.h"
#include "feel/builtin.h"

enum {
    STEPS = 20000,
    BYTES = 4 << 20,
    VALUES = 4,
    DEPTH_MAX = 3,
    ITEMS_MAX = 5,
    TEXT_MAX = 40,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct bytes {
    const uint8_t *at, *end;
    struct arena *arena;
};

static unsigned take(struct bytes *in)
{
    return in->at < in->end ? *in->at++ : 0;
}

static struct str take_text(struct bytes *in)
{
    size_t len = take(in) % TEXT_MAX, left = (size_t)(in->end - in->at);
    struct str text = {(const char *)in->at, len < left ? len : left};
    in->at += text.len;
    return utf8_check(text) == OK ? text : STR("€镇洋");
}

static const struct str NUMBERS[] = {
    STR("0"),        STR("-1"),  STR("1.10"),   STR("0.5"),
    STR("-2.5"),     STR("34"),  STR("1e6144"), STR("9999999999999999999999999999999999"),
    STR("-1e-6143"), STR("3.7"), STR("100"),    STR("2"),
};
static const struct str MOMENTS[] = {
    STR("2024-02-29"),
    STR("999999999-12-31"),
    STR("-999999999-01-01"),
    STR("2026-11-23"),
    STR("23:59:59.999999999"),
    STR("08:00:00+14:00"),
    STR("12:00:00@Asia/Shanghai"),
    STR("2024-02-29T24:00:00"),
    STR("1999-12-31T23:59:59Z"),
    STR("2026-03-29T02:30:00@Europe/Paris"),
    STR("-999999999-01-01T00:00:00-14:00"),
    STR("P1DT2H3M4.5S"),
    STR("-PT0.000000001S"),
    STR("P2147483647D"),
    STR("P1Y2M"),
    STR("-P999999999Y"),
};

static struct feel_value take_value(struct bytes *in, int depth);

static struct feel_value take_list(struct bytes *in, int depth)
{
    size_t count = take(in) % ITEMS_MAX;
    struct feel_value *items = ARENA_ARRAY(in->arena, count, struct feel_value);
    for (size_t i = 0; i < count; i++)
        items[i] = take_value(in, depth + 1);
    return feel_list(items, count);
}

static struct feel_value take_context(struct bytes *in, int depth)
{
    static const struct str NAMES[] = {STR("key"), STR("value"), STR("a b"), STR("start"), STR("")};
    size_t count = take(in) % COUNT_OF(NAMES);
    struct feel_entry *entries = ARENA_ARRAY(in->arena, count, struct feel_entry);
    for (size_t i = 0; i < count; i++)
        entries[i] = (struct feel_entry){NAMES[i], take_value(in, depth + 1)};
    return feel_context(entries, count);
}

static struct feel_value take_range(struct bytes *in, int depth)
{
    struct feel_range *range = ARENA_NEW(in->arena, struct feel_range);
    range->low_bound = take(in) % 2 ? FEEL_OPEN : FEEL_CLOSED;
    range->high_bound = take(in) % 2 ? FEEL_OPEN : FEEL_CLOSED;
    range->low = take_value(in, depth + 1);
    range->high = take_value(in, depth + 1);
    return (struct feel_value){.type = FEEL_RANGE, .range = range};
}

static struct feel_value take_value(struct bytes *in, int depth)
{
    struct feel_value value = feel_null();
    enum err r = OK;
    switch (take(in) % (depth < DEPTH_MAX ? 9 : 6)) {
    case 0:
        return feel_null();
    case 1:
        return feel_boolean(take(in) % 2);
    case 2:
        r = feel_number_parse(NUMBERS[take(in) % COUNT_OF(NUMBERS)], &value);
        break;
    case 3:
        return feel_int((int8_t)take(in));
    case 4:
        return feel_string(take_text(in));
    case 5:
        r = feel_temporal_parse(in->arena, MOMENTS[take(in) % COUNT_OF(MOMENTS)], &value);
        break;
    case 6:
        return take_list(in, depth);
    case 7:
        return take_context(in, depth);
    default:
        return take_range(in, depth);
    }
    return r == OK ? value : feel_null();
}

static const struct str OPERATIONS[] = {
    STR("v0 + v1"),
    STR("v0 - v1"),
    STR("v0 * v1"),
    STR("v0 / v1"),
    STR("v0 ** v1"),
    STR("-v0"),
    STR("v0 < v1"),
    STR("v0 = v1"),
    STR("v0 != v1"),
    STR("v0 >= v1"),
    STR("v0 and v1 or v2"),
    STR("v0 between v1 and v2"),
    STR("v0 in v1"),
    STR("v0 in (v1, v2)"),
    STR("v0 in (< v1)"),
    STR("v0[v1]"),
    STR("v0[item > v1]"),
    STR("v0.key"),
    STR("v0.a b"),
    STR("v0.start"),
    STR("v0.year + v0.month"),
    STR("v0.time offset"),
    STR("v0.days"),
    STR("v0.value.key"),
    STR("for x in v0, y in v1 return x + y"),
    STR("for x in v0..v1 return x"),
    STR("for x in v0 return count(partial) + 1"),
    STR("some x in v0 satisfies x = v1"),
    STR("every x in v0, y in v2 satisfies x < y"),
    STR("if v0 then v1 else v2"),
    STR("{a: v0, b: a + v1, c: function(x) x + b}.c(v2)"),
    STR("v0 instance of list<number>"),
    STR("v0 instance of range<date>"),
    STR("sort(v0, function(x, y) x < y)"),
    STR("[v0..v1)"),
    STR("v2 in [v0..v1]"),
    STR("string(v0) + string(v1)"),
    STR("number(string(v0), v1, v2)"),
    STR("v0(v1)"),
    STR("[v0, v1, v2, v3][key = v1]"),
    STR("list replace(v0, function(i, n) i = v1, v2)"),
};

static const char MODEL[] =
    "<definitions xmlns='https://www.omg.org/spec/DMN/20230324/MODEL/' name='m' namespace='urn:m'>"
    "<itemDefinition name='day'><typeRef>date</typeRef></itemDefinition>"
    "<itemDefinition name='word'><typeRef>string</typeRef><allowedValues><text>\"a\",\"b\"</text>"
    "</allowedValues></itemDefinition><itemDefinition name='row'><itemComponent name='key'>"
    "<typeRef>number</typeRef></itemComponent><itemComponent name='value'><typeRef>day</typeRef>"
    "</itemComponent></itemDefinition><itemDefinition name='rows' isCollection='true'>"
    "<typeRef>row</typeRef></itemDefinition>"
#define INPUT(name, type)                                                                          \
    "<inputData id='" name "' name='" name "'><variable name='" name "'" type "/></inputData>"
#define NEEDS                                                                                      \
    "<informationRequirement><requiredInput href='#v0'/></informationRequirement>"                 \
    "<informationRequirement><requiredInput href='#v1'/></informationRequirement>"                 \
    "<informationRequirement><requiredInput href='#v2'/></informationRequirement>"                 \
    "<informationRequirement><requiredInput href='#v3'/></informationRequirement>"
#define RULE(a, b, out)                                                                            \
    "<rule><inputEntry><text>" a "</text></inputEntry><inputEntry><text>" b "</text></inputEntry>" \
    "<outputEntry><text>" out "</text></outputEntry></rule>"
#define TABLE(name, policy)                                                                        \
    "<decision id='" name "' name='" name "'><variable name='" name "'/>" NEEDS                    \
    "<decisionTable " policy "><input><inputExpression><text>v0</text></inputExpression></input>"  \
    "<input><inputExpression><text>v1</text></inputExpression></input><output><outputValues>"      \
    "<text>3, 2, 1, v2</text></outputValues></output>" RULE("-", "\"a\"", "1")                     \
        RULE("[1..5]", "-", "2") RULE("not(2, \"b\")", "&lt; 3", "3")                              \
            RULE("date(\"2024-02-29\")", "contains(?, \"b\")", "v2")                               \
                RULE("v3", "-", "v2 + 1") "</decisionTable></decision>"
    INPUT("v0", "") INPUT("v1", " typeRef='word'") INPUT("v2", " typeRef='rows'")
        INPUT("v3", " typeRef='day'") TABLE("unique", "") TABLE("first", "hitPolicy='FIRST'")
            TABLE("any", "hitPolicy='ANY'") TABLE("priority", "hitPolicy='PRIORITY'")
                TABLE("order", "hitPolicy='OUTPUT ORDER'") TABLE(
                    "sum", "hitPolicy='COLLECT' aggregation='SUM'")
                    TABLE("most", "hitPolicy='COLLECT' aggregation='MAX'") TABLE(
                        "all",
                        "hitPolicy='COLLECT'") "<decision id='loop' name='loop'><variable "
                                               "name='loop'/>" NEEDS
                                               "<for iteratorVariable='x'><in>"
                                               "<literalExpression><text>v0</text></"
                                               "literalExpression></in><return><literalExpression>"
                                               "<text>x.key + "
                                               "v2[1].key</text></literalExpression></return></"
                                               "for></decision>"
                                               "<decision id='part' name='part'><variable "
                                               "name='part' typeRef='rows'/>" NEEDS "<filter><in>"
                                               "<literalExpression><text>v2</text></"
                                               "literalExpression></in><match><literalExpression>"
                                               "<text>value &gt; "
                                               "v3</text></literalExpression></match></filter></"
                                               "decision></definitions>";

/* Read once: what stays the same for every input. */
static struct {
    struct arena arena;
    const struct feel_expr *operations[COUNT_OF(OPERATIONS)];
    const struct dmn_model *model;
    const struct str *decisions;
    size_t decision_count, row_count;
} fixed;

static const struct str NAMES[VALUES] = {STR("v0"), STR("v1"), STR("v2"), STR("v3")};

static void set_up(void)
{
    arena_init(&fixed.arena);
    struct feel_entry entries[VALUES] = {{NAMES[0], feel_null()},
                                         {NAMES[1], feel_null()},
                                         {NAMES[2], feel_null()},
                                         {NAMES[3], feel_null()}};
    struct feel_scope scope = {.entries = entries, .count = VALUES};
    static struct feel_names names;
    static const struct str MEMBERS[] = {STR("key"), STR("value"), STR("a b"), STR("time offset")};
    names = feel_names_of(&fixed.arena, &scope);
    names.members = MEMBERS;
    names.member_count = COUNT_OF(MEMBERS);
    for (size_t i = 0; i < COUNT_OF(OPERATIONS); i++)
        assert(feel_parse(&fixed.arena, OPERATIONS[i], &names, &fixed.operations[i]) == OK);
    struct dmn_source source = {.name = STR("model"), .text = str_of(MODEL)};
    assert(dmn_read(&fixed.arena, &source, 1, &fixed.model) == OK);
    fixed.decision_count = dmn_decisions(fixed.model, &fixed.arena, &fixed.decisions);
    for (size_t t = 0; BUILTIN_TABLES[t]; t++)
        for (const struct builtin *row = BUILTIN_TABLES[t]; row->name; row++)
            fixed.row_count++;
}

static enum err evaluate(unsigned which, const struct feel_entry *entries, struct feel_run *run,
                         struct feel_value *out)
{
    struct feel_scope scope = {.entries = entries, .count = VALUES};
    size_t kinds = COUNT_OF(OPERATIONS) + fixed.decision_count + fixed.row_count;
    size_t at = which % kinds;
    if (at < COUNT_OF(OPERATIONS))
        return feel_eval(fixed.operations[at], &scope, run, out);
    at -= COUNT_OF(OPERATIONS);
    if (at < fixed.decision_count) {
        struct feel_value input = feel_context(entries, VALUES);
        return dmn_eval(fixed.model, fixed.decisions[at], &input, run, NULL, out);
    }
    struct feel_value args[VALUES];
    for (size_t i = 0; i < VALUES; i++)
        args[i] = entries[i].value;
    size_t count = which / kinds % (VALUES + 1);
    /* Built-ins answer within an evaluation, which is what sets up the run. */
    run->expr = fixed.operations[0];
    return builtin_call(run, (int)(at - fixed.decision_count), args, NULL, count, out);
}

static struct str answer(struct arena *arena, unsigned which, const struct feel_entry *entries)
{
    struct feel_run run;
    struct feel_value value;
    feel_run_init(&run, arena, INT64_C(1795413600000000));
    run.steps = STEPS;
    run.bytes_end = arena->used + BYTES;
    enum err r = evaluate(which, entries, &run, &value);
    assert(r == OK || r == ERR_LIMIT);
    if (r != OK)
        return STR("limit");
    struct str text = feel_text(arena, &value);
    assert(utf8_check(text) == OK);
    CLEANUP(buf_release) struct buf json;
    buf_init(&json, 8 << 20);
    struct json_writer w = json_writer(&json);
    feel_to_json(&w, &value);
    feel_reasons_to_json(&w, &run);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!fixed.model)
        set_up();
    CLEANUP(arena_release) struct arena arena = {0};
    struct bytes in = {data, data + size, &arena};
    unsigned which = take(&in) | take(&in) << 8;
    struct feel_entry entries[VALUES];
    for (size_t i = 0; i < VALUES; i++)
        entries[i] = (struct feel_entry){NAMES[i], take_value(&in, 0)};
    struct str once = answer(&arena, which, entries), again = answer(&arena, which, entries);
    assert(str_equal(once, again));
    return 0;
}
