/* Processes from start to end through the writer: every command journalled, its head signed, and on
 * disk before it is answered.
 *
 * usage: bench-engine DIR TASKS SECONDS OPEN
 *
 * TASKS service tasks in a row; each takes two commands, as a worker sends them: one that activates
 * a job and one that completes it. OPEN instances wait beside. Then SQLite alone inserts the very
 * rows that are left, into the same schema, in as many commits on the same disk: the floor, for
 * which no row is ever changed or deleted, nothing is read, and all values are at hand. Lower
 * still: as many bytes as the store grew by, appended to a bare table, a blob a command.
 */
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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
        "INSERT INTO process_instance SELECT park_id, id - n.d, definition_id, state, started_us, "
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

static int64_t size_of(const char *store, const char *end)
{
    char path[512];
    struct stat found;
    snprintf(path, sizeof(path), "%s%s", store, end);
    return stat(path, &found) == 0 ? found.st_size : 0;
}

static void checkpoint(const char *store)
{
    struct db *db;
    if (db_open(store, DB_WRITE, &db) != OK ||
        db_execute(db, "PRAGMA wal_checkpoint(TRUNCATE)") != OK)
        die("checkpoint");
    db_close(db);
}

static void sql(sqlite3 *db, const char *text)
{
    if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", text, sqlite3_errmsg(db));
        exit(1);
    }
}

/* ---- The floor ---- */

static const char *const TABLES[] = {"process_instance", "process_element", "process_variable",
                                     "journal_entry", "journal_node"};

struct rows {
    sqlite3_stmt *insert;
    sqlite3_value **values;
    size_t columns, count, room;
};

static void load_rows(sqlite3 *from, sqlite3 *to, const char *table, struct rows *out)
{
    char text[128];
    sqlite3_stmt *all;
    snprintf(text, sizeof(text), "SELECT * FROM %s", table);
    if (sqlite3_prepare_v2(from, text, -1, &all, NULL) != SQLITE_OK)
        exit(1);
    out->columns = (size_t)sqlite3_column_count(all);
    while (sqlite3_step(all) == SQLITE_ROW) {
        if (out->count == out->room) {
            out->room = out->room ? out->room * 2 : 1024;
            out->values = realloc(out->values, out->room * out->columns * sizeof(*out->values));
            if (!out->values)
                exit(1);
        }
        sqlite3_value **row = &out->values[out->count++ * out->columns];
        for (size_t i = 0; i < out->columns; i++)
            row[i] = sqlite3_value_dup(sqlite3_column_value(all, (int)i));
    }
    sqlite3_finalize(all);
    int len = snprintf(text, sizeof(text), "INSERT INTO %s VALUES (?", table);
    for (size_t i = 1; i < out->columns; i++)
        len += snprintf(text + len, sizeof(text) - (size_t)len, ",?");
    snprintf(text + len, sizeof(text) - (size_t)len, ")");
    if (sqlite3_prepare_v2(to, text, -1, &out->insert, NULL) != SQLITE_OK)
        exit(1);
}

static void insert_row(struct rows *rows, size_t index)
{
    for (size_t i = 0; i < rows->columns; i++)
        sqlite3_bind_value(rows->insert, (int)i + 1, rows->values[index * rows->columns + i]);
    if (sqlite3_step(rows->insert) != SQLITE_DONE)
        exit(1);
    sqlite3_reset(rows->insert);
}

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

static void run_churn(struct churn *churn, const struct rows *elements, size_t index)
{
    sqlite3_value **row = &elements->values[index * elements->columns];
    if (strcmp((const char *)sqlite3_value_text(row[7]), "SERVICE_TASK") != 0)
        return;
    for (size_t i = 0; i < COUNT_OF(churn->statements); i++) {
        sqlite3_stmt *at = churn->statements[i];
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

static double raw_seconds(const char *store, const char *path, int64_t commits, bool all)
{
    struct db *made;
    sqlite3 *from, *to;
    struct rows rows[COUNT_OF(TABLES)] = {0};
    struct churn churn = {0};
    unlink(path);
    if (db_open(path, DB_WRITE, &made) != OK || db_migrate(made) != OK)
        die("the floor's store");
    db_close(made);
    if (sqlite3_open(store, &from) != SQLITE_OK || sqlite3_open(path, &to) != SQLITE_OK)
        exit(1);
    sql(to, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000;"
            "PRAGMA cache_size=-65536");
    for (size_t i = 0; i < COUNT_OF(TABLES); i++)
        load_rows(from, to, TABLES[i], &rows[i]);
    prepare_churn(to, &churn);
    size_t total = (size_t)commits, done[COUNT_OF(TABLES)] = {0};
    int64_t began = clock_now_us();
    for (size_t i = 1; i <= total; i++) {
        sql(to, "BEGIN IMMEDIATE");
        for (size_t k = 0; k < COUNT_OF(TABLES); k++)
            for (; done[k] < rows[k].count * i / total; done[k]++) {
                insert_row(&rows[k], done[k]);
                if (all && k == 1)
                    run_churn(&churn, &rows[k], done[k]);
            }
        sql(to, "COMMIT");
    }
    double seconds = (double)(clock_now_us() - began) / SECOND_US;
    for (size_t i = 0; i < COUNT_OF(TABLES); i++)
        sqlite3_finalize(rows[i].insert);
    for (size_t i = 0; i < COUNT_OF(churn.statements); i++)
        sqlite3_finalize(churn.statements[i]);
    sqlite3_close(to);
    sqlite3_close(from);
    return seconds; /* The process ends now; the values go with it. */
}

/* No columns, no index, no structure: what the disk and SQLite's log take for so many bytes. */
static double plain_seconds(const char *path, int64_t commits, int64_t count, int64_t bytes)
{
    static char blob[64 * 1024];
    sqlite3 *to;
    sqlite3_stmt *insert;
    unlink(path);
    if (sqlite3_open(path, &to) != SQLITE_OK)
        exit(1);
    sql(to, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000;"
            "PRAGMA cache_size=-65536; CREATE TABLE plain (bytes BLOB NOT NULL)");
    if (sqlite3_prepare_v2(to, "INSERT INTO plain VALUES (?1)", -1, &insert, NULL) != SQLITE_OK)
        exit(1);
    int size = (int)(bytes / count);
    assert(size <= (int)sizeof(blob));
    memset(blob, 'x', sizeof(blob));
    int64_t began = clock_now_us(), done = 0;
    for (int64_t i = 1; i <= commits; i++) {
        sql(to, "BEGIN IMMEDIATE");
        for (; done < count * i / commits; done++) {
            sqlite3_bind_blob(insert, 1, blob, size, SQLITE_STATIC);
            if (sqlite3_step(insert) != SQLITE_DONE)
                exit(1);
            sqlite3_reset(insert);
        }
        sql(to, "COMMIT");
    }
    double seconds = (double)(clock_now_us() - began) / SECOND_US;
    sqlite3_finalize(insert);
    sqlite3_close(to);
    return seconds;
}

static void measure(const char *store, const char *raw, int64_t seconds, int64_t open)
{
    static struct slot slots[SLOTS];
    struct writer_stats before, after;
    int64_t size = size_of(store, ""), began = clock_now_us();
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
    int64_t bytes = size_of(store, "") - size, commits = after.batches - before.batches;
    double rows = open ? 0 : raw_seconds(store, raw, commits, false);
    double writes = open ? 0 : raw_seconds(store, raw, commits, true);
    double plain = open ? 0 : plain_seconds(raw, commits, commands, bytes);
    printf("instances_s %.0f commands_s %.0f commit_ms %.2f batch %.1f bytes_instance %lld "
           "of_rows %.3f of_writes %.3f of_plain %.3f\n",
           (double)completed / took, (double)commands / took,
           (double)(after.commit_us - before.commit_us) / (double)commits / 1000,
           (double)commands / (double)commits, (long long)(bytes / completed), rows / took,
           writes / took, plain / took);
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
    char store[400], key[400], raw[400];
    snprintf(store, sizeof(store), "%s/park.db", argv[1]);
    snprintf(key, sizeof(key), "%s/journal.key", argv[1]);
    snprintf(raw, sizeof(raw), "%s/raw.db", argv[1]);
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
    if (open > 0) {
        if (writer_run(writer, &first.command) != OK)
            die("create");
        writer_free(writer);
        open_many(store, open);
        start(store, journal);
    }
    measure(store, raw, atoll(argv[3]), open);
    writer_free(writer);
    process_world_free(world);
    journal_free(journal);
    return 0;
}
