/* Jobs: lent to workers for a time, and given back done, failed, or not at all. */
#include "base/clock.h"
#include "park/process_run.h"

static enum err write_variables(struct process_run *run, int64_t token, const struct list *names,
                                struct str *out)
{
    struct arena *arena = run->env->arena;
    CLEANUP(buf_release) struct buf all;
    CLEANUP(buf_release) struct buf some;
    buf_init(&all, LIMIT_HTTP_REPLY);
    buf_init(&some, LIMIT_HTTP_REPLY);
    struct json_writer w = json_writer(&all);
    engine_variables_write(&w, run->instance, token);
    if (names->count == 0) {
        *out = str_copy(arena, buf_str(&all));
        return buf_check(&all);
    }
    const struct json_value *json;
    enum err r = json_parse(arena, str_copy(arena, buf_str(&all)), &json);
    if (r != OK)
        return r;
    w = json_writer(&some);
    json_object_begin(&w);
    for (size_t i = 0; i < json->object.count; i++)
        if (process_wants(names, json->object.members[i].name)) {
            json_key_str(&w, json->object.members[i].name);
            json_value(&w, &json->object.members[i].value);
        }
    json_object_end(&w);
    *out = str_copy(arena, buf_str(&some));
    return buf_check(&some);
}

static enum err lend(struct process_env *env, const struct process_activation *in,
                     const struct process_jobs_ready_row *row, struct process_job *out)
{
    struct process_run run;
    struct str variables = {0};
    int64_t until_us = env->now_us + in->timeout_us;
    struct process_job_take_in take = {
        .park_id = env->park_id, .id = row->id, .worker = in->worker, .ready_us = until_us};
    enum err r = process_begin(&run, env, row->instance_id);
    if (r == OK)
        r = write_variables(&run, row->token, &in->variables, &variables);
    if (r == OK)
        r = sql_process_job_take(env->tx, &take, NULL);
    if (r == OK)
        *out = (struct process_job){.id = row->id,
                                    .instance_id = row->instance_id,
                                    .definition_id = run.row.definition_id,
                                    .version = run.definition.version,
                                    .retries = row->retries,
                                    .deadline_us = until_us,
                                    .key = run.definition.key,
                                    .element = row->element,
                                    .headers = row->headers,
                                    .variables = variables};
    return r;
}

static enum err log_lent(struct process_env *env, const struct process_activation *in,
                         const struct process_job *jobs, size_t count)
{
    CLEANUP(buf_release) struct buf body;
    buf_init(&body, LIMIT_HTTP_BODY);
    struct json_writer w = json_writer(&body);
    json_object_begin(&w);
    json_member_text(&w, "worker", in->worker);
    json_member_time(&w, "until", env->now_us + in->timeout_us);
    json_key(&w, "jobs");
    json_array_begin(&w);
    for (size_t i = 0; i < count; i++)
        json_id(&w, jobs[i].id);
    json_array_end(&w);
    json_object_end(&w);
    return process_log(env, "process.jobs-lent", 0, buf_str(&body));
}

enum err process_activate(struct process_env *env, const struct process_activation *in,
                          struct list *jobs)
{
    struct process_jobs_ready_rows rows;
    struct process_jobs_ready_in ready = {
        .park_id = env->park_id, .type = in->type, .now_us = env->now_us, .limit = in->max};
    enum err r = sql_process_jobs_ready(env->tx->db, env->arena, &ready, &rows);
    if (r != OK)
        return r;
    struct process_job *lent = ARENA_ARRAY(env->arena, rows.count, struct process_job);
    for (size_t i = 0; r == OK && i < rows.count; i++)
        r = lend(env, in, &rows.rows[i], &lent[i]);
    if (r == OK && rows.count > 0)
        r = log_lent(env, in, lent, rows.count);
    if (r == OK)
        *jobs = (struct list){.items = lent, .count = rows.count};
    return r;
}

enum err process_job_ready(struct process_env *env, struct str type, int64_t *ready_us)
{
    struct process_job_next_in in = {.park_id = env->park_id, .type = type};
    struct process_job_next_row row;
    enum err r = sql_process_job_next(env->tx->db, &in, &row);
    if (r == OK)
        *ready_us = row.ready_us;
    return r;
}

static enum err find_job(struct process_env *env, int64_t id, struct process_job_get_row *out)
{
    struct process_job_get_in in = {.park_id = env->park_id, .id = id};
    enum err r = sql_process_job_get(env->tx->db, env->arena, &in, out);
    return r == ERR_NOT_FOUND ? err_refuse(r, "process.no-job", "there is no open job %" PRId64, id)
                              : r;
}

static enum err act(struct process_env *env, int64_t id, struct engine_command command,
                    int64_t backoff_us)
{
    struct process_job_get_row row;
    struct process_run run;
    enum err r = find_job(env, id, &row);
    if (r == OK)
        r = process_begin(&run, env, row.instance_id);
    if (r != OK)
        return r;
    command.key = row.token;
    run.backoff_us = backoff_us;
    r = process_step(&run, &command);
    return r == OK ? process_finish(&run) : r;
}

enum err process_job_done(struct process_env *env, int64_t id, struct str variables)
{
    return act(env, id,
               (struct engine_command){.kind = ENGINE_JOB_COMPLETE, .variables = variables}, 0);
}

enum err process_job_failed(struct process_env *env, int64_t id,
                            const struct process_failure *failure)
{
    return act(env, id,
               (struct engine_command){.kind = ENGINE_JOB_FAIL,
                                       .retries = failure->retries,
                                       .message = failure->message,
                                       .variables = failure->variables},
               failure->backoff_us);
}

enum err process_job_error(struct process_env *env, int64_t id,
                           const struct process_failure *failure)
{
    return act(env, id,
               (struct engine_command){.kind = ENGINE_JOB_ERROR,
                                       .code = failure->code,
                                       .message = failure->message,
                                       .variables = failure->variables},
               0);
}

enum err process_job_update(struct process_env *env, int64_t id, int64_t retries,
                            int64_t timeout_us)
{
    struct process_job_get_row row;
    enum err r = find_job(env, id, &row);
    bool lent = r == OK && row.worker.ptr && row.ready_us > env->now_us;
    if (r == OK && retries > 0)
        r = act(env, id, (struct engine_command){.kind = ENGINE_JOB_RETRIES, .retries = retries},
                0);
    if (r == OK && timeout_us > 0 && !lent)
        return err_refuse(ERR_CONFLICT, "process.job-idle", "no worker has job %" PRId64, id);
    if (r != OK || !lent) /* Who has it keeps it: new retries alone don't take it away. */
        return r;
    struct process_job_timeout_in in = {.park_id = env->park_id,
                                        .id = id,
                                        .ready_us = timeout_us > 0 ? env->now_us + timeout_us
                                                                   : row.ready_us};
    return sql_process_job_timeout(env->tx, &in, NULL);
}
