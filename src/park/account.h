/* Accounts: passwords, sessions, API tokens, and the lock after too many wrong guesses.
 *
 * Secrets are random and stored as digests only; passwords as argon2id. Functions that say "slow"
 * spend tens of milliseconds and 19 MiB: never call them on the writer's or a shared thread.
 */
#ifndef PARK_ACCOUNT_H
#define PARK_ACCOUNT_H

#include "park/access.h"
#include "park/change.h"

enum {
    PASSWORD_CHARS_MIN = 10,
    PASSWORD_BYTES_MAX = 256,
    LOGIN_CHARS_MAX = 64,
    LOGIN_FAILURES_MAX = 5,    /* Of one login … */
    ADDRESS_FAILURES_MAX = 20, /* … and of one address, behind which an office may sit. */
    LOGIN_LOCK_MINUTES = 15,
};

/* ERR_INVALID with reason password.short, password.simple or password.known. */
MUST_USE enum err password_rules(struct str login, struct str password);
/* Slow. */
MUST_USE enum err password_hash(struct arena *arena, struct str password, struct str *out);
/* Slow. An absent `stored` takes as long and gives false. */
bool password_matches(struct str stored, struct str password);

/* Lower case, trimmed; ERR_INVALID unless letters, digits and ".-_@", at most LOGIN_CHARS_MAX. */
MUST_USE enum err login_normal(struct arena *arena, struct str login, struct str *out);

struct account_new {
    int64_t park_id, person_id;
    struct str login;    /* Normal. */
    struct str password; /* From password_hash. */
    bool must_change;    /* Somebody else has chosen it. */
};

/* ERR_CONFLICT if the login is taken or the person has an account. */
MUST_USE enum err account_create(struct db_tx *tx, const struct account_new *account,
                                 int64_t now_us);
/* Ends all sessions but `keep_session_id`; tokens stay. */
MUST_USE enum err account_change_password(struct db_tx *tx, int64_t park_id, int64_t person_id,
                                          struct str hashed, bool must_change,
                                          int64_t keep_session_id);
/* Also ends sessions, and tokens if it becomes disabled. */
MUST_USE enum err account_change(struct db_tx *tx, int64_t park_id, int64_t person_id,
                                 struct str login, bool disabled);

/* Guesses. Whether the login exists changes nothing here. */
MUST_USE enum err login_is_locked(struct db *db, int64_t park_id, struct str login,
                                  struct str address, int64_t now_us, bool *out);
MUST_USE enum err login_count_failure(struct db_tx *tx, int64_t park_id, struct str login,
                                      struct str address, int64_t now_us);
MUST_USE enum err login_unlock(struct db_tx *tx, int64_t park_id, struct str login);

/* Sessions and tokens. ------------------------------------------------------------------------ */

struct session_limits {
    int64_t idle_us, absolute_us;
};

/* `secret` is what the browser keeps. */
MUST_USE enum err session_open(struct db_tx *tx, struct arena *arena, int64_t park_id,
                               int64_t person_id, int64_t now_us, struct str *secret, int64_t *id);
MUST_USE enum err session_close(struct db_tx *tx, int64_t park_id, struct str secret);
/* ERR_UNAUTHENTICATED unless the session stands and its person may sign in. `seen_us` is when it
 * was last noted to be in use. */
MUST_USE enum err session_principal(struct db *db, struct arena *arena, int64_t park_id,
                                    struct str secret, struct session_limits limits, int64_t now_us,
                                    struct principal *out, int64_t *seen_us, int64_t *ends_us);
MUST_USE enum err session_seen(struct db_tx *tx, int64_t park_id, int64_t id, int64_t now_us);

/* `secret` begins with "kl_"; `expires_us` may be 0: never. Both are journalled, without it. */
MUST_USE enum err token_make(struct db_tx *tx, struct arena *arena, const struct change *by,
                             int64_t person_id, struct str name, int64_t expires_us,
                             struct str *secret, int64_t *id);
/* ERR_NOT_FOUND unless it is that person's. */
MUST_USE enum err token_end(struct db_tx *tx, const struct change *by, int64_t person_id,
                            int64_t id);
MUST_USE enum err token_principal(struct db *db, struct arena *arena, int64_t park_id,
                                  struct str secret, int64_t now_us, struct principal *out,
                                  int64_t *ends_us);

#endif
