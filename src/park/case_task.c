/* Tasks as rows: who may take them, and where they show. */
#include "base/id.h"
#include "park/case_run.h"

enum err case_tasks_load(struct case_run *run)
{
    if (run->tasks_loaded || run->fresh) {
        run->tasks_loaded = true;
        return OK;
    }
    struct task_open_rows rows;
    enum err r =
        sql_task_open(run->tx->db, run->arena,
                      &(struct task_open_in){.park_id = run->park_id, .case_id = run->id}, &rows);
    if (r != OK)
        return r;
    run->tasks = ARENA_ARRAY(run->arena, rows.count + 4, struct task_open_row);
    if (rows.count > 0)
        memcpy(run->tasks, rows.rows, rows.count * sizeof(*rows.rows));
    run->task_count = rows.count;
    run->task_capacity = rows.count + 4;
    run->tasks_loaded = true;
    return OK;
}

struct task_open_row *case_task_find(struct case_run *run, int64_t token)
{
    for (size_t i = 0; i < run->task_count; i++)
        if (run->tasks[i].token == token)
            return &run->tasks[i];
    return NULL;
}

enum role_set case_level_role(const struct case_run *run, int64_t level)
{
    if (level < 0 || (size_t)level >= run->service->levels.count)
        return 0;
    const struct service_level *rung =
        (const struct service_level *)run->service->levels.items + level;
    return role_of_key(run->row.department_id ? rung->department : rung->grid);
}

int64_t case_level_top(const struct case_run *run)
{
    return run->service->levels.count > 0 ? (int64_t)run->service->levels.count - 1 : 0;
}

static int64_t owning_department(const struct case_run *run)
{
    struct case_department_of_row row;
    struct case_department_of_in in = {.park_id = run->park_id, .code = run->service->department};
    if (run->service->department.len == 0)
        return 0;
    return sql_case_department_of(run->tx->db, &in, &row) == OK ? row.id : 0;
}

int64_t case_role_scope(const struct case_run *run, enum role_set role)
{
    switch (role_scope(role)) {
    case SCOPE_PARK:
        return 0;
    case SCOPE_GRID:
        return run->row.grid_id;
    case SCOPE_DEPARTMENT:
        return run->row.department_id ? run->row.department_id : owning_department(run);
    case SCOPE_ENTERPRISE:
        return run->row.enterprise_id;
    }
    return 0;
}

/* A role that nobody can hold here would be a drawer nobody opens: the committee gets it. */
static void place(const struct case_run *run, enum role_set role, int64_t *role_out,
                  int64_t *scope_out)
{
    int64_t scope = role ? case_role_scope(run, role) : 0;
    if (!role || (scope == 0 && role_scope(role) != SCOPE_PARK)) {
        role = ROLE_LEADER;
        scope = 0;
    }
    *role_out = role;
    *scope_out = scope;
}

enum err case_person_given(struct case_run *run, int64_t person_id)
{
    struct case_person_given_in in = {
        .park_id = run->park_id, .person_id = person_id, .case_id = run->id};
    return sql_case_person_given(run->tx, &in, NULL);
}

static enum err insert_task(struct case_run *run, const struct task_open_row *row)
{
    struct task_insert_in in = {.park_id = run->park_id,
                                .id = row->id,
                                .case_id = run->id,
                                .element = row->element,
                                .token = row->token,
                                .name = row->name,
                                .name_en = row->name_en,
                                .assignee_id = row->assignee_id,
                                .role = row->role,
                                .scope_id = row->scope_id,
                                .inbox = row->inbox,
                                .created_us = run->now_us,
                                .due_us = row->due_us};
    return sql_task_insert(run->tx, &in, NULL);
}

enum err case_task_created(struct case_run *run, const struct engine_event *event)
{
    const struct bpmn_node *node = &run->service->model->nodes[event->node];
    const struct engine_task *task = event->task;
    int64_t assignee = 0;
    if (task->assignee.len > 0 && str_to_int(task->assignee, &assignee) != OK)
        assignee = 0;
    struct str status = service_property(node, "status");
    int64_t status_now = status.ptr ? case_status_of_key(status) : -1;
    if (status_now >= 0)
        run->row.status = status_now;
    struct str clock = service_property(node, "clock");
    enum err r = clock.ptr ? case_clock_start(run, clock, true) : OK;
    if (r == OK)
        r = case_tasks_load(run);
    if (r != OK)
        return r;
    struct task_open_row *row =
        ARENA_PUSH(run->arena, run->tasks, run->task_count, run->task_capacity);
    *row = (struct task_open_row){
        .id = id_next(run->now_us),
        .element = node->id,
        .token = event->key,
        .name = service_text(run->service, false, "element.", node->id, run->arena),
        .name_en = service_text(run->service, true, "element.", node->id, run->arena),
        .assignee_id = assignee,
        .inbox = assignee == 0,
        .created_us = run->now_us,
        .due_us = task->due_us ? task->due_us : TASK_NO_DUE};
    enum role_set role = task->group_count > 0 ? role_of_key(task->groups[0]) : 0;
    place(run, role, &row->role, &row->scope_id);
    bool staff = row->role & ROLE_STAFF;
    if (status_now >= 0)
        run->row.holder_id = staff ? assignee : 0;
    r = insert_task(run, row);
    return r == OK && assignee && staff ? case_person_given(run, assignee) : r;
}

enum err case_task_gone(struct case_run *run, int64_t token, bool completed)
{
    enum err r = case_tasks_load(run);
    struct task_open_row *task = r == OK ? case_task_find(run, token) : NULL;
    if (!task)
        return r;
    const struct bpmn_node *node = bpmn_find(run->service->model, task->element);
    struct str clock = node ? service_property(node, "clock") : (struct str){0};
    if (clock.ptr)
        case_clock_stop(run, clock);
    task->token = 0;
    struct task_done_in in = {.park_id = run->park_id, .id = task->id, .done_us = run->now_us};
    if (completed && run->actor_task == task->id && run->who) {
        in.done_by = run->who->person_id;
        in.outcome = run->outcome;
    }
    return sql_task_done(run->tx, &in, NULL);
}

enum err case_task_write(struct case_run *run, const struct task_open_row *task)
{
    struct task_assign_in in = {.park_id = run->park_id,
                                .id = task->id,
                                .assignee_id = task->assignee_id,
                                .role = task->role,
                                .scope_id = task->scope_id,
                                .inbox = task->inbox,
                                .up_role = task->up_role,
                                .up_scope = task->up_scope,
                                .due_us = task->due_us};
    return sql_task_assign(run->tx, &in, NULL);
}

/* One rung up: rungs that nobody can stand on, or that are the same people, are passed over. */
int64_t case_level_above(const struct case_run *run, int64_t level)
{
    enum role_set here = case_level_role(run, level);
    for (int64_t up = level + 1; up <= case_level_top(run); up++) {
        enum role_set role = case_level_role(run, up);
        bool held = role && (role_scope(role) == SCOPE_PARK || case_role_scope(run, role));
        if (held && role != here)
            return up;
    }
    return level;
}

/* Who it was given to keeps it; the level's role sees it too. */
void case_task_raise(const struct case_run *run, struct task_open_row *task)
{
    task->up_role = task->up_scope = 0;
    if (run->row.level > 0)
        place(run, case_level_role(run, run->row.level), &task->up_role, &task->up_scope);
    if (task->inbox && task->up_role == task->role && task->up_scope == task->scope_id)
        task->up_role = task->up_scope = 0; /* It lies in that inbox already. */
}

enum err case_tasks_raise(struct case_run *run)
{
    enum err r = case_tasks_load(run);
    for (size_t i = 0; r == OK && i < run->task_count; i++) {
        struct task_open_row *task = &run->tasks[i];
        if (!task->token || !(task->role & ROLE_STAFF) || task->role == ROLE_LEADER)
            continue;
        case_task_raise(run, task);
        r = case_task_write(run, task);
    }
    return r;
}
