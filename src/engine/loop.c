/* Multi-instance activities and standard loops: an element that holds the turns. */
#include "engine/step.h"

struct counts {
    int64_t total, active, completed;
};

/* What Camunda offers to a completion condition, beside the turn's own variables. */
static enum err eval_counted(struct step *s, int64_t key, const struct bpmn_value *value,
                             struct counts counts, struct feel_value *out)
{
    struct feel_entry entries[] = {
        {STR("numberOfInstances"), feel_int(counts.total)},
        {STR("numberOfActiveInstances"), feel_int(counts.active)},
        {STR("numberOfCompletedInstances"), feel_int(counts.completed)},
        {STR("numberOfTerminatedInstances"), feel_int(0)},
    };
    struct feel_scope extra = {.entries = entries, .count = COUNT_OF(entries)};
    return step_eval(s, key, value, &extra, out);
}

/* The collection, or as many nulls as the cardinality says. */
static bool items(struct step *s, int64_t loop, struct feel_value *out)
{
    const struct bpmn_loop *how = step_node(s, loop)->loop;
    struct feel_value found;
    if (how->input.text.ptr) {
        if (!step_value(s, loop, ENGINE_ENTERING, &how->input, &found))
            return false;
        if (found.type != FEEL_LIST)
            return step_incident(s, loop, ENGINE_ENTERING, "loop.collection",
                                 "the collection '%.*s' is a %s, not a list",
                                 STR_ARG(how->input.text), feel_type_name(found.type));
        *out = found;
        return true;
    }
    int64_t count = 0;
    if (!step_int(s, loop, ENGINE_ENTERING, &how->cardinality, 0, &count))
        return false;
    if (count < 0 || count > ENGINE_STEP_MAX)
        return step_incident(s, loop, ENGINE_ENTERING, "loop.cardinality",
                             "the cardinality is %" PRId64, count);
    *out = feel_list(ARENA_ARRAY(s->arena, (size_t)count, struct feel_value), (size_t)count);
    return true;
}

static void begin_turn(struct step *s, int64_t loop, int64_t number, const struct feel_value *item)
{
    const struct bpmn_node *node = step_node(s, loop);
    step_emit(s, (struct engine_event){.kind = ENGINE_LOOP_TURNED,
                                       .key = loop,
                                       .node = node->index,
                                       .flow = BPMN_NONE,
                                       .number = number});
    int64_t key = s->at->next_key;
    step_emit(s, (struct engine_event){.kind = ENGINE_ELEMENT_ACTIVATED,
                                       .key = key,
                                       .scope = loop,
                                       .node = node->index,
                                       .flow = BPMN_NONE,
                                       .role = ENGINE_TURN,
                                       .number = number});
    struct feel_value counter = feel_int(number);
    step_set_value(s, key, STR("loopCounter"), &counter);
    if (item && node->loop->input_element.len > 0)
        step_set_value(s, key, node->loop->input_element, item);
    if (++s->activated > ENGINE_STEP_MAX)
        step_incident(s, key, ENGINE_ENTERING, "step.endless", "the loop turns without waiting");
    else
        step_enter(s, key);
}

/* ---- Standard loop ---- */

static bool standard_goes_on(struct step *s, int64_t loop, bool *out)
{
    const struct bpmn_loop *how = step_node(s, loop)->loop;
    int64_t turns = step_element(s, loop)->counter;
    *out = how->maximum < 0 || turns < how->maximum;
    bool ask = *out && how->condition.text.ptr && (turns > 0 || how->test_before);
    if (!ask)
        return true;
    return step_condition(s, loop, ENGINE_ENTERING, &how->condition, out);
}

static void standard_next(struct step *s, int64_t loop)
{
    bool on;
    if (!standard_goes_on(s, loop, &on))
        return;
    if (on)
        begin_turn(s, loop, step_element(s, loop)->counter + 1, NULL);
    else
        step_complete(s, loop);
}

/* ---- Multi-instance ---- */

static void begin_collection(struct step *s, int64_t loop, size_t count)
{
    const struct bpmn_loop *how = step_node(s, loop)->loop;
    if (how->output_collection.len == 0 || state_variable(s->at, loop, how->output_collection))
        return;
    struct feel_value empty = feel_list(ARENA_ARRAY(s->arena, count, struct feel_value), count);
    step_set_value(s, loop, how->output_collection, &empty);
}

static void end_loop(struct step *s, int64_t loop)
{
    const struct bpmn_loop *how = step_node(s, loop)->loop;
    step_terminate_children(s, loop);
    const struct engine_variable *kept =
        how->output_collection.len ? state_variable(s->at, loop, how->output_collection) : NULL;
    if (kept)
        step_set(s, step_home(s, step_element(s, loop)->scope, kept->name), kept->name,
                 kept->value);
    step_complete(s, loop);
}

/* Begins what is to be begun now: one turn or all that are left. */
static void enter_loop(struct step *s, int64_t key)
{
    const struct bpmn_loop *how = step_node(s, key)->loop;
    struct feel_value list;
    if (how->standard) {
        standard_next(s, key);
        return;
    }
    if (!items(s, key, &list))
        return;
    begin_collection(s, key, list.list.count);
    const struct engine_element *loop = step_element(s, key);
    size_t begun = (size_t)loop->counter, count = list.list.count;
    if (begun >= count && loop->children == 0) {
        end_loop(s, key);
        return;
    }
    size_t until = how->sequential && count > begun ? begun + 1 : count;
    for (size_t i = begun; i < until && step_alive(s, key); i++)
        begin_turn(s, key, (int64_t)i + 1, &list.list.items[i]);
}

static bool collect(struct step *s, int64_t turn)
{
    const struct engine_element *element = step_element(s, turn);
    const struct bpmn_loop *how = s->model->nodes[element->node].loop;
    if (how->output_collection.len == 0)
        return true;
    struct feel_value value;
    if (!step_value(s, turn, ENGINE_LEAVING, &how->output_element, &value))
        return false;
    const struct engine_variable *kept =
        state_variable(s->at, element->scope, how->output_collection);
    const struct json_value *json;
    if (!kept || json_parse(s->arena, kept->value, &json) != OK)
        return true;
    struct feel_value list = feel_from_json(s->arena, json);
    size_t count = list.type == FEEL_LIST ? list.list.count : 0;
    struct feel_value *copy = ARENA_ARRAY(s->arena, count, struct feel_value);
    for (size_t i = 0; i < count; i++)
        copy[i] = (int64_t)i + 1 == element->counter ? value : list.list.items[i];
    list = feel_list(copy, count);
    step_set_value(s, element->scope, how->output_collection, &list);
    return true;
}

static bool enough(struct step *s, int64_t turn, bool *out)
{
    const struct engine_element *element = step_element(s, turn);
    const struct engine_element *loop = step_element(s, element->scope);
    const struct bpmn_loop *how = s->model->nodes[element->node].loop;
    struct feel_value value;
    *out = false;
    if (!how->condition.text.ptr)
        return true;
    struct counts counts = {.active = loop->children - 1,
                            .completed = loop->counter - loop->children + 1,
                            .total = loop->counter};
    if (how->sequential) {
        struct feel_value list;
        if (items(s, element->scope, &list))
            counts.total = (int64_t)list.list.count;
    }
    if (eval_counted(s, turn, &how->condition, counts, &value) != OK || value.type != FEEL_BOOLEAN)
        return step_incident(s, turn, ENGINE_LEAVING, "expression.condition",
                             "the completion condition '%.*s' is neither true nor false",
                             STR_ARG(how->condition.text));
    *out = value.boolean;
    return true;
}

/* The activity's own boundary events hear what it says about itself, and do not interrupt it: it is
 * no reason to stop. What nobody there hears goes out as any thrown event does. */
static void tell(struct step *s, int64_t loop, const struct bpmn_event *event)
{
    const struct bpmn_node *node = step_node(s, loop);
    int64_t scope = step_element(s, loop)->scope;
    bool heard = false;
    for (size_t i = 0; i < node->boundary_count; i++) {
        const struct bpmn_node *boundary = &s->model->nodes[node->boundaries[i]];
        const struct bpmn_event *caught = bpmn_event_of(boundary, event->trigger);
        if (!caught || (caught->name.text.ptr && !str_equal(caught->name.text, event->name.text)))
            continue;
        heard = true;
        step_activate_happened(s, boundary->index, scope, NULL);
    }
    if (!heard)
        step_throw_event(s, loop, event);
}

static bool tell_all(struct step *s, int64_t turn)
{
    const struct engine_element element = *step_element(s, turn);
    const struct bpmn_loop *how = s->model->nodes[element.node].loop;
    const struct engine_element loop = *step_element(s, element.scope);
    struct counts counts = {.active = loop.children - 1,
                            .completed = loop.counter - loop.children + 1,
                            .total = loop.counter};
    for (size_t i = 0; i < how->told_count && step_alive(s, turn); i++) {
        const struct bpmn_told *told = &how->told[i];
        struct feel_value value = {.type = FEEL_BOOLEAN, .boolean = true};
        if (told->when == BPMN_BEHAVIOR_FIRST)
            value.boolean = counts.completed == 1;
        else if (told->when == BPMN_BEHAVIOR_CONDITION &&
                 (eval_counted(s, turn, &told->condition, counts, &value) != OK ||
                  value.type != FEEL_BOOLEAN))
            return step_incident(s, turn, ENGINE_LEAVING, "expression.condition",
                                 "the condition '%.*s' is neither true nor false",
                                 STR_ARG(told->condition.text));
        if (value.boolean)
            tell(s, element.scope, &told->event);
    }
    return step_alive(s, turn);
}

/* The next turn comes by way of the token queue: a long loop must not nest as deep. */
void step_loop_turned(struct step *s, int64_t turn)
{
    const struct engine_element element = *step_element(s, turn);
    const struct bpmn_loop *how = s->model->nodes[element.node].loop;
    bool over = false;
    if (!how->standard && (!collect(s, turn) || !enough(s, turn, &over) || !tell_all(s, turn)))
        return;
    step_stop_waiting(s, turn);
    step_emit(s, (struct engine_event){.kind = ENGINE_ELEMENT_COMPLETED,
                                       .key = turn,
                                       .scope = element.scope,
                                       .node = element.node,
                                       .flow = BPMN_NONE});
    if (over)
        end_loop(s, element.scope);
    else if (step_element(s, element.scope)->children == 0)
        step_send(s, element.scope, element.node);
}

const struct step_kind STEP_LOOP = {.enter = enter_loop};
