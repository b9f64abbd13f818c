/* For whoever runs the program: is it alive, and what does it do? */
#include <stdio.h>
#include <unistd.h>

#include "api/inside.h"
#include "base/clock.h"

static enum err healthz(struct api_call *call)
{
    call->content_type = "text/plain; charset=utf-8";
    buf_add_c(call->out, "ok\n");
    return OK;
}

static void head(struct buf *out, const char *name, const char *kind, const char *help)
{
    buf_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind);
}

static void value(struct buf *out, const char *name, const char *kind, const char *help,
                  int64_t number)
{
    head(out, name, kind, help);
    buf_format(out, "%s %" PRId64 "\n", name, number);
}

static void seconds(struct buf *out, const char *name, const char *help, int64_t us)
{
    head(out, name, "counter", help);
    buf_format(out, "%s %.6f\n", name, (double)us / (double)SECOND_US);
}

static void write_writer(struct buf *out, struct writer *writer)
{
    struct writer_stats stats;
    writer_read_stats(writer, &stats);
    value(out, "kuailian_commands_total", "counter", "Commands that the writer ran.",
          stats.commands);
    value(out, "kuailian_commands_refused_total", "counter", "Commands that ended in an error.",
          stats.refused);
    value(out, "kuailian_commits_total", "counter", "Transactions of one or more commands.",
          stats.batches);
    value(out, "kuailian_commits_lost_total", "counter", "Transactions that could not commit.",
          stats.lost_batches);
    seconds(out, "kuailian_commit_seconds_total", "Time spent in commits.", stats.commit_us);
}

static const char *method_name(enum http_method_set method)
{
    static const char *const names[] = {"", "GET", "POST", "PUT", "PATCH", "DELETE"};
    return names[method];
}

enum route_metric { ROUTE_COUNT, ROUTE_FAILED, ROUTE_TIME };

static void write_route(struct buf *out, const char *name, const struct route *route,
                        const struct route_stats *stats, enum route_metric metric)
{
    if (atomic_load(&stats->count) == 0)
        return;
    buf_format(out, "%s{method=\"%s\",route=\"%s\"} ", name, method_name(route->method),
               route->path);
    if (metric == ROUTE_TIME)
        buf_format(out, "%.6f\n", (double)atomic_load(&stats->time_us) / (double)SECOND_US);
    else
        buf_format(out, "%" PRId64 "\n",
                   metric == ROUTE_COUNT ? atomic_load(&stats->count)
                                         : atomic_load(&stats->failed));
}

static void write_routes(struct buf *out, const struct api *api, const char *name, const char *help,
                         enum route_metric metric)
{
    size_t number = 0;
    head(out, name, "counter", help);
    for (const struct route *const *table = API_ROUTES; *table; table++)
        for (const struct route *route = *table; route->method; route++)
            write_route(out, name, route, &api->stats[number++], metric);
}

static int64_t resident_bytes(void)
{
    long pages = 0, ignored;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return 0;
    if (fscanf(file, "%ld %ld", &ignored, &pages) != 2)
        pages = 0;
    fclose(file);
    return (int64_t)pages * sysconf(_SC_PAGESIZE);
}

/* From this machine, or with a right to look behind the scenes. */
static bool may_look(const struct api_call *call)
{
    struct str peer = http_peer(call->http);
    return str_is(peer, "127.0.0.1") || str_is(peer, "::1") ||
           access_has(&call->who, ROLE_SYSTEM_ADMIN | ROLE_AUDITOR);
}

static enum err metrics(struct api_call *call)
{
    struct api *api = call->api;
    struct buf *out = call->out;
    struct http_stats stats;
    if (!may_look(call))
        return err_set(ERR_NOT_FOUND, "metrics are for this machine and for administrators");
    call->content_type = "text/plain; version=0.0.4; charset=utf-8";
    http_request_stats(call->http, &stats);
    value(out, "kuailian_http_requests_total", "counter", "Requests whose head was read.",
          stats.requests);
    value(out, "kuailian_http_refused_total", "counter", "Requests refused as malformed.",
          stats.refused);
    value(out, "kuailian_http_connections", "gauge", "Open connections.", stats.connections);
    value(out, "kuailian_event_streams", "gauge", "Open event streams.", stats.streams);
    value(out, "kuailian_resident_bytes", "gauge", "Memory in use.", resident_bytes());
    write_writer(out, api->config.writer);
    write_routes(out, api, "kuailian_route_requests_total", "Answers by route.", ROUTE_COUNT);
    write_routes(out, api, "kuailian_route_failures_total", "Answers 500 and above.", ROUTE_FAILED);
    write_routes(out, api, "kuailian_route_seconds_total", "Time to the answer.", ROUTE_TIME);
    return OK;
}

const struct route METRICS_ROUTES[] = {
    {GET, "/healthz", PUBLIC, .query = healthz, .reply_type = "text/plain",
     .doc = "200 while the program serves"},
    {GET, "/metrics", PUBLIC, .query = metrics, .reply_type = "text/plain",
     .doc = "Prometheus metrics, for this machine and administrators"},
    ROUTE_END};
