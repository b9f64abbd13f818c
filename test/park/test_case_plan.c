/* Lists and inboxes go through an index: no plan may walk a table of cases or sort one. */
#include "test.h"

#include "db/db.h"

extern const struct sql_statement *const SQL_FILE_case[];
extern const struct sql_statement *const SQL_FILE_case_list[];
extern const struct sql_statement *const SQL_FILE_task[];
extern const struct sql_statement *const SQL_FILE_file[];
extern const struct sql_statement *const SQL_FILE_draft[];
extern const struct sql_statement *const SQL_FILE_item[];

struct plan_row {
    int64_t id, parent, unused;
    struct str detail;
};
static const struct sql_column PLAN_COLUMNS[] = {
    {"id", SQL_INT, false, offsetof(struct plan_row, id)},
    {"parent", SQL_INT, false, offsetof(struct plan_row, parent)},
    {"unused", SQL_INT, false, offsetof(struct plan_row, unused)},
    {"detail", SQL_TEXT, false, offsetof(struct plan_row, detail)}};

static bool is_good(const char *name, struct str detail)
{
    /* One person's own things may be sorted: there are as many as a person can look after. */
    if (str_find(detail, STR("USE TEMP B-TREE"), 0) < detail.len)
        return strcmp(name, "task_watched") == 0 || strcmp(name, "task_in_grid") == 0;
    if (!str_starts(detail, STR("SCAN")))
        return true;
    /* What a subquery has already limited may be scanned, and there are few parks. */
    return str_find(detail, STR("(subquery"), 0) < detail.len || str_is(detail, "SCAN park") ||
           str_starts(detail, STR("SCAN CONSTANT"));
}

static void check_statement(struct db *db, const struct sql_statement *statement)
{
    struct arena arena;
    arena_init(&arena);
    struct sql_statement *explain = ARENA_NEW(&arena, struct sql_statement);
    *explain = (struct sql_statement){
        .name = statement->name,
        .sqlite = str_format(&arena, "EXPLAIN QUERY PLAN %s", statement->sqlite).ptr,
        .out = PLAN_COLUMNS,
        .out_count = COUNT_OF(PLAN_COLUMNS),
        .row_size = sizeof(struct plan_row)};
    struct sql_rows rows;
    assert_ok(db_many(db, explain, NULL, &arena, &rows));
    const struct plan_row *plan = rows.rows;
    for (size_t i = 0; i < rows.count; i++)
        if (!is_good(statement->name, plan[i].detail))
            fail_msg("%s: %.*s", statement->name, STR_ARG(plan[i].detail));
    db_close(db);
    arena_release(&arena);
}

static void every_statement_uses_an_index(void **state)
{
    (void)state;
    const struct sql_statement *const *const FILES[] = {SQL_FILE_case,  SQL_FILE_case_list,
                                                        SQL_FILE_task,  SQL_FILE_file,
                                                        SQL_FILE_draft, SQL_FILE_item};
    for (size_t i = 0; i < COUNT_OF(FILES); i++)
        for (const struct sql_statement *const *at = FILES[i]; *at; at++) {
            struct db *db;
            assert_ok(db_open(":memory:", DB_WRITE, &db));
            assert_ok(db_migrate(db));
            check_statement(db, *at);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_statement_uses_an_index)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
