/* What an administrator does to a running case as a whole: stands it still, and lets it run on. */
#include "base/clock.h"
#include "park/account_sql.h"
#include "park/case_run.h"

static const struct str SUSPENDED = {.ptr = "suspended", .len = 9};

enum err case_moves(struct case_run *run)
{
    if (!run->row.suspended)
        return OK;
    struct person_name_row person;
    struct person_name_in in = {.park_id = run->park_id, .person_id = run->detail.suspended_by};
    CLEANUP(buf_release) struct buf since;
    buf_init(&since, LIMIT_NAME_CHARS);
    time_format(&since, run->detail.suspended_us - run->detail.suspended_us % SECOND_US,
                calendar_plain().offset_minutes);
    bool known = sql_person_name(run->tx->db, run->arena, &in, &person) == OK;
    return err_refuse(ERR_CONFLICT, "case.suspended",
                      "%.*s has suspended the case since %.*s: %.*s",
                      STR_ARG(known ? person.name : STR("somebody")), STR_ARG(buf_str(&since)),
                      STR_ARG(run->detail.suspended_reason));
}

enum err case_begin_life(struct case_run *run, const struct case_env *env,
                         const struct principal *who, int64_t case_id)
{
    enum err r = case_begin(run, env, NULL, case_id);
    run->who = who;
    return r == OK && run->row.closed
               ? err_refuse(ERR_CONFLICT, "case.closed", "the case is closed")
               : r;
}

static enum err log_words(struct case_run *run, const char *kind, struct str reason)
{
    struct case_entry entry;
    case_entry_begin(run, &entry);
    json_member_text(&entry.w, "text", reason);
    return case_entry_end(run, &entry, kind, 0);
}

/* ---- Standing still ---- */

/* The clocks stand still as in a pause; but what is late already stays late. */
enum err case_life_hold(struct case_run *run)
{
    struct case_clock *clocks = (struct case_clock *)run->detail.clocks.items;
    enum err r = OK;
    for (size_t i = 0; r == OK && i < run->detail.clocks.count; i++)
        if (!clocks[i].stopped_us && clocks[i].due_us > run->now_us)
            r = case_clock_hold(run, &clocks[i], SUSPENDED, run->detail.suspended_reason);
    return r;
}

enum err case_suspend(const struct case_env *env, const struct principal *who, int64_t case_id,
                      struct str reason)
{
    struct case_run run;
    enum err r = case_begin_life(&run, env, who, case_id);
    if (r == OK)
        r = case_moves(&run);
    if (r == OK)
        r = log_words(&run, "case.suspended", reason);
    if (r != OK)
        return r;
    run.row.suspended = true;
    run.detail.suspended_us = run.now_us;
    run.detail.suspended_by = who->person_id;
    run.detail.suspended_reason = reason;
    r = case_life_hold(&run);
    struct engine_command suspend = {.kind = ENGINE_SUSPEND, .message = reason};
    if (r == OK)
        r = case_step(&run, &suspend);
    return r == OK ? case_end(&run) : r;
}

/* ---- Running on ---- */

static bool held_by_suspension(const struct case_run *run, const struct case_clock *clock)
{
    const struct case_pause *pauses = run->detail.pauses.items;
    for (size_t i = 0; i < run->detail.pauses.count; i++)
        if (!pauses[i].to_us && str_equal(pauses[i].reason, SUSPENDED) &&
            str_equal(pauses[i].clock, clock->name) && str_equal(pauses[i].key, clock->key))
            return true;
    return false;
}

/* What is to be put right by the clock's deadline is so by the new one. */
static enum err move_item(struct case_run *run, const struct case_clock *clock, int64_t was_us)
{
    int64_t id;
    if (clock->key.len == 0 || str_to_int(clock->key, &id) != OK)
        return OK;
    struct item_of_case_row *item = NULL;
    enum err r = case_item_load(run, id, &item);
    if (!item || item->due_us != was_us)
        return r;
    item->due_us = clock->due_us;
    return case_item_save(run, item);
}

static enum err release_clocks(struct case_run *run)
{
    struct case_clock *clocks = (struct case_clock *)run->detail.clocks.items;
    enum err r = OK;
    for (size_t i = 0; r == OK && i < run->detail.clocks.count; i++) {
        int64_t was_us = clocks[i].due_us;
        if (!held_by_suspension(run, &clocks[i]))
            continue;
        case_clock_release(run, &clocks[i]);
        r = move_item(run, &clocks[i], was_us);
    }
    return r;
}

/* A date is worked out anew from the clocks; a span is as long as it was when all stood still. */
static enum err shift_timers(struct case_run *run)
{
    int64_t lost_us = run->now_us - run->detail.suspended_us;
    size_t count = run->instance->timer_count;
    int64_t *keys = ARENA_ARRAY(run->arena, count, int64_t);
    enum err r = OK;
    for (size_t i = 0; i < count; i++)
        keys[i] = run->instance->timers[i].key;
    for (size_t i = 0; r == OK && i < count; i++) {
        const struct engine_timer *timer = engine_timer(run->instance, keys[i]);
        const struct bpmn_event *event =
            bpmn_event_of(&run->service->model->nodes[timer->node], BPMN_ON_TIMER);
        if (!timer->due_us || !event || event->timer == BPMN_TIMER_DATE)
            continue;
        struct engine_command move = {
            .kind = ENGINE_TIMER_MOVE, .key = timer->key, .due_us = timer->due_us + lost_us};
        r = case_step(run, &move);
    }
    return r;
}

enum err case_unsuspend(const struct case_env *env, const struct principal *who, int64_t case_id,
                        struct str reason)
{
    struct case_run run;
    enum err r = case_begin_life(&run, env, who, case_id);
    if (r == OK && !run.row.suspended)
        return err_refuse(ERR_CONFLICT, "case.not-suspended", "the case is not suspended");
    if (r == OK)
        r = log_words(&run, "case.unsuspended", reason);
    if (r != OK)
        return r;
    r = release_clocks(&run);
    if (r == OK)
        r = shift_timers(&run);
    if (r == OK && !run.row.paused) /* Else they stand still until the pause ends. */
        r = case_timers_move(&run, false);
    run.row.suspended = false;
    run.detail.suspended_us = run.detail.suspended_by = 0;
    run.detail.suspended_reason = (struct str){0};
    struct engine_command resume = {.kind = ENGINE_RESUME, .message = reason};
    if (r == OK)
        r = case_step(&run, &resume);
    if (r == OK)
        r = case_jobs_run(&run);
    return r == OK ? case_end(&run) : r;
}
