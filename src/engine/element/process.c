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

/* What begins the instance has happened: a start event, an instantiating receive task, or one of
 * the events behind an instantiating gateway. */
static void begin_at(struct step *s, int64_t key, const struct bpmn_node *node)
{
    const struct bpmn_node *gate = bpmn_gate_of(s->model, node);
    if (node->kind == BPMN_START) {
        step_send(s, key, node->index);
        return;
    }
    if (gate) {
        int64_t gateway = step_begin(s, gate->index, key, ENGINE_PLAIN, 0);
        step_emit(s, (struct engine_event){.kind = ENGINE_ELEMENT_COMPLETED,
                                           .key = gateway,
                                           .scope = key,
                                           .node = gate->index,
                                           .flow = BPMN_NONE});
        for (size_t i = 0; i < gate->out_count; i++)
            if (gate->out[i] == node->in[0])
                step_emit(s, (struct engine_event){.kind = ENGINE_FLOW_TAKEN,
                                                   .scope = key,
                                                   .node = BPMN_NONE,
                                                   .flow = node->in[0]});
            else if (gate->parallel_multiple)
                step_take(s, key, gate->out[i]);
    }
    step_activate_happened(s, node->index, key, NULL);
}

static void enter(struct step *s, int64_t key)
{
    if (!step_wait_event_subprocesses(s, key))
        return;
    if (s->start && key == ENGINE_ROOT)
        begin_at(s, key, &s->model->nodes[s->start]);
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
