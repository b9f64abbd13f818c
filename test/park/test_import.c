#include "store.h"

#include "park/enterprise.h"
#include "park/enterprise_sql.h"
#include "park/import.h"
#include "park/person.h"
#include "park/person_sql.h"
#include "park/sample.h"

static struct import_report run(struct store *s, enum import_kind kind, const char *csv, bool dry)
{
    struct sheet sheet;
    struct import_report report = {0};
    assert_ok(sheet_read(&s->arena, str_of(csv), &sheet));
    assert_ok(import_run(&s->tx, &s->arena, &s->by, kind, &sheet, dry, &report));
    return report;
}

static void assert_counts(struct import_report report, int rows, int created, int updated,
                          int unchanged)
{
    const struct import_error *errors = report.errors.items;
    if (report.errors.count)
        fail_msg("row %d %.*s: %.*s", (int)errors[0].row, STR_ARG(errors[0].column),
                 STR_ARG(errors[0].detail));
    assert_int_equal(report.rows, rows);
    assert_int_equal(report.created, created);
    assert_int_equal(report.updated, updated);
    assert_int_equal(report.unchanged, unchanged);
}

static size_t enterprises(struct store *s)
{
    struct enterprise_list_rows rows = {0};
    struct enterprise_list_in in = {.park_id = 1,
                                    .q = STR(""),
                                    .industry = STR(""),
                                    .everything = true,
                                    .after_name = STR(""),
                                    .limit = 1000};
    assert_ok(sql_enterprise_list(s->db, &s->arena, &in, &rows));
    return rows.count;
}

static const char GRIDS[] = "网格编号*,网格名称*\nG1,东片\nG2,西片\n";
/* Codes invented: 999999 is no region. */
static const char TWO[] = "统一社会信用代码*,企业名称*,网格,员工人数,状态\n"
                          "91999999MA00000010,样例一厂,东片,12,在建\n"
                          "91999999MA00000028,样例二厂,G2,,\n";

static char *with_checks(struct arena *arena, const char *csv)
{
    char *text = str_c(arena, str_of(csv));
    for (char *at = text; (at = strstr(at, "91999999MA")); at += 18)
        if (at[17] != '?')
            at[17] = credit_code_check((struct str){at, 17});
    return text;
}

static void an_import_adds_changes_and_leaves_alone(void **state)
{
    (void)state;
    struct store s;
    store_open(&s);
    assert_counts(run(&s, IMPORT_GRIDS, GRIDS, false), 2, 2, 0, 0);
    const char *two = with_checks(&s.arena, TWO);
    assert_counts(run(&s, IMPORT_ENTERPRISES, two, true), 2, 2, 0, 0);
    assert_int_equal(enterprises(&s), 0);
    assert_counts(run(&s, IMPORT_ENTERPRISES, two, false), 2, 2, 0, 0);
    assert_int_equal(enterprises(&s), 2);
    assert_counts(run(&s, IMPORT_ENTERPRISES, two, false), 2, 0, 0, 2);
    const char *less =
        with_checks(&s.arena, "企业名称,统一社会信用代码\n新名,91999999MA00000010\n");
    assert_counts(run(&s, IMPORT_ENTERPRISES, less, false), 1, 0, 1, 0);
    struct enterprise_by_code_row found = {0};
    struct enterprise_by_code_in by_code = {.park_id = 1,
                                            .code = str_sub(str_of(strstr(less, "9199")), 0, 18)};
    assert_ok(sql_enterprise_by_code(s.db, &by_code, &found));
    struct enterprise_get_row row = {0};
    struct enterprise_get_in get = {.park_id = 1, .id = found.id};
    assert_ok(sql_enterprise_get(s.db, &s.arena, &get, &row));
    assert_str(row.name, "新名");
    assert_int_equal(row.employees, 12); /* A column that is not there keeps what is stored. */
    assert_str(row.status, "building");
    assert_str(row.grid_name, "东片");
    store_close(&s);
}

static void every_bad_cell_is_named_and_nothing_is_kept(void **state)
{
    (void)state;
    struct store s;
    store_open(&s);
    const char *csv =
        with_checks(&s.arena, "统一社会信用代码,企业名称,网格,员工人数,状态,纬度,经度\n"
                              "91999999MA00000010,好的,,1,在营,,\n"
                              "91999999MA0000002?,坏码,,1,,,\n"
                              "91999999MA00000036,,无此,十二,忙,95,121\n"
                              "91999999MA00000010,又来,,1,,,\n");
    struct import_report report = run(&s, IMPORT_ENTERPRISES, csv, false);
    static const struct {
        int row;
        const char *column, *reason;
    } expected[] = {
        {3, "统一社会信用代码", "enterprise.code"},
        {4, "企业名称", "field.required"},
        {4, "纬度", "field.range"},
        {4, "员工人数", "field.type"},
        {4, "网格", "grid.unknown"},
        {4, "状态", "field.enum"},
        {5, "统一社会信用代码", "import.row-twice"},
    };
    const struct import_error *errors = report.errors.items;
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        bool found = false;
        for (size_t k = 0; k < report.errors.count; k++)
            found = found || (errors[k].row == expected[i].row &&
                              str_is(errors[k].column, expected[i].column) &&
                              str_is(errors[k].reason, expected[i].reason));
        if (!found) {
            for (size_t k = 0; k < report.errors.count; k++)
                print_error("%d %.*s %.*s\n", (int)errors[k].row, STR_ARG(errors[k].column),
                            STR_ARG(errors[k].reason));
            fail_msg("missing: row %d %s %s", expected[i].row, expected[i].column,
                     expected[i].reason);
        }
    }
    assert_int_equal(report.errors.count, COUNT_OF(expected));
    assert_int_equal(report.created, 0);
    assert_int_equal(enterprises(&s), 0);
    report = run(&s, IMPORT_ENTERPRISES, "企业名称,颜色,企业名称\n甲,红,乙\n", false);
    assert_int_equal(report.errors.count, 3);
    assert_str(((const struct import_error *)report.errors.items)[0].reason,
               "import.column-unknown");
    store_close(&s);
}

static void people_come_with_their_grid_and_enterprise(void **state)
{
    (void)state;
    struct store s;
    store_open(&s);
    run(&s, IMPORT_GRIDS, GRIDS, false);
    run(&s, IMPORT_ENTERPRISES, with_checks(&s.arena, TWO), false);
    static const char people[] = "姓名,类别,职务,手机号,网格,网格职责,联络企业\n"
                                 "张三,,网格长,10000000001,G1,网格长,\n"
                                 "李四,联络员,经理,10000000002,,,样例一厂；样例二厂\n"
                                 "李四,联络员,主管,10000000003,,,样例二厂\n";
    assert_counts(run(&s, IMPORT_PEOPLE, people, false), 3, 3, 0, 0);
    assert_counts(run(&s, IMPORT_PEOPLE, people, false), 3, 0, 0, 3);
    struct import_report report =
        run(&s, IMPORT_PEOPLE,
            "姓名,类别,网格,网格职责\n李四,联络员,,\n王五,,G9,网格长\n赵六,,G1,长\n", false);
    const struct import_error *errors = report.errors.items;
    assert_int_equal(report.errors.count, 3);
    assert_str(errors[0].reason, "person.ambiguous");
    assert_str(errors[1].column, "网格");
    assert_str(errors[2].column, "网格职责");
    store_close(&s);
}

static void an_export_imports_as_unchanged(void **state)
{
    (void)state;
    static const int rows[] = {SAMPLE_ENTERPRISES, 0, SAMPLE_GRIDS};
    struct store s;
    struct sample sample;
    store_open(&s);
    assert_ok(sample_register(&s.tx, 1, 3, STORE_NOW, &sample));
    for (enum import_kind kind = IMPORT_ENTERPRISES; kind <= IMPORT_GRIDS; kind++)
        for (enum sheet_format format = SHEET_XLSX; format <= SHEET_CSV; format++) {
            struct buf out;
            struct sheet sheet;
            struct import_report report = {0};
            buf_init(&out, 8 << 20);
            assert_ok(import_export(s.db, 1, kind, &(struct import_filter){0}, format, &out));
            assert_ok(sheet_read(&s.arena, buf_str(&out), &sheet));
            assert_ok(import_run(&s.tx, &s.arena, &s.by, kind, &sheet, false, &report));
            int count = rows[kind] ? rows[kind] : (int)report.rows;
            assert_true(count >= SAMPLE_GRIDS);
            assert_counts(report, count, 0, 0, count);
            buf_release(&out);
        }
    store_close(&s);
}

static void a_template_can_be_filled_in(void **state)
{
    (void)state;
    struct store s;
    store_open(&s);
    for (enum import_kind kind = IMPORT_ENTERPRISES; kind <= IMPORT_GRIDS; kind++)
        for (enum sheet_format format = SHEET_XLSX; format <= SHEET_CSV; format++) {
            struct buf out;
            struct sheet sheet;
            struct import_report report = {0};
            buf_init(&out, 1 << 20);
            assert_ok(import_template(kind, format, &out));
            assert_ok(sheet_read(&s.arena, buf_str(&out), &sheet));
            assert_int_equal(sheet.count, 1);
            assert_ok(import_run(&s.tx, &s.arena, &s.by, kind, &sheet, false, &report));
            assert_counts(report, 0, 0, 0, 0);
            buf_release(&out);
        }
    store_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_import_adds_changes_and_leaves_alone),
        cmocka_unit_test(every_bad_cell_is_named_and_nothing_is_kept),
        cmocka_unit_test(people_come_with_their_grid_and_enterprise),
        cmocka_unit_test(an_export_imports_as_unchanged),
        cmocka_unit_test(a_template_can_be_filled_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
