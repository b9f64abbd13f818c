/* Instances that have been over for long enough go, some rows at a time; the journal keeps what
 * happened in them. */
#include "base/clock.h"
#include "park/process_clean_sql.h"
#include "park/process_run.h"

enum { CLEAN_INSTANCES = 50, CLEAN_ROWS = 5000 }; /* In one command. */

/* `*before_us`: what ended until then goes; 0 in a park without settings, which keeps everything.
 */
static enum err find_before(struct db *db, int64_t park_id, int64_t now_us, int64_t *before_us)
{
    struct process_days_get_row setting;
    enum err r =
        sql_process_days_get(db, &(struct process_days_get_in){.park_id = park_id}, &setting);
    *before_us = r == OK ? now_us - setting.days * DAY_US : 0;
    return r == ERR_NOT_FOUND ? OK : r;
}

static enum err find_due(struct db *db, struct arena *arena, int64_t park_id, int64_t before_us,
                         int64_t limit, struct process_clean_due_rows *out)
{
    struct process_clean_due_in in = {.park_id = park_id, .before_us = before_us, .limit = limit};
    return sql_process_clean_due(db, arena, &in, out);
}

enum err process_clean_look(struct db *db, struct arena *arena, int64_t park_id, int64_t now_us,
                            bool *out)
{
    struct process_clean_alone_due_in in = {.park_id = park_id};
    struct process_clean_alone_due_row alone;
    struct process_clean_due_rows due;
    enum err r = find_before(db, park_id, now_us, &in.before_us);
    if (r == OK)
        r = find_due(db, arena, park_id, in.before_us, 1, &due);
    if (r == OK)
        r = sql_process_clean_alone_due(db, &in, &alone);
    *out = r == OK && (due.count > 0 || alone.count > 0);
    return r;
}

/* The rows of one instance in one table, as many as are left. */
#define CLEAN(table)                                                                               \
    do {                                                                                           \
        struct process_clean_##table##_in in_ = {env->park_id, id, *left};                         \
        int64_t gone_ = 0;                                                                         \
        if (r == OK)                                                                               \
            r = sql_process_clean_##table(env->tx, &in_, &gone_);                                  \
        *left -= gone_;                                                                            \
    } while (0)

/* `*left` are the rows that may still go. With rows left over at the end, the instance is gone. */
static enum err clean_one(struct process_env *env, int64_t id, int64_t *left)
{
    struct process_clean_instance_in instance = {env->park_id, id};
    enum err r = OK;
    CLEAN(variables);
    CLEAN(decisions);
    CLEAN(tasks);
    CLEAN(incidents);
    CLEAN(called);
    CLEAN(elements);
    return r == OK && *left > 0 ? sql_process_clean_instance(env->tx, &instance, NULL) : r;
}

static enum err log_cleaning(struct process_env *env, size_t instances, int64_t decisions)
{
    CLEANUP(buf_release) struct buf body;
    buf_init(&body, 256);
    buf_format(&body, "{\"instances\":%zu,\"decisions\":%" PRId64 "}", instances, decisions);
    return process_log(env, "process.cleaned", 0, buf_str(&body));
}

enum err process_clean(struct process_env *env, bool *more)
{
    struct process_clean_due_rows due = {0};
    struct process_clean_alone_in alone = {.park_id = env->park_id};
    int64_t left = CLEAN_ROWS, decisions = 0;
    size_t cleaned = 0;
    enum err r = find_before(env->tx->db, env->park_id, env->now_us, &alone.before_us);
    if (r == OK)
        r = find_due(env->tx->db, env->arena, env->park_id, alone.before_us, CLEAN_INSTANCES, &due);
    for (size_t i = 0; r == OK && left > 0 && i < due.count; i++) {
        r = clean_one(env, due.rows[i].id, &left);
        cleaned += left > 0;
    }
    alone.limit = left;
    if (r == OK && left > 0)
        r = sql_process_clean_alone(env->tx, &alone, &decisions);
    left -= decisions;
    if (r == OK && (cleaned > 0 || decisions > 0))
        r = log_cleaning(env, cleaned, decisions);
    *more = r == OK && (left <= 0 || due.count == CLEAN_INSTANCES);
    return r;
}
