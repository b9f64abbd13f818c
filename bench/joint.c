/* Four-sync cases from filing to rating: every act of everybody is a command of its own through the
 * writer, as the API sends it, with rights, rules, history, journal and signed head.
 *
 * usage: bench-joint DIR SECONDS        (in the checkout: it reads services/)
 *
 * The story is the sample park's second: a supplement is asked for, every department inspects and
 * finds something, all is put right with evidence and checked by somebody else, all agree. Its
 * time is its own: half an hour passes between two acts. An act also looks up who is to act next.
 */
#include <stdatomic.h>
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

enum { SLOTS = 64, PARK = 1, STORY = 1 };

struct slot {
    struct command command;
    struct sample_joint joint;
    int64_t now_us;
    bool acted;
};

static struct case_world *world;
static struct sample sample;
static struct writer *writer;
static _Atomic int64_t completed, commands;
static _Atomic int running, active;

static void die(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, err_last()->detail);
    exit(1);
}

static enum err run_slot(struct db_tx *tx, struct command *command)
{
    struct slot *slot = (struct slot *)command;
    CLEANUP(arena_release) struct arena arena = {0};
    struct case_env env = {
        .tx = tx, .arena = &arena, .world = world, .park_id = PARK, .now_us = slot->now_us};
    slot->acted = true;
    return slot->joint.case_id ? sample_joint_act(&env, &slot->joint, &slot->acted)
                               : sample_joint_file(&env, &slot->joint);
}

static void begin(struct slot *slot)
{
    static size_t next;
    const struct sample_enterprise *who = &sample.enterprises[next++ % SAMPLE_ENTERPRISES];
    slot->joint =
        (struct sample_joint){.number = STORY, .person_id = who->contact, .enterprise_id = who->id};
    slot->now_us = clock_now_us();
}

static void on_done(struct command *command)
{
    struct slot *slot = (struct slot *)command;
    if (command->result != OK) {
        fprintf(stderr, "case %lld: %s\n", (long long)slot->joint.case_id, command->error.detail);
        exit(1);
    }
    commands += slot->acted;
    slot->now_us += 30 * MINUTE_US;
    if (!slot->acted) {
        completed++;
        begin(slot);
        if (!running) {
            active--;
            return;
        }
    }
    if (writer_submit(writer, command) != OK)
        die("submit");
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
    static struct slot slots[SLOTS];
    struct writer_stats stats;
    struct floor floor = *paths;
    int64_t size = file_size(floor.store), written = bytes_written(), began = clock_now_us();
    running = 1;
    active = SLOTS;
    for (int i = 0; i < SLOTS; i++) {
        slots[i].command = (struct command){.run = run_slot, .done = on_done};
        begin(&slots[i]);
        if (writer_submit(writer, &slots[i].command) != OK)
            die("submit");
    }
    sleep((unsigned)seconds);
    running = 0;
    while (active > 0)
        usleep(1000);
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
    measure(&(struct floor){.base = base, .store = store, .raw = raw}, atoll(argv[2]));
    case_world_free(world);
    services_free(services);
    journal_free(journal);
    return 0;
}
