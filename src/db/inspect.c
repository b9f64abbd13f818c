/* SQLite's own view of a store's inside, for check.c. */
#include <sqlite3.h>

#include "db/backend.h"
#include "db/sqlite.h"

static sqlite3_stmt *prepared(struct db *db, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    sqlite3_prepare_v2(db_sqlite_handle(db), sql, -1, &stmt, NULL);
    return stmt; /* NULL if that failed; stepping it then ends at once. */
}

static void finalize(sqlite3_stmt **stmt)
{
    sqlite3_finalize(*stmt);
}

struct owners {
    struct db_page_owner *items;
    size_t count, capacity;
};

/* A table whose inner pages are damaged gives what can still be reached. */
static void add_owned(struct db *db, struct arena *arena, const char *name, struct owners *owners)
{
    CLEANUP(finalize) sqlite3_stmt *stmt = prepared(db, "SELECT pageno FROM dbstat WHERE name=?1");
    sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
    while (sqlite3_step(stmt) == SQLITE_ROW)
        *ARENA_PUSH(arena, owners->items, owners->count, owners->capacity) =
            (struct db_page_owner){.page = sqlite3_column_int64(stmt, 0), .name = name};
}

enum err db_page_owners(struct db *db, struct arena *arena, const struct db_page_owner **out,
                        size_t *count)
{
    struct owners owners = {0};
    add_owned(db, arena, "sqlite_schema", &owners);
    CLEANUP(finalize)
    sqlite3_stmt *stmt = prepared(db, "SELECT name FROM sqlite_schema WHERE rootpage > 0");
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(stmt, 0);
        if (name)
            add_owned(db, arena, str_c(arena, str_of(name)), &owners);
    }
    *out = owners.items;
    *count = owners.count;
    return OK;
}

void db_integrity(struct db *db, struct findings *findings)
{
    CLEANUP(finalize) sqlite3_stmt *whole = prepared(db, "PRAGMA integrity_check");
    int rc;
    while ((rc = sqlite3_step(whole)) == SQLITE_ROW) {
        struct str line = str_of((const char *)sqlite3_column_text(whole, 0));
        if (!str_is(line, "ok"))
            finding(findings, "database: %.*s", STR_ARG(line));
    }
    if (rc != SQLITE_DONE)
        finding(findings, "database: %s", sqlite3_errmsg(db_sqlite_handle(db)));

    CLEANUP(finalize) sqlite3_stmt *keys = prepared(db, "PRAGMA foreign_key_check");
    while ((rc = sqlite3_step(keys)) == SQLITE_ROW)
        finding(findings, "database: row %lld of %s names a row of %s that is not there",
                (long long)sqlite3_column_int64(keys, 1), sqlite3_column_text(keys, 0),
                sqlite3_column_text(keys, 2));
    if (rc != SQLITE_DONE)
        finding(findings, "database: %s", sqlite3_errmsg(db_sqlite_handle(db)));
}
