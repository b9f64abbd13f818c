/* Processes from start to end through the writer: every command journalled, its head signed, and on
 * disk before it is answered.
 *
 * usage: bench-engine DIR TASKS SECONDS OPEN
 *
 * TASKS service tasks in a row; each takes two commands, as a worker sends them: one that activates
 * a job and one that completes it. OPEN instances wait beside. Then SQLite alone puts the rows that
 * are left into the same schema (of_rows), does so once more with what was written on the way
 * (of_writes); and it appends to a bare table as many bytes as the store grew by (of_plain), and
 * so many that the disk gets what the run wrote to it (of_written).
 */
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "floor.h"

#include "base/clock.h"
#include "db/writer.h"
#include "journal/journal.h"
#include "park/process.h"

enum { SLOTS = 256, PARK = 1 };

static struct process_world *world;
static int64_t definition, rounds;
static _Atomic int64_t completed, commands;
static _Atomic int running, active;
static struct writer *writer;
static char base[400], raw[400];

/* One client: starts an instance, then is a worker until as many jobs are done as it has. */
struct slot {
    struct command command;
    int64_t stage, job;
};

static void die(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, err_last()->detail);
    exit(1);
}

static enum err activate(struct process_env *env, struct slot *slot)
{
    struct process_activation in = {
        .type = STR("work"), .worker = STR("bench"), .timeout_us = HOUR_US, .max = 1};
    struct list jobs;
    enum err r = process_activate(env, &in, &jobs);
    slot->job = r == OK && jobs.count ? ((const struct process_job *)jobs.items)->id : 0;
    return r;
}

static enum err run_slot(struct db_tx *tx, struct command *command)
{
    struct slot *slot = (struct slot *)command;
    CLEANUP(arena_release) struct arena arena = {0};
    struct process_env env = {.tx = tx,
                              .arena = &arena,
                              .world = world,
                              .park_id = PARK,
                              .now_us = clock_now_us(),
                              .actor_id = 7};
    if (slot->stage == 0) {
        struct process_start start = {.definition_id = definition,
                                      .variables = STR("{\"amount\":120,\"who\":\"li\"}")};
        struct process_created created;
        return process_create(&env, &start, &created);
    }
    if (slot->stage % 2 == 1)
        return activate(&env, slot);
    return slot->job ? process_job_done(&env, slot->job, STR("{\"ok\":true}")) : OK;
}

static void on_done(struct command *command)
{
    struct slot *slot = (struct slot *)command;
    if (command->result != OK) {
        fprintf(stderr, "stage %lld: %s\n", (long long)slot->stage, command->error.detail);
        exit(1);
    }
    commands++;
    if (slot->stage++ == rounds * 2) {
        completed++;
        slot->stage = 0;
    }
    if (slot->stage == 0 && !running)
        active--;
    else if (writer_submit(writer, command) != OK)
        die("submit");
}

static enum err run_deploy(struct db_tx *tx, struct command *command)
{
    (void)command;
    CLEANUP(arena_release) struct arena arena = {0};
    CLEANUP(buf_release) struct buf xml;
    buf_init(&xml, LIMIT_XML_SIZE);
    buf_add_c(&xml, "<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL' "
                    "xmlns:zeebe='http://camunda.org/schema/zeebe/1.0'><process id='bench' "
                    "isExecutable='true'><startEvent id='t0'/>");
    for (int64_t i = 1; i <= rounds; i++)
        buf_format(&xml,
                   "<sequenceFlow id='f%d' sourceRef='t%d' targetRef='t%d'/><serviceTask id='t%d'>"
                   "<extensionElements><zeebe:taskDefinition type='work'/></extensionElements>"
                   "</serviceTask>",
                   (int)i, (int)i - 1, (int)i, (int)i);
    buf_format(&xml, "<sequenceFlow id='f' sourceRef='t%d' targetRef='e'/><endEvent id='e'/>",
               (int)rounds);
    buf_add_c(&xml, "</process></definitions>");
    struct process_file file = {.name = STR("bench.bpmn"), .bytes = buf_str(&xml)};
    struct process_files files;
    struct process_env env = {
        .tx = tx, .arena = &arena, .world = world, .park_id = PARK, .now_us = clock_now_us()};
    struct list deployed;
    int64_t id;
    enum err r = process_files_read(&arena, &file, 1, &files);
    if (r == OK)
        r = process_deploy(&env, &files, &id, &deployed);
    if (r == OK)
        definition = ((const struct process_deployed *)deployed.items)->id;
    return r;
}

static enum err run_create(struct db_tx *tx, struct command *command)
{
    struct slot *slot = (struct slot *)command;
    slot->stage = 0;
    return run_slot(tx, command);
}

/* Copies of one that waits, its rows and its place in every index. */
static void open_many(const char *store, int64_t count)
{
    static const char SQL[] =
        "BEGIN;"
        "CREATE TEMP TABLE n AS WITH RECURSIVE k (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k "
        "WHERE i < %lld) SELECT i * 16 AS d FROM k;"
        "INSERT INTO process_instance (park_id, id, definition_id, state, started_us, "
        "ended_us, incidents, parent_id, parent_token, wake_us, blob) SELECT park_id, id - n.d, "
        "definition_id, state, started_us, "
        "ended_us, incidents, parent_id, parent_token, wake_us, blob FROM process_instance, n "
        "WHERE id = (SELECT max(id) FROM process_instance);"
        "INSERT INTO process_element SELECT park_id, instance_id - n.d, token, id - n.d, scope, "
        "element, name, type, state, started_us, ended_us FROM process_element, n WHERE "
        "instance_id = (SELECT max(id) FROM process_instance);"
        "INSERT INTO process_job SELECT park_id, id - n.d, instance_id - n.d, token, 'other', "
        "element, retries, ready_us, worker, headers, message FROM process_job, n WHERE "
        "instance_id = (SELECT max(id) FROM process_instance);"
        "UPDATE process_job SET type = 'other';"
        "COMMIT;";
    char sql[2048];
    snprintf(sql, sizeof(sql), SQL, (long long)count);
    struct db *db;
    if (db_open(store, DB_WRITE, &db) != OK || db_execute(db, sql) != OK)
        die("open many");
    db_close(db);
}

/* ---- The floors ---- */

/* What is written on the way and leaves no row, or no new one. */
struct churn {
    sqlite3_stmt *statements[5];
};

static void prepare_churn(sqlite3 *to, struct churn *out)
{
    static const char *const texts[] = {
        "INSERT INTO process_job VALUES (1, ?1, ?2, ?3, 'work', 't1', 3, 1, NULL, '{}', NULL)",
        "UPDATE process_job SET worker = 'bench', ready_us = 2 WHERE park_id = 1 AND id = ?1",
        "DELETE FROM process_job WHERE park_id = 1 AND instance_id = ?2 AND token = ?3",
        "UPDATE process_element SET ended_us = ended_us + 1 WHERE park_id = 1 AND "
        "instance_id = ?2 AND token = ?3",
        "UPDATE process_instance SET ended_us = 1, blob = zeroblob(120) WHERE park_id = 1 AND "
        "id = ?2"};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (sqlite3_prepare_v2(to, texts[i], -1, &out->statements[i], NULL) != SQLITE_OK)
            exit(1);
}

static void run_churn(sqlite3 *to, const char *table, sqlite3_value **row)
{
    static struct churn churn;
    if (strcmp(table, "process_element") != 0 ||
        strcmp((const char *)sqlite3_value_text(row[7]), "SERVICE_TASK") != 0)
        return;
    if (!churn.statements[0])
        prepare_churn(to, &churn);
    for (size_t i = 0; i < COUNT_OF(churn.statements); i++) {
        sqlite3_stmt *at = churn.statements[i];
        int count = sqlite3_bind_parameter_count(at);
        sqlite3_bind_value(at, 1, row[3]);
        if (count > 1)
            sqlite3_bind_value(at, 2, row[1]);
        if (count > 2)
            sqlite3_bind_value(at, 3, row[2]);
        if (sqlite3_step(at) != SQLITE_DONE)
            exit(1);
        sqlite3_reset(at);
    }
}

static void measure(const char *store, int64_t seconds, int64_t open)
{
    static struct slot slots[SLOTS];
    struct writer_stats before, after;
    int64_t size = file_size(store), written = bytes_written(), began = clock_now_us();
    writer_read_stats(writer, &before);
    running = 1;
    active = SLOTS;
    for (int i = 0; i < SLOTS; i++) {
        slots[i].command = (struct command){.run = run_slot, .done = on_done};
        if (writer_submit(writer, &slots[i].command) != OK)
            die("submit");
    }
    sleep((unsigned)seconds);
    running = 0;
    while (active > 0)
        usleep(1000);
    double took = (double)(clock_now_us() - began) / SECOND_US;
    writer_read_stats(writer, &after);
    writer_stop(writer);
    checkpoint(store);
    written = bytes_written() - written;
    int64_t bytes = file_size(store) - size, commits = after.batches - before.batches;
    struct floor floor = {.base = base, .store = store, .raw = raw, .commits = commits};
    double rows = open ? 0 : floor_rows(&floor);
    double plain = open ? 0 : floor_plain(&floor, commands, bytes);
    double same = open ? 0 : floor_plain(&floor, commands, written / 2);
    floor.after_row = run_churn;
    double writes = open ? 0 : floor_rows(&floor);
    printf("instances_s %.0f commands_s %.0f commit_ms %.2f batch %.1f bytes_instance %lld "
           "written_instance %lld of_rows %.3f of_writes %.3f of_plain %.3f of_written %.3f\n",
           (double)completed / took, (double)commands / took,
           (double)(after.commit_us - before.commit_us) / (double)commits / 1000,
           (double)commands / (double)commits, (long long)(bytes / completed),
           (long long)(written / completed), rows / took, writes / took, plain / took, same / took);
}

static void start(const char *store, struct journal *journal)
{
    struct writer_hooks hooks = {.before_commit = journal_before_commit, .context = journal};
    if (writer_start(store, &hooks, &writer) != OK)
        die("writer");
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    char store[400], key[400];
    snprintf(store, sizeof(store), "%s/park.db", argv[1]);
    snprintf(key, sizeof(key), "%s/journal.key", argv[1]);
    snprintf(raw, sizeof(raw), "%s/raw.db", argv[1]);
    snprintf(base, sizeof(base), "%s/base.db", argv[1]);
    rounds = atoll(argv[2]);
    int64_t open = atoll(argv[4]);
    struct db *db;
    struct journal *journal;
    if (db_open(store, DB_WRITE, &db) != OK || db_migrate(db) != OK ||
        journal_open(db, key, STR("bench"), &journal) != OK)
        die("store");
    db_close(db);
    world = process_world_new();
    start(store, journal);
    struct command deploy = {.run = run_deploy};
    struct slot first = {.command = {.run = run_create}};
    if (writer_run(writer, &deploy) != OK)
        die("deploy");
    if (open > 0 && writer_run(writer, &first.command) != OK)
        die("create");
    writer_free(writer);
    if (open > 0)
        open_many(store, open);
    file_copy(store, base);
    start(store, journal);
    measure(store, atoll(argv[3]), open);
    writer_free(writer);
    process_world_free(world);
    journal_free(journal);
    return 0;
}
