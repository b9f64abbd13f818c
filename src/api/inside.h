/* The API's own machinery, between its core files; resources include api/api.h only. */
#ifndef API_INSIDE_H
#define API_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "api/api.h"
#include "park/account.h"

enum { SLOW_THREADS = 2, SLOW_QUEUE_MAX = 256, IDEMPOTENCY_HOURS = 24 };

/* Attempts to sign in a second and address: an office of hundreds comes through one in the morning.
 */
enum { LOGIN_RATE = 2, LOGIN_BURST = 100 };

struct api_call_state;
struct router;
struct rate_table;

struct route_stats {
    _Atomic int64_t count, failed, time_us;
};

struct api {
    struct api_config config;
    uint64_t serial;    /* Never 0, never that of another API of this process. */
    struct arena arena; /* Lives as long as the API. */
    struct router *router;
    struct route_stats *stats; /* By route number. */
    size_t route_count;
    _Atomic int64_t park_id;            /* 0 until the first start is done. */
    struct rate_table *writes, *logins; /* NULL: no limit. */

    pthread_mutex_t lock; /* Guards all below. */
    pthread_cond_t wake;
    struct api_thread *threads[64]; /* Those that have served a call. */
    size_t thread_count;
    struct api_call_state *slow_first, **slow_last;
    size_t slow_waiting;
    bool stopping;
    pthread_t slow_threads[SLOW_THREADS];
    size_t slow_thread_count;

    pthread_mutex_t wait_lock; /* Guards all below. */
    pthread_cond_t wait_wake;
    struct api_call_state *waiting;
    uint64_t news; /* Of the last commit. */
    bool quiet;    /* Nobody may wait any more. */
    pthread_t wait_thread;
    bool wait_runs;
};

/* What one thread keeps for itself between calls. */
struct api_thread {
    struct db *db;
    struct auth_cache *cache;
};

MUST_USE enum err api_thread(struct api *api, struct api_thread **out);

/* A call and what only the machinery needs of it. */
struct api_call_state {
    struct api_call call;
    struct command command;
    struct buf out;
    size_t route_number;
    enum err refused; /* Known before the body was read. */
    struct err_info why;
    const char *allow; /* With ERR_METHOD. */
    struct str session_secret;
    bool by_cookie, suspended;
    struct hash request_digest; /* With an Idempotency-Key. */
    struct str idempotency_key;
    int64_t begin_us;
    struct api_call_state *slow_next;
    api_command *again; /* With `waits`: see api_wait. */
    bool waits;
    uint64_t wait_topic;
    int64_t wait_until_us, wait_ready_us;
    struct api_call_state *wait_next;
};

struct api_call_state *api_state(struct api_call *call);

/* This thread's own read connection. */
MUST_USE enum err api_db(struct api *api, struct db **out);

/* router.c */
struct route_match {
    const struct route *route; /* NULL: see `allow`. */
    size_t number;
    struct str text[API_PATH_IDS_MAX];
    const char *allow; /* The path is known with these methods; NULL: it is not. */
};
struct router *router_new(struct arena *arena, size_t *route_count);
void router_match(const struct router *router, struct str method, struct str path,
                  struct route_match *out);

/* auth.c: who calls, and may he? */
struct auth_cache *auth_cache_new(void);
void auth_cache_free(struct auth_cache *cache);
MUST_USE enum err auth_call(struct api_call_state *state);
/* The value of X-CSRF-Token that goes with a session. */
struct str auth_csrf(struct arena *arena, struct str session_secret);

/* decode.c */
MUST_USE enum err decode_call(struct api_call_state *state);

/* idempotency.c */
MUST_USE enum err idempotency_prepare(struct api_call_state *state);
/* Writer's thread. `*found`: the answer stands already. */
MUST_USE enum err idempotency_find(struct api_call_state *state, struct db_tx *tx, bool *found);
MUST_USE enum err idempotency_keep(struct api_call_state *state, struct db_tx *tx);

/* slow.c */
MUST_USE enum err slow_start(struct api *api);
MUST_USE enum err slow_submit(struct api *api, struct api_call_state *state);
void api_run_slow(struct api_call_state *state); /* api.c; called on a slow thread. */

/* wait.c */
MUST_USE enum err wait_start(struct api *api);
void wait_add(struct api_call_state *state); /* Writer's thread, after the commit. */
/* api.c; on any thread. */
void api_finish(struct api_call_state *state, enum err r);
void api_submit(struct api_call_state *state);

/* rate.c: token buckets by key. */
struct rate_table *rate_new(struct arena *arena, double per_second, double burst);
/* ERR_RATE if the key's bucket is empty; a NULL table has no limit. */
MUST_USE enum err rate_take(struct rate_table *table, struct hash key);

/* assets.c: everything that is no route. */
void asset_answer(struct api *api, struct http_request *request);

void answer_set_security(struct http_request *request, bool html);

#endif
