/* Opens many event streams, then files one case and times how long until every stream has it.
 *
 * usage: bench-sse HOST PORT PID STREAM_TOKEN CONTACT_TOKEN ENTERPRISE_ID STREAMS
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "loader.h"

struct stream {
    int fd;
    bool open, served;
};

static int64_t memory_kb(const char *pid)
{
    char path[64], line[256];
    int64_t kb = 0;
    snprintf(path, sizeof(path), "/proc/%s/status", pid);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof(line), file))
        if (strncmp(line, "VmRSS:", 6) == 0)
            kb = strtoll(line + 6, NULL, 10);
    if (file)
        fclose(file);
    return kb;
}

static int open_stream(const char *host, int port, const char *token, int number)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, host, &to.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    /* One address has too few ports for them all: spread over the loopback range. */
    struct sockaddr_in from = {.sin_family = AF_INET};
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)(number / 10000));
    if (fd < 0 || bind(fd, (struct sockaddr *)&from, sizeof(from)) != 0 ||
        connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
        return -1;
    char request[512];
    int n = snprintf(request, sizeof(request),
                     "GET /events HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\n"
                     "Accept: text/event-stream\r\n\r\n",
                     token);
    return send(fd, request, (size_t)n, MSG_NOSIGNAL) == n ? fd : -1;
}

static struct load_plan plan;
static struct str case_body;
static const char *contact_token;
static bool sent;

static bool next_filing(struct load_connection *connection, struct buf *out)
{
    (void)connection;
    if (sent)
        return false;
    sent = true;
    load_request(out, "POST", "/api/v1/cases", contact_token, case_body);
    return true;
}

static bool filed(struct load_connection *connection, int status, struct str body)
{
    (void)connection;
    if (status != 201)
        fprintf(stderr, "filing: %d %.*s\n", status, STR_ARG(body));
    return status == 201;
}

/* Reads what the streams say until all have said `wanted`, or nothing comes for ten seconds. */
static int wait_for(struct stream *streams, int count, int epoll, const char *wanted)
{
    int served = 0;
    struct epoll_event events[512];
    for (int i = 0; i < count; i++)
        streams[i].served = false;
    while (served < count) {
        int n = epoll_wait(epoll, events, COUNT_OF(events), 10000);
        if (n <= 0)
            break;
        for (int i = 0; i < n; i++) {
            struct stream *stream = events[i].data.ptr;
            char text[8192];
            ssize_t got = recv(stream->fd, text, sizeof(text), 0);
            if (got <= 0) {
                epoll_ctl(epoll, EPOLL_CTL_DEL, stream->fd, NULL);
                continue;
            }
            if (!stream->served && memmem(text, (size_t)got, wanted, strlen(wanted))) {
                stream->served = true;
                served++;
            }
        }
    }
    return served;
}

int main(int argc, char **argv)
{
    if (argc != 8) {
        fprintf(stderr, "usage: %s HOST PORT PID STREAM_TOKEN CONTACT_TOKEN ENTERPRISE STREAMS\n",
                argv[0]);
        return 2;
    }
    int port = atoi(argv[2]), count = atoi(argv[7]);
    contact_token = argv[5];
    struct rlimit files = {200000, 200000};
    setrlimit(RLIMIT_NOFILE, &files);
    struct stream *streams = calloc((size_t)count, sizeof(*streams));
    int epoll = epoll_create1(0);
    int64_t before_kb = memory_kb(argv[3]), begin_us = clock_monotonic_us();
    for (int i = 0; i < count; i++) {
        streams[i].fd = open_stream(argv[1], port, argv[4], i);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &streams[i]};
        if (streams[i].fd < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, streams[i].fd, &event) != 0) {
            fprintf(stderr, "stream %d: %s\n", i, strerror(errno));
            return 1;
        }
    }
    int opened = wait_for(streams, count, epoll, "200 OK");
    int64_t opened_us = clock_monotonic_us() - begin_us;
    int64_t after_kb = memory_kb(argv[3]);

    struct buf body;
    buf_init(&body, 1024);
    buf_format(&body,
               "{\"service\":\"request\",\"enterprise_id\":\"%s\",\"form\":{\"title\":\"bench\","
               "\"category\":\"consult\",\"text\":\"bench text\"}}",
               argv[6]);
    case_body = buf_str(&body);
    void *none[1] = {NULL};
    plan = (struct load_plan){.host = argv[1],
                              .port = port,
                              .connections = 1,
                              .next = next_filing,
                              .answer = filed,
                              .contexts = none};
    struct load_result result;
    begin_us = clock_monotonic_us();
    if (load_run(&plan, &result) != OK) {
        fprintf(stderr, "%s\n", err_last()->detail);
        return 1;
    }
    int served = wait_for(streams, count, epoll, "event: case");
    int64_t fanned_us = clock_monotonic_us() - begin_us;
    printf("streams %d opened %d in_ms %lld memory_before_mb %.1f memory_after_mb %.1f "
           "served %d fan_out_ms %lld\n",
           count, opened, (long long)opened_us / 1000, (double)before_kb / 1024,
           (double)after_kb / 1024, served, (long long)fanned_us / 1000);
    buf_release(&body);
    free(streams);
    return opened == count && served == count ? 0 : 1;
}
