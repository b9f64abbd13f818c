#include "park/case.h"

#include "park/case_sql.h"

const char *case_status_key(int64_t status)
{
#define CASE_STATUS_KEY(name, key) [name] = key,
    static const char *const KEYS[] = {CASE_STATUS_LIST(CASE_STATUS_KEY)};
#undef CASE_STATUS_KEY
    assert(status >= 0 && status < CASE_STATUS_COUNT);
    return KEYS[status];
}

int64_t case_status_of_key(struct str key)
{
    for (int64_t i = 0; i < CASE_STATUS_COUNT; i++)
        if (str_is(key, case_status_key(i)))
            return i;
    return -1;
}

bool case_kind_internal(struct str kind)
{
    static const char *const INTERNAL[] = {"case.note",     "case.warned",  "case.supervised",
                                           "case.incident", "case.step",    "case.retried",
                                           "case.modified", "case.migrated"};
    for (size_t i = 0; i < COUNT_OF(INTERNAL); i++)
        if (str_is(kind, INTERNAL[i]))
            return true;
    return false;
}

/* A row of one id column is that id, here and below. */
static enum err load_departments(struct db *db, struct arena *arena, struct case_scope *scope)
{
    struct case_departments_in in = {.park_id = scope->park_id, .case_id = scope->case_id};
    struct case_departments_rows found = {0};
    static_assert(sizeof(*found.rows) == sizeof(int64_t), "one column");
    enum err r = sql_case_departments(db, arena, &in, &found);
    scope->departments = (const int64_t *)found.rows;
    scope->department_count = found.count;
    return r;
}

static enum err load_persons(struct db *db, struct arena *arena, struct case_scope *scope)
{
    struct case_persons_in in = {.park_id = scope->park_id, .case_id = scope->case_id};
    struct case_persons_rows found = {0};
    static_assert(sizeof(*found.rows) == sizeof(int64_t), "one column");
    enum err r = sql_case_persons(db, arena, &in, &found);
    scope->persons = (const int64_t *)found.rows;
    scope->person_count = found.count;
    return r;
}

enum err case_scope_load(struct db *db, struct arena *arena, int64_t park_id, int64_t case_id,
                         struct case_scope *out)
{
    struct case_where_row where;
    enum err r =
        sql_case_where(db, &(struct case_where_in){.park_id = park_id, .id = case_id}, &where);
    if (r == ERR_NOT_FOUND)
        return err_set(ERR_NOT_FOUND, "no case %" PRId64, case_id);
    *out = (struct case_scope){.park_id = park_id,
                               .case_id = case_id,
                               .enterprise_id = where.enterprise_id,
                               .grid_id = where.grid_id};
    if (r == OK)
        r = load_departments(db, arena, out);
    return r == OK ? load_persons(db, arena, out) : r;
}

static bool contains(const int64_t *ids, size_t count, int64_t id)
{
    for (size_t i = 0; i < count; i++)
        if (ids[i] == id)
            return true;
    return false;
}

bool case_staff(const struct principal *who, const struct case_scope *scope)
{
    if (who->park_id != scope->park_id)
        return false;
    if (access_has(who, ROLE_LEADER))
        return true;
    if (scope->grid_id && access_in(who, ROLE_GRID_MEMBER | ROLE_GRID_LEADER, scope->grid_id))
        return true;
    for (size_t i = 0; i < scope->department_count; i++)
        if (access_in(who, ROLE_OFFICER | ROLE_DEPARTMENT_HEAD, scope->departments[i]))
            return true;
    return access_has(who, ROLE_STAFF) &&
           contains(scope->persons, scope->person_count, who->person_id);
}

enum err case_scope_staff(struct db *db, struct arena *arena, const struct principal *who,
                          struct case_scope *scope, bool *out)
{
    enum err r = OK;
    bool asks = access_has(who, ROLE_STAFF);
    *out = case_staff(who, scope);
    if (!*out && asks && (r = load_departments(db, arena, scope)) == OK)
        *out = case_staff(who, scope);
    if (r == OK && !*out && asks && (r = load_persons(db, arena, scope)) == OK)
        *out = case_staff(who, scope);
    return r;
}

bool case_visible(const struct principal *who, const struct case_scope *scope)
{
    if (who->park_id != scope->park_id)
        return false;
    return access_in(who, ROLE_CONTACT, scope->enterprise_id) || case_staff(who, scope);
}

enum err case_scope_check(struct db *db, struct arena *arena, const struct principal *who,
                          int64_t case_id, struct case_scope *out)
{
    struct case_scope scope;
    enum err r = case_scope_load(db, arena, who->park_id, case_id, &scope);
    if (r != OK)
        return r;
    if (!case_visible(who, &scope)) /* In the same words as for what is not there. */
        return err_set(ERR_NOT_FOUND, "no case %" PRId64, case_id);
    *out = scope;
    return OK;
}
