#include "test.h"

#include "dmn/dmn.h"

#include <stdio.h>
#include <stdlib.h>

/* Random tables over two small numbers, against every place of a grid that is finer than any end
 * point: whole and half numbers. */
enum { TABLES = 300, RULES = 4, INPUTS = 2, TOP = 6, PLACES = 4 * TOP + 5 };

struct interval {
    int low, high;
    bool low_closed, high_closed;
    bool any;
};

struct random_table {
    struct interval cells[RULES][INPUTS];
    int outputs[RULES];
    const char *policy;
};

static unsigned seed = 20261123;

static int roll(int below)
{
    seed = seed * 1103515245u + 12345u;
    return (int)(seed >> 16 & 0x7FFF) % below;
}

static void make_table(struct random_table *table, struct buf *xml)
{
    static const char *const POLICIES[] = {"UNIQUE", "ANY", "FIRST"};
    table->policy = POLICIES[roll(3)];
    buf_add_c(xml, "<definitions xmlns='https://www.omg.org/spec/DMN/20230324/MODEL/' name='m' "
                   "namespace='urn:m'><decision id='d' name='d'><variable name='d'/>"
                   "<decisionTable hitPolicy='");
    buf_add_c(xml, table->policy);
    buf_add_c(xml, "'><input><inputExpression typeRef='number'><text>a</text></inputExpression>"
                   "</input><input><inputExpression typeRef='number'><text>b</text>"
                   "</inputExpression></input><output name='o'/>");
    for (int r = 0; r < RULES; r++) {
        buf_add_c(xml, "<rule>");
        for (int i = 0; i < INPUTS; i++) {
            struct interval *cell = &table->cells[r][i];
            *cell = (struct interval){.low = roll(TOP), .any = roll(4) == 0};
            cell->high = cell->low + roll(TOP);
            cell->low_closed = roll(2);
            cell->high_closed = roll(2);
            if (cell->any)
                buf_add_c(xml, "<inputEntry><text>-</text></inputEntry>");
            else
                buf_format(xml, "<inputEntry><text>%c%d..%d%c</text></inputEntry>",
                           cell->low_closed ? '[' : '(', cell->low, cell->high,
                           cell->high_closed ? ']' : ')');
        }
        table->outputs[r] = roll(2);
        buf_format(xml, "<outputEntry><text>%d</text></outputEntry></rule>", table->outputs[r]);
    }
    buf_add_c(xml, "</decisionTable></decision></definitions>");
}

static bool holds(const struct interval *cell, double x)
{
    return cell->any || ((x > cell->low || (cell->low_closed && x == cell->low)) &&
                         (x < cell->high || (cell->high_closed && x == cell->high)));
}

static bool fires(const struct random_table *table, int rule, double a, double b)
{
    return holds(&table->cells[rule][0], a) && holds(&table->cells[rule][1], b);
}

struct truth {
    bool gap;
    bool overlap[RULES][RULES];
    bool never[RULES];
};

static void find_truth(const struct random_table *table, struct truth *truth)
{
    *truth = (struct truth){0};
    for (int r = 0; r < RULES; r++)
        truth->never[r] = true;
    for (int x = 0; x < PLACES; x++)
        for (int y = 0; y < PLACES; y++) {
            double a = -1 + x * 0.5, b = -1 + y * 0.5;
            int first = -1;
            for (int r = 0; r < RULES; r++) {
                if (!fires(table, r, a, b))
                    continue;
                if (first < 0 || strcmp(table->policy, "FIRST") != 0)
                    truth->never[r] = false;
                for (int q = 0; q < r; q++)
                    truth->overlap[q][r] = truth->overlap[q][r] || fires(table, q, a, b);
                first = first < 0 ? r : first;
            }
            truth->gap = truth->gap || first < 0;
        }
}

static double number_in(const struct feel_value *context, const char *name, bool *given)
{
    const struct feel_value *value = feel_get(context, str_of(name));
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena);
    *given = value != NULL;
    return value ? strtod(str_c(&arena, feel_text(&arena, value)), NULL) : 0;
}

/* The example must be a place that no rule, or both rules, take; a missing number is any. */
static void check_example(const struct random_table *table, const struct dmn_finding *finding)
{
    bool has_a, has_b;
    double a = number_in(&finding->example, "a", &has_a);
    double b = number_in(&finding->example, "b", &has_b);
    for (int x = 0; x < PLACES; x++)
        for (int y = 0; y < PLACES; y++)
            for (int r = 0; r < RULES; r++) {
                double at_a = has_a ? a : -1 + x * 0.5, at_b = has_b ? b : -1 + y * 0.5;
                bool concerned = finding->rule_count == 2 && ((size_t)r + 1 == finding->rules[0] ||
                                                              (size_t)r + 1 == finding->rules[1]);
                if (finding->rule_count == 0)
                    assert_false(fires(table, r, at_a, at_b));
                else if (concerned)
                    assert_true(fires(table, r, at_a, at_b));
            }
}

static void check_table(const struct random_table *table, const struct dmn_findings *findings)
{
    struct truth truth, found = {0};
    find_truth(table, &truth);
    for (size_t i = 0; i < findings->count; i++) {
        const struct dmn_finding *finding = &findings->items[i];
        if (strcmp(finding->what, "gap") == 0) {
            found.gap = true;
            check_example(table, finding);
        } else if (strcmp(finding->what, "overlap") == 0) {
            found.overlap[finding->rules[0] - 1][finding->rules[1] - 1] = true;
            check_example(table, finding);
        } else if (strcmp(finding->what, "never") == 0) {
            found.never[finding->rules[0] - 1] = true;
        }
    }
    assert_int_equal(found.gap, truth.gap);
    for (int b = 0; b < RULES; b++) {
        assert_int_equal(found.never[b], truth.never[b]);
        for (int a = 0; a < b; a++) {
            bool matters =
                strcmp(table->policy, "UNIQUE") == 0 ||
                (strcmp(table->policy, "ANY") == 0 && table->outputs[a] != table->outputs[b]);
            assert_int_equal(found.overlap[a][b], matters && truth.overlap[a][b]);
        }
    }
}

static void agrees_with_brute_force(void **state)
{
    (void)state;
    for (int i = 0; i < TABLES; i++) {
        CLEANUP(arena_release) struct arena arena;
        CLEANUP(buf_release) struct buf xml;
        arena_init(&arena);
        buf_init(&xml, 65536);
        struct random_table table;
        make_table(&table, &xml);
        struct dmn_source source = {.name = STR("m"), .text = buf_str(&xml)};
        const struct dmn_model *model;
        struct dmn_findings findings;
        assert_ok(dmn_read(&arena, &source, 1, &model));
        assert_ok(dmn_check(&arena, model, &findings));
        check_table(&table, &findings);
    }
}

/* One table of every complaint. */
static void says_what_is_wrong(void **state)
{
    (void)state;
    static const char XML[] =
        "<definitions xmlns='https://www.omg.org/spec/DMN/20230324/MODEL/' name='m' "
        "namespace='urn:m'><decision id='d' name='d'><variable name='d'/>"
        "<decisionTable><input><inputExpression typeRef='string'><text>kind</text>"
        "</inputExpression><inputValues><text>\"a\", \"b\", \"c\"</text></inputValues></input>"
        "<output name='o'/>"
        "<rule><inputEntry><text>\"a\"</text></inputEntry>"
        "<outputEntry><text>1</text></outputEntry></rule>"
        "<rule><inputEntry><text>\"a\", \"b\"</text></inputEntry>"
        "<outputEntry><text>1</text></outputEntry></rule>"
        "<rule><inputEntry><text>\"x\"</text></inputEntry>"
        "<outputEntry><text>nobody</text></outputEntry></rule>"
        "</decisionTable></decision></definitions>";
    static const char *const EXPECTED[] = {"open-name", "open-name", "gap",
                                           "overlap",   "never",     "subsumed"};
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena);
    struct dmn_source source = {.name = STR("m"), .text = str_of(XML)};
    const struct dmn_model *model;
    struct dmn_findings findings;
    assert_ok(dmn_read(&arena, &source, 1, &model));
    assert_ok(dmn_check(&arena, model, &findings));
    assert_int_equal(findings.count, COUNT_OF(EXPECTED));
    for (size_t i = 0; i < findings.count; i++)
        assert_string_equal(findings.items[i].what, EXPECTED[i]);
    assert_str(findings.items[2].detail, "no rule covers kind = \"c\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(agrees_with_brute_force),
                                       cmocka_unit_test(says_what_is_wrong)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
