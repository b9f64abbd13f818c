/* What the register's resources share. */
#ifndef API_REGISTER_H
#define API_REGISTER_H

#include "api/api.h"
#include "park/change.h"

enum {
    REGISTER_READERS = ROLE_OFFICER | ROLE_DEPARTMENT_HEAD | ROLE_LEADER | ROLE_SYSTEM_ADMIN,
};

/* The caller as the author of a change. */
struct change register_change(const struct api_call *call);

/* Lists by name go on behind a name and an id. */
struct register_cursor {
    struct str name;
    int64_t id;
};
MUST_USE enum err register_cursor_read(struct api_call *call, struct str cursor,
                                       struct register_cursor *out);
struct str register_cursor_make(struct api_call *call, struct str name, int64_t id);

#endif
