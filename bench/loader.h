/* A small HTTP/1.1 load generator: many keep-alive connections, one thread, epoll.
 *
 * Each connection is a script: it asks `next` for a request, sends it, hands the answer to
 * `answer`, and so on until `next` says that it is done.
 */
#ifndef BENCH_LOADER_H
#define BENCH_LOADER_H

#include "base/base.h"

struct load_connection {
    int index;     /* 0 … connections - 1 */
    void *context; /* The caller's, per connection. */
};

struct load_plan {
    const char *host;
    int port;
    int connections;
    /* Writes one whole request into `out` (empty on entry). False ends the connection. */
    bool (*next)(struct load_connection *connection, struct buf *out);
    /* The body is valid during the call. False ends the whole run with an error. */
    bool (*answer)(struct load_connection *connection, int status, struct str body);
    void **contexts; /* One per connection. */
};

struct load_result {
    int64_t requests;
    int64_t elapsed_us;
    int64_t p50_us, p99_us; /* Of one request, by the client's clock. */
};

MUST_USE enum err load_run(const struct load_plan *plan, struct load_result *out);

/* Writes "METHOD path HTTP/1.1" with the headers that every call of the benchmarks has. */
void load_request(struct buf *out, const char *method, const char *path, const char *token,
                  struct str body);

#endif
