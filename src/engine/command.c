/* engine_step: each command finds what it is about, refuses or begins, and the rest follows. */
#include "engine/step.h"

typedef enum err command_fn(struct step *s, const struct engine_command *command,
                            const struct json_value *variables);

static enum err not_there(const char *what, int64_t key)
{
    return err_refuse(ERR_NOT_FOUND, "engine.not-found", "no %s %" PRId64 " is waiting", what, key);
}

static enum err run_start(struct step *s, const struct engine_command *command,
                          const struct json_value *variables)
{
    uint32_t process = command->process ? command->process : s->model->processes[0];
    if (s->at->state != ENGINE_NEW || s->model->process_count == 0)
        return err_refuse(ERR_CONFLICT, "engine.started", "the instance has begun already");
    if (process >= s->model->node_count || s->model->nodes[process].kind != BPMN_PROCESS ||
        !s->model->nodes[process].executable)
        return err_refuse(ERR_NOT_FOUND, "engine.process", "there is no such executable process");
    if (command->node && (command->node >= s->model->node_count ||
                          s->model->nodes[command->node].parent != process ||
                          (s->model->nodes[command->node].kind != BPMN_START &&
                           !bpmn_begins(s->model, &s->model->nodes[command->node]))))
        return err_refuse(ERR_NOT_FOUND, "engine.start", "there is no such start event");
    s->start = command->node;
    step_emit(s, (struct engine_event){.kind = ENGINE_STARTED, .node = process, .flow = BPMN_NONE});
    int64_t key = s->at->next_key;
    step_emit(
        s, (struct engine_event){
               .kind = ENGINE_ELEMENT_ACTIVATED, .key = key, .node = process, .flow = BPMN_NONE});
    for (size_t i = 0; variables && i < variables->object.count; i++) {
        const struct json_member *member = &variables->object.members[i];
        struct str value = step_json(s, &member->value);
        if (s->run->outside)
            step_give(s, key, member->name, value);
        else
            step_set(s, key, member->name, value);
    }
    if (command->change_count == 0)
        step_enter(s, key);
    else if (step_wait_event_subprocesses(s, key))
        return step_start_at(s, command);
    return OK;
}

/* ---- Tasks and jobs ---- */

static enum err find_task(struct step *s, int64_t key)
{
    const struct engine_element *element = engine_element(s->at, key);
    if (!element || element->role == ENGINE_LOOP ||
        s->model->nodes[element->node].kind != BPMN_USER_TASK)
        return not_there("task", key);
    if (engine_incident_of(s->at, key))
        return err_refuse(ERR_CONFLICT, "engine.incident", "task %" PRId64 " has an incident", key);
    return OK;
}

static void emit_at(struct step *s, enum engine_event_kind kind, int64_t key)
{
    step_emit(s,
              (struct engine_event){
                  .kind = kind, .key = key, .node = step_element(s, key)->node, .flow = BPMN_NONE});
}

static enum err run_task_complete(struct step *s, const struct engine_command *command,
                                  const struct json_value *variables)
{
    enum err e = find_task(s, command->key);
    if (e != OK)
        return e;
    emit_at(s, ENGINE_TASK_COMPLETED, command->key);
    step_merge(s, command->key, variables);
    step_complete(s, command->key);
    return OK;
}

static void throw_from(struct step *s, const struct engine_command *command,
                       const struct json_value *variables, enum engine_phase phase)
{
    if (step_throw_error(s, command->key, command->code, command->message, variables))
        return;
    step_incident(s, command->key, phase, "error.unhandled",
                  "nothing catches the error '%.*s': %.*s", STR_ARG(command->code),
                  STR_ARG(command->message));
}

static enum err run_task_error(struct step *s, const struct engine_command *command,
                               const struct json_value *variables)
{
    enum err e = find_task(s, command->key);
    if (e == OK)
        throw_from(s, command, variables, ENGINE_IN_JOB);
    return e;
}

static enum err find_job(struct step *s, int64_t key)
{
    if (!engine_job(s->at, key))
        return not_there("job", key);
    if (engine_incident_of(s->at, key))
        return err_refuse(ERR_CONFLICT, "engine.incident", "job %" PRId64 " has an incident", key);
    return OK;
}

static enum err run_job_complete(struct step *s, const struct engine_command *command,
                                 const struct json_value *variables)
{
    enum err e = find_job(s, command->key);
    if (e != OK)
        return e;
    emit_at(s, ENGINE_JOB_COMPLETED, command->key);
    step_merge(s, command->key, variables);
    step_complete(s, command->key);
    return OK;
}

static enum err run_job_fail(struct step *s, const struct engine_command *command,
                             const struct json_value *variables)
{
    enum err e = find_job(s, command->key);
    if (e != OK)
        return e;
    for (size_t i = 0; variables && i < variables->object.count; i++)
        step_set(s, command->key, variables->object.members[i].name,
                 step_json(s, &variables->object.members[i].value));
    int64_t left = command->retries > 0 ? command->retries : 0;
    step_emit(s, (struct engine_event){.kind = ENGINE_JOB_FAILED,
                                       .key = command->key,
                                       .node = step_element(s, command->key)->node,
                                       .flow = BPMN_NONE,
                                       .number = left,
                                       .text = command->message});
    if (left == 0)
        step_incident(s, command->key, ENGINE_IN_JOB, "job.failed", "the job failed: %.*s",
                      STR_ARG(command->message));
    return OK;
}

static enum err run_job_error(struct step *s, const struct engine_command *command,
                              const struct json_value *variables)
{
    enum err e = find_job(s, command->key);
    if (e == OK)
        throw_from(s, command, variables, ENGINE_IN_JOB);
    return e;
}

static void retry_job(struct step *s, int64_t key, int64_t retries)
{
    step_emit(s, (struct engine_event){.kind = ENGINE_JOB_RETRIED,
                                       .key = key,
                                       .node = step_element(s, key)->node,
                                       .flow = BPMN_NONE,
                                       .number = retries > 0 ? retries : 1});
}

static enum err run_job_retries(struct step *s, const struct engine_command *command,
                                const struct json_value *variables)
{
    (void)variables;
    if (!engine_job(s->at, command->key))
        return not_there("job", command->key);
    if (command->retries < 1)
        return err_field(ERR_INVALID, "retries", "engine.retries", "retries must be 1 or more");
    retry_job(s, command->key, command->retries);
    return OK;
}

/* ---- Time, messages, signals ---- */

static enum err run_timer_fire(struct step *s, const struct engine_command *command,
                               const struct json_value *variables)
{
    const struct engine_timer *found = engine_timer(s->at, command->key);
    if (!found)
        return not_there("timer", command->key);
    const struct engine_timer timer = *found;
    if (timer.due_us == 0 || timer.due_us > s->run->now_us)
        return err_refuse(ERR_PRECONDITION, "engine.timer-early", "timer %" PRId64 " is %s",
                          timer.key, timer.due_us ? "not due yet" : "paused");
    const struct bpmn_node *node = &s->model->nodes[timer.node];
    bool again = !node->interrupting && (node->kind == BPMN_BOUNDARY || node->kind == BPMN_START ||
                                         node->kind == BPMN_CATCH);
    step_emit(s, (struct engine_event){.kind = ENGINE_TIMER_FIRED,
                                       .key = timer.key,
                                       .scope = timer.element,
                                       .node = timer.node,
                                       .flow = BPMN_NONE,
                                       .due_us = again ? step_next_due(s, &timer) : 0});
    step_happen(s, timer.element, timer.node, variables);
    return OK;
}

static enum err run_timer_move(struct step *s, const struct engine_command *command,
                               const struct json_value *variables)
{
    (void)variables;
    const struct engine_timer *timer = engine_timer(s->at, command->key);
    if (!timer)
        return not_there("timer", command->key);
    if (command->due_us < 0)
        return err_set(ERR_RANGE, "a timer is due after 1970");
    step_emit(s, (struct engine_event){.kind = ENGINE_TIMER_MOVED,
                                       .key = command->key,
                                       .scope = timer->element,
                                       .node = timer->node,
                                       .flow = BPMN_NONE,
                                       .due_us = command->due_us});
    return OK;
}

static bool same_text(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static enum err run_message(struct step *s, const struct engine_command *command,
                            const struct json_value *variables)
{
    for (size_t i = 0; i < s->at->subscription_count; i++) {
        const struct engine_subscription found = s->at->subscriptions[i];
        const struct bpmn_node *node = &s->model->nodes[found.node];
        if (found.trigger != BPMN_ON_MESSAGE || !str_equal(found.name, command->name) ||
            (command->key && found.key != command->key) ||
            (found.correlation.ptr && !same_text(found.correlation, command->correlation)))
            continue;
        struct engine_event event = {.kind = ENGINE_MESSAGE_CORRELATED,
                                     .key = found.key,
                                     .scope = found.element,
                                     .node = found.node,
                                     .flow = BPMN_NONE,
                                     .name = found.name};
        step_emit(s, event);
        if (node->interrupting || (node->kind != BPMN_BOUNDARY && node->kind != BPMN_START)) {
            event.kind = ENGINE_SUBSCRIPTION_CLOSED;
            event.name = (struct str){0};
            step_emit(s, event);
        }
        step_happen(s, found.element, found.node, variables);
        return OK;
    }
    return err_refuse(ERR_NOT_FOUND, "engine.no-subscription",
                      "nobody waits for the message '%.*s'", STR_ARG(command->name));
}

static enum err run_signal(struct step *s, const struct engine_command *command,
                           const struct json_value *variables)
{
    for (size_t i = 0; i < s->at->subscription_count; i++)
        if (s->at->subscriptions[i].trigger == BPMN_ON_SIGNAL &&
            str_equal(s->at->subscriptions[i].name, command->name)) {
            step_signal(s, command->name, variables);
            return OK;
        }
    return err_refuse(ERR_NOT_FOUND, "engine.no-subscription", "nobody waits for the signal '%.*s'",
                      STR_ARG(command->name));
}

/* ---- The instance ---- */

static void set_variable(struct step *s, int64_t scope, const struct json_member *member,
                         bool outward)
{
    step_set(s, outward ? step_home(s, scope, member->name) : scope, member->name,
             step_json(s, &member->value));
}

static enum err run_variables(struct step *s, const struct engine_command *command,
                              const struct json_value *variables)
{
    int64_t scope = command->key ? command->key : ENGINE_ROOT;
    if (!engine_element(s->at, scope))
        return not_there("element", scope);
    for (size_t i = 0; variables && i < variables->object.count; i++)
        set_variable(s, scope, &variables->object.members[i], command->outward);
    return OK;
}

static enum err run_resolve(struct step *s, const struct engine_command *command,
                            const struct json_value *variables)
{
    (void)variables;
    size_t at = state_find(s->at->incidents, s->at->incident_count, sizeof(*s->at->incidents),
                           command->key);
    if (at == SIZE_MAX)
        return not_there("incident", command->key);
    const struct engine_incident incident = s->at->incidents[at];
    step_emit(s, (struct engine_event){.kind = ENGINE_INCIDENT_RESOLVED,
                                       .key = incident.key,
                                       .scope = incident.element,
                                       .node = step_element(s, incident.element)->node,
                                       .flow = BPMN_NONE});
    const struct engine_job *job = engine_job(s->at, incident.element);
    switch (incident.phase) {
    case ENGINE_ENTERING:
        step_enter(s, incident.element);
        break;
    case ENGINE_LEAVING:
        step_complete(s, incident.element);
        break;
    case ENGINE_IN_JOB:
        if (job && job->retries == 0)
            retry_job(s, incident.element, command->retries);
        break;
    }
    return OK;
}

static enum err run_cancel(struct step *s, const struct engine_command *command,
                           const struct json_value *variables)
{
    (void)variables;
    step_cancel(s, command->message);
    return OK;
}

static enum err set_state(struct step *s, enum engine_event_kind kind, struct str why)
{
    step_emit(s, (struct engine_event){
                     .kind = kind, .node = s->at->process, .flow = BPMN_NONE, .text = why});
    return OK;
}

static enum err run_suspend(struct step *s, const struct engine_command *command,
                            const struct json_value *variables)
{
    (void)variables;
    return set_state(s, ENGINE_INSTANCE_SUSPENDED, command->message);
}

static enum err run_resume(struct step *s, const struct engine_command *command,
                           const struct json_value *variables)
{
    (void)variables;
    if (s->at->state != ENGINE_SUSPENDED)
        return err_refuse(ERR_CONFLICT, "engine.not-suspended", "the instance is not suspended");
    s->changed = true; /* Variables may have been set meanwhile. */
    return set_state(s, ENGINE_INSTANCE_RESUMED, command->message);
}

static enum err run_modify(struct step *s, const struct engine_command *command,
                           const struct json_value *variables)
{
    (void)variables;
    return step_modify(s, command);
}

/* ---- Calls that lead to another instance ---- */

static enum err find_call(struct step *s, int64_t key)
{
    const struct engine_element *element = engine_element(s->at, key);
    if (!element || element->role == ENGINE_LOOP ||
        s->model->nodes[element->node].kind != BPMN_CALL || element->children > 0)
        return not_there("call", key);
    if (engine_incident_of(s->at, key))
        return err_refuse(ERR_CONFLICT, "engine.incident", "call %" PRId64 " has an incident", key);
    return OK;
}

static enum err run_call_complete(struct step *s, const struct engine_command *command,
                                  const struct json_value *variables)
{
    enum err e = find_call(s, command->key);
    if (e != OK)
        return e;
    emit_at(s, ENGINE_CALL_COMPLETED, command->key);
    step_call_over(s, command->key, variables);
    return OK;
}

/* What was called is gone by then: trying again calls anew. */
static enum err run_call_error(struct step *s, const struct engine_command *command,
                               const struct json_value *variables)
{
    enum err e = find_call(s, command->key);
    if (e == OK)
        throw_from(s, command, variables, ENGINE_ENTERING);
    return e;
}

static enum err run_call_escalation(struct step *s, const struct engine_command *command,
                                    const struct json_value *variables)
{
    (void)variables;
    enum err e = find_call(s, command->key);
    if (e == OK)
        step_throw_escalation(s, command->key, command->code);
    return e;
}

static enum err run_call_fail(struct step *s, const struct engine_command *command,
                              const struct json_value *variables)
{
    (void)variables;
    enum err e = find_call(s, command->key);
    if (e == OK)
        step_incident(s, command->key, ENGINE_ENTERING, "call.failed", "the call failed: %.*s",
                      STR_ARG(command->message));
    return e;
}

static command_fn *const RUN[ENGINE_COMMAND_COUNT] = {
    [ENGINE_START] = run_start,
    [ENGINE_TASK_COMPLETE] = run_task_complete,
    [ENGINE_TASK_ERROR] = run_task_error,
    [ENGINE_JOB_COMPLETE] = run_job_complete,
    [ENGINE_JOB_FAIL] = run_job_fail,
    [ENGINE_JOB_ERROR] = run_job_error,
    [ENGINE_JOB_RETRIES] = run_job_retries,
    [ENGINE_TIMER_FIRE] = run_timer_fire,
    [ENGINE_TIMER_MOVE] = run_timer_move,
    [ENGINE_MESSAGE] = run_message,
    [ENGINE_SIGNAL] = run_signal,
    [ENGINE_VARIABLES_SET] = run_variables,
    [ENGINE_INCIDENT_RESOLVE] = run_resolve,
    [ENGINE_CANCEL] = run_cancel,
    [ENGINE_CALL_COMPLETE] = run_call_complete,
    [ENGINE_CALL_ERROR] = run_call_error,
    [ENGINE_CALL_ESCALATION] = run_call_escalation,
    [ENGINE_CALL_FAIL] = run_call_fail,
    [ENGINE_SUSPEND] = run_suspend,
    [ENGINE_RESUME] = run_resume,
    [ENGINE_MODIFY] = run_modify,
};

static bool while_suspended(enum engine_command_kind kind)
{
    return kind == ENGINE_RESUME || kind == ENGINE_CANCEL || kind == ENGINE_VARIABLES_SET ||
           kind == ENGINE_MODIFY || kind == ENGINE_TIMER_MOVE || kind == ENGINE_JOB_RETRIES;
}

static enum err check_state(const struct engine_instance *before, enum engine_command_kind kind)
{
    if (kind == ENGINE_START || before->state == ENGINE_ACTIVE)
        return OK;
    if (before->state != ENGINE_SUSPENDED)
        return err_refuse(ERR_CONFLICT, "engine.finished", "the instance is not running");
    return while_suspended(kind)
               ? OK
               : err_refuse(ERR_CONFLICT, "engine.suspended", "the instance is suspended");
}

static enum err read_variables(struct arena *arena, struct str text, const struct json_value **out)
{
    *out = NULL;
    if (!text.ptr)
        return OK;
    const struct json_value *json;
    enum err e = json_parse(arena, text, &json);
    if (e != OK)
        return e;
    if (json->type != JSON_OBJECT)
        return err_field(ERR_INVALID, "variables", "engine.variables",
                         "the variables are no JSON object");
    if (text.len > ENGINE_VARIABLE_MAX)
        return err_field(ERR_LIMIT, "variables", "engine.variables-size",
                         "the variables are longer than %d bytes", ENGINE_VARIABLE_MAX);
    *out = json;
    return OK;
}

enum err engine_step(const struct bpmn_model *model, const struct engine_instance *before,
                     const struct engine_command *command, const struct engine_run *run,
                     struct engine_result *out)
{
    assert((unsigned)command->kind < ENGINE_COMMAND_COUNT);
    const struct json_value *variables;
    enum err e = check_state(before, command->kind);
    if (e == OK)
        e = read_variables(run->arena, command->variables, &variables);
    if (e != OK)
        return e;
    struct step s = {.model = model, .run = run, .arena = run->arena};
    s.at = state_copy(run->arena, before);
    buf_init(&s.scratch, ENGINE_BLOB_MAX);
    e = RUN[command->kind](&s, command, variables);
    if (e == OK)
        step_run(&s);
    if (e == OK)
        e = buf_check(&s.scratch);
    buf_release(&s.scratch);
    if (e == OK)
        *out = (struct engine_result){s.events, s.event_count, s.at};
    return e;
}
