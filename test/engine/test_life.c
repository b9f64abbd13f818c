/* What happens to instances while they run: calls to other definitions, suspension, modification.
 */
#include "test.h"

#include "engine/open.h"

static const struct engine_event *event_of(const struct rig *rig, enum engine_event_kind kind)
{
    for (size_t i = 0; i < rig->last.event_count; i++)
        if (rig->last.events[i].kind == kind)
            return &rig->last.events[i];
    return NULL;
}

/* ---- Calls ---- */

static void start_call(struct rig *rig)
{
    open_rig(rig, "call-outside");
    rig->run.calls = true;
    assert_ok(rig_start(rig, "{\"x\":4}"));
}

static void test_call_completes(void **state)
{
    (void)state;
    struct rig rig;
    start_call(&rig);
    const struct engine_event *call = event_of(&rig, ENGINE_CALL_CREATED);
    assert_str(call->name, "other");
    assert_str(call->text, "v3");
    assert_int_equal(call->number, BPMN_VERSION_TAG);
    assert_str(call->value, "{\"in\":5}");
    assert_ok(rig_step(&rig, (struct engine_command){.kind = ENGINE_CALL_COMPLETE,
                                                     .key = rig_element(&rig, "c"),
                                                     .variables = STR("{\"out\":7,\"z\":1}")}));
    assert_int_equal(rig.instance->state, ENGINE_COMPLETED);
    bool set = false;
    for (size_t i = 0; i < rig.last.event_count; i++)
        if (rig.last.events[i].kind == ENGINE_VARIABLE_SET && str_is(rig.last.events[i].name, "y"))
            set = str_is(rig.last.events[i].value, "70");
    assert_true(set);
    rig_close(&rig);
}

static void test_call_error_and_escalation(void **state)
{
    (void)state;
    struct rig rig;
    start_call(&rig);
    int64_t key = rig_element(&rig, "c");
    assert_true(engine_catches(rig.model, rig.instance, key, BPMN_ON_ERROR, STR("E1")));
    assert_false(engine_catches(rig.model, rig.instance, key, BPMN_ON_ERROR, STR("E2")));
    assert_ok(rig_step(&rig, (struct engine_command){
                                 .kind = ENGINE_CALL_ESCALATION, .key = key, .code = STR("S1")}));
    assert_true(rig_element(&rig, "noted") && rig_element(&rig, "c"));
    assert_ok(rig_step(
        &rig, (struct engine_command){.kind = ENGINE_CALL_ERROR, .key = key, .code = STR("E1")}));
    assert_true(rig_element(&rig, "fix") && !rig_element(&rig, "c"));
    assert_err(rig_step(&rig, (struct engine_command){.kind = ENGINE_CALL_COMPLETE, .key = key}),
               ERR_NOT_FOUND);
    rig_close(&rig);
}

/* What cannot be called is an incident; trying again asks anew. */
static void test_call_fails(void **state)
{
    (void)state;
    struct rig rig;
    start_call(&rig);
    int64_t key = rig_element(&rig, "c");
    assert_ok(rig_step(&rig, (struct engine_command){.kind = ENGINE_CALL_FAIL,
                                                     .key = key,
                                                     .message = STR("no version v3")}));
    assert_int_equal(rig.instance->incident_count, 1);
    assert_ok(rig_step(&rig, (struct engine_command){.kind = ENGINE_INCIDENT_RESOLVE,
                                                     .key = rig.instance->incidents[0].key}));
    assert_non_null(event_of(&rig, ENGINE_CALL_CREATED));
    assert_ok(rig_step(&rig, (struct engine_command){.kind = ENGINE_CANCEL}));
    assert_int_equal(event_of(&rig, ENGINE_CALL_CANCELED)->key, key);
    rig_close(&rig);
}

static void test_call_without_host(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, "call-outside");
    assert_ok(rig_start(&rig, "{\"x\":4}"));
    assert_str(event_of(&rig, ENGINE_INCIDENT_RAISED)->name, "call.process");
    rig_close(&rig);
}

/* What a called process was given and left alone does not undo what was set beside the call, be it
 * inside the model or an instance of its own. */
static void test_call_given(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, "call-beside");
    assert_ok(rig_start(&rig, "{\"x\":1,\"y\":1}"));
    assert_ok(rig_complete(&rig, "u", "{\"x\":2,\"y\":2}"));
    assert_ok(rig_complete(&rig, "w", "{\"y\":1}"));
    assert_str(rig_variable(&rig, "x"), "2");
    assert_str(rig_variable(&rig, "y"), "1");
    rig_close(&rig);
}

static bool outside(void *data, enum bpmn_trigger trigger, struct str code)
{
    (void)data, (void)trigger;
    return str_is(code, "E1") || str_is(code, "S1");
}

static void test_escapes(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, "escapes");
    rig.run.outside = outside;
    assert_ok(rig_start(&rig, NULL));
    assert_ok(rig_complete(&rig, "u", NULL));
    size_t escaped = 0;
    for (size_t i = 0; i < rig.last.event_count; i++)
        escaped += rig.last.events[i].kind == ENGINE_ESCAPED;
    assert_int_equal(escaped, 2);
    assert_int_equal(rig.instance->state, ENGINE_CANCELED);
    rig_close(&rig);
    open_rig(&rig, "escapes");
    assert_ok(rig_start(&rig, NULL));
    assert_ok(rig_complete(&rig, "u", NULL));
    assert_str(event_of(&rig, ENGINE_INCIDENT_RAISED)->name, "error.unhandled");
    rig_close(&rig);
}

/* A called instance says what it gives back. */
static void test_gives_back(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, "sequence");
    rig.run.outside = outside;
    assert_ok(rig_start(&rig, "{\"x\":1,\"y\":1,\"who\":\"li\"}"));
    assert_ok(rig_complete(&rig, "u", NULL));
    assert_ok(rig_step(
        &rig, (struct engine_command){.kind = ENGINE_JOB_COMPLETE, .key = rig_element(&rig, "j")}));
    assert_str(event_of(&rig, ENGINE_INSTANCE_COMPLETED)->value, "{\"y\":2}");
    rig_close(&rig);
}

static void test_global_task(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, "global-task");
    assert_ok(rig_start(&rig, "{\"x\":4}"));
    assert_str(event_of(&rig, ENGINE_TASK_CREATED)->task->name, "Sign");
    assert_ok(rig_complete(&rig, "g#task", "{\"x\":5}"));
    assert_str(rig_variable(&rig, "y"), "10");
    assert_true(rig_element(&rig, "w"));
    rig_close(&rig);
}

/* ---- Suspension ---- */

static void test_suspend(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, "suspend");
    assert_ok(rig_start(&rig, "{\"go\":false}"));
    assert_err(rig_step(&rig, (struct engine_command){.kind = ENGINE_RESUME}), ERR_CONFLICT);
    assert_ok(rig_step(
        &rig, (struct engine_command){.kind = ENGINE_SUSPEND, .message = STR("under review")}));
    assert_int_equal(rig.instance->state, ENGINE_SUSPENDED);
    assert_err(rig_complete(&rig, "u", NULL), ERR_CONFLICT);
    assert_err(rig_fire_next(&rig), ERR_CONFLICT);
    assert_err(rig_step(&rig, (struct engine_command){.kind = ENGINE_SUSPEND}), ERR_CONFLICT);
    assert_ok(rig_step(&rig, (struct engine_command){.kind = ENGINE_VARIABLES_SET,
                                                     .variables = STR("{\"go\":true}")}));
    assert_true(rig_element(&rig, "u") && !rig_element(&rig, "went"));
    assert_ok(rig_step(&rig, (struct engine_command){.kind = ENGINE_RESUME}));
    assert_true(rig_element(&rig, "went"));
    assert_ok(rig_step(&rig, (struct engine_command){.kind = ENGINE_SUSPEND}));
    assert_ok(rig_step(&rig, (struct engine_command){.kind = ENGINE_CANCEL}));
    assert_int_equal(rig.instance->state, ENGINE_CANCELED);
    rig_close(&rig);
}

/* ---- Modification ---- */

static uint32_t place(const struct rig *rig, const char *id)
{
    return bpmn_find(rig->model, str_of(id))->index;
}

static enum err modify(struct rig *rig, const struct engine_change *changes, size_t count)
{
    return rig_step(rig, (struct engine_command){.kind = ENGINE_MODIFY,
                                                 .changes = changes,
                                                 .change_count = count,
                                                 .message = STR("sent to the wrong place")});
}

static void test_modify_moves(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, "nested");
    assert_ok(rig_start(&rig, NULL));
    struct engine_scoped values[] = {{BPMN_NONE, STR("{\"why\":\"x\"}")},
                                     {place(&rig, "sub"), STR("{\"inner\":1}")}};
    struct engine_change changes[] = {
        {.kind = ENGINE_CHANGE_CANCEL, .node = place(&rig, "a")},
        {.kind = ENGINE_CHANGE_START,
         .node = place(&rig, "c"),
         .variables = values,
         .variable_count = COUNT_OF(values)},
    };
    assert_ok(modify(&rig, changes, COUNT_OF(changes)));
    assert_str(event_of(&rig, ENGINE_MODIFIED)->text, "sent to the wrong place");
    assert_true(!rig_element(&rig, "a") && rig_element(&rig, "c") && !rig_element(&rig, "b"));
    assert_true(rig_timer(&rig, "late"));
    assert_str(rig_variable(&rig, "why"), "\"x\"");
    assert_str(engine_variable(rig.instance, rig_element(&rig, "sub"), STR("inner")), "1");
    assert_false(rig_variable(&rig, "inner").ptr);
    assert_ok(rig_complete(&rig, "c", NULL));
    assert_int_equal(rig.instance->element_count, 5); /* The process, the loop, three turns. */
    rig_close(&rig);
}

static void test_modify_starts_beside(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, "nested");
    assert_ok(rig_start(&rig, NULL));
    struct engine_change changes[] = {
        {.kind = ENGINE_CHANGE_START, .node = place(&rig, "b")},
        {.kind = ENGINE_CHANGE_START, .node = place(&rig, "c")},
        {.kind = ENGINE_CHANGE_START, .node = place(&rig, "many")},
    };
    assert_ok(modify(&rig, changes, COUNT_OF(changes)));
    size_t subs = 0;
    for (size_t i = 0; i < rig.instance->element_count; i++)
        subs += rig.instance->elements[i].node == place(&rig, "sub");
    assert_int_equal(subs, 1);
    assert_int_equal(rig.instance->element_count, 9);
    rig_close(&rig);
}

/* All or nothing; and where nothing is left, the instance ends. */
static void test_modify_refuses(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, "nested");
    assert_ok(rig_start(&rig, NULL));
    struct engine_change bad[] = {
        {.kind = ENGINE_CHANGE_START, .node = place(&rig, "b")},
        {.kind = ENGINE_CHANGE_CANCEL, .node = place(&rig, "many")},
    };
    size_t before = rig.instance->element_count;
    assert_err(modify(&rig, bad, COUNT_OF(bad)), ERR_NOT_FOUND);
    assert_int_equal(rig.instance->element_count, before);
    assert_err(modify(&rig, NULL, 0), ERR_INVALID);
    static const char *const NOT_THERE[] = {"s2", "late", "p"};
    for (size_t i = 0; i < COUNT_OF(NOT_THERE); i++) {
        struct engine_change start = {.kind = ENGINE_CHANGE_START,
                                      .node = place(&rig, NOT_THERE[i])};
        assert_err(modify(&rig, &start, 1), ERR_CONFLICT);
    }
    struct engine_change cancel = {.kind = ENGINE_CHANGE_CANCEL, .element = rig_element(&rig, "a")};
    assert_ok(modify(&rig, &cancel, 1));
    assert_int_equal(rig.instance->state, ENGINE_CANCELED);
    rig_close(&rig);
}

static void test_variables_outward(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, "nested");
    assert_ok(rig_start(&rig, "{\"x\":1}"));
    int64_t key = rig_element(&rig, "a");
    struct engine_command set = {
        .kind = ENGINE_VARIABLES_SET, .key = key, .variables = STR("{\"x\":2}"), .outward = true};
    assert_ok(rig_step(&rig, set));
    assert_str(rig_variable(&rig, "x"), "2");
    set.outward = false;
    set.variables = STR("{\"x\":3}");
    assert_ok(rig_step(&rig, set));
    assert_str(rig_variable(&rig, "x"), "2");
    assert_str(engine_variable(rig.instance, key, STR("x")), "3");
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_call_completes),
        cmocka_unit_test(test_call_error_and_escalation),
        cmocka_unit_test(test_call_fails),
        cmocka_unit_test(test_call_without_host),
        cmocka_unit_test(test_call_given),
        cmocka_unit_test(test_gives_back),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_global_task),
        cmocka_unit_test(test_suspend),
        cmocka_unit_test(test_modify_moves),
        cmocka_unit_test(test_modify_starts_beside),
        cmocka_unit_test(test_modify_refuses),
        cmocka_unit_test(test_variables_outward),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
