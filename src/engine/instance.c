#include "engine/state.h"

struct engine_instance *engine_instance_new(struct arena *arena)
{
    struct engine_instance *instance = ARENA_NEW(arena, struct engine_instance);
    instance->arena = arena;
    instance->next_key = ENGINE_ROOT;
    return instance;
}

/* Every keyed item begins with its key, and the arrays are ordered by it. */
size_t state_find(const void *items, size_t count, size_t size, int64_t key)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int64_t found;
        memcpy(&found, (const char *)items + middle * size, sizeof(found));
        if (found == key)
            return middle;
        if (found < key)
            low = middle + 1;
        else
            high = middle;
    }
    return SIZE_MAX;
}

#define FIND(list, count, key)                                                                     \
    size_t at = state_find((list), (count), sizeof(*(list)), (key));                               \
    return at == SIZE_MAX ? NULL : &(list)[at]

const struct engine_element *engine_element(const struct engine_instance *instance, int64_t key)
{
    FIND(instance->elements, instance->element_count, key);
}

const struct engine_timer *engine_timer(const struct engine_instance *instance, int64_t key)
{
    FIND(instance->timers, instance->timer_count, key);
}

const struct engine_job *engine_job(const struct engine_instance *instance, int64_t key)
{
    FIND(instance->jobs, instance->job_count, key);
}

const struct engine_incident *engine_incident_of(const struct engine_instance *instance,
                                                 int64_t element)
{
    for (size_t i = 0; i < instance->incident_count; i++)
        if (instance->incidents[i].element == element)
            return &instance->incidents[i];
    return NULL;
}

const struct engine_variable *state_variable(const struct engine_instance *instance, int64_t scope,
                                             struct str name)
{
    for (size_t i = 0; i < instance->variable_count; i++)
        if (instance->variables[i].scope == scope && str_equal(instance->variables[i].name, name))
            return &instance->variables[i];
    return NULL;
}

/* A called process sees its own variables only: what it was given was copied into it. */
int64_t state_outer(const struct engine_instance *instance, int64_t key)
{
    const struct engine_element *element = engine_element(instance, key);
    return element && !element->closed ? element->scope : 0;
}

struct str engine_variable(const struct engine_instance *instance, int64_t element, struct str name)
{
    for (int64_t scope = element; scope; scope = state_outer(instance, scope)) {
        const struct engine_variable *found = state_variable(instance, scope, name);
        if (found)
            return found->value;
    }
    return (struct str){0};
}

static bool hidden(const struct engine_instance *instance, int64_t from,
                   const struct engine_variable *variable)
{
    for (int64_t scope = from; scope != variable->scope; scope = state_outer(instance, scope))
        if (state_variable(instance, scope, variable->name))
            return true;
    return false;
}

void engine_variables_write(struct json_writer *w, const struct engine_instance *instance,
                            int64_t element)
{
    json_object_begin(w);
    for (int64_t scope = element; scope; scope = state_outer(instance, scope))
        for (size_t i = 0; i < instance->variable_count; i++) {
            const struct engine_variable *variable = &instance->variables[i];
            if (variable->scope != scope || hidden(instance, element, variable))
                continue;
            json_key_str(w, variable->name);
            json_raw(w, variable->value);
        }
    json_object_end(w);
}

/* ---- The copy that a step works on ---- */

static void *copy_list(struct arena *arena, const void *items, size_t count, size_t size,
                       size_t *room)
{
    *room = count + 4;
    void *copy = arena_array(arena, *room, size);
    if (count > 0)
        memcpy(copy, items, count * size);
    return copy;
}

#define COPY(field, number, space)                                                                 \
    copy->field = copy_list(arena, from->field, from->number, sizeof(*from->field), &copy->space)

struct engine_instance *state_copy(struct arena *arena, const struct engine_instance *from)
{
    struct engine_instance *copy = ARENA_NEW(arena, struct engine_instance);
    *copy = *from;
    copy->arena = arena;
    COPY(elements, element_count, element_room);
    COPY(variables, variable_count, variable_room);
    COPY(timers, timer_count, timer_room);
    COPY(subscriptions, subscription_count, subscription_room);
    COPY(jobs, job_count, job_room);
    COPY(incidents, incident_count, incident_room);
    COPY(joins, join_count, join_room);
    COPY(done, done_count, done_room);
    return copy;
}
