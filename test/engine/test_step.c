#include "test.h"

#include <stdio.h>

#include "engine/open.h"

static void assert_finished(const struct rig *rig)
{
    assert_int_equal(rig->instance->state, ENGINE_COMPLETED);
    assert_int_equal(rig->instance->element_count, 0);
    assert_int_equal(rig->instance->variable_count, 0);
    assert_int_equal(rig->instance->timer_count, 0);
    assert_int_equal(rig->instance->subscription_count, 0);
    assert_int_equal(rig->instance->job_count, 0);
    assert_int_equal(rig->instance->join_count, 0);
    assert_int_equal(rig->instance->incident_count, 0);
}

static const struct engine_event *find_event(const struct rig *rig, enum engine_event_kind kind)
{
    for (size_t i = 0; i < rig->last.event_count; i++)
        if (rig->last.events[i].kind == kind)
            return &rig->last.events[i];
    fail_msg("no event %s", engine_event_name(kind));
    return NULL;
}

static void test_sequence(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, "sequence");
    assert_ok(rig_start(&rig, "{\"x\":1,\"who\":\"li\"}"));
    assert_str(rig_variable(&rig, "y"), "2");
    const struct engine_task *task = find_event(&rig, ENGINE_TASK_CREATED)->task;
    assert_str(task->assignee, "li");
    assert_str(task->name, "看");
    assert_int_equal(task->group_count, 2);
    assert_str(task->groups[1], "g2");
    assert_int_equal(task->due_us, rig.run.now_us + HOUR_US);
    assert_int_equal(task->priority, BPMN_PRIORITY);
    assert_str(task->headers, "{\"k\":\"v\"}");
    assert_true(rig_blob_size(&rig) < 100);
    assert_err(rig_complete(&rig, "j", NULL), ERR_NOT_FOUND);
    assert_ok(rig_complete(&rig, "u", "{\"z\":[1,2]}"));
    assert_str(rig_variable(&rig, "z"), "[1,2]");
    assert_str(find_event(&rig, ENGINE_JOB_CREATED)->name, "mail");
    assert_ok(rig_complete(&rig, "j", NULL));
    assert_str(rig_trace(&rig), "s a u j e p");
    assert_finished(&rig);
    assert_err(rig_step(&rig, (struct engine_command){.kind = ENGINE_CANCEL}), ERR_CONFLICT);
    rig_close(&rig);
}

static void test_gateways(void **state)
{
    (void)state;
    static const struct {
        const char *variables, *trace;
    } cases[] = {
        {"{\"n\":1}", "s x b e p"},
        {"{\"n\":5}", "s x c d fork l r join e p"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct rig rig;
        open_rig(&rig, "gateways");
        assert_ok(rig_start(&rig, cases[i].variables));
        assert_str(rig_trace(&rig), cases[i].trace);
        assert_finished(&rig);
        rig_close(&rig);
    }
}

static void test_inclusive(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, "inclusive");
    assert_ok(rig_start(&rig, "{\"a\":true,\"b\":false,\"c\":true}"));
    assert_ok(rig_complete(&rig, "a", NULL));
    assert_str(rig_trace(&rig), "s o a");
    assert_ok(rig_complete(&rig, "c", NULL));
    assert_str(rig_trace(&rig), "s o a c j e p");
    assert_finished(&rig);
    rig_close(&rig);
}

static void test_boundary_timers(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, "boundary");
    int64_t begin = rig.run.now_us;
    assert_ok(rig_start(&rig, "{\"limit\":\"PT1H\"}"));
    assert_int_equal(rig.instance->timer_count, 2);
    assert_err(rig_step(&rig, (struct engine_command){.kind = ENGINE_TIMER_FIRE,
                                                      .key = rig_timer(&rig, "warn")}),
               ERR_PRECONDITION);
    assert_ok(rig_fire_next(&rig));
    assert_int_equal(rig.run.now_us, begin + 10 * MINUTE_US);
    assert_ok(rig_fire_next(&rig));
    assert_int_equal(rig.run.now_us, begin + 20 * MINUTE_US);
    assert_int_equal(rig.instance->timer_count, 1);
    assert_int_not_equal(rig_element(&rig, "u"), 0);
    assert_ok(rig_fire_next(&rig));
    assert_int_equal(rig.run.now_us, begin + HOUR_US);
    assert_int_equal(rig_element(&rig, "u"), 0);
    assert_ok(rig_complete(&rig, "boss", NULL));
    assert_str(rig_trace(&rig), "s s2 warn w e_w warn w e_w late boss e p");
    assert_finished(&rig);
    rig_close(&rig);
}

/* How long from its start on the task in "boundary" may take. */
static int64_t wait_of(const char *limit)
{
    struct rig rig;
    char variables[64];
    int64_t due_us = 0;
    open_rig(&rig, "boundary");
    int64_t begin = rig.run.now_us;
    snprintf(variables, sizeof(variables), "{\"limit\":\"%s\"}", limit);
    assert_ok(rig_start(&rig, variables));
    int64_t late = rig_timer(&rig, "late");
    for (size_t i = 0; i < rig.instance->timer_count; i++)
        if (rig.instance->timers[i].key == late)
            due_us = rig.instance->timers[i].due_us;
    rig_close(&rig);
    return due_us - begin;
}

/* ISO 8601 knows weeks, and months beside hours; FEEL's own durations are one or the other. */
static void test_durations(void **state)
{
    (void)state;
    assert_int_equal(wait_of("P0Y0M0DT0H0M2S"), 2 * SECOND_US);
    assert_int_equal(wait_of("P2W"), 14 * DAY_US);
    assert_int_equal(wait_of("P1W1DT1H"), 8 * DAY_US + HOUR_US);
    assert_true(wait_of("P1M") >= 28 * DAY_US);
    assert_int_equal(wait_of("P1M1DT1H"), wait_of("P1M") + DAY_US + HOUR_US);
    assert_int_equal(wait_of("P1Y2M"), wait_of("P14M"));
    assert_int_equal(wait_of("P14M"), wait_of("P1Y2M0DT0S"));
}

static void test_paused_timer(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, "boundary");
    assert_ok(rig_start(&rig, "{\"limit\":\"PT1H\"}"));
    int64_t late = rig_timer(&rig, "late");
    struct engine_command move = {.kind = ENGINE_TIMER_MOVE, .key = late};
    assert_ok(rig_step(&rig, move));
    rig.run.now_us += 2 * HOUR_US;
    struct engine_command fire = {.kind = ENGINE_TIMER_FIRE, .key = late};
    assert_err(rig_step(&rig, fire), ERR_PRECONDITION);
    move.due_us = rig.run.now_us + HOUR_US;
    assert_ok(rig_step(&rig, move));
    assert_err(rig_step(&rig, fire), ERR_PRECONDITION);
    rig.run.now_us += HOUR_US;
    assert_ok(rig_step(&rig, fire));
    assert_int_not_equal(rig_element(&rig, "boss"), 0);
    rig_close(&rig);
}

static void test_messages(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, "messages");
    assert_ok(rig_start(&rig, "{\"number\":7}"));
    struct engine_command message = {
        .kind = ENGINE_MESSAGE, .name = STR("paid"), .correlation = STR("8")};
    assert_err(rig_step(&rig, message), ERR_NOT_FOUND);
    message.correlation = STR("7");
    message.variables = STR("{\"sum\":10}");
    assert_ok(rig_step(&rig, message));
    assert_str(rig_variable(&rig, "sum"), "10");
    assert_int_equal(rig.instance->timer_count, 1);
    assert_int_equal(rig.instance->subscription_count, 1);
    assert_ok(rig_step(&rig, message));
    assert_str(rig_trace(&rig), "s wait g1 again e p");
    assert_finished(&rig);
    rig_close(&rig);
}

static void test_errors(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, "errors");
    assert_ok(rig_start(&rig, NULL));
    struct engine_command fail = {.kind = ENGINE_JOB_FAIL,
                                  .key = rig_element(&rig, "j"),
                                  .retries = 1,
                                  .message = STR("no network")};
    assert_ok(rig_step(&rig, fail));
    assert_int_equal(rig.instance->incident_count, 0);
    fail.retries = 0;
    assert_ok(rig_step(&rig, fail));
    assert_int_equal(rig.instance->incident_count, 1);
    assert_err(rig_complete(&rig, "j", NULL), ERR_CONFLICT);
    assert_ok(rig_step(&rig, (struct engine_command){.kind = ENGINE_INCIDENT_RESOLVE,
                                                     .key = rig.instance->incidents[0].key,
                                                     .retries = 2}));
    assert_int_equal(rig.instance->jobs[0].retries, 2);
    struct engine_command error = {
        .kind = ENGINE_JOB_ERROR, .key = rig_element(&rig, "j"), .code = STR("E1")};
    assert_ok(rig_step(&rig, error));
    assert_int_equal(rig.instance->job_count, 0);
    assert_ok(rig_complete(&rig, "u", NULL));
    assert_str(rig_trace(&rig), "s b u e p");
    assert_finished(&rig);
    rig_close(&rig);
}

static void test_expression_incident(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, "incident");
    assert_ok(rig_start(&rig, NULL));
    assert_int_equal(rig.instance->incident_count, 1);
    struct engine_command resolve = {.kind = ENGINE_INCIDENT_RESOLVE,
                                     .key = rig.instance->incidents[0].key};
    assert_ok(rig_step(&rig, resolve));
    assert_int_equal(rig.instance->incident_count, 1);
    assert_ok(rig_step(&rig, (struct engine_command){.kind = ENGINE_VARIABLES_SET,
                                                     .variables = STR("{\"n\":3}")}));
    resolve.key = rig.instance->incidents[0].key;
    assert_ok(rig_step(&rig, resolve));
    assert_str(find_event(&rig, ENGINE_INCIDENT_RAISED)->name, "flow.none");
    assert_ok(rig_step(&rig, (struct engine_command){.kind = ENGINE_VARIABLES_SET,
                                                     .variables = STR("{\"n\":4}")}));
    resolve.key = rig.instance->incidents[0].key;
    assert_ok(rig_step(&rig, resolve));
    assert_str(rig_trace(&rig), "s x a e p");
    assert_finished(&rig);
    rig_close(&rig);
}

static void test_event_subprocess(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, "event-subprocess");
    assert_ok(rig_start(&rig, NULL));
    struct engine_command signal = {
        .kind = ENGINE_SIGNAL, .name = STR("alarm"), .variables = STR("{\"a\":1}")};
    assert_ok(rig_step(&rig, signal));
    assert_ok(rig_step(&rig, signal));
    assert_int_not_equal(rig_element(&rig, "u"), 0);
    assert_ok(rig_complete(&rig, "eu", NULL));
    assert_str(rig_trace(&rig), "s es es eu e_eu ev");
    assert_ok(rig_fire_next(&rig));
    assert_str(rig_trace(&rig), "s es es eu e_eu ev ss st e_st stop p");
    assert_finished(&rig);
    rig_close(&rig);
}

static void test_multi_instance(void **state)
{
    (void)state;
    static const char *const kinds[] = {"parallel-turns", "sequential-turns"};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct rig rig;
        open_rig(&rig, kinds[i]);
        assert_ok(rig_start(&rig, "{\"add\":1}"));
        assert_int_equal(rig.instance->timer_count, 1);
        assert_int_equal(rig.instance->element_count, i == 0 ? 5 : 3);
        assert_ok(rig_complete(&rig, "u", NULL));
        assert_ok(rig_complete(&rig, "u", NULL));
        assert_str(rig_trace(&rig), "s u u u e p");
        for (size_t k = 0; k < rig.last.event_count; k++)
            if (rig.last.events[k].kind == ENGINE_VARIABLE_SET &&
                rig.last.events[k].scope == ENGINE_ROOT)
                assert_str(rig.last.events[k].value, "[11,21,null]");
        assert_finished(&rig);
        rig_close(&rig);
    }
}

static void test_loop_and_limit(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, "loop");
    assert_ok(rig_start(&rig, "{\"n\":0}"));
    assert_finished(&rig);
    rig_close(&rig);
    open_rig(&rig, "endless");
    assert_ok(rig_start(&rig, NULL));
    assert_int_equal(rig.instance->incident_count, 1);
    assert_ok(rig_step(&rig, (struct engine_command){.kind = ENGINE_CANCEL}));
    assert_int_equal(rig.instance->state, ENGINE_CANCELED);
    rig_close(&rig);
}

static void test_call_and_mappings(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, "call");
    assert_ok(rig_start(&rig, "{\"x\":4}"));
    assert_str(rig_variable(&rig, "res"), "{\"value\":9}");
    assert_null(rig_variable(&rig, "out").ptr);
    assert_null(rig_variable(&rig, "given").ptr);
    assert_str(rig_trace(&rig), "s qs qa e_qa q c");
    rig_close(&rig);
}

static void test_compensation(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, "cancel");
    assert_ok(rig_start(&rig, NULL));
    assert_str(rig_trace(&rig), "s ts a undo tb z e_z p");
    assert_finished(&rig);
    rig_close(&rig);
}

static void test_blob_refuses(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, "boundary");
    assert_ok(rig_start(&rig, "{\"limit\":\"PT1H\"}"));
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, ENGINE_BLOB_MAX);
    engine_instance_write(&buf, rig.instance);
    struct engine_instance *read = NULL;
    for (size_t i = 0; i < buf.len; i++) {
        assert_err(engine_instance_read(&rig.arena, rig.model, str_sub(buf_str(&buf), 0, i), &read),
                   ERR_CORRUPT);
        buf.ptr[i] = (char)(buf.ptr[i] ^ 4);
        assert_err(engine_instance_read(&rig.arena, rig.model, buf_str(&buf), &read), ERR_CORRUPT);
        buf.ptr[i] = (char)(buf.ptr[i] ^ 4);
    }
    assert_ok(engine_instance_read(&rig.arena, rig.model, buf_str(&buf), &read));
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sequence),
        cmocka_unit_test(test_gateways),
        cmocka_unit_test(test_inclusive),
        cmocka_unit_test(test_boundary_timers),
        cmocka_unit_test(test_durations),
        cmocka_unit_test(test_paused_timer),
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_expression_incident),
        cmocka_unit_test(test_event_subprocess),
        cmocka_unit_test(test_multi_instance),
        cmocka_unit_test(test_loop_and_limit),
        cmocka_unit_test(test_call_and_mappings),
        cmocka_unit_test(test_compensation),
        cmocka_unit_test(test_blob_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
