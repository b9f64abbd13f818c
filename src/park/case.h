/* Cases: one run of a service for one enterprise, and who may see it.
 *
 * Every act is a function that takes the open transaction, decides with the engine, and writes the
 * case's row, its tasks and its journal entries. `who` has passed the route's roles; the functions
 * here check the case's scope and the state: ERR_NOT_FOUND for who may not see it, ERR_FORBIDDEN
 * or ERR_CONFLICT with a reason for who may not act now.
 */
#ifndef PARK_CASE_H
#define PARK_CASE_H

#include "park/access.h"

/* name, key in the API */
#define CASE_STATUS_LIST(X)                                                                        \
    X(CASE_DISPATCHED, "dispatched")                                                               \
    X(CASE_SIGNED, "signed")                                                                       \
    X(CASE_IN_PROGRESS, "in_progress")                                                             \
    X(CASE_PAUSED, "paused")                                                                       \
    X(CASE_RESOLVED, "resolved")                                                                   \
    X(CASE_TO_RATE, "to_rate")                                                                     \
    X(CASE_ARCHIVED, "archived")                                                                   \
    X(CASE_WITHDRAWN, "withdrawn")                                                                 \
    X(CASE_REJECTED, "rejected")

#define CASE_STATUS_ENUM(name, key) name,
enum case_status { CASE_STATUS_LIST(CASE_STATUS_ENUM) CASE_STATUS_COUNT };
#undef CASE_STATUS_ENUM

const char *case_status_key(int64_t status);
int64_t case_status_of_key(struct str key); /* -1 if there is none. */

/* Journal entries of this kind are for staff only. */
bool case_kind_internal(struct str kind);

/* All that decides who may see a case. */
struct case_scope {
    int64_t park_id, case_id, enterprise_id, grid_id;
    const int64_t *departments; /* It is or was dispatched to these. */
    size_t department_count;
    const int64_t *persons; /* Were given a task of it, wherever they belong. */
    size_t person_count;
};

/* ERR_NOT_FOUND if there is no such case. */
MUST_USE enum err case_scope_load(struct db *db, struct arena *arena, int64_t park_id,
                                  int64_t case_id, struct case_scope *out);
bool case_visible(const struct principal *who, const struct case_scope *scope);
/* Does `who` see it as staff, and so also what the contacts must not read? */
bool case_staff(const struct principal *who, const struct case_scope *scope);
/* The same for a scope that lacks departments and persons: they are read if it depends on them. */
MUST_USE enum err case_scope_staff(struct db *db, struct arena *arena, const struct principal *who,
                                   struct case_scope *scope, bool *out);
/* The same in one: ERR_NOT_FOUND unless it is there and visible. */
MUST_USE enum err case_scope_check(struct db *db, struct arena *arena, const struct principal *who,
                                   int64_t case_id, struct case_scope *out);

#endif
