/* Tokens on their way between elements. None is left when a step ends: those that wait before a
 * join are state. */
#include "engine/step.h"

void step_send(struct step *s, int64_t scope, uint32_t node)
{
    *ARENA_PUSH(s->arena, s->tokens, s->token_count, s->token_room) =
        (struct step_token){.node = node, .flow = BPMN_NONE, .scope = scope};
}

void step_take(struct step *s, int64_t scope, uint32_t flow)
{
    step_emit(s, (struct engine_event){
                     .kind = ENGINE_FLOW_TAKEN, .scope = scope, .node = BPMN_NONE, .flow = flow});
    *ARENA_PUSH(s->arena, s->tokens, s->token_count, s->token_room) =
        (struct step_token){.node = s->model->flows[flow].target, .flow = flow, .scope = scope};
}

bool step_tokens_in(const struct step *s, int64_t scope)
{
    for (size_t i = s->token_next; i < s->token_count; i++)
        if (s->tokens[i].scope == scope)
            return true;
    return false;
}

void step_drop_tokens(struct step *s, int64_t scope)
{
    size_t kept = s->token_next;
    for (size_t i = s->token_next; i < s->token_count; i++)
        if (s->tokens[i].scope != scope)
            s->tokens[kept++] = s->tokens[i];
    s->token_count = kept;
}

int64_t step_waiting(const struct step *s, int64_t scope, uint32_t flow)
{
    for (size_t i = 0; i < s->at->join_count; i++)
        if (s->at->joins[i].scope == scope && s->at->joins[i].flow == flow)
            return s->at->joins[i].count;
    return 0;
}

/* Every flow whose condition holds, or else the default: how all but the gateways leave. */
bool step_choose_any(struct step *s, int64_t key, uint32_t *chosen, size_t *count)
{
    const struct bpmn_node *node = step_node(s, key);
    bool conditional = false;
    for (size_t i = 0; i < node->out_count; i++) {
        const struct bpmn_flow *flow = &s->model->flows[node->out[i]];
        bool holds = true;
        if (node->out[i] == node->default_flow)
            continue;
        if (flow->condition.text.ptr &&
            !step_condition(s, key, ENGINE_LEAVING, &flow->condition, &holds))
            return false;
        conditional = conditional || flow->condition.text.ptr;
        if (holds)
            chosen[(*count)++] = flow->index;
    }
    bool some = *count > 0 && conditional;
    if (!some && node->default_flow != BPMN_NONE)
        chosen[(*count)++] = node->default_flow;
    if (*count == 0 && node->out_count > 0)
        return step_incident(s, key, ENGINE_LEAVING, "flow.none",
                             "no condition of the outgoing flows holds, and none is the default");
    return true;
}

void step_check_scope(struct step *s, int64_t scope)
{
    if (!step_alive(s, scope) || step_adhoc_goes_on(s, scope) ||
        step_element(s, scope)->children > 0 || step_tokens_in(s, scope))
        return;
    for (size_t i = 0; i < s->at->join_count; i++) {
        uint32_t target = s->model->flows[s->at->joins[i].flow].target;
        /* A complex gateway that has gone on waits for nothing any more. */
        if (s->at->joins[i].scope == scope && s->model->nodes[target].kind != BPMN_COMPLEX)
            return;
    }
    if (!step_undo_next(s, scope))
        step_complete(s, scope);
}

/* An activity may need several tokens to start. */
static bool enough_tokens(struct step *s, const struct bpmn_node *node, int64_t scope,
                          uint32_t flow)
{
    if (node->start_quantity <= 1 || flow == BPMN_NONE)
        return true;
    step_emit(s, (struct engine_event){.kind = ENGINE_TOKEN_WAITED,
                                       .scope = scope,
                                       .node = BPMN_NONE,
                                       .flow = flow,
                                       .number = 1});
    if (step_waiting(s, scope, flow) < node->start_quantity)
        return false;
    step_emit(s, (struct engine_event){.kind = ENGINE_TOKENS_JOINED,
                                       .scope = scope,
                                       .node = node->index,
                                       .flow = BPMN_NONE,
                                       .number = node->start_quantity});
    return true;
}

static void arrive(struct step *s, struct step_token token)
{
    const struct bpmn_node *node = &s->model->nodes[token.node];
    const struct step_kind *kind = step_kind_of(node->kind);
    const struct engine_element *scope = engine_element(s->at, token.scope);
    if (scope && scope->role == ENGINE_LOOP) { /* The loop's own token: it turns on. */
        STEP_LOOP.enter(s, token.scope);
        return;
    }
    if (!scope || !enough_tokens(s, node, token.scope, token.flow))
        return;
    if (kind->arrive && token.flow != BPMN_NONE && !kind->arrive(s, node, token.scope, token.flow))
        return;
    step_activate(s, token.node, token.scope, node->loop ? ENGINE_LOOP : ENGINE_PLAIN, 0);
}

/* Ways from a token to a join, not through it: to flows with a token waiting, and without one. */
struct ways {
    const struct bpmn_node *join;
    int64_t scope;
    bool *seen;
    bool full, empty;
};

static void look(const struct step *s, uint32_t from, struct ways *ways);

static void look_by_link(const struct step *s, const struct bpmn_node *from, struct ways *ways)
{
    const struct bpmn_event *link = bpmn_event_of(from, BPMN_ON_LINK);
    const struct bpmn_node *scope = &s->model->nodes[from->parent];
    for (size_t i = 0; link && from->kind == BPMN_THROW && i < scope->child_count; i++) {
        const struct bpmn_node *to = &s->model->nodes[scope->children[i]];
        const struct bpmn_event *other = bpmn_event_of(to, BPMN_ON_LINK);
        if (to->kind == BPMN_CATCH && other && str_equal(other->name.text, link->name.text))
            look(s, to->index, ways);
    }
}

static void look(const struct step *s, uint32_t from, struct ways *ways)
{
    const struct bpmn_node *node = &s->model->nodes[from];
    if (ways->seen[from] || node == ways->join)
        return;
    ways->seen[from] = true;
    for (size_t i = 0; i < node->out_count; i++) {
        uint32_t target = s->model->flows[node->out[i]].target;
        if (target != ways->join->index)
            look(s, target, ways);
        else if (step_waiting(s, ways->scope, node->out[i]) > 0)
            ways->full = true;
        else
            ways->empty = true;
    }
    for (size_t i = 0; i < node->boundary_count; i++)
        look(s, node->boundaries[i], ways);
    look_by_link(s, node, ways);
}

/* BPMN 2.0, 13.4.3: one that could come by a flow with a token already is not waited for. Without
 * that, two joins in a loop would wait for each other. */
static bool holds_up(const struct step *s, uint32_t from, struct ways ways)
{
    memset(ways.seen, 0, s->model->node_count * sizeof(*ways.seen));
    look(s, from, &ways);
    return ways.empty && !ways.full;
}

/* An inclusive join waits as long as a token elsewhere in its scope could still come to it. */
static bool may_still_come(struct step *s, int64_t scope, uint32_t join)
{
    struct ways ways = {.join = &s->model->nodes[join],
                        .scope = scope,
                        .seen = ARENA_ARRAY(s->arena, s->model->node_count, bool)};
    for (size_t i = 0; i < s->at->element_count; i++)
        if (s->at->elements[i].scope == scope && holds_up(s, s->at->elements[i].node, ways))
            return true;
    for (size_t i = 0; i < s->at->join_count; i++) {
        uint32_t target = s->model->flows[s->at->joins[i].flow].target;
        if (s->at->joins[i].scope == scope && target != join && holds_up(s, target, ways))
            return true;
    }
    return false;
}

static bool settle_join(struct step *s)
{
    for (size_t i = 0; i < s->at->join_count; i++) {
        struct engine_join join = s->at->joins[i];
        uint32_t node = s->model->flows[join.flow].target;
        if (s->model->nodes[node].kind != BPMN_INCLUSIVE || may_still_come(s, join.scope, node))
            continue;
        step_emit(s, (struct engine_event){.kind = ENGINE_TOKENS_JOINED,
                                           .scope = join.scope,
                                           .node = node,
                                           .flow = BPMN_NONE,
                                           .number = 1});
        step_activate(s, node, join.scope, ENGINE_PLAIN, 0);
        return true;
    }
    return false;
}

static bool throws_signal(const struct step *s, uint32_t node)
{
    const struct bpmn_node *n = &s->model->nodes[node];
    return bpmn_throws(n->kind) && bpmn_event_of(n, BPMN_ON_SIGNAL);
}

/* A signal is thrown when all other tokens rest, so that who waits in the same moment hears it. */
static struct step_token next_token(struct step *s)
{
    size_t at = s->token_next;
    while (at < s->token_count && throws_signal(s, s->tokens[at].node))
        at++;
    if (at == s->token_count)
        at = s->token_next;
    struct step_token token = s->tokens[at];
    memmove(&s->tokens[s->token_next + 1], &s->tokens[s->token_next],
            (at - s->token_next) * sizeof(token));
    s->token_next++;
    return token;
}

void step_run(struct step *s)
{
    do
        while (s->token_next < s->token_count)
            arrive(s, next_token(s));
    while (settle_join(s) || (s->at->state == ENGINE_ACTIVE && step_check_conditions(s)));
}
