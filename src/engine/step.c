#include "engine/step.h"

#include <stdarg.h>
#include <stdio.h>

static const struct step_kind *const KINDS[BPMN_KIND_COUNT] = {
    [BPMN_PROCESS] = &STEP_PROCESS,
    [BPMN_SUBPROCESS] = &STEP_SUBPROCESS,
    [BPMN_TRANSACTION] = &STEP_SUBPROCESS,
    [BPMN_ADHOC] = &STEP_ADHOC,
    [BPMN_CALL] = &STEP_CALL,
    [BPMN_TASK] = &STEP_PASS,
    [BPMN_MANUAL_TASK] = &STEP_PASS,
    [BPMN_USER_TASK] = &STEP_USER_TASK,
    [BPMN_SERVICE_TASK] = &STEP_JOB_TASK,
    [BPMN_SEND_TASK] = &STEP_SEND_TASK,
    [BPMN_RECEIVE_TASK] = &STEP_RECEIVE,
    [BPMN_SCRIPT_TASK] = &STEP_SCRIPT_TASK,
    [BPMN_RULE_TASK] = &STEP_RULE_TASK,
    [BPMN_START] = &STEP_PASS,
    [BPMN_END] = &STEP_END,
    [BPMN_CATCH] = &STEP_CATCH,
    [BPMN_THROW] = &STEP_THROW,
    [BPMN_BOUNDARY] = &STEP_PASS,
    [BPMN_EXCLUSIVE] = &STEP_EXCLUSIVE,
    [BPMN_PARALLEL] = &STEP_PARALLEL,
    [BPMN_INCLUSIVE] = &STEP_INCLUSIVE,
    [BPMN_EVENT_GATEWAY] = &STEP_EVENT_GATEWAY,
    [BPMN_COMPLEX] = &STEP_COMPLEX,
};

const struct step_kind *step_kind_of(enum bpmn_kind kind)
{
    return KINDS[kind];
}

void step_emit(struct step *s, struct engine_event event)
{
    *ARENA_PUSH(s->arena, s->events, s->event_count, s->event_room) = event;
    enum err e = engine_apply(s->model, s->at, &event);
    assert(e == OK); /* The step made it from this very state. */
    (void)e;
}

const struct engine_element *step_element(const struct step *s, int64_t key)
{
    const struct engine_element *element = engine_element(s->at, key);
    assert(element);
    return element;
}

const struct bpmn_node *step_node(const struct step *s, int64_t key)
{
    return &s->model->nodes[step_element(s, key)->node];
}

bool step_alive(const struct step *s, int64_t key)
{
    return engine_element(s->at, key) != NULL;
}

/* ---- Incidents ---- */

static struct str incident_value(struct step *s)
{
    if (!s->feel_ready || s->feel.reason_count == 0)
        return (struct str){0};
    buf_clear(&s->scratch);
    struct json_writer w = json_writer(&s->scratch);
    json_object_begin(&w);
    json_member_text(&w, "expression",
                     s->feel.expr ? feel_expr_text(s->feel.expr) : (struct str){0});
    json_key(&w, "reasons");
    feel_reasons_to_json(&w, &s->feel);
    json_object_end(&w);
    return buf_check(&s->scratch) == OK ? str_copy(s->arena, buf_str(&s->scratch))
                                        : (struct str){0};
}

bool step_incident(struct step *s, int64_t key, enum engine_phase phase, const char *kind,
                   const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    step_emit(s, (struct engine_event){.kind = ENGINE_INCIDENT_RAISED,
                                       .key = s->at->next_key,
                                       .scope = key,
                                       .node = step_element(s, key)->node,
                                       .flow = BPMN_NONE,
                                       .phase = phase,
                                       .name = str_of(kind),
                                       .text = str_copy(s->arena, str_of(text)),
                                       .value = incident_value(s)});
    return false;
}

/* ---- Life cycle ---- */

int64_t step_begin(struct step *s, uint32_t node, int64_t scope, enum engine_role role,
                   int64_t number)
{
    int64_t key = s->at->next_key;
    step_emit(s, (struct engine_event){.kind = ENGINE_ELEMENT_ACTIVATED,
                                       .key = key,
                                       .scope = scope,
                                       .node = node,
                                       .flow = BPMN_NONE,
                                       .role = role,
                                       .number = number});
    return key;
}

static const struct step_kind *kind_at(const struct step *s, int64_t key)
{
    const struct engine_element *element = step_element(s, key);
    return element->role == ENGINE_LOOP ? &STEP_LOOP : KINDS[s->model->nodes[element->node].kind];
}

void step_enter(struct step *s, int64_t key)
{
    enum engine_role role = step_element(s, key)->role;
    if (role != ENGINE_LOOP && !step_inputs(s, key))
        return;
    if (role != ENGINE_TURN && !step_wait_boundaries(s, key))
        return;
    const struct step_kind *kind = kind_at(s, key);
    if (kind->enter)
        kind->enter(s, key);
    else
        step_complete(s, key);
}

int64_t step_activate(struct step *s, uint32_t node, int64_t scope, enum engine_role role,
                      int64_t number)
{
    int64_t key = step_begin(s, node, scope, role, number);
    if (++s->activated > ENGINE_STEP_MAX)
        step_incident(s, key, ENGINE_ENTERING, "step.endless",
                      "more than %d elements were activated without waiting for anything",
                      ENGINE_STEP_MAX);
    else
        step_enter(s, key);
    return key;
}

void step_activate_happened(struct step *s, uint32_t node, int64_t scope,
                            const struct json_value *variables)
{
    s->activated++;
    int64_t key = step_begin(s, node, scope, ENGINE_PLAIN, 0);
    step_merge(s, key, variables);
    step_complete(s, key);
}

static void keep(struct step *s, uint32_t node, int64_t scope)
{
    step_emit(s, (struct engine_event){.kind = ENGINE_COMPENSATION_KEPT,
                                       .key = s->at->next_key,
                                       .scope = scope,
                                       .node = node,
                                       .flow = BPMN_NONE});
}

/* What is done inside a subprocess can be undone as long as the scope around it lives. */
static void keep_inner(struct step *s, int64_t key, int64_t scope)
{
    for (size_t i = 0, count = s->at->done_count; i < count; i++)
        if (s->at->done[i].scope == key)
            keep(s, s->at->done[i].node, scope);
}

static void keep_itself(struct step *s, const struct bpmn_node *node, int64_t scope)
{
    if (step_handler(s->model, node->index) != BPMN_NONE)
        keep(s, node->index, scope);
}

static void leave(struct step *s, int64_t key, const uint32_t *chosen, size_t count)
{
    const struct engine_element element = *step_element(s, key);
    const struct bpmn_node *node = &s->model->nodes[element.node];
    bool called = element.scope && node->kind == BPMN_PROCESS;
    bool asked = !element.scope && s->run->outside;
    struct str back = asked ? step_locals(s, key, false) : (struct str){0};
    step_stop_waiting(s, key);
    if (called)
        step_call_ended(s, key);
    else if (element.scope)
        keep_inner(s, key, element.scope);
    step_emit(s, (struct engine_event){.kind = ENGINE_ELEMENT_COMPLETED,
                                       .key = key,
                                       .scope = element.scope,
                                       .node = element.node,
                                       .flow = BPMN_NONE});
    if (!element.scope) {
        step_emit(s, (struct engine_event){.kind = ENGINE_INSTANCE_COMPLETED,
                                           .node = element.node,
                                           .flow = BPMN_NONE,
                                           .value = back});
        return;
    }
    if (bpmn_is_activity(node->kind))
        keep_itself(s, node, element.scope);
    for (int32_t token = 0; token < node->completion_quantity; token++)
        for (size_t i = 0; i < count; i++)
            step_take(s, element.scope, chosen[i]);
    step_check_scope(s, element.scope);
}

void step_complete(struct step *s, int64_t key)
{
    const struct engine_element *element = step_element(s, key);
    const struct bpmn_node *node = &s->model->nodes[element->node];
    if (element->role == ENGINE_UNDOING) {
        step_end_transaction(s, key);
        return;
    }
    if (element->role != ENGINE_LOOP && !step_outputs(s, key))
        return;
    if (element->role == ENGINE_TURN) {
        step_loop_turned(s, key);
        return;
    }
    uint32_t *chosen = node->out_count ? ARENA_ARRAY(s->arena, node->out_count, uint32_t) : NULL;
    size_t count = 0;
    const struct step_kind *kind = KINDS[node->kind];
    bool chose = kind->choose ? kind->choose(s, key, chosen, &count)
                              : step_choose_any(s, key, chosen, &count);
    if (chose)
        leave(s, key, chosen, count);
}

/* ---- Termination ---- */

static void terminate_children(struct step *s, int64_t key)
{
    step_drop_tokens(s, key);
    for (size_t i = s->at->element_count; i-- > 0;) /* What lives in a child stands behind it. */
        if (s->at->elements[i].scope == key)
            step_terminate(s, s->at->elements[i].key);
}

/* Tokens that wait before a join would hold the scope for ever: it lives on without them. */
void step_terminate_children(struct step *s, int64_t key)
{
    terminate_children(s, key);
    for (size_t i = 0; i < s->at->join_count;) {
        struct engine_join join = s->at->joins[i];
        if (join.scope != key) {
            i++;
            continue;
        }
        step_emit(s, (struct engine_event){.kind = ENGINE_TOKENS_JOINED,
                                           .scope = key,
                                           .node = s->model->flows[join.flow].target,
                                           .flow = BPMN_NONE,
                                           .number = join.count});
        i = 0;
    }
}

static void resolve_incidents(struct step *s, int64_t key)
{
    const struct engine_incident *incident;
    while ((incident = engine_incident_of(s->at, key)))
        step_emit(s, (struct engine_event){.kind = ENGINE_INCIDENT_RESOLVED,
                                           .key = incident->key,
                                           .scope = key,
                                           .node = step_element(s, key)->node,
                                           .flow = BPMN_NONE});
}

void step_terminate(struct step *s, int64_t key)
{
    terminate_children(s, key);
    const struct engine_element element = *step_element(s, key);
    const struct step_kind *kind = kind_at(s, key);
    if (kind->cancel)
        kind->cancel(s, key);
    step_stop_waiting(s, key);
    resolve_incidents(s, key);
    step_emit(s, (struct engine_event){.kind = ENGINE_ELEMENT_TERMINATED,
                                       .key = key,
                                       .scope = element.scope,
                                       .node = element.node,
                                       .flow = BPMN_NONE});
}

void step_cancel(struct step *s, struct str why)
{
    step_terminate(s, ENGINE_ROOT);
    step_emit(s, (struct engine_event){.kind = ENGINE_INSTANCE_CANCELED,
                                       .node = s->at->process,
                                       .flow = BPMN_NONE,
                                       .text = why});
}
