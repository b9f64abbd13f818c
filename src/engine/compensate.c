/* Compensation: what is done is undone, the last first, one after the other. A handler lives in the
 * event that throws the compensation, or in the transaction that was canceled; that goes on when
 * the last handler is through. */
#include "engine/step.h"

uint32_t step_handler(const struct bpmn_model *model, uint32_t node)
{
    const struct bpmn_node *n = &model->nodes[node];
    for (size_t i = 0; i < n->boundary_count; i++)
        if (model->nodes[n->boundaries[i]].compensation != BPMN_NONE)
            return model->nodes[n->boundaries[i]].compensation;
    for (size_t i = 0; i < n->child_count; i++) {
        const struct bpmn_node *child = &model->nodes[n->children[i]];
        for (size_t k = 0; child->event_subprocess && k < child->child_count; k++)
            if (bpmn_event_of(&model->nodes[child->children[k]], BPMN_ON_COMPENSATION) &&
                model->nodes[child->children[k]].kind == BPMN_START)
                return child->index;
    }
    return BPMN_NONE;
}

static bool is_within(const struct step *s, uint32_t node, uint32_t outer)
{
    while (node != BPMN_NONE && node != outer)
        node = s->model->nodes[node].parent;
    return node == outer;
}

/* A subprocess with a handler of its own is undone by that, not by those of what is in it. */
static bool is_covered(const struct step *s, const struct engine_done *done)
{
    for (size_t i = 0; i < s->at->done_count; i++)
        if (s->at->done[i].scope == done->scope && s->at->done[i].node != done->node &&
            is_within(s, done->node, s->at->done[i].node))
            return true;
    return false;
}

static void use(struct step *s, const struct engine_done *done)
{
    step_emit(s, (struct engine_event){.kind = ENGINE_COMPENSATION_USED,
                                       .key = done->key,
                                       .scope = done->scope,
                                       .node = done->node,
                                       .flow = BPMN_NONE});
}

/* With a handler on its border, a subprocess takes what was done in it along; one inside it may
 * still undo that by itself. */
static void use_with_inner(struct step *s, const struct engine_done done, uint32_t handler)
{
    use(s, &done);
    if (s->model->nodes[handler].event_subprocess)
        return;
    for (size_t i = s->at->done_count; i-- > 0;)
        if (s->at->done[i].scope == done.scope && is_within(s, s->at->done[i].node, done.node))
            use(s, &s->at->done[i]);
}

/* What one throw or cancellation undoes. */
struct undoing {
    int64_t scope, before; /* Done in this scope, before this key was given away. */
    uint32_t within;       /* … inside this activity; or BPMN_NONE. */
    uint32_t inside;       /* … and inside this one. */
};

static bool next_handler(struct step *s, const struct undoing *what, uint32_t *out)
{
    for (size_t i = s->at->done_count; i-- > 0;) {
        const struct engine_done *done = &s->at->done[i];
        if (done->scope != what->scope || done->key >= what->before ||
            (what->within != BPMN_NONE && !is_within(s, done->node, what->within)) ||
            (what->inside != BPMN_NONE && !is_within(s, done->node, what->inside)) ||
            is_covered(s, done))
            continue;
        *out = step_handler(s->model, done->node);
        use_with_inner(s, *done, *out);
        return true;
    }
    return false;
}

/* Thrown in an event subprocess, it undoes what was done around that. */
static struct undoing thrown_at(const struct step *s, int64_t key, const struct bpmn_event *event)
{
    struct undoing what = {.before = key, .within = event->activity, .inside = BPMN_NONE};
    int64_t at = step_element(s, key)->scope;
    for (; at; at = step_element(s, at)->scope) {
        const struct bpmn_node *node = step_node(s, at);
        if (node->event_subprocess)
            what.inside = node->parent;
        else if (bpmn_is_scope(node->kind) && step_element(s, at)->role != ENGINE_LOOP)
            break;
    }
    what.scope = at;
    if (at && step_node(s, at)->index == what.inside)
        what.inside = BPMN_NONE;
    return what;
}

static const struct bpmn_event *compensation_of(const struct bpmn_node *node)
{
    return bpmn_throws(node->kind) ? bpmn_event_of(node, BPMN_ON_COMPENSATION) : NULL;
}

bool step_undo_next(struct step *s, int64_t key)
{
    const struct bpmn_event *event = compensation_of(step_node(s, key));
    struct undoing what = {
        .scope = key, .before = INT64_MAX, .within = BPMN_NONE, .inside = BPMN_NONE};
    uint32_t handler;
    if (event)
        what = thrown_at(s, key, event);
    else if (step_element(s, key)->role != ENGINE_UNDOING)
        return false;
    if ((event && !event->waits) || !next_handler(s, &what, &handler))
        return false;
    step_send(s, key, handler);
    return true;
}

void step_compensate(struct step *s, int64_t key, const struct bpmn_event *event)
{
    struct undoing what = thrown_at(s, key, event);
    uint32_t handler;
    if (event->waits) {
        step_undo_next(s, key);
        return;
    }
    while (next_handler(s, &what, &handler))
        step_send(s, what.scope, handler);
}
