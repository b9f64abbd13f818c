/* Models, compiled once and kept; decisions by their ids; and what waiting calls are told. */
#include <stdlib.h>

#include "journal/journal.h"
#include "park/process_run.h"

enum { SLOTS = 256 };

struct slot {
    struct hash hash;
    struct arena arena;
    const void *model; /* NULL: free. */
    int64_t used;
};

struct process_world {
    struct slot slots[SLOTS];
    int64_t clock; /* Counts uses. */
    uint64_t news;
};

struct process_world *process_world_new(void)
{
    struct process_world *world = calloc(1, sizeof(*world));
    assert(world);
    for (size_t i = 0; i < SLOTS; i++)
        arena_init(&world->slots[i].arena);
    return world;
}

void process_world_free(struct process_world *world)
{
    if (!world)
        return;
    for (size_t i = 0; i < SLOTS; i++)
        arena_release(&world->slots[i].arena);
    free(world);
}

static uint64_t topic_of(struct str bytes)
{
    struct hash hash = hash_of(bytes);
    return UINT64_C(1) << (hash.bytes[0] & 63);
}

uint64_t process_topic_job(struct str type)
{
    return topic_of(type);
}

uint64_t process_topic_instance(int64_t id)
{
    return topic_of((struct str){.ptr = (const char *)&id, .len = sizeof(id)});
}

void process_tell(struct process_world *world, uint64_t topic)
{
    world->news |= topic;
}

uint64_t process_news(struct process_world *world)
{
    uint64_t news = world->news;
    world->news = 0;
    return news;
}

/* The slot of this hash, or the one that was used longest ago, emptied. */
static struct slot *find_slot(struct process_world *world, const struct hash *hash)
{
    struct slot *oldest = &world->slots[0];
    for (size_t i = 0; i < SLOTS; i++) {
        struct slot *slot = &world->slots[i];
        if (slot->model && hash_equal(&slot->hash, hash)) {
            slot->used = ++world->clock;
            return slot;
        }
        if (slot->used < oldest->used)
            oldest = slot;
    }
    arena_release(&oldest->arena);
    *oldest = (struct slot){.hash = *hash, .used = ++world->clock};
    arena_init(&oldest->arena);
    return oldest;
}

static enum err load(struct db *db, int64_t park_id, int64_t resource_id, struct slot *slot,
                     struct process_resource_content_row *row)
{
    struct process_resource_content_in in = {.park_id = park_id, .id = resource_id};
    return sql_process_resource_content(db, &slot->arena, &in, row);
}

enum err process_model_read(struct process_world *world, struct db *db, int64_t park_id,
                            int64_t resource_id, const struct hash *hash,
                            const struct bpmn_model **out)
{
    struct slot *slot = find_slot(world, hash);
    if (!slot->model) {
        struct process_resource_content_row row;
        struct bpmn_report report = {0};
        const struct bpmn_model *model;
        enum err r = load(db, park_id, resource_id, slot, &row);
        if (r == OK)
            r = bpmn_parse(&slot->arena, row.content, NULL, &report, &model);
        if (r != OK)
            return r;
        slot->model = model;
    }
    *out = slot->model;
    return OK;
}

enum err process_model(struct process_env *env, int64_t resource_id, const struct hash *hash,
                       const struct bpmn_model **out)
{
    return process_model_read(env->world, env->tx->db, env->park_id, resource_id, hash, out);
}

enum err process_decisions(struct process_env *env, int64_t resource_id, const struct hash *hash,
                           const struct dmn_model **out)
{
    struct slot *slot = find_slot(env->world, hash);
    if (!slot->model) {
        struct process_resource_content_row row;
        const struct dmn_model *model;
        enum err r = load(env->tx->db, env->park_id, resource_id, slot, &row);
        struct dmn_source source = {.name = row.name, .text = row.content};
        if (r == OK)
            r = dmn_read(&slot->arena, &source, 1, &model);
        if (r != OK)
            return r;
        slot->model = model;
    }
    *out = slot->model;
    return OK;
}

enum err process_decide(void *data, const struct bpmn_task *task, struct str decision,
                        const struct feel_value *context, struct feel_run *feel,
                        struct feel_value *out)
{
    struct process_run *run = data;
    struct process_env *env = run->env;
    struct process_reference wanted = {.kind = PROCESS_DECISION,
                                       .key = decision,
                                       .binding = task->binding,
                                       .version_tag = task->version_tag,
                                       .definition_id = run->row.definition_id};
    struct process_definition_get_in in = {.park_id = env->park_id};
    struct process_definition_get_row row;
    const struct dmn_model *model;
    enum err r = process_find_bound(env->tx->db, env->park_id, &wanted, &in.id);
    if (r == OK)
        r = sql_process_definition_get(env->tx->db, env->arena, &in, &row);
    if (r == OK)
        r = process_decisions(env, row.resource_id, &row.hash, &model);
    struct dmn_why why = {0};
    bool keeps = run->decision_count < PROCESS_EVALUATIONS_MAX;
    if (r == OK)
        r = dmn_eval(model, row.name, context, feel, keeps ? &why : NULL, out);
    if (r != OK || !keeps)
        return r;
    struct process_run_decision made = {.task = task};
    r = process_evaluation_read(env->tx->db, env->arena, env->park_id, row.resource_id, why.first,
                                &made.evaluation);
    made.evaluation.failure = process_evaluation_failure(feel, out);
    if (r == OK)
        *ARENA_PUSH(env->arena, run->decisions, run->decision_count, run->decision_capacity) = made;
    return r;
}

enum err process_start_form(struct db *db, struct arena *arena, int64_t park_id, int64_t id,
                            int64_t *out)
{
    struct process_definition_get_in in = {.park_id = park_id, .id = id};
    struct process_definition_get_row row;
    struct process_resource_content_row content;
    struct bpmn_report report = {0};
    const struct bpmn_model *model;
    *out = 0;
    enum err r = sql_process_definition_get(db, arena, &in, &row);
    if (r == OK && row.kind != PROCESS_BPMN)
        return err_set(ERR_NOT_FOUND, "%" PRId64 " is no process", id);
    struct process_resource_content_in of = {.park_id = park_id, .id = row.resource_id};
    if (r == OK)
        r = sql_process_resource_content(db, arena, &of, &content);
    if (r == OK)
        r = bpmn_parse(arena, content.content, NULL, &report, &model);
    if (r != OK)
        return r;
    uint32_t start = model->nodes[row.node].start;
    const struct bpmn_task *task = start == BPMN_NONE ? NULL : model->nodes[start].task;
    if (!task || task->form_id.text.len == 0)
        return OK;
    struct process_reference wanted = {.kind = PROCESS_FORM,
                                       .binding = task->binding,
                                       .key = task->form_id.text,
                                       .version_tag = task->version_tag,
                                       .definition_id = id};
    r = process_find_bound(db, park_id, &wanted, out);
    return r == ERR_NOT_FOUND ? OK : r;
}

struct journal_entry process_entry(const struct process_env *env, const char *kind,
                                   int64_t instance_id)
{
    return (struct journal_entry){.park_id = env->park_id,
                                  .time_us = env->now_us,
                                  .kind = kind,
                                  .case_id = instance_id,
                                  .actor_id = env->actor_id};
}

enum err process_log(struct process_env *env, const char *kind, int64_t instance_id,
                     struct str body)
{
    struct journal_entry entry = process_entry(env, kind, instance_id);
    entry.body = body;
    return journal_append(env->tx, &entry, NULL);
}
