/* Call activities that lead to another instance: what goes down, what comes back, who is ended.
 *
 * Every command is first done and not committed, as in a crash just before the commit, then done
 * again and committed, and the store is opened anew after each, as in a crash just behind it. */
#include "store.h"

#include "base/clock.h"
#include "park/process_run.h"

struct rig {
    struct store store;
    struct process_world *world;
    int64_t last; /* The instance that was started last. */
    bool steady;  /* No crashes. */
};

enum act_kind { START, JOB, JOB_FAILS, JOB_ERROR, CANCEL, RESOLVE, MESSAGE, SUSPEND, RESUME, SET };

struct act {
    enum act_kind kind;
    const char *name;      /* Of a process, a job type, a message; code of an error in `text`. */
    const char *variables; /* Or NULL. */
    const char *text;
    int64_t id;
};

static struct process_env env_of(struct rig *rig)
{
    return (struct process_env){.tx = &rig->store.tx,
                                .arena = &rig->store.arena,
                                .world = rig->world,
                                .park_id = 1,
                                .now_us = STORE_NOW};
}

static void begin_again(struct rig *rig)
{
    char path[128];
    process_world_free(rig->world);
    db_close(rig->store.db);
    store_path(&rig->store, "park.db", path);
    assert_ok(db_open(path, DB_WRITE, &rig->store.db));
    assert_ok(db_begin(rig->store.db, &rig->store.tx));
    rig->world = process_world_new();
}

static void commit(struct rig *rig)
{
    assert_ok(db_commit(&rig->store.tx));
    if (rig->steady)
        assert_ok(db_begin(rig->store.db, &rig->store.tx));
    else
        begin_again(rig);
}

static void open_rig(struct rig *rig)
{
    *rig = (struct rig){0};
    store_open(&rig->store);
    rig->world = process_world_new();
    commit(rig);
}

static void close_rig(struct rig *rig)
{
    process_world_free(rig->world);
    store_close(&rig->store);
}

/* ---- Doing ---- */

static struct str text_of(const char *text)
{
    return text ? str_of(text) : (struct str){0};
}

static enum err do_job(struct process_env *env, const struct act *act)
{
    struct process_activation in = {
        .type = str_of(act->name), .worker = STR("w"), .timeout_us = HOUR_US, .max = 1};
    struct list jobs;
    assert_ok(process_activate(env, &in, &jobs));
    assert_int_equal(jobs.count, 1);
    int64_t id = ((const struct process_job *)jobs.items)->id;
    struct process_failure failure = {.message = STR("it failed"), .code = text_of(act->text)};
    if (act->kind == JOB_FAILS)
        return process_job_failed(env, id, &failure);
    if (act->kind == JOB_ERROR)
        return process_job_error(env, id, &failure);
    return process_job_done(env, id, text_of(act->variables));
}

/* The only incident of the instance. */
static int64_t incident_of(struct process_env *env, int64_t id)
{
    struct process_run run;
    assert_ok(process_begin(&run, env, id));
    return run.instance->incident_count ? run.instance->incidents[0].key : 0;
}

static enum err act_once(struct rig *rig, const struct act *act)
{
    struct process_env env = env_of(rig);
    struct process_start start = {.key = text_of(act->name), .variables = text_of(act->variables)};
    struct process_message message = {.name = start.key, .correlation = STR("k")};
    struct engine_command resolve = {.kind = ENGINE_INCIDENT_RESOLVE};
    struct engine_command state = {.kind = act->kind == SUSPEND ? ENGINE_SUSPEND : ENGINE_RESUME};
    struct process_created made = {0};
    int64_t key, reached;
    enum err r;
    switch (act->kind) {
    case START:
        r = process_create(&env, &start, &made);
        rig->last = made.id;
        return r;
    case CANCEL:
        return process_cancel(&env, act->id);
    case RESOLVE:
        resolve.key = incident_of(&env, act->id);
        return process_do(&env, act->id, &resolve);
    case MESSAGE:
        return process_correlate(&env, &message, &key, &reached);
    case SET:
        return process_variables_set(&env, act->id, text_of(act->variables), false);
    case SUSPEND:
    case RESUME:
        return process_do(&env, act->id, &state);
    default:
        return do_job(&env, act);
    }
}

static enum err act(struct rig *rig, struct act what)
{
    if (!rig->steady) {
        enum err first = act_once(rig, &what);
        db_rollback(&rig->store.tx);
        begin_again(rig);
        if (first != OK)
            return act_once(rig, &what);
    }
    enum err r = act_once(rig, &what);
    commit(rig);
    return r;
}

static int64_t start(struct rig *rig, const char *process, const char *variables)
{
    assert_ok(act(rig, (struct act){START, process, variables, NULL, 0}));
    return rig->last;
}

static void job(struct rig *rig, const char *type, const char *variables)
{
    assert_ok(act(rig, (struct act){JOB, type, variables, NULL, 0}));
}

/* ---- Models ---- */

#define HEAD                                                                                       \
    "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" targetNamespace=\"t\" "    \
    "xmlns:zeebe=\"http://camunda.org/schema/zeebe/1.0\"><error id=\"bad\" errorCode=\"BAD\"/>"    \
    "<escalation id=\"up\" escalationCode=\"UP\"/><message id=\"m\" name=\"stop\">"                \
    "<extensionElements><zeebe:subscription correlationKey=\"k\"/></extensionElements></message>"
#define FLOW(id, from, to)                                                                         \
    "<sequenceFlow id=\"" id "\" sourceRef=\"" from "\" targetRef=\"" to "\"/>"
#define WORK(id)                                                                                   \
    "<serviceTask id=\"" id "\"><extensionElements><zeebe:taskDefinition type=\"" id "\"/>"        \
    "</extensionElements></serviceTask>"
#define ENDS(id) "<endEvent id=\"e_" id "\"/>" FLOW("f_" id, id, "e_" id)
#define CALLED(process, more) "<zeebe:calledElement processId=\"" process "\" " more "/>"
#define CALL(inside, more)                                                                         \
    "<callActivity id=\"call\"><extensionElements>" inside "</extensionElements>" more             \
    "</callActivity>"
/* start → one thing → end, with what stands beside it */
#define ONE(process, id, xml, beside)                                                              \
    HEAD "<process id=\"" process "\" isExecutable=\"true\"><startEvent id=\"s\"/>" xml            \
         "<endEvent id=\"e\"/>" FLOW("f1", "s", id) FLOW("f2", id, "e") beside                     \
        "</process></definitions>"
#define JOBS(process, type) ONE(process, type, WORK(type), "")
#define CALLS(process, called) ONE(process, "call", CALL(CALLED(called, ""), ""), "")

static void deploy(struct rig *rig, const char *const *texts, size_t count)
{
    struct process_env env = env_of(rig);
    struct process_file files[8];
    struct process_files read;
    struct list made;
    int64_t id;
    for (size_t i = 0; i < count; i++) {
        bool table = strstr(texts[i], "decision") != NULL && !strstr(texts[i], "BPMN");
        files[i] = (struct process_file){
            .name = str_format(&rig->store.arena, table ? "%zu.dmn" : "%zu.bpmn", i),
            .bytes = str_of(texts[i])};
    }
    assert_ok(process_files_read(&rig->store.arena, files, count, &read));
    const struct process_fault *faults = read.faults.items;
    for (size_t i = 0; i < read.faults.count; i++)
        print_message("%.*s: %.*s\n", STR_ARG(faults[i].element), STR_ARG(faults[i].detail));
    assert_int_equal(read.faults.count, 0);
    assert_ok(process_deploy(&env, &read, &id, &made));
    commit(rig);
}

#define DEPLOY(rig, ...)                                                                           \
    do {                                                                                           \
        const char *const texts_[] = {__VA_ARGS__};                                                \
        deploy(rig, texts_, COUNT_OF(texts_));                                                     \
    } while (0)

/* ---- Looking ---- */

static struct process_instance_load_row row_of(struct rig *rig, int64_t id)
{
    struct process_instance_load_row row;
    struct process_instance_load_in in = {.park_id = 1, .id = id};
    assert_ok(sql_process_instance_load(rig->store.db, &rig->store.arena, &in, &row));
    return row;
}

static int64_t state_of(struct rig *rig, int64_t id)
{
    return row_of(rig, id).state;
}

/* The instance that `id` has called, in order of their making. */
static int64_t called_by(struct rig *rig, int64_t id, size_t place)
{
    struct process_call_children_rows rows = {0};
    struct process_call_children_in in = {.park_id = 1, .parent_id = id};
    assert_ok(sql_process_call_children(rig->store.db, &rig->store.arena, &in, &rows));
    assert_true(place < rows.count);
    return rows.rows[place].id;
}

static struct str result_of(struct rig *rig, int64_t id)
{
    struct process_env env = env_of(rig);
    struct list all = {0};
    struct str variables;
    bool over;
    assert_ok(process_result(&env, id, &all, &over, &variables));
    return variables;
}

/* ---- What goes down and comes back ---- */

static void test_returns(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    DEPLOY(&rig, JOBS("child", "look"), CALLS("parent", "child"));
    int64_t parent = start(&rig, "parent", "{\"a\":1,\"b\":2}");
    int64_t child = called_by(&rig, parent, 0);
    struct process_instance_load_row row = row_of(&rig, child);
    assert_int_equal(row.parent_id, parent);
    assert_true(row.parent_token > 0);
    assert_str(result_of(&rig, child), "{\"a\":1,\"b\":2}");
    job(&rig, "look", "{\"b\":3,\"c\":4}");
    assert_int_equal(state_of(&rig, child), PROCESS_COMPLETED);
    assert_int_equal(state_of(&rig, parent), PROCESS_COMPLETED);
    assert_str(result_of(&rig, parent), "{\"a\":1,\"b\":3,\"c\":4}");
    close_rig(&rig);
}

/* What the child was given and has left alone does not undo what was changed beside the call. */
static void test_inherited_stays_behind(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    DEPLOY(&rig, JOBS("child", "look"), CALLS("parent", "child"));
    int64_t parent = start(&rig, "parent", "{\"a\":1,\"b\":1}");
    assert_ok(act(&rig, (struct act){SET, NULL, "{\"a\":2,\"b\":2}", NULL, parent}));
    job(&rig, "look", "{\"b\":1}");
    assert_str(result_of(&rig, parent), "{\"a\":2,\"b\":1}");
    close_rig(&rig);
}

static void test_mappings(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    DEPLOY(
        &rig, JOBS("child", "look"),
        ONE("parent", "call",
            CALL(CALLED(
                     "child",
                     "propagateAllParentVariables=\"false\"") "<zeebe:ioMapping><zeebe:input "
                                                              "source=\"=a + 1\" target=\"n\"/>"
                                                              "<zeebe:output source=\"=out + n\" "
                                                              "target=\"sum\"/></zeebe:ioMapping>",
                 ""),
            ""),
        ONE("silent", "call", CALL(CALLED("child", "propagateAllChildVariables=\"false\""), ""),
            ""));
    int64_t parent = start(&rig, "parent", "{\"a\":1}");
    assert_str(result_of(&rig, called_by(&rig, parent, 0)), "{\"n\":2}");
    job(&rig, "look", "{\"out\":5}");
    assert_str(result_of(&rig, parent), "{\"a\":1,\"sum\":7}");
    parent = start(&rig, "silent", "{\"a\":1}");
    job(&rig, "look", "{\"out\":5}");
    assert_str(result_of(&rig, parent), "{\"a\":1}");
    close_rig(&rig);
}

static void test_three_deep(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    DEPLOY(&rig, JOBS("three", "look"), CALLS("two", "three"), CALLS("one", "two"));
    int64_t one = start(&rig, "one", NULL), two = called_by(&rig, one, 0);
    int64_t three = called_by(&rig, two, 0);
    job(&rig, "look", "{\"found\":true}");
    assert_int_equal(state_of(&rig, three), PROCESS_COMPLETED);
    assert_int_equal(state_of(&rig, two), PROCESS_COMPLETED);
    assert_int_equal(state_of(&rig, one), PROCESS_COMPLETED);
    assert_str(result_of(&rig, one), "{\"found\":true}");
    close_rig(&rig);
}

#define EACH(sequential)                                                                           \
    "<multiInstanceLoopCharacteristics isSequential=\"" sequential "\"><extensionElements>"        \
    "<zeebe:loopCharacteristics inputCollection=\"=list\" inputElement=\"item\" "                  \
    "outputCollection=\"all\" outputElement=\"=twice\"/></extensionElements>"                      \
    "</multiInstanceLoopCharacteristics>"
#define DOUBLES                                                                                    \
    ONE("double", "d",                                                                             \
        "<scriptTask id=\"d\"><extensionElements><zeebe:script expression=\"=item * 2\" "          \
        "resultVariable=\"twice\"/></extensionElements></scriptTask>",                             \
        "")

static void test_each(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    DEPLOY(&rig, DOUBLES, ONE("together", "call", CALL(CALLED("double", ""), EACH("false")), ""),
           ONE("in-turn", "call", CALL(CALLED("double", ""), EACH("true")), ""));
    int64_t parent = start(&rig, "together", "{\"list\":[1,2,3]}");
    assert_int_equal(state_of(&rig, parent), PROCESS_COMPLETED);
    assert_str(result_of(&rig, parent), "{\"all\":[2,4,6],\"list\":[1,2,3],\"twice\":6}");
    parent = start(&rig, "in-turn", "{\"list\":[4,5]}");
    assert_str(result_of(&rig, parent), "{\"all\":[8,10],\"list\":[4,5],\"twice\":10}");
    close_rig(&rig);
}

/* One is enough: the others are ended with it. */
static void test_first_of_many(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    DEPLOY(
        &rig, JOBS("child", "look"),
        ONE("race", "call",
            CALL(CALLED("=which", ""),
                 "<multiInstanceLoopCharacteristics><extensionElements><zeebe:loopCharacteristics "
                 "inputCollection=\"=[1,2,3]\"/></extensionElements><completionCondition>="
                 "numberOfCompletedInstances = 1</completionCondition>"
                 "</multiInstanceLoopCharacteristics>"),
            ""));
    int64_t parent = start(&rig, "race", "{\"which\":\"child\"}");
    int64_t all[3];
    for (size_t i = 0; i < 3; i++)
        all[i] = called_by(&rig, parent, i);
    job(&rig, "look", NULL);
    assert_int_equal(state_of(&rig, parent), PROCESS_COMPLETED);
    int64_t completed = 0, canceled = 0;
    for (size_t i = 0; i < 3; i++) {
        completed += state_of(&rig, all[i]) == PROCESS_COMPLETED;
        canceled += state_of(&rig, all[i]) == PROCESS_CANCELED;
    }
    assert_true(completed == 1 && canceled == 2);
    close_rig(&rig);
}

/* ---- Errors and escalations ---- */

#define CATCHES(id, trigger, ref, more)                                                            \
    "<boundaryEvent id=\"" id "\" attachedToRef=\"call\" " more "><" trigger                       \
    "EventDefinition " trigger "Ref=\"" ref "\"/></boundaryEvent>"

static void test_error_caught(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    DEPLOY(&rig, JOBS("child", "look"), CALLS("between", "child"),
           ONE("parent", "call", CALL(CALLED("between", ""), ""),
               CATCHES("caught", "error", "bad", "") WORK("fix") FLOW("f3", "caught", "fix")
                   ENDS("fix")));
    int64_t parent = start(&rig, "parent", NULL), between = called_by(&rig, parent, 0);
    int64_t child = called_by(&rig, between, 0);
    assert_ok(act(&rig, (struct act){JOB_ERROR, "look", NULL, "BAD", 0}));
    assert_int_equal(state_of(&rig, child), PROCESS_CANCELED);
    assert_int_equal(state_of(&rig, between), PROCESS_CANCELED);
    assert_int_equal(row_of(&rig, parent).incidents, 0);
    job(&rig, "fix", NULL);
    assert_int_equal(state_of(&rig, parent), PROCESS_COMPLETED);
    close_rig(&rig);
}

static void test_error_uncaught(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    DEPLOY(&rig, JOBS("child", "look"), CALLS("parent", "child"));
    int64_t parent = start(&rig, "parent", NULL), child = called_by(&rig, parent, 0);
    assert_ok(act(&rig, (struct act){JOB_ERROR, "look", NULL, "BAD", 0}));
    assert_int_equal(row_of(&rig, child).incidents, 1);
    assert_int_equal(row_of(&rig, parent).incidents, 0);
    assert_ok(act(&rig, (struct act){RESOLVE, NULL, NULL, NULL, child}));
    job(&rig, "look", NULL);
    assert_int_equal(state_of(&rig, parent), PROCESS_COMPLETED);
    close_rig(&rig);
}

static void test_escalation(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    DEPLOY(&rig,
           ONE("child", "tell",
               "<intermediateThrowEvent id=\"tell\"><escalationEventDefinition "
               "escalationRef=\"up\"/></intermediateThrowEvent>" WORK("look"),
               FLOW("f4", "tell", "look") ENDS("look")),
           ONE("parent", "call", CALL(CALLED("child", ""), ""),
               CATCHES("heard", "escalation", "up", "cancelActivity=\"false\"") WORK("note")
                   FLOW("f3", "heard", "note") ENDS("note")),
           ONE("ends", "call", CALL(CALLED("child", ""), ""),
               CATCHES("heard", "escalation", "up", "") WORK("note") FLOW("f3", "heard", "note")
                   ENDS("note")));
    int64_t parent = start(&rig, "parent", NULL);
    job(&rig, "note", NULL);
    assert_int_equal(state_of(&rig, parent), PROCESS_ACTIVE);
    job(&rig, "look", NULL);
    assert_int_equal(state_of(&rig, parent), PROCESS_COMPLETED);
    parent = start(&rig, "ends", NULL);
    job(&rig, "note", NULL);
    assert_int_equal(state_of(&rig, parent), PROCESS_COMPLETED);
    close_rig(&rig);
}

/* ---- Ending ---- */

static void test_cancel(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    DEPLOY(&rig, JOBS("three", "look"), CALLS("two", "three"), CALLS("one", "two"));
    int64_t one = start(&rig, "one", NULL), two = called_by(&rig, one, 0);
    int64_t three = called_by(&rig, two, 0);
    assert_err(act(&rig, (struct act){CANCEL, NULL, NULL, NULL, three}), ERR_CONFLICT);
    assert_true(strstr(err_last()->detail, "was called by another one") != NULL);
    assert_int_equal(state_of(&rig, three), PROCESS_ACTIVE);
    assert_ok(act(&rig, (struct act){CANCEL, NULL, NULL, NULL, one}));
    assert_int_equal(state_of(&rig, one), PROCESS_CANCELED);
    assert_int_equal(state_of(&rig, two), PROCESS_CANCELED);
    assert_int_equal(state_of(&rig, three), PROCESS_CANCELED);
    close_rig(&rig);
}

static void test_interrupted(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    DEPLOY(&rig, JOBS("child", "look"),
           ONE("parent", "call", CALL(CALLED("child", ""), ""),
               CATCHES("stopped", "message", "m", "") ENDS("stopped")));
    int64_t parent = start(&rig, "parent", NULL), child = called_by(&rig, parent, 0);
    assert_ok(act(&rig, (struct act){MESSAGE, "stop", NULL, NULL, 0}));
    assert_int_equal(state_of(&rig, child), PROCESS_CANCELED);
    assert_int_equal(state_of(&rig, parent), PROCESS_COMPLETED);
    close_rig(&rig);
}

/* By hand it may be changed, but not ended. */
static void test_modified_away(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    DEPLOY(&rig, JOBS("child", "look"), CALLS("parent", "child"));
    int64_t child = called_by(&rig, start(&rig, "parent", NULL), 0);
    struct process_env env = env_of(&rig);
    struct process_run run;
    assert_ok(process_begin(&run, &env, child));
    int64_t look = 0;
    for (size_t i = 0; i < run.instance->element_count; i++)
        if (run.instance->elements[i].key != ENGINE_ROOT)
            assert_ok(process_element_key(&run, run.instance->elements[i].key, &look));
    struct process_change changes[] = {{.cancel_id = look}, {.start = STR("look")}};
    assert_err(process_modify(&env, child, changes, 1), ERR_CONFLICT);
    db_rollback(&rig.store.tx);
    begin_again(&rig);
    env = env_of(&rig);
    assert_ok(process_modify(&env, child, changes, 2));
    commit(&rig);
    job(&rig, "look", NULL);
    assert_int_equal(state_of(&rig, child), PROCESS_COMPLETED);
    close_rig(&rig);
}

/* One that is ended behind its caller's back leaves an incident there; trying again calls anew. */
static void test_lost(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    DEPLOY(&rig, JOBS("child", "look"), CALLS("parent", "child"));
    int64_t parent = start(&rig, "parent", NULL), child = called_by(&rig, parent, 0);
    struct process_env env = env_of(&rig);
    struct engine_command cancel = {.kind = ENGINE_CANCEL, .message = STR("no reason")};
    assert_ok(process_do(&env, child, &cancel));
    commit(&rig);
    assert_int_equal(row_of(&rig, parent).incidents, 1);
    assert_ok(act(&rig, (struct act){RESOLVE, NULL, NULL, NULL, parent}));
    assert_true(called_by(&rig, parent, 0) != child);
    job(&rig, "look", NULL);
    assert_int_equal(state_of(&rig, parent), PROCESS_COMPLETED);
    close_rig(&rig);
}

static void test_suspended(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    DEPLOY(&rig, JOBS("child", "look"), CALLS("parent", "child"));
    int64_t parent = start(&rig, "parent", NULL);
    assert_ok(act(&rig, (struct act){SUSPEND, NULL, NULL, NULL, parent}));
    assert_err(act(&rig, (struct act){SUSPEND, NULL, NULL, NULL, called_by(&rig, parent, 0)}),
               ERR_CONFLICT);
    struct process_env env = env_of(&rig);
    assert_err(process_resume(&env, called_by(&rig, parent, 0)), ERR_CONFLICT);
    /* By hand to the call once more: what it begins stands still too. */
    struct process_change again = {.start = STR("call")};
    assert_ok(process_modify(&env, parent, &again, 1));
    commit(&rig);
    assert_int_equal(state_of(&rig, called_by(&rig, parent, 1)), PROCESS_SUSPENDED);
    assert_ok(act(&rig, (struct act){RESUME, NULL, NULL, NULL, parent}));
    job(&rig, "look", NULL);
    job(&rig, "look", NULL);
    assert_int_equal(state_of(&rig, parent), PROCESS_COMPLETED);
    close_rig(&rig);
}

/* Its caller moves to another version while it runs; what it gives back finds the call there. */
static void test_caller_migrates(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    DEPLOY(&rig, JOBS("child", "look"), CALLS("parent", "child"));
    int64_t parent = start(&rig, "parent", NULL);
    DEPLOY(&rig, ONE("parent", "call", CALL(CALLED("child", ""), ""),
                     "<userTask id=\"more\"/>" FLOW("f3", "call", "more") ENDS("more")));
    struct process_env env = env_of(&rig);
    struct process_definition_newest_in in = {
        .park_id = 1, .kind = PROCESS_BPMN, .key = STR("parent")};
    struct process_definition_newest_row target;
    assert_ok(sql_process_definition_newest(rig.store.db, &in, &target));
    struct process_move same = {STR("call"), STR("call")};
    assert_ok(process_migrate(&env, parent, target.id, &same, 1));
    commit(&rig);
    job(&rig, "look", "{\"found\":1}");
    assert_int_equal(state_of(&rig, parent), PROCESS_ACTIVE); /* At the further task. */
    assert_str(result_of(&rig, parent), "{\"found\":1}");
    close_rig(&rig);
}

/* ---- What cannot be called ---- */

static void test_unknown(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    DEPLOY(&rig, CALLS("parent", "child"));
    int64_t parent = start(&rig, "parent", NULL);
    assert_int_equal(row_of(&rig, parent).incidents, 1);
    assert_ok(act(&rig, (struct act){RESOLVE, NULL, NULL, NULL, parent}));
    assert_int_equal(row_of(&rig, parent).incidents, 1);
    DEPLOY(&rig, ONE("child", "look", WORK("look"), ""));
    assert_ok(act(&rig, (struct act){RESOLVE, NULL, NULL, NULL, parent}));
    assert_int_equal(row_of(&rig, parent).incidents, 0);
    job(&rig, "look", NULL);
    assert_int_equal(state_of(&rig, parent), PROCESS_COMPLETED);
    close_rig(&rig);
}

/* Who calls itself stops at the deepest of them, and is ended as a whole. */
static void test_endless(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    rig.steady = true;
    DEPLOY(&rig, CALLS("again", "again"));
    int64_t root = start(&rig, "again", NULL), id = root;
    for (int depth = 1; depth < PROCESS_DEPTH_MAX; depth++)
        id = called_by(&rig, id, 0);
    assert_int_equal(row_of(&rig, id).incidents, 1);
    assert_ok(act(&rig, (struct act){CANCEL, NULL, NULL, NULL, root}));
    assert_int_equal(state_of(&rig, id), PROCESS_CANCELED);
    close_rig(&rig);
}

static void test_too_many(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    rig.steady = true;
    DEPLOY(&rig, DOUBLES, ONE("many", "call", CALL(CALLED("double", ""), EACH("false")), ""));
    CLEANUP(buf_release) struct buf list;
    buf_init(&list, 65536);
    buf_add_c(&list, "{\"list\":[1");
    for (int i = 1; i < PROCESS_CALLS_MAX + 3; i++)
        buf_add_c(&list, ",1");
    buf_add_c(&list, "]}");
    int64_t parent = start(&rig, "many", str_copy(&rig.store.arena, buf_str(&list)).ptr);
    assert_int_equal(row_of(&rig, parent).incidents, 3);
    for (int i = 0; i < 3; i++)
        assert_ok(act(&rig, (struct act){RESOLVE, NULL, NULL, NULL, parent}));
    assert_int_equal(state_of(&rig, parent), PROCESS_COMPLETED);
    close_rig(&rig);
}

/* ---- Versions ---- */

static void test_bindings(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    DEPLOY(&rig,
           HEAD
           "<process id=\"child\" isExecutable=\"true\"><extensionElements>"
           "<zeebe:versionTag value=\"v1\"/></extensionElements><startEvent id=\"s\"/>" WORK("old")
               FLOW("f1", "s", "old") ENDS("old") "</process></definitions>",
           ONE("tagged", "call",
               CALL(CALLED("child", "bindingType=\"versionTag\" versionTag=\"v1\""), ""), ""),
           ONE("beside", "call", CALL(CALLED("child", "bindingType=\"deployment\""), ""), ""),
           CALLS("latest", "child"),
           ONE("wrong", "call",
               CALL(CALLED("child", "bindingType=\"versionTag\" versionTag=\"v9\""), ""), ""));
    DEPLOY(&rig, JOBS("child", "new"));
    start(&rig, "tagged", NULL);
    job(&rig, "old", NULL);
    start(&rig, "beside", NULL);
    job(&rig, "old", NULL);
    int64_t latest = start(&rig, "latest", NULL);
    job(&rig, "new", NULL);
    assert_int_equal(state_of(&rig, latest), PROCESS_COMPLETED);
    assert_int_equal(row_of(&rig, start(&rig, "wrong", NULL)).incidents, 1);
    close_rig(&rig);
}

#define RULE(tag, text)                                                                            \
    "<definitions xmlns=\"https://www.omg.org/spec/DMN/20191111/MODEL/\" id=\"g\" name=\"g\" "     \
    "xmlns:zeebe=\"http://camunda.org/schema/zeebe/1.0\" namespace=\"urn:x\"><decision "           \
    "id=\"fee\" "                                                                                  \
    "name=\"The fee\"><extensionElements><zeebe:versionTag value=\"" tag                           \
    "\"/></extensionElements>"                                                                     \
    "<variable name=\"The fee\"/><literalExpression><text>" text "</text></literalExpression>"     \
    "</decision></definitions>"
#define DECIDES(process, more)                                                                     \
    ONE(process, "rule",                                                                           \
        "<businessRuleTask id=\"rule\"><extensionElements><zeebe:calledDecision "                  \
        "decisionId=\"fee\" "                                                                      \
        "resultVariable=\"fee\" " more "/></extensionElements></businessRuleTask>",                \
        "")

static void test_decision_bindings(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    DEPLOY(&rig, RULE("a", "1"), DECIDES("tagged", "bindingType=\"versionTag\" versionTag=\"a\""),
           DECIDES("beside", "bindingType=\"deployment\""), DECIDES("latest", ""));
    DEPLOY(&rig, RULE("b", "2"));
    assert_str(result_of(&rig, start(&rig, "tagged", NULL)), "{\"fee\":1}");
    assert_str(result_of(&rig, start(&rig, "beside", NULL)), "{\"fee\":1}");
    assert_str(result_of(&rig, start(&rig, "latest", NULL)), "{\"fee\":2}");
    /* What has not changed is deployed anew beside what has. */
    DEPLOY(&rig, RULE("b", "2"), DECIDES("beside", "bindingType=\"deployment\" "));
    assert_str(result_of(&rig, start(&rig, "beside", NULL)), "{\"fee\":2}");
    DEPLOY(&rig, DECIDES("alone", "bindingType=\"deployment\""));
    assert_int_equal(row_of(&rig, start(&rig, "alone", NULL)).incidents, 1);
    close_rig(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_returns),
        cmocka_unit_test(test_inherited_stays_behind),
        cmocka_unit_test(test_mappings),
        cmocka_unit_test(test_three_deep),
        cmocka_unit_test(test_each),
        cmocka_unit_test(test_first_of_many),
        cmocka_unit_test(test_error_caught),
        cmocka_unit_test(test_error_uncaught),
        cmocka_unit_test(test_escalation),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_interrupted),
        cmocka_unit_test(test_modified_away),
        cmocka_unit_test(test_lost),
        cmocka_unit_test(test_suspended),
        cmocka_unit_test(test_caller_migrates),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_endless),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_bindings),
        cmocka_unit_test(test_decision_bindings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
