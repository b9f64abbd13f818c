#include <malloc.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "db/backend.h"
#include "db/disk.h"
#include "db/sqlite.h"

enum { CACHE_SLOTS = 1024 }; /* Prepared statements of one connection; a power of two. */

struct cached {
    const struct sql_statement *statement;
    sqlite3_stmt *prepared;
};

struct db {
    sqlite3 *handle;
    enum db_mode mode;
    uint64_t epoch;
    int log_frames; /* So many in the log are told to `log_full`. */
    void (*log_full)(void *context);
    void *log_context;
    struct cached cache[CACHE_SLOTS];
};

struct sqlite3 *db_sqlite_handle(struct db *db)
{
    return db->handle;
}

static enum err code_of(int rc)
{
    if (rc == SQLITE_IOERR_DATA)
        return ERR_CORRUPT;
    switch (rc & 0xff) {
    case SQLITE_CONSTRAINT:
        return ERR_CONFLICT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERR_CORRUPT;
    case SQLITE_TOOBIG:
        return ERR_LIMIT;
    default:
        return ERR_IO;
    }
}

static void new_epoch(struct db *db)
{
    static _Atomic uint64_t last;
    db->epoch = ++last;
}

uint64_t db_epoch(const struct db_tx *tx)
{
    return tx->db->epoch;
}

static enum err failed(struct db *db, int rc, const char *doing)
{
    new_epoch(db); /* Some errors roll back by themselves. */
    if (rc == SQLITE_IOERR_DATA)
        return err_set(ERR_CORRUPT, "database: %s: %s", doing, disk_damage());
    return err_set(code_of(rc), "database: %s: %s", doing,
                   db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(rc));
}

enum err db_execute(struct db *db, const char *sql)
{
    int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? OK : failed(db, rc, sql);
}

static enum err configure(struct db *db, enum db_mode mode)
{
    sqlite3_busy_timeout(db->handle, 10000);
    int check = DISK_CHECK; /* Takes effect in a file that is empty yet. */
    sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_RESERVE_BYTES, &check);
    enum err r = db_execute(db, "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
                                "PRAGMA cache_size=-65536; PRAGMA trusted_schema=OFF;"
                                "PRAGMA page_size=4096; PRAGMA mmap_size=0;");
    if (r != OK || mode == DB_READ)
        return r;
    return db_execute(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                          "PRAGMA wal_autocheckpoint=4000; PRAGMA secure_delete=ON;"
                          /* The log's frames are final when written: see disk.c. */
                          "PRAGMA cache_spill=OFF;");
}

enum { KEPT_FREE = 64 * 1024 * 1024, GROWN_BY = 1024 * 1024, MAPPED_ALONE = 4 * 1024 * 1024 };

/* Nobody reads SQLite's statistics of memory, which lock on each allocation; and memory that one
 * command frees, the next one asks for: it is not worth giving back. */
static void configure_process(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
#ifdef __GLIBC__
    mallopt(M_TRIM_THRESHOLD, KEPT_FREE);
    mallopt(M_TOP_PAD, GROWN_BY);
    mallopt(M_MMAP_THRESHOLD, MAPPED_ALONE);
#endif
}

enum err db_open(const char *path, enum db_mode mode, struct db **out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, configure_process);
    struct db *db = calloc(1, sizeof(*db));
    if (!db)
        return err_set(ERR_IO, "out of memory");
    db->mode = mode;
    int flags =
        SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
        (mode == DB_WRITE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
    int rc = sqlite3_open_v2(path, &db->handle, flags, disk_vfs());
    enum err r = rc == SQLITE_OK ? configure(db, mode) : failed(db, rc, path);
    if (r != OK) {
        db_close(db);
        return r;
    }
    *out = db;
    return OK;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    for (size_t i = 0; i < CACHE_SLOTS; i++)
        sqlite3_finalize(db->cache[i].prepared);
    if (db->mode == DB_WRITE && db->handle) { /* A store at rest is one file. */
        sqlite3_busy_timeout(db->handle, 100);
        sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    }
    sqlite3_close(db->handle);
    free(db);
}

enum err db_begin(struct db *db, struct db_tx *out)
{
    new_epoch(db);
    enum err r = db_execute(db, "BEGIN IMMEDIATE");
    if (r == OK)
        out->db = db;
    return r;
}

enum err db_commit(struct db_tx *tx)
{
    new_epoch(tx->db);
    return db_execute(tx->db, "COMMIT");
}

void db_rollback(struct db_tx *tx)
{
    new_epoch(tx->db);
    if (!sqlite3_get_autocommit(tx->db->handle)) /* Some errors have rolled back by themselves. */
        sqlite3_exec(tx->db->handle, "ROLLBACK", NULL, NULL, NULL);
}

void db_checkpoint(struct db *db)
{
    sqlite3_wal_checkpoint_v2(db->handle, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

static int after_commit(void *context, sqlite3 *handle, const char *name, int frames)
{
    (void)handle;
    (void)name;
    struct db *db = context;
    if (frames >= db->log_frames)
        db->log_full(db->log_context);
    return SQLITE_OK;
}

void db_watch_log(struct db *db, int frames, void (*full)(void *context), void *context)
{
    db->log_frames = frames;
    db->log_full = full;
    db->log_context = context;
    sqlite3_wal_hook(db->handle, after_commit, db);
}

/* Every command passes through these two, so they are prepared once like all other statements. */
static const struct sql_statement SAVEPOINT = {.name = "savepoint", .sqlite = "SAVEPOINT command"};
static const struct sql_statement RELEASE = {.name = "release", .sqlite = "RELEASE command"};

enum err db_savepoint(struct db_tx *tx)
{
    return db_exec(tx, &SAVEPOINT, NULL, NULL);
}

enum err db_release(struct db_tx *tx)
{
    return db_exec(tx, &RELEASE, NULL, NULL);
}

enum err db_undo(struct db_tx *tx)
{
    new_epoch(tx->db);
    return db_execute(tx->db, "ROLLBACK TO command; RELEASE command");
}

enum err db_snapshot_begin(struct db *db)
{
    return db_execute(db, "BEGIN");
}

void db_snapshot_end(struct db *db)
{
    sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

static size_t slot_of(const struct sql_statement *statement)
{
    return ((uintptr_t)statement >> 4) * 0x9E3779B97F4A7C15u >> 54 & (CACHE_SLOTS - 1);
}

static enum err prepare(struct db *db, const struct sql_statement *statement, sqlite3_stmt **out)
{
    size_t slot = slot_of(statement);
    for (size_t tried = 0; tried < CACHE_SLOTS; tried++, slot = (slot + 1) & (CACHE_SLOTS - 1)) {
        struct cached *entry = &db->cache[slot];
        if (entry->statement == statement) {
            *out = entry->prepared;
            return OK;
        }
        if (entry->statement)
            continue;
        int rc = sqlite3_prepare_v3(db->handle, statement->sqlite, -1, SQLITE_PREPARE_PERSISTENT,
                                    &entry->prepared, NULL);
        if (rc != SQLITE_OK)
            return failed(db, rc, statement->name);
        entry->statement = statement;
        *out = entry->prepared;
        return OK;
    }
    return err_set(ERR_INTERNAL, "more than %d statements", CACHE_SLOTS);
}

static int bind_text(sqlite3_stmt *stmt, int at, const struct sql_column *column, struct str value)
{
    if (!value.ptr)
        return column->nullable ? sqlite3_bind_null(stmt, at)
                                : sqlite3_bind_text64(stmt, at, "", 0, SQLITE_STATIC, SQLITE_UTF8);
    if (column->type == SQL_TEXT)
        return sqlite3_bind_text64(stmt, at, value.ptr, value.len, SQLITE_STATIC, SQLITE_UTF8);
    return sqlite3_bind_blob64(stmt, at, value.ptr, value.len, SQLITE_STATIC);
}

static int bind_column(sqlite3_stmt *stmt, int at, const struct sql_column *column, const char *in)
{
    const void *value = in + column->offset;
    switch (column->type) {
    case SQL_INT: {
        int64_t number = *(const int64_t *)value;
        return column->nullable && number == 0 ? sqlite3_bind_null(stmt, at)
                                               : sqlite3_bind_int64(stmt, at, number);
    }
    case SQL_BOOL:
        return sqlite3_bind_int(stmt, at, *(const bool *)value);
    case SQL_REAL:
        return sqlite3_bind_double(stmt, at, *(const double *)value);
    case SQL_HASH:
        return sqlite3_bind_blob64(stmt, at, value, HASH_SIZE, SQLITE_STATIC);
    case SQL_TEXT:
    case SQL_BLOB:
        return bind_text(stmt, at, column, *(const struct str *)value);
    }
    return SQLITE_MISUSE;
}

static enum err bind_all(struct db *db, const struct sql_statement *statement, sqlite3_stmt *stmt,
                         const void *in)
{
    for (int i = 0; i < statement->in_count; i++) {
        int rc = bind_column(stmt, i + 1, &statement->in[i], in);
        if (rc != SQLITE_OK)
            return failed(db, rc, statement->name);
    }
    return OK;
}

static struct str read_bytes(sqlite3_stmt *stmt, int at, struct arena *arena)
{
    if (sqlite3_column_type(stmt, at) == SQLITE_NULL)
        return (struct str){0};
    const char *bytes = sqlite3_column_blob(stmt, at);
    struct str view = {.ptr = bytes ? bytes : "", .len = (size_t)sqlite3_column_bytes(stmt, at)};
    return str_copy(arena, view);
}

static enum err read_row(const struct sql_statement *statement, sqlite3_stmt *stmt,
                         struct arena *arena, char *row)
{
    assert(sqlite3_column_count(stmt) == statement->out_count);
    for (int i = 0; i < statement->out_count; i++) {
        const struct sql_column *column = &statement->out[i];
        void *to = row + column->offset;
        switch (column->type) {
        case SQL_INT:
            *(int64_t *)to = sqlite3_column_int64(stmt, i);
            break;
        case SQL_BOOL:
            *(bool *)to = sqlite3_column_int(stmt, i) != 0;
            break;
        case SQL_REAL:
            *(double *)to = sqlite3_column_double(stmt, i);
            break;
        case SQL_HASH:
            if (sqlite3_column_bytes(stmt, i) != HASH_SIZE)
                return err_set(ERR_CORRUPT, "%s: %s is not a digest", statement->name,
                               column->name);
            memcpy(to, sqlite3_column_blob(stmt, i), HASH_SIZE);
            break;
        case SQL_TEXT:
        case SQL_BLOB:
            *(struct str *)to = read_bytes(stmt, i, arena);
            break;
        }
    }
    return OK;
}

static void finish(sqlite3_stmt *stmt)
{
    sqlite3_reset(stmt);
    sqlite3_clear_bindings(stmt);
}

enum err db_one(struct db *db, const struct sql_statement *statement, const void *in,
                struct arena *arena, void *row)
{
    sqlite3_stmt *stmt;
    enum err r = prepare(db, statement, &stmt);
    if (r == OK)
        r = bind_all(db, statement, stmt, in);
    if (r != OK)
        return r;
    int rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW)
        r = read_row(statement, stmt, arena, row);
    else if (rc == SQLITE_DONE)
        r = err_set(ERR_NOT_FOUND, "%s found nothing", statement->name);
    else
        r = failed(db, rc, statement->name);
    finish(stmt);
    return r;
}

enum err db_many(struct db *db, const struct sql_statement *statement, const void *in,
                 struct arena *arena, struct sql_rows *out)
{
    sqlite3_stmt *stmt;
    enum err r = prepare(db, statement, &stmt);
    if (r == OK)
        r = bind_all(db, statement, stmt, in);
    if (r != OK)
        return r;
    char *rows = NULL;
    size_t count = 0, capacity = 0;
    int rc;
    while (r == OK && (rc = sqlite3_step(stmt)) != SQLITE_DONE) {
        if (rc != SQLITE_ROW) {
            r = failed(db, rc, statement->name);
            break;
        }
        rows = arena_grow(arena, rows, count, &capacity, statement->row_size);
        r = read_row(statement, stmt, arena, rows + count * statement->row_size);
        count++;
    }
    finish(stmt);
    if (r == OK)
        *out = (struct sql_rows){.rows = rows, .count = count};
    return r;
}

enum err db_exec(struct db_tx *tx, const struct sql_statement *statement, const void *in,
                 int64_t *changed)
{
    sqlite3_stmt *stmt;
    enum err r = prepare(tx->db, statement, &stmt);
    if (r == OK)
        r = bind_all(tx->db, statement, stmt, in);
    if (r != OK)
        return r;
    int rc = sqlite3_step(stmt);
    if (rc != SQLITE_DONE)
        r = failed(tx->db, rc, statement->name);
    else if (changed)
        *changed = sqlite3_changes64(tx->db->handle);
    finish(stmt);
    return r;
}

enum err db_prepare_all(struct db *db)
{
    for (const struct sql_statement *const *const *file = SQL_FILES; *file; file++)
        for (const struct sql_statement *const *statement = *file; *statement; statement++) {
            sqlite3_stmt *unused;
            enum err r = prepare(db, *statement, &unused);
            if (r != OK)
                return r;
        }
    return OK;
}

/* The schema's version lives in the file's header, where it commits with the step itself. */
enum err db_version(struct db *db, int *out)
{
    sqlite3_stmt *stmt;
    int rc = sqlite3_prepare_v2(db->handle, "PRAGMA user_version", -1, &stmt, NULL);
    if (rc != SQLITE_OK || sqlite3_step(stmt) != SQLITE_ROW) {
        sqlite3_finalize(stmt);
        return failed(db, rc ? rc : SQLITE_CORRUPT, "user_version");
    }
    *out = sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    return OK;
}

enum err db_set_version(struct db_tx *tx, int version)
{
    char sql[64];
    snprintf(sql, sizeof(sql), "PRAGMA user_version=%d", version);
    return db_execute(tx->db, sql);
}

enum err db_set_statistics(struct db *db)
{
    /* Rows in all; rows a value of the first column has, of the first two, and so on. */
    return db_execute(
        db,
        "ANALYZE sqlite_schema;"
        "DELETE FROM sqlite_stat1;"
        "INSERT INTO sqlite_stat1 (tbl, idx, stat) SELECT t.name,"
        " CASE WHEN i.origin = 'pk' AND t.sql LIKE '%WITHOUT ROWID%' THEN t.name ELSE i.name END,"
        " '1000000' || CASE (SELECT count(*) FROM pragma_index_info(i.name))"
        "   WHEN 1 THEN '' WHEN 2 THEN ' 1000000' WHEN 3 THEN ' 1000000 50'"
        "   WHEN 4 THEN ' 1000000 500 50' ELSE ' 1000000 500 50 10' END ||"
        " CASE WHEN i.\"unique\" THEN ' 1' ELSE ' 5' END"
        " FROM sqlite_schema t JOIN pragma_index_list(t.name) i"
        " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%';"
        "ANALYZE sqlite_schema;");
}
