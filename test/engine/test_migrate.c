/* Moving a running instance to another version of its model. */
#include "test.h"

#include "engine/rig.h"

/* "b" is called "b2" and has another timer, "tb" is gone, there is one more step behind. */
static const struct bpmn_model *parse(struct arena *arena, const char *name)
{
    CLEANUP(buf_release) struct buf text;
    struct bpmn_report report;
    const struct bpmn_model *model = NULL;
    rig_read(&text, name);
    enum err e = bpmn_parse(arena, buf_str(&text), NULL, &report, &model);
    for (size_t i = 0; i < report.fault_count; i++)
        print_message("fault: %.*s\n", STR_ARG(report.faults[i].detail));
    assert_ok(e);
    return model;
}

static void write_state(struct buf *buf, const struct engine_instance *instance)
{
    buf_init(buf, ENGINE_BLOB_MAX);
    engine_instance_write(buf, instance);
}

/* The events, as JSON and back, make the same of the stored state before. */
static void check_replay(struct rig *rig, const struct bpmn_model *to,
                         const struct engine_instance *before, const struct engine_migration *done)
{
    CLEANUP(buf_release) struct buf stored;
    CLEANUP(buf_release) struct buf found;
    CLEANUP(buf_release) struct buf expected;
    struct engine_instance *instance;
    write_state(&stored, before);
    assert_ok(engine_instance_read(&rig->arena, rig->model, buf_str(&stored), &instance));
    for (size_t i = 0; i < done->result.event_count; i++) {
        const struct bpmn_model *model = i < done->before_count ? rig->model : to;
        CLEANUP(buf_release) struct buf text;
        buf_init(&text, ENGINE_BLOB_MAX);
        struct json_writer w = json_writer(&text);
        engine_event_to_json(&w, model, &done->result.events[i]);
        const struct json_value *json;
        struct engine_event event;
        assert_ok(json_parse(&rig->arena, str_copy(&rig->arena, buf_str(&text)), &json));
        assert_ok(engine_event_from_json(&rig->arena, model, json, &event));
        if (event.kind == ENGINE_MIGRATED)
            assert_ok(engine_apply_migrated(rig->model, to, instance, &event));
        else
            assert_ok(engine_apply(model, instance, &event));
    }
    write_state(&found, instance);
    write_state(&expected, done->result.after);
    assert_true(str_equal(buf_str(&found), buf_str(&expected)));
    assert_ok(engine_instance_read(&rig->arena, to, buf_str(&expected), &instance));
}

static enum err migrate(struct rig *rig, const struct bpmn_model *to, struct engine_plan plan,
                        struct engine_migration *out)
{
    rig->run.arena = &rig->arena;
    enum err e = engine_migrate(rig->model, to, rig->instance, &plan, &rig->run, out);
    if (e == OK) {
        check_replay(rig, to, rig->instance, out);
        rig->instance = (struct engine_instance *)out->result.after;
        rig->model = to;
    }
    return e;
}

static int64_t due_of(const struct rig *rig, const char *id)
{
    const struct engine_timer *timer = engine_timer(rig->instance, rig_timer(rig, id));
    return timer ? timer->due_us - rig->run.now_us : 0;
}

static void open_old(struct rig *rig)
{
    assert_ok(rig_open(rig, "version-1"));
    assert_ok(rig_start(rig, "{\"x\":1}"));
}

/* Tokens before the join, timers, variables and keys are kept; one timer ends, one begins. */
static void test_moves(void **state)
{
    (void)state;
    struct rig rig;
    struct engine_migration done;
    open_old(&rig);
    int64_t b = rig_element(&rig, "b");
    assert_ok(rig_complete(&rig, "a", NULL));
    assert_int_equal(rig.instance->join_count, 1);
    struct engine_move moves[] = {{STR("b"), STR("b2")}};
    assert_ok(migrate(&rig, parse(&rig.arena, "version-2"),
                      (struct engine_plan){.moves = moves, .move_count = 1, .same_ids = true},
                      &done));
    assert_int_equal(rig_element(&rig, "b2"), b);
    assert_int_equal(rig.instance->timer_count, 1);
    assert_int_equal(due_of(&rig, "tc"), 3 * HOUR_US);
    assert_str(rig_variable(&rig, "x"), "1");
    assert_ok(rig_complete(&rig, "b2", NULL));
    assert_true(rig_element(&rig, "more"));
    assert_ok(rig_complete(&rig, "more", NULL));
    assert_int_equal(rig.instance->state, ENGINE_COMPLETED);
    rig_close(&rig);
}

/* A timer that runs keeps its time; one that has fired does not run again. */
static void test_keeps_timers(void **state)
{
    (void)state;
    struct rig rig;
    struct engine_migration done;
    struct engine_move moves[] = {{STR("b"), STR("b2")}};
    struct engine_plan plan = {.moves = moves, .move_count = 1, .same_ids = true};
    open_old(&rig);
    assert_ok(migrate(&rig, parse(&rig.arena, "version-2"), plan, &done));
    assert_int_equal(due_of(&rig, "ta"), HOUR_US);
    rig_close(&rig);
    open_old(&rig);
    assert_ok(rig_fire_next(&rig));
    assert_false(rig_timer(&rig, "ta"));
    assert_ok(migrate(&rig, parse(&rig.arena, "version-2"), plan, &done));
    assert_false(rig_timer(&rig, "ta"));
    assert_true(rig_timer(&rig, "tc"));
    rig_close(&rig);
}

static bool has_fault(const struct engine_migration *out, const char *element, const char *rule)
{
    for (size_t i = 0; i < out->fault_count; i++)
        if (str_is(out->faults[i].element, element) && strcmp(out->faults[i].rule, rule) == 0)
            return true;
    return false;
}

static void test_all_faults_at_once(void **state)
{
    (void)state;
    struct rig rig;
    struct engine_migration out;
    open_old(&rig);
    const struct bpmn_model *to = parse(&rig.arena, "version-other");
    struct engine_move moves[] = {{STR("ghost"), STR("a")}, {STR("s"), STR("nowhere")}};
    assert_err(migrate(&rig, to,
                       (struct engine_plan){.moves = moves, .move_count = 2, .same_ids = true},
                       &out),
               ERR_CONFLICT);
    assert_true(has_fault(&out, "ghost", "migration.source"));
    assert_true(has_fault(&out, "s", "migration.target"));
    assert_true(has_fault(&out, "a", "migration.scope"));
    assert_true(has_fault(&out, "b", "migration.kind"));
    assert_int_equal(out.fault_count, 4);
    assert_err(migrate(&rig, to, (struct engine_plan){0}, &out), ERR_CONFLICT);
    assert_true(has_fault(&out, "a", "migration.unmapped"));
    assert_true(has_fault(&out, "b", "migration.unmapped"));
    assert_ok(rig_complete(&rig, "b", NULL));
    assert_err(migrate(&rig, to, (struct engine_plan){.same_ids = true}, &out), ERR_CONFLICT);
    assert_true(has_fault(&out, "f5", "migration.token"));
    rig_close(&rig);
}

/* Loops, calls inside the file, event subprocesses and gateways that wait. */
static void test_rich(void **state)
{
    (void)state;
    struct rig rig;
    struct engine_migration done;
    assert_ok(rig_open(&rig, "version-rich"));
    assert_ok(rig_start(&rig, NULL));
    assert_ok(migrate(&rig, parse(&rig.arena, "version-rich"),
                      (struct engine_plan){.same_ids = true}, &done));
    assert_int_equal(done.result.event_count, 1);
    assert_ok(rig_step(&rig, (struct engine_command){.kind = ENGINE_MESSAGE, .name = STR("m")}));
    assert_ok(rig_step(&rig, (struct engine_command){.kind = ENGINE_SIGNAL, .name = STR("x")}));
    assert_ok(rig_complete(&rig, "w", NULL));
    assert_ok(rig_complete(&rig, "many", NULL));
    assert_ok(rig_complete(&rig, "many", NULL));
    assert_ok(rig_step(&rig, (struct engine_command){.kind = ENGINE_SUSPEND}));
    assert_ok(migrate(&rig, parse(&rig.arena, "version-rich"),
                      (struct engine_plan){.same_ids = true}, &done));
    assert_int_equal(rig.instance->state, ENGINE_SUSPENDED);
    assert_ok(rig_step(&rig, (struct engine_command){.kind = ENGINE_RESUME}));
    assert_ok(rig_complete(&rig, "qu", NULL));
    assert_int_equal(rig.instance->state, ENGINE_COMPLETED);
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moves),
        cmocka_unit_test(test_keeps_timers),
        cmocka_unit_test(test_all_faults_at_once),
        cmocka_unit_test(test_rich),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
