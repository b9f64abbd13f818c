#include "test.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "db/writer.h"

static char folder[64], store[128];

struct add {
    struct command command;
    int64_t number;
    enum err fail_with; /* After the row is in. */
    bool done;
};

struct sum_row {
    int64_t count, sum;
};

static const struct sql_column sum_out[] = {{"count", SQL_INT, false, 0},
                                            {"sum", SQL_INT, false, sizeof(int64_t)}};
static const struct sql_statement SUM = {.name = "sum",
                                         .sqlite = "SELECT COUNT(*), COALESCE(SUM(n), 0) FROM t",
                                         .out = sum_out,
                                         .out_count = 2,
                                         .row_size = sizeof(struct sum_row)};
static const struct sql_column insert_in[] = {{"n", SQL_INT, false, 0}};
static const struct sql_statement INSERT = {
    .name = "insert", .sqlite = "INSERT INTO t VALUES (?1)", .in = insert_in, .in_count = 1};

static struct sum_row stored(void)
{
    struct db *db;
    struct sum_row row;
    assert_ok(db_open(store, DB_READ, &db));
    assert_ok(db_one(db, &SUM, NULL, NULL, &row));
    db_close(db);
    return row;
}

static enum err run_add(struct db_tx *tx, struct command *command)
{
    struct add *add = (struct add *)command;
    enum err r = db_exec(tx, &INSERT, &add->number, NULL);
    if (r == OK && add->fail_with != OK)
        return err_refuse(add->fail_with, "test.refused", "number %d", (int)add->number);
    return r;
}

static void add_done(struct command *command)
{
    __atomic_store_n(&((struct add *)command)->done, true, __ATOMIC_RELEASE);
}

static void wait_done(const struct add *add)
{
    while (!__atomic_load_n(&add->done, __ATOMIC_ACQUIRE))
        usleep(50);
}

static struct add adding(int64_t number)
{
    return (struct add){.command = {.run = run_add, .done = add_done}, .number = number};
}

/* A command that holds the writer until it is let go, so that others gather behind it. */
struct hold {
    struct command command;
    sem_t begun, go;
};

static enum err run_hold(struct db_tx *tx, struct command *command)
{
    (void)tx;
    struct hold *hold = (struct hold *)command;
    sem_post(&hold->begun);
    sem_wait(&hold->go);
    return OK;
}

static void hold_done(struct command *command)
{
    (void)command;
}

static void hold_begin(struct hold *hold, struct writer *writer)
{
    *hold = (struct hold){.command = {.run = run_hold, .done = hold_done}};
    sem_init(&hold->begun, 0, 0);
    sem_init(&hold->go, 0, 0);
    assert_ok(writer_submit(writer, &hold->command));
    sem_wait(&hold->begun);
}

static int make_store(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/kuailian-writer-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(store, sizeof(store), "%s/park.db", folder);
    struct db *db;
    assert_ok(db_open(store, DB_WRITE, &db));
    assert_ok(db_execute(db, "CREATE TABLE t (n INTEGER PRIMARY KEY)"));
    db_close(db);
    return 0;
}

static int remove_store(void **state)
{
    (void)state;
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
        char path[160];
        snprintf(path, sizeof(path), "%s%s", store, suffixes[i]);
        unlink(path);
    }
    return rmdir(folder);
}

static void what_waits_shares_a_commit(void **state)
{
    (void)state;
    struct writer *writer;
    struct hold hold;
    static struct add adds[100];
    assert_ok(writer_start(store, NULL, &writer));
    hold_begin(&hold, writer);
    for (int i = 0; i < 100; i++) {
        adds[i] = adding(i + 1);
        assert_ok(writer_submit(writer, &adds[i].command));
    }
    assert_int_equal(stored().count, 0);
    sem_post(&hold.go);
    for (int i = 0; i < 100; i++) {
        wait_done(&adds[i]);
        assert_ok(adds[i].command.result);
    }
    struct writer_stats stats;
    writer_read_stats(writer, &stats);
    assert_int_equal(stats.commands, 101);
    assert_int_equal(stats.batches, 2);
    assert_int_equal(stored().sum, 5050);
    writer_free(writer);
}

static void a_refused_command_takes_back_only_its_own(void **state)
{
    (void)state;
    struct writer *writer;
    struct hold hold;
    static struct add adds[10];
    assert_ok(writer_start(store, NULL, &writer));
    hold_begin(&hold, writer);
    for (int i = 0; i < 10; i++) {
        adds[i] = adding(i + 1);
        adds[i].fail_with = i % 3 == 0 ? ERR_CONFLICT : OK;
        assert_ok(writer_submit(writer, &adds[i].command));
    }
    sem_post(&hold.go);
    for (int i = 0; i < 10; i++) {
        wait_done(&adds[i]);
        assert_int_equal(adds[i].command.result, i % 3 == 0 ? ERR_CONFLICT : OK);
        if (i % 3 == 0)
            assert_string_equal(adds[i].command.error.reason, "test.refused");
    }
    assert_int_equal(stored().count, 6);
    struct writer_stats stats;
    writer_read_stats(writer, &stats);
    assert_int_equal(stats.refused, 4);
    assert_int_equal(stats.lost_batches, 0);
    writer_free(writer);
}

static void a_broken_constraint_is_a_conflict(void **state)
{
    (void)state;
    struct writer *writer;
    assert_ok(writer_start(store, NULL, &writer));
    struct add first = adding(1), again = adding(1);
    assert_ok(writer_run(writer, &first.command));
    assert_err(writer_run(writer, &again.command), ERR_CONFLICT);
    assert_non_null(strstr(err_last()->detail, "UNIQUE"));
    assert_int_equal(stored().count, 1);
    writer_free(writer);
}

struct signer {
    bool fail;
    int committed, lost;
};

static enum err sign(struct db_tx *tx, void *context)
{
    struct signer *signer = context;
    int64_t row = 1000 + signer->committed;
    enum err r = db_exec(tx, &INSERT, &row, NULL);
    return signer->fail ? err_set(ERR_INTERNAL, "no signature") : r;
}

static void settled(bool committed, void *context)
{
    struct signer *signer = context;
    if (committed)
        signer->committed++;
    else
        signer->lost++;
}

static void a_lost_batch_answers_all_its_commands(void **state)
{
    (void)state;
    struct signer signer = {.fail = true};
    struct writer_hooks hooks = {
        .before_commit = sign, .after_commit = settled, .context = &signer};
    struct writer *writer;
    assert_ok(writer_start(store, &hooks, &writer));
    struct add one = adding(1);
    assert_err(writer_run(writer, &one.command), ERR_INTERNAL);
    assert_string_equal(err_last()->detail, "no signature");
    assert_int_equal(stored().count, 0);
    writer_stop(writer);
    assert_int_equal(signer.lost, 1);
    assert_int_equal(signer.committed, 0);
    struct writer_stats stats;
    writer_read_stats(writer, &stats);
    assert_int_equal(stats.lost_batches, 1);
    writer_free(writer);

    signer.fail = false;
    assert_ok(writer_start(store, &hooks, &writer));
    assert_ok(writer_run(writer, &one.command));
    assert_int_equal(stored().sum, 1001);
    writer_free(writer);
    assert_int_equal(signer.committed, 1);
}

static void stopping_finishes_what_waits(void **state)
{
    (void)state;
    struct writer *writer;
    struct hold hold;
    static struct add adds[50];
    assert_ok(writer_start(store, NULL, &writer));
    hold_begin(&hold, writer);
    for (int i = 0; i < 50; i++) {
        adds[i] = adding(i + 1);
        assert_ok(writer_submit(writer, &adds[i].command));
    }
    sem_post(&hold.go);
    writer_stop(writer);
    for (int i = 0; i < 50; i++)
        assert_true(adds[i].done);
    struct add late = adding(99);
    assert_err(writer_submit(writer, &late.command), ERR_BUSY);
    assert_err(writer_run(writer, &late.command), ERR_BUSY);
    assert_false(late.done);
    writer_stop(writer);
    writer_free(writer);
    writer_free(NULL);
    assert_int_equal(stored().count, 50);
}

static void too_many_waiting_are_told_so(void **state)
{
    (void)state;
    struct writer *writer;
    struct hold hold;
    static struct add adds[LIMIT_COMMAND_QUEUE];
    assert_ok(writer_start(store, NULL, &writer));
    hold_begin(&hold, writer);
    for (int i = 0; i < LIMIT_COMMAND_QUEUE; i++) {
        adds[i] = adding(i + 1);
        assert_ok(writer_submit(writer, &adds[i].command));
    }
    struct add more = adding(-1);
    assert_err(writer_submit(writer, &more.command), ERR_BUSY);
    sem_post(&hold.go);
    writer_stop(writer);
    assert_int_equal(stored().count, LIMIT_COMMAND_QUEUE);
    struct writer_stats stats;
    writer_read_stats(writer, &stats);
    assert_int_equal(stats.batches, 1 + LIMIT_COMMAND_QUEUE / LIMIT_COMMAND_BATCH);
    writer_free(writer);
}

/* `done` may hand its command over again: here until it has counted to ten. */
struct chain {
    struct command command;
    struct writer *writer;
    int64_t number;
    sem_t end;
};

static enum err run_chain(struct db_tx *tx, struct command *command)
{
    return db_exec(tx, &INSERT, &((struct chain *)command)->number, NULL);
}

static void chain_done(struct command *command)
{
    struct chain *chain = (struct chain *)command;
    if (++chain->number > 10 || writer_submit(chain->writer, command) != OK)
        sem_post(&chain->end);
}

static void done_may_submit_again(void **state)
{
    (void)state;
    struct chain chain = {.command = {.run = run_chain, .done = chain_done}, .number = 1};
    sem_init(&chain.end, 0, 0);
    assert_ok(writer_start(store, NULL, &chain.writer));
    assert_ok(writer_submit(chain.writer, &chain.command));
    sem_wait(&chain.end);
    writer_free(chain.writer);
    assert_int_equal(stored().count, 10);
}

struct crowd {
    struct writer *writer;
    int64_t first;
};

enum { THREADS = 8, EACH = 50 };

static void *crowd_main(void *argument)
{
    struct crowd *crowd = argument;
    for (int64_t i = 0; i < EACH; i++) {
        struct add add = adding(crowd->first + i);
        add.fail_with = i % 10 == 9 ? ERR_INVALID : OK;
        enum err r = writer_run(crowd->writer, &add.command);
        assert_int_equal(r, add.fail_with);
    }
    return NULL;
}

static void many_threads_write_at_once(void **state)
{
    (void)state;
    struct writer *writer;
    pthread_t threads[THREADS];
    struct crowd crowds[THREADS];
    assert_ok(writer_start(store, NULL, &writer));
    for (int i = 0; i < THREADS; i++) {
        crowds[i] = (struct crowd){.writer = writer, .first = 1 + i * EACH};
        assert_int_equal(pthread_create(&threads[i], NULL, crowd_main, &crowds[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    struct writer_stats stats;
    writer_read_stats(writer, &stats);
    assert_int_equal(stats.commands, THREADS * EACH);
    assert_true(stats.batches < stats.commands);
    writer_free(writer);
    assert_int_equal(stored().count, THREADS * EACH * 9 / 10);
}

#define ON_A_STORE(test) cmocka_unit_test_setup_teardown(test, make_store, remove_store)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_A_STORE(what_waits_shares_a_commit),
        ON_A_STORE(a_refused_command_takes_back_only_its_own),
        ON_A_STORE(a_broken_constraint_is_a_conflict),
        ON_A_STORE(a_lost_batch_answers_all_its_commands),
        ON_A_STORE(stopping_finishes_what_waits),
        ON_A_STORE(too_many_waiting_are_told_so),
        ON_A_STORE(done_may_submit_again),
        ON_A_STORE(many_threads_write_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
