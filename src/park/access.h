/* Who may what: a right is a role and its scope.
 *
 * A principal is read from the session or token, and read again as soon as any right has changed,
 * so that a right that was taken away is gone with the next click. Whoever may not see a thing gets
 * ERR_NOT_FOUND, exactly as if it did not exist; ERR_FORBIDDEN is for acts on things one sees.
 */
#ifndef PARK_ACCESS_H
#define PARK_ACCESS_H

#include "db/db.h"

/* name, key in API and store, kind of scope */
#define ROLE_LIST(X)                                                                               \
    X(ROLE_CONTACT, "contact", SCOPE_ENTERPRISE)                                                   \
    X(ROLE_GRID_MEMBER, "grid_member", SCOPE_GRID)                                                 \
    X(ROLE_GRID_LEADER, "grid_leader", SCOPE_GRID)                                                 \
    X(ROLE_OFFICER, "officer", SCOPE_DEPARTMENT)                                                   \
    X(ROLE_DEPARTMENT_HEAD, "department_head", SCOPE_DEPARTMENT)                                   \
    X(ROLE_LEADER, "leader", SCOPE_PARK)                                                           \
    X(ROLE_TRADING_OFFICER, "trading_officer", SCOPE_PARK)                                         \
    X(ROLE_GATE_GUARD, "gate_guard", SCOPE_PARK)                                                   \
    X(ROLE_AUDITOR, "auditor", SCOPE_PARK)                                                         \
    X(ROLE_SYSTEM_ADMIN, "system_admin", SCOPE_PARK)                                               \
    X(ROLE_SECURITY_ADMIN, "security_admin", SCOPE_PARK)                                           \
    X(ROLE_AUDIT_ADMIN, "audit_admin", SCOPE_PARK)                                                 \
    X(ROLE_ENGINE_CLIENT, "engine_client", SCOPE_PARK)

enum scope_kind { SCOPE_PARK, SCOPE_GRID, SCOPE_DEPARTMENT, SCOPE_ENTERPRISE };

#define ROLE_ENUM(name, key, scope) name##_NUMBER,
enum role_number { ROLE_LIST(ROLE_ENUM) ROLE_COUNT };
#undef ROLE_ENUM

/* A set of roles is a bit mask; ROLE_X is the set of one. */
#define ROLE_BIT(name, key, scope) name = 1u << name##_NUMBER,
enum role_set { ROLE_LIST(ROLE_BIT) ROLE_ALL_SIGNED_IN = (1u << ROLE_COUNT) - 1 };
#undef ROLE_BIT

enum {
    ROLE_STAFF =
        ROLE_GRID_MEMBER | ROLE_GRID_LEADER | ROLE_OFFICER | ROLE_DEPARTMENT_HEAD | ROLE_LEADER,
    ROLE_ADMIN = ROLE_SYSTEM_ADMIN | ROLE_SECURITY_ADMIN | ROLE_AUDIT_ADMIN,
};

struct grant {
    enum role_set role; /* One role. */
    int64_t scope_id;   /* Grid, department or enterprise; 0 for the park. */
};

struct principal {
    int64_t park_id;
    int64_t person_id;
    struct str name, login;
    unsigned roles;             /* Union of all grants. */
    const struct grant *grants; /* As long as the request's arena. */
    size_t grant_count;
    int64_t session_id, token_id; /* One of them, or neither for the program itself. */
    bool must_change_password;
    uint64_t generation; /* Of rights, see access_generation. */
};

const char *role_key(enum role_set role); /* "grid_member" */
/* 0 if there is no such role. */
enum role_set role_of_key(struct str key);
enum scope_kind role_scope(enum role_set role);
const char *scope_key(enum scope_kind scope); /* "grid" */

bool access_has(const struct principal *who, unsigned any_of);
/* Does one of the roles in `any_of` hold for this grid, department or enterprise? */
bool access_in(const struct principal *who, unsigned any_of, int64_t scope_id);

/* The grid's, department's or enterprise's name; the absent text for the park. ERR_NOT_FOUND. */
MUST_USE enum err access_scope_name(struct db *db, struct arena *arena, int64_t park_id,
                                    struct grant grant, struct str *out);

/* Reads a person's grants. ERR_NOT_FOUND if the person is gone or locked. */
MUST_USE enum err access_load(struct db *db, struct arena *arena, int64_t park_id,
                              int64_t person_id, struct principal *out);

/* Gives and takes roles; each change is journalled. `actor_id` is who did it. */
MUST_USE enum err access_grant(struct db_tx *tx, int64_t park_id, int64_t person_id,
                               struct grant grant, int64_t actor_id, int64_t now_us);
MUST_USE enum err access_revoke(struct db_tx *tx, int64_t park_id, int64_t person_id,
                                struct grant grant, int64_t actor_id, int64_t now_us);

/* ERR_CONFLICT if no active person is security administrator any more: the door would be locked
 * from inside. Call it after what may have caused that. */
MUST_USE enum err access_keeps_door(struct db_tx *tx, int64_t park_id);

/* Principals that are kept beside the store are good for one generation. Whatever changes accounts,
 * sessions, tokens or grants calls access_touch on the writer's thread; after the commit, and
 * before anyone is answered, access_settle begins a new generation. */
void access_touch(void);
void access_settle(void);
uint64_t access_generation(void);

#endif
