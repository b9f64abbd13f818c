/* Commands on a disk that fails and loses power: none acknowledged is lost, none is half done, none
 * happens twice, and the journal verifies. Seeds choose the faults; which operation meets one
 * depends on the threads too.
 *
 * usage: test_journal_crash [SEEDS] */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "db/writer.h"
#include "journal/verify.h"
#include "simdisk.h"

enum { COMMANDS = 40, PARTS = 3, LIVES = 6 };

static uint64_t seeds = 20;

static char folder[64], store[128], key_path[128];

struct world {
    struct simdisk *disk;
    struct journal *journal;
    struct writer *writer;
    int64_t next_key;
    bool acknowledged[COMMANDS * LIVES + 1];
};

struct change {
    struct command command;
    int64_t key;
    bool finished;
};

struct count_row {
    int64_t n;
};

static const struct sql_column count_in[] = {{"key", SQL_INT, false, 0}};
static const struct sql_column count_out[] = {{"n", SQL_INT, false, 0}};
static const struct sql_statement COUNT_PARTS = {
    .name = "count_parts",
    .sqlite = "SELECT COUNT(*) FROM part WHERE key = ?1",
    .in = count_in,
    .out = count_out,
    .in_count = 1,
    .out_count = 1,
    .row_size = sizeof(struct count_row),
};

static enum err parts_of(struct db *db, int64_t key, int64_t *out)
{
    struct count_row row;
    enum err r = db_one(db, &COUNT_PARTS, &key, NULL, &row);
    if (r == OK)
        *out = row.n;
    return r;
}

/* A key that was done already is answered as done: what api/'s Idempotency-Key does. */
static enum err run_change(struct db_tx *tx, struct command *command)
{
    struct change *change = (struct change *)command;
    int64_t parts;
    enum err r = parts_of(tx->db, change->key, &parts);
    if (r != OK || parts > 0)
        return r;
    for (int i = 0; r == OK && i < PARTS; i++) {
        char sql[128];
        snprintf(sql, sizeof(sql), "INSERT INTO part VALUES (%d, %d, hex(randomblob(400)))",
                 (int)change->key, i);
        r = db_execute(tx->db, sql);
    }
    struct journal_entry entry = {.park_id = 1,
                                  .time_us = 1,
                                  .kind = "test.changed",
                                  .case_id = change->key,
                                  .body = STR("{}")};
    return r == OK ? journal_append(tx, &entry, NULL) : r;
}

static void change_done(struct command *command)
{
    __atomic_store_n(&((struct change *)command)->finished, true, __ATOMIC_RELEASE);
}

static void start(struct world *world)
{
    struct db *db;
    assert_ok(db_open(store, DB_READ, &db));
    assert_ok(journal_open(db, key_path, STR("test"), &world->journal));
    db_close(db);
    struct writer_hooks hooks = {.before_commit = journal_before_commit,
                                 .context = world->journal,
                                 .log_frames = 30}; /* Many checkpoints. */
    assert_ok(writer_start(store, &hooks, &world->writer));
}

static void stop(struct world *world)
{
    writer_free(world->writer);
    journal_free(world->journal);
    world->writer = NULL;
    world->journal = NULL;
}

/* Puts bursts of commands to the writer and notes which were acknowledged. */
static void work(struct world *world, int64_t first, int64_t count)
{
    struct change changes[COMMANDS] = {0};
    for (int64_t begin = 0, burst; begin < count; begin += burst) {
        burst = 1 + (int64_t)(simdisk_random(world->disk) % 8);
        burst = burst < count - begin ? burst : count - begin;
        for (int64_t i = begin; i < begin + burst; i++) {
            changes[i].key = first + i;
            changes[i].command.run = run_change;
            changes[i].command.done = change_done;
            assert_ok(writer_submit(world->writer, &changes[i].command));
        }
        for (int64_t i = begin; i < begin + burst; i++) {
            while (!__atomic_load_n(&changes[i].finished, __ATOMIC_ACQUIRE))
                usleep(20);
            if (changes[i].command.result == OK)
                world->acknowledged[changes[i].key] = true;
        }
    }
}

static void complain(void *context, const char *text)
{
    print_message("%s\n", text);
    *(int *)context += 1;
}

static void check(struct world *world, int64_t keys, bool all)
{
    struct db *db;
    assert_ok(db_open(store, DB_READ, &db));
    for (int64_t key = 1; key <= keys; key++) {
        int64_t parts;
        assert_ok(parts_of(db, key, &parts));
        if (parts != 0 && parts != PARTS)
            fail_msg("command %d is half done: %d of %d rows", (int)key, (int)parts, PARTS);
        if (parts == 0 && (all || world->acknowledged[key]))
            fail_msg("command %d was acknowledged and is lost", (int)key);
    }
    int complaints = 0;
    struct findings findings = {.say = complain, .context = &complaints};
    struct journal_verify_result log = {0};
    assert_ok(journal_verify(world->journal, db, &findings, &log));
    assert_int_equal(complaints, 0);
    if (all)
        assert_int_equal(log.entries, keys); /* One entry a command: none twice. */
    db_close(db);
}

static void make_store(void)
{
    struct db *db;
    snprintf(folder, sizeof(folder), "%s/kuailian-crash-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(folder));
    snprintf(store, sizeof(store), "%s/park.db", folder);
    snprintf(key_path, sizeof(key_path), "%s/journal.key", folder);
    assert_ok(db_open(store, DB_WRITE, &db));
    assert_ok(db_migrate(db));
    assert_ok(db_execute(db, "CREATE TABLE part (key INTEGER, n INTEGER, filling TEXT,"
                             "PRIMARY KEY (key, n)) WITHOUT ROWID"));
    db_close(db);
}

static void remove_store(void)
{
    static const char *const names[] = {"park.db", "park.db-wal", "park.db-shm", "journal.key"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char path[160];
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(folder), 0);
}

/* Lives through crashes; after each, what was not acknowledged is asked for again by its key. */
static uint64_t live(uint64_t seed, unsigned reads, unsigned writes, unsigned syncs, bool crash)
{
    make_store();
    struct world world = {.disk = simdisk_new(store, seed), .next_key = 1};
    uint64_t crashes = 0;
    for (int life = 0; life < LIVES; life++) {
        start(&world);
        simdisk_fail(world.disk, reads, writes, syncs);
        if (crash)
            simdisk_crash_after(world.disk, 1 + simdisk_random(world.disk) % 40);
        work(&world, world.next_key, COMMANDS);
        crashes += simdisk_crashed(world.disk);
        if (!crash) /* Closing without power is one more crash; here the disk is only bad. */
            simdisk_fail(world.disk, 0, 0, 0);
        stop(&world);
        simdisk_restart(world.disk);
        start(&world);
        check(&world, world.next_key + COMMANDS - 1, false);
        work(&world, world.next_key, COMMANDS);
        world.next_key += COMMANDS;
        check(&world, world.next_key - 1, true);
        stop(&world);
    }
    uint64_t faults = simdisk_faults(world.disk);
    simdisk_free(world.disk);
    remove_store();
    return crash ? crashes : faults;
}

static void power_failures(void **state)
{
    (void)state;
    uint64_t crashes = 0;
    for (uint64_t seed = 1; seed <= seeds; seed++)
        crashes += live(seed, 0, 0, 0, true);
    print_message("# %d power failures\n", (int)crashes);
    assert_true(crashes > seeds * 3);
}

static void a_bad_disk(void **state)
{
    (void)state;
    uint64_t faults = 0;
    for (uint64_t seed = 1; seed <= seeds / 2; seed++)
        faults += live(1000 + seed, 5, 10, 10, false);
    print_message("# %d failed reads, writes and fsyncs\n", (int)faults);
    assert_true(faults > seeds);
}

static void a_bad_disk_that_loses_power(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= seeds / 2; seed++)
        live(2000 + seed, 2, 5, 5, true);
}

int main(int argc, char **argv)
{
    int64_t asked;
    if (argc > 1 && str_to_int(str_of(argv[1]), &asked) == OK)
        seeds = (uint64_t)asked;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(power_failures),
        cmocka_unit_test(a_bad_disk),
        cmocka_unit_test(a_bad_disk_that_loses_power),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
