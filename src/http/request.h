/* A request inside src/http/: what the server keeps of it. Only this folder includes this. */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "http/check.h"
#include "http/http.h"

enum http_state {
    HTTP_HEAD,     /* The request line is there. */
    HTTP_BODY,     /* The head is good; the body comes in. */
    HTTP_RUNNING,  /* The handler has it. */
    HTTP_ANSWERED, /* The answer stands and waits to be sent. */
    HTTP_STREAM,
    HTTP_SENT, /* The library has the answer. */
};

/* One connection: what the janitor needs to end those that dawdle. */
struct http_conn {
    struct http_conn *previous, *next;
    int fd;
    _Atomic int64_t deadline_us; /* Monotonic; 0: none. */
};

struct http_request {
    struct http_server *server;
    struct MHD_Connection *connection;
    struct http_conn *conn;
    struct arena arena;
    _Atomic enum http_state state;
    struct http_head head;
    struct http_framing framing;
    struct str path, query, peer;
    const char *raw_target; /* In the library's buffer. */
    struct buf body;
    size_t body_max;
    enum err refused; /* Not OK: drop the body and answer with this. */
    struct err_info *why;
    void *user;
    bool suspended, counted;

    int status;
    char *answer;
    size_t answer_len;
    bool answer_static;
    struct {
        const char *name, *value;
    } fields[HTTP_ANSWER_FIELDS];
    size_t field_count;
    struct http_stream *stream;
};

struct http_server {
    struct http_config config;
    struct MHD_Daemon *daemon;
    int listener, port;
    _Atomic bool quiesced, closing;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct http_conn *conns; /* Guarded by lock, as are the janitor's fields. */
    bool stopping, ending;
    pthread_t janitor;
    struct http_stream *streams; /* Guarded by lock. */
    _Atomic int64_t requests, refused, connections, open_streams, running;
};

/* stream.c: the library's answer for a request that has become a stream. */
struct MHD_Response *http_stream_response(struct http_request *request);
/* The library is done with the stream's request. */
void http_stream_closed(struct http_stream *stream);
void http_stream_end_all(struct http_server *server);

#endif
