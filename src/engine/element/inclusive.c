/* Inclusive gateway: splits into every flow whose condition holds; joins when no further token can
 * reach it, which token.c decides once all else is quiet. */
#include "engine/step.h"

static bool arrive(struct step *s, const struct bpmn_node *node, int64_t scope, uint32_t flow)
{
    if (node->in_count < 2)
        return true;
    step_token_waits(s, scope, flow);
    return false;
}

const struct step_kind STEP_INCLUSIVE = {.arrive = arrive};
