#include "base/asset.h"
#include "db/backend.h"

extern const struct asset MIGRATIONS[];
extern const size_t MIGRATIONS_COUNT;

static enum err migrate_step(struct db *db, const struct asset *step, int version)
{
    struct db_tx tx;
    enum err r = db_begin(db, &tx);
    if (r != OK)
        return r;
    r = db_execute(db, step->begin);
    if (r == OK)
        r = db_set_version(&tx, version);
    if (r == OK)
        r = db_commit(&tx);
    if (r != OK) {
        struct err_info why = *err_last();
        db_rollback(&tx);
        return err_set(r, "migration %s: %s", step->path, why.detail);
    }
    return OK;
}

enum err db_migrate(struct db *db)
{
    int version;
    enum err r = db_version(db, &version);
    if (r != OK)
        return r;
    if (version > (int)MIGRATIONS_COUNT)
        return err_refuse(ERR_CONFLICT, "store.newer",
                          "the store has version %d, this program knows up to %zu: start the newer "
                          "program",
                          version, MIGRATIONS_COUNT);
    for (size_t i = (size_t)version; i < MIGRATIONS_COUNT; i++) {
        r = migrate_step(db, &MIGRATIONS[i], (int)i + 1);
        if (r != OK)
            return r;
    }
    return version < (int)MIGRATIONS_COUNT ? db_set_statistics(db) : OK;
}
