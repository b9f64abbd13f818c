/* Heat scenes in the store: which there are, their layers, and what was worked out for each zone.
 *
 * A zone is the park, a grid or a parcel. The worker (park/heat_work.h) reads the pixels and brings
 * its results here by commands; readers find rows and never wait for pixels.
 */
#ifndef PARK_HEAT_STORE_H
#define PARK_HEAT_STORE_H

#include "heat/heat.h"
#include "park/change.h"
#include "park/heat_files.h"

enum heat_zone_kind { HEAT_ZONE_PARK, HEAT_ZONE_GRID, HEAT_ZONE_PARCEL, HEAT_ZONE_AROUND };

enum {
    HEAT_SCENES_MAX = 5000,
    HEAT_LAYERS_MAX = 500, /* Of one scene. */
    HEAT_PARCELS_MAX = 5000,
    HEAT_FIRE_POINTS_MAX = 20000, /* Of one file. */
    HEAT_UPLOAD_MAX = 128 * 1024 * 1024,
    HEAT_LIST_MAX = 20000, /* Layers in one answer. */
};
#define HEAT_BYTES_MAX (INT64_C(200) << 30) /* Of all scenes of a park. */

struct heat_scene_new {
    int64_t id;
    struct str name, source; /* "upload", "folder", "sample" */
    struct str mask;         /* Has passed heat_mask_parse. */
    int64_t date;            /* HEAT_NO_DATE: the files say it. */
    struct str light;        /* "", "day", "night" */
    struct heat_saved saved;
};

/* The scene waits for the worker. ERR_CONFLICT "heat.twice", ERR_LIMIT "heat.full". */
MUST_USE enum err heat_scene_add(struct db_tx *tx, const struct change *by,
                                 const struct heat_scene_new *scene);
/* It came through the watched folder and cannot be taken: the list says why. */
MUST_USE enum err heat_scene_add_refused(struct db_tx *tx, const struct change *by,
                                         const struct heat_scene_new *scene,
                                         const struct err_info *why);
/* A scene that was taken turns out to be unreadable. */
MUST_USE enum err heat_scene_refuse(struct db_tx *tx, const struct change *by, int64_t id,
                                    const struct err_info *why);
/* With its layers and statistics; the worker removes the files. ERR_NOT_FOUND. */
MUST_USE enum err heat_scene_remove(struct db_tx *tx, const struct change *by, int64_t id);

/* The scene was read: its layers wait for their statistics. `date` and `light` stand in where a
 * layer has none of its own. */
MUST_USE enum err heat_scene_read(struct db_tx *tx, const struct change *by, int64_t id,
                                  struct str about, const struct heat_scene *scene, int64_t date,
                                  struct str light);
/* ERR_INVALID "heat.no-date" if a layer's date is neither in the file nor said, "heat.too-large".
 */
MUST_USE enum err heat_scene_check(const struct heat_scene *scene, int64_t date);

/* What is told of a scene, as a JSON object. */
struct str heat_scene_about(struct arena *arena, const struct heat_scene *scene,
                            const struct heat_mask *mask);

/* ---- zones ------------------------------------------------------------------------------ */

struct heat_zone_key {
    enum heat_zone_kind kind;
    int64_t id;
};

struct heat_park_zones {
    struct heat_zones zones;          /* The park first and its surroundings last; or none. */
    const struct heat_zone_key *keys; /* As many. */
    struct hash digest;               /* Of all polygons: statistics for others are stale. */
};

MUST_USE enum err heat_zones_load(struct db *db, struct arena *arena, int64_t park_id,
                                  struct heat_park_zones *out);

/* "park", "grid:12", "parcel:34". ERR_INVALID "heat.zone". */
MUST_USE enum err heat_zone_parse(struct str text, struct heat_zone_key *out);
struct str heat_zone_text(struct arena *arena, struct heat_zone_key key);

struct heat_parcel {
    struct str code, name, enterprise; /* The enterprise's credit code, or "". */
    struct str polygon;
};

/* Reads a FeatureCollection; properties "code", "name", "enterprise". Polygons that cross
 * themselves are refused by their code. */
MUST_USE enum err heat_parcels_read(struct arena *arena, struct str text,
                                    const struct heat_parcel **out, size_t *count);
/* These are all parcels from now on; those with a known code keep their id. */
MUST_USE enum err heat_parcels_replace(struct db_tx *tx, const struct change *by,
                                       const struct heat_parcel *parcels, size_t count);

/* ---- statistics ------------------------------------------------------------------------- */

struct heat_layer_result {
    int64_t layer_id, scene_id;
    struct hash zones;
    double low_k, high_k, level_k; /* NAN: nothing was clear. */
    size_t count;
    const struct heat_zone_key *keys;
    const struct heat_stat *stats;
    const bool *below, *mended;
    const struct str *bodies; /* JSON: everything but what has a column. */
};

/* Takes the place of what was known of the layer. */
MUST_USE enum err heat_layer_keep(struct db_tx *tx, int64_t park_id,
                                  const struct heat_layer_result *result);

/* ---- active fires ----------------------------------------------------------------------- */

struct heat_fires_new {
    int64_t id;
    struct str name, source;
    struct hash digest;
    struct heat_fires fires;
};

/* ERR_CONFLICT "heat.twice", ERR_LIMIT "heat.fires-many". */
MUST_USE enum err heat_fires_add(struct db_tx *tx, const struct change *by,
                                 const struct heat_fires_new *set);
MUST_USE enum err heat_fires_remove(struct db_tx *tx, const struct change *by, int64_t id);

#endif
