/* SQLite alone, writing the rows that request cycles write: the floor that bench-cycle is held to.
 *
 * Same schema, same pragmas, as many commands in a commit; no HTTP, rights, rules, hashes or
 * signatures, and each statement's values are at hand.
 *
 * usage: bench-raw STORE CYCLES BATCH
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "db/db.h"

enum { SLOTS = 64, STAGES = 5, STATEMENTS_MAX = 16, FIRST_ID = 1000 };

static sqlite3 *db;
static int64_t next_seq, next_task = FIRST_ID, next_case = FIRST_ID, written;
static char detail[706], body[66], moves[1486], form[69], bytes[64];

static void check(int rc, const char *what)
{
    if (rc == SQLITE_OK || rc == SQLITE_DONE || rc == SQLITE_ROW)
        return;
    fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(db));
    exit(1);
}

static void execute(const char *sql)
{
    check(sqlite3_exec(db, sql, NULL, NULL, NULL), sql);
}

/* Statements are prepared once, found by the address of their text. */
static sqlite3_stmt *statement(const char *sql)
{
    static struct {
        const char *sql;
        sqlite3_stmt *prepared;
    } cache[STATEMENTS_MAX];
    for (size_t i = 0; i < STATEMENTS_MAX; i++) {
        if (cache[i].sql == sql)
            return cache[i].prepared;
        if (cache[i].sql)
            continue;
        check(sqlite3_prepare_v2(db, sql, -1, &cache[i].prepared, NULL), sql);
        cache[i].sql = sql;
        return cache[i].prepared;
    }
    abort();
}

static void run(sqlite3_stmt *stmt)
{
    check(sqlite3_step(stmt), sqlite3_sql(stmt));
    sqlite3_reset(stmt);
    written++;
}

static void add_entry(int64_t case_id, const char *text)
{
    static const char entry[] =
        "INSERT INTO journal_entry (park_id, seq, time_us, kind, case_id, actor_id, subject_id,"
        " digest, salt, body) VALUES (1, ?1, ?2, 'case.signed', ?3, 7, 0, ?4, ?4, ?5)";
    static const char node[] =
        "INSERT INTO journal_node (park_id, last, level, hash) VALUES (1, ?1, ?2, ?3)";
    int64_t seq = next_seq++;
    sqlite3_stmt *stmt = statement(entry);
    sqlite3_bind_int64(stmt, 1, seq);
    sqlite3_bind_int64(stmt, 2, clock_now_us());
    sqlite3_bind_int64(stmt, 3, case_id);
    sqlite3_bind_blob(stmt, 4, bytes, HASH_SIZE, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 5, text, -1, SQLITE_STATIC);
    run(stmt);
    int level = 1;
    for (int64_t place = seq; place % 2 == 1; place /= 2, level++) {
        stmt = statement(node);
        sqlite3_bind_int64(stmt, 1, seq);
        sqlite3_bind_int64(stmt, 2, level);
        sqlite3_bind_blob(stmt, 3, bytes, HASH_SIZE, SQLITE_STATIC);
        run(stmt);
    }
}

static void add_head(void)
{
    static const char head[] = "INSERT INTO journal_head (park_id, size, time_us, root, signature)"
                               " VALUES (1, ?1, ?2, ?3, ?4)";
    sqlite3_stmt *stmt = statement(head);
    sqlite3_bind_int64(stmt, 1, next_seq);
    sqlite3_bind_int64(stmt, 2, clock_now_us());
    sqlite3_bind_blob(stmt, 3, bytes, HASH_SIZE, SQLITE_STATIC);
    sqlite3_bind_blob(stmt, 4, bytes, sizeof(bytes), SQLITE_STATIC);
    run(stmt);
}

static void add_case(int64_t case_id)
{
    static const char insert[] =
        "INSERT INTO cases (park_id, id, number, service, model_id, title, category, status,"
        " enterprise_id, applicant_id, grid_id, holder_id, filed_us, clock, warn_us, due_us,"
        " updated_us, wake_us, form, detail, instance)"
        " VALUES (1, ?1, 'QY2026' || ?1, 'request', 5, '蒸汽压力不足', 'utilities', 0, 300 + ?1 % "
        "245,"
        " 8, 20 + ?1 % 26, 9, ?2, 'sign', ?2, ?2, ?2, ?2, ?3, ?4, ?5)";
    sqlite3_stmt *stmt = statement(insert);
    sqlite3_bind_int64(stmt, 1, case_id);
    sqlite3_bind_int64(stmt, 2, clock_now_us());
    sqlite3_bind_text(stmt, 3, form, -1, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 4, detail, -1, SQLITE_STATIC);
    sqlite3_bind_blob(stmt, 5, bytes, sizeof(bytes), SQLITE_STATIC);
    run(stmt);
}

static void change_case(int64_t case_id, int stage)
{
    static const char update[] =
        "UPDATE cases SET status = ?2, closed = ?3, clock = 'resolve', warn_us = ?4, due_us = ?4,"
        " updated_us = ?4, wake_us = ?4, version = version + 1, detail = ?5, instance = ?6"
        " WHERE park_id = 1 AND id = ?1";
    sqlite3_stmt *stmt = statement(update);
    sqlite3_bind_int64(stmt, 1, case_id);
    sqlite3_bind_int64(stmt, 2, stage);
    sqlite3_bind_int64(stmt, 3, stage == STAGES - 1);
    sqlite3_bind_int64(stmt, 4, clock_now_us());
    sqlite3_bind_text(stmt, 5, detail, -1, SQLITE_STATIC);
    sqlite3_bind_blob(stmt, 6, bytes, sizeof(bytes), SQLITE_STATIC);
    run(stmt);
}

static void add_task(int64_t case_id)
{
    static const char insert[] =
        "INSERT INTO case_task (park_id, id, case_id, element, token, name, name_en, assignee_id,"
        " role, scope_id, inbox, created_us, due_us)"
        " VALUES (1, ?1, ?2, 'handle', 3, '办理', 'Handle', 9, 2, 20 + ?2 % 26, 0, ?3, ?3)";
    sqlite3_stmt *stmt = statement(insert);
    sqlite3_bind_int64(stmt, 1, next_task++);
    sqlite3_bind_int64(stmt, 2, case_id);
    sqlite3_bind_int64(stmt, 3, clock_now_us());
    run(stmt);
}

static void end_task(int64_t task_id)
{
    static const char update[] = "UPDATE case_task SET done_us = ?2, done_by = 9, outcome = 'done',"
                                 " inbox = 0 WHERE park_id = 1 AND id = ?1";
    sqlite3_stmt *stmt = statement(update);
    sqlite3_bind_int64(stmt, 1, task_id);
    sqlite3_bind_int64(stmt, 2, clock_now_us());
    run(stmt);
}

static void give(int64_t case_id, int64_t person_id)
{
    static const char insert[] = "INSERT INTO case_person (park_id, person_id, case_id, given,"
                                 " watching) VALUES (1, ?1, ?2, 1, 0)";
    sqlite3_stmt *stmt = statement(insert);
    sqlite3_bind_int64(stmt, 1, person_id);
    sqlite3_bind_int64(stmt, 2, case_id);
    run(stmt);
}

static void count(int64_t case_id, bool totals)
{
    static const char day[] =
        "INSERT INTO case_day (park_id, day, grid_id, filed) VALUES (1, 20780, 20 + ?1 % 26, 1)"
        " ON CONFLICT DO UPDATE SET filed = filed + 1";
    static const char sums[] =
        "INSERT INTO case_count (park_id, grid_id, enterprise_id, open)"
        " VALUES (1, 20 + ?1 % 26, 300 + ?1 % 245, 1) ON CONFLICT DO UPDATE SET open = open + 1";
    sqlite3_stmt *stmt = statement(day);
    sqlite3_bind_int64(stmt, 1, case_id);
    run(stmt);
    if (!totals)
        return;
    stmt = statement(sums);
    sqlite3_bind_int64(stmt, 1, case_id);
    run(stmt);
}

struct slot {
    int64_t case_id, task_id;
    int stage;
};

/* File, sign, resolve, call back, rate. */
static void step(struct slot *slot)
{
    if (slot->stage == 0) {
        slot->case_id = next_case++;
        add_case(slot->case_id);
        give(slot->case_id, 9);
        add_entry(slot->case_id, body);
    } else {
        change_case(slot->case_id, slot->stage);
        end_task(slot->task_id);
        if (slot->stage == 3)
            give(slot->case_id, 10);
    }
    add_entry(slot->case_id, body);
    add_entry(slot->case_id, moves); /* The engine's own events. */
    if (slot->stage == STAGES - 1) {
        add_entry(slot->case_id, body);
    } else {
        slot->task_id = next_task;
        add_task(slot->case_id);
    }
    count(slot->case_id, slot->stage == 0 || slot->stage == STAGES - 1);
    slot->stage = (slot->stage + 1) % STAGES;
}

static void make_schema(const char *path)
{
    struct db *maker;
    if (db_open(path, DB_WRITE, &maker) != OK || db_migrate(maker) != OK) {
        fprintf(stderr, "%s\n", err_last()->detail);
        exit(1);
    }
    db_close(maker);
    check(sqlite3_open(path, &db), path);
    execute("PRAGMA journal_mode=WAL");
    execute("PRAGMA synchronous=FULL");
    execute("PRAGMA wal_autocheckpoint=4000");
    execute("PRAGMA cache_size=-65536");
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: %s STORE CYCLES BATCH\n", argv[0]);
        return 2;
    }
    memset(detail, 'd', sizeof(detail) - 1);
    memset(body, 'b', sizeof(body) - 1);
    memset(moves, 'm', sizeof(moves) - 1);
    memset(form, 'f', sizeof(form) - 1);
    random_bytes(bytes, sizeof(bytes));
    make_schema(argv[1]);
    struct slot slots[SLOTS] = {0};
    int64_t commands = atoll(argv[2]) * STAGES, batch = atoll(argv[3]), done = 0;
    int64_t begin_us = clock_monotonic_us();
    while (done < commands) {
        execute("BEGIN IMMEDIATE");
        for (int64_t i = 0; i < batch && done < commands; i++) {
            execute("SAVEPOINT command");
            step(&slots[done++ % SLOTS]);
            execute("RELEASE command");
        }
        add_head();
        execute("COMMIT");
    }
    double seconds = (double)(clock_monotonic_us() - begin_us) / 1e6;
    printf("cycles %lld commands %lld rows %lld seconds %.2f cycles_per_s %.0f "
           "commands_per_s %.0f\n",
           (long long)(commands / STAGES), (long long)commands, (long long)written, seconds,
           (double)commands / STAGES / seconds, (double)commands / seconds);
    sqlite3_close(db);
    return 0;
}
