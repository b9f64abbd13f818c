/* Waiting for events, and what their happening does. */
#include "engine/step.h"

static void set_timer(struct step *s, int64_t key, uint32_t node, const struct engine_schedule *due)
{
    step_emit(s, (struct engine_event){.kind = ENGINE_TIMER_SET,
                                       .key = s->at->next_key,
                                       .scope = key,
                                       .node = node,
                                       .flow = BPMN_NONE,
                                       .due_us = due->due_us,
                                       .interval_us = due->interval_us,
                                       .interval_months = due->interval_months,
                                       .number = due->repeats});
}

static void open_subscription(struct step *s, int64_t key, uint32_t node, enum bpmn_trigger trigger,
                              struct str name, struct str correlation)
{
    step_emit(s, (struct engine_event){.kind = ENGINE_SUBSCRIPTION_OPENED,
                                       .key = s->at->next_key,
                                       .scope = key,
                                       .node = node,
                                       .flow = BPMN_NONE,
                                       .trigger = trigger,
                                       .name = name,
                                       .text = correlation});
}

static bool wait_for_message(struct step *s, int64_t key, uint32_t node,
                             const struct bpmn_event *event)
{
    struct str name, correlation;
    if (!step_text(s, key, ENGINE_ENTERING, &event->name, &name) ||
        !step_text(s, key, ENGINE_ENTERING, &event->correlation, &correlation))
        return false;
    if (event->correlation.text.ptr && !correlation.ptr)
        return step_incident(s, key, ENGINE_ENTERING, "message.correlation",
                             "the correlation key '%.*s' is null",
                             STR_ARG(event->correlation.text));
    open_subscription(s, key, node, BPMN_ON_MESSAGE, name, correlation);
    return true;
}

static bool wait_for(struct step *s, int64_t key, uint32_t node, const struct bpmn_event *event)
{
    struct engine_schedule due;
    struct str name;
    switch (event->trigger) {
    case BPMN_ON_TIMER:
        if (!step_due(s, key, ENGINE_ENTERING, event, &due))
            return false;
        set_timer(s, key, node, &due);
        return true;
    case BPMN_ON_MESSAGE:
        return wait_for_message(s, key, node, event);
    case BPMN_ON_SIGNAL:
        if (!step_text(s, key, ENGINE_ENTERING, &event->name, &name))
            return false;
        open_subscription(s, key, node, BPMN_ON_SIGNAL, name, (struct str){0});
        return true;
    case BPMN_ON_CONDITION:
        open_subscription(s, key, node, BPMN_ON_CONDITION, (struct str){0}, (struct str){0});
        s->changed = true; /* It may hold already. */
        return true;
    default: /* Thrown from inside and looked up then. */
        return true;
    }
}

static bool waits_at(const struct step *s, int64_t key, uint32_t node)
{
    for (size_t i = 0; i < s->at->timer_count; i++)
        if (s->at->timers[i].element == key && s->at->timers[i].node == node)
            return true;
    for (size_t i = 0; i < s->at->subscription_count; i++)
        if (s->at->subscriptions[i].element == key && s->at->subscriptions[i].node == node)
            return true;
    return false;
}

bool step_wait(struct step *s, int64_t key, uint32_t node)
{
    if (waits_at(s, key, node)) /* Entered again after an incident. */
        return true;
    const struct bpmn_node *n = &s->model->nodes[node];
    for (size_t i = 0; i < n->event_count; i++)
        if (!wait_for(s, key, node, &n->events[i])) {
            step_stop_waiting_at(s, key, node);
            return false;
        }
    return true;
}

bool step_wait_boundaries(struct step *s, int64_t key)
{
    const struct bpmn_node *node = step_node(s, key);
    for (size_t i = 0; i < node->boundary_count; i++)
        if (!step_wait(s, key, node->boundaries[i]))
            return false;
    return true;
}

bool step_wait_event_subprocesses(struct step *s, int64_t scope)
{
    const struct bpmn_node *node = step_node(s, scope);
    for (size_t i = 0; i < node->child_count; i++) {
        const struct bpmn_node *child = &s->model->nodes[node->children[i]];
        for (size_t k = 0; child->event_subprocess && k < child->child_count; k++)
            if (s->model->nodes[child->children[k]].kind == BPMN_START &&
                !step_wait(s, scope, child->children[k]))
                return false;
    }
    return true;
}

/* ---- No longer waiting ---- */

static void cancel_timer(struct step *s, size_t at)
{
    step_emit(s, (struct engine_event){.kind = ENGINE_TIMER_CANCELED,
                                       .key = s->at->timers[at].key,
                                       .scope = s->at->timers[at].element,
                                       .node = s->at->timers[at].node,
                                       .flow = BPMN_NONE});
}

static void close_subscription(struct step *s, size_t at)
{
    step_emit(s, (struct engine_event){.kind = ENGINE_SUBSCRIPTION_CLOSED,
                                       .key = s->at->subscriptions[at].key,
                                       .scope = s->at->subscriptions[at].element,
                                       .node = s->at->subscriptions[at].node,
                                       .flow = BPMN_NONE});
}

void step_stop_waiting_at(struct step *s, int64_t key, uint32_t node)
{
    for (size_t i = s->at->timer_count; i-- > 0;)
        if (s->at->timers[i].element == key && (node == BPMN_NONE || s->at->timers[i].node == node))
            cancel_timer(s, i);
    for (size_t i = s->at->subscription_count; i-- > 0;)
        if (s->at->subscriptions[i].element == key &&
            (node == BPMN_NONE || s->at->subscriptions[i].node == node))
            close_subscription(s, i);
}

void step_stop_waiting(struct step *s, int64_t key)
{
    step_stop_waiting_at(s, key, BPMN_NONE);
}

/* ---- Happening ---- */

static void happen_boundary(struct step *s, int64_t host, const struct bpmn_node *node,
                            const struct json_value *variables)
{
    int64_t scope = step_element(s, host)->scope;
    if (node->interrupting)
        step_terminate(s, host);
    step_activate_happened(s, node->index, scope, variables);
}

static void happen_event_subprocess(struct step *s, int64_t scope, const struct bpmn_node *start,
                                    const struct json_value *variables)
{
    if (start->interrupting) {
        step_terminate_children(s, scope);
        const struct bpmn_node *node = step_node(s, scope);
        for (size_t i = 0; i < node->child_count; i++) {
            const struct bpmn_node *child = &s->model->nodes[node->children[i]];
            for (size_t k = 0; child->event_subprocess && k < child->child_count; k++)
                step_stop_waiting_at(s, scope, child->children[k]);
        }
    }
    int64_t key = step_activate(s, start->parent, scope, ENGINE_PLAIN, 0);
    if (step_alive(s, key))
        step_merge(s, key, variables);
}

/* The gateway leaves by the flow to the event, and that event has happened already. */
static void happen_gateway(struct step *s, int64_t key, uint32_t target,
                           const struct json_value *variables)
{
    const struct engine_element element = *step_element(s, key);
    const struct bpmn_node *gateway = &s->model->nodes[element.node];
    step_stop_waiting(s, key);
    step_emit(s, (struct engine_event){.kind = ENGINE_ELEMENT_COMPLETED,
                                       .key = key,
                                       .scope = element.scope,
                                       .node = element.node,
                                       .flow = BPMN_NONE});
    for (size_t i = 0; i < gateway->out_count; i++)
        if (s->model->flows[gateway->out[i]].target == target) {
            step_emit(s, (struct engine_event){.kind = ENGINE_FLOW_TAKEN,
                                               .scope = element.scope,
                                               .node = BPMN_NONE,
                                               .flow = gateway->out[i]});
            break;
        }
    step_activate_happened(s, target, element.scope, variables);
}

/* Of several events of which all must happen, the others are still waited for. */
static bool all_happened(struct step *s, int64_t key, const struct bpmn_node *node)
{
    return !node->parallel_multiple || !waits_at(s, key, node->index);
}

/* An intermediate timer with a cycle sends a token each time and is done with the last. */
static bool cycle_goes_on(const struct step *s, int64_t key, const struct bpmn_node *node)
{
    if (node->kind != BPMN_CATCH || node->event_count != 1 || step_node(s, key) != node)
        return false;
    for (size_t i = 0; i < s->at->timer_count; i++)
        if (s->at->timers[i].element == key && s->at->timers[i].node == node->index)
            return true;
    return false;
}

void step_happen(struct step *s, int64_t key, uint32_t node, const struct json_value *variables)
{
    const struct bpmn_node *n = &s->model->nodes[node];
    const struct bpmn_node *waiting = step_node(s, key);
    if (cycle_goes_on(s, key, n)) {
        step_merge(s, key, variables);
        for (size_t i = 0; i < n->out_count; i++)
            step_take(s, step_element(s, key)->scope, n->out[i]);
        return;
    }
    if (!all_happened(s, key, n)) {
        step_merge(s, key, variables);
        return;
    }
    if (n->kind == BPMN_BOUNDARY) {
        happen_boundary(s, key, n, variables);
    } else if (n->kind == BPMN_START) {
        happen_event_subprocess(s, key, n, variables);
    } else if (waiting->kind == BPMN_EVENT_GATEWAY) {
        happen_gateway(s, key, node, variables);
    } else {
        step_stop_waiting_at(s, key, node);
        step_merge(s, key, variables);
        step_complete(s, key);
    }
}

static bool repeats(const struct step *s, const struct engine_subscription *subscription)
{
    const struct bpmn_node *node = &s->model->nodes[subscription->node];
    return (node->kind == BPMN_BOUNDARY || node->kind == BPMN_START) && !node->interrupting;
}

static bool condition_holds(struct step *s, const struct engine_subscription *subscription)
{
    const struct bpmn_event *event =
        bpmn_event_of(&s->model->nodes[subscription->node], BPMN_ON_CONDITION);
    struct feel_value value;
    return step_eval(s, subscription->element, &event->value, NULL, &value) == OK &&
           value.type == FEEL_BOOLEAN && value.boolean;
}

static void turn_condition(struct step *s, const struct engine_subscription *subscription,
                           bool holds)
{
    step_emit(s, (struct engine_event){.kind = ENGINE_CONDITION_TURNED,
                                       .key = subscription->key,
                                       .scope = subscription->element,
                                       .node = subscription->node,
                                       .flow = BPMN_NONE,
                                       .number = holds});
}

/* A condition that cannot be answered yet does not hold. One that does not interrupt happens each
 * time it comes to hold. */
bool step_check_conditions(struct step *s)
{
    if (!s->changed)
        return false;
    s->changed = false;
    for (size_t i = 0; i < s->at->subscription_count; i++) {
        struct engine_subscription subscription = s->at->subscriptions[i];
        if (subscription.trigger != BPMN_ON_CONDITION)
            continue;
        bool again = repeats(s, &subscription), holds = condition_holds(s, &subscription);
        if (again && holds != subscription.held)
            turn_condition(s, &subscription, holds);
        if (!holds || subscription.held)
            continue;
        if (!again)
            close_subscription(s, i);
        s->changed = true; /* Others may hold as well. */
        step_happen(s, subscription.element, subscription.node, NULL);
        return true;
    }
    return false;
}

void step_signal(struct step *s, struct str name, const struct json_value *variables)
{
    size_t count = s->at->subscription_count;
    int64_t *keys = ARENA_ARRAY(s->arena, count, int64_t);
    for (size_t i = 0; i < count; i++)
        keys[i] = s->at->subscriptions[i].key;
    for (size_t i = 0; i < count; i++) {
        size_t at = state_find(s->at->subscriptions, s->at->subscription_count,
                               sizeof(*s->at->subscriptions), keys[i]);
        if (at == SIZE_MAX)
            continue;
        struct engine_subscription subscription = s->at->subscriptions[at];
        if (subscription.trigger != BPMN_ON_SIGNAL || !str_equal(subscription.name, name))
            continue;
        if (!repeats(s, &subscription))
            close_subscription(s, at);
        step_happen(s, subscription.element, subscription.node, variables);
    }
}
