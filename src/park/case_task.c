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

enum err case_department_join(struct case_run *run, struct str code, int64_t *out)
{
    struct case_department_of_row row;
    struct case_department_of_in in = {.park_id = run->park_id, .code = code};
    *out = 0;
    enum err r = sql_case_department_of(run->tx->db, &in, &row);
    if (r != OK)
        return r == ERR_NOT_FOUND ? OK : r;
    struct case_department_add_in add = {
        .park_id = run->park_id, .department_id = row.id, .case_id = run->id};
    *out = row.id;
    return sql_case_department_add(run->tx, &add, NULL);
}

struct str case_department_code(struct case_run *run, int64_t department_id)
{
    struct item_department_code_row row;
    struct item_department_code_in in = {.park_id = run->park_id, .id = department_id};
    return department_id && sql_item_department_code(run->tx->db, run->arena, &in, &row) == OK
               ? row.code
               : (struct str){0};
}

struct str case_task_key(struct case_run *run, const struct task_open_row *task)
{
    if (task->item_id)
        return str_format(run->arena, "%" PRId64, task->item_id);
    return case_department_code(run, task->department_id);
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
                                .due_us = row->due_us,
                                .department_id = row->department_id,
                                .item_id = row->item_id};
    return sql_task_insert(run->tx, &in, NULL);
}

/* "officer" is whoever holds the role where the case is; "officer@safety" is that department's, and
 * nobody can act in its place. */
static enum err place_by_group(struct case_run *run, struct str group, struct task_open_row *row)
{
    size_t at = str_find(group, STR("@"), 0);
    enum role_set role = role_of_key(str_sub(group, 0, at));
    enum err r = OK;
    if (at < group.len)
        r = case_department_join(run, str_sub(group, at + 1, SIZE_MAX), &row->department_id);
    if (r == OK && row->department_id && role && role_scope(role) == SCOPE_DEPARTMENT) {
        row->role = role;
        row->scope_id = row->department_id;
        return OK;
    }
    row->department_id = 0;
    place(run, at < group.len ? 0 : role, &row->role, &row->scope_id);
    return r;
}

/* The properties "item" and "department" name variables, as the task sees them. */
static enum err set_subject(struct case_run *run, const struct bpmn_node *node, int64_t element,
                            struct task_open_row *row)
{
    struct str item = service_property(node, "item");
    struct str department = service_property(node, "department");
    int64_t was = run->element;
    enum err r = OK;
    run->element = element;
    if (item.ptr)
        row->item_id = case_variable_id(run, str_c(run->arena, item));
    if (department.ptr)
        r = case_department_join(run, case_variable_text(run, str_c(run->arena, department)),
                                 &row->department_id);
    run->element = was;
    return r;
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
    enum err r = case_tasks_load(run);
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
    r = place_by_group(run, task->group_count > 0 ? task->groups[0] : (struct str){0}, row);
    if (r == OK)
        r = set_subject(run, node, event->key, row);
    struct str clock = service_property(node, "clock");
    if (r == OK && clock.ptr)
        r = case_clock_start(run, clock, case_task_key(run, row), 0, true);
    if (r != OK)
        return r;
    bool staff = row->role & ROLE_STAFF;
    if (status_now >= 0)
        run->row.holder_id = staff ? assignee : 0;
    r = insert_task(run, row);
    return r == OK && assignee && staff ? case_person_given(run, assignee) : r;
}

/* With the late task gone, the case is only as high as those that are still open. */
static void lower_level(struct case_run *run, const struct task_open_row *gone)
{
    int64_t level = 0;
    for (size_t i = 0; i < run->task_count; i++)
        if (run->tasks[i].token && run->tasks[i].level > level)
            level = run->tasks[i].level;
    if (gone->level && gone->level == run->row.level)
        run->row.level = level;
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
        case_clock_stop(run, clock, case_task_key(run, task));
    task->token = 0;
    lower_level(run, task);
    struct task_done_in in = {.park_id = run->park_id, .id = task->id, .done_us = run->now_us};
    if (completed && run->actor_task == task->id && run->who) {
        in.done_by = run->who->person_id;
        in.outcome = run->outcome;
        in.text = run->note;
        in.files = run->evidence;
        in.answers = run->answers;
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
                                .due_us = task->due_us,
                                .level = task->level};
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
        if (!task->token || !(task->role & ROLE_STAFF) || task->role == ROLE_LEADER ||
            task->department_id)
            continue;
        case_task_raise(run, task);
        r = case_task_write(run, task);
    }
    return r;
}

/* A rung's role where the task is placed: its department, or the enterprise's side of the case. */
static enum role_set rung_role(const struct case_run *run, const struct task_open_row *task,
                               int64_t level)
{
    const struct service_level *rungs = run->service->levels.items;
    if ((size_t)level >= run->service->levels.count)
        return 0;
    return role_of_key(task->department_id ? rungs[level].department : rungs[level].grid);
}

enum err case_tasks_lift(struct case_run *run, struct str clock, struct str key, int64_t level)
{
    enum err r = case_tasks_load(run);
    for (size_t i = 0; r == OK && i < run->task_count; i++) {
        struct task_open_row *task = &run->tasks[i];
        const struct bpmn_node *node = bpmn_find(run->service->model, task->element);
        if (!task->token || !node || !str_equal(service_property(node, "clock"), clock) ||
            !str_equal(case_task_key(run, task), key) || task->level >= level)
            continue;
        enum role_set role = rung_role(run, task, level);
        place(run, role, &task->up_role, &task->up_scope);
        if (task->department_id && role && role_scope(role) == SCOPE_DEPARTMENT)
            task->up_scope = task->department_id;
        task->level = level;
        if (level > run->row.level)
            run->row.level = level;
        r = case_task_write(run, task);
    }
    return r;
}
