/* Ad-hoc subprocess: everything in it that no flow leads to may run; here all of it does, at once
 * or one after the other. */
#include "engine/step.h"

static bool stands_alone(const struct bpmn_node *node)
{
    return node->in_count == 0 && node->kind != BPMN_BOUNDARY && !node->event_subprocess &&
           !node->for_compensation;
}

static void enter(struct step *s, int64_t key)
{
    const struct bpmn_node *node = step_node(s, key);
    if (!step_wait_event_subprocesses(s, key))
        return;
    for (size_t i = 0; i < node->child_count; i++)
        if (stands_alone(&s->model->nodes[node->children[i]]))
            step_send(s, key, node->children[i]);
}

const struct step_kind STEP_ADHOC = {.enter = enter};
