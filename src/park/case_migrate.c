/* Moving a running case to another version of its service: all faults are told, or all of it
 * moves: its process, its tasks, and what its page has kept of the way it went. */
#include <stdio.h>

#include "park/case_run.h"
#include "park/history_sql.h"

enum { REFUSAL_MAX = 400 }; /* Bytes of a refusal that name elements. */

struct migrating {
    const struct principal *who;
    int64_t case_id;
    const struct case_migration *in;
    struct case_effect *out;
};

/* ---- The target ---- */

static enum err find_target(const struct case_run *run, const struct case_env *env,
                            int64_t wanted_id, int64_t *id, const struct service **out)
{
    struct services *services = case_world_services(env->world);
    enum err r = OK;
    *id = wanted_id;
    if (wanted_id) {
        r = services_of_model(services, env->tx->db, env->park_id, wanted_id, out);
    } else {
        *out = services_find(services, run->service->key);
        if (!*out)
            return err_refuse(ERR_CONFLICT, "case.no-version", "the service is no longer offered");
        r = services_model_id(services, env->tx, env->park_id, *out, env->now_us, id);
    }
    if (r == ERR_NOT_FOUND || (r == OK && !str_equal((*out)->key, run->service->key)))
        return err_field(ERR_INVALID, "model_id", "case.no-version",
                         "the service has no such version");
    if (r == OK && *id == run->row.model_id)
        return err_refuse(ERR_CONFLICT, "case.same-version", "the case runs by this version");
    return r;
}

/* ---- What cannot move ---- */

static void add_fault(struct case_run *run, struct list *faults, size_t *room,
                      struct case_fault fault)
{
    struct case_fault *items = (struct case_fault *)faults->items;
    *ARENA_PUSH(run->arena, items, faults->count, *room) = fault;
    faults->items = items;
}

/* A clock that runs goes on running: the target must know it. */
static void check_clocks(struct case_run *run, const struct service *to, struct case_effect *out,
                         size_t *room)
{
    const struct case_clock *clocks = run->detail.clocks.items;
    for (size_t i = 0; i < run->detail.clocks.count; i++)
        if (!clocks[i].stopped_us && !service_find_clock(to, clocks[i].name))
            add_fault(run, &out->faults, room,
                      (struct case_fault){clocks[i].name, STR("migration.clock"),
                                          STR("a clock runs that the target does not have")});
}

static enum err refuse(const struct case_effect *out)
{
    CLEANUP(buf_release) struct buf names;
    buf_init(&names, LIMIT_HTTP_BODY);
    const struct case_fault *faults = out->faults.items;
    for (size_t i = 0; i < out->faults.count && names.len < REFUSAL_MAX; i++)
        buf_format(&names, "%s%.*s (%.*s)", i ? ", " : "", STR_ARG(faults[i].element),
                   STR_ARG(faults[i].rule));
    return err_refuse(ERR_CONFLICT, "case.migration", "%zu faults: %.*s", out->faults.count,
                      STR_ARG(buf_str(&names)));
}

/* ---- What moves along ---- */

static struct str place_of(const struct case_run *run, const struct case_migration *in,
                           struct str id)
{
    const struct case_move *moves = in->moves.items;
    for (size_t i = 0; i < in->moves.count; i++)
        if (str_equal(moves[i].from, id))
            return moves[i].to;
    return bpmn_find(run->service->model, id) || bpmn_find_flow(run->service->model, id)
               ? id
               : (struct str){0};
}

/* The way it went, as far as the target has it. */
static void move_bits(struct case_run *run, const struct case_migration *in,
                      const struct service *was)
{
    const struct bpmn_model *from = was->model, *to = run->service->model;
    unsigned char *done = arena_alloc(run->arena, (to->node_count + 7) / 8),
                  *flows = arena_alloc(run->arena, (to->flow_count + 7) / 8);
    for (size_t i = 0; i < from->node_count; i++) {
        const struct bpmn_node *node = bpmn_find(to, place_of(run, in, from->nodes[i].id));
        if (node && run->done[i / 8] >> i % 8 & 1)
            done[node->index / 8] |= (unsigned char)(1u << node->index % 8);
    }
    for (size_t i = 0; i < from->flow_count; i++) {
        const struct bpmn_flow *flow = bpmn_find_flow(to, place_of(run, in, from->flows[i].id));
        if (flow && run->flows[i / 8] >> i % 8 & 1)
            flows[flow->index / 8] |= (unsigned char)(1u << flow->index % 8);
    }
    run->done = done;
    run->flows = flows;
}

static enum err rename_tasks(struct case_run *run, const struct case_migration *in)
{
    struct task_elements_rows rows;
    struct task_elements_in of = {.park_id = run->park_id, .case_id = run->id, .limit = INT64_MAX};
    enum err r = sql_task_elements(run->tx->db, run->arena, &of, &rows);
    for (size_t i = 0; r == OK && i < rows.count; i++) {
        const struct bpmn_node *node =
            bpmn_find(run->service->model, place_of(run, in, rows.rows[i].element));
        if (!node)
            continue;
        struct task_rename_in rename = {
            .park_id = run->park_id,
            .id = rows.rows[i].id,
            .element = node->id,
            .name = service_element_name(run->service, false, node, run->arena),
            .name_en = service_element_name(run->service, true, node, run->arena)};
        r = sql_task_rename(run->tx, &rename, NULL);
    }
    run->tasks_loaded = false;
    return r;
}

static enum err rename_incidents(struct case_run *run)
{
    enum err r = OK;
    for (size_t i = 0; r == OK && i < run->instance->incident_count; i++) {
        const struct engine_incident *incident = &run->instance->incidents[i];
        const struct engine_element *element = engine_element(run->instance, incident->element);
        struct incident_rename_in in = {.park_id = run->park_id,
                                        .case_id = run->id,
                                        .token = incident->key,
                                        .element = run->service->model->nodes[element->node].id};
        r = sql_incident_rename(run->tx, &in, NULL);
    }
    return r;
}

static enum err log_migrated(struct case_run *run, const struct case_migration *in, int64_t from)
{
    const struct case_move *moves = in->moves.items;
    struct case_entry entry;
    case_entry_begin(run, &entry);
    json_member_text(&entry.w, "text", in->reason);
    json_member_id(&entry.w, "from_model", from);
    json_member_id(&entry.w, "to_model", run->row.model_id);
    json_key(&entry.w, "moves");
    json_array_begin(&entry.w);
    for (size_t i = 0; i < in->moves.count; i++) {
        json_object_begin(&entry.w);
        json_member_text(&entry.w, "from", moves[i].from);
        json_member_text(&entry.w, "to", moves[i].to);
        json_object_end(&entry.w);
    }
    json_array_end(&entry.w);
    return case_entry_end(run, &entry, "case.migrated", 0);
}

/* ---- Doing it ---- */

static struct engine_plan plan_of(struct case_run *run, const struct case_migration *in)
{
    const struct case_move *given = in->moves.items;
    struct engine_move *moves = ARENA_ARRAY(run->arena, in->moves.count, struct engine_move);
    for (size_t i = 0; i < in->moves.count; i++)
        moves[i] = (struct engine_move){.from = given[i].from, .to = given[i].to};
    return (struct engine_plan){
        .moves = moves, .move_count = in->moves.count, .same_ids = true, .reason = in->reason};
}

static void set_service(struct case_run *run, const struct service *service)
{
    run->service = service;
    run->terms = NULL;
    run->decided_texts = NULL;
}

/* The events before the move speak of the old version, those behind it of the new one. */
static enum err take_events(struct case_run *run, const struct engine_migration *found,
                            const struct case_migration *in, const struct service *to,
                            int64_t model_id)
{
    const struct service *was = run->service;
    const struct engine_result *result = &found->result;
    run->instance = result->after;
    enum err r = case_take(run, result->events, found->before_count);
    if (r == OK)
        r = case_history_migrated(run, model_id);
    struct case_model_set_in version = {
        .park_id = run->park_id, .id = run->id, .model_id = model_id};
    if (r == OK)
        r = sql_case_model_set(run->tx, &version, NULL);
    set_service(run, to);
    move_bits(run, in, was);
    if (r == OK)
        r = rename_tasks(run, in);
    if (r == OK)
        r = case_take(run, result->events + found->before_count,
                      result->event_count - found->before_count);
    return r == OK ? rename_incidents(run) : r;
}

static enum err migrate(const struct case_env *env, void *data)
{
    struct migrating *m = data;
    struct case_effect *out = m->out;
    struct engine_migration found = {0};
    const struct service *to, *was;
    struct case_run run;
    int64_t model_id;
    size_t room = 0;
    enum err r = case_begin_life(&run, env, m->who, m->case_id);
    if (r == OK)
        r = find_target(&run, env, m->in->model_id, &model_id, &to);
    if (r != OK)
        return r;
    const struct engine_instance *before = run.instance;
    int64_t from_id = run.row.model_id;
    was = run.service;
    check_clocks(&run, to, out, &room);
    struct engine_plan plan = plan_of(&run, m->in);
    set_service(&run, to); /* What the target waits for is worked out by its own clocks. */
    struct engine_run engine = case_engine(&run);
    r = engine_migrate(was->model, to->model, before, &plan, &engine, &found);
    set_service(&run, was);
    for (size_t i = 0; i < found.fault_count; i++)
        add_fault(&run, &out->faults, &room,
                  (struct case_fault){found.faults[i].element, str_of(found.faults[i].rule),
                                      found.faults[i].detail});
    if (out->faults.count > 0)
        return m->in->preview ? OK : refuse(out);
    if (r == OK)
        r = take_events(&run, &found, m->in, to, model_id);
    if (r != OK)
        return r;
    case_effect_read(&run, was, before, out);
    if (run.row.suspended)
        r = case_life_hold(&run);
    if (r == OK)
        r = log_migrated(&run, m->in, from_id);
    return r == OK ? case_end(&run) : r;
}

enum err case_migrate(const struct case_env *env, const struct principal *who, int64_t case_id,
                      const struct case_migration *in, struct case_effect *out)
{
    struct migrating m = {.who = who, .case_id = case_id, .in = in, .out = out};
    *out = (struct case_effect){0};
    return case_try(env, in->preview, migrate, &m);
}

/* ---- Many ---- */

static enum err migrate_one(const struct case_env *env, const struct principal *who,
                            const struct case_of_model_row *row, const struct case_migration *in,
                            struct case_batch *out, size_t *room)
{
    struct case_effect effect;
    enum err r = db_savepoint(env->tx);
    if (r != OK)
        return r;
    r = case_migrate(env, who, row->id, in, &effect);
    bool moved = r == OK && effect.faults.count == 0;
    struct err_info why = *err_last();
    if (!moved && r == OK) /* A preview that found faults. */
        snprintf(why.detail, sizeof(why.detail), "%zu faults", effect.faults.count);
    enum err ended = moved ? db_release(env->tx) : db_undo(env->tx);
    if (ended != OK || r == ERR_IO || r == ERR_BUSY)
        return ended != OK ? ended : r;
    out->moved += moved;
    if (moved)
        return OK;
    struct case_refusal *items = (struct case_refusal *)out->refused.items;
    *ARENA_PUSH(env->arena, items, out->refused.count, *room) =
        (struct case_refusal){.case_id = row->id,
                              .number = row->number,
                              .detail = str_copy(env->arena, str_of(why.detail)),
                              .faults = effect.faults};
    out->refused.items = items;
    return OK;
}

enum err case_migrate_batch(const struct case_env *env, const struct principal *who,
                            int64_t from_model_id, int64_t after, const struct case_migration *in,
                            struct case_batch *out)
{
    struct case_of_model_rows rows;
    struct case_of_model_in of = {.park_id = env->park_id,
                                  .model_id = from_model_id,
                                  .after = after,
                                  .limit = CASE_BATCH + 1};
    size_t room = 0;
    *out = (struct case_batch){0};
    enum err r = sql_case_of_model(env->tx->db, env->arena, &of, &rows);
    for (size_t i = 0; r == OK && i < rows.count && i < CASE_BATCH; i++) {
        r = migrate_one(env, who, &rows.rows[i], in, out, &room);
        if (rows.count > CASE_BATCH)
            out->next = rows.rows[i].id;
    }
    return r;
}
