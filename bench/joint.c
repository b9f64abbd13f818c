/* Four-sync cases from filing to rating: every act of everybody is a command of its own through the
 * writer, as the API sends it, with rights, rules, history, journal and signed head.
 *
 * usage: bench-joint DIR SECONDS        (in the checkout: it reads services/)
 *
 * The story is the sample park's second: a supplement is asked for, every department inspects and
 * finds something, all is put right with evidence and checked by somebody else, all agree. Its
 * time is its own: half an hour passes between two acts. Who acts next is looked up by the client,
 * a second thread with a connection of its own, as browsers read through other threads.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "floor.h"

#include "base/clock.h"
#include "db/writer.h"
#include "journal/journal.h"
#include "park/sample.h"
#include "park/sample_joint.h"
#include "park/seal.h"
#include "park/service.h"

enum { SLOTS = 128, PARK = 1, STORY = 1 };

struct slot {
    struct command command;
    struct sample_joint joint;
    const struct sample_step *step;
    struct arena arena; /* What the step lives in. */
    int64_t now_us;
    struct slot *next; /* In `answered`. */
};

static struct case_world *world;
static struct sample sample;
static struct writer *writer;
static struct db *reader;
static int64_t completed, commands;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
static struct slot *answered; /* Whose command is done. */

static void die(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, err_last()->detail);
    exit(1);
}

static enum err run_slot(struct db_tx *tx, struct command *command)
{
    struct slot *slot = (struct slot *)command;
    struct case_env env = {
        .tx = tx, .arena = &slot->arena, .world = world, .park_id = PARK, .now_us = slot->now_us};
    return slot->step ? sample_joint_do(&env, &slot->joint, slot->step)
                      : sample_joint_file(&env, &slot->joint);
}

static void on_done(struct command *command)
{
    struct slot *slot = (struct slot *)command;
    if (command->result != OK) {
        fprintf(stderr, "case %lld: %s\n", (long long)slot->joint.case_id, command->error.detail);
        exit(1);
    }
    pthread_mutex_lock(&lock);
    slot->next = answered;
    answered = slot;
    pthread_cond_signal(&wake);
    pthread_mutex_unlock(&lock);
}

static void begin(struct slot *slot)
{
    static size_t next;
    const struct sample_enterprise *who = &sample.enterprises[next++ % SAMPLE_ENTERPRISES];
    slot->joint =
        (struct sample_joint){.number = STORY, .person_id = who->contact, .enterprise_id = who->id};
    slot->now_us = clock_now_us();
}

static void submit(struct slot *slot)
{
    if (writer_submit(writer, &slot->command) != OK)
        die("submit");
}

/* Looks up what comes next; false once the case is over. */
static bool go_on(struct slot *slot)
{
    arena_release(&slot->arena);
    commands++;
    slot->now_us += 30 * MINUTE_US;
    if (sample_joint_next(reader, &slot->arena, PARK, &slot->joint, &slot->step) != OK)
        die("next");
    completed += !slot->step;
    return slot->step;
}

static struct slot *take_answered(void)
{
    pthread_mutex_lock(&lock);
    while (!answered)
        pthread_cond_wait(&wake, &lock);
    struct slot *taken = answered;
    answered = NULL;
    pthread_mutex_unlock(&lock);
    return taken;
}

/* Until the time is over, and then until the cases that are open are closed. */
static void be_clients(int64_t until_us)
{
    static struct slot slots[SLOTS];
    int active = SLOTS;
    for (int i = 0; i < SLOTS; i++) {
        slots[i].command = (struct command){.run = run_slot, .done = on_done};
        begin(&slots[i]);
        submit(&slots[i]);
    }
    while (active > 0)
        for (struct slot *slot = take_answered(), *next; slot; slot = next) {
            next = slot->next;
            if (!go_on(slot) && clock_now_us() < until_us)
                begin(slot);
            if (slot->step || !slot->joint.case_id)
                submit(slot);
            else
                active--;
        }
}

static enum err run_register(struct db_tx *tx, struct command *command)
{
    (void)command;
    enum err r = sample_register(tx, PARK, 1, clock_now_us() - 60 * DAY_US, &sample);
    return r == OK ? db_execute(tx->db,
                                "INSERT INTO account (park_id, person_id, login, password, "
                                "disabled, must_change, created_at, version) SELECT park_id, id, "
                                "'p' || id, 'none', 0, 0, 0, 1 FROM person")
                   : r;
}

static void start(const char *store, struct journal *journal)
{
    struct writer_hooks hooks = {.before_commit = journal_before_commit, .context = journal};
    if (writer_start(store, &hooks, &writer) != OK)
        die("writer");
}

static int64_t open_cases(const char *store)
{
    sqlite3 *db;
    sqlite3_stmt *stmt;
    if (sqlite3_open(store, &db) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "SELECT count(*) FROM cases WHERE closed = 0", -1, &stmt, NULL) !=
            SQLITE_OK ||
        sqlite3_step(stmt) != SQLITE_ROW)
        exit(1);
    int64_t count = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return count;
}

static void measure(const struct floor *paths, int64_t seconds)
{
    struct writer_stats stats;
    struct floor floor = *paths;
    int64_t size = file_size(floor.store), written = bytes_written(), began = clock_now_us();
    be_clients(began + seconds * SECOND_US);
    double took = (double)(clock_now_us() - began) / SECOND_US;
    writer_read_stats(writer, &stats);
    writer_free(writer);
    checkpoint(floor.store);
    written = bytes_written() - written;
    int64_t bytes = file_size(floor.store) - size;
    floor.commits = stats.batches;
    printf("instances_s %.1f commands_s %.0f open %lld acts_instance %.1f batch %.1f "
           "bytes_instance %lld written_instance %lld of_rows %.3f of_plain %.3f "
           "of_written %.3f\n",
           (double)completed / took, (double)commands / took, (long long)open_cases(floor.store),
           (double)commands / (double)completed, (double)stats.commands / (double)stats.batches,
           (long long)(bytes / completed), (long long)(written / completed),
           floor_rows(&floor) / took, floor_plain(&floor, commands, bytes) / took,
           floor_plain(&floor, commands, written / 2) / took);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    char store[400], key[400], seal[400], base[400], raw[400];
    snprintf(store, sizeof(store), "%s/park.db", argv[1]);
    snprintf(key, sizeof(key), "%s/journal.key", argv[1]);
    snprintf(seal, sizeof(seal), "%s/seal.key", argv[1]);
    snprintf(base, sizeof(base), "%s/base.db", argv[1]);
    snprintf(raw, sizeof(raw), "%s/raw.db", argv[1]);
    struct db *db;
    struct journal *journal;
    struct services *services;
    if (db_open(store, DB_WRITE, &db) != OK || db_migrate(db) != OK || seal_open_key(seal) != OK ||
        journal_open(db, key, STR("bench"), &journal) != OK ||
        services_load("services", &services) != OK || case_world_new(services, &world) != OK)
        die("store");
    db_close(db);
    start(store, journal);
    struct command fill = {.run = run_register};
    if (writer_run(writer, &fill) != OK)
        die("register");
    writer_free(writer);
    file_copy(store, base);
    start(store, journal);
    if (db_open(store, DB_READ, &reader) != OK)
        die("reader");
    measure(&(struct floor){.base = base, .store = store, .raw = raw}, atoll(argv[2]));
    db_close(reader);
    case_world_free(world);
    services_free(services);
    journal_free(journal);
    return 0;
}
