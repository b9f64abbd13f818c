/* Grids, and who answers for them and for their enterprises since when. */
#ifndef PARK_GRID_H
#define PARK_GRID_H

#include "park/access.h"
#include "park/change.h"

struct grid {
    struct str code, name;
    const struct json_value *polygon; /* GeoJSON Polygon or MultiPolygon, or NULL. */
};

extern const struct field GRID_FIELDS[];

/* ERR_CONFLICT if the code is taken; ERR_INVALID for what is no polygon. */
MUST_USE enum err grid_add(struct db_tx *tx, const struct change *by, const struct grid *grid,
                           int64_t *id);
MUST_USE enum err grid_change(struct db_tx *tx, const struct change *by, int64_t id,
                              const struct grid *grid, int64_t version);

/* ERR_INVALID unless closed rings of longitude and latitude (RFC 7946, 3.1.6). */
MUST_USE enum err polygon_check(const struct json_value *polygon);

struct assignment {
    int64_t person_id;
    enum role_set role; /* ROLE_GRID_LEADER or ROLE_GRID_MEMBER */
    int64_t grid_id;
    int64_t enterprise_id; /* 0: for the whole grid. */
    int64_t since_us;      /* 0: now. */
    struct str note;
};

/* The person answers from now on, with the right that goes with it. A grid has one leader and an
 * enterprise one named person: whoever was is ended in the same step. */
MUST_USE enum err assignment_begin(struct db_tx *tx, const struct change *by,
                                   const struct assignment *assignment);

/* All that `from` answers for in the grid goes to `to`; the history keeps both. */
MUST_USE enum err assignment_hand_over(struct db_tx *tx, const struct change *by, int64_t grid_id,
                                       int64_t from_person_id, int64_t to_person_id,
                                       struct str note);

/* Ends what a person answers for in the grid. */
MUST_USE enum err assignment_end(struct db_tx *tx, const struct change *by, int64_t grid_id,
                                 int64_t person_id);

#endif
