/* What the journal tells of cases: replay, incidents repaired, versions side by side, cleaning. */
#include "store.h"

#include "base/clock.h"
#include "park/account.h"
#include "park/case_run.h"
#include "park/history.h"
#include "park/history_sql.h"
#include "park/sample.h"
#include "park/sample_day.h"

struct played {
    struct store store;
    struct services *services;
    struct case_world *world;
    struct history_cases_rows cases;
};

static int64_t account_number;

static void make_account(struct store *s, int64_t person_id)
{
    struct account_new account = {
        .park_id = 1,
        .person_id = person_id,
        .login = str_format(&s->arena, "u%" PRId64, ++account_number),
        .password = STR("-"),
    };
    assert_ok(account_create(&s->tx, &account, STORE_NOW));
}

static void make_accounts(struct store *s, const struct sample *sample)
{
    for (size_t i = 0; i < SAMPLE_ENTERPRISES; i++)
        make_account(s, sample->enterprises[i].contact);
    for (size_t g = 0; g < SAMPLE_GRIDS; g++) {
        make_account(s, sample->grids[g].leader);
        for (size_t m = 0; m < sample->grids[g].member_count; m++)
            make_account(s, sample->grids[g].members[m]);
    }
    for (size_t d = 0; d < SAMPLE_DEPARTMENTS; d++) {
        make_account(s, sample->departments[d].head);
        for (size_t o = 0; o < SAMPLE_OFFICERS; o++)
            make_account(s, sample->departments[d].officers[o]);
    }
    for (size_t i = 0; i < SAMPLE_LEADERS; i++)
        make_account(s, sample->leaders[i]);
}

static enum err nothing(struct db_tx *tx, void *context)
{
    (void)tx, (void)context;
    return OK;
}

/* A park where people have worked for some days; a transaction is open. */
static void play(struct played *p)
{
    struct sample sample;
    struct sample_played done;
    account_number = 0;
    store_open(&p->store);
    assert_ok(sample_register(&p->store.tx, 1, 3, STORE_NOW - 60 * DAY_US, &sample));
    make_accounts(&p->store, &sample);
    assert_ok(db_commit(&p->store.tx));
    assert_ok(services_load(NULL, &p->services));
    assert_ok(case_world_new(p->services, &p->world));
    struct sample_play what = {.db = p->store.db,
                               .world = p->world,
                               .before_commit = nothing,
                               .park_id = 1,
                               .seed = 3,
                               .from_us = STORE_NOW - 12 * DAY_US,
                               .now_us = STORE_NOW,
                               .cases = 25};
    assert_ok(sample_play(&what, &done));
    assert_ok(db_begin(p->store.db, &p->store.tx));
    struct history_cases_in all = {.park_id = 1, .limit = 100};
    assert_ok(sql_history_cases(p->store.db, &p->store.arena, &all, &p->cases));
    assert_true(p->cases.count >= 25);
}

static void stop(struct played *p)
{
    case_world_free(p->world);
    services_free(p->services);
    store_close(&p->store);
}

static struct history read_history(struct played *p, int64_t id)
{
    struct history history;
    assert_ok(history_read(p->store.db, &p->store.arena, p->services, 1, id, &history));
    return history;
}

static struct case_env env_of(struct played *p)
{
    return (struct case_env){.tx = &p->store.tx,
                             .arena = &p->store.arena,
                             .world = p->world,
                             .park_id = 1,
                             .now_us = STORE_NOW};
}

/* The first case that runs and waits for somebody. */
static int64_t open_case(struct played *p, struct case_run *run, int64_t *task)
{
    struct case_env env = env_of(p);
    for (size_t i = 0; i < p->cases.count; i++) {
        assert_ok(case_begin(run, &env, NULL, p->cases.rows[i].id));
        for (size_t k = 0; k < run->instance->element_count; k++) {
            const struct engine_element *element = &run->instance->elements[k];
            *task = element->key;
            if (run->service->model->nodes[element->node].kind == BPMN_USER_TASK &&
                element->role != ENGINE_LOOP)
                return run->id;
        }
    }
    fail_msg("no case waits for anybody");
    return 0;
}

static void test_replay_gives_what_is_stored(void **state)
{
    (void)state;
    struct played p;
    play(&p);
    for (size_t i = 0; i < p.cases.count; i++) {
        struct history history = read_history(&p, p.cases.rows[i].id);
        assert_str(history.differences, "");
        assert_int_equal(history.verdict, HISTORY_SAME);
        assert_true(history.steps > 0 && history.item_count > 0);
    }
    stop(&p);
}

/* A store that somebody wrote to past the program. */
static void test_replay_finds_a_change(void **state)
{
    (void)state;
    struct played p;
    struct case_run run;
    int64_t task;
    play(&p);
    int64_t id = open_case(&p, &run, &task);
    struct engine_command set = {.kind = ENGINE_VARIABLES_SET,
                                 .variables = STR("{\"smuggled\":1}")};
    assert_ok(case_step(&run, &set));
    run.noted_count = 0; /* The journal does not hear of it. */
    assert_ok(case_end(&run));
    struct history history = read_history(&p, id);
    assert_int_equal(history.verdict, HISTORY_DIFFERS);
    assert_str(history.differences, "variable 'smuggled' of element 1 is not in the journal\n");
    stop(&p);
}

static void test_incident_is_repaired(void **state)
{
    (void)state;
    struct played p;
    struct case_run run;
    struct incident_list_rows rows = {0};
    struct incident_list_in all = {.park_id = 1, .limit = 10};
    int64_t task;
    play(&p);
    int64_t id = open_case(&p, &run, &task);
    struct engine_command fail = {
        .kind = ENGINE_TASK_ERROR, .key = task, .code = STR("nobody"), .message = STR("lost")};
    assert_ok(case_step(&run, &fail));
    assert_ok(case_end(&run));
    assert_ok(sql_incident_list(p.store.db, &p.store.arena, &all, &rows));
    assert_int_equal(rows.count, 1);
    assert_int_equal(rows.rows[0].case_id, id);
    assert_str(rows.rows[0].kind, "error.unhandled");
    struct case_env env = env_of(&p);
    struct principal admin = {.park_id = 1, .person_id = 9, .roles = ROLE_SYSTEM_ADMIN};
    struct case_retry retry = {.reason = STR("set right")};
    assert_err(case_incident_retry(&env, &admin, id, rows.rows[0].token + 1, &retry),
               ERR_NOT_FOUND);
    assert_ok(json_parse(&p.store.arena, STR("{\"mended\":true}"), &retry.variables));
    assert_ok(case_incident_retry(&env, &admin, id, rows.rows[0].token, &retry));
    assert_ok(sql_incident_list(p.store.db, &p.store.arena, &all, &rows));
    assert_int_equal(rows.count, 0);
    assert_ok(case_begin(&run, &env, NULL, id));
    assert_int_equal(run.instance->incident_count, 0);
    assert_str(engine_variable(run.instance, ENGINE_ROOT, STR("mended")), "true");
    assert_int_equal(read_history(&p, id).verdict, HISTORY_SAME);
    stop(&p);
}

/* ---- A case as a whole ---- */

static const struct principal ADMIN = {.park_id = 1, .person_id = 9, .roles = ROLE_SYSTEM_ADMIN};

static void check_same(struct played *p, int64_t id)
{
    struct history history = read_history(p, id);
    assert_str(history.differences, "");
    assert_int_equal(history.verdict, HISTORY_SAME);
}

/* Whose deadline has not passed stands still; the others stay late. */
static void check_clocks(const struct case_run *was, const struct case_run *is, bool held,
                         int64_t at_us)
{
    const struct case_clock *before = was->detail.clocks.items, *after = is->detail.clocks.items;
    assert_int_equal(was->detail.clocks.count, is->detail.clocks.count);
    for (size_t i = 0; i < is->detail.clocks.count; i++) {
        bool runs = !before[i].stopped_us, late = before[i].due_us <= at_us;
        bool waited = case_clock_held(&was->detail, &before[i]);
        assert_int_equal(case_clock_held(&is->detail, &after[i]),
                         waited || (held && runs && !late));
        assert_true(after[i].due_us >= before[i].due_us);
        if (held || !runs || late || waited)
            assert_true(after[i].due_us == before[i].due_us);
        else
            assert_true(after[i].due_us > before[i].due_us);
    }
}

/* An item whose deadline is its clock's moves with it. */
static size_t check_items(struct case_run *was, struct case_run *is)
{
    const struct case_clock *before = was->detail.clocks.items, *after = is->detail.clocks.items;
    size_t moved = 0;
    for (size_t i = 0; i < is->detail.clocks.count; i++) {
        int64_t id = 0;
        if (after[i].key.len == 0 || str_to_int(after[i].key, &id) != OK ||
            after[i].due_us == before[i].due_us)
            continue;
        struct item_of_case_row *item;
        assert_ok(case_item_load(is, id, &item));
        assert_true(item->due_us != before[i].due_us);
        moved++;
    }
    return moved;
}

/* While the deadlines of its items are still to come, if it has any. */
static int64_t time_to_suspend(const struct case_run *run)
{
    const struct case_clock *clocks = run->detail.clocks.items;
    int64_t at_us = STORE_NOW, id;
    for (size_t i = 0; i < run->detail.clocks.count; i++)
        if (!clocks[i].stopped_us && clocks[i].key.len > 0 &&
            str_to_int(clocks[i].key, &id) == OK && clocks[i].due_us - DAY_US < at_us)
            at_us = clocks[i].due_us - DAY_US;
    return at_us;
}

static size_t suspend_and_resume(struct played *p, struct case_env *env, int64_t id)
{
    struct case_run was, is;
    assert_ok(case_begin(&was, env, NULL, id));
    int64_t at_us = env->now_us = time_to_suspend(&was);
    assert_ok(case_suspend(env, &ADMIN, id, STR("wait")));
    check_same(p, id);
    assert_ok(case_begin(&is, env, NULL, id));
    assert_int_equal(is.instance->state, ENGINE_SUSPENDED);
    assert_int_equal(is.row.wake_us, 0);
    assert_true(is.row.suspended && (!is.row.late || was.row.late));
    check_clocks(&was, &is, true, at_us);
    env->now_us += 4 * DAY_US; /* Office days among them. */
    assert_ok(case_wake(env, id));
    assert_ok(case_unsuspend(env, &ADMIN, id, STR("go on")));
    check_same(p, id);
    assert_ok(case_begin(&is, env, NULL, id));
    assert_int_equal(is.instance->state, ENGINE_ACTIVE);
    assert_int_equal(is.instance->element_count, was.instance->element_count);
    assert_int_equal(is.instance->timer_count, was.instance->timer_count);
    check_clocks(&was, &is, false, at_us);
    return check_items(&was, &is);
}

static void test_every_case_is_suspended(void **state)
{
    (void)state;
    struct played p;
    struct case_run run;
    size_t open = 0, joint = 0, items = 0;
    play(&p);
    struct case_env env = env_of(&p);
    for (size_t i = 0; i < p.cases.count; i++) {
        assert_ok(case_begin(&run, &env, NULL, p.cases.rows[i].id));
        if (run.row.closed)
            continue;
        open++;
        joint += str_is(run.service->key, "four-sync");
        items += suspend_and_resume(&p, &env, p.cases.rows[i].id);
    }
    assert_true(open > 5 && joint > 0 && items > 0);
    stop(&p);
}

/* The same service by another digest. */
static void change_service(struct played *p, const struct service *old)
{
    struct service_folder folder;
    struct service_report report = {.arena = &p->store.arena};
    struct str path = str_format(&p->store.arena, "services/%.*s", STR_ARG(old->key));
    assert_ok(service_read_folder(&p->store.arena, path.ptr, &folder));
    struct service_file *files = (struct service_file *)folder.files;
    for (size_t i = 0; i < folder.count; i++)
        if (str_is(files[i].name, "process.bpmn"))
            files[i].bytes = str_format(&p->store.arena, "%.*s\n", STR_ARG(files[i].bytes));
    services_free(p->services);
    assert_ok(services_of_folder(&folder, &report, &p->services));
    case_world_free(p->world);
    assert_ok(case_world_new(p->services, &p->world));
}

static void test_every_case_is_migrated(void **state)
{
    (void)state;
    static const char *const keys[] = {"request", "four-sync"};
    for (size_t k = 0; k < COUNT_OF(keys); k++) {
        struct played p;
        struct case_run run;
        struct case_effect effect;
        struct case_migration in = {.reason = STR("newer"), .preview = true};
        play(&p);
        change_service(&p, services_find(p.services, str_of(keys[k])));
        struct case_env env = env_of(&p);
        size_t moved = 0;
        for (size_t i = 0; i < p.cases.count; i++) {
            int64_t id = p.cases.rows[i].id;
            assert_ok(case_begin(&run, &env, NULL, id));
            if (run.row.closed || !str_is(run.service->key, keys[k]))
                continue;
            int64_t version = run.row.version, model = run.row.model_id;
            in.preview = true;
            assert_ok(case_migrate(&env, &ADMIN, id, &in, &effect));
            assert_int_equal(effect.faults.count + effect.ends.count + effect.begins.count, 0);
            assert_ok(case_begin(&run, &env, NULL, id));
            assert_true(run.row.version == version && run.row.model_id == model);
            in.preview = false;
            assert_ok(case_migrate(&env, &ADMIN, id, &in, &effect));
            assert_ok(case_begin(&run, &env, NULL, id));
            assert_true(run.row.model_id != model);
            check_same(&p, id);
            assert_err(case_migrate(&env, &ADMIN, id, &in, &effect), ERR_CONFLICT);
            moved++;
        }
        assert_true(moved > 2);
        stop(&p);
    }
}

/* The services change; what runs goes on by the definition that it was filed under. */
static void test_versions_side_by_side(void **state)
{
    (void)state;
    struct played p;
    struct case_run run;
    int64_t task;
    play(&p);
    int64_t id = open_case(&p, &run, &task);
    const struct service *old = services_find(p.services, run.service->key);
    struct service_folder folder;
    struct service_report report = {.arena = &p.store.arena};
    struct services *changed;
    struct str path = str_format(&p.store.arena, "services/%.*s", STR_ARG(old->key));
    assert_ok(service_read_folder(&p.store.arena, path.ptr, &folder));
    struct service_file *files = (struct service_file *)folder.files;
    for (size_t i = 0; i < folder.count; i++)
        if (str_is(files[i].name, "process.bpmn"))
            files[i].bytes = str_format(&p.store.arena, "%.*s\n", STR_ARG(files[i].bytes));
    assert_ok(services_of_folder(&folder, &report, &changed));
    const struct service *new = services_find(changed, old->key);
    assert_false(hash_equal(&new->hash, &old->hash));
    case_world_free(p.world);
    assert_ok(case_world_new(changed, &p.world));
    struct case_env env = env_of(&p);
    assert_ok(case_begin(&run, &env, NULL, id));
    assert_true(hash_equal(&run.service->hash, &old->hash));
    struct history history;
    assert_ok(history_read(p.store.db, &p.store.arena, changed, 1, id, &history));
    assert_int_equal(history.verdict, HISTORY_SAME);
    services_free(p.services);
    p.services = changed;
    stop(&p);
}

static void test_closed_cases_are_cleaned(void **state)
{
    (void)state;
    struct played p;
    int64_t cleaned = 0, erased = 0, total = 0;
    play(&p);
    assert_ok(history_clean(&p.store.tx, 1, STORE_NOW, &cleaned));
    assert_int_equal(cleaned, 0);
    do {
        assert_ok(history_clean(&p.store.tx, 1, STORE_NOW + 2000 * DAY_US, &cleaned));
        assert_true(cleaned <= HISTORY_CLEAN_CASES);
        total += cleaned;
    } while (cleaned > 0);
    for (size_t i = 0; i < p.cases.count; i++) {
        struct history history = read_history(&p, p.cases.rows[i].id);
        bool over = history.stored->state != ENGINE_ACTIVE;
        assert_int_equal(history.verdict, over ? HISTORY_ERASED : HISTORY_SAME);
        erased += over;
    }
    assert_true(erased > 0);
    assert_int_equal(total, erased);
    stop(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replay_gives_what_is_stored),
        cmocka_unit_test(test_replay_finds_a_change),
        cmocka_unit_test(test_incident_is_repaired),
        cmocka_unit_test(test_every_case_is_suspended),
        cmocka_unit_test(test_every_case_is_migrated),
        cmocka_unit_test(test_versions_side_by_side),
        cmocka_unit_test(test_closed_cases_are_cleaned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
