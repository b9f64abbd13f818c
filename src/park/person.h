/* People and departments. A person is staff or an enterprise's contact; an account is apart. */
#ifndef PARK_PERSON_H
#define PARK_PERSON_H

#include "park/access.h"
#include "park/change.h"

struct person {
    struct str name;
    int64_t kind; /* PERSON_KIND */
    int64_t department_id;
    struct str title;
    struct str phone; /* In the clear here, sealed in the store; absent keeps what is stored. */
};

extern const char *const PERSON_KIND[]; /* "staff", "contact" */
extern const struct field PERSON_FIELDS[];

MUST_USE enum err person_add(struct db_tx *tx, const struct change *by, const struct person *person,
                             int64_t *id);
MUST_USE enum err person_change(struct db_tx *tx, const struct change *by, int64_t id,
                                const struct person *person, int64_t version);
/* The phone in the clear, or the absent text. The look is journalled. */
MUST_USE enum err person_reveal(struct db_tx *tx, struct arena *arena, const struct change *by,
                                int64_t id, struct str *phone);

struct department {
    struct str code, name;
};

extern const struct field DEPARTMENT_FIELDS[];

MUST_USE enum err department_add(struct db_tx *tx, const struct change *by,
                                 const struct department *department, int64_t *id);
MUST_USE enum err department_change(struct db_tx *tx, const struct change *by, int64_t id,
                                    const struct department *department, int64_t version);

#endif
