/* Instances of /v2 that are suspended, migrated and modified, and what a replay of the journal
 * makes of them. */
#include "store.h"

#include "base/clock.h"
#include "park/history.h"
#include "park/process_run.h"
#include "park/stuck.h"

struct rig {
    struct store store;
    struct process_world *world;
    struct process_env env;
};

static void open_rig(struct rig *rig)
{
    *rig = (struct rig){0};
    store_open(&rig->store);
    rig->world = process_world_new();
    rig->env = (struct process_env){.tx = &rig->store.tx,
                                    .arena = &rig->store.arena,
                                    .world = rig->world,
                                    .park_id = 1,
                                    .now_us = STORE_NOW};
}

static void close_rig(struct rig *rig)
{
    process_world_free(rig->world);
    store_close(&rig->store);
}

/* ---- Models ---- */

#define MODEL(process, inside)                                                                     \
    "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" targetNamespace=\"t\" "    \
    "xmlns:zeebe=\"http://camunda.org/schema/zeebe/1.0\"><message id=\"m\" name=\"paid\">"         \
    "<extensionElements><zeebe:subscription correlationKey=\"=order\"/></extensionElements>"       \
    "</message><process id=\"" process "\" isExecutable=\"true\"><startEvent id=\"s\"/>" inside    \
    "</process></definitions>"
#define FLOW(id, from, to)                                                                         \
    "<sequenceFlow id=\"" id "\" sourceRef=\"" from "\" targetRef=\"" to "\"/>"
#define WORK(id, type)                                                                             \
    "<serviceTask id=\"" id "\"><extensionElements><zeebe:taskDefinition type=\"" type "\"/>"      \
    "</extensionElements></serviceTask>"
#define CATCH(id)                                                                                  \
    "<intermediateCatchEvent id=\"" id "\"><messageEventDefinition messageRef=\"m\"/>"             \
    "</intermediateCatchEvent>"
#define LATE(id, host)                                                                             \
    "<boundaryEvent id=\"" id "\" attachedToRef=\"" host "\"><timerEventDefinition>"               \
    "<timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>"
/* A job that a timer ends beside an event: split, both, end. */
#define BOTH(process, work, wait, late)                                                            \
    MODEL(process, "<parallelGateway id=\"split\"/>" WORK(work, "weigh") CATCH(wait)               \
                       LATE(late, work) "<endEvent id=\"e\"/><endEvent id=\"f\"/>"                 \
                                        "<endEvent id=\"g\"/>" FLOW("f1", "s", "split")            \
                                            FLOW("f2", "split", work) FLOW("f3", "split", wait)    \
                                                FLOW("f4", work, "e") FLOW("f5", wait, "f")        \
                                                    FLOW("f6", late, "g"))

static int64_t deploy(struct rig *rig, const char *text)
{
    struct process_file file = {.name = STR("a.bpmn"), .bytes = str_of(text)};
    struct process_files read;
    struct list made;
    int64_t id;
    assert_ok(process_files_read(&rig->store.arena, &file, 1, &read));
    assert_int_equal(read.faults.count, 0);
    assert_ok(process_deploy(&rig->env, &read, &id, &made));
    return ((const struct process_deployed *)made.items)[0].id;
}

static int64_t start(struct rig *rig, const char *key)
{
    struct process_start start = {.key = str_of(key), .variables = STR("{\"order\":\"7\"}")};
    struct process_created made;
    assert_ok(process_create(&rig->env, &start, &made));
    return made.id;
}

static struct process_instance_load_row row_of(struct rig *rig, int64_t id)
{
    struct process_instance_load_row row;
    struct process_instance_load_in in = {.park_id = 1, .id = id};
    assert_ok(sql_process_instance_load(rig->store.db, &rig->store.arena, &in, &row));
    return row;
}

static size_t jobs_to_have(struct rig *rig, const char *type)
{
    struct process_jobs_ready_rows rows = {0};
    struct process_jobs_ready_in in = {
        .park_id = 1, .type = str_of(type), .now_us = rig->env.now_us, .limit = 9};
    assert_ok(sql_process_jobs_ready(rig->store.db, &rig->store.arena, &in, &rows));
    return rows.count;
}

static void publish(struct rig *rig)
{
    struct process_message paid = {
        .name = STR("paid"), .correlation = STR("7"), .keep_us = 10 * DAY_US};
    int64_t key;
    assert_ok(process_publish(&rig->env, &paid, &key));
}

/* Does the instance live at this element? */
static bool stands_at(struct rig *rig, int64_t id, const char *element)
{
    struct process_run run;
    if (process_begin(&run, &rig->env, id) != OK)
        return false;
    for (size_t i = 0; i < run.instance->element_count; i++)
        if (str_is(run.model->nodes[run.instance->elements[i].node].id, element))
            return true;
    return false;
}

static struct history replay(struct rig *rig, int64_t id)
{
    struct history history;
    assert_ok(history_read_process(rig->store.db, &rig->store.arena, rig->world, 1, id, &history));
    return history;
}

static void check_replay(struct rig *rig, int64_t id)
{
    struct history history = replay(rig, id);
    assert_str(history.differences, "");
    assert_int_equal(history.verdict, HISTORY_SAME);
    assert_true(history.steps > 0);
}

/* ---- Suspension ---- */

static void test_suspend(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    deploy(&rig, BOTH("p", "a", "w", "late"));
    int64_t id = start(&rig, "p");
    assert_int_equal(row_of(&rig, id).wake_us, STORE_NOW + HOUR_US);
    assert_err(process_resume(&rig.env, id), ERR_CONFLICT);
    assert_ok(process_suspend(&rig.env, id));
    assert_err(process_suspend(&rig.env, id), ERR_CONFLICT);
    assert_int_equal(row_of(&rig, id).state, PROCESS_SUSPENDED);
    assert_int_equal(row_of(&rig, id).wake_us, 0);
    assert_int_equal(jobs_to_have(&rig, "weigh"), 0);
    rig.env.now_us += 2 * HOUR_US;
    publish(&rig); /* It waits for the instance. */
    assert_ok(process_wake(&rig.env, id));
    assert_true(stands_at(&rig, id, "a") && stands_at(&rig, id, "w"));
    check_replay(&rig, id);
    assert_ok(process_resume(&rig.env, id));
    assert_false(stands_at(&rig, id, "w"));
    assert_int_equal(jobs_to_have(&rig, "weigh"), 1);
    assert_int_equal(row_of(&rig, id).wake_us, STORE_NOW + HOUR_US);
    assert_ok(process_wake(&rig.env, id));
    assert_int_equal(row_of(&rig, id).state, PROCESS_COMPLETED);
    check_replay(&rig, id);
    close_rig(&rig);
}

/* ---- Migration ---- */

static void test_unmapped(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    deploy(&rig, BOTH("p", "a", "w", "late"));
    int64_t id = start(&rig, "p"), target = deploy(&rig, BOTH("p", "a", "wait", "late"));
    struct process_move moves[] = {{STR("w"), STR("wait")}, {STR("a"), STR("a")}};
    assert_err(process_migrate(&rig.env, id, target, NULL, 0), ERR_CONFLICT);
    assert_non_null(strstr(err_last()->detail, "no mapping instruction for the active elements"));
    assert_non_null(strstr(err_last()->detail, "'a'"));
    assert_non_null(strstr(err_last()->detail, "'w'"));
    assert_err(process_migrate(&rig.env, id, target, moves, 1), ERR_CONFLICT);
    assert_null(strstr(err_last()->detail, "'w'"));
    assert_ok(process_migrate(&rig.env, id, target, moves, 2));
    assert_true(stands_at(&rig, id, "wait"));
    assert_int_equal(row_of(&rig, id).definition_id, target);
    check_replay(&rig, id);
    publish(&rig);
    assert_false(stands_at(&rig, id, "wait"));
    check_replay(&rig, id);
    close_rig(&rig);
}

/* A message reaches each process once: who moved to another one counts there. */
static void test_subscriptions_move(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    deploy(&rig, BOTH("p", "a", "w", "late"));
    int64_t target = deploy(&rig, BOTH("q", "a", "w", "late"));
    int64_t old = start(&rig, "p"), other = start(&rig, "q");
    struct process_move moves[] = {{STR("w"), STR("w")}, {STR("a"), STR("a")}};
    assert_ok(process_migrate(&rig.env, old, target, moves, 2));
    publish(&rig);
    assert_true(stands_at(&rig, old, "w") != stands_at(&rig, other, "w"));
    check_replay(&rig, old);
    check_replay(&rig, other);
    close_rig(&rig);
}

static void test_modified_while_suspended(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    deploy(&rig, BOTH("p", "a", "w", "late"));
    int64_t id = start(&rig, "p");
    struct process_change change = {.start = STR("a")};
    assert_ok(process_suspend(&rig.env, id));
    assert_ok(process_modify(&rig.env, id, &change, 1));
    assert_int_equal(jobs_to_have(&rig, "weigh"), 0);
    check_replay(&rig, id);
    assert_ok(process_resume(&rig.env, id));
    assert_int_equal(jobs_to_have(&rig, "weigh"), 2);
    assert_ok(process_cancel(&rig.env, id));
    check_replay(&rig, id);
    close_rig(&rig);
}

/* ---- A store that somebody wrote to past the program ---- */

static void store_blob(struct rig *rig, int64_t id, struct str blob)
{
    struct process_instance_load_row row = row_of(rig, id);
    struct process_instance_update_in in = {
        .park_id = 1, .id = id, .state = row.state, .wake_us = row.wake_us, .blob = blob};
    assert_ok(sql_process_instance_update(&rig->store.tx, &in, NULL));
}

static void test_tampered(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf blob;
    struct rig rig;
    struct process_run run;
    struct engine_result result;
    open_rig(&rig);
    deploy(&rig, BOTH("p", "a", "w", "late"));
    int64_t id = start(&rig, "p");
    assert_ok(process_begin(&run, &rig.env, id));
    struct engine_run engine = process_engine(&run);
    struct engine_command set = {.kind = ENGINE_VARIABLES_SET,
                                 .variables = STR("{\"smuggled\":1}")};
    assert_ok(engine_step(run.model, run.instance, &set, &engine, &result));
    buf_init(&blob, ENGINE_BLOB_MAX);
    engine_instance_write(&blob, result.after);
    store_blob(&rig, id, buf_str(&blob));
    struct history history = replay(&rig, id);
    assert_int_equal(history.verdict, HISTORY_DIFFERS);
    assert_str(history.differences, "variable 'smuggled' of element 1 is not in the journal\n");

    store_blob(&rig, id, STR("nothing of ours"));
    history = replay(&rig, id);
    assert_int_equal(history.verdict, HISTORY_DIFFERS);
    assert_true(str_starts(history.differences, STR("the stored instance cannot be read: ")));
    close_rig(&rig);
}

/* Over by the store, and not by the journal. */
static void test_ended_by_hand(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    deploy(&rig, BOTH("p", "a", "w", "late"));
    int64_t id = start(&rig, "p");
    struct process_instance_update_in in = {
        .park_id = 1, .id = id, .state = PROCESS_COMPLETED, .ended_us = STORE_NOW, .blob = STR("")};
    assert_ok(sql_process_instance_update(&rig.store.tx, &in, NULL));
    struct history history = replay(&rig, id);
    assert_int_equal(history.verdict, HISTORY_DIFFERS);
    assert_str(history.differences,
               "the instance is not over by the journal as it is by the store\n");
    close_rig(&rig);
}

/* A timer that nothing took within five minutes is told by its element; one that rests is not. */
static void test_stuck(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    struct store *store = &rig.store;
    int64_t definition = deploy(&rig, BOTH("p", "a", "w", "late"));
    int64_t due = STORE_NOW + HOUR_US;
    struct list found;
    start(&rig, "p");
    int64_t second = start(&rig, "p");
    assert_ok(stuck_in_processes(store->db, &store->arena, 1, definition, due, &found));
    assert_int_equal(found.count, 0);
    due += (STUCK_MINUTES + 1) * MINUTE_US;
    assert_ok(stuck_in_processes(store->db, &store->arena, 1, definition, due, &found));
    assert_int_equal(found.count, 2);
    assert_str(((const struct str *)found.items)[1], "late");
    assert_ok(process_suspend(&rig.env, second));
    assert_ok(stuck_in_processes(store->db, &store->arena, 1, definition, due, &found));
    assert_int_equal(found.count, 1);
    assert_ok(stuck_in_processes(store->db, &store->arena, 1, definition + 1, due, &found));
    assert_int_equal(found.count, 0);
    close_rig(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_suspend),
        cmocka_unit_test(test_unmapped),
        cmocka_unit_test(test_subscriptions_move),
        cmocka_unit_test(test_modified_while_suspended),
        cmocka_unit_test(test_tampered),
        cmocka_unit_test(test_ended_by_hand),
        cmocka_unit_test(test_stuck),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
