/* How instances begin, undo, and decide that they are through. */
#include "test.h"

#include "engine/open.h"

static enum err set(struct rig *rig, const char *variables)
{
    return rig_step(
        rig, (struct engine_command){.kind = ENGINE_VARIABLES_SET, .variables = str_of(variables)});
}

static size_t living(const struct rig *rig, const char *id)
{
    size_t count = 0;
    for (size_t i = 0; i < rig->instance->element_count; i++)
        count += rig->instance->elements[i].role != ENGINE_LOOP &&
                 str_is(rig->model->nodes[rig->instance->elements[i].node].id, id);
    return count;
}

/* The last is undone first, one at a time, and the throwing event waits for it. */
static void test_undo_in_order(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, "undo");
    assert_ok(rig_start(&rig, NULL));
    assert_ok(rig_complete(&rig, "a", NULL));
    assert_ok(rig_complete(&rig, "b", NULL));
    assert_true(rig_element(&rig, "t") && rig_element(&rig, "ub") && !rig_element(&rig, "ua"));
    assert_ok(rig_complete(&rig, "ub", NULL));
    assert_true(rig_element(&rig, "t") && rig_element(&rig, "ua") && !rig_element(&rig, "after"));
    assert_ok(rig_complete(&rig, "ua", NULL));
    assert_false(rig_element(&rig, "t"));
    assert_ok(rig_complete(&rig, "after", NULL));
    assert_str(rig_trace(&rig), "s a s2 b e2 sub ub ua t after e p");
    rig_close(&rig);
}

/* A subprocess with an event subprocess for it is undone by that, which undoes what it chooses. */
static void test_undo_inside(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, "undo-inside");
    assert_ok(rig_start(&rig, NULL));
    assert_ok(rig_complete(&rig, "b", NULL));
    assert_true(rig_element(&rig, "h") && !rig_element(&rig, "ub"));
    assert_ok(rig_complete(&rig, "h", NULL));
    assert_true(rig_element(&rig, "ub"));
    assert_ok(rig_complete(&rig, "ub", NULL));
    assert_int_equal(rig.instance->state, ENGINE_COMPLETED);
    rig_close(&rig);
}

static void test_adhoc_sequential(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, "adhoc");
    assert_ok(rig_start(&rig, "{\"enough\":false}"));
    assert_true(rig_element(&rig, "a") && !rig_element(&rig, "b"));
    assert_ok(rig_complete(&rig, "a", NULL));
    assert_true(rig_element(&rig, "b") && !rig_element(&rig, "c"));
    assert_ok(rig_complete(&rig, "b", "{\"enough\":true}"));
    assert_int_equal(rig.instance->state, ENGINE_COMPLETED);
    rig_close(&rig);
}

static void test_adhoc_condition(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, "adhoc-parallel");
    assert_ok(rig_start(&rig, "{\"enough\":false,\"which\":[\"a\",\"c\"]}"));
    assert_true(rig_element(&rig, "a") && !rig_element(&rig, "b") && rig_element(&rig, "c"));
    assert_ok(rig_complete(&rig, "a", "{\"enough\":true}"));
    assert_int_equal(rig.instance->state, ENGINE_COMPLETED);
    rig_close(&rig);
    open_rig(&rig, "adhoc-parallel");
    assert_ok(rig_start(&rig, "{\"enough\":false,\"which\":[\"a\"]}"));
    assert_ok(rig_complete(&rig, "a", NULL));
    assert_int_equal(rig.instance->incident_count, 1);
    assert_ok(set(&rig, "{\"enough\":true}"));
    assert_ok(rig_step(&rig, (struct engine_command){.kind = ENGINE_INCIDENT_RESOLVE,
                                                     .key = rig.instance->incidents[0].key}));
    assert_int_equal(rig.instance->state, ENGINE_COMPLETED);
    rig_close(&rig);
}

/* It happens each time the condition comes to hold, not while it goes on holding. */
static void test_condition_turns(void **state)
{
    (void)state;
    static const struct {
        const char *variables;
        size_t tasks;
    } steps[] = {{"{\"n\":1}", 0}, {"{\"n\":4}", 1}, {"{\"n\":5}", 1},
                 {"{\"n\":2}", 1}, {"{\"n\":9}", 2}, {"{\"n\":0}", 2}};
    struct rig rig;
    open_rig(&rig, "condition");
    assert_ok(rig_start(&rig, NULL));
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        assert_ok(set(&rig, steps[i].variables));
        assert_int_equal(living(&rig, "w"), steps[i].tasks);
    }
    rig_close(&rig);
}

static enum err begin_at(struct rig *rig, const char *id)
{
    const struct bpmn_node *node = bpmn_find(rig->model, str_of(id));
    assert_true(bpmn_begins(rig->model, node));
    return rig_step(rig, (struct engine_command){.kind = ENGINE_START, .node = node->index});
}

static void test_gateway_begins(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, "begin-exclusive");
    assert_ok(begin_at(&rig, "m2"));
    assert_true(rig_element(&rig, "b"));
    assert_int_equal(rig.instance->subscription_count, 0);
    assert_ok(rig_complete(&rig, "b", NULL));
    assert_int_equal(rig.instance->state, ENGINE_COMPLETED);
    rig_close(&rig);
    open_rig(&rig, "begin-parallel");
    assert_ok(begin_at(&rig, "m1"));
    assert_true(rig_element(&rig, "a") && !rig_element(&rig, "b"));
    assert_ok(rig_complete(&rig, "a", NULL));
    assert_ok(rig_step(&rig, (struct engine_command){.kind = ENGINE_MESSAGE, .name = STR("two")}));
    assert_ok(rig_complete(&rig, "b", NULL));
    assert_int_equal(rig.instance->state, ENGINE_COMPLETED);
    rig_close(&rig);
}

/* What a loop tells about itself is heard on its border, and does not end it. */
static void test_loop_tells(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, "told");
    assert_ok(rig_start(&rig, NULL));
    assert_ok(rig_complete(&rig, "m", NULL));
    assert_int_equal(living(&rig, "w"), 1);
    assert_int_equal(living(&rig, "m"), 1);
    assert_ok(rig_complete(&rig, "m", NULL));
    assert_int_equal(living(&rig, "w"), 2);
    assert_ok(rig_complete(&rig, "w", NULL));
    assert_ok(rig_complete(&rig, "w", NULL));
    assert_int_equal(rig.instance->state, ENGINE_COMPLETED);
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_undo_in_order),    cmocka_unit_test(test_undo_inside),
        cmocka_unit_test(test_adhoc_sequential), cmocka_unit_test(test_adhoc_condition),
        cmocka_unit_test(test_condition_turns),  cmocka_unit_test(test_gateway_begins),
        cmocka_unit_test(test_loop_tells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
