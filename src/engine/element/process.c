/* A process: the root of an instance, or what a call activity calls. */
#include "engine/step.h"

static bool begins(const struct bpmn_node *node)
{
    return node->in_count == 0 && node->kind != BPMN_BOUNDARY && node->kind != BPMN_START &&
           !node->event_subprocess && !node->for_compensation;
}

/* Without a start event everything that no flow leads to begins. */
void step_begin_scope(struct step *s, int64_t key)
{
    const struct bpmn_node *node = step_node(s, key);
    size_t begun = 0;
    if (node->start != BPMN_NONE) {
        step_send(s, key, node->start);
        return;
    }
    for (size_t i = 0; i < node->child_count; i++)
        if (begins(&s->model->nodes[node->children[i]])) {
            step_send(s, key, node->children[i]);
            begun++;
        }
    if (begun == 0)
        step_incident(s, key, ENGINE_ENTERING, "scope.start", "nothing begins in '%.*s'",
                      STR_ARG(node->id));
}

static void enter(struct step *s, int64_t key)
{
    if (!step_wait_event_subprocesses(s, key))
        return;
    if (s->start && key == ENGINE_ROOT)
        step_send(s, key, s->start);
    else
        step_begin_scope(s, key);
}

/* The end of a called process is the end of its call. */
static bool choose(struct step *s, int64_t key, uint32_t *chosen, size_t *count)
{
    (void)s, (void)key, (void)chosen, (void)count;
    return true;
}

const struct step_kind STEP_PROCESS = {.enter = enter, .choose = choose};
