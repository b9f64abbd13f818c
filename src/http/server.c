#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/request.h"

enum {
    CONNECTION_MEMORY = LIMIT_HTTP_HEADER * 2, /* The library touches half of it at once. */
    CONNECTION_IDLE_S = 75,
    DISCARD_MAX =
        4 * 1024 * 1024,       /* Read past a refused body's limit so that the answer arrives. */
    BODY_RATE_MIN = 32 * 1024, /* Bytes a second that an upload must reach on average. */
    ANSWER_TIME_S = 300,
    STOP_WAIT_S = 10,
};

static void set_deadline(struct http_conn *conn, int64_t seconds)
{
    int64_t at = seconds > 0 ? clock_monotonic_us() + seconds * SECOND_US : 0;
    atomic_store_explicit(&conn->deadline_us, at, memory_order_relaxed);
}

/* Connections. ------------------------------------------------------------------------------- */

static void conn_open(struct http_server *server, struct MHD_Connection *connection, void **kept)
{
    struct http_conn *conn = calloc(1, sizeof(*conn));
    assert(conn);
    conn->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    set_deadline(conn, server->config.request_timeout_s);
    pthread_mutex_lock(&server->lock);
    conn->next = server->conns;
    if (conn->next)
        conn->next->previous = conn;
    server->conns = conn;
    pthread_mutex_unlock(&server->lock);
    atomic_fetch_add(&server->connections, 1);
    *kept = conn;
}

static void conn_close(struct http_server *server, struct http_conn *conn)
{
    pthread_mutex_lock(&server->lock);
    if (conn->previous)
        conn->previous->next = conn->next;
    else
        server->conns = conn->next;
    if (conn->next)
        conn->next->previous = conn->previous;
    pthread_mutex_unlock(&server->lock);
    atomic_fetch_sub(&server->connections, 1);
    free(conn);
}

static void on_connection(void *context, struct MHD_Connection *connection, void **kept,
                          enum MHD_ConnectionNotificationCode what)
{
    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        conn_open(context, connection, kept);
    else
        conn_close(context, *kept);
}

/* The library's own timeout begins anew with every byte; this one does not. */
static void *janitor_main(void *argument)
{
    struct http_server *server = argument;
    pthread_mutex_lock(&server->lock);
    while (!server->stopping) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec++;
        pthread_cond_timedwait(&server->changed, &server->lock, &until);
        int64_t now = clock_monotonic_us();
        for (struct http_conn *conn = server->conns; conn; conn = conn->next) {
            int64_t deadline = atomic_load_explicit(&conn->deadline_us, memory_order_relaxed);
            if (deadline && now > deadline)
                shutdown(conn->fd, SHUT_RDWR);
        }
    }
    pthread_mutex_unlock(&server->lock);
    return NULL;
}

/* Requests. ---------------------------------------------------------------------------------- */

static void *on_target(void *context, const char *target, struct MHD_Connection *connection)
{
    struct http_request *request = calloc(1, sizeof(*request));
    assert(request);
    request->server = context;
    request->connection = connection;
    request->conn =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    arena_init(&request->arena);
    request->head.target = str_copy(&request->arena, str_of(target));
    request->raw_target = target;
    return request;
}

/* Paths are decoded by http_target, once. */
static size_t keep_escapes(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context, (void)connection;
    return strlen(text);
}

struct field_reader {
    struct http_field *fields;
    size_t count;
};

static enum MHD_Result read_field(void *context, enum MHD_ValueKind kind, const char *name,
                                  size_t name_len, const char *value, size_t value_len)
{
    struct field_reader *reader = context;
    (void)kind;
    if (reader->count < HTTP_FIELDS_MAX)
        reader->fields[reader->count] =
            (struct http_field){{.ptr = name, .len = name_len},
                                {.ptr = value ? value : "", .len = value ? value_len : 0}};
    reader->count++;
    return MHD_YES;
}

static void read_peer(struct http_request *request)
{
    const struct sockaddr *address =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)
            ->client_addr;
    char text[INET6_ADDRSTRLEN] = "";
    if (address->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, text,
                  sizeof(text));
    else if (address->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, text,
                  sizeof(text));
    request->peer = str_copy(&request->arena, str_of(text));
}

/* At `at` stands exactly one CRLF, which the library has overwritten with NULs. */
static bool is_line_end(const char *at)
{
    return at[0] == '\0' && at[1] == '\0';
}

/* The library ends texts at a NUL and skips or joins lines as it likes, so what it shows may not be
 * all that was sent. Its texts still stand in the order of the head: where one ends, the next must
 * begin. */
static bool is_seamless(const struct http_request *request, const char *version)
{
    const char *at = request->raw_target + request->head.target.len + 1;
    if (at != version)
        return false;
    at += strlen(version);
    for (size_t i = 0; i < request->head.count; i++) {
        const struct http_field *field = &request->head.fields[i];
        if (!is_line_end(at) || field->name.ptr != at + 2)
            return false;
        at = field->name.ptr + field->name.len + 1; /* Behind the colon. */
        while (*at == ' ' || *at == '\t')
            at++;
        if (field->value.len > 0 && at != field->value.ptr)
            return false;
        at += field->value.len;
        while (*at == ' ' || *at == '\t')
            at++;
    }
    return is_line_end(at) && is_line_end(at + 2); /* The empty line. */
}

static enum err read_head(struct http_request *request, const char *method, const char *version)
{
    struct field_reader reader = {
        .fields = ARENA_ARRAY(&request->arena, HTTP_FIELDS_MAX, struct http_field)};
    request->head.method = str_of(method);
    request->head.version = str_of(version);
    request->head.fields = reader.fields;
    MHD_get_connection_values_n(request->connection, MHD_HEADER_KIND, read_field, &reader);
    struct http_head head = request->head;
    head.count = reader.count;
    request->head.count = reader.count < HTTP_FIELDS_MAX ? reader.count : HTTP_FIELDS_MAX;
    read_peer(request);
    enum err r = http_check(&head, &request->framing);
    if (r == OK && !is_seamless(request, version))
        r = err_set(ERR_SYNTAX,
                    "the head holds a NUL, a folded line or a line end of its own kind");
    if (r != OK)
        return r;
    return http_target(&request->arena, request->head.target, &request->path, &request->query);
}

static void refuse(struct http_request *request, enum err why)
{
    request->refused = why;
    request->why = ARENA_NEW(&request->arena, struct err_info);
    *request->why = *err_last();
    atomic_fetch_add(&request->server->refused, 1);
}

static enum MHD_Result send_answer(struct http_request *request)
{
    struct MHD_Response *response =
        request->stream ? http_stream_response(request)
        : request->answer_static
            ? MHD_create_response_from_buffer(request->answer_len, request->answer,
                                              MHD_RESPMEM_PERSISTENT)
            : MHD_create_response_from_buffer(request->answer_len, request->answer,
                                              MHD_RESPMEM_MUST_FREE);
    if (!response)
        return MHD_NO;
    request->answer = NULL;
    for (size_t i = 0; i < request->field_count; i++)
        MHD_add_response_header(response, request->fields[i].name, request->fields[i].value);
    if (request->refused != OK || atomic_load(&request->server->quiesced))
        MHD_add_response_header(response, "Connection", "close");
    if (!request->stream)
        set_deadline(request->conn, ANSWER_TIME_S);
    if (request->stream) /* What an endless answer no longer needs. */
        arena_release(&request->arena);
    atomic_store(&request->state, HTTP_SENT);
    enum MHD_Result r =
        MHD_queue_response(request->connection, (unsigned)request->status, response);
    MHD_destroy_response(response);
    return r;
}

static enum MHD_Result answer_refused(struct http_request *request)
{
    struct http_server *server = request->server;
    err_restore(request->why);
    server->config.refuse(server->config.context, request, request->refused);
    return send_answer(request);
}

static bool is_too_long(const struct http_request *request)
{
    return request->framing.has_length && (uint64_t)request->framing.length > request->body_max;
}

static enum MHD_Result on_head(struct http_request *request, const char *method,
                               const char *version)
{
    struct http_server *server = request->server;
    atomic_fetch_add_explicit(&server->requests, 1, memory_order_relaxed);
    enum err r = read_head(request, method, version);
    if (r != OK) { /* How the body is framed is not known for sure: answer and close. */
        refuse(request, r);
        return answer_refused(request);
    }
    request->body_max = server->config.body_max(server->config.context, request);
    if (is_too_long(request)) {
        refuse(request, err_refuse(ERR_LIMIT, "request.too-large",
                                   "the body is larger than %zu bytes", request->body_max));
        return answer_refused(request);
    }
    buf_init(&request->body, request->body_max > 0 ? request->body_max : 1);
    int64_t expected =
        request->framing.chunked ? (int64_t)request->body_max : request->framing.length;
    set_deadline(request->conn, server->config.request_timeout_s + expected / BODY_RATE_MIN);
    atomic_store(&request->state, HTTP_BODY);
    return MHD_YES;
}

/* Too long for us and for the client to be worth reading on: say so on the bare socket. */
static enum MHD_Result cut_off(struct http_request *request)
{
    static const char answer[] = "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\n"
                                 "Content-Length: 0\r\n\r\n";
    ssize_t sent = send(request->conn->fd, answer, sizeof(answer) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    (void)sent;
    return MHD_NO;
}

static enum MHD_Result on_body(struct http_request *request, const char *bytes, size_t len)
{
    if (request->refused == OK && len > request->body_max - request->body.len) {
        refuse(request, err_refuse(ERR_LIMIT, "request.too-large",
                                   "the body is larger than %zu bytes", request->body_max));
        buf_release(&request->body);
        request->body_max = 0;
    }
    if (request->refused == OK) {
        buf_add(&request->body, bytes, len);
        return MHD_YES;
    }
    request->body_max += len; /* Counts what was thrown away. */
    return request->body_max > DISCARD_MAX ? cut_off(request) : MHD_YES;
}

static enum MHD_Result on_whole(struct http_request *request)
{
    struct http_server *server = request->server;
    set_deadline(request->conn, 0);
    if (request->refused != OK)
        return answer_refused(request);
    request->counted = true;
    atomic_fetch_add(&server->running, 1);
    if (atomic_load(&server->closing)) {
        refuse(request, err_refuse(ERR_BUSY, "busy", "the server is stopping"));
        return answer_refused(request);
    }
    atomic_store(&request->state, HTTP_RUNNING);
    server->config.handle(server->config.context, request);
    /* A suspended request comes back here through on_request; another thread may hold it now. */
    enum http_state state = atomic_load(&request->state);
    if (state == HTTP_STREAM || (state == HTTP_ANSWERED && !request->suspended))
        return send_answer(request);
    return MHD_YES;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *bytes,
                                  size_t *len, void **kept)
{
    struct http_request *request = *kept;
    (void)context, (void)connection, (void)url;
    switch (atomic_load(&request->state)) {
    case HTTP_HEAD:
        return on_head(request, method, version);
    case HTTP_BODY:
        if (*len > 0) {
            size_t got = *len;
            *len = 0;
            return on_body(request, bytes, got);
        }
        return on_whole(request);
    case HTTP_ANSWERED:
        return send_answer(request);
    default:
        return MHD_YES;
    }
}

static void on_completed(void *context, struct MHD_Connection *connection, void **kept,
                         enum MHD_RequestTerminationCode why)
{
    struct http_server *server = context;
    struct http_request *request = *kept;
    (void)connection, (void)why;
    if (!request)
        return;
    set_deadline(request->conn, CONNECTION_IDLE_S);
    if (request->stream)
        http_stream_closed(request->stream);
    if (request->counted)
        atomic_fetch_sub(&server->running, 1);
    if (!request->answer_static)
        free(request->answer);
    buf_release(&request->body);
    arena_release(&request->arena);
    free(request);
    *kept = NULL;
}

/* Starting and stopping. --------------------------------------------------------------------- */

static int open_listener(const struct http_config *config)
{
    char port[16];
    snprintf(port, sizeof(port), "%d", config->port);
    struct addrinfo want = {.ai_family = AF_UNSPEC,
                            .ai_socktype = SOCK_STREAM,
                            .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *found;
    if (getaddrinfo(config->host, port, &want, &found) != 0)
        return -1;
    int one = 1;
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool good = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
                bind(fd, found->ai_addr, found->ai_addrlen) == 0 && listen(fd, 1024) == 0;
    freeaddrinfo(found);
    if (!good && fd >= 0) {
        int why = errno;
        close(fd);
        errno = why;
    }
    return good ? fd : -1;
}

static struct MHD_Daemon *start_daemon(struct http_server *server, int fd)
{
    const struct http_config *config = &server->config;
    return MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
        on_request, server, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE,
        (unsigned)config->threads, MHD_OPTION_CONNECTION_LIMIT, (unsigned)config->connections_max,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)CONNECTION_IDLE_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT,
        1, MHD_OPTION_NOTIFY_COMPLETED, on_completed, server, MHD_OPTION_NOTIFY_CONNECTION,
        on_connection, server, MHD_OPTION_URI_LOG_CALLBACK, on_target, server,
        MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, server, MHD_OPTION_END);
}

bool http_gone(const struct http_request *request)
{
    char byte;
    return recv(request->conn->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static int bound_port(int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof(address);
    if (getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        return 0;
    return ntohs(address.ss_family == AF_INET6
                     ? ((struct sockaddr_in6 *)(void *)&address)->sin6_port
                     : ((struct sockaddr_in *)(void *)&address)->sin_port);
}

enum err http_start(const struct http_config *config, struct http_server **out)
{
    struct http_server *server = calloc(1, sizeof(*server));
    assert(server);
    server->config = *config;
    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->changed, NULL);
    int fd = server->listener = open_listener(config);
    if (fd >= 0)
        server->daemon = start_daemon(server, fd);
    bool good = server->daemon && pthread_create(&server->janitor, NULL, janitor_main, server) == 0;
    if (!good) {
        enum err r = err_set(ERR_IO, "cannot listen on %s port %d: %s", config->host, config->port,
                             strerror(errno));
        if (server->daemon)
            MHD_stop_daemon(server->daemon);
        else if (fd >= 0)
            close(fd);
        free(server);
        return r;
    }
    server->port = bound_port(fd);
    *out = server;
    return OK;
}

int http_port(const struct http_server *server)
{
    return server->port;
}

void http_read_stats(struct http_server *server, struct http_stats *out)
{
    *out = (struct http_stats){.requests = atomic_load(&server->requests),
                               .refused = atomic_load(&server->refused),
                               .connections = atomic_load(&server->connections),
                               .streams = atomic_load(&server->open_streams)};
}

void http_request_stats(struct http_request *request, struct http_stats *out)
{
    http_read_stats(request->server, out);
}

void http_quiesce(struct http_server *server)
{
    if (!atomic_exchange(&server->quiesced, true))
        MHD_quiesce_daemon(server->daemon); /* Hands back the listener, which is ours to close. */
}

/* Waits until `count` is zero, at most STOP_WAIT_S. */
static void await_zero(_Atomic int64_t *count)
{
    for (int64_t begin = clock_monotonic_us();
         atomic_load(count) > 0 && clock_monotonic_us() - begin < STOP_WAIT_S * SECOND_US;)
        usleep(2000);
}

void http_free(struct http_server *server)
{
    if (!server)
        return;
    http_quiesce(server);
    http_stream_end_all(server);
    await_zero(&server->open_streams);
    await_zero(&server->running);
    /* Connections that are still open may send more. The library must not be stopped while one
     * waits, so what comes now is refused, and what slipped in before is waited for. */
    atomic_store(&server->closing, true);
    await_zero(&server->running);
    pthread_mutex_lock(&server->lock);
    server->stopping = true;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
    pthread_join(server->janitor, NULL);
    MHD_stop_daemon(server->daemon);
    close(server->listener);
    pthread_cond_destroy(&server->changed);
    pthread_mutex_destroy(&server->lock);
    free(server);
}
