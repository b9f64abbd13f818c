/* Ad-hoc subprocess: everything in it that no flow leads to may run; here all of it does, or what
 * an expression names, at once or one after the other, until its completion condition holds. */
#include "engine/step.h"

static bool stands_alone(const struct bpmn_node *node)
{
    return node->in_count == 0 && node->kind != BPMN_BOUNDARY && !node->event_subprocess &&
           !node->for_compensation &&
           !(node->kind == BPMN_CATCH && bpmn_event_of(node, BPMN_ON_LINK));
}

static bool names(const struct feel_value *list, struct str id)
{
    for (size_t i = 0; i < list->list.count; i++)
        if (list->list.items[i].type == FEEL_STRING && str_equal(list->list.items[i].text, id))
            return true;
    return false;
}

/* The places of what is to run; false with an incident. */
static bool chosen(struct step *s, int64_t key, uint32_t *out, size_t *count)
{
    const struct bpmn_node *node = step_node(s, key);
    struct feel_value list = {0};
    if (node->ad_hoc_active) {
        if (!step_value(s, key, ENGINE_ENTERING, node->ad_hoc_active, &list))
            return false;
        if (list.type != FEEL_LIST)
            return step_incident(s, key, ENGINE_ENTERING, "ad-hoc.active",
                                 "'%.*s' gives no list of element ids",
                                 STR_ARG(node->ad_hoc_active->text));
    }
    for (size_t i = 0; i < node->child_count; i++) {
        const struct bpmn_node *child = &s->model->nodes[node->children[i]];
        if (stands_alone(child) && (!node->ad_hoc_active || names(&list, child->id)))
            out[(*count)++] = child->index;
    }
    return true;
}

/* Begins the first, or all; goes on after the `begun` ones. */
static bool begin(struct step *s, int64_t key)
{
    const struct bpmn_node *node = step_node(s, key);
    uint32_t *list = ARENA_ARRAY(s->arena, node->child_count, uint32_t);
    size_t count = 0, begun = (size_t)step_element(s, key)->counter;
    if (!chosen(s, key, list, &count))
        return true; /* An incident tells. */
    size_t until = node->ad_hoc_sequential && begun < count ? begun + 1 : count;
    if (begun >= until)
        return false;
    step_emit(s, (struct engine_event){.kind = ENGINE_LOOP_TURNED,
                                       .key = key,
                                       .node = node->index,
                                       .flow = BPMN_NONE,
                                       .number = (int64_t)until});
    for (size_t i = begun; i < until; i++)
        step_send(s, key, list[i]);
    return true;
}

static void enter(struct step *s, int64_t key)
{
    if (step_wait_event_subprocesses(s, key) && !begin(s, key))
        step_complete(s, key);
}

/* Without a condition it is over when nothing is left to do. False with an incident. */
static bool enough(struct step *s, int64_t key, bool *out)
{
    const struct bpmn_value *condition = step_node(s, key)->ad_hoc_condition;
    *out = false;
    return !condition || !condition->text.ptr ||
           step_condition(s, key, ENGINE_LEAVING, condition, out);
}

bool step_adhoc_goes_on(struct step *s, int64_t key)
{
    const struct engine_element *element = engine_element(s->at, key);
    bool over;
    if (!element || element->role == ENGINE_LOOP || step_node(s, key)->kind != BPMN_ADHOC)
        return false;
    bool busy = element->children > 0 || step_tokens_in(s, key);
    if (engine_incident_of(s->at, key) || !enough(s, key, &over))
        return true;
    if (!over)
        return busy || begin(s, key);
    if (busy && step_node(s, key)->ad_hoc_keeps)
        return true;
    step_terminate_children(s, key);
    return false;
}

static bool choose(struct step *s, int64_t key, uint32_t *flows, size_t *count)
{
    const struct bpmn_value *condition = step_node(s, key)->ad_hoc_condition;
    bool over;
    if (!enough(s, key, &over))
        return false;
    if (step_element(s, key)->children > 0) { /* An incident was resolved while it ran on. */
        if (!over || step_node(s, key)->ad_hoc_keeps)
            return false;
        step_terminate_children(s, key);
    }
    if (condition && condition->text.ptr && !over)
        return step_incident(s, key, ENGINE_LEAVING, "ad-hoc.condition",
                             "all is done, but the completion condition '%.*s' does not hold",
                             STR_ARG(condition->text));
    return step_choose_any(s, key, flows, count);
}

const struct step_kind STEP_ADHOC = {.enter = enter, .choose = choose};
