#include "api/inside.h"

/* Threads for what would hold up an HTTP thread's other connections. */

static struct api_call_state *take(struct api *api)
{
    pthread_mutex_lock(&api->lock);
    while (!api->slow_first && !api->stopping)
        pthread_cond_wait(&api->wake, &api->lock);
    struct api_call_state *state = api->slow_first;
    if (state) {
        api->slow_first = state->slow_next;
        if (!api->slow_first)
            api->slow_last = &api->slow_first;
        api->slow_waiting--;
    }
    pthread_mutex_unlock(&api->lock);
    return state;
}

static void *slow_main(void *argument)
{
    for (struct api_call_state *state; (state = take(argument)) != NULL;)
        api_run_slow(state);
    return NULL;
}

enum err slow_start(struct api *api)
{
    api->slow_last = &api->slow_first;
    for (size_t i = 0; i < SLOW_THREADS; i++) {
        if (pthread_create(&api->slow_threads[i], NULL, slow_main, api) != 0)
            return err_set(ERR_IO, "cannot start a thread");
        api->slow_thread_count++;
    }
    return OK;
}

enum err slow_submit(struct api *api, struct api_call_state *state)
{
    state->slow_next = NULL;
    pthread_mutex_lock(&api->lock);
    bool refused = api->stopping || api->slow_waiting >= SLOW_QUEUE_MAX;
    if (!refused) {
        *api->slow_last = state;
        api->slow_last = &state->slow_next;
        api->slow_waiting++;
        pthread_cond_signal(&api->wake);
    }
    pthread_mutex_unlock(&api->lock);
    return refused ? err_refuse(ERR_BUSY, "busy", "too much waits; try again") : OK;
}

void api_stop(struct api *api)
{
    pthread_mutex_lock(&api->lock);
    api->stopping = true;
    pthread_cond_broadcast(&api->wake);
    pthread_mutex_unlock(&api->lock);
    for (; api->slow_thread_count > 0; api->slow_thread_count--)
        pthread_join(api->slow_threads[api->slow_thread_count - 1], NULL);
}
