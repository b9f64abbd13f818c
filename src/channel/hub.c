#include "channel/hub.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "channel/event.h"

enum {
    QUEUE_MAX = 16,      /* Texts that wait for one listener. */
    BATCH_MAX = 256,     /* Entries that are looked at together. */
    HEARTBEAT_S = 20,    /* So that a dead client is noticed, and proxies keep the line open. */
    BACKLOG_MAX = 10000, /* Entries; whoever missed more is told to load anew. */
};

struct listener {
    struct hub *hub;
    struct http_stream *stream;
    struct listener *previous, *next; /* The hub's lock guards these … */
    struct principal who;
    _Atomic int64_t after_seq;
    int64_t heartbeat_us;
    pthread_mutex_t lock; /* … and this one the queue. */
    struct event_text *queue[QUEUE_MAX];
    size_t first, count, offset; /* Offset: of the first text, what is sent already. */
};

struct hub {
    struct db *db; /* The thread's. */
    pthread_t thread;
    sem_t wake;
    _Atomic bool notified, stopping;
    pthread_mutex_t lock; /* Guards the list and what it says. */
    struct listener *listeners;
    size_t listener_count;
    int64_t park_id;
    _Atomic int64_t last_seq; /* Listeners in step have seen all up to here. */
    struct event_text *heartbeat, *reset;
};

/* Listeners. ---------------------------------------------------------------------------------- */

static struct principal copy_principal(const struct principal *who)
{
    struct principal copy = *who;
    struct grant *grants = calloc(who->grant_count + 1, sizeof(*grants));
    assert(grants);
    if (who->grant_count > 0)
        memcpy(grants, who->grants, who->grant_count * sizeof(*grants));
    copy.grants = grants;
    copy.name = copy.login = (struct str){0};
    return copy;
}

static void free_principal(struct principal *who)
{
    free((void *)(uintptr_t)who->grants);
}

static bool push(struct listener *listener, struct event_text *text)
{
    pthread_mutex_lock(&listener->lock);
    bool room = listener->count < QUEUE_MAX;
    if (room)
        listener->queue[(listener->first + listener->count++) % QUEUE_MAX] = event_text_share(text);
    pthread_mutex_unlock(&listener->lock);
    return room;
}

static bool is_drained(struct listener *listener)
{
    pthread_mutex_lock(&listener->lock);
    bool drained = listener->count == 0;
    pthread_mutex_unlock(&listener->lock);
    return drained;
}

static void wake_thread(struct hub *hub)
{
    if (!atomic_exchange(&hub->notified, true))
        sem_post(&hub->wake);
}

static size_t on_read(void *context, char *to, size_t room)
{
    struct listener *listener = context;
    size_t written = 0;
    pthread_mutex_lock(&listener->lock);
    while (listener->count > 0 && written < room) {
        struct event_text *text = listener->queue[listener->first];
        size_t left = text->len - listener->offset;
        size_t now = left < room - written ? left : room - written;
        memcpy(to + written, text->bytes + listener->offset, now);
        written += now;
        listener->offset += now;
        if (listener->offset < text->len)
            break;
        event_text_drop(text);
        listener->offset = 0;
        listener->first = (listener->first + 1) % QUEUE_MAX;
        listener->count--;
    }
    bool drained = listener->count == 0;
    pthread_mutex_unlock(&listener->lock);
    if (drained && written > 0 && listener->after_seq < atomic_load(&listener->hub->last_seq))
        wake_thread(listener->hub); /* It lags: the next part of the journal can come. */
    return written;
}

static void on_closed(void *context)
{
    struct listener *listener = context;
    struct hub *hub = listener->hub;
    pthread_mutex_lock(&hub->lock);
    if (listener->previous)
        listener->previous->next = listener->next;
    else
        hub->listeners = listener->next;
    if (listener->next)
        listener->next->previous = listener->previous;
    hub->listener_count--;
    pthread_mutex_unlock(&hub->lock);
    for (size_t i = 0; i < listener->count; i++)
        event_text_drop(listener->queue[(listener->first + i) % QUEUE_MAX]);
    free_principal(&listener->who);
    pthread_mutex_destroy(&listener->lock);
    free(listener);
}

/* A right, a session or a token may have ended since: false if the stream must end. */
static bool refresh(struct hub *hub, struct listener *listener)
{
    struct arena arena;
    struct principal now;
    arena_init(&arena);
    bool good =
        access_load(hub->db, &arena, listener->who.park_id, listener->who.person_id, &now) == OK;
    if (good) {
        now.session_id = listener->who.session_id;
        now.token_id = listener->who.token_id;
        struct principal copy = copy_principal(&now);
        free_principal(&listener->who);
        listener->who = copy;
    }
    arena_release(&arena);
    return good;
}

static bool is_signed_in(struct hub *hub, const struct listener *listener)
{
    const struct principal *who = &listener->who;
    int64_t now = clock_now_us();
    if (who->token_id) {
        struct hub_token_row token;
        struct hub_token_in in = {.park_id = who->park_id, .id = who->token_id};
        return sql_hub_token(hub->db, &in, &token) == OK &&
               (!token.expires_at || now < token.expires_at);
    }
    struct hub_session_row session;
    struct hub_session_in in = {.park_id = who->park_id, .id = who->session_id};
    return sql_hub_session(hub->db, &in, &session) == OK &&
           now < session.seen_at + session.idle * MINUTE_US &&
           now < session.created_at + session.absolute * HOUR_US;
}

/* Offers events behind the listener's place; stops where the queue is full. */
static void offer(struct hub *hub, struct listener *listener, const struct event *events,
                  size_t count)
{
    if (listener->who.generation != access_generation() &&
        (!refresh(hub, listener) || !is_signed_in(hub, listener))) {
        listener->after_seq = INT64_MAX;
        http_stream_end(listener->stream);
        return;
    }
    bool pushed = false;
    for (size_t i = 0; i < count; i++) {
        if (events[i].seq <= listener->after_seq)
            continue;
        if (event_visible(&listener->who, &events[i])) {
            if (!push(listener, events[i].text))
                break;
            pushed = true;
        }
        listener->after_seq = events[i].seq;
    }
    if (pushed)
        http_stream_wake(listener->stream);
}

/* Reading the journal. ------------------------------------------------------------------------ */

struct batch {
    struct arena arena;
    struct event events[BATCH_MAX];
    size_t count;
};

static enum err read_batch(struct hub *hub, int64_t after, struct batch *batch)
{
    struct hub_entries_rows rows;
    struct hub_entries_in in = {.park_id = hub->park_id, .after = after, .limit = BATCH_MAX};
    arena_init(&batch->arena);
    batch->count = 0;
    enum err r = sql_hub_entries(hub->db, &batch->arena, &in, &rows);
    if (r == OK)
        r = events_make(hub->db, &batch->arena, hub->park_id, rows.rows, rows.count, batch->events);
    if (r == OK)
        batch->count = rows.count;
    return r;
}

static void release_batch(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        event_text_drop(batch->events[i].text);
    arena_release(&batch->arena);
}

/* Gives all listeners that are in step what is new; true if there may be more. */
static bool deliver_new(struct hub *hub, struct batch *batch)
{
    int64_t last = atomic_load(&hub->last_seq);
    bool more = false;
    if (read_batch(hub, last, batch) == OK && batch->count > 0) {
        pthread_mutex_lock(&hub->lock);
        for (struct listener *l = hub->listeners; l; l = l->next)
            if (l->after_seq >= last)
                offer(hub, l, batch->events, batch->count);
        atomic_store(&hub->last_seq, batch->events[batch->count - 1].seq);
        pthread_mutex_unlock(&hub->lock);
        more = batch->count == BATCH_MAX;
    }
    release_batch(batch);
    return more;
}

static void catch_up(struct hub *hub, struct listener *listener, struct batch *batch)
{
    int64_t last = atomic_load(&hub->last_seq);
    if (listener->after_seq < last - BACKLOG_MAX && push(listener, hub->reset)) {
        listener->after_seq = last;
        http_stream_wake(listener->stream);
        return;
    }
    if (read_batch(hub, listener->after_seq, batch) == OK)
        offer(hub, listener, batch->events, batch->count);
    release_batch(batch);
}

/* Listeners that lag and can take more; true if one of them got on and still lags. */
static bool serve_late(struct hub *hub, struct batch *batch)
{
    bool again = false;
    pthread_mutex_lock(&hub->lock);
    for (struct listener *l = hub->listeners; l; l = l->next) {
        if (l->after_seq >= atomic_load(&hub->last_seq) || !is_drained(l))
            continue;
        int64_t before = l->after_seq;
        catch_up(hub, l, batch);
        again = again || (l->after_seq > before && l->after_seq < atomic_load(&hub->last_seq) &&
                          is_drained(l));
    }
    pthread_mutex_unlock(&hub->lock);
    return again;
}

static void beat(struct hub *hub)
{
    int64_t now = clock_monotonic_us();
    pthread_mutex_lock(&hub->lock);
    for (struct listener *l = hub->listeners; l; l = l->next) {
        if (now < l->heartbeat_us)
            continue;
        l->heartbeat_us = now + HEARTBEAT_S * SECOND_US;
        if (!is_signed_in(hub, l)) {
            http_stream_end(l->stream);
            continue;
        }
        if (is_drained(l) && push(l, hub->heartbeat))
            http_stream_wake(l->stream);
    }
    pthread_mutex_unlock(&hub->lock);
}

/* The park is made at the first start, maybe after the hub. */
static void find_park(struct hub *hub)
{
    struct hub_park_row park;
    struct hub_last_row last;
    if (hub->park_id || sql_hub_park(hub->db, &park) != OK)
        return;
    struct hub_last_in in = {.park_id = park.id};
    if (sql_hub_last(hub->db, &in, &last) != OK)
        return;
    atomic_store(&hub->last_seq, last.seq);
    hub->park_id = park.id;
}

static void *hub_main(void *argument)
{
    struct hub *hub = argument;
    struct batch *batch = calloc(1, sizeof(*batch));
    assert(batch);
    int64_t next_beat = 0;
    while (!atomic_load(&hub->stopping)) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec++;
        sem_timedwait(&hub->wake, &until);
        atomic_store(&hub->notified, false);
        find_park(hub);
        while (hub->park_id && deliver_new(hub, batch))
            ;
        while (serve_late(hub, batch))
            ;
        if (clock_monotonic_us() >= next_beat) {
            beat(hub);
            next_beat = clock_monotonic_us() + SECOND_US;
        }
    }
    free(batch);
    return NULL;
}

/* Outside. ------------------------------------------------------------------------------------ */

enum err hub_start(const char *store, struct hub **out)
{
    struct db *db;
    enum err r = db_open(store, DB_READ, &db);
    if (r != OK)
        return r;
    struct hub *hub = calloc(1, sizeof(*hub));
    assert(hub);
    hub->db = db;
    hub->heartbeat = event_text_of(STR(":\n\n"));
    hub->reset = event_text_of(STR("event: reset\ndata: {}\n\n"));
    atomic_store(&hub->last_seq, -1);
    pthread_mutex_init(&hub->lock, NULL);
    sem_init(&hub->wake, 0, 0);
    find_park(hub);
    if (pthread_create(&hub->thread, NULL, hub_main, hub) != 0) {
        db_close(db);
        free(hub);
        return err_set(ERR_IO, "cannot start a thread");
    }
    *out = hub;
    return OK;
}

void hub_free(struct hub *hub)
{
    if (!hub)
        return;
    atomic_store(&hub->stopping, true);
    sem_post(&hub->wake);
    pthread_join(hub->thread, NULL);
    assert(!hub->listeners);
    db_close(hub->db);
    event_text_drop(hub->heartbeat);
    event_text_drop(hub->reset);
    sem_destroy(&hub->wake);
    pthread_mutex_destroy(&hub->lock);
    free(hub);
}

void hub_notify(struct hub *hub)
{
    wake_thread(hub);
}

enum err hub_listen(struct hub *hub, struct http_request *request, const struct principal *who,
                    int64_t after_seq)
{
    static const struct http_stream_calls calls = {.read = on_read, .closed = on_closed};
    pthread_mutex_lock(&hub->lock);
    bool full = hub->listener_count >= LIMIT_SSE_STREAMS;
    pthread_mutex_unlock(&hub->lock);
    if (full)
        return err_refuse(ERR_BUSY, "busy", "too many pages listen");

    struct listener *listener = calloc(1, sizeof(*listener));
    assert(listener);
    *listener = (struct listener){.hub = hub,
                                  .who = copy_principal(who),
                                  .heartbeat_us = clock_monotonic_us() + HEARTBEAT_S * SECOND_US};
    pthread_mutex_init(&listener->lock, NULL);
    struct event_text *hello = event_text_of(STR("retry: 3000\n\n"));
    listener->queue[listener->count++] = hello;
    pthread_mutex_lock(&hub->lock);
    int64_t last = atomic_load(&hub->last_seq);
    listener->after_seq = after_seq < 0 || after_seq > last ? last : after_seq;
    listener->stream = http_stream_open(request, &calls, listener);
    listener->next = hub->listeners;
    if (listener->next)
        listener->next->previous = listener;
    hub->listeners = listener;
    hub->listener_count++;
    pthread_mutex_unlock(&hub->lock);
    return OK;
}
