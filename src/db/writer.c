#include "db/writer.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "db/checkpoint.h"

struct writer {
    struct db *db;
    struct checkpoint *checkpoint;
    struct writer_hooks hooks;
    pthread_t thread;
    pthread_mutex_t lock; /* Guards all below. */
    pthread_cond_t wake;
    struct command *first, **last;
    size_t waiting;
    bool stopping, joined;
    struct writer_stats stats;
};

static void fail(struct command *command, enum err result)
{
    command->result = result;
    command->error = *err_last();
}

static enum err run_one(struct db_tx *tx, struct command *command)
{
    enum err r = db_savepoint(tx);
    if (r != OK)
        return r;
    command->result = command->run(tx, command);
    if (command->result == OK)
        return db_release(tx);
    command->error = *err_last();
    return db_undo(tx);
}

/* Runs all of the list in one transaction. An error here is the batch's, not a command's. */
static enum err run_batch(struct writer *writer, struct command *list, int64_t *commit_us)
{
    struct db_tx tx;
    enum err r = db_begin(writer->db, &tx);
    if (r != OK)
        return r;
    for (struct command *command = list; command && r == OK; command = command->next)
        r = run_one(&tx, command);
    if (r == OK && writer->hooks.before_commit)
        r = writer->hooks.before_commit(&tx, writer->hooks.context);
    int64_t begin = clock_monotonic_us();
    if (r == OK)
        r = db_commit(&tx);
    *commit_us = clock_monotonic_us() - begin;
    if (r != OK) {
        struct err_info why = *err_last();
        db_rollback(&tx);
        err_restore(&why);
    }
    return r;
}

static void settle(struct writer *writer, struct command *list, enum err batch, int64_t commit_us)
{
    int64_t count = 0, refused = 0;
    for (struct command *command = list; command; command = command->next, count++) {
        if (batch != OK)
            fail(command, batch);
        refused += command->result != OK;
    }
    pthread_mutex_lock(&writer->lock);
    writer->stats.commands += count;
    writer->stats.refused += refused;
    writer->stats.batches++;
    writer->stats.lost_batches += batch != OK;
    writer->stats.commit_us += commit_us;
    pthread_mutex_unlock(&writer->lock);

    if (writer->hooks.after_commit)
        writer->hooks.after_commit(batch == OK, writer->hooks.context);
    for (struct command *command = list, *next; command; command = next) {
        next = command->next; /* `done` may free it. */
        command->done(command);
    }
}

/* Waits for work and takes at most a batch of it; NULL when stopping and all is done. */
static struct command *take(struct writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    while (!writer->first && !writer->stopping)
        pthread_cond_wait(&writer->wake, &writer->lock);
    struct command *list = writer->first, *end = list;
    if (list) {
        size_t taken = 1;
        for (; end->next && taken < LIMIT_COMMAND_BATCH; taken++)
            end = end->next;
        writer->first = end->next;
        if (!writer->first)
            writer->last = &writer->first;
        end->next = NULL;
        writer->waiting -= taken;
    }
    pthread_mutex_unlock(&writer->lock);
    return list;
}

static void *writer_main(void *argument)
{
    struct writer *writer = argument;
    for (struct command *list; (list = take(writer)) != NULL;) {
        int64_t commit_us = 0;
        enum err r = run_batch(writer, list, &commit_us);
        settle(writer, list, r, commit_us);
    }
    return NULL;
}

enum err writer_start(const char *path, const struct writer_hooks *hooks, struct writer **out)
{
    struct db *db;
    enum err r = db_open(path, DB_WRITE, &db);
    if (r != OK)
        return r;
    struct checkpoint *checkpoint = NULL;
    int frames = hooks && hooks->log_frames ? hooks->log_frames : CHECKPOINT_FRAMES;
    r = db_migrate(db);
    if (r == OK)
        r = checkpoint_start(path, db, frames, &checkpoint);
    if (r != OK) {
        db_close(db);
        return r;
    }
    struct writer *writer = calloc(1, sizeof(*writer));
    assert(writer);
    writer->db = db;
    writer->checkpoint = checkpoint;
    writer->hooks = hooks ? *hooks : (struct writer_hooks){0};
    writer->last = &writer->first;
    pthread_mutex_init(&writer->lock, NULL);
    pthread_cond_init(&writer->wake, NULL);
    if (pthread_create(&writer->thread, NULL, writer_main, writer) != 0) {
        writer->joined = true;
        writer_free(writer);
        return err_set(ERR_IO, "cannot start the writer's thread");
    }
    *out = writer;
    return OK;
}

void writer_stop(struct writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    bool join = !writer->joined;
    writer->stopping = writer->joined = true;
    pthread_cond_signal(&writer->wake);
    pthread_mutex_unlock(&writer->lock);
    if (join)
        pthread_join(writer->thread, NULL);
}

void writer_free(struct writer *writer)
{
    if (!writer)
        return;
    writer_stop(writer);
    checkpoint_free(writer->checkpoint);
    db_close(writer->db);
    pthread_cond_destroy(&writer->wake);
    pthread_mutex_destroy(&writer->lock);
    free(writer);
}

enum err writer_submit(struct writer *writer, struct command *command)
{
    command->next = NULL;
    command->result = OK;
    pthread_mutex_lock(&writer->lock);
    bool refused = writer->stopping || writer->waiting >= LIMIT_COMMAND_QUEUE;
    if (!refused) {
        *writer->last = command;
        writer->last = &command->next;
        if (writer->waiting++ == 0)
            pthread_cond_signal(&writer->wake);
    }
    pthread_mutex_unlock(&writer->lock);
    return refused ? err_refuse(ERR_BUSY, "busy", "too many changes wait; try again") : OK;
}

struct waiter {
    struct command inner;
    struct command *outer;
    pthread_mutex_t lock;
    pthread_cond_t finished;
    bool done;
};

static enum err waiter_run(struct db_tx *tx, struct command *command)
{
    struct waiter *waiter = (struct waiter *)command;
    return waiter->outer->run(tx, waiter->outer);
}

static void waiter_done(struct command *command)
{
    struct waiter *waiter = (struct waiter *)command;
    pthread_mutex_lock(&waiter->lock);
    waiter->done = true;
    pthread_cond_signal(&waiter->finished);
    pthread_mutex_unlock(&waiter->lock);
}

enum err writer_run(struct writer *writer, struct command *command)
{
    struct waiter waiter = {.inner = {.run = waiter_run, .done = waiter_done}, .outer = command};
    pthread_mutex_init(&waiter.lock, NULL);
    pthread_cond_init(&waiter.finished, NULL);
    enum err r = writer_submit(writer, &waiter.inner);
    if (r == OK) {
        pthread_mutex_lock(&waiter.lock);
        while (!waiter.done)
            pthread_cond_wait(&waiter.finished, &waiter.lock);
        pthread_mutex_unlock(&waiter.lock);
        command->result = r = waiter.inner.result;
        if (r != OK) {
            command->error = waiter.inner.error;
            err_restore(&command->error);
        }
    }
    pthread_cond_destroy(&waiter.finished);
    pthread_mutex_destroy(&waiter.lock);
    return r;
}

void writer_read_stats(struct writer *writer, struct writer_stats *out)
{
    pthread_mutex_lock(&writer->lock);
    *out = writer->stats;
    pthread_mutex_unlock(&writer->lock);
}
