#include "api/inside.h"
#include "http/check.h"

static const struct field *find(const struct field *fields, struct str name)
{
    for (const struct field *field = fields; field && field->name; field++)
        if (str_is(name, field->name))
            return field;
    return NULL;
}

static enum err decode_parameter(struct api_call *call, struct str pair, uint64_t *seen)
{
    size_t mark = str_find(pair, STR("="), 0);
    struct str name, value;
    enum err r = http_unescape(call->arena, str_sub(pair, 0, mark), true, &name);
    if (r == OK)
        r = http_unescape(call->arena, str_sub(pair, mark + 1, pair.len), true, &value);
    if (r != OK)
        return r;
    const struct field *fields = call->route->query_fields, *field = find(fields, name);
    if (!field)
        return err_field(ERR_INVALID, str_c(call->arena, str_sub(name, 0, ERR_FIELD_MAX - 1)),
                         "field.unknown", "the query parameter is not known here");
    uint64_t bit = UINT64_C(1) << (field - fields);
    if (*seen & bit)
        return err_field(ERR_INVALID, field->name, "field.twice",
                         "the query parameter stands twice");
    *seen |= bit;
    if (value.len == 0) /* "?q=" asks for nothing. */
        return OK;
    return field_decode_text(call->arena, field, value, (char *)call->query + field->offset);
}

static enum err decode_query(struct api_call *call)
{
    struct str text = http_query(call->http);
    uint64_t seen = 0;
    const struct field *fields = call->route->query_fields;
    if (fields)
        call->query = arena_alloc(call->arena, call->route->query_size);
    for (const struct field *field = fields; field && field->name; field++)
        if (field->type == FIELD_DATE)
            *(int64_t *)(void *)((char *)call->query + field->offset) = FIELD_NO_DATE;
    for (size_t begin = 0; begin < text.len;) {
        size_t end = str_find(text, STR("&"), begin);
        enum err r =
            end > begin ? decode_parameter(call, str_sub(text, begin, end - begin), &seen) : OK;
        if (r != OK)
            return r;
        begin = end + 1;
    }
    for (const struct field *field = fields; field && field->name; field++)
        if (field->required && !(seen & UINT64_C(1) << (field - fields)))
            return err_field(ERR_INVALID, field->name, "field.required", "is required");
    return OK;
}

static struct str media_type(struct api_call *call)
{
    struct str header = http_header(call->http, "Content-Type");
    return str_trim(str_sub(header, 0, str_find(header, STR(";"), 0)));
}

/* `types` is a list of content types between spaces. */
static bool takes(const char *types, struct str type)
{
    struct str all = str_of(types);
    for (size_t begin = 0; begin < all.len;) {
        size_t end = str_find(all, STR(" "), begin);
        if (str_equal_nocase(str_sub(all, begin, end - begin), type))
            return true;
        begin = end + 1;
    }
    return false;
}

/* Where nothing is required, no body says as much as an empty object. */
static bool needs_body(const struct route *route)
{
    for (const struct field *field = route->body; field && field->name; field++)
        if (field->required)
            return true;
    return false;
}

static enum err decode_body(struct api_call *call)
{
    const struct route *route = call->route;
    if (route->raw_types) {
        if (!takes(route->raw_types, media_type(call)))
            return err_refuse(ERR_MEDIA, "request.media", "this route takes: %s", route->raw_types);
        return OK;
    }
    if (call->raw.len == 0 && !needs_body(route)) {
        call->body = route->body ? arena_alloc(call->arena, route->body_size) : NULL;
        return OK;
    }
    struct str type = media_type(call);
    if (type.ptr && !str_equal_nocase(type, STR("application/json")))
        return err_refuse(ERR_MEDIA, "request.media", "this route takes: application/json");
    const struct json_value *value;
    enum err r = json_parse(call->arena, call->raw, &value);
    if (r != OK)
        return r;
    static const struct field none[] = {FIELD_END};
    char nothing;
    if (!route->body)
        return fields_decode(call->arena, none, value, &nothing, 0);
    call->body = arena_alloc(call->arena, route->body_size);
    return fields_decode(call->arena, route->body, value, call->body, route->body_size);
}

enum err decode_call(struct api_call_state *state)
{
    struct api_call *call = &state->call;
    call->raw = http_body(call->http);
    enum err r = decode_query(call);
    return r == OK && call->route->method != GET ? decode_body(call) : r;
}
