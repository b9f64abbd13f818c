#include "bpmn/bpmn.h"

#define KIND_WORD(kind, xml, word) [kind] = word,
static const char *const KIND_WORDS[] = {BPMN_KINDS(KIND_WORD)};
#define TRIGGER_WORD(trigger, xml, word) [trigger] = word,
static const char *const TRIGGER_WORDS[] = {BPMN_TRIGGERS(TRIGGER_WORD)};

const char *bpmn_kind_word(enum bpmn_kind kind)
{
    return KIND_WORDS[kind];
}

const char *bpmn_trigger_word(enum bpmn_trigger trigger)
{
    return TRIGGER_WORDS[trigger];
}

bool bpmn_is_scope(enum bpmn_kind kind)
{
    return kind <= BPMN_ADHOC;
}

bool bpmn_is_event(enum bpmn_kind kind)
{
    return kind >= BPMN_START && kind <= BPMN_BOUNDARY;
}

bool bpmn_throws(enum bpmn_kind kind)
{
    return kind == BPMN_END || kind == BPMN_THROW;
}

bool bpmn_is_gateway(enum bpmn_kind kind)
{
    return kind >= BPMN_EXCLUSIVE && kind <= BPMN_COMPLEX;
}

bool bpmn_is_activity(enum bpmn_kind kind)
{
    return kind >= BPMN_SUBPROCESS && kind <= BPMN_RULE_TASK;
}

uint32_t bpmn_hash_id(struct str id)
{
    uint32_t sum = 2166136261u;
    for (size_t i = 0; i < id.len; i++)
        sum = (sum ^ (unsigned char)id.ptr[i]) * 16777619u;
    return sum;
}

const struct bpmn_node *bpmn_find(const struct bpmn_model *model, struct str id)
{
    for (size_t i = bpmn_hash_id(id) & model->index_mask; model->index[i];
         i++, i &= model->index_mask)
        if (model->index[i] <= model->node_count &&
            str_equal(model->nodes[model->index[i] - 1].id, id))
            return &model->nodes[model->index[i] - 1];
    return NULL;
}

const struct bpmn_flow *bpmn_find_flow(const struct bpmn_model *model, struct str id)
{
    for (size_t i = bpmn_hash_id(id) & model->index_mask; model->index[i];
         i++, i &= model->index_mask) {
        size_t at = model->index[i] - 1;
        if (at >= model->node_count && str_equal(model->flows[at - model->node_count].id, id))
            return &model->flows[at - model->node_count];
    }
    return NULL;
}

const struct bpmn_event *bpmn_event_of(const struct bpmn_node *node, enum bpmn_trigger trigger)
{
    for (size_t i = 0; i < node->event_count; i++)
        if (node->events[i].trigger == trigger)
            return &node->events[i];
    return NULL;
}

const struct bpmn_node *bpmn_gate_of(const struct bpmn_model *model, const struct bpmn_node *node)
{
    if (node->in_count != 1)
        return NULL;
    const struct bpmn_node *gate = &model->nodes[model->flows[node->in[0]].source];
    bool instantiates = gate->kind == BPMN_EVENT_GATEWAY && gate->instantiate;
    return instantiates && gate->in_count == 0 ? gate : NULL;
}

bool bpmn_begins(const struct bpmn_model *model, const struct bpmn_node *node)
{
    if (node->parent == BPMN_NONE || model->nodes[node->parent].kind != BPMN_PROCESS ||
        node->event_count == 0)
        return false;
    return node->kind == BPMN_START ||
           (node->kind == BPMN_RECEIVE_TASK && node->instantiate && node->in_count == 0) ||
           bpmn_gate_of(model, node);
}
