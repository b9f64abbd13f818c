#include "park/account.h"

#include <sodium.h>

#include "base/clock.h"
#include "base/id.h"
#include "park/account_sql.h"

enum {
    SECRET_BYTES = 32,
    ARGON_MEMORY = 19 * 1024 * 1024, /* With two passes, what OWASP asks for. */
    ARGON_PASSES = 2,
};

static bool is_known(struct str password)
{
    static const char *const known[] = {
        "1234567890",    "0123456789",  "password123", "password1234", "qwertyuiop", "1q2w3e4r5t",
        "administrator", "kuailian123", "qwerty12345", "abc1234567",   "woaini1314", "a123456789"};
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (str_equal_nocase(password, str_of(known[i])))
            return true;
    return false;
}

static size_t count_distinct(struct str text)
{
    bool seen[256] = {false};
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        count += !seen[c];
        seen[c] = true;
    }
    return count;
}

enum err password_rules(struct str login, struct str password)
{
    if (utf8_length(password) < PASSWORD_CHARS_MIN || password.len > PASSWORD_BYTES_MAX)
        return err_field(ERR_INVALID, "password", "password.short",
                         "a password has at least %d characters", PASSWORD_CHARS_MIN);
    if (count_distinct(password) < 5 ||
        (login.len >= 4 && str_find(password, login, 0) < password.len))
        return err_field(ERR_INVALID, "password", "password.simple",
                         "the password repeats itself or holds the login");
    if (is_known(password))
        return err_field(ERR_INVALID, "password", "password.known",
                         "the password is among those that are tried first");
    return OK;
}

enum err password_hash(struct arena *arena, struct str password, struct str *out)
{
    char hashed[crypto_pwhash_STRBYTES];
    if (crypto_pwhash_str_alg(hashed, password.ptr, password.len, ARGON_PASSES, ARGON_MEMORY,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        return err_set(ERR_BUSY, "no memory to hash a password");
    *out = str_copy(arena, str_of(hashed));
    return OK;
}

bool password_matches(struct str stored, struct str password)
{
    /* Of a random text that nobody kept, with the same cost. */
    static const char nobody[] = "$argon2id$v=19$m=19456,t=2,p=1$U29tZXNhbHRvZm5vYm9keQ$"
                                 "4PSdyOpc6rNwuvRwCWhEJYK7rD1xoO4Yd5Sx8IFPFbA";
    char copy[crypto_pwhash_STRBYTES] = {0};
    struct str hashed = stored.ptr && stored.len < sizeof(copy) ? stored : STR("");
    if (hashed.len == 0)
        hashed = str_of(nobody);
    memcpy(copy, hashed.ptr, hashed.len);
    bool equal = crypto_pwhash_str_verify(copy, password.ptr, password.len) == 0;
    return equal && hashed.ptr == stored.ptr;
}

enum err login_normal(struct arena *arena, struct str login, struct str *out)
{
    struct str trimmed = str_trim(login);
    if (trimmed.len == 0 || trimmed.len > LOGIN_CHARS_MAX)
        return err_field(ERR_INVALID, "login", "login.form", "a login has 1 to %d characters",
                         LOGIN_CHARS_MAX);
    char *normal = str_c(arena, trimmed);
    for (size_t i = 0; i < trimmed.len; i++) {
        char c = normal[i];
        if (c >= 'A' && c <= 'Z')
            normal[i] = c = (char)(c | 0x20);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || strchr(".-_@", c)))
            return err_field(ERR_INVALID, "login", "login.form",
                             "a login holds letters, digits and . - _ @ only");
    }
    *out = (struct str){.ptr = normal, .len = trimmed.len};
    return OK;
}

enum err account_create(struct db_tx *tx, const struct account_new *account, int64_t now_us)
{
    struct account_insert_in row = {.park_id = account->park_id,
                                    .person_id = account->person_id,
                                    .login = account->login,
                                    .password = account->password,
                                    .must_change = account->must_change,
                                    .now = now_us};
    access_touch();
    enum err r = sql_account_insert(tx, &row, NULL);
    if (r == ERR_CONFLICT)
        return err_field(r, "login", "login.taken", "the login is taken");
    return r;
}

static enum err end_sessions(struct db_tx *tx, int64_t park_id, int64_t person_id, int64_t keep_id)
{
    access_touch();
    struct session_delete_others_in in = {
        .park_id = park_id, .person_id = person_id, .keep_id = keep_id};
    return sql_session_delete_others(tx, &in, NULL);
}

enum err account_change_password(struct db_tx *tx, int64_t park_id, int64_t person_id,
                                 struct str hashed, bool must_change, int64_t keep_session_id)
{
    struct account_set_password_in in = {
        .park_id = park_id, .person_id = person_id, .password = hashed, .must_change = must_change};
    int64_t changed;
    enum err r = sql_account_set_password(tx, &in, &changed);
    if (r == OK && changed == 0)
        r = err_set(ERR_NOT_FOUND, "the person has no account");
    return r == OK ? end_sessions(tx, park_id, person_id, keep_session_id) : r;
}

enum err account_change(struct db_tx *tx, int64_t park_id, int64_t person_id, struct str login,
                        bool disabled)
{
    struct account_update_in in = {
        .park_id = park_id, .person_id = person_id, .login = login, .disabled = disabled};
    int64_t changed;
    enum err r = sql_account_update(tx, &in, &changed);
    if (r == ERR_CONFLICT)
        return err_field(r, "login", "login.taken", "the login is taken");
    if (r == OK && changed == 0)
        r = err_set(ERR_NOT_FOUND, "the person has no account");
    if (r == OK && disabled) {
        struct tokens_delete_all_in all = {.park_id = park_id, .person_id = person_id};
        r = sql_tokens_delete_all(tx, &all, NULL);
    }
    return r == OK && disabled ? end_sessions(tx, park_id, person_id, 0) : r;
}

/* Guesses. ------------------------------------------------------------------------------------ */

static struct hash subject_of(const char *kind, struct str text)
{
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, 1024);
    buf_format(&buf, "%s:%.*s", kind, STR_ARG(str_sub(text, 0, 512)));
    return hash_of(buf_str(&buf));
}

static enum err count_of(struct db *db, int64_t park_id, struct hash subject, int64_t now_us,
                         int64_t *out)
{
    struct login_failures_row row;
    struct login_failures_in in = {.park_id = park_id, .subject = subject};
    enum err r = sql_login_failures(db, &in, &row);
    if (r == ERR_NOT_FOUND)
        row = (struct login_failures_row){0};
    else if (r != OK)
        return r;
    *out = row.last_at > now_us - LOGIN_LOCK_MINUTES * MINUTE_US ? row.failures : 0;
    return OK;
}

enum err login_is_locked(struct db *db, int64_t park_id, struct str login, struct str address,
                         int64_t now_us, bool *out)
{
    int64_t by_login = 0, by_address = 0;
    enum err r = count_of(db, park_id, subject_of("login", login), now_us, &by_login);
    if (r == OK && address.len > 0)
        r = count_of(db, park_id, subject_of("address", address), now_us, &by_address);
    if (r == OK)
        *out = by_login >= LOGIN_FAILURES_MAX || by_address >= ADDRESS_FAILURES_MAX;
    return r;
}

enum err login_count_failure(struct db_tx *tx, int64_t park_id, struct str login,
                             struct str address, int64_t now_us)
{
    struct login_failed_in in = {.park_id = park_id,
                                 .subject = subject_of("login", login),
                                 .now = now_us,
                                 .since = now_us - LOGIN_LOCK_MINUTES * MINUTE_US};
    enum err r = sql_login_failed(tx, &in, NULL);
    if (r != OK)
        return r;
    in.subject = subject_of("address", address);
    return sql_login_failed(tx, &in, NULL);
}

enum err login_unlock(struct db_tx *tx, int64_t park_id, struct str login)
{
    struct login_forgive_in in = {.park_id = park_id, .subject = subject_of("login", login)};
    return sql_login_forgive(tx, &in, NULL);
}

/* Sessions and tokens. ------------------------------------------------------------------------ */

static struct str make_secret(struct arena *arena, const char *prefix)
{
    char bytes[SECRET_BYTES];
    random_bytes(bytes, sizeof(bytes));
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, 128);
    buf_add_c(&buf, prefix);
    buf_add_base64url(&buf, (struct str){.ptr = bytes, .len = sizeof(bytes)});
    return str_copy(arena, buf_str(&buf));
}

enum err session_open(struct db_tx *tx, struct arena *arena, int64_t park_id, int64_t person_id,
                      int64_t now_us, struct str *secret, int64_t *id)
{
    struct str made = make_secret(arena, "");
    struct session_insert_in row = {.park_id = park_id,
                                    .id = id_next(now_us),
                                    .digest = hash_of(made),
                                    .person_id = person_id,
                                    .now = now_us};
    enum err r = sql_session_insert(tx, &row, NULL);
    struct account_signed_in_in in = {.park_id = park_id, .person_id = person_id, .now = now_us};
    if (r == OK)
        r = sql_account_signed_in(tx, &in, NULL);
    if (r != OK)
        return r;
    *secret = made;
    *id = row.id;
    return OK;
}

enum err session_close(struct db_tx *tx, int64_t park_id, struct str secret)
{
    access_touch();
    struct session_delete_in in = {.park_id = park_id, .digest = hash_of(secret)};
    return sql_session_delete(tx, &in, NULL);
}

static enum err load(struct db *db, struct arena *arena, int64_t park_id, int64_t person_id,
                     struct principal *out)
{
    enum err r = access_load(db, arena, park_id, person_id, out);
    return r == ERR_NOT_FOUND ? err_set(ERR_UNAUTHENTICATED, "the account is closed") : r;
}

enum err session_principal(struct db *db, struct arena *arena, int64_t park_id, struct str secret,
                           struct session_limits limits, int64_t now_us, struct principal *out,
                           int64_t *seen_us, int64_t *ends_us)
{
    struct session_find_row row;
    struct session_find_in in = {.park_id = park_id, .digest = hash_of(secret)};
    enum err r = sql_session_find(db, &in, &row);
    int64_t ends = row.created_at + limits.absolute_us;
    if (r == ERR_NOT_FOUND ||
        (r == OK && (now_us >= ends || now_us >= row.seen_at + limits.idle_us)))
        return err_refuse(ERR_UNAUTHENTICATED, "session.ended", "the session has ended");
    struct principal found;
    if (r == OK)
        r = load(db, arena, park_id, row.person_id, &found);
    if (r != OK)
        return r;
    found.session_id = row.id;
    *out = found;
    *seen_us = row.seen_at;
    *ends_us = ends;
    return OK;
}

enum err session_seen(struct db_tx *tx, int64_t park_id, int64_t id, int64_t now_us)
{
    struct session_seen_in in = {.park_id = park_id, .id = id, .now = now_us};
    return sql_session_seen(tx, &in, NULL);
}

struct token_note {
    struct str name;
    int64_t expires_at;
};

static const struct field TOKEN_NOTE[] = {FIELD(struct token_note, name, FIELD_TEXT),
                                          FIELD(struct token_note, expires_at, FIELD_TIME),
                                          FIELD_END};

enum err token_make(struct db_tx *tx, struct arena *arena, const struct change *by,
                    int64_t person_id, struct str name, int64_t expires_us, struct str *secret,
                    int64_t *id)
{
    struct str made = make_secret(arena, "kl_");
    struct token_insert_in row = {.park_id = by->park_id,
                                  .id = id_next(by->now_us),
                                  .digest = hash_of(made),
                                  .person_id = person_id,
                                  .name = name,
                                  .now = by->now_us,
                                  .expires_at = expires_us};
    enum err r = sql_token_insert(tx, &row, NULL);
    if (r != OK)
        return r;
    *secret = made;
    *id = row.id;
    struct token_note note = {.name = name, .expires_at = expires_us};
    return change_record(tx, by, "token.made", person_id, row.id, TOKEN_NOTE, &note);
}

enum err token_end(struct db_tx *tx, const struct change *by, int64_t person_id, int64_t id)
{
    int64_t changed;
    struct token_delete_in in = {.park_id = by->park_id, .person_id = person_id, .id = id};
    access_touch();
    enum err r = sql_token_delete(tx, &in, &changed);
    if (r == OK && changed == 0)
        r = err_set(ERR_NOT_FOUND, "no such token");
    static const struct field NONE[] = {FIELD_END};
    return r == OK ? change_record(tx, by, "token.ended", person_id, id, NONE, &in) : r;
}

enum err token_principal(struct db *db, struct arena *arena, int64_t park_id, struct str secret,
                         int64_t now_us, struct principal *out, int64_t *ends_us)
{
    struct token_find_row row;
    struct token_find_in in = {.park_id = park_id, .digest = hash_of(secret)};
    enum err r = sql_token_find(db, &in, &row);
    if (r == ERR_NOT_FOUND || (r == OK && row.expires_at && now_us >= row.expires_at))
        return err_refuse(ERR_UNAUTHENTICATED, "token.wrong", "the token is not valid");
    struct principal found;
    if (r == OK)
        r = load(db, arena, park_id, row.person_id, &found);
    if (r != OK)
        return r;
    found.token_id = row.id;
    *out = found;
    *ends_us = row.expires_at;
    return OK;
}
