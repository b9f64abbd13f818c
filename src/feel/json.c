#include "feel/eval.h"
#include "feel/number.h"

enum { DIGITS_MAX = 34 }; /* Of decimal128. */

/* Digits from the first that is not 0 to the last that is not. */
static size_t digits_of(struct str number)
{
    size_t count = 0, zeros = 0;
    for (size_t i = 0; i < number.len && number.ptr[i] != 'e' && number.ptr[i] != 'E'; i++) {
        if (number.ptr[i] < '0' || number.ptr[i] > '9' || (number.ptr[i] == '0' && count == 0))
            continue;
        zeros = number.ptr[i] == '0' ? zeros + 1 : 0;
        count++;
    }
    return count - zeros;
}

static enum err check_number(struct str text)
{
    struct feel_value value;
    if (feel_number_parse(text, &value) != OK)
        return err_set(ERR_RANGE, "the number %.*s is past what decimal128 can hold",
                       STR_ARG(text));
    if (digits_of(text) > DIGITS_MAX)
        return err_set(ERR_RANGE, "the number %.*s has more than %d digits", STR_ARG(text),
                       DIGITS_MAX);
    return OK;
}

enum err feel_check_json(const struct json_value *json)
{
    enum err r = OK;
    if (json->type == JSON_NUMBER)
        r = check_number(json->text);
    else if (json->type == JSON_ARRAY)
        for (size_t i = 0; r == OK && i < json->array.count; i++)
            r = feel_check_json(&json->array.items[i]);
    else if (json->type == JSON_OBJECT)
        for (size_t i = 0; r == OK && i < json->object.count; i++)
            r = feel_check_json(&json->object.members[i].value);
    return r;
}

static struct feel_value too_large(struct arena *arena, struct str text)
{
    struct feel_reason *reason = ARENA_NEW(arena, struct feel_reason);
    *reason = (struct feel_reason){
        .what = "range",
        .detail = str_format(arena, "the number %.*s does not fit", STR_ARG(text)),
        .where = text};
    return (struct feel_value){.type = FEEL_NULL, .reason = reason};
}

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
        if (feel_number_parse(json->text, out) != OK)
            *out = too_large(arena, json->text);
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
