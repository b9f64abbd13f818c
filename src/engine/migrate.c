/* Migration: the same instance under another model. First all faults are gathered, then what only
 * the source waits for ends, the places change in one event, and what only the target waits for
 * begins. */
#include "engine/step.h"

#include <stdarg.h>
#include <stdio.h>

struct migration {
    const struct bpmn_model *from, *to;
    const struct engine_instance *at;
    const struct engine_plan *plan;
    struct arena *arena;
    uint32_t *nodes,
        *flows;  /* Of each of `from`'s that matters, its place in `to`, or BPMN_NONE. */
    bool *named; /* Nodes that a move speaks of. */
    struct engine_migration *out;
    size_t room;
};

static void fault(struct migration *m, struct str element, const char *rule, const char *format,
                  ...) PRINTF_LIKE(4, 5);

static void fault(struct migration *m, struct str element, const char *rule, const char *format,
                  ...)
{
    char text[512];
    va_list args;
    if (m->out->fault_count == ENGINE_MIGRATION_FAULTS_MAX)
        return;
    for (size_t i = 0; i < m->out->fault_count; i++) /* Several tokens, one fault. */
        if (m->out->faults[i].rule == rule && str_equal(m->out->faults[i].element, element))
            return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    *ARENA_PUSH(m->arena, m->out->faults, m->out->fault_count, m->room) =
        (struct engine_migration_fault){
            .element = element, .rule = rule, .detail = str_copy(m->arena, str_of(text))};
}

/* ---- Where everything goes ---- */

static void read_move(struct migration *m, const struct engine_move *move)
{
    const struct bpmn_node *from = bpmn_find(m->from, move->from), *to = bpmn_find(m->to, move->to);
    const struct bpmn_flow *flow = bpmn_find_flow(m->from, move->from);
    const struct bpmn_flow *target = bpmn_find_flow(m->to, move->to);
    if (!from && !flow)
        fault(m, move->from, "migration.source", "the running model has no such element");
    else if (from ? !to : !target)
        fault(m, move->from, "migration.target", "the target model has no '%.*s'",
              STR_ARG(move->to));
    else if (from && m->named[from->index])
        fault(m, move->from, "migration.twice", "the plan names it more than once");
    else if (from) {
        m->named[from->index] = true;
        m->nodes[from->index] = to->index;
    } else
        m->flows[flow->index] = target->index;
}

static void read_plan(struct migration *m)
{
    memset(m->nodes, 0xff, m->from->node_count * sizeof(*m->nodes));
    memset(m->flows, 0xff, m->from->flow_count * sizeof(*m->flows));
    for (size_t i = 0; i < m->plan->move_count; i++)
        read_move(m, &m->plan->moves[i]);
    uint32_t process = m->plan->process ? m->plan->process : m->to->processes[0];
    m->nodes[m->at->process] = process;
    if (process >= m->to->node_count || m->to->nodes[process].kind != BPMN_PROCESS ||
        !m->to->nodes[process].executable)
        fault(m, m->from->nodes[m->at->process].id, "migration.process",
              "the target has no such executable process");
}

/* A node keeps its id where the plan allows it, or where it only stands around or behind. */
static uint32_t place_of(struct migration *m, uint32_t node, bool by_id)
{
    if (m->nodes[node] == BPMN_NONE && !m->named[node] && (by_id || m->plan->same_ids)) {
        const struct bpmn_node *found = bpmn_find(m->to, m->from->nodes[node].id);
        if (found)
            m->nodes[node] = found->index;
    }
    return m->nodes[node];
}

/* ---- Faults ---- */

static bool same_loop(const struct bpmn_loop *a, const struct bpmn_loop *b)
{
    return (!a && !b) || (a && b && a->standard == b->standard && a->sequential == b->sequential);
}

static bool same_triggers(const struct bpmn_node *a, const struct bpmn_node *b)
{
    unsigned left = 0, right = 0;
    for (size_t i = 0; i < a->event_count; i++)
        left |= 1u << a->events[i].trigger;
    for (size_t i = 0; i < b->event_count; i++)
        right |= 1u << b->events[i].trigger;
    return left == right;
}

static bool same_call(struct migration *m, const struct bpmn_node *a, const struct bpmn_node *b)
{
    bool inside = a->task->process != BPMN_NONE;
    if (inside != (b->task->process != BPMN_NONE))
        return false;
    return !inside || place_of(m, a->task->process, true) == b->task->process;
}

static void check_pair(struct migration *m, const struct bpmn_node *a, const struct bpmn_node *b)
{
    if (a->kind != b->kind) {
        fault(m, a->id, "migration.kind", "a %s cannot become the %s '%.*s'",
              bpmn_kind_word(a->kind), bpmn_kind_word(b->kind), STR_ARG(b->id));
        return;
    }
    uint32_t scope = a->parent == BPMN_NONE ? BPMN_NONE : place_of(m, a->parent, true);
    if (scope != b->parent && a->kind != BPMN_PROCESS)
        fault(m, a->id, "migration.scope", "'%.*s' stands in another scope", STR_ARG(b->id));
    if (!same_loop(a->loop, b->loop))
        fault(m, a->id, "migration.loop", "'%.*s' is repeated in another way", STR_ARG(b->id));
    if (a->event_subprocess != b->event_subprocess || a->for_compensation != b->for_compensation ||
        !same_triggers(a, b))
        fault(m, a->id, "migration.event", "'%.*s' is started or triggered by something else",
              STR_ARG(b->id));
    if (step_is_job(a) != step_is_job(b))
        fault(m, a->id, "migration.job", "only one of '%.*s' and '%.*s' is a job", STR_ARG(a->id),
              STR_ARG(b->id));
    if (a->kind == BPMN_CALL && !same_call(m, a, b))
        fault(m, a->id, "migration.call", "'%.*s' calls another process", STR_ARG(b->id));
    if (a->kind == BPMN_BOUNDARY && place_of(m, a->attached_to, false) != b->attached_to)
        fault(m, a->id, "migration.boundary", "'%.*s' stands on another activity", STR_ARG(b->id));
}

static void check_place(struct migration *m, uint32_t node, bool by_id)
{
    const struct bpmn_node *a = &m->from->nodes[node];
    uint32_t place = place_of(m, node, by_id);
    if (place < m->to->node_count)
        check_pair(m, a, &m->to->nodes[place]);
    else if (!m->named[node])
        fault(m, a->id, "migration.unmapped", "the plan does not say where the active %s goes",
              bpmn_kind_word(a->kind));
}

/* May end with the source: a boundary event, or the start of an event subprocess. */
static bool may_end(const struct migration *m, uint32_t node)
{
    enum bpmn_kind kind = m->from->nodes[node].kind;
    return kind == BPMN_BOUNDARY || kind == BPMN_START;
}

static void check_wait(struct migration *m, int64_t element, uint32_t node)
{
    const struct engine_element *waiting = engine_element(m->at, element);
    if (waiting->node == node) /* Looked at with its element. */
        return;
    if (m->from->nodes[node].kind == BPMN_START) /* It moves with its event subprocess. */
        place_of(m, m->from->nodes[node].parent, false);
    if (place_of(m, node, false) != BPMN_NONE || !may_end(m, node))
        check_place(m, node, false);
}

/* The flow of the same id, or else the only one between the same two elements. */
static uint32_t flow_of(struct migration *m, uint32_t flow)
{
    const struct bpmn_flow *a = &m->from->flows[flow];
    const struct bpmn_flow *same = bpmn_find_flow(m->to, a->id);
    if (m->flows[flow] != BPMN_NONE || same)
        return m->flows[flow] != BPMN_NONE ? m->flows[flow] : same->index;
    uint32_t source = place_of(m, a->source, true), target = place_of(m, a->target, true);
    uint32_t found = BPMN_NONE;
    for (uint32_t i = 0; i < m->to->flow_count; i++) {
        if (m->to->flows[i].source != source || m->to->flows[i].target != target)
            continue;
        if (found != BPMN_NONE)
            return BPMN_NONE;
        found = i;
    }
    return found;
}

static void check_token(struct migration *m, const struct engine_join *join)
{
    const struct bpmn_flow *a = &m->from->flows[join->flow];
    const struct bpmn_node *gate = &m->from->nodes[a->target];
    uint32_t flow = m->flows[join->flow] = flow_of(m, join->flow);
    if (flow == BPMN_NONE) {
        fault(m, a->id, "migration.token", "a token waits on this flow, which the target lacks");
        return;
    }
    const struct bpmn_node *target = &m->to->nodes[m->to->flows[flow].target];
    uint32_t named = m->nodes[a->target];
    if (target->kind != gate->kind || target->parent != place_of(m, gate->parent, true) ||
        (named != BPMN_NONE && named != target->index))
        fault(m, a->id, "migration.token",
              "a token waits on this flow, which leads to another gateway in the target");
}

static void check_all(struct migration *m)
{
    for (size_t i = 0; i < m->at->element_count; i++)
        check_place(m, m->at->elements[i].node,
                    m->from->nodes[m->at->elements[i].node].kind == BPMN_PROCESS);
    for (size_t i = 0; i < m->at->timer_count; i++)
        check_wait(m, m->at->timers[i].element, m->at->timers[i].node);
    for (size_t i = 0; i < m->at->subscription_count; i++)
        check_wait(m, m->at->subscriptions[i].element, m->at->subscriptions[i].node);
    for (size_t i = 0; i < m->at->join_count; i++)
        check_token(m, &m->at->joins[i]);
    for (size_t i = 0; i < m->at->done_count; i++)
        check_place(m, m->at->done[i].node, true);
}

/* ---- Doing it ---- */

static void end_waits(struct migration *m, struct step *s)
{
    for (size_t i = s->at->timer_count; i-- > 0;) {
        struct engine_timer timer = s->at->timers[i];
        if (m->nodes[timer.node] == BPMN_NONE)
            step_stop_waiting_at(s, timer.element, timer.node);
        i = i < s->at->timer_count ? i : s->at->timer_count;
    }
    for (size_t i = s->at->subscription_count; i-- > 0;) {
        struct engine_subscription subscription = s->at->subscriptions[i];
        if (m->nodes[subscription.node] == BPMN_NONE)
            step_stop_waiting_at(s, subscription.element, subscription.node);
        i = i < s->at->subscription_count ? i : s->at->subscription_count;
    }
}

static void write_pair(struct json_writer *w, struct str from, struct str to)
{
    json_array_begin(w);
    json_text(w, from);
    json_text(w, to);
    json_array_end(w);
}

static struct str write_map(struct migration *m, struct step *s)
{
    buf_clear(&s->scratch);
    struct json_writer w = json_writer(&s->scratch);
    json_array_begin(&w);
    for (size_t i = 0; i < m->from->node_count; i++)
        if (m->nodes[i] != BPMN_NONE)
            write_pair(&w, m->from->nodes[i].id, m->to->nodes[m->nodes[i]].id);
    for (size_t i = 0; i < m->from->flow_count; i++)
        if (m->flows[i] != BPMN_NONE)
            write_pair(&w, m->from->flows[i].id, m->to->flows[m->flows[i]].id);
    json_array_end(&w);
    return str_copy(s->arena, buf_str(&s->scratch));
}

static enum err move(struct migration *m, struct step *s)
{
    struct engine_event event = {.kind = ENGINE_MIGRATED,
                                 .node = m->at->process,
                                 .flow = BPMN_NONE,
                                 .text = m->plan->reason,
                                 .value = write_map(m, s)};
    *ARENA_PUSH(s->arena, s->events, s->event_count, s->event_room) = event;
    m->out->before_count = s->event_count;
    enum err e = engine_apply_migrated(m->from, m->to, s->at, &event);
    s->model = m->to;
    return e;
}

/* Was the event waited for in the source, so that it either still is or has happened? */
static bool came_along(const struct migration *m, uint32_t target)
{
    for (size_t i = 0; i < m->from->node_count; i++)
        if (m->nodes[i] == target)
            return true;
    return false;
}

static void begin_wait(struct migration *m, struct step *s, int64_t key, uint32_t node)
{
    size_t incidents = s->at->incident_count;
    if (!came_along(m, node) && !step_wait(s, key, node) && s->at->incident_count > incidents)
        fault(m, m->to->nodes[node].id, "migration.wait",
              "the target's event cannot be waited for");
}

static void begin_waits(struct migration *m, struct step *s)
{
    for (size_t i = 0; i < s->at->element_count; i++) {
        const struct engine_element *element = &s->at->elements[i];
        const struct bpmn_node *node = &m->to->nodes[element->node];
        int64_t key = element->key;
        for (size_t k = 0; k < node->boundary_count && element->role != ENGINE_TURN; k++)
            begin_wait(m, s, key, node->boundaries[k]);
        for (size_t k = 0; k < node->child_count; k++) {
            const struct bpmn_node *child = &m->to->nodes[node->children[k]];
            for (size_t n = 0; child->event_subprocess && n < child->child_count; n++)
                if (m->to->nodes[child->children[n]].kind == BPMN_START)
                    begin_wait(m, s, key, child->children[n]);
        }
    }
}

/* Events that a wait could have been opened at, so that the target's are not opened again. */
static void map_events(struct migration *m)
{
    for (size_t i = 0; i < m->from->node_count; i++)
        if (may_end(m, (uint32_t)i))
            place_of(m, (uint32_t)i, false);
}

static enum err refused(const struct engine_migration *out)
{
    return err_refuse(ERR_CONFLICT, "migration.faults", "'%.*s': %.*s; %zu faults in all",
                      STR_ARG(out->faults[0].element), STR_ARG(out->faults[0].detail),
                      out->fault_count);
}

static enum err run(struct migration *m, const struct engine_run *run)
{
    struct step s = {.model = m->from, .run = run, .arena = run->arena};
    s.at = state_copy(run->arena, m->at);
    buf_init(&s.scratch, ENGINE_BLOB_MAX);
    map_events(m);
    end_waits(m, &s);
    enum err e = move(m, &s);
    if (e == OK) {
        begin_waits(m, &s);
        step_run(&s);
        e = buf_check(&s.scratch);
    }
    buf_release(&s.scratch);
    if (e == OK && m->out->fault_count > 0)
        return refused(m->out);
    if (e == OK)
        m->out->result = (struct engine_result){s.events, s.event_count, s.at};
    return e;
}

enum err engine_migrate(const struct bpmn_model *from, const struct bpmn_model *to,
                        const struct engine_instance *before, const struct engine_plan *plan,
                        const struct engine_run *with, struct engine_migration *out)
{
    *out = (struct engine_migration){0};
    if (before->state != ENGINE_ACTIVE && before->state != ENGINE_SUSPENDED)
        return err_refuse(ERR_CONFLICT, "engine.finished", "the instance is not running");
    struct migration m = {.from = from,
                          .to = to,
                          .at = before,
                          .plan = plan,
                          .arena = with->arena,
                          .nodes = ARENA_ARRAY(with->arena, from->node_count, uint32_t),
                          .flows = ARENA_ARRAY(with->arena, from->flow_count, uint32_t),
                          .named = ARENA_ARRAY(with->arena, from->node_count, bool),
                          .out = out};
    read_plan(&m);
    if (out->fault_count == 0 || m.nodes[before->process] < to->node_count)
        check_all(&m);
    return out->fault_count > 0 ? refused(out) : run(&m, with);
}

/* ---- Applying ---- */

struct map {
    uint32_t *nodes, *flows;
    const struct bpmn_model *from;
    bool bad;
};

static enum err read_map(const struct bpmn_model *from, const struct bpmn_model *to,
                         struct arena *arena, struct str text, struct map *out)
{
    const struct json_value *json;
    struct map map = {.from = from,
                      .nodes = ARENA_ARRAY(arena, from->node_count, uint32_t),
                      .flows = ARENA_ARRAY(arena, from->flow_count, uint32_t)};
    memset(map.nodes, 0xff, from->node_count * sizeof(*map.nodes));
    memset(map.flows, 0xff, from->flow_count * sizeof(*map.flows));
    enum err e = text.ptr ? json_parse(arena, text, &json) : ERR_CORRUPT;
    if (e != OK || json->type != JSON_ARRAY)
        return err_set(ERR_CORRUPT, "the migration does not say what goes where");
    for (size_t i = 0; i < json->array.count; i++) {
        const struct json_value *pair = &json->array.items[i];
        if (pair->type != JSON_ARRAY || pair->array.count != 2 ||
            pair->array.items[0].type != JSON_STRING || pair->array.items[1].type != JSON_STRING)
            return err_set(ERR_CORRUPT, "the migration does not say what goes where");
        struct str left = pair->array.items[0].text, right = pair->array.items[1].text;
        const struct bpmn_node *node = bpmn_find(from, left), *place = bpmn_find(to, right);
        const struct bpmn_flow *flow = bpmn_find_flow(from, left), *way = bpmn_find_flow(to, right);
        if (node && place)
            map.nodes[node->index] = place->index;
        else if (flow && way)
            map.flows[flow->index] = way->index;
        else
            return err_set(ERR_CORRUPT, "the migration speaks of other models");
    }
    *out = map;
    return OK;
}

static void move_node(struct map *map, uint32_t *node)
{
    uint32_t place = *node < map->from->node_count ? map->nodes[*node] : BPMN_NONE;
    map->bad = map->bad || place == BPMN_NONE;
    *node = place;
}

enum err engine_apply_migrated(const struct bpmn_model *from, const struct bpmn_model *to,
                               struct engine_instance *instance, const struct engine_event *event)
{
    struct map map = {0};
    if (event->kind != ENGINE_MIGRATED)
        return err_set(ERR_CORRUPT, "this event is no migration");
    enum err e = read_map(from, to, instance->arena, event->value, &map);
    if (e != OK)
        return e;
    move_node(&map, &instance->process);
    for (size_t i = 0; i < instance->element_count; i++)
        move_node(&map, &instance->elements[i].node);
    for (size_t i = 0; i < instance->timer_count; i++)
        move_node(&map, &instance->timers[i].node);
    for (size_t i = 0; i < instance->subscription_count; i++)
        move_node(&map, &instance->subscriptions[i].node);
    for (size_t i = 0; i < instance->done_count; i++)
        move_node(&map, &instance->done[i].node);
    for (size_t i = 0; i < instance->join_count; i++) {
        struct engine_join *join = &instance->joins[i];
        join->flow = join->flow < from->flow_count ? map.flows[join->flow] : BPMN_NONE;
        map.bad = map.bad || join->flow == BPMN_NONE;
    }
    return map.bad ? err_set(ERR_CORRUPT, "the migration leaves something without a place") : OK;
}
