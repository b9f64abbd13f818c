/* Event-based gateway: waits for the events behind it; the first decides the way. One that begins
 * an instance and wants all of them lets each of them wait for itself. */
#include "engine/step.h"

static void enter(struct step *s, int64_t key)
{
    const struct bpmn_node *node = step_node(s, key);
    if (node->parallel_multiple) {
        step_complete(s, key);
        return;
    }
    for (size_t i = 0; i < node->out_count; i++)
        if (!step_wait(s, key, s->model->flows[node->out[i]].target))
            return;
}

const struct step_kind STEP_EVENT_GATEWAY = {.enter = enter};
