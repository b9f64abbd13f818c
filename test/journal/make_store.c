/* Makes a store with a log of N entries: make_store DIR N
 *     or seals the pages of one that another program changed: make_store --seal FILE
 *
 * DIR/park.db and DIR/journal.key as the program has them; DIR/old and DIR/new are the log exported
 * after a third of the entries and after all. Every tenth entry is about person 7. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "db/disk.h"
#include "journal/export.h"

#define CHECK(call)                                                                                \
    do {                                                                                           \
        if ((call) != OK) {                                                                        \
            fprintf(stderr, "%s: %s\n", #call, err_last()->detail);                                \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

static const char *const kinds[] = {"case.filed", "task.signed", "case.message", "case.resolved"};

static void append(struct db *db, struct journal *journal, int64_t first, int64_t past)
{
    struct db_tx tx;
    CHECK(db_begin(db, &tx));
    for (int64_t i = first; i < past; i++) {
        char body[96];
        int len = snprintf(body, sizeof(body), "{\"text\":\"entry %d\",\"n\":%d}", (int)i, (int)i);
        struct journal_entry entry = {.park_id = 1,
                                      .time_us = 1600000000000000 + i,
                                      .kind = kinds[i % 4],
                                      .case_id = 1 + i / 8,
                                      .actor_id = 100 + i % 5,
                                      .subject_id = i % 10 == 3 ? 7 : 0,
                                      .body = {body, (size_t)len}};
        CHECK(journal_append(&tx, &entry, NULL));
    }
    CHECK(journal_before_commit(&tx, journal));
    CHECK(db_commit(&tx));
}

static void export(struct db *db, struct journal *journal, const char *dir, const char *name)
{
    char folder[4096];
    int64_t size;
    snprintf(folder, sizeof(folder), "%s/%s", dir, name);
    CHECK(journal_export(journal, db, 1, folder, &size));
}

static int seal(const char *path)
{
    unsigned char page[DISK_PAGE];
    FILE *file = fopen(path, "r+b");
    for (int64_t number = 1; file && fread(page, DISK_PAGE, 1, file) == 1; number++) {
        disk_page_seal(page, number);
        fseek(file, (long)((number - 1) * DISK_PAGE), SEEK_SET);
        fwrite(page, DISK_PAGE, 1, file);
        fseek(file, (long)(number * DISK_PAGE), SEEK_SET);
    }
    return file ? fclose(file) : 1;
}

int main(int argc, char **argv)
{
    if (argc != 3 || sodium_init() < 0)
        return 2;
    if (strcmp(argv[1], "--seal") == 0)
        return seal(argv[2]);
    char store[4096], key[4096];
    snprintf(store, sizeof(store), "%s/park.db", argv[1]);
    snprintf(key, sizeof(key), "%s/journal.key", argv[1]);
    int64_t count;
    struct db *db;
    struct journal *journal;
    CHECK(str_to_int(str_of(argv[2]), &count));
    CHECK(db_open(store, DB_WRITE, &db));
    CHECK(db_migrate(db));
    CHECK(journal_open(db, key, STR("kuailian"), &journal));
    for (int64_t i = 0; i < count / 3; i += 7)
        append(db, journal, i, i + 7 < count / 3 ? i + 7 : count / 3);
    export(db, journal, argv[1], "old");
    for (int64_t i = count / 3; i < count; i += 50)
        append(db, journal, i, i + 50 < count ? i + 50 : count);
    export(db, journal, argv[1], "new");
    journal_free(journal);
    db_close(db);
    return 0;
}
