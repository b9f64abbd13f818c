/* ENGINE_MODIFY: by hand, tokens are taken away here and set there. All is checked before anything
 * begins, starts come before cancellations so that no scope runs empty in between, and what enters
 * only moves on when all of it stands. */
#include "engine/step.h"

static enum err refuse(const char *reason, const char *what, const struct bpmn_node *node)
{
    return err_refuse(ERR_CONFLICT, reason, "%s: '%.*s'", what, STR_ARG(node->id));
}

static bool behind_event_gateway(const struct step *s, const struct bpmn_node *node)
{
    for (size_t i = 0; i < node->in_count; i++) {
        uint32_t source = s->model->flows[node->in[i]].source;
        if (s->model->nodes[source].kind == BPMN_EVENT_GATEWAY)
            return true;
    }
    return false;
}

static bool is_inside(const struct step *s, int64_t key, int64_t outer)
{
    while (key && key != outer)
        key = step_element(s, key)->scope;
    return key == outer;
}

/* The living element of a scope that a start goes into. 0 in `out` if it is to be begun first. */
static enum err find_scope(const struct step *s, uint32_t node, int64_t anchor, int64_t *out)
{
    *out = 0;
    if (anchor && step_element(s, anchor)->node == node &&
        step_element(s, anchor)->role != ENGINE_LOOP) {
        *out = anchor;
        return OK;
    }
    for (size_t i = 0; i < s->at->element_count; i++) {
        const struct engine_element *element = &s->at->elements[i];
        bool holds = element->role == ENGINE_PLAIN || element->role == ENGINE_TURN;
        bool there = is_inside(s, element->key, anchor) || is_inside(s, anchor, element->key);
        if (element->node != node || !holds || (anchor && !there))
            continue;
        if (*out)
            return refuse("modify.ambiguous", "it runs more than once: name the one that is meant",
                          &s->model->nodes[node]);
        *out = element->key;
    }
    return OK;
}

/* Every scope around the node lives, or can be begun. */
static enum err check_scopes(const struct step *s, const struct bpmn_node *node, int64_t anchor)
{
    bool met = anchor == 0;
    for (uint32_t at = node->parent; at != BPMN_NONE; at = s->model->nodes[at].parent) {
        const struct bpmn_node *scope = &s->model->nodes[at];
        int64_t key;
        enum err e = find_scope(s, at, anchor, &key);
        if (e != OK)
            return e;
        met = met || key == anchor;
        if (key)
            return met ? OK
                       : refuse("modify.scope", "the element named as its scope is not around it",
                                node);
        if (scope->kind == BPMN_PROCESS)
            return refuse("modify.process", "its process does not run here", node);
        if (scope->loop || scope->event_subprocess || scope->for_compensation)
            return refuse("modify.scope", "what it stands in must run already", scope);
    }
    return refuse("modify.process", "its process does not run here", node);
}

static bool is_around(const struct step *s, uint32_t scope, const struct bpmn_node *node)
{
    uint32_t at = node->index;
    while (at != BPMN_NONE && at != scope)
        at = s->model->nodes[at].parent;
    return at == scope;
}

static enum err check_start(const struct step *s, const struct engine_change *change)
{
    if (change->node >= s->model->node_count)
        return err_refuse(ERR_NOT_FOUND, "modify.element", "there is no such element to start at");
    const struct bpmn_node *node = &s->model->nodes[change->node];
    if (node->kind == BPMN_PROCESS || node->kind == BPMN_START || node->kind == BPMN_BOUNDARY ||
        node->event_subprocess || node->for_compensation || behind_event_gateway(s, node))
        return refuse("modify.start", "nothing can be started by hand at this element", node);
    if (change->element && !engine_element(s->at, change->element))
        return err_refuse(ERR_NOT_FOUND, "engine.not-found", "no element %" PRId64 " is active",
                          change->element);
    for (size_t i = 0; i < change->variable_count; i++) {
        const struct json_value *json;
        uint32_t scope = change->variables[i].scope;
        if (scope != BPMN_NONE && !is_around(s, scope, node))
            return refuse("modify.variables", "variables name a scope that is not around it", node);
        enum err e = json_parse(s->arena, change->variables[i].variables, &json);
        if (e != OK)
            return e;
        if (json->type != JSON_OBJECT)
            return err_field(ERR_INVALID, "variables", "engine.variables",
                             "the variables are no JSON object");
    }
    return check_scopes(s, node, change->element);
}

static enum err check_cancel(const struct step *s, const struct engine_change *change)
{
    if (change->element) {
        if (change->element != ENGINE_ROOT && engine_element(s->at, change->element))
            return OK;
        return err_refuse(ERR_NOT_FOUND, "engine.not-found",
                          "no element %" PRId64 " can be canceled", change->element);
    }
    for (size_t i = 1; i < s->at->element_count; i++)
        if (s->at->elements[i].node == change->node)
            return OK;
    return err_refuse(
        ERR_NOT_FOUND, "modify.element", "nothing is active at '%.*s'",
        STR_ARG(change->node < s->model->node_count ? s->model->nodes[change->node].id : STR("")));
}

/* ---- Starting ---- */

static void set_variables(struct step *s, const struct engine_change *change, uint32_t node,
                          int64_t key)
{
    for (size_t i = 0; i < change->variable_count; i++) {
        const struct json_value *json;
        uint32_t scope = change->variables[i].scope;
        bool here = scope == node || (scope == BPMN_NONE && key == ENGINE_ROOT);
        if (!here || json_parse(s->arena, change->variables[i].variables, &json) != OK)
            continue;
        for (size_t k = 0; k < json->object.count; k++)
            step_set(s, key, json->object.members[k].name,
                     step_json(s, &json->object.members[k].value));
    }
}

/* A scope begun on the way to what is started in it: all but its own start. */
static enum err begin_scope(struct step *s, const struct engine_change *change, uint32_t node,
                            int64_t *out)
{
    int64_t outer;
    enum err e = find_scope(s, node, change->element, out);
    if (e != OK || *out) {
        if (e == OK)
            set_variables(s, change, node, *out);
        return e;
    }
    e = begin_scope(s, change, s->model->nodes[node].parent, &outer);
    if (e != OK)
        return e;
    *out = step_begin(s, node, outer, ENGINE_PLAIN, 0);
    set_variables(s, change, node, *out);
    if (!step_inputs(s, *out) || !step_wait_boundaries(s, *out) ||
        !step_wait_event_subprocesses(s, *out))
        return refuse("modify.scope", "what it stands in cannot be begun", &s->model->nodes[node]);
    return OK;
}

static enum err begin(struct step *s, const struct engine_change *change, int64_t *out)
{
    const struct bpmn_node *node = &s->model->nodes[change->node];
    int64_t scope;
    enum err e = begin_scope(s, change, node->parent, &scope);
    if (e != OK)
        return e;
    set_variables(s, change, BPMN_NONE, ENGINE_ROOT);
    *out = step_begin(s, node->index, scope, node->loop ? ENGINE_LOOP : ENGINE_PLAIN, 0);
    set_variables(s, change, node->index, *out);
    return OK;
}

/* ---- Canceling ---- */

static bool tokens_wait(const struct step *s, int64_t scope)
{
    for (size_t i = 0; i < s->at->join_count; i++)
        if (s->at->joins[i].scope == scope)
            return true;
    return step_tokens_in(s, scope);
}

/* A scope that nothing is left in goes too: it has not completed. */
static void cancel_one(struct step *s, int64_t key)
{
    int64_t scope = step_element(s, key)->scope;
    step_terminate(s, key);
    if (step_element(s, scope)->children > 0 || tokens_wait(s, scope))
        return;
    if (scope == ENGINE_ROOT)
        step_cancel(s, STR("nothing was left to do"));
    else
        cancel_one(s, scope);
}

static void cancel_all(struct step *s, const struct engine_change *change, int64_t first_new)
{
    if (change->element) {
        if (step_alive(s, change->element))
            cancel_one(s, change->element);
        return;
    }
    for (size_t i = s->at->element_count; i-- > 0 && s->at->element_count > 0;) {
        if (i >= s->at->element_count) /* Canceling one may take others with it. */
            i = s->at->element_count - 1;
        const struct engine_element *element = &s->at->elements[i];
        if (element->node == change->node && element->key < first_new &&
            element->role != ENGINE_TURN && element->key != ENGINE_ROOT)
            cancel_one(s, element->key);
    }
}

static enum err check_all(const struct step *s, const struct engine_command *command)
{
    enum err e = OK;
    for (size_t i = 0; e == OK && i < command->change_count; i++) {
        const struct engine_change *change = &command->changes[i];
        e = change->kind == ENGINE_CHANGE_START ? check_start(s, change) : check_cancel(s, change);
    }
    return e;
}

static enum err start_all(struct step *s, const struct engine_command *command)
{
    int64_t *begun = ARENA_ARRAY(s->arena, command->change_count, int64_t);
    enum err e = OK;
    for (size_t i = 0; e == OK && i < command->change_count; i++)
        if (command->changes[i].kind == ENGINE_CHANGE_START)
            e = begin(s, &command->changes[i], &begun[i]);
    for (size_t i = 0; e == OK && i < command->change_count; i++)
        if (begun[i] && step_alive(s, begun[i]))
            step_enter(s, begun[i]);
    return e;
}

enum err step_start_at(struct step *s, const struct engine_command *command)
{
    enum err e = check_all(s, command);
    return e == OK ? start_all(s, command) : e;
}

enum err step_modify(struct step *s, const struct engine_command *command)
{
    if (command->change_count == 0)
        return err_refuse(ERR_INVALID, "modify.empty", "the modification changes nothing");
    enum err e = check_all(s, command);
    if (e != OK)
        return e;
    step_emit(s, (struct engine_event){.kind = ENGINE_MODIFIED,
                                       .node = s->at->process,
                                       .flow = BPMN_NONE,
                                       .text = command->message});
    int64_t first_new = s->at->next_key;
    e = start_all(s, command);
    if (e != OK)
        return e;
    for (size_t i = 0; i < command->change_count; i++)
        if (command->changes[i].kind == ENGINE_CHANGE_CANCEL)
            cancel_all(s, &command->changes[i], first_new);
    return OK;
}
