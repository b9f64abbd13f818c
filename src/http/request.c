#include "http/request.h"

struct str http_method(const struct http_request *request)
{
    return request->head.method;
}

struct str http_path(const struct http_request *request)
{
    return request->path;
}

struct str http_query(const struct http_request *request)
{
    return request->query;
}

struct str http_target_text(const struct http_request *request)
{
    return request->head.target;
}

struct str http_body(const struct http_request *request)
{
    return request->body.ptr ? buf_str(&request->body) : STR("");
}

struct str http_header(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->head.count; i++)
        if (str_equal_nocase(request->head.fields[i].name, str_of(name)))
            return request->head.fields[i].value;
    return (struct str){0};
}

struct str http_cookie(const struct http_request *request, const char *name)
{
    return http_cookie_in(http_header(request, "Cookie"), str_of(name));
}

/* Behind a proxy the last entry is the one that the proxy itself wrote. */
struct str http_peer(const struct http_request *request)
{
    struct str list = request->server->config.trust_proxy ? http_header(request, "X-Forwarded-For")
                                                          : (struct str){0};
    if (list.len == 0)
        return request->peer;
    size_t begin = 0;
    for (size_t comma; (comma = str_find(list, STR(","), begin)) < list.len;)
        begin = comma + 1;
    return str_trim(str_sub(list, begin, list.len));
}

struct arena *http_arena(struct http_request *request)
{
    return &request->arena;
}

void *http_user(const struct http_request *request)
{
    return request->user;
}

void http_set_user(struct http_request *request, void *user)
{
    request->user = user;
}

void http_set_header(struct http_request *request, const char *name, const char *value)
{
    assert(request->field_count < HTTP_ANSWER_FIELDS);
    request->fields[request->field_count].name = name;
    request->fields[request->field_count++].value = value;
}

void http_suspend(struct http_request *request)
{
    request->suspended = true;
    MHD_suspend_connection(request->connection);
}

/* The state is stored last: from then on an HTTP thread may send the answer and free the request.
 */
static void finish(struct http_request *request, int status)
{
    struct MHD_Connection *connection = request->connection;
    bool suspended = request->suspended;
    request->status = status;
    atomic_store(&request->state, HTTP_ANSWERED);
    if (suspended)
        MHD_resume_connection(connection);
}

void http_answer(struct http_request *request, int status, struct buf *body)
{
    if (body) {
        request->answer = body->ptr;
        request->answer_len = body->len;
        *body = (struct buf){.max = body->max};
    }
    finish(request, status);
}

void http_answer_static(struct http_request *request, int status, struct str body)
{
    request->answer = (char *)(uintptr_t)body.ptr;
    request->answer_len = body.len;
    request->answer_static = true;
    finish(request, status);
}
