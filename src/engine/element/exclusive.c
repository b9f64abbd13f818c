/* Exclusive gateway: the first flow whose condition holds, else the default. */
#include "engine/step.h"

static bool choose(struct step *s, int64_t key, uint32_t *chosen, size_t *count)
{
    const struct bpmn_node *node = step_node(s, key);
    for (size_t i = 0; i < node->out_count; i++) {
        const struct bpmn_flow *flow = &s->model->flows[node->out[i]];
        bool holds = true;
        if (node->out[i] == node->default_flow)
            continue;
        if (flow->condition.text.ptr &&
            !step_condition(s, key, ENGINE_LEAVING, &flow->condition, &holds))
            return false;
        if (holds) {
            chosen[(*count)++] = flow->index;
            return true;
        }
    }
    if (node->default_flow != BPMN_NONE)
        chosen[(*count)++] = node->default_flow;
    else if (node->out_count > 0)
        return step_incident(s, key, ENGINE_LEAVING, "flow.none",
                             "no condition of the outgoing flows holds, and none is the default");
    return true;
}

const struct step_kind STEP_EXCLUSIVE = {.choose = choose};
