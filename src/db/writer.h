/* The one writer: every change of the store is a command that it runs.
 *
 * Commands that wait go into one transaction, each under its own savepoint, and are answered only
 * after the commit: one fsync serves them all, and nothing is acknowledged before it is on disk.
 */
#ifndef DB_WRITER_H
#define DB_WRITER_H

#include "db/db.h"

struct writer;

/* Embed one in a larger struct. It belongs to the writer from submit until `done` is called. */
struct command {
    /* Writer thread. An error takes back all that this command changed, and nothing else. */
    enum err (*run)(struct db_tx *tx, struct command *command);
    /* Writer thread, after the commit: may free or resubmit the command. Must not block. */
    void (*done)(struct command *command);
    /* Set before `done`: OK means durable. `error` says why not. */
    enum err result;
    struct err_info error;
    struct command *next; /* The writer's. */
};

/* Called on the writer thread with `context`; any may be NULL. */
struct writer_hooks {
    /* After a batch's last command: an error fails the whole batch (a signed head, say). */
    enum err (*before_commit)(struct db_tx *tx, void *context);
    /* After the commit and before the `done` of its commands; `committed` is false if the batch
     * was lost, so that whoever keeps state beside the store can drop it. */
    void (*after_commit)(bool committed, void *context);
    void *context;
    int log_frames; /* For tests: the log is long from so many pages on; 0: CHECKPOINT_FRAMES. */
};

struct writer_stats {
    int64_t commands, refused, batches, lost_batches;
    int64_t commit_us; /* Time spent in all commits. */
};

/* Opens and migrates the store at `path` and starts the thread. */
MUST_USE enum err writer_start(const char *path, const struct writer_hooks *hooks,
                               struct writer **out);

/* Finishes what waits, then ends the thread. Submitting after that is ERR_BUSY. */
void writer_stop(struct writer *writer);
void writer_free(struct writer *writer); /* Stops it if need be. NULL is a no-op. */

/* Hands the command over, from any thread. ERR_BUSY if too many wait or the writer has stopped:
 * then the command still belongs to the caller and `done` is not called. */
MUST_USE enum err writer_submit(struct writer *writer, struct command *command);

/* Submits and waits; `done` is not used. Returns the command's result with its error set. */
MUST_USE enum err writer_run(struct writer *writer, struct command *command);

void writer_read_stats(struct writer *writer, struct writer_stats *out);

#endif
