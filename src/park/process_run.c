#include "park/process_run.h"

#include "base/id.h"
#include "journal/journal.h"

enum err process_definition_load(struct process_env *env, int64_t id,
                                 struct process_definition_get_row *row,
                                 const struct bpmn_model **model)
{
    struct process_definition_get_in in = {.park_id = env->park_id, .id = id};
    enum err r = sql_process_definition_get(env->tx->db, env->arena, &in, row);
    if (r == ERR_NOT_FOUND || (r == OK && row->kind != PROCESS_BPMN))
        return err_refuse(ERR_NOT_FOUND, "process.no-definition",
                          "there is no process definition %" PRId64, id);
    return r == OK ? process_model(env, row->resource_id, &row->hash, model) : r;
}

static enum err load_definition(struct process_run *run, int64_t id)
{
    return process_definition_load(run->env, id, &run->definition, &run->model);
}

enum err process_begin(struct process_run *run, struct process_env *env, int64_t id)
{
    *run = (struct process_run){.env = env, .id = id};
    struct process_instance_load_in in = {.park_id = env->park_id, .id = id};
    enum err r = sql_process_instance_load(env->tx->db, env->arena, &in, &run->row);
    if (r == ERR_NOT_FOUND)
        return err_refuse(r, "process.no-instance", "there is no process instance %" PRId64, id);
    if (r == OK && run->row.ended_us)
        return err_refuse(ERR_CONFLICT, "process.ended", "process instance %" PRId64 " is over",
                          id);
    if (r == OK)
        r = load_definition(run, run->row.definition_id);
    struct engine_instance *instance = NULL;
    if (r == OK)
        r = engine_instance_read(env->arena, run->model, run->row.blob, &instance);
    run->instance = instance;
    return r;
}

enum err process_begin_new(struct process_run *run, struct process_env *env, int64_t definition_id)
{
    *run = (struct process_run){.env = env, .id = id_next(env->now_us), .fresh = true};
    run->row.definition_id = definition_id;
    run->row.started_us = env->now_us;
    run->instance = engine_instance_new(env->arena);
    return load_definition(run, definition_id);
}

/* ---- The journal: one entry a step, with its events ---- */

enum err process_log_events(struct process_run *run, const struct engine_event *events,
                            size_t count)
{
    struct journal_entry entry = process_entry(run->env, "process.step", run->id);
    struct instance_member members[5] = {{"instance", run->id},
                                         {"definition", run->row.definition_id},
                                         {"caller", run->row.parent_id},
                                         {"call", run->row.parent_token}};
    size_t member_count = run->fresh && run->row.parent_id ? 4 : 2;
    if (run->target_id)
        members[member_count++] = (struct instance_member){"to", run->target_id};
    struct instance_steps steps = {.events = events, .count = count};
    return instance_log(run->env->tx, &entry, members, member_count, run->model, &steps, count > 0);
}

/* ---- Steps ---- */

struct engine_run process_engine(struct process_run *run)
{
    return (struct engine_run){.arena = run->env->arena,
                               .now_us = run->env->now_us,
                               .decide = process_decide,
                               .calls = true,
                               .outside = run->row.parent_id ? process_outside : NULL,
                               .data = run};
}

enum err process_step(struct process_run *run, const struct engine_command *command)
{
    struct engine_run engine = process_engine(run);
    struct instance_step step = {.model = run->model, .engine = &engine, .steps = &run->steps};
    struct engine_result result;
    enum err r = instance_step(&step, &run->instance, command, &result);
    for (size_t i = 0; r == OK && i < result.event_count; i++)
        r = process_on_event(run, &result.events[i]);
    return r == OK && result.event_count > 0
               ? process_log_events(run, result.events, result.event_count)
               : r;
}

static enum err write_row(struct process_run *run, struct str blob)
{
    struct process_env *env = run->env;
    const struct process_instance_load_row *row = &run->row;
    if (run->fresh) {
        struct process_instance_insert_in in = {.park_id = env->park_id,
                                                .id = run->id,
                                                .definition_id = row->definition_id,
                                                .state = row->state,
                                                .started_us = row->started_us,
                                                .ended_us = row->ended_us,
                                                .incidents = row->incidents,
                                                .parent_id = row->parent_id,
                                                .parent_token = row->parent_token,
                                                .wake_us = row->wake_us,
                                                .blob = blob};
        return sql_process_instance_insert(env->tx, &in, NULL);
    }
    struct process_instance_update_in in = {.park_id = env->park_id,
                                            .id = run->id,
                                            .state = row->state,
                                            .ended_us = row->ended_us,
                                            .incidents = row->incidents,
                                            .wake_us = row->wake_us,
                                            .blob = blob};
    return sql_process_instance_update(env->tx, &in, NULL);
}

enum err process_end(struct process_run *run)
{
    CLEANUP(buf_release) struct buf blob;
    buf_init(&blob, ENGINE_BLOB_MAX);
    bool over = run->row.ended_us != 0;
    run->row.wake_us = over ? 0 : instance_wake_us(run->instance);
    if (!over)
        engine_instance_write(&blob, run->instance);
    enum err r = buf_check(&blob);
    if (r == OK)
        r = write_row(run, over ? STR("") : buf_str(&blob));
    return r == OK ? process_notes_write(run) : r;
}

enum err process_act(struct process_env *env, int64_t id, const struct engine_command *command)
{
    struct process_run run;
    enum err r = process_begin(&run, env, id);
    if (r == OK)
        r = process_step(&run, command);
    return r == OK ? process_end(&run) : r;
}

bool process_wants(const struct list *names, struct str name)
{
    for (size_t i = 0; i < names->count; i++)
        if (str_equal(((const struct str *)names->items)[i], name))
            return true;
    return names->count == 0;
}
