/* Signing in and out, and what one may know about oneself. */
#include <stdio.h>

#include "api/inside.h"
#include "api/me.h"
#include "base/clock.h"
#include "journal/journal.h"
#include "park/account_sql.h"

/* Me. ----------------------------------------------------------------------------------------- */

struct me_person {
    int64_t id;
    struct str name;
};

struct me_park {
    int64_t id;
    struct str name;
    bool sample;
};

struct me_out {
    struct me_person person;
    struct str login, csrf;
    struct list roles, grants;
    struct me_park park;
    bool must_change_password;
};

static const struct field PERSON_FIELDS[] = {FIELD(struct me_person, id, FIELD_ID),
                                             FIELD(struct me_person, name, FIELD_TEXT), FIELD_END};
const struct field GRANT_FIELDS[] = {
    FIELD(struct me_grant, role, FIELD_TEXT),
    FIELD(struct me_grant, scope, FIELD_TEXT, .doc = "park, grid, department or enterprise"),
    FIELD(struct me_grant, id, FIELD_ID), FIELD(struct me_grant, name, FIELD_TEXT), FIELD_END};
static const struct field PARK_FIELDS[] = {FIELD(struct me_park, id, FIELD_ID),
                                           FIELD(struct me_park, name, FIELD_TEXT),
                                           FIELD(struct me_park, sample, FIELD_BOOL), FIELD_END};
const struct field ME_REPLY[] = {
    FIELD(struct me_out, person, FIELD_OBJECT, .of = PERSON_FIELDS),
    FIELD(struct me_out, login, FIELD_TEXT),
    FIELD(struct me_out, csrf, FIELD_TEXT, .doc = "Send it as X-CSRF-Token with every change"),
    FIELD(struct me_out, roles, FIELD_TEXT_LIST),
    FIELD(struct me_out, grants, FIELD_LIST, .of = GRANT_FIELDS,
          .of_size = sizeof(struct me_grant)),
    FIELD(struct me_out, park, FIELD_OBJECT, .of = PARK_FIELDS),
    FIELD(struct me_out, must_change_password, FIELD_BOOL),
    FIELD_END};

static struct list role_list(struct arena *arena, unsigned roles)
{
    struct str *names = ARENA_ARRAY(arena, ROLE_COUNT, struct str);
    size_t count = 0;
    for (unsigned i = 0; i < ROLE_COUNT; i++)
        if (roles & 1u << i)
            names[count++] = str_of(role_key(1u << i));
    return (struct list){.items = names, .count = count};
}

enum err grants_list(struct db *db, struct arena *arena, int64_t park_id,
                     const struct grant *grants, size_t count, struct list *out)
{
    struct me_grant *items = ARENA_ARRAY(arena, count, struct me_grant);
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct me_grant){.role = str_of(role_key(grants[i].role)),
                                     .scope = str_of(scope_key(role_scope(grants[i].role))),
                                     .id = grants[i].scope_id};
        enum err r = access_scope_name(db, arena, park_id, grants[i], &items[i].name);
        if (r != OK && r != ERR_NOT_FOUND)
            return r;
    }
    *out = (struct list){.items = items, .count = count};
    return OK;
}

enum err me_write(struct api_call *call, struct str secret)
{
    struct park_get_row park;
    struct list grants;
    const struct principal *who = &call->who;
    struct park_get_in in = {.id = call->park_id};
    enum err r = sql_park_get(call->db, call->arena, &in, &park);
    if (r == OK)
        r = grants_list(call->db, call->arena, call->park_id, who->grants, who->grant_count,
                        &grants);
    if (r != OK)
        return r;
    struct me_out out = {.person = {.id = who->person_id, .name = who->name},
                         .login = who->login,
                         .csrf = secret.ptr ? auth_csrf(call->arena, secret) : (struct str){0},
                         .roles = role_list(call->arena, who->roles),
                         .grants = grants,
                         .park = {.id = call->park_id, .name = park.name, .sample = park.sample},
                         .must_change_password = who->must_change_password};
    api_reply(call, ME_REPLY, &out);
    return OK;
}

static enum err me_get(struct api_call *call)
{
    struct api_call_state *state = api_state(call);
    return me_write(call, state->by_cookie ? state->session_secret : (struct str){0});
}

/* Signing in. --------------------------------------------------------------------------------- */

static bool is_behind_tls(const struct api_call *call)
{
    struct str proto = http_header(call->http, "X-Forwarded-Proto");
    return str_equal_nocase(proto, STR("https"));
}

static void set_cookie(struct api_call *call, struct str secret, int64_t seconds)
{
    call->cookie = str_c(
        call->arena,
        str_format(call->arena,
                   "kl_session=%.*s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%" PRId64 "%s",
                   STR_ARG(secret), seconds, is_behind_tls(call) ? "; Secure" : ""));
}

enum err me_sign_in(struct api_call *call, struct db_tx *tx, int64_t person_id)
{
    struct str old = api_state(call)->session_secret, secret;
    int64_t session_id;
    struct setting_get_row setting;
    enum err r = old.ptr ? session_close(tx, call->park_id, old) : OK;
    if (r == OK)
        r = session_open(tx, call->arena, call->park_id, person_id, call->now_us, &secret,
                         &session_id);
    if (r == OK)
        r = access_load(tx->db, call->arena, call->park_id, person_id, &call->who);
    struct setting_get_in in = {.park_id = call->park_id};
    if (r == OK)
        r = sql_setting_get(tx->db, call->arena, &in, &setting);
    if (r != OK)
        return r;
    call->who.session_id = session_id;
    set_cookie(call, secret, setting.absolute_hours * HOUR_US / SECOND_US);
    return me_write(call, secret);
}

struct session_in {
    struct str login, password;
};

static const struct field SESSION_FIELDS[] = {
    FIELD(struct session_in, login, FIELD_TEXT, .required = true),
    FIELD(struct session_in, password, FIELD_TEXT, .required = true), FIELD_END};

/* What the slow thread found out about an attempt. */
struct attempt {
    struct str login;
    bool locked, matches;
    int64_t person_id, version;
};

static enum err session_prepare(struct api_call *call)
{
    const struct session_in *in = call->body;
    struct attempt *attempt = call->prepared = ARENA_NEW(call->arena, struct attempt);
    enum err r = rate_take(call->api->logins, hash_of(http_peer(call->http)));
    if (r != OK)
        return r;
    if (login_normal(call->arena, in->login, &attempt->login) != OK)
        attempt->login = in->login; /* Nobody's; it takes the same way to its refusal. */
    r = login_is_locked(call->db, call->park_id, attempt->login, http_peer(call->http),
                        call->now_us, &attempt->locked);
    if (r != OK || attempt->locked)
        return r;
    struct account_by_login_row account = {0};
    struct account_by_login_in by = {.park_id = call->park_id, .login = attempt->login};
    r = sql_account_by_login(call->db, call->arena, &by, &account);
    if (r != OK && r != ERR_NOT_FOUND)
        return r;
    attempt->matches = password_matches(account.password, in->password) && !account.disabled;
    attempt->person_id = account.person_id;
    attempt->version = account.version;
    return OK;
}

static enum err note(struct api_call *call, struct db_tx *tx, const char *kind, int64_t person_id)
{
    struct str body =
        str_format(call->arena, "{\"address\":\"%.*s\"}", STR_ARG(http_peer(call->http)));
    return journal_append(tx,
                          &(struct journal_entry){.park_id = call->park_id,
                                                  .time_us = call->now_us,
                                                  .kind = kind,
                                                  .actor_id = person_id,
                                                  .subject_id = person_id,
                                                  .body = body},
                          NULL);
}

/* The failure is counted, so the command must stand: its answer is a problem all the same. */
static enum err refuse_attempt(struct api_call *call, struct db_tx *tx,
                               const struct attempt *attempt)
{
    enum err r =
        login_count_failure(tx, call->park_id, attempt->login, http_peer(call->http), call->now_us);
    if (r == OK && attempt->person_id)
        r = note(call, tx, "session.refused", attempt->person_id);
    if (r != OK)
        return r;
    return api_reply_problem(call, err_refuse(ERR_UNAUTHENTICATED, "session.wrong",
                                              "the login or the password is wrong"));
}

static enum err session_post(struct api_call *call, struct db_tx *tx)
{
    const struct attempt *attempt = call->prepared;
    bool locked = attempt->locked;
    enum err r = OK;
    if (!locked) /* Others may have guessed meanwhile. */
        r = login_is_locked(tx->db, call->park_id, attempt->login, http_peer(call->http),
                            call->now_us, &locked);
    if (r != OK)
        return r;
    if (locked)
        return err_refuse(ERR_RATE, "session.locked", "too many attempts; wait %d minutes",
                          LOGIN_LOCK_MINUTES);
    if (!attempt->matches)
        return refuse_attempt(call, tx, attempt);
    struct account_get_row account;
    struct account_get_in in = {.park_id = call->park_id, .person_id = attempt->person_id};
    r = sql_account_get(tx->db, call->arena, &in, &account);
    if (r != OK || account.version != attempt->version || account.disabled)
        return refuse_attempt(call, tx, attempt);
    r = login_unlock(tx, call->park_id, attempt->login);
    if (r == OK)
        r = note(call, tx, "session.opened", attempt->person_id);
    return r == OK ? me_sign_in(call, tx, attempt->person_id) : r;
}

static enum err session_delete(struct api_call *call, struct db_tx *tx)
{
    struct str secret = api_state(call)->session_secret;
    if (!secret.ptr)
        return err_refuse(ERR_CONFLICT, "session.none", "a token has no session to end");
    set_cookie(call, STR(""), 0);
    return session_close(tx, call->park_id, secret);
}

/* The own password. --------------------------------------------------------------------------- */

struct password_in {
    struct str old, new;
};

static const struct field PASSWORD_FIELDS[] = {
    FIELD(struct password_in, old, FIELD_TEXT, .required = true),
    FIELD(struct password_in, new, FIELD_TEXT, .required = true), FIELD_END};

struct password_work {
    struct str hashed;
    bool locked, matches;
    int64_t version;
};

static enum err password_prepare(struct api_call *call)
{
    const struct password_in *in = call->body;
    struct password_work *work = call->prepared = ARENA_NEW(call->arena, struct password_work);
    struct account_get_row account;
    struct account_get_in get = {.park_id = call->park_id, .person_id = call->who.person_id};
    enum err r = rate_take(call->api->logins, hash_of(call->who.login));
    if (r == OK)
        r = password_rules(call->who.login, in->new);
    if (r == OK && str_equal(in->old, in->new))
        r = err_field(ERR_INVALID, "new", "password.same", "the new password is the old one");
    if (r == OK)
        r = login_is_locked(call->db, call->park_id, call->who.login, STR(""), call->now_us,
                            &work->locked);
    if (r == OK && !work->locked)
        r = sql_account_get(call->db, call->arena, &get, &account);
    if (r != OK || work->locked)
        return r;
    work->version = account.version;
    work->matches = password_matches(account.password, in->old);
    return work->matches ? password_hash(call->arena, in->new, &work->hashed) : OK;
}

static enum err password_post(struct api_call *call, struct db_tx *tx)
{
    const struct password_work *work = call->prepared;
    struct account_get_row account;
    struct account_get_in get = {.park_id = call->park_id, .person_id = call->who.person_id};
    if (work->locked)
        return err_refuse(ERR_RATE, "session.locked", "too many attempts; wait %d minutes",
                          LOGIN_LOCK_MINUTES);
    enum err r = sql_account_get(tx->db, call->arena, &get, &account);
    if (r != OK)
        return r;
    if (!work->matches || account.version != work->version) {
        r = login_count_failure(tx, call->park_id, call->who.login, http_peer(call->http),
                                call->now_us);
        return r == OK ? api_reply_problem(call, err_field(ERR_INVALID, "old", "password.wrong",
                                                           "the old password is wrong"))
                       : r;
    }
    r = account_change_password(tx, call->park_id, call->who.person_id, work->hashed, false,
                                call->who.session_id);
    return r == OK ? note(call, tx, "account.password-changed", call->who.person_id) : r;
}

const struct route SESSION_ROUTES[] = {
    {POST, "/api/v1/session", PUBLIC, .prepare = session_prepare, .command = session_post,
     .body = SESSION_FIELDS, .body_size = sizeof(struct session_in), .reply = ME_REPLY,
     .secret = true, .doc = "Signs in: sets the cookie kl_session"},
    {DELETE, "/api/v1/session", ROLES(ROLE_ALL_SIGNED_IN), .command = session_delete, .status = 204,
     .doc = "Signs out"},
    {GET, "/api/v1/me", ROLES(ROLE_ALL_SIGNED_IN), .query = me_get, .reply = ME_REPLY,
     .doc = "The caller: roles, scopes, and the value for X-CSRF-Token"},
    {POST, "/api/v1/me/password", ROLES(ROLE_ALL_SIGNED_IN), .prepare = password_prepare,
     .command = password_post, .body = PASSWORD_FIELDS, .body_size = sizeof(struct password_in),
     .status = 204, .doc = "Changes the own password and ends all other sessions"},
    ROUTE_END};
