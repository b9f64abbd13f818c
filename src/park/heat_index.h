/* Comparisons of two periods: asked for by people, or by the program for the newest weeks, worked
 * out by the worker, and worked out anew when scenes come or go or zones are redrawn.
 */
#ifndef PARK_HEAT_INDEX_H
#define PARK_HEAT_INDEX_H

#include "heat/change.h"
#include "park/heat_index_sql.h"
#include "park/heat_store.h"

enum { HEAT_INDEX_MAX = 50, HEAT_VIEWS_MAX = 300, HEAT_INDEX_DAYS = 45 };

struct heat_index_new {
    struct str source;       /* "program", "person", "sample" */
    struct str light;        /* "day", "night" */
    struct heat_period now;  /* Both days included. */
    struct heat_period base; /* from HEAT_NO_DATE: the same season of earlier years. */
};

/* ERR_INVALID "heat.period" if a period ends before it begins, or they overlap; ERR_LIMIT
 * "heat.full". */
MUST_USE enum err heat_index_ask(struct db_tx *tx, const struct change *by,
                                 const struct heat_index_new *ask, int64_t *id);
MUST_USE enum err heat_index_remove(struct db_tx *tx, const struct change *by, int64_t id);

struct heat_index_result {
    int64_t id;
    struct hash inputs;
    struct err_info why; /* With a code: it cannot be worked out. */
    size_t count;
    const struct heat_zone_key *keys;
    const struct heat_change *changes;
    const struct str *bodies;
};

/* Takes the place of what was known; nothing if it was removed meanwhile. */
MUST_USE enum err heat_index_keep(struct db_tx *tx, const struct change *by,
                                  const struct heat_index_result *result);

/* The program's own comparison: the last HEAT_INDEX_DAYS up to the newest day. */
MUST_USE enum err heat_index_follow(struct db_tx *tx, const struct change *by, int64_t newest);

/* Works one out. Scenes are opened below `dir`. ERR_BUSY if `progress` stopped it. */
struct heat_index_job {
    struct db *db;
    const char *dir;
    int64_t park_id;
    const struct heat_index_list_row *row;
    const struct heat_park_zones *zones;
    bool (*progress)(void *context, int64_t done, int64_t all);
    void *context;
};
/* What its result would rest on: compare with the row's `inputs`. */
MUST_USE enum err heat_index_inputs(const struct heat_index_job *job, struct hash *out);
MUST_USE enum err heat_index_work(const struct heat_index_job *job, struct arena *arena,
                                  struct heat_index_result *out);

#endif
