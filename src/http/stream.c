#include <stdlib.h>

#include "http/request.h"

enum { STREAM_BLOCK = 128 }; /* A hint for the library; events may be longer. */

struct http_stream {
    struct http_server *server;
    struct MHD_Connection *connection;
    const struct http_stream_calls *calls;
    void *context;
    pthread_mutex_t lock; /* Held while `read` runs, so that no wake is lost between 0 and sleep. */
    bool asleep, ended;
    struct http_stream *previous, *next;
};

static ssize_t stream_read(void *argument, uint64_t at, char *to, size_t room)
{
    struct http_stream *stream = argument;
    (void)at;
    pthread_mutex_lock(&stream->lock);
    size_t got = stream->calls->read(stream->context, to, room);
    if (got == 0 && !stream->ended) {
        stream->asleep = true;
        MHD_suspend_connection(stream->connection);
    }
    bool ended = got == 0 && stream->ended;
    pthread_mutex_unlock(&stream->lock);
    return ended ? MHD_CONTENT_READER_END_OF_STREAM : (ssize_t)got;
}

struct http_stream *http_stream_open(struct http_request *request,
                                     const struct http_stream_calls *calls, void *context)
{
    struct http_stream *stream = calloc(1, sizeof(*stream));
    assert(stream);
    stream->server = request->server;
    stream->connection = request->connection;
    stream->calls = calls;
    stream->context = context;
    pthread_mutex_init(&stream->lock, NULL);
    request->stream = stream;
    request->status = 200;
    atomic_store(&request->conn->deadline_us, 0);
    struct http_server *server = request->server;
    pthread_mutex_lock(&server->lock);
    stream->ended = server->ending;
    stream->next = server->streams;
    if (stream->next)
        stream->next->previous = stream;
    server->streams = stream;
    pthread_mutex_unlock(&server->lock);
    atomic_fetch_add(&server->open_streams, 1);
    atomic_store(&request->state, HTTP_STREAM);
    return stream;
}

struct MHD_Response *http_stream_response(struct http_request *request)
{
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, stream_read,
                                             request->stream, NULL);
}

static void wake(struct http_stream *stream, bool end)
{
    pthread_mutex_lock(&stream->lock);
    stream->ended = stream->ended || end;
    if (stream->asleep) {
        stream->asleep = false;
        MHD_resume_connection(stream->connection);
    }
    pthread_mutex_unlock(&stream->lock);
}

void http_stream_wake(struct http_stream *stream)
{
    wake(stream, false);
}

void http_stream_end(struct http_stream *stream)
{
    wake(stream, true);
}

void http_stream_end_all(struct http_server *server)
{
    pthread_mutex_lock(&server->lock);
    server->ending = true;
    for (struct http_stream *stream = server->streams; stream; stream = stream->next)
        http_stream_end(stream);
    pthread_mutex_unlock(&server->lock);
}

void http_stream_closed(struct http_stream *stream)
{
    struct http_server *server = stream->server;
    pthread_mutex_lock(&server->lock);
    if (stream->previous)
        stream->previous->next = stream->next;
    else
        server->streams = stream->next;
    if (stream->next)
        stream->next->previous = stream->previous;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
    atomic_fetch_sub(&server->open_streams, 1);
    stream->calls->closed(stream->context);
    pthread_mutex_destroy(&stream->lock);
    free(stream);
}
