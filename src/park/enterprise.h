/* Enterprises: the served side. One row each; their contacts and cases hang on them. */
#ifndef PARK_ENTERPRISE_H
#define PARK_ENTERPRISE_H

#include "park/access.h"
#include "park/change.h"

struct enterprise {
    struct str code; /* GB 32100 credit code, checked. */
    struct str name, short_name;
    int64_t grid_id; /* 0: not in a grid yet; its cases wait in the park's inbox. */
    struct str industry;
    int64_t status; /* ENTERPRISE_STATUS */
    struct str address;
    double lat, lng; /* WGS 84; 0, 0: unknown. */
    int64_t area_m2, employees;
    struct str scale, note;
};

extern const char *const ENTERPRISE_STATUS[]; /* "active", "building", "closed" */
extern const struct field ENTERPRISE_FIELDS[];

/* ERR_INVALID with field and reason: the credit code's check character, names, place. */
MUST_USE enum err enterprise_check(const struct enterprise *enterprise);

/* ERR_CONFLICT if the code is taken; ERR_INVALID if the grid is not there. */
MUST_USE enum err enterprise_add(struct db_tx *tx, const struct change *by,
                                 const struct enterprise *enterprise, int64_t *id);
/* ERR_PRECONDITION unless `version` is the stored one (0: whatever it is). */
MUST_USE enum err enterprise_change(struct db_tx *tx, const struct change *by, int64_t id,
                                    const struct enterprise *enterprise, int64_t version);

/* Makes a person a contact of the enterprise, with the right that goes with it. */
MUST_USE enum err enterprise_add_contact(struct db_tx *tx, const struct change *by,
                                         int64_t enterprise_id, int64_t person_id);
MUST_USE enum err enterprise_end_contact(struct db_tx *tx, const struct change *by,
                                         int64_t enterprise_id, int64_t person_id);

/* GB 32100-2015: 18 characters of its alphabet, the last one a check (mod 31). */
bool credit_code_valid(struct str code);
/* The check character of the first 17, or 0 if one of them is not allowed. */
char credit_code_check(struct str first17);

/* May this caller read the enterprise's page? Its contacts, its grid's people, and staff. */
bool enterprise_visible(const struct principal *who, int64_t enterprise_id, int64_t grid_id);

#endif
