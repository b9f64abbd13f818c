/* A changed byte anywhere in a store is found, and named. */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/check.h"
#include "db/disk.h"

static char folder[64], store[96], wal[128];

static struct seen {
    int64_t count;
    char text[2048];
} seen;

static void note(void *context, const char *text)
{
    (void)context;
    if (seen.count++ == 0)
        snprintf(seen.text, sizeof(seen.text), "%s", text);
}

static int64_t check(void)
{
    struct findings findings = {.say = note};
    struct db_check_result result;
    seen = (struct seen){0};
    assert_ok(db_check(store, &findings, &result));
    return findings.count;
}

static const char TABLES[] =
    "CREATE TABLE apple (id INTEGER PRIMARY KEY, name TEXT, size INTEGER);"
    "CREATE TABLE pear (id INTEGER PRIMARY KEY, body BLOB) STRICT;"
    "CREATE INDEX apple_name ON apple (name);"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
    "INSERT INTO apple SELECT i, 'apple number ' || i, i % 7 FROM n;"
    "INSERT INTO pear VALUES (1, randomblob(50000)), (2, x'00');"
    "CREATE TABLE gone (x BLOB); INSERT INTO gone VALUES (randomblob(30000)); DROP TABLE gone;";

static int make_store(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/kuailian-check-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(store, sizeof(store), "%s/park.db", folder);
    snprintf(wal, sizeof(wal), "%s-wal", store);
    struct db *db;
    assert_ok(db_open(store, DB_WRITE, &db));
    assert_ok(db_execute(db, TABLES));
    db_close(db);
    return 0;
}

static int remove_store(void **state)
{
    (void)state;
    char command[4][128];
    const char *suffix[] = {"", "-wal", "-shm", ".copy"};
    for (int i = 0; i < 4; i++) {
        snprintf(command[i], sizeof(command[i]), "%s%s", store, suffix[i]);
        unlink(command[i]);
    }
    return rmdir(folder);
}

static int64_t size_of(const char *path)
{
    struct stat stat_of;
    return stat(path, &stat_of) == 0 ? stat_of.st_size : 0;
}

/* Turns bits of one byte over; twice puts it back. */
static void flip(const char *path, int64_t at, unsigned char bits)
{
    int fd = open(path, O_RDWR);
    unsigned char byte;
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= bits;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

static void an_untouched_store_has_no_findings(void **state)
{
    (void)state;
    assert_int_equal(check(), 0);
    assert_int_equal(size_of(wal), 0);
    assert_int_equal(size_of(store) % DISK_PAGE, 0);
}

/* Every byte of the file's header, and two of every page. */
static void every_page_is_watched(void **state)
{
    (void)state;
    int64_t pages = size_of(store) / DISK_PAGE;
    assert_true(pages > 40);
    srandom(7);
    for (int64_t i = 0; i < 100 + 2 * pages; i++) {
        int64_t at = i < 100 ? i : (i - 100) / 2 * DISK_PAGE + random() % DISK_PAGE;
        unsigned char bits = (unsigned char)(1 << random() % 8);
        flip(store, at, bits);
        char expected[160];
        snprintf(expected, sizeof(expected), "page %d of %s is", (int)(at / DISK_PAGE) + 1, store);
        int64_t findings = check();
        flip(store, at, bits);
        if (findings < 1 || strncmp(seen.text, expected, strlen(expected)) != 0)
            fail_msg("byte %d: %d findings, %s", (int)at, (int)findings, seen.text);
    }
    assert_int_equal(check(), 0);
}

/* Asks SQLite itself where a table is, before the damage. */
static void the_table_or_index_is_named(void **state)
{
    (void)state;
    static const char *const names[] = {"apple", "apple_name", "pear"};
    bool named[3] = {0};
    for (int64_t page = 2; page <= size_of(store) / DISK_PAGE; page++) {
        flip(store, (page - 1) * DISK_PAGE + 2000, 0x55);
        assert_int_equal(check(), 1);
        flip(store, (page - 1) * DISK_PAGE + 2000, 0x55);
        for (int i = 0; i < 3; i++) {
            char expected[32];
            snprintf(expected, sizeof(expected), "belongs to %s", names[i]);
            struct str text = str_of(seen.text);
            named[i] |= str_ends(text, str_of(expected));
        }
    }
    assert_true(named[0] && named[1] && named[2]);
}

static void a_page_in_the_wrong_place_is_found(void **state)
{
    (void)state;
    unsigned char third[DISK_PAGE], fourth[DISK_PAGE];
    int fd = open(store, O_RDWR);
    assert_int_equal(pread(fd, third, DISK_PAGE, 2 * DISK_PAGE), DISK_PAGE);
    assert_int_equal(pread(fd, fourth, DISK_PAGE, 3 * DISK_PAGE), DISK_PAGE);
    assert_int_equal(pwrite(fd, fourth, DISK_PAGE, 2 * DISK_PAGE), DISK_PAGE);
    assert_int_equal(check(), 1);
    memset(fourth, 0, DISK_PAGE);
    assert_int_equal(pwrite(fd, fourth, DISK_PAGE, 2 * DISK_PAGE), DISK_PAGE);
    assert_true(check() >= 1);
    assert_int_equal(pwrite(fd, third, DISK_PAGE, 2 * DISK_PAGE), DISK_PAGE);
    close(fd);
    assert_int_equal(check(), 0);
}

static void a_reader_is_not_given_a_changed_page(void **state)
{
    (void)state;
    int64_t refused = 0;
    for (int64_t page = 2; page <= size_of(store) / DISK_PAGE; page++) {
        struct db *db;
        flip(store, (page - 1) * DISK_PAGE + 1234, 1);
        enum err r = db_open(store, DB_READ, &db);
        if (r == OK) {
            r = db_execute(db,
                           "SELECT count(name), sum(length(name) + size) FROM apple NOT INDEXED;"
                           "SELECT count(*) FROM apple WHERE name > 'a'");
            db_close(db);
        }
        flip(store, (page - 1) * DISK_PAGE + 1234, 1);
        if (r != OK)
            assert_int_equal(r, ERR_CORRUPT);
        refused += r != OK;
    }
    assert_true(refused > 20);
}

/* With a write-ahead log beside the file, as after a crash. */
static void the_log_is_watched_too(void **state)
{
    (void)state;
    struct db *db, *reader;
    assert_ok(db_open(store, DB_WRITE, &db));
    for (int i = 0; i < 4; i++)
        assert_ok(db_execute(db, "UPDATE apple SET size = size + 1 WHERE id < 300"));
    assert_true(size_of(wal) > 4 * DISK_PAGE);
    assert_int_equal(check(), 0);
    srandom(9);
    for (int i = 0; i < 150; i++) {
        int64_t at = i < 56 ? i : random() % size_of(wal);
        flip(wal, at, 0x10);
        int64_t findings = check();
        flip(wal, at, 0x10);
        if (findings != 1 || !strstr(seen.text, "park.db-wal is not what was written"))
            fail_msg("byte %d of the log: %d findings, %s", (int)at, (int)findings, seen.text);
    }
    assert_ok(db_open(store, DB_READ, &reader));
    assert_ok(db_execute(reader, "SELECT count(*) FROM apple")); /* Reads the log's index first. */
    for (int64_t at = DISK_WAL_HEADER + 500; at < size_of(wal); at += DISK_WAL_FRAME + DISK_PAGE)
        flip(wal, at, 1);
    assert_err(db_execute(reader, "SELECT sum(size) FROM apple NOT INDEXED"), ERR_CORRUPT);
    for (int64_t at = DISK_WAL_HEADER + 500; at < size_of(wal); at += DISK_WAL_FRAME + DISK_PAGE)
        flip(wal, at, 1);
    assert_ok(db_execute(reader, "SELECT sum(size) FROM apple NOT INDEXED"));
    db_close(reader);
    db_close(db);
    assert_int_equal(check(), 0);
}

static void what_another_program_made_is_refused(void **state)
{
    (void)state;
    char path[128];
    snprintf(path, sizeof(path), "%s.copy", store);
    FILE *file = fopen(path, "w");
    for (int i = 0; i < DISK_PAGE; i++)
        fputc(i % 251, file);
    fclose(file);
    struct db *db;
    assert_err(db_open(path, DB_WRITE, &db), ERR_CORRUPT);
    assert_err(db_open("/nowhere/at/all", DB_READ, &db), ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_untouched_store_has_no_findings),
        cmocka_unit_test(every_page_is_watched),
        cmocka_unit_test(the_table_or_index_is_named),
        cmocka_unit_test(a_page_in_the_wrong_place_is_found),
        cmocka_unit_test(a_reader_is_not_given_a_changed_page),
        cmocka_unit_test(the_log_is_watched_too),
        cmocka_unit_test(what_another_program_made_is_refused),
    };
    return cmocka_run_group_tests(tests, make_store, remove_store);
}
