/* An empty store in a folder of its own, with one open transaction, for tests of the register. */
#ifndef TEST_PARK_STORE_H
#define TEST_PARK_STORE_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "db/db.h"
#include "park/change.h"
#include "park/seal.h"
#include "test.h"

#define STORE_NOW INT64_C(1795392000000000) /* 2026-11-23T00:00:00Z */

struct store {
    char dir[64];
    struct db *db;
    struct db_tx tx;
    struct arena arena;
    struct change by;
};

static inline void store_path(const struct store *store, const char *name, char out[128])
{
    snprintf(out, 128, "%s/%s", store->dir, name);
}

static inline void store_open(struct store *store)
{
    char path[128];
    *store = (struct store){.dir = "/tmp/kuailian-test-XXXXXX", .by = {1, 0, STORE_NOW}};
    assert_non_null(mkdtemp(store->dir));
    store_path(store, "seal.key", path);
    assert_ok(seal_open_key(path));
    store_path(store, "park.db", path);
    assert_ok(db_open(path, DB_WRITE, &store->db));
    assert_ok(db_migrate(store->db));
    assert_ok(db_begin(store->db, &store->tx));
    arena_init(&store->arena);
}

static inline void store_close(struct store *store)
{
    static const char *const names[] = {"seal.key", "park.db", "park.db-wal", "park.db-shm"};
    char path[128];
    db_rollback(&store->tx);
    db_close(store->db);
    arena_release(&store->arena);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        store_path(store, names[i], path);
        unlink(path);
    }
    rmdir(store->dir);
}

#endif
