#include "park/access.h"

#include "journal/journal.h"
#include "park/account_sql.h"
#include "json/json.h"

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
    uint64_t read_in = access_generation(); /* Before reading: a change meanwhile ends it. */
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
                              .must_change_password = account.must_change,
                              .generation = read_in};
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

enum err access_scope_name(struct db *db, struct arena *arena, int64_t park_id, struct grant grant,
                           struct str *out)
{
    enum scope_kind scope = role_scope(grant.role);
    struct grant_name_row row = {0};
    struct grant_name_in in = {
        .park_id = park_id, .scope = str_of(scope_key(scope)), .id = grant.scope_id};
    enum err r = scope == SCOPE_PARK ? OK : sql_grant_name(db, arena, &in, &row);
    if (r == OK)
        *out = row.name;
    return r;
}

static enum err check_scope(struct db *db, int64_t park_id, struct grant grant)
{
    bool park = role_scope(grant.role) == SCOPE_PARK;
    if (park != (grant.scope_id == 0))
        return err_field(ERR_INVALID, "scope_id", "role.scope",
                         park ? "this role holds for the whole park: scope_id must be absent"
                              : "this role needs the grid, department or enterprise it holds for");
    struct arena arena;
    struct str name;
    arena_init(&arena);
    enum err r = access_scope_name(db, &arena, park_id, grant, &name);
    arena_release(&arena);
    if (r == ERR_NOT_FOUND)
        return err_field(ERR_INVALID, "scope_id", "role.scope",
                         "there is no such grid, department or enterprise");
    return r;
}

static enum err note(struct db_tx *tx, const char *kind, int64_t park_id, int64_t person_id,
                     struct grant grant, int64_t actor_id, int64_t now_us)
{
    CLEANUP(buf_release) struct buf body;
    buf_init(&body, 256);
    struct json_writer json = json_writer(&body);
    json_object_begin(&json);
    json_member_c(&json, "role", role_key(grant.role));
    json_member_id(&json, "scope_id", grant.scope_id);
    json_object_end(&json);
    return journal_append(tx,
                          &(struct journal_entry){.park_id = park_id,
                                                  .time_us = now_us,
                                                  .kind = kind,
                                                  .actor_id = actor_id,
                                                  .subject_id = person_id,
                                                  .body = buf_str(&body)},
                          NULL);
}

enum err access_grant(struct db_tx *tx, int64_t park_id, int64_t person_id, struct grant grant,
                      int64_t actor_id, int64_t now_us)
{
    enum err r = check_scope(tx->db, park_id, grant);
    if (r != OK)
        return r;
    int64_t changed;
    struct grant_insert_in row = {.park_id = park_id,
                                  .person_id = person_id,
                                  .role = str_of(role_key(grant.role)),
                                  .scope_id = grant.scope_id,
                                  .now = now_us};
    access_touch();
    r = sql_grant_insert(tx, &row, &changed);
    if (r != OK || changed == 0) /* Held already. */
        return r;
    return note(tx, "role.granted", park_id, person_id, grant, actor_id, now_us);
}

enum err access_keeps_door(struct db_tx *tx, int64_t park_id)
{
    struct grant_holders_row left;
    struct grant_holders_in in = {.park_id = park_id,
                                  .role = str_of(role_key(ROLE_SECURITY_ADMIN))};
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
    enum err r = sql_grant_delete(tx, &row, &changed);
    if (r != OK)
        return r;
    if (changed == 0)
        return err_set(ERR_NOT_FOUND, "the person does not hold this role here");
    access_touch();
    r = grant.role == ROLE_SECURITY_ADMIN ? access_keeps_door(tx, park_id) : OK;
    return r == OK ? note(tx, "role.revoked", park_id, person_id, grant, actor_id, now_us) : r;
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
