/* Call activity: a process of the same file runs inside, seeing only what it is given; one of
 * another file runs in an instance of its own, which the caller of the step looks after. */
#include "engine/step.h"

static void give(struct step *s, int64_t from, int64_t to, bool all)
{
    size_t count = s->at->variable_count;
    for (int64_t scope = from; scope; scope = all ? state_outer(s->at, scope) : 0)
        for (size_t i = 0; i < count; i++) {
            struct engine_variable variable = s->at->variables[i];
            if (variable.scope == scope && !state_variable(s->at, to, variable.name))
                step_give(s, to, variable.name, variable.value);
        }
}

bool step_calls_outside(const struct step *s, const struct bpmn_node *node)
{
    const struct bpmn_task *task = node->task;
    return task->process == BPMN_NONE || (s->run->calls && task->outside);
}

/* What the called instance is given: all that is seen, or only what stands in the call itself. */
static struct str given(struct step *s, int64_t key, bool all)
{
    if (!all)
        return step_locals(s, key, true);
    buf_clear(&s->scratch);
    struct json_writer w = json_writer(&s->scratch);
    engine_variables_write(&w, s->at, key);
    return str_copy(s->arena, buf_str(&s->scratch));
}

static void call_outside(struct step *s, int64_t key, const struct bpmn_node *node)
{
    struct str process;
    if (!step_text(s, key, ENGINE_ENTERING, &node->task->called, &process))
        return;
    if (process.len == 0 || !s->run->calls) {
        step_incident(s, key, ENGINE_ENTERING, "call.process",
                      process.len ? "the process '%.*s' cannot be called from here"
                                  : "the id of the called process is empty%.*s",
                      STR_ARG(process));
        return;
    }
    step_emit(s, (struct engine_event){.kind = ENGINE_CALL_CREATED,
                                       .key = key,
                                       .scope = step_element(s, key)->scope,
                                       .node = node->index,
                                       .flow = BPMN_NONE,
                                       .name = process,
                                       .text = node->task->version_tag,
                                       .number = node->task->binding,
                                       .value = given(s, key, node->task->propagate_parent)});
}

static void enter(struct step *s, int64_t key)
{
    const struct bpmn_node *node = step_node(s, key);
    const struct bpmn_task *task = node->task;
    if (step_calls_outside(s, node)) {
        call_outside(s, key, node);
        return;
    }
    int64_t process = s->at->next_key;
    step_emit(s, (struct engine_event){.kind = ENGINE_ELEMENT_ACTIVATED,
                                       .key = process,
                                       .scope = key,
                                       .node = task->process,
                                       .flow = BPMN_NONE});
    give(s, key, process, task->propagate_parent);
    step_enter(s, process);
}

static void take_back(struct step *s, int64_t call, struct str name, struct str value)
{
    const struct bpmn_node *node = step_node(s, call);
    if (node->output_count > 0)
        step_set(s, call, name, value);
    else if (node->task->propagate_child)
        step_set(s, step_home(s, call, name), name, value);
}

void step_call_over(struct step *s, int64_t key, const struct json_value *variables)
{
    for (size_t i = 0; variables && i < variables->object.count; i++)
        take_back(s, key, variables->object.members[i].name,
                  step_json(s, &variables->object.members[i].value));
    step_complete(s, key);
}

/* Called before the process is gone, with its variables still there. What it was given and left
 * alone does not go back: a branch beside the call may have changed it meanwhile. */
void step_call_ended(struct step *s, int64_t process)
{
    int64_t call = step_element(s, process)->scope;
    for (size_t i = 0; i < s->at->variable_count; i++) {
        struct engine_variable variable = s->at->variables[i];
        if (variable.scope == process && !variable.given)
            take_back(s, call, variable.name, variable.value);
    }
}

static void cancel(struct step *s, int64_t key)
{
    const struct engine_incident *incident = engine_incident_of(s->at, key);
    const struct bpmn_node *node = step_node(s, key);
    if (step_calls_outside(s, node) && !(incident && incident->phase == ENGINE_ENTERING))
        step_emit(s, (struct engine_event){.kind = ENGINE_CALL_CANCELED,
                                           .key = key,
                                           .node = node->index,
                                           .flow = BPMN_NONE});
}

const struct step_kind STEP_CALL = {.enter = enter, .cancel = cancel};
