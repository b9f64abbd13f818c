/* An instance that is suspended: no worker gets its jobs, no message reaches it, until it is
 * resumed. What waits in the engine stays as it is. */
#include "park/process_run.h"

enum err process_suspend(struct process_env *env, int64_t id)
{
    struct engine_command suspend = {.kind = ENGINE_SUSPEND,
                                     .message = STR("suspended by a client")};
    return process_do(env, id, &suspend);
}

/* Else it would go on, and in the end have nobody to come back to. */
static enum err check_caller(struct process_env *env, int64_t id)
{
    struct process_instance_load_in in = {.park_id = env->park_id, .id = id};
    struct process_instance_load_row row;
    enum err r = sql_process_instance_load(env->tx->db, env->arena, &in, &row);
    if (r != OK || !row.parent_id)
        return r == ERR_NOT_FOUND ? OK : r;
    struct process_call_open_in call = {
        .park_id = env->park_id, .instance_id = row.parent_id, .token = row.parent_token};
    struct process_call_open_row caller;
    r = sql_process_call_open(env->tx->db, &call, &caller);
    if (r == OK && caller.state == PROCESS_SUSPENDED)
        return err_refuse(ERR_CONFLICT, "process.called",
                          "its caller, process instance %" PRId64 ", is suspended: resume that one",
                          row.parent_id);
    return r == ERR_NOT_FOUND ? OK : r;
}

enum err process_resume(struct process_env *env, int64_t id)
{
    struct engine_command resume = {.kind = ENGINE_RESUME, .message = STR("resumed by a client")};
    enum err r = check_caller(env, id);
    return r == OK ? process_do(env, id, &resume) : r;
}

enum err process_on_suspended(struct process_run *run)
{
    struct process_jobs_hold_in in = {.park_id = run->env->park_id, .instance_id = run->id};
    run->row.state = PROCESS_SUSPENDED;
    return sql_process_jobs_hold(run->env->tx, &in, NULL);
}

/* Messages that came meanwhile may have waited for it. */
static enum err listen_again(struct process_run *run)
{
    enum err r = OK;
    for (size_t i = 0; r == OK && i < run->instance->subscription_count; i++) {
        const struct engine_subscription *subscription = &run->instance->subscriptions[i];
        struct process_work work = {
            .kind = PROCESS_LISTENS,
            .instance_id = run->id,
            .token = subscription->key,
            .name = subscription->name,
            .text = subscription->correlation.ptr ? subscription->correlation : STR(""),
            .value = run->definition.key};
        if (subscription->trigger == BPMN_ON_MESSAGE)
            r = process_work_add(run->env, &work);
    }
    return r;
}

enum err process_on_resumed(struct process_run *run)
{
    enum err r = OK;
    run->row.state = PROCESS_ACTIVE;
    for (size_t i = 0; r == OK && i < run->instance->job_count; i++)
        r = process_job_offer(run, run->instance->jobs[i].key);
    return r == OK ? listen_again(run) : r;
}
