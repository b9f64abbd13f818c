/* The database: one interface, SQL in .sql files, one backend per product (sqlite.c).
 *
 * Reads take a `struct db *` (one connection, one thread at a time); writes take a `struct db_tx *`
 * and so cannot happen outside a transaction. A module's statements stand in its own .sql file;
 * tools/sqlgen.py makes `struct NAME_in`, `struct NAME_row` and `sql_NAME()` of each.
 *
 * In C a nullable column is its type's absent value: 0 for int (no id and no time is ever 0), a
 * NULL ptr for text and blob.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include "base/base.h"

struct db;

/* An open transaction. Only db_begin and the writer make one. */
struct db_tx {
    struct db *db;
};

enum db_mode {
    DB_READ,  /* A reader never waits for the writer and sees one commit's state per statement. */
    DB_WRITE, /* Creates the file if need be; WAL, synchronous=FULL, foreign keys on. */
};

/* Opens a connection to the store at `path`. ERR_IO, ERR_CORRUPT. */
MUST_USE enum err db_open(const char *path, enum db_mode mode, struct db **out);
void db_close(struct db *db);

/* Brings the schema up to this program's version; each step is its own transaction, none goes
 * back. ERR_CONFLICT if the store is newer than the program. */
MUST_USE enum err db_migrate(struct db *db);

MUST_USE enum err db_begin(struct db *db, struct db_tx *out);
MUST_USE enum err db_commit(struct db_tx *tx); /* Durable when it returns OK. */
void db_rollback(struct db_tx *tx);

/* One command's share of a transaction: undo takes back all since the savepoint. They nest. */
MUST_USE enum err db_savepoint(struct db_tx *tx);
MUST_USE enum err db_release(struct db_tx *tx);
MUST_USE enum err db_undo(struct db_tx *tx);

/* Brings the log into the store, as far as readers let it: they are not held up. What a failing
 * disk does not take stays in the log. */
void db_checkpoint(struct db *db);
/* From now on a commit that leaves `frames` pages or more in the log tells `full` of it, on the
 * same thread, instead of bringing them into the store by itself. */
void db_watch_log(struct db *db, int frames, void (*full)(void *context), void *context);

/* What was read inside a transaction holds as long as this stays the same: it changes with every
 * transaction, with all that is taken back, and with every error. Never 0, never twice the same. */
uint64_t db_epoch(const struct db_tx *tx);

/* Several reads that must see one state: between begin and end all see the same commit. */
MUST_USE enum err db_snapshot_begin(struct db *db);
void db_snapshot_end(struct db *db);

/* Runs SQL text that is not in a .sql file: migrations, pragmas, tests. */
MUST_USE enum err db_execute(struct db *db, const char *sql);

/* What generated code calls. ------------------------------------------------------------------ */

enum sql_type {
    SQL_INT,  /* int64_t */
    SQL_TEXT, /* struct str */
    SQL_BLOB, /* struct str */
    SQL_HASH, /* struct hash: a blob of exactly 32 bytes */
    SQL_BOOL, /* bool */
    SQL_REAL, /* double: measurements and coordinates only, never money */
};

struct sql_column {
    const char *name;
    enum sql_type type;
    bool nullable;
    size_t offset;
};

struct sql_statement {
    const char *name;
    const char *sqlite;
    const char *postgres;
    const struct sql_column *in, *out;
    uint16_t in_count, out_count;
    uint32_t row_size;
};

struct sql_rows {
    const void *rows;
    size_t count;
};

/* Every statement of the program: a NULL-ended list per .sql file, itself NULL-ended. */
extern const struct sql_statement *const *const SQL_FILES[];

/* ERR_NOT_FOUND without a row. `arena` may be NULL if no output is text or blob. */
MUST_USE enum err db_one(struct db *db, const struct sql_statement *statement, const void *in,
                         struct arena *arena, void *row);
MUST_USE enum err db_many(struct db *db, const struct sql_statement *statement, const void *in,
                          struct arena *arena, struct sql_rows *out);
/* `changed` may be NULL. A broken constraint is ERR_CONFLICT. */
MUST_USE enum err db_exec(struct db_tx *tx, const struct sql_statement *statement, const void *in,
                          int64_t *changed);

/* Prepares every statement: a test's way to see that all SQL fits the schema. */
MUST_USE enum err db_prepare_all(struct db *db);

#endif
