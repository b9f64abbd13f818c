#include "api/api.h"

#include <stdio.h>
#include <stdlib.h>

#include "api/inside.h"
#include "base/clock.h"
#include "park/account_sql.h"

struct api_call_state *api_state(struct api_call *call)
{
    return (struct api_call_state *)call; /* Its first member. */
}

enum err api_thread(struct api *api, struct api_thread **out)
{
    static _Thread_local struct api_thread *mine;
    static _Thread_local uint64_t mine_of; /* An API that is gone may have had the same address. */
    if (mine_of != api->serial) {
        struct db *db;
        enum err r = db_open(api->config.store, DB_READ, &db);
        if (r != OK)
            return r;
        mine = calloc(1, sizeof(*mine));
        assert(mine);
        *mine = (struct api_thread){.db = db, .cache = auth_cache_new()};
        mine_of = api->serial;
        pthread_mutex_lock(&api->lock);
        assert(api->thread_count < COUNT_OF(api->threads));
        api->threads[api->thread_count++] = mine;
        pthread_mutex_unlock(&api->lock);
    }
    *out = mine;
    return OK;
}

enum err api_db(struct api *api, struct db **out)
{
    struct api_thread *thread;
    enum err r = api_thread(api, &thread);
    if (r == OK)
        *out = thread->db;
    return r;
}

/* Answers. ------------------------------------------------------------------------------------ */

void answer_set_security(struct http_request *request, bool html)
{
    http_set_header(request, "X-Content-Type-Options", "nosniff");
    http_set_header(
        request, "Content-Security-Policy",
        html ? "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
               "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
               "object-src 'none'; base-uri 'none'; form-action 'self'; "
               "frame-ancestors 'none'"
             : "default-src 'none'; frame-ancestors 'none'; sandbox");
    if (!html)
        return;
    http_set_header(request, "Referrer-Policy", "same-origin");
    http_set_header(request, "Permissions-Policy", "geolocation=(self), camera=(self)");
    http_set_header(request, "Cross-Origin-Opener-Policy", "same-origin");
}

static void count(struct api_call_state *state)
{
    struct route_stats *stats = &state->call.api->stats[state->route_number];
    if (!state->call.route)
        return;
    atomic_fetch_add_explicit(&stats->count, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&stats->time_us, clock_monotonic_us() - state->begin_us,
                              memory_order_relaxed);
    if (state->call.status >= 500)
        atomic_fetch_add_explicit(&stats->failed, 1, memory_order_relaxed);
}

/* From the last line on, the call's memory may be gone. */
static void send_answer(struct api_call_state *state)
{
    struct api_call *call = &state->call;
    struct http_request *request = call->http;
    int status = call->status;
    http_set_header(request, "Content-Type", call->content_type);
    http_set_header(request, "Cache-Control", call->cache ? call->cache : "no-store");
    answer_set_security(request, false);
    const struct {
        const char *name, *value;
    } optional[] = {{"ETag", call->etag},
                    {"Location", call->location},
                    {"Set-Cookie", call->cookie},
                    {"Content-Disposition", call->disposition},
                    {"Allow", status == 405 ? state->allow : NULL},
                    {"WWW-Authenticate", status == 401 ? "Bearer" : NULL},
                    {"Retry-After", status == 429 || status == 503 ? "5" : NULL}};
    for (size_t i = 0; i < COUNT_OF(optional); i++)
        if (optional[i].value)
            http_set_header(request, optional[i].name, optional[i].value);
    if (status == 304 || status == 204)
        buf_clear(call->out);
    count(state);
    http_answer(request, status, call->out);
}

static void log_failure(const struct api_call *call, enum err why)
{
    const struct err_info *info = err_last();
    fprintf(stderr, "kuailian: %.*s %.*s: %s: %s\n", STR_ARG(http_method(call->http)),
            STR_ARG(http_path(call->http)), err_name(why), info->code == why ? info->detail : "");
}

static void send_problem(struct api_call_state *state, enum err why)
{
    if (err_http_status(why) >= 500 && why != ERR_BUSY)
        log_failure(&state->call, why);
    if (api_reply_problem(&state->call, why) == OK)
        send_answer(state);
}

void api_finish(struct api_call_state *state, enum err r)
{
    if (r == OK)
        r = buf_check(state->call.out);
    if (r != OK)
        send_problem(state, r);
    else if (!state->call.is_stream)
        send_answer(state);
}

/* Commands. ----------------------------------------------------------------------------------- */

static struct api_call_state *state_of(struct command *command)
{
    return (struct api_call_state *)((char *)command - offsetof(struct api_call_state, command));
}

static enum err command_run(struct db_tx *tx, struct command *command)
{
    struct api_call_state *state = state_of(command);
    struct api_call *call = &state->call;
    bool found = false;
    call->db = tx->db;
    if (state->waits) {
        buf_clear(call->out);
        call->json = json_writer(call->out);
        call->now_us = clock_now_us();
        state->waits = false;
    }
    enum err r = idempotency_find(state, tx, &found);
    if (r == OK && !found) {
        r = state->again ? state->again(call, tx) : call->route->command(call, tx);
        if (r == OK && !state->waits)
            r = idempotency_keep(state, tx);
    }
    return r;
}

static void command_done(struct command *command)
{
    struct api_call *call = &state_of(command)->call;
    if (command->result != OK)
        err_restore(&command->error);
    else if (call->park_id) /* The first start has just made it. */
        atomic_store(&call->api->park_id, call->park_id);
    if (command->result == OK && state_of(command)->waits)
        wait_add(state_of(command));
    else
        api_finish(state_of(command), command->result);
}

static void suspend(struct api_call_state *state)
{
    if (!state->suspended)
        http_suspend(state->call.http);
    state->suspended = true;
}

void api_submit(struct api_call_state *state)
{
    suspend(state);
    state->command = (struct command){.run = command_run, .done = command_done};
    enum err r = writer_submit(state->call.api->config.writer, &state->command);
    if (r != OK)
        api_finish(state, r);
}

/* Queries. ------------------------------------------------------------------------------------ */

static enum err read_with(struct api_call *call, api_query *read)
{
    enum err r = api_db(call->api, &call->db);
    if (r == OK)
        r = db_snapshot_begin(call->db);
    if (r != OK)
        return r;
    r = read(call);
    db_snapshot_end(call->db);
    return r;
}

void api_run_slow(struct api_call_state *state)
{
    struct api_call *call = &state->call;
    const struct route *route = call->route;
    enum err r = read_with(call, route->query ? route->query : route->prepare);
    if (r != OK || route->query)
        api_finish(state, r);
    else
        api_submit(state);
}

/* Entry. -------------------------------------------------------------------------------------- */

static enum err open_call(struct api_call_state *state, const struct route_match *match)
{
    struct api_call *call = &state->call;
    if (!match->route) {
        state->allow = match->allow;
        return match->allow ? err_set(ERR_METHOD, "the path takes: %s", match->allow)
                            : err_refuse(ERR_NOT_FOUND, "route", "there is no such path");
    }
    for (size_t i = 0; i < API_PATH_IDS_MAX; i++) {
        call->path_text[i] = match->text[i];
        if (str_to_int(match->text[i], &call->path_id[i]) != OK || call->path_id[i] < 0)
            call->path_id[i] = 0;
    }
    return auth_call(state);
}

static bool is_asset(struct http_request *request, const struct route_match *match)
{
    struct str path = http_path(request), method = http_method(request);
    return !match->route && !match->allow && !str_starts(path, STR("/api/")) &&
           !str_starts(path, STR("/v2/")) && (str_is(method, "GET") || str_is(method, "HEAD"));
}

size_t api_body_max(void *context, struct http_request *request)
{
    struct api *api = context;
    struct arena *arena = http_arena(request);
    struct route_match match;
    router_match(api->router, http_method(request), http_path(request), &match);
    if (is_asset(request, &match)) /* The user stays NULL: no call. */
        return 0;
    struct api_call_state *state = ARENA_NEW(arena, struct api_call_state);
    struct api_call *call = &state->call;
    state->begin_us = clock_monotonic_us();
    state->route_number = match.number;
    buf_init(&state->out, LIMIT_HTTP_REPLY);
    *call =
        (struct api_call){.api = api,
                          .journal = api->config.journal,
                          .cases = api->config.cases,
                          .heat = api->config.heat,
                          .route = match.route,
                          .http = request,
                          .arena = arena,
                          .park_id = atomic_load(&api->park_id),
                          .now_us = clock_now_us(),
                          .out = &state->out,
                          .json = json_writer(&state->out),
                          .content_type = "application/json",
                          .status = match.route && match.route->status ? match.route->status : 200};
    http_set_user(request, state);
    state->refused = open_call(state, &match);
    if (state->refused != OK) {
        state->why = *err_last();
        return LIMIT_HTTP_BODY; /* Read and dropped, so that the answer arrives. */
    }
    if (match.route->raw_types)
        return match.route->raw_max ? match.route->raw_max : LIMIT_HTTP_UPLOAD;
    return LIMIT_HTTP_BODY;
}

static enum err begin(struct api_call_state *state)
{
    if (state->refused != OK) {
        err_restore(&state->why);
        return state->refused;
    }
    struct api *api = state->call.api;
    const struct route *route = state->call.route;
    struct principal *who = &state->call.who;
    if (route->command && api->writes && who->person_id) {
        struct str id = {.ptr = (const char *)&who->person_id, .len = sizeof(who->person_id)};
        enum err r = rate_take(api->writes, hash_of(id));
        if (r != OK)
            return r;
    }
    enum err r = decode_call(state);
    return r == OK && route->command ? idempotency_prepare(state) : r;
}

void api_handle(void *context, struct http_request *request)
{
    struct api_call_state *state = http_user(request);
    if (!state) {
        asset_answer(context, request);
        return;
    }
    const struct route *route = state->call.route;
    enum err r = begin(state);
    if (r != OK) {
        api_finish(state, r);
    } else if (route->prepare || route->slow) {
        suspend(state);
        r = slow_submit(state->call.api, state);
        if (r != OK)
            api_finish(state, r);
    } else if (route->query) {
        api_finish(state, read_with(&state->call, route->query));
    } else {
        api_submit(state);
    }
}

void api_refuse(void *context, struct http_request *request, enum err why)
{
    struct buf out;
    (void)context;
    buf_init(&out, 4096);
    struct json_writer json = json_writer(&out);
    int status = api_problem_status(request, why);
    api_write_problem(&json, why, status);
    http_set_header(request, "Content-Type", "application/problem+json");
    http_set_header(request, "Cache-Control", "no-store");
    answer_set_security(request, false);
    http_answer(request, status, &out);
}

/* Life. --------------------------------------------------------------------------------------- */

static enum err load_park(struct api *api)
{
    struct db *db;
    enum err r = api_db(api, &db);
    struct park_first_row row;
    if (r == OK)
        r = sql_park_first(db, &row);
    if (r == ERR_NOT_FOUND)
        return OK;
    if (r == OK)
        atomic_store(&api->park_id, row.id);
    return r;
}

enum err api_new(const struct api_config *config, struct api **out)
{
    struct api *api = calloc(1, sizeof(*api));
    assert(api);
    static _Atomic uint64_t serials;
    api->serial = ++serials;
    api->config = *config;
    pthread_mutex_init(&api->lock, NULL);
    pthread_cond_init(&api->wake, NULL);
    pthread_mutex_init(&api->wait_lock, NULL);
    pthread_cond_init(&api->wait_wake, NULL);
    arena_init(&api->arena);
    api->router = router_new(&api->arena, &api->route_count);
    api->stats = ARENA_ARRAY(&api->arena, api->route_count, struct route_stats);
    if (config->write_rate > 0) {
        api->writes = rate_new(&api->arena, config->write_rate, 4.0 * config->write_rate);
        api->logins = rate_new(&api->arena, LOGIN_RATE, LOGIN_BURST);
    }
    enum err r = load_park(api);
    if (r == OK)
        r = slow_start(api);
    if (r == OK)
        r = wait_start(api);
    if (r != OK) {
        api_free(api);
        return r;
    }
    *out = api;
    return OK;
}

void api_free(struct api *api)
{
    if (!api)
        return;
    api_quiesce(api);
    api_stop(api);
    for (size_t i = 0; i < api->thread_count; i++) {
        auth_cache_free(api->threads[i]->cache);
        db_close(api->threads[i]->db);
        free(api->threads[i]);
    }
    arena_release(&api->arena);
    pthread_cond_destroy(&api->wake);
    pthread_cond_destroy(&api->wait_wake);
    pthread_mutex_destroy(&api->wait_lock);
    pthread_mutex_destroy(&api->lock);
    free(api);
}
