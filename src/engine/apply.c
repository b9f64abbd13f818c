/* The only file that changes an instance. */
#include "engine/state.h"

#define CORRUPT(...) err_set(ERR_CORRUPT, __VA_ARGS__)

typedef enum err apply_fn(const struct bpmn_model *model, struct engine_instance *instance,
                          const struct engine_event *event);

/* A new key is above all before it: that keeps the arrays ordered without sorting. */
static enum err take_key(struct engine_instance *instance, const struct engine_event *event)
{
    if (event->key < instance->next_key || event->key == INT64_MAX)
        return CORRUPT("%s: key %" PRId64 " was given away before", engine_event_name(event->kind),
                       event->key);
    instance->next_key = event->key + 1;
    return OK;
}

static enum err no_such(const struct engine_event *event)
{
    return CORRUPT("%s: there is no %" PRId64, engine_event_name(event->kind), event->key);
}

static enum err need_node(const struct bpmn_model *model, const struct engine_event *event)
{
    return event->node < model->node_count
               ? OK
               : CORRUPT("%s: no such element", engine_event_name(event->kind));
}

static enum err need_element(const struct engine_instance *instance,
                             const struct engine_event *event, int64_t key)
{
    return engine_element(instance, key) ? OK : no_such(event);
}

static void remove_at(void *items, size_t *count, size_t size, size_t at)
{
    assert(at < *count);
    char *gap = (char *)items + at * size;
    memmove(gap, gap + size, (--*count - at) * size);
}

#define REMOVE_KEY(instance, event, list, count)                                                   \
    do {                                                                                           \
        size_t found =                                                                             \
            state_find(instance->list, instance->count, sizeof(*instance->list), event->key);      \
        if (found == SIZE_MAX)                                                                     \
            return no_such(event);                                                                 \
        remove_at(instance->list, &instance->count, sizeof(*instance->list), found);               \
    } while (0)

#define PUSH(instance, list, count, room)                                                          \
    ARENA_PUSH((instance)->arena, (instance)->list, (instance)->count, (instance)->room)

static struct engine_element *element_of(struct engine_instance *instance, int64_t key)
{
    return (struct engine_element *)engine_element(instance, key);
}

/* ---- Elements ---- */

static enum err apply_started(const struct bpmn_model *model, struct engine_instance *instance,
                              const struct engine_event *event)
{
    if (instance->state != ENGINE_NEW || need_node(model, event) != OK)
        return CORRUPT("the instance has begun already");
    instance->state = ENGINE_ACTIVE;
    instance->process = event->node;
    return OK;
}

static enum err apply_activated(const struct bpmn_model *model, struct engine_instance *instance,
                                const struct engine_event *event)
{
    enum err e = need_node(model, event);
    if (e == OK && (event->scope || event->key != ENGINE_ROOT))
        e = need_element(instance, event, event->scope);
    if (e == OK)
        e = take_key(instance, event);
    if (e != OK)
        return e;
    *PUSH(instance, elements, element_count, element_room) = (struct engine_element){
        .key = event->key,
        .scope = event->scope,
        .node = event->node,
        .role = event->role,
        .counter = event->number,
        .closed = model->nodes[event->node].kind == BPMN_PROCESS,
    };
    if (event->scope)
        element_of(instance, event->scope)->children++;
    return OK;
}

/* Its variables and the tokens and traces inside it go with it; what waits must be gone already. */
static enum err apply_ended(const struct bpmn_model *model, struct engine_instance *instance,
                            const struct engine_event *event)
{
    (void)model;
    const struct engine_element *element = engine_element(instance, event->key);
    if (!element || element->children > 0)
        return no_such(event);
    if (element->scope)
        element_of(instance, element->scope)->children--;
    REMOVE_KEY(instance, event, elements, element_count);
    size_t kept = 0;
    for (size_t i = 0; i < instance->variable_count; i++)
        if (instance->variables[i].scope != event->key)
            instance->variables[kept++] = instance->variables[i];
    instance->variable_count = kept;
    kept = 0;
    for (size_t i = 0; i < instance->join_count; i++)
        if (instance->joins[i].scope != event->key)
            instance->joins[kept++] = instance->joins[i];
    instance->join_count = kept;
    kept = 0;
    for (size_t i = 0; i < instance->done_count; i++)
        if (instance->done[i].scope != event->key)
            instance->done[kept++] = instance->done[i];
    instance->done_count = kept;
    return OK;
}

static enum err apply_turned(const struct bpmn_model *model, struct engine_instance *instance,
                             const struct engine_event *event)
{
    (void)model;
    struct engine_element *element = element_of(instance, event->key);
    if (!element)
        return no_such(event);
    element->counter = event->number;
    return OK;
}

static enum err apply_undoing(const struct bpmn_model *model, struct engine_instance *instance,
                              const struct engine_event *event)
{
    (void)model;
    struct engine_element *element = element_of(instance, event->key);
    if (!element || element->role != ENGINE_PLAIN)
        return no_such(event);
    element->role = ENGINE_UNDOING;
    return OK;
}

/* ---- Tokens before a join ---- */

static enum err apply_waited(const struct bpmn_model *model, struct engine_instance *instance,
                             const struct engine_event *event)
{
    if (event->flow >= model->flow_count || !engine_element(instance, event->scope))
        return no_such(event);
    for (size_t i = 0; i < instance->join_count; i++) {
        struct engine_join *join = &instance->joins[i];
        if (join->scope == event->scope && join->flow == event->flow) {
            join->count += event->number;
            return OK;
        }
    }
    *PUSH(instance, joins, join_count, join_room) =
        (struct engine_join){.scope = event->scope, .flow = event->flow, .count = event->number};
    return OK;
}

/* Takes `number` tokens of each flow that leads to the node. */
static enum err apply_joined(const struct bpmn_model *model, struct engine_instance *instance,
                             const struct engine_event *event)
{
    enum err e = need_node(model, event);
    if (e != OK)
        return e;
    size_t kept = 0;
    for (size_t i = 0; i < instance->join_count; i++) {
        struct engine_join join = instance->joins[i];
        if (join.scope == event->scope && model->flows[join.flow].target == event->node)
            join.count -= event->number;
        if (join.count > 0)
            instance->joins[kept++] = join;
    }
    instance->join_count = kept;
    return OK;
}

/* ---- Variables ---- */

static enum err apply_variable(const struct bpmn_model *model, struct engine_instance *instance,
                               const struct engine_event *event)
{
    (void)model;
    if (!engine_element(instance, event->scope) || !event->name.ptr || !event->value.ptr)
        return no_such(event);
    struct engine_variable *found =
        (struct engine_variable *)state_variable(instance, event->scope, event->name);
    if (!found)
        found = PUSH(instance, variables, variable_count, variable_room);
    *found = (struct engine_variable){.scope = event->scope,
                                      .name = event->name,
                                      .value = event->value,
                                      .given = event->number != 0};
    return OK;
}

/* ---- Jobs ---- */

static enum err apply_job_created(const struct bpmn_model *model, struct engine_instance *instance,
                                  const struct engine_event *event)
{
    (void)model;
    if (!engine_element(instance, event->key) || engine_job(instance, event->key))
        return no_such(event);
    struct engine_job job = {.key = event->key, .retries = event->number};
    size_t at = instance->job_count; /* An element retried makes its job behind younger ones. */
    PUSH(instance, jobs, job_count, job_room);
    for (; at > 0 && instance->jobs[at - 1].key > job.key; at--)
        instance->jobs[at] = instance->jobs[at - 1];
    instance->jobs[at] = job;
    return OK;
}

static enum err apply_job_ended(const struct bpmn_model *model, struct engine_instance *instance,
                                const struct engine_event *event)
{
    (void)model;
    REMOVE_KEY(instance, event, jobs, job_count);
    return OK;
}

static enum err apply_job_retries(const struct bpmn_model *model, struct engine_instance *instance,
                                  const struct engine_event *event)
{
    (void)model;
    struct engine_job *job = (struct engine_job *)engine_job(instance, event->key);
    if (!job)
        return no_such(event);
    job->retries = event->number;
    return OK;
}

/* ---- Timers and subscriptions ---- */

static enum err apply_timer_set(const struct bpmn_model *model, struct engine_instance *instance,
                                const struct engine_event *event)
{
    enum err e = need_node(model, event);
    if (e == OK)
        e = need_element(instance, event, event->scope);
    if (e == OK)
        e = take_key(instance, event);
    if (e != OK)
        return e;
    *PUSH(instance, timers, timer_count, timer_room) = (struct engine_timer){
        .key = event->key,
        .element = event->scope,
        .node = event->node,
        .due_us = event->due_us,
        .interval_us = event->interval_us,
        .interval_months = event->interval_months,
        .repeats = event->number,
    };
    return OK;
}

static enum err apply_timer_moved(const struct bpmn_model *model, struct engine_instance *instance,
                                  const struct engine_event *event)
{
    (void)model;
    struct engine_timer *timer = (struct engine_timer *)engine_timer(instance, event->key);
    if (!timer)
        return no_such(event);
    timer->due_us = event->due_us;
    return OK;
}

static enum err apply_timer_fired(const struct bpmn_model *model, struct engine_instance *instance,
                                  const struct engine_event *event)
{
    if (event->due_us == 0) {
        REMOVE_KEY(instance, event, timers, timer_count);
        return OK;
    }
    enum err e = apply_timer_moved(model, instance, event);
    struct engine_timer *timer = (struct engine_timer *)engine_timer(instance, event->key);
    if (e == OK && timer->repeats > 0)
        timer->repeats--;
    return e;
}

static enum err apply_timer_canceled(const struct bpmn_model *model,
                                     struct engine_instance *instance,
                                     const struct engine_event *event)
{
    (void)model;
    REMOVE_KEY(instance, event, timers, timer_count);
    return OK;
}

static enum err apply_opened(const struct bpmn_model *model, struct engine_instance *instance,
                             const struct engine_event *event)
{
    enum err e = need_node(model, event);
    if (e == OK)
        e = need_element(instance, event, event->scope);
    if (e == OK)
        e = take_key(instance, event);
    if (e != OK)
        return e;
    *PUSH(instance, subscriptions, subscription_count, subscription_room) =
        (struct engine_subscription){
            .key = event->key,
            .element = event->scope,
            .node = event->node,
            .trigger = event->trigger,
            .name = event->name,
            .correlation = event->text,
        };
    return OK;
}

static enum err apply_closed(const struct bpmn_model *model, struct engine_instance *instance,
                             const struct engine_event *event)
{
    (void)model;
    REMOVE_KEY(instance, event, subscriptions, subscription_count);
    return OK;
}

static enum err apply_condition(const struct bpmn_model *model, struct engine_instance *instance,
                                const struct engine_event *event)
{
    (void)model;
    size_t at = state_find(instance->subscriptions, instance->subscription_count,
                           sizeof(*instance->subscriptions), event->key);
    if (at == SIZE_MAX)
        return no_such(event);
    instance->subscriptions[at].held = event->number != 0;
    return OK;
}

/* ---- Incidents, compensation, the end ---- */

static enum err apply_incident(const struct bpmn_model *model, struct engine_instance *instance,
                               const struct engine_event *event)
{
    (void)model;
    enum err e = need_element(instance, event, event->scope);
    if (e == OK)
        e = take_key(instance, event);
    if (e != OK)
        return e;
    *PUSH(instance, incidents, incident_count, incident_room) =
        (struct engine_incident){.key = event->key, .element = event->scope, .phase = event->phase};
    return OK;
}

static enum err apply_resolved(const struct bpmn_model *model, struct engine_instance *instance,
                               const struct engine_event *event)
{
    (void)model;
    REMOVE_KEY(instance, event, incidents, incident_count);
    return OK;
}

static enum err apply_kept(const struct bpmn_model *model, struct engine_instance *instance,
                           const struct engine_event *event)
{
    enum err e = need_node(model, event);
    if (e == OK)
        e = need_element(instance, event, event->scope);
    if (e == OK)
        e = take_key(instance, event);
    if (e != OK)
        return e;
    *PUSH(instance, done, done_count, done_room) =
        (struct engine_done){.key = event->key, .scope = event->scope, .node = event->node};
    return OK;
}

static enum err apply_used(const struct bpmn_model *model, struct engine_instance *instance,
                           const struct engine_event *event)
{
    (void)model;
    REMOVE_KEY(instance, event, done, done_count);
    return OK;
}

static enum err apply_completed(const struct bpmn_model *model, struct engine_instance *instance,
                                const struct engine_event *event)
{
    (void)model;
    if (instance->element_count > 0 ||
        (instance->state != ENGINE_ACTIVE && instance->state != ENGINE_SUSPENDED))
        return no_such(event);
    instance->state = ENGINE_COMPLETED;
    return OK;
}

static enum err apply_instance_canceled(const struct bpmn_model *model,
                                        struct engine_instance *instance,
                                        const struct engine_event *event)
{
    enum err e = apply_completed(model, instance, event);
    if (e == OK)
        instance->state = ENGINE_CANCELED;
    return e;
}

static enum err apply_suspended(const struct bpmn_model *model, struct engine_instance *instance,
                                const struct engine_event *event)
{
    (void)model;
    if (instance->state != ENGINE_ACTIVE)
        return no_such(event);
    instance->state = ENGINE_SUSPENDED;
    return OK;
}

static enum err apply_resumed(const struct bpmn_model *model, struct engine_instance *instance,
                              const struct engine_event *event)
{
    (void)model;
    if (instance->state != ENGINE_SUSPENDED)
        return no_such(event);
    instance->state = ENGINE_ACTIVE;
    return OK;
}

static enum err apply_elsewhere(const struct bpmn_model *model, struct engine_instance *instance,
                                const struct engine_event *event)
{
    (void)model, (void)instance;
    return CORRUPT("%s: it leads to another model", engine_event_name(event->kind));
}

static enum err apply_nothing(const struct bpmn_model *model, struct engine_instance *instance,
                              const struct engine_event *event)
{
    (void)model, (void)instance, (void)event;
    return OK;
}

static apply_fn *const APPLY[ENGINE_EVENT_COUNT] = {
    [ENGINE_STARTED] = apply_started,
    [ENGINE_ELEMENT_ACTIVATED] = apply_activated,
    [ENGINE_ELEMENT_COMPLETED] = apply_ended,
    [ENGINE_ELEMENT_TERMINATED] = apply_ended,
    [ENGINE_FLOW_TAKEN] = apply_nothing,
    [ENGINE_TOKEN_WAITED] = apply_waited,
    [ENGINE_TOKENS_JOINED] = apply_joined,
    [ENGINE_LOOP_TURNED] = apply_turned,
    [ENGINE_VARIABLE_SET] = apply_variable,
    [ENGINE_TASK_CREATED] = apply_nothing,
    [ENGINE_TASK_COMPLETED] = apply_nothing,
    [ENGINE_TASK_CANCELED] = apply_nothing,
    [ENGINE_JOB_CREATED] = apply_job_created,
    [ENGINE_JOB_COMPLETED] = apply_job_ended,
    [ENGINE_JOB_FAILED] = apply_job_retries,
    [ENGINE_JOB_RETRIED] = apply_job_retries,
    [ENGINE_JOB_CANCELED] = apply_job_ended,
    [ENGINE_TIMER_SET] = apply_timer_set,
    [ENGINE_TIMER_MOVED] = apply_timer_moved,
    [ENGINE_TIMER_FIRED] = apply_timer_fired,
    [ENGINE_TIMER_CANCELED] = apply_timer_canceled,
    [ENGINE_SUBSCRIPTION_OPENED] = apply_opened,
    [ENGINE_SUBSCRIPTION_CLOSED] = apply_closed,
    [ENGINE_MESSAGE_CORRELATED] = apply_nothing,
    [ENGINE_MESSAGE_THROWN] = apply_nothing,
    [ENGINE_SIGNAL_THROWN] = apply_nothing,
    [ENGINE_ERROR_THROWN] = apply_nothing,
    [ENGINE_ESCALATION_THROWN] = apply_nothing,
    [ENGINE_COMPENSATION_KEPT] = apply_kept,
    [ENGINE_COMPENSATION_USED] = apply_used,
    [ENGINE_TRANSACTION_CANCELED] = apply_undoing,
    [ENGINE_INCIDENT_RAISED] = apply_incident,
    [ENGINE_INCIDENT_RESOLVED] = apply_resolved,
    [ENGINE_INSTANCE_COMPLETED] = apply_completed,
    [ENGINE_INSTANCE_CANCELED] = apply_instance_canceled,
    [ENGINE_CALL_CREATED] = apply_nothing,
    [ENGINE_CALL_COMPLETED] = apply_nothing,
    [ENGINE_CALL_CANCELED] = apply_nothing,
    [ENGINE_ESCAPED] = apply_nothing,
    [ENGINE_INSTANCE_SUSPENDED] = apply_suspended,
    [ENGINE_INSTANCE_RESUMED] = apply_resumed,
    [ENGINE_MODIFIED] = apply_nothing,
    [ENGINE_CONDITION_TURNED] = apply_condition,
    [ENGINE_MIGRATED] = apply_elsewhere,
};

enum err engine_apply(const struct bpmn_model *model, struct engine_instance *instance,
                      const struct engine_event *event)
{
    if ((unsigned)event->kind >= ENGINE_EVENT_COUNT)
        return CORRUPT("no such event");
    return APPLY[event->kind](model, instance, event);
}

bool engine_event_changes(enum engine_event_kind kind)
{
    return (unsigned)kind < ENGINE_EVENT_COUNT && APPLY[kind] != apply_nothing;
}
