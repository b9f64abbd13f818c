/* The HTTP/1.1 server: strict about what it reads, and the only place that knows its library.
 *
 * A few threads serve all connections. Once a whole request stands, the handler is called on one of
 * them; it answers at once, or suspends the request and lets any thread answer later, or opens an
 * endless stream. All memory of a request is its arena's and dies after the answer is sent.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include "base/base.h"

struct http_request;
struct http_server;

struct str http_method(const struct http_request *request);      /* "GET" */
struct str http_path(const struct http_request *request);        /* Decoded, no "..", no "//". */
struct str http_query(const struct http_request *request);       /* Raw, behind the '?'. */
struct str http_target_text(const struct http_request *request); /* Path and query as sent. */
struct str http_body(const struct http_request *request);
struct str http_header(const struct http_request *request, const char *name); /* Absent if not. */
struct str http_cookie(const struct http_request *request, const char *name);
struct str http_peer(const struct http_request *request); /* Address without port. */
struct arena *http_arena(struct http_request *request);

/* The handler's own pointer, NULL at first. */
void *http_user(const struct http_request *request);
void http_set_user(struct http_request *request, void *user);

/* Before the answer: both texts are copied by then. At most HTTP_ANSWER_FIELDS. */
enum { HTTP_ANSWER_FIELDS = 16 };
void http_set_header(struct http_request *request, const char *name, const char *value);

/* Puts the request to sleep: call it before another thread can see the request. */
void http_suspend(struct http_request *request);

/* Has the client of a suspended request left? From any thread. */
bool http_gone(const struct http_request *request);

/* Answers, once, from any thread; afterwards the request belongs to the server again. Takes over
 * the memory of `body`, which may be NULL. */
void http_answer(struct http_request *request, int status, struct buf *body);
/* The same with bytes that live as long as the program. */
void http_answer_static(struct http_request *request, int status, struct str body);

/* Endless answers: server-sent events. ------------------------------------------------------- */

struct http_stream;

struct http_stream_calls {
    /* HTTP thread: writes at most `room` bytes to `to`. 0: nothing now, sleep until woken. */
    size_t (*read)(void *context, char *to, size_t room);
    /* The client left, or the server stops. The last call. */
    void (*closed)(void *context);
};

/* Answers 200 with a body that `calls->read` provides; call it inside the handler. */
struct http_stream *http_stream_open(struct http_request *request,
                                     const struct http_stream_calls *calls, void *context);
/* Lets `read` be called again; from any thread, as long as `closed` has not been called. */
void http_stream_wake(struct http_stream *stream);
/* Ends the answer after what `read` has given. */
void http_stream_end(struct http_stream *stream);

/* The server. -------------------------------------------------------------------------------- */

struct http_config {
    const char *host; /* Address to listen on, e.g. "127.0.0.1" or "::". */
    int port;         /* 0 lets the system choose. */
    int threads;
    int connections_max;
    int request_timeout_s; /* For a request to arrive whole; also how long an idle one stays. */
    bool trust_proxy;      /* X-Forwarded-For names the peer: only behind a proxy that sets it. */
    /* Head read: how large a body this request may have. Its body is not read yet. */
    size_t (*body_max)(void *context, struct http_request *request);
    /* The whole request stands. */
    void (*handle)(void *context, struct http_request *request);
    /* The request was refused before `handle`: writes the answer's body. */
    void (*refuse)(void *context, struct http_request *request, enum err why);
    void *context;
};

struct http_stats {
    int64_t requests, refused, connections, streams;
};

/* ERR_IO if the address cannot be used. */
MUST_USE enum err http_start(const struct http_config *config, struct http_server **out);
int http_port(const struct http_server *server);
void http_read_stats(struct http_server *server, struct http_stats *out);
/* Of the server that has this request. */
void http_request_stats(struct http_request *request, struct http_stats *out);

/* Graceful stop in three steps: no new connections; all suspended requests are answered by their
 * owners; then http_free ends the streams, sends what is still to be sent, and returns. */
void http_quiesce(struct http_server *server);
void http_free(struct http_server *server);

#endif
