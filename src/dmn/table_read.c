#include "dmn/model.h"
#include "feel/scan.h"

static const struct {
    const char *name, *aggregation;
    enum hit_policy policy;
} POLICIES[] = {
    {"UNIQUE", "", HIT_UNIQUE},         {"ANY", "", HIT_ANY},
    {"PRIORITY", "", HIT_PRIORITY},     {"FIRST", "", HIT_FIRST},
    {"RULE ORDER", "", HIT_RULE_ORDER}, {"OUTPUT ORDER", "", HIT_OUTPUT_ORDER},
    {"COLLECT", "", HIT_COLLECT},       {"COLLECT", "SUM", HIT_SUM},
    {"COLLECT", "COUNT", HIT_COUNT},    {"COLLECT", "MIN", HIT_MIN},
    {"COLLECT", "MAX", HIT_MAX},
};

static enum hit_policy policy_of(struct box_reader *r, const struct xml_node *node)
{
    struct str name = xml_get(node, "hitPolicy"), aggregation = xml_get(node, "aggregation");
    if (name.len == 0)
        return HIT_UNIQUE;
    if (!str_is(name, "COLLECT"))
        aggregation = STR("");
    for (size_t i = 0; i < COUNT_OF(POLICIES); i++)
        if (str_is(name, POLICIES[i].name) && str_is(aggregation, POLICIES[i].aggregation))
            return POLICIES[i].policy;
    model_finding(r->model, DMN_ERROR, "hit-policy", node->line, r->place,
                  str_format(r->model->arena, "no hit policy \"%.*s\" \"%.*s\"", STR_ARG(name),
                             STR_ARG(aggregation)));
    return HIT_UNIQUE;
}

static const struct feel_expr *child_expr(struct box_reader *r, const struct xml_node *node,
                                          const struct feel_names *known, bool tests)
{
    struct str text = dmn_child_text(r->model->arena, node, "text");
    return text.len > 0 ? box_expr(r, node, text, known, tests) : NULL;
}

/* A test that no value passes, for a cell that cannot be read: its rule never fires. */
static const struct feel_expr *never(struct box_reader *r)
{
    const struct feel_expr *expr = NULL;
    if (feel_parse_unary_tests(r->model->arena, STR("not(? = ? or ? = null or true)"), NULL,
                               &expr) != OK)
        return NULL;
    return expr;
}

struct reading {
    struct table_input *inputs;
    struct table_output *outputs;
    const struct feel_expr **tests, **results;
    struct str *rule_ids;
    size_t rules_size, inputs_size, outputs_size, test_count, tests_size, result_count,
        results_size;
};

static void read_input(struct box_reader *r, const struct xml_node *node,
                       const struct feel_names *known, struct table *table, struct reading *reading)
{
    const struct xml_node *expression = dmn_child(node, "inputExpression");
    struct str text = dmn_child_text(r->model->arena, expression, "text");
    struct table_input input = {
        .label = text, .id = xml_get(node, "id"), .name = xml_get(node, "label")};
    if (expression && text.len > 0)
        input.expr = box_expr(r, expression, text, known, false);
    if (expression)
        input.type = model_type(r->model, r->home, xml_get(expression, "typeRef"));
    const struct xml_node *values = dmn_child(node, "inputValues");
    if (values)
        input.values = child_expr(r, values, known, true);
    *ARENA_PUSH(r->model->arena, reading->inputs, table->input_count, reading->inputs_size) = input;
}

static void read_output(struct box_reader *r, const struct xml_node *node,
                        const struct feel_names *known, struct table *table,
                        struct reading *reading)
{
    struct table_output output = {.name = scan_name(r->model->arena, xml_get(node, "name"))};
    output.id = xml_get(node, "id");
    output.type = model_type(r->model, r->home, xml_get(node, "typeRef"));
    const struct xml_node *values = dmn_child(node, "outputValues");
    const struct xml_node *otherwise = dmn_child(node, "defaultOutputEntry");
    if (values)
        output.values = child_expr(r, values, known, true);
    if (otherwise)
        output.otherwise = child_expr(r, otherwise, known, false);
    *ARENA_PUSH(r->model->arena, r->model->members, r->model->member_count,
                r->model->member_capacity) = output.name;
    *ARENA_PUSH(r->model->arena, reading->outputs, table->output_count, reading->outputs_size) =
        output;
}

static void read_rule(struct box_reader *r, const struct xml_node *node,
                      const struct feel_names *known, struct table *table, struct reading *reading)
{
    struct arena *arena = r->model->arena;
    struct str outer = r->place;
    size_t tests = 0, results = 0;
    *ARENA_PUSH(arena, reading->rule_ids, table->rule_count, reading->rules_size) =
        xml_get(node, "id");
    r->place = str_format(arena, "%.*s, rule %zu", STR_ARG(outer), table->rule_count);
    XML_EACH(entry, node)
    {
        if (dmn_is(entry, "inputEntry") && tests < table->input_count) {
            size_t before = r->model->finding_count;
            const struct feel_expr *test = child_expr(r, entry, known, true);
            bool bad = !test && r->model->finding_count > before;
            *ARENA_PUSH(arena, reading->tests, reading->test_count, reading->tests_size) =
                bad ? never(r) : test;
            tests++;
        } else if (dmn_is(entry, "outputEntry") && results < table->output_count) {
            *ARENA_PUSH(arena, reading->results, reading->result_count, reading->results_size) =
                child_expr(r, entry, known, false);
            results++;
        }
    }
    for (; tests < table->input_count; tests++)
        *ARENA_PUSH(arena, reading->tests, reading->test_count, reading->tests_size) = NULL;
    for (; results < table->output_count; results++)
        *ARENA_PUSH(arena, reading->results, reading->result_count, reading->results_size) = NULL;
    r->place = outer;
}

/* Cells stand in rows for rules as columns too; a crosstab is written with rules all the same. */
const struct table *table_read(struct box_reader *r, const struct xml_node *node,
                               const struct feel_names *known)
{
    static const struct str ASKED = STR_INIT("?");
    struct table *table = ARENA_NEW(r->model->arena, struct table);
    struct reading reading = {0};
    struct feel_names *inner = ARENA_NEW(r->model->arena, struct feel_names);
    *inner = (struct feel_names){.up = known, .variables = &ASKED, .variable_count = 1};
    *table = (struct table){.name = r->place, .line = node->line, .policy = policy_of(r, node)};
    XML_EACH(child, node)
    {
        if (dmn_is(child, "input"))
            read_input(r, child, known, table, &reading);
        else if (dmn_is(child, "output"))
            read_output(r, child, inner, table, &reading);
        else if (dmn_is(child, "rule"))
            read_rule(r, child, inner, table, &reading);
    }
    table->inputs = reading.inputs;
    table->outputs = reading.outputs;
    table->tests = reading.tests;
    table->results = reading.results;
    table->rule_ids = reading.rule_ids;
    if (table_index_make(r->model, table) != OK)
        table->index = NULL;
    return table;
}
