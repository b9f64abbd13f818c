#include <stdio.h>

#include "api/inside.h"

void api_reply(struct api_call *call, const struct field *fields, const void *value)
{
    fields_write_object(&call->json, fields, value);
}

static const char *title_of(enum err code)
{
    switch (code) {
    case ERR_SYNTAX:
        return "The request cannot be read";
    case ERR_RANGE:
        return "A value is out of bounds";
    case ERR_INVALID:
        return "The request breaks a rule";
    case ERR_PROOF:
        return "A digest or signature does not match";
    case ERR_UNAUTHENTICATED:
        return "Sign in first";
    case ERR_FORBIDDEN:
        return "Not allowed";
    case ERR_NOT_FOUND:
        return "Not found";
    case ERR_METHOD:
        return "Method not allowed";
    case ERR_CONFLICT:
        return "The state is another by now";
    case ERR_PRECONDITION:
        return "Somebody has changed it meanwhile";
    case ERR_LIMIT:
        return "Too large";
    case ERR_MEDIA:
        return "Content type not taken here";
    case ERR_RATE:
        return "Too many requests";
    case ERR_BUSY:
        return "Busy; try again";
    default:
        return "Something went wrong here";
    }
}

static void write_error_list(struct json_writer *w, const struct err_info *info)
{
    json_key(w, "errors");
    json_array_begin(w);
    json_object_begin(w);
    json_member_c(w, "field", info->field);
    json_member_c(w, "reason", info->reason);
    json_member_c(w, "detail", info->detail);
    json_object_end(w);
    json_array_end(w);
}

/* What the store found out is nobody's business outside: such details go to the log alone. */
static bool may_tell(enum err why)
{
    return err_http_status(why) < 500 || why == ERR_BUSY;
}

void api_write_problem(struct json_writer *w, enum err why, int status)
{
    const struct err_info *info = err_last();
    char type[64];
    snprintf(type, sizeof(type), "/problems/%s", err_type(why));
    json_object_begin(w);
    json_member_c(w, "type", type);
    json_member_c(w, "title", title_of(why));
    json_member_int(w, "status", status);
    if (may_tell(why) && info->code == why) {
        bool hidden = why == ERR_NOT_FOUND && !info->reason[0]; /* Says which table, at most. */
        if (info->detail[0] && !hidden) {
            json_member_c(w, "detail", info->detail);
        }
        if (info->reason[0]) {
            json_member_c(w, "reason", info->reason);
        }
        if (info->field[0])
            write_error_list(w, info);
    }
    json_object_end(w);
}

int api_problem_status(struct http_request *request, enum err why)
{
    int status = err_http_status(why);
    return status == 422 && str_starts(http_path(request), STR("/v2/")) ? 400 : status;
}

enum err api_reply_problem(struct api_call *call, enum err why)
{
    return api_reply_problem_as(call, why, api_problem_status(call->http, why));
}

enum err api_reply_problem_as(struct api_call *call, enum err why, int status)
{
    buf_clear(call->out);
    call->json = json_writer(call->out);
    call->status = status;
    api_write_problem(&call->json, why, status);
    call->content_type = "application/problem+json";
    call->etag = call->location = NULL;
    return OK;
}

void api_page_begin(struct api_call *call)
{
    json_object_begin(&call->json);
    json_key(&call->json, "items");
    json_array_begin(&call->json);
}

void api_page_end(struct api_call *call, struct str next)
{
    json_array_end(&call->json);
    json_member_text(&call->json, "next", next);
    json_object_end(&call->json);
}

const struct field API_PAGE_FIELDS[] = {
    FIELD(struct api_page, cursor, FIELD_TEXT),
    FIELD(struct api_page, limit, FIELD_INT, .min = 1, .max = LIMIT_PAGE), FIELD_END};

int64_t api_limit(int64_t asked)
{
    if (asked <= 0)
        return LIMIT_PAGE_DEFAULT;
    return asked < LIMIT_PAGE ? asked : LIMIT_PAGE;
}

bool api_page_cut(size_t *count, int64_t limit)
{
    bool more = *count > (size_t)limit;
    *count = more ? (size_t)limit : *count;
    return more;
}

struct str api_ids(struct api_call *call, const void *rows, size_t count, size_t size)
{
    CLEANUP(buf_release) struct buf ids;
    buf_init(&ids, LIMIT_HTTP_REPLY);
    buf_add_char(&ids, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_add_char(&ids, ',');
        buf_add_int(&ids, *(const int64_t *)((const char *)rows + i * size));
    }
    buf_add_char(&ids, ']');
    return str_copy(call->arena, buf_str(&ids));
}

static enum err bad_cursor(void)
{
    return err_field(ERR_INVALID, "cursor", "field.cursor", "the cursor is not one of ours");
}

enum err api_cursor_read_text(struct api_call *call, struct str cursor, struct str *out)
{
    if (cursor.len == 0) {
        *out = STR("");
        return OK;
    }
    struct str text;
    if (base64_decode(call->arena, cursor, &text) != OK || utf8_check(text) != OK)
        return bad_cursor();
    *out = text;
    return OK;
}

struct str api_cursor_make_text(struct api_call *call, struct str text)
{
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, 4096);
    buf_add_base64url(&buf, text);
    return str_copy(call->arena, buf_str(&buf));
}

enum err api_cursor_read(struct api_call *call, struct str cursor, int64_t *first, int64_t *second)
{
    struct str text;
    enum err r = api_cursor_read_text(call, cursor, &text);
    if (r != OK)
        return r;
    int64_t a = 0, b = 0;
    size_t dot = str_find(text, STR("."), 0);
    if (text.len > 0 && (str_to_int(str_sub(text, 0, dot), &a) != OK ||
                         str_to_int(str_sub(text, dot + 1, text.len), &b) != OK))
        return bad_cursor();
    *first = a;
    *second = b;
    return OK;
}

struct str api_cursor_make(struct api_call *call, int64_t first, int64_t second)
{
    char text[64];
    snprintf(text, sizeof(text), "%" PRId64 ".%" PRId64, first, second);
    return api_cursor_make_text(call, str_of(text));
}

/* Does an If-Match or If-None-Match list name this version? */
static bool names_version(struct str list, int64_t version)
{
    char tag[32];
    snprintf(tag, sizeof(tag), "\"%" PRId64 "\"", version);
    return str_is(str_trim(list), "*") || str_find(list, str_of(tag), 0) < list.len;
}

enum err api_match_version(struct api_call *call, int64_t version)
{
    struct str asked = http_header(call->http, "If-Match");
    if (!asked.ptr || names_version(asked, version))
        return OK;
    return err_refuse(ERR_PRECONDITION, "version.old", "the version is %" PRId64 " by now",
                      version);
}

void api_set_location(struct api_call *call, const char *collection, int64_t id)
{
    call->location = str_format(call->arena, "%s/%" PRId64, collection, id).ptr;
}

void api_set_version(struct api_call *call, int64_t version)
{
    struct str seen = http_header(call->http, "If-None-Match");
    call->etag = str_c(call->arena, str_format(call->arena, "\"%" PRId64 "\"", version));
    if (call->route->query && seen.ptr && names_version(seen, version))
        call->status = 304;
}
