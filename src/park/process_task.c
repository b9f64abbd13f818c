/* User tasks: who has them, what they ask, and that they are done. */
#include "park/process_run.h"

static enum err find_task(struct process_env *env, int64_t id, struct process_task_row_row *out)
{
    struct process_task_row_in in = {.park_id = env->park_id, .id = id};
    enum err r = sql_process_task_row(env->tx->db, env->arena, &in, out);
    if (r == ERR_NOT_FOUND)
        return err_refuse(r, "process.no-task", "there is no user task %" PRId64, id);
    if (r == OK && out->ended_us)
        return err_refuse(ERR_CONFLICT, "process.task-over", "user task %" PRId64 " is done", id);
    return r;
}

enum err process_task_done(struct process_env *env, int64_t id, struct str variables)
{
    struct process_task_row_row row;
    enum err r = find_task(env, id, &row);
    if (r != OK)
        return r;
    struct engine_command command = {
        .kind = ENGINE_TASK_COMPLETE, .key = row.token, .variables = variables};
    return process_do(env, row.instance_id, &command);
}

static enum err change(struct process_env *env, int64_t id, const struct process_task_row_row *row)
{
    struct process_task_change_in in = {.park_id = env->park_id,
                                        .id = id,
                                        .assignee = row->assignee,
                                        .groups = row->groups,
                                        .users = row->users,
                                        .due_us = row->due_us,
                                        .follow_up_us = row->follow_up_us,
                                        .priority = row->priority};
    enum err r = sql_process_task_change(env->tx, &in, NULL);
    if (r != OK)
        return r;
    CLEANUP(buf_release) struct buf body;
    buf_init(&body, LIMIT_HTTP_BODY);
    struct json_writer w = json_writer(&body);
    json_object_begin(&w);
    json_member_id(&w, "id", id);
    json_member_text(&w, "assignee", row->assignee);
    json_member_raw(&w, "groups", row->groups);
    json_member_raw(&w, "users", row->users);
    json_member_time(&w, "due", row->due_us);
    json_member_time(&w, "follow_up", row->follow_up_us);
    json_member_int(&w, "priority", row->priority);
    json_object_end(&w);
    return process_log(env, "process.task", row->instance_id, buf_str(&body));
}

enum err process_task_assign(struct process_env *env, int64_t id, struct str assignee,
                             bool override)
{
    struct process_task_row_row row;
    enum err r = find_task(env, id, &row);
    if (r != OK)
        return r;
    if (assignee.ptr && row.assignee.ptr && !override && !str_equal(assignee, row.assignee))
        return err_refuse(ERR_CONFLICT, "process.task-assigned", "'%.*s' has the task",
                          STR_ARG(row.assignee));
    row.assignee = assignee;
    return change(env, id, &row);
}

enum err process_task_update(struct process_env *env, int64_t id,
                             const struct process_task_change *wanted)
{
    struct process_task_row_row row;
    enum err r = find_task(env, id, &row);
    if (r != OK)
        return r;
    if (wanted->groups.ptr)
        row.groups = wanted->groups;
    if (wanted->users.ptr)
        row.users = wanted->users;
    if (wanted->due_us >= 0)
        row.due_us = wanted->due_us;
    if (wanted->follow_up_us >= 0)
        row.follow_up_us = wanted->follow_up_us;
    if (wanted->priority >= 0)
        row.priority = wanted->priority;
    return change(env, id, &row);
}
