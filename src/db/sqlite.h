/* What sqlite.c shows to the other files of src/db/ that talk to SQLite itself. */
#ifndef DB_SQLITE_H
#define DB_SQLITE_H

#include "db/db.h"

struct sqlite3;

struct sqlite3 *db_sqlite_handle(struct db *db);

#endif
