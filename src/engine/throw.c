/* Errors, escalations, cancellation and compensation: thrown inside, caught further out. */
#include "engine/step.h"

static bool catches(const struct bpmn_node *node, enum bpmn_trigger trigger, struct str code,
                    bool any)
{
    const struct bpmn_event *event = bpmn_event_of(node, trigger);
    if (!event)
        return false;
    return event->name.text.ptr ? !any && str_equal(event->name.text, code) : any;
}

/* Both look for the code first and for a catch-all then. */
static uint32_t inner_catcher(const struct step *s, const struct bpmn_node *scope,
                              enum bpmn_trigger trigger, struct str code)
{
    for (int any = 0; any < 2; any++)
        for (size_t i = 0; i < scope->child_count; i++) {
            const struct bpmn_node *child = &s->model->nodes[scope->children[i]];
            for (size_t k = 0; child->event_subprocess && k < child->child_count; k++)
                if (s->model->nodes[child->children[k]].kind == BPMN_START &&
                    catches(&s->model->nodes[child->children[k]], trigger, code, any))
                    return child->children[k];
        }
    return BPMN_NONE;
}

static uint32_t boundary_catcher(const struct step *s, const struct bpmn_node *activity,
                                 enum bpmn_trigger trigger, struct str code)
{
    for (int any = 0; any < 2; any++)
        for (size_t i = 0; i < activity->boundary_count; i++)
            if (catches(&s->model->nodes[activity->boundaries[i]], trigger, code, any))
                return activity->boundaries[i];
    return BPMN_NONE;
}

/* An event subprocess that is running cannot catch what it throws itself. */
static bool thrown_by(const struct step *s, int64_t from, int64_t scope, uint32_t start)
{
    for (int64_t key = from; key != scope && key; key = step_element(s, key)->scope)
        if (step_element(s, key)->node == s->model->nodes[start].parent)
            return true;
    return false;
}

/* Outwards from `key`: event subprocesses of each scope, then the boundary events on it. Gives the
 * element that is listening, or 0. */
static int64_t find_catcher(const struct step *s, int64_t key, enum bpmn_trigger trigger,
                            struct str code, uint32_t *out)
{
    bool inside = false;
    for (int64_t at = key; at; at = step_element(s, at)->scope, inside = true) {
        *out = inside ? inner_catcher(s, step_node(s, at), trigger, code) : BPMN_NONE;
        if (*out != BPMN_NONE && !thrown_by(s, key, at, *out))
            return at;
        if (step_element(s, at)->role == ENGINE_TURN) /* Boundary events belong to the loop. */
            continue;
        *out = boundary_catcher(s, step_node(s, at), trigger, code);
        if (*out != BPMN_NONE)
            return at;
    }
    return 0;
}

bool engine_catches(const struct bpmn_model *model, const struct engine_instance *instance,
                    int64_t element, enum bpmn_trigger trigger, struct str code)
{
    struct step s = {.model = model, .at = (struct engine_instance *)instance}; /* Only read. */
    uint32_t catcher;
    return engine_element(instance, element) &&
           find_catcher(&s, element, trigger, code, &catcher) != 0;
}

/* What nothing here catches may be caught by who called this instance. */
static bool escape(struct step *s, int64_t key, enum bpmn_trigger trigger, struct str code,
                   struct str message, const struct json_value *variables)
{
    if (!s->run->outside || !s->run->outside(s->run->data, trigger, code))
        return false;
    step_emit(s, (struct engine_event){.kind = ENGINE_ESCAPED,
                                       .key = key,
                                       .node = step_element(s, key)->node,
                                       .flow = BPMN_NONE,
                                       .trigger = trigger,
                                       .name = code,
                                       .text = message,
                                       .value = variables ? step_json(s, variables) : STR("{}")});
    if (trigger == BPMN_ON_ERROR)
        step_cancel(s, message.ptr ? message : code);
    return true;
}

static bool deliver(struct step *s, int64_t key, enum bpmn_trigger trigger, struct str code,
                    struct str message, const struct json_value *variables)
{
    uint32_t catcher;
    int64_t at = find_catcher(s, key, trigger, code, &catcher);
    if (!at)
        return escape(s, key, trigger, code, message, variables);
    step_happen(s, at, catcher, variables);
    return true;
}

bool step_throw_error(struct step *s, int64_t key, struct str code, struct str message,
                      const struct json_value *variables)
{
    step_emit(s, (struct engine_event){.kind = ENGINE_ERROR_THROWN,
                                       .key = key,
                                       .node = step_element(s, key)->node,
                                       .flow = BPMN_NONE,
                                       .name = code,
                                       .text = message});
    return deliver(s, key, BPMN_ON_ERROR, code, message, variables);
}

bool step_throw_escalation(struct step *s, int64_t key, struct str code)
{
    step_emit(s, (struct engine_event){.kind = ENGINE_ESCALATION_THROWN,
                                       .key = key,
                                       .node = step_element(s, key)->node,
                                       .flow = BPMN_NONE,
                                       .name = code});
    return deliver(s, key, BPMN_ON_ESCALATION, code, (struct str){0}, NULL);
}

/* First everything in the transaction stops, then its handlers run in it; step_end_transaction
 * follows when they are through. */
void step_cancel_transaction(struct step *s, int64_t key)
{
    int64_t at = step_element(s, key)->scope;
    while (at && step_node(s, at)->kind != BPMN_TRANSACTION)
        at = step_element(s, at)->scope;
    if (!at || step_element(s, at)->role != ENGINE_PLAIN) {
        step_incident(s, key, ENGINE_ENTERING, "cancel", "there is no transaction to cancel");
        return;
    }
    step_terminate_children(s, at);
    step_stop_waiting(s, at);
    step_emit(s, (struct engine_event){.kind = ENGINE_TRANSACTION_CANCELED,
                                       .key = at,
                                       .node = step_element(s, at)->node,
                                       .flow = BPMN_NONE});
    step_check_scope(s, at); /* Which undoes what is to be undone, one after the other. */
}

void step_end_transaction(struct step *s, int64_t key)
{
    const struct bpmn_node *node = step_node(s, key);
    int64_t scope = step_element(s, key)->scope;
    uint32_t catcher = BPMN_NONE;
    for (size_t i = 0; i < node->boundary_count; i++)
        if (bpmn_event_of(&s->model->nodes[node->boundaries[i]], BPMN_ON_CANCEL))
            catcher = node->boundaries[i];
    step_terminate(s, key);
    if (catcher != BPMN_NONE)
        step_activate_happened(s, catcher, scope, NULL);
    else
        step_check_scope(s, scope);
}
