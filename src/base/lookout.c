#include "base/lookout.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

struct lookout {
    struct lookout_config config;
    pthread_t thread;
    bool joined;          /* Of whoever stops it. */
    pthread_mutex_t lock; /* Guards all below. */
    pthread_cond_t wake;
    bool stopping, poked;
};

bool lookout_is_stopping(struct lookout *lookout)
{
    pthread_mutex_lock(&lookout->lock);
    bool stopping = lookout->stopping;
    pthread_mutex_unlock(&lookout->lock);
    return stopping;
}

static void wait_a_while(struct lookout *lookout)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    int ms = clock_is_test() ? lookout->config.every_test_ms : lookout->config.every_ms;
    until.tv_nsec += ms % 1000 * 1000000L;
    until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&lookout->lock);
    while (!lookout->stopping && !lookout->poked)
        if (pthread_cond_timedwait(&lookout->wake, &lookout->lock, &until) != 0)
            break;
    lookout->poked = false;
    pthread_mutex_unlock(&lookout->lock);
}

static void *lookout_main(void *argument)
{
    struct lookout *lookout = argument;
    while (!lookout_is_stopping(lookout)) {
        lookout->config.look(lookout->config.context);
        wait_a_while(lookout);
    }
    return NULL;
}

static void release(struct lookout *lookout)
{
    pthread_cond_destroy(&lookout->wake);
    pthread_mutex_destroy(&lookout->lock);
    free(lookout);
}

enum err lookout_start(const struct lookout_config *config, struct lookout **out)
{
    struct lookout *lookout = calloc(1, sizeof(*lookout));
    assert(lookout);
    lookout->config = *config;
    pthread_mutex_init(&lookout->lock, NULL);
    pthread_cond_init(&lookout->wake, NULL);
    *out = lookout;
    if (pthread_create(&lookout->thread, NULL, lookout_main, lookout) == 0)
        return OK;
    *out = NULL;
    release(lookout);
    return err_set(ERR_IO, "cannot start a thread");
}

static void notify(struct lookout *lookout, bool *what)
{
    pthread_mutex_lock(&lookout->lock);
    *what = true;
    pthread_cond_signal(&lookout->wake);
    pthread_mutex_unlock(&lookout->lock);
}

void lookout_stop(struct lookout *lookout)
{
    if (lookout->joined)
        return;
    notify(lookout, &lookout->stopping);
    pthread_join(lookout->thread, NULL);
    lookout->joined = true;
}

void lookout_free(struct lookout *lookout)
{
    if (!lookout)
        return;
    lookout_stop(lookout);
    release(lookout);
}

void lookout_poke(struct lookout *lookout)
{
    notify(lookout, &lookout->poked);
}
