/* A thread that looks for work: every so often, and at once when it is poked. Under a test clock it
 * looks several times a second.
 */
#ifndef BASE_LOOKOUT_H
#define BASE_LOOKOUT_H

#include "base/base.h"

struct lookout;

struct lookout_config {
    int every_ms, every_test_ms;
    void (*look)(void *context);
    void *context; /* Must outlive the thread. */
};

/* `*out` is set before the first look, which may use it. ERR_IO without a thread. */
MUST_USE enum err lookout_start(const struct lookout_config *config, struct lookout **out);
/* Waits for a look under way to end; there is none after it. */
void lookout_stop(struct lookout *lookout);
/* Stops it, if need be. NULL is a no-op. */
void lookout_free(struct lookout *lookout);
/* From any thread, until it is freed; once it is stopped, nothing comes of it. */
void lookout_poke(struct lookout *lookout);
/* What a long look asks between two pieces of its work. */
bool lookout_is_stopping(struct lookout *lookout);

#endif
