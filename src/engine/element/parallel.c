/* Parallel gateway: waits for a token on every incoming flow, then sends one on every outgoing. */
#include "engine/step.h"

void step_token_waits(struct step *s, int64_t scope, uint32_t flow)
{
    step_emit(s, (struct engine_event){.kind = ENGINE_TOKEN_WAITED,
                                       .scope = scope,
                                       .node = BPMN_NONE,
                                       .flow = flow,
                                       .number = 1});
}

static bool arrive(struct step *s, const struct bpmn_node *node, int64_t scope, uint32_t flow)
{
    if (node->in_count < 2)
        return true;
    step_token_waits(s, scope, flow);
    for (size_t i = 0; i < node->in_count; i++)
        if (step_waiting(s, scope, node->in[i]) == 0)
            return false;
    step_emit(s, (struct engine_event){.kind = ENGINE_TOKENS_JOINED,
                                       .scope = scope,
                                       .node = node->index,
                                       .flow = BPMN_NONE,
                                       .number = 1});
    return true;
}

static bool choose(struct step *s, int64_t key, uint32_t *chosen, size_t *count)
{
    const struct bpmn_node *node = step_node(s, key);
    for (size_t i = 0; i < node->out_count; i++)
        chosen[(*count)++] = node->out[i];
    return true;
}

const struct step_kind STEP_PARALLEL = {.arrive = arrive, .choose = choose};
