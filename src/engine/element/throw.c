/* Intermediate throw event and send task. */
#include "engine/step.h"

static bool throw_named(struct step *s, int64_t key, const struct bpmn_event *event,
                        enum engine_event_kind kind)
{
    struct str name, correlation;
    if (!step_text(s, key, ENGINE_ENTERING, &event->name, &name) ||
        !step_text(s, key, ENGINE_ENTERING, &event->correlation, &correlation))
        return false;
    struct str values = step_locals(s, key, true);
    step_emit(s, (struct engine_event){.kind = kind,
                                       .key = key,
                                       .node = step_element(s, key)->node,
                                       .flow = BPMN_NONE,
                                       .name = name,
                                       .text = correlation,
                                       .value = values});
    const struct json_value *json;
    if (kind == ENGINE_SIGNAL_THROWN && json_parse(s->arena, values, &json) == OK)
        step_signal(s, name, json);
    return true;
}

/* The catching twin of a link stands in the same scope. */
static void follow_link(struct step *s, int64_t key, struct str name)
{
    const struct bpmn_node *scope = &s->model->nodes[step_node(s, key)->parent];
    for (size_t i = 0; i < scope->child_count; i++) {
        const struct bpmn_node *node = &s->model->nodes[scope->children[i]];
        const struct bpmn_event *event = bpmn_event_of(node, BPMN_ON_LINK);
        if (node->kind == BPMN_CATCH && event && str_equal(event->name.text, name)) {
            step_send(s, step_element(s, key)->scope, node->index);
            return;
        }
    }
}

/* False if it raised an incident, or if the element is gone by what it threw. */
bool step_throw_event(struct step *s, int64_t key, const struct bpmn_event *event)
{
    struct str code;
    switch (event->trigger) {
    case BPMN_ON_MESSAGE:
        return throw_named(s, key, event, ENGINE_MESSAGE_THROWN);
    case BPMN_ON_SIGNAL:
        return throw_named(s, key, event, ENGINE_SIGNAL_THROWN) && step_alive(s, key);
    case BPMN_ON_ESCALATION:
        if (!step_text(s, key, ENGINE_ENTERING, &event->name, &code))
            return false;
        step_throw_escalation(s, key, code);
        return step_alive(s, key);
    case BPMN_ON_ERROR:
        if (!step_text(s, key, ENGINE_ENTERING, &event->name, &code))
            return false;
        if (!step_throw_error(s, key, code, (struct str){0}, NULL))
            step_incident(s, key, ENGINE_ENTERING, "error.unhandled",
                          "nothing catches the error '%.*s'", STR_ARG(code));
        return false;
    case BPMN_ON_COMPENSATION:
        step_compensate(s, key, event);
        return true;
    case BPMN_ON_LINK:
        follow_link(s, key, event->name.text);
        return true;
    case BPMN_ON_CANCEL:
        step_cancel_transaction(s, key);
        return false;
    case BPMN_ON_TERMINATE:
        return false; /* The end event's own. */
    default:
        return true;
    }
}

static void enter(struct step *s, int64_t key)
{
    const struct bpmn_node *node = step_node(s, key);
    if (step_is_job(node)) {
        STEP_JOB_TASK.enter(s, key);
        return;
    }
    for (size_t i = 0; i < node->event_count; i++)
        if ((node->events[i].name.text.ptr || node->kind != BPMN_SEND_TASK) &&
            !step_throw_event(s, key, &node->events[i]))
            return;
    step_check_scope(s, key); /* It waits for what it undoes. */
}

static void cancel(struct step *s, int64_t key)
{
    STEP_JOB_TASK.cancel(s, key);
}

const struct step_kind STEP_THROW = {.enter = enter, .cancel = cancel};
const struct step_kind STEP_SEND_TASK = {.enter = enter, .cancel = cancel};
