/* From the engine's events to the rows that clients search. */
#include "base/id.h"
#include "park/process_run.h"

/* What clients call the kinds of elements. */
static const char *type_of(const struct bpmn_node *node, enum engine_role role)
{
    static const char *const TYPES[BPMN_KIND_COUNT] = {
        [BPMN_PROCESS] = "PROCESS",
        [BPMN_SUBPROCESS] = "SUB_PROCESS",
        [BPMN_TRANSACTION] = "SUB_PROCESS",
        [BPMN_ADHOC] = "AD_HOC_SUB_PROCESS",
        [BPMN_CALL] = "CALL_ACTIVITY",
        [BPMN_TASK] = "TASK",
        [BPMN_MANUAL_TASK] = "MANUAL_TASK",
        [BPMN_USER_TASK] = "USER_TASK",
        [BPMN_SERVICE_TASK] = "SERVICE_TASK",
        [BPMN_SEND_TASK] = "SEND_TASK",
        [BPMN_RECEIVE_TASK] = "RECEIVE_TASK",
        [BPMN_SCRIPT_TASK] = "SCRIPT_TASK",
        [BPMN_RULE_TASK] = "BUSINESS_RULE_TASK",
        [BPMN_START] = "START_EVENT",
        [BPMN_END] = "END_EVENT",
        [BPMN_CATCH] = "INTERMEDIATE_CATCH_EVENT",
        [BPMN_THROW] = "INTERMEDIATE_THROW_EVENT",
        [BPMN_BOUNDARY] = "BOUNDARY_EVENT",
        [BPMN_EXCLUSIVE] = "EXCLUSIVE_GATEWAY",
        [BPMN_PARALLEL] = "PARALLEL_GATEWAY",
        [BPMN_INCLUSIVE] = "INCLUSIVE_GATEWAY",
        [BPMN_EVENT_GATEWAY] = "EVENT_BASED_GATEWAY",
        [BPMN_COMPLEX] = "UNSPECIFIED",
    };
    if (role == ENGINE_LOOP)
        return "MULTI_INSTANCE_BODY";
    return node->event_subprocess ? "EVENT_SUB_PROCESS" : TYPES[node->kind];
}

/* ---- Elements and variables: kept until the end, so that each is written once ---- */

static struct process_element_note *find_element(struct process_run *run, int64_t token)
{
    for (size_t i = run->element_count; i-- > 0;)
        if (run->elements[i].token == token)
            return &run->elements[i];
    return NULL;
}

static struct process_element_note *push_element(struct process_run *run)
{
    return ARENA_PUSH(run->env->arena, run->elements, run->element_count, run->element_capacity);
}

static void element_begins(struct process_run *run, const struct engine_event *event)
{
    int64_t now_us = run->env->now_us;
    *push_element(run) =
        (struct process_element_note){.token = event->key,
                                      .id = event->key == ENGINE_ROOT ? run->id : id_next(now_us),
                                      .scope = event->scope,
                                      .node = event->node,
                                      .role = event->role,
                                      .started_us = now_us,
                                      .fresh = true};
}

static void element_ends(struct process_run *run, int64_t token, enum process_state state)
{
    struct process_element_note *note = find_element(run, token);
    if (!note) {
        note = push_element(run);
        *note = (struct process_element_note){.token = token};
    }
    note->state = state;
    note->ended_us = run->env->now_us;
}

/* Those of one task are done in the order in which they have decided. */
static void decided(struct process_run *run, const struct engine_event *event)
{
    const struct bpmn_task *task = run->model->nodes[event->node].task;
    for (size_t i = 0; task && i < run->decision_count; i++)
        if (run->decisions[i].task == task && !run->decisions[i].token) {
            run->decisions[i].token = event->key;
            return;
        }
}

static enum err write_decisions(struct process_run *run)
{
    enum err r = OK;
    for (size_t i = 0; r == OK && i < run->decision_count; i++) {
        struct process_run_decision *decision = &run->decisions[i];
        decision->evaluation.instance_id = run->id;
        if (decision->token)
            r = process_element_key(run, decision->token, &decision->evaluation.element_id);
        if (r == OK)
            r = process_evaluation_keep(run->env, &decision->evaluation);
    }
    run->decision_count = 0;
    return r;
}

static void variable_set(struct process_run *run, const struct engine_event *event)
{
    struct process_variable_note *note = NULL;
    for (size_t i = 0; i < run->variable_count && !note; i++)
        if (run->variables[i].scope == event->scope &&
            str_equal(run->variables[i].name, event->name))
            note = &run->variables[i];
    if (!note)
        note = ARENA_PUSH(run->env->arena, run->variables, run->variable_count,
                          run->variable_capacity);
    *note = (struct process_variable_note){
        .scope = event->scope, .name = event->name, .value = event->value};
}

static enum err write_element(struct process_run *run, const struct process_element_note *note)
{
    struct process_env *env = run->env;
    if (!note->fresh) {
        struct process_element_end_in in = {.park_id = env->park_id,
                                            .instance_id = run->id,
                                            .token = note->token,
                                            .state = note->state,
                                            .ended_us = note->ended_us};
        return sql_process_element_end(env->tx, &in, NULL);
    }
    const struct bpmn_node *node = &run->model->nodes[note->node];
    struct process_element_insert_in in = {.park_id = env->park_id,
                                           .instance_id = run->id,
                                           .token = note->token,
                                           .id = note->id,
                                           .scope = note->scope,
                                           .element = node->id.ptr ? node->id : STR(""),
                                           .name = node->name.ptr ? node->name : STR(""),
                                           .type = str_of(type_of(node, note->role)),
                                           .state = note->state,
                                           .started_us = note->started_us,
                                           .ended_us = note->ended_us};
    return sql_process_element_insert(env->tx, &in, NULL);
}

enum err process_notes_write(struct process_run *run)
{
    struct process_env *env = run->env;
    enum err r = write_decisions(run);
    for (size_t i = 0; r == OK && i < run->element_count; i++)
        r = write_element(run, &run->elements[i]);
    for (size_t i = 0; r == OK && i < run->variable_count; i++) {
        struct process_variable_set_in in = {.park_id = env->park_id,
                                             .instance_id = run->id,
                                             .scope = run->variables[i].scope,
                                             .name = run->variables[i].name,
                                             .id = id_next(env->now_us),
                                             .value = run->variables[i].value};
        r = sql_process_variable_set(env->tx, &in, NULL);
    }
    run->element_count = run->variable_count = 0;
    return r;
}

enum err process_element_key(struct process_run *run, int64_t token, int64_t *out)
{
    const struct process_element_note *note = find_element(run, token);
    if (note && note->fresh) {
        *out = note->id;
        return OK;
    }
    struct process_element_id_in in = {
        .park_id = run->env->park_id, .instance_id = run->id, .token = token};
    struct process_element_id_row row;
    enum err r = sql_process_element_id(run->env->tx->db, &in, &row);
    if (r == OK)
        *out = row.id;
    return r;
}

enum err process_rename(struct process_run *run)
{
    struct process_env *env = run->env;
    enum err r = OK;
    for (size_t i = 0; r == OK && i < run->instance->element_count; i++) {
        const struct engine_element *element = &run->instance->elements[i];
        const struct bpmn_node *node = &run->model->nodes[element->node];
        struct process_element_rename_in in = {.park_id = env->park_id,
                                               .instance_id = run->id,
                                               .token = element->key,
                                               .element = node->id.ptr ? node->id : STR(""),
                                               .name = node->name.ptr ? node->name : STR(""),
                                               .type = str_of(type_of(node, element->role))};
        struct process_job_rename_in job = {.park_id = env->park_id,
                                            .instance_id = run->id,
                                            .token = element->key,
                                            .element = in.element};
        struct process_task_rename_in task = {.park_id = env->park_id,
                                              .instance_id = run->id,
                                              .token = element->key,
                                              .element = in.element,
                                              .name = in.name};
        r = sql_process_element_rename(env->tx, &in, NULL);
        if (r == OK)
            r = sql_process_job_rename(env->tx, &job, NULL);
        if (r == OK)
            r = sql_process_task_rename(env->tx, &task, NULL);
    }
    for (size_t i = 0; r == OK && i < run->instance->subscription_count; i++) {
        const struct engine_subscription *subscription = &run->instance->subscriptions[i];
        struct process_subscription_rename_in in = {.park_id = env->park_id,
                                                    .instance_id = run->id,
                                                    .token = subscription->key,
                                                    .process = run->definition.key,
                                                    .element =
                                                        run->model->nodes[subscription->node].id};
        r = sql_process_subscription_rename(env->tx, &in, NULL);
    }
    for (size_t i = 0; r == OK && i < run->instance->incident_count; i++) {
        const struct engine_incident *incident = &run->instance->incidents[i];
        const struct engine_element *element = engine_element(run->instance, incident->element);
        struct process_incident_rename_in in = {.park_id = env->park_id,
                                                .instance_id = run->id,
                                                .token = incident->key,
                                                .element = run->model->nodes[element->node].id};
        r = sql_process_incident_rename(env->tx, &in, NULL);
    }
    return r;
}

/* ---- Jobs ---- */

static bool is_suspended(const struct process_run *run)
{
    return run->instance->state == ENGINE_SUSPENDED;
}

static enum err job_created(struct process_run *run, const struct engine_event *event)
{
    struct process_env *env = run->env;
    struct process_job_insert_in in = {.park_id = env->park_id,
                                       .instance_id = run->id,
                                       .token = event->key,
                                       .type = event->name,
                                       .element = run->model->nodes[event->node].id,
                                       .retries = event->number,
                                       .ready_us = is_suspended(run) ? 0 : env->now_us,
                                       .headers = event->value.ptr ? event->value : STR("{}")};
    process_tell(env->world, process_topic_job(event->name));
    enum err r = process_element_key(run, event->key, &in.id);
    return r == OK ? sql_process_job_insert(env->tx, &in, NULL) : r;
}

static enum err job_gone(struct process_run *run, int64_t token)
{
    struct process_job_delete_in in = {
        .park_id = run->env->park_id, .instance_id = run->id, .token = token};
    return sql_process_job_delete(run->env->tx, &in, NULL);
}

/* ready_us 0: nobody may have it. */
static enum err job_set(struct process_run *run, int64_t token, int64_t ready_us,
                        struct str message)
{
    const struct engine_job *job = engine_job(run->instance, token);
    if (!job)
        return OK;
    struct process_job_set_in in = {.park_id = run->env->park_id,
                                    .instance_id = run->id,
                                    .token = token,
                                    .retries = job->retries,
                                    .ready_us = is_suspended(run) ? 0 : ready_us,
                                    .message = message};
    process_tell(run->env->world, UINT64_MAX); /* Its type is not at hand; it is rare. */
    return sql_process_job_set(run->env->tx, &in, NULL);
}

enum err process_job_offer(struct process_run *run, int64_t token)
{
    const struct engine_job *job = engine_job(run->instance, token);
    bool stands = !job || job->retries == 0 || engine_incident_of(run->instance, token);
    return job_set(run, token, stands ? 0 : run->env->now_us, (struct str){0});
}

/* ---- User tasks ---- */

static struct str texts_json(struct arena *arena, const struct str *texts, size_t count)
{
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, LIMIT_HTTP_BODY);
    struct json_writer w = json_writer(&buf);
    json_array_begin(&w);
    for (size_t i = 0; i < count; i++)
        json_text(&w, texts[i]);
    json_array_end(&w);
    return str_copy(arena, buf_str(&buf));
}

/* A form that was not deployed is the client's own. */
static enum err bind_form(struct process_run *run, const struct engine_event *event, int64_t *out)
{
    const struct bpmn_task *task = run->model->nodes[event->node].task;
    struct process_reference wanted = {
        .kind = PROCESS_FORM, .key = event->task->form, .definition_id = run->row.definition_id};
    if (event->task->form.len == 0)
        return OK;
    if (task) {
        wanted.binding = task->binding;
        wanted.version_tag = task->version_tag;
    }
    enum err r = process_find_bound(run->env->tx->db, run->env->park_id, &wanted, out);
    return r == ERR_NOT_FOUND ? OK : r;
}

static enum err task_created(struct process_run *run, const struct engine_event *event)
{
    struct process_env *env = run->env;
    const struct engine_task *task = event->task;
    struct process_task_insert_in in = {
        .park_id = env->park_id,
        .instance_id = run->id,
        .token = event->key,
        .element = run->model->nodes[event->node].id,
        .name = task->name.ptr ? task->name : STR(""),
        .assignee = task->assignee.len > 0 ? task->assignee : (struct str){0},
        .groups = texts_json(env->arena, task->groups, task->group_count),
        .users = texts_json(env->arena, task->users, task->user_count),
        .due_us = task->due_us,
        .follow_up_us = task->follow_up_us,
        .priority = task->priority,
        .form = task->form.len > 0 ? task->form : (struct str){0},
        .headers = task->headers.ptr ? task->headers : STR("{}"),
        .created_us = env->now_us};
    enum err r = process_element_key(run, event->key, &in.id);
    if (r == OK)
        r = bind_form(run, event, &in.form_id);
    return r == OK ? sql_process_task_insert(env->tx, &in, NULL) : r;
}

static enum err task_gone(struct process_run *run, int64_t token, enum process_state state)
{
    struct process_task_end_in in = {.park_id = run->env->park_id,
                                     .instance_id = run->id,
                                     .token = token,
                                     .state = state,
                                     .ended_us = run->env->now_us};
    return sql_process_task_end(run->env->tx, &in, NULL);
}

/* ---- What is waited for ---- */

static enum err subscription_opened(struct process_run *run, const struct engine_event *event)
{
    struct process_env *env = run->env;
    if (event->trigger != BPMN_ON_MESSAGE && event->trigger != BPMN_ON_SIGNAL)
        return OK;
    bool message = event->trigger == BPMN_ON_MESSAGE;
    struct process_subscription_open_in in = {
        .park_id = env->park_id,
        .instance_id = run->id,
        .token = event->key,
        .kind = message ? PROCESS_WAIT_MESSAGE : PROCESS_WAIT_SIGNAL,
        .name = event->name,
        .correlation = message && event->text.ptr ? event->text : STR(""),
        .process = run->definition.key,
        .element = run->model->nodes[event->node].id,
        .id = id_next(env->now_us),
        .opened_us = env->now_us};
    enum err r = sql_process_subscription_open(env->tx, &in, NULL);
    struct process_work work = {.kind = PROCESS_LISTENS,
                                .instance_id = run->id,
                                .token = event->key,
                                .name = in.name,
                                .text = in.correlation,
                                .value = in.process};
    return r == OK && message && !is_suspended(run) ? process_work_add(env, &work) : r;
}

static enum err subscription_closed(struct process_run *run, int64_t token)
{
    struct process_subscription_close_in in = {
        .park_id = run->env->park_id, .instance_id = run->id, .token = token};
    return sql_process_subscription_close(run->env->tx, &in, NULL);
}

static enum err thrown(struct process_run *run, const struct engine_event *event,
                       enum process_work_kind kind)
{
    struct process_work work = {.kind = kind,
                                .instance_id = run->id,
                                .name = event->name,
                                .text = event->text.ptr ? event->text : STR(""),
                                .value = event->value};
    return process_work_add(run->env, &work);
}

/* ---- Incidents ---- */

static enum err incident_raised(struct process_run *run, const struct engine_event *event)
{
    struct process_env *env = run->env;
    struct process_incident_insert_in in = {.park_id = env->park_id,
                                            .id = id_next(env->now_us),
                                            .instance_id = run->id,
                                            .token = event->key,
                                            .element_token = event->scope,
                                            .element = run->model->nodes[event->node].id,
                                            .kind = event->name,
                                            .in_job = event->phase == ENGINE_IN_JOB,
                                            .message = event->text,
                                            .detail = event->value,
                                            .raised_us = env->now_us};
    run->row.incidents++;
    enum err r = sql_process_incident_insert(env->tx, &in, NULL);
    return r == OK ? job_set(run, event->scope, 0, (struct str){0}) : r;
}

static enum err incident_resolved(struct process_run *run, const struct engine_event *event)
{
    struct process_incident_end_in in = {.park_id = run->env->park_id,
                                         .instance_id = run->id,
                                         .token = event->key,
                                         .ended_us = run->env->now_us};
    run->row.incidents--;
    enum err r = sql_process_incident_end(run->env->tx, &in, NULL);
    const struct engine_job *job = engine_job(run->instance, event->scope);
    return r == OK && job && job->retries > 0 ? process_job_offer(run, event->scope) : r;
}

static enum err ended(struct process_run *run, enum process_state state)
{
    run->row.state = state;
    run->row.ended_us = run->env->now_us;
    process_tell(run->env->world, process_topic_instance(run->id));
    return run->fresh ? OK : process_begun_over(run);
}

enum err process_on_event(struct process_run *run, const struct engine_event *event)
{
    const struct engine_job *job = engine_job(run->instance, event->key);
    int64_t now_us = run->env->now_us;
    enum err r = process_call_event(run, event);
    if (r != OK)
        return r;
    switch (event->kind) {
    case ENGINE_ELEMENT_ACTIVATED:
        element_begins(run, event);
        return OK;
    case ENGINE_ELEMENT_COMPLETED:
        element_ends(run, event->key, PROCESS_COMPLETED);
        decided(run, event);
        return OK;
    case ENGINE_ELEMENT_TERMINATED:
        element_ends(run, event->key, PROCESS_CANCELED);
        return OK;
    case ENGINE_VARIABLE_SET:
        variable_set(run, event);
        return OK;
    case ENGINE_JOB_CREATED:
        return job_created(run, event);
    case ENGINE_JOB_COMPLETED:
    case ENGINE_JOB_CANCELED:
        return job_gone(run, event->key);
    case ENGINE_JOB_FAILED:
        return job_set(run, event->key, job && job->retries > 0 ? now_us + run->backoff_us : 0,
                       event->text.ptr ? event->text : STR(""));
    case ENGINE_JOB_RETRIED:
        return process_job_offer(run, event->key);
    case ENGINE_TASK_CREATED:
        return task_created(run, event);
    case ENGINE_TASK_COMPLETED:
        return task_gone(run, event->key, PROCESS_COMPLETED);
    case ENGINE_TASK_CANCELED:
        return task_gone(run, event->key, PROCESS_CANCELED);
    case ENGINE_SUBSCRIPTION_OPENED:
        return subscription_opened(run, event);
    case ENGINE_SUBSCRIPTION_CLOSED:
        return subscription_closed(run, event->key);
    case ENGINE_MESSAGE_THROWN:
        return thrown(run, event, PROCESS_PUBLISHES);
    case ENGINE_SIGNAL_THROWN:
        return thrown(run, event, PROCESS_SIGNALS);
    case ENGINE_INSTANCE_SUSPENDED:
        return process_on_suspended(run);
    case ENGINE_INSTANCE_RESUMED:
        return process_on_resumed(run);
    case ENGINE_INCIDENT_RAISED:
        return incident_raised(run, event);
    case ENGINE_INCIDENT_RESOLVED:
        return incident_resolved(run, event);
    case ENGINE_INSTANCE_COMPLETED:
        return ended(run, PROCESS_COMPLETED);
    case ENGINE_INSTANCE_CANCELED:
        return ended(run, PROCESS_CANCELED);
    default:
        return OK;
    }
}
