/* End event: none, terminate, or one that throws. */
#include "engine/step.h"

/* Ends the scope with everything in it, this event first. */
static void terminate(struct step *s, int64_t key)
{
    int64_t scope = step_element(s, key)->scope;
    step_stop_waiting(s, key);
    step_emit(s, (struct engine_event){.kind = ENGINE_ELEMENT_COMPLETED,
                                       .key = key,
                                       .scope = scope,
                                       .node = step_element(s, key)->node,
                                       .flow = BPMN_NONE});
    step_terminate_children(s, scope);
    step_complete(s, scope);
}

static void enter(struct step *s, int64_t key)
{
    const struct bpmn_node *node = step_node(s, key);
    if (step_is_job(node)) {
        STEP_JOB_TASK.enter(s, key);
        return;
    }
    for (size_t i = 0; i < node->event_count; i++) {
        if (node->events[i].trigger == BPMN_ON_TERMINATE) {
            terminate(s, key);
            return;
        }
        if (!step_throw_event(s, key, &node->events[i]))
            return;
    }
    step_check_scope(s, key);
}

static void cancel(struct step *s, int64_t key)
{
    STEP_JOB_TASK.cancel(s, key);
}

const struct step_kind STEP_END = {.enter = enter, .cancel = cancel};
