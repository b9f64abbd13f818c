/* Calls from one instance to another: what a call activity begins, how deep calls may go, and what
 * comes back to the caller. All of it happens in the transaction of the command that set it going.
 */
#include "park/process_run.h"

#define SUSPENDED "its caller is suspended"

enum { RETURNS_MAX = 100 }; /* Told to a caller in one go. */

/* ---- Which definition is meant ---- */

enum err process_find_bound(struct db *db, int64_t park_id, const struct process_reference *wanted,
                            int64_t *out)
{
    enum err r;
    if (wanted->binding == BPMN_VERSION_TAG) {
        struct process_definition_tagged_row row;
        struct process_definition_tagged_in in = {.park_id = park_id,
                                                  .kind = wanted->kind,
                                                  .key = wanted->key,
                                                  .version_tag = wanted->version_tag};
        r = sql_process_definition_tagged(db, &in, &row);
        *out = r == OK ? row.id : *out;
    } else if (wanted->binding == BPMN_DEPLOYMENT) {
        struct process_call_beside_row row;
        struct process_call_beside_in in = {.park_id = park_id,
                                            .kind = wanted->kind,
                                            .key = wanted->key,
                                            .definition_id = wanted->definition_id};
        r = sql_process_call_beside(db, &in, &row);
        *out = r == OK ? row.id : *out;
    } else {
        struct process_definition_newest_row row;
        struct process_definition_newest_in in = {
            .park_id = park_id, .kind = wanted->kind, .key = wanted->key};
        r = sql_process_definition_newest(db, &in, &row);
        *out = r == OK ? row.id : *out;
    }
    if (r != ERR_NOT_FOUND)
        return r;
    const char *what = wanted->kind == PROCESS_BPMN ? "process" : "decision";
    if (wanted->binding == BPMN_VERSION_TAG)
        return err_set(r, "there is no %s '%.*s' with the version tag '%.*s'", what,
                       STR_ARG(wanted->key), STR_ARG(wanted->version_tag));
    return err_set(r,
                   wanted->binding == BPMN_DEPLOYMENT
                       ? "there is no %s '%.*s' in the deployment of the process that asks for it"
                       : "there is no %s '%.*s'",
                   what, STR_ARG(wanted->key));
}

/* ---- What the events of an instance set going ---- */

static enum err back(struct process_run *run, struct process_work work)
{
    if (!run->row.parent_id)
        return OK;
    work.instance_id = run->row.parent_id;
    work.token = run->row.parent_token;
    return process_work_add(run->env, &work);
}

static enum err created(struct process_run *run, const struct engine_event *event)
{
    struct process_work work = {.kind = PROCESS_CALLS,
                                .instance_id = run->id,
                                .token = event->key,
                                .reference = {.kind = PROCESS_BPMN,
                                              .key = event->name,
                                              .binding = (enum bpmn_binding)event->number,
                                              .version_tag = event->text,
                                              .definition_id = run->row.definition_id},
                                .value = event->value};
    return process_work_add(run->env, &work);
}

static enum err to_called(struct process_run *run, enum process_work_kind kind, int64_t token)
{
    struct process_work work = {.kind = kind, .instance_id = run->id, .token = token};
    return process_work_add(run->env, &work);
}

enum err process_call_event(struct process_run *run, const struct engine_event *event)
{
    bool error = event->trigger == BPMN_ON_ERROR;
    switch (event->kind) {
    case ENGINE_CALL_CREATED:
        return created(run, event);
    case ENGINE_CALL_CANCELED:
        return to_called(run, PROCESS_ENDS_CALLED, event->key);
    case ENGINE_INSTANCE_SUSPENDED:
        return to_called(run, PROCESS_SUSPENDS_CALLED, 0);
    case ENGINE_INSTANCE_RESUMED:
        return to_called(run, PROCESS_RESUMES_CALLED, 0);
    case ENGINE_ESCAPED:
        run->escaped = run->escaped || error;
        return back(run, (struct process_work){.kind = error ? PROCESS_THROWS_ERROR
                                                             : PROCESS_THROWS_ESCALATION,
                                               .name = event->name,
                                               .text = event->text,
                                               .value = event->value});
    case ENGINE_INSTANCE_COMPLETED:
        return back(run, (struct process_work){.kind = PROCESS_RETURNS, .value = event->value});
    case ENGINE_INSTANCE_CANCELED:
        return run->escaped
                   ? OK
                   : back(run, (struct process_work){.kind = PROCESS_LOST, .text = event->text});
    default:
        return OK;
    }
}

/* ---- Beginning ---- */

/* The call may be over by the time its turn comes: a branch beside it has ended it. */
static enum err is_open(struct process_env *env, const struct process_work *work, bool *out,
                        bool *suspended)
{
    struct process_call_open_in in = {
        .park_id = env->park_id, .instance_id = work->instance_id, .token = work->token};
    struct process_call_open_row row;
    enum err r = sql_process_call_open(env->tx->db, &in, &row);
    *out = r == OK;
    *suspended = r == OK && row.state == PROCESS_SUSPENDED;
    return r == ERR_NOT_FOUND ? OK : r;
}

static enum err fail(struct process_env *env, const struct process_work *work, struct str why)
{
    struct engine_command command = {
        .kind = ENGINE_CALL_FAIL, .key = work->token, .message = str_copy(env->arena, why)};
    return process_act(env, work->instance_id, &command);
}

static enum err ancestry(struct process_env *env, int64_t id, struct process_call_root_row *out)
{
    struct process_call_root_in in = {
        .park_id = env->park_id, .id = id, .limit = PROCESS_DEPTH_MAX};
    return sql_process_call_root(env->tx->db, &in, out);
}

/* Without a none start event only what happens can begin it. */
static bool may_be_called(const struct process_run *run)
{
    const struct bpmn_node *process = &run->model->nodes[run->definition.node];
    for (size_t i = 0; i < process->child_count && process->start == BPMN_NONE; i++)
        if (bpmn_begins(run->model, &run->model->nodes[process->children[i]]))
            return false;
    return true;
}

/* ERR_NOT_FOUND and ERR_LIMIT say why it cannot be called; nothing is written then. */
static enum err prepare(struct process_env *env, const struct process_work *work,
                        struct process_run *child)
{
    struct process_call_root_row root;
    int64_t definition_id = 0;
    enum err r = ancestry(env, work->instance_id, &root);
    if (r == OK && root.depth + 1 >= PROCESS_DEPTH_MAX)
        return err_set(ERR_LIMIT, "more than %d instances call each other", PROCESS_DEPTH_MAX);
    if (r == OK && ++env->calls > PROCESS_CALLS_MAX)
        return err_set(ERR_LIMIT, "more than %d instances are called at once; try again",
                       PROCESS_CALLS_MAX);
    if (r == OK && work->value.len > ENGINE_VARIABLE_MAX)
        return err_set(ERR_LIMIT, "its variables are longer than %d bytes", ENGINE_VARIABLE_MAX);
    if (r == OK)
        r = process_find_bound(env->tx->db, env->park_id, &work->reference, &definition_id);
    if (r == OK)
        r = process_begin_new(child, env, definition_id);
    if (r == OK && !may_be_called(child))
        return err_set(ERR_NOT_FOUND, "the process '%.*s' has no none start event",
                       STR_ARG(work->reference.key));
    return r;
}

/* A caller that is suspended may have been moved to the call by hand. */
static enum err call(struct process_env *env, const struct process_work *work, bool suspended)
{
    struct process_run child;
    enum err r = prepare(env, work, &child);
    if (r == ERR_NOT_FOUND || r == ERR_LIMIT)
        return fail(env, work, str_of(err_last()->detail));
    if (r != OK)
        return r;
    child.row.parent_id = work->instance_id;
    child.row.parent_token = work->token;
    struct engine_command start = {
        .kind = ENGINE_START, .process = (uint32_t)child.definition.node, .variables = work->value};
    struct engine_command suspend = {.kind = ENGINE_SUSPEND, .message = STR(SUSPENDED)};
    r = process_step(&child, &start);
    if (r == OK && suspended && !child.row.ended_us)
        r = process_step(&child, &suspend);
    return r == OK ? process_end(&child) : r;
}

/* ---- Ending ---- */

static enum err lost(struct process_env *env, const struct process_work *work)
{
    CLEANUP(buf_release) struct buf why;
    buf_init(&why, LIMIT_HTTP_BODY);
    buf_format(&why, "the called instance was canceled: %.*s", STR_ARG(work->text));
    return fail(env, work, buf_str(&why));
}

static enum err return_to(struct process_env *env, const struct process_work *work,
                          enum engine_command_kind kind)
{
    struct engine_command command = {.kind = kind,
                                     .key = work->token,
                                     .code = work->name,
                                     .message = work->text,
                                     .variables = work->value};
    return process_act(env, work->instance_id, &command);
}

/* Those that come back to one caller one after the other are told to it in one go: it may have
 * called a thousand, and is as large then. */
static enum err return_all(struct process_env *env, const struct process_work *first)
{
    struct process_work work = *first;
    struct process_run caller;
    enum err r = process_begin(&caller, env, work.instance_id);
    for (int count = 1; r == OK; count++) {
        struct engine_command complete = {
            .kind = ENGINE_CALL_COMPLETE, .key = work.token, .variables = work.value};
        if (engine_element(caller.instance, work.token))
            r = process_step(&caller, &complete);
        if (r != OK || caller.row.ended_us || count == RETURNS_MAX ||
            env->work_next == env->work_count ||
            env->works[env->work_next].kind != PROCESS_RETURNS ||
            env->works[env->work_next].instance_id != caller.id)
            break;
        work = env->works[env->work_next++];
    }
    return r == OK ? process_end(&caller) : r;
}

/* One that has ended by itself meanwhile needs no more. */
static enum err act_on(struct process_env *env, int64_t id, enum engine_command_kind kind,
                       const char *why)
{
    struct engine_command command = {.kind = kind, .message = str_of(why)};
    enum err r = process_act(env, id, &command);
    return r == ERR_CONFLICT || r == ERR_NOT_FOUND ? OK : r;
}

static enum err end_called(struct process_env *env, const struct process_work *work)
{
    struct process_call_child_in in = {
        .park_id = env->park_id, .parent_id = work->instance_id, .parent_token = work->token};
    struct process_call_child_row row;
    enum err r = sql_process_call_child(env->tx->db, &in, &row);
    if (r == ERR_NOT_FOUND)
        return OK;
    return r == OK ? act_on(env, row.id, ENGINE_CANCEL, "its caller has given it up") : r;
}

static enum err each_called(struct process_env *env, const struct process_work *work,
                            enum engine_command_kind kind, const char *why)
{
    struct process_call_children_in in = {.park_id = env->park_id, .parent_id = work->instance_id};
    struct process_call_children_rows rows;
    enum err r = sql_process_call_children(env->tx->db, env->arena, &in, &rows);
    for (size_t i = 0; r == OK && i < rows.count; i++)
        r = act_on(env, rows.rows[i].id, kind, why);
    return r;
}

enum err process_call_work(struct process_env *env, const struct process_work *work)
{
    if (work->kind == PROCESS_ENDS_CALLED)
        return end_called(env, work);
    if (work->kind == PROCESS_SUSPENDS_CALLED)
        return each_called(env, work, ENGINE_SUSPEND, SUSPENDED);
    if (work->kind == PROCESS_RESUMES_CALLED)
        return each_called(env, work, ENGINE_RESUME, "its caller is resumed");
    bool open, suspended;
    enum err r = is_open(env, work, &open, &suspended);
    if (r != OK || !open)
        return r;
    switch (work->kind) {
    case PROCESS_CALLS:
        return call(env, work, suspended);
    case PROCESS_RETURNS:
        return return_all(env, work);
    case PROCESS_THROWS_ERROR:
        return return_to(env, work, ENGINE_CALL_ERROR);
    case PROCESS_THROWS_ESCALATION:
        return return_to(env, work, ENGINE_CALL_ESCALATION);
    default:
        return lost(env, work);
    }
}

/* ---- Looking outwards ---- */

bool process_outside(void *data, enum bpmn_trigger trigger, struct str code)
{
    const struct process_run *called = data;
    int64_t id = called->row.parent_id, token = called->row.parent_token;
    for (int depth = 0; id && depth < PROCESS_DEPTH_MAX; depth++) {
        struct process_run caller;
        if (process_begin(&caller, called->env, id) != OK)
            return false;
        if (engine_catches(caller.model, caller.instance, token, trigger, code))
            return true;
        id = caller.row.parent_id;
        token = caller.row.parent_token;
    }
    return false;
}

enum err process_check_root(struct process_env *env, int64_t id)
{
    struct process_call_root_row root;
    enum err r = ancestry(env, id, &root);
    if (r == OK && root.id != id)
        return err_refuse(ERR_CONFLICT, "process.called",
                          "process instance %" PRId64 " was called by another one: cancel %" PRId64
                          ", which began it all, or modify its caller",
                          id, root.id);
    return r == ERR_NOT_FOUND ? OK : r;
}
