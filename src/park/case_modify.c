/* Moving a case's process by hand: ending elements here, starting others there; and what such a
 * change ends and begins. */
#include "park/account_sql.h"
#include "park/case_run.h"
#include "park/case_view.h"

/* ---- What a change ends and begins ---- */

struct places {
    struct case_place *items;
    size_t count, room;
};

static void add_place(const struct case_run *run, const struct service *service,
                      struct places *places, int64_t token, int64_t scope, uint32_t node,
                      bool waits)
{
    const struct bpmn_node *at = &service->model->nodes[node];
    *ARENA_PUSH(run->arena, places->items, places->count, places->room) =
        (struct case_place){.token = token,
                            .scope = scope,
                            .element = at->id,
                            .name = service_element_name(service, false, at, run->arena),
                            .name_en = service_element_name(service, true, at, run->arena),
                            .waits = waits};
}

static bool subscribed(const struct engine_instance *instance, int64_t key)
{
    for (size_t i = 0; i < instance->subscription_count; i++)
        if (instance->subscriptions[i].key == key)
            return true;
    return false;
}

/* An event that an element itself is, and waits for, is told with the element. */
static bool beside(const struct engine_instance *in, int64_t element, uint32_t node)
{
    const struct engine_element *waiting = engine_element(in, element);
    return !waiting || waiting->node != node;
}

/* What lives in one state and not in the other. */
static struct list only_in(const struct case_run *run, const struct service *service,
                           const struct engine_instance *in, const struct engine_instance *other)
{
    struct places places = {0};
    for (size_t i = 0; i < in->element_count; i++)
        if (in->elements[i].key != ENGINE_ROOT && in->elements[i].role != ENGINE_LOOP &&
            !engine_element(other, in->elements[i].key))
            add_place(run, service, &places, in->elements[i].key, in->elements[i].scope,
                      in->elements[i].node, false);
    for (size_t i = 0; i < in->timer_count; i++)
        if (beside(in, in->timers[i].element, in->timers[i].node) &&
            !engine_timer(other, in->timers[i].key))
            add_place(run, service, &places, in->timers[i].key, in->timers[i].element,
                      in->timers[i].node, true);
    for (size_t i = 0; i < in->subscription_count; i++)
        if (beside(in, in->subscriptions[i].element, in->subscriptions[i].node) &&
            !subscribed(other, in->subscriptions[i].key))
            add_place(run, service, &places, in->subscriptions[i].key, in->subscriptions[i].element,
                      in->subscriptions[i].node, true);
    return (struct list){.items = places.items, .count = places.count};
}

void case_effect_read(const struct case_run *run, const struct service *was,
                      const struct engine_instance *before, struct case_effect *out)
{
    const struct engine_instance *after = run->instance;
    struct case_move *moves = ARENA_ARRAY(run->arena, before->element_count, struct case_move);
    size_t count = 0;
    for (size_t i = 0; i < before->element_count; i++) {
        const struct engine_element *element = engine_element(after, before->elements[i].key);
        if (element && element->key != ENGINE_ROOT && element->role != ENGINE_LOOP)
            moves[count++] =
                (struct case_move){.from = was->model->nodes[before->elements[i].node].id,
                                   .to = run->service->model->nodes[element->node].id};
    }
    out->ends = only_in(run, was, before, after);
    out->begins = only_in(run, run->service, after, before);
    out->stays = (struct list){.items = moves, .count = count};
}

static struct str who_of(const struct case_reader *reader, const struct task_open_row *task)
{
    struct case_department_name_row row;
    struct case_department_name_in in = {.park_id = reader->park_id, .id = task->department_id};
    if (task->department_id && sql_case_department_name(reader->db, reader->arena, &in, &row) == OK)
        return row.name;
    return task->assignee_name;
}

/* A scope is told apart from its like by who has a task in it. */
static enum err tell_who(const struct case_reader *reader, int64_t case_id, struct list *list)
{
    struct case_place *places = (struct case_place *)list->items;
    struct task_open_rows tasks;
    struct task_open_in in = {.park_id = reader->park_id, .case_id = case_id};
    enum err r = sql_task_open(reader->db, reader->arena, &in, &tasks);
    for (size_t i = 0; r == OK && i < list->count; i++)
        for (size_t k = 0; k < tasks.count; k++)
            if (!places[i].waits && tasks.rows[k].token == places[i].token)
                places[i].who = who_of(reader, &tasks.rows[k]);
    for (size_t i = list->count; r == OK && i-- > 0;) /* Scopes stand before what is in them. */
        for (size_t k = 0; k < list->count; k++)
            if (places[k].token == places[i].scope && !places[k].who.ptr)
                places[k].who = places[i].who;
    return r;
}

enum err case_standing_read(const struct case_reader *reader, int64_t case_id,
                            struct case_standing *out)
{
    struct case_run run = {.arena = reader->arena, .id = case_id};
    struct case_load_in in = {.park_id = reader->park_id, .id = case_id};
    struct engine_instance *instance = NULL;
    enum err r = sql_case_load(reader->db, reader->arena, &in, &run.row);
    if (r == OK)
        r = services_of_model(reader->services, reader->db, reader->park_id, run.row.model_id,
                              &run.service);
    if (r == OK)
        r = case_detail_read(reader->arena, run.row.detail, &run.detail);
    if (r == OK)
        r = engine_instance_read(reader->arena, run.service->model, run.row.instance, &instance);
    if (r != OK)
        return r;
    struct person_name_row person;
    struct person_name_in by = {.park_id = reader->park_id, .person_id = run.detail.suspended_by};
    *out = (struct case_standing){
        .id = case_id,
        .places = only_in(&run, run.service, instance, engine_instance_new(reader->arena)),
        .suspended_at = run.detail.suspended_us,
        .suspended_reason = run.row.suspended ? run.detail.suspended_reason : (struct str){0}};
    if (by.person_id && sql_person_name(reader->db, reader->arena, &by, &person) == OK)
        out->suspended_by = (struct ref){.id = by.person_id, .name = person.name};
    return tell_who(reader, case_id, &out->places);
}

/* ---- Doing it, or only looking ---- */

enum err case_try(const struct case_env *env, bool preview, case_trial *work, void *data)
{
    enum err r = preview ? db_savepoint(env->tx) : OK;
    if (r == OK)
        r = work(env, data);
    if (!preview)
        return r;
    struct err_info why = *err_last();
    enum err undone = db_undo(env->tx);
    if (r != OK)
        err_restore(&why);
    return r == OK ? undone : r;
}

/* ---- Modifying ---- */

struct modifying {
    const struct principal *who;
    int64_t case_id;
    const struct case_modification *in;
    struct case_effect *out;
};

static enum err find_node(const struct case_run *run, const char *field, struct str id,
                          uint32_t *out)
{
    const struct bpmn_node *node = bpmn_find(run->service->model, id);
    if (!node)
        return err_field(ERR_INVALID, field, "case.no-element", "the process has no element '%.*s'",
                         STR_ARG(id));
    *out = node->index;
    return OK;
}

static enum err read_changes(struct case_run *run, const struct case_modification *in,
                             struct engine_change *changes)
{
    const struct str *starts = in->start.items, *cancels = in->cancel.items;
    const int64_t *tokens = in->cancel_tokens.items;
    struct engine_scoped *scoped = NULL;
    size_t count = 0;
    enum err r = OK;
    if (in->variables) {
        scoped = ARENA_NEW(run->arena, struct engine_scoped);
        *scoped = (struct engine_scoped){.scope = BPMN_NONE,
                                         .variables = case_json_text(run->arena, in->variables)};
    }
    for (size_t i = 0; r == OK && i < in->start.count; i++) {
        changes[count] = (struct engine_change){.kind = ENGINE_CHANGE_START,
                                                .element = in->scope_token,
                                                .variables = scoped,
                                                .variable_count = scoped != NULL};
        r = find_node(run, "start", starts[i], &changes[count++].node);
    }
    for (size_t i = 0; r == OK && i < in->cancel.count; i++) {
        changes[count] = (struct engine_change){.kind = ENGINE_CHANGE_CANCEL};
        r = find_node(run, "cancel", cancels[i], &changes[count++].node);
    }
    for (size_t i = 0; r == OK && i < in->cancel_tokens.count; i++)
        changes[count++] =
            (struct engine_change){.kind = ENGINE_CHANGE_CANCEL, .element = tokens[i]};
    return r;
}

static void write_texts(struct json_writer *w, const char *name, const struct list *texts)
{
    json_key(w, name);
    json_array_begin(w);
    for (size_t i = 0; i < texts->count; i++)
        json_text(w, ((const struct str *)texts->items)[i]);
    json_array_end(w);
}

static enum err log_modified(struct case_run *run, const struct case_modification *in,
                             const struct case_effect *effect)
{
    struct case_entry entry;
    case_entry_begin(run, &entry);
    json_member_text(&entry.w, "text", in->reason);
    write_texts(&entry.w, "started", &in->start);
    json_key(&entry.w, "ended");
    json_array_begin(&entry.w);
    for (size_t i = 0; i < effect->ends.count; i++)
        json_text(&entry.w, ((const struct case_place *)effect->ends.items)[i].element);
    json_array_end(&entry.w);
    return case_entry_end(run, &entry, "case.modified", 0);
}

/* What ends stops its clock, but not that of a task that has begun under the same. */
static enum err keep_clocks(struct case_run *run)
{
    enum err r = case_tasks_load(run);
    for (size_t i = 0; r == OK && i < run->task_count; i++) {
        const struct task_open_row *task = &run->tasks[i];
        const struct bpmn_node *node = bpmn_find(run->service->model, task->element);
        struct str name = node ? service_property(node, "clock") : (struct str){0};
        struct case_clock *clock =
            task->token && name.ptr ? case_clock_find(run, name, case_task_key(run, task)) : NULL;
        if (clock && clock->stopped_us == run->now_us)
            clock->stopped_us = 0;
    }
    return r;
}

static enum err modify(const struct case_env *env, void *data)
{
    struct modifying *m = data;
    const struct case_modification *in = m->in;
    struct case_run run;
    size_t count = in->start.count + in->cancel.count + in->cancel_tokens.count;
    enum err r = case_begin_life(&run, env, m->who, m->case_id);
    if (r == OK && run.row.paused)
        return err_refuse(ERR_CONFLICT, "case.paused", "the case is paused: resume it first");
    struct engine_change *changes = ARENA_ARRAY(env->arena, count, struct engine_change);
    if (r == OK)
        r = read_changes(&run, in, changes);
    const struct engine_instance *before = run.instance;
    struct engine_command modify = {
        .kind = ENGINE_MODIFY, .message = in->reason, .changes = changes, .change_count = count};
    if (r == OK)
        r = case_step(&run, &modify);
    if (r != OK)
        return r;
    bool runs = run.instance->state == ENGINE_ACTIVE || run.instance->state == ENGINE_SUSPENDED;
    if (!runs && !run.row.closed)
        return err_refuse(ERR_CONFLICT, "case.modify-over",
                          "nothing would be left to do, and the case would not be closed");
    case_effect_read(&run, run.service, before, m->out);
    r = keep_clocks(&run);
    if (r == OK && run.row.suspended)
        r = case_life_hold(&run);
    if (r == OK)
        r = log_modified(&run, in, m->out);
    return r == OK ? case_end(&run) : r;
}

enum err case_modify(const struct case_env *env, const struct principal *who, int64_t case_id,
                     const struct case_modification *in, struct case_effect *out)
{
    struct modifying m = {.who = who, .case_id = case_id, .in = in, .out = out};
    *out = (struct case_effect){0};
    return case_try(env, in->preview, modify, &m);
}
