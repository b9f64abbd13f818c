/* Embedded subprocess, event subprocess and transaction. */
#include "engine/step.h"

static void enter(struct step *s, int64_t key)
{
    const struct bpmn_node *node = step_node(s, key);
    if (!step_wait_event_subprocesses(s, key))
        return;
    if (!node->event_subprocess) {
        step_begin_scope(s, key);
        return;
    }
    for (size_t i = 0; i < node->child_count; i++)
        if (s->model->nodes[node->children[i]].kind == BPMN_START)
            step_send(s, key, node->children[i]);
}

const struct step_kind STEP_SUBPROCESS = {.enter = enter};
