/* Calls that wait for something to happen: they hold no thread, and the connection sleeps. */
#include <time.h>

#include "api/inside.h"
#include "base/clock.h"

enum { LOOK_MS = 200, LOOK_TEST_MS = 20 };

void api_wait(struct api_call *call, api_command *again, uint64_t topic, int64_t until_us,
              int64_t ready_us)
{
    struct api_call_state *state = api_state(call);
    state->again = again;
    state->waits = true;
    state->wait_topic = topic;
    state->wait_until_us = until_us;
    state->wait_ready_us = ready_us;
}

/* Takes out of the list whoever is to go on now; the others stay. */
static struct api_call_state *take(struct api *api, uint64_t news, bool all)
{
    struct api_call_state *taken = NULL;
    for (struct api_call_state **at = &api->waiting; *at;) {
        struct api_call_state *state = *at;
        bool ready = state->wait_ready_us && state->wait_ready_us <= clock_now_us();
        bool over = clock_monotonic_us() >= state->wait_until_us || http_gone(state->call.http);
        if (!all && !ready && !over && !(state->wait_topic & news)) {
            at = &state->wait_next;
            continue;
        }
        if (over || all)
            state->wait_until_us = 0;
        *at = state->wait_next;
        state->wait_next = taken;
        taken = state;
    }
    return taken;
}

/* Not under the lock: an answer may take the way through the server. */
static void go_on(struct api_call_state *taken)
{
    while (taken) {
        struct api_call_state *state = taken;
        taken = state->wait_next;
        if (state->wait_until_us)
            api_submit(state);
        else
            api_finish(state, OK);
    }
}

void wait_add(struct api_call_state *state)
{
    struct api *api = state->call.api;
    pthread_mutex_lock(&api->wait_lock);
    bool quiet = api->quiet, again = (state->wait_topic & api->news) != 0;
    if (!quiet && !again) {
        state->wait_next = api->waiting;
        api->waiting = state;
        pthread_cond_signal(&api->wait_wake);
    }
    pthread_mutex_unlock(&api->wait_lock);
    if (quiet)
        api_finish(state, OK);
    else if (again) /* It happened in the same commit, perhaps after this call had looked. */
        api_submit(state);
}

void api_tell(struct api *api, uint64_t news)
{
    pthread_mutex_lock(&api->wait_lock);
    api->news = news;
    struct api_call_state *taken = news ? take(api, news, false) : NULL;
    pthread_mutex_unlock(&api->wait_lock);
    go_on(taken);
}

static void sleep_a_while(struct api *api)
{
    if (!api->waiting) {
        pthread_cond_wait(&api->wait_wake, &api->wait_lock);
        return;
    }
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += (clock_is_test() ? LOOK_TEST_MS : LOOK_MS) * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_cond_timedwait(&api->wait_wake, &api->wait_lock, &until);
}

static void *wait_main(void *argument)
{
    struct api *api = argument;
    pthread_mutex_lock(&api->wait_lock);
    while (!api->quiet) {
        struct api_call_state *taken = take(api, 0, false);
        if (!taken) {
            sleep_a_while(api);
            continue;
        }
        pthread_mutex_unlock(&api->wait_lock);
        go_on(taken);
        pthread_mutex_lock(&api->wait_lock);
    }
    pthread_mutex_unlock(&api->wait_lock);
    return NULL;
}

enum err wait_start(struct api *api)
{
    if (pthread_create(&api->wait_thread, NULL, wait_main, api) != 0)
        return err_set(ERR_IO, "cannot start a thread");
    api->wait_runs = true;
    return OK;
}

void api_quiesce(struct api *api)
{
    pthread_mutex_lock(&api->wait_lock);
    api->quiet = true;
    struct api_call_state *taken = take(api, 0, true);
    pthread_cond_signal(&api->wait_wake);
    pthread_mutex_unlock(&api->wait_lock);
    go_on(taken);
    if (api->wait_runs)
        pthread_join(api->wait_thread, NULL);
    api->wait_runs = false;
}
