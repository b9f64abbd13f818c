/* Accounts and roles: the security administrator's work. */
#include "api/inside.h"
#include "api/me.h"
#include "base/clock.h"
#include "journal/journal.h"
#include "park/account_sql.h"

struct account_person {
    int64_t id;
    struct str name;
};

struct account_out {
    struct account_person person;
    struct str login;
    int64_t state;
    int64_t last_login_at;
    struct list roles;
    int64_t version;
};

enum account_state { ACCOUNT_ACTIVE, ACCOUNT_LOCKED, ACCOUNT_DISABLED };

static const char *const STATES[] = {"active", "locked", "disabled", NULL};
static const struct field PERSON_FIELDS[] = {FIELD(struct account_person, id, FIELD_ID),
                                             FIELD(struct account_person, name, FIELD_TEXT),
                                             FIELD_END};
static const struct field ACCOUNT_REPLY[] = {
    FIELD(struct account_out, person, FIELD_OBJECT, .of = PERSON_FIELDS),
    FIELD(struct account_out, login, FIELD_TEXT),
    FIELD(struct account_out, state, FIELD_ENUM, .names = STATES),
    FIELD(struct account_out, last_login_at, FIELD_TIME),
    FIELD(struct account_out, roles, FIELD_LIST, .of = GRANT_FIELDS,
          .of_size = sizeof(struct me_grant)),
    FIELD(struct account_out, version, FIELD_INT),
    FIELD_END};

static enum err read_roles(struct api_call *call, int64_t person_id, struct list *out)
{
    struct grants_of_rows rows;
    struct grants_of_in in = {.park_id = call->park_id, .person_id = person_id};
    enum err r = sql_grants_of(call->db, call->arena, &in, &rows);
    if (r != OK)
        return r;
    struct grant *grants = ARENA_ARRAY(call->arena, rows.count, struct grant);
    size_t count = 0;
    for (size_t i = 0; i < rows.count; i++) {
        enum role_set role = role_of_key(rows.rows[i].role);
        if (role)
            grants[count++] = (struct grant){.role = role, .scope_id = rows.rows[i].scope_id};
    }
    return grants_list(call->db, call->arena, call->park_id, grants, count, out);
}

static enum err read_state(struct api_call *call, struct str login, bool disabled, int64_t *out)
{
    bool locked = false;
    enum err r = login_is_locked(call->db, call->park_id, login, STR(""), call->now_us, &locked);
    if (r == OK)
        *out = disabled ? ACCOUNT_DISABLED : locked ? ACCOUNT_LOCKED : ACCOUNT_ACTIVE;
    return r;
}

static enum err write_account(struct api_call *call, const struct account_page_row *row)
{
    struct account_out out = {.person = {.id = row->person_id, .name = row->name},
                              .login = row->login,
                              .last_login_at = row->last_login_at,
                              .version = row->version};
    enum err r = read_state(call, row->login, row->disabled, &out.state);
    if (r == OK)
        r = read_roles(call, row->person_id, &out.roles);
    if (r == OK)
        api_reply(call, ACCOUNT_REPLY, &out);
    return r;
}

struct accounts_query {
    struct str q, cursor;
    int64_t limit;
};

static const struct field ACCOUNTS_QUERY[] = {
    FIELD(struct accounts_query, q, FIELD_TEXT, .doc = "Part of the login or the name"),
    FIELD(struct accounts_query, cursor, FIELD_TEXT),
    FIELD(struct accounts_query, limit, FIELD_INT, .min = 1, .max = LIMIT_PAGE), FIELD_END};

static enum err accounts_get(struct api_call *call)
{
    const struct accounts_query *query = call->query;
    int64_t limit = api_limit(query->limit);
    struct account_page_rows rows;
    struct account_page_in in = {.park_id = call->park_id, .q = query->q, .limit = limit + 1};
    enum err r = api_cursor_read_text(call, query->cursor, &in.after_login);
    if (r == OK)
        r = sql_account_page(call->db, call->arena, &in, &rows);
    if (r != OK)
        return r;
    bool more = api_page_cut(&rows.count, limit);
    api_page_begin(call);
    for (size_t i = 0; i < rows.count; i++) {
        r = write_account(call, &rows.rows[i]);
        if (r != OK)
            return r;
    }
    api_page_end(call, more ? api_cursor_make_text(call, rows.rows[rows.count - 1].login)
                            : (struct str){0});
    return OK;
}

static enum err reply_account(struct api_call *call, int64_t person_id)
{
    struct account_row_of_row row;
    struct account_row_of_in in = {.park_id = call->park_id, .person_id = person_id};
    enum err r = sql_account_row_of(call->db, call->arena, &in, &row);
    if (r != OK)
        return r;
    api_set_version(call, row.version);
    return write_account(call, &(struct account_page_row){.person_id = person_id,
                                                          .name = row.name,
                                                          .login = row.login,
                                                          .disabled = row.disabled,
                                                          .last_login_at = row.last_login_at,
                                                          .version = row.version});
}

/* Making and changing. ------------------------------------------------------------------------ */

struct account_in {
    struct str login, password;
    int64_t state;
};

static const char *const SETTABLE[] = {"active", "disabled", NULL};
static const struct field ACCOUNT_FIELDS[] = {
    FIELD(struct account_in, login, FIELD_TEXT, .required = true),
    FIELD(struct account_in, password, FIELD_TEXT,
          .doc = "Required for a new account; the person must change it at the first sign-in"),
    FIELD(struct account_in, state, FIELD_ENUM, .names = SETTABLE, .required = true), FIELD_END};

struct account_work {
    struct str login, hashed;
};

static enum err account_prepare(struct api_call *call)
{
    const struct account_in *in = call->body;
    struct account_work *work = call->prepared = ARENA_NEW(call->arena, struct account_work);
    enum err r = login_normal(call->arena, in->login, &work->login);
    if (r == OK && in->password.ptr)
        r = password_rules(work->login, in->password);
    if (r == OK && in->password.ptr)
        r = password_hash(call->arena, in->password, &work->hashed);
    return r;
}

static enum err note(struct api_call *call, struct db_tx *tx, const char *kind, int64_t person_id)
{
    return journal_append(tx,
                          &(struct journal_entry){.park_id = call->park_id,
                                                  .time_us = call->now_us,
                                                  .kind = kind,
                                                  .actor_id = call->who.person_id,
                                                  .subject_id = person_id,
                                                  .body = STR("{}")},
                          NULL);
}

static enum err make_account(struct api_call *call, struct db_tx *tx, int64_t person_id)
{
    const struct account_work *work = call->prepared;
    struct person_name_row person;
    struct person_name_in in = {.park_id = call->park_id, .person_id = person_id};
    if (!work->hashed.ptr)
        return err_field(ERR_INVALID, "password", "field.required", "is required");
    enum err r = sql_person_name(tx->db, call->arena, &in, &person);
    struct account_new account = {.park_id = call->park_id,
                                  .person_id = person_id,
                                  .login = work->login,
                                  .password = work->hashed,
                                  .must_change = true};
    if (r == OK)
        r = account_create(tx, &account, call->now_us);
    return r == OK ? note(call, tx, "account.created", person_id) : r;
}

static enum err change_account(struct api_call *call, struct db_tx *tx, int64_t person_id)
{
    const struct account_in *in = call->body;
    const struct account_work *work = call->prepared;
    bool disable = in->state == 1;
    if (disable && person_id == call->who.person_id)
        return err_refuse(ERR_CONFLICT, "account.own", "nobody closes the own account");
    enum err r = account_change(tx, call->park_id, person_id, work->login, disable);
    if (r == OK && work->hashed.ptr)
        r = account_change_password(tx, call->park_id, person_id, work->hashed, true,
                                    call->who.session_id);
    if (r == OK && disable)
        r = access_keeps_door(tx, call->park_id);
    return r == OK ? note(call, tx, disable ? "account.disabled" : "account.changed", person_id)
                   : r;
}

static enum err account_put(struct api_call *call, struct db_tx *tx)
{
    const struct account_in *in = call->body;
    int64_t person_id = call->path_id[0];
    struct account_get_row now;
    struct account_get_in get = {.park_id = call->park_id, .person_id = person_id};
    enum err r = sql_account_get(tx->db, call->arena, &get, &now);
    if (r == OK) {
        r = api_match_version(call, now.version);
        if (r == OK)
            r = change_account(call, tx, person_id);
    } else if (r == ERR_NOT_FOUND) {
        r = in->state == 1
                ? err_field(ERR_INVALID, "state", "field.choice", "a new account is active")
                : make_account(call, tx, person_id);
    }
    return r == OK ? reply_account(call, person_id) : r;
}

static enum err unlock_post(struct api_call *call, struct db_tx *tx)
{
    struct account_get_row account;
    struct account_get_in get = {.park_id = call->park_id, .person_id = call->path_id[0]};
    enum err r = sql_account_get(tx->db, call->arena, &get, &account);
    if (r == OK)
        r = login_unlock(tx, call->park_id, account.login);
    if (r == OK)
        r = note(call, tx, "account.unlocked", call->path_id[0]);
    return r == OK ? reply_account(call, call->path_id[0]) : r;
}

/* Roles. -------------------------------------------------------------------------------------- */

struct role_in {
    int64_t role, scope_id;
};

struct roles_out {
    struct list roles;
};

#define ROLE_NAME(name, key, scope) key,
static const char *const ROLE_NAMES[] = {ROLE_LIST(ROLE_NAME) NULL};
#undef ROLE_NAME

static const struct field ROLE_FIELDS[] = {
    FIELD(struct role_in, role, FIELD_ENUM, .names = ROLE_NAMES, .required = true),
    FIELD(struct role_in, scope_id, FIELD_ID,
          .doc = "The grid, department or enterprise; absent for roles of the whole park"),
    FIELD_END};
static const struct field ROLES_REPLY[] = {FIELD(struct roles_out, roles, FIELD_LIST,
                                                 .of = GRANT_FIELDS,
                                                 .of_size = sizeof(struct me_grant)),
                                           FIELD_END};

static struct grant grant_of(const struct role_in *in)
{
    return (struct grant){.role = 1u << in->role, .scope_id = in->scope_id};
}

static enum err reply_roles(struct api_call *call)
{
    struct roles_out out;
    enum err r = read_roles(call, call->path_id[0], &out.roles);
    if (r == OK)
        api_reply(call, ROLES_REPLY, &out);
    return r;
}

static enum err role_post(struct api_call *call, struct db_tx *tx)
{
    struct person_name_row person;
    struct person_name_in in = {.park_id = call->park_id, .person_id = call->path_id[0]};
    if (call->path_id[0] == call->who.person_id)
        return err_refuse(ERR_FORBIDDEN, "role.own", "nobody gives roles to oneself");
    enum err r = sql_person_name(tx->db, call->arena, &in, &person);
    if (r == OK)
        r = access_grant(tx, call->park_id, call->path_id[0], grant_of(call->body),
                         call->who.person_id, call->now_us);
    return r == OK ? reply_roles(call) : r;
}

static enum err role_delete(struct api_call *call, struct db_tx *tx)
{
    enum err r = access_revoke(tx, call->park_id, call->path_id[0], grant_of(call->body),
                               call->who.person_id, call->now_us);
    return r == OK ? reply_roles(call) : r;
}

const struct route ACCOUNT_ROUTES[] = {
    {GET, "/api/v1/accounts", ROLES(ROLE_SECURITY_ADMIN), .query = accounts_get,
     .query_fields = ACCOUNTS_QUERY, .query_size = sizeof(struct accounts_query),
     .reply = ACCOUNT_REPLY, .page = true, .doc = "Who may sign in, with which roles"},
    {PUT, "/api/v1/people/{id}/account", ROLES(ROLE_SECURITY_ADMIN), .prepare = account_prepare,
     .command = account_put, .body = ACCOUNT_FIELDS, .body_size = sizeof(struct account_in),
     .reply = ACCOUNT_REPLY, .doc = "Makes or changes a person's account"},
    {POST, "/api/v1/people/{id}/unlock", ROLES(ROLE_SECURITY_ADMIN), .command = unlock_post,
     .reply = ACCOUNT_REPLY, .doc = "Forgives the wrong passwords of an account"},
    {POST, "/api/v1/people/{id}/roles", ROLES(ROLE_SECURITY_ADMIN), .command = role_post,
     .body = ROLE_FIELDS, .body_size = sizeof(struct role_in), .reply = ROLES_REPLY,
     .doc = "Gives a role for the park, a grid, a department or an enterprise"},
    {DELETE, "/api/v1/people/{id}/roles", ROLES(ROLE_SECURITY_ADMIN), .command = role_delete,
     .body = ROLE_FIELDS, .body_size = sizeof(struct role_in), .reply = ROLES_REPLY,
     .doc = "Takes a role away"},
    ROUTE_END};
