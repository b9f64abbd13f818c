/* What a signed-in person gets to know about herself: the answer of session, setup and me. */
#ifndef API_ME_H
#define API_ME_H

#include "api/api.h"

extern const struct field ME_REPLY[];

/* A role with its scope, as people read it. */
struct me_grant {
    struct str role, scope;
    int64_t id;
    struct str name;
};

extern const struct field GRANT_FIELDS[];

/* A list of struct me_grant. */
MUST_USE enum err grants_list(struct db *db, struct arena *arena, int64_t park_id,
                              const struct grant *grants, size_t count, struct list *out);

/* Writes call->who, who holds the session `secret` (absent with a token). */
MUST_USE enum err me_write(struct api_call *call, struct str secret);

/* Opens a session for a person, sets its cookie and call->who, and ends the one that was sent. */
MUST_USE enum err me_sign_in(struct api_call *call, struct db_tx *tx, int64_t person_id);

#endif
