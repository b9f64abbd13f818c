/* What a backend gives migrate.c besides db.h. Only src/db/ includes this. */
#ifndef DB_BACKEND_H
#define DB_BACKEND_H

#include "db/db.h"

MUST_USE enum err db_version(struct db *db, int *out);
MUST_USE enum err db_set_version(struct db_tx *tx, int version);

#endif
