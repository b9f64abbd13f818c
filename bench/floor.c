#include "floor.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/db.h"

enum { TABLES_MAX = 128 };

struct rows {
    char *table;
    sqlite3_stmt *insert, *replace;
    sqlite3_value **values;
    size_t columns, count, room, done;
};

static void check(sqlite3 *db, int rc, const char *what)
{
    if (rc == SQLITE_OK || rc == SQLITE_DONE || rc == SQLITE_ROW)
        return;
    fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(db));
    exit(1);
}

static void sql(sqlite3 *db, const char *text)
{
    check(db, sqlite3_exec(db, text, NULL, NULL, NULL), text);
}

int64_t file_size(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 ? found.st_size : 0;
}

int64_t bytes_written(void)
{
    char line[128];
    long long found = 0;
    FILE *io = fopen("/proc/self/io", "r");
    while (io && fgets(line, sizeof(line), io))
        if (sscanf(line, "wchar: %lld", &found) == 1)
            break;
    if (io)
        fclose(io);
    return found;
}

void file_copy(const char *from, const char *to)
{
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    int64_t left = file_size(from);
    while (in >= 0 && out >= 0 && left > 0) {
        ssize_t sent = sendfile(out, in, NULL, (size_t)left);
        if (sent <= 0)
            break;
        left -= sent;
    }
    if (left > 0 || fsync(out) != 0) {
        perror(to);
        exit(1);
    }
    close(in);
    close(out);
}

void checkpoint(const char *store)
{
    struct db *db;
    if (db_open(store, DB_WRITE, &db) != OK ||
        db_execute(db, "PRAGMA wal_checkpoint(TRUNCATE)") != OK) {
        fprintf(stderr, "checkpoint: %s\n", err_last()->detail);
        exit(1);
    }
    db_close(db);
}

static sqlite3 *open_raw(const char *path)
{
    sqlite3 *to;
    check(NULL, sqlite3_open(path, &to), path);
    sql(to, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000;"
            "PRAGMA cache_size=-65536");
    return to;
}

static void push_row(struct rows *out, sqlite3_stmt *from)
{
    if (out->count == out->room) {
        out->room = out->room ? out->room * 2 : 1024;
        out->values = realloc(out->values, out->room * out->columns * sizeof(*out->values));
        if (!out->values)
            exit(1);
    }
    sqlite3_value **row = &out->values[out->count++ * out->columns];
    for (size_t i = 0; i < out->columns; i++)
        row[i] = sqlite3_value_dup(sqlite3_column_value(from, (int)i));
}

static sqlite3_stmt *prepare_insert(sqlite3 *to, const char *verb, const struct rows *rows)
{
    char text[512];
    sqlite3_stmt *out;
    int len = snprintf(text, sizeof(text), "%s INTO main.%s VALUES (?", verb, rows->table);
    for (size_t i = 1; i < rows->columns; i++)
        len += snprintf(text + len, sizeof(text) - (size_t)len, ",?");
    snprintf(text + len, sizeof(text) - (size_t)len, ")");
    check(to, sqlite3_prepare_v2(to, text, -1, &out, NULL), text);
    return out;
}

/* `to` is the store before, with the one after attached. */
static void load_rows(sqlite3 *to, struct rows *out)
{
    char text[512];
    sqlite3_stmt *all;
    snprintf(text, sizeof(text), "SELECT * FROM after.%s EXCEPT SELECT * FROM main.%s", out->table,
             out->table);
    check(to, sqlite3_prepare_v2(to, text, -1, &all, NULL), text);
    out->columns = (size_t)sqlite3_column_count(all);
    while (sqlite3_step(all) == SQLITE_ROW)
        push_row(out, all);
    sqlite3_finalize(all);
    out->insert = prepare_insert(to, "INSERT", out);
    out->replace = prepare_insert(to, "REPLACE", out);
}

static size_t load_tables(sqlite3 *to, const char *store, struct rows *tables)
{
    char text[512];
    sqlite3_stmt *names;
    size_t count = 0;
    snprintf(text, sizeof(text), "ATTACH '%s' AS after", store);
    sql(to, text);
    check(to,
          sqlite3_prepare_v2(to,
                             "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name "
                             "NOT LIKE 'sqlite_%' ORDER BY rowid",
                             -1, &names, NULL),
          "tables");
    while (sqlite3_step(names) == SQLITE_ROW && count < TABLES_MAX)
        tables[count++].table = strdup((const char *)sqlite3_column_text(names, 0));
    sqlite3_finalize(names);
    for (size_t i = 0; i < count; i++)
        load_rows(to, &tables[i]);
    return count;
}

static int put_row(sqlite3_stmt *stmt, sqlite3_value **row, size_t columns)
{
    for (size_t i = 0; i < columns; i++)
        sqlite3_bind_value(stmt, (int)i + 1, row[i]);
    sqlite3_step(stmt);
    return sqlite3_reset(stmt);
}

/* The share of the rows that belongs into this commit. */
static void put_rows(sqlite3 *to, const struct floor *floor, struct rows *rows, int64_t commit)
{
    for (; rows->done < rows->count * (size_t)commit / (size_t)floor->commits; rows->done++) {
        sqlite3_value **row = &rows->values[rows->done * rows->columns];
        int rc = put_row(rows->insert, row, rows->columns);
        if (rc == SQLITE_CONSTRAINT) /* It was there before, and has changed. */
            rc = put_row(rows->replace, row, rows->columns);
        check(to, rc, rows->table);
        if (floor->after_row)
            floor->after_row(to, rows->table, row);
    }
}

double floor_rows(const struct floor *floor)
{
    struct rows tables[TABLES_MAX] = {0};
    file_copy(floor->base, floor->raw);
    sqlite3 *to = open_raw(floor->raw);
    size_t count = load_tables(to, floor->store, tables);
    int64_t began = clock_now_us();
    for (int64_t i = 1; i <= floor->commits; i++) {
        sql(to, "BEGIN IMMEDIATE");
        for (size_t k = 0; k < count; k++)
            put_rows(to, floor, &tables[k], i);
        sql(to, "COMMIT");
    }
    double seconds = (double)(clock_now_us() - began) / SECOND_US;
    for (size_t i = 0; i < count; i++) {
        sqlite3_finalize(tables[i].insert);
        sqlite3_finalize(tables[i].replace);
        for (size_t k = 0; k < tables[i].count * tables[i].columns; k++)
            sqlite3_value_free(tables[i].values[k]);
        free(tables[i].values);
        free(tables[i].table);
    }
    sqlite3_close_v2(to);
    unlink(floor->raw);
    return seconds;
}

double floor_plain(const struct floor *floor, int64_t count, int64_t bytes)
{
    static char blob[1024 * 1024];
    sqlite3_stmt *insert;
    sqlite3 *to = open_raw(floor->raw);
    sql(to, "CREATE TABLE plain (bytes BLOB NOT NULL)");
    check(to, sqlite3_prepare_v2(to, "INSERT INTO plain VALUES (?1)", -1, &insert, NULL), "plain");
    int size = (int)(bytes / count);
    assert(size <= (int)sizeof(blob));
    memset(blob, 'x', sizeof(blob));
    int64_t began = clock_now_us(), done = 0;
    for (int64_t i = 1; i <= floor->commits; i++) {
        sql(to, "BEGIN IMMEDIATE");
        for (; done < count * i / floor->commits; done++) {
            sqlite3_bind_blob(insert, 1, blob, size, SQLITE_STATIC);
            check(to, sqlite3_step(insert), "plain");
            sqlite3_reset(insert);
        }
        sql(to, "COMMIT");
    }
    double seconds = (double)(clock_now_us() - began) / SECOND_US;
    sqlite3_finalize(insert);
    sqlite3_close(to);
    unlink(floor->raw);
    return seconds;
}
