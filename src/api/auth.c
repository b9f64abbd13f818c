#include <sodium.h>
#include <stdlib.h>

#include "api/inside.h"
#include "base/clock.h"
#include "park/account_sql.h"

enum {
    CACHE_SLOTS = 512,  /* Principals that one thread keeps. */
    CACHE_SECONDS = 10, /* Another process (`kuailian token`) may have changed the store. */
    SEEN_SECONDS = 60,  /* How exactly the store knows when a session was last in use. */
};

/* What a secret stands for, good for one generation of rights. */
struct cached {
    struct hash digest;
    uint64_t generation;
    int64_t from_us, until_us, seen_us;
    struct arena arena;
    struct principal who;
};

struct auth_cache {
    struct cached slots[CACHE_SLOTS];
};

struct auth_cache *auth_cache_new(void)
{
    struct auth_cache *cache = calloc(1, sizeof(*cache));
    assert(cache);
    return cache;
}

void auth_cache_free(struct auth_cache *cache)
{
    for (size_t i = 0; i < CACHE_SLOTS; i++)
        arena_release(&cache->slots[i].arena);
    free(cache);
}

static struct principal copy_principal(struct arena *arena, const struct principal *who)
{
    struct principal copy = *who;
    copy.name = str_copy(arena, who->name);
    copy.login = str_copy(arena, who->login);
    struct grant *grants = ARENA_ARRAY(arena, who->grant_count, struct grant);
    if (who->grant_count > 0)
        memcpy(grants, who->grants, who->grant_count * sizeof(*grants));
    copy.grants = grants;
    return copy;
}

struct seen_note {
    struct command command;
    int64_t park_id, session_id, now_us;
};

static enum err seen_run(struct db_tx *tx, struct command *command)
{
    struct seen_note *note = (struct seen_note *)command;
    return session_seen(tx, note->park_id, note->session_id, note->now_us);
}

static void seen_done(struct command *command)
{
    free(command);
}

/* Nobody waits for this: if the writer is busy, the next request tries again. */
static void note_seen(struct api_call *call, const struct principal *who)
{
    struct seen_note *note = calloc(1, sizeof(*note));
    assert(note);
    *note = (struct seen_note){.command = {.run = seen_run, .done = seen_done},
                               .park_id = call->park_id,
                               .session_id = who->session_id,
                               .now_us = call->now_us};
    if (writer_submit(call->api->config.writer, &note->command) != OK)
        free(note);
}

static struct session_limits limits_of(struct db *db, int64_t park_id)
{
    struct setting_limits_row row;
    struct setting_limits_in in = {.park_id = park_id};
    if (sql_setting_limits(db, &in, &row) != OK) /* A session without settings is none. */
        row = (struct setting_limits_row){0};
    return (struct session_limits){.idle_us = row.idle_minutes * MINUTE_US,
                                   .absolute_us = row.absolute_hours * HOUR_US};
}

static enum err load(struct api_call *call, struct db *db, struct str secret, struct cached *entry)
{
    int64_t ends = 0;
    entry->generation = access_generation(); /* Before reading: a change meanwhile ends it. */
    enum err r;
    if (str_starts(secret, STR("kl_")))
        r = token_principal(db, &entry->arena, call->park_id, secret, call->now_us, &entry->who,
                            &ends);
    else
        r = session_principal(db, &entry->arena, call->park_id, secret,
                              limits_of(db, call->park_id), call->now_us, &entry->who,
                              &entry->seen_us, &ends);
    if (r != OK)
        return r;
    entry->from_us = call->now_us;
    entry->until_us = call->now_us + CACHE_SECONDS * SECOND_US;
    if (ends && ends < entry->until_us)
        entry->until_us = ends;
    return OK;
}

static enum err find_principal(struct api_call *call, struct str secret)
{
    struct api_thread *thread;
    enum err r = api_thread(call->api, &thread);
    if (r != OK)
        return r;
    struct hash digest = hash_of(secret);
    size_t slot = (size_t)(digest.bytes[0] | digest.bytes[1] << 8) % CACHE_SLOTS;
    struct cached *entry = &thread->cache->slots[slot];
    bool good = entry->generation == access_generation() && call->now_us < entry->until_us &&
                call->now_us >= entry->from_us && hash_equal(&entry->digest, &digest);
    if (!good) {
        entry->generation = 0;
        arena_release(&entry->arena);
        entry->digest = digest;
        r = load(call, thread->db, secret, entry);
        if (r != OK) {
            entry->generation = 0;
            return r;
        }
    }
    if (entry->who.session_id && call->now_us - entry->seen_us > SEEN_SECONDS * SECOND_US) {
        entry->seen_us = call->now_us;
        note_seen(call, &entry->who);
    }
    call->who = copy_principal(call->arena, &entry->who);
    return OK;
}

struct str auth_csrf(struct arena *arena, struct str session_secret)
{
    struct str text = str_format(arena, "csrf:%.*s", STR_ARG(session_secret));
    struct hash digest = hash_of(text);
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, 128);
    buf_add_base64url(&buf, hash_str(&digest));
    return str_copy(arena, buf_str(&buf));
}

static bool is_safe(const struct api_call *call)
{
    return call->route->method == GET;
}

/* A page of another site must not act for whoever looks at it. */
static enum err check_origin(struct api_call *call)
{
    struct str site = http_header(call->http, "Sec-Fetch-Site");
    if (site.ptr && !str_is(site, "same-origin") && !str_is(site, "none"))
        return err_refuse(ERR_FORBIDDEN, "csrf.origin", "the request comes from another site");
    struct str origin = http_header(call->http, "Origin");
    if (!origin.ptr)
        return OK;
    size_t mark = str_find(origin, STR("://"), 0);
    struct str host = str_sub(origin, mark + 3, origin.len);
    if (mark == origin.len || !str_equal_nocase(host, http_header(call->http, "Host")))
        return err_refuse(ERR_FORBIDDEN, "csrf.origin", "the request comes from another site");
    return OK;
}

static enum err check_csrf(struct api_call *call, struct str secret)
{
    struct str sent = http_header(call->http, "X-CSRF-Token");
    struct str expected = auth_csrf(call->arena, secret);
    if (sent.len != expected.len || sodium_memcmp(sent.ptr, expected.ptr, sent.len) != 0)
        return err_refuse(ERR_FORBIDDEN, "csrf.token",
                          "X-CSRF-Token is missing or not this session's");
    return OK;
}

static enum err identify(struct api_call_state *state)
{
    struct api_call *call = &state->call;
    struct str header = http_header(call->http, "Authorization");
    struct str cookie = http_cookie(call->http, "kl_session");
    struct str bearer = STR("Bearer ");
    if (header.ptr && header.len > bearer.len &&
        str_equal_nocase(str_sub(header, 0, bearer.len), bearer)) {
        struct str secret = str_trim(str_sub(header, bearer.len, header.len));
        if (!str_starts(secret, STR("kl_"))) /* A cookie's secret is no token. */
            return err_refuse(ERR_UNAUTHENTICATED, "token.wrong", "the token is not valid");
        return find_principal(call, secret);
    }
    if (cookie.len == 0 || str_starts(cookie, STR("kl_")))
        return err_refuse(ERR_UNAUTHENTICATED, "session.none", "sign in first");
    state->by_cookie = true;
    state->session_secret = cookie;
    return find_principal(call, cookie);
}

/* Until a password that somebody else has chosen is changed, only these are open. */
static bool is_open_before_change(const struct route *route)
{
    return route->roles.public || str_is(str_of(route->path), "/api/v1/me") ||
           str_is(str_of(route->path), "/api/v1/me/password");
}

enum err auth_call(struct api_call_state *state)
{
    struct api_call *call = &state->call;
    struct roles roles = call->route->roles;
    if (!is_safe(call)) {
        enum err r = check_origin(call);
        if (r != OK)
            return r;
    }
    enum err r = call->park_id ? identify(state) : ERR_UNAUTHENTICATED;
    if (roles.public) { /* A session is welcome but not needed. */
        if (r != OK)
            call->who = (struct principal){0};
        return r == OK || r == ERR_UNAUTHENTICATED ? OK : r;
    }
    if (r != OK)
        return call->park_id ? r : err_refuse(r, "setup.needed", "the park is not set up yet");
    if (call->who.must_change_password && !is_open_before_change(call->route))
        return err_refuse(ERR_FORBIDDEN, "password.must-change", "choose a password of your own");
    if (state->by_cookie && !is_safe(call)) {
        r = check_csrf(call, state->session_secret);
        if (r != OK)
            return r;
    }
    if (!access_has(&call->who, roles.any_of))
        return err_refuse(ERR_FORBIDDEN, "role.none", "your roles do not allow this");
    return OK;
}
