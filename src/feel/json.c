#include "feel/eval.h"
#include "feel/number.h"

static void from_json(struct arena *arena, const struct json_value *json, struct feel_value *out)
{
    switch (json->type) {
    case JSON_NULL:
        *out = feel_null();
        break;
    case JSON_BOOL:
        *out = feel_boolean(json->boolean);
        break;
    case JSON_NUMBER:
        if (feel_number_parse(json->text, out) != OK) /* Past decimal128: no number of ours. */
            *out = feel_null();
        break;
    case JSON_STRING:
        *out = feel_string(json->text);
        break;
    case JSON_ARRAY: {
        struct feel_value *items = ARENA_ARRAY(arena, json->array.count, struct feel_value);
        for (size_t i = 0; i < json->array.count; i++)
            from_json(arena, &json->array.items[i], &items[i]);
        *out = feel_list(items, json->array.count);
        break;
    }
    case JSON_OBJECT: {
        struct feel_entry *entries = ARENA_ARRAY(arena, json->object.count, struct feel_entry);
        for (size_t i = 0; i < json->object.count; i++) {
            entries[i].name = json->object.members[i].name;
            from_json(arena, &json->object.members[i].value, &entries[i].value);
        }
        *out = feel_context(entries, json->object.count);
        break;
    }
    }
}

struct feel_value feel_from_json(struct arena *arena, const struct json_value *json)
{
    struct feel_value value = feel_null();
    if (json)
        from_json(arena, json, &value);
    return value;
}

enum { TEXT_MAX = 16 * 1024 * 1024 };

static void number_to_json(struct json_writer *w, struct feel_number n)
{
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, NUMBER_TEXT_MAX + 16);
    number_write(&text, n);
    json_number(w, buf_str(&text));
}

static void text_to_json(struct json_writer *w, const struct feel_value *value)
{
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, TEXT_MAX);
    value_write(&text, value, false);
    json_text(w, text.ptr ? buf_str(&text) : STR(""));
}

void feel_to_json(struct json_writer *w, const struct feel_value *value)
{
    switch (value->type) {
    case FEEL_NULL:
        json_null(w);
        break;
    case FEEL_BOOLEAN:
        json_bool(w, value->boolean);
        break;
    case FEEL_NUMBER:
        number_to_json(w, value->number);
        break;
    case FEEL_STRING:
        json_text(w, value->text.ptr ? value->text : STR(""));
        break;
    case FEEL_LIST:
        json_array_begin(w);
        for (size_t i = 0; i < value->list.count && !w->buf->full; i++)
            feel_to_json(w, &value->list.items[i]);
        json_array_end(w);
        break;
    case FEEL_CONTEXT:
        json_object_begin(w);
        for (size_t i = 0; i < value->context.count && !w->buf->full; i++) {
            json_key_str(w, value->context.entries[i].name);
            feel_to_json(w, &value->context.entries[i].value);
        }
        json_object_end(w);
        break;
    default:
        text_to_json(w, value);
    }
}

/* ---- Names of what a scope holds ---- */

struct collect {
    struct arena *arena;
    struct str *names;
    size_t count, capacity;
};

enum { COLLECT_DEPTH_MAX = 32, COLLECT_ITEMS_MAX = 8 };

static void collect_members(struct collect *c, const struct feel_value *value, int depth)
{
    if (depth == COLLECT_DEPTH_MAX)
        return;
    if (value->type == FEEL_LIST)
        for (size_t i = 0; i < value->list.count && i < COLLECT_ITEMS_MAX; i++)
            collect_members(c, &value->list.items[i], depth + 1);
    if (value->type != FEEL_CONTEXT)
        return;
    for (size_t i = 0; i < value->context.count; i++) {
        const struct feel_entry *entry = &value->context.entries[i];
        *ARENA_PUSH(c->arena, c->names, c->count, c->capacity) = entry->name;
        collect_members(c, &entry->value, depth + 1);
    }
}

struct feel_names feel_names_of(struct arena *arena, const struct feel_scope *scope)
{
    struct collect variables = {.arena = arena}, members = {.arena = arena};
    for (; scope; scope = scope->up)
        for (size_t i = 0; i < scope->count; i++) {
            const struct feel_entry *entry = &scope->entries[i];
            *ARENA_PUSH(arena, variables.names, variables.count, variables.capacity) = entry->name;
            collect_members(&members, &entry->value, 0);
        }
    return (struct feel_names){.variables = variables.names,
                               .variable_count = variables.count,
                               .members = members.names,
                               .member_count = members.count};
}
