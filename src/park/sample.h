/* The sample park's register: invented, the same for the same seed, and marked as sample data.
 *
 * 26 grids on 40 km² of coast, 88 grid leaders and members, 245 enterprises with a contact each,
 * eight departments and the committee. Enterprise names carry （示例）, titles of people too;
 * phones begin with 100, which no network has given out.
 */
#ifndef PARK_SAMPLE_H
#define PARK_SAMPLE_H

#include "park/change.h"

enum {
    SAMPLE_GRIDS = 26,
    SAMPLE_MEMBERS = 62, /* With the leaders of the grids 88. */
    SAMPLE_ENTERPRISES = 245,
    SAMPLE_DEPARTMENTS = 8,
    SAMPLE_OFFICERS = 2, /* Of a department. */
    SAMPLE_LEADERS = 3,  /* Of the committee. */
    SAMPLE_GRID_MEMBERS_MAX = 3,
};

struct sample_department {
    int64_t id, head, officers[SAMPLE_OFFICERS];
};

struct sample_grid {
    int64_t id, leader, members[SAMPLE_GRID_MEMBERS_MAX];
    size_t member_count;
};

struct sample_enterprise {
    int64_t id, contact;
    int64_t answerer; /* The grid member who is named for it. */
    size_t grid;      /* Index into the grids. */
};

/* Whom and what the register holds, as ids: what accounts and a played day are made from. */
struct sample {
    struct sample_department departments[SAMPLE_DEPARTMENTS]; /* The first is service-office. */
    struct sample_grid grids[SAMPLE_GRIDS];
    struct sample_enterprise enterprises[SAMPLE_ENTERPRISES];
    int64_t leaders[SAMPLE_LEADERS];
    int64_t system_admin, security_admin, audit_admin, auditor;
};

/* Makes the park `park_id` in an empty store, with its settings and calendars, and fills it.
 * `out` is filled only on OK. */
MUST_USE enum err sample_register(struct db_tx *tx, int64_t park_id, uint64_t seed, int64_t now_us,
                                  struct sample *out);

#endif
