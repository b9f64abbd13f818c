/* Intermediate catch event and receive task: wait for what their events name. */
#include "engine/step.h"

static const struct bpmn_event *link_of(const struct bpmn_node *node)
{
    return bpmn_event_of(node, BPMN_ON_LINK);
}

static void enter(struct step *s, int64_t key)
{
    const struct bpmn_node *node = step_node(s, key);
    if (link_of(node)) /* Its throwing twin sent the token here. */
        step_complete(s, key);
    else
        step_wait(s, key, node->index);
}

const struct step_kind STEP_CATCH = {.enter = enter};
const struct step_kind STEP_RECEIVE = {.enter = enter};
