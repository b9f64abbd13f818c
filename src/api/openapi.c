/* The OpenAPI 3.1 document, made of the route tables. */
#include <ctype.h>

#include "api/inside.h"

static void open_object(struct json_writer *w, const char *key)
{
    json_key(w, key);
    json_object_begin(w);
}

static void write_reference(struct json_writer *w, const char *to)
{
    json_object_begin(w);
    json_member_c(w, "$ref", to);
    json_object_end(w);
}

static const char *const METHODS[] = {"", "get", "post", "put", "patch", "delete"};

/* "/api/v1/cases/{id}/proof" → "getCasesIdProof" */
static void write_operation_id(struct json_writer *w, const struct route *route)
{
    CLEANUP(buf_release) struct buf name;
    buf_init(&name, 256);
    struct str path = str_of(route->path), version = STR("/api/v1");
    if (str_starts(path, version))
        path = str_sub(path, version.len, path.len);
    buf_add_c(&name, METHODS[route->method]);
    bool upper = true;
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.ptr[i];
        if (isalnum(c))
            buf_add_char(&name, (char)(upper ? toupper(c) : c));
        upper = !isalnum(c) && c != '{' ? true : upper && !isalnum(c);
    }
    json_member_text(w, "operationId", buf_str(&name));
}

static void write_parameter_begin(struct json_writer *w, struct str name, const char *in,
                                  bool required)
{
    json_object_begin(w);
    json_member_text(w, "name", name);
    json_member_c(w, "in", in);
    json_member_bool(w, "required", required);
}

static void write_text_parameter(struct json_writer *w, struct str name, const char *in,
                                 bool required, const char *about)
{
    write_parameter_begin(w, name, in, required);
    if (about)
        json_member_c(w, "description", about);
    open_object(w, "schema");
    json_member_c(w, "type", "string");
    json_object_end(w);
    json_object_end(w);
}

/* "{id}" → "id", "{path...}" → "path" */
static bool next_placeholder(struct str path, size_t *at, struct str *name)
{
    size_t begin = str_find(path, STR("{"), *at);
    if (begin == path.len)
        return false;
    size_t end = str_find(path, STR("}"), begin);
    *name = str_sub(path, begin + 1, end - begin - 1);
    if (str_ends(*name, STR("...")))
        *name = str_sub(*name, 0, name->len - 3);
    *at = end;
    return true;
}

static void write_query_parameter(struct json_writer *w, const struct field *field)
{
    CLEANUP(buf_release) struct buf schema;
    buf_init(&schema, 64 * 1024);
    struct json_writer inner = json_writer(&schema);
    field_write_schema(&inner, field, true);
    write_parameter_begin(w, str_of(field->name), "query", field->required);
    if (field->doc)
        json_member_c(w, "description", field->doc);
    json_member_raw(w, "schema", buf_str(&schema));
    json_object_end(w);
}

static void write_parameters(struct json_writer *w, const struct route *route)
{
    json_key(w, "parameters");
    json_array_begin(w);
    struct str path = str_of(route->path), name;
    for (size_t at = 0; next_placeholder(path, &at, &name);)
        write_text_parameter(w, name, "path", true, NULL);
    for (const struct field *field = route->query_fields; field && field->name; field++)
        write_query_parameter(w, field);
    if (route->command) {
        write_text_parameter(w, STR("Idempotency-Key"), "header", false,
                             "Repeat a request under the same key: it acts once");
        write_text_parameter(w, STR("X-CSRF-Token"), "header", false,
                             "With a session cookie: the value that /api/v1/me tells");
    }
    if (route->method == PUT)
        write_text_parameter(w, STR("If-Match"), "header", false, "The version to be changed");
    json_array_end(w);
}

static void write_body(struct json_writer *w, const struct route *route)
{
    if (!route->body && !route->raw_types)
        return;
    open_object(w, "requestBody");
    json_member_bool(w, "required", true);
    open_object(w, "content");
    if (route->body) {
        open_object(w, "application/json");
        json_key(w, "schema");
        fields_write_schema(w, route->body, true);
        json_object_end(w);
    }
    struct str types = str_of(route->raw_types);
    for (size_t begin = 0; begin < types.len;) {
        size_t end = str_find(types, STR(" "), begin);
        json_key_str(w, str_sub(types, begin, end - begin));
        json_object_begin(w);
        json_object_end(w);
        begin = end + 1;
    }
    json_object_end(w);
    json_object_end(w);
}

static void write_page_schema(struct json_writer *w, const struct field *item)
{
    json_object_begin(w);
    json_member_c(w, "type", "object");
    json_member_raw(w, "required", STR("[\"items\",\"next\"]"));
    open_object(w, "properties");
    open_object(w, "items");
    json_member_c(w, "type", "array");
    json_key(w, "items");
    fields_write_schema(w, item, false);
    json_object_end(w);
    json_member_raw(w, "next", STR("{\"type\":[\"string\",\"null\"]}"));
    json_object_end(w);
    json_object_end(w);
}

static void write_answers(struct json_writer *w, const struct route *route)
{
    int status = route->status ? route->status : 200;
    char code[16] = {(char)('0' + status / 100), (char)('0' + status / 10 % 10),
                     (char)('0' + status % 10)};
    open_object(w, "responses");
    open_object(w, code);
    json_member_c(w, "description", route->doc);
    if (status != 204) {
        open_object(w, "content");
        open_object(w, route->reply_type ? route->reply_type : "application/json");
        if (route->reply) {
            json_key(w, "schema");
            if (route->page)
                write_page_schema(w, route->reply);
            else
                fields_write_schema(w, route->reply, false);
        }
        json_object_end(w);
        json_object_end(w);
    }
    json_object_end(w);
    json_key(w, "default");
    write_reference(w, "#/components/responses/Problem");
    json_object_end(w);
}

static void write_roles(struct json_writer *w, const struct route *route)
{
    json_key(w, "security");
    if (route->roles.public) {
        json_raw(w, STR("[]"));
        return;
    }
    json_raw(w, STR("[{\"session\":[]},{\"token\":[]}]"));
    json_key(w, "x-roles");
    json_array_begin(w);
    for (unsigned i = 0; i < ROLE_COUNT; i++)
        if (route->roles.any_of & 1u << i)
            json_c(w, role_key(1u << i));
    json_array_end(w);
}

static void write_operation(struct json_writer *w, const struct route *route)
{
    open_object(w, METHODS[route->method]);
    write_operation_id(w, route);
    json_member_c(w, "summary", route->doc);
    write_parameters(w, route);
    write_body(w, route);
    write_answers(w, route);
    write_roles(w, route);
    json_object_end(w);
}

typedef void route_visit(void *context, const struct route *route);

static void each_route(route_visit *visit, void *context)
{
    for (const struct route *const *table = API_ROUTES; *table; table++)
        for (const struct route *route = *table; route->method; route++)
            visit(context, route);
}

struct path_search {
    struct json_writer *w;
    const struct route *route;
    bool earlier, begun;
};

static void find_earlier(void *context, const struct route *route)
{
    struct path_search *search = context;
    if (route == search->route)
        search->begun = true;
    else if (!search->begun && str_is(str_of(route->path), search->route->path))
        search->earlier = true;
}

static void write_same_path(void *context, const struct route *route)
{
    struct path_search *search = context;
    if (str_is(str_of(route->path), search->route->path))
        write_operation(search->w, route);
}

static void write_path(void *context, const struct route *route)
{
    struct path_search search = {.w = context, .route = route};
    each_route(find_earlier, &search);
    if (search.earlier || str_starts(str_of(route->path), STR("/api/v1/test/")))
        return;
    struct str path = str_of(route->path);
    size_t dots = str_find(path, STR("...}"), 0);
    CLEANUP(buf_release) struct buf name;
    buf_init(&name, 256);
    buf_add_str(&name, str_sub(path, 0, dots));
    if (dots < path.len)
        buf_add_char(&name, '}');
    json_key_str(search.w, buf_str(&name));
    json_object_begin(search.w);
    each_route(write_same_path, &search);
    json_object_end(search.w);
}

static const char COMPONENTS[] =
    "{\"securitySchemes\":{"
    "\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"kl_session\"},"
    "\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"}},"
    "\"responses\":{\"Problem\":{\"description\":\"What went wrong (RFC 9457)\",\"content\":{"
    "\"application/problem+json\":{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}}},"
    "\"schemas\":{\"Problem\":{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\"],"
    "\"properties\":{\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
    "\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":\"string\"},"
    "\"reason\":{\"type\":\"string\"},\"errors\":{\"type\":\"array\",\"items\":{"
    "\"type\":\"object\",\"properties\":{\"field\":{\"type\":\"string\"},"
    "\"reason\":{\"type\":\"string\"},\"detail\":{\"type\":\"string\"}}}}}}}}";

static enum err openapi_get(struct api_call *call)
{
    struct json_writer *w = &call->json;
    json_object_begin(w);
    json_member_c(w, "openapi", "3.1.0");
    open_object(w, "info");
    json_member_c(w, "title", "Kuailian");
    json_member_c(w, "version", "1");
    json_member_c(w, "description",
                  "The services of an industrial park. Ids are strings of digits; times "
                  "are RFC 3339 in UTC; errors are RFC 9457 problems.");
    json_object_end(w);
    open_object(w, "paths");
    each_route(write_path, w);
    json_object_end(w);
    json_member_raw(w, "components", str_of(COMPONENTS));
    json_object_end(w);
    return OK;
}

const struct route OPENAPI_ROUTES[] = {
    {GET, "/api/v1/openapi.json", PUBLIC, .query = openapi_get, .doc = "This document"}, ROUTE_END};
