#include "base/id.h"
#include "park/heat_sql.h"
#include "park/heat_store.h"

struct fires_note {
    struct str name, source;
    int64_t points;
};

static const struct field FIRES_NOTE[] = {FIELD(struct fires_note, name, FIELD_TEXT),
                                          FIELD(struct fires_note, source, FIELD_TEXT),
                                          FIELD(struct fires_note, points, FIELD_INT), FIELD_END};

static enum err check_set(struct db *db, const struct change *by, const struct heat_fires_new *set)
{
    struct heat_fire_set_by_digest_row twin;
    struct heat_fire_set_by_digest_in in = {.park_id = by->park_id, .digest = set->digest};
    if (set->fires.count > HEAT_FIRE_POINTS_MAX)
        return err_refuse(ERR_LIMIT, "heat.fires-many",
                          "%zu points, more than %d: cut the file to the park's region",
                          set->fires.count, HEAT_FIRE_POINTS_MAX);
    enum err r = sql_heat_fire_set_by_digest(db, &in, &twin);
    if (r == OK)
        return err_refuse(ERR_CONFLICT, "heat.twice", "the same file is here already");
    return r == ERR_NOT_FOUND ? OK : r;
}

static enum err insert_point(struct db_tx *tx, const struct change *by, int64_t set_id,
                             const struct heat_fire *fire)
{
    struct heat_fire_insert_in row = {.park_id = by->park_id,
                                      .id = id_next(by->now_us),
                                      .set_id = set_id,
                                      .time_us = fire->time_us,
                                      .lat = fire->latitude,
                                      .lng = fire->longitude,
                                      .kelvin = fire->kelvin,
                                      .frp_mw = fire->frp_mw,
                                      .confidence = fire->confidence,
                                      .light = str_of(heat_light_key(fire->light)),
                                      .satellite = fire->satellite,
                                      .instrument = fire->instrument};
    return sql_heat_fire_insert(tx, &row, NULL);
}

enum err heat_fires_add(struct db_tx *tx, const struct change *by, const struct heat_fires_new *set)
{
    struct heat_fire_set_insert_in row = {.park_id = by->park_id,
                                          .id = set->id,
                                          .name = set->name,
                                          .source = set->source,
                                          .digest = set->digest,
                                          .points = (int64_t)set->fires.count,
                                          .added_by = by->actor_id,
                                          .added_us = by->now_us};
    enum err r = check_set(tx->db, by, set);
    for (size_t i = 0; i < set->fires.count && r == OK; i++) {
        int64_t at = set->fires.items[i].time_us;
        row.from_us = i == 0 || at < row.from_us ? at : row.from_us;
        row.to_us = i == 0 || at > row.to_us ? at : row.to_us;
        r = insert_point(tx, by, set->id, &set->fires.items[i]);
    }
    if (r == OK)
        r = sql_heat_fire_set_insert(tx, &row, NULL);
    struct fires_note note = {set->name, set->source, row.points};
    return r == OK ? change_record(tx, by, "heat.fires-added", 0, set->id, FIRES_NOTE, &note) : r;
}

enum err heat_fires_remove(struct db_tx *tx, const struct change *by, int64_t id)
{
    struct heat_fire_delete_in points = {.park_id = by->park_id, .set_id = id};
    struct heat_fire_set_delete_in row = {.park_id = by->park_id, .id = id};
    int64_t changed = 0;
    enum err r = sql_heat_fire_delete(tx, &points, NULL);
    if (r == OK)
        r = sql_heat_fire_set_delete(tx, &row, &changed);
    if (r == OK && changed == 0)
        r = err_set(ERR_NOT_FOUND, "no such set of fires");
    return r == OK ? change_record(tx, by, "heat.fires-removed", 0, id, NULL, NULL) : r;
}
