#include "test.h"

#include "db/db.h"

struct all_types {
    int64_t whole, maybe;
    struct str text, blob;
    struct hash digest;
    bool flag;
    double real;
};

static const struct sql_column ALL_COLUMNS[] = {
    {"whole", SQL_INT, false, offsetof(struct all_types, whole)},
    {"maybe", SQL_INT, true, offsetof(struct all_types, maybe)},
    {"text", SQL_TEXT, true, offsetof(struct all_types, text)},
    {"blob", SQL_BLOB, true, offsetof(struct all_types, blob)},
    {"digest", SQL_HASH, false, offsetof(struct all_types, digest)},
    {"flag", SQL_BOOL, false, offsetof(struct all_types, flag)},
    {"real", SQL_REAL, false, offsetof(struct all_types, real)},
};

static const struct sql_statement INSERT = {
    .name = "insert",
    .sqlite = "INSERT INTO t VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    .in = ALL_COLUMNS,
    .in_count = 7,
};
static const struct sql_statement SELECT = {
    .name = "select",
    .sqlite = "SELECT * FROM t ORDER BY whole",
    .out = ALL_COLUMNS,
    .out_count = 7,
    .row_size = sizeof(struct all_types),
};
static const struct sql_statement UPDATE = {
    .name = "update", .sqlite = "UPDATE t SET maybe = ?1", .in = ALL_COLUMNS, .in_count = 1};

static int open_empty(void **state)
{
    struct db *db;
    assert_ok(db_open(":memory:", DB_WRITE, &db));
    assert_ok(db_execute(db, "CREATE TABLE t (whole INTEGER PRIMARY KEY, maybe INTEGER, text TEXT,"
                             "blob BLOB, digest BLOB, flag INTEGER, real REAL)"));
    *state = db;
    return 0;
}

static int close_it(void **state)
{
    db_close(*state);
    return 0;
}

static void insert(struct db *db, const struct all_types *row)
{
    struct db_tx tx;
    assert_ok(db_begin(db, &tx));
    assert_ok(db_exec(&tx, &INSERT, row, NULL));
    assert_ok(db_commit(&tx));
}

static void every_type_comes_back(void **state)
{
    struct db *db = *state;
    struct all_types row = {.whole = INT64_MIN,
                            .maybe = INT64_MAX,
                            .text = STR("块链"),
                            .blob = {"a\0b", 3},
                            .digest = hash_of(STR("x")),
                            .flag = true,
                            .real = 0.1};
    insert(db, &row);
    CLEANUP(arena_release) struct arena arena = {0};
    struct all_types found;
    assert_ok(db_one(db, &SELECT, NULL, &arena, &found));
    assert_int_equal(found.whole, INT64_MIN);
    assert_int_equal(found.maybe, INT64_MAX);
    assert_str(found.text, "块链");
    assert_int_equal(found.blob.len, 3);
    assert_memory_equal(found.blob.ptr, "a\0b", 3);
    assert_true(hash_equal(&found.digest, &row.digest));
    assert_true(found.flag);
    assert_true(found.real == 0.1);
}

static void absent_values_are_null_and_back(void **state)
{
    struct db *db = *state;
    insert(db, &(struct all_types){.whole = 1});
    insert(db, &(struct all_types){.whole = 2, .text = STR(""), .blob = STR("")});
    CLEANUP(arena_release) struct arena arena = {0};
    struct sql_rows rows;
    assert_ok(db_many(db, &SELECT, NULL, &arena, &rows));
    const struct all_types *found = rows.rows;
    assert_int_equal(rows.count, 2);
    assert_int_equal(found[0].maybe, 0);
    assert_null(found[0].text.ptr);
    assert_null(found[0].blob.ptr);
    assert_non_null(found[1].text.ptr);
    assert_int_equal(found[1].text.len, 0);
    assert_non_null(found[1].blob.ptr);
}

static void nothing_found_is_said(void **state)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct all_types row;
    struct sql_rows rows;
    assert_err(db_one(*state, &SELECT, NULL, &arena, &row), ERR_NOT_FOUND);
    assert_ok(db_many(*state, &SELECT, NULL, &arena, &rows));
    assert_int_equal(rows.count, 0);
}

static void a_digest_of_another_size_is_corrupt(void **state)
{
    struct db *db = *state;
    assert_ok(db_execute(db, "INSERT INTO t VALUES (1, NULL, NULL, NULL, x'0102', 0, 0)"));
    CLEANUP(arena_release) struct arena arena = {0};
    struct all_types row;
    assert_err(db_one(db, &SELECT, NULL, &arena, &row), ERR_CORRUPT);
}

static void many_rows_grow(void **state)
{
    struct db *db = *state;
    assert_ok(db_execute(db, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                             "WHERE i < 5000) INSERT INTO t SELECT i, i, 'row ' || i, NULL, "
                             "zeroblob(32), i % 2, i / 2.0 FROM n"));
    CLEANUP(arena_release) struct arena arena = {0};
    struct sql_rows rows;
    assert_ok(db_many(db, &SELECT, NULL, &arena, &rows));
    assert_int_equal(rows.count, 5000);
    const struct all_types *found = rows.rows;
    assert_str(found[0].text, "row 1");
    assert_str(found[4999].text, "row 5000");
    struct db_tx tx;
    int64_t changed, value = 0;
    assert_ok(db_begin(db, &tx));
    assert_ok(db_exec(&tx, &UPDATE, &value, &changed));
    assert_int_equal(changed, 5000);
    db_rollback(&tx);
}

static void savepoints_nest(void **state)
{
    struct db *db = *state;
    struct db_tx tx;
    assert_ok(db_begin(db, &tx));
    assert_ok(db_savepoint(&tx));
    assert_ok(db_exec(&tx, &INSERT, &(struct all_types){.whole = 1}, NULL));
    assert_ok(db_savepoint(&tx));
    assert_ok(db_exec(&tx, &INSERT, &(struct all_types){.whole = 2}, NULL));
    assert_ok(db_undo(&tx));
    assert_ok(db_exec(&tx, &INSERT, &(struct all_types){.whole = 3}, NULL));
    assert_ok(db_release(&tx));
    assert_ok(db_commit(&tx));
    CLEANUP(arena_release) struct arena arena = {0};
    struct sql_rows rows;
    assert_ok(db_many(db, &SELECT, NULL, &arena, &rows));
    const struct all_types *found = rows.rows;
    assert_int_equal(rows.count, 2);
    assert_int_equal(found[1].whole, 3);
}

static void errors_tell_what_was_tried(void **state)
{
    struct db *db = *state;
    assert_err(db_execute(db, "SELECT nonsense"), ERR_IO);
    assert_non_null(strstr(err_last()->detail, "nonsense"));
    assert_ok(db_execute(db, "CREATE TABLE child (id INTEGER REFERENCES t (whole))"));
    assert_err(db_execute(db, "INSERT INTO child VALUES (7)"), ERR_CONFLICT);
}

static void every_statement_fits_the_schema(void **state)
{
    struct db *db;
    (void)state;
    assert_ok(db_open(":memory:", DB_WRITE, &db));
    assert_ok(db_migrate(db));
    assert_ok(db_migrate(db)); /* Once more changes nothing. */
    assert_ok(db_prepare_all(db));
    assert_ok(db_execute(db, "PRAGMA user_version=9999"));
    assert_err(db_migrate(db), ERR_CONFLICT);
    assert_string_equal(err_last()->reason, "store.newer");
    db_close(db);
}

#define ON_A_TABLE(test) cmocka_unit_test_setup_teardown(test, open_empty, close_it)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_A_TABLE(every_type_comes_back),
        ON_A_TABLE(absent_values_are_null_and_back),
        ON_A_TABLE(nothing_found_is_said),
        ON_A_TABLE(a_digest_of_another_size_is_corrupt),
        ON_A_TABLE(many_rows_grow),
        ON_A_TABLE(savepoints_nest),
        ON_A_TABLE(errors_tell_what_was_tried),
        cmocka_unit_test(every_statement_fits_the_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
