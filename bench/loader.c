#include "loader.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

enum { REQUEST_MAX = 1 << 20, ANSWER_MAX = 16 << 20, LATENCIES_MAX = 4000000 };

struct peer {
    struct load_connection public;
    int fd;
    struct buf out, in;
    int64_t begin_us;
};

struct run {
    const struct load_plan *plan;
    struct peer *peers;
    int open;
    uint32_t *latencies;
    size_t count;
};

void load_request(struct buf *out, const char *method, const char *path, const char *token,
                  struct str body)
{
    buf_format(out, "%s %s HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\n", method, path,
               token);
    if (body.ptr)
        buf_format(out, "Content-Type: application/json\r\nContent-Length: %zu\r\n", body.len);
    buf_add_c(out, "\r\n");
    buf_add_str(out, body);
}

static enum err peer_connect(const struct load_plan *plan, struct peer *peer)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)plan->port)};
    peer->fd = socket(AF_INET, SOCK_STREAM, 0);
    int on = 1;
    if (peer->fd < 0 || inet_pton(AF_INET, plan->host, &to.sin_addr) != 1 ||
        connect(peer->fd, (struct sockaddr *)&to, sizeof(to)) != 0)
        return err_set(ERR_IO, "cannot connect to %s:%d: %s", plan->host, plan->port,
                       strerror(errno));
    setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return OK;
}

static bool send_next(struct run *run, struct peer *peer)
{
    buf_clear(&peer->out);
    buf_clear(&peer->in);
    if (!run->plan->next(&peer->public, &peer->out)) {
        close(peer->fd);
        peer->fd = -1;
        run->open--;
        return true;
    }
    peer->begin_us = clock_monotonic_us();
    for (size_t sent = 0; sent < peer->out.len;) {
        ssize_t n = send(peer->fd, peer->out.ptr + sent, peer->out.len - sent, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        sent += (size_t)n;
    }
    return true;
}

/* Bytes of the whole answer once its head is here, 0 before. */
static size_t answer_size(struct str in, size_t *head, int *status)
{
    size_t end = str_find(in, STR("\r\n\r\n"), 0);
    if (end >= in.len || in.len < 12)
        return 0;
    *head = end + 4;
    *status = atoi(in.ptr + 9);
    static const char name[] = "content-length:";
    for (size_t at = str_find(in, STR("\r\n"), 0) + 2; at < end;
         at = str_find(in, STR("\r\n"), at) + 2)
        if (strncasecmp(in.ptr + at, name, sizeof(name) - 1) == 0)
            return *head + strtoul(in.ptr + at + sizeof(name) - 1, NULL, 10);
    return *head;
}

/* Reads what is there; hands a complete answer over and sends the next request. */
static bool receive(struct run *run, struct peer *peer)
{
    char chunk[65536];
    ssize_t n = recv(peer->fd, chunk, sizeof(chunk), 0);
    if (n <= 0)
        return false;
    buf_add(&peer->in, chunk, (size_t)n);
    size_t head = 0;
    int status = 0;
    size_t size = answer_size(buf_str(&peer->in), &head, &status);
    if (size == 0 || peer->in.len < size)
        return true;
    if (run->count < LATENCIES_MAX)
        run->latencies[run->count] = (uint32_t)(clock_monotonic_us() - peer->begin_us);
    run->count++;
    struct str body = str_sub(buf_str(&peer->in), head, size - head);
    return run->plan->answer(&peer->public, status, body) && send_next(run, peer);
}

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static enum err serve(struct run *run, int epoll)
{
    while (run->open > 0) {
        struct epoll_event events[256];
        int n = epoll_wait(epoll, events, COUNT_OF(events), 30000);
        if (n <= 0)
            return err_set(ERR_IO, "no answer for 30 s");
        for (int i = 0; i < n; i++)
            if (!receive(run, events[i].data.ptr))
                return err_set(ERR_IO, "a connection ended early: %s", err_last()->detail);
    }
    return OK;
}

static enum err start(struct run *run, int epoll)
{
    for (int i = 0; i < run->plan->connections; i++) {
        struct peer *peer = &run->peers[i];
        peer->public = (struct load_connection){.index = i, .context = run->plan->contexts[i]};
        buf_init(&peer->out, REQUEST_MAX);
        buf_init(&peer->in, ANSWER_MAX);
        enum err r = peer_connect(run->plan, peer);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};
        if (r == OK && epoll_ctl(epoll, EPOLL_CTL_ADD, peer->fd, &event) != 0)
            r = err_set(ERR_IO, "epoll: %s", strerror(errno));
        if (r == OK && !send_next(run, peer))
            r = err_set(ERR_IO, "cannot send: %s", strerror(errno));
        if (r != OK)
            return r;
    }
    return OK;
}

enum err load_run(const struct load_plan *plan, struct load_result *out)
{
    struct run run = {.plan = plan, .open = plan->connections};
    run.peers = calloc((size_t)plan->connections, sizeof(*run.peers));
    run.latencies = calloc(LATENCIES_MAX, sizeof(*run.latencies));
    assert(run.peers && run.latencies);
    int epoll = epoll_create1(0);
    int64_t begin_us = clock_monotonic_us();
    enum err r = start(&run, epoll);
    if (r == OK)
        r = serve(&run, epoll);
    int64_t elapsed_us = clock_monotonic_us() - begin_us;
    size_t kept = run.count < LATENCIES_MAX ? run.count : LATENCIES_MAX;
    qsort(run.latencies, kept, sizeof(*run.latencies), compare);
    if (r == OK)
        *out = (struct load_result){.requests = (int64_t)run.count,
                                    .elapsed_us = elapsed_us,
                                    .p50_us = kept ? run.latencies[kept / 2] : 0,
                                    .p99_us = kept ? run.latencies[kept * 99 / 100] : 0};
    for (int i = 0; i < plan->connections; i++) {
        if (run.peers[i].fd > 0)
            close(run.peers[i].fd);
        buf_release(&run.peers[i].out);
        buf_release(&run.peers[i].in);
    }
    close(epoll);
    free(run.latencies);
    free(run.peers);
    return r;
}
