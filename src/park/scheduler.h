/* The thread that wakes cases and processes when their timers are due, and begins processes whose
 * time has come; and that lets go what has been over for long enough.
 *
 * It looks for due cases with a connection of its own and hands them to the writer in batches, one
 * batch at a time and between the batches of other commands, so that a hundred thousand timers that
 * fall due at once delay nobody. Under a test clock it looks several times a second.
 */
#ifndef PARK_SCHEDULER_H
#define PARK_SCHEDULER_H

#include "db/writer.h"
#include "park/case_act.h"

struct scheduler;

enum { SCHEDULER_BATCH = 50 };

struct scheduler_stats {
    int64_t woken, failed;
};

/* The store must exist already. The writer and the world must outlive it. */
MUST_USE enum err scheduler_start(const char *store, struct writer *writer,
                                  struct case_world *world, struct scheduler **out);
/* Before the writer is stopped. NULL is a no-op. */
void scheduler_free(struct scheduler *scheduler);
void scheduler_read_stats(struct scheduler *scheduler, struct scheduler_stats *out);

#endif
