#include "park/stuck.h"

#include "base/clock.h"
#include "park/process_run.h"
#include "park/stuck_sql.h"

int64_t stuck_before_us(int64_t now_us)
{
    return now_us - STUCK_MINUTES * MINUTE_US;
}

struct found {
    struct arena *arena;
    struct str *elements;
    size_t count, capacity;
};

static enum err add(struct found *found, const struct bpmn_model *model, struct str blob,
                    int64_t before_us)
{
    struct engine_instance *instance;
    enum err r = engine_instance_read(found->arena, model, blob, &instance);
    for (size_t i = 0; r == OK && i < instance->timer_count; i++) {
        const struct engine_timer *timer = &instance->timers[i];
        if (timer->due_us && timer->due_us < before_us)
            *ARENA_PUSH(found->arena, found->elements, found->count, found->capacity) =
                str_copy(found->arena, model->nodes[timer->node].id);
    }
    return r;
}

enum err stuck_in_cases(const struct case_reader *reader, const struct service *service,
                        int64_t model_id, struct list *out)
{
    struct stuck_cases_in in = {.park_id = reader->park_id,
                                .service = service->key,
                                .model_id = model_id,
                                .before_us = stuck_before_us(reader->now_us),
                                .limit = STUCK_READ_MAX};
    struct stuck_cases_rows rows;
    struct found found = {.arena = reader->arena};
    enum err r = sql_stuck_cases(reader->db, reader->arena, &in, &rows);
    for (size_t i = 0; r == OK && i < rows.count; i++)
        r = add(&found, service->model, rows.rows[i].instance, in.before_us);
    *out = (struct list){found.elements, found.count};
    return r;
}

/* Compiled for this once: only when something is stuck at all. */
static enum err add_all(struct found *found, struct db *db, const struct stuck_instances_in *in,
                        const struct stuck_instances_rows *rows)
{
    struct process_definition_get_in of = {.park_id = in->park_id, .id = in->definition_id};
    struct process_definition_get_row row;
    const struct bpmn_model *model;
    enum err r = sql_process_definition_get(db, found->arena, &of, &row);
    if (r != OK)
        return r;
    struct process_world *world = process_world_new();
    r = process_model_read(world, db, in->park_id, row.resource_id, &row.hash, &model);
    for (size_t i = 0; r == OK && i < rows->count; i++)
        r = add(found, model, rows->rows[i].blob, in->before_us);
    process_world_free(world);
    return r;
}

enum err stuck_in_processes(struct db *db, struct arena *arena, int64_t park_id,
                            int64_t definition_id, int64_t now_us, struct list *out)
{
    struct stuck_instances_in in = {.park_id = park_id,
                                    .definition_id = definition_id,
                                    .before_us = stuck_before_us(now_us),
                                    .limit = STUCK_READ_MAX};
    struct stuck_instances_rows rows;
    struct found found = {.arena = arena};
    enum err r = sql_stuck_instances(db, arena, &in, &rows);
    if (r == OK && rows.count > 0)
        r = add_all(&found, db, &in, &rows);
    *out = (struct list){found.elements, found.count};
    return r;
}
