/* Call activity: a process of the same file runs inside, seeing only what it is given. */
#include "engine/step.h"

static void give(struct step *s, int64_t from, int64_t to, bool all)
{
    size_t count = s->at->variable_count;
    for (int64_t scope = from; scope; scope = all ? state_outer(s->at, scope) : 0)
        for (size_t i = 0; i < count; i++) {
            struct engine_variable variable = s->at->variables[i];
            if (variable.scope == scope && !state_variable(s->at, to, variable.name))
                step_set(s, to, variable.name, variable.value);
        }
}

static void enter(struct step *s, int64_t key)
{
    const struct bpmn_task *task = step_node(s, key)->task;
    int64_t process = s->at->next_key;
    step_emit(s, (struct engine_event){.kind = ENGINE_ELEMENT_ACTIVATED,
                                       .key = process,
                                       .scope = key,
                                       .node = task->process,
                                       .flow = BPMN_NONE});
    give(s, key, process, task->propagate_parent);
    step_enter(s, process);
}

/* Called before the process is gone, with its variables still there. */
void step_call_ended(struct step *s, int64_t process)
{
    int64_t call = step_element(s, process)->scope;
    const struct bpmn_node *node = step_node(s, call);
    for (size_t i = 0; i < s->at->variable_count; i++) {
        struct engine_variable variable = s->at->variables[i];
        if (variable.scope != process)
            continue;
        if (node->output_count > 0)
            step_set(s, call, variable.name, variable.value);
        else if (node->task->propagate_child)
            step_set(s, step_home(s, call, variable.name), variable.name, variable.value);
    }
}

const struct step_kind STEP_CALL = {.enter = enter};
