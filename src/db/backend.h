/* What a backend gives migrate.c and check.c besides db.h. Only src/db/ includes this. */
#ifndef DB_BACKEND_H
#define DB_BACKEND_H

#include "db/check.h"
#include "db/db.h"

MUST_USE enum err db_version(struct db *db, int *out);
MUST_USE enum err db_set_version(struct db_tx *tx, int version);
/* Tells the planner what tables hold: one park, and much of everything else. Without it the
 * planner takes park_id, which begins every key, for selective, and walks whole tables. */
MUST_USE enum err db_set_statistics(struct db *db);

struct db_page_owner {
    int64_t page;
    const char *name; /* Of a table or index. */
};

/* Which table or index each page belongs to, as far as it can be read; in no order. */
MUST_USE enum err db_page_owners(struct db *db, struct arena *arena,
                                 const struct db_page_owner **out, size_t *count);

/* The database's own checks of its structure and its foreign keys. */
void db_integrity(struct db *db, struct findings *findings);

#endif
