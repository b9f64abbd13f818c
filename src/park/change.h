/* A change of the register: by whom and when, and its entry in the journal. */
#ifndef PARK_CHANGE_H
#define PARK_CHANGE_H

#include "db/db.h"
#include "json/fields.h"

struct change {
    int64_t park_id;
    int64_t actor_id; /* 0: the program. */
    int64_t now_us;
};

/* Appends "kind" with {"id": …, and the members of `value`}. `subject_id` is the person whose
 * personal data the value holds, or 0. */
MUST_USE enum err change_record(struct db_tx *tx, const struct change *by, const char *kind,
                                int64_t subject_id, int64_t id, const struct field *fields,
                                const void *value);

#endif
