#include "park/scheduler.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/lookout.h"
#include "park/case_sql.h"
#include "park/process_begin_sql.h"
#include "park/process_sql.h"

enum { LOOK_MS = 1000, LOOK_TEST_MS = 50, RETRY_MINUTES = 10 };

struct scheduler {
    struct db *db;
    struct writer *writer;
    struct case_world *world;
    struct lookout *lookout;
    _Atomic int64_t woken, failed;
};

struct sleepers;

struct wake {
    struct command command;
    const struct sleepers *of;
    struct case_world *world;
    int64_t park_id, now_us;
    int64_t ids[SCHEDULER_BATCH];
    size_t count;
    int64_t failed;
};

/* What sleeps in its own table: who is due, waking one, and setting one aside. */
struct sleepers {
    enum err (*due)(struct db *db, struct arena *arena, struct wake *wake);
    enum err (*wake)(const struct case_env *env, int64_t id);
    enum err (*set_aside)(struct db_tx *tx, const struct wake *wake, int64_t id);
};

static int64_t again_us(const struct wake *wake)
{
    return wake->now_us + RETRY_MINUTES * MINUTE_US;
}

static enum err cases_due(struct db *db, struct arena *arena, struct wake *wake)
{
    struct case_due_in in = {
        .park_id = wake->park_id, .now_us = wake->now_us, .limit = SCHEDULER_BATCH};
    struct case_due_rows rows;
    enum err r = sql_case_due(db, arena, &in, &rows);
    for (size_t i = 0; r == OK && i < rows.count; i++)
        wake->ids[wake->count++] = rows.rows[i].id;
    return r;
}

static enum err case_aside(struct db_tx *tx, const struct wake *wake, int64_t id)
{
    struct case_set_aside_in in = {.park_id = wake->park_id, .id = id, .wake_us = again_us(wake)};
    return sql_case_set_aside(tx, &in, NULL);
}

static enum err processes_due(struct db *db, struct arena *arena, struct wake *wake)
{
    struct process_instance_due_in in = {
        .park_id = wake->park_id, .now_us = wake->now_us, .limit = SCHEDULER_BATCH};
    struct process_instance_due_rows rows;
    enum err r = sql_process_instance_due(db, arena, &in, &rows);
    for (size_t i = 0; r == OK && i < rows.count; i++)
        wake->ids[wake->count++] = rows.rows[i].id;
    return r;
}

static enum err process_aside(struct db_tx *tx, const struct wake *wake, int64_t id)
{
    struct process_instance_set_aside_in in = {
        .park_id = wake->park_id, .id = id, .wake_us = again_us(wake)};
    return sql_process_instance_set_aside(tx, &in, NULL);
}

static struct process_env process_of(const struct case_env *env)
{
    return (struct process_env){.tx = env->tx,
                                .arena = env->arena,
                                .world = case_world_processes(env->world),
                                .park_id = env->park_id,
                                .now_us = env->now_us};
}

static enum err wake_process(const struct case_env *env, int64_t id)
{
    struct process_env process = process_of(env);
    return process_wake(&process, id);
}

static enum err begins_due(struct db *db, struct arena *arena, struct wake *wake)
{
    struct process_timer_due_in in = {
        .park_id = wake->park_id, .now_us = wake->now_us, .limit = SCHEDULER_BATCH};
    struct process_timer_due_rows rows;
    enum err r = sql_process_timer_due(db, arena, &in, &rows);
    for (size_t i = 0; r == OK && i < rows.count; i++)
        wake->ids[wake->count++] = rows.rows[i].id;
    return r;
}

static enum err begin_aside(struct db_tx *tx, const struct wake *wake, int64_t id)
{
    struct process_timer_set_aside_in in = {
        .park_id = wake->park_id, .id = id, .wake_us = again_us(wake)};
    return sql_process_timer_set_aside(tx, &in, NULL);
}

static enum err wake_begin(const struct case_env *env, int64_t id)
{
    struct process_env process = process_of(env);
    return process_begin_due(&process, id);
}

static const struct sleepers SLEEPERS[] = {{cases_due, case_wake, case_aside},
                                           {processes_due, wake_process, process_aside},
                                           {begins_due, wake_begin, begin_aside}};

/* One that cannot be woken is set aside for a while: the others go on. */
static enum err run_wake(struct db_tx *tx, struct command *command)
{
    struct wake *wake = (struct wake *)command;
    enum err r = OK;
    for (size_t i = 0; r == OK && i < wake->count; i++) {
        struct arena arena;
        arena_init(&arena);
        struct case_env env = {.tx = tx,
                               .arena = &arena,
                               .world = wake->world,
                               .park_id = wake->park_id,
                               .now_us = wake->now_us};
        r = db_savepoint(tx);
        if (r == OK && wake->of->wake(&env, wake->ids[i]) == OK) {
            r = db_release(tx);
        } else if (r == OK) {
            wake->failed++;
            r = db_undo(tx);
            if (r == OK)
                r = wake->of->set_aside(tx, wake, wake->ids[i]);
        }
        arena_release(&arena);
    }
    return r;
}

/* Wakes one batch; `*more` if there may be another. */
static enum err wake_batch(struct scheduler *scheduler, const struct sleepers *of, int64_t park_id,
                           bool *more)
{
    struct arena arena;
    arena_init(&arena);
    struct wake wake = {.command = {.run = run_wake},
                        .of = of,
                        .world = scheduler->world,
                        .park_id = park_id,
                        .now_us = clock_now_us()};
    enum err r = of->due(scheduler->db, &arena, &wake);
    arena_release(&arena);
    if (r == OK && wake.count > 0)
        r = writer_run(scheduler->writer, &wake.command);
    if (r != OK)
        return r;
    *more = wake.count == SCHEDULER_BATCH;
    atomic_fetch_add(&scheduler->woken, (int64_t)wake.count);
    atomic_fetch_add(&scheduler->failed, wake.failed);
    return OK;
}

/* ---- What has been over for long enough goes ---- */

struct cleaning {
    struct command command;
    struct case_world *world;
    int64_t park_id, now_us;
    bool more;
};

static enum err run_cleaning(struct db_tx *tx, struct command *command)
{
    struct cleaning *cleaning = (struct cleaning *)command;
    CLEANUP(arena_release) struct arena arena = {0};
    struct case_env env = {.tx = tx,
                           .arena = &arena,
                           .world = cleaning->world,
                           .park_id = cleaning->park_id,
                           .now_us = cleaning->now_us};
    struct process_env process = process_of(&env);
    return process_clean(&process, &cleaning->more);
}

static void clean_all(struct scheduler *scheduler, int64_t park_id)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct cleaning cleaning = {.command = {.run = run_cleaning},
                                .world = scheduler->world,
                                .park_id = park_id,
                                .now_us = clock_now_us()};
    if (process_clean_look(scheduler->db, &arena, park_id, cleaning.now_us, &cleaning.more) != OK)
        return;
    while (cleaning.more && !lookout_is_stopping(scheduler->lookout))
        if (writer_run(scheduler->writer, &cleaning.command) != OK)
            return; /* Busy or stopping: the next look tries again. */
}

static void wake_all(void *context)
{
    struct scheduler *scheduler = context;
    struct case_parks_rows parks;
    struct arena arena;
    arena_init(&arena);
    if (sql_case_parks(scheduler->db, &arena, &(struct case_parks_in){.limit = 1000}, &parks) != OK)
        parks.count = 0;
    for (size_t i = 0; i < parks.count * COUNT_OF(SLEEPERS); i++)
        for (bool more = true; more && !lookout_is_stopping(scheduler->lookout);)
            if (wake_batch(scheduler, &SLEEPERS[i % COUNT_OF(SLEEPERS)],
                           parks.rows[i / COUNT_OF(SLEEPERS)].id, &more) != OK)
                break; /* Busy or stopping: the next look tries again. */
    for (size_t i = 0; i < parks.count; i++)
        clean_all(scheduler, parks.rows[i].id);
    arena_release(&arena);
}

enum err scheduler_start(const char *store, struct writer *writer, struct case_world *world,
                         struct scheduler **out)
{
    struct scheduler *scheduler = calloc(1, sizeof(*scheduler));
    assert(scheduler);
    enum err r = db_open(store, DB_READ, &scheduler->db);
    if (r != OK) {
        free(scheduler);
        return r;
    }
    scheduler->writer = writer;
    scheduler->world = world;
    struct lookout_config config = {
        .every_ms = LOOK_MS, .every_test_ms = LOOK_TEST_MS, .look = wake_all, .context = scheduler};
    r = lookout_start(&config, &scheduler->lookout);
    if (r != OK) {
        db_close(scheduler->db);
        free(scheduler);
        return r;
    }
    *out = scheduler;
    return OK;
}

void scheduler_free(struct scheduler *scheduler)
{
    if (!scheduler)
        return;
    lookout_free(scheduler->lookout);
    db_close(scheduler->db);
    free(scheduler);
}

void scheduler_read_stats(struct scheduler *scheduler, struct scheduler_stats *out)
{
    out->woken = atomic_load(&scheduler->woken);
    out->failed = atomic_load(&scheduler->failed);
}
