/* As many timers as are asked for fall due in the same second; requests go on meanwhile.
 *
 * usage: bench-timers DIR COUNT        (in the checkout: it reads services/)
 *
 * Prints how long it takes until all have fired and their processes are over, and how long a
 * request takes (one that starts an instance, answered after its commit), alone and beside the
 * timers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/writer.h"
#include "journal/journal.h"
#include "park/process.h"
#include "park/scheduler.h"
#include "park/service.h"

enum { PARK = 1, TIMES_MAX = 20000, REST_US = 2000 };

static struct case_world *cases;
static struct writer *writer;
static int64_t waiting, idle; /* Definitions: one waits for its timer, one ends at once. */

static void die(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, err_last()->detail);
    exit(1);
}

static struct process_env env_of(struct db_tx *tx, struct arena *arena)
{
    return (struct process_env){.tx = tx,
                                .arena = arena,
                                .world = case_world_processes(cases),
                                .park_id = PARK,
                                .now_us = clock_now_us()};
}

static enum err deploy(struct process_env *env, const char *key, const char *event, int64_t *out)
{
    struct str xml = str_format(
        env->arena,
        "<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL'><process id='%s' "
        "isExecutable='true'><startEvent id='s'/><sequenceFlow id='f' sourceRef='s' "
        "targetRef='w'/>%s<sequenceFlow id='g' sourceRef='w' targetRef='e'/><endEvent id='e'/>"
        "</process></definitions>",
        key, event);
    struct process_file file = {.name = str_format(env->arena, "%s.bpmn", key), .bytes = xml};
    struct process_files files;
    struct list deployed;
    int64_t id;
    enum err r = process_files_read(env->arena, &file, 1, &files);
    if (r == OK)
        r = process_deploy(env, &files, &id, &deployed);
    if (r == OK)
        *out = ((const struct process_deployed *)deployed.items)->id;
    return r;
}

static enum err start(struct process_env *env, int64_t definition)
{
    struct process_start in = {.definition_id = definition};
    struct process_created created;
    return process_create(env, &in, &created);
}

static enum err run_begin(struct db_tx *tx, struct command *command)
{
    (void)command;
    CLEANUP(arena_release) struct arena arena = {0};
    struct process_env env = env_of(tx, &arena);
    enum err r = deploy(&env, "waits",
                        "<intermediateCatchEvent id='w'><timerEventDefinition><timeDuration>PT1S"
                        "</timeDuration></timerEventDefinition></intermediateCatchEvent>",
                        &waiting);
    if (r == OK)
        r = deploy(&env, "ends", "<task id='w'/>", &idle);
    return r == OK ? start(&env, waiting) : r;
}

static enum err run_request(struct db_tx *tx, struct command *command)
{
    (void)command;
    CLEANUP(arena_release) struct arena arena = {0};
    struct process_env env = env_of(tx, &arena);
    return start(&env, idle);
}

static void copy_waiting(const char *store, int64_t count)
{
    char sql[1200];
    snprintf(sql, sizeof(sql),
             "BEGIN; CREATE TEMP TABLE n AS WITH RECURSIVE k (i) AS (SELECT 1 UNION ALL SELECT "
             "i + 1 FROM k WHERE i < %lld) SELECT i * 16 AS d FROM k;"
             "INSERT INTO process_instance (park_id, id, definition_id, state, started_us, "
             "ended_us, incidents, parent_id, parent_token, wake_us, blob) SELECT park_id, id - "
             "n.d, definition_id, state, "
             "started_us, ended_us, incidents, parent_id, parent_token, wake_us, blob FROM "
             "process_instance, n WHERE id = (SELECT max(id) FROM process_instance);"
             "INSERT INTO process_element SELECT park_id, instance_id - n.d, token, id - n.d, "
             "scope, element, name, type, state, started_us, ended_us FROM process_element, n "
             "WHERE instance_id = (SELECT max(id) FROM process_instance); COMMIT",
             (long long)count - 1);
    struct db *db;
    if (db_open(store, DB_WRITE, &db) != OK || db_execute(db, sql) != OK)
        die("copy");
    db_close(db);
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Requests one after the other until `done` says so. */
static void ask(const char *name, struct scheduler *scheduler, int64_t woken, int64_t until_us)
{
    static int64_t times[TIMES_MAX];
    size_t count = 0;
    for (bool over = false; !over && count < TIMES_MAX; usleep(REST_US)) {
        struct command request = {.run = run_request};
        int64_t began = clock_monotonic_us();
        if (writer_run(writer, &request) != OK)
            die("request");
        times[count++] = clock_monotonic_us() - began;
        struct scheduler_stats stats = {0};
        if (scheduler)
            scheduler_read_stats(scheduler, &stats);
        over = scheduler ? stats.woken >= woken : clock_monotonic_us() > until_us;
    }
    qsort(times, count, sizeof(*times), by_time);
    printf("%s_requests %zu %s_p50_ms %.2f %s_p99_ms %.2f %s_max_ms %.2f\n", name, count, name,
           (double)times[count / 2] / 1000, name, (double)times[count * 99 / 100] / 1000, name,
           (double)times[count - 1] / 1000);
}

static void open_writer(const char *store, struct journal *journal)
{
    struct writer_hooks hooks = {.before_commit = journal_before_commit, .context = journal};
    if (writer_start(store, &hooks, &writer) != OK)
        die("writer");
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    char store[400], key[400];
    snprintf(store, sizeof(store), "%s/park.db", argv[1]);
    snprintf(key, sizeof(key), "%s/journal.key", argv[1]);
    int64_t count = atoll(argv[2]);
    struct db *db;
    struct journal *journal;
    struct services *services;
    struct scheduler *scheduler;
    if (db_open(store, DB_WRITE, &db) != OK || db_migrate(db) != OK ||
        journal_open(db, key, STR("bench"), &journal) != OK ||
        services_load("services", &services) != OK || case_world_new(services, &cases) != OK)
        die("store");
    if (db_execute(db, "INSERT INTO park (id, name, time_zone, sample, created_us, version) "
                       "VALUES (1, 'bench', 'Asia/Shanghai', 1, 0, 1)") != OK)
        die("park");
    db_close(db);
    open_writer(store, journal);
    struct command begin = {.run = run_begin};
    if (writer_run(writer, &begin) != OK)
        die("begin");
    writer_free(writer);
    copy_waiting(store, count);
    open_writer(store, journal);
    ask("alone", NULL, 0, clock_monotonic_us() + 2 * SECOND_US);
    int64_t began = clock_monotonic_us();
    if (scheduler_start(store, writer, cases, &scheduler) != OK)
        die("scheduler");
    ask("beside", scheduler, count, 0);
    double seconds = (double)(clock_monotonic_us() - began) / SECOND_US;
    struct scheduler_stats stats;
    scheduler_read_stats(scheduler, &stats);
    printf("timers %lld failed %lld seconds %.1f timers_s %.0f\n", (long long)stats.woken,
           (long long)stats.failed, seconds, (double)stats.woken / seconds);
    scheduler_free(scheduler);
    writer_free(writer);
    case_world_free(cases);
    services_free(services);
    journal_free(journal);
    return 0;
}
