#include "park/access.h"

#include "park/account_sql.h"

struct role_row {
    const char *key;
    enum scope_kind scope;
};

#define ROLE_ROW(name, role, kind) [name##_NUMBER] = {.key = role, .scope = kind},
static const struct role_row ROLES_TABLE[ROLE_COUNT] = {ROLE_LIST(ROLE_ROW)};
#undef ROLE_ROW

static const struct role_row *row_of(enum role_set role)
{
    assert(__builtin_popcount(role) == 1);
    return &ROLES_TABLE[__builtin_ctz(role)];
}

const char *role_key(enum role_set role)
{
    return row_of(role)->key;
}

enum role_set role_of_key(struct str key)
{
    for (unsigned i = 0; i < ROLE_COUNT; i++)
        if (str_is(key, ROLES_TABLE[i].key))
            return 1u << i;
    return 0;
}

enum scope_kind role_scope(enum role_set role)
{
    return row_of(role)->scope;
}

const char *scope_key(enum scope_kind scope)
{
    static const char *const keys[] = {"park", "grid", "department", "enterprise"};
    return keys[scope];
}

bool access_has(const struct principal *who, unsigned any_of)
{
    return (who->roles & any_of) != 0;
}

bool access_in(const struct principal *who, unsigned any_of, int64_t scope_id)
{
    for (size_t i = 0; i < who->grant_count; i++)
        if ((who->grants[i].role & any_of) && who->grants[i].scope_id == scope_id)
            return true;
    return false;
}

enum err access_load(struct db *db, struct arena *arena, int64_t park_id, int64_t person_id,
                     struct principal *out)
{
    struct account_principal_row account;
    struct account_principal_in who = {.park_id = park_id, .person_id = person_id};
    enum err r = sql_account_principal(db, arena, &who, &account);
    if (r != OK)
        return r;
    struct grants_of_rows rows;
    struct grants_of_in of = {.park_id = park_id, .person_id = person_id};
    r = sql_grants_of(db, arena, &of, &rows);
    if (r != OK)
        return r;

    struct principal found = {.park_id = park_id,
                              .person_id = person_id,
                              .name = account.name,
                              .login = account.login,
                              .must_change_password = account.must_change};
    struct grant *grants = ARENA_ARRAY(arena, rows.count, struct grant);
    for (size_t i = 0; i < rows.count; i++) {
        enum role_set role = role_of_key(rows.rows[i].role);
        if (!role) /* A role that this program no longer knows opens nothing. */
            continue;
        grants[found.grant_count++] =
            (struct grant){.role = role, .scope_id = rows.rows[i].scope_id};
        found.roles |= role;
    }
    found.grants = grants;
    *out = found;
    return OK;
}

static enum err check_scope(struct grant grant)
{
    bool park = role_scope(grant.role) == SCOPE_PARK;
    if (park != (grant.scope_id == 0))
        return err_field(ERR_INVALID, "scope_id", "role.scope",
                         park ? "this role holds for the whole park: scope_id must be absent"
                              : "this role needs the grid, department or enterprise it holds for");
    return OK;
}

enum err access_grant(struct db_tx *tx, int64_t park_id, int64_t person_id, struct grant grant,
                      int64_t actor_id, int64_t now_us)
{
    enum err r = check_scope(grant);
    if (r != OK)
        return r;
    int64_t changed;
    struct grant_insert_in row = {.park_id = park_id,
                                  .person_id = person_id,
                                  .role = str_of(role_key(grant.role)),
                                  .scope_id = grant.scope_id,
                                  .now = now_us};
    (void)actor_id;
    access_touch();
    return sql_grant_insert(tx, &row, &changed);
}

/* Whoever takes away the last security administrator locks the door from inside. */
static enum err check_last(struct db_tx *tx, int64_t park_id, enum role_set role)
{
    if (role != ROLE_SECURITY_ADMIN)
        return OK;
    struct grant_holders_row left;
    struct grant_holders_in in = {.park_id = park_id, .role = str_of(role_key(role))};
    enum err r = sql_grant_holders(tx->db, &in, &left);
    if (r == OK && left.count == 0)
        r = err_refuse(ERR_CONFLICT, "role.last-security-admin",
                       "one active person must stay security administrator");
    return r;
}

enum err access_revoke(struct db_tx *tx, int64_t park_id, int64_t person_id, struct grant grant,
                       int64_t actor_id, int64_t now_us)
{
    int64_t changed;
    struct grant_delete_in row = {.park_id = park_id,
                                  .person_id = person_id,
                                  .role = str_of(role_key(grant.role)),
                                  .scope_id = grant.scope_id};
    (void)actor_id, (void)now_us;
    enum err r = sql_grant_delete(tx, &row, &changed);
    if (r != OK)
        return r;
    if (changed == 0)
        return err_set(ERR_NOT_FOUND, "the person does not hold this role here");
    access_touch();
    return check_last(tx, park_id, grant.role);
}

static _Atomic uint64_t generation = 1;
static _Thread_local bool touched;

void access_touch(void)
{
    touched = true;
}

void access_settle(void)
{
    if (touched)
        generation++;
    touched = false;
}

uint64_t access_generation(void)
{
    return generation;
}
