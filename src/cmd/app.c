#include "cmd/app.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/api.h"
#include "base/clock.h"
#include "base/id.h"
#include "channel/hub.h"
#include "journal/journal.h"
#include "park/case_act.h"
#include "park/heat_work.h"
#include "park/scheduler.h"
#include "park/seal.h"

enum { CONNECTIONS_MAX = LIMIT_SSE_STREAMS + 2000, HOUSEKEEPING_S = 60 };

struct app {
    struct arena arena;
    struct journal *journal;
    struct writer *writer;
    struct hub *hub;
    struct services *services;
    struct case_world *cases;
    struct scheduler *scheduler;
    struct heat_work *heat;
    struct api *_Atomic api; /* Commits are told to it once it is there. */
    struct http_server *server;
};

void app_options_init(struct app_options *options)
{
    *options = (struct app_options){.dir = "data",
                                    .host = "127.0.0.1",
                                    .port = 8080,
                                    .threads = 2,
                                    .write_rate = 50,
                                    .request_timeout_s = 20};
}

static bool read_listen(struct app_options *options, char *value)
{
    char *colon = strrchr(value, ':');
    int64_t port;
    if (!colon || str_to_int(str_of(colon + 1), &port) != OK || port < 0 || port > 65535)
        return false;
    *colon = '\0';
    if (value[0] == '[' && colon[-1] == ']') { /* [::1]:8080 */
        colon[-1] = '\0';
        value++;
    }
    options->host = value;
    options->port = (int)port;
    return true;
}

static bool read_number(const char *value, int low, int high, int *out)
{
    int64_t number;
    if (str_to_int(str_of(value), &number) != OK || number < low || number > high)
        return false;
    *out = (int)number;
    return true;
}

static bool read_option(struct app_options *options, const char *name, char *value, bool *known)
{
    struct str option = str_of(name);
    *known = true;
    if (str_is(option, "--dir"))
        return (options->dir = value) != NULL;
    if (str_is(option, "--listen"))
        return read_listen(options, value);
    if (str_is(option, "--web-dir"))
        return (options->web_dir = value) != NULL;
    if (str_is(option, "--heat-watch"))
        return (options->heat_watch = value) != NULL;
    if (str_is(option, "--services"))
        return (options->services_dir = value) != NULL;
    if (str_is(option, "--threads"))
        return read_number(value, 1, 32, &options->threads);
    if (str_is(option, "--write-rate"))
        return read_number(value, 0, 1000000, &options->write_rate);
    if (str_is(option, "--request-timeout"))
        return read_number(value, 1, 600, &options->request_timeout_s);
    *known = false;
    return false;
}

bool app_options_read(struct app_options *options, int argc, char **argv,
                      bool (*rest)(void *context, const char *name, const char *value),
                      void *context)
{
    for (int i = 0; i < argc; i++) {
        const char *name = argv[i];
        if (str_is(str_of(name), "--test-clock")) {
            options->test_clock = true;
            continue;
        }
        if (str_is(str_of(name), "--proxy")) {
            options->proxy = true;
            continue;
        }
        char *value = i + 1 < argc ? argv[++i] : NULL;
        bool known = false;
        bool good = value && read_option(options, name, value, &known);
        if (!good && !known && rest)
            good = rest(context, name, value);
        if (!good) {
            fprintf(stderr, "kuailian: %s%s%s\n", name, value ? " " : "", value ? value : "");
            return false;
        }
    }
    return true;
}

struct str app_store_path(struct arena *arena, const char *dir)
{
    return str_format(arena, "%s/park.db", dir);
}

struct str app_key_path(struct arena *arena, const char *dir)
{
    return str_format(arena, "%s/journal.key", dir);
}

static enum err before_commit(struct db_tx *tx, void *context)
{
    struct app *app = context;
    return journal_before_commit(tx, app->journal);
}

static void after_commit(bool committed, void *context)
{
    struct app *app = context;
    access_settle();
    if (committed && app->hub)
        hub_notify(app->hub);
    if (committed && app->heat)
        heat_work_committed(app->heat);
    uint64_t news = process_news(case_world_processes(app->cases));
    struct api *api = app->api;
    if (api)
        api_tell(api, committed ? news : 0);
}

/* Ids go on behind all that the store holds, also if the clock was put back meanwhile. */
static enum err continue_ids(struct app *app, struct db *db)
{
    struct journal_head head;
    enum err r = journal_head(db, &app->arena, 1, &head);
    if (r == OK)
        id_after(id_next(head.time_us + SECOND_US));
    return r == ERR_NOT_FOUND ? OK : r;
}

/* Schema and signing key, before anything else touches the store. */
static enum err prepare_store(struct app *app, const char *dir, const char *store)
{
    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return err_set(ERR_IO, "cannot make %s: %s", dir, strerror(errno));
    struct db *db;
    enum err r = db_open(store, DB_WRITE, &db);
    if (r != OK)
        return r;
    struct str key = app_key_path(&app->arena, dir);
    r = db_migrate(db);
    if (r == OK)
        r = journal_open(db, key.ptr, APP_ORIGIN, &app->journal);
    if (r == OK)
        r = seal_open_key(str_format(&app->arena, "%s/seal.key", dir).ptr);
    if (r == OK)
        r = continue_ids(app, db);
    db_close(db);
    return r;
}

static enum err start_all(struct app *app, const struct app_options *options)
{
    struct str store = app_store_path(&app->arena, options->dir);
    enum err r = prepare_store(app, options->dir, store.ptr);
    struct writer_hooks hooks = {
        .before_commit = before_commit, .after_commit = after_commit, .context = app};
    if (r == OK)
        r = hub_start(store.ptr, &app->hub);
    if (r == OK)
        r = services_load(options->services_dir, &app->services);
    if (r == OK)
        r = case_world_new(app->services, &app->cases);
    if (r == OK)
        r = writer_start(store.ptr, &hooks, &app->writer);
    struct heat_work_config heat = {.store = store.ptr,
                                    .dir = options->dir,
                                    .watched = options->heat_watch,
                                    .writer = app->writer};
    if (r == OK)
        r = heat_work_start(&heat, &app->heat);
    struct api_config config = {.store = store.ptr,
                                .writer = app->writer,
                                .journal = app->journal,
                                .cases = app->cases,
                                .heat = app->heat,
                                .hub = app->hub,
                                .web_dir = options->web_dir,
                                .test_clock = options->test_clock,
                                .write_rate = options->write_rate};
    struct api *api = NULL;
    if (r == OK)
        r = scheduler_start(store.ptr, app->writer, app->cases, &app->scheduler);
    if (r == OK)
        r = api_new(&config, &api);
    app->api = api;
    struct http_config http = {.host = options->host,
                               .port = options->port,
                               .threads = options->threads,
                               .connections_max = CONNECTIONS_MAX,
                               .request_timeout_s = options->request_timeout_s,
                               .trust_proxy = options->proxy,
                               .body_max = api_body_max,
                               .handle = api_handle,
                               .refuse = api_refuse,
                               .context = api};
    return r == OK ? http_start(&http, &app->server) : r;
}

/* New requests first, then what runs, then what it needs. */
static void stop_all(struct app *app)
{
    if (app->server)
        http_quiesce(app->server);
    if (app->api)
        api_quiesce(app->api);
    http_free(app->server);
    if (app->api)
        api_stop(app->api);
    if (app->heat)
        heat_work_stop(app->heat);
    scheduler_free(app->scheduler);
    writer_free(app->writer);
    heat_work_free(app->heat); /* The writer has told it of each commit. */
    hub_free(app->hub);
    api_free(app->api);
    case_world_free(app->cases);
    services_free(app->services);
    journal_free(app->journal);
}

/* Each connection is a file to the system. */
static void allow_many_files(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
}

enum err app_start(const struct app_options *options, struct app **out)
{
    struct app *app = calloc(1, sizeof(*app));
    assert(app);
    arena_init(&app->arena);
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stop, NULL); /* All threads inherit it; app_run waits for them. */
    signal(SIGPIPE, SIG_IGN);
    allow_many_files();
    if (options->test_clock)
        clock_set_test(clock_now_us());
    enum err r = start_all(app, options);
    if (r != OK) {
        struct err_info why = *err_last();
        app_free(app);
        err_restore(&why);
        return r;
    }
    *out = app;
    return OK;
}

int app_port(const struct app *app)
{
    return http_port(app->server);
}

void app_run(struct app *app)
{
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    for (bool stopped = false; !stopped;) {
        struct timespec wait = {.tv_sec = HOUSEKEEPING_S};
        stopped = sigtimedwait(&stop, NULL, &wait) > 0;
        if (!stopped)
            api_housekeep(app->api);
    }
    app_free(app);
}

void app_free(struct app *app)
{
    stop_all(app);
    arena_release(&app->arena);
    free(app);
}
